// The minimum spanning tree of all rows by mutual reachability: the largest of the distance of two rows and their core
// distances. With core distances of 0 it is the Euclidean one.
//
// Idea: Boruvka's rounds over a kd-tree. In a round every component joins another by its least edge. A row looks for its
// nearest row of another component only within the least edge its component has so far, and passes by nodes that lie in
// its own component; the row it found stays its nearest until the two are in one component, and what it could not find
// is remembered as a lower bound. Equal edges are put in order by distance, then by rows, so that there is one tree.
// Equal rows hang on the first of them and do not enter the rounds.
// Cost: about O(n log^2 n) for few columns, O(n) memory.
// Source: March, Ram, Gray (2010), Fast Euclidean minimum spanning tree: algorithm, analysis, and applications, KDD;
// mutual reachability: Campello, Moulavi, Sander (2013), PAKDD.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "arrays.h"
#include "distinct.h"
#include "kdtree.h"
#include "kernels.h"
#include "nearest.h"
#include "union_find.h"
#include "watch.h"

namespace coterie {
namespace {

constexpr std::int64_t SLAB = 65536;       // rows between two beats
constexpr std::int64_t BOUND_SLAB = 2048;  // rows that look before the bounds of their components are renewed
constexpr double INFINITE = std::numeric_limits<double>::infinity();

// An edge in the order that makes the tree unique; `low` < `high` are rows as they were given.
struct Edge {
  double weight = INFINITE, squared = INFINITE;  // both squared
  std::int32_t low = 0, high = 0;
  bool operator<(const Edge& other) const {
    if (weight != other.weight) return weight < other.weight;
    if (squared != other.squared) return squared < other.squared;
    if (low != other.low) return low < other.low;
    return high < other.high;
  }
};

Edge edge_of(double weight, double squared, std::int32_t a, std::int32_t b) {
  return {weight, squared, std::min(a, b), std::max(a, b)};
}

template <int D>
class Forest {
 public:
  // `rows` are distinct and stand at `given` in the table; `core` holds their squared core distances.
  Forest(const std::vector<double>& rows, const std::vector<std::int32_t>& given, std::size_t d,
         std::vector<double> core)
      : tree_(rows.data(), given.size(), d), sets_(given.size()) {
    const std::size_t n = given.size();
    for (std::size_t i = 0; i < n; ++i) given_.push_back(given[static_cast<std::size_t>(tree_.given(i))]);
    for (std::size_t i = 0; i < n; ++i) core_.push_back(core[static_cast<std::size_t>(tree_.given(i))]);
    for (const auto& node : tree_.nodes())
      least_core_.push_back(*std::min_element(core_.begin() + node.first, core_.begin() + node.last));
    component_.assign(n, 0);
    node_component_.assign(tree_.nodes().size(), -1);
    nearest_.assign(n, -1);
    reach_.assign(n, {0.0, 0.0});
    best_.resize(n);
    partner_.resize(n);
  }

  // The edges of the tree, in no order.
  std::vector<Edge> grow(const Watch& watch) {
    std::vector<Edge> edges;
    const std::size_t n = given_.size();
    edges.reserve(n);
    while (edges.size() + 1 < n) {
      const double done = static_cast<double>(edges.size()) / static_cast<double>(n);
      watch.beat(done);
      name_components();
      look(recall(), done, watch);
      join(edges);
    }
    return edges;
  }

 private:
  using Reach = std::pair<double, double>;  // weight and distance, squared
  static std::size_t at(std::int32_t place) { return static_cast<std::size_t>(place); }

  void name_components() {
    const auto n = static_cast<std::int32_t>(given_.size());
    for (std::int32_t i = 0; i < n; ++i) component_[at(i)] = sets_.root(i);
    for (std::size_t i = tree_.nodes().size(); i-- > 0;) {  // children stand after their parents
      const auto& node = tree_.nodes()[i];
      if (node.is_leaf()) {
        const auto first = component_.begin() + node.first, last = component_.begin() + node.last;
        const bool one = std::all_of(first, last, [&](std::int32_t c) { return c == *first; });
        node_component_[i] = one ? *first : -1;
      } else {
        const std::int32_t left = node_component_[at(node.left)];
        node_component_[i] = left == node_component_[at(node.right)] ? left : -1;
      }
    }
  }

