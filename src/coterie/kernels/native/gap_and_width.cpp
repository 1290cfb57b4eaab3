// The smallest distance between two clusters and the largest within one, for Dunn's index.
//
// Idea: rows come in an order in which neighbours stand side by side. The gap: a tree of boxes is walked with itself,
// near boxes first, and two nodes are left out when all their rows are of one cluster or their boxes are not nearer
// than the smallest gap so far, which starts as the smallest within crowds of sixteen. The width: of a pair farther
// apart than the widest so far, one row at least is farther than half of that from any point: from a point near the
// middle few rows are, and each of them looks for its farthest row in a tree of its cluster. Clusters come by the
// diagonal of their boxes, and those that cannot be wider are not looked at.
// Cost: O(n) for the trees; the walks see few pairs where clusters have a middle; O(n) memory.
// Source: Gray, Moore (2001), N-body problems in statistical learning, NIPS 13 (dual trees); Badoiu, Clarkson (2003),
// Smaller core-sets for balls, SODA (the middle).
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "arrays.h"
#include "crowds.h"
#include "kernels.h"
#include "watch.h"

namespace coterie {
namespace {

constexpr std::int32_t MIXED = -1;
constexpr double INFINITE = std::numeric_limits<double>::infinity();

// Which cluster all rows of each node belong to, or MIXED.
template <int D>
std::vector<std::int32_t> common_clusters(const Crowds<D>& tree, const std::int32_t* codes) {
  std::vector<std::int32_t> common(tree.nodes().size());
  for (std::size_t at = common.size(); at-- > 0;) {
    const auto& node = tree.nodes()[at];
    if (node.is_crowd()) {
      const std::int32_t code = codes[node.first];
      const bool is_one = std::all_of(codes + node.first, codes + node.last, [&](std::int32_t c) { return c == code; });
      common[at] = is_one ? code : MIXED;
    } else {
      const std::int32_t left = common[static_cast<std::size_t>(node.left)];
      common[at] = left == common[static_cast<std::size_t>(node.right)] ? left : MIXED;
    }
  }
  return common;
}

template <int D>
class Gap {
 public:
  Gap(const Crowds<D>& tree, const std::int32_t* codes, const std::vector<std::int32_t>& common)
      : tree_(tree), codes_(codes), common_(common) {}

  double squared(const Watch& watch) {
    const auto n = static_cast<std::int32_t>(tree_.nodes().size());
    run_wide([this, n] {
      for (std::int32_t at = 0; at < n; ++at)
        if (is_mixed(at) && tree_.node(at).is_crowd()) meet_crowds(at, at);
    });
    // Deep nodes come last: what is near is compared before what is far.
    for (std::int32_t last = n; last > 0; last -= NODES_PER_BEAT) {
      watch.beat(0.5 * static_cast<double>(n - last) / static_cast<double>(n));
      run_wide([this, last] {
        for (std::int32_t at = last - 1; at >= std::max(last - NODES_PER_BEAT, 0); --at)
          if (is_mixed(at) && !tree_.node(at).is_crowd()) walk(tree_.node(at).left, tree_.node(at).right);
      });
    }
    return squared_;
  }

 private:
  static constexpr std::int32_t NODES_PER_BEAT = 1 << 14;
  struct Two {
    double bound;
    std::int32_t a, b;
  };

  bool is_mixed(std::int32_t at) const { return cluster(at) == MIXED; }
  std::int32_t cluster(std::int32_t at) const { return common_[static_cast<std::size_t>(at)]; }

  COTERIE_INLINE Two judged(std::int32_t a, std::int32_t b) const {
    const bool is_one = !is_mixed(a) && cluster(a) == cluster(b);
    return {is_one ? INFINITE : tree_.least_squared(a, b), a, b};
  }

  COTERIE_INLINE void walk(std::int32_t a, std::int32_t b) {
    waiting_.push_back(judged(a, b));
    while (!waiting_.empty()) {
      const Two two = waiting_.back();
      waiting_.pop_back();
      if (two.bound >= squared_) continue;
      const auto &one = tree_.node(two.a), &other = tree_.node(two.b);
      if (one.is_crowd() && other.is_crowd()) {
        meet_crowds(two.a, two.b);
        continue;
      }
      const bool splits_one = other.is_crowd() || (!one.is_crowd() && one.size() >= other.size());
      Two near = splits_one ? judged(one.left, two.b) : judged(two.a, other.left);
      Two far = splits_one ? judged(one.right, two.b) : judged(two.a, other.right);
      if (far.bound < near.bound) std::swap(near, far);
      if (far.bound < squared_) waiting_.push_back(far);
      if (near.bound < squared_) waiting_.push_back(near);
    }
  }

