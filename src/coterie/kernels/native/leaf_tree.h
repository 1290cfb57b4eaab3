// A kd-tree that leaves the rows where they are: it orders them and encloses them in boxes, 32 rows a leaf.
//
// Idea: kd splits at multiples of 32 make every leaf full, so that the shape of the tree is implied and a leaf's rows
// are the bits of one word. A leaf can be laid out as lines of floats, in which distances are off by a little: `limits`
// tells which of them must be measured again in doubles, so that what is found is exact.
// Cost: O(n log n) to build; memory is 4 bytes a row and the boxes.
// Source: Bentley (1975), Multidimensional binary search trees used for associative searching, CACM 18(9).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "dimension.h"
#include "lanes.h"

namespace coterie {

// Rows of d columns as they were given, in floats or in doubles.
struct GivenRows {
  const float* floats;
  const double* doubles;
  std::size_t n, d;
  double at(std::int32_t row, std::size_t j) const {
    const std::size_t place = static_cast<std::size_t>(row) * d + j;
    return floats != nullptr ? static_cast<double>(floats[place]) : doubles[place];
  }
};

template <int D>
class LeafTree {
 public:
  static constexpr std::int32_t LEAF = 2 * LANES;
  using Bits = std::uint32_t;  // one for each row of a leaf

  // Leaves first..last-1; `at` is its place among all nodes, each of which stands before its halves, left first.
  struct Node {
    std::int32_t at, first, last;
    bool is_leaf() const { return last - first == 1; }
    std::int32_t middle() const { return first + (last - first) / 2; }
    Node left() const { return {at + 1, first, middle()}; }
    Node right() const { return {at + 2 * (middle() - first), middle(), last}; }
  };

  // Squared distances in floats up to `inside` are within the limit, those above `outside` are not.
  struct Limits {
    float inside, outside;
  };

  explicit LeafTree(GivenRows rows) : rows_(rows), order_(rows.n), center_(rows.d, 0.0) {
    std::iota(order_.begin(), order_.end(), 0);
    boxes_.resize(n_nodes() * 2 * width());
    grow(root());
    std::vector<Key>().swap(keys_);
    find_slack();
  }

  std::size_t width() const { return D > 0 ? static_cast<std::size_t>(D) : rows_.d; }
  std::int32_t n_leaves() const { return static_cast<std::int32_t>((rows_.n + LEAF - 1) / LEAF); }
  std::size_t n_nodes() const { return 2 * static_cast<std::size_t>(n_leaves()) - 1; }
  Node root() const { return {0, 0, n_leaves()}; }
  // Calls work with the largest nodes below that have so many leaves at most, from left to right.
  template <typename Work>
  void for_each_part(Node node, std::int32_t most_leaves, Work&& work) const {
    if (node.last - node.first <= most_leaves) return work(node);
    for_each_part(node.left(), most_leaves, work);
    for_each_part(node.right(), most_leaves, work);
  }
  std::int32_t size(Node node) const { return end(node.last) - node.first * LEAF; }
  Bits all(std::int32_t leaf) const { return ~Bits{0} >> (LEAF - (end(leaf + 1) - leaf * LEAF)); }
  std::int32_t given(std::int32_t leaf, int lane) const { return order_[static_cast<std::size_t>(leaf * LEAF + lane)]; }
  double x(std::int32_t row, std::size_t j) const { return rows_.at(row, j); }
  const float* low(std::int32_t node) const { return boxes_.data() + static_cast<std::size_t>(node) * 2 * width(); }
  const float* high(std::int32_t node) const { return low(node) + width(); }
  // A coordinate as it stands in laid out leaves.
  float centered(double x, std::size_t j) const {
    return static_cast<float>(std::clamp(x - center_[j], -FARTHEST, FARTHEST));
  }

  double squared(std::int32_t one, std::int32_t other) const {
    double sum = 0;
    for (std::size_t j = 0; j < width(); ++j) {
      const double gap = x(one, j) - x(other, j);
      sum += gap * gap;
    }
    return sum;
  }

  // Least and most squared distance between any places in the boxes of two nodes.
  double least_squared(std::int32_t one, std::int32_t other) const {
    return sum_of_squares(one, other, [](double above, double below) { return std::max({-above, -below, 0.0}); });
  }
  double most_squared(std::int32_t one, std::int32_t other) const {
    return sum_of_squares(one, other, [](double above, double below) { return std::max(above, below); });
  }

  Limits limits(double squared) const {
    const double reach = std::sqrt(squared), rounding = 1e-7 * static_cast<double>(width() + 8);
    const double least = reach * (1 - rounding) - slack_, most = reach * (1 + rounding) + slack_;
    const bool is_sure = least * least > LEAST && least > 0;
    return {is_sure ? static_cast<float>(least * least) : -1.0F,
            static_cast<float>(std::min(std::max(most * most, LEAST), double{std::numeric_limits<float>::max()}))};
  }

