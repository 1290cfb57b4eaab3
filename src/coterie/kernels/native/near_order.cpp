// Rows in an order in which neighbours stand side by side: the leaves of a tree, from left to right.
//
// Cost: O(n log n). Source: see wide_tree.h.
#include <vector>

#include "arrays.h"
#include "kernels.h"
#include "wide_tree.h"

namespace coterie {
namespace {

nb::ndarray<nb::numpy, std::int32_t> near_order(Matrix<double> X) {
  std::vector<std::int32_t> order;
  {
    nb::gil_scoped_release released;
    const std::vector<double> rows(X.data(), X.data() + X.size()), inverses(X.shape(0), 1.0);
    if (!inverses.empty())
      order = with_dimension(X.shape(1), [&](auto dimension) {
        return WideTree<decltype(dimension)::value>(X.shape(1)).build(rows, inverses);
      });
  }
  return to_numpy(std::move(order));
}

}  // namespace

void bind_near_order(nb::module_& module) { module.def("near_order", &near_order, nb::arg("X")); }

}  // namespace coterie
