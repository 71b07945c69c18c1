// Division of natural numbers: Knuth's algorithm D for short ones, Burnikel and Ziegler's recursive one for long ones.
#pragma once

#include "runtime/limb/limbs.h"

namespace proto::limb {

/// a = quotient * b + remainder, remainder < b. Normal numbers, b is not 0 and not longer than a.
/// quotient[a.size() - b.size() + 1], remainder[b.size()]: all limbs are written; no overlap with a or b. About two
/// products.
void divide(Limb* quotient, Limb* remainder, Limbs a, Limbs b);

namespace internal {
/// Divides in place, for divisors whose top bit is set: quotient[count] = a[count + size] / divisor[size], and a
/// becomes the remainder (its upper `count` limbs 0). The upper `size` limbs of a must be less than the divisor; size
/// >= 2. These are the row by row reference and the recursive one; the latter needs count <= size.
void divide_rows(Limb* quotient, size_t count, Limb* a, const Limb* divisor, size_t size);
void divide_recursive(Limb* quotient, size_t count, Limb* a, const Limb* divisor, size_t size, Limb* scratch);
}  // namespace internal

}  // namespace proto::limb
