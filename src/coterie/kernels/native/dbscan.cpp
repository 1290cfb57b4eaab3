// Connected crowds: rows with `min_samples` rows within `eps` are core, core rows within `eps` are connected, any other
// row belongs to its nearest core row within `eps`, or is noise.
//
// Idea: the rows of a kd-tree node whose diagonal is at most `eps` are all within reach of each other. So where such a
// node has `min_samples` rows they are core without counting, and its core rows are one crowd. Elsewhere counting takes
// whole nodes that lie within reach and stops at `min_samples`. Crowds join while a row walks the tree: what belongs to
// its own crowd already is passed by, as are pairs that the earlier of the two has tried.
// Nodes whose core rows are in one crowd are passed by as a whole by rows of that crowd.
// Cost: about O(n log n) for few columns, O(n) memory: no list of neighbours is kept.
// Source: Ester, Kriegel, Sander, Xu (1996), A density-based algorithm for discovering clusters, KDD; dense cells after
// Gunawan (2013), A faster algorithm for DBSCAN.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "arrays.h"
#include "counts.h"
#include "kdtree.h"
#include "kernels.h"
#include "union_find.h"
#include "watch.h"

namespace coterie {
namespace {

constexpr std::int64_t SLAB = 16384;  // rows between two beats
constexpr std::int32_t LEAF = 32;
constexpr std::int32_t NONE = -1;

struct Crowds {
  std::vector<std::int32_t> labels;
  std::vector<std::uint8_t> is_core;
};

template <int D>
class Dbscan {
 public:
  Dbscan(const double* X, std::size_t n, std::size_t d, double eps, std::int32_t min_samples)
      : tree_(X, n, d, LEAF), squared_eps_(eps * eps), min_samples_(min_samples), sets_(n), is_core_(n, 0),
        first_core_(tree_.nodes().size(), NONE), is_tight_(tree_.nodes().size(), 0) {}

  Crowds run(const Watch& watch) {
    mark_tight(0);
    for_all_rows(watch, 0.0, [&](std::int32_t i, std::uint64_t& n_distances) {
      if (!is_core_[at(i)]) is_core_[at(i)] = counts_enough(i, n_distances);
    });
    find_first_cores();
    connect(watch);
    return label(watch);
  }

 private:
  static std::size_t at(std::int32_t place) { return static_cast<std::size_t>(place); }
  std::int32_t n() const { return static_cast<std::int32_t>(tree_.size()); }

  template <typename Work>
  void for_all_rows(const Watch& watch, double done, Work&& work) {
    for (std::int64_t start = 0; start < n(); start += SLAB) {
      watch.beat(done + 0.3 * static_cast<double>(start) / static_cast<double>(n()));
      const auto stop = static_cast<std::int32_t>(std::min<std::int64_t>(start + SLAB, n()));
      std::uint64_t n_distances = 0;
#pragma omp parallel for schedule(dynamic, 64) reduction(+ : n_distances)
      for (std::int32_t i = static_cast<std::int32_t>(start); i < stop; ++i) work(i, n_distances);
      counts.dbscan_distances += n_distances;
    }
  }

  // A tight node: all its rows are within reach of each other. Its nodes below are not looked at.
  void mark_tight(std::int32_t place) {
    const auto& node = tree_.node(place);
    if (tree_.squared_diagonal(place) <= squared_eps_) {
      is_tight_[at(place)] = 1;
      if (node.size() >= min_samples_) std::fill_n(is_core_.begin() + node.first, node.size(), std::uint8_t{1});
    } else if (!node.is_leaf()) {
      mark_tight(node.left);
      mark_tight(node.right);
    }
  }

  // Largest squared distance between a point and any place in the node's box.
  double most_squared(std::int32_t node, const double* point) const {
    const double *low = tree_.low(node), *high = tree_.high(node);
    double sum = 0;
    for (std::size_t j = 0; j < tree_.width(); ++j) {
      const double gap = std::max(point[j] - low[j], high[j] - point[j]);
      sum += gap * gap;
    }
    return sum;
  }

