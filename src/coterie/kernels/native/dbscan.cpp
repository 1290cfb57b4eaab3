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
#include "union_find.h"
#include "watch.h"

namespace coterie {
namespace {

constexpr std::int32_t SLAB = 512;  // leaves between two beats
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

  // What a thread works with: a row as floats, leaves laid out, and the leaves within reach of the one it is at.
  struct Desk {
    explicit Desk(const Tree& tree) : row(tree.width()), laid_out(tree), near(tree) {}
    std::vector<float> row;
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
    for_all_leaves(watch, 0.0, [&](Node leaf, Desk& desk) { count(leaf, desk); });
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
  void for_all_leaves(const Watch& watch, double done, Work&& work) {
    const std::int32_t n = tree_.n_leaves();
    for (std::int32_t start = 0; start < n; start += SLAB) {
      watch.beat(done + 0.3 * start / n);
      std::uint64_t n_distances = 0;
#pragma omp parallel reduction(+ : n_distances)
      {
        Desk desk(tree_);
#pragma omp for schedule(dynamic, 8)
        for (std::int32_t leaf = start; leaf < std::min(start + SLAB, n); ++leaf) work(tree_.leaf(leaf), desk);
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

  void count(Node leaf, Desk& desk) {
    Bits& core = core_[at(leaf.first)];
    if (core == tree_.all(leaf.first)) return;
    desk.near.clear();
    std::int32_t missing = min_samples_;
    list_near(tree_.root(), leaf, missing, desk.near);
    if (missing <= 0) {
      core = tree_.all(leaf.first);
    } else if (desk.near.n_rows() >= missing) {
      const Bits before = core;
      run_wide([&] { core = before | counts_enough(leaf.first, tree_.all(leaf.first) & ~before, missing, desk); });
    }
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

  COTERIE_INLINE Bits counts_enough(std::int32_t own, Bits wanted, std::int32_t missing, Desk& desk) const {
    Bits enough = 0;
    for (; wanted != 0; wanted &= wanted - 1) {
      const int lane = __builtin_ctz(wanted);
      const std::int32_t row = tree_.given(own, lane);
      aim(row, desk);
      std::int32_t left = missing;
      for (std::size_t block = 0; block < desk.near.n_blocks() && left > 0; ++block) {
        unsigned near = desk.near.within(block, desk.row.data(), limits_.outside);
        for (; near != 0 && left > 0; near &= near - 1) {
          const std::int32_t leaf = desk.near.leaf(block, __builtin_ctz(near));
          left -= __builtin_popcount(within_reach(row, leaf, tree_.all(leaf), desk));
        }
      }
      if (left <= 0) enough |= bit(lane);
    }
    return enough;
  }

  COTERIE_INLINE void aim(std::int32_t row, Desk& desk) const {
    for (std::size_t j = 0; j < tree_.width(); ++j) desk.row[j] = tree_.centered(tree_.x(row, j), j);
  }

  // Which of the wanted rows of a leaf are within reach of the row that is aimed at.
  COTERIE_INLINE Bits within_reach(std::int32_t row, std::int32_t leaf, Bits wanted, Desk& desk) const {
    FloatLine squared[2];
    measure(leaf, desk, squared);
    const Bits inside = at_most(squared[0], limits_.inside) | at_most(squared[1], limits_.inside) << LANES;
    const Bits outside = ~(at_most(squared[0], limits_.outside) | at_most(squared[1], limits_.outside) << LANES);
    Bits found = inside & wanted;
    for (Bits doubt = wanted & ~inside & ~outside; doubt != 0; doubt &= doubt - 1) {
      const int lane = __builtin_ctz(doubt);
      if (tree_.squared(row, tree_.given(leaf, lane)) <= squared_eps_) found |= bit(lane);
    }
    return found;
  }

  // Squared distances in floats between the row that is aimed at and those of a leaf.
  COTERIE_INLINE void measure(std::int32_t leaf, Desk& desk, FloatLine* squared) const {
    const FloatLine* lines = desk.laid_out.at(leaf);
    Floats sums[2 * FLOAT_PARTS] = {};
    for (std::size_t j = 0; j < tree_.width(); ++j)
      for (int i = 0; i < 2 * FLOAT_PARTS; ++i) {
        const Floats gap = part(lines[2 * j + static_cast<std::size_t>(i / FLOAT_PARTS)], i % FLOAT_PARTS) - desk.row[j];
        sums[i] += gap * gap;
      }
    for (int i = 0; i < 2 * FLOAT_PARTS; ++i) part(squared[i / FLOAT_PARTS], i % FLOAT_PARTS) = sums[i];
    desk.n_distances += Tree::LEAF;
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
    for (Bits core = core_[at(one.first)]; core != 0; core &= core - 1) {
      const std::int32_t row = tree_.given(one.first, __builtin_ctz(core));
      if (is_one_[at(other.at)] && sets_.root(row) == root(other)) continue;
      aim(row, desk);
      for (Bits near = within_reach(row, other.first, core_[at(other.first)], desk); near != 0; near &= near - 1) {
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
    for_all_leaves(watch, 0.7, [&](Node leaf, Desk& desk) {
      const Bits wanted = tree_.all(leaf.first) & ~core_[at(leaf.first)];
      if (wanted == 0) return;
      desk.near.clear();
      list_cores(tree_.root(), leaf, desk.near);
      run_wide([&] { find_crowds(leaf.first, wanted, desk, found.labels); });
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

  COTERIE_INLINE void find_crowds(std::int32_t own, Bits wanted, Desk& desk, std::vector<std::int32_t>& crowds) const {
    for (; wanted != 0; wanted &= wanted - 1) {
      const std::int32_t row = tree_.given(own, __builtin_ctz(wanted)), nearest = nearest_core(row, desk);
      crowds[at(row)] = nearest == NONE ? NONE : crowds[at(nearest)];
    }
  }

  // The nearest core row within reach, of two equally near the one given earlier.
  COTERIE_INLINE std::int32_t nearest_core(std::int32_t row, Desk& desk) const {
    aim(row, desk);
    std::pair<double, std::int32_t> best{squared_eps_, std::numeric_limits<std::int32_t>::max()};
    float outside = limits_.outside;
    for (std::size_t block = 0; block < desk.near.n_blocks(); ++block) {
      for (unsigned near = desk.near.within(block, desk.row.data(), outside); near != 0; near &= near - 1) {
        const std::int32_t leaf = desk.near.leaf(block, __builtin_ctz(near));
        FloatLine squared[2];
        measure(leaf, desk, squared);
        Bits maybe = (at_most(squared[0], outside) | at_most(squared[1], outside) << LANES) & core_[at(leaf)];
        for (; maybe != 0; maybe &= maybe - 1) {
          const std::int32_t core = tree_.given(leaf, __builtin_ctz(maybe));
          const std::pair met{tree_.squared(row, core), core};
          if (!(met < best)) continue;
          best = met;
          outside = tree_.limits(best.first).outside;
        }
      }
    }
    return best.second == std::numeric_limits<std::int32_t>::max() ? NONE : best.second;
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
