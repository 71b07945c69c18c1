// The greatest common divisor of natural numbers.
#pragma once

#include "runtime/limb/limbs.h"

namespace proto::limb {

/// result[max of the sizes] = gcd(a, b); returns its normal size. Normal numbers; gcd(a, 0) is a. O(n^2): Lehmer's
/// algorithm takes about 31 bits off both numbers in each pass over them.
size_t gcd(Limb* result, Limbs a, Limbs b);
Limb gcd(Limb a, Limb b);

}  // namespace proto::limb
