// Equal rows, found once: kernels whose work grows with the square of the copies of a row run on distinct rows.
//
// Idea: an open-addressing table of the hashes of rows; a row belongs to the first row that equals it.
// Cost: O(n d), 8 n bytes while it runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace coterie {

struct Distinct {
  std::vector<std::int32_t> first;  // the first row of every kind, in order of appearance
  std::vector<std::int32_t> kind;   // the kind of every row, a place in `first`
};

inline std::uint64_t hash_of_row(const double* row, std::size_t d) {
  std::uint64_t hash = 0x9E3779B97F4A7C15ull;
  for (std::size_t j = 0; j < d; ++j) {
    const double value = row[j] == 0.0 ? 0.0 : row[j];  // 0 equals -0
    std::uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    hash = (hash ^ bits) * 0xBF58476D1CE4E5B9ull;
    hash ^= hash >> 32;
  }
  return hash;
}

inline bool same_row(const double* a, const double* b, std::size_t d) {
  for (std::size_t j = 0; j < d; ++j)
    if (a[j] != b[j]) return false;
  return true;
}

inline Distinct distinct_rows(const double* X, std::size_t n, std::size_t d) {
  std::size_t n_slots = 2;
  while (n_slots < 2 * n) n_slots *= 2;
  std::vector<std::int32_t> slots(n_slots, -1);
  Distinct found;
  found.kind.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double* row = X + i * d;
    std::size_t slot = hash_of_row(row, d) & (n_slots - 1);
    while (slots[slot] >= 0) {
      const auto other = static_cast<std::size_t>(found.first[static_cast<std::size_t>(slots[slot])]);
      if (same_row(X + other * d, row, d)) break;
      slot = (slot + 1) & (n_slots - 1);
    }
    if (slots[slot] < 0) {
      slots[slot] = static_cast<std::int32_t>(found.first.size());
      found.first.push_back(static_cast<std::int32_t>(i));
    }
    found.kind[i] = slots[slot];
  }
  return found;
}

}  // namespace coterie