  void offer(std::int32_t i) {
    const std::int32_t j = nearest_[at(i)], own = component_[at(i)];
    const Edge edge = edge_of(reach_[at(i)].first, reach_[at(i)].second, given_[at(i)], given_[at(j)]);
    if (!(edge < best_[at(own)])) return;
    best_[at(own)] = edge;
    partner_[at(own)] = {i, j};
  }

  // Starts a round with what rows still know; gives the rows that must look again.
  std::vector<std::int32_t> recall() {
    std::fill(best_.begin(), best_.end(), Edge{});
    std::vector<std::int32_t> looking;
    const auto n = static_cast<std::int32_t>(given_.size());
    for (std::int32_t i = 0; i < n; ++i) {
      if (nearest_[at(i)] >= 0 && component_[at(nearest_[at(i)])] != component_[at(i)]) {
        offer(i);
      } else {
        nearest_[at(i)] = -1;
        looking.push_back(i);
      }
    }
    return looking;
  }

  void look(const std::vector<std::int32_t>& looking, double done, const Watch& watch) {
    const auto n = static_cast<std::int64_t>(looking.size());
    for (std::int64_t start = 0; start < n; start += BOUND_SLAB) {
      if (start % SLAB == 0) watch.beat(done);
      const std::int64_t stop = std::min(start + BOUND_SLAB, n);
#pragma omp parallel for schedule(dynamic, 64)
      for (std::int64_t i = start; i < stop; ++i) find_nearest(looking[static_cast<std::size_t>(i)]);
      for (std::int64_t i = start; i < stop; ++i) {
        const std::int32_t row = looking[static_cast<std::size_t>(i)];
        if (nearest_[at(row)] >= 0) offer(row);
      }
    }
  }

  struct Question {
    const double* point;
    double core;
    std::int32_t component, given, nearest;
    Edge best;
  };

  // The nearest row outside, if the component has no shorter edge yet; else that edge is a bound for later rounds.
  void find_nearest(std::int32_t i) {
    const Edge& bound = best_[at(component_[at(i)])];
    if (Reach(bound.weight, bound.squared) < reach_[at(i)]) return;
    Question question{tree_.row(at(i)), core_[at(i)], component_[at(i)], given_[at(i)], -1, bound};
    search(0, tree_.least_squared(0, question.point), question);
    nearest_[at(i)] = question.nearest;
    reach_[at(i)] = {question.best.weight, question.best.squared};
  }

  bool may_hold(std::int32_t node, double squared, const Question& question) const {
    if (node_component_[at(node)] == question.component) return false;
    const double weight = std::max(squared, std::max(question.core, least_core_[at(node)]));
    return !(Reach(question.best.weight, question.best.squared) < Reach(weight, squared));
  }

  void search(std::int32_t place, double squared, Question& question) const {
    if (!may_hold(place, squared, question)) return;
    const auto& node = tree_.node(place);
    if (node.is_leaf()) return search_leaf(node.first, node.last, question);
    const double left = tree_.least_squared(node.left, question.point);
    const double right = tree_.least_squared(node.right, question.point);
    if (left <= right) {
      search(node.left, left, question);
      search(node.right, right, question);
    } else {
      search(node.right, right, question);
      search(node.left, left, question);
    }
  }

  void search_leaf(std::int32_t first, std::int32_t last, Question& question) const {
    for (std::int32_t j = first; j < last; ++j) {
      const double squared = squared_distance<D>(question.point, tree_.row(at(j)), tree_.width());
      const double weight = std::max(squared, std::max(question.core, core_[at(j)]));
      if (weight > question.best.weight || component_[at(j)] == question.component) continue;
      const Edge edge = edge_of(weight, squared, question.given, given_[at(j)]);
      if (!(edge < question.best)) continue;
      question.best = edge;
      question.nearest = j;
    }
  }

  void join(std::vector<Edge>& edges) {
    const auto n = static_cast<std::int32_t>(given_.size());
    for (std::int32_t i = 0; i < n; ++i) {
      const Edge& edge = best_[at(i)];
      if (component_[at(i)] != i || edge.weight == INFINITE) continue;
      if (sets_.join(partner_[at(i)].first, partner_[at(i)].second)) edges.push_back(edge);
    }
  }

