// Arithmetic of values, against the compiler's 128 bits.
#include <cmath>
#include <limits>

#include "runtime/number/integer_view.h"
#include "tests/number/numbers.h"

namespace proto {
namespace {

class NumberArithmetic : public Numbers {};
PROTO_NUMBER_SUITE(NumberArithmetic);

int128_t floor_quotient(int128_t a, int128_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0); }

TEST_P(NumberArithmetic, AgreesWithTheMachine) {
  const int rounds = hostile() ? 300 : 30000;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(testing::Message() << "seed " << kSeed << ", round " << round);
    const int128_t x = small() >> random_.below(70), y = small() >> random_.below(70);
    const Value a = make_integer(ctx_, x), b = make_integer(ctx_, y);
    const auto is = [&](Value result, int128_t expected) { return same(result, make_integer(ctx_, expected)); };
    ASSERT_TRUE(is(add(ctx_, a, b), x + y));
    ASSERT_TRUE(is(subtract(ctx_, a, b), x - y));
    ASSERT_TRUE(is(negate(ctx_, a), -x));
    ASSERT_TRUE(is(absolute(ctx_, a), x < 0 ? -x : x));
    ASSERT_TRUE(is(bit_and(ctx_, a, b), x & y));
    ASSERT_TRUE(is(bit_or(ctx_, a, b), x | y));
    ASSERT_TRUE(is(bit_xor(ctx_, a, b), x ^ y));
    ASSERT_TRUE(is(bit_not(ctx_, a), ~x));
    const auto shift = static_cast<int64_t>(random_.below(140));
    ASSERT_TRUE(is(shift_right(ctx_, a, Value::integer(shift)), x >> std::min<int64_t>(shift, 127)));
    ASSERT_TRUE(same(shift_right(ctx_, shift_left(ctx_, a, Value::integer(shift)), Value::integer(shift)), a));
    const auto order = compare_numbers(a, b);
    ASSERT_TRUE(order == (x <=> y));
    if (y == 0) continue;
    ASSERT_TRUE(is(floor_divide(ctx_, a, b), floor_quotient(x, y)));
    ASSERT_TRUE(is(floor_remainder(ctx_, a, b), x - floor_quotient(x, y) * y));
    ASSERT_TRUE(is(truncating_divide(ctx_, a, b), x / y));
    ASSERT_TRUE(is(truncating_remainder(ctx_, a, b), x % y));
  }
}

TEST_P(NumberArithmetic, ProductsAgreeWithTheMachine) {
  const int rounds = hostile() ? 300 : 30000;
  for (int round = 0; round < rounds; ++round) {
    const int128_t x = small() >> 63, y = small() >> 63;
    ASSERT_TRUE(same(multiply(ctx_, make_integer(ctx_, x), make_integer(ctx_, y)), make_integer(ctx_, x * y)))
        << kSeed << ' ' << round;
  }
}

// The identities that hold for numbers of any size.
TEST_P(NumberArithmetic, LongNumbersObeyTheirLaws) {
  const int rounds = hostile() ? 20 : 300;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(testing::Message() << "seed " << kSeed << ", round " << round);
    const auto number = [&] {
      std::vector<uint64_t> limbs(random_.below(hostile() ? 40 : 200));
      for (uint64_t& limb : limbs) limb = random_.one_in(4) ? ~uint64_t{0} : random_.next();
      return make_integer(ctx_, random_.one_in(2), limbs);
    };
    const Value a = number(), b = number(), c = number();
    ASSERT_TRUE(same(multiply(ctx_, a, add(ctx_, b, c)), add(ctx_, multiply(ctx_, a, b), multiply(ctx_, a, c))));
    ASSERT_TRUE(same(multiply(ctx_, a, a), power(ctx_, a, Value::integer(2))));
    ASSERT_TRUE(same(subtract(ctx_, add(ctx_, a, b), b), a));
    ASSERT_TRUE(same(subtract(ctx_, bit_or(ctx_, a, b), bit_and(ctx_, a, b)), bit_xor(ctx_, a, b)));
    ASSERT_TRUE(same(parse_integer(ctx_, text(a)), a));
    if (sign_of(b) == 0) continue;
    const Value quotient = floor_divide(ctx_, a, b), rest = floor_remainder(ctx_, a, b);
    ASSERT_TRUE(same(add(ctx_, multiply(ctx_, quotient, b), rest), a));
    ASSERT_TRUE(sign_of(rest) == 0 || sign_of(rest) == sign_of(b));
    ASSERT_TRUE(compare_numbers(absolute(ctx_, rest), absolute(ctx_, b)) < 0);
    const Value cut = truncating_remainder(ctx_, a, b);
    ASSERT_TRUE(same(add(ctx_, multiply(ctx_, truncating_divide(ctx_, a, b), b), cut), a));
    ASSERT_TRUE(sign_of(cut) == 0 || sign_of(cut) == sign_of(a));
    const Value divisor = gcd(ctx_, multiply(ctx_, a, c), multiply(ctx_, b, c));
    ASSERT_TRUE(same(divisor, absolute(ctx_, multiply(ctx_, c, gcd(ctx_, a, b)))));
  }
}

