// Between natural numbers and doubles. Roundings are to the nearest, ties to even.
#pragma once

#include "runtime/limb/limbs.h"

namespace proto::limb {

/// The nearest double; infinity beyond the range. Normal. O(1) but for ties, O(n).
double to_double(Limbs a);
/// The double nearest to a / b, also where that is subnormal, 0 or infinity. Normal, b is not 0. O(n^1.6) when the
/// sizes differ by much, else O(n).
double quotient_to_double(Limbs a, Limbs b);

/// Limbs of the largest double.
inline constexpr size_t kDoubleLimbs = 16;
/// result[kDoubleLimbs] = floor(a), for a finite a >= 0; returns the normal size.
size_t from_double(Limb* result, double a);
/// Exact: -1, 0 or 1. b is finite and >= 0.
int compare_with_double(Limbs a, double b);

}  // namespace proto::limb
