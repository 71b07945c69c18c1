// Trees whose nodes go to disk and come back on demand, and what happens when they do not come back.
#include <gtest/gtest.h>

#include <atomic>
#include <iostream>
#include <map>
#include <thread>

#include "runtime/avl/byte_key_set.h"
#include "runtime/avl/checkpoint.h"
#include "runtime/avl/cursor.h"
#include "runtime/avl/difference.h"
#include "runtime/avl/edit.h"
#include "runtime/avl/list.h"
#include "runtime/avl/pod_map.h"
#include "runtime/avl/version_set.h"
#include "runtime/base/random.h"
#include "tests/avl/memory_store.h"

namespace proto::avl {
namespace {

using Map = PodMap<uint64_t, uint64_t>;
using Model = std::map<uint64_t, uint64_t>;

Model model_of(const Tree<Map>& tree, Status& status) {
  Model model;
  Cursor<Map> cursor(tree);
  for (cursor.seek_first(); cursor.valid(); cursor.next()) model.emplace(cursor.entry().key, cursor.entry().value);
  status = cursor.status();
  return model;
}

class DurableTest : public testing::Test {
 protected:
  DurableTest() { std::cout << "seed " << seed_ << "\n"; }
  ~DurableTest() override {
    store_.forget_all();
    EXPECT_EQ(family_.live_nodes(), 0);
  }

  void fill(uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) model_[random_.below(count * 3)] = random_.below(100);
    std::vector<Map::Item> items;
    for (const auto& [key, value] : model_) items.push_back({key, value});
    Edit<Map> edit(family_);
    const Tree<Map> tree = edit.build(items);
    edit.take_retired();
    root_ = write(tree);
  }
  uint64_t write(const Tree<Map>& tree) {
    EXPECT_TRUE(write_new_nodes(tree, store_).ok());
    return tree.root()->address;
  }
  // As after a restart: nothing in memory but the root.
  Tree<Map> reopen() {
    store_.forget_all();
    auto tree = family_.open(root_);
    EXPECT_TRUE(tree.ok());
    return *tree;
  }

