// Sum of distances from every row to every cluster, for the silhouette.
//
// Idea: rows sorted by cluster and transposed to d x n; square tiles, so that both sides stay in cache; a tile pair
// gives the sums of its rows and of its columns, so each pair of rows is taken once. Distances in float32 (if the caller
// finds that enough), added up over at most 256 columns, totals in float64. In round r tile i meets tile (r - i) mod T:
// no two threads touch a tile, and every sum is added in one order.
// Cost: n^2 d / 2 multiplications, O(n (d + k)) memory.
// Source: Rousseeuw (1987), Silhouettes, J. Comput. Appl. Math. 20; the rounds are those of a round-robin tournament.
#include <algorithm>
#include <cmath>
#include <vector>

#include "arrays.h"
#include "dimension.h"
#include "kernels.h"
#include "lanes.h"
#include "watch.h"

namespace coterie {
namespace {

constexpr std::int64_t TILE = 1024;
constexpr std::int64_t RUN = 256;      // columns added up before the total is
constexpr std::int64_t BESIDE = 8;     // rows taken together

struct Range {
  std::int64_t first, last;
};

template <typename T, int D>
class DistanceSums {
 public:
  static constexpr std::int64_t W = 32 / sizeof(T);
  using Lane = typename Loose<T>::Vector;

  DistanceSums(const double* X, std::int64_t n, std::size_t d, const std::int64_t* starts, std::size_t k)
      : n_(n), d_(d), k_(k), starts_(starts), columns_(static_cast<std::size_t>(n) * d), sums_(static_cast<std::size_t>(n) * k) {
    for (std::int64_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < d; ++j)
        columns_[j * static_cast<std::size_t>(n) + static_cast<std::size_t>(i)] =
            static_cast<T>(X[static_cast<std::size_t>(i) * d + j]);
  }

  std::vector<double> run(const Watch& watch) {
    const std::int64_t n_tiles = (n_ + TILE - 1) / TILE;
    for (std::int64_t round = 0; round < n_tiles; ++round) {
      watch.beat(static_cast<double>(round) / static_cast<double>(n_tiles));
#pragma omp parallel for schedule(dynamic, 1)
      for (std::int64_t i = 0; i < n_tiles; ++i) {
        const std::int64_t other = (round - i + n_tiles) % n_tiles;
        if (i <= other) run_wide([this, i, other] { meet(tile(i), tile(other)); });
      }
    }
    return std::move(sums_);
  }

 private:
  std::size_t width() const { return D > 0 ? static_cast<std::size_t>(D) : d_; }
  Range tile(std::int64_t i) const { return {i * TILE, std::min((i + 1) * TILE, n_)}; }
  const T* column(std::size_t j) const { return columns_.data() + j * static_cast<std::size_t>(n_); }
  double& sum(std::int64_t row, std::size_t cluster) { return sums_[static_cast<std::size_t>(row) * k_ + cluster]; }
  std::size_t cluster_of(std::int64_t row) const {
    return static_cast<std::size_t>(std::upper_bound(starts_, starts_ + k_ + 1, row) - starts_ - 1);
  }

  // All rows with all columns, one cluster of each at a time.
  COTERIE_INLINE void meet(Range rows, Range columns) {
    const bool is_one_tile = rows.first == columns.first;
    std::size_t cluster = cluster_of(rows.first);
    for (std::int64_t row = rows.first; row < rows.last; ++cluster) {
      const std::int64_t row_end = std::min(rows.last, starts_[cluster + 1]);
      std::size_t other = cluster_of(columns.first);
      for (std::int64_t at = columns.first; at < columns.last; ++other) {
        const std::int64_t end = std::min(columns.last, starts_[other + 1]);
        for (; at < end; at = std::min(at + RUN, end)) {
          const Range run{at, std::min(at + RUN, end)};
          add({row, row_end}, run, cluster, other, !is_one_tile);
        }
      }
      row = row_end;
    }
  }

  // Rows of one cluster with a run of columns of one cluster; the columns' sums are added to unless it is one tile.
  COTERIE_INLINE void add(Range rows, Range run, std::size_t cluster, std::size_t other, bool both_ways) {
    double column_sums[RUN] = {};
    std::int64_t row = rows.first;
    for (; row + BESIDE <= rows.last; row += BESIDE) add_rows<BESIDE>(row, run, other, column_sums);
    for (; row < rows.last; ++row) add_rows<1>(row, run, other, column_sums);
    if (both_ways)
      for (std::int64_t i = run.first; i < run.last; ++i) sum(i, cluster) += column_sums[i - run.first];
  }

  template <std::int64_t N>
  COTERIE_INLINE void add_rows(std::int64_t row, Range run, std::size_t other, double* column_sums) {
    Lane row_sums[N] = {};
    std::int64_t at = run.first;
    for (; at + W <= run.last; at += W) {
      Lane all;
#pragma GCC unroll 8
      for (std::int64_t r = 0; r < N; ++r) {
        const Lane first = *reinterpret_cast<const Lane*>(column(0) + at) - column(0)[row + r];
        Lane squared = first * first;
        for (std::size_t j = 1; j < width(); ++j) {
          const Lane gap = *reinterpret_cast<const Lane*>(column(j) + at) - column(j)[row + r];
          squared += gap * gap;
        }
        T distance[W];
        *reinterpret_cast<Lane*>(distance) = squared;
        for (std::int64_t l = 0; l < W; ++l) distance[l] = std::sqrt(distance[l]);
        const Lane found = *reinterpret_cast<const Lane*>(distance);
        row_sums[r] += found;
        all = r == 0 ? found : all + found;
      }
      for (std::int64_t l = 0; l < W; ++l) column_sums[at - run.first + l] += static_cast<double>(all[l]);
    }
    for (std::int64_t r = 0; r < N; ++r) {
      double total = 0;
      for (std::int64_t l = 0; l < W; ++l) total += static_cast<double>(row_sums[r][l]);
      for (std::int64_t i = at; i < run.last; ++i) {
        T squared = 0;
        for (std::size_t j = 0; j < width(); ++j) {
          const T gap = column(j)[i] - column(j)[row + r];
          squared += gap * gap;
        }
        const auto found = static_cast<double>(std::sqrt(squared));
        total += found;
        column_sums[i - run.first] += found;
      }
      sum(row + r, other) += total;
    }
  }

  std::int64_t n_;
  std::size_t d_, k_;
  const std::int64_t* starts_;
  std::vector<T> columns_;     // d x n
  std::vector<double> sums_;  // n x k
};

nb::ndarray<nb::numpy, double> distance_sums(Matrix<double> X, Vector<std::int64_t> starts, bool floats_suffice,
                                             nb::object progress) {
  const Watch watch(std::move(progress));
  const auto n = static_cast<std::int64_t>(X.shape(0));
  const std::size_t d = X.shape(1), k = starts.shape(0) - 1;
  std::vector<double> sums;
  {
    nb::gil_scoped_release released;
    sums = with_dimension(d, [&](auto dimension) {
      constexpr int D = decltype(dimension)::value;
      if (floats_suffice) return DistanceSums<float, D>(X.data(), n, d, starts.data(), k).run(watch);
      return DistanceSums<double, 0>(X.data(), n, d, starts.data(), k).run(watch);  // rare: not unrolled
    });
  }
  return to_numpy(std::move(sums), k);
}

}  // namespace

void bind_distance_sums(nb::module_& module) {
  module.def("distance_sums", &distance_sums, nb::arg("X"), nb::arg("starts"), nb::arg("floats_suffice"),
             nb::arg("progress").none());
}

}  // namespace coterie
