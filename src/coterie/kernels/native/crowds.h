// Rows in crowds of sixteen that stand side by side, and boxes around crowds and around ranges of crowds.
//
// Idea: the rows come in an order in which neighbours are near each other (`near_order`) and stay in it; a range is
// halved at a multiple of 16, 256, 4096 ... rows, as the order was made. Any order is right, a good one is quick.
// Crowds are kept turned on their side, so that a row meets all sixteen at once; what is past the last row is that row.
// Cost: O(n d) time and memory.
// Source: see wide_tree.h.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "dimension.h"
#include "lanes.h"

namespace coterie {

template <int D>
class Crowds {
 public:
  struct Node {
    std::int32_t first, last;  // rows
    std::int32_t left, right;  // positions of the children, which come later; -1 in a crowd
    bool is_crowd() const { return left < 0; }
    std::int32_t size() const { return last - first; }
  };

  // The rows, of d columns, must outlive this.
  Crowds(const double* rows, std::int32_t n, std::size_t d) : rows_(rows), n_(n), d_(d) {
    const auto n_crowds = static_cast<std::size_t>((n + LANES - 1) / LANES);
    lines_.resize(n_crowds * width());
    nodes_.reserve(2 * n_crowds);
    boxes_.reserve(2 * n_crowds * 2 * n_quads());
    std::int32_t step = LANES;
    while (step < n / LANES) step *= LANES;
    run_wide([this] { turn(); });
    grow(0, n, step);
  }

  std::size_t width() const { return D > 0 ? static_cast<std::size_t>(D) : d_; }
  const std::vector<Node>& nodes() const { return nodes_; }
  const Node& node(std::int32_t at) const { return nodes_[static_cast<std::size_t>(at)]; }
  const double* row(std::int32_t i) const { return rows_ + static_cast<std::size_t>(i) * width(); }
  double low(std::int32_t node, std::size_t j) const { return quads(node)[j / QUAD][j % QUAD]; }
  double high(std::int32_t node, std::size_t j) const { return quads(node)[n_quads() + j / QUAD][j % QUAD]; }

  // No two rows of the nodes are nearer.
  COTERIE_INLINE double least_squared(std::int32_t a, std::int32_t b) const {
    const LooseQuad *one = quads(a), *other = quads(b);
    Doubles sum = {};
    for (std::size_t q = 0; q < n_quads(); ++q) {
      const Doubles below = one[q] - other[n_quads() + q], above = other[q] - one[n_quads() + q];
      Doubles gap = below > above ? below : above;
      gap = gap > 0.0 ? gap : Doubles{};
      sum += gap * gap;
    }
    return ((sum[0] + sum[2]) + (sum[1] + sum[3])) * SHRINK;
  }

  // No row of the node is farther from the point.
  double most_squared(std::int32_t node, const double* point) const {
    double sum = 0;
    for (std::size_t j = 0; j < width(); ++j) {
      const double gap = std::max(point[j] - low(node, j), high(node, j) - point[j]);
      sum += gap * gap;
    }
    return sum;
  }

  // Squared distances of a point to the rows of a crowd.
  COTERIE_INLINE DoubleLine squared(std::int32_t crowd, const double* point) const {
    const DoubleLine* lines = lines_of(crowd);
    DoubleLine found;
    for (int i = 0; i < DOUBLE_PARTS; ++i) {
      Doubles sum = {};
      for (std::size_t j = 0; j < width(); ++j) {
        const Doubles gap = part(lines[j], i) - point[j];
        sum += gap * gap;
      }
      part(found, i) = sum;
    }
    return found;
  }

