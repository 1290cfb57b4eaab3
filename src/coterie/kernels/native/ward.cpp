// Ward's tree, exact, without a distance matrix.
//
// Idea: Ward's distance is reducible (a merged cluster is never nearer than the nearer of its parts), so all pairs that
// are each other's nearest may merge in one round and the tree is that of merging one at a time. A round asks a kd-tree
// over the centroids; a cluster asks again only when its neighbour has merged away. Identical rows are merged first.
// Equally near neighbours are told apart by a hash of the pair, so that lattices take few rounds.
// Cost: about four searches a row, each O(log n) for few columns; O(n) memory.
// Source: Murtagh (1983), A survey of recent advances in hierarchical clustering algorithms, Computer Journal 26(4);
// Bruynooghe (1977), Methodes nouvelles en classification automatique, Statistique et analyse des donnees 2(3).
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "arrays.h"
#include "counts.h"
#include "kernels.h"
#include "watch.h"
#include "wide_tree.h"

namespace coterie {
namespace {

constexpr std::int64_t SLAB = 65536;        // searches between two beats
constexpr double REBUILD_SHARE = 0.75;      // of the clusters the tree was built for

std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

std::uint64_t hash_of_pair(std::int32_t a, std::int32_t b) {
  const auto low = static_cast<std::uint64_t>(std::min(a, b)), high = static_cast<std::uint64_t>(std::max(a, b));
  return mixed(low << 32 | high);
}

struct Merge {
  std::int32_t one, other;
  double height;
  std::int32_t n_leaves;
};

// Clusters that have been made, named by the order of their making: 0..n-1 are the leaves.
class Merges {
 public:
  explicit Merges(std::int32_t n) : n_(n) { merges_.reserve(static_cast<std::size_t>(n)); }
  std::int32_t add(std::int32_t one, std::int32_t other, double height) {
    // Rounding must not put a merge below its parts.
    height = std::max(height, std::max(height_of(one), height_of(other)));
    merges_.push_back({one, other, height, n_leaves(one) + n_leaves(other)});
    return n_ + static_cast<std::int32_t>(merges_.size()) - 1;
  }
  std::size_t size() const { return merges_.size(); }

  // As scipy has it: by ascending height, names by the place in that order.
  std::vector<double> linkage() const {
    std::vector<std::int32_t> order(merges_.size()), place(merges_.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
      const double x = at(a).height, y = at(b).height;
      return x < y || (x == y && a < b);
    });
    for (std::size_t i = 0; i < order.size(); ++i)
      place[static_cast<std::size_t>(order[i])] = static_cast<std::int32_t>(i);
    std::vector<double> rows;
    rows.reserve(4 * order.size());
    const auto name = [&](std::int32_t made) { return made < n_ ? made : n_ + place[static_cast<std::size_t>(made - n_)]; };
    for (const std::int32_t i : order) {
      const std::int32_t one = name(at(i).one), other = name(at(i).other);
      rows.insert(rows.end(), {static_cast<double>(std::min(one, other)), static_cast<double>(std::max(one, other)),
                               at(i).height, static_cast<double>(at(i).n_leaves)});
    }
    return rows;
  }

 private:
  const Merge& at(std::int32_t i) const { return merges_[static_cast<std::size_t>(i)]; }
  double height_of(std::int32_t name) const { return name < n_ ? 0.0 : at(name - n_).height; }
  std::int32_t n_leaves(std::int32_t name) const { return name < n_ ? 1 : at(name - n_).n_leaves; }

  std::int32_t n_;
  std::vector<Merge> merges_;
};

// Clusters by place: centroids, weights and names.
struct Clusters {
  std::vector<double> centroids, weights;
  std::vector<std::int32_t> names;
  std::size_t size() const { return names.size(); }
};

// Every distinct row once, with the weights of its copies added up and the copies merged at height 0.
Clusters distinct_rows(const double* X, const double* weights, std::int32_t n, std::size_t d, Merges& merges) {
  std::vector<std::pair<std::uint64_t, std::int32_t>> hashed(static_cast<std::size_t>(n));
  for (std::int32_t i = 0; i < n; ++i) {
    std::uint64_t hash = 0;
    for (std::size_t j = 0; j < d; ++j) {
      const double x = X[static_cast<std::size_t>(i) * d + j] + 0.0;
      std::uint64_t image;
      std::memcpy(&image, &x, sizeof image);
      hash = mixed(hash + image + 0x9e3779b97f4a7c15ULL);
    }
    hashed[static_cast<std::size_t>(i)] = {hash, i};
  }
  std::sort(hashed.begin(), hashed.end());
  Clusters found;
  std::uint64_t last = 0;
  for (const auto& [hash, i] : hashed) {
    const double* row = X + static_cast<std::size_t>(i) * d;
    const bool again = found.size() > 0 && hash == last && std::equal(row, row + d, found.centroids.end() - static_cast<std::ptrdiff_t>(d));
    if (again) {
      found.names.back() = merges.add(found.names.back(), i, 0.0);
      found.weights.back() += weights[i];
      continue;
    }
    last = hash;
    found.centroids.insert(found.centroids.end(), row, row + d);
    found.weights.push_back(weights[i]);
    found.names.push_back(i);
  }
  return found;
}

struct Neighbor {
  std::int32_t slot = -1;
  double ward = std::numeric_limits<double>::max();  // half the squared height
};

template <int D>
class Agglomeration {
 public:
  Agglomeration(Clusters clusters, std::size_t d, Merges& merges, const Watch& watch)
      : tree_(d), merges_(merges), watch_(watch), total_(clusters.size()) {
    build(std::move(clusters), {});
  }

