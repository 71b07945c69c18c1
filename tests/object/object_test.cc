#include <map>
#include <vector>

#include "runtime/base/random.h"
#include "runtime/heap/root_list.h"
#include "tests/object/object_fixture.h"

namespace proto {
namespace {

class ObjectTest : public ObjectFixture {};
PROTO_OBJECT_TESTS(ObjectTest);

TEST_P(ObjectTest, WithGivesNewVersionsAndKeepsTheOld) {
  const Value empty = object_prototype().new_child(ctx_);
  const Value one = empty.with(ctx_, "x", 3);
  const Value two = one.with(ctx_, "y", 4.0);
  const Value other = one.with(ctx_, "x", 5);
  EXPECT_TRUE(empty.get(ctx_, "x").is_none());
  EXPECT_EQ(one.get(ctx_, "x"), integer(3));
  EXPECT_FALSE(one.has(ctx_, "y"));
  EXPECT_EQ(two.get(ctx_, "x"), integer(3));
  EXPECT_EQ(two.get(ctx_, "y").as_double(), 4.0);
  EXPECT_EQ(other.get(ctx_, "x"), integer(5));
  EXPECT_EQ(attribute_count(empty), 0u);
  EXPECT_EQ(attribute_count(two), 2u);
  EXPECT_TRUE(one.with(ctx_, "x", 3) == one) << "the same value makes no new version";
}

TEST_P(ObjectTest, NoneIsAValueAndNotAbsence) {
  const Value object = object_prototype().new_child(ctx_).with(ctx_, "here", Value());
  EXPECT_TRUE(object.get(ctx_, "here").is_none());
  EXPECT_TRUE(object.has(ctx_, "here"));
  EXPECT_FALSE(object.has(ctx_, "there"));
  const Value account = mutable_object();
  EXPECT_TRUE(account.set(ctx_, "here", nullptr));
  EXPECT_TRUE(account.has(ctx_, "here"));
  EXPECT_TRUE(account.remove(ctx_, "here"));
  EXPECT_FALSE(account.has(ctx_, "here"));
  EXPECT_FALSE(account.remove(ctx_, "here"));
}

TEST_P(ObjectTest, MutableObjectsChangeInPlace) {
  const Value account = mutable_object();
  EXPECT_TRUE(account.set(ctx_, "balance", 100));
  const Value before = snapshot(ctx_, account);
  EXPECT_TRUE(account.compare_and_set(ctx_, "balance", 100, 90));
  EXPECT_FALSE(account.compare_and_set(ctx_, "balance", 100, 80));
  EXPECT_EQ(account.get(ctx_, "balance"), integer(90));
  EXPECT_EQ(before.get(ctx_, "balance"), integer(100));
  EXPECT_TRUE(account.compare_and_set(ctx_, "owner", nullptr, "Ada")) << "absent counts as none";
  EXPECT_EQ(account.get(ctx_, "owner"), Value::short_string("Ada"));
  const Value version = account.with(ctx_, "balance", 1);
  EXPECT_FALSE(version.is_mutable_object());
  EXPECT_EQ(account.get(ctx_, "balance"), integer(90));
}

TEST_P(ObjectTest, ACloneKeepsWhatTheOriginalHadAndGoesItsOwnWay) {
  const Value account = mutable_object();
  account.set(ctx_, "balance", 100);
  account.set(ctx_, "owner", "Ada");
  account.set(ctx_, "balance", 70);
  const Value copy = clone(ctx_, account);
  EXPECT_EQ(copy.get(ctx_, "balance"), integer(70));
  EXPECT_EQ(copy.get(ctx_, "owner"), Value::short_string("Ada"));
  copy.set(ctx_, "balance", 1);
  account.set(ctx_, "owner", "Bob");
  EXPECT_EQ(account.get(ctx_, "balance"), integer(70));
  EXPECT_EQ(copy.get(ctx_, "owner"), Value::short_string("Ada"));
  EXPECT_FALSE(copy == account);
  const Value immutable = snapshot(ctx_, account);
  EXPECT_TRUE(clone(ctx_, immutable) == immutable);
  EXPECT_TRUE(mutable_copy(ctx_, immutable).is_mutable_object());
}

TEST_P(ObjectTest, WhatCannotBeDoneIsAnError) {
  const Value object = object_prototype().new_child(ctx_);
  EXPECT_FALSE(object.set(ctx_, "x", 1));
  EXPECT_EQ(take_code(), StatusCode::kType);
  EXPECT_TRUE(integer(3).with(ctx_, "x", 1).is_none());
  EXPECT_EQ(take_code(), StatusCode::kType);
  EXPECT_FALSE(integer(3).remove(ctx_, "x"));
  EXPECT_EQ(take_code(), StatusCode::kType);
  EXPECT_TRUE(object.get(ctx_, Name(integer(3))).is_none());
  EXPECT_EQ(take_code(), StatusCode::kType);
  EXPECT_TRUE(snapshot(ctx_, integer(1)).is_none());
  EXPECT_EQ(take_code(), StatusCode::kType);
}

TEST_P(ObjectTest, NamesComeAsTextsSymbolsAndValues) {
  const Symbol longer(ctx_, "a name of more than seven bytes");
  const Value object = object_prototype()
                           .new_child(ctx_)
                           .with(ctx_, "a name of more than seven bytes", 1)
                           .with(ctx_, std::string("seven77"), 2)
                           .with(ctx_, "", 3);
  EXPECT_EQ(object.get(ctx_, longer), integer(1));
  EXPECT_EQ(object.get(ctx_, std::string_view("a name of more than seven bytes")), integer(1));
  EXPECT_EQ(object.get(ctx_, longer.value()), integer(1));
  EXPECT_EQ(object.get(ctx_, Value::short_string("seven77")), integer(2));
  EXPECT_EQ(object.get(ctx_, ""), integer(3));
  EXPECT_TRUE(object.get(ctx_, "seven7").is_none());
  char buffer[16] = "seven77";
  EXPECT_EQ(object.get(ctx_, buffer), integer(2)) << "a buffer is read up to its zero";
}

TEST_P(ObjectTest, NewObjectsTakeInitializers) {
  const Value point = new_object(ctx_, object_prototype(), {{"x", 3}, {"y", 4}, {"x", 5}});
  EXPECT_EQ(point.get(ctx_, "x"), integer(5));
  EXPECT_EQ(point.get(ctx_, "y"), integer(4));
  EXPECT_EQ(attribute_count(point), 2u);
  const Value same = object_prototype().new_child(ctx_).with(ctx_, "x", 5).with(ctx_, "y", 4);
  EXPECT_TRUE(equal(ctx_, point, same));
  const Value account = new_mutable_object(ctx_, object_prototype(), {{"balance", 1}});
  EXPECT_TRUE(account.set(ctx_, "balance", 2));
  EXPECT_EQ(account.get(ctx_, "balance"), integer(2));
}

TEST_P(ObjectTest, EqualityIsOfAttributesAndPrototypes) {
  const Value a = new_object(ctx_, object_prototype(), {{"x", 1}, {"y", 2}});
  const Value b = new_object(ctx_, object_prototype(), {{"y", 2}, {"x", 1}});
  const Value c = new_object(ctx_, object_prototype(), {{"x", 1}, {"y", 3}});
  const Value d = new_object(ctx_, a, {{"x", 1}, {"y", 2}});
  EXPECT_TRUE(equal(ctx_, a, b));
  EXPECT_EQ(hash(ctx_, a), hash(ctx_, b));
  EXPECT_EQ(compare(ctx_, a, b), 0);
  EXPECT_FALSE(equal(ctx_, a, c));
  EXPECT_LT(compare(ctx_, a, c), 0);
  EXPECT_GT(compare(ctx_, c, a), 0);
  EXPECT_FALSE(equal(ctx_, a, d)) << "another prototype";
  EXPECT_NE(compare(ctx_, a, d), 0);
  EXPECT_EQ(compare(ctx_, a, d), -compare(ctx_, d, a));
  const Value m = mutable_copy(ctx_, a);
  EXPECT_FALSE(equal(ctx_, m, a));
  EXPECT_FALSE(equal(ctx_, m, clone(ctx_, m)));
  EXPECT_TRUE(equal(ctx_, m, m));
  EXPECT_LT(compare(ctx_, a, m), 0);
}

TEST_P(ObjectTest, TextShowsAttributesAndEndsAtItself) {
  const Value object = mutable_object();
  object.set(ctx_, "flag", true);
  object.set(ctx_, "self", object);
  EXPECT_EQ(to_text(ctx_, object), "{flag: true, self: {...}}");
  EXPECT_EQ(to_text(ctx_, object_prototype().new_child(ctx_)), "{}");
}

TEST_P(ObjectTest, ChainsThatAreTooDeepAreAnErrorAndNoCrash) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "ThreadSanitizer keeps no more than 65,536 frames";
#endif
  if (hostile()) return;
  Value a = object_prototype().new_child(ctx_);
  Value b = a;
  for (int i = 0; i < 300'000; ++i) {
    a = new_object(ctx_, object_prototype(), {{"next", a}});
    b = new_object(ctx_, object_prototype(), {{"next", b}});
  }
  EXPECT_FALSE(equal(ctx_, a, b));
  EXPECT_EQ(take_code(), StatusCode::kRange);
  (void)hash(ctx_, a);
  EXPECT_EQ(take_code(), StatusCode::kRange);
  (void)compare(ctx_, a, b);
  EXPECT_EQ(take_code(), StatusCode::kRange);
  EXPECT_EQ(a.get(ctx_, "next").get(ctx_, "next").is_object(), true);
}

TEST_P(ObjectTest, AttributesAreVisitedInTheirOrder) {
  const Value object = new_object(ctx_, object_prototype(), {{"c", 1}, {"a", 2}, {"b", 3}});
  std::string names;
  int64_t sum = 0;
  for_each_attribute(object, [&](Value name, Value value) {
    names += to_text(ctx_, name).empty() ? '?' : '.';
    sum += value.as_small_integer();
  });
  EXPECT_EQ(names.size(), 3u);
  EXPECT_EQ(sum, 6);
  const Value tuple = attribute_names(ctx_, object);
  const auto* cell = static_cast<const TupleCell*>(tuple.as_cell());
  ASSERT_EQ(cell->size(), 3u);
  EXPECT_EQ(cell->elements[0], Value::short_string("c"));
  EXPECT_EQ(cell->elements[2], Value::short_string("b"));
}

// ---- many attributes
// ---------------------------------------------------------------------------------------------------------

std::string name_of(int64_t number) { return "n" + std::to_string(number); }

TEST_P(ObjectTest, ManyAttributesGoToADictionary) {
  const int64_t count = hostile() ? 80 : 1000;
  Value object = object_prototype().new_child(ctx_);
  for (int64_t i = 0; i < count; ++i) {
    object = object.with(ctx_, name_of(i), i);
    EXPECT_EQ(attribute_count(object), static_cast<size_t>(i) + 1);
  }
  EXPECT_TRUE(object.is_cell_of(CellKind::kDictionaryObject));
  EXPECT_TRUE(object.is_object());
  for (int64_t i = 0; i < count; ++i) EXPECT_EQ(object.get(ctx_, name_of(i)), integer(i));
  EXPECT_FALSE(object.has(ctx_, name_of(count)));
  const Value changed = object.with(ctx_, name_of(7), "seven").without(ctx_, name_of(8));
  EXPECT_EQ(changed.get(ctx_, name_of(7)), Value::short_string("seven"));
  EXPECT_FALSE(changed.has(ctx_, name_of(8)));
  EXPECT_EQ(object.get(ctx_, name_of(8)), integer(8));
  EXPECT_EQ(attribute_count(changed), static_cast<size_t>(count) - 1);
}

TEST_P(ObjectTest, EqualityDoesNotDependOnTheForm) {
  Value slots = object_prototype().new_child(ctx_);
  for (int64_t i = 0; i < 20; ++i) slots = slots.with(ctx_, name_of(i), i);
  Value dictionary = slots;
  for (int64_t i = 20; i < 70; ++i) dictionary = dictionary.with(ctx_, name_of(i), i);
  for (int64_t i = 20; i < 70; ++i) dictionary = dictionary.without(ctx_, name_of(i));
  ASSERT_TRUE(slots.is_cell_of(CellKind::kObject));
  ASSERT_TRUE(dictionary.is_cell_of(CellKind::kDictionaryObject));
  EXPECT_TRUE(equal(ctx_, slots, dictionary));
  EXPECT_TRUE(equal(ctx_, dictionary, slots));
  EXPECT_EQ(hash(ctx_, slots), hash(ctx_, dictionary));
  EXPECT_EQ(compare(ctx_, slots, dictionary), 0);
  EXPECT_FALSE(equal(ctx_, slots, dictionary.with(ctx_, name_of(3), 0)));
}

TEST_P(ObjectTest, RemovingAnyAttributeLeavesTheOthers) {
  for (const int64_t count : {1, 2, 5, 20}) {
    Value object = object_prototype().new_child(ctx_);
    for (int64_t i = 0; i < count; ++i) object = object.with(ctx_, name_of(i), i);
    for (int64_t gone = 0; gone < count; ++gone) {
      const Value less = object.without(ctx_, name_of(gone));
      EXPECT_EQ(attribute_count(less), static_cast<size_t>(count) - 1);
      for (int64_t i = 0; i < count; ++i) EXPECT_EQ(less.has(ctx_, name_of(i)), i != gone);
    }
    EXPECT_TRUE(object.without(ctx_, "other") == object);
  }
}

// ---- a model
// -----------------------------------------------------------------------------------------------------------------

struct Modelled {
  Value object;
  std::map<std::string, int64_t> model;
};

class ObjectModel {
 public:
  ObjectModel(Context& ctx, Random& random, bool changes) : ctx_(ctx), random_(random), changes_(changes) {
    const Value prototype = ctx.space().object_prototype();
    object = changes ? prototype.new_mutable(ctx) : prototype.new_child(ctx);
  }
  Value object;
  std::map<std::string, int64_t> model;

