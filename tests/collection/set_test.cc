#include "runtime/collection/set.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "keyed_cases.h"
#include "runtime/collection/dictionary.h"
#include "runtime/number/number.h"

namespace proto {
namespace {

using Model = std::set<int64_t>;

class SetTest : public KeyedTest {
 protected:
  Set set_of(const Model& model) {
    SetBuilder builder(ctx_);
    for (const int64_t number : model) builder.add(key(number));
    return builder.finish();
  }
  Model model_of(const Set& set) const {
    Model model;
    for (const Value element : set) model.insert(number(element));
    return model;
  }
  void expect_holds(const Set& set, const Model& model) {
    ASSERT_TRUE(set.valid());
    ASSERT_EQ(set.size(), model.size());
    ASSERT_EQ(model_of(set), model);
    const Status status = set.check(ctx_);
    ASSERT_TRUE(status.ok()) << status.to_string();
  }
  static Model united(const Model& a, const Model& b) {
    Model all = a;
    all.insert(b.begin(), b.end());
    return all;
  }
  static Model intersected(const Model& a, const Model& b) {
    Model both;
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(both, both.end()));
    return both;
  }
  static Model without(const Model& a, const Model& b) {
    Model rest;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(rest, rest.end()));
    return rest;
  }

  // One random operation.
  Set step(Random& random, const Set& a, const Set& b, Model& model, const Model& other) {
    const int64_t element = random.between(0, hostile() ? 300 : 2000);
    switch (random.below(8)) {
      case 0: model.insert(element); return a.with(ctx_, key(element));
      case 1: model.erase(element); return a.without(ctx_, key(element));
      case 2: model = united(model, other); return a.set_union(ctx_, b);
      case 3: model = intersected(model, other); return a.intersection(ctx_, b);
      case 4: model = without(model, other); return a.difference(ctx_, b);
      case 5: model = without(united(model, other), intersected(model, other)); return a.symmetric_difference(ctx_, b);
      case 6: return change_in_place(random, SetBuilder(ctx_, a), model);
      default: model.clear(); return change_in_place(random, SetBuilder(ctx_), model);
    }
  }
  Set change_in_place(Random& random, SetBuilder&& builder, Model& model) {
    for (uint64_t i = random.below(hostile() ? 100 : 800); i-- > 0;) {
      const int64_t element = random.between(0, hostile() ? 300 : 2000);
      if (random.one_in(3)) {
        EXPECT_EQ(builder.remove(key(element)), model.erase(element) == 1);
      } else {
        EXPECT_EQ(builder.add(key(element)), model.insert(element).second);
      }
      EXPECT_EQ(builder.contains(key(element)), model.contains(element));
      EXPECT_EQ(builder.size(), model.size());
    }
    return builder.finish();
  }
  void expect_relations(const Set& a, const Set& b, const Model& model, const Model& other) {
    EXPECT_EQ(equal(ctx_, a, b), model == other);
    EXPECT_EQ(a.is_subset_of(ctx_, b), std::includes(other.begin(), other.end(), model.begin(), model.end()));
    EXPECT_EQ(a.is_superset_of(ctx_, b), std::includes(model.begin(), model.end(), other.begin(), other.end()));
    EXPECT_EQ(a.is_disjoint_from(ctx_, b), intersected(model, other).empty());
    EXPECT_EQ(compare(ctx_, a, b) == 0, model == other);
    EXPECT_EQ(compare(ctx_, a, b), -compare(ctx_, b, a));
  }
};

TEST_P(SetTest, RandomOperationsKeepEveryVersion) {
  for (uint64_t seed = 1; seed <= (hostile() ? 2u : 4u); ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    RootList versions(ctx_);
    std::vector<Model> models{{}};
    versions.push_back(ctx_, Set::empty(ctx_));
    for (int i = 0; i < (hostile() ? 60 : 200); ++i) {
      const size_t a = random.below(models.size()), b = random.below(models.size());
      Model model = models[a];
      const Set changed = step(random, Set(versions[a]), Set(versions[b]), model, models[b]);
      ASSERT_NO_FATAL_FAILURE(expect_holds(changed, model));
      versions.push_back(ctx_, changed);
      models.push_back(std::move(model));
    }
    for (size_t i = 0; i < models.size(); ++i) {
      const size_t other = random.below(models.size());
      ASSERT_NO_FATAL_FAILURE(expect_holds(Set(versions[i]), models[i]));
      expect_relations(Set(versions[i]), Set(versions[other]), models[i], models[other]);
      EXPECT_EQ(hash(ctx_, versions[i]), hash(ctx_, set_of(models[i])));
    }
  }
}

TEST_P(SetTest, RelationsOfSetsOfAnySize) {
  Random random(3);
  for (int i = 0; i < 60; ++i) {
    Model small, large;
    for (uint64_t n = random.below(20); n-- > 0;) small.insert(random.between(0, 40));
    for (uint64_t n = random.below(hostile() ? 100 : 600); n-- > 0;) large.insert(random.between(i % 2 == 0 ? 0 : 41, 700));
    if (i % 3 == 0) large = united(large, small);
    const Set a = set_of(small), b = set_of(large);
    expect_relations(a, b, small, large);
    expect_relations(b, a, large, small);
    expect_relations(a, a, small, small);
    expect_relations(b, set_of(large), large, large);
  }
}

