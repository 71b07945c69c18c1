#include "runtime/avl/pod_map.h"

#include <gtest/gtest.h>

#include <iostream>
#include <map>

#include "runtime/avl/cursor.h"
#include "runtime/avl/difference.h"
#include "runtime/avl/edit.h"
#include "runtime/avl/version_set.h"
#include "runtime/base/random.h"

namespace proto::avl {
namespace {

using Map = PodMap<uint64_t, uint64_t>;
using Model = std::map<uint64_t, uint64_t>;

std::vector<Map::Item> items_of(const Model& model) {
  std::vector<Map::Item> items;
  for (const auto& [key, value] : model) items.push_back({key, value});
  return items;
}

Model model_of(const Tree<Map>& tree) {
  Model model;
  Cursor<Map> cursor(tree);
  for (cursor.seek_first(); cursor.valid(); cursor.next()) model.emplace(cursor.entry().key, cursor.entry().value);
  return model;
}

void expect_same(const Tree<Map>& tree, const Model& model) {
  ASSERT_TRUE(tree.check().ok()) << tree.check().to_string();
  ASSERT_EQ(tree.size(), model.size());
  ASSERT_EQ(model_of(tree), model);
}

Model random_model(Random& random, uint64_t size, uint64_t key_bound) {
  Model model;
  for (uint64_t i = 0; i < size; ++i) model[random.below(key_bound)] = random.below(1000);
  return model;
}

class PodMapTest : public testing::TestWithParam<uint32_t> {
 protected:
  PodMapTest() : family_(Map{.max_entries = GetParam()}) { std::cout << "seed " << seed_ << "\n"; }
  ~PodMapTest() override { EXPECT_EQ(family_.live_nodes(), 0); }

