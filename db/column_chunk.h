// One column of a block: the values of one attribute path, of one kind, for every row of the block.
//
// A chunk is one run of bytes without pointers, the same in memory as on disk but for the count of owners in the first
// four bytes (0 on disk). It is immutable once made and shared between versions of a block. Offsets are from its start:
//
//    0 u32 owners            4 u32 size of the chunk in bytes
//    8 u8  kind              9 u8  bit 0: valid bitmap, bit 1: nulls bitmap, bit 2: residual bitmap
//   10 u16 rows             12 u16 rows with a value here
//   14 u16 row of the least value, 16 u16 of the greatest (0xFFFF: none, or a vector), by ValueView::compare
//   18 u16 0
//   20 u32 bytes of one element: 8, 4 (date), 1 (bool), 4 n (vector of n); 0 for strings, bytes and documents
//   24 u32 valid bitmap, 28 u32 nulls bitmap, 32 u32 residual bitmap (offsets; 0 when absent)
//   36 u32 data, 40 u32 second data (bytes of strings, collections of references)
//   44 .. 63 0
//   64 bitmaps, one bit a row, in 8-byte words; data at a multiple of 8 (vectors: of 64)
//
// Data: elements by row (zero where there is no value); strings, bytes and documents: rows + 1 u32 ends (the first 0)
// and the bytes; references: u64 objects, and u32 collections as second data. A row has a value here (valid), or an
// explicit null (nulls), or a value of another shape in the residual documents (residual), or, in no bitmap, nothing at
// all. The three never overlap. Bits and bytes beyond the last row are zero.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "db/value.h"

namespace protobase {

/// Rows of a block, at most.
inline constexpr uint32_t kMaxBlockRows = 512;

/// A column of a block as plain arrays, for loops over many rows. Borrows; trivially copyable.
struct ColumnView {
  /// Kind of the values here; kNone when the block keeps no column at this path (everything is in `residual` or
  /// absent).
  Kind kind = Kind::kNone;
  uint32_t rows = 0;
  uint32_t element_bytes = 0;  // of a vector: 4 n
  /// int64_t for kInt, kTimestamp, kTimespan; double; int32_t for kDate; uint8_t for kBool; uint64_t objects for kRef;
  /// float for kVector, n a row, 64-byte aligned; uint32_t ends, rows + 1, for kString and kBytes.
  const void* data = nullptr;
  const char* bytes = nullptr;            // kString, kBytes: row r is bytes[ends[r] .. ends[r + 1])
  const uint32_t* collections = nullptr;  // kRef
  const uint64_t* valid = nullptr;        // bit r: row r has a value here; null: every row has
  const uint64_t* residual = nullptr;  // bit r: row r has a value of another shape: ask ColumnBlock::value; null: none
  uint32_t value_count = 0;            // rows with a value here
  ValueView min, max;                  // of the values here; none when there are none, and for vectors

  template <class T>
  const T* as() const {
    return static_cast<const T*>(data);
  }
  bool is_valid(uint32_t row) const {
    return valid == nullptr ? kind != Kind::kNone : (valid[row / 64] >> (row % 64) & 1) != 0;
  }
  bool in_residual(uint32_t row) const { return residual != nullptr && (residual[row / 64] >> (row % 64) & 1) != 0; }
};

/// The bytes above. Made by ChunkWriter or from_bytes, ended by release. At a multiple of 64 when it holds vectors,
/// else of 8.
class Chunk {
 public:
  static constexpr uint16_t kNoRow = 0xFFFF;

  Kind kind() const { return kind_; }
  uint32_t rows() const { return rows_; }
  uint32_t value_count() const { return value_count_; }
  uint32_t size_bytes() const { return size_bytes_; }
  uint32_t element_bytes() const { return element_bytes_; }
  uint32_t min_row() const { return min_row_; }
  uint32_t max_row() const { return max_row_; }
  bool has_value(uint32_t row) const { return valid_at_ == 0 || bit(valid_at_, row); }
  bool is_null(uint32_t row) const { return nulls_at_ != 0 && bit(nulls_at_, row); }
  bool in_residual(uint32_t row) const { return residual_at_ != 0 && bit(residual_at_, row); }
  bool has_residual() const { return residual_at_ != 0; }
  /// Something is known of the attribute in this row: a value, a null, or something in the residual document.
  bool is_present(uint32_t row) const { return has_value(row) || is_null(row) || in_residual(row); }

  /// The value of `row`, none when it has none here. O(1).
  ValueView value(uint32_t row) const { return has_value(row) ? stored(row) : ValueView(); }
  ColumnView view() const;
  const char* data() const { return at(data_at_); }
  const char* second_data() const { return at(second_at_); }
  /// Bytes from row `first` on, of strings, bytes and documents.
  const uint32_t* ends() const { return reinterpret_cast<const uint32_t*>(data()); }
  std::string_view text(uint32_t row) const { return {second_data() + ends()[row], ends()[row + 1] - ends()[row]}; }
  const uint64_t* words(uint32_t offset) const {
    return offset ? reinterpret_cast<const uint64_t*>(at(offset)) : nullptr;
  }
  const uint64_t* valid() const { return words(valid_at_); }
  const uint64_t* nulls() const { return words(nulls_at_); }
  const uint64_t* residual() const { return words(residual_at_); }

  /// Shares and ends. Any thread.
  Chunk* retain() const;
  void release() const;

  /// Appends the chunk as it stands on disk.
  void append_to(std::string& out) const;
  /// A chunk from bytes that may be hostile: kCorruption unless every offset, bitmap and end is right. O(rows), and the
  /// whole of the bytes for documents.
  static Result<Chunk*> from_bytes(std::string_view bytes);
  /// All invariants, the least and the greatest value too. Error: kCorruption.
  Status check() const;
  /// Chunks alive in this process, for tests.
  static int64_t alive();

