#include "runtime/limb/gcd.h"

#include <bit>

#include "runtime/limb/divide.h"
#include "runtime/limb/workspace.h"

namespace proto::limb {
namespace {

/// What some steps of Euclid's algorithm make of x and y: a x + b y and c x + d y. Signs alternate: a and d have one, b
/// and c the other.
struct Steps {
  int64_t a = 1, b = 0, c = 0, d = 1;
};

/// The steps that the leading 62 bits of both numbers determine (Knuth, volume 2, 4.5.2, algorithm L): as long as the
/// quotients of the least and the greatest numbers with these leading bits agree.
Steps leading_steps(int64_t x, int64_t y) {
  Steps steps;
  while (y + steps.c != 0 && y + steps.d != 0) {
    const int64_t quotient = (x + steps.a) / (y + steps.c);
    if (quotient != (x + steps.b) / (y + steps.d)) break;
    steps = {steps.c, steps.d, steps.a - quotient * steps.c, steps.b - quotient * steps.d};
    const int64_t rest = x - quotient * y;
    x = y;
    y = rest;
  }
  return steps;
}

/// 62 bits from bit `at` on.
int64_t leading_bits(Limbs a, uint64_t at) {
  const size_t i = at / kLimbBits;
  const unsigned shift = at % kLimbBits;
  Limb bits = i < a.size() ? a[i] >> shift : 0;
  if (shift != 0 && i + 1 < a.size()) bits |= a[i + 1] << (kLimbBits - shift);
  return static_cast<int64_t>(bits & ((Limb{1} << 62) - 1));
}

/// result[size] = x_factor * x + y_factor * y, which is not negative; one factor is positive, the other one not.
void combine(Limb* result, const Limb* x, const Limb* y, size_t size, int64_t x_factor, int64_t y_factor) {
  if (x_factor < y_factor) {
    std::swap(x, y);
    std::swap(x_factor, y_factor);
  }
  Limb top = multiply_limb(result, x, size, static_cast<Limb>(x_factor));
  top -= subtract_product(result, y, size, static_cast<Limb>(-y_factor));
  PROTO_DCHECK(top == 0);
  (void)top;
}

/// Two numbers x >= y and room for the next two.
class Lehmer {
 public:
  Lehmer(Limb* memory, Limbs a, Limbs b)
      : room_(a.size() + 1), x_(memory), y_(x_ + room_), next_x_(y_ + room_), next_y_(next_x_ + room_) {
    copy(x_, a);
    copy(y_, b);
    x_size_ = a.size();
    y_size_ = b.size();
  }
  static size_t memory(size_t size) { return 4 * (size + 1); }

  size_t run(Limb* result) {
    while (y_size_ > 1) {
      const Limbs x(x_, x_size_), y(y_, y_size_);
      const uint64_t bits = bit_length(x);
      const uint64_t at = bits - std::min<uint64_t>(bits, 62);
      const Steps steps = leading_steps(leading_bits(x, at), leading_bits(y, at));
      if (steps.b == 0) {
        step_by_division();
      } else {
        step_by(steps);
      }
    }
    return finish(result);
  }

 private:
  // The quotient goes where the next y will stand.
  void step_by_division() {
    divide(next_y_, next_x_, {x_, x_size_}, {y_, y_size_});
    std::swap(x_, y_);
    x_size_ = y_size_;
    std::swap(y_, next_x_);
    y_size_ = normal_size(y_, x_size_);
  }
  void step_by(const Steps& steps) {
    clear(y_ + y_size_, x_size_ - y_size_);
    combine(next_x_, x_, y_, x_size_, steps.a, steps.b);
    combine(next_y_, x_, y_, x_size_, steps.c, steps.d);
    std::swap(x_, next_x_);
    std::swap(y_, next_y_);
    y_size_ = normal_size(y_, x_size_);
    x_size_ = normal_size(x_, x_size_);
  }
  size_t finish(Limb* result) {
    if (y_size_ == 0) {
      copy(result, {x_, x_size_});
      return x_size_;
    }
    const Limb rest = LimbDivisor(y_[0]).divide(next_x_, x_, x_size_);
    result[0] = gcd(y_[0], rest);
    return 1;
  }

  size_t room_;
  Limb *x_, *y_, *next_x_, *next_y_;
  size_t x_size_, y_size_;
};

}  // namespace

// Binary: shifts and differences.
Limb gcd(Limb a, Limb b) {
  if (a == 0 || b == 0) return a | b;
  const int shift = std::countr_zero(a | b);
  a >>= std::countr_zero(a);
  while (b != 0) {
    b >>= std::countr_zero(b);
    if (a > b) std::swap(a, b);
    b -= a;
  }
  return a << shift;
}

size_t gcd(Limb* result, Limbs a, Limbs b) {
  if (compare(a, b) < 0) std::swap(a, b);
  Workspace<256> memory(Lehmer::memory(a.size()));
  return Lehmer(memory.data(), a, b).run(result);
}

}  // namespace proto::limb
