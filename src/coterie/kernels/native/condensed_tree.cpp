// The tree of dense clusters: a single-linkage tree in which only splits into two large parts count.
//
// Idea: from the last merge back to the first, a cluster that splits into two parts of at least `min_cluster_size` rows
// ends and two clusters begin; a smaller part falls out of its cluster at the height of the split, row by row.
// Cost: O(n).
// Source: Campello, Moulavi, Sander (2013), Density-based clustering based on hierarchical density estimates, PAKDD.
#include <cstdint>
#include <limits>
#include <vector>

#include "arrays.h"
#include "kernels.h"

namespace coterie {
namespace {

struct Condensed {
  std::vector<std::int32_t> cluster_of_row;  // the last cluster each row was in
  std::vector<double> fall_of_row;           // the height at which it fell out
  std::vector<std::int32_t> parent, size;    // of every cluster
  std::vector<double> birth;
};

class Condensing {
 public:
  Condensing(const std::int32_t* merges, const double* heights, std::size_t n, std::int32_t min_size)
      : merges_(merges), heights_(heights), n_(n), min_size_(min_size), sizes_(2 * n - 1, 1),
        clusters_(2 * n - 1, 0), falls_(2 * n - 1, IN) {}

  Condensed run() {
    for (std::size_t t = 0; t + 1 < n_; ++t) sizes_[n_ + t] = sizes_[child(t, 0)] + sizes_[child(t, 1)];
    begin(-1, static_cast<std::int32_t>(n_), std::numeric_limits<double>::infinity());
    for (std::size_t t = n_ - 1; t-- > 0;) split(t);
    found_.cluster_of_row.assign(clusters_.begin(), clusters_.begin() + static_cast<std::ptrdiff_t>(n_));
    found_.fall_of_row.assign(falls_.begin(), falls_.begin() + static_cast<std::ptrdiff_t>(n_));
    return std::move(found_);
  }

 private:
  static constexpr double IN = -1.0;  // the height of what has not fallen yet

  std::size_t child(std::size_t t, std::size_t side) const { return static_cast<std::size_t>(merges_[2 * t + side]); }

  std::int32_t begin(std::int32_t parent, std::int32_t size, double height) {
    found_.parent.push_back(parent);
    found_.size.push_back(size);
    found_.birth.push_back(height);
    return static_cast<std::int32_t>(found_.parent.size()) - 1;
  }

  void split(std::size_t t) {
    const std::size_t node = n_ + t, sides[2] = {child(t, 0), child(t, 1)};
    const bool is_fallen = falls_[node] != IN;
    const bool both = sizes_[sides[0]] >= min_size_ && sizes_[sides[1]] >= min_size_;
    for (const std::size_t side : sides) {
      clusters_[side] = clusters_[node];
      falls_[side] = falls_[node];
      if (is_fallen) continue;
      if (both) clusters_[side] = begin(clusters_[node], sizes_[side], heights_[t]);
      if (sizes_[side] < min_size_) falls_[side] = heights_[t];
    }
  }

  const std::int32_t* merges_;
  const double* heights_;
  std::size_t n_;
  std::int32_t min_size_;
  std::vector<std::int32_t> sizes_, clusters_;  // of rows and merges
  std::vector<double> falls_;
  Condensed found_;
};

nb::tuple condensed_tree(Matrix<std::int32_t> merges, Vector<double> heights, std::int32_t min_cluster_size) {
  Condensed found;
  {
    nb::gil_scoped_release released;
    found = Condensing(merges.data(), heights.data(), merges.shape(0) + 1, min_cluster_size).run();
  }
  return nb::make_tuple(to_numpy(std::move(found.cluster_of_row)), to_numpy(std::move(found.fall_of_row)),
                        to_numpy(std::move(found.parent)), to_numpy(std::move(found.birth)),
                        to_numpy(std::move(found.size)));
}

}  // namespace

void bind_condensed_tree(nb::module_& module) {
  module.def("condensed_tree", &condensed_tree, nb::arg("merges"), nb::arg("heights"), nb::arg("min_cluster_size"));
}

}  // namespace coterie