 private:
  friend class ChunkWriter;
  Chunk() = default;
  static Chunk* allocate(size_t size_bytes, Kind kind);
  /// Computes every offset from kind, rows, element size, flags and the bytes of texts; gives the size.
  size_t set_offsets(size_t text_bytes);
  bool is_text() const { return kind_ == Kind::kString || kind_ == Kind::kBytes || kind_ == Kind::kObject; }
  const char* at(uint32_t offset) const { return reinterpret_cast<const char*>(this) + offset; }
  bool bit(uint32_t offset, uint32_t row) const { return (words(offset)[row / 64] >> (row % 64) & 1) != 0; }
  ValueView stored(uint32_t row) const;
  Status check_header(size_t size) const;
  Status check_bitmaps() const;
  Status check_data() const;

  mutable std::atomic<uint32_t> owners_{1};
  uint32_t size_bytes_ = 0;
  Kind kind_ = Kind::kNone;
  uint8_t flags_ = 0;
  uint16_t rows_ = 0;
  uint16_t value_count_ = 0;
  uint16_t min_row_ = kNoRow;
  uint16_t max_row_ = kNoRow;
  uint16_t zero_ = 0;
  uint32_t element_bytes_ = 0;
  uint32_t valid_at_ = 0;
  uint32_t nulls_at_ = 0;
  uint32_t residual_at_ = 0;
  uint32_t data_at_ = 0;
  uint32_t second_at_ = 0;
  uint32_t zeros_[5] = {};
};
static_assert(sizeof(Chunk) == 64);

/// A share of a chunk (or none).
class ChunkPtr {
 public:
  ChunkPtr() = default;
  /// Takes over the share that `chunk` comes with.
  explicit ChunkPtr(const Chunk* chunk) : chunk_(chunk) {}
  ChunkPtr(const ChunkPtr& other) : chunk_(other.chunk_) {
    if (chunk_) chunk_->retain();
  }
  ChunkPtr(ChunkPtr&& other) noexcept : chunk_(std::exchange(other.chunk_, nullptr)) {}
  ChunkPtr& operator=(ChunkPtr other) noexcept {
    std::swap(chunk_, other.chunk_);
    return *this;
  }
  ~ChunkPtr() {
    if (chunk_) chunk_->release();
  }
  const Chunk* get() const { return chunk_; }
  const Chunk* operator->() const { return chunk_; }
  const Chunk& operator*() const { return *chunk_; }
  explicit operator bool() const { return chunk_ != nullptr; }
  bool operator==(const ChunkPtr& other) const { return chunk_ == other.chunk_; }

 private:
  const Chunk* chunk_ = nullptr;
};

/// Puts a chunk together row by row, or from ranges of other chunks. One thread; reusable without allocating.
class ChunkWriter {
 public:
  /// Begins a chunk of `kind` (kObject: encoded objects, as residual documents). `element_bytes` matters for vectors
  /// only.
  void begin(Kind kind, uint32_t element_bytes);
  /// Whether a value may stand in the chunk: its kind, and for vectors its dimension.
  bool takes(const ValueView& value) const;

  void add_value(const ValueView& value);
  void add_null() { mark(nulls_), add_nothing(); }
  void add_residual() { mark(residual_), add_nothing(); }
  void add_absent(uint32_t count = 1) { add_nothing(count); }
  /// Rows [first, first + count) of `from`, which has the kind and element size of this chunk.
  void add_range(const Chunk& from, uint32_t first, uint32_t count);
  uint32_t rows() const { return rows_; }
  /// The chunk; none when no row has a value, a null or something in the residual (nothing to keep).
  ChunkPtr finish();

 private:
  using Bits = std::array<uint64_t, kMaxBlockRows / 64>;
  void mark(Bits& bits) { bits[rows_ / 64] |= uint64_t{1} << (rows_ % 64); }
  void add_nothing(uint32_t count = 1);
  void add_text_range(const Chunk& from, uint32_t first, uint32_t count);
  /// A chunk that ranges were taken from: the new rows of its least and greatest value, when they were among them.
  struct Source {
    const Chunk* chunk;
    uint16_t min_row, max_row;
  };
  void note_source(const Chunk& from, uint32_t first, uint32_t count);
  void take_bound(uint32_t row);
  bool is_less(uint32_t a, uint32_t b) const;
  template <class T>
  bool is_less_as(uint32_t a, uint32_t b) const;
  bool has_bounds() const { return kind_ != Kind::kVector && kind_ != Kind::kObject; }
  void set_bounds(Chunk* chunk);
  char* room(size_t bytes);
  std::string_view text(uint32_t row) const {
    return std::string_view(data_).substr(ends_[row], ends_[row + 1] - ends_[row]);
  }
  Chunk* lay_out() const;
  void copy_parts(Chunk* chunk) const;

  Kind kind_ = Kind::kNone;
  uint32_t element_bytes_ = 0;
  uint32_t rows_ = 0;
  Bits valid_{}, nulls_{}, residual_{};
  std::array<uint32_t, kMaxBlockRows + 1> ends_{};     // texts
  std::array<uint32_t, kMaxBlockRows> collections_{};  // references
  std::string data_;                                   // grows only; used_ bytes count
  size_t used_ = 0;
  uint16_t min_row_ = Chunk::kNoRow, max_row_ = Chunk::kNoRow;  // of the rows added one by one
  std::vector<Source> sources_;
};

}  // namespace protobase
