#include "db/key_codec.h"

#include <gtest/gtest.h>

#include "tests/db/random_values.h"

namespace protobase {
namespace {

std::string key_of(const Value& value, KeyOrder order = {}) {
  std::string key;
  append_key(key, value, order);
  return key;
}

int sign(std::strong_ordering order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }
int sign(int order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }

/// What the order of two values is to be under a KeyOrder.
int expected(const Value& a, const Value& b, KeyOrder order) {
  if (a.is_none() || b.is_none()) return (int{b.is_none()} - int{a.is_none()}) * (order.nulls_first ? 1 : -1);
  return sign(a.view().compare(b)) * (order.descending ? -1 : 1);
}

KeyOrder random_order(proto::Random& random) { return {random.one_in(2), random.one_in(2)}; }

TEST(KeyCodec, BytesOrderAsValuesDo) {
  const uint64_t seed = 4242;
  SCOPED_TRACE(seed);
  proto::Random random(seed);
  for (int round = 0; round < 100000; ++round) {
    const Value a = random_value(random, 2), b = random_value(random, 2);
    const KeyOrder order = random_order(random);
    ASSERT_EQ(sign(key_of(a, order).compare(key_of(b, order))), expected(a, b, order))
        << a.to_json() << " and " << b.to_json();
  }
}

TEST(KeyCodec, NumbersOfBothKindsOrderExactly) {
  const uint64_t seed = 99;
  SCOPED_TRACE(seed);
  proto::Random random(seed);
  for (int round = 0; round < 200000; ++round) {
    const int64_t integer = random_int(random);
    const Value a(integer);
    const Value b = random.one_in(3) ? Value(random_int(random))
                    : random.one_in(2)
                        ? Value(static_cast<double>(integer) + static_cast<double>(random.between(-1, 1)))
                        : Value(random_double(random));
    ASSERT_EQ(sign(key_of(a).compare(key_of(b))), sign(a.view().compare(b))) << a.to_json() << " and " << b.to_json();
  }
}

TEST(KeyCodec, CompositeKeysOrderByComponentAndNoComponentIsAPrefix) {
  const uint64_t seed = 31;
  SCOPED_TRACE(seed);
  proto::Random random(seed);
  for (int round = 0; round < 50000; ++round) {
    const KeyOrder first = random_order(random), second = random_order(random);
    const Value a1 = random_value(random, 1), b1 = random.one_in(3) ? a1 : random_value(random, 1);
    const Value a2 = random_value(random, 1), b2 = random_value(random, 1);
    const std::string ka1 = key_of(a1, first), kb1 = key_of(b1, first);
    const std::string a = ka1 + key_of(a2, second), b = kb1 + key_of(b2, second);
    const int by_first = expected(a1, b1, first);
    ASSERT_EQ(sign(a.compare(b)), by_first != 0 ? by_first : expected(a2, b2, second));
    ASSERT_EQ(kb1.starts_with(ka1), by_first == 0);
    ASSERT_LT(a, successor(ka1));
    ASSERT_EQ(b >= ka1 && b < successor(ka1), by_first == 0);
  }
}

TEST(KeyCodec, ScalarsComeBack) {
  const uint64_t seed = 8;
  SCOPED_TRACE(seed);
  proto::Random random(seed);
  for (int round = 0; round < 50000; ++round) {
    const Value a = random_scalar(random), b = random_scalar(random);
    const KeyOrder order = random_order(random);
    const std::string key = key_of(a, order) + key_of(b, order);
    std::string_view rest = key;
    for (const Value& value : {a, b}) {
      std::string scratch;
      auto back = decode_key(rest, order, scratch);
      if (value.kind() == Kind::kVector) {
        ASSERT_EQ(back.status().code(), StatusCode::kUnsupported);
      } else {
        ASSERT_TRUE(back) << value.to_json();
        ASSERT_EQ(*back, value.view()) << value.to_json();
      }
    }
    ASSERT_TRUE(rest.empty());
  }
}

TEST(KeyCodec, HostileKeysAreRefusedOrHarmless) {
  const uint64_t seed = 6;
  SCOPED_TRACE(seed);
  proto::Random random(seed);
  for (int round = 0; round < 50000; ++round) {
    const KeyOrder order = random_order(random);
    std::string key = key_of(random_value(random, 2), order);
    key[random.below(key.size())] ^= static_cast<char>(1 << random.below(8));
    key.resize(random.below(key.size() + 1));
    const std::vector<char> exact(key.begin(), key.end());
    std::string_view rest(exact.data(), exact.size());
    std::string scratch;
    while (!rest.empty()) {
      const size_t before = rest.size();
      auto value = decode_key(rest, order, scratch);
      if (!value && value.status().code() == StatusCode::kCorruption) break;
      ASSERT_LT(rest.size(), before);
    }
  }
}

TEST(KeyCodec, SuccessorEndsAPrefix) {
  EXPECT_EQ(successor("ab"), "ac");
  EXPECT_EQ(successor("a\xFF\xFF"), "b");
  EXPECT_EQ(successor("\xFF"), "");
  EXPECT_EQ(successor(""), "");
}

}  // namespace
}  // namespace protobase
