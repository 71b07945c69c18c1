#include "runtime/base/fingerprint.h"

#include <array>
#include <cstddef>

namespace proto {
namespace {

using Wide = unsigned __int128;

constexpr uint64_t kPrime = (uint64_t{1} << 61) - 1;
constexpr uint64_t kBase = 0x0F3C5A1D7E9B2467ull;  // below the prime; nothing else is asked of it
static_assert(kBase < kPrime);

constexpr uint64_t reduce(Wide x) {
  uint64_t sum = (static_cast<uint64_t>(x) & kPrime) + static_cast<uint64_t>(x >> 61);
  sum = (sum & kPrime) + (sum >> 61);
  return sum >= kPrime ? sum - kPrime : sum;
}
constexpr uint64_t multiply(uint64_t a, uint64_t b) { return reduce(Wide{a} * b); }

constexpr size_t kStride = 16;  // bytes of one step of the sum

// kBase^0 .. kBase^kStride.
constexpr auto kPowers = [] {
  std::array<uint64_t, kStride + 1> powers{1};
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = multiply(powers[i - 1], kBase);
  return powers;
}();

// [level][digit] = kBase^(digit * 256^level).
constexpr auto kPowerTable = [] {
  std::array<std::array<uint64_t, 256>, 6> table{};
  uint64_t step = kBase;
  for (auto& level : table) {
    level[0] = 1;
    for (size_t digit = 1; digit < 256; ++digit) level[digit] = multiply(level[digit - 1], step);
    step = multiply(level[255], step);
  }
  return table;
}();

uint64_t power(uint64_t exponent) {
  uint64_t result = kPowerTable[0][exponent & 0xFF];
  for (size_t level = 1; (exponent >>= 8) != 0; ++level) {
    if ((exponent & 0xFF) != 0) result = multiply(result, kPowerTable[level][exponent & 0xFF]);
  }
  return result;
}

}  // namespace

uint64_t fingerprint_of(std::string_view bytes) {
  const auto* at = reinterpret_cast<const uint8_t*>(bytes.data());
  size_t left = bytes.size();
  uint64_t sum = 0;
  for (; left >= kStride; left -= kStride, at += kStride) {
    // Below 2^122 + 16 * 2^70: no overflow.
    Wide step = Wide{sum} * kPowers[kStride];
    for (size_t i = 0; i < kStride; ++i) step += Wide{kPowers[kStride - 1 - i]} * (at[i] + 1u);
    sum = reduce(step);
  }
  for (; left > 0; --left, ++at) sum = reduce(Wide{sum} * kBase + *at + 1u);
  return sum;
}

uint64_t concatenate_fingerprints(uint64_t left, uint64_t right, uint64_t right_bytes) {
  return reduce(Wide{left} * power(right_bytes) + right);
}

uint64_t hash_of_fingerprint(uint64_t fingerprint, uint64_t bytes) {
  uint64_t x = fingerprint * 0x9E3779B97F4A7C15ull + bytes;
  x ^= x >> 30, x *= 0xBF58476D1CE4E5B9ull;
  x ^= x >> 27, x *= 0x94D049BB133111EBull;
  return x ^ x >> 31;
}

}  // namespace proto
