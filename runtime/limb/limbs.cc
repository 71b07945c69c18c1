#include "runtime/limb/limbs.h"

#include "runtime/limb/internal/carry.h"
#include "runtime/limb/internal/product_rows.h"

namespace proto::limb {

using internal::add_step;
using internal::high;
using internal::low;
using internal::subtract_step;

uint64_t trailing_zeros(Limbs a) {
  size_t i = 0;
  while (a[i] == 0) ++i;
  return uint64_t{i} * kLimbBits + static_cast<unsigned>(__builtin_ctzll(a[i]));
}

int compare(const Limb* a, const Limb* b, size_t size) {
  for (size_t i = size; i-- > 0;) {
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}

// Four limbs a turn, so that the carry stays in the flag for as long.
Limb add(Limb* result, const Limb* a, const Limb* b, size_t size) {
  unsigned char carry = 0;
  size_t i = 0;
  for (; i + 4 <= size; i += 4) {
    carry = add_step(carry, a[i], b[i], result + i);
    carry = add_step(carry, a[i + 1], b[i + 1], result + i + 1);
    carry = add_step(carry, a[i + 2], b[i + 2], result + i + 2);
    carry = add_step(carry, a[i + 3], b[i + 3], result + i + 3);
  }
  for (; i < size; ++i) carry = add_step(carry, a[i], b[i], result + i);
  return carry;
}

Limb subtract(Limb* result, const Limb* a, const Limb* b, size_t size) {
  unsigned char borrow = 0;
  size_t i = 0;
  for (; i + 4 <= size; i += 4) {
    borrow = subtract_step(borrow, a[i], b[i], result + i);
    borrow = subtract_step(borrow, a[i + 1], b[i + 1], result + i + 1);
    borrow = subtract_step(borrow, a[i + 2], b[i + 2], result + i + 2);
    borrow = subtract_step(borrow, a[i + 3], b[i + 3], result + i + 3);
  }
  for (; i < size; ++i) borrow = subtract_step(borrow, a[i], b[i], result + i);
  return borrow;
}

Limb add_limb(Limb* result, const Limb* a, size_t size, Limb b) {
  size_t i = 0;
  for (; i < size && b != 0; ++i) {
    result[i] = a[i] + b;
    b = result[i] < b;
  }
  if (result != a && i < size) copy(result + i, {a + i, size - i});
  return b;
}

Limb subtract_limb(Limb* result, const Limb* a, size_t size, Limb b) {
  size_t i = 0;
  for (; i < size && b != 0; ++i) {
    const Limb before = a[i];
    result[i] = before - b;
    b = before < b;
  }
  if (result != a && i < size) copy(result + i, {a + i, size - i});
  return b;
}

Limb add(Limb* result, Limbs a, Limbs b) {
  PROTO_DCHECK(a.size() >= b.size());
  const Limb carry = add(result, a.data(), b.data(), b.size());
  return add_limb(result + b.size(), a.data() + b.size(), a.size() - b.size(), carry);
}

Limb subtract(Limb* result, Limbs a, Limbs b) {
  PROTO_DCHECK(a.size() >= b.size());
  const Limb borrow = subtract(result, a.data(), b.data(), b.size());
  return subtract_limb(result + b.size(), a.data() + b.size(), a.size() - b.size(), borrow);
}

// From the top down, so that the result may begin above the operand.
Limb shift_left(Limb* result, const Limb* a, size_t size, unsigned bits) {
  PROTO_DCHECK(bits < kLimbBits);
  if (bits == 0) {
    copy(result, {a, size});
    return 0;
  }
  if (size == 0) return 0;
  const unsigned rest = kLimbBits - bits;
  const Limb out = a[size - 1] >> rest;
  for (size_t i = size; i-- > 1;) result[i] = a[i] << bits | a[i - 1] >> rest;
  result[0] = a[0] << bits;
  return out;
}

Limb shift_right(Limb* result, const Limb* a, size_t size, unsigned bits) {
  PROTO_DCHECK(bits < kLimbBits);
  if (bits == 0) {
    copy(result, {a, size});
    return 0;
  }
  if (size == 0) return 0;
  const unsigned rest = kLimbBits - bits;
  const Limb out = a[0] << rest;
  for (size_t i = 0; i + 1 < size; ++i) result[i] = a[i] >> bits | a[i + 1] << rest;
  result[size - 1] = a[size - 1] >> bits;
  return out;
}

size_t shift_left_by(Limb* result, Limbs a, uint64_t bits) {
  if (a.empty()) return 0;
  const size_t whole = bits / kLimbBits;
  clear(result, whole);
  const size_t size = whole + a.size();
  result[size] = shift_left(result + whole, a.data(), a.size(), bits % kLimbBits);
  return normal_size(result, size + 1);
}

size_t shift_right_by(Limb* result, Limbs a, uint64_t bits) {
  const size_t whole = bits / kLimbBits;
  if (whole >= a.size()) return 0;
  const size_t size = a.size() - whole;
  shift_right(result, a.data() + whole, size, bits % kLimbBits);
  return normal_size(result, size);
}

bool any_bit_below(Limbs a, uint64_t bits) {
  const size_t whole = std::min<uint64_t>(bits / kLimbBits, a.size());
  for (size_t i = 0; i < whole; ++i) {
    if (a[i] != 0) return true;
  }
  return whole < a.size() && bits % kLimbBits != 0 && a[whole] << (kLimbBits - bits % kLimbBits) != 0;
}

Limb multiply_limb(Limb* result, const Limb* a, size_t size, Limb b, Limb carry) {
#pragma GCC unroll 4
  for (size_t i = 0; i < size; ++i) {
    const DoubleLimb product = static_cast<DoubleLimb>(a[i]) * b + carry;
    result[i] = low(product);
    carry = high(product);
  }
  return carry;
}

namespace {
// False until it is set at the program's start, which is right as well.
const bool kTwoCarries = internal::has_two_carries();
}  // namespace

Limb add_product(Limb* result, const Limb* a, size_t size, Limb b) {
  return kTwoCarries ? internal::add_product_two_carries(result, a, size, b)
                     : internal::add_product_portable(result, a, size, b);
}
Limb subtract_product(Limb* result, const Limb* a, size_t size, Limb b) {
  return kTwoCarries ? internal::subtract_product_two_carries(result, a, size, b)
                     : internal::subtract_product_portable(result, a, size, b);
}

LimbDivisor::LimbDivisor(Limb divisor)
    : shift_(static_cast<unsigned>(__builtin_clzll(divisor))),
      divisor_(divisor << shift_),
      reciprocal_(internal::reciprocal_of(divisor_)) {}

Limb LimbDivisor::divide(Limb* result, const Limb* a, size_t size) const {
  if (size == 0) return 0;
  Limb rest = shift_ == 0 ? 0 : a[size - 1] >> (kLimbBits - shift_);
  for (size_t i = size; i-- > 0;) {
    const Limb below = i == 0 || shift_ == 0 ? 0 : a[i - 1] >> (kLimbBits - shift_);
    result[i] = internal::divide_by_reciprocal(rest, a[i] << shift_ | below, divisor_, reciprocal_, &rest);
  }
  return rest >> shift_;
}

}  // namespace proto::limb
