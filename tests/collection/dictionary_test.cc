#include "runtime/collection/dictionary.h"

#include <array>
#include <map>
#include <thread>
#include <vector>

#include "keyed_cases.h"

namespace proto {
namespace {

using Model = std::map<int64_t, int64_t>;

class DictionaryTest : public KeyedTest {
 protected:
  // Some values are cells, so that a collection too many is noticed.
  Value value(int64_t number) { return number % 3 == 0 ? Value(List::of(ctx_, Value::integer(number))) : Value::integer(number); }
  static int64_t number_of(Value value) { return (value.is_list() ? List(value).get(0) : value).as_small_integer(); }

  Dictionary dictionary_of(const Model& model) {
    DictionaryBuilder builder(ctx_);
    for (const auto& [k, v] : model) builder.set(key(k), value(v));
    return builder.finish();
  }
  Model model_of(const Dictionary& dictionary) const {
    Model model;
    for (const auto [k, v] : dictionary) model[number(k)] = number_of(v);
    return model;
  }
  void expect_holds(const Dictionary& dictionary, const Model& model) {
    ASSERT_TRUE(dictionary.valid());
    ASSERT_EQ(dictionary.size(), model.size());
    ASSERT_EQ(model_of(dictionary), model);
    const Status status = dictionary.check(ctx_);
    ASSERT_TRUE(status.ok()) << status.to_string();
  }
  Model counted(int64_t count) const {
    Model model;
    for (int64_t i = 0; i < count; ++i) model[i * 7] = i;
    return model;
  }
};

TEST_P(DictionaryTest, AllSizesHoldTheirEntries) {
  for (const int64_t count : {0, 1, 2, 7, 8, 9, 63, 64, 83, 84, 85, 168, 500, 3000}) {
    if (hostile() && count > 500) continue;
    const Model model = counted(count);
    const Dictionary built = dictionary_of(model);
    expect_holds(built, model);
    Dictionary grown = Dictionary::empty(ctx_);
    for (const auto& [k, v] : model) grown = grown.with(ctx_, key(k), value(v));
    expect_holds(grown, model);
    EXPECT_TRUE(equal(ctx_, built, grown));
    EXPECT_EQ(hash(ctx_, built), hash(ctx_, grown));
    EXPECT_EQ(compare(ctx_, built, grown), 0);
    for (int64_t i = 0; i < count; ++i) {
      ASSERT_EQ(number_of(built.get(ctx_, key(i * 7))), i);
      ASSERT_TRUE(grown.contains(ctx_, key(i * 7)));
      ASSERT_FALSE(built.contains(ctx_, key(i * 7 + 1)));
    }
    uint64_t position = 0;
    for (const auto [k, v] : built) {
      const auto item = built.at(position++);
      ASSERT_TRUE(item.has_value());
      ASSERT_EQ(item->key, k);
      ASSERT_EQ(item->value, v);
    }
    EXPECT_FALSE(built.at(position).has_value());
  }
}

TEST_P(DictionaryTest, RemovingAllLeavesNothing) {
  const Model model = counted(hostile() ? 200 : 1000);
  Dictionary dictionary = dictionary_of(model);
  uint64_t left = model.size();
  for (const auto& [k, v] : model) {
    dictionary = dictionary.without(ctx_, key(k));
    ASSERT_EQ(dictionary.size(), --left);
    if (left % 50 == 0) {
      const Status status = dictionary.check(ctx_);
      ASSERT_TRUE(status.ok()) << status.to_string();
    }
  }
  EXPECT_TRUE(dictionary.is_empty());
  EXPECT_TRUE(equal(ctx_, dictionary, Dictionary::empty(ctx_)));
  EXPECT_EQ(hash(ctx_, dictionary), hash(ctx_, Dictionary::empty(ctx_)));
}

TEST_P(DictionaryTest, WhatChangesNothingGivesTheSameVersion) {
  const Dictionary dictionary = dictionary_of(counted(300));
  const Value there = dictionary.get(ctx_, key(14));
  EXPECT_EQ(Value(dictionary.with(ctx_, key(14), there)), Value(dictionary));
  EXPECT_EQ(Value(dictionary.without(ctx_, key(13))), Value(dictionary));
  EXPECT_EQ(Value(dictionary.intersection(ctx_, dictionary)), Value(dictionary));
  EXPECT_EQ(Value(dictionary.merge(ctx_, dictionary)), Value(dictionary));
  EXPECT_TRUE(dictionary.difference(ctx_, dictionary).is_empty());
}

TEST_P(DictionaryTest, ANoneThatIsStoredIsNoneThatIsAbsent) {
  const Dictionary dictionary = Dictionary::of(ctx_, {{key(1), Value()}});
  EXPECT_TRUE(dictionary.get(ctx_, key(1)).is_none());
  EXPECT_TRUE(dictionary.find(ctx_, key(1)).has_value());
  EXPECT_FALSE(dictionary.find(ctx_, key(2)).has_value());
  EXPECT_EQ(dictionary.get(ctx_, key(2), Value::integer(5)), Value::integer(5));
  EXPECT_TRUE(dictionary.get(ctx_, key(1), Value::integer(5)).is_none());
}

// Operations on random earlier versions; each gives a new one, and all of them are looked at again in the end.
class DictionaryModel : public DictionaryTest {
 protected:
  void run(uint64_t seed, int steps) {
    Random random(seed);
    RootList versions(ctx_);
    std::vector<Model> models;
    versions.push_back(ctx_, Dictionary::empty(ctx_));
    models.emplace_back();
    for (int i = 0; i < steps; ++i) {
      const size_t a = random.below(models.size()), b = random.below(models.size());
      Model model = models[a];
      const Dictionary changed = step(random, Dictionary(versions[a]), Dictionary(versions[b]), model, models[b]);
      ASSERT_NO_FATAL_FAILURE(expect_holds(changed, model));
      versions.push_back(ctx_, changed);
      models.push_back(std::move(model));
    }
    for (size_t i = 0; i < models.size(); ++i) {
      ASSERT_NO_FATAL_FAILURE(expect_holds(Dictionary(versions[i]), models[i]));
      compare_with(Dictionary(versions[i]), models[i], Dictionary(versions[random.below(models.size())]), models, versions);
    }
  }
  Dictionary step(Random& random, const Dictionary& a, const Dictionary& b, Model& model, const Model& other) {
    const int64_t k = random_key(random), v = random.between(0, 99);
    switch (random.below(9)) {
      case 0:
        model[k] = v;
        return a.with(ctx_, key(k), value(v));
      case 1: {
        const int64_t gone = model.empty() ? k : std::next(model.begin(), static_cast<ptrdiff_t>(random.below(model.size())))->first;
        model.erase(gone);
        return a.without(ctx_, key(gone));
      }
      case 2:
        for (const auto& [x, y] : other) model[x] = y;
        return a.merge(ctx_, b);
      case 3:
        model.insert(other.begin(), other.end());
        return a.merge(ctx_, b, Dictionary::Keep::kThis);
      case 4:
        std::erase_if(model, [&](const auto& entry) { return !other.contains(entry.first); });
        return a.intersection(ctx_, b);
      case 5:
        std::erase_if(model, [&](const auto& entry) { return other.contains(entry.first); });
        return a.difference(ctx_, b);
      case 6: return update(random, a, model);
      case 7: return rebuild(random, a, model);
      default: return build(random, model);
    }
  }
  Dictionary update(Random& random, const Dictionary& a, Model& model) {
    std::array<Dictionary::Item, 16> items;  // on the stack
    for (Dictionary::Item& item : items) {
      const int64_t k = random_key(random), v = random.between(0, 99);
      item.key = key(k);
      item.value = value(v);
      model[k] = v;
    }
    return a.update(ctx_, items);
  }
  Dictionary rebuild(Random& random, const Dictionary& a, Model& model) {
    DictionaryBuilder builder(ctx_, a);
    for (uint64_t i = random.below(100); i-- > 0;) {
      const int64_t k = random_key(random), v = random.between(0, 99);
      if (random.one_in(3)) {
        EXPECT_EQ(builder.remove(key(k)), model.erase(k) == 1);
      } else {
        EXPECT_EQ(builder.set(key(k), value(v)), model.insert_or_assign(k, v).second);
        EXPECT_EQ(number_of(builder.get(key(k))), v);
      }
      EXPECT_EQ(builder.size(), model.size());
    }
    return builder.finish();
  }
  Dictionary build(Random& random, Model& model) {
    model.clear();
    DictionaryBuilder builder(ctx_);
    for (uint64_t i = random.below(hostile() ? 150 : 1200); i-- > 0;) {
      const int64_t k = random_key(random), v = random.between(0, 99);
      if (random.one_in(4)) {
        EXPECT_EQ(builder.remove(key(k)), model.erase(k) == 1);
      } else {
        EXPECT_EQ(builder.set(key(k), value(v)), model.insert_or_assign(k, v).second);
      }
      EXPECT_EQ(builder.contains(key(k)), model.contains(k));
      EXPECT_EQ(builder.size(), model.size());
    }
    return builder.finish();
  }
  int64_t random_key(Random& random) { return random.between(0, hostile() ? 300 : 2000); }
  void compare_with(const Dictionary& a, const Model& model, const Dictionary& b, const std::vector<Model>& models,
                    const RootList& versions) {
    const bool same = model_of(b) == model;
    EXPECT_EQ(equal(ctx_, a, b), same);
    const int order = compare(ctx_, a, b);
    EXPECT_EQ(order == 0, same);
    EXPECT_EQ(compare(ctx_, b, a), -order);
    EXPECT_TRUE(!same || hash(ctx_, a) == hash(ctx_, b));
    const Dictionary again = dictionary_of(model);
    EXPECT_TRUE(equal(ctx_, a, again));
    EXPECT_EQ(compare(ctx_, a, again), 0);
    EXPECT_EQ(hash(ctx_, a), hash(ctx_, again));
    const Dictionary third(versions[models.size() / 2]);
    if (order <= 0 && compare(ctx_, b, third) <= 0) {
      EXPECT_LE(compare(ctx_, a, third), 0);
    }
  }
};

TEST_P(DictionaryModel, RandomOperationsKeepEveryVersion) {
  const uint64_t seeds = hostile() ? 2 : 4;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    run(seed, hostile() ? 60 : 200);
    if (HasFatalFailure()) return;
  }
}

TEST_P(DictionaryTest, FramesFreeWhatTheResultDoesNotReach) {
  Dictionary dictionary = Dictionary::empty(ctx_);
  Model model;
  Random random(7);
  for (int i = 0; i < (hostile() ? 200 : 2000); ++i) {
    Context frame(ctx_);
    const int64_t k = random.between(0, 400);
    Dictionary next = dictionary;
    for (int64_t j = 0; j < 5; ++j) next = next.with(frame, key(k + j), value(i));
    next = next.without(frame, key(k + 5));
    for (int64_t j = 0; j < 5; ++j) model[k + j] = i;
    model.erase(k + 5);
    dictionary = Dictionary(frame.leave(next));
  }
  expect_holds(dictionary, model);
}

TEST_P(DictionaryTest, AFailureGivesNoDictionaryUntilItIsTaken) {
  const Dictionary dictionary = dictionary_of(counted(3));
  const Value keys[] = {key(1)};
  const Dictionary failed = Dictionary::of(ctx_, keys, std::span<const Value>());
  EXPECT_FALSE(failed.valid());
  EXPECT_EQ(failed.size(), 0u);
  EXPECT_FALSE(failed.contains(ctx_, Value::integer(1)));
  EXPECT_FALSE(dictionary.with(ctx_, Value::integer(1), Value()).valid());
  EXPECT_EQ(ctx_.take_error().code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(dictionary.with(ctx_, key(1), Value()).valid());
}

INSTANTIATE_TEST_SUITE_P(All, DictionaryTest, ::testing::ValuesIn(keyed_modes()), mode_name);
INSTANTIATE_TEST_SUITE_P(All, DictionaryModel, ::testing::ValuesIn(keyed_modes()), mode_name);

class DictionaryAlone : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { register_kinds(); }
  DictionaryAlone() : self_(space_), ctx_(self_) {}
  Space space_;
  Thread self_;
  Context ctx_;
};

TEST_F(DictionaryAlone, PrintsItsEntriesSortedByKey) {
  const Dictionary inner = Dictionary::of(ctx_, {{Value::short_string("b"), Value::integer(2)}, {Value::short_string("a"), Value()}});
  std::vector<Value> keys = inner.sorted_keys(ctx_);
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_LT(compare(ctx_, keys[0], keys[1]), 0);
  EXPECT_EQ(to_text(ctx_, Dictionary::empty(ctx_)), "{}");
  EXPECT_EQ(to_text(ctx_, Dictionary::of(ctx_, {{Value::boolean(true), inner}})).substr(0, 7), "{true: ");
}

TEST_F(DictionaryAlone, OneBuilderMakesManyDictionaries) {
  DictionaryBuilder builder(ctx_);
  builder.set(Value::integer(1), Value::integer(10));
  const Dictionary first = builder.finish();
  EXPECT_EQ(builder.size(), 0u);
  builder.set(Value::integer(2), Value::integer(20));
  const Dictionary second = builder.finish();
  EXPECT_EQ(first.size(), 1u);
  EXPECT_EQ(second.get(ctx_, Value::integer(2)), Value::integer(20));
  EXPECT_FALSE(second.contains(ctx_, Value::integer(1)));
}

// A builder's memory is read by the collector while it changes.
TEST_F(DictionaryAlone, BuildersWorkBesideCollections) {
  DictionaryBuilder table(ctx_);
  DictionaryBuilder tree(ctx_, Dictionary::of(ctx_, {{Value::integer(-1), Value()}}));
  constexpr int64_t kEntries = 60000;
  for (int64_t i = 0; i < kEntries; ++i) {
    if (i % 1000 == 0) space_.request_collection();
    for (DictionaryBuilder* builder : {&table, &tree}) {
      builder->set(Value::integer(i), List::of(ctx_, Value::integer(i)));
      if (i % 5 == 4) builder->set(Value::integer(i - 2), List::of(ctx_, Value::integer(i)));
      if (i % 5 == 4) builder->remove(Value::integer(i - 4));
    }
  }
  space_.collect(ctx_);
  for (DictionaryBuilder* builder : {&table, &tree}) {
    const Dictionary dictionary = builder->finish();
    for (int64_t i = 0; i < kEntries; ++i) {
      const Value found = dictionary.get(ctx_, Value::integer(i));
      ASSERT_EQ(found.is_list(), i % 5 != 0);
      if (found.is_list()) {
        ASSERT_EQ(List(found).get(0), Value::integer(i % 5 == 2 ? i + 2 : i));
      }
    }
    const Status status = dictionary.check(ctx_);
    EXPECT_TRUE(status.ok()) << status.to_string();
  }
}

TEST_F(DictionaryAlone, ThreadsReadAndChangeTheSameVersions) {
  std::vector<Dictionary::Item> items;
  for (int64_t i = 0; i < 5000; ++i) items.push_back({Value::integer(i), Value::integer(i * i)});
  const Root shared(ctx_, Dictionary::of(ctx_, items));
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  {
    BlockingRegion waiting(ctx_);
    for (int64_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        Thread self(space_);
        Context ctx(self);
        Dictionary mine(shared.get());
        for (int64_t i = t; i < 5000; i += 2) {
          mine = mine.with(ctx, Value::integer(i + 10000), Value::integer(t)).without(ctx, Value::integer(i));
        }
        for (int64_t i = 0; i < 5000; ++i) {
          const bool changed = i >= t && (i - t) % 2 == 0;
          wrong += mine.contains(ctx, Value::integer(i)) == changed;
          wrong += Dictionary(shared.get()).get(ctx, Value::integer(i)) != Value::integer(i * i);
        }
        wrong += !mine.check(ctx).ok();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace proto
