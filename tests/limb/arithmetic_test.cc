// Sums, products, quotients and common divisors against each other's identities and against the row by row references.
#include <gtest/gtest.h>

#include "runtime/limb/bits.h"
#include "runtime/limb/internal/product_rows.h"
#include "runtime/limb/workspace.h"
#include "tests/limb/natural.h"

namespace proto::limb {
namespace {

class LimbArithmetic : public ::testing::Test {
 protected:
  static constexpr uint64_t kSeed = 20261120;
  LimbArithmetic() { RecordProperty("seed", static_cast<int>(kSeed)); }
  // Sizes near where algorithms change, and all small ones.
  size_t size(size_t most) {
    static constexpr size_t kEdges[] = {35, 36, 37, 47, 48, 49, 71, 72, 73, 95, 96, 97, 179, 180, 181, 360, 361};
    if (random_.one_in(3)) return std::min(most, kEdges[random_.below(std::size(kEdges))]);
    return random_.below(random_.one_in(2) ? 12 : most + 1);
  }
  Natural number(size_t most) { return random_natural(random_, size(most)); }
  Natural positive(size_t most) { return random_natural(random_, 1 + size(most - 1)); }

  Random random_{kSeed};
};

Natural rows(const Natural& a, const Natural& b) {
  if (a.empty() || b.empty()) return {};
  Natural result(a.size() + b.size());
  internal::multiply_rows(result.data(), a, b);
  return normalised(result);
}

TEST_F(LimbArithmetic, SumsAndDifferencesUndoEachOther) {
  for (int round = 0; round < 5000; ++round) {
    const Natural a = number(60), b = number(60);
    const Natural c = sum(a, b);
    ASSERT_EQ(difference(c, a), b) << kSeed << ' ' << round;
    ASSERT_EQ(difference(c, b), a) << kSeed << ' ' << round;
    ASSERT_GE(compare(Limbs(c), Limbs(a)), 0);
  }
}

TEST_F(LimbArithmetic, InPlaceSumsCarryThrough) {
  Natural a(9, ~Limb{0});
  EXPECT_EQ(add_limb(a.data(), a.data(), a.size(), 1), 1u);
  EXPECT_EQ(normal_size(a.data(), a.size()), 0u);
  EXPECT_EQ(subtract_limb(a.data(), a.data(), a.size(), 1), 1u);
  EXPECT_EQ(a, Natural(9, ~Limb{0}));
  EXPECT_EQ(add(a.data(), a.data(), a.data(), a.size()), 1u);
  EXPECT_EQ(a[0], ~Limb{1});
  EXPECT_EQ(a[8], ~Limb{0});
}

TEST_F(LimbArithmetic, RowsOfBothFormsAgree) {
  if (!internal::has_two_carries()) GTEST_SKIP() << "this processor has the portable form only";
  for (int round = 0; round < 20000; ++round) {
    const Natural a = random_natural(random_, random_.below(40)), before = random_natural(random_, a.size());
    const Limb b = random_.one_in(4) ? ~Limb{0} : random_.next() >> random_.below(64);
    Natural x = before, y = before;
    ASSERT_EQ(internal::add_product_portable(x.data(), a.data(), a.size(), b),
              internal::add_product_two_carries(y.data(), a.data(), a.size(), b))
        << kSeed << ' ' << round;
    ASSERT_EQ(x, y) << kSeed << ' ' << round;
    ASSERT_EQ(internal::subtract_product_portable(x.data(), a.data(), a.size(), b),
              internal::subtract_product_two_carries(y.data(), a.data(), a.size(), b))
        << kSeed << ' ' << round;
    ASSERT_EQ(x, y) << kSeed << ' ' << round;
    ASSERT_EQ(x, before) << kSeed << ' ' << round;
  }
}

TEST_F(LimbArithmetic, ProductsAgreeWithRows) {
  for (int round = 0; round < 3000; ++round) {
    const Natural a = number(450), b = number(450);
    ASSERT_EQ(product(a, b), rows(a, b)) << kSeed << ' ' << round << ": " << a.size() << " x " << b.size();
    ASSERT_EQ(squared(a), rows(a, a)) << kSeed << ' ' << round << ": " << a.size();
  }
}

TEST_F(LimbArithmetic, EverySizeOfBalancedProducts) {
  for (size_t limbs = 1; limbs < 600; ++limbs) {
    const Natural ones(limbs, ~Limb{0}), a = random_natural(random_, limbs), b = random_natural(random_, limbs);
    ASSERT_EQ(product(ones, a), rows(ones, a)) << limbs;
    ASSERT_EQ(product(a, b), rows(a, b)) << limbs;
    ASSERT_EQ(squared(ones), rows(ones, ones)) << limbs;
    ASSERT_EQ(squared(b), rows(b, b)) << limbs;
  }
}

TEST_F(LimbArithmetic, DifferenceOfSquares) {
  for (int round = 0; round < 40; ++round) {
    Natural a = positive(3000), b = positive(3000);
    if (compare(Limbs(a), Limbs(b)) < 0) std::swap(a, b);
    ASSERT_EQ(product(sum(a, b), difference(a, b)), difference(squared(a), squared(b))) << kSeed << ' ' << round;
  }
}

TEST_F(LimbArithmetic, QuotientsAndRemaindersGiveTheDividend) {
  for (int round = 0; round < 6000; ++round) {
    const Natural a = number(500), b = positive(250);
    const Division result = divided(a, b);
    ASSERT_LT(compare(Limbs(result.remainder), Limbs(b)), 0) << kSeed << ' ' << round;
    ASSERT_EQ(sum(product(result.quotient, b), result.remainder), a)
        << kSeed << ' ' << round << ": " << a.size() << " / " << b.size();
  }
}

// Dividends made of a quotient and a remainder at their edges: guesses that are too high, too low, and all ones.
TEST_F(LimbArithmetic, DivisionsMadeToBeHard) {
  for (int round = 0; round < 4000; ++round) {
    Natural divisor = positive(300);
    if (random_.one_in(2)) divisor.back() |= Limb{1} << 63;
    if (divisor.size() > 2 && random_.one_in(2))
      std::fill(divisor.begin() + 1, divisor.end() - 1, random_.one_in(2) ? 0 : ~Limb{0});
    Natural quotient = positive(300);
    if (random_.one_in(2)) std::fill(quotient.begin(), quotient.end(), ~Limb{0});
    Natural remainder = difference(divisor, {1});
    if (random_.one_in(2)) remainder.clear();
    const Natural a = sum(product(divisor, quotient), remainder);
    const Division result = divided(a, divisor);
    ASSERT_EQ(result.quotient, quotient) << kSeed << ' ' << round << ": " << a.size() << " / " << divisor.size();
    ASSERT_EQ(result.remainder, remainder) << kSeed << ' ' << round;
  }
}

TEST_F(LimbArithmetic, RecursiveDivisionAgreesWithRows) {
  for (int round = 0; round < 2000; ++round) {
    Natural divisor = random_natural(random_, 2 + size(320));
    divisor.back() |= Limb{1} << 63;
    const size_t count = 1 + random_.below(divisor.size());
    // The upper limbs are less than the divisor, and often begin as it does.
    Natural upper = divisor;
    upper[random_.below(upper.size())] = 0;
    if (compare(upper.data(), divisor.data(), divisor.size()) >= 0) upper = divided(number(300), divisor).remainder;
    upper.resize(divisor.size());
    Natural a = random_natural(random_, count);
    a.insert(a.end(), upper.begin(), upper.end());
    Natural b = a, a_quotient(count), b_quotient(count), scratch(divisor.size());
    internal::divide_rows(a_quotient.data(), count, a.data(), divisor.data(), divisor.size());
    internal::divide_recursive(b_quotient.data(), count, b.data(), divisor.data(), divisor.size(), scratch.data());
    ASSERT_EQ(a_quotient, b_quotient) << kSeed << ' ' << round << ": " << count << " of " << divisor.size();
    ASSERT_EQ(a, b) << kSeed << ' ' << round;
    ASSERT_LT(compare(a.data(), divisor.data(), divisor.size()), 0);
  }
}

TEST_F(LimbArithmetic, OneLimbDivisorsAgreeWithTheMachine) {
  for (int round = 0; round < 20000; ++round) {
    const Limb divisor = std::max<Limb>(1, random_.next() >> random_.below(64));
    Limb a[2] = {random_.next(), random_.next() >> random_.below(64)};
    const DoubleLimb whole = static_cast<DoubleLimb>(a[1]) << 64 | a[0];
    const Limb rest = LimbDivisor(divisor).divide(a, a, 2);
    ASSERT_EQ(rest, static_cast<Limb>(whole % divisor)) << kSeed << ' ' << round;
    ASSERT_TRUE((static_cast<DoubleLimb>(a[1]) << 64 | a[0]) == whole / divisor) << kSeed << ' ' << round;
  }
}

TEST_F(LimbArithmetic, ShiftsAreProductsWithPowersOfTwo) {
  for (int round = 0; round < 3000; ++round) {
    const Natural a = positive(40);
    const uint64_t bits = random_.below(300);
    Natural power(bits / 64 + 1);
    power.back() = Limb{1} << bits % 64;
    Natural left(a.size() + bits / 64 + 1);
    left.resize(shift_left_by(left.data(), a, bits));
    ASSERT_EQ(left, product(a, power)) << kSeed << ' ' << round;
    Natural right = a;
    right.resize(shift_right_by(right.data(), right, bits));
    const Division result = divided(a, power);
    ASSERT_EQ(right, result.quotient) << kSeed << ' ' << round;
    ASSERT_EQ(any_bit_below(a, bits), !result.remainder.empty()) << kSeed << ' ' << round;
    ASSERT_EQ(bit_length(Limbs(left)), bit_length(Limbs(a)) + bits);
    ASSERT_EQ(trailing_zeros(left), trailing_zeros(a) + bits);
  }
}

Natural euclid(Natural a, Natural b) {
  while (!b.empty()) {
    Natural rest = divided(a, b).remainder;
    a = std::move(b);
    b = std::move(rest);
  }
  return a;
}
Natural common_divisor(const Natural& a, const Natural& b) {
  Natural result(std::max(a.size(), b.size()));
  result.resize(gcd(result.data(), a, b));
  return result;
}

TEST_F(LimbArithmetic, CommonDivisorsAgreeWithEuclid) {
  for (int round = 0; round < 600; ++round) {
    const Natural common = number(20);
    const Natural a = product(number(60), common), b = product(number(60), common);
    ASSERT_EQ(common_divisor(a, b), euclid(a, b)) << kSeed << ' ' << round << ": " << a.size() << ", " << b.size();
  }
  // Neighbours in Fibonacci's sequence take the most steps, all with quotient 1.
  Natural x{1}, y{1};
  for (int i = 0; i < 2000; ++i) {
    Natural next = sum(x, y);
    x = std::exchange(y, std::move(next));
  }
  EXPECT_EQ(common_divisor(x, y), Natural{1});
  EXPECT_EQ(common_divisor(product(x, x), product(x, y)), x);
  EXPECT_EQ(common_divisor({}, y), y);
  EXPECT_EQ(common_divisor({}, {}), Natural{});
}

Natural bits_of(BitOperation operation, const Natural& a, const Natural& b) {
  Natural result(std::max(a.size(), b.size()) + 1);
  result.resize(combine_bits(operation, result.data(), {false, a}, {false, b}));
  return result;
}

TEST_F(LimbArithmetic, BitIdentities) {
  for (int round = 0; round < 2000; ++round) {
    const Natural a = number(50), b = number(50);
    const Natural both = bits_of(BitOperation::kAnd, a, b), either = bits_of(BitOperation::kOr, a, b);
    ASSERT_EQ(sum(both, either), sum(a, b)) << kSeed << ' ' << round;
    ASSERT_EQ(difference(either, both), bits_of(BitOperation::kXor, a, b)) << kSeed << ' ' << round;
  }
}

}  // namespace
}  // namespace proto::limb
