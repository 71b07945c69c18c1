#include "runtime/collection/sparse_list.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <vector>

#include "runtime/base/random.h"
#include "runtime/collection/list.h"
#include "runtime/heap/context.h"
#include "runtime/heap/root_list.h"
#include "runtime/value/operations.h"

namespace proto {
namespace {

using Model = std::map<int64_t, int64_t>;
constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();
constexpr int64_t kHighest = std::numeric_limits<int64_t>::max();

Value item_of(Context& ctx, int64_t number) {
  const Value value = Value::integer(number);
  return number % 3 == 0 ? Value(List::of(ctx, value)) : value;
}
int64_t number_of(Value item) { return (item.is_list() ? List(item).get(0) : item).as_small_integer(); }

struct Mode {
  const char* name;
  SpaceOptions options;
};

class SparseListTest : public ::testing::TestWithParam<Mode> {
 protected:
  static void SetUpTestSuite() { register_kinds(); }
  SparseListTest() : space_(GetParam().options), self_(space_), ctx_(self_), versions_(ctx_) {}
  bool hostile() const { return GetParam().options.collect_every != 0; }

  static void expect_holds(const SparseList& list, const Model& model) {
    ASSERT_TRUE(list.valid());
    Model found;
    for (const SparseList::Entry entry : list) found.emplace(entry.index, number_of(entry.value));
    ASSERT_EQ(found, model);
    ASSERT_EQ(list.size(), model.size());
    const Status status = list.check();
    ASSERT_TRUE(status.ok()) << status.to_string();
  }
  void add(const SparseList& list, Model model) {
    expect_holds(list, model);
    versions_.push_back(ctx_, list);
    models_.push_back(std::move(model));
  }
  // Dense, scattered, and the ends of the range.
  int64_t some_index() {
    switch (random_.below(8)) {
      case 0:
        return static_cast<int64_t>(random_.next());
      case 1:
        return random_.one_in(2) ? kLowest + static_cast<int64_t>(random_.below(3))
                                 : kHighest - static_cast<int64_t>(random_.below(3));
      default:
        return static_cast<int64_t>(random_.below(1000)) - 300;
    }
  }
  void set_some(SparseList list, Model model) {
    if (random_.one_in(2)) {
      for (uint64_t i = random_.below(10); i-- > 0;) {
        const int64_t index = some_index(), number = static_cast<int64_t>(random_.below(100));
        list = list.set(ctx_, index, item_of(ctx_, number));
        model[index] = number;
      }
    } else {
      ListBuilder values(ctx_);  // keeps them reachable
      std::vector<SparseList::Entry> entries;
      for (uint64_t i = random_.below(hostile() ? 50 : 600); i-- > 0;) {
        const int64_t index = some_index(), number = static_cast<int64_t>(random_.below(100));
        entries.push_back({index, item_of(ctx_, number)});
        values.append(entries.back().value);
        model[index] = number;
      }
      list = list.set(ctx_, entries);
    }
    add(list, std::move(model));
  }
  void erase_some(SparseList list, Model model) {
    for (uint64_t i = random_.below(20); i-- > 0;) {
      const int64_t index = model.empty() || random_.one_in(3)               ? some_index()
                            : model.lower_bound(some_index()) == model.end() ? model.begin()->first
                            : model.lower_bound(0) == model.end()            ? 0
                                                                             : model.lower_bound(0)->first;
      list = list.erase(ctx_, index);
      model.erase(index);
    }
    add(list, std::move(model));
  }
  void range(const SparseList& list, Model model) {
    const int64_t from = some_index(), to = some_index();
    const auto first = model.lower_bound(from), last = from < to ? model.lower_bound(to) : first;
    ASSERT_EQ(list.count(from, to), static_cast<uint64_t>(std::distance(first, last)));
    Model within(first, last);
    if (random_.one_in(3)) return add(list.slice(ctx_, from, to), std::move(within));
    model.erase(first, last);
    add(list.erase(ctx_, from, to), std::move(model));
  }
  void merge(const SparseList& list, const Model& model) {
    const size_t other = random_.below(models_.size());
    Model both = models_[other];
    both.insert(model.begin(), model.end());
    add(list.merge(ctx_, SparseList(versions_[other])), std::move(both));
  }
  void ask(const SparseList& list, const Model& model) {
    const int64_t index = some_index();
    const auto place = model.lower_bound(index);
    const bool there = place != model.end() && place->first == index;
    ASSERT_EQ(list.has(index), there);
    ASSERT_EQ(list.get(index).is_none(), !there);
    ASSERT_EQ(list.next_index(index), place == model.end() ? std::nullopt : std::optional(place->first));
    ASSERT_EQ(list.first_index(), model.empty() ? std::nullopt : std::optional(model.begin()->first));
    ASSERT_EQ(list.last_index(), model.empty() ? std::nullopt : std::optional(model.rbegin()->first));
  }
  void step() {
    const size_t which = random_.one_in(3) ? random_.below(models_.size()) : models_.size() - 1;
    const SparseList list(versions_[which]);
    const Model model = models_[which];
    ask(list, model);
    switch (random_.below(5)) {
      case 0:
        return erase_some(list, model);
      case 1:
        return range(list, model);
      case 2:
        return merge(list, model);
      default:
        return set_some(list, model);
    }
  }