  uint64_t seed_ = testing::UnitTest::GetInstance()->random_seed() + 1;
  Random random_{seed_};
  Family<Map> family_{Map{.max_entries = 8}};
  MemoryStore<Map> store_{family_};
  Model model_;
  uint64_t root_ = 0;
};

TEST_F(DurableTest, ComesBackNodeByNode) {
  fill(2000);
  const Tree<Map> tree = reopen();
  const uint64_t before = store_.loads();
  Status status;
  const auto some = std::next(model_.begin(), 700);
  ASSERT_EQ(tree.find(some->first, &status)->value, some->second);
  EXPECT_TRUE(status.ok());
  EXPECT_LE(store_.loads() - before, static_cast<uint64_t>(tree.height()));
  const uint64_t loaded = store_.loads();
  ASSERT_TRUE(tree.contains(some->first, &status));
  EXPECT_EQ(store_.loads(), loaded) << "a loaded child is loaded again";
  EXPECT_EQ(model_of(tree, status), model_);
  EXPECT_TRUE(tree.check().ok()) << tree.check().to_string();
}

TEST_F(DurableTest, CheckpointWritesOnlyNewNodes) {
  fill(5000);
  for (int round = 0; round < 30; ++round) {
    Tree<Map> tree = reopen();
    Edit<Map> edit(family_);
    std::vector<Map::Change> batch;
    for (int i = 0; i < 3; ++i) batch.push_back({random_.below(15000), 1, static_cast<ChangeKind>(random_.below(3))});
    edit.apply_unsorted(tree, batch);
    for (const Map::Change& change : batch) {
      if (change.kind == ChangeKind::kErase) model_.erase(change.key);
      if (change.kind == ChangeKind::kInsert) model_.emplace(change.key, 1);
      if (change.kind == ChangeKind::kUpsert) model_[change.key] = 1;
    }
    edit.take_retired().free();
    const size_t before = store_.stored();
    root_ = write(tree);
    EXPECT_LE(store_.stored() - before, 3u * 2u * static_cast<size_t>(tree.height()));
    write(tree);
    Status status;
    ASSERT_EQ(model_of(tree, status), model_);
    ASSERT_TRUE(tree.check().ok()) << tree.check().to_string();
  }
}

TEST_F(DurableTest, JoinsLoadOnlyTheirPath) {
  fill(5000);
  Tree<Map> tree = reopen();
  Edit<Map> edit(family_);
  const uint64_t before = store_.loads();
  auto [left, right] = edit.split(tree, uint64_t{7000});
  EXPECT_LE(store_.loads() - before, static_cast<uint64_t>(tree.height()) * 6);
  tree = edit.concatenate(left, right);
  ASSERT_TRUE(edit.ok());
  edit.take_retired().free();
  Status status;
  EXPECT_EQ(model_of(tree, status), model_);
  EXPECT_TRUE(tree.check().ok());
  write(tree);
}

TEST_F(DurableTest, DroppedSubtreesAreReportedByAddress) {
  fill(3000);
  Tree<Map> tree = reopen();
  Edit<Map> edit(family_);
  edit.erase_range(tree, uint64_t{1000}, uint64_t{8000});
  ASSERT_TRUE(edit.ok());
  Retired retired = edit.take_retired();
  EXPECT_FALSE(retired.addresses.empty());
  EXPECT_LE(retired.addresses.size(), 100u);
  for (uint64_t address : retired.addresses) {
    Status status;
    const auto dropped = family_.open(address);
    ASSERT_TRUE(dropped.ok());
    for (const auto& entry : model_of(*dropped, status)) EXPECT_TRUE(entry.first >= 1000 && entry.first < 8000);
  }
  retired.free();
  write(tree);
}

// Any operation with the n-th load failing: the error is kept, what was made is freed, and the old tree is whole.
TEST_F(DurableTest, FailingLoadsLoseNothing) {
  fill(600);
  const auto run = [&](int operation, Edit<Map>& edit, Tree<Map> tree) -> std::vector<Tree<Map>> {
    std::vector<Map::Change> batch;
    for (uint64_t i = 0; i < 40; ++i) batch.push_back({i * 45, 9, i % 3 == 0 ? ChangeKind::kUpsert : ChangeKind::kErase});
    if (operation == 0) edit.apply(tree, std::span<const Map::Change>(batch));
    if (operation == 1) edit.erase_range(tree, uint64_t{300}, uint64_t{1200});
    if (operation == 2) edit.erase_at(tree, 5, tree.size() - 5);
    if (operation == 3) {
      auto [left, right] = edit.split(tree, uint64_t{777});
      return {left, right};
    }
    if (operation == 4) {
      auto [left, right] = edit.split_at(tree, tree.size() / 3);
      tree = edit.concatenate(left, right);
    }
    if (operation == 5) {
      std::vector<Map::Item> items;
      for (uint64_t key = 0; key < 1800; key += 7) items.push_back({key, 1});
      const Tree<Map> other = edit.build(items);
      return {edit.combine(SetOperation::kDifference, tree, other), other};
    }
    if (operation == 6) {
      std::vector<Map::Item> items;
      for (uint64_t key = 1; key < 1800; key += 50) items.push_back({key, 1});
      tree = edit.merge(edit.build(items), tree);
    }
    return {tree};
  };
  for (int operation = 0; operation <= 6; ++operation) {
    bool failed = true;
    for (int64_t n = 0; failed; ++n) {
      store_.fail_after(-1);
      const Tree<Map> tree = reopen();
      const int64_t alive = family_.live_nodes();
      store_.fail_after(n);
      {
        Edit<Map> edit(family_);
        const std::vector<Tree<Map>> results = run(operation, edit, tree);
        failed = !edit.ok();
        if (failed) {
          EXPECT_EQ(edit.status().code(), StatusCode::kIoError);
        }
        for (const Tree<Map>& result : results) edit.discard(result);
      }
      store_.fail_after(-1);
      ASSERT_GE(family_.live_nodes(), alive);
      Status status;
      ASSERT_EQ(model_of(tree, status), model_) << "operation " << operation << ", load " << n;
      ASSERT_TRUE(tree.check().ok()) << tree.check().to_string();
    }
  }
}

TEST_F(DurableTest, FailingReadsEndEarlyAndSaySo) {
  fill(600);
  for (int64_t n = 0; n < 60; ++n) {
    const Tree<Map> tree = reopen();
    store_.fail_after(n);
    Cursor<Map> cursor(tree);
    uint64_t seen = 0;
    for (cursor.seek_first(); cursor.valid(); cursor.next()) ++seen;
    EXPECT_LT(seen, model_.size());
    EXPECT_EQ(cursor.status().code(), StatusCode::kIoError);
    cursor.seek_first();
    EXPECT_FALSE(cursor.valid()) << "the error is sticky";
    Status status;
    EXPECT_FALSE(tree.select(tree.size() - 1, &status).has_value());
    EXPECT_EQ(status.code(), StatusCode::kIoError);
    EXPECT_EQ(tree.check().code(), StatusCode::kIoError);
    store_.fail_after(-1);
  }
}

TEST_F(DurableTest, FailedCheckpointGoesOnLater) {
  fill(100);
  Tree<Map> tree = reopen();
  Edit<Map> edit(family_);
  edit.apply_one(tree, Map::Change{1000000, 1});
  edit.take_retired().free();
  store_.fail_writes(true);
  EXPECT_EQ(write_new_nodes(tree, store_).code(), StatusCode::kNoSpace);
  store_.fail_writes(false);
  root_ = write(tree);
  EXPECT_TRUE(reopen().contains(uint64_t{1000000}));
}

TEST_F(DurableTest, DamagedBytesNeverCrash) {
  fill(300);
  for (int round = 0; round < 600; ++round) {
    reopen();
    const uint64_t address = 1 + random_.below(store_.stored());
    std::string& bytes = store_.bytes_at(address);
    const std::string whole = bytes;
    if (random_.one_in(4)) {
      bytes.resize(random_.below(bytes.size()));
    } else {
      bytes[random_.below(bytes.size())] = static_cast<char>(random_.next());
    }
    store_.forget_all();
    if (auto tree = family_.open(root_); tree.ok()) {
      Status status;
      (void)model_of(*tree, status);
      (void)tree->check();
      (void)visit_nodes(*tree, [](const Node&) {});
    }
    bytes = whole;
  }
}

TEST_F(DurableTest, WalksReachEveryNode) {
  fill(2000);
  const Tree<Map> tree = reopen();
  size_t loaded = 0, all = 0;
  visit_loaded_nodes(tree, [&](const Node&) { ++loaded; });
  EXPECT_EQ(loaded, 1u);
  ASSERT_TRUE(visit_nodes(tree, [&](const Node&) { ++all; }).ok());
  EXPECT_EQ(all, store_.stored());
}

// Readers load and swizzle beside each other, an editor and a checkpoint.
TEST_F(DurableTest, ReadersLoadBesideEditorAndCheckpoint) {
  fill(3000);
  const Tree<Map> base = reopen();
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> wrong{0};
  std::vector<std::thread> readers;
  for (uint64_t reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&, reader] {
      Random random(seed_ + reader);
      for (int i = 0; i < 3000 || !stop; ++i) {
        Status status;
        const uint64_t key = random.below(9000);
        const auto entry = base.find(key, &status);
        const auto expected = model_.find(key);
        wrong += entry.has_value() != (expected != model_.end());
        wrong += entry.has_value() && entry->value != expected->second;
      }
    });
  }
  Edit<Map> edit(family_);
  Tree<Map> tree = base;
  Retired all_retired;
  for (int round = 0; round < 50; ++round) {
    std::vector<Map::Change> batch;
    for (int i = 0; i < 20; ++i) batch.push_back({random_.below(9000), 1, static_cast<ChangeKind>(random_.below(3))});
    edit.apply_unsorted(tree, batch);
    Retired retired = edit.take_retired();
    all_retired.owner = retired.owner;
    all_retired.nodes.insert(all_retired.nodes.end(), retired.nodes.begin(), retired.nodes.end());
    write(tree);
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0u);
  EXPECT_TRUE(tree.check().ok());
  all_retired.free();
}

