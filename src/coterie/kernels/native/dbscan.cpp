// Connected crowds: rows with `min_samples` rows within `eps` are core, core rows within `eps` are connected, any other
// row belongs to its nearest core row within `eps`, or is noise.
//
// Idea: the rows of a kd-tree node whose diagonal is at most `eps` are all within reach of each other: they are core
// without counting if they are `min_samples`, and their core rows are one crowd. Elsewhere a leaf of rows walks the tree
// once, takes nodes that lie wholly within reach of all its rows as a whole, and lists the leaves that are left; each
// row counts among those, sixteen boxes or rows at a time, and stops at `min_samples`. Crowds join while pairs of nodes
// walk the tree: pairs that are one crowd already, or out of reach, are passed by. Border rows look through lists alike.
// Cost: about O(n log n) for few columns; 9 bytes a row, the boxes and a few MB: no list of neighbours is kept.
// Source: Ester, Kriegel, Sander, Xu (1996), A density-based algorithm for discovering clusters, KDD; dense cells after
// Gunawan (2013), A faster algorithm for DBSCAN; pairs of nodes after Gray, Moore (2000), N-body problems, NIPS.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "arrays.h"
#include "counts.h"
#include "kernels.h"
#include "leaf_tree.h"
#include "near_leaves.h"
#include "union_find.h"
#include "watch.h"

namespace coterie {
namespace {

constexpr std::int32_t GROUP = 64;  // leaves that list the leaves near them together
constexpr std::int32_t SLAB = 512;  // groups between two beats
constexpr std::int32_t NONE = -1;

struct Crowds {
  std::vector<std::int32_t> labels;
  std::vector<std::uint8_t> is_core;
};

template <int D>
class Dbscan {
  using Tree = LeafTree<D>;
  using Node = typename Tree::Node;
  using Bits = typename Tree::Bits;
  using Limits = typename Tree::Limits;

  // A row of the leaf that is worked at.
  struct Own {
    std::int32_t leaf;
    int lane;
  };

  // The nearest core row so far, by squared distance and as it was given, and how near another must be as floats.
  struct Near {
    std::pair<double, std::int32_t> core;
    float outside;
  };

  // What a thread works with: the rows of the leaf it is at, and the leaves near these.
  struct Desk {
    explicit Desk(const Tree& tree) : own(2 * tree.width()), laid_out(tree), near(tree) {}
    std::vector<FloatLine> own;
    LaidOutLeaves<D> laid_out;
    NearLeaves<D> near;
    std::uint64_t n_distances = 0;
  };

 public:
  Dbscan(GivenRows rows, double eps, std::int32_t min_samples)
      : tree_(rows), squared_eps_(eps * eps), limits_(tree_.limits(squared_eps_)), min_samples_(min_samples),
        sets_(rows.n), core_(at(tree_.n_leaves()), 0), first_core_(tree_.n_nodes(), NONE), is_one_(tree_.n_nodes(), 0) {}

  Crowds run(const Watch& watch) {
    mark_tight(tree_.root());
    for_all_groups(watch, 0.0, [&](Node group, Desk& desk) { count(group, desk); });
    find_first_core(tree_.root());
    unite_tight(tree_.root());
    Desk desk(tree_);
    connect(tree_.root(), desk, watch);
    counts.dbscan_distances += desk.n_distances;
    return label(watch);
  }

 private:
  static std::size_t at(std::int32_t place) { return static_cast<std::size_t>(place); }
  static Bits bit(int lane) { return Bits{1} << lane; }

  template <typename Work>
  void for_all_groups(const Watch& watch, double done, Work&& work) {
    std::vector<Node> groups;
    tree_.for_each_part(tree_.root(), GROUP, [&](Node group) { groups.push_back(group); });
    const auto n = static_cast<std::int32_t>(groups.size());
    for (std::int32_t start = 0; start < n; start += SLAB) {
      watch.beat(done + 0.3 * start / n);
      std::uint64_t n_distances = 0;
#pragma omp parallel reduction(+ : n_distances)
      {
        Desk desk(tree_);
#pragma omp for schedule(dynamic)
        for (std::int32_t i = start; i < std::min(start + SLAB, n); ++i) work(groups[at(i)], desk);
        n_distances += desk.n_distances;
      }
      counts.dbscan_distances += n_distances;
    }
  }

  bool is_tight(Node node) const { return tree_.most_squared(node.at, node.at) <= squared_eps_; }

