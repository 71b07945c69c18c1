// Quotients and remainders of every kind, and common divisors.
#include <cmath>

#include "runtime/limb/divide.h"
#include "runtime/limb/gcd.h"
#include "runtime/limb/rounding.h"
#include "runtime/limb/workspace.h"
#include "runtime/number/internal/integer_result.h"

namespace proto {

using internal::IntegerResult;
using internal::LongComputation;
using limb::Limb;

namespace {

enum class Part : uint8_t { kQuotient, kRemainder };
enum class Round : uint8_t { kDown, kTowardsZero };

// A quotient of two of 61 bits fits 62.
Value divide_small(Context& ctx, int64_t a, int64_t b, Part part, Round round) {
  int64_t quotient = a / b, remainder = a % b;
  if (round == Round::kDown && remainder != 0 && (remainder < 0) != (b < 0)) --quotient, remainder += b;
  return make_integer(ctx, part == Part::kQuotient ? quotient : remainder);
}

/// Magnitudes are divided; rounding down raises that of a negative quotient, and the remainder becomes what is missing.
/// The part that is asked for is written into the result's cell, the other one beside it.
Value divide_long(Context& ctx, Value a, Value b, Part part, Round round) {
  const IntegerView x(a), y(b);
  const size_t quotient_size = x.size() >= y.size() ? x.size() - y.size() + 1 : 0;
  const size_t quotient_room = quotient_size + 1;
  const bool wants_quotient = part == Part::kQuotient;
  if (!internal::may_be_long(ctx, x.size() + 2)) return {};
  IntegerResult result(ctx, wants_quotient ? quotient_room : y.size());
  limb::Workspace<96> other(wants_quotient ? y.size() : quotient_room);
  Limb* const quotient = wants_quotient ? result.limbs() : other.data();
  Limb* const remainder = wants_quotient ? other.data() : result.limbs();
  if (quotient_size > 0) {
    const LongComputation computation(ctx, uint64_t{quotient_size} * y.size());
    limb::divide(quotient, remainder, x.magnitude(), y.magnitude());
  } else {
    limb::copy(remainder, x.magnitude());
    limb::clear(remainder + x.size(), y.size() - x.size());
  }
  quotient[quotient_size] = 0;
  const bool different = x.negative() != y.negative();
  const bool raise = round == Round::kDown && different && limb::normal_size(remainder, y.size()) != 0;
  if (wants_quotient) {
    if (raise) limb::add_limb(quotient, quotient, quotient_room, 1);
    return result.finish(different, limb::normal_size(quotient, quotient_room));
  }
  if (raise) limb::subtract(remainder, y.magnitude().data(), remainder, y.size());
  return result.finish(raise ? y.negative() : x.negative(), limb::normal_size(remainder, y.size()));
}

Value divide_integers(Context& ctx, Value a, Value b, Part part, Round round) {
  if (b == Value::integer(0)) return internal::fail_division_by_zero(ctx);
  if (internal::both_small_integers(a, b)) {
    return divide_small(ctx, a.as_small_integer(), b.as_small_integer(), part, round);
  }
  return divide_long(ctx, a, b, part, round);
}

/// fmod is exact, and a quotient without it nearly an integer, which is then rounded to.
double divide_doubles(double a, double b, Part part, Round round) {
  if (b == 0) return part == Part::kQuotient ? a / b : std::fmod(a, b);
  double remainder = std::fmod(a, b);
  double quotient = (a - remainder) / b;
  if (round == Round::kDown && remainder != 0 && (remainder < 0) != (b < 0)) remainder += b, quotient -= 1;
  if (part == Part::kRemainder) return remainder == 0 ? std::copysign(0.0, round == Round::kDown ? b : a) : remainder;
  return quotient == 0 ? std::copysign(0.0, a / b) : std::nearbyint(quotient);
}

Value divide_any(Context& ctx, Value a, Value b, Part part, Round round, std::string_view name) {
  if (!ctx.enter()) return {};
  if (a.is_integer() && b.is_integer()) return divide_integers(ctx, a, b, part, round);
  if (!a.is_number() || !b.is_number()) return internal::fail_not_numbers(ctx, name);
  return make_double(ctx, divide_doubles(to_double(a), to_double(b), part, round));
}

double true_quotient(Value a, Value b) {
  constexpr int64_t kExact = int64_t{1} << 53;
  if (internal::both_small_integers(a, b)) {
    const int64_t x = a.as_small_integer(), y = b.as_small_integer();
    if (x >= -kExact && x <= kExact && y >= -kExact && y <= kExact)
      return static_cast<double>(x) / static_cast<double>(y);
  }
  const IntegerView x(a), y(b);
  const double magnitude = limb::quotient_to_double(x.magnitude(), y.magnitude());
  return x.negative() != y.negative() ? -magnitude : magnitude;
}

}  // namespace

Value internal::divide_slow(Context& ctx, Value a, Value b) {
  if (!ctx.enter()) return {};
  if (a.is_integer() && b.is_integer()) {
    if (b == Value::integer(0)) return fail_division_by_zero(ctx);
    return a == Value::integer(0) ? Value::small_double(0) : make_double(ctx, true_quotient(a, b));
  }
  if (a.is_number() && b.is_number()) return make_double(ctx, to_double(a) / to_double(b));
  return fail_not_numbers(ctx, "divide");
}

Value internal::floor_divide_slow(Context& ctx, Value a, Value b) {
  return divide_any(ctx, a, b, Part::kQuotient, Round::kDown, "floor_divide");
}
Value internal::floor_remainder_slow(Context& ctx, Value a, Value b) {
  return divide_any(ctx, a, b, Part::kRemainder, Round::kDown, "floor_remainder");
}
Value truncating_divide(Context& ctx, Value a, Value b) {
  return divide_any(ctx, a, b, Part::kQuotient, Round::kTowardsZero, "truncating_divide");
}
Value truncating_remainder(Context& ctx, Value a, Value b) {
  return divide_any(ctx, a, b, Part::kRemainder, Round::kTowardsZero, "truncating_remainder");
}

Value gcd(Context& ctx, Value a, Value b) {
  if (!ctx.enter()) return {};
  if (!a.is_integer() || !b.is_integer()) return internal::fail_not_integers(ctx, "gcd");
  const IntegerView x(a), y(b);
  const size_t room = std::max(x.size(), y.size());
  if (room <= 1)
    return make_integer(ctx, limb::gcd(x.is_zero() ? 0 : x.magnitude()[0], y.is_zero() ? 0 : y.magnitude()[0]));
  if (!internal::may_be_long(ctx, room)) return {};
  IntegerResult result(ctx, room);
  size_t size;
  {
    const LongComputation computation(ctx, uint64_t{room} * room);
    size = limb::gcd(result.limbs(), x.magnitude(), y.magnitude());
  }
  return result.finish(false, size);
}

}  // namespace proto