  bool counts_enough(std::int32_t i, std::uint64_t& n_distances) const {
    std::int32_t missing = min_samples_;
    count(0, tree_.row(at(i)), missing, n_distances);
    return missing <= 0;
  }

  void count(std::int32_t place, const double* point, std::int32_t& missing, std::uint64_t& n_distances) const {
    if (tree_.least_squared(place, point) > squared_eps_) return;
    const auto& node = tree_.node(place);
    if (most_squared(place, point) <= squared_eps_) {
      missing -= node.size();
    } else if (node.is_leaf()) {
      for (std::int32_t j = node.first; j < node.last && missing > 0; ++j, ++n_distances)
        missing -= squared_distance<D>(point, tree_.row(at(j)), tree_.width()) <= squared_eps_;
    } else {
      // The half the point is in holds more of its neighbours.
      const bool is_left = tree_.least_squared(node.left, point) <= tree_.least_squared(node.right, point);
      count(is_left ? node.left : node.right, point, missing, n_distances);
      if (missing > 0) count(is_left ? node.right : node.left, point, missing, n_distances);
    }
  }

  void find_first_cores() {
    for (std::size_t i = tree_.nodes().size(); i-- > 0;) {  // children stand after their parents
      const auto& node = tree_.nodes()[i];
      if (node.is_leaf()) {
        for (std::int32_t j = node.last; j-- > node.first;)
          if (is_core_[at(j)]) first_core_[i] = j;
      } else {
        first_core_[i] = first_core_[at(node.left)] != NONE ? first_core_[at(node.left)] : first_core_[at(node.right)];
      }
    }
  }

  void connect(const Watch& watch) {
    for (std::size_t i = 0; i < tree_.nodes().size(); ++i) {
      const auto& node = tree_.nodes()[i];
      if (!is_tight_[i] || first_core_[i] == NONE) continue;
      for (std::int32_t j = first_core_[i] + 1; j < node.last; ++j)
        if (is_core_[at(j)]) sets_.join(first_core_[i], j);
    }
    is_one_ = is_tight_;
    for (std::int32_t i = 0; i < n(); ++i) {
      if (i % SLAB == 0) watch.beat(0.3 + 0.4 * static_cast<double>(i) / static_cast<double>(n()));
      if (is_core_[at(i)]) connect_to_later(0, i);
    }
    counts.dbscan_distances += n_tried_;
  }

  void connect_to_later(std::int32_t place, std::int32_t i) {
    const auto& node = tree_.node(place);
    if (node.last <= i + 1 || first_core_[at(place)] == NONE) return;
    if (is_one_[at(place)] && sets_.root(first_core_[at(place)]) == sets_.root(i)) return;
    if (tree_.least_squared(place, tree_.row(at(i))) > squared_eps_) return;
    if (is_tight_[at(place)] || node.is_leaf()) {
      connect_to_rows(node, is_one_[at(place)], i);
      if (!is_one_[at(place)]) is_one_[at(place)] = is_one_crowd(node);
    } else {
      connect_to_later(node.left, i);
      connect_to_later(node.right, i);
      is_one_[at(place)] = are_one_crowd(node.left, node.right);
    }
  }

  void connect_to_rows(const typename KdTree<D>::Node& node, bool is_one, std::int32_t i) {
    for (std::int32_t j = std::max(node.first, i + 1); j < node.last; ++j) {
      if (!is_core_[at(j)] || sets_.root(j) == sets_.root(i)) continue;
      ++n_tried_;
      if (squared_distance<D>(tree_.row(at(i)), tree_.row(at(j)), tree_.width()) > squared_eps_) continue;
      sets_.join(i, j);
      if (is_one) return;
    }
  }

  // Whether the core rows of a node are in one crowd; what is so once stays so.
  bool is_one_crowd(const typename KdTree<D>::Node& node) {
    std::int32_t root = NONE;
    for (std::int32_t j = node.first; j < node.last; ++j) {
      if (!is_core_[at(j)]) continue;
      if (root != NONE && sets_.root(j) != root) return false;
      root = sets_.root(j);
    }
    return true;
  }

