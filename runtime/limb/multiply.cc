#include "runtime/limb/multiply.h"

#include "runtime/limb/internal/carry.h"
#include "runtime/limb/workspace.h"

namespace proto::limb {
namespace {

// Measured: below these sizes the simpler way is faster.
constexpr size_t kKaratsuba = 36;
constexpr size_t kKaratsubaSquare = 72;
constexpr size_t kToom = 180;

// All balanced products take two operands of one size; a square is told by both being at the same place.
void multiply_balanced(Limb* result, const Limb* a, const Limb* b, size_t size, Limb* scratch);

/// Limbs of scratch that suffice for all levels of Karatsuba's way: each takes 2 h, h being half of its size, rounded
/// up, and then either the next level its own or the middle 2 h + 1. So 2 size + 2 for each level + 1.
constexpr size_t karatsuba_scratch(size_t size) { return 2 * size + kLimbBits; }

/// a * a: each pair of different limbs once, doubled, and the squares.
void square_rows(Limb* result, const Limb* a, size_t size) {
  result[0] = 0;
  if (size > 1) {
    result[size] = multiply_limb(result + 1, a + 1, size - 1, a[0]);
    for (size_t i = 1; i + 1 < size; ++i)
      result[size + i] = add_product(result + 2 * i + 1, a + i + 1, size - 1 - i, a[i]);
  }
  result[2 * size - 1] = 0;
  Limb shifted_out = 0;
  unsigned char carry = 0;
  for (size_t i = 0; i < size; ++i) {
    const DoubleLimb square = static_cast<DoubleLimb>(a[i]) * a[i];
    const Limb low = result[2 * i], high = result[2 * i + 1];
    carry = internal::add_step(carry, low << 1 | shifted_out, internal::low(square), result + 2 * i);
    carry = internal::add_step(carry, high << 1 | low >> 63, internal::high(square), result + 2 * i + 1);
    shifted_out = high >> 63;
  }
}

/// result[size] = |a - b| of a number of `size` limbs and one of b_size <= size; true if a < b.
bool absolute_difference(Limb* result, const Limb* a, size_t size, const Limb* b, size_t b_size) {
  const bool longer = normal_size(a + b_size, size - b_size) != 0;
  if (longer || compare(a, b, b_size) >= 0) {
    subtract(result, {a, size}, {b, b_size});
    return false;
  }
  subtract(result, b, a, b_size);
  clear(result + b_size, size - b_size);
  return true;
}

// With a = a1 X + a0 and b = b1 X + b0: the middle is a0 b0 + a1 b1 - (a0 - a1)(b0 - b1).
void multiply_karatsuba(Limb* result, const Limb* a, const Limb* b, size_t size, Limb* scratch) {
  const size_t half = (size + 1) / 2, rest = size - half;
  const bool squaring = a == b;
  Limb* const a_difference = result;
  Limb* const b_difference = squaring ? result : result + half;
  bool negative = absolute_difference(a_difference, a, half, a + half, rest);
  negative ^= squaring ? negative : absolute_difference(b_difference, b, half, b + half, rest);
  Limb* const cross = scratch;
  Limb* const middle = scratch + 2 * half;
  multiply_balanced(cross, a_difference, b_difference, half, middle);
  multiply_balanced(result, a, b, half, middle);
  multiply_balanced(result + 2 * half, a + half, b + half, rest, middle);
  Limb top = add(middle, {result, 2 * half}, {result + 2 * half, 2 * rest});
  if (negative) {
    top += add(middle, middle, cross, 2 * half);
  } else {
    top -= subtract(middle, middle, cross, 2 * half);
  }
  middle[2 * half] = top;
  // The middle is less than what stands above its place, so its leading zeros may be more than there is room for.
  const size_t room = 2 * size - half;
  const size_t length = std::min(2 * half + 1, room);
  PROTO_DCHECK(normal_size(middle + length, 2 * half + 1 - length) == 0);
  add(result + half, {result + half, room}, {middle, length});
}

// ---- Toom's way, in three parts ----

/// A number cut into three parts of `part` limbs, the last one of `last`.
struct ThreeParts {
  const Limb* low;
  size_t part;
  size_t last;
  Limbs middle() const { return {low + part, part}; }
  Limbs high() const { return {low + 2 * part, last}; }
};

/// result[part + 1] = low + high.
void add_outer(Limb* result, const ThreeParts& a) { result[a.part] = add(result, {a.low, a.part}, a.high()); }

/// At 1: low + middle + high.
void evaluate_at_one(Limb* result, const ThreeParts& a) {
  add_outer(result, a);
  result[a.part] += add(result, result, a.middle().data(), a.part);
}
/// At -1: |low - middle + high|; true if that is negative.
bool evaluate_at_minus_one(Limb* result, const ThreeParts& a) {
  add_outer(result, a);
  return absolute_difference(result, result, a.part + 1, a.middle().data(), a.part);
}
/// At 2: low + 2 (middle + 2 high).
void evaluate_at_two(Limb* result, const ThreeParts& a) {
  Limb top = shift_left(result, a.high().data(), a.last, 1);
  clear(result + a.last, a.part + 1 - a.last);
  result[a.last] = top;
  result[a.part] += add(result, result, a.middle().data(), a.part);
  shift_left(result, result, a.part + 1, 1);
  result[a.part] += add(result, result, a.low, a.part);
}

/// a /= 3, which leaves no rest.
void divide_exactly_by_three(Limb* a, size_t size) {
  constexpr Limb kInverse = 0xAAAAAAAAAAAAAAAB, kThird = 0x5555555555555555;
  Limb borrow = 0;
  for (size_t i = 0; i < size; ++i) {
    const Limb rest = a[i] - borrow;
    const Limb quotient = rest * kInverse;
    borrow = (a[i] < borrow) + (quotient > kThird) + (quotient > 2 * kThird);
    a[i] = quotient;
  }
}

/// The products at 1, -1 and 2, of `size` limbs each.
struct ToomPoints {
  Limb* one;
  Limb* minus_one;
  Limb* two;
  size_t size;
  bool minus_one_negative;
};

/// Turns the products at 0 (zero), 1, -1, 2 and infinity (last) into the coefficients of X (minus_one), X^2 (one) and
/// X^3 (two). Every step's result is a sum of coefficients with positive factors, so nothing becomes negative.
/// Bodrato's sequence.
void interpolate(const ToomPoints& at, Limbs zero, Limbs last) {
  const Limbs one(at.one, at.size), two(at.two, at.size), minus_one(at.minus_one, at.size);
  if (at.minus_one_negative) {
    add(at.two, at.two, at.minus_one, at.size);
    add(at.minus_one, at.one, at.minus_one, at.size);
  } else {
    subtract(at.two, at.two, at.minus_one, at.size);
    subtract(at.minus_one, at.one, at.minus_one, at.size);
  }
  divide_exactly_by_three(at.two, at.size);
  shift_right(at.minus_one, at.minus_one, at.size, 1);
  subtract(at.one, one, zero);
  subtract(at.two, at.two, at.one, at.size);
  shift_right(at.two, at.two, at.size, 1);
  subtract(at.one, at.one, at.minus_one, at.size);
  subtract(at.one, one, last);
  subtract(at.two, two, last);
  subtract(at.two, two, last);
  subtract(at.minus_one, minus_one, two);
}

/// result[room] += a, which fits.
void add_within(Limb* result, size_t room, Limbs a) {
  a = normal(a);
  PROTO_DCHECK(a.size() <= room);
  add(result, {result, room}, a);
}

void multiply_toom(Limb* result, const Limb* a, const Limb* b, size_t size) {
  const size_t part = (size + 2) / 3, last = size - 2 * part;
  const size_t value = part + 1, product = 2 * value;
  const bool squaring = a == b;
  const ThreeParts a_parts{a, part, last}, b_parts{b, part, last};
  Workspace<1> memory(2 * value + 3 * product + karatsuba_scratch(std::min(value, kToom)));
  Limb* const a_value = memory.data();
  Limb* const b_value = squaring ? a_value : a_value + value;
  ToomPoints at{a_value + 2 * value, a_value + 2 * value + product, a_value + 2 * value + 2 * product, product, false};
  Limb* const scratch = at.two + product;

  evaluate_at_one(a_value, a_parts);
  if (!squaring) evaluate_at_one(b_value, b_parts);
  multiply_balanced(at.one, a_value, b_value, value, scratch);
  at.minus_one_negative = evaluate_at_minus_one(a_value, a_parts);
  at.minus_one_negative ^= squaring ? at.minus_one_negative : evaluate_at_minus_one(b_value, b_parts);
  multiply_balanced(at.minus_one, a_value, b_value, value, scratch);
  evaluate_at_two(a_value, a_parts);
  if (!squaring) evaluate_at_two(b_value, b_parts);
  multiply_balanced(at.two, a_value, b_value, value, scratch);
  multiply_balanced(result, a, b, part, scratch);
  multiply_balanced(result + 4 * part, a + 2 * part, b + 2 * part, last, scratch);

  interpolate(at, {result, 2 * part}, {result + 4 * part, 2 * last});
  clear(result + 2 * part, 2 * part);
  add_within(result + part, 2 * size - part, {at.minus_one, product});
  add_within(result + 2 * part, 2 * size - 2 * part, {at.one, product});
  add_within(result + 3 * part, 2 * size - 3 * part, {at.two, product});
}

void multiply_balanced(Limb* result, const Limb* a, const Limb* b, size_t size, Limb* scratch) {
  if (size == 0) return;
  if (a == b && size < kKaratsubaSquare) return square_rows(result, a, size);
  if (size < kKaratsuba) return internal::multiply_rows(result, {a, size}, {b, size});
  if (size < kToom) return multiply_karatsuba(result, a, b, size, scratch);
  multiply_toom(result, a, b, size);
}

/// The longer operand in pieces of the shorter one's size.
void multiply_in_pieces(Limb* result, Limbs a, Limbs b) {
  const size_t size = b.size();
  Workspace<384> memory(2 * size + karatsuba_scratch(std::min(size, kToom)));
  Limb* const product = memory.data();
  Limb* const scratch = product + 2 * size;
  multiply_balanced(result, a.data(), b.data(), size, scratch);
  size_t done = size;
  for (; done + size <= a.size(); done += size) {
    multiply_balanced(product, a.data() + done, b.data(), size, scratch);
    const Limb carry = add(result + done, result + done, product, size);
    add_limb(result + done + size, product + size, size, carry);
  }
  const Limbs rest = a.subspan(done);
  if (rest.empty()) return;
  multiply(product, b, rest);
  const Limb carry = add(result + done, result + done, product, size);
  add_limb(result + done + size, product + size, rest.size(), carry);
}

}  // namespace

void internal::multiply_rows(Limb* result, Limbs a, Limbs b) {
  result[a.size()] = multiply_limb(result, a.data(), a.size(), b[0]);
  for (size_t i = 1; i < b.size(); ++i) result[a.size() + i] = add_product(result + i, a.data(), a.size(), b[i]);
}

void multiply(Limb* result, Limbs a, Limbs b) {
  if (a.size() < b.size()) std::swap(a, b);
  if (b.empty()) return clear(result, a.size());
  if (b.size() < kKaratsuba) return internal::multiply_rows(result, a, b);
  multiply_in_pieces(result, a, b);
}

void square(Limb* result, Limbs a) {
  if (a.size() < kKaratsubaSquare) {
    if (!a.empty()) square_rows(result, a.data(), a.size());
    return;
  }
  Workspace<256> memory(a.size() < kToom ? karatsuba_scratch(a.size()) : 0);
  multiply_balanced(result, a.data(), a.data(), a.size(), memory.data());
}

}  // namespace proto::limb