// Many readers on pinned versions while one editor publishes; old nodes are freed meanwhile.
TEST(VersionSetTest, ReadersOnOldVersionsWhileAnEditorWorks) {
  Family<Map> family(Map{.max_entries = 16});
  {
    VersionSet<Map> versions(family);
    std::atomic<bool> stop{false};
    std::atomic<uint64_t> wrong{0};
    std::vector<std::thread> readers;
    for (uint64_t reader = 0; reader < 3; ++reader) {
      readers.emplace_back([&] {
        while (!stop) {
          const auto pin = versions.pin();
          uint64_t sum = 0, count = 0;
          Cursor<Map> cursor(*pin);
          for (cursor.seek_first(); cursor.valid(); cursor.next()) sum += cursor.entry().value, ++count;
          wrong += count != pin->size() || sum != count * (count > 0 ? pin->select(0)->value : 0);
        }
      });
    }
    Random random(5);
    for (uint64_t round = 1; round <= 150; ++round) {
      const auto pin = versions.pin();
      Edit<Map> edit(family);
      Tree<Map> tree = *pin;
      std::map<uint64_t, Map::Change> changes;  // every entry of a version has the same value
      Cursor<Map> cursor(tree);
      for (cursor.seek_first(); cursor.valid(); cursor.next()) changes[cursor.entry().key] = {cursor.entry().key, round};
      for (int i = 0; i < 10; ++i) {
        const uint64_t key = random.below(500);
        changes[key] = {key, round, random.one_in(3) ? ChangeKind::kErase : ChangeKind::kUpsert};
      }
      std::vector<Map::Change> batch;
      for (const auto& [key, change] : changes) batch.push_back(change);
      edit.apply(tree, std::span<const Map::Change>(batch));
      versions.publish(edit, tree);
    }
    stop = true;
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(wrong, 0u);
  }
  EXPECT_EQ(family.live_nodes(), 0);
}

