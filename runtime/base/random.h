// A small seeded generator: tests and generators print the seed, and the same seed gives the same run everywhere.
#pragma once

#include <cstdint>

namespace proto {

/// xoshiro256** by Blackman and Vigna, seeded through splitmix64. Not for secrets. One thread.
class Random {
 public:
  explicit Random(uint64_t seed) {
    for (uint64_t& word : state_) {
      seed += 0x9E3779B97F4A7C15ull;
      uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
      z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
      word = z ^ (z >> 31);
    }
  }

  uint64_t next() {
    const uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0], state_[3] ^= state_[1], state_[1] ^= state_[2], state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate(state_[3], 45);
    return result;
  }
  /// Uniform in [0, bound); bound > 0. Bias below 2^-64 * bound (Lemire's multiply-shift).
  uint64_t below(uint64_t bound) { return static_cast<uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64); }
  /// Uniform in [low, high].
  int64_t between(int64_t low, int64_t high) {
    // Unsigned, since the span of the range may be beyond int64_t.
    const uint64_t first = static_cast<uint64_t>(low);
    return static_cast<int64_t>(first + below(static_cast<uint64_t>(high) - first + 1));
  }
  /// Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  bool one_in(uint64_t n) { return below(n) == 0; }

  // Satisfies std::uniform_random_bit_generator, for std::shuffle.
  using result_type = uint64_t;
  static constexpr uint64_t min() { return 0; }
  static constexpr uint64_t max() { return ~0ull; }
  uint64_t operator()() { return next(); }

 private:
  static uint64_t rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  uint64_t state_[4];
};

}  // namespace proto
