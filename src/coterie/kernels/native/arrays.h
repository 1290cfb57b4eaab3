// The arrays that cross from Python and back: contiguous, on this machine, checked by the callers in Python.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

namespace coterie {

namespace nb = nanobind;

template <typename T>
using Vector = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <typename T>
using Matrix = nb::ndarray<const T, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

// A NumPy array that owns what the vector held. Call it with the GIL held.
template <typename T>
nb::ndarray<nb::numpy, T> to_numpy(std::vector<T> values, std::size_t n_columns = 0) {
  auto* kept = new std::vector<T>(std::move(values));
  nb::capsule owner(kept, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  if (n_columns == 0) return nb::ndarray<nb::numpy, T>(kept->data(), {kept->size()}, owner);
  return nb::ndarray<nb::numpy, T>(kept->data(), {kept->size() / n_columns, n_columns}, owner);
}

}  // namespace coterie