  // Lays out the rows of a leaf: a line and another for each column.
  void lay_out(std::int32_t leaf, FloatLine* lines) const {
    const std::int32_t n = end(leaf + 1) - leaf * LEAF;
    for (int lane = 0; lane < LEAF; ++lane)
      for (std::size_t j = 0; j < width(); ++j)
        lines[2 * j + static_cast<std::size_t>(lane / LANES)].x[lane % LANES] =
            centered(x(given(leaf, std::min(lane, n - 1)), j), j);
  }

 private:
  using Key = std::pair<float, std::int32_t>;
  static constexpr std::int32_t SEEN = 128;         // rows that choose the side to split
  static constexpr std::int32_t MOST_KEYS = 65536;  // rows from which keys would take too much memory
  static constexpr double FARTHEST = 1e15, LEAST = 1e-30;  // floats in between can be squared and added

  std::int32_t end(std::int32_t leaf) const {
    return static_cast<std::int32_t>(std::min<std::int64_t>(std::int64_t{leaf} * LEAF, static_cast<std::int64_t>(rows_.n)));
  }

  // Of a gap by column, made from how far the high side of each node is above the low side of the other.
  template <typename Gap>
  double sum_of_squares(std::int32_t one, std::int32_t other, Gap&& gap_of) const {
    double sum = 0;
    for (std::size_t j = 0; j < width(); ++j) {
      const double gap = gap_of(double{high(one)[j]} - double{low(other)[j]}, double{high(other)[j]} - double{low(one)[j]});
      sum += gap * gap;
    }
    return sum;
  }

  void grow(Node node) {
    if (node.is_leaf()) return enclose(node);
    split(node.first * LEAF, node.middle() * LEAF, end(node.last));
    grow(node.left());
    grow(node.right());
    float* box = boxes_.data() + static_cast<std::size_t>(node.at) * 2 * width();
    for (std::size_t j = 0; j < width(); ++j) {
      box[j] = std::min(low(node.left().at)[j], low(node.right().at)[j]);
      box[width() + j] = std::max(high(node.left().at)[j], high(node.right().at)[j]);
    }
  }

  void split(std::int32_t first, std::int32_t middle, std::int32_t last) {
    const std::size_t side = widest_column(first, last, width(), SEEN, [&](std::int32_t i, std::size_t j) {
      return x(order_[static_cast<std::size_t>(i)], j);
    });
    const auto start = order_.begin();
    if (last - first > MOST_KEYS) {
      std::nth_element(start + first, start + middle, start + last,
                       [&](std::int32_t a, std::int32_t b) { return x(a, side) < x(b, side); });
      return;
    }
    keys_.clear();
    for (std::int32_t i = first; i < last; ++i) {
      const std::int32_t row = order_[static_cast<std::size_t>(i)];
      keys_.emplace_back(static_cast<float>(x(row, side)), row);
    }
    std::nth_element(keys_.begin(), keys_.begin() + (middle - first), keys_.end());
    std::transform(keys_.begin(), keys_.end(), start + first, [](const Key& key) { return key.second; });
  }

  // The box of a leaf, rounded outwards.
  void enclose(Node leaf) {
    float* box = boxes_.data() + static_cast<std::size_t>(leaf.at) * 2 * width();
    for (std::size_t j = 0; j < width(); ++j) {
      double low_ = std::numeric_limits<double>::infinity(), high_ = -low_;
      for (std::int32_t i = leaf.first * LEAF; i < end(leaf.last); ++i) {
        const double value = x(order_[static_cast<std::size_t>(i)], j);
        low_ = std::min(low_, value);
        high_ = std::max(high_, value);
      }
      constexpr float far = std::numeric_limits<float>::infinity();
      const auto low_float = static_cast<float>(low_), high_float = static_cast<float>(high_);
      box[j] = double{low_float} > low_ ? std::nextafter(low_float, -far) : low_float;
      box[width() + j] = double{high_float} < high_ ? std::nextafter(high_float, far) : high_float;
    }
  }

  // How far off a distance of floats can be. Floats that were given are not moved, and so are exact.
  void find_slack() {
    double sum = 0;
    for (std::size_t j = 0; j < width(); ++j) {
      const double low_ = low(0)[j], high_ = high(0)[j];
      if (rows_.floats == nullptr && high_ - low_ < FARTHEST) center_[j] = low_ / 2 + high_ / 2;
      const double farthest = std::max(high_ - center_[j], center_[j] - low_);
      const double off = farthest >= FARTHEST ? std::numeric_limits<double>::infinity()
                         : rows_.floats == nullptr ? farthest * 1.2e-7 : 0.0;
      sum += off * off;
    }
    slack_ = 2 * std::sqrt(sum);
  }

  GivenRows rows_;
  std::vector<std::int32_t> order_;
  std::vector<double> center_;
  double slack_ = 0;
  std::vector<float> boxes_;  // per node: low sides, high sides
  std::vector<Key> keys_;
};

}  // namespace coterie
