// Rows in small crowds of neighbours: the leaves of a kd-tree.
//
// Cost: O(n log n). Source: see kdtree.h.
#include <vector>

#include "arrays.h"
#include "kdtree.h"
#include "kernels.h"

namespace coterie {
namespace {

nb::ndarray<nb::numpy, std::int32_t> leaves(Matrix<double> X, std::int32_t size) {
  const std::size_t n = X.shape(0);
  std::vector<std::int32_t> found(n);
  {
    nb::gil_scoped_release released;
    with_dimension(X.shape(1), [&](auto dimension) {
      const KdTree<decltype(dimension)::value> tree(X.data(), n, X.shape(1), size);
      std::int32_t n_leaves = 0;
      for (const auto& node : tree.nodes()) {
        if (!node.is_leaf()) continue;
        for (std::int32_t i = node.first; i < node.last; ++i)
          found[static_cast<std::size_t>(tree.given(static_cast<std::size_t>(i)))] = n_leaves;
        ++n_leaves;
      }
    });
  }
  return to_numpy(std::move(found));
}

}  // namespace

void bind_leaves(nb::module_& module) { module.def("leaves", &leaves, nb::arg("X"), nb::arg("size")); }

}  // namespace coterie
