// Loops over the columns of a row are unrolled when their number is known while compiling.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

namespace coterie {

inline constexpr int MAX_UNROLLED = 10;

template <int D>
using Dimension = std::integral_constant<int, D>;

// Calls work(Dimension<D>{}) with D = d where 1 <= d <= MAX_UNROLLED, else with D = 0: "read d at run time".
template <int D = 1, typename Work>
auto with_dimension(std::size_t d, Work&& work) {
  if constexpr (D > MAX_UNROLLED) {
    return work(Dimension<0>{});
  } else {
    if (d == static_cast<std::size_t>(D)) return work(Dimension<D>{});
    return with_dimension<D + 1>(d, std::forward<Work>(work));
  }
}

// Squared Euclidean distance of two rows, added up column by column.
template <int D, typename T>
inline __attribute__((always_inline)) T squared_distance(const T* a, const T* b, std::size_t d) {
  const std::size_t width = D > 0 ? static_cast<std::size_t>(D) : d;
  T sum = 0;
  for (std::size_t j = 0; j < width; ++j) {
    const T gap = a[j] - b[j];
    sum += gap * gap;
  }
  return sum;
}

// The column along which about `seen` of the rows first..last-1 spread most; x(i, j) is column j of row i.
template <typename Column>
inline __attribute__((always_inline)) std::size_t widest_column(std::int32_t first, std::int32_t last,
                                                                std::size_t width, std::int32_t seen, Column&& x) {
  const std::int32_t stride = std::max(1, (last - first) / seen);
  std::size_t best = 0;
  double widest = -1;
  for (std::size_t j = 0; j < width; ++j) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (std::int32_t i = first; i < last; i += stride) {
      const double value = x(i, j);
      low = std::min(low, value);
      high = std::max(high, value);
    }
    if (high - low > widest) {
      widest = high - low;
      best = j;
    }
  }
  return best;
}

}  // namespace coterie