  uint64_t seed_ = testing::UnitTest::GetInstance()->random_seed() + 1;
  Random random_{seed_};
  Family<Map> family_;
};

INSTANTIATE_TEST_SUITE_P(LeafSizes, PodMapTest, testing::Values(4, 5, 8, 31, 384));

TEST_P(PodMapTest, BuildHoldsItemsInOrder) {
  for (uint64_t size : {0, 1, 3, 4, 5, 100, 5000}) {
    const Model model = random_model(random_, size, 1 << 20);
    Edit<Map> edit(family_);
    const Tree<Map> tree = edit.build(items_of(model));
    expect_same(tree, model);
    edit.discard(tree);
  }
}

// All versions are kept while a chain of edits goes on; at the end each still shows what it showed.
TEST_P(PodMapTest, OldVersionsStayAsTheyWere) {
  VersionSet<Map> versions(family_);
  std::vector<std::pair<VersionSet<Map>::Pin, Model>> history;
  Model model;
  for (int round = 0; round < 60; ++round) {
    Edit<Map> edit(family_);
    auto pin = versions.pin();
    Tree<Map> tree = *pin;
    const uint64_t changes_count = random_.one_in(4) ? random_.below(600) : random_.below(6);
    std::map<uint64_t, Map::Change> changes;
    for (uint64_t i = 0; i < changes_count; ++i) {
      const uint64_t key = random_.below(3000);
      changes[key] = {key, random_.below(1000), static_cast<ChangeKind>(random_.below(3))};
    }
    std::vector<Map::Change> batch;
    for (const auto& [key, change] : changes) {
      batch.push_back(change);
      if (change.kind == ChangeKind::kErase) model.erase(key);
      if (change.kind == ChangeKind::kInsert) model.emplace(key, change.value);
      if (change.kind == ChangeKind::kUpsert) model[key] = change.value;
    }
    edit.apply(tree, std::span<const Map::Change>(batch));
    expect_same(tree, model);
    versions.publish(edit, tree);
    history.emplace_back(versions.pin(), model);
  }
  while (!history.empty()) {
    const size_t victim = random_.below(history.size());
    expect_same(*history[victim].first, history[victim].second);
    history.erase(history.begin() + static_cast<ptrdiff_t>(victim));
  }
}

TEST_P(PodMapTest, SingleChangesUnderOneEdit) {
  Model model;
  Edit<Map> edit(family_);
  Tree<Map> tree = family_.empty_tree();
  for (int i = 0; i < 4000; ++i) {
    const uint64_t key = random_.below(i < 2000 ? 2000 : 500);
    const bool there = model.contains(key);
    if (random_.one_in(i < 2000 ? 4 : 2)) {
      EXPECT_EQ(edit.apply_one(tree, Map::Change{key, 0, ChangeKind::kErase}), there);
      model.erase(key);
    } else {
      EXPECT_EQ(edit.apply_one(tree, Map::Change{key, key * 3, ChangeKind::kInsert}), !there);
      model.emplace(key, key * 3);
    }
    if (i % 97 == 0) expect_same(tree, model);
  }
  expect_same(tree, model);
  edit.discard(tree);
}

TEST_P(PodMapTest, SearchesAgreeWithTheModel) {
  const Model model = random_model(random_, 2000, 5000);
  const std::vector<Map::Item> items = items_of(model);
  Edit<Map> edit(family_);
  const Tree<Map> tree = edit.build(items);
  Cursor<Map> cursor(tree);
  for (int i = 0; i < 2000; ++i) {
    const uint64_t key = random_.below(5100);
    const auto found = model.find(key);
    ASSERT_EQ(tree.contains(key), found != model.end());
    ASSERT_EQ(tree.find(key).has_value(), found != model.end());
    const auto bound = model.lower_bound(key);
    const auto rank = static_cast<uint64_t>(std::distance(model.begin(), bound));
    ASSERT_EQ(tree.rank(key), rank);
    cursor.seek(key);
    ASSERT_EQ(cursor.valid(), bound != model.end());
    if (cursor.valid()) {
      ASSERT_EQ(cursor.entry().key, bound->first);
      ASSERT_EQ(cursor.rank(), rank);
      ASSERT_EQ(tree.select(rank)->key, bound->first);
    }
    cursor.seek_before(key);
    ASSERT_EQ(cursor.valid(), rank != 0);
    if (rank != 0) {
      ASSERT_EQ(cursor.entry().key, std::prev(bound)->first);
    }
    const uint64_t high = random_.below(5100);
    const auto high_rank = static_cast<uint64_t>(std::distance(model.begin(), model.lower_bound(high)));
    ASSERT_EQ(tree.count_range(key, high), high_rank > rank ? high_rank - rank : 0);
  }
  EXPECT_FALSE(tree.select(tree.size()).has_value());
  edit.discard(tree);
}

TEST_P(PodMapTest, CursorsWalkBothWays) {
  const Model model = random_model(random_, 3000, 1 << 30);
  Edit<Map> edit(family_);
  const Tree<Map> tree = edit.build(items_of(model));
  Cursor<Map> cursor(tree);
  cursor.seek_last();
  for (auto entry = model.rbegin(); entry != model.rend(); ++entry, cursor.previous()) {
    ASSERT_TRUE(cursor.valid());
    ASSERT_EQ(cursor.entry().key, entry->first);
  }
  EXPECT_FALSE(cursor.valid());
  const std::vector<Map::Item> items = items_of(model);
  cursor.seek_rank(items.size() / 2);
  size_t at = items.size() / 2;
  for (int i = 0; i < 5000 && cursor.valid(); ++i) {
    ASSERT_EQ(cursor.entry().key, items[at].key);
    const bool forward = !random_.one_in(3);
    forward ? cursor.next() : cursor.previous();
    at += forward ? 1 : -1;
  }
  size_t blocks = 0, entries = 0;
  for (cursor.seek_first(); cursor.valid(); cursor.next_leaf()) ++blocks, entries += cursor.leaf().count;
  EXPECT_EQ(entries, model.size());
  EXPECT_LE(blocks * GetParam(), model.size() * 4 + GetParam());
  edit.discard(tree);
}

TEST_P(PodMapTest, SplitJoinSliceEraseRange) {
  for (int round = 0; round < 40; ++round) {
    Model model = random_model(random_, random_.below(1500), 4000);
    Edit<Map> edit(family_);
    Tree<Map> tree = edit.build(items_of(model));
    const uint64_t a = random_.below(4100), b = random_.below(4100);
    auto [left, right] = edit.split(tree, a);
    expect_same(left, Model(model.begin(), model.lower_bound(a)));
    expect_same(right, Model(model.lower_bound(a), model.end()));
    tree = edit.concatenate(left, right);
    expect_same(tree, model);
    if (random_.one_in(2)) {
      tree = edit.slice_range(tree, a, b);
      model = a < b ? Model(model.lower_bound(a), model.lower_bound(b)) : Model();
    } else {
      edit.erase_range(tree, a, b);
      if (a < b) model.erase(model.lower_bound(a), model.lower_bound(b));
    }
    expect_same(tree, model);
    const uint64_t from = random_.below(model.size() + 1), to = random_.below(model.size() + 1);
    tree = edit.slice(tree, from, to);
    const auto at = [&](uint64_t index) { return std::next(model.begin(), static_cast<ptrdiff_t>(index)); };
    expect_same(tree, from < to ? Model(at(from), at(to)) : Model());
    edit.discard(tree);
  }
}

Model combine_models(SetOperation operation, const Model& a, const Model& b) {
  Model result;
  for (const auto& [key, value] : a) {
    const bool both = b.contains(key);
    if (operation == SetOperation::kUnion) result[key] = both ? b.at(key) : value;
    if (operation == SetOperation::kIntersect && both) result[key] = value;
    if (operation == SetOperation::kDifference && !both) result[key] = value;
  }
  if (operation == SetOperation::kUnion) result.insert(b.begin(), b.end());
  return result;
}

TEST_P(PodMapTest, SetOperations) {
  for (int round = 0; round < 60; ++round) {
    const Model a = random_model(random_, random_.below(1200), 3000);
    const Model b = random_model(random_, random_.one_in(2) ? random_.below(20) : random_.below(1200), 3000);
    Edit<Map> edit(family_);
    const Tree<Map> right = edit.build(items_of(b));
    const auto operation = static_cast<SetOperation>(random_.below(3));
    const Tree<Map> result = edit.combine(operation, edit.build(items_of(a)), right);
    expect_same(result, combine_models(operation, a, b));
    expect_same(right, b);
    const Tree<Map> merged = edit.merge(edit.build(items_of(a)), right);
    expect_same(merged, combine_models(SetOperation::kUnion, a, b));
    edit.discard(result);
    edit.discard(merged);
  }
}

// A later version against an earlier one that shares most of its nodes.
TEST_P(PodMapTest, SetOperationsOnVersionsThatShare) {
  VersionSet<Map> versions(family_);
  const Model base = random_model(random_, 3000, 10000);
  Edit<Map> edit(family_);
  versions.publish(edit, edit.build(items_of(base)));
  const auto old_pin = versions.pin();
  for (SetOperation operation : {SetOperation::kUnion, SetOperation::kIntersect, SetOperation::kDifference}) {
    const auto pin = versions.pin();
    Tree<Map> tree = *pin;
    std::vector<Map::Change> batch;
    for (int i = 0; i < 20; ++i) batch.push_back({random_.below(10000), 5, static_cast<ChangeKind>(random_.below(3))});
    edit.apply_unsorted(tree, batch);
    const Model before = model_of(tree);
    tree = edit.combine(operation, tree, *old_pin);
    expect_same(tree, combine_models(operation, before, base));
    expect_same(*old_pin, base);
    versions.publish(edit, tree);
  }
}

TEST_P(PodMapTest, DifferencesOfVersions) {
  VersionSet<Map> versions(family_);
  Edit<Map> edit(family_);
  Model model = random_model(random_, 3000, 10000);
  versions.publish(edit, edit.build(items_of(model)));
  for (int round = 0; round < 30; ++round) {
    const auto pin = versions.pin();
    const Model before = model;
    Tree<Map> tree = *pin;
    const uint64_t changes = random_.below(1 + static_cast<uint64_t>(round) * 10);
    for (uint64_t i = 0; i < changes; ++i) {
      const uint64_t key = random_.below(10000);
      if (random_.one_in(2)) {
        edit.apply_one(tree, Map::Change{key, i, ChangeKind::kUpsert});
        model[key] = i;
      } else {
        edit.apply_one(tree, Map::Change{key, 0, ChangeKind::kErase});
        model.erase(key);
      }
    }
    versions.publish(edit, tree);
    Model replayed = before;
    uint64_t visited = 0;
    ASSERT_TRUE(visit_differences(*pin, tree, [&](const Map::Entry* from, const Map::Entry* to) {
                  ++visited;
                  if (from != nullptr) {
                    EXPECT_EQ(before.at(from->key), from->value);
                    replayed.erase(from->key);
                  }
                  if (to != nullptr) replayed[to->key] = to->value;
                  return true;
                }).ok());
    EXPECT_EQ(replayed, model);
    EXPECT_LE(visited, changes);
  }
}

TEST_P(PodMapTest, AscendingInsertsFillLeavesWell) {
  Edit<Map> edit(family_);
  Tree<Map> tree = family_.empty_tree();
  constexpr uint64_t kCount = 6000;
  for (uint64_t key = 0; key < kCount; ++key) edit.apply_one(tree, Map::Change{key, key});
  ASSERT_TRUE(tree.check().ok()) << tree.check().to_string();
  uint64_t leaves = 0;
  Cursor<Map> cursor(tree);
  for (cursor.seek_first(); cursor.valid(); cursor.next_leaf()) ++leaves;
  EXPECT_LE((leaves - 1) * (GetParam() - GetParam() / 4), kCount) << "leaves are less than three quarters full";
  edit.discard(tree);
}

TEST_P(PodMapTest, SkewedKeysAreFoundToo) {
  std::vector<Map::Item> items;
  for (uint64_t i = 0; i < 64; ++i) items.push_back({uint64_t{1} << i, i});
  for (uint64_t i = 1; i < 400; ++i) items.push_back({UINT64_MAX - (400 - i) * i, i});
  for (uint64_t i = 1; i < 300; ++i) items.push_back({(uint64_t{1} << 40) + i, i});
  std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  items.erase(std::unique(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.key == b.key; }),
              items.end());
  Edit<Map> edit(family_);
  const Tree<Map> tree = edit.build(items);
  for (uint64_t i = 0; i < items.size(); ++i) {
    ASSERT_EQ(tree.rank(items[i].key), i);
    ASSERT_EQ(tree.find(items[i].key)->value, items[i].value);
    ASSERT_LE(tree.rank(items[i].key + 1), i + 1);
  }
  EXPECT_EQ(tree.rank(uint64_t{0}), 0u);
  edit.discard(tree);
}

TEST_P(PodMapTest, SavepointsAndDiscard) {
  VersionSet<Map> versions(family_);
  Edit<Map> edit(family_);
  const Model base = random_model(random_, 1000, 4000);
  versions.publish(edit, edit.build(items_of(base)));
  const auto pin = versions.pin();
  Tree<Map> tree = *pin;
  const auto change_some = [&](Model& model) {
    for (int i = 0; i < 200; ++i) {
      const uint64_t key = random_.below(4000);
      edit.apply_one(tree, Map::Change{key, 7, random_.one_in(2) ? ChangeKind::kUpsert : ChangeKind::kErase});
    }
    model = model_of(tree);
  };
  Model first, second, third;
  change_some(first);
  const Tree<Map> first_tree = tree;
  const Savepoint outer = edit.savepoint();
  change_some(second);
  const Tree<Map> second_tree = tree;
  const Savepoint inner = edit.savepoint();
  change_some(third);
  edit.rollback(inner, tree);
  edit.end_rollback(inner);
  tree = second_tree;
  expect_same(tree, second);
  edit.savepoint();
  change_some(third);
  edit.rollback(outer, tree);
  edit.end_rollback(outer);
  tree = first_tree;
  expect_same(tree, first);
  change_some(third);
  edit.savepoint();
  change_some(third);
  edit.discard(tree);
  expect_same(*pin, base);
}

TEST_P(PodMapTest, BytesComeBackAndHostileOnesAreRefused) {
  Model model = random_model(random_, GetParam(), 1 << 30);
  Edit<Map> edit(family_);
  std::vector<Map::Leaf*> leaves;
  family_.policy().build(items_of(model), leaves);
  ASSERT_EQ(leaves.size(), 1u);
  std::string bytes;
  family_.policy().encode(*leaves.front(), bytes);
  auto again = family_.policy().decode(bytes);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ((*again)->count, model.size());
  family_.policy().free(*again);
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    EXPECT_EQ(family_.policy().decode(bytes.substr(0, cut)).status().code(), StatusCode::kCorruption);
  }
  std::swap(bytes[bytes.size() - model.size() * 8 - 1], bytes[2]);
  if (auto damaged = family_.policy().decode(bytes); damaged.ok()) family_.policy().free(*damaged);
  family_.policy().free(leaves.front());
}

}  // namespace
}  // namespace proto::avl
