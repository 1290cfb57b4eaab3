// A kd-tree of weighted points with sixteen children a node, whose points may move and vanish.
//
// Idea: kd splits at multiples of sixteen put the points in leaf order; the nodes above are then implied, sixteen
// leaves or nodes each, and all sixteen children of a node are judged at once. Boxes are float32, rounded outwards;
// points stay float64, so that what is found is exact. A box also knows its smallest weight: the Ward distance
// d2 / (1/w + 1/v) to anything in it is at least d2(box) / (1/w + 1/smallest).
// Cost: O(n log n) to build, O(n) to refit, O(n) memory.
// Source: Bentley (1975), CACM 18(9); wide nodes after Wald, Benthin, Boulos (2008), Getting rid of packets, IRT.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <type_traits>
#include <utility>
#include <vector>

#include "dimension.h"
#include "lanes.h"

namespace coterie {

template <int D>
class WideTree {
 public:
  template <typename T>
  using Row = std::conditional_t<(D > 0), std::array<T, static_cast<std::size_t>(D > 0 ? D : 1)>, std::vector<T>>;

  // A point that looks for its neighbour: its place as numbers and as an interval of floats.
  struct Probe {
    Row<double> point;
    Row<float> low, high;
    double inverse;  // 1 / weight
  };

  explicit WideTree(std::size_t d) : d_(d) {}

  std::size_t width() const { return D > 0 ? static_cast<std::size_t>(D) : d_; }
  double& coordinate(std::int32_t slot, std::size_t j) { return line(slot / LANES, j).x[slot % LANES]; }
  double& inverse(std::int32_t slot) { return line(slot / LANES, width()).x[slot % LANES]; }

  Probe probe() const {
    Probe made;
    if constexpr (D == 0) {
      made.point.resize(d_);
      made.low.resize(d_);
      made.high.resize(d_);
    }
    return made;
  }

  void aim(Probe& probe, std::int32_t slot) {
    for (std::size_t j = 0; j < width(); ++j) probe.point[j] = coordinate(slot, j);
    aim(probe, inverse(slot));
  }
  void aim(Probe& probe, const double* point, double inverse) {
    std::copy_n(point, width(), probe.point.begin());
    aim(probe, inverse);
  }

  double squared(const Probe& probe, std::int32_t slot) {
    double sum = 0;
    for (std::size_t j = 0; j < width(); ++j) {
      const double gap = coordinate(slot, j) - probe.point[j];
      sum += gap * gap;
    }
    return sum;
  }

  // Takes the points (rows of d) and their 1 / weight; returns which point stands in each slot.
  std::vector<std::int32_t> build(const std::vector<double>& points, const std::vector<double>& inverses) {
    n_slots_ = static_cast<std::int32_t>(inverses.size());
    std::vector<std::int32_t> order(inverses.size());
    std::iota(order.begin(), order.end(), 0);
    std::int32_t step = LANES;
    while (step < n_slots_ / LANES) step *= LANES;
    keys_.resize(inverses.size());
    arrange(points, order, {0, n_slots_}, step);
    lay_out(points, inverses, order);
    refit();
    return order;
  }

  // A point that is no more: infinitely far from everything.
  void vanish(std::int32_t slot) {
    for (std::size_t j = 0; j < width(); ++j) coordinate(slot, j) = std::numeric_limits<double>::infinity();
  }

  // Boxes anew after points moved or vanished.
  void refit() {
    enclose_leaves();
    for (std::size_t level = 1; level < levels_.size(); ++level) enclose_nodes(level);
  }

  // Shows the visitor every slot whose d2 / (1/w + 1/v) may be within its limit, near ones first. A visitor has
  // limit() -> double, which may fall, and meet(slot, squared, inverse); `start` is a slot near the probe, or -1.
  template <typename Visitor>
  COTERIE_INLINE void search(const Probe& probe, std::int32_t start, Visitor& visitor) const {
    Waiting waiting[16 * LANES];
    std::int32_t child = start < 0 ? -1 : start / LANES;
    if (child >= 0) scan(child, probe, visitor);
    const std::size_t first = child < 0 ? levels_.size() - 1 : 0;
    for (std::size_t level = first; level < levels_.size(); ++level) {
      const std::int32_t node = child < 0 ? 0 : child / LANES;
      std::size_t n_waiting = 0;
      open(level, node, child < 0 ? ~0U : ~(1U << (child % LANES)), probe, visitor.limit(), waiting, n_waiting);
      while (n_waiting > 0) {
        const Waiting next = waiting[--n_waiting];
        if (static_cast<double>(next.bound) > visitor.limit()) continue;
        if (next.level == 0)
          scan(next.at, probe, visitor);
        else
          open(static_cast<std::size_t>(next.level - 1), next.at, ~0U, probe, visitor.limit(), waiting, n_waiting);
      }
      child = node;
    }
  }

