// The k nearest rows of a point in a kd-tree.
//
// Idea: the nearer child is walked first and a node is left out when its box is not nearer than the k-th nearest row
// found so far.
// Source: Friedman, Bentley, Finkel (1977), An algorithm for finding best matches in logarithmic expected time, TOMS 3(3).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "kdtree.h"

namespace coterie {

// The k nearest so far, the farthest on top; of two equally far the one given later is farther.
class Nearest {
 public:
  using Found = std::pair<double, std::int32_t>;
  explicit Nearest(std::size_t k) : k_(k) { heap_.reserve(k + 1); }
  bool wants(double squared) const { return heap_.size() < k_ || squared <= heap_.front().first; }
  void offer(double squared, std::int32_t row) {
    const Found found{squared, row};
    if (heap_.size() == k_ && !(found < heap_.front())) return;
    heap_.push_back(found);
    std::push_heap(heap_.begin(), heap_.end());
    if (heap_.size() <= k_) return;
    std::pop_heap(heap_.begin(), heap_.end());
    heap_.pop_back();
  }
  void look_at(std::int32_t n_rows) { n_looked_at_ += static_cast<std::uint64_t>(n_rows); }
  std::uint64_t n_looked_at() const { return n_looked_at_; }
  const std::vector<Found>& sorted() {
    std::sort_heap(heap_.begin(), heap_.end());
    return heap_;
  }

 private:
  std::size_t k_;
  std::uint64_t n_looked_at_ = 0;
  std::vector<Found> heap_;
};

template <int D>
void walk(const KdTree<D>& tree, std::int32_t at, const double* point, Nearest& nearest) {
  const auto& node = tree.node(at);
  if (node.is_leaf()) {
    nearest.look_at(node.size());
    for (std::int32_t i = node.first; i < node.last; ++i) {
      const auto place = static_cast<std::size_t>(i);
      nearest.offer(squared_distance<D>(point, tree.row(place), tree.width()), tree.given(place));
    }
    return;
  }
  std::pair<double, std::int32_t> sides[2] = {{tree.least_squared(node.left, point), node.left},
                                              {tree.least_squared(node.right, point), node.right}};
  if (sides[1].first < sides[0].first) std::swap(sides[0], sides[1]);
  for (const auto& [squared, child] : sides)
    if (nearest.wants(squared)) walk(tree, child, point, nearest);
}

}  // namespace coterie