  void run() {
    while (n_alive_ > 1) {
      ask();
      if (!merge_pairs()) merge(nearest_pair());
      forget();
      if (static_cast<double>(n_alive_) < REBUILD_SHARE * static_cast<double>(names_.size()))
        rebuild();
      else
        tree_.refit();
    }
  }

 private:
  // Keeps the nearest cluster met.
  struct Nearest {
    const std::vector<std::int32_t>& names;
    std::int32_t self;
    double inverse;
    Neighbor best;
    COTERIE_INLINE double limit() const { return best.ward; }
    COTERIE_INLINE void meet(std::int32_t slot, double squared, double other_inverse) {
      if (slot == self) return;
      const double ward = squared / (inverse + other_inverse);
      if (ward < best.ward || (ward == best.ward && slot != best.slot && earlier(slot))) best = {slot, ward};
    }
    bool earlier(std::int32_t slot) const {
      const std::int32_t own = names[static_cast<std::size_t>(self)];
      if (best.slot < 0) return true;
      return hash_of_pair(own, names[static_cast<std::size_t>(slot)]) <
             hash_of_pair(own, names[static_cast<std::size_t>(best.slot)]);
    }
  };

  std::size_t at(std::int32_t slot) const { return static_cast<std::size_t>(slot); }

  void build(Clusters clusters, std::vector<Neighbor> known) {
    std::vector<double> inverses(clusters.size());
    for (std::size_t i = 0; i < inverses.size(); ++i) inverses[i] = 1 / clusters.weights[i];
    const std::vector<std::int32_t> order = tree_.build(clusters.centroids, inverses);
    std::vector<std::int32_t> slot_of(order.size());
    for (std::size_t slot = 0; slot < order.size(); ++slot) slot_of[at(order[slot])] = static_cast<std::int32_t>(slot);
    names_.resize(order.size());
    weights_.resize(order.size());
    nearest_.assign(order.size(), {});
    for (std::size_t slot = 0; slot < order.size(); ++slot) {
      names_[slot] = clusters.names[at(order[slot])];
      weights_[slot] = clusters.weights[at(order[slot])];
      if (known.empty()) continue;
      nearest_[slot] = known[at(order[slot])];
      if (nearest_[slot].slot >= 0) nearest_[slot].slot = slot_of[at(nearest_[slot].slot)];
    }
    n_alive_ = order.size();
    into_.assign(order.size(), -1);
    asking_.clear();
    for (std::size_t slot = 0; slot < order.size(); ++slot)
      if (nearest_[slot].ward == std::numeric_limits<double>::max()) asking_.push_back(static_cast<std::int32_t>(slot));
  }

  void rebuild() {
    Clusters alive;
    std::vector<std::int32_t> place(names_.size(), -1);
    for (std::size_t slot = 0; slot < names_.size(); ++slot) {
      if (names_[slot] < 0) continue;
      place[slot] = static_cast<std::int32_t>(alive.size());
      for (std::size_t j = 0; j < tree_.width(); ++j)
        alive.centroids.push_back(tree_.coordinate(static_cast<std::int32_t>(slot), j));
      alive.weights.push_back(weights_[slot]);
      alive.names.push_back(names_[slot]);
    }
    std::vector<Neighbor> known(alive.size());
    for (std::size_t slot = 0; slot < names_.size(); ++slot) {
      if (place[slot] < 0) continue;
      Neighbor& kept = known[at(place[slot])];
      kept = nearest_[slot];
      if (kept.slot >= 0) kept.slot = place[at(kept.slot)];
    }
    build(std::move(alive), std::move(known));
  }

