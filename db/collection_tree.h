// The tree of a collection: objects by id, in column blocks.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/column_block.h"
#include "runtime/avl/leaf_policy.h"
#include "runtime/avl/tree.h"
#include "runtime/base/coding.h"

namespace protobase {

/// The leaf policy (runtime/avl/leaf_policy.h) over column blocks. Keys are the numbers of ObjectIds. Stateless.
struct CollectionPolicy {
  using Leaf = ColumnBlock;
  using Key = uint64_t;
  using Entry = BlockEntry;
  using Item = BlockRow;
  using Change = BlockChange;
  struct Scratch {};
  static constexpr bool kStrictFill = false;  // objects differ in size

  int compare(uint64_t a, uint64_t b) const { return a < b ? -1 : a > b ? 1 : 0; }
  uint64_t change_key(const BlockChange& change) const { return change.id.value; }
  uint64_t item_key(const BlockRow& row) const { return row.id.value; }
  uint64_t key(const ColumnBlock& block, uint32_t row, Scratch&) const { return block.ids()[row]; }
  BlockEntry entry(const ColumnBlock& block, uint32_t row) const { return {&block, row}; }
  uint32_t lower_bound(const ColumnBlock& block, uint64_t key) const { return block.lower_bound(ObjectId(key)); }
  bool matches(const ColumnBlock& block, uint32_t row, uint64_t key) const {
    return row < block.rows() && block.ids()[row] == key;
  }
  /// Whether two rows hold the same object, in the same order of attributes.
  bool same_entry(const ColumnBlock& a, uint32_t i, const ColumnBlock& b, uint32_t j) const {
    if (i == j && a.shares_chunks(b)) return true;
    std::string left, right;
    a.materialize(i, left);
    b.materialize(j, right);
    return left == right;
  }
  bool thin(const ColumnBlock& block) const {
    return block.rows() < ColumnBlock::kTargetRows / 4 && block.size_bytes() < ColumnBlock::kTargetBytes / 4;
  }

  // Separators: the first key of the right side.
  proto::avl::Separator separate(const ColumnBlock&, const ColumnBlock& right) const {
    return {right.ids().front(), 0};
  }
  uint64_t separator_key(const proto::avl::Separator& separator, Scratch&) const { return separator.head; }
  bool goes_right(uint64_t key, const proto::avl::Separator& separator) const { return key >= separator.head; }
  proto::avl::Separator copy_separator(const proto::avl::Separator& separator) const { return separator; }
  void free_separator(const proto::avl::Separator&) const {}
  void encode_separator(const proto::avl::Separator& separator, std::string& out) const {
    proto::put_varint(out, separator.head);
  }
  bool decode_separator(proto::ByteReader& reader, proto::avl::Separator& separator) const {
    separator = {reader.varint(), 0};
    return reader.ok();
  }

  // Surgery.
  ColumnBlock* copy(const ColumnBlock& block, uint32_t from, uint32_t to) const {
    return block.slice(from, to).release();
  }
  void concat(const ColumnBlock& a, const ColumnBlock& b, std::vector<ColumnBlock*>& out) const {
    std::vector<BlockPtr> blocks;
    ColumnBlock::concat(a, b, blocks);
    hand_over(blocks, out);
  }
  void build(std::span<const BlockRow> rows, std::vector<ColumnBlock*>& out) const {
    std::vector<BlockPtr> blocks;
    ColumnBlock::build(rows, blocks);
    hand_over(blocks, out);
  }
  /// Blocks share what stays the same, so changing one in place would gain nothing.
  void apply(ColumnBlock* block, bool /*owned*/, std::span<const BlockChange> changes,
             std::vector<ColumnBlock*>& out) const {
    std::vector<BlockPtr> blocks;
    if (ColumnBlock::apply(block, changes, blocks))
      hand_over(blocks, out);
    else if (block != nullptr)
      out.push_back(block);
  }
  void free(ColumnBlock* block) const { delete block; }

  // Bytes.
  void encode(const ColumnBlock& block, std::string& out) const { block.encode(out); }
  Result<ColumnBlock*> decode(std::string_view bytes) const {
    PROTO_ASSIGN_OR_RETURN(BlockPtr block, ColumnBlock::decode(bytes));
    return block.release();
  }
  Status check(const ColumnBlock& block) const { return block.check(); }

 private:
  static void hand_over(std::vector<BlockPtr>& blocks, std::vector<ColumnBlock*>& out) {
    for (BlockPtr& block : blocks) out.push_back(block.release());
  }
};
static_assert(proto::avl::OrderedLeafPolicy<CollectionPolicy>);

using CollectionTree = proto::avl::Tree<CollectionPolicy>;

}  // namespace protobase
