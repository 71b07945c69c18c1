#include "runtime/avl/byte_key_set.h"

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

using Model = std::map<std::string, std::string>;

// Strings that share prefixes of every length around eight, hold zero bytes, and are prefixes of each other.
std::string random_key(Random& random) {
  static const std::string kStarts[] = {"", "a", "abcdefg", "abcdefgh", "abcdefghi", std::string("abc\0\0", 5),
                                        "zzzzzzzzzzzzzzzzzzzzzzzz", std::string(3, '\xFF')};
  std::string key = kStarts[random.below(8)];
  const uint64_t more = random.below(random.one_in(20) ? 60 : 4);
  for (uint64_t i = 0; i < more; ++i) key.push_back("\0ab\xFF"[random.below(4)]);
  return key;
}

std::string random_payload(Random& random) {
  return random.one_in(2) ? std::string() : std::string(random.below(12), static_cast<char>(random.next()));
}

std::vector<ByteKeySet::Item> items_of(const Model& model) {
  std::vector<ByteKeySet::Item> items;
  for (const auto& [key, payload] : model) items.push_back({key, payload});
  return items;
}

Model model_of(const Tree<ByteKeySet>& tree) {
  Model model;
  Cursor<ByteKeySet> cursor(tree);
  for (cursor.seek_first(); cursor.valid(); cursor.next()) {
    model.emplace(cursor.entry().key(), std::string(cursor.entry().payload));
  }
  return model;
}

void expect_same(const Tree<ByteKeySet>& tree, const Model& model) {
  ASSERT_TRUE(tree.check().ok()) << tree.check().to_string();
  ASSERT_EQ(tree.size(), model.size());
  ASSERT_EQ(model_of(tree), model);
}

class ByteKeySetTest : public testing::TestWithParam<uint32_t> {
 protected:
  ByteKeySetTest() : family_(ByteKeySet{.max_weight = GetParam()}) { std::cout << "seed " << seed_ << "\n"; }
  ~ByteKeySetTest() override { EXPECT_EQ(family_.live_nodes(), 0); }

  Model random_model(uint64_t size) {
    Model model;
    for (uint64_t i = 0; i < size; ++i) model[random_key(random_)] = random_payload(random_);
    return model;
  }

  uint64_t seed_ = testing::UnitTest::GetInstance()->random_seed() + 1;
  Random random_{seed_};
  Family<ByteKeySet> family_;
};

INSTANTIATE_TEST_SUITE_P(LeafSizes, ByteKeySetTest, testing::Values(64, 200, 1000, 10240));

TEST_P(ByteKeySetTest, ChangesWithOldVersionsKept) {
  VersionSet<ByteKeySet> versions(family_);
  std::vector<std::pair<VersionSet<ByteKeySet>::Pin, Model>> history;
  Model model;
  for (int round = 0; round < 60; ++round) {
    Edit<ByteKeySet> edit(family_);
    const auto pin = versions.pin();
    Tree<ByteKeySet> tree = *pin;
    const uint64_t count = random_.one_in(3) ? random_.below(300) : random_.below(5);
    std::map<std::string, std::pair<std::string, ChangeKind>> changes;
    for (uint64_t i = 0; i < count; ++i) {
      changes[random_key(random_)] = {random_payload(random_), static_cast<ChangeKind>(random_.below(3))};
    }
    std::vector<ByteKeySet::Change> batch;
    for (const auto& [key, change] : changes) {
      batch.push_back({key, change.first, change.second});
      if (change.second == ChangeKind::kErase) model.erase(key);
      if (change.second == ChangeKind::kInsert) model.emplace(key, change.first);
      if (change.second == ChangeKind::kUpsert) model[key] = change.first;
    }
    if (random_.one_in(2)) {
      edit.apply(tree, std::span<const ByteKeySet::Change>(batch));
    } else {
      for (const ByteKeySet::Change& change : batch) edit.apply_one(tree, change);
    }
    expect_same(tree, model);
    versions.publish(edit, tree);
    history.emplace_back(versions.pin(), model);
  }
  for (const auto& [pin, then] : history) expect_same(*pin, then);
}

TEST_P(ByteKeySetTest, SearchesAgreeWithTheModel) {
  const Model model = random_model(1500);
  Edit<ByteKeySet> edit(family_);
  const Tree<ByteKeySet> tree = edit.build(items_of(model));
  expect_same(tree, model);
  Cursor<ByteKeySet> cursor(tree);
  for (int i = 0; i < 2000; ++i) {
    const std::string key = random_key(random_);
    const auto found = model.find(key);
    const auto entry = tree.find(ByteKey(key));
    ASSERT_EQ(entry.has_value(), found != model.end());
    if (entry.has_value()) {
      ASSERT_EQ(entry->payload, found->second);
    }
    const auto bound = model.lower_bound(key);
    ASSERT_EQ(tree.rank(ByteKey(key)), static_cast<uint64_t>(std::distance(model.begin(), bound)));
    cursor.seek(ByteKey(key));
    ASSERT_EQ(cursor.valid(), bound != model.end());
    if (cursor.valid()) {
      ASSERT_EQ(cursor.entry().key(), bound->first);
    }
  }
  edit.discard(tree);
}

