// Sixteen numbers at once, and functions compiled for processors with AVX2 and for those without.
//
// The sums of a lane are added in the order they are written: either gives the same numbers.
#pragma once

#include <cstddef>
#include <cstdint>

#pragma GCC diagnostic ignored "-Wpsabi"  // the vectors below never leave inlined functions

namespace coterie {

#define COTERIE_INLINE inline __attribute__((always_inline))

inline constexpr std::int32_t LANES = 16;

using Floats = float __attribute__((vector_size(32), may_alias));    // 8
using Doubles = double __attribute__((vector_size(32), may_alias));  // 4
using Ints = std::int32_t __attribute__((vector_size(32)));
using Longs = std::int64_t __attribute__((vector_size(32)));

// A vector of T that may stand anywhere in memory.
template <typename T>
struct Loose;
template <>
struct Loose<float> {
  using Vector = float __attribute__((vector_size(32), may_alias, aligned(4)));
};
template <>
struct Loose<double> {
  using Vector = double __attribute__((vector_size(32), may_alias, aligned(8)));
};

struct alignas(64) FloatLine {
  float x[LANES];
};
struct alignas(64) DoubleLine {
  double x[LANES];
};

inline constexpr int FLOAT_PARTS = 2, DOUBLE_PARTS = 4;  // vectors in a line

COTERIE_INLINE const Floats& part(const FloatLine& line, int i) {
  return *reinterpret_cast<const Floats*>(line.x + 8 * i);
}
COTERIE_INLINE const Doubles& part(const DoubleLine& line, int i) {
  return *reinterpret_cast<const Doubles*>(line.x + 4 * i);
}
COTERIE_INLINE Floats& part(FloatLine& line, int i) { return *reinterpret_cast<Floats*>(line.x + 8 * i); }
COTERIE_INLINE Doubles& part(DoubleLine& line, int i) { return *reinterpret_cast<Doubles*>(line.x + 4 * i); }

// One bit for each lane of a line at which left[i] <= right[i].
COTERIE_INLINE unsigned at_most(const FloatLine& left, float right) {
  Ints m = (part(left, 0) <= right) & Ints{1, 2, 4, 8, 16, 32, 64, 128};
  m |= (part(left, 1) <= right) & Ints{256, 512, 1024, 2048, 4096, 8192, 16384, 32768};
  m |= __builtin_shuffle(m, Ints{4, 5, 6, 7, 0, 1, 2, 3});
  m |= __builtin_shuffle(m, Ints{2, 3, 0, 1, 6, 7, 4, 5});
  return static_cast<unsigned>(m[0] | m[1]);
}
COTERIE_INLINE unsigned at_most(const DoubleLine& left, const DoubleLine& right) {
  Longs m = (part(left, 0) <= part(right, 0)) & Longs{1, 2, 4, 8};
  m |= (part(left, 1) <= part(right, 1)) & Longs{16, 32, 64, 128};
  m |= (part(left, 2) <= part(right, 2)) & Longs{256, 512, 1024, 2048};
  m |= (part(left, 3) <= part(right, 3)) & Longs{4096, 8192, 16384, 32768};
  m |= __builtin_shuffle(m, Longs{2, 3, 0, 1});
  return static_cast<unsigned>(m[0] | m[1]);
}

#if defined(__x86_64__) && defined(__GNUC__)
template <typename Work>
__attribute__((target("arch=x86-64-v3"), flatten, noinline)) void run_v3(Work& work) {
  work();
}
#endif

// Runs work(), which must not call itself, with AVX2 where the processor has it. Call it inside parallel regions.
template <typename Work>
void run_wide(Work&& work) {
#if defined(__x86_64__) && defined(__GNUC__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
    return run_v3(work);
#endif
  work();
}

}  // namespace coterie
