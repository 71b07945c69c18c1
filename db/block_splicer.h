// Puts blocks of one layout together from ranges of rows of other blocks and from new objects that fit the layout.
// Every column is copied as whole ranges; no object is rebuilt.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "db/column_block.h"
#include "db/residual_writer.h"

namespace protobase {

/// What one row has in one column.
struct SpliceCell {
  enum class State : uint8_t { kAbsent, kValue, kNull, kResidual };
  State state = State::kAbsent;
  ValueView value;
};

/// A changed cell of a block.
struct CellEdit {
  uint32_t column = 0;
  uint32_t row = 0;
  SpliceCell cell;
};

/// A new object, taken apart along a layout. Refers to the object's bytes.
struct SpliceRow {
  ObjectId id;
  std::vector<SpliceCell> cells;  // by column
  std::string residual;           // payload of the residual document; empty: none
};

/// Rows [first, first + count) of a block, or one new row.
struct SplicePiece {
  const ColumnBlock* block = nullptr;
  uint32_t first = 0;
  uint32_t count = 0;
  const SpliceRow* row = nullptr;
};

/// One thread.
class BlockSplicer {
 public:
  explicit BlockSplicer(LayoutPtr layout) : layout_(std::move(layout)) {}

  /// Vectors of the layout have the dimensions that they have in `block`, whose layout is that of this object.
  void take_dimensions(const ColumnBlock& block);
  /// Whether the vectors of `block` have the dimensions taken so far.
  bool has_dimensions(const ColumnBlock& block) const;
  /// Takes an object apart. False when the layout does not fit it: some scalar would have no column (the block should
  /// then be built anew).
  bool take_apart(ObjectId id, const ValueView& object, SpliceRow& row);
  /// The block of these pieces: at least one row, at most kMaxBlockRows, ascending ids. Blocks have the layout of this
  /// object.
  BlockPtr splice(const std::vector<SplicePiece>& pieces);
  /// A column of these pieces. Of new rows only the cells of this column matter.
  ChunkPtr splice_column(uint32_t column, const std::vector<SplicePiece>& pieces);

 private:
  bool take_object(std::string_view payload, uint32_t node, SpliceRow& row);
  bool take_attribute(uint32_t child, const ValueView& value, SpliceRow& row);
  void keep_in_residual(const ValueView& value) { residual_writer_.add(path_, value); }
  ChunkPtr splice_residual(const std::vector<SplicePiece>& pieces);
  ChunkPtr splice_ids(const std::vector<SplicePiece>& pieces);

  LayoutPtr layout_;
  std::vector<uint32_t> element_bytes_;  // of vector columns; kUnknown: no vector yet. Empty: none known
  std::vector<ResidualWriter::Step> path_;
  ResidualWriter residual_writer_;
  ChunkWriter writer_;

  static constexpr uint32_t kUnknown = ~uint32_t{0};
  uint32_t& dimension(uint32_t column);
};

}  // namespace protobase
