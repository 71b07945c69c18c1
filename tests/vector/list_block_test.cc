#include "vector/list_block.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "runtime/base/coding.h"
#include "runtime/base/random.h"

namespace protobase::vector {
namespace {

using proto::ObjectId;
using proto::avl::ChangeKind;
using proto::avl::Separator;
using Model = std::map<ListKey, std::vector<float>>;

static_assert(proto::avl::OrderedLeafPolicy<ListPolicy>);

/// A run of blocks as a tree would keep them, against a map.
class Blocks {
 public:
  explicit Blocks(ListPolicy policy) : policy_(policy) {}
  ~Blocks() { clear(); }
  void clear() {
    for (ListBlock* block : blocks_) policy_.free(block);
    blocks_.clear();
  }
  void apply_to_first(const std::vector<ListPolicy::Change>& changes, bool owned) {
    ListBlock* first = blocks_.empty() ? nullptr : blocks_.front();
    std::vector<ListBlock*> out;
    policy_.apply(first, owned, changes, out);
    bool kept = false;
    for (const ListBlock* block : out) kept |= block == first;
    if (first != nullptr && !kept) policy_.free(first);
    if (!blocks_.empty()) blocks_.erase(blocks_.begin());
    blocks_.insert(blocks_.begin(), out.begin(), out.end());
  }
  void expect(const Model& model) const {
    auto row = model.begin();
    for (const ListBlock* block : blocks_) {
      ASSERT_TRUE(policy_.check(*block).ok()) << policy_.check(*block).to_string();
      EXPECT_LE(block->count, policy_.max_entries());
      EXPECT_EQ(reinterpret_cast<uintptr_t>(block->vectors()) % 64, 0u);
      for (uint32_t i = 0; i < block->count; ++i, ++row) {
        ASSERT_NE(row, model.end());
        const ListEntry entry = policy_.entry(*block, i);
        ASSERT_EQ(entry.key, row->first);
        ASSERT_EQ(std::vector<float>(entry.vector, entry.vector + policy_.dimension()), row->second);
        if (block->has_sketches()) {
          expect_sketch(*block, i, row->second);
        }
      }
    }
    ASSERT_EQ(row, model.end());
  }
  /// The sketch that stands in the block is that of its row.
  static void expect_sketch(const ListBlock& block, uint32_t index, const std::vector<float>& row) {
    std::vector<uint8_t> codes(sketch_stride(row.size()));
    const SketchNumbers numbers = make_sketch(row, codes.data());
    const SketchRows found = block.sketches(index);
    ASSERT_EQ(std::vector<uint8_t>(found.codes, found.codes + codes.size()), codes);
    ASSERT_EQ(*found.scales, numbers.scale);
    ASSERT_EQ(*found.offsets, numbers.offset);
    ASSERT_EQ(*found.norms_squared, numbers.norm_squared);
    ASSERT_EQ(*found.errors, numbers.error);
  }
  const std::vector<ListBlock*>& blocks() const { return blocks_; }

