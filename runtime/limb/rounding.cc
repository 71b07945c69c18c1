#include "runtime/limb/rounding.h"

#include <bit>
#include <cmath>
#include <limits>

#include "runtime/limb/divide.h"
#include "runtime/limb/workspace.h"

namespace proto::limb {
namespace {

constexpr int kMantissaBits = std::numeric_limits<double>::digits;  // 53
constexpr int64_t kLowestExponent = -1074;                          // of the last bit of a subnormal number
constexpr uint64_t kQuotientBits = 66;                              // of a quotient: 64 at least, and one to spare

/// The double nearest to (mantissa + something below 1 if `sticky`) * 2^exponent; the mantissa's top bit is set.
double round_to_double(Limb mantissa, bool sticky, int64_t exponent) {
  if (exponent > 1024 - 64) return std::numeric_limits<double>::infinity();
  int64_t drop = kLimbBits - kMantissaBits;
  drop = std::max(drop, kLowestExponent - exponent);
  if (drop > kLimbBits) return 0;
  const Limb kept = drop == kLimbBits ? 0 : mantissa >> drop;
  const Limb half = Limb{1} << (drop - 1);
  const Limb dropped = drop == kLimbBits ? mantissa : mantissa & (2 * half - 1);
  const bool up = dropped > half || (dropped == half && (sticky || (kept & 1) != 0));
  return std::ldexp(static_cast<double>(kept + up), static_cast<int>(exponent + drop));
}

/// The top 64 bits of a number of at least so many bits.
Limb top_bits(Limbs a) {
  const auto shift = static_cast<unsigned>(__builtin_clzll(a.back()));
  if (shift == 0) return a.back();
  const Limb below = a.size() > 1 ? a[a.size() - 2] : 0;
  return a.back() << shift | below >> (kLimbBits - shift);
}

double scaled_to_double(Limbs a, bool sticky, int64_t exponent) {
  const int64_t cut = static_cast<int64_t>(bit_length(a)) - kLimbBits;
  sticky = sticky || (cut > 0 && any_bit_below(a, static_cast<uint64_t>(cut)));
  return round_to_double(top_bits(a), sticky, exponent + cut);
}

}  // namespace

double to_double(Limbs a) {
  if (a.empty()) return 0;
  if (a.size() > kDoubleLimbs) return std::numeric_limits<double>::infinity();
  return scaled_to_double(a, false, 0);
}

// One of the numbers is shifted so that the quotient has some bits more than a double; what the division leaves is
// sticky.
double quotient_to_double(Limbs a, Limbs b) {
  if (a.empty()) return 0;
  const auto a_bits = static_cast<int64_t>(bit_length(a)), b_bits = static_cast<int64_t>(bit_length(b));
  if (a_bits - b_bits > 1025) return std::numeric_limits<double>::infinity();
  if (a_bits - b_bits < kLowestExponent - 2) return 0;
  const int64_t shift = static_cast<int64_t>(kQuotientBits) + b_bits - a_bits;
  const uint64_t up = static_cast<uint64_t>(std::max<int64_t>(shift, 0)),
                 down = static_cast<uint64_t>(std::max<int64_t>(-shift, 0));
  // A dividend that is too long loses bits below, which are sticky as well.
  Workspace<96> memory(a.size() + up / kLimbBits + 1);
  const size_t size = down > 0 ? shift_right_by(memory.data(), a, down) : shift_left_by(memory.data(), a, up);
  const bool lost = any_bit_below(a, down);
  const size_t quotient_size = size - b.size() + 1;
  Workspace<96> results(quotient_size + b.size());
  Limb* const rest = results.data() + quotient_size;
  divide(results.data(), rest, {memory.data(), size}, b);
  const bool sticky = lost || normal_size(rest, b.size()) != 0;
  return scaled_to_double(normal({results.data(), quotient_size}), sticky, -shift);
}

size_t from_double(Limb* result, double a) {
  if (a < 1) return 0;
  int exponent;
  const double fraction = std::frexp(a, &exponent);
  const auto mantissa = static_cast<Limb>(std::ldexp(fraction, kMantissaBits));
  exponent -= kMantissaBits;
  if (exponent <= 0) {
    result[0] = mantissa >> -exponent;
    return 1;
  }
  Limb whole[kDoubleLimbs + 1];
  const size_t size = shift_left_by(whole, {&mantissa, 1}, static_cast<uint64_t>(exponent));
  copy(result, {whole, size});
  return size;
}

int compare_with_double(Limbs a, double b) {
  Limb whole[kDoubleLimbs];
  const int order = compare(a, {whole, from_double(whole, b)});
  if (order != 0) return order;
  return b != std::floor(b) ? -1 : 0;
}

}  // namespace proto::limb