TEST_P(ByteKeySetTest, SetOperationsAndRanges) {
  for (int round = 0; round < 30; ++round) {
    Model a = random_model(random_.below(500));
    const Model b = random_model(random_.below(500));
    Edit<ByteKeySet> edit(family_);
    const Tree<ByteKeySet> right = edit.build(items_of(b));
    Tree<ByteKeySet> both = edit.combine(SetOperation::kIntersect, edit.build(items_of(a)), right);
    Tree<ByteKeySet> rest = edit.combine(SetOperation::kDifference, edit.build(items_of(a)), right);
    Model in_both, only_a;
    for (const auto& entry : a) (b.contains(entry.first) ? in_both : only_a).insert(entry);
    expect_same(both, in_both);
    expect_same(rest, only_a);
    both = edit.merge(both, rest);
    expect_same(both, a);
    const std::string low = random_key(random_), high = random_key(random_);
    edit.erase_range(both, ByteKey(low), ByteKey(high));
    if (low < high) a.erase(a.lower_bound(low), a.lower_bound(high));
    expect_same(both, a);
    const Tree<ByteKeySet> all = edit.combine(SetOperation::kUnion, both, right);
    Model united = b;
    united.insert(a.begin(), a.end());
    expect_same(all, united);
    edit.discard(all);
    edit.discard(right);
  }
}

TEST_P(ByteKeySetTest, IndexEntriesEndInAnObjectId) {
  Edit<ByteKeySet> edit(family_);
  Tree<ByteKeySet> tree = family_.empty_tree();
  std::multimap<std::string, uint64_t> model;
  const auto entry_key = [](const std::string& value, uint64_t id) {
    const uint64_t big_endian = byte_swap(id);
    return value + std::string(reinterpret_cast<const char*>(&big_endian), 8);
  };
  for (int i = 0; i < 2000; ++i) {
    const std::string value = "category " + std::to_string(random_.below(10));
    const uint64_t id = random_.next() >> random_.below(60);
    const std::string key = entry_key(value, id);
    if (edit.apply_one(tree, ByteKeySet::Change{key})) model.emplace(value, id);
  }
  ASSERT_TRUE(tree.check().ok()) << tree.check().to_string();
  for (int i = 0; i < 10; ++i) {
    const std::string value = "category " + std::to_string(i);
    const std::string low = value, high = value + std::string(9, '\xFF');
    std::vector<uint64_t> expected, found;
    for (auto [from, to] = model.equal_range(value); from != to; ++from) expected.push_back(from->second);
    std::sort(expected.begin(), expected.end());
    Cursor<ByteKeySet> cursor(tree);
    for (cursor.seek(ByteKey(low)); cursor.valid() && cursor.entry().key().starts_with(value); cursor.next()) {
      found.push_back(cursor.entry().suffix());
    }
    EXPECT_EQ(found, expected);
    EXPECT_EQ(tree.rank(ByteKey(entry_key(value, UINT64_MAX))) - tree.rank(ByteKey(low)), expected.size());
    EXPECT_EQ(tree.count_range(ByteKey(low), ByteKey(high)), expected.size());
  }
  edit.discard(tree);
}

TEST_P(ByteKeySetTest, BytesComeBackAndDamagedOnesAreRefusedOrSound) {
  const ByteKeySet& policy = family_.policy();
  const Model model = random_model(200);
  std::vector<ByteKeySet::Leaf*> leaves;
  policy.build(items_of(model), leaves);
  for (ByteKeySet::Leaf* leaf : leaves) {
    std::string bytes;
    policy.encode(*leaf, bytes);
    auto again = policy.decode(bytes);
    ASSERT_TRUE(again.ok());
    ASSERT_EQ((*again)->count, leaf->count);
    for (uint32_t i = 0; i < leaf->count; ++i) {
      ASSERT_EQ(policy.entry(**again, i).key(), policy.entry(*leaf, i).key());
      ASSERT_EQ(policy.entry(**again, i).payload, policy.entry(*leaf, i).payload);
    }
    policy.free(*again);
    for (size_t at = 0; at < bytes.size(); at += 1 + bytes.size() / 200) {
      EXPECT_FALSE(policy.decode(bytes.substr(0, at)).ok());
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(random_.next());
      if (auto decoded = policy.decode(damaged); decoded.ok()) {
        EXPECT_TRUE(policy.check(**decoded).ok());
        policy.free(*decoded);
      }
    }
    policy.free(leaf);
  }
}

}  // namespace
}  // namespace proto::avl