TEST_P(NumberArithmetic, ImmediatesAndCellsMeetAtTheirBorder) {
  const Value most = Value::integer(Value::kMaxSmallInteger), least = Value::integer(Value::kMinSmallInteger);
  const Value one = Value::integer(1);
  const Value above = add(ctx_, most, one), below = subtract(ctx_, least, one);
  EXPECT_TRUE(above.is_cell_of(CellKind::kInteger) && below.is_cell_of(CellKind::kInteger));
  EXPECT_EQ(text(above), "1152921504606846976");
  EXPECT_EQ(text(below), "-1152921504606846977");
  EXPECT_EQ(subtract(ctx_, above, one), most);
  EXPECT_EQ(add(ctx_, below, one), least);
  EXPECT_EQ(negate(ctx_, above), least);
  EXPECT_TRUE(same(negate(ctx_, least), above));
  EXPECT_TRUE(same(floor_divide(ctx_, least, Value::integer(-1)), above));
  EXPECT_EQ(floor_divide(ctx_, above, Value::integer(2)), Value::integer(int64_t{1} << 59));
  EXPECT_EQ(to_int64(above), Value::kMaxSmallInteger + 1);
  const Value lowest = make_integer(ctx_, std::numeric_limits<int64_t>::min());
  EXPECT_EQ(to_int64(lowest), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(to_int64(negate(ctx_, lowest)), std::nullopt);
  EXPECT_EQ(to_int64(subtract(ctx_, lowest, one)), std::nullopt);
  EXPECT_EQ(to_uint64(make_integer(ctx_, ~uint64_t{0})), ~uint64_t{0});
  EXPECT_EQ(to_uint64(add(ctx_, make_integer(ctx_, ~uint64_t{0}), one)), std::nullopt);
  EXPECT_EQ(to_uint64(Value::integer(-1)), std::nullopt);
  EXPECT_EQ(bit_length(lowest), 64u);
  EXPECT_EQ(bit_length(Value::integer(-4)), 3u);
  EXPECT_EQ(make_integer(ctx_, true, std::vector<uint64_t>{uint64_t{1} << 60, 0, 0}), least);
  EXPECT_EQ(make_integer(ctx_, true, std::vector<uint64_t>(3)), Value::integer(0));
  EXPECT_FALSE(IntegerView(Value::integer(0)).negative());
}

TEST_P(NumberArithmetic, DoublesOfEveryExponent) {
  for (int exponent = -1074; exponent <= 1023; ++exponent) {
    for (const double value : {std::ldexp(1.0, exponent), -std::ldexp(1.0, exponent)}) {
      const Value a = real(value);
      ASSERT_TRUE(a.is_double() && !a.is_integer());
      ASSERT_EQ(a.as_double(), value);
      ASSERT_EQ(add(ctx_, a, a).as_double(), value + value);
      ASSERT_EQ(multiply(ctx_, a, a).as_double(), value * value);
      ASSERT_EQ(subtract(ctx_, a, Value::integer(3)).as_double(), value - 3);
      ASSERT_EQ(divide(ctx_, a, real(3)).as_double(), value / 3);
    }
  }
  EXPECT_TRUE(std::signbit(real(-0.0).as_double()));
  EXPECT_TRUE(std::isnan(subtract(ctx_, real(INFINITY), real(INFINITY)).as_double()));
}

TEST_P(NumberArithmetic, IntegersBesideDoubles) {
  EXPECT_EQ(add(ctx_, Value::integer(1), real(0.5)).as_double(), 1.5);
  EXPECT_EQ(divide(ctx_, Value::integer(1), Value::integer(4)).as_double(), 0.25);
  EXPECT_EQ(divide(ctx_, Value::integer(0), Value::integer(-4)).as_double(), 0.0);
  EXPECT_EQ(divide(ctx_, Value::integer(1), real(0)).as_double(), INFINITY);
  EXPECT_EQ(floor_divide(ctx_, Value::integer(-7), real(2)).as_double(), -4.0);
  EXPECT_EQ(truncating_divide(ctx_, real(-7.5), Value::integer(2)).as_double(), -3.0);
  EXPECT_EQ(truncating_remainder(ctx_, real(-7.5), Value::integer(2)).as_double(), -1.5);
  const Value huge = power(ctx_, Value::integer(10), Value::integer(400));
  EXPECT_EQ(add(ctx_, huge, real(1)).as_double(), INFINITY);
  EXPECT_EQ(divide(ctx_, huge, multiply(ctx_, huge, Value::integer(8))).as_double(), 0.125);
}

TEST_P(NumberArithmetic, Powers) {
  EXPECT_EQ(text(power(ctx_, Value::integer(-3), Value::integer(101))),
            "-1546132562196033993109383389296863818106322566003");
  EXPECT_EQ(text(power(ctx_, Value::integer(24), Value::integer(30))), "254880876153761202627773829926908776677376");
  EXPECT_EQ(power(ctx_, Value::integer(0), Value::integer(0)), Value::integer(1));
  EXPECT_EQ(power(ctx_, Value::integer(2), Value::integer(-2)).as_double(), 0.25);
  EXPECT_EQ(power(ctx_, real(2), Value::integer(10)).as_double(), 1024.0);
  EXPECT_TRUE(std::isnan(power(ctx_, Value::integer(-8), real(0.5)).as_double()));
  const Value even = power(ctx_, Value::integer(2), Value::integer(100));
  EXPECT_EQ(power(ctx_, Value::integer(-1), even), Value::integer(1));
  EXPECT_EQ(power(ctx_, Value::integer(-1), add(ctx_, even, Value::integer(1))), Value::integer(-1));
  EXPECT_EQ(power(ctx_, Value::integer(0), even), Value::integer(0));
  EXPECT_EQ(power(ctx_, Value::integer(7), negate(ctx_, even)).as_double(), 0.0);
  Value product = Value::integer(1);
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(same(power(ctx_, Value::integer(-1234567890123), Value::integer(i)), product)) << i;
    product = multiply(ctx_, product, Value::integer(-1234567890123));
  }
}

