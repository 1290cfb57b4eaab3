// The nearest of some places for every row.
//
// Idea: a wide kd-tree over the places, all of weight 1; rows are asked one by one, and a few rows look at every place
// without a tree.
// Cost: O((m + n) log m) for few columns, O(m + n) memory.
// Source: Friedman, Bentley, Finkel (1977), TOMS 3(3).
#include <algorithm>
#include <limits>
#include <vector>

#include "arrays.h"
#include "kernels.h"
#include "watch.h"
#include "wide_tree.h"

namespace coterie {
namespace {

constexpr std::int64_t SLAB = 65536;  // rows between two beats
constexpr std::int64_t PART = 512;    // rows one thread takes at a time
constexpr std::int64_t FEW = 8;       // rows for which no tree is built

// Keeps the nearest place met, the first of those equally far.
struct First {
  const std::vector<std::int32_t>& place_of;
  double squared = std::numeric_limits<double>::max();
  std::int32_t place = -1;
  COTERIE_INLINE double limit() const { return squared; }
  COTERIE_INLINE void meet(std::int32_t slot, double found, double) {
    offer(found, place_of[static_cast<std::size_t>(slot)]);
  }
  COTERIE_INLINE void offer(double found, std::int32_t other) {
    if (found < squared || (found == squared && other < place)) {
      squared = found;
      place = other;
    }
  }
};

template <int D>
struct Search {
  const double *places, *X;
  std::int64_t m, n;
  std::size_t d;
  std::vector<std::int32_t>& found;

  void by_looking_at_all() const {
    const std::vector<std::int32_t> none;
    for (std::int64_t i = 0; i < n; ++i) {
      First first{none};
      for (std::int64_t place = 0; place < m; ++place)
        first.offer(squared_distance<D>(X + i * static_cast<std::ptrdiff_t>(d), places + place * static_cast<std::ptrdiff_t>(d), d),
                    static_cast<std::int32_t>(place));
      found[static_cast<std::size_t>(i)] = first.place;
    }
  }

  void by_tree(const Watch& watch) const {
    WideTree<D> tree(d);
    const auto size = static_cast<std::size_t>(m);
    const std::vector<std::int32_t> place_of =
        tree.build(std::vector<double>(places, places + size * d), std::vector<double>(size, 0.5));
    for (std::int64_t start = 0; start < n; start += SLAB) {
      watch.beat(static_cast<double>(start) / static_cast<double>(n));
      const std::int64_t end = std::min(start + SLAB, n);
#pragma omp parallel for schedule(dynamic, 1)
      for (std::int64_t part = start; part < end; part += PART)
        run_wide([&, part, stop = std::min(part + PART, end)] {
          auto probe = tree.probe();
          for (std::int64_t i = part; i < stop; ++i) {
            First first{place_of};
            tree.aim(probe, X + i * static_cast<std::ptrdiff_t>(d), 0.5);
            tree.search(probe, -1, first);
            found[static_cast<std::size_t>(i)] = first.place;
          }
        });
    }
  }
};

nb::ndarray<nb::numpy, std::int32_t> nearest(Matrix<double> places, Matrix<double> X, nb::object progress) {
  const Watch watch(std::move(progress));
  std::vector<std::int32_t> found(X.shape(0));
  {
    nb::gil_scoped_release released;
    with_dimension(X.shape(1), [&](auto dimension) {
      const Search<decltype(dimension)::value> search{
          places.data(), X.data(), static_cast<std::int64_t>(places.shape(0)), static_cast<std::int64_t>(X.shape(0)),
          X.shape(1), found};
      if (search.n <= FEW)
        search.by_looking_at_all();
      else
        search.by_tree(watch);
    });
  }
  return to_numpy(std::move(found));
}

}  // namespace

void bind_nearest(nb::module_& module) {
  module.def("nearest", &nearest, nb::arg("places"), nb::arg("X"), nb::arg("progress").none());
}

}  // namespace coterie
