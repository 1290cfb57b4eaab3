// Rows are worked on in blocks turned on their side, column by column, so that four rows go side by side.
//
// Blocks make slabs, slabs are summed up each by one thread, and slabs are added in their order: sums are the same on
// any number of threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "quads.h"
#include "watch.h"

namespace coterie {

inline constexpr std::size_t GROUPS = 64;                  // groups of four rows in a block
inline constexpr std::size_t BLOCK_ROWS = GROUPS * WIDTH;  // 256
inline constexpr std::size_t SLAB_ROWS = 16 * BLOCK_ROWS;  // one task of a thread
inline constexpr std::size_t SLABS_PER_BEAT = 64;
inline constexpr std::size_t SLABS_FOR_THREADS = 8;  // fewer are done before a second thread has woken up

// Column j of the block that starts at row `first` is out[j * GROUPS] and on; what is past the last row is that row.
COTERIE_INLINE void turn(const double* X, std::size_t n, std::size_t d, std::size_t first, Lanes* out) {
  for (std::size_t group = 0; group < GROUPS; ++group)
    for (std::size_t lane = 0; lane < WIDTH; ++lane) {
      const double* row = X + std::min(first + group * WIDTH + lane, n - 1) * d;
      for (std::size_t j = 0; j < d; ++j) out[j * GROUPS + group][lane] = row[j];
    }
}

// Weights of the rows of a block, 1 each if there are none, 0 past the last row.
COTERIE_INLINE void weigh(const double* weights, std::size_t n, std::size_t first, Lanes* out) {
  for (std::size_t group = 0; group < GROUPS; ++group)
    for (std::size_t lane = 0; lane < WIDTH; ++lane) {
      const std::size_t row = first + group * WIDTH + lane;
      out[group][lane] = row < n ? (weights ? weights[row] : 1.0) : 0.0;
    }
}

// Adds up what `work(scratch, first row, last row, sums)` finds in every slab; `Scratch` is made once a thread.
template <typename Scratch, typename Make, typename Work>
std::vector<double> sum_over_slabs(std::size_t n, std::size_t n_sums, const Watch& watch, Make make, Work work) {
  const std::size_t n_slabs = (n + SLAB_ROWS - 1) / SLAB_ROWS;
  std::vector<double> total(n_sums, 0.0);
  for (std::size_t start = 0; start < n_slabs; start += SLABS_PER_BEAT) {
    watch.beat(static_cast<double>(start) / static_cast<double>(n_slabs));
    const std::size_t in_round = std::min(SLABS_PER_BEAT, n_slabs - start);
    std::vector<double> sums(in_round * n_sums, 0.0);
#pragma omp parallel if (in_round >= SLABS_FOR_THREADS)
    {
      Scratch scratch = make();
#pragma omp for schedule(dynamic, 1)
      for (std::size_t slab = 0; slab < in_round; ++slab) {
        const std::size_t first = (start + slab) * SLAB_ROWS;
        work(scratch, first, std::min(first + SLAB_ROWS, n), sums.data() + slab * n_sums);
      }
    }
    for (std::size_t slab = 0; slab < in_round; ++slab)
      for (std::size_t i = 0; i < n_sums; ++i) total[i] += sums[slab * n_sums + i];
  }
  return total;
}

}  // namespace coterie
