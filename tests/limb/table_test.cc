// What Python says: bits of signed numbers, and roundings to doubles.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <sstream>

#include "runtime/limb/bits.h"
#include "runtime/limb/rounding.h"
#include "tests/limb/natural.h"

namespace proto::limb {
namespace {

struct Integer {
  bool negative;
  Natural magnitude;
  explicit Integer(std::string_view text) : negative(text.starts_with('-')) {
    if (negative) text.remove_prefix(1);
    magnitude = natural_of(text, 16);
  }
  Integer(bool sign, Natural number) : negative(sign && !number.empty()), magnitude(std::move(number)) {}
  Signed view() const { return {negative, magnitude}; }
  bool operator==(const Integer&) const = default;
};
using Row = std::vector<std::string>;

void check_bits(BitOperation operation, const Row& row) {
  const Integer a(row[1]), b(row[2]);
  Natural result(std::max(a.magnitude.size(), b.magnitude.size()) + 1);
  result.resize(combine_bits(operation, result.data(), a.view(), b.view()));
  EXPECT_EQ(Integer(is_negative(operation, a.negative, b.negative), result), Integer(row[3]));
}
void check_right(const Row& row) {
  const Integer a(row[1]);
  Natural result(a.magnitude.size() + 2);
  result.resize(shift_right_down(result.data(), a.view(), std::strtoull(row[2].c_str(), nullptr, 16)));
  EXPECT_EQ(Integer(a.negative, result), Integer(row[3]));
}
void check_double(const Row& row) {
  const Integer a(row[1]);
  EXPECT_EQ(to_double(a.magnitude), std::fabs(std::strtod(row[2].c_str(), nullptr)));
}
void check_quotient(const Row& row) {
  const Integer a(row[1]), b(row[2]);
  EXPECT_EQ(quotient_to_double(a.magnitude, b.magnitude), std::fabs(std::strtod(row[3].c_str(), nullptr)));
}

TEST(LimbTable, AgreesWithPython) {
  const std::map<std::string, std::function<void(const Row&)>> checks = {
      {"and", [](const Row& row) { check_bits(BitOperation::kAnd, row); }},
      {"or", [](const Row& row) { check_bits(BitOperation::kOr, row); }},
      {"xor", [](const Row& row) { check_bits(BitOperation::kXor, row); }},
      {"right", check_right},
      {"double", check_double},
      {"quotient", check_quotient}};
  std::ifstream table(PROTOBASE_SOURCE_DIR "/tests/limb/integers.txt");
  ASSERT_TRUE(table.is_open());
  size_t checked = 0;
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields(line);
    const Row row{std::istream_iterator<std::string>(fields), {}};
    const auto check = checks.find(row[0]);
    if (check == checks.end()) continue;
    check->second(row);
    ASSERT_FALSE(::testing::Test::HasFailure()) << line;
    ++checked;
  }
  EXPECT_GT(checked, 1000u);
}

// Numbers of up to 128 bits are rounded as the compiler does it.
TEST(LimbRounding, AgreesWithTheMachine) {
  constexpr uint64_t kSeed = 9;
  Random random(kSeed);
  for (int round = 0; round < 100000; ++round) {
    const Natural a = random_natural(random, 1 + random.below(2));
    const DoubleLimb whole = static_cast<DoubleLimb>(a.size() > 1 ? a[1] : 0) << 64 | a[0];
    ASSERT_EQ(to_double(normalised(a)), static_cast<double>(whole)) << kSeed << ' ' << round;
    const double x = std::ldexp(static_cast<double>(random.next() >> 11), static_cast<int>(random.below(1090)) - 116);
    if (!std::isfinite(x)) continue;
    Natural back(kDoubleLimbs);
    back.resize(from_double(back.data(), x));
    ASSERT_EQ(to_double(back), std::floor(x)) << kSeed << ' ' << round;
    ASSERT_EQ(compare_with_double(back, x), x == std::floor(x) ? 0 : -1);
    ASSERT_EQ(compare_with_double(sum(back, {1}), x), 1);
  }
}

TEST(LimbRounding, Edges) {
  const double largest = std::numeric_limits<double>::max();
  Natural number(kDoubleLimbs);
  number.resize(from_double(number.data(), largest));
  EXPECT_EQ(number.size(), kDoubleLimbs);
  EXPECT_EQ(to_double(number), largest);
  EXPECT_TRUE(std::isinf(to_double(Natural(kDoubleLimbs, ~Limb{0}))));
  EXPECT_EQ(compare_with_double({}, 0.0), 0);
  EXPECT_EQ(compare_with_double({}, 0x1p-1074), -1);
  EXPECT_EQ(quotient_to_double(Natural{1}, Natural{3}), 1.0 / 3.0);
  EXPECT_EQ(quotient_to_double({}, Natural{3}), 0.0);
}

}  // namespace
}  // namespace proto::limb
