// Bits of integers as two's complement numbers of infinite width: a negative number has ones without end above it.
#pragma once

#include "runtime/limb/limbs.h"

namespace proto::limb {

/// An integer: its sign and a normal magnitude. Zero is not negative.
struct Signed {
  bool negative = false;
  Limbs magnitude;
};

enum class BitOperation : uint8_t { kAnd, kOr, kXor };

/// Whether a op b is negative: the operation on the signs.
bool is_negative(BitOperation operation, bool a, bool b);
/// result[max of the sizes + 1] = magnitude of a op b; returns its normal size. The sign is is_negative(). The result
/// may be either.
size_t combine_bits(BitOperation operation, Limb* result, const Signed& a, const Signed& b);

/// result[max(1, size - bits / 64) + 1] = magnitude of floor(a / 2^bits), whose sign is a's unless it is 0; returns its
/// normal size.
size_t shift_right_down(Limb* result, const Signed& a, uint64_t bits);

}  // namespace proto::limb