  Space space_;
  Thread self_;
  Context ctx_;
  RootList versions_;
  std::vector<Model> models_;
  Random random_{0};
};

int sign(int order) { return order < 0 ? -1 : order > 0; }

TEST_P(SparseListTest, RandomOperationsKeepEveryVersion) {
  for (uint64_t seed = 1; seed <= (hostile() ? 3u : 8u); ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    random_ = Random(seed);
    versions_.clear();
    models_.clear();
    add(SparseList::empty(ctx_), {});
    for (int i = 0; i < (hostile() ? 120 : 200) && !HasFatalFailure(); ++i) step();
    for (size_t i = 0; i < models_.size() && !HasFatalFailure(); ++i)
      expect_holds(SparseList(versions_[i]), models_[i]);
    for (int i = 0; i < 300 && !HasFatalFailure(); ++i) {
      const size_t a = random_.below(models_.size()), b = random_.below(models_.size());
      ASSERT_EQ(equal(ctx_, versions_[a], versions_[b]), models_[a] == models_[b]);
      ASSERT_EQ(sign(compare(ctx_, versions_[a], versions_[b])), -sign(compare(ctx_, versions_[b], versions_[a])));
      ASSERT_EQ(compare(ctx_, versions_[a], versions_[b]) == 0, models_[a] == models_[b]);
      if (models_[a] == models_[b]) {
        ASSERT_EQ(hash(ctx_, versions_[a]), hash(ctx_, versions_[b]));
      }
    }
  }
}

TEST_P(SparseListTest, OrdersByTheFirstEntryThatDiffers) {
  const auto list = [&](std::vector<std::pair<int64_t, int64_t>> numbers) {
    SparseList made = SparseList::empty(ctx_);
    for (const auto& [index, number] : numbers) made = made.set(ctx_, index, Value::integer(number));
    return made;
  };
  // Each below the next.
  const SparseList ordered[] = {
      list({}),       list({{-5, 1}}), list({{1, 1}}), list({{1, 1}, {2, 0}}), list({{1, 1}, {3, 0}}),
      list({{1, 2}}), list({{2, 0}})};
  for (size_t a = 0; a < std::size(ordered); ++a) {
    for (size_t b = 0; b < std::size(ordered); ++b) {
      EXPECT_EQ(sign(compare(ctx_, ordered[a], ordered[b])), a < b ? -1 : a > b) << a << " " << b;
    }
  }
  EXPECT_EQ(to_text(ctx_, SparseList::empty(ctx_)), "[:]");
  EXPECT_EQ(to_text(ctx_, SparseList::empty(ctx_).set(ctx_, -7, Value()).set(ctx_, 9, Value::boolean(true))),
            "[-7: none, 9: true]");
}

TEST_P(SparseListTest, NoneIsAValueToo) {
  const SparseList list = SparseList::empty(ctx_).set(ctx_, 4, Value());
  EXPECT_TRUE(list.has(4));
  EXPECT_TRUE(list.get(4).is_none());
  EXPECT_FALSE(list.has(5));
  EXPECT_EQ(list.erase(ctx_, 5), list);
  EXPECT_TRUE(list.erase(ctx_, 4).is_empty());
}

INSTANTIATE_TEST_SUITE_P(Modes, SparseListTest,
                         ::testing::Values(Mode{"Plain", {}},
                                           Mode{"SmallBudget", {.budget_bytes = 256 << 10, .verify = true}},
                                           Mode{"Hostile", {.collect_every = 3, .poison = true, .verify = true}}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace proto