  // Finds the nearest cluster of all that do not know theirs; a slot known to be near is where to look first.
  void ask() {
    const auto n = static_cast<std::int64_t>(asking_.size());
    counts.ward_rounds += 1;
    counts.ward_searches += asking_.size();
    for (std::int64_t start = 0; start < n; start += SLAB) {
      watch_.beat(1.0 - static_cast<double>(n_alive_) / static_cast<double>(total_));
#pragma omp parallel for schedule(dynamic, 1)
      for (std::int64_t part = start; part < std::min(start + SLAB, n); part += 512)
        run_wide([this, part, stop = std::min(std::min(part + 512, start + SLAB), n)] {
          auto probe = tree_.probe();
          for (std::int64_t i = part; i < stop; ++i) find(asking_[static_cast<std::size_t>(i)], probe);
        });
    }
  }

  COTERIE_INLINE void find(std::int32_t slot, typename WideTree<D>::Probe& probe) {
    tree_.aim(probe, slot);
    Nearest nearest{names_, slot, probe.inverse, {}};
    const std::int32_t hint = nearest_[at(slot)].slot;
    if (hint >= 0) nearest.meet(hint, tree_.squared(probe, hint), tree_.inverse(hint));
    tree_.search(probe, slot, nearest);
    nearest_[at(slot)] = nearest.best;
  }

  bool merge_pairs() {
    bool any = false;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const auto slot = static_cast<std::int32_t>(i);
      if (names_[i] < 0 || into_[i] >= 0) continue;
      const std::int32_t other = nearest_[i].slot;
      if (other < slot || nearest_[at(other)].slot != slot || into_[at(other)] >= 0) continue;
      merge({slot, other});
      any = true;
    }
    return any;
  }

  std::pair<std::int32_t, std::int32_t> nearest_pair() const {
    std::int32_t best = -1;
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (names_[i] >= 0 && (best < 0 || nearest_[i].ward < nearest_[at(best)].ward)) best = static_cast<std::int32_t>(i);
    return {best, nearest_[at(best)].slot};
  }

  // The heavier cluster moves to the common centroid, the other vanishes.
  void merge(std::pair<std::int32_t, std::int32_t> pair) {
    auto [kept, gone] = pair;
    const double height = std::sqrt(2 * nearest_[at(kept)].ward);
    const std::int32_t name = merges_.add(names_[at(kept)], names_[at(gone)], height);
    if (weights_[at(gone)] > weights_[at(kept)]) std::swap(kept, gone);
    const double weight = weights_[at(kept)] + weights_[at(gone)], share = weights_[at(gone)] / weight;
    for (std::size_t j = 0; j < tree_.width(); ++j) {
      double& x = tree_.coordinate(kept, j);
      x += (tree_.coordinate(gone, j) - x) * share;
    }
    tree_.vanish(gone);
    tree_.inverse(kept) = 1 / weight;
    weights_[at(kept)] = weight;
    names_[at(kept)] = name;
    names_[at(gone)] = -1;
    into_[at(kept)] = into_[at(gone)] = kept;
    --n_alive_;
  }

  // Who lost the neighbour has to ask again, first about what the neighbour merged into.
  void forget() {
    asking_.clear();
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] < 0) continue;
      const std::int32_t merged = into_[at(nearest_[i].slot)];
      if (merged < 0 && into_[i] < 0) continue;
      nearest_[i] = {merged == static_cast<std::int32_t>(i) ? -1 : merged, std::numeric_limits<double>::max()};
      asking_.push_back(static_cast<std::int32_t>(i));
    }
    std::fill(into_.begin(), into_.end(), -1);
  }

  WideTree<D> tree_;
  Merges& merges_;
  const Watch& watch_;
  std::size_t total_, n_alive_ = 0;
  std::vector<std::int32_t> names_;  // -1: merged away
  std::vector<double> weights_;
  std::vector<Neighbor> nearest_;
  std::vector<std::int32_t> into_;    // in this round: the slot a cluster merged into
  std::vector<std::int32_t> asking_;  // slots that do not know their nearest
};

nb::ndarray<nb::numpy, double> ward(Matrix<double> X, Vector<double> weights, nb::object progress) {
  const Watch watch(std::move(progress));
  const auto n = static_cast<std::int32_t>(X.shape(0));
  const std::size_t d = X.shape(1);
  Merges merges(n);
  std::vector<double> linkage;
  {
    nb::gil_scoped_release released;
    Clusters clusters = distinct_rows(X.data(), weights.data(), n, d, merges);
    with_dimension(d, [&](auto dimension) {
      Agglomeration<decltype(dimension)::value>(std::move(clusters), d, merges, watch).run();
    });
    linkage = merges.linkage();
  }
  return to_numpy(std::move(linkage), 4);
}

}  // namespace

void bind_ward(nb::module_& module) {
  module.def("ward", &ward, nb::arg("X"), nb::arg("weights"), nb::arg("progress").none());
}

}  // namespace coterie