  // The crowd with fewer rows near the other's box asks.
  COTERIE_INLINE void meet_crowds(std::int32_t a, std::int32_t b) {
    unsigned rows = within_reach(tree_.least_squared_of_rows(a, b), tree_.node(a).size());
    if (rows == 0) return;
    const unsigned others = within_reach(tree_.least_squared_of_rows(b, a), tree_.node(b).size());
    if (__builtin_popcount(others) < __builtin_popcount(rows)) {
      std::swap(a, b);
      rows = others;
    }
    const auto &one = tree_.node(a), &other = tree_.node(b);
    for (; rows != 0; rows &= rows - 1) {
      const std::int32_t i = one.first + __builtin_ctz(rows);
      if (codes_[i] == cluster(b)) continue;
      const DoubleLine found = tree_.squared(b, tree_.row(i));
      for (unsigned near = within_reach(found, other.size()); near != 0; near &= near - 1) {
        const int lane = __builtin_ctz(near);
        if (codes_[other.first + lane] != codes_[i]) squared_ = std::min(squared_, found.x[lane]);
      }
    }
  }

  // One bit for each of the first n lanes that is not farther than the smallest gap so far.
  COTERIE_INLINE unsigned within_reach(const DoubleLine& squared, std::int32_t n) const {
    DoubleLine reach;
    for (int i = 0; i < DOUBLE_PARTS; ++i) part(reach, i) = Doubles{} + squared_;
    return at_most(squared, reach) & ((1U << n) - 1);
  }

  const Crowds<D>& tree_;
  const std::int32_t* codes_;
  const std::vector<std::int32_t>& common_;
  std::vector<Two> waiting_;
  double squared_ = INFINITE;
};

struct Farthest {
  double squared;
  std::int32_t row;  // -1: none is farther than that
};

// The widest pair of one cluster.
template <int D>
class Width {
 public:
  explicit Width(const Crowds<D>& tree) : tree_(tree) {}

  // The larger of `squared` and that of the widest pair.
  double squared(double squared) {
    squared = std::max(squared, walked());
    const std::vector<double> middle = centre();
    const double radius = std::sqrt(farthest(middle.data(), -1).squared);
    std::vector<std::pair<double, std::int32_t>> outer;  // squared distance from the middle, row
    collect(0, middle.data(), squared / 4 * (1 - SLACK), outer);
    std::sort(outer.rbegin(), outer.rend());
    for (const auto& [from_middle, row] : outer) {
      if ((std::sqrt(from_middle) + radius) * (1 + SLACK) <= std::sqrt(squared)) break;
      squared = std::max(squared, farthest(tree_.row(row), squared).squared);
    }
    return squared;
  }

 private:
  static constexpr double SLACK = 1e-12;  // more than the rounding of a distance
  static constexpr int STEPS = 30;        // towards the middle

  // From a row to its farthest, and on from there while it gets farther.
  double walked() {
    double best = 0;
    for (Farthest next{0, 0}; next.row >= 0; next = farthest(tree_.row(other_), best)) {
      one_ = other_;
      other_ = next.row;
      best = next.squared;
    }
    return best;
  }

  // A point from which the farthest row is nearly as near as it can be.
  std::vector<double> centre() {
    std::vector<double> at(tree_.width()), best;
    for (std::size_t j = 0; j < at.size(); ++j) at[j] = (tree_.row(one_)[j] + tree_.row(other_)[j]) / 2;
    double least = INFINITE;
    for (int step = 0; step < STEPS; ++step) {
      const Farthest found = farthest(at.data(), -1);
      if (found.squared < least) {
        least = found.squared;
        best = at;
      }
      for (std::size_t j = 0; j < at.size(); ++j) at[j] += (tree_.row(found.row)[j] - at[j]) / (step + 3);
    }
    return best;
  }

  Farthest farthest(const double* point, double squared) const {
    Farthest found{squared, -1};
    farthest(0, point, found);
    return found;
  }
  void farthest(std::int32_t at, const double* point, Farthest& found) const {
    const auto& node = tree_.node(at);
    if (node.is_crowd()) {
      const DoubleLine squared = tree_.squared(at, point);
      for (std::int32_t i = 0; i < node.size(); ++i)
        if (squared.x[i] > found.squared) found = {squared.x[i], node.first + i};
      return;
    }
    std::pair<double, std::int32_t> sides[2] = {{tree_.most_squared(node.left, point), node.left},
                                                {tree_.most_squared(node.right, point), node.right}};
    if (sides[1].first > sides[0].first) std::swap(sides[0], sides[1]);
    for (const auto& [bound, side] : sides)
      if (bound > found.squared) farthest(side, point, found);
  }

  // Rows farther from the point than that.
  void collect(std::int32_t at, const double* point, double squared,
               std::vector<std::pair<double, std::int32_t>>& outer) const {
    if (tree_.most_squared(at, point) <= squared) return;
    const auto& node = tree_.node(at);
    if (!node.is_crowd()) {
      collect(node.left, point, squared, outer);
      collect(node.right, point, squared, outer);
      return;
    }
    const DoubleLine found = tree_.squared(at, point);
    for (std::int32_t i = 0; i < node.size(); ++i)
      if (found.x[i] > squared) outer.emplace_back(found.x[i], node.first + i);
  }