  // A tight node: all its rows are within reach of each other.
  void mark_tight(Node node) {
    if (tree_.size(node) < min_samples_) return;
    if (is_tight(node)) {
      for (std::int32_t leaf = node.first; leaf < node.last; ++leaf) core_[at(leaf)] = tree_.all(leaf);
    } else if (!node.is_leaf()) {
      mark_tight(node.left());
      mark_tight(node.right());
    }
  }

  void count(Node group, Desk& desk) {
    bool is_done = true;
    for (std::int32_t leaf = group.first; leaf < group.last; ++leaf) is_done &= core_[at(leaf)] == tree_.all(leaf);
    if (is_done) return;
    desk.near.clear();
    std::int32_t missing = min_samples_;
    list_near(tree_.root(), group, missing, desk.near);
    if (missing > desk.near.n_rows()) return;
    tree_.for_each_part(group, 1, [&](Node leaf) {
      Bits& core = core_[at(leaf.first)];
      if (missing <= 0) core = tree_.all(leaf.first);
      if (core != tree_.all(leaf.first)) run_wide([&] { count_rows(leaf, missing, desk); });
    });
  }

  // Lists the leaves that may hold rows within reach of rows of `own`; nodes wholly in reach are no longer missing.
  void list_near(Node node, Node own, std::int32_t& missing, NearLeaves<D>& near) const {
    if (missing <= 0 || tree_.least_squared(own.at, node.at) > squared_eps_) return;
    if (tree_.most_squared(own.at, node.at) <= squared_eps_) {
      missing -= tree_.size(node);
    } else if (node.is_leaf()) {
      near.add(node);
    } else {
      const auto [nearer, farther] = by_nearness(node, own);
      list_near(nearer, own, missing, near);
      list_near(farther, own, missing, near);
    }
  }

  std::pair<Node, Node> by_nearness(Node node, Node own) const {
    const Node left = node.left(), right = node.right();
    if (tree_.least_squared(own.at, left.at) <= tree_.least_squared(own.at, right.at)) return {left, right};
    return {right, left};
  }

  COTERIE_INLINE void count_rows(Node own, std::int32_t missing, Desk& desk) {
    Bits &core = core_[at(own.first)], wanted = tree_.all(own.first) & ~core;
    missing -= desk.near.choose(own.at, limits_, true);
    std::int32_t left[Tree::LEAF];
    std::fill_n(left, Tree::LEAF, missing);
    tree_.lay_out(own.first, desk.own.data());
    if (missing <= 0) core = tree_.all(own.first);
    for (const auto& chosen : desk.near.chosen()) {
      FloatLine squared[2];
      desk.near.measure(desk.own.data(), chosen, squared);
      Bits near = either_at_most(squared, limits_.outside) & wanted & ~core;
      if (near == 0) continue;
      const std::int32_t leaf = desk.near.leaf(chosen);
      const FloatLine* lines = desk.laid_out.at(leaf);
      for (; near != 0; near &= near - 1) {
        const int lane = __builtin_ctz(near);
        left[lane] -= __builtin_popcount(within_reach({own.first, lane}, leaf, lines, desk));
        if (left[lane] <= 0) core |= bit(lane);
      }
    }
  }

  // Which rows of a leaf are within reach of an own row.
  COTERIE_INLINE Bits within_reach(Own own, std::int32_t leaf, const FloatLine* lines, Desk& desk) const {
    FloatLine squared[2];
    measure_rows(desk.own.data(), own.lane, lines, tree_.width(), squared);
    desk.n_distances += Tree::LEAF;
    const Bits possible = either_at_most(squared, limits_.outside) & tree_.all(leaf);
    if (possible == 0) return 0;
    Bits found = possible & either_at_most(squared, limits_.inside);
    for (Bits doubt = possible & ~found; doubt != 0; doubt &= doubt - 1) {
      const int lane = __builtin_ctz(doubt);
      if (tree_.squared(tree_.given(own.leaf, own.lane), tree_.given(leaf, lane)) <= squared_eps_) found |= bit(lane);
    }
    return found;
  }

  std::int32_t find_first_core(Node node) {
    std::int32_t& first = first_core_[at(node.at)];
    if (node.is_leaf()) {
      const Bits core = core_[at(node.first)];
      if (core != 0) first = tree_.given(node.first, __builtin_ctz(core));
    } else {
      const std::int32_t left = find_first_core(node.left()), right = find_first_core(node.right());
      first = left != NONE ? left : right;
    }
    return first;
  }

