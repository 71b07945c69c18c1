// A column block: the leaf of a collection. Up to kMaxBlockRows objects in order of id, split into typed columns.
//
// Each attribute path with scalars of one kind in enough rows (`address.city` too) is a column (db/column_chunk.h). The
// rest (rare paths, values of another kind than their column, arrays, empty objects, names with the byte 0) stays in
// the residual document of the row, an encoded object of the same nesting. Columns and residual documents never hold
// the same attribute of the same row. An explicit null is kept apart from an absent attribute.
//
// A rebuilt object has its attributes in the order in which the block (the layout) first met them, at each level; those
// the layout does not know follow in the order they came in. Values, kinds and nulls are exact.
//
// A block is immutable. Changes make new blocks that share every chunk that stays the same. Reading is const,
// lock-free, allocates nothing (but materialize) and may be done by any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/block_layout.h"
#include "db/column_chunk.h"
#include "db/value.h"
#include "runtime/avl/node.h"

namespace protobase {

class ColumnBlock;
struct CellEdit;
using BlockPtr = std::unique_ptr<ColumnBlock>;

/// An object for a block: its id and its attributes (kObject).
struct BlockRow {
  ObjectId id;
  ValueView object;
};

/// One change of a sorted batch.
struct BlockChange {
  enum class Kind : uint8_t {
    kInsert,  // the object, unless the id is there
    kPut,     // the object, in place of what is there
    kPatch,   // some attributes, if the id is there
    kErase,   // nothing if the id is not there
  };
  ObjectId id;
  Kind kind = Kind::kPut;
  /// kInsert, kPut: the object. kPatch: an object whose names are path texts ("price", "size.w") and whose values are
  /// set there, one after the other, as set_path does; a path that does not fit the object (a step into a scalar) is
  /// passed over, so whoever wants an error checks the object first.
  ValueView object;
  /// kPatch: none, or an array of path texts whose values are removed, after the sets.
  ValueView removed;
};

/// The leaf. The count of rows is Node::count.
class ColumnBlock : public proto::avl::Node {
 public:
  static constexpr uint32_t kNoRow = 0xFFFF'FFFF;
  /// A block is cut when it has more rows or bytes than this, into blocks of about the target.
  static constexpr uint32_t kMaxRows = kMaxBlockRows;
  static constexpr uint32_t kTargetRows = 256;
  static constexpr uint32_t kMaxBytes = 128 << 10;
  static constexpr uint32_t kTargetBytes = 64 << 10;

  ~ColumnBlock() = default;
  ColumnBlock(const ColumnBlock&) = delete;
  ColumnBlock& operator=(const ColumnBlock&) = delete;

  // ---- reading -----------------------------------------------------------------------------------------------------
  uint32_t rows() const { return static_cast<uint32_t>(count); }
  /// Ids in ascending order.
  std::span<const uint64_t> ids() const { return {reinterpret_cast<const uint64_t*>(ids_->data()), rows()}; }
  ObjectId id(uint32_t row) const { return ObjectId(ids()[row]); }
  /// Row of an id, or kNoRow. O(log rows), O(1) when ids are dense.
  uint32_t find(ObjectId id) const;
  /// First row whose id is not below `id`; rows() if there is none.
  uint32_t lower_bound(ObjectId id) const;

  const LayoutPtr& layout() const { return layout_; }
  /// The column at a path, resolved by this block's layout. A path without a column gives kind kNone, with `residual`
  /// null when no row of the block can have a value there and all ones otherwise.
  ColumnView column(const ColumnSlot& slot) const;
  ColumnView column(std::string_view path) const { return column(layout_->find(path)); }
  /// The value at a path (ColumnPath), resolved to `slot` by this block's layout: a scalar, or an array or object that
  /// stands in the residual document as a whole. None for an object that is spread over columns: see below.
  ValueView value(uint32_t row, const ColumnSlot& slot, std::string_view path) const;
  ValueView value(uint32_t row, std::string_view path) const { return value(row, layout_->find(path), path); }
  /// The same, and objects that are spread over columns too, rebuilt in `scratch`, which must outlive the view.
  ValueView value(uint32_t row, const ColumnSlot& slot, std::string_view path, std::string& scratch) const;
  /// Appends the whole object, encoded with its kind byte.
  void materialize(uint32_t row, std::string& out) const;
  /// Bytes of memory that this block's chunks take (shared ones too).
  size_t size_bytes() const;
  /// The chunk of a column; null when no row has anything in it. The residual documents' chunk, null when there are
  /// none.
  const Chunk* chunk(uint32_t column) const { return chunks_[column].get(); }
  const Chunk* residual() const { return residual_.get(); }
  /// Whether both blocks have every chunk in common (then their rows are the same). O(columns).
  bool shares_chunks(const ColumnBlock& other) const {
    return layout_ == other.layout_ && ids_ == other.ids_ && residual_ == other.residual_ && chunks_ == other.chunks_;
  }
  /// The residual document of a row: kObject or none.
  ValueView residual(uint32_t row) const;

  // ---- changing ----------------------------------------------------------------------------------------------------
  /// Appends to `out` the blocks of `rows`, in strictly ascending order of id. `like` may name a layout that the new
  /// blocks take up as far as it fits (that of a neighbour). O(bytes).
  static void build(std::span<const BlockRow> rows, std::vector<BlockPtr>& out, const LayoutPtr& like = nullptr);
  /// Appends to `out` the blocks that result from `changes` (strictly ascending ids, at least one) on `block` (null:
  /// empty). Nothing when no row is left. False and nothing appended when nothing changes.
  static bool apply(const ColumnBlock* block, std::span<const BlockChange> changes, std::vector<BlockPtr>& out);
  /// Rows [first, last), not empty.
  BlockPtr slice(uint32_t first, uint32_t last) const;
  /// Appends to `out` the rows of `a`, then those of `b`, all of whose ids are greater: in one block if they fit, else
  /// in two of about equal size.
  static void concat(const ColumnBlock& a, const ColumnBlock& b, std::vector<BlockPtr>& out);

  // ---- bytes -------------------------------------------------------------------------------------------------------
  /// Appends the block as it stands on disk.
  void encode(std::string& out) const;
  /// The reverse; the bytes may be hostile. Error: kCorruption. O(bytes).
  static Result<BlockPtr> decode(std::string_view bytes);
  /// Every invariant of the block and its chunks. Error: kCorruption.
  Status check() const;

 private:
  friend class BlockBuilder;
  friend class BlockSplicer;
  ColumnBlock(LayoutPtr layout, ChunkPtr ids, std::vector<ChunkPtr> chunks, ChunkPtr residual);
  /// This block with some cells of columns changed (the last edit of a cell counts); sorts `edits`.
  BlockPtr with_cells(std::span<CellEdit> edits) const;
  Status check_ids() const;
  Status check_row_shapes() const;

  LayoutPtr layout_;
  ChunkPtr ids_;       // kInt, every row
  ChunkPtr residual_;  // kObject
  std::vector<ChunkPtr> chunks_;
};

/// One object of a block, as cursors show it. Valid as long as the block.
struct BlockEntry {
  const ColumnBlock* block = nullptr;
  uint32_t row = 0;
  ObjectId id() const { return block->id(row); }
};

}  // namespace protobase
