// What objects share, and that nothing of it only grows.
#include <vector>

#include "runtime/base/random.h"
#include "runtime/heap/root_list.h"
#include "runtime/object/internal/object_space.h"
#include "runtime/object/site.h"
#include "tests/object/object_fixture.h"

namespace proto {
namespace {

class ShapeTest : public ObjectFixture {
 protected:
  size_t shapes() { return objects::ObjectSpace::of(ctx_).shapes().size(); }
  std::string name_of(int64_t number) { return "n" + std::to_string(number); }
};
PROTO_OBJECT_TESTS(ShapeTest);

TEST_P(ShapeTest, ObjectsOfOneHistoryHaveOneShape) {
  const Value a = new_object(ctx_, object_prototype(), {{"x", 1}, {"y", 2}});
  const Value b = object_prototype().new_child(ctx_).with(ctx_, "x", 3).with(ctx_, "y", 4);
  const Value c = object_prototype().new_child(ctx_).with(ctx_, "y", 3).with(ctx_, "x", 4);
  EXPECT_EQ(a.as_cell()->header_word(), b.as_cell()->header_word());
  EXPECT_NE(a.as_cell()->header_word(), c.as_cell()->header_word());
  EXPECT_EQ(b.without(ctx_, "y").as_cell()->header_word(),
            object_prototype().new_child(ctx_).with(ctx_, "x", 1).as_cell()->header_word());
  EXPECT_EQ(object_prototype().new_child(ctx_), object_prototype().new_child(ctx_)) << "one object without attributes";
}

TEST_P(ShapeTest, ShapesThatNobodyUsesAreCollected) {
  space_.collect(ctx_);
  const size_t before = shapes();
  const int rounds = hostile() ? 3 : 40;
  for (int round = 0; round < rounds; ++round) {
    Context frame(ctx_);
    for (int i = 0; i < 50; ++i) {
      Value object = object_prototype().new_mutable(frame).new_child(frame);  // a root of its own
      for (int k = 0; k < 4; ++k) object = object.with(frame, name_of(round * 1000 + i * 10 + k), k);
      ASSERT_EQ(object.get(frame, name_of(round * 1000 + i * 10 + 3)), integer(3));
    }
  }
  // Words of dead frames on the stack may keep a few.
  for (int i = 0; i < 3; ++i) space_.collect(ctx_);
  EXPECT_LT(shapes(), before + 60);
}

TEST_P(ShapeTest, ObjectsUsedAsMapsBecomeDictionariesAndTheShapesLimitIsOnTheLiving) {
  if (hostile()) return;
  {
    RootList alive(ctx_);
    const Value prototype = object_prototype().new_mutable(ctx_);
    alive.push_back(ctx_, prototype);
    size_t dictionaries = 0;
    for (int i = 0; i < 1000; ++i) {
      const Value object = prototype.new_child(ctx_).with(ctx_, name_of(i), i);
      alive.push_back(ctx_, object);
      if (object.is_cell_of(CellKind::kDictionaryObject)) ++dictionaries;
    }
    EXPECT_EQ(dictionaries, 1000 - objects::kMaxTransitions);
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(alive[static_cast<size_t>(i) + 1].get(ctx_, name_of(i)), integer(i));
    const Root root(ctx_, prototype);
    alive.clear();
    for (int i = 0; i < 3; ++i) space_.collect(ctx_);
    EXPECT_TRUE(prototype.new_child(ctx_).with(ctx_, "another", 1).is_cell_of(CellKind::kObject));
  }
}

TEST_P(ShapeTest, DeadMutableObjectsGiveTheirMemoryBack) {
  if (hostile()) return;
  const size_t before = space_.statistics().used_bytes;
  const Value prototype = object_prototype().new_mutable(ctx_);
  const Root root(ctx_, prototype);
  for (int i = 0; i < 1'000'000; ++i) {
    const Value object = prototype.new_mutable(ctx_);
    object.set(ctx_, "x", i);
  }
  space_.collect(ctx_);
  space_.collect(ctx_);
  EXPECT_LT(space_.statistics().used_bytes, before + (4u << 20));
}

// ---- sites
// ------------------------------------------------------------------------------------------------------------------

TEST_P(ShapeTest, SitesGiveWhatGetGives) {
  const uint64_t seed = 5;
  Random random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  const Value base = mutable_object();
  const Value middle = base.new_mutable(ctx_);
  std::vector<Value> receivers{integer(1), Value(), base, middle};
  RootList alive(ctx_);
  for (int i = 0; i < 6; ++i) {
    Value object = middle.new_child(ctx_).with(ctx_, name_of(i), i);
    if (i % 2 == 0) object = object.with(ctx_, "x", i);
    receivers.push_back(object);
    receivers.push_back(mutable_copy(ctx_, object));
    alive.push_back(ctx_, receivers[receivers.size() - 1]);
    alive.push_back(ctx_, receivers[receivers.size() - 2]);
  }
  AttributeSite site(ctx_, "x");
  const int steps = hostile() ? 200 : 5000;
  for (int step = 0; step < steps; ++step) {
    const Value receiver = receivers[random.below(receivers.size())];
    ASSERT_EQ(site.get(ctx_, receiver), receiver.get(ctx_, "x")) << "step " << step;
    switch (random.below(40)) {
      case 0:
        base.set(ctx_, "x", step);
        break;
      case 1:
        middle.set(ctx_, "x", step);
        break;
      case 2:
        middle.remove(ctx_, "x");
        break;
      case 3:
        receivers[5].set(ctx_, "x", step);
        break;
      case 4:
        receivers[5].remove(ctx_, "x");
        break;
      case 5:
        space_.collect(ctx_);
        break;
      default:
        break;
    }
  }
}

Value twice(Context&, Value, Arguments arguments) { return integer(2 * arguments[0].as_small_integer()); }
Value thrice(Context&, Value, Arguments arguments) { return integer(3 * arguments[0].as_small_integer()); }

TEST_P(ShapeTest, CallSitesFollowTheMethod) {
  const Value base = mutable_object();
  base.set(ctx_, "grow", method(ctx_, twice));
  const Value child = base.new_child(ctx_);
  CallSite site(ctx_, "grow");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(site.call(ctx_, child, i), integer(2 * i));
  base.set(ctx_, "grow", method(ctx_, thrice));
  EXPECT_EQ(site.call(ctx_, child, 5), integer(15));
  base.remove(ctx_, "grow");
  EXPECT_TRUE(site.call(ctx_, child, 5).is_none());
  EXPECT_EQ(ctx_.take_error().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace proto
