// Trees of collected nodes, over a memory that keeps everything until the test ends: random operations against the
// standard library, every older version compared again at the end.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <vector>

#include "runtime/avl/cursor.h"
#include "runtime/avl/edit.h"
#include "runtime/avl/list.h"
#include "runtime/avl/pod_map.h"
#include "runtime/base/random.h"

namespace proto::avl {
namespace {

class Arena {
 public:
  void* allocate(size_t bytes) {
    cells_.push_back(std::make_unique<Block[]>((bytes + sizeof(Block) - 1) / sizeof(Block)));
    return cells_.back().get();
  }
  size_t cells() const { return cells_.size(); }

 private:
  struct alignas(64) Block {
    char bytes[64];
  };
  std::vector<std::unique_ptr<Block[]>> cells_;
};

/// Kinds 7 and 9; every so often "a snapshot is taken", and what was made before may not be changed in place any more.
class ArenaMemory {
 public:
  static constexpr bool kCollected = true;
  ArenaMemory() = default;
  ArenaMemory(Arena& arena, uint64_t* token, bool room = false) : arena_(&arena), token_(token), room_(room) {}
  void* allocate_leaf(size_t bytes) const { return allocate(bytes); }
  void* allocate_inner() const { return allocate(sizeof(Inner)); }
  uint64_t leaf_header() const { return token() | 7; }
  uint64_t inner_header() const { return token() | 9; }
  uint64_t token() const { return *token_; }
  bool leaves_room() const { return room_; }

 private:
  void* allocate(size_t bytes) const {
    if (arena_->cells() % 13 == 0) *token_ = new_edit_token();
    return arena_->allocate(bytes);
  }
  Arena* arena_ = nullptr;
  uint64_t* token_ = nullptr;
  bool room_ = false;
};

/// A list of integers whose inner nodes know the sum and the maximum below them.
struct SummingList : List<uint64_t, ArenaMemory> {
  explicit SummingList(ArenaMemory memory) : List{.max_entries = 8, .memory = memory} {}
  static uint64_t sum(const Node& node) {
    if (!node.is_leaf()) return node.address.load(std::memory_order_relaxed);
    uint64_t sum = 0;
    const auto& leaf = static_cast<const Leaf&>(node);
    for (uint32_t i = 0; i < leaf.count; ++i) sum += leaf.items()[i];
    return sum;
  }
  static uint64_t highest(const Node& node) {
    if (!node.is_leaf()) return static_cast<const Inner&>(node).separator.head;
    const auto& leaf = static_cast<const Leaf&>(node);
    return *std::max_element(leaf.items(), leaf.items() + leaf.count);
  }
  void measure(Inner& inner, const Node& left, const Node& right) const {
    inner.address.store(sum(left) + sum(right), std::memory_order_relaxed);
    inner.separator.head = std::max(highest(left), highest(right));
  }
};
static_assert(internal::Measuring<SummingList> && CollectedLeafPolicy<SummingList> &&
              PositionalLeafPolicy<SummingList>);

struct HashKey {
  uint64_t hash = 0;
  uint64_t value = 0;
};
/// Orders by hash first; hashes collide often.
struct HashOrder {
  bool less(const HashKey& a, const HashKey& b) const { return a.hash != b.hash ? a.hash < b.hash : a.value < b.value; }
  bool equal(const HashKey& a, const HashKey& b) const { return a.hash == b.hash && a.value == b.value; }
  uint64_t position(const HashKey& key) const { return key.hash; }
};
using HashMap = PodMap<HashKey, uint64_t, ArenaMemory, HashOrder>;
static_assert(CollectedLeafPolicy<HashMap> && OrderedLeafPolicy<HashMap>);
HashKey hash_key(uint64_t value) { return {(value / 3) * 0x9E3779B97F4A7C15ull, value}; }
bool operator<(const HashKey& a, const HashKey& b) { return HashOrder().less(a, b); }

template <class P>
std::vector<uint64_t> contents(const Tree<P>& tree) {
  std::vector<uint64_t> all;
  Cursor<P> cursor(tree);
  for (cursor.seek_first(); cursor.valid(); cursor.next()) {
    if constexpr (std::is_same_v<P, HashMap>) {
      all.push_back(cursor.entry().key.value);
      all.push_back(cursor.entry().value);
    } else {
      all.push_back(cursor.entry());
    }
  }
  return all;
}

class CollectedTree : public ::testing::Test {
 protected:
  ArenaMemory memory(bool room = false) { return ArenaMemory(arena_, &token_, room); }
  void next_token() { token_ = new_edit_token(); }
  Arena arena_;
  uint64_t token_ = new_edit_token();
};

/// A version and what it must always hold.
struct ListVersion {
  Node* root;
  std::vector<uint64_t> expected;
};

class ListTest : public CollectedTree {
 protected:
  std::vector<uint64_t> some_items(size_t count) {
    std::vector<uint64_t> items;
    for (size_t i = 0; i < count; ++i) items.push_back(random_.below(1000));
    return items;
  }
  // One random operation on random earlier versions gives a new one.
  void step(std::vector<ListVersion>& versions) {
    next_token();
    Family<SummingList> family{SummingList(memory(random_.below(2) == 0))};
    Edit<SummingList> edit(family);
    const ListVersion a = versions[random_.below(versions.size())];
    const ListVersion b = versions[random_.below(versions.size())];
    Tree<SummingList> tree(&family, a.root);
    std::vector<uint64_t> expected = a.expected;
    const uint64_t from = random_.below(expected.size() + 1);
    const uint64_t to = from + random_.below(expected.size() - from + 1);
    const auto at = [&](uint64_t index) { return expected.begin() + static_cast<ptrdiff_t>(index); };
    switch (random_.below(6)) {
      case 0:
        tree = edit.slice(tree, from, to);
        expected = std::vector<uint64_t>(at(from), at(to));
        break;
      case 1:
        edit.erase_at(tree, from, to);
        expected.erase(at(from), at(to));
        break;
      case 2:
        if (expected.size() + b.expected.size() > 3000) return;
        tree = edit.concatenate(tree, Tree<SummingList>(&family, b.root));
        expected.insert(expected.end(), b.expected.begin(), b.expected.end());
        break;
      case 3:  // twice the same nodes
        if (expected.size() > 1000) return;
        tree = edit.concatenate(tree, tree);
        tree = edit.concatenate(tree, tree);
        for (int i = 0; i < 2; ++i) {
          const std::vector<uint64_t> once = expected;
          expected.insert(expected.end(), once.begin(), once.end());
        }
        break;
      default:  // several changes under one token
        for (uint64_t i = random_.below(6); i-- > 0;) {
          const uint64_t index = random_.below(expected.size() + 1);
          const uint64_t remove = std::min<uint64_t>(random_.below(4), expected.size() - index);
          const auto items = some_items(random_.below(10) == 0 ? random_.below(400) : random_.below(4));
          edit.splice(tree, index, remove, items);
          expected.erase(at(index), at(index + remove));
          expected.insert(at(index), items.begin(), items.end());
        }
    }
    ASSERT_TRUE(tree.check().ok()) << tree.check().to_string();
    versions.push_back({tree.root(), expected});
  }
  Random random_{0};
};

TEST_F(ListTest, RandomOperationsKeepEveryVersion) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    random_ = Random(seed);
    std::vector<ListVersion> versions{{nullptr, {}}};
    for (int i = 0; i < 300; ++i) {
      step(versions);
      if (HasFatalFailure()) return;
    }
    Family<SummingList> family{SummingList(memory())};
    for (const ListVersion& version : versions) {
      const Tree<SummingList> tree(&family, version.root);
      ASSERT_EQ(contents(tree), version.expected);
      ASSERT_TRUE(tree.check().ok()) << tree.check().to_string();
    }
  }
}

