// Products of natural numbers: by rows for short ones, then Karatsuba's and Toom's ways.
#pragma once

#include "runtime/limb/limbs.h"

namespace proto::limb {

/// result[a.size() + b.size()] = a * b; all limbs are written. No overlap. O(n^1.46); rows below 36 limbs.
void multiply(Limb* result, Limbs a, Limbs b);
/// result[2 a.size()] = a * a, in about two thirds of the time.
void square(Limb* result, Limbs a);

namespace internal {
/// The reference that the others are tested against: O(a.size() * b.size()), neither is empty.
void multiply_rows(Limb* result, Limbs a, Limbs b);
}  // namespace internal

}  // namespace proto::limb