  const Crowds<D>& tree_;
  std::int32_t one_ = 0, other_ = 0;  // a wide pair
};

// Clusters by how wide they may be, and their rows.
template <int D>
class Clusters {
 public:
  Clusters(const Crowds<D>& tree, const std::int32_t* codes, std::size_t k, const std::vector<std::int32_t>& common)
      : tree_(tree), starts_(k + 1), low_(k * tree.width(), INFINITE), high_(k * tree.width(), -INFINITE) {
    const std::int32_t n = tree.node(0).last;
    for (std::int32_t i = 0; i < n; ++i) ++starts_[static_cast<std::size_t>(codes[i]) + 1];
    for (std::size_t c = 0; c < k; ++c) starts_[c + 1] += starts_[c];
    members_.resize(static_cast<std::size_t>(n));
    std::vector<std::int32_t> next(starts_.begin(), starts_.end() - 1);
    for (std::int32_t i = 0; i < n; ++i)
      members_[static_cast<std::size_t>(next[static_cast<std::size_t>(codes[i])]++)] = i;
    enclose(0, codes, common);
  }

  double widest_squared(const Watch& watch) const {
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t c = 0; c + 1 < starts_.size(); ++c)
      order.emplace_back(squared_distance<D>(&low_[c * width()], &high_[c * width()], width()), c);
    std::sort(order.rbegin(), order.rend());
    double squared = 0;
    for (std::size_t i = 0; i < order.size() && order[i].first > squared; ++i) {
      watch.beat(0.5 + 0.5 * static_cast<double>(i) / static_cast<double>(order.size()));
      const std::vector<double> rows = gathered(order[i].second);
      const Crowds<D> tree(rows.data(), static_cast<std::int32_t>(rows.size() / width()), width());
      squared = Width<D>(tree).squared(squared);
    }
    return squared;
  }

 private:
  std::size_t width() const { return tree_.width(); }

  // Boxes of clusters, by whole nodes where they are of one cluster.
  void enclose(std::int32_t at, const std::int32_t* codes, const std::vector<std::int32_t>& common) {
    const auto& node = tree_.node(at);
    const std::int32_t cluster = common[static_cast<std::size_t>(at)];
    if (cluster != MIXED) {
      for (std::size_t j = 0; j < width(); ++j) widen(cluster, j, tree_.low(at, j), tree_.high(at, j));
    } else if (node.is_crowd()) {
      for (std::int32_t i = node.first; i < node.last; ++i)
        for (std::size_t j = 0; j < width(); ++j) widen(codes[i], j, tree_.row(i)[j], tree_.row(i)[j]);
    } else {
      enclose(node.left, codes, common);
      enclose(node.right, codes, common);
    }
  }
  void widen(std::int32_t cluster, std::size_t j, double low, double high) {
    const std::size_t side = static_cast<std::size_t>(cluster) * width() + j;
    low_[side] = std::min(low_[side], low);
    high_[side] = std::max(high_[side], high);
  }

  std::vector<double> gathered(std::size_t cluster) const {
    std::vector<double> rows;
    rows.reserve(static_cast<std::size_t>(starts_[cluster + 1] - starts_[cluster]) * width());
    for (std::int32_t i = starts_[cluster]; i < starts_[cluster + 1]; ++i) {
      const double* row = tree_.row(members_[static_cast<std::size_t>(i)]);
      rows.insert(rows.end(), row, row + width());
    }
    return rows;
  }

  const Crowds<D>& tree_;
  std::vector<std::int32_t> starts_, members_;
  std::vector<double> low_, high_;  // k x d
};

nb::tuple gap_and_width(Matrix<double> X, Vector<std::int32_t> codes, std::size_t k, nb::object progress) {
  const Watch watch(std::move(progress));
  double gap = 0, width = 0;
  {
    nb::gil_scoped_release released;
    with_dimension(X.shape(1), [&](auto dimension) {
      constexpr int D = decltype(dimension)::value;
      const Crowds<D> tree(X.data(), static_cast<std::int32_t>(X.shape(0)), X.shape(1));
      const std::vector<std::int32_t> common = common_clusters(tree, codes.data());
      gap = std::sqrt(Gap<D>(tree, codes.data(), common).squared(watch));
      width = std::sqrt(Clusters<D>(tree, codes.data(), k, common).widest_squared(watch));
    });
  }
  return nb::make_tuple(gap, width);
}

}  // namespace

void bind_gap_and_width(nb::module_& module) {
  module.def("gap_and_width", &gap_and_width, nb::arg("X"), nb::arg("codes"), nb::arg("n_clusters"),
             nb::arg("progress").none());
}

}  // namespace coterie
