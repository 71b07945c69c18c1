#include "runtime/limb/divide.h"

#include "runtime/limb/internal/carry.h"
#include "runtime/limb/multiply.h"
#include "runtime/limb/workspace.h"

namespace proto::limb {
namespace {

// Measured: a quotient (and a divisor) of fewer limbs is found row by row.
constexpr size_t kRecursive = 48;

using internal::high;
using internal::join;
using internal::low;

/// The two top limbs of a divisor, its top bit set, and floor((2^192 - 1) / divisor) - 2^64. Moeller and Granlund,
/// "Improved division by invariant integers", algorithms 6 (the reciprocal) and 5 (the division).
class TopDivisor {
 public:
  TopDivisor(Limb top, Limb second) : top_(top), second_(second), reciprocal_(reciprocal(top, second)) {}

  /// The quotient of three limbs, whose upper two are less than the divisor, and its remainder.
  Limb divide(Limb a2, Limb a1, Limb a0, DoubleLimb* rest) const {
    const DoubleLimb guess = static_cast<DoubleLimb>(reciprocal_) * a2 + join(a2, a1);
    Limb quotient = high(guess);
    const DoubleLimb divisor = join(top_, second_);
    DoubleLimb remainder = join(a1 - quotient * top_, a0) - static_cast<DoubleLimb>(second_) * quotient - divisor;
    ++quotient;
    if (high(remainder) >= low(guess)) --quotient, remainder += divisor;
    if (__builtin_expect(remainder >= divisor, 0)) ++quotient, remainder -= divisor;
    *rest = remainder;
    return quotient;
  }
  Limb top() const { return top_; }
  Limb second() const { return second_; }

 private:
  static Limb reciprocal(Limb top, Limb second) {
    Limb v = internal::reciprocal_of(top);
    Limb p = top * v + second;
    if (p < second) {
      --v;
      if (p >= top) --v, p -= top;
      p -= top;
    }
    const DoubleLimb t = static_cast<DoubleLimb>(v) * second;
    p += high(t);
    if (p < high(t)) {
      --v;
      if (join(p, low(t)) >= join(top, second)) --v;
    }
    return v;
  }

  Limb top_, second_, reciprocal_;
};

/// One limb of a quotient: a[size + 1] -= quotient * divisor[size]; the remainder's top limb becomes 0.
Limb divide_step(Limb* a, const Limb* divisor, size_t size, const TopDivisor& top) {
  Limb quotient = ~Limb{0};
  if (__builtin_expect(a[size] != top.top() || a[size - 1] != top.second(), 1)) {
    DoubleLimb rest;
    quotient = top.divide(a[size], a[size - 1], a[size - 2], &rest);
    // The upper limbs are known already: two columns less to go through.
    const Limb borrow = subtract_product(a, divisor, size - 2, quotient);
    const bool below = rest < borrow;
    rest -= borrow;
    a[size - 2] = low(rest);
    a[size - 1] = high(rest);
    a[size] = 0;
    if (__builtin_expect(below, 0)) {
      --quotient;
      add(a, a, divisor, size);
    }
    return quotient;
  }
  // The guess of all ones is never too low, and too high by at most one, as both top limbs agree.
  a[size] -= subtract_product(a, divisor, size, quotient);
  while (a[size] != 0) {
    --quotient;
    a[size] += add(a, a, divisor, size);
  }
  return quotient;
}

/// Where the dividend's top limbs are not less than the divisor's (so they are equal), the guess is all ones.
/// a[count] is the upper part, of which the top limbs stand at a + count. Returns what is above the remainder's `count`
/// limbs.
Limb guess_all_ones(Limb* quotient, size_t count, Limb* a, const Limb* divisor) {
  std::fill_n(quotient, count, ~Limb{0});
  clear(a + count, count);
  return add(a, a, divisor, count);
}

}  // namespace

void internal::divide_rows(Limb* quotient, size_t count, Limb* a, const Limb* divisor, size_t size) {
  const TopDivisor top(divisor[size - 1], divisor[size - 2]);
  for (size_t i = count; i-- > 0;) quotient[i] = divide_step(a + i, divisor, size, top);
}

// A quotient as long as the divisor is found in two halves. A shorter one is guessed by as many top limbs of the
// divisor, which is too high by two at most; then the product with the divisor's other limbs is subtracted.
void internal::divide_recursive(Limb* quotient, size_t count, Limb* a, const Limb* divisor, size_t size,
                                Limb* scratch) {
  PROTO_DCHECK(count <= size);
  if (count < kRecursive) return divide_rows(quotient, count, a, divisor, size);
  if (count == size) {
    const size_t half = count / 2;
    divide_recursive(quotient + half, count - half, a + half, divisor, size, scratch);
    divide_recursive(quotient, half, a, divisor, size, scratch);
    return;
  }
  const size_t below = size - count;
  const Limb* const top = divisor + below;
  int64_t excess = 0;
  if (compare(a + size, top, count) >= 0) {
    excess = static_cast<int64_t>(guess_all_ones(quotient, count, a + below, top));
  } else {
    divide_recursive(quotient, count, a + below, top, count, scratch);
  }
  multiply(scratch, {quotient, count}, {divisor, below});
  excess -= static_cast<int64_t>(subtract(a, a, scratch, size));
  while (excess < 0) {
    subtract_limb(quotient, quotient, count, 1);
    excess += static_cast<int64_t>(add(a, a, divisor, size));
  }
}

namespace {

/// Any count: in pieces as long as the divisor, from the top; the first one takes what is left over.
void divide_in_pieces(Limb* quotient, size_t count, Limb* a, const Limb* divisor, size_t size) {
  if (count < kRecursive || size < kRecursive) return internal::divide_rows(quotient, count, a, divisor, size);
  Workspace<1> scratch(size);
  size_t piece = count % size == 0 ? size : count % size;
  for (size_t left = count; left > 0; left -= piece, piece = size) {
    const size_t at = left - piece;
    internal::divide_recursive(quotient + at, piece, a + at, divisor, size, scratch.data());
  }
}

}  // namespace

void divide(Limb* quotient, Limb* remainder, Limbs a, Limbs b) {
  PROTO_DCHECK(!b.empty() && is_normal(a) && is_normal(b) && a.size() >= b.size());
  const size_t size = b.size();
  if (size == 1) {
    remainder[0] = LimbDivisor(b[0]).divide(quotient, a.data(), a.size());
    return;
  }
  const auto shift = static_cast<unsigned>(__builtin_clzll(b.back()));
  Workspace<192> memory(a.size() + 1 + size);
  Limb* const dividend = memory.data();
  Limb* const divisor = dividend + a.size() + 1;
  dividend[a.size()] = shift_left(dividend, a.data(), a.size(), shift);
  shift_left(divisor, b.data(), size, shift);
  divide_in_pieces(quotient, a.size() + 1 - size, dividend, divisor, size);
  shift_right(remainder, dividend, size, shift);
}

}  // namespace proto::limb