 private:
  struct Waiting {
    float bound;
    std::int32_t level, at;  // level 0: a leaf
  };
  struct Range {
    std::int32_t first, last;
  };
  static constexpr float WIDEN = 1.2e-7F;          // more than half a unit in the last place of a float
  static constexpr float SHRINK = 1.0F - 1e-5F;    // more than the rounding of a sum of squares of floats
  static constexpr double FARTHEST = std::numeric_limits<float>::max() / 4;
  static constexpr std::int32_t SEEN = 128;        // points that choose the side to split

  DoubleLine& line(std::int32_t leaf, std::size_t j) {
    return leaves_[static_cast<std::size_t>(leaf) * (width() + 1) + j];
  }
  const DoubleLine& line(std::int32_t leaf, std::size_t j) const {
    return leaves_[static_cast<std::size_t>(leaf) * (width() + 1) + j];
  }
  static std::int32_t n_groups(std::int32_t n) { return (n + LANES - 1) / LANES; }

  void aim(Probe& probe, double inverse) {
    probe.inverse = inverse;
    for (std::size_t j = 0; j < width(); ++j) {
      const auto near = static_cast<float>(probe.point[j]);
      const float slack = std::fabs(near) * WIDEN;
      probe.low[j] = near - slack;
      probe.high[j] = near + slack;
    }
  }

  void arrange(const std::vector<double>& points, std::vector<std::int32_t>& order, Range range, std::int32_t step) {
    std::int32_t n_parts = (range.last - range.first + step - 1) / step;
    while (n_parts <= 1 && step > LANES) {
      step /= LANES;
      n_parts = (range.last - range.first + step - 1) / step;
    }
    if (n_parts <= 1) return;
    const std::int32_t middle = range.first + n_parts / 2 * step;
    const std::size_t side = widest_column(range.first, range.last, width(), SEEN, [&](std::int32_t i, std::size_t j) {
      return points[static_cast<std::size_t>(order[static_cast<std::size_t>(i)]) * width() + j];
    });
    for (std::int32_t i = range.first; i < range.last; ++i) {
      const std::int32_t row = order[static_cast<std::size_t>(i)];
      keys_[static_cast<std::size_t>(i)] = {static_cast<float>(points[static_cast<std::size_t>(row) * width() + side]),
                                            row};
    }
    std::nth_element(keys_.begin() + range.first, keys_.begin() + middle, keys_.begin() + range.last);
    for (std::int32_t i = range.first; i < range.last; ++i)
      order[static_cast<std::size_t>(i)] = keys_[static_cast<std::size_t>(i)].second;
    arrange(points, order, {range.first, middle}, step);
    arrange(points, order, {middle, range.last}, step);
  }

  void lay_out(const std::vector<double>& points, const std::vector<double>& inverses,
               const std::vector<std::int32_t>& order) {
    const std::int32_t n_leaves = n_groups(n_slots_);
    leaves_.resize(static_cast<std::size_t>(n_leaves) * (width() + 1));
    for (std::int32_t slot = 0; slot < n_leaves * LANES; ++slot) {
      inverse(slot) = 1;
      if (slot >= n_slots_) {
        vanish(slot);
        continue;
      }
      const auto row = static_cast<std::size_t>(order[static_cast<std::size_t>(slot)]);
      inverse(slot) = inverses[row];
      for (std::size_t j = 0; j < width(); ++j) coordinate(slot, j) = points[row * width() + j];
    }
    levels_.clear();
    std::int32_t n_children = n_leaves;
    do {
      n_children = n_groups(n_children);
      levels_.emplace_back(static_cast<std::size_t>(n_children) * (2 * width() + 1));
    } while (n_children > 1);
  }

  // Position of a box side in its level: side j < d is the low one, d <= j < 2d the high one, 2d the largest 1 / weight.
  float& box(std::size_t level, std::int32_t child, std::size_t side) {
    return levels_[level][static_cast<std::size_t>(child / LANES) * (2 * width() + 1) + side].x[child % LANES];
  }

  void enclose_leaves() {
    const std::int32_t n_leaves = n_groups(n_slots_), n_boxes = n_groups(n_leaves) * LANES;
    for (std::int32_t leaf = 0; leaf < n_boxes; ++leaf) {
      const bool there = leaf < n_leaves;
      for (std::size_t j = 0; j < width(); ++j) {
        const auto [low, high] = there ? span(line(leaf, j)) : nothing();
        box(0, leaf, j) = static_cast<float>(low) - std::fabs(static_cast<float>(low)) * WIDEN;
        box(0, leaf, width() + j) = static_cast<float>(high) + std::fabs(static_cast<float>(high)) * WIDEN;
      }
      box(0, leaf, 2 * width()) = there ? lightest(leaf) * (1 + WIDEN) : 1.0F;
    }
  }

  static std::pair<double, double> nothing() {
    return {FARTHEST, -FARTHEST};
  }

