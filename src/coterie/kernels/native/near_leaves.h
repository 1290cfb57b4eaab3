// The leaves near a group of rows: which they are, and their rows laid out for a quick look.
//
// Idea: a group of rows lists the leaves near it once; each leaf of the group chooses its own among them, sixteen boxes
// at a time, those with the nearest middle first. The leaves that were laid out last are kept, because the next group
// looks at much the same.
// Cost: of a list, its length; a few MB are kept.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "lanes.h"
#include "leaf_tree.h"

namespace coterie {

// One bit for each row of a leaf whose squared distance is that at most.
COTERIE_INLINE std::uint32_t either_at_most(const FloatLine* squared, float most) {
  return at_most(squared[0], most) | at_most(squared[1], most) << LANES;
}

// Squared distances in floats between a row of a leaf and all rows of another, both laid out.
COTERIE_INLINE void measure_rows(const FloatLine* own, int lane, const FloatLine* lines, std::size_t width,
                                 FloatLine* squared) {
  Floats sums[2 * FLOAT_PARTS] = {};
  for (std::size_t j = 0; j < width; ++j) {
    const float x = own[2 * j + static_cast<std::size_t>(lane / LANES)].x[lane % LANES];
    for (int i = 0; i < 2 * FLOAT_PARTS; ++i) {
      const Floats gap = part(lines[2 * j + static_cast<std::size_t>(i / FLOAT_PARTS)], i % FLOAT_PARTS) - x;
      sums[i] += gap * gap;
    }
  }
  for (int i = 0; i < 2 * FLOAT_PARTS; ++i) part(squared[i / FLOAT_PARTS], i % FLOAT_PARTS) = sums[i];
}

// The leaves that were laid out last: one such store for each thread.
template <int D>
class LaidOutLeaves {
 public:
  explicit LaidOutLeaves(const LeafTree<D>& tree)
      : tree_(tree), owners_(std::clamp<std::size_t>(BYTES / n_bytes(), 64, MOST), -1),
        slots_(static_cast<std::size_t>(tree.n_leaves()), 0), lines_(owners_.size() * 2 * tree.width()) {}

  // Stands until the next call.
  COTERIE_INLINE const FloatLine* at(std::int32_t leaf) {
    std::int32_t& slot = slots_[static_cast<std::size_t>(leaf)];
    if (owners_[static_cast<std::size_t>(slot)] != leaf) slot = take(leaf);
    return lines_.data() + static_cast<std::size_t>(slot) * 2 * tree_.width();
  }

 private:
  static constexpr std::size_t BYTES = 1 << 23, MOST = 8192;

  std::size_t n_bytes() const { return 2 * tree_.width() * sizeof(FloatLine); }

  __attribute__((noinline)) std::int32_t take(std::int32_t leaf) {
    const std::size_t slot = next_;
    next_ = (next_ + 1) % owners_.size();
    owners_[slot] = leaf;
    tree_.lay_out(leaf, lines_.data() + slot * 2 * tree_.width());
    return static_cast<std::int32_t>(slot);
  }

  const LeafTree<D>& tree_;
  std::vector<std::int32_t> owners_, slots_;
  std::vector<FloatLine> lines_;
  std::size_t next_ = 0;
};

template <int D>
class NearLeaves {
 public:
  // How far the middle of a listed leaf is, squared, and where it stands in the list.
  using Chosen = std::pair<float, std::int32_t>;

  explicit NearLeaves(const LeafTree<D>& tree) : tree_(tree), low_(tree.width()), high_(tree.width()) {}

  void clear() {
    leaves_.clear();
    boxes_.clear();
    sides_.clear();
    n_rows_ = 0;
  }

  void add(typename LeafTree<D>::Node leaf) {
    const std::size_t lane = leaves_.size() % LANES, width = tree_.width();
    if (lane == 0) boxes_.resize(boxes_.size() + 2 * width);
    FloatLine* lines = boxes_.data() + boxes_.size() - 2 * width;
    for (std::size_t j = 0; j < width; ++j) {
      lines[j].x[lane] = tree_.centered(double{tree_.low(leaf.at)[j]}, j);
      lines[width + j].x[lane] = tree_.centered(double{tree_.high(leaf.at)[j]}, j);
      sides_.insert(sides_.end(), {lines[j].x[lane], lines[width + j].x[lane]});
    }
    leaves_.push_back(leaf.first);
    n_rows_ += tree_.size(leaf);
  }

  std::int64_t n_rows() const { return n_rows_; }
  std::int32_t leaf(Chosen chosen) const { return leaves_[static_cast<std::size_t>(chosen.second)]; }
  const std::vector<Chosen>& chosen() const { return chosen_; }