  void step() {
    const std::string name = name_of(static_cast<int64_t>(random_.below(names_)));
    if (random_.one_in(200)) names_ = names_ == 12 ? 90 : 12;
    const auto number = static_cast<int64_t>(random_.below(5));
    switch (random_.below(changes_ ? 4 : 3)) {
      case 0:
        return remove(name);
      case 3:
        return replace(name, number);
      default:
        return put(name, number);
    }
  }
  void expect_holds(Value version, const std::map<std::string, int64_t>& expected) {
    ASSERT_EQ(attribute_count(version), expected.size());
    for (const auto& [name, number] : expected) ASSERT_EQ(version.get(ctx_, name), integer(number)) << name;
    size_t visited = 0;
    for_each_attribute(version, [&](Value name, Value value) {
      ASSERT_EQ(version.get(ctx_, name), value);
      ++visited;
    });
    ASSERT_EQ(visited, expected.size());
  }

 private:
  void put(const std::string& name, int64_t number) {
    if (changes_) {
      ASSERT_TRUE(object.set(ctx_, name, number));
    } else {
      object = object.with(ctx_, name, number);
    }
    model[name] = number;
  }
  void remove(const std::string& name) {
    const bool had = model.erase(name) != 0;
    if (changes_) {
      ASSERT_EQ(object.remove(ctx_, name), had);
    } else {
      object = object.without(ctx_, name);
    }
  }
  void replace(const std::string& name, int64_t number) {
    const auto at = model.find(name);
    const bool equal_now = at != model.end() && at->second == number;
    ASSERT_EQ(object.compare_and_set(ctx_, name, number, number + 1), equal_now);
    if (equal_now) at->second = number + 1;
  }
  Context& ctx_;
  Random& random_;
  const bool changes_;
  uint64_t names_ = 12;
};

TEST_P(ObjectTest, RandomOperationsAgreeWithMaps) {
  const uint64_t seed = 20261120;
  Random random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  const int rounds = hostile() ? 2 : 20;
  const int steps = hostile() ? 150 : 1500;
  for (int round = 0; round < rounds; ++round) {
    ObjectModel current(ctx_, random, round % 2 == 0);
    std::vector<std::map<std::string, int64_t>> old_models;
    RootList old_versions(ctx_);
    for (int i = 0; i < steps; ++i) {
      current.step();
      if (i % 40 == 0) {
        old_versions.push_back(ctx_, snapshot(ctx_, current.object));
        old_models.push_back(current.model);
        current.expect_holds(current.object, current.model);
      }
    }
    for (size_t i = 0; i < old_models.size(); ++i) current.expect_holds(old_versions[i], old_models[i]);
  }
}

}  // namespace
}  // namespace proto
