// Numbers as text and back, and what Python says of all of them.
#include <bit>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "tests/number/numbers.h"

namespace proto {
namespace {

class NumberText : public Numbers {
 protected:
  using Row = std::vector<std::string>;
  void check_table(const std::string& path, const std::map<std::string, std::function<bool(const Row&)>>& checks,
                   size_t at_least) {
    std::ifstream table(PROTOBASE_SOURCE_DIR "/tests/" + path);
    ASSERT_TRUE(table.is_open());
    size_t checked = 0, line_number = 0;
    for (std::string line; std::getline(table, line); ++line_number) {
      if (hostile() && line_number % 7 != 0) continue;
      std::istringstream fields(line);
      const Row row{std::istream_iterator<std::string>(fields), {}};
      const auto check = checks.find(row[0]);
      ASSERT_NE(check, checks.end()) << line;
      ASSERT_TRUE(check->second(row)) << line;
      ++checked;
    }
    EXPECT_GT(checked, hostile() ? at_least / 8 : at_least);
  }
  Value hex(const std::string& digits) { return integer(digits, 16); }
  static double real_of(const std::string& text) { return std::strtod(text.c_str(), nullptr); }
  static bool identical(Value a, double b) {
    return a.is_double() && std::bit_cast<uint64_t>(a.as_double()) == std::bit_cast<uint64_t>(b);
  }
};
PROTO_NUMBER_SUITE(NumberText);

TEST_P(NumberText, IntegersAgreeWithPython) {
  const auto binary = [&](Value (*operation)(Context&, Value, Value)) {
    return [this, operation](const Row& row) { return same(operation(ctx_, hex(row[1]), hex(row[2])), hex(row[3])); };
  };
  check_table(
      "limb/integers.txt",
      {{"add", binary(add)},
       {"multiply", binary(multiply)},
       {"and", binary(bit_and)},
       {"or", binary(bit_or)},
       {"xor", binary(bit_xor)},
       {"gcd", binary(gcd)},
       {"left", binary(shift_left)},
       {"right", binary(shift_right)},
       {"floor",
        [&](const Row& row) {
          const Value a = hex(row[1]), b = hex(row[2]);
          return same(floor_divide(ctx_, a, b), hex(row[3])) && same(floor_remainder(ctx_, a, b), hex(row[4]));
        }},
       {"quotient",
        [&](const Row& row) { return divide(ctx_, hex(row[1]), hex(row[2])).as_double() == real_of(row[3]); }},
       {"double", [&](const Row& row) { return to_double(hex(row[1])) == real_of(row[2]); }},
       {"text", [&](const Row& row) { return text(hex(row[1])) == row[2] && same(integer(row[2]), hex(row[1])); }}},
      1000);
}

TEST_P(NumberText, DoublesAgreeWithPython) {
  check_table("number/doubles.txt",
              {{"floor",
                [&](const Row& row) {
                  const Value a = real(real_of(row[1])), b = real(real_of(row[2]));
                  return identical(floor_divide(ctx_, a, b), real_of(row[3])) &&
                         identical(floor_remainder(ctx_, a, b), real_of(row[4])) &&
                         identical(truncating_remainder(ctx_, a, b), real_of(row[5]));
                }},
               {"repr",
                [&](const Row& row) {
                  const Value a = real(real_of(row[1]));
                  return text(a) == row[2] && identical(parse_double(ctx_, row[2]), a.as_double());
                }},
               {"compare",
                [&](const Row& row) {
                  const Value a = hex(row[1]), b = real(real_of(row[2]));
                  const int order = std::stoi(row[3]);
                  return compare(ctx_, a, b) == order && compare(ctx_, b, a) == -order &&
                         equal(ctx_, a, b) == (order == 0) && (order != 0 || hash(ctx_, a) == hash(ctx_, b));
                }}},
              1500);
}

TEST_P(NumberText, DoublesReadBack) {
  for (int round = 0; round < (hostile() ? 200 : 20000); ++round) {
    const auto value = std::bit_cast<double>(random_.next());
    if (std::isnan(value)) continue;
    const std::string written = text(real(value));
    ASSERT_TRUE(identical(parse_number(ctx_, written), value)) << written << ", seed " << kSeed;
  }
  EXPECT_EQ(text(real(NAN)), "nan");
  EXPECT_EQ(text(real(-INFINITY)), "-inf");
  EXPECT_EQ(text(real(3)), "3.0");
  EXPECT_TRUE(std::isnan(parse_double(ctx_, "nan").as_double()));
}

TEST_P(NumberText, IntegersInEveryRadix) {
  const Value a = integer("-123456789012345678901234567890123456789012345678901234567890");
  for (unsigned radix = 2; radix <= 36; ++radix) {
    std::string digits;
    append_integer(ctx_, digits, a, radix);
    ASSERT_TRUE(same(parse_integer(ctx_, digits, radix), a)) << radix;
  }
  std::string digits;
  append_integer(ctx_, digits, Value::integer(-255), 16);
  EXPECT_EQ(digits, "-ff");
  EXPECT_EQ(integer("0xFf", 0), Value::integer(255));
  EXPECT_EQ(integer("-0b101", 0), Value::integer(-5));
  EXPECT_EQ(integer("+0o17", 0), Value::integer(15));
  EXPECT_EQ(integer("007", 0), Value::integer(7));
  EXPECT_EQ(integer(std::string(5000, '0').append("12")), Value::integer(12));
  EXPECT_EQ(integer("-0"), Value::integer(0));
  EXPECT_EQ(integer("zZ", 36), Value::integer(35 * 36 + 35));
}

TEST_P(NumberText, WrongTextIsRefused) {
  for (const char* wrong : {"", "-", "+", "1 ", " 1", "1_000", "0x10", "12a", "--1", "+-1", "1.0", "\xC3\xA9"}) {
    EXPECT_TRUE(parse_integer(ctx_, wrong).is_none()) << wrong;
    EXPECT_EQ(error(), StatusCode::kInvalidArgument) << wrong;
  }
  for (const char* wrong : {"", "-", "0x", "0b2", ".", "e5", "1e", "1.5 ", "0x1p3", "+-1.5", "++1", "1..2", "abc"}) {
    EXPECT_TRUE(parse_number(ctx_, wrong).is_none()) << wrong;
    EXPECT_EQ(error(), StatusCode::kInvalidArgument) << wrong;
  }
  EXPECT_TRUE(parse_integer(ctx_, "1", 37).is_none());
  EXPECT_EQ(error(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(parse_integer(ctx_, "12x4").is_none());
  EXPECT_EQ(ctx_.take_error().message(), "not an integer: '12x4' (at character 3)");
}

TEST_P(NumberText, DoublesBeyondTheRange) {
  for (const char* large : {"1e400", "-1e309", "1000e99999999999999999999", "0.001e+330"}) {
    EXPECT_TRUE(parse_double(ctx_, large).is_none()) << large;
    EXPECT_EQ(error(), StatusCode::kRange) << large;
  }
  EXPECT_TRUE(identical(parse_double(ctx_, "1e-400"), 0.0));
  EXPECT_TRUE(identical(parse_double(ctx_, "-100.5e-99999999999999999999"), -0.0));
  EXPECT_TRUE(identical(parse_double(ctx_, "0." + std::string(400, '0') + "1"), 0.0));
  EXPECT_TRUE(identical(parse_double(ctx_, "0e999999"), 0.0));
  EXPECT_TRUE(identical(parse_double(ctx_, "+1.5"), 1.5));
  EXPECT_EQ(parse_number(ctx_, "15"), Value::integer(15));
  EXPECT_TRUE(identical(parse_number(ctx_, "15."), 15.0));
}

}  // namespace
}  // namespace proto
