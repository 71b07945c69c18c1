#include "runtime/collection/multiset.h"

#include <map>
#include <vector>

#include "keyed_cases.h"

namespace proto {
namespace {

using Model = std::map<int64_t, uint64_t>;  // counts; none is 0

class MultisetTest : public KeyedTest {
 protected:
  Multiset multiset_of(const Model& model) {
    MultisetBuilder builder(ctx_);
    for (const auto& [element, count] : model) builder.add(key(element), count);
    return builder.finish();
  }
  void expect_holds(const Multiset& multiset, const Model& model) {
    ASSERT_TRUE(multiset.valid());
    ASSERT_EQ(multiset.distinct_size(), model.size());
    Model found;
    uint64_t total = 0;
    for (const auto [element, count] : multiset) found[number(element)] = count, total += count;
    ASSERT_EQ(found, model);
    ASSERT_EQ(multiset.size(), total);
    const Status status = multiset.check(ctx_);
    ASSERT_TRUE(status.ok()) << status.to_string();
  }
  /// function(a's count, b's count) for each element.
  template <class Function>
  static Model combined(const Model& a, const Model& b, Function&& function) {
    Model result;
    const auto enter = [&](int64_t element) {
      const auto in = [&](const Model& model) { return model.contains(element) ? model.at(element) : 0; };
      if (const uint64_t count = function(in(a), in(b)); count > 0) result[element] = count;
    };
    for (const auto& [element, count] : a) enter(element);
    for (const auto& [element, count] : b) enter(element);
    return result;
  }
  static void take(Model& model, int64_t element, uint64_t times) {
    const auto at = model.find(element);
    if (at != model.end() && (at->second -= std::min(at->second, times)) == 0) model.erase(at);
  }