  // The core rows of a tight node are one crowd, and so are those of the nodes below.
  void unite_tight(Node node) {
    if (is_tight(node)) {
      for (std::int32_t leaf = node.first; leaf < node.last; ++leaf)
        for (Bits core = core_[at(leaf)]; core != 0; core &= core - 1)
          sets_.join(first_core_[at(node.at)], tree_.given(leaf, __builtin_ctz(core)));
      std::fill_n(is_one_.begin() + node.at, 2 * (node.last - node.first) - 1, std::uint8_t{1});
    } else if (!node.is_leaf()) {
      unite_tight(node.left());
      unite_tight(node.right());
    }
  }

  bool has_core(Node node) const { return first_core_[at(node.at)] != NONE; }
  std::int32_t root(Node node) { return sets_.root(first_core_[at(node.at)]); }

  void connect(Node node, Desk& desk, const Watch& watch) {
    if (is_one_[at(node.at)] || !has_core(node)) return;
    if (node.is_leaf()) {
      if (node.first % SLAB == 0) watch.beat(0.3 + 0.4 * node.first / tree_.n_leaves());
      join_rows(node, node, desk);
    } else {
      connect(node.left(), desk, watch);
      connect(node.right(), desk, watch);
      connect(node.left(), node.right(), desk);
    }
    see_whether_one(node);
  }

  void connect(Node one, Node other, Desk& desk) {
    if (!has_core(one) || !has_core(other)) return;
    if (is_one_[at(one.at)] && is_one_[at(other.at)] && root(one) == root(other)) return;
    if (tree_.least_squared(one.at, other.at) > squared_eps_) return;
    if (one.is_leaf() && other.is_leaf()) {
      join_rows(one, other, desk);
      see_whether_one(one);
      see_whether_one(other);
      return;
    }
    if (tree_.size(one) < tree_.size(other)) std::swap(one, other);
    const auto [nearer, farther] = by_nearness(one, other);
    connect(nearer, other, desk);
    connect(farther, other, desk);
    see_whether_one(one);
  }

  void join_rows(Node one, Node other, Desk& desk) {
    run_wide([&] { join_rows_within_reach(one, other, desk); });
  }

  COTERIE_INLINE void join_rows_within_reach(Node one, Node other, Desk& desk) {
    const FloatLine* lines = desk.laid_out.at(other.first);
    tree_.lay_out(one.first, desk.own.data());
    for (Bits core = core_[at(one.first)]; core != 0; core &= core - 1) {
      const int lane = __builtin_ctz(core);
      const std::int32_t row = tree_.given(one.first, lane);
      if (is_one_[at(other.at)] && sets_.root(row) == root(other)) continue;
      Bits near = within_reach({one.first, lane}, other.first, lines, desk) & core_[at(other.first)];
      for (; near != 0; near &= near - 1) {
        sets_.join(row, tree_.given(other.first, __builtin_ctz(near)));
        if (!is_one_[at(other.at)]) continue;
        if (is_one_[at(one.at)]) return;
        break;
      }
    }
  }

  // Whether the core rows of a node are one crowd; what is so once stays so.
  void see_whether_one(Node node) {
    if (is_one_[at(node.at)]) return;
    if (!node.is_leaf()) {
      const Node left = node.left(), right = node.right();
      is_one_[at(node.at)] = !has_core(left)    ? is_one_[at(right.at)]
                             : !has_core(right) ? is_one_[at(left.at)]
                                                : is_one_[at(left.at)] && is_one_[at(right.at)] && root(left) == root(right);
      return;
    }
    for (Bits core = core_[at(node.first)]; core != 0; core &= core - 1)
      if (sets_.root(tree_.given(node.first, __builtin_ctz(core))) != root(node)) return;
    is_one_[at(node.at)] = 1;
  }

  Crowds label(const Watch& watch) {
    Crowds found{std::move(sets_).roots(), {}};
    for_all_groups(watch, 0.7, [&](Node group, Desk& desk) {
      desk.near.clear();
      list_cores(tree_.root(), group, desk.near);
      tree_.for_each_part(group, 1, [&](Node leaf) { run_wide([&] { find_crowds(leaf, desk, found.labels); }); });
    });
    number(found.labels);
    found.is_core.resize(found.labels.size());
    for (std::int32_t leaf = 0; leaf < tree_.n_leaves(); ++leaf)
      for (Bits core = core_[at(leaf)]; core != 0; core &= core - 1)
        found.is_core[at(tree_.given(leaf, __builtin_ctz(core)))] = 1;
    return found;
  }

  void list_cores(Node node, Node own, NearLeaves<D>& near) const {
    if (!has_core(node) || tree_.least_squared(own.at, node.at) > squared_eps_) return;
    if (node.is_leaf()) return near.add(node);
    const auto [nearer, farther] = by_nearness(node, own);
    list_cores(nearer, own, near);
    list_cores(farther, own, near);
  }

