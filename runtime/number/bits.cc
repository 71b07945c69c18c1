// Shifts and bit operations of integers.
#include "runtime/limb/bits.h"

#include "runtime/number/internal/integer_result.h"

namespace proto {

using internal::IntegerResult;
using limb::BitOperation;
using limb::Limb;

namespace {

constexpr int64_t kSmallBits = 61;

Value combine(Context& ctx, Value a, Value b, BitOperation operation, std::string_view name) {
  if (!ctx.enter()) return {};
  if (!a.is_integer() || !b.is_integer()) return internal::fail_not_integers(ctx, name);
  const IntegerView x(a), y(b);
  const size_t room = std::max(x.size(), y.size()) + 1;
  if (!internal::may_be_long(ctx, room)) return {};
  IntegerResult result(ctx, room);
  const size_t size =
      limb::combine_bits(operation, result.limbs(), {x.negative(), x.magnitude()}, {y.negative(), y.magnitude()});
  return result.finish(limb::is_negative(operation, x.negative(), y.negative()), size);
}

/// A shift's count, where its operands are right; a count that is no immediate stands for any that large.
std::optional<uint64_t> shift_count(Context& ctx, Value a, Value count, std::string_view name) {
  if (!ctx.enter()) return std::nullopt;
  if (!a.is_integer() || !count.is_integer()) {
    internal::fail_not_integers(ctx, name);
    return std::nullopt;
  }
  if (sign_of(count) < 0) {
    ctx.fail(Status(StatusCode::kInvalidArgument, std::string(name) + ": the count is negative"));
    return std::nullopt;
  }
  return count.is_small_integer() ? static_cast<uint64_t>(count.as_small_integer()) : uint64_t{1} << 61;
}

}  // namespace

Value shift_left(Context& ctx, Value a, Value count) {
  const std::optional<uint64_t> bits = shift_count(ctx, a, count, "shift_left");
  if (!bits || a == Value::integer(0)) return bits ? a : Value();
  if (a.is_small_integer() && *bits < 64)
    return make_integer(ctx, int128_t{a.as_small_integer()} * (int128_t{1} << *bits));
  const IntegerView view(a);
  const uint64_t room = view.size() + *bits / limb::kLimbBits + 1;
  if (!internal::may_be_long(ctx, room)) return {};
  IntegerResult result(ctx, room);
  const size_t size = limb::shift_left_by(result.limbs(), view.magnitude(), *bits);
  return result.finish(view.negative(), size);
}

Value shift_right(Context& ctx, Value a, Value count) {
  const std::optional<uint64_t> bits = shift_count(ctx, a, count, "shift_right");
  if (!bits) return {};
  if (a.is_small_integer()) return Value::integer(a.as_small_integer() >> std::min<uint64_t>(*bits, kSmallBits));
  const IntegerView view(a);
  const size_t room = view.size() - std::min<uint64_t>(*bits / limb::kLimbBits, view.size() - 1) + 1;
  if (!internal::may_be_long(ctx, room)) return {};
  IntegerResult result(ctx, room);
  const size_t size = limb::shift_right_down(result.limbs(), {view.negative(), view.magnitude()}, *bits);
  return result.finish(view.negative(), size);
}

// The tag is a part of all small integers, and so of their conjunction and disjunction.
Value bit_and(Context& ctx, Value a, Value b) {
  if (internal::both_small_integers(a, b)) return Value::from_word(a.word() & b.word());
  return combine(ctx, a, b, BitOperation::kAnd, "bit_and");
}
Value bit_or(Context& ctx, Value a, Value b) {
  if (internal::both_small_integers(a, b)) return Value::from_word(a.word() | b.word());
  return combine(ctx, a, b, BitOperation::kOr, "bit_or");
}
Value bit_xor(Context& ctx, Value a, Value b) {
  if (internal::both_small_integers(a, b)) return Value::from_word((a.word() ^ b.word()) | Value::kIntegerTag);
  return combine(ctx, a, b, BitOperation::kXor, "bit_xor");
}
// ~a is -1 - a.
Value bit_not(Context& ctx, Value a) {
  if (!a.is_integer()) return internal::fail_not_integers(ctx, "bit_not");
  return subtract(ctx, Value::integer(-1), a);
}

}  // namespace proto