TEST_F(ListTest, BulkBuildOfAnySizeIsWellFormed) {
  for (const uint64_t count : {0, 1, 2, 7, 8, 9, 16, 127, 128, 129, 130, 255, 256, 257, 1000, 4095, 20001}) {
    const auto items = some_items(count);
    Family<SummingList> family{SummingList(memory())};
    Edit<SummingList> edit(family);
    const Tree<SummingList> tree = edit.build(items);
    ASSERT_TRUE(tree.check().ok()) << count << ": " << tree.check().to_string();
    ASSERT_EQ(contents(tree), items);
    if (count > 0) {
      EXPECT_EQ(SummingList::sum(*tree.root()), std::accumulate(items.begin(), items.end(), uint64_t{0}));
      EXPECT_EQ(SummingList::highest(*tree.root()), *std::max_element(items.begin(), items.end()));
    }
  }
}

TEST_F(ListTest, PushedLeavesMakeATreeAndTheLastMayBeThin) {
  for (uint64_t count = 0; count < 300; ++count) {
    const auto items = some_items(count);
    Family<SummingList> family{SummingList(memory())};
    Edit<SummingList> edit(family);
    for (size_t from = 0; from < items.size(); from += 8) {
      LeafRun<SummingList::Leaf> one(nullptr, [](void*) { FAIL(); });
      family.policy().build(std::span(items).subspan(from, std::min<size_t>(8, items.size() - from)), one);
      edit.push_leaf(one.leaves().front());
    }
    const Tree<SummingList> tree = edit.take_pushed();
    ASSERT_TRUE(tree.check().ok()) << count << ": " << tree.check().to_string();
    ASSERT_EQ(contents(tree), items);
    ASSERT_TRUE(edit.take_pushed().empty());
  }
}

TEST_F(ListTest, ConcatenationsAndSlicesShareWhatTheyDoNotTouch) {
  const auto items = some_items(100000);
  Family<SummingList> family{SummingList(memory())};
  Edit<SummingList> edit(family);
  const Tree<SummingList> tree = edit.build(items);
  const size_t before = arena_.cells();
  const Tree<SummingList> half = edit.slice(tree, 20000, 70000);
  EXPECT_LT(arena_.cells() - before, 120u);
  const size_t after = arena_.cells();
  EXPECT_EQ(edit.concatenate(tree, half).size(), 150000u);
  EXPECT_LT(arena_.cells() - after, 30u);
}

