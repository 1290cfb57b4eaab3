// A kd-tree over rows that lie still.
//
// Idea: split the widest side of a node's bounding box at the median until a node holds at most `leaf` rows. Rows are
// copied in leaf order, so that a leaf is read in one sweep. A node's box tells how near or far its rows can be.
// Cost: O(n log n) to build, O(n) memory.
// Source: Bentley (1975), Multidimensional binary search trees used for associative searching, CACM 18(9).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "dimension.h"

namespace coterie {

template <int D, typename T = double>
class KdTree {
 public:
  struct Node {
    std::int32_t first, last;  // the rows of this node in leaf order
    std::int32_t left, right;  // positions of the children, -1 in a leaf
    bool is_leaf() const { return left < 0; }
    std::int32_t size() const { return last - first; }
  };

  KdTree(const T* rows, std::size_t n, std::size_t d, std::int32_t leaf = 16) : d_(d), order_(n), rows_(n * d) {
    std::iota(order_.begin(), order_.end(), 0);
    nodes_.reserve(2 * (n / static_cast<std::size_t>(leaf) + 1));
    if (n > 0) grow(rows, 0, static_cast<std::int32_t>(n), leaf);
    for (std::size_t i = 0; i < n; ++i)
      std::copy_n(rows + static_cast<std::size_t>(order_[i]) * d_, d_, rows_.data() + i * d_);
  }

  std::size_t width() const { return D > 0 ? static_cast<std::size_t>(D) : d_; }
  std::size_t size() const { return order_.size(); }
  const std::vector<Node>& nodes() const { return nodes_; }
  const Node& node(std::int32_t at) const { return nodes_[static_cast<std::size_t>(at)]; }
  // Row at a position of the leaf order, and its position among the rows that were given.
  const T* row(std::size_t at) const { return rows_.data() + at * width(); }
  std::int32_t given(std::size_t at) const { return order_[at]; }
  const T* low(std::int32_t node) const { return boxes_.data() + static_cast<std::size_t>(node) * 2 * width(); }
  const T* high(std::int32_t node) const { return low(node) + width(); }

  // Least squared distance between a point and any place in the node's box.
  T least_squared(std::int32_t node, const T* point) const {
    const T *low_ = low(node), *high_ = high(node);
    T sum = 0;
    for (std::size_t j = 0; j < width(); ++j) {
      const T gap = std::max(std::max(low_[j] - point[j], point[j] - high_[j]), T(0));
      sum += gap * gap;
    }
    return sum;
  }

  // Squared length of the diagonal of the node's box: no two of its rows are farther apart.
  T squared_diagonal(std::int32_t node) const { return squared_distance<D>(low(node), high(node), width()); }

 private:
  std::int32_t grow(const T* rows, std::int32_t first, std::int32_t last, std::int32_t leaf) {
    const auto at = static_cast<std::int32_t>(nodes_.size());
    nodes_.push_back({first, last, -1, -1});
    const std::size_t widest = enclose(rows, first, last);
    const T span = high(at)[widest] - low(at)[widest];
    if (last - first <= leaf || !(span > 0)) return at;
    const std::int32_t middle = first + (last - first) / 2;
    std::nth_element(order_.begin() + first, order_.begin() + middle, order_.begin() + last,
                     [&](std::int32_t a, std::int32_t b) {
                       const T x = rows[static_cast<std::size_t>(a) * d_ + widest];
                       const T y = rows[static_cast<std::size_t>(b) * d_ + widest];
                       return x < y || (x == y && a < b);
                     });
    const std::int32_t left = grow(rows, first, middle, leaf);
    const std::int32_t right = grow(rows, middle, last, leaf);
    nodes_[static_cast<std::size_t>(at)].left = left;
    nodes_[static_cast<std::size_t>(at)].right = right;
    return at;
  }

  // Adds the box of rows first..last and returns its widest side.
  std::size_t enclose(const T* rows, std::int32_t first, std::int32_t last) {
    const std::size_t at = boxes_.size();
    boxes_.resize(at + 2 * width());
    T *low_ = boxes_.data() + at, *high_ = low_ + width();
    const T* start = rows + static_cast<std::size_t>(order_[static_cast<std::size_t>(first)]) * d_;
    std::copy_n(start, width(), low_);
    std::copy_n(start, width(), high_);
    for (std::int32_t i = first + 1; i < last; ++i) {
      const T* row = rows + static_cast<std::size_t>(order_[static_cast<std::size_t>(i)]) * d_;
      for (std::size_t j = 0; j < width(); ++j) {
        low_[j] = std::min(low_[j], row[j]);
        high_[j] = std::max(high_[j], row[j]);
      }
    }
    std::size_t widest = 0;
    for (std::size_t j = 1; j < width(); ++j)
      if (high_[j] - low_[j] > high_[widest] - low_[widest]) widest = j;
    return widest;
  }

  std::size_t d_;
  std::vector<std::int32_t> order_;
  std::vector<T> rows_, boxes_;
  std::vector<Node> nodes_;
};

}  // namespace coterie