  // Gives the rows that are not core to the crowd of the nearest core row, of two equally near of the one given earlier.
  COTERIE_INLINE void find_crowds(Node own, Desk& desk, std::vector<std::int32_t>& crowds) const {
    const Bits wanted = tree_.all(own.first) & ~core_[at(own.first)];
    if (wanted == 0) return;
    Near near[Tree::LEAF];
    std::fill_n(near, Tree::LEAF, Near{{squared_eps_, std::numeric_limits<std::int32_t>::max()}, limits_.outside});
    tree_.lay_out(own.first, desk.own.data());
    desk.near.choose(own.at, limits_, false);
    for (const auto& chosen : desk.near.chosen()) {
      FloatLine squared[2];
      desk.near.measure(desk.own.data(), chosen, squared);
      Bits rows = either_at_most(squared, limits_.outside) & wanted;
      const std::int32_t leaf = desk.near.leaf(chosen);
      const FloatLine* lines = rows != 0 ? desk.laid_out.at(leaf) : nullptr;
      for (; rows != 0; rows &= rows - 1) {
        const int lane = __builtin_ctz(rows);
        if (squared[lane / LANES].x[lane % LANES] <= near[lane].outside)
          find_nearer({own.first, lane}, leaf, lines, desk, near[lane]);
      }
    }
    for (Bits rows = wanted; rows != 0; rows &= rows - 1) {
      const int lane = __builtin_ctz(rows);
      const std::int32_t core = near[lane].core.second;
      crowds[at(tree_.given(own.first, lane))] = core == std::numeric_limits<std::int32_t>::max() ? NONE : crowds[at(core)];
    }
  }

  COTERIE_INLINE void find_nearer(Own own, std::int32_t leaf, const FloatLine* lines, Desk& desk, Near& near) const {
    FloatLine squared[2];
    measure_rows(desk.own.data(), own.lane, lines, tree_.width(), squared);
    desk.n_distances += Tree::LEAF;
    for (Bits maybe = either_at_most(squared, near.outside) & core_[at(leaf)]; maybe != 0; maybe &= maybe - 1) {
      const std::int32_t core = tree_.given(leaf, __builtin_ctz(maybe));
      const std::pair met{tree_.squared(tree_.given(own.leaf, own.lane), core), core};
      if (met < near.core) near = {met, tree_.limits(met.first).outside};
    }
  }

  // Turns the root of each row's crowd into a number in order of first rows. While it works, a root that has its number
  // holds it as -2, -3, ...
  static void number(std::vector<std::int32_t>& roots) {
    std::int32_t next = -2;
    for (std::int32_t& label : roots) {
      if (label < 0) continue;
      std::int32_t& crowd = roots[at(label)];
      if (crowd >= 0) crowd = next--;
      label = crowd;
    }
    for (std::int32_t& label : roots)
      if (label != NONE) label = -2 - label;
  }

  Tree tree_;
  double squared_eps_;
  Limits limits_;
  std::int32_t min_samples_;
  UnionFind sets_;           // of rows as they were given
  std::vector<Bits> core_;   // of leaves
  std::vector<std::int32_t> first_core_;  // of nodes, as it was given
  std::vector<std::uint8_t> is_one_;      // of nodes: see see_whether_one
};

nb::tuple find(GivenRows rows, double eps, std::int32_t min_samples, nb::object progress) {
  const Watch watch(std::move(progress));
  Crowds found;
  {
    nb::gil_scoped_release released;
    found = with_dimension(rows.d, [&](auto dimension) {
      return Dbscan<decltype(dimension)::value>(rows, eps, min_samples).run(watch);
    });
  }
  return nb::make_tuple(to_numpy(std::move(found.labels)), to_numpy(std::move(found.is_core)));
}

nb::tuple of_floats(Matrix<float> X, double eps, std::int32_t min_samples, nb::object progress) {
  return find({X.data(), nullptr, X.shape(0), X.shape(1)}, eps, min_samples, std::move(progress));
}

nb::tuple of_doubles(Matrix<double> X, double eps, std::int32_t min_samples, nb::object progress) {
  return find({nullptr, X.data(), X.shape(0), X.shape(1)}, eps, min_samples, std::move(progress));
}

}  // namespace

void bind_dbscan(nb::module_& module) {
  const auto named = [&](auto work) {
    module.def("dbscan", work, nb::arg("X").noconvert(), nb::arg("eps"), nb::arg("min_samples"),
               nb::arg("progress").none());
  };
  named(&of_floats);
  named(&of_doubles);
}

}  // namespace coterie
