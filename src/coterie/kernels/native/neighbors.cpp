// The nearest rows of every row and how far they are.
//
// Idea: a kd-tree over the rows; for each row the nearer child is walked first and a node is left out when its box is
// not nearer than the k-th nearest row found so far.
// Cost: O(n log n) for few columns, O(n k) memory for the answer.
// Source: Friedman, Bentley, Finkel (1977), An algorithm for finding best matches in logarithmic expected time, TOMS 3(3).
#include <algorithm>
#include <utility>
#include <vector>

#include "arrays.h"
#include "counts.h"
#include "kdtree.h"
#include "kernels.h"
#include "nearest.h"
#include "watch.h"

namespace coterie {
namespace {

constexpr std::int64_t SLAB = 65536;  // rows between two beats

struct Neighbors {
  std::vector<std::int32_t> rows;
  std::vector<double> squared;
};

template <int D>
Neighbors find(const double* X, std::int64_t n, std::size_t d, std::size_t k, const Watch& watch) {
  const KdTree<D> tree(X, static_cast<std::size_t>(n), d);
  Neighbors found{std::vector<std::int32_t>(static_cast<std::size_t>(n) * k),
                  std::vector<double>(static_cast<std::size_t>(n) * k)};
  for (std::int64_t start = 0; start < n; start += SLAB) {
    watch.beat(static_cast<double>(start) / static_cast<double>(n));
    std::uint64_t n_distances = 0;
#pragma omp parallel for schedule(dynamic, 256) reduction(+ : n_distances)
    for (std::int64_t i = start; i < std::min(start + SLAB, n); ++i) {
      Nearest nearest(k);
      const auto place = static_cast<std::size_t>(i);
      walk(tree, 0, tree.row(place), nearest);
      n_distances += nearest.n_looked_at();
      std::size_t out = static_cast<std::size_t>(tree.given(place)) * k;
      for (const auto& [squared, row] : nearest.sorted()) {
        found.rows[out] = row;
        found.squared[out++] = squared;
      }
    }
    counts.neighbors_distances += n_distances;
  }
  return found;
}

nb::tuple neighbors(Matrix<double> X, std::size_t k, nb::object progress) {
  const Watch watch(std::move(progress));
  const std::size_t d = X.shape(1);
  Neighbors found;
  {
    nb::gil_scoped_release released;
    found = with_dimension(d, [&](auto dimension) {
      return find<decltype(dimension)::value>(X.data(), static_cast<std::int64_t>(X.shape(0)), d, k, watch);
    });
  }
  return nb::make_tuple(to_numpy(std::move(found.rows), k), to_numpy(std::move(found.squared), k));
}

}  // namespace

void bind_neighbors(nb::module_& module) {
  module.def("neighbors", &neighbors, nb::arg("X"), nb::arg("k"), nb::arg("progress").none());
}

}  // namespace coterie
