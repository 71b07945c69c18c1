// Columns of rows in flight. A ColumnVector is one column of a chunk: typed where all values are of one kind, else an array
// of ValueViews. Static types may be unknown, so kernels are chosen chunk by chunk from what is found here.
//
// Row r of a chunk is element r of each of its columns. Which rows count is said by `Rows`: all, or a selection. Elements
// of rows that do not count are undefined: never read, and never the cause of an error.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "db/value.h"
#include "query/executor/arena.h"
#include "runtime/base/check.h"

namespace protobase::query {

/// Rows of a chunk, at most.
inline constexpr uint32_t kChunkRows = 1024;

/// Rows of a chunk that count, ascending: all of 0 .. count - 1, or those a selection names.
struct Rows {
  const uint32_t* selection = nullptr;
  uint32_t count = 0;
  uint32_t operator[](uint32_t i) const { return selection != nullptr ? selection[i] : i; }
  bool all() const { return selection == nullptr; }
};

/// Calls `f(row)` for each row.
template <class F>
inline void for_each_row(Rows rows, F&& f) {
  if (rows.all()) {
    for (uint32_t row = 0; row < rows.count; ++row) f(row);
  } else {
    for (uint32_t i = 0; i < rows.count; ++i) f(rows.selection[i]);
  }
}

inline constexpr uint32_t bit_words(uint32_t rows) { return (rows + 63) / 64; }
inline bool test_bit(const uint64_t* bits, uint32_t row) { return (bits[row / 64] >> (row % 64) & 1) != 0; }
inline void clear_bit(uint64_t* bits, uint32_t row) { bits[row / 64] &= ~(uint64_t{1} << (row % 64)); }

/// How the elements of a column lie in memory.
enum class Form : uint8_t {
  kNull,     // every row is none; no data
  kBool,     // uint8_t, 0 or 1
  kInteger,  // int64_t: kInt, kDate, kTimestamp, kTimespan
  kDouble,   // double
  kViews,    // ValueView; none is in the element, `valid` is not used
};

/// A column. Borrows all it points to; trivially copyable.
struct ColumnVector {
  Form form = Form::kNull;
  /// Of all values that are not none. kViews: kNone when they may differ.
  Kind kind = Kind::kNone;
  /// One element stands for every row.
  bool constant = false;
  const void* data = nullptr;
  /// Bit r: row r has a value; null: every row has. Of a constant, bit 0 (a none constant is Form::kNull).
  const uint64_t* valid = nullptr;

  static ColumnVector null() { return ColumnVector(); }
  static ColumnVector integers(Kind kind, const int64_t* data, const uint64_t* valid) {
    return {Form::kInteger, kind, false, data, valid};
  }
  static ColumnVector doubles(const double* data, const uint64_t* valid) {
    return {Form::kDouble, Kind::kDouble, false, data, valid};
  }
  static ColumnVector bools(const uint8_t* data, const uint64_t* valid) {
    return {Form::kBool, Kind::kBool, false, data, valid};
  }
  static ColumnVector views(const ValueView* data, Kind kind = Kind::kNone) {
    return {Form::kViews, kind, false, data, nullptr};
  }
  /// `value` for every row; its bytes are borrowed.
  static ColumnVector repeat(const ValueView& value, Arena& arena);

  template <class T>
  const T* as() const {
    return static_cast<const T*>(data);
  }
  uint32_t element(uint32_t row) const { return constant ? 0 : row; }
  bool is_null(uint32_t row) const;
  /// The value in a row.
  ValueView at(uint32_t row) const;
  bool never_null() const { return form != Form::kNull && form != Form::kViews && valid == nullptr; }
};

/// The form in which a column of values of `kind` is kept.
Form form_of(Kind kind);

/// A typed column of `views` when their kinds agree in `rows`, else the views themselves. O(rows).
ColumnVector typed(const ValueView* views, Rows rows, uint32_t size, Arena& arena);

/// `column` as ValueViews of all `rows`, at their places.
const ValueView* as_views(const ColumnVector& column, Rows rows, uint32_t size, Arena& arena);

/// The rows of `rows` where a boolean column is true, written to `out` (room for rows.count). Gives their number.
uint32_t select_true(const ColumnVector& column, Rows rows, uint32_t* out);

/// Bits for `size` rows, all set.
uint64_t* all_valid(uint32_t size, Arena& arena);

/// Rows on their way from operator to operator. What the columns point to is valid until the operator that gave the chunk is
/// asked for the next one.
struct Chunk {
  std::vector<ColumnVector> columns;
  uint32_t size = 0;  // elements of each column that is not constant
  Rows rows;          // those that count

  void set_all(uint32_t count) {
    size = count;
    rows = {nullptr, count};
  }
};

}  // namespace protobase::query