  Multiset step(Random& random, const Multiset& a, const Multiset& b, Model& model, const Model& other) {
    const int64_t element = random.between(0, hostile() ? 300 : 1500);
    const uint64_t times = 1 + random.below(4);
    switch (random.below(8)) {
      case 0: model[element] += times; return a.with(ctx_, key(element), times);
      case 1: take(model, element, times); return a.without(ctx_, key(element), times);
      case 2:  // kept small, for it doubles
        if (a.size() > 100000) return a;
        model = combined(model, other, [](uint64_t x, uint64_t y) { return x + y; });
        return a.sum(ctx_, b);
      case 3: model = combined(model, other, [](uint64_t x, uint64_t y) { return std::max(x, y); }); return a.set_union(ctx_, b);
      case 4: model = combined(model, other, [](uint64_t x, uint64_t y) { return std::min(x, y); }); return a.intersection(ctx_, b);
      case 5: model = combined(model, other, [](uint64_t x, uint64_t y) { return x - std::min(x, y); }); return a.difference(ctx_, b);
      case 6: return change_in_place(random, MultisetBuilder(ctx_, a), model);
      default: model.clear(); return change_in_place(random, MultisetBuilder(ctx_), model);
    }
  }
  Multiset change_in_place(Random& random, MultisetBuilder&& builder, Model& model) {
    for (uint64_t i = random.below(hostile() ? 100 : 800); i-- > 0;) {
      const int64_t element = random.between(0, hostile() ? 300 : 1500);
      const uint64_t times = 1 + random.below(3);
      if (random.one_in(3)) {
        builder.remove(key(element), times);
        take(model, element, times);
      } else {
        builder.add(key(element), times);
        model[element] += times;
      }
      EXPECT_EQ(builder.count(key(element)), model.contains(element) ? model[element] : 0);
      EXPECT_EQ(builder.distinct_size(), model.size());
    }
    return builder.finish();
  }
};

TEST_P(MultisetTest, RandomOperationsKeepEveryVersion) {
  for (uint64_t seed = 1; seed <= (hostile() ? 2u : 4u); ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    RootList versions(ctx_);
    std::vector<Model> models{{}};
    versions.push_back(ctx_, Multiset::empty(ctx_));
    for (int i = 0; i < (hostile() ? 60 : 200); ++i) {
      const size_t a = random.below(models.size()), b = random.below(models.size());
      Model model = models[a];
      const Multiset changed = step(random, Multiset(versions[a]), Multiset(versions[b]), model, models[b]);
      ASSERT_NO_FATAL_FAILURE(expect_holds(changed, model));
      versions.push_back(ctx_, changed);
      models.push_back(std::move(model));
    }
    for (size_t i = 0; i < models.size(); ++i) {
      const size_t other = random.below(models.size());
      ASSERT_NO_FATAL_FAILURE(expect_holds(Multiset(versions[i]), models[i]));
      EXPECT_EQ(equal(ctx_, versions[i], versions[other]), models[i] == models[other]);
      EXPECT_EQ(compare(ctx_, versions[i], versions[other]) == 0, models[i] == models[other]);
      EXPECT_EQ(compare(ctx_, versions[i], versions[other]), -compare(ctx_, versions[other], versions[i]));
      EXPECT_EQ(hash(ctx_, versions[i]), hash(ctx_, multiset_of(models[i])));
    }
  }
}

TEST_P(MultisetTest, TheMostCommonComeFirst) {
  Random random(5);
  MultisetBuilder builder(ctx_);
  for (int i = 0; i < 2000; ++i) builder.add(key(static_cast<int64_t>(random.below(1 + random.below(300)))));
  const Multiset multiset = builder.finish();
  const auto all = multiset.most_common(ctx_, ~size_t{0});
  ASSERT_EQ(all.size(), multiset.distinct_size());
  for (size_t i = 1; i < all.size(); ++i) {
    ASSERT_GE(all[i - 1].count, all[i].count);
    if (all[i - 1].count == all[i].count) {
      ASSERT_LT(compare(ctx_, all[i - 1].element, all[i].element), 0);
    }
  }
  const auto some = multiset.most_common(ctx_, 5);
  ASSERT_EQ(some.size(), 5u);
  for (size_t i = 0; i < some.size(); ++i) EXPECT_EQ(some[i].element, all[i].element);
}

INSTANTIATE_TEST_SUITE_P(All, MultisetTest, ::testing::ValuesIn(keyed_modes()), mode_name);

class MultisetAlone : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { register_kinds(); }
  MultisetAlone() : self_(space_), ctx_(self_) {}
  Space space_;
  Thread self_;
  Context ctx_;
};

TEST_F(MultisetAlone, CountsHaveALimit) {
  const Value one = Value::integer(1);
  const Multiset full = Multiset::empty(ctx_).with(ctx_, one, Multiset::kMaxCount);
  EXPECT_EQ(full.count(ctx_, one), Multiset::kMaxCount);
  EXPECT_FALSE(full.with(ctx_, one).valid());
  EXPECT_EQ(ctx_.take_error().code(), StatusCode::kRange);
  EXPECT_FALSE(full.sum(ctx_, full).valid());
  EXPECT_EQ(ctx_.take_error().code(), StatusCode::kRange);
  EXPECT_FALSE(full.with(ctx_, Value::integer(2), ~uint64_t{0}).valid());
  EXPECT_EQ(ctx_.take_error().code(), StatusCode::kRange);
  EXPECT_TRUE(full.set_union(ctx_, full).equals(ctx_, full));
  EXPECT_TRUE(full.without_all(ctx_, one).is_empty());
  EXPECT_EQ(full.without(ctx_, one, 5).size(), Multiset::kMaxCount - 5);
}

TEST_F(MultisetAlone, Prints) {
  const Value yes = Value::boolean(true);
  EXPECT_EQ(to_text(ctx_, Multiset::of(ctx_, {yes, Value::boolean(false), yes})), "multiset{false: 1, true: 2}");
  EXPECT_EQ(to_text(ctx_, Multiset::empty(ctx_)), "multiset{}");
}

}  // namespace
}  // namespace proto
