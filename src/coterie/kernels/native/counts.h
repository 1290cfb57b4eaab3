// How much the kernels looked at since it was last asked: tests hold it to a bound, because a slower way shows in
// counts on any machine and in seconds on none.
//
// Loops count for themselves and add to these once per slab, so that counting costs nothing.
#pragma once

#include <atomic>
#include <cstdint>

namespace coterie {

using Count = std::atomic<std::uint64_t>;

struct Counts {
  Count ward_rounds{0}, ward_searches{0}, dbscan_distances{0}, neighbors_distances{0};
};

inline Counts counts;

}  // namespace coterie
