#include "runtime/collection/list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "runtime/base/random.h"
#include "runtime/heap/context.h"
#include "runtime/heap/root_list.h"
#include "runtime/value/operations.h"

namespace proto {
namespace {

using Model = std::vector<int64_t>;

Value integer(int64_t number) { return Value::integer(number); }

// Every third number is a cell, so that a collection too many is noticed.
Value item_of(Context& ctx, int64_t number) {
  return number % 3 == 0 ? Value(List::of(ctx, integer(number))) : integer(number);
}
int64_t number_of(Value item) { return (item.is_list() ? List(item).get(0) : item).as_small_integer(); }

struct Mode {
  const char* name;
  SpaceOptions options;
};

class ListTest : public ::testing::TestWithParam<Mode> {
 protected:
  static void SetUpTestSuite() { register_kinds(); }
  ListTest() : space_(GetParam().options), self_(space_), ctx_(self_) {}
  bool hostile() const { return GetParam().options.collect_every != 0; }

  List list_of(const Model& model) {
    ListBuilder builder(ctx_);
    for (const int64_t number : model) builder.append(item_of(ctx_, number));
    return builder.finish();
  }
  Model counted(int64_t count) {
    Model model;
    for (int64_t i = 0; i < count; ++i) model.push_back(i);
    return model;
  }
  static Model model_of(const List& list) {
    Model model;
    for (const Value item : list) model.push_back(number_of(item));
    return model;
  }
  static void expect_holds(const List& list, const Model& model) {
    ASSERT_TRUE(list.valid());
    ASSERT_EQ(list.size(), model.size());
    ASSERT_EQ(model_of(list), model);
    const Status status = list.check();
    ASSERT_TRUE(status.ok()) << status.to_string();
  }

  Space space_;
  Thread self_;
  Context ctx_;
};

TEST_P(ListTest, FormsOfAllSizesHoldTheirItems) {
  for (const int64_t count :
       {0, 1, 2, 14, 15, 16, 17, 29, 30, 31, 61, 62, 63, 123, 124, 125, 251, 252, 253, 503, 504, 505, 1000, 5000}) {
    const Model model = counted(count);
    const List built = list_of(model);
    expect_holds(built, model);
    std::vector<Value> items;
    for (const Value item : built) items.push_back(item);  // all reached from `built`
    const List made = List::of(ctx_, items);
    expect_holds(made, model);
    EXPECT_TRUE(equal(ctx_, built, made));
    EXPECT_EQ(hash(ctx_, built), hash(ctx_, made));
    EXPECT_EQ(compare(ctx_, built, made), 0);
    for (int64_t i = 0; i < count; i += 7) EXPECT_EQ(number_of(built.get(static_cast<uint64_t>(i))), i);
    EXPECT_TRUE(built.get(static_cast<uint64_t>(count)).is_none());
    EXPECT_TRUE(built[~uint64_t{0}].is_none());
  }
}

TEST_P(ListTest, AppendsOfOneVersionDoNotDisturbEachOther) {
  List list = List::empty(ctx_);
  RootList versions(ctx_);
  const int64_t count = hostile() ? 300 : 2000;
  for (int64_t i = 0; i < count; ++i) {
    versions.push_back(ctx_, list);
    const List other = list.append(ctx_, item_of(ctx_, 1000000 + i));  // takes the slot first
    list = list.append(ctx_, item_of(ctx_, i));
    ASSERT_EQ(number_of(other.last()), 1000000 + i);
    ASSERT_EQ(number_of(list.last()), i);
  }
  expect_holds(list, counted(count));
  for (int64_t i = 0; i < count; i += 13) expect_holds(List(versions[static_cast<size_t>(i)]), counted(i));
}

// One random change of one of the versions gives a new one.
class Steps {
 public:
  Steps(Context& ctx, uint64_t seed) : ctx_(ctx), random_(seed), lists_(ctx) { add(List::empty(ctx), {}); }

  void step() {
    const size_t which = random_.one_in(3) ? random_.below(models_.size()) : models_.size() - 1;
    const List list(lists_[which]);
    Model model = models_[which];
    switch (random_.below(9)) {
      case 0:
        return append(list, std::move(model));
      case 1:
        return replace(list, std::move(model));
      case 2:
        return slice(list, std::move(model));
      case 3:
        return concatenate(list, std::move(model));
      case 4:
        return set(list, std::move(model));
      case 5:
        return insert_list(list, std::move(model));
      case 6:
        return repeat(list, std::move(model));
      case 7:
        return erase(list, std::move(model));
      default:
        return rebuild(list, std::move(model));
    }
  }
  size_t size() const { return models_.size(); }
  List list(size_t index) const { return List(lists_[index]); }
  const Model& model(size_t index) const { return models_[index]; }

