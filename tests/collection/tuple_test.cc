#include "runtime/collection/tuple.h"

#include <gtest/gtest.h>

#include <vector>

#include "runtime/base/random.h"
#include "runtime/heap/context.h"
#include "runtime/heap/root_list.h"
#include "runtime/value/operations.h"

namespace proto {
namespace {

Value integer(int64_t number) { return Value::integer(number); }

class TupleTest : public ::testing::TestWithParam<uint32_t> {
 protected:
  static void SetUpTestSuite() { register_kinds(); }
  TupleTest()
      : space_(SpaceOptions{.collect_every = GetParam(), .poison = true, .verify = true}), self_(space_), ctx_(self_) {}

  Space space_;
  Thread self_;
  Context ctx_;
};

TEST_P(TupleTest, EqualTuplesAreOneObject) {
  RootList kept(ctx_);
  Random random(11);
  for (int i = 0; i < 500; ++i) {
    std::vector<Value> items;
    for (uint64_t size = random.below(6); size-- > 0;) items.push_back(integer(static_cast<int64_t>(random.below(3))));
    const Tuple tuple = Tuple::of(ctx_, items);
    ASSERT_TRUE(tuple.valid());
    ASSERT_TRUE(std::equal(tuple.begin(), tuple.end(), items.begin(), items.end()));
    for (size_t other = 0; other < kept.size(); other += 17) {
      const Tuple before(kept[other]);
      const bool same = std::equal(before.begin(), before.end(), items.begin(), items.end());
      ASSERT_EQ(before == tuple, same);
      ASSERT_EQ(equal(ctx_, before, tuple), same);
      ASSERT_EQ(compare(ctx_, before, tuple) == 0, same);
    }
    kept.push_back(ctx_, tuple);
  }
}

TEST_P(TupleTest, HoldsCellsOfItsSpace) {
  const List list = List::of(ctx_, integer(1));
  const Tuple pair = Tuple::of(ctx_, list, integer(2));
  const Tuple other = Tuple::of(ctx_, List::of(ctx_, integer(1)), integer(2));
  EXPECT_TRUE(equal(ctx_, pair, other));
  EXPECT_EQ(hash(ctx_, pair), hash(ctx_, other));
  EXPECT_EQ(Tuple::of(ctx_, list, integer(2)), pair);
  EXPECT_EQ(to_text(ctx_, pair), to_text(ctx_, other));
  EXPECT_EQ(List(other.get(0)).size(), 1u);
}

TEST_P(TupleTest, SliceConcatenateAndConvert) {
  std::vector<Value> items;
  for (int64_t i = 0; i < 40; ++i) items.push_back(integer(i));
  const Tuple all = Tuple::of(ctx_, items);
  const Tuple head = all.slice(ctx_, 0, 15), tail = all.slice(ctx_, 15, 40);
  EXPECT_EQ(head.concatenate(ctx_, tail), all);
  EXPECT_EQ(Tuple::of_list(ctx_, all.to_list(ctx_)), all);
  EXPECT_EQ(all.index_of(ctx_, integer(17)), std::optional<uint64_t>(17));
  EXPECT_FALSE(head.contains(ctx_, integer(17)));
  EXPECT_TRUE(all.get(40).is_none());
  EXPECT_FALSE(all.slice(ctx_, 3, 41).valid());
  EXPECT_EQ(ctx_.take_error().code(), StatusCode::kRange);
}

TEST_P(TupleTest, OrderAndText) {
  const Tuple low = Tuple::of(ctx_, integer(1)), longer = Tuple::of(ctx_, integer(1), integer(0)),
              high = Tuple::of(ctx_, integer(2));
  EXPECT_LT(compare(ctx_, low, longer), 0);
  EXPECT_LT(compare(ctx_, longer, high), 0);
  EXPECT_GT(compare(ctx_, high, Tuple::empty(ctx_)), 0);
  EXPECT_EQ(to_text(ctx_, Tuple::empty(ctx_)), "()");
  EXPECT_EQ(to_text(ctx_, Tuple::of(ctx_, Value())), "(none,)");
  EXPECT_EQ(to_text(ctx_, Tuple::of(ctx_, Value(), Value::boolean(true))), "(none, true)");
}

TEST_P(TupleTest, IsOneObjectInTwoSpaces) {
  const Tuple here = Tuple::of(ctx_, integer(123456), integer(654321));
  Space other_space;
  Thread other_self(other_space);
  Context other(other_self);
  EXPECT_EQ(Tuple::of(other, integer(123456), integer(654321)), here);
}

INSTANTIATE_TEST_SUITE_P(CollectEvery, TupleTest, ::testing::Values(0u, 3u));

}  // namespace
}  // namespace proto
