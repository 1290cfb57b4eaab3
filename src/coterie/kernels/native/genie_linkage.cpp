// Merges along a minimum spanning tree that keep the sizes of clusters from growing too unequal.
//
// Idea: the next edge merges, unless the Gini index of the sizes exceeds the limit: then the shortest edge that touches a
// smallest cluster. Sizes stand in two Fenwick trees (how many, and their sum), which give the sum of all differences
// from one size, and so the Gini index, in O(log n). While the smallest size stays the same no edge that was passed
// over can come to touch a smallest cluster, so the search goes on where it stopped; with smallest size m at most n / m
// edges are left to search again.
// Cost: O(n log n) time, O(n) memory.
// Source: Gagolewski, Bartoszuk, Cena (2016), Genie: a new, fast, and outlier-resistant hierarchical clustering
// algorithm, Information Sciences 363, 8-23.
#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "arrays.h"
#include "kernels.h"
#include "union_find.h"

namespace coterie {
namespace {

// Sums over sizes up to one: Fenwick (1994), A new data structure for cumulative frequency tables.
class Cumulative {
 public:
  explicit Cumulative(std::int64_t n) : sums_(static_cast<std::size_t>(n + 1), 0) {}
  void add(std::int64_t size, std::int64_t value) {
    for (auto at = size; at < static_cast<std::int64_t>(sums_.size()); at += at & -at)
      sums_[static_cast<std::size_t>(at)] += value;
  }
  std::int64_t up_to(std::int64_t size) const {
    std::int64_t total = 0;
    for (; size > 0; size -= size & -size) total += sums_[static_cast<std::size_t>(size)];
    return total;
  }

 private:
  std::vector<std::int64_t> sums_;
};

// The sizes of the clusters, and the Gini index of them.
class Sizes {
 public:
  explicit Sizes(std::int64_t n) : n_(n), of_size_(static_cast<std::size_t>(n + 1), 0), counts_(n), sums_(n) {
    of_size_[1] = n_clusters_ = n;
    counts_.add(1, n);
    sums_.add(1, n);
  }

  void merge(std::int64_t a, std::int64_t b) {
    remove(a);
    remove(b);
    insert(a + b);
    while (of_size_[static_cast<std::size_t>(smallest_)] == 0) ++smallest_;
  }

  std::int64_t smallest() const { return smallest_; }

  // Sum of all differences over its largest possible value, 0-1.
  bool gini_exceeds(double limit) const {
    const double largest = static_cast<double>(n_clusters_ - 1) * static_cast<double>(n_);
    return static_cast<double>(differences_) > limit * largest;
  }

 private:
  // Sum of the differences between one size and all others.
  std::int64_t differences_from(std::int64_t size) const {
    const std::int64_t fewer = counts_.up_to(size), below = sums_.up_to(size);
    return size * fewer - below + (total_ - below) - size * (n_clusters_ - fewer);
  }

  void remove(std::int64_t size) {
    differences_ -= differences_from(size);
    change(size, -1);
  }

  void insert(std::int64_t size) {
    change(size, 1);
    differences_ += differences_from(size);
  }

  void change(std::int64_t size, std::int64_t by) {
    of_size_[static_cast<std::size_t>(size)] += by;
    counts_.add(size, by);
    sums_.add(size, by * size);
    n_clusters_ += by;
    total_ += by * size;
  }

  std::int64_t n_, n_clusters_ = 0, total_ = n_, differences_ = 0, smallest_ = 1;
  std::vector<std::int64_t> of_size_;
  Cumulative counts_, sums_;
};

class Merging {
 public:
  Merging(const std::int32_t* edges, std::int64_t n, double limit)
      : edges_(edges), n_(n), limit_(limit), sizes_(n), sets_(static_cast<std::size_t>(n)),
        name_(static_cast<std::size_t>(n)), size_(static_cast<std::size_t>(n), 1),
        before_(static_cast<std::size_t>(n)), after_(static_cast<std::size_t>(n)) {
    std::iota(name_.begin(), name_.end(), 0);
    std::iota(before_.begin(), before_.end(), -1);
    std::iota(after_.begin(), after_.end(), 1);
  }

  std::vector<std::int32_t> run() {
    std::vector<std::int32_t> merges;
    merges.reserve(static_cast<std::size_t>(2 * (n_ - 1)));
    for (std::int64_t step = 0; step + 1 < n_; ++step) {
      const std::int64_t edge = sizes_.gini_exceeds(limit_) ? first_at_a_smallest() : first_;
      leave_out(edge);
      const std::int32_t a = end(edge, 0), b = end(edge, 1);
      merges.push_back(std::min(name(a), name(b)));
      merges.push_back(std::max(name(a), name(b)));
      const std::int64_t size_a = size(a), size_b = size(b);
      sizes_.merge(size_a, size_b);
      sets_.join(a, b);
      name(sets_.root(a)) = static_cast<std::int32_t>(n_ + step);
      size(sets_.root(a)) = size_a + size_b;
    }
    return merges;
  }

 private:
  std::int32_t end(std::int64_t edge, std::int64_t side) {
    return sets_.root(edges_[static_cast<std::size_t>(2 * edge + side)]);
  }
  std::int32_t& name(std::int32_t root) { return name_[static_cast<std::size_t>(root)]; }
  std::int64_t& size(std::int32_t root) { return size_[static_cast<std::size_t>(root)]; }

  std::int64_t first_at_a_smallest() {
    if (searched_size_ != sizes_.smallest()) {
      searched_size_ = sizes_.smallest();
      search_ = first_;
    }
    while (size(end(search_, 0)) != searched_size_ && size(end(search_, 1)) != searched_size_)
      search_ = after_[static_cast<std::size_t>(search_)];
    return search_;
  }

  // Takes an edge out of the list of those that are left.
  void leave_out(std::int64_t edge) {
    const std::int64_t before = before_[static_cast<std::size_t>(edge)], after = after_[static_cast<std::size_t>(edge)];
    if (edge == first_) first_ = after;
    if (edge == search_) search_ = after;
    if (before >= 0) after_[static_cast<std::size_t>(before)] = after;
    if (after < n_ - 1) before_[static_cast<std::size_t>(after)] = before;
  }

  const std::int32_t* edges_;
  std::int64_t n_;
  double limit_;
  Sizes sizes_;
  UnionFind sets_;
  std::vector<std::int32_t> name_;
  std::vector<std::int64_t> size_, before_, after_;
  std::int64_t first_ = 0, search_ = 0, searched_size_ = 1;
};

auto genie_linkage(Matrix<std::int32_t> edges, double gini_threshold) {
  std::vector<std::int32_t> merges;
  {
    nb::gil_scoped_release released;
    merges = Merging(edges.data(), static_cast<std::int64_t>(edges.shape(0)) + 1, gini_threshold).run();
  }
  return to_numpy(std::move(merges), 2);
}

}  // namespace

void bind_genie_linkage(nb::module_& module) {
  module.def("genie_linkage", &genie_linkage, nb::arg("edges"), nb::arg("gini_threshold"));
}

}  // namespace coterie