  bool are_one_crowd(std::int32_t left, std::int32_t right) {
    const std::int32_t one = first_core_[at(left)], other = first_core_[at(right)];
    if (one == NONE || other == NONE) return is_one_[at(one == NONE ? right : left)];
    return is_one_[at(left)] && is_one_[at(right)] && sets_.root(one) == sets_.root(other);
  }

  // A core row and how near it is; of two equally near the one given earlier.
  struct Near {
    double squared;
    std::int32_t given, place;
    std::uint64_t n_distances = 0;
  };

  void find_nearest_core(std::int32_t place, const double* point, Near& near) const {
    if (first_core_[at(place)] == NONE || tree_.least_squared(place, point) > near.squared) return;
    const auto& node = tree_.node(place);
    if (!node.is_leaf()) {
      const bool is_left = tree_.least_squared(node.left, point) <= tree_.least_squared(node.right, point);
      find_nearest_core(is_left ? node.left : node.right, point, near);
      find_nearest_core(is_left ? node.right : node.left, point, near);
      return;
    }
    for (std::int32_t j = node.first; j < node.last; ++j) {
      if (!is_core_[at(j)]) continue;
      const double squared = squared_distance<D>(point, tree_.row(at(j)), tree_.width());
      const std::int32_t given = tree_.given(at(j));
      ++near.n_distances;
      if (std::pair(squared, given) < std::pair(near.squared, near.given)) near = {squared, given, j, near.n_distances};
    }
  }

  Crowds label(const Watch& watch) {
    Crowds found{std::vector<std::int32_t>(at(n())), std::vector<std::uint8_t>(at(n()))};
    std::vector<std::int32_t>& roots = found.labels;
    for (std::int32_t i = 0; i < n(); ++i) {
      found.is_core[at(tree_.given(at(i)))] = is_core_[at(i)];
      roots[at(tree_.given(at(i)))] = is_core_[at(i)] ? sets_.root(i) : NONE;
    }
    for_all_rows(watch, 0.7, [&](std::int32_t i, std::uint64_t& n_distances) {
      if (is_core_[at(i)]) return;
      Near near{squared_eps_, std::numeric_limits<std::int32_t>::max(), NONE};
      find_nearest_core(0, tree_.row(at(i)), near);
      n_distances += near.n_distances;
      if (near.place != NONE) roots[at(tree_.given(at(i)))] = roots[at(near.given)];
    });
    sets_ = UnionFind(0);  // its memory is that of `number`
    std::vector<std::int32_t> number(at(n()), NONE);
    std::int32_t n_crowds = 0;
    for (std::int32_t& label : roots) {
      if (label == NONE) continue;
      if (number[at(label)] == NONE) number[at(label)] = n_crowds++;
      label = number[at(label)];
    }
    return found;
  }

  // All of these go by places in leaf order, or by nodes.
  KdTree<D> tree_;
  double squared_eps_;
  std::int32_t min_samples_;
  UnionFind sets_;
  std::vector<std::uint8_t> is_core_;
  std::vector<std::int32_t> first_core_;
  std::vector<std::uint8_t> is_tight_, is_one_;  // of nodes: see mark_tight and is_one_crowd
  std::uint64_t n_tried_ = 0;  // pairs of core rows that were measured
};

nb::tuple dbscan(Matrix<double> X, double eps, std::int32_t min_samples, nb::object progress) {
  const Watch watch(std::move(progress));
  const std::size_t n = X.shape(0), d = X.shape(1);
  Crowds found;
  {
    nb::gil_scoped_release released;
    found = with_dimension(d, [&](auto dimension) {
      return Dbscan<decltype(dimension)::value>(X.data(), n, d, eps, min_samples).run(watch);
    });
  }
  return nb::make_tuple(to_numpy(std::move(found.labels)), to_numpy(std::move(found.is_core)));
}

}  // namespace

void bind_dbscan(nb::module_& module) {
  module.def("dbscan", &dbscan, nb::arg("X"), nb::arg("eps"), nb::arg("min_samples"), nb::arg("progress").none());
}

}  // namespace coterie
