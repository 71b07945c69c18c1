// Numbers: integers of any size and doubles, and arithmetic on values that mixes them.
//
// Integers. What fits 61 bits is immediate; the others are cells of sign and magnitude (integer_view.h), at most
// kMaxIntegerLimbs long. Results are exact; a result that would be longer fails with kRange.
//
// Doubles are IEEE 754. Doubles of everyday exponent are immediate, the others boxed. An operation on an integer and a
// double is done on doubles: the integer is rounded to the nearest double (ties to even; infinity beyond the range).
//
// Comparison is exact, though: 2^53 + 1 differs from 2^53 as a double, and 1 equals 1.0, with equal hashes. In equal()
// and compare() of value/operations.h all NaNs equal each other and come after all numbers, so that they can be keys
// and be sorted; compare_numbers() here is IEEE's: NaN is unordered. -0.0 equals 0.
//
// Errors: an operand that is no number fails with kType; integer division by zero with kInvalidArgument (with a double
// among the operands it is IEEE's: infinity or NaN); a result that is too long with kRange. The result is none then.
//
// Threads: as any operation with a Context; what has none may be called on any thread. Operations on small numbers are
// O(1); addition and bits O(n); multiplication O(n^1.46), division O(n^1.6), for n limbs.
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/heap/context.h"
#include "runtime/value/value.h"

namespace proto {

__extension__ using int128_t = __int128;

/// Integers of more than 2^30 bits fail with kRange.
inline constexpr uint64_t kMaxIntegerLimbs = uint64_t{1} << 24;

// ---- slow paths of what is inline below ----

namespace internal {
Value box_integer(Context& ctx, int128_t value);
Value box_double(Context& ctx, double value);
Value box_span(Context& ctx, TimeSpan span);
Value add_slow(Context& ctx, Value a, Value b);
Value subtract_slow(Context& ctx, Value a, Value b);
Value multiply_slow(Context& ctx, Value a, Value b);
Value divide_slow(Context& ctx, Value a, Value b);
Value floor_divide_slow(Context& ctx, Value a, Value b);
Value floor_remainder_slow(Context& ctx, Value a, Value b);
std::partial_ordering compare_numbers_slow(Value a, Value b);
double to_double_slow(Value number);

inline bool both_small_integers(Value a, Value b) {
  return (((a.word() ^ Value::kIntegerTag) | (b.word() ^ Value::kIntegerTag)) & 7) == 0;
}
inline bool both_immediate_doubles(Value a, Value b) { return a.is_immediate_double() && b.is_immediate_double(); }
/// Eight times the integer: the word without its tag. Whatever overflows as this does not fit an immediate.
inline int64_t scaled(Value small) { return static_cast<int64_t>(small.word() - Value::kIntegerTag); }
inline Value from_scaled(int64_t scaled) {
  return Value::from_word(static_cast<uint64_t>(scaled) + Value::kIntegerTag);
}
}  // namespace internal

// ---- making ----

/// An integer from any integral type of C++ but bool and characters; allocates only beyond 61 bits.
template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, char32_t>)
Value make_integer(Context& ctx, T value) {
  if (std::in_range<int64_t>(value) && Value::fits_integer(static_cast<int64_t>(value))) {
    return Value::integer(static_cast<int64_t>(value));
  }
  return internal::box_integer(ctx, value);
}
inline Value make_integer(Context& ctx, int128_t value) {
  if (value >= Value::kMinSmallInteger && value <= Value::kMaxSmallInteger) {
    return Value::integer(static_cast<int64_t>(value));
  }
  return internal::box_integer(ctx, value);
}
/// An integer from its sign and the limbs of its magnitude, least significant first; leading zeros are allowed. O(n).
Value make_integer(Context& ctx, bool negative, std::span<const uint64_t> magnitude);
/// A double; allocates 16 bytes when its exponent is beyond -255..256 and it is not zero.
inline Value make_double(Context& ctx, double value) {
  return Value::fits_double(value) ? Value::small_double(value) : internal::box_double(ctx, value);
}
/// A time span; allocates 16 bytes beyond 1,141 years.
inline Value make_span(Context& ctx, TimeSpan span) {
  return Value::fits(span) ? Value::short_span(span) : internal::box_span(ctx, span);
}

// ---- asking: operands must be numbers, integers where it says so ----

/// The integer, if it fits.
std::optional<int64_t> to_int64(Value integer);
std::optional<uint64_t> to_uint64(Value integer);
/// The nearest double (ties to even); infinity beyond the range.
inline double to_double(Value number) {
  return number.is_immediate_double() ? number.as_double() : internal::to_double_slow(number);
}
/// -1, 0 or 1; 0 for NaN.
int sign_of(Value number);
/// Bits of the magnitude: 0 for 0, 3 for 4 and -4. O(1).
uint64_t bit_length(Value integer);
/// True for integers, and for doubles without a fraction.
bool is_integral(Value number);

// ---- comparing ----

/// Exact; unordered if one is NaN. Both must be numbers.
inline std::partial_ordering compare_numbers(Value a, Value b) {
  if (internal::both_small_integers(a, b)) return static_cast<int64_t>(a.word()) <=> static_cast<int64_t>(b.word());
  if (internal::both_immediate_doubles(a, b)) return a.as_double() <=> b.as_double();
  return internal::compare_numbers_slow(a, b);
}

// ---- arithmetic ----