  // All of these go by places in leaf order; best_ and partner_ by the root of a component.
  KdTree<D> tree_;
  UnionFind sets_;
  std::vector<std::int32_t> given_, component_, node_component_, nearest_;
  std::vector<double> core_, least_core_;
  std::vector<Reach> reach_;  // to the nearest row outside, or how far it is at least
  std::vector<Edge> best_;
  std::vector<std::pair<std::int32_t, std::int32_t>> partner_;
};

// Squared distance within which every distinct row counts `min_samples` rows, itself and copies too.
template <int D>
std::vector<double> squared_core(const std::vector<double>& rows, const std::vector<std::int32_t>& copies,
                                 std::size_t d, std::size_t min_samples, const Watch& watch) {
  const std::size_t n_distinct = copies.size();
  std::vector<double> core(n_distinct, 0.0);
  if (min_samples == 1) return core;
  const KdTree<D> tree(rows.data(), n_distinct, d);
  const auto n = static_cast<std::int64_t>(n_distinct);
  for (std::int64_t start = 0; start < n; start += SLAB) {
    watch.beat(0.0);
#pragma omp parallel for schedule(dynamic, 256)
    for (std::int64_t i = start; i < std::min(start + SLAB, n); ++i) {
      const auto place = static_cast<std::size_t>(i);
      Nearest nearest(std::min(min_samples, n_distinct));
      walk(tree, 0, tree.row(place), nearest);
      std::size_t counted = 0;
      for (const auto& [squared, row] : nearest.sorted()) {
        core[static_cast<std::size_t>(tree.given(place))] = squared;
        counted += static_cast<std::size_t>(copies[static_cast<std::size_t>(row)]);
        if (counted >= min_samples) break;
      }
    }
  }
  return core;
}

struct Tree {
  std::vector<std::int32_t> edges;
  std::vector<double> weights;
};

Tree in_order(std::vector<Edge> edges) {
  std::sort(edges.begin(), edges.end());
  Tree tree;
  for (const Edge& edge : edges) {
    tree.edges.push_back(edge.low);
    tree.edges.push_back(edge.high);
    tree.weights.push_back(std::sqrt(edge.weight));
  }
  return tree;
}

// `given_core` is null or holds the core distance of every row, and then `min_samples` is not read.
template <int D>
Tree span(const double* X, std::size_t n, std::size_t d, std::size_t min_samples, const double* given_core,
          const Watch& watch) {
  const Distinct distinct = distinct_rows(X, n, d);
  std::vector<double> rows, core;
  for (const std::int32_t row : distinct.first)
    rows.insert(rows.end(), X + static_cast<std::size_t>(row) * d, X + (static_cast<std::size_t>(row) + 1) * d);
  if (given_core != nullptr) {
    for (const std::int32_t row : distinct.first) core.push_back(given_core[row] * given_core[row]);
  } else {
    std::vector<std::int32_t> copies(distinct.first.size(), 0);
    for (const std::int32_t kind : distinct.kind) ++copies[static_cast<std::size_t>(kind)];
    core = squared_core<D>(rows, copies, d, min_samples, watch);
  }
  std::vector<Edge> edges = Forest<D>(rows, distinct.first, d, core).grow(watch);
  for (std::size_t i = 0; i < n; ++i) {
    const auto kind = static_cast<std::size_t>(distinct.kind[i]);
    const auto row = static_cast<std::int32_t>(i);
    if (distinct.first[kind] != row) edges.push_back(edge_of(core[kind], 0.0, distinct.first[kind], row));
  }
  return in_order(std::move(edges));
}

nb::tuple spanning_tree(Matrix<double> X, std::size_t min_samples, nb::object core_distances, nb::object progress) {
  const Watch watch(std::move(progress));
  Vector<double> core;
  if (!core_distances.is_none()) core = nb::cast<Vector<double>>(core_distances);
  const std::size_t n = X.shape(0), d = X.shape(1);
  const double* given_core = core_distances.is_none() ? nullptr : core.data();
  Tree tree;
  {
    nb::gil_scoped_release released;
    tree = with_dimension(d, [&](auto dimension) {
      return span<decltype(dimension)::value>(X.data(), n, d, min_samples, given_core, watch);
    });
  }
  return nb::make_tuple(to_numpy(std::move(tree.edges), 2), to_numpy(std::move(tree.weights)));
}

}  // namespace

void bind_spanning_tree(nb::module_& module) {
  module.def("spanning_tree", &spanning_tree, nb::arg("X"), nb::arg("min_samples"), nb::arg("core_distances").none(),
             nb::arg("progress").none());
}

}  // namespace coterie
