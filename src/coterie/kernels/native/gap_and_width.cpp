// The smallest distance between two clusters and the largest within one, for Dunn's index.
//
// Idea: a kd-tree for every cluster. The gap: two trees are walked together, nearest boxes first, and two nodes are left
// out when their boxes are not nearer than the smallest gap so far. The width: a tree is walked with itself, and two
// nodes are left out when neither the far corners of their boxes nor their farthest rows, both seen from the cluster's
// centre, are farther apart than the largest width so far.
// Cost: O(n log n) for the trees; the walks see few pairs where clusters have a middle; O(n) memory.
// Source: Gray, Moore (2001), N-body problems in statistical learning, NIPS 13 (dual trees).
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "arrays.h"
#include "kdtree.h"
#include "kernels.h"
#include "watch.h"

namespace coterie {
namespace {

template <int D>
class Cluster {
 public:
  Cluster(const double* rows, std::size_t n, std::size_t d) : tree(rows, n, d), centre_(d), reach_(tree.nodes().size()) {
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < d; ++j) centre_[j] += rows[i * d + j] / static_cast<double>(n);
    for (auto at = static_cast<std::int32_t>(reach_.size()) - 1; at >= 0; --at) reach_[static_cast<std::size_t>(at)] = farthest(at);
  }
  // Distance from the centre to the farthest row of a node.
  double reach(std::int32_t node) const { return reach_[static_cast<std::size_t>(node)]; }

  KdTree<D> tree;

 private:
  double farthest(std::int32_t at) const {
    const auto& node = tree.node(at);
    if (!node.is_leaf()) return std::max(reach(node.left), reach(node.right));
    double squared = 0;
    for (std::int32_t i = node.first; i < node.last; ++i)
      squared = std::max(squared, squared_distance<D>(tree.row(static_cast<std::size_t>(i)), centre_.data(), tree.width()));
    return std::sqrt(squared);
  }

  std::vector<double> centre_, reach_;
};

template <int D>
struct Nodes {
  const Cluster<D>*one, *other;
  std::int32_t at, other_at;

  // Splits the larger node, or returns false if both are leaves.
  bool split(Nodes& left, Nodes& right) const {
    const auto &a = one->tree.node(at), &b = other->tree.node(other_at);
    if (a.is_leaf() && b.is_leaf()) return false;
    left = right = *this;
    if (b.is_leaf() || (!a.is_leaf() && a.size() >= b.size())) {
      left.at = a.left;
      right.at = a.right;
    } else {
      left.other_at = b.left;
      right.other_at = b.right;
    }
    return true;
  }

  double least_squared() const {
    double sum = 0;
    for_each_side([&](double gap, double) { sum += gap > 0 ? gap * gap : 0; });
    return sum;
  }
  double largest_squared() const {
    double sum = 0;
    for_each_side([&](double, double span) { sum += span * span; });
    const double reach = one->reach(at) + other->reach(other_at);
    return std::min(sum, reach * reach * (1 + 1e-12));
  }

  template <typename Meet>
  void for_each_pair(Meet&& meet) const {
    const auto &a = one->tree.node(at), &b = other->tree.node(other_at);
    for (std::int32_t i = a.first; i < a.last; ++i)
      for (std::int32_t k = b.first; k < b.last; ++k)
        meet(squared_distance<D>(one->tree.row(static_cast<std::size_t>(i)),
                                 other->tree.row(static_cast<std::size_t>(k)), one->tree.width()));
  }

 private:
  template <typename Side>
  void for_each_side(Side&& side) const {
    const double *low = one->tree.low(at), *high = one->tree.high(at);
    const double *other_low = other->tree.low(other_at), *other_high = other->tree.high(other_at);
    for (std::size_t j = 0; j < one->tree.width(); ++j)
      side(std::max(low[j] - other_high[j], other_low[j] - high[j]),
           std::max(high[j] - other_low[j], other_high[j] - low[j]));
  }
};

template <int D>
void shrink(const Nodes<D>& nodes, double& squared) {
  Nodes<D> left, right;
  if (!nodes.split(left, right)) {
    nodes.for_each_pair([&](double found) { squared = std::min(squared, found); });
    return;
  }
  std::pair<double, Nodes<D>*> sides[2] = {{left.least_squared(), &left}, {right.least_squared(), &right}};
  if (sides[1].first < sides[0].first) std::swap(sides[0], sides[1]);
  for (const auto& [bound, side] : sides)
    if (bound < squared) shrink(*side, squared);
}

template <int D>
void grow(const Nodes<D>& nodes, double& squared) {
  Nodes<D> left, right;
  if (!nodes.split(left, right)) {
    nodes.for_each_pair([&](double found) { squared = std::max(squared, found); });
    return;
  }
  std::pair<double, Nodes<D>*> sides[2] = {{left.largest_squared(), &left}, {right.largest_squared(), &right}};
  if (sides[1].first > sides[0].first) std::swap(sides[0], sides[1]);
  for (const auto& [bound, side] : sides)
    if (bound > squared) grow(*side, squared);
}

struct Extent {
  double gap, width;
};

template <int D>
Extent extent(const double* X, std::size_t d, const std::vector<std::int64_t>& starts, const Watch& watch) {
  std::vector<Cluster<D>> clusters;
  const std::size_t k = starts.size() - 1;
  clusters.reserve(k);
  for (std::size_t c = 0; c < k; ++c)
    clusters.emplace_back(X + static_cast<std::size_t>(starts[c]) * d, static_cast<std::size_t>(starts[c + 1] - starts[c]), d);
  double width = 0, gap = std::numeric_limits<double>::infinity();
  for (std::size_t c = 0; c < k; ++c) {
    watch.beat(static_cast<double>(c) / static_cast<double>(k));
    const Nodes<D> whole{&clusters[c], &clusters[c], 0, 0};
    if (whole.largest_squared() > width) grow(whole, width);
    for (std::size_t other = 0; other < c; ++other) {
      const Nodes<D> both{&clusters[c], &clusters[other], 0, 0};
      if (both.least_squared() < gap) shrink(both, gap);
    }
  }
  return {std::sqrt(gap), std::sqrt(width)};
}

nb::tuple gap_and_width(Matrix<double> X, Vector<std::int64_t> starts, nb::object progress) {
  const Watch watch(std::move(progress));
  const std::vector<std::int64_t> bounds(starts.data(), starts.data() + starts.shape(0));
  Extent found{};
  {
    nb::gil_scoped_release released;
    found = with_dimension(X.shape(1), [&](auto dimension) {
      return extent<decltype(dimension)::value>(X.data(), X.shape(1), bounds, watch);
    });
  }
  return nb::make_tuple(found.gap, found.width);
}

}  // namespace

void bind_gap_and_width(nb::module_& module) {
  module.def("gap_and_width", &gap_and_width, nb::arg("X"), nb::arg("starts"), nb::arg("progress").none());
}

}  // namespace coterie