  static std::pair<double, double> span(const DoubleLine& line) {
    auto [low, high] = nothing();
    for (const double x : line.x) {
      low = std::min(low, x);
      high = std::max(high, x == std::numeric_limits<double>::infinity() ? high : x);
    }
    return {low, high};
  }

  // One bit for each lane of a leaf that holds a point: without a limit, infinitely far is not too far.
  unsigned there(std::int32_t leaf) const {
    const std::int32_t n = n_slots_ - leaf * LANES;
    return n < LANES ? (1U << n) - 1 : ~0U;
  }

  float lightest(std::int32_t leaf) const {
    const DoubleLine &alive = line(leaf, 0), &inverses = line(leaf, width());
    double largest = 0;
    for (std::int32_t i = 0; i < LANES; ++i)
      if (alive.x[i] != std::numeric_limits<double>::infinity()) largest = std::max(largest, inverses.x[i]);
    return static_cast<float>(largest);
  }

  void enclose_nodes(std::size_t level) {
    const auto n_nodes = static_cast<std::int32_t>(levels_[level - 1].size() / (2 * width() + 1));
    for (std::int32_t node = 0; node < n_groups(n_nodes) * LANES; ++node)
      for (std::size_t side = 0; side <= 2 * width(); ++side) {
        const bool is_low = side < width();
        auto outer = static_cast<float>(is_low ? FARTHEST : side < 2 * width() ? -FARTHEST : 0.0);
        if (node < n_nodes)
          for (std::int32_t child = node * LANES; child < (node + 1) * LANES; ++child)
            outer = is_low ? std::min(outer, box(level - 1, child, side)) : std::max(outer, box(level - 1, child, side));
        box(level, node, side) = outer;
      }
  }

  // Puts the children of a node that may be within the limit on the stack, the nearest on top.
  COTERIE_INLINE void open(std::size_t level, std::int32_t node, unsigned wanted, const Probe& probe, double limit,
                           Waiting* waiting, std::size_t& n_waiting) const {
    const FloatLine* lines = levels_[level].data() + static_cast<std::size_t>(node) * (2 * width() + 1);
    const float inverse = static_cast<float>(probe.inverse) * (1 + WIDEN);
    FloatLine bounds;
    for (int i = 0; i < FLOAT_PARTS; ++i) {
      Floats sum = {};
      for (std::size_t j = 0; j < width(); ++j) {
        const Floats below = part(lines[j], i) - probe.high[j], above = probe.low[j] - part(lines[width() + j], i);
        Floats gap = below > above ? below : above;
        gap = gap > 0.0F ? gap : Floats{};
        sum += gap * gap;
      }
      part(bounds, i) = sum * SHRINK / (part(lines[2 * width()], i) + inverse);
    }
    // Never infinite: that is the distance of children that are not there.
    const auto reach = static_cast<float>(std::min(limit * (1 + 1e-6), FARTHEST));
    unsigned near = at_most(bounds, reach) & wanted;
    const std::size_t first = n_waiting;
    while (near != 0) {
      const int lane = __builtin_ctz(near);
      near &= near - 1;
      const float bound = bounds.x[lane];
      std::size_t place = n_waiting++;
      for (; place > first && waiting[place - 1].bound < bound; --place) waiting[place] = waiting[place - 1];
      waiting[place] = {bound, static_cast<std::int32_t>(level), node * LANES + lane};
    }
  }

  template <typename Visitor>
  COTERIE_INLINE void scan(std::int32_t leaf, const Probe& probe, Visitor& visitor) const {
    const DoubleLine* lines = leaves_.data() + static_cast<std::size_t>(leaf) * (width() + 1);
    const DoubleLine& inverses = lines[width()];
    const double limit = visitor.limit() * (1 + 1e-15);
    DoubleLine squared, reach;
    for (int i = 0; i < DOUBLE_PARTS; ++i) {
      Doubles sum = {};
      for (std::size_t j = 0; j < width(); ++j) {
        const Doubles gap = part(lines[j], i) - probe.point[j];
        sum += gap * gap;
      }
      part(squared, i) = sum;
      part(reach, i) = limit * (part(inverses, i) + probe.inverse);
    }
    unsigned near = at_most(squared, reach) & there(leaf);
    while (near != 0) {
      const int lane = __builtin_ctz(near);
      near &= near - 1;
      visitor.meet(leaf * LANES + lane, squared.x[lane], inverses.x[lane]);
    }
  }

  std::size_t d_;
  std::int32_t n_slots_ = 0;
  std::vector<DoubleLine> leaves_;             // per leaf: a line a column, then 1 / weight
  std::vector<std::vector<FloatLine>> levels_;  // per node: low sides, high sides, largest 1 / weight of its children
  std::vector<std::pair<float, std::int32_t>> keys_;
};

}  // namespace coterie
