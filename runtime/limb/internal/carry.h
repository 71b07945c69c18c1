// Steps that carry from one limb to the next.
#pragma once

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "runtime/limb/limbs.h"

namespace proto::limb::internal {

/// *result = a + b + carry; returns the carry. The intrinsics let the compiler keep the carry in the flag.
inline unsigned char add_step(unsigned char carry, Limb a, Limb b, Limb* result) {
#ifdef __x86_64__
  unsigned long long out;
  carry = _addcarry_u64(carry, a, b, &out);
  *result = out;
  return carry;
#else
  const DoubleLimb sum = static_cast<DoubleLimb>(a) + b + carry;
  *result = static_cast<Limb>(sum);
  return static_cast<unsigned char>(sum >> kLimbBits);
#endif
}

/// *result = a - b - borrow; returns the borrow.
inline unsigned char subtract_step(unsigned char borrow, Limb a, Limb b, Limb* result) {
#ifdef __x86_64__
  unsigned long long out;
  borrow = _subborrow_u64(borrow, a, b, &out);
  *result = out;
  return borrow;
#else
  const DoubleLimb difference = static_cast<DoubleLimb>(a) - b - borrow;
  *result = static_cast<Limb>(difference);
  return static_cast<unsigned char>(difference >> kLimbBits & 1);
#endif
}

inline Limb high(DoubleLimb a) { return static_cast<Limb>(a >> kLimbBits); }
inline Limb low(DoubleLimb a) { return static_cast<Limb>(a); }
inline DoubleLimb join(Limb high, Limb low) { return static_cast<DoubleLimb>(high) << kLimbBits | low; }

/// (high:low) / divisor, for high < divisor: the quotient fits a limb.
inline Limb divide_double(Limb high, Limb low, Limb divisor) {
#ifdef __x86_64__
  Limb quotient, rest;
  __asm__("divq %4" : "=a"(quotient), "=d"(rest) : "0"(low), "1"(high), "r"(divisor) : "cc");
  return quotient;
#else
  return static_cast<Limb>(join(high, low) / divisor);
#endif
}

/// (2^128 - 1) / divisor - 2^64 of a divisor whose top bit is set.
inline Limb reciprocal_of(Limb divisor) { return divide_double(~divisor, ~Limb{0}, divisor); }

/// Quotient of (high:low) by a divisor whose top bit is set, high < divisor; sets *rest. Moeller and Granlund,
/// algorithm 4.
inline Limb divide_by_reciprocal(Limb top, Limb bottom, Limb divisor, Limb reciprocal, Limb* rest) {
  const DoubleLimb guess = static_cast<DoubleLimb>(reciprocal) * top + join(top + 1, bottom);
  Limb quotient = high(guess);
  Limb remainder = bottom - quotient * divisor;
  if (remainder > low(guess)) --quotient, remainder += divisor;
  if (__builtin_expect(remainder >= divisor, 0)) ++quotient, remainder -= divisor;
  *rest = remainder;
  return quotient;
}

}  // namespace proto::limb::internal
