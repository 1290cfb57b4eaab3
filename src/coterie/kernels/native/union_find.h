// Sets that only ever join.
//
// Idea: every member points towards the root of its set, the smallest member; paths are halved while they are walked.
// Cost: practically O(1) a step. Source: Tarjan, van Leeuwen (1984), Worst-case analysis of set union algorithms, JACM 31(2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace coterie {

class UnionFind {
 public:
  explicit UnionFind(std::size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), 0); }

  std::int32_t root(std::int32_t member) {
    while (parent(member) != member) {
      parent(member) = parent(parent(member));
      member = parent(member);
    }
    return member;
  }

  // Whether the two were in different sets before.
  bool join(std::int32_t a, std::int32_t b) {
    a = root(a);
    b = root(b);
    if (a == b) return false;
    if (b < a) std::swap(a, b);
    parent(b) = a;
    return true;
  }

  // The root of every member; the sets are given up.
  std::vector<std::int32_t> roots() && {
    for (std::int32_t& above : parent_) above = parent(above);  // a parent is smaller, and so was done before
    return std::move(parent_);
  }

 private:
  std::int32_t& parent(std::int32_t member) { return parent_[static_cast<std::size_t>(member)]; }

  std::vector<std::int32_t> parent_;
};

}  // namespace coterie
