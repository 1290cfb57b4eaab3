// Centres of clusters, and how far their rows are from them.
//
// Idea: two sweeps over the rows as they stand, one for the centres and one for the distances.
// Cost: O(n d), bound by memory; O(k d) memory.
// Source: Davies, Bouldin (1979), IEEE TPAMI 1(2); Calinski, Harabasz (1974), Comm. Stat. 3(1): what they sum up.
#include <cmath>
#include <vector>

#include "arrays.h"
#include "dimension.h"
#include "kernels.h"
#include "lanes.h"

namespace coterie {
namespace {

struct Dispersion {
  std::vector<double> centers, distances, squares;
};

template <int D>
COTERIE_INLINE void add_up(const double* X, const std::int32_t* codes, std::size_t n, std::size_t d, Dispersion& out) {
  const std::size_t width = D > 0 ? static_cast<std::size_t>(D) : d;
  std::vector<double> sizes(out.distances.size());
  for (std::size_t i = 0; i < n; ++i) {
    if (codes[i] < 0) continue;
    const auto cluster = static_cast<std::size_t>(codes[i]);
    sizes[cluster] += 1;
    for (std::size_t j = 0; j < width; ++j) out.centers[cluster * width + j] += X[i * width + j];
  }
  for (std::size_t c = 0; c < sizes.size(); ++c)
    for (std::size_t j = 0; j < width; ++j) out.centers[c * width + j] /= sizes[c];
  for (std::size_t i = 0; i < n; ++i) {
    if (codes[i] < 0) continue;
    const auto cluster = static_cast<std::size_t>(codes[i]);
    const double squared = squared_distance<D>(X + i * width, out.centers.data() + cluster * width, width);
    out.squares[cluster] += squared;
    out.distances[cluster] += std::sqrt(squared);
  }
}

nb::tuple dispersion(Matrix<double> X, Vector<std::int32_t> codes, std::size_t k) {
  const std::size_t d = X.shape(1);
  Dispersion found{std::vector<double>(k * d), std::vector<double>(k), std::vector<double>(k)};
  {
    nb::gil_scoped_release released;
    with_dimension(d, [&](auto dimension) {
      run_wide([&] { add_up<decltype(dimension)::value>(X.data(), codes.data(), X.shape(0), d, found); });
    });
  }
  return nb::make_tuple(to_numpy(std::move(found.centers), d), to_numpy(std::move(found.distances)),
                        to_numpy(std::move(found.squares)));
}

}  // namespace

void bind_dispersion(nb::module_& module) {
  module.def("dispersion", &dispersion, nb::arg("X"), nb::arg("codes"), nb::arg("n_clusters"));
}

}  // namespace coterie
