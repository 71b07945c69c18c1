// Natural numbers as little-endian arrays of 64-bit limbs: what takes one pass over them.
//
// A number is a span of limbs; a *normal* one has no leading zero limb, so zero is the empty span. Functions that write
// take a pointer to room for as many limbs as they say, and either return the carry out of it or the normal size of
// what they wrote. Where it says "may be a", the result may stand in place of the operand; partial overlap is never
// allowed. Pure functions: any thread, no state. What needs room beyond a few hundred limbs takes it from the system's
// heap.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "runtime/base/check.h"

namespace proto::limb {

using Limb = uint64_t;
using Limbs = std::span<const Limb>;
__extension__ using DoubleLimb = unsigned __int128;

inline constexpr unsigned kLimbBits = 64;

// ---- sizes ----

/// The size without leading zero limbs.
inline size_t normal_size(const Limb* a, size_t size) {
  while (size > 0 && a[size - 1] == 0) --size;
  return size;
}
inline Limbs normal(Limbs a) { return a.first(normal_size(a.data(), a.size())); }
inline bool is_normal(Limbs a) { return a.empty() || a.back() != 0; }
/// Bits of a normal number: 0 for 0, 3 for 4.
inline uint64_t bit_length(Limbs a) {
  return a.empty() ? 0 : uint64_t{a.size()} * kLimbBits - static_cast<unsigned>(__builtin_clzll(a.back()));
}
/// Zero bits below the lowest one; the number is not 0.
uint64_t trailing_zeros(Limbs a);

inline void copy(Limb* result, Limbs a) {
  if (!a.empty()) std::memmove(result, a.data(), a.size() * sizeof(Limb));
}
inline void clear(Limb* result, size_t size) { std::fill_n(result, size, Limb{0}); }

// ---- comparing ----

/// Of `size` limbs each: -1, 0 or 1.
int compare(const Limb* a, const Limb* b, size_t size);
/// Of normal numbers.
inline int compare(Limbs a, Limbs b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return compare(a.data(), b.data(), a.size());
}

// ---- adding ----

/// result[size] = a + b; returns the carry. The result may be a or b.
Limb add(Limb* result, const Limb* a, const Limb* b, size_t size);
/// result[size] = a - b; returns the borrow. The result may be a or b.
Limb subtract(Limb* result, const Limb* a, const Limb* b, size_t size);
/// result[size] = a + b; returns the carry. The result may be a.
Limb add_limb(Limb* result, const Limb* a, size_t size, Limb b);
/// result[size] = a - b; returns the borrow. The result may be a.
Limb subtract_limb(Limb* result, const Limb* a, size_t size, Limb b);
/// result[a.size()] = a + b; returns the carry. a is not shorter than b. The result may be either.
Limb add(Limb* result, Limbs a, Limbs b);
/// result[a.size()] = a - b; returns the borrow. a is not shorter than b. The result may be either.
Limb subtract(Limb* result, Limbs a, Limbs b);

// ---- shifting ----

/// result[size] = a << bits, 0 <= bits < 64; returns what is shifted out. The result may be a, or begin above it.
Limb shift_left(Limb* result, const Limb* a, size_t size, unsigned bits);
/// result[size] = a >> bits, 0 <= bits < 64; returns what is shifted out, in its high bits. The result may be a, or
/// begin below it.
Limb shift_right(Limb* result, const Limb* a, size_t size, unsigned bits);
/// By any count: result[a.size() + bits / 64 + 1]; returns the normal size. Does not overlap a.
size_t shift_left_by(Limb* result, Limbs a, uint64_t bits);
/// By any count: result[a.size() - bits / 64] (none if that is negative); returns the normal size. The result may be a.
size_t shift_right_by(Limb* result, Limbs a, uint64_t bits);
/// True if one of the lowest `bits` bits is set.
bool any_bit_below(Limbs a, uint64_t bits);

// ---- multiplying and dividing by one limb ----

/// result[size] = a * b + carry; returns the limb above. The result may be a.
Limb multiply_limb(Limb* result, const Limb* a, size_t size, Limb b, Limb carry = 0);
/// result[size] += a * b; returns the limb above.
Limb add_product(Limb* result, const Limb* a, size_t size, Limb b);
/// result[size] -= a * b; returns what is still to be subtracted above.
Limb subtract_product(Limb* result, const Limb* a, size_t size, Limb b);

/// A divisor of one limb and what makes dividing by it cheap: two multiplications (Moeller and Granlund, "Improved
/// division by invariant integers", 2011).
class LimbDivisor {
 public:
  explicit LimbDivisor(Limb divisor);
  /// result[size] = a / divisor; returns the remainder. The result may be a.
  Limb divide(Limb* result, const Limb* a, size_t size) const;

 private:
  unsigned shift_;   // leading zeros of the divisor
  Limb divisor_;     // shifted, so that its top bit is set
  Limb reciprocal_;  // (2^128 - 1) / divisor_ - 2^64
};

}  // namespace proto::limb