struct MapVersion {
  Node* root;
  std::map<HashKey, uint64_t> expected;
};

class MapTest : public CollectedTree {
 protected:
  HashMap policy() { return {.max_entries = 80, .memory = memory(random_.below(2) == 0), .order = {}}; }
  std::vector<HashMap::Change> some_changes(std::map<HashKey, uint64_t>& expected) {
    std::map<HashKey, HashMap::Change> changes;
    const uint64_t range = random_.below(2) == 0 ? 300 : 20000;
    for (uint64_t i = random_.below(5) == 0 ? random_.below(3000) : random_.below(5); i-- > 0;) {
      const HashKey key = hash_key(random_.below(range));
      const auto kind = static_cast<ChangeKind>(random_.below(3));
      changes[key] = {key, random_.next(), kind};
    }
    std::vector<HashMap::Change> sorted;
    for (const auto& [key, change] : changes) {
      sorted.push_back(change);
      if (change.kind == ChangeKind::kErase) expected.erase(key);
      if (change.kind == ChangeKind::kInsert) expected.emplace(key, change.value);
      if (change.kind == ChangeKind::kUpsert) expected[key] = change.value;
    }
    return sorted;
  }
  static std::map<HashKey, uint64_t> combined(SetOperation operation, const std::map<HashKey, uint64_t>& a,
                                              const std::map<HashKey, uint64_t>& b) {
    std::map<HashKey, uint64_t> result = operation == SetOperation::kUnion ? b : std::map<HashKey, uint64_t>();
    for (const auto& entry : a) {
      if (operation == SetOperation::kUnion || b.contains(entry.first) == (operation == SetOperation::kIntersect)) {
        result.insert(entry);
      }
    }
    return result;
  }
  void step(std::vector<MapVersion>& versions) {
    next_token();
    Family<HashMap> family(policy());
    Edit<HashMap> edit(family);
    const MapVersion a = versions[random_.below(versions.size())];
    const MapVersion b = versions[random_.below(versions.size())];
    Tree<HashMap> tree(&family, a.root);
    std::map<HashKey, uint64_t> expected = a.expected;
    if (random_.below(3) == 0) {
      const auto operation = static_cast<SetOperation>(random_.below(3));
      tree = edit.combine(operation, tree, Tree<HashMap>(&family, b.root));
      expected = combined(operation, a.expected, b.expected);
    } else {
      for (uint64_t i = random_.below(4); i-- > 0;) {
        const auto changes = some_changes(expected);
        edit.apply(tree, std::span<const HashMap::Change>(changes));
      }
    }
    ASSERT_TRUE(tree.check().ok()) << tree.check().to_string();
    compare(tree, expected);
    versions.push_back({tree.root(), std::move(expected)});
  }
  void compare(const Tree<HashMap>& tree, const std::map<HashKey, uint64_t>& expected) {
    std::vector<uint64_t> all;
    for (const auto& [key, value] : expected) all.push_back(key.value), all.push_back(value);
    ASSERT_EQ(contents(tree), all);
    for (int i = 0; i < 20; ++i) {
      const HashKey key = hash_key(random_.below(500));
      const auto found = tree.find(key);
      const auto place = expected.find(key);
      ASSERT_EQ(found.has_value(), place != expected.end());
      if (found.has_value()) {
        ASSERT_EQ(found->value, place->second);
      }
    }
  }
  Random random_{0};
};

TEST_F(MapTest, RandomOperationsKeepEveryVersion) {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    random_ = Random(seed);
    std::vector<MapVersion> versions{{nullptr, {}}};
    for (int i = 0; i < 120; ++i) {
      step(versions);
      if (HasFatalFailure()) return;
    }
    Family<HashMap> family(policy());
    for (const MapVersion& version : versions) compare(Tree<HashMap>(&family, version.root), version.expected);
  }
}

TEST_F(MapTest, UnionWithALargeTreeSharesIt) {
  std::vector<HashMap::Item> items;
  for (uint64_t i = 0; i < 50000; ++i) items.push_back({hash_key(i * 3), i});
  std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  Family<HashMap> family(policy());
  Edit<HashMap> edit(family);
  const Tree<HashMap> large = edit.build(items);
  const Tree<HashMap> small = edit.build(std::span(items).first(1));
  const size_t before = arena_.cells();
  const Tree<HashMap> both = edit.combine(SetOperation::kUnion, small, large);
  EXPECT_EQ(both.size(), 50000u);
  EXPECT_TRUE(both.check().ok());
  EXPECT_LT(arena_.cells() - before, 60u);
}

TEST(EditTokens, AreMultiplesOfTheStepAndNeverRepeat) {
  std::set<uint64_t> seen;
  for (int i = 0; i < 100; ++i) {
    const uint64_t first = new_edit_tokens(3);
    EXPECT_EQ(first % kTokenStep, 0u);
    for (int j = 0; j < 3; ++j) EXPECT_TRUE(seen.insert(first + static_cast<uint64_t>(j) * kTokenStep).second);
    EXPECT_TRUE(seen.insert(new_edit_token()).second);
  }
}

}  // namespace
}  // namespace proto::avl
