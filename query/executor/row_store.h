// Rows that an operator keeps beyond the chunk they came in: copies, column by column.
#pragma once

#include <vector>

#include "query/executor/vector.h"

namespace protobase::query {

/// One thread. Values read from it are valid until `clear`.
class RowStore {
 public:
  static constexpr uint32_t kNoRow = 0xFFFF'FFFF;

  explicit RowStore(size_t columns = 0) : columns_(columns) {}
  size_t columns() const { return columns_.size(); }
  uint32_t rows() const { return rows_; }
  size_t size_bytes() const { return arena_.size_bytes() + columns_.size() * rows_ * sizeof(ValueView); }

  /// Copies the rows of a chunk that count.
  void append(const Chunk& chunk) { append(chunk.columns, chunk.rows); }
  void append(std::span<const ColumnVector> columns, Rows rows);
  /// Copies one row.
  void append_row(std::span<const ValueView> values);
  const ValueView& at(size_t column, uint32_t row) const { return columns_[column][row]; }
  /// Column `column` of the rows named (kNoRow: none), as a column of `count` elements in `arena`.
  ColumnVector gather(size_t column, const uint32_t* rows, uint32_t count, Arena& arena) const;
  /// Rows [first, first + count) as a chunk, columns in `arena`.
  void chunk(uint32_t first, uint32_t count, Arena& arena, Chunk& out) const;
  void clear();

 private:
  std::vector<std::vector<ValueView>> columns_;
  uint32_t rows_ = 0;
  Arena arena_;
};

/// Elements rows[0 .. count) of a column (kNoRow: none) as a column of `count` elements.
ColumnVector gather_column(const ColumnVector& column, const uint32_t* rows, uint32_t count, Arena& arena);

}  // namespace protobase::query
