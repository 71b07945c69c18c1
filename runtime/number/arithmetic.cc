// Sums, products and powers.
#include <cmath>

#include "runtime/limb/multiply.h"
#include "runtime/limb/workspace.h"
#include "runtime/number/internal/integer_result.h"

namespace proto {

using internal::IntegerResult;
using internal::LongComputation;
using limb::Limb;
using limb::Limbs;

namespace {

bool both_integers(Value a, Value b) { return a.is_integer() && b.is_integer(); }
bool both_numbers(Value a, Value b) { return a.is_number() && b.is_number(); }

/// a + b, or a - b where `negate_b`.
Value add_integers(Context& ctx, Value a, Value b, bool negate_b) {
  if (internal::both_small_integers(a, b)) {
    const int64_t x = a.as_small_integer(), y = b.as_small_integer();
    return make_integer(ctx, negate_b ? x - y : x + y);
  }
  const IntegerView x(a), y(b);
  const bool y_negative = y.negative() != negate_b;
  const bool swapped = limb::compare(x.magnitude(), y.magnitude()) < 0;
  const Limbs longer = swapped ? y.magnitude() : x.magnitude(), shorter = swapped ? x.magnitude() : y.magnitude();
  const bool sign = swapped ? y_negative : x.negative();
  if (!internal::may_be_long(ctx, longer.size() + 1)) return {};
  IntegerResult result(ctx, longer.size() + 1);
  if (x.negative() != y_negative) {
    limb::subtract(result.limbs(), longer, shorter);
    return result.finish(sign, limb::normal_size(result.limbs(), longer.size()));
  }
  const Limb carry = limb::add(result.limbs(), longer, shorter);
  result.limbs()[longer.size()] = carry;
  return result.finish(sign, longer.size() + carry);
}

Value multiply_integers(Context& ctx, Value a, Value b) {
  const IntegerView x(a), y(b);
  const size_t size = x.size() + y.size();
  if (x.is_zero() || y.is_zero()) return Value::integer(0);
  if (!internal::may_be_long(ctx, size)) return {};
  IntegerResult result(ctx, size);
  {
    const LongComputation computation(ctx, uint64_t{x.size()} * y.size());
    if (a == b) {
      limb::square(result.limbs(), x.magnitude());
    } else {
      limb::multiply(result.limbs(), x.magnitude(), y.magnitude());
    }
  }
  return result.finish(x.negative() != y.negative(), limb::normal_size(result.limbs(), size));
}

/// base^exponent of an odd natural number by squarings from the exponent's highest bit on, in two workspaces by turns.
class Power {
 public:
  Power(Limbs base, uint64_t exponent, size_t room) : base_(base), first_(room), second_(room) {
    limb::copy(now_, base);
    size_ = base.size();
    for (int bit = 62 - __builtin_clzll(exponent); bit >= 0; --bit) {
      take(2 * size_, [&] { limb::square(next_, {now_, size_}); });
      if ((exponent >> bit & 1) != 0) take(size_ + base_.size(), [&] { limb::multiply(next_, {now_, size_}, base_); });
    }
  }
  Limbs result() const { return {now_, size_}; }

 private:
  template <class Function>
  void take(size_t size, Function function) {
    function();
    std::swap(now_, next_);
    size_ = limb::normal_size(now_, size);
  }

  Limbs base_;
  limb::Workspace<64> first_, second_;
  Limb* now_ = first_.data();
  Limb* next_ = second_.data();
  size_t size_;
};

/// Of a base that is not 0, 1 or -1; the exponent is positive. The base's factor 2^zeros becomes a shift.
Value power_of_integer(Context& ctx, Value base, uint64_t exponent) {
  const IntegerView view(base);
  const auto bits = static_cast<limb::DoubleLimb>(bit_length(base)) * exponent;
  const limb::DoubleLimb most = bits / limb::kLimbBits + 4;
  if (!internal::may_be_long(ctx, most > kMaxIntegerLimbs ? ~uint64_t{0} : static_cast<uint64_t>(most))) return {};
  const auto room = static_cast<size_t>(most);
  const uint64_t zeros = limb::trailing_zeros(view.magnitude());
  IntegerResult result(ctx, room);
  size_t size;
  {
    const LongComputation computation(ctx, uint64_t{room} * room);
    limb::Workspace<64> odd(view.size());
    const size_t odd_size = limb::shift_right_by(odd.data(), view.magnitude(), zeros);
    const Power power({odd.data(), odd_size}, exponent, room + view.size());
    size = limb::shift_left_by(result.limbs(), power.result(), zeros * exponent);
  }
  return result.finish(view.negative() && exponent % 2 == 1, size);
}

Value power_of_integers(Context& ctx, Value base, Value exponent) {
  if (exponent == Value::integer(0)) return Value::integer(1);
  const bool odd = (IntegerView(exponent).magnitude()[0] & 1) != 0;
  const bool negative = sign_of(exponent) < 0;
  if (base == Value::integer(0)) return negative ? internal::fail_division_by_zero(ctx) : base;
  if (negative) return make_double(ctx, std::pow(to_double(base), to_double(exponent)));
  if (base == Value::integer(1)) return base;
  if (base == Value::integer(-1)) return odd ? base : Value::integer(1);
  return power_of_integer(ctx, base, to_uint64(exponent).value_or(~uint64_t{0}));
}

}  // namespace

Value internal::add_slow(Context& ctx, Value a, Value b) {
  if (!ctx.enter()) return {};
  if (both_integers(a, b)) return add_integers(ctx, a, b, false);
  if (both_numbers(a, b)) return make_double(ctx, to_double(a) + to_double(b));
  return fail_not_numbers(ctx, "add");
}

Value internal::subtract_slow(Context& ctx, Value a, Value b) {
  if (!ctx.enter()) return {};
  if (both_integers(a, b)) return add_integers(ctx, a, b, true);
  if (both_numbers(a, b)) return make_double(ctx, to_double(a) - to_double(b));
  return fail_not_numbers(ctx, "subtract");
}

Value internal::multiply_slow(Context& ctx, Value a, Value b) {
  if (!ctx.enter()) return {};
  if (both_small_integers(a, b)) return make_integer(ctx, int128_t{a.as_small_integer()} * b.as_small_integer());
  if (both_integers(a, b)) return multiply_integers(ctx, a, b);
  if (both_numbers(a, b)) return make_double(ctx, to_double(a) * to_double(b));
  return fail_not_numbers(ctx, "multiply");
}

Value power(Context& ctx, Value base, Value exponent) {
  if (!ctx.enter()) return {};
  if (both_integers(base, exponent)) return power_of_integers(ctx, base, exponent);
  if (both_numbers(base, exponent)) return make_double(ctx, std::pow(to_double(base), to_double(exponent)));
  return internal::fail_not_numbers(ctx, "power");
}

Value negate(Context& ctx, Value a) {
  if (a.is_integer()) return subtract(ctx, Value::integer(0), a);
  if (a.is_double()) return make_double(ctx, -a.as_double());
  return internal::fail_not_numbers(ctx, "negate");
}

Value absolute(Context& ctx, Value a) {
  if (a.is_double()) return make_double(ctx, std::fabs(a.as_double()));
  if (a.is_integer()) return sign_of(a) < 0 ? negate(ctx, a) : a;
  return internal::fail_not_numbers(ctx, "absolute");
}

}  // namespace proto