TEST_P(NumberArithmetic, ErrorsSayWhoseFaultItIs) {
  const Value zero = Value::integer(0), seven = Value::integer(7), huge = power(ctx_, seven, Value::integer(100));
  for (const auto operation : {floor_divide, floor_remainder, divide, truncating_divide, truncating_remainder}) {
    for (const Value a : {seven, huge, zero}) {
      EXPECT_TRUE(operation(ctx_, a, zero).is_none());
      EXPECT_EQ(error(), StatusCode::kInvalidArgument);
    }
  }
  for (const auto operation :
       {add, subtract, multiply, divide, floor_divide, truncating_remainder, power, gcd, bit_xor, shift_left}) {
    EXPECT_TRUE(operation(ctx_, seven, Value::short_string("7")).is_none());
    EXPECT_EQ(error(), StatusCode::kType);
    EXPECT_TRUE(operation(ctx_, Value(), huge).is_none());
    EXPECT_EQ(error(), StatusCode::kType);
  }
  EXPECT_TRUE(bit_and(ctx_, seven, real(1)).is_none());
  EXPECT_EQ(error(), StatusCode::kType);
  EXPECT_TRUE(shift_left(ctx_, seven, Value::integer(-1)).is_none());
  EXPECT_EQ(error(), StatusCode::kInvalidArgument);
  for (const Value bits : {Value::integer(int64_t{1} << 40), Value::integer(int64_t{1} << 59), huge}) {
    EXPECT_TRUE(shift_left(ctx_, seven, bits).is_none());
    EXPECT_EQ(error(), StatusCode::kRange);
    EXPECT_TRUE(power(ctx_, seven, bits).is_none());
    EXPECT_EQ(error(), StatusCode::kRange);
    EXPECT_EQ(shift_right(ctx_, negate(ctx_, huge), bits), Value::integer(-1));
    EXPECT_EQ(shift_left(ctx_, zero, bits), zero);
  }
  EXPECT_TRUE(power(ctx_, zero, Value::integer(-1)).is_none());
  EXPECT_EQ(error(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(to_integer(ctx_, real(NAN)).is_none());
  EXPECT_EQ(error(), StatusCode::kRange);
  // The first error stays, and nothing is done until it is taken.
  ctx_.fail(Status(StatusCode::kConflict, "first"));
  EXPECT_TRUE(add(ctx_, huge, seven).is_none());
  EXPECT_TRUE(floor_divide(ctx_, huge, zero).is_none());
  EXPECT_EQ(error(), StatusCode::kConflict);
}

TEST_P(NumberArithmetic, Roundings) {
  for (const double value : {2.5, 3.5, -2.5, 0.4, -0.6, 1e300, -1e18, 7.0}) {
    EXPECT_EQ(to_double(to_integer(ctx_, real(value), Rounding::kDown)), std::floor(value));
    EXPECT_EQ(to_double(to_integer(ctx_, real(value), Rounding::kUp)), std::ceil(value));
    EXPECT_EQ(to_double(to_integer(ctx_, real(value), Rounding::kTowardsZero)), std::trunc(value));
    EXPECT_EQ(to_double(to_integer(ctx_, real(value), Rounding::kNearest)), std::nearbyint(value));
    EXPECT_EQ(is_integral(real(value)), value == std::floor(value));
  }
}

TEST_P(NumberArithmetic, FactorialOfAThousand) {
  Value product = Value::integer(1);
  for (int i = 2; i <= 1000; ++i) product = multiply(ctx_, product, Value::integer(i));
  EXPECT_EQ(text(product).size(), 2568u);
  for (int i = 1000; i >= 2; --i) {
    ASSERT_EQ(floor_remainder(ctx_, product, Value::integer(i)), Value::integer(0));
    product = floor_divide(ctx_, product, Value::integer(i));
  }
  EXPECT_EQ(product, Value::integer(1));
}

}  // namespace
}  // namespace proto