 private:
  ListPolicy policy_;
  std::vector<ListBlock*> blocks_;
};

TEST(ListBlock, ChangesAgainstAMapOwnedAndNot) {
  const uint64_t seed = 31337;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  proto::Random random(seed);
  for (const uint32_t dimension : {1u, 3u, 40u}) {
    const ListPolicy policy(dimension, 24);
    Blocks blocks(policy);
    Model model;
    for (int step = 0; step < 1500; ++step) {
      // Changes of one block stand below the second block's first key, as in a tree.
      const ListKey limit = blocks.blocks().size() > 1 ? blocks.blocks()[1]->key(0) : ListKey{9, ObjectId(0)};
      std::map<ListKey, ListPolicy::Change> changes;
      std::vector<std::vector<float>> values;
      values.reserve(8);
      for (uint64_t i = 1 + random.below(step % 3 == 0 ? 6 : 1); i-- > 0;) {
        const ListKey key{static_cast<ListId>(random.below(3)), ObjectId(1 + random.below(40))};
        if (!(key < limit)) continue;
        values.emplace_back(dimension, static_cast<float>(random.below(1000)));
        values.back().front() += 1;
        changes[key] = {key, ChangeKind(random.below(3)), values.back().data()};
      }
      if (changes.empty()) {
        blocks.clear();
        model.clear();
        continue;
      }
      std::vector<ListPolicy::Change> sorted;
      for (const auto& [key, change] : changes) {
        sorted.push_back(change);
        const std::vector<float> vector(change.vector, change.vector + dimension);
        if (change.kind == ChangeKind::kErase) model.erase(key);
        if (change.kind == ChangeKind::kInsert) model.emplace(key, vector);
        if (change.kind == ChangeKind::kUpsert) model[key] = vector;
      }
      blocks.apply_to_first(sorted, random.one_in(2));
      ASSERT_NO_FATAL_FAILURE(blocks.expect(model));
    }
  }
}

TEST(ListBlock, ChangesThatChangeNothingGiveTheBlockBack) {
  const ListPolicy policy(2, 16);
  const std::vector<float> vector{1, 2};
  Blocks blocks(policy);
  blocks.apply_to_first({{{1, ObjectId(1)}, ChangeKind::kUpsert, vector.data()}}, false);
  ListBlock* const block = blocks.blocks()[0];
  blocks.apply_to_first(
      {{{1, ObjectId(1)}, ChangeKind::kInsert, vector.data()}, {{1, ObjectId(2)}, ChangeKind::kErase, nullptr}}, false);
  EXPECT_EQ(blocks.blocks()[0], block);
}

std::unique_ptr<Blocks> some_blocks(const ListPolicy& policy, uint32_t count, Model& model) {
  auto blocks = std::make_unique<Blocks>(policy);
  std::vector<ListPolicy::Change> changes;
  for (uint32_t i = 0; i < count; ++i) {
    const ListKey key{i / 5, ObjectId(i % 5 + 1)};
    model[key] = std::vector<float>(policy.dimension(), static_cast<float>(i));
    changes.push_back({key, ChangeKind::kUpsert, model[key].data()});
  }
  blocks->apply_to_first(changes, false);
  return blocks;
}

TEST(ListBlock, CopyAndConcat) {
  const ListPolicy policy(3, 16);
  Model model;
  const auto blocks = some_blocks(policy, 16, model);
  const ListBlock& whole = *blocks->blocks()[0];
  ListBlock* left = policy.copy(whole, 0, 5);
  ListBlock* right = policy.copy(whole, 5, 16);
  EXPECT_EQ(left->count, 5u);
  EXPECT_TRUE(policy.same_entry(*right, 0, whole, 5));
  EXPECT_FALSE(policy.same_entry(*right, 0, whole, 6));
  const Separator separator = policy.separate(*left, *right);
  for (uint32_t i = 0; i < 16; ++i) EXPECT_EQ(policy.goes_right(whole.key(i), separator), i >= 5);
  std::vector<ListBlock*> joined;
  policy.concat(*left, *right, joined);
  ASSERT_EQ(joined.size(), 1u);
  EXPECT_EQ(joined[0]->count, 16u);
  policy.concat(whole, *right, joined);
  ASSERT_EQ(joined.size(), 3u) << "27 entries need two blocks of 16";
  EXPECT_FALSE(policy.thin(*joined[1]) || policy.thin(*joined[2]));
  for (ListBlock* block : joined) policy.free(block);
  policy.free(left);
  policy.free(right);
}

TEST(ListBlock, LowerBoundIsThatOfTheKeys) {
  const ListPolicy policy(1, 64);
  Model model;
  const auto blocks = some_blocks(policy, 50, model);
  const ListBlock& block = *blocks->blocks()[0];
  for (ListId list = 0; list < 12; ++list) {
    for (uint64_t id = 0; id < 8; ++id) {
      const ListKey key{list, ObjectId(id)};
      EXPECT_EQ(policy.lower_bound(block, key), std::distance(model.begin(), model.lower_bound(key)));
      EXPECT_EQ(policy.matches(block, policy.lower_bound(block, key), key), model.contains(key));
    }
  }
}

TEST(ListBlock, BytesComeBackAndHostileOnesAreCorruption) {
  const ListPolicy policy(3, 16);
  Model model;
  const auto blocks = some_blocks(policy, 11, model);
  std::string bytes;
  policy.encode(*blocks->blocks()[0], bytes);
  ListBlock* again = *policy.decode(bytes);
  std::string bytes_again;
  policy.encode(*again, bytes_again);
  EXPECT_EQ(bytes, bytes_again);
  policy.free(again);
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_EQ(policy.decode(std::string_view(bytes).substr(0, length)).status().code(), StatusCode::kCorruption);
  }
  EXPECT_EQ(ListPolicy(4, 16).decode(bytes).status().code(), StatusCode::kCorruption);
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (const int change : {1, 0x80, 0xFF}) {
      std::string bad = bytes;
      bad[at] = static_cast<char>(bad[at] ^ change);
      const auto decoded = policy.decode(bad);
      if (!decoded.ok()) {
        EXPECT_EQ(decoded.status().code(), StatusCode::kCorruption);
        continue;
      }
      EXPECT_TRUE(policy.check(**decoded).ok());
      policy.free(*decoded);
    }
  }
  std::string swapped = bytes;  // two ids of one list out of order
  std::swap(swapped[8 + 11 * 4], swapped[8 + 11 * 4 + 8]);
  EXPECT_EQ(policy.decode(swapped).status().code(), StatusCode::kCorruption);
}

TEST(ListBlock, SeparatorBytes) {
  const ListPolicy policy(3);
  std::string bytes;
  policy.encode_separator({77, ~uint64_t{0}}, bytes);
  proto::ByteReader reader(bytes);
  Separator separator;
  EXPECT_TRUE(policy.decode_separator(reader, separator));
  EXPECT_EQ(separator.head, 77u);
  EXPECT_EQ(separator.tail, ~uint64_t{0});
  proto::ByteReader cut(std::string_view(bytes).substr(0, 4));
  EXPECT_FALSE(policy.decode_separator(cut, separator));
}

}  // namespace
}  // namespace protobase::vector
