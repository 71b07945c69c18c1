#include <gtest/gtest.h>

#include "tests/limb/natural.h"

namespace proto::limb {
namespace {

constexpr uint64_t kSeed = 4;

// The reference: a digit at a time.
std::string slow_text(Natural a, unsigned radix) {
  std::string digits;
  while (!a.empty()) {
    digits.insert(digits.begin(),
                  "0123456789abcdefghijklmnopqrstuvwxyz"[LimbDivisor(radix).divide(a.data(), a.data(), a.size())]);
    a = normalised(a);
  }
  return digits.empty() ? "0" : digits;
}

TEST(LimbText, AgreesWithOneDigitAtATimeInEveryRadix) {
  Random random(kSeed);
  for (unsigned radix = kMinRadix; radix <= kMaxRadix; ++radix) {
    for (size_t size = 0; size < 45; size += 1 + random.below(4)) {
      const Natural a = random_natural(random, size);
      const std::string text = text_of(a, radix);
      ASSERT_EQ(text, slow_text(a, radix)) << radix << ", " << size << ", seed " << kSeed;
      ASSERT_EQ(first_non_digit(text, radix), text.size());
      ASSERT_EQ(natural_of(text, radix), a) << radix << ", " << size;
    }
  }
}

TEST(LimbText, LongNumbersReadBack) {
  Random random(kSeed);
  for (const size_t size : {41, 47, 48, 49, 80, 161, 500, 1200, 3000}) {
    for (const unsigned radix : {10u, 16u, 32u, 8u, 7u, 36u}) {
      const Natural a = random_natural(random, size);
      ASSERT_EQ(natural_of(text_of(a, radix), radix), a) << radix << ", " << size << ", seed " << kSeed;
    }
  }
}

// Powers of the radix and their neighbours: zeros and nines over every split.
TEST(LimbText, PowersOfTen) {
  Natural power{1};
  std::string zeros;
  for (int exponent = 0; exponent < 1500; ++exponent) {
    ASSERT_EQ(text_of(power), "1" + zeros);
    ASSERT_EQ(natural_of("000"
                         "1" +
                         zeros),
              power);
    ASSERT_EQ(text_of(difference(power, {1})), exponent == 0 ? "0" : std::string(zeros.size(), '9'));
    ASSERT_EQ(natural_of(std::string(zeros.size() + 1, '9')), difference(product(power, {10}), {1}));
    power = product(power, {10});
    zeros += '0';
  }
}

TEST(LimbText, Digits) {
  EXPECT_EQ(natural_of("FfFfFfFfFfFfFfFf1", 16), (Natural{0xFFFFFFFFFFFFFFF1, 0xF}));
  EXPECT_EQ(natural_of("", 10), Natural{});
  EXPECT_EQ(natural_of("0000000000000000000000000000000000000000000", 10), Natural{});
  EXPECT_EQ(first_non_digit("12x", 10), 2u);
  EXPECT_EQ(first_non_digit("128", 8), 2u);
  EXPECT_EQ(first_non_digit("\xE9", 36), 0u);
  EXPECT_EQ(digit_value('z'), 35u);
  EXPECT_EQ(digit_value('Z'), 35u);
  EXPECT_EQ(digit_value('/'), kMaxRadix);
}

}  // namespace
}  // namespace proto::limb