  // Least squared distances of the rows of a crowd to the box of a node.
  COTERIE_INLINE DoubleLine least_squared_of_rows(std::int32_t crowd, std::int32_t node) const {
    const DoubleLine* lines = lines_of(crowd);
    DoubleLine found;
    for (int i = 0; i < DOUBLE_PARTS; ++i) {
      Doubles sum = {};
      for (std::size_t j = 0; j < width(); ++j) {
        const Doubles below = low(node, j) - part(lines[j], i), above = part(lines[j], i) - high(node, j);
        Doubles gap = below > above ? below : above;
        gap = gap > 0.0 ? gap : Doubles{};
        sum += gap * gap;
      }
      part(found, i) = sum;
    }
    return found;
  }

 private:
  static constexpr std::size_t QUAD = 4;
  static constexpr double SHRINK = 1.0 - 1e-14;  // more than the rounding of a sum in another order
  using LooseQuad = Loose<double>::Vector;

  std::size_t n_quads() const { return (width() + QUAD - 1) / QUAD; }
  const LooseQuad* quads(std::int32_t node) const {
    return reinterpret_cast<const LooseQuad*>(boxes_.data()) + static_cast<std::size_t>(node) * 2 * n_quads();
  }
  LooseQuad* quads(std::int32_t node) {
    return reinterpret_cast<LooseQuad*>(boxes_.data()) + static_cast<std::size_t>(node) * 2 * n_quads();
  }
  const DoubleLine* lines_of(std::int32_t crowd) const {
    return lines_.data() + static_cast<std::size_t>(node(crowd).first / LANES) * width();
  }

  COTERIE_INLINE void turn() {
    DoubleLine* lines = lines_.data();
    for (std::int32_t first = 0; first < n_; first += LANES, lines += width())
      for (std::int32_t lane = 0; lane < LANES; ++lane) {
        const double* from = row(std::min(first + lane, n_ - 1));
        for (std::size_t j = 0; j < width(); ++j) lines[j].x[lane] = from[j];
      }
  }

  std::int32_t grow(std::int32_t first, std::int32_t last, std::int32_t step) {
    const auto at = static_cast<std::int32_t>(nodes_.size());
    nodes_.push_back({first, last, -1, -1});
    boxes_.resize(boxes_.size() + 2 * n_quads() * QUAD);
    while (step > LANES && last - first <= step) step /= LANES;
    const std::int32_t n_parts = (last - first + step - 1) / step;
    if (n_parts <= 1) {
      enclose_rows(at);
      return at;
    }
    const std::int32_t middle = first + n_parts / 2 * step;
    const std::int32_t left = grow(first, middle, step), right = grow(middle, last, step);
    nodes_[static_cast<std::size_t>(at)].left = left;
    nodes_[static_cast<std::size_t>(at)].right = right;
    for (std::size_t q = 0; q < n_quads(); ++q) {
      const Doubles low_ = quads(left)[q], low_2 = quads(right)[q];
      const Doubles high_ = quads(left)[n_quads() + q], high_2 = quads(right)[n_quads() + q];
      quads(at)[q] = low_ < low_2 ? low_ : low_2;
      quads(at)[n_quads() + q] = high_ > high_2 ? high_ : high_2;
    }
    return at;
  }

  void enclose_rows(std::int32_t crowd) {
    const DoubleLine* lines = lines_of(crowd);
    double *low_ = reinterpret_cast<double*>(quads(crowd)), *high_ = low_ + n_quads() * QUAD;
    for (std::size_t j = 0; j < width(); ++j) {
      Doubles least = part(lines[j], 0), most = least;
      for (int i = 1; i < DOUBLE_PARTS; ++i) {
        const Doubles& x = part(lines[j], i);
        least = x < least ? x : least;
        most = x > most ? x : most;
      }
      low_[j] = std::min(std::min(least[0], least[1]), std::min(least[2], least[3]));
      high_[j] = std::max(std::max(most[0], most[1]), std::max(most[2], most[3]));
    }
  }

  const double* rows_;
  std::int32_t n_;
  std::size_t d_;
  std::vector<DoubleLine> lines_;  // a line a column for every crowd
  std::vector<Node> nodes_;
  std::vector<double> boxes_;  // low sides, then high ones, each filled up to whole quads with 0
};

}  // namespace coterie