  // Chooses the leaves that may hold rows within reach of rows of `own`, nearest middle first. Those that lie
  // wholly within reach of all of them are not chosen if they are counted: how many rows they have is returned.
  COTERIE_INLINE std::int32_t choose(std::int32_t own, typename LeafTree<D>::Limits limits, bool is_counted) {
    for (std::size_t j = 0; j < tree_.width(); ++j) {
      low_[j] = tree_.centered(double{tree_.low(own)[j]}, j);
      high_[j] = tree_.centered(double{tree_.high(own)[j]}, j);
    }
    chosen_.clear();
    std::int32_t n_counted = 0;
    for (std::size_t start = 0; start < leaves_.size(); start += LANES) {
      FloatLine least, most, middle;
      judge(boxes_.data() + start / LANES * 2 * tree_.width(), least, most, middle);
      const std::size_t n = leaves_.size() - start;
      const unsigned there = n < LANES ? (1U << n) - 1 : ~0U, whole = is_counted ? at_most(most, limits.inside) : 0;
      for (unsigned near = at_most(least, limits.outside) & there; near != 0; near &= near - 1) {
        const int lane = __builtin_ctz(near);
        const auto place = static_cast<std::int32_t>(start) + lane;
        if ((whole >> lane & 1) != 0)
          n_counted += __builtin_popcount(tree_.all(leaves_[static_cast<std::size_t>(place)]));
        else
          chosen_.emplace_back(middle.x[lane], place);
      }
    }
    sort(4.0F * limits.outside);
    return n_counted;
  }

  // Least squared distances of the rows of a leaf, laid out, to the box of a chosen leaf.
  COTERIE_INLINE void measure(const FloatLine* rows, Chosen chosen, FloatLine* squared) const {
    const std::size_t width = tree_.width();
    const float* sides = sides_.data() + static_cast<std::size_t>(chosen.second) * 2 * width;
    Floats sums[2 * FLOAT_PARTS] = {};
    for (std::size_t j = 0; j < width; ++j)
      for (int i = 0; i < 2 * FLOAT_PARTS; ++i) {
        const Floats x = part(rows[2 * j + static_cast<std::size_t>(i / FLOAT_PARTS)], i % FLOAT_PARTS);
        const Floats gap = larger(larger(sides[2 * j] - x, x - sides[2 * j + 1]), Floats{});
        sums[i] += gap * gap;
      }
    for (int i = 0; i < 2 * FLOAT_PARTS; ++i) part(squared[i / FLOAT_PARTS], i % FLOAT_PARTS) = sums[i];
  }

 private:
  static COTERIE_INLINE Floats larger(Floats a, Floats b) { return a > b ? a : b; }

  // By how far the middles are, in steps of a quarter of what is within reach.
  COTERIE_INLINE void sort(float reach) {
    constexpr std::size_t N_STEPS = 16;
    const auto step = [&](const Chosen& chosen) {
      return static_cast<std::size_t>(std::min(chosen.first / reach * 4.0F, static_cast<float>(N_STEPS - 1)));
    };
    std::size_t starts[N_STEPS + 1] = {};
    for (const Chosen& chosen : chosen_) ++starts[step(chosen) + 1];
    for (std::size_t i = 1; i < N_STEPS; ++i) starts[i] += starts[i - 1];
    sorted_.resize(chosen_.size());
    for (const Chosen& chosen : chosen_) sorted_[starts[step(chosen)]++] = chosen;
    chosen_.swap(sorted_);
  }

  // Least and most squared distances to sixteen boxes, and those of their middles, four times.
  COTERIE_INLINE void judge(const FloatLine* boxes, FloatLine& least, FloatLine& most, FloatLine& middle) const {
    const std::size_t width = tree_.width();
    for (int i = 0; i < FLOAT_PARTS; ++i) {
      Floats near = {}, far = {}, between = {};
      for (std::size_t j = 0; j < width; ++j) {
        const Floats above = part(boxes[j], i) - high_[j], below = low_[j] - part(boxes[width + j], i);
        const Floats gap = larger(larger(above, below), Floats{});
        near += gap * gap;
        const Floats up = part(boxes[width + j], i) - low_[j], down = high_[j] - part(boxes[j], i);
        const Floats widest = larger(up, down), shift = up - down;
        far += widest * widest;
        between += shift * shift;
      }
      part(least, i) = near;
      part(most, i) = far;
      part(middle, i) = between;
    }
  }

  const LeafTree<D>& tree_;
  std::vector<std::int32_t> leaves_;
  std::vector<FloatLine> boxes_;  // of sixteen leaves: low sides, high sides
  std::vector<float> sides_;      // of a leaf: low and high by column
  std::vector<float> low_, high_;
  std::vector<Chosen> chosen_, sorted_;
  std::int64_t n_rows_ = 0;
};

}  // namespace coterie
