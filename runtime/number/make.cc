// Numbers from what C++ has, and back.
#include <cmath>
#include <limits>

#include "runtime/limb/rounding.h"
#include "runtime/number/internal/integer_result.h"

namespace proto {

using limb::Limb;

namespace internal {

Value box_integer(Context& ctx, int128_t value) {
  __extension__ using Unsigned = unsigned __int128;
  const bool negative = value < 0;
  const Unsigned magnitude = negative ? ~static_cast<Unsigned>(value) + 1 : static_cast<Unsigned>(value);
  const Limb limbs[2] = {static_cast<Limb>(magnitude), static_cast<Limb>(magnitude >> 64)};
  return make_integer(ctx, negative, limbs);
}

namespace {
// A number or span that is one word.
Value box_word(Context& ctx, CellKind kind, uint64_t word) {
  if (!ctx.enter()) return {};
  Cell* cell = allocate_raw<Cell>(ctx, kind, 2 * sizeof(uint64_t));
  std::memcpy(reinterpret_cast<char*>(cell) + sizeof(Cell), &word, sizeof word);
  return Value::cell(cell);
}
}  // namespace

Value box_double(Context& ctx, double value) {
  return box_word(ctx, CellKind::kBoxedDouble, std::bit_cast<uint64_t>(value));
}
Value box_span(Context& ctx, TimeSpan span) {
  return box_word(ctx, CellKind::kBoxedSpan, static_cast<uint64_t>(span.microseconds));
}

Value fail_type(Context& ctx, std::string_view operation, const char* wanted) {
  return ctx.fail(Status(StatusCode::kType, std::string(operation) + " wants " + wanted));
}
Value fail_division_by_zero(Context& ctx) { return ctx.fail(Status(StatusCode::kInvalidArgument, "division by zero")); }

double to_double_slow(Value number) {
  PROTO_DCHECK(number.is_number());
  if (number.is_small_integer()) return static_cast<double>(number.as_small_integer());
  if (!number.is_integer()) return number.as_double();
  const IntegerView view(number);
  const double magnitude = limb::to_double(view.magnitude());
  return view.negative() ? -magnitude : magnitude;
}

}  // namespace internal

Value make_integer(Context& ctx, bool negative, std::span<const uint64_t> magnitude) {
  const limb::Limbs limbs = limb::normal(magnitude);
  if (limbs.size() <= 1) {
    const auto number = static_cast<int128_t>(limbs.empty() ? 0 : limbs[0]);
    const int128_t value = negative ? -number : number;
    if (value >= Value::kMinSmallInteger && value <= Value::kMaxSmallInteger) {
      return Value::integer(static_cast<int64_t>(value));
    }
  }
  if (!ctx.enter() || !internal::may_be_long(ctx, limbs.size())) return {};
  auto* cell = allocate_raw<IntegerCell>(ctx, CellKind::kInteger, IntegerCell::bytes(limbs.size()),
                                         IntegerCell::make_payload(negative, limbs.size()));
  limb::copy(cell->limbs(), limbs);
  return Value::cell(cell);
}

std::optional<int64_t> to_int64(Value integer) {
  if (integer.is_small_integer()) return integer.as_small_integer();
  const IntegerView view(integer);
  if (view.size() > 1) return std::nullopt;
  const uint64_t magnitude = view.is_zero() ? 0 : view.magnitude()[0];
  constexpr uint64_t kLowest = uint64_t{1} << 63;
  if (magnitude > kLowest || (magnitude == kLowest && !view.negative())) return std::nullopt;
  return static_cast<int64_t>(view.negative() ? ~magnitude + 1 : magnitude);
}

std::optional<uint64_t> to_uint64(Value integer) {
  const IntegerView view(integer);
  if (view.negative() || view.size() > 1) return std::nullopt;
  return view.is_zero() ? 0 : view.magnitude()[0];
}

int sign_of(Value number) {
  if (number.is_double()) return (number.as_double() > 0) - (number.as_double() < 0);
  const IntegerView view(number);
  return view.is_zero() ? 0 : view.negative() ? -1 : 1;
}

uint64_t bit_length(Value integer) { return limb::bit_length(IntegerView(integer).magnitude()); }

bool is_integral(Value number) {
  if (number.is_integer()) return true;
  const double value = number.as_double();
  return std::isfinite(value) && value == std::floor(value);
}

namespace {

double round(double value, Rounding rounding) {
  switch (rounding) {
    case Rounding::kDown:
      return std::floor(value);
    case Rounding::kUp:
      return std::ceil(value);
    case Rounding::kTowardsZero:
      return std::trunc(value);
    default:
      return std::nearbyint(value);
  }
}

}  // namespace

Value to_integer(Context& ctx, Value number, Rounding rounding) {
  if (number.is_integer()) return number;
  if (!number.is_double()) return internal::fail_not_numbers(ctx, "to_integer");
  const double value = round(number.as_double(), rounding);
  if (!std::isfinite(value)) return ctx.fail(Status(StatusCode::kRange, "no integer is infinite or not a number"));
  Limb limbs[limb::kDoubleLimbs];
  return make_integer(ctx, value < 0, {limbs, limb::from_double(limbs, std::fabs(value))});
}

}  // namespace proto
