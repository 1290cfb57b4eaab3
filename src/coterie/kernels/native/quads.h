// Four numbers side by side, as wide as AVX2 works at once.
//
// Every lane is computed by itself and lanes are added in their order, so that a row's answer depends neither on the
// CPU nor on the rows beside it.
// Source of the series: Abramowitz, Stegun (1964), Handbook of mathematical functions, 4.2.1 (exp) and 4.1.27 (log).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

// Put before a plain function of a hot loop: it is compiled for several CPUs and the fitting one is taken.
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__SANITIZE_ADDRESS__)
#define COTERIE_CLONES __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define COTERIE_CLONES
#endif
#define COTERIE_INLINE inline __attribute__((always_inline))

namespace coterie {

inline constexpr std::size_t WIDTH = 4;
typedef double Lanes __attribute__((vector_size(WIDTH * sizeof(double))));
typedef std::int64_t Wholes __attribute__((vector_size(WIDTH * sizeof(std::int64_t))));

// Lanes in a row, aligned as the CPU wants them (a std::vector would not), zero at first.
class Strip {
 public:
  explicit Strip(std::size_t n)
      : size_(n), kept_(static_cast<Lanes*>(std::aligned_alloc(sizeof(Lanes), std::max(n, WIDTH) * sizeof(Lanes)))) {
    if (!kept_) throw std::bad_alloc();
    clear();
  }
  void clear() { std::fill_n(kept_.get(), size_, Lanes{}); }
  Lanes* data() { return kept_.get(); }
  Lanes& operator[](std::size_t at) { return kept_[at]; }

 private:
  struct Free {
    void operator()(Lanes* kept) const { std::free(kept); }
  };
  std::size_t size_;
  std::unique_ptr<Lanes[], Free> kept_;
};

COTERIE_INLINE Lanes all(double value) { return Lanes{} + value; }

COTERIE_INLINE Wholes bits(const Lanes& x) {
  Wholes out;
  std::memcpy(&out, &x, sizeof out);
  return out;
}

COTERIE_INLINE Lanes from_bits(const Wholes& x) {
  Lanes out;
  std::memcpy(&out, &x, sizeof out);
  return out;
}

COTERIE_INLINE double sum_of(const Lanes& x) {
  double sum = 0;
  for (std::size_t lane = 0; lane < WIDTH; ++lane) sum += x[lane];
  return sum;
}

// exp(x) for x <= 0 to 1e-15 of itself; 0 below -700.
COTERIE_INLINE Lanes exp_of_negative(const Lanes& x) {
  constexpr double LOG2_E = 1.4426950408889634, LN2_HIGH = 6.93147180369123816490e-01;
  constexpr double LN2_LOW = 1.90821492927058770002e-10, ROUND = 0x1.8p52;  // adding it leaves the nearest whole
  constexpr int TERMS = 13;
  const Lanes least = all(-700.0);
  const Lanes safe = x < least ? least : x;
  const Lanes shifted = safe * LOG2_E + ROUND, n = shifted - ROUND;
  const Lanes r = (safe - n * LN2_HIGH) - n * LN2_LOW;
  Lanes series = all(1.0);
  for (int term = TERMS; term > 0; --term) series = series * (r * (1.0 / term)) + 1.0;
  const Lanes power = from_bits((bits(shifted) + 1023) << 52);
  return x < least ? Lanes{} : series * power;
}

// log(x) for finite x >= 1 to 1e-15.
COTERIE_INLINE Lanes log_of_one_or_more(const Lanes& x) {
  constexpr double LN2 = 0.6931471805599453, ROOT_HALF_TWICE = 1.4142135623730951;
  constexpr int LAST = 21;
  Wholes exponent = (bits(x) >> 52) - 1023;
  Lanes mantissa = from_bits((bits(x) & 0xfffffffffffffLL) | 0x3ff0000000000000LL);
  const Wholes high = mantissa > ROOT_HALF_TWICE;  // -1 where true
  mantissa = high ? mantissa * 0.5 : mantissa;
  exponent -= high;
  const Lanes z = (mantissa - 1.0) / (mantissa + 1.0), square = z * z;
  Lanes series = Lanes{};
  for (int power = LAST; power > 0; power -= 2) series = series * square + 1.0 / power;
  return __builtin_convertvector(exponent, Lanes) * LN2 + 2.0 * z * series;
}

}  // namespace coterie