 private:
  static constexpr size_t kMaxSize = 4000;
  void add(const List& list, Model model) {
    ASSERT_TRUE(list.valid()) << ctx_.error().to_string();
    const Status status = list.check();
    ASSERT_TRUE(status.ok()) << status.to_string();
    ASSERT_EQ(list.size(), model.size());
    lists_.push_back(ctx_, list);
    models_.push_back(std::move(model));
  }
  int64_t number() { return static_cast<int64_t>(random_.below(1000)); }
  uint64_t place(const Model& model) { return random_.below(model.size() + 1); }
  uint64_t some_count() { return random_.one_in(6) ? random_.below(400) : random_.below(20); }

  void append(List list, Model model) {
    for (uint64_t i = some_count(); i-- > 0;) {
      model.push_back(number());
      list = list.append(ctx_, item_of(ctx_, model.back()));
    }
    add(list, std::move(model));
  }
  void replace(const List& list, Model model) {
    const uint64_t from = place(model), to = from + random_.below(model.size() - from + 1);
    Model added;
    ListBuilder items(ctx_);
    for (uint64_t i = some_count(); i-- > 0;) {
      added.push_back(number());
      items.append(item_of(ctx_, added.back()));
    }
    const List all = items.finish();
    std::vector<Value> values;  // reached from `all`
    for (const Value item : all) values.push_back(item);
    const List replaced = list.replace(ctx_, from, to, values);
    ASSERT_EQ(all.size(), added.size());
    model.erase(model.begin() + static_cast<ptrdiff_t>(from), model.begin() + static_cast<ptrdiff_t>(to));
    model.insert(model.begin() + static_cast<ptrdiff_t>(from), added.begin(), added.end());
    if (model.size() < kMaxSize) add(replaced, std::move(model));
  }
  void slice(const List& list, Model model) {
    const uint64_t from = place(model), to = from + random_.below(model.size() - from + 1);
    Model part(model.begin() + static_cast<ptrdiff_t>(from), model.begin() + static_cast<ptrdiff_t>(to));
    add(list.slice(ctx_, from, to), std::move(part));
  }
  void concatenate(const List& list, Model model) {
    const size_t other = random_.below(models_.size());
    if (model.size() + models_[other].size() > kMaxSize) return;
    model.insert(model.end(), models_[other].begin(), models_[other].end());
    add(list.concatenate(ctx_, List(lists_[other])), std::move(model));
  }
  void set(List list, Model model) {
    for (uint64_t i = model.empty() ? 0 : random_.below(8); i-- > 0;) {
      const uint64_t index = random_.below(model.size());
      model[index] = number();
      list = list.set(ctx_, index, item_of(ctx_, model[index]));
    }
    add(list, std::move(model));
  }
  void insert_list(const List& list, Model model) {
    const size_t other = random_.below(models_.size());
    if (model.size() + models_[other].size() > kMaxSize) return;
    const uint64_t index = place(model);
    model.insert(model.begin() + static_cast<ptrdiff_t>(index), models_[other].begin(), models_[other].end());
    add(list.insert(ctx_, index, List(lists_[other])), std::move(model));
  }
  void repeat(const List& list, Model model) {
    const uint64_t times = random_.below(5);
    if (model.size() * times > kMaxSize) return;
    Model all;
    for (uint64_t i = 0; i < times; ++i) all.insert(all.end(), model.begin(), model.end());
    add(list.repeat(ctx_, times), std::move(all));
  }
  void erase(List list, Model model) {
    for (uint64_t i = std::min<uint64_t>(model.size(), random_.below(20)); i-- > 0;) {
      const uint64_t index = random_.one_in(2) ? model.size() - 1 : random_.below(model.size());
      model.erase(model.begin() + static_cast<ptrdiff_t>(index));
      list = list.erase(ctx_, index);
    }
    add(list, std::move(model));
  }
  void rebuild(const List& list, Model model) {
    std::reverse(model.begin(), model.end());
    add(list.reverse(ctx_), std::move(model));
  }