TEST_P(SetTest, KeysOfADictionary) {
  for (const int64_t count : {0, 1, 80, 81, 84, 85, 700}) {
    DictionaryBuilder builder(ctx_);
    Model model;
    for (int64_t i = 0; i < count; ++i) {
      builder.set(key(i), Value::integer(i));
      model.insert(i);
    }
    const Set keys = Set::of_keys(ctx_, builder.finish());
    expect_holds(keys, model);
    EXPECT_TRUE(keys.equals(ctx_, set_of(model)));
  }
}

TEST_P(SetTest, WhatChangesNothingGivesTheSameVersion) {
  Model model;
  for (int64_t i = 0; i < 300; ++i) model.insert(i);
  const Set set = set_of(model);
  EXPECT_EQ(Value(set.with(ctx_, key(5))), Value(set));
  EXPECT_EQ(Value(set.without(ctx_, key(300))), Value(set));
  EXPECT_EQ(Value(set.set_union(ctx_, set)), Value(set));
  EXPECT_EQ(Value(set.intersection(ctx_, set)), Value(set));
  EXPECT_TRUE(set.difference(ctx_, set).is_empty());
  const Set more = set.with(ctx_, key(1000));
  EXPECT_EQ(set.set_union(ctx_, more).size(), 301u);
  EXPECT_TRUE(set.is_subset_of(ctx_, more));
  EXPECT_FALSE(more.is_subset_of(ctx_, set));
}

INSTANTIATE_TEST_SUITE_P(All, SetTest, ::testing::ValuesIn(keyed_modes()), mode_name);

class SetAlone : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { register_kinds(); }
  SetAlone() : self_(space_), ctx_(self_) {}
  Space space_;
  Thread self_;
  Context ctx_;
};

// Other languages' hashes of these two strings are the same, and so were the strings.
TEST_F(SetAlone, StringsOfOneHashElsewhereAreTwoElements) {
  const Set set = Set::of(ctx_, {Value::short_string("Aa"), Value::short_string("BB")});
  EXPECT_EQ(set.size(), 2u);
  EXPECT_TRUE(set.contains(ctx_, Value::short_string("Aa")));
  EXPECT_TRUE(set.contains(ctx_, Value::short_string("BB")));
}

TEST_F(SetAlone, NumbersAreElementsByTheirValue) {
  const Value one = Value::integer(1), one_point = Value::small_double(1.0), nan = make_double(ctx_, NAN);
  const Set set = Set::of(ctx_, {one, one_point, nan, make_double(ctx_, -NAN)});
  EXPECT_EQ(set.size(), 2u);
  EXPECT_TRUE(set.contains(ctx_, one_point));
  EXPECT_TRUE(set.contains(ctx_, make_double(ctx_, NAN)));
  for (const Value element : set) EXPECT_NE(element, one_point);  // who came first stays
  EXPECT_EQ(Set::of(ctx_, {one_point}).with(ctx_, one).at(0), one_point);
  EXPECT_EQ(Set::of(ctx_, {one_point}).set_union(ctx_, Set::of(ctx_, {one})).at(0), one_point);
  EXPECT_TRUE(equal(ctx_, Set::of(ctx_, {one}), Set::of(ctx_, {one_point})));
  EXPECT_TRUE(Dictionary::of(ctx_, {{one_point, one}}).equals(ctx_, Dictionary::of(ctx_, {{one, one_point}})));
}

TEST_F(SetAlone, SetsAreElementsOfSets) {
  const Set one = Set::of(ctx_, {Value::integer(1)});
  const Set same = Set::of(ctx_, {Value::integer(2)}).with(ctx_, Value::integer(1)).without(ctx_, Value::integer(2));
  const Set nested = Set::of(ctx_, {one, same, Set::empty(ctx_)});
  EXPECT_EQ(nested.size(), 2u);
  EXPECT_TRUE(nested.contains(ctx_, same));
  EXPECT_TRUE(nested.contains(ctx_, Set::empty(ctx_)));
}

TEST_F(SetAlone, PrintsItsElements) {
  EXPECT_EQ(to_text(ctx_, Set::empty(ctx_)), "set()");
  EXPECT_EQ(to_text(ctx_, Set::of(ctx_, {Value::boolean(true), Value::boolean(false)})), "{false, true}");
}

// Half of each is the other's: more leaves than one run of the edit holds.
TEST_F(SetAlone, LargeSets) {
  SetBuilder left(ctx_), right(ctx_);
  constexpr int64_t kElements = 40000;
  for (int64_t i = 0; i < kElements; ++i) left.add(Value::integer(i)), right.add(Value::integer(i + kElements / 2));
  const Set a = left.finish(), b = right.finish();
  const Set both = a.intersection(ctx_, b), all = a.set_union(ctx_, b), rest = a.difference(ctx_, b);
  EXPECT_EQ(all.size(), 60000u);
  EXPECT_EQ(both.size(), 20000u);
  EXPECT_EQ(rest.size(), 20000u);
  for (const Set& set : {a, b, both, all, rest}) {
    const Status status = set.check(ctx_);
    EXPECT_TRUE(status.ok()) << status.to_string();
  }
  EXPECT_TRUE(both.set_union(ctx_, rest).equals(ctx_, a));
  EXPECT_TRUE(rest.is_disjoint_from(ctx_, b));
}

}  // namespace
}  // namespace proto
