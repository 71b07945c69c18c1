// What the reference implementation of the same idea gets wrong, as TARGETS lists it.
#include <gtest/gtest.h>

#include "runtime/proto.h"

namespace proto {
namespace {

class Reference : public ::testing::Test {
 protected:
  Space space_;
  Thread self_{space_};
  Context ctx_{self_};
};

TEST_F(Reference, SetsCompareValuesAndNotHashesAlone) {
  const Set set = Set::of(ctx_, {intern(ctx_, "Aa"), intern(ctx_, "BB")});
  EXPECT_EQ(set.size(), 2u);
  EXPECT_TRUE(set.contains(ctx_, intern(ctx_, "Aa")));
  EXPECT_FALSE(set.contains(ctx_, intern(ctx_, "C#")));
}

TEST_F(Reference, TimesConstructAndRoundTrip) {
  for (const int32_t days : {0, 1, -1, 20'000, -719'528, 2'932'896, INT32_MIN, INT32_MAX}) {
    EXPECT_EQ(Value::date({days}).as_date().days, days);
  }
  for (const int64_t us : {int64_t{0}, int64_t{-1}, int64_t{1'800'000'000'000'000}, Value::kMinSmallInteger, Value::kMaxSmallInteger}) {
    EXPECT_EQ(Value::timestamp({us}).as_timestamp().microseconds, us);
  }
  for (const int64_t us : {int64_t{0}, int64_t{-1}, int64_t{86'400'000'000}, -(int64_t{1} << 55), (int64_t{1} << 55), INT64_MIN, INT64_MAX}) {
    EXPECT_EQ(make_span(ctx_, {us}).as_span().microseconds, us);
  }
  EXPECT_EQ(to_text(ctx_, Value::date({0})), "1970-01-01");
  EXPECT_EQ(to_text(ctx_, Value::date({-719'528})), "0000-01-01");
  EXPECT_EQ(to_text(ctx_, Value::timestamp({-1})), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(to_text(ctx_, make_span(ctx_, {-90'061'000'000})), "-1d 01:01:01");
}

TEST_F(Reference, EqualStringsAndTuplesAreOneObjectInTwoSpaces) {
  Space other;
  Thread other_self(other);
  Context other_ctx(other_self);
  const std::string text = "a string that fits no word";
  const Value here = String::from_utf8(ctx_, text), there = String::from_utf8(other_ctx, text);
  EXPECT_EQ(here.word(), there.word());
  EXPECT_TRUE(here.is_cell());
  EXPECT_EQ(Tuple::of(ctx_, Value::integer(1), here).word(), Tuple::of(other_ctx, Value::integer(1), there).word());
  // Long strings come to share their content when they are compared.
  const std::string long_text(1 << 20, 'x');
  const Value one = String::from_utf8(ctx_, long_text), two = String::from_utf8(ctx_, long_text);
  EXPECT_TRUE(equal(ctx_, one, two));
}

// Calls beyond inlining, then overwrites the stack that the call used.
template <class Function>
[[gnu::noinline]] void deeply(Function&& function) {
  function();
  volatile char scratch[8192];
  for (size_t i = 0; i < sizeof(scratch); ++i) scratch[i] = 0;
}

TEST_F(Reference, DeadMutableObjectsGiveTheirMemoryBack) {
  size_t most = 0;
  deeply([&] {
    RootList objects(ctx_);
    for (int i = 0; i < 1'000'000; ++i) {
      const Value object = space_.object_prototype().new_mutable(ctx_);
      object.set(ctx_, "n", i);
      objects.push_back(ctx_, object);
    }
    most = space_.statistics().heap_bytes;
  });
  deeply([&] { space_.collect(ctx_); });
  space_.collect(ctx_);
  EXPECT_GT(most, 30u << 20);
  EXPECT_LT(space_.statistics().live_cells, 50'000u);
  EXPECT_LT(space_.statistics().used_bytes, 4u << 20);
}

TEST_F(Reference, LongChainsOfPrototypesResolve) {
  Value object = space_.object_prototype().new_child(ctx_).with(ctx_, "deep", 42);
  for (int i = 0; i < 10'000; ++i) object = object.new_child(ctx_);
  EXPECT_EQ(object.get(ctx_, "deep"), Value::integer(42));
  EXPECT_TRUE(object.get(ctx_, "nowhere").is_none());
}

TEST_F(Reference, AParentAddedLateIsSeen) {
  const Value base = space_.object_prototype().new_mutable(ctx_);
  const Value middle = base.new_child(ctx_);
  const Value leaf = middle.new_mutable(ctx_);
  EXPECT_TRUE(leaf.get(ctx_, "late").is_none());
  const Value parent = space_.object_prototype().new_mutable(ctx_);
  ASSERT_TRUE(add_prototype(ctx_, base, parent)) << ctx_.error().to_string();
  EXPECT_TRUE(leaf.get(ctx_, "late").is_none());
  parent.set(ctx_, "late", 7);
  EXPECT_EQ(leaf.get(ctx_, "late"), Value::integer(7));
  EXPECT_FALSE(add_prototype(ctx_, parent, leaf)) << "a circle";
  EXPECT_FALSE(ctx_.take_error().ok());
}

TEST_F(Reference, EqualListsAreEqual) {
  ListBuilder one(ctx_), two(ctx_);
  for (int i = 0; i < 5000; ++i) one.append(Value::integer(i)), two.append(Value::integer(i));
  const List a = one.finish(), b = two.finish();
  EXPECT_NE(a.word(), b.word());
  EXPECT_TRUE(equal(ctx_, a, b));
  EXPECT_EQ(hash(ctx_, a), hash(ctx_, b));
  EXPECT_FALSE(equal(ctx_, a, b.set(ctx_, 4999, Value::integer(0))));
  EXPECT_LT(compare(ctx_, a, a.append(ctx_, Value())), 0);
}

TEST_F(Reference, ACloneOfAChangedMutableKeepsItsAttributes) {
  const Value object = space_.object_prototype().new_mutable(ctx_);
  object.set(ctx_, "a", 1);
  object.set(ctx_, "a", 2);
  object.set(ctx_, "b", 3);
  const Value copy = clone(ctx_, object);
  object.set(ctx_, "a", 4);
  EXPECT_EQ(copy.get(ctx_, "a"), Value::integer(2));
  EXPECT_EQ(copy.get(ctx_, "b"), Value::integer(3));
  EXPECT_EQ(object.get(ctx_, "a"), Value::integer(4));
}

TEST_F(Reference, NumbersCompareExactly) {
  const Value big = make_integer(ctx_, (int64_t{1} << 53) + 1), rounded = Value::small_double(9007199254740992.0);
  EXPECT_FALSE(equal(ctx_, big, rounded));
  EXPECT_TRUE(equal(ctx_, Value::integer(1), Value::small_double(1.0)));
  EXPECT_EQ(hash(ctx_, Value::integer(1)), hash(ctx_, Value::small_double(1.0)));
  EXPECT_GT(compare(ctx_, big, rounded), 0);
}

}  // namespace
}  // namespace proto