// The same trip through bytes for the other policies.
TEST(DurablePoliciesTest, ByteKeysAndLists) {
  Family<ByteKeySet> keys(ByteKeySet{.max_weight = 100});
  Family<List<uint32_t>> lists(List<uint32_t>{.max_entries = 5});
  {
    MemoryStore<ByteKeySet> key_store(keys);
    MemoryStore<List<uint32_t>> list_store(lists);
    std::vector<std::string> names;
    std::vector<uint32_t> numbers;
    for (uint32_t i = 0; i < 1000; ++i) names.push_back("a name that is shared by many/" + std::to_string(10000 + i));
    for (uint32_t i = 0; i < 1000; ++i) numbers.push_back(i * i);
    std::vector<ByteKeySet::Item> items;
    for (const std::string& name : names) items.push_back({name, "payload"});
    Edit<ByteKeySet> key_edit(keys);
    Edit<List<uint32_t>> list_edit(lists);
    const auto key_tree = key_edit.build(items);
    const auto list_tree = list_edit.build(numbers);
    key_edit.take_retired();
    list_edit.take_retired();
    ASSERT_TRUE(write_new_nodes(key_tree, key_store).ok());
    ASSERT_TRUE(write_new_nodes(list_tree, list_store).ok());
    const uint64_t key_root = key_tree.root()->address, list_root = list_tree.root()->address;
    key_store.forget_all();
    list_store.forget_all();
    const auto key_again = keys.open(key_root);
    const auto list_again = lists.open(list_root);
    ASSERT_TRUE(key_again.ok() && list_again.ok());
    EXPECT_TRUE(key_again->check().ok()) << key_again->check().to_string();
    EXPECT_TRUE(list_again->check().ok()) << list_again->check().to_string();
    for (uint32_t i = 0; i < 1000; ++i) {
      ASSERT_EQ(key_again->rank(ByteKey(names[i])), i);
      ASSERT_EQ(key_again->find(ByteKey(names[i]))->payload, "payload");
      ASSERT_EQ(list_again->select(i), numbers[i]);
    }
  }
  EXPECT_EQ(keys.live_nodes(), 0);
  EXPECT_EQ(lists.live_nodes(), 0);
}

}  // namespace
}  // namespace proto::avl
