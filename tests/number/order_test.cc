// Equality, order and hashes of mixed numbers.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "runtime/heap/root_list.h"
#include "tests/number/numbers.h"

namespace proto {
namespace {

class NumberOrder : public Numbers {};
PROTO_NUMBER_SUITE(NumberOrder);

TEST_P(NumberOrder, ExactBesideDoubles) {
  const double limit = 0x1p53;
  const Value exact = real(limit), integer_limit = make_integer(ctx_, int64_t{1} << 53);
  const Value next = make_integer(ctx_, (int64_t{1} << 53) + 1);
  EXPECT_TRUE(equal(ctx_, exact, integer_limit));
  EXPECT_FALSE(equal(ctx_, exact, next));
  EXPECT_TRUE(compare_numbers(exact, next) < 0);
  EXPECT_TRUE(equal(ctx_, Value::integer(1), real(1.0)));
  EXPECT_EQ(hash(ctx_, Value::integer(1)), hash(ctx_, real(1.0)));
  EXPECT_TRUE(equal(ctx_, Value::integer(0), real(-0.0)));
  EXPECT_EQ(hash(ctx_, real(0.0)), hash(ctx_, real(-0.0)));
  EXPECT_FALSE(equal(ctx_, Value::integer(1), Value::boolean(true)));
  EXPECT_FALSE(equal(ctx_, Value::integer(49), Value::short_string("1")));
  const Value huge = power(ctx_, Value::integer(2), Value::integer(1023)),
              beyond = shift_left(ctx_, huge, Value::integer(1));
  EXPECT_TRUE(equal(ctx_, huge, real(0x1p1023)));
  EXPECT_EQ(hash(ctx_, huge), hash(ctx_, real(0x1p1023)));
  EXPECT_TRUE(compare_numbers(beyond, real(std::numeric_limits<double>::max())) > 0);
  EXPECT_TRUE(compare_numbers(beyond, real(INFINITY)) < 0);
  EXPECT_TRUE(compare_numbers(negate(ctx_, beyond), real(-INFINITY)) > 0);
}

TEST_P(NumberOrder, NotANumber) {
  const Value nan = real(NAN), other = real(-std::numeric_limits<double>::quiet_NaN());
  EXPECT_TRUE(compare_numbers(nan, nan) == std::partial_ordering::unordered);
  EXPECT_TRUE(compare_numbers(Value::integer(1), nan) == std::partial_ordering::unordered);
  EXPECT_TRUE(compare_numbers(nan, power(ctx_, Value::integer(3), Value::integer(99))) ==
              std::partial_ordering::unordered);
  EXPECT_TRUE(equal(ctx_, nan, other));
  EXPECT_EQ(hash(ctx_, nan), hash(ctx_, other));
  EXPECT_FALSE(equal(ctx_, nan, Value::integer(0)));
  EXPECT_EQ(compare(ctx_, nan, other), 0);
  EXPECT_GT(compare(ctx_, nan, real(INFINITY)), 0);
  EXPECT_LT(compare(ctx_, Value::integer(0), nan), 0);
  EXPECT_EQ(sign_of(nan), 0);
}

// Numbers near each other in every form: the order is total, equality follows it and hashes follow equality.
TEST_P(NumberOrder, TotalOrderOfNeighbours) {
  RootList roots(ctx_);
  for (const int bits : {0, 1, 52, 53, 54, 59, 60, 61, 63, 64, 65, 100, 1022, 1023}) {
    for (int offset = -2; offset <= 2; ++offset) {
      const Value a = add(ctx_, power(ctx_, Value::integer(2), Value::integer(bits)), Value::integer(offset));
      roots.push_back(ctx_, a);
      roots.push_back(ctx_, negate(ctx_, a));
      roots.push_back(ctx_, real(to_double(a)));
      roots.push_back(ctx_, real(-std::nextafter(to_double(a), offset * INFINITY)));
      roots.push_back(ctx_, real(std::ldexp(1.0, bits) + 0.5 * offset));
    }
  }
  for (const double value : {HUGE_VAL, -HUGE_VAL, -0.0, 5e-324, std::nan("")}) roots.push_back(ctx_, real(value));
  std::vector<Value> values;
  for (size_t i = 0; i < roots.size(); ++i) values.push_back(roots[i]);
  std::sort(values.begin(), values.end(), [&](Value a, Value b) { return compare(ctx_, a, b) < 0; });
  for (size_t i = 0; i < values.size(); ++i) {
    for (size_t j = i; j < values.size(); ++j) {
      const int order = compare(ctx_, values[i], values[j]);
      ASSERT_LE(order, 0) << text(values[i]) << " and " << text(values[j]);
      ASSERT_EQ(compare(ctx_, values[j], values[i]), -order);
      ASSERT_EQ(equal(ctx_, values[i], values[j]), order == 0) << text(values[i]) << " and " << text(values[j]);
      ASSERT_TRUE(order != 0 || hash(ctx_, values[i]) == hash(ctx_, values[j])) << text(values[i]);
    }
  }
}

TEST_P(NumberOrder, HashesDifferWhereNumbersDo) {
  std::vector<uint64_t> hashes;
  for (int i = -2000; i < 2000; ++i) {
    hashes.push_back(hash(ctx_, Value::integer(i)));
    hashes.push_back(hash(ctx_, real(i + 0.5)));
    hashes.push_back(hash(ctx_, multiply(ctx_, make_integer(ctx_, int64_t{1} << 62), Value::integer(4 * i + 1))));
  }
  std::sort(hashes.begin(), hashes.end());
  EXPECT_EQ(std::unique(hashes.begin(), hashes.end()), hashes.end());
}

TEST_P(NumberOrder, SpansBeyondTheWord) {
  const TimeSpan longest{std::numeric_limits<int64_t>::max()}, shorter{int64_t{1} << 55};
  const Value a = make_span(ctx_, longest), b = make_span(ctx_, shorter), c = make_span(ctx_, {5});
  EXPECT_TRUE(a.is_span() && b.is_span() && c.is_short_span());
  EXPECT_EQ(a.as_span(), longest);
  EXPECT_TRUE(equal(ctx_, a, make_span(ctx_, longest)));
  EXPECT_EQ(hash(ctx_, a), hash(ctx_, make_span(ctx_, longest)));
  EXPECT_GT(compare(ctx_, a, b), 0);
  EXPECT_LT(compare(ctx_, c, b), 0);
  EXPECT_EQ(text(b), "416999d 23:10:18.963968");
}

}  // namespace
}  // namespace proto