inline Value add(Context& ctx, Value a, Value b) {
  if (internal::both_small_integers(a, b)) {
    int64_t sum;
    if (!__builtin_add_overflow(internal::scaled(a), internal::scaled(b), &sum)) return internal::from_scaled(sum);
  } else if (internal::both_immediate_doubles(a, b)) {
    const double sum = a.as_double() + b.as_double();
    if (Value::fits_double(sum)) return Value::small_double(sum);
  }
  return internal::add_slow(ctx, a, b);
}
inline Value subtract(Context& ctx, Value a, Value b) {
  if (internal::both_small_integers(a, b)) {
    int64_t difference;
    if (!__builtin_sub_overflow(internal::scaled(a), internal::scaled(b), &difference)) {
      return internal::from_scaled(difference);
    }
  } else if (internal::both_immediate_doubles(a, b)) {
    const double difference = a.as_double() - b.as_double();
    if (Value::fits_double(difference)) return Value::small_double(difference);
  }
  return internal::subtract_slow(ctx, a, b);
}
inline Value multiply(Context& ctx, Value a, Value b) {
  if (internal::both_small_integers(a, b)) {
    int64_t product;
    if (!__builtin_mul_overflow(internal::scaled(a), b.as_small_integer(), &product))
      return internal::from_scaled(product);
  } else if (internal::both_immediate_doubles(a, b)) {
    const double product = a.as_double() * b.as_double();
    if (Value::fits_double(product)) return Value::small_double(product);
  }
  return internal::multiply_slow(ctx, a, b);
}
/// True division: a double always, of integers the one nearest to the exact quotient (infinity beyond the range).
inline Value divide(Context& ctx, Value a, Value b) {
  if (internal::both_immediate_doubles(a, b)) {
    const double quotient = a.as_double() / b.as_double();
    if (Value::fits_double(quotient)) return Value::small_double(quotient);
  }
  return internal::divide_slow(ctx, a, b);
}
/// The quotient rounded down: -7 and 2 give -4. Of doubles: a double.
inline Value floor_divide(Context& ctx, Value a, Value b) {
  if (internal::both_small_integers(a, b) && b.as_small_integer() > 0) {
    const int64_t x = a.as_small_integer(), y = b.as_small_integer();
    return Value::integer(x / y - (x % y < 0));
  }
  return internal::floor_divide_slow(ctx, a, b);
}
/// What floor_divide leaves: a - b * floor_divide(a, b), with the sign of b: -7 and 2 give 1.
inline Value floor_remainder(Context& ctx, Value a, Value b) {
  if (internal::both_small_integers(a, b) && b.as_small_integer() > 0) {
    const int64_t rest = a.as_small_integer() % b.as_small_integer();
    return Value::integer(rest < 0 ? rest + b.as_small_integer() : rest);
  }
  return internal::floor_remainder_slow(ctx, a, b);
}
/// The quotient rounded towards zero: -7 and 2 give -3. Of doubles: a double.
Value truncating_divide(Context& ctx, Value a, Value b);
/// What truncating_divide leaves, with the sign of a: -7 and 2 give -1.
Value truncating_remainder(Context& ctx, Value a, Value b);
/// An integer to a non-negative integer: exact. To a negative one, or with a double: a double (NaN where there is
/// none). 0 to a negative integer fails with kInvalidArgument.
Value power(Context& ctx, Value base, Value exponent);
Value negate(Context& ctx, Value a);
Value absolute(Context& ctx, Value a);

// ---- bits: of integers as two's complement numbers of infinite width; kType for doubles ----

/// kInvalidArgument when the count is negative. Right shifts round down.
Value shift_left(Context& ctx, Value a, Value count);
Value shift_right(Context& ctx, Value a, Value count);
Value bit_and(Context& ctx, Value a, Value b);
Value bit_or(Context& ctx, Value a, Value b);
Value bit_xor(Context& ctx, Value a, Value b);
Value bit_not(Context& ctx, Value a);

/// The greatest common divisor of integers, not negative; gcd(0, 0) is 0.
Value gcd(Context& ctx, Value a, Value b);

// ---- conversions ----

enum class Rounding : uint8_t { kDown, kUp, kTowardsZero, kNearest };  // kNearest: ties to even

/// The number as an integer. kRange for NaN and infinity.
Value to_integer(Context& ctx, Value number, Rounding rounding = Rounding::kTowardsZero);

/// Appends an integer in a radix of 2 to 36, digits above 9 in small letters, without prefix. O(n^1.6) (O(n) for radix
/// 2^k).
void append_integer(Context& ctx, std::string& out, Value integer, unsigned radix = 10);
/// Appends the shortest text that reads back as the same double, which is never that of an integer: 3.0, 1e+300, 0.1,
/// inf, nan.
void append_double(std::string& out, double value);
/// Appends either.
void append_number(Context& ctx, std::string& out, Value number);

/// An integer from text: a sign or none, then digits of the radix (2 to 36) in either case; nothing else. Radix 0:
/// decimal, or by prefix 0x, 0o, 0b. kInvalidArgument, with the place, for other text.
Value parse_integer(Context& ctx, std::string_view text, unsigned radix = 10);
/// A double from text in decimal notation, inf or nan, nearest to what is written. kInvalidArgument for other text,
/// kRange where the nearest double is infinite.
Value parse_double(Context& ctx, std::string_view text);
/// An integer if the text is one (with radix 0), else a double.
Value parse_number(Context& ctx, std::string_view text);

// ---- for the runtime ----

/// Enters the operations of kInteger, kBoxedDouble, kBoxedSpan and of immediate numbers.
void register_number_kinds();

}  // namespace proto