  Context& ctx_;
  Random random_;
  RootList lists_;
  std::vector<Model> models_;
};

TEST_P(ListTest, RandomOperationsKeepEveryVersion) {
  for (uint64_t seed = 1; seed <= (hostile() ? 4u : 12u); ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Context frame(ctx_);
    Steps steps(frame, seed);
    for (int i = 0; i < (hostile() ? 200 : 400); ++i) {
      steps.step();
      if (HasFatalFailure()) return;
    }
    for (size_t i = 0; i < steps.size(); ++i) {
      expect_holds(steps.list(i), steps.model(i));
      if (HasFatalFailure()) return;
    }
    Random random(seed);
    for (int i = 0; i < 200; ++i) {
      const size_t a = random.below(steps.size()), b = random.below(steps.size());
      const Model &left = steps.model(a), &right = steps.model(b);
      ASSERT_EQ(equal(frame, steps.list(a), steps.list(b)), left == right);
      const auto differ = std::mismatch(
          left.begin(), left.begin() + static_cast<ptrdiff_t>(std::min(left.size(), right.size())), right.begin());
      ASSERT_EQ(steps.list(a).first_difference(frame, steps.list(b)),
                static_cast<uint64_t>(differ.first - left.begin()));
      if (left == right) {
        ASSERT_EQ(hash(frame, steps.list(a)), hash(frame, steps.list(b)));
      }
    }
  }
}

TEST_P(ListTest, ComparesItemByItem) {
  const auto list = [&](std::initializer_list<int64_t> numbers) {
    std::vector<Value> items;
    for (const int64_t number : numbers) items.push_back(integer(number));
    return List::of(ctx_, items);
  };
  EXPECT_LT(compare(ctx_, list({1, 2}), list({1, 3})), 0);
  EXPECT_GT(compare(ctx_, list({2}), list({1, 3})), 0);
  EXPECT_LT(compare(ctx_, list({1}), list({1, 0})), 0);
  EXPECT_EQ(compare(ctx_, list({1, 5}), list({1, 5})), 0);
  EXPECT_FALSE(equal(ctx_, list({1, 5}), list({5, 1})));
  EXPECT_NE(hash(ctx_, list({1, 5})), hash(ctx_, list({5, 1})));
  EXPECT_NE(hash(ctx_, list({})), hash(ctx_, list({0})));
  const List nested = List::of(ctx_, list({1, 2}), list({}));
  EXPECT_TRUE(equal(ctx_, nested, List::of(ctx_, list({1, 2}), list({}))));
  EXPECT_FALSE(equal(ctx_, nested, List::of(ctx_, list({1, 2}), list({0}))));
  EXPECT_EQ(to_text(ctx_, List::of(ctx_, Value::boolean(true), list({}), Value())), "[true, [], none]");
}

TEST_P(ListTest, FindsAndSorts) {
  Random random(5);
  for (const size_t count : {0, 10, 100, 3000}) {
    Model model;
    ListBuilder builder(ctx_);
    for (size_t i = 0; i < count; ++i) {
      model.push_back(static_cast<int64_t>(random.below(500)));
      builder.append(integer(model.back()));
    }
    const List list = builder.finish();
    for (int64_t number = 0; number < 20; ++number) {
      const auto place = std::find(model.begin(), model.end(), number);
      EXPECT_EQ(list.contains(ctx_, integer(number)), place != model.end());
      if (place == model.end()) continue;
      const uint64_t index = *list.index_of(ctx_, integer(number));
      EXPECT_EQ(index, static_cast<uint64_t>(place - model.begin()));
      const auto next = std::find(place + 1, model.end(), number);
      EXPECT_EQ(list.index_of(ctx_, integer(number), index + 1).has_value(), next != model.end());
      EXPECT_EQ(list.count(ctx_, integer(number)),
                static_cast<uint64_t>(std::count(model.begin(), model.end(), number)));
    }
    std::stable_sort(model.begin(), model.end(), [](int64_t a, int64_t b) { return a % 10 < b % 10; });
    const List by_digit =
        list.sort(ctx_, [](Value a, Value b) { return a.as_small_integer() % 10 < b.as_small_integer() % 10; });
    // Stable on the same input: the model was sorted from the same order.
    expect_holds(by_digit, model);
    std::sort(model.begin(), model.end());
    expect_holds(list.sort(ctx_), model);
  }
}

TEST_P(ListTest, MapsAndFilters) {
  const List list = list_of(counted(1000));
  const List doubled = list.map(ctx_, [&](Value item) { return item_of(ctx_, number_of(item) * 2); });
  const List odd = list.filter(ctx_, [](Value item) { return number_of(item) % 2 == 1; });
  ASSERT_EQ(doubled.size(), 1000u);
  for (uint64_t i = 0; i < 1000; ++i) ASSERT_EQ(number_of(doubled.get(i)), static_cast<int64_t>(2 * i));
  ASSERT_EQ(odd.size(), 500u);
  EXPECT_EQ(number_of(odd.last()), 999);
}

TEST_P(ListTest, RefusesIndexesOutside) {
  const List list = list_of(counted(200));
  const auto refused = [&](const List& result) {
    EXPECT_FALSE(result.valid());
    EXPECT_EQ(ctx_.take_error().code(), StatusCode::kRange);
  };
  refused(list.set(ctx_, 200, Value()));
  refused(list.insert(ctx_, 201, Value()));
  refused(list.insert(ctx_, 201, list));
  refused(list.erase(ctx_, 200));
  refused(list.erase(ctx_, 5, 4));
  refused(list.slice(ctx_, 0, 201));
  refused(list.slice(ctx_, 150, 149));
  refused(list.repeat(ctx_, uint64_t{1} << 60));
  EXPECT_TRUE(List::empty(ctx_).last().is_none());
}

TEST_P(ListTest, DoesNothingWhileAnErrorIsPending) {
  const List list = list_of(counted(50));
  ctx_.fail(Status(StatusCode::kType, "something else"));
  EXPECT_FALSE(list.append(ctx_, Value()).valid());
  EXPECT_FALSE(list.concatenate(ctx_, list).valid());
  EXPECT_FALSE(list.slice(ctx_, 1, 2).valid());
  EXPECT_FALSE(List::of(ctx_, Value()).valid());
  EXPECT_FALSE(list.sort(ctx_).valid());
  EXPECT_EQ(ctx_.take_error().code(), StatusCode::kType);
  EXPECT_TRUE(list.append(ctx_, Value()).valid());
}

TEST_P(ListTest, FramesKeepWhatTheirResultReaches) {
  List list = List::empty(ctx_);
  for (int64_t i = 0; i < 500; ++i) {
    Context frame(ctx_);
    const List lost =
        list.append(frame, item_of(frame, -3));  // takes the tail's slot; what it put there ends with the frame
    ASSERT_EQ(number_of(lost.last()), -3);
    list = List(frame.leave(list.append(frame, item_of(frame, i))));
  }
  expect_holds(list, counted(500));
}

TEST_P(ListTest, BuilderGoesOnAcrossCollections) {
  ListBuilder builder(ctx_);
  const int64_t count = 1000;
  for (int64_t i = 0; i < count; ++i) {
    builder.append(item_of(ctx_, i));
    if (i % 97 == 0) space_.collect(ctx_);
    ASSERT_EQ(builder.size(), static_cast<uint64_t>(i + 1));
  }
  const List list = builder.finish();
  EXPECT_EQ(builder.size(), 0u);
  expect_holds(list, counted(count));
  builder.append(integer(7));
  expect_holds(builder.finish(), {7});
  expect_holds(builder.finish(), {});
}

TEST_P(ListTest, ThreadsAppendToOneVersion) {
  if (hostile()) GTEST_SKIP() << "slow";
  const List base = list_of(counted(70));
  const Root root(ctx_, base);
  std::vector<std::thread> threads;
  std::array<bool, 4> right{};
  for (size_t number = 0; number < right.size(); ++number) {
    threads.emplace_back([&, number] {
      Thread self(space_);
      Context ctx(self);
      bool all_right = true;
      for (int round = 0; round < 300 && all_right; ++round) {
        Context frame(ctx);
        List list(root.get());
        for (int64_t i = 0; i < 100; ++i) list = list.append(frame, integer(static_cast<int64_t>(number) * 1000 + i));
        for (int64_t i = 0; i < 100; ++i) {
          all_right &= number_of(list.get(static_cast<uint64_t>(70 + i))) == static_cast<int64_t>(number) * 1000 + i;
        }
        all_right &= list.size() == 170 && number_of(list.get(69)) == 69;
      }
      right[number] = all_right;
    });
  }
  {
    BlockingRegion region(ctx_);
    for (std::thread& thread : threads) thread.join();
  }
  for (const bool all_right : right) EXPECT_TRUE(all_right);
}

INSTANTIATE_TEST_SUITE_P(
    Modes, ListTest,
    ::testing::Values(Mode{"Plain", {}}, Mode{"SmallBudget", {.budget_bytes = 256 << 10, .verify = true}},
                      Mode{"Hostile", {.collect_every = 3, .poison = true, .verify = true}},
                      Mode{"NoFrames", {.budget_bytes = 256 << 10, .poison = true, .free_frames = false}}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace proto
