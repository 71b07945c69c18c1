#include "db/column_chunk.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <new>

#include "db/document.h"
#include "runtime/base/check.h"

namespace protobase {
namespace {

constexpr uint8_t kValidFlag = 1, kNullsFlag = 2, kResidualFlag = 4;
constexpr size_t kHeaderBytes = 64;

std::atomic<int64_t> chunks_alive{0};

Status corrupt(const char* what) { return Status(StatusCode::kCorruption, std::string("column chunk: ") + what); }

size_t words_for(size_t rows) { return (rows + 63) / 64; }
size_t round_up(size_t size, size_t to) { return (size + to - 1) / to * to; }

/// Bytes of an element by kind; vectors have their own.
uint32_t fixed_bytes(Kind kind) {
  switch (kind) {
    case Kind::kBool: return 1;
    case Kind::kDate: return 4;
    case Kind::kInt:
    case Kind::kDouble:
    case Kind::kTimestamp:
    case Kind::kTimespan:
    case Kind::kRef: return 8;
    default: return 0;
  }
}

bool is_text_kind(Kind kind) { return kind == Kind::kString || kind == Kind::kBytes || kind == Kind::kObject; }

uint64_t low_bits(uint32_t count) { return count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1; }

/// Bits [first, first + count) with count <= 64.
uint64_t load_bits(const uint64_t* words, uint32_t first, uint32_t count) {
  const uint32_t shift = first % 64;
  uint64_t bits = words[first / 64] >> shift;
  if (shift + count > 64) bits |= words[first / 64 + 1] << (64 - shift);
  return bits & low_bits(count);
}

/// Sets bits from `first` on; `bits` has none beyond those wanted.
void or_bits(uint64_t* words, uint32_t first, uint64_t bits) {
  const uint32_t shift = first % 64;
  words[first / 64] |= bits << shift;
  if (shift != 0 && bits >> (64 - shift) != 0) words[first / 64 + 1] |= bits >> (64 - shift);
}

/// `from` null: ones if `ones`, else nothing.
void copy_bits(uint64_t* to, uint32_t to_first, const uint64_t* from, uint32_t from_first, uint32_t count, bool ones) {
  if (from == nullptr && !ones) return;
  for (uint32_t at = 0; at < count; at += 64) {
    const uint32_t part = std::min(count - at, 64U);
    or_bits(to, to_first + at, from ? load_bits(from, from_first + at, part) : low_bits(part));
  }
}

template <class Bits>
uint32_t count_bits(const Bits& words, size_t count) {
  uint32_t bits = 0;
  for (size_t i = 0; i < count; ++i) bits += static_cast<uint32_t>(std::popcount(words[i]));
  return bits;
}

/// The order of ValueView::compare: NaN is greatest.
template <class T>
bool less(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) return a < b || (std::isnan(b) && !std::isnan(a));
  return a < b;
}

}  // namespace

// ---- memory
// ------------------------------------------------------------------------------------------------------------

/// Vectors are aligned for SIMD loads; for all others plain memory is faster to get.
Chunk* Chunk::allocate(size_t size_bytes, Kind kind) {
  void* memory = kind == Kind::kVector ? ::operator new (round_up(size_bytes, 64), std::align_val_t{64})
                                       : ::operator new(size_bytes);
  chunks_alive.fetch_add(1, std::memory_order_relaxed);
  return new (memory) Chunk();
}

int64_t Chunk::alive() { return chunks_alive.load(std::memory_order_relaxed); }

Chunk* Chunk::retain() const {
  owners_.fetch_add(1, std::memory_order_relaxed);
  return const_cast<Chunk*>(this);
}

void Chunk::release() const {
  // Release pairs with the acquire of whoever ends the chunk: all reads are over before the memory goes.
  if (owners_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  chunks_alive.fetch_sub(1, std::memory_order_relaxed);
  if (kind_ == Kind::kVector)
    ::operator delete (const_cast<Chunk*>(this), std::align_val_t{64});
  else
    ::operator delete(const_cast<Chunk*>(this));
}

size_t Chunk::set_offsets(size_t text_bytes) {
  size_t at = kHeaderBytes;
  const auto place = [&](uint8_t flag) {
    if ((flags_ & flag) == 0) return uint32_t{0};
    const auto begin = static_cast<uint32_t>(at);
    at += words_for(rows_) * sizeof(uint64_t);
    return begin;
  };
  valid_at_ = place(kValidFlag);
  nulls_at_ = place(kNullsFlag);
  residual_at_ = place(kResidualFlag);
  if (kind_ == Kind::kVector) at = round_up(at, 64);
  data_at_ = static_cast<uint32_t>(at);
  at += is_text() ? (size_t{rows_} + 1) * sizeof(uint32_t) : size_t{rows_} * element_bytes_;
  second_at_ = is_text() || kind_ == Kind::kRef ? static_cast<uint32_t>(at) : 0;
  if (kind_ == Kind::kRef) at += size_t{rows_} * sizeof(uint32_t);
  return at + text_bytes;
}

// ---- reading
// -----------------------------------------------------------------------------------------------------------

ValueView Chunk::stored(uint32_t row) const {
  const char* from = data() + size_t{row} * element_bytes_;
  switch (kind_) {
    case Kind::kBool: return ValueView::of_bool(*from != 0);
    case Kind::kInt: return ValueView::of_int(proto::load<int64_t>(from));
    case Kind::kDouble: return ValueView::of_double(proto::load<double>(from));
    case Kind::kDate: return ValueView::of_date({proto::load<int32_t>(from)});
    case Kind::kTimestamp: return ValueView::of_timestamp({proto::load<int64_t>(from)});
    case Kind::kTimespan: return ValueView::of_timespan({proto::load<int64_t>(from)});
    case Kind::kString: return ValueView::of_string(text(row));
    case Kind::kBytes: return ValueView::of_bytes(text(row));
    case Kind::kVector: return ValueView::of_vector({from, element_bytes_});
    case Kind::kRef:
      return ValueView::of_ref({CollectionId(proto::load<uint32_t>(second_data() + row * sizeof(uint32_t))),
                                ObjectId(proto::load<uint64_t>(from))});
    default: return ValueView::of_encoded(Kind::kObject, text(row));
  }
}

ColumnView Chunk::view() const {
  ColumnView view;
  view.kind = kind_;
  view.rows = rows_;
  view.element_bytes = kind_ == Kind::kVector ? element_bytes_ : 0;
  view.data = data();
  view.bytes = is_text() ? second_data() : nullptr;
  view.collections = kind_ == Kind::kRef ? reinterpret_cast<const uint32_t*>(second_data()) : nullptr;
  view.valid = valid();
  view.residual = residual();
  view.value_count = value_count_;
  if (min_row_ != kNoRow) view.min = stored(min_row_);
  if (max_row_ != kNoRow) view.max = stored(max_row_);
  return view;
}

void Chunk::append_to(std::string& out) const {
  const size_t begin = out.size();
  out.append(reinterpret_cast<const char*>(this), size_bytes_);
  proto::store(out.data() + begin, uint32_t{0});
}

// ---- hostile bytes
// -----------------------------------------------------------------------------------------------------

Result<Chunk*> Chunk::from_bytes(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return corrupt("cut short");
  if (proto::load<uint32_t>(bytes.data()) != 0) return corrupt("count of owners");
  ChunkPtr chunk(allocate(bytes.size(), static_cast<Kind>(bytes[8])));
  auto* writable = const_cast<Chunk*>(chunk.get());
  std::memcpy(reinterpret_cast<char*>(writable) + sizeof(uint32_t), bytes.data() + sizeof(uint32_t),
              bytes.size() - sizeof(uint32_t));
  PROTO_RETURN_IF_ERROR(writable->check_header(bytes.size()));
  PROTO_RETURN_IF_ERROR(writable->check_bitmaps());
  PROTO_RETURN_IF_ERROR(writable->check_data());
  return chunk->retain();
}

Status Chunk::check_header(size_t size) const {
  const bool kind_ok = kind_ >= Kind::kBool && kind_ <= Kind::kObject && kind_ != Kind::kArray;
  if (!kind_ok || size != size_bytes_ || size > kMaxDocumentBytes) return corrupt("kind or size");
  if (rows_ == 0 || rows_ > kMaxBlockRows || flags_ > 7 || zero_ != 0) return corrupt("rows or flags");
  if (kind_ == Kind::kVector ? element_bytes_ % sizeof(float) != 0 || element_bytes_ > size
                             : element_bytes_ != fixed_bytes(kind_)) {
    return corrupt("size of an element");
  }
  Chunk expected;
  expected.kind_ = kind_, expected.rows_ = rows_, expected.flags_ = flags_, expected.element_bytes_ = element_bytes_;
  const size_t least = expected.set_offsets(0);
  const bool same = expected.valid_at_ == valid_at_ && expected.nulls_at_ == nulls_at_ &&
                    expected.residual_at_ == residual_at_ && expected.data_at_ == data_at_ &&
                    expected.second_at_ == second_at_;
  if (!same || (is_text() ? size < least : size != least)) return corrupt("offsets");
  for (uint32_t zero : zeros_) {
    if (zero != 0) return corrupt("unused header bytes");
  }
  return {};
}

Status Chunk::check_bitmaps() const {
  const uint64_t last = low_bits(rows_ % 64 == 0 ? 64 : rows_ % 64);
  uint32_t values = 0;
  for (size_t i = 0; i < words_for(rows_); ++i) {
    const uint64_t rows = i + 1 == words_for(rows_) ? last : ~uint64_t{0};
    const uint64_t valid = valid_at_ ? this->valid()[i] : rows;
    const uint64_t nulls = nulls_at_ ? this->nulls()[i] : 0;
    const uint64_t residual = residual_at_ ? this->residual()[i] : 0;
    if (((valid | nulls | residual) & ~rows) != 0) return corrupt("bits beyond the last row");
    if (((valid & nulls) | (valid & residual) | (nulls & residual)) != 0) return corrupt("bitmaps overlap");
    values += static_cast<uint32_t>(std::popcount(valid));
  }
  if (values != value_count_) return corrupt("count of values");
  const bool bounded = kind_ != Kind::kVector && kind_ != Kind::kObject && values > 0;
  for (uint16_t row : {min_row_, max_row_}) {
    if (bounded ? row >= rows_ || !has_value(row) : row != kNoRow) return corrupt("row of the least or greatest value");
  }
  return {};
}

Status Chunk::check_data() const {
  if (kind_ == Kind::kBool) {
    for (uint32_t row = 0; row < rows_; ++row) {
      if (static_cast<uint8_t>(data()[row]) > 1) return corrupt("a boolean");
    }
  }
  if (!is_text()) return {};
  const uint32_t* end = ends();
  if (end[0] != 0 || end[rows_] != size_bytes_ - second_at_) return corrupt("ends of texts");
  for (uint32_t row = 0; row < rows_; ++row) {
    if (end[row] > end[row + 1]) return corrupt("ends of texts");
  }
  if (kind_ != Kind::kObject) return {};
  std::string document(1, static_cast<char>(Kind::kObject));
  for (uint32_t row = 0; row < rows_; ++row) {
    if (!has_value(row)) continue;
    document.resize(1);
    document += text(row);
    PROTO_RETURN_IF_ERROR(validate(document));
  }
  return {};
}

Status Chunk::check() const {
  PROTO_RETURN_IF_ERROR(check_header(size_bytes_));
  PROTO_RETURN_IF_ERROR(check_bitmaps());
  PROTO_RETURN_IF_ERROR(check_data());
  if (min_row_ == kNoRow) return {};
  for (uint32_t row = 0; row < rows_; ++row) {
    if (!has_value(row)) continue;
    if (stored(row).compare(stored(min_row_)) < 0 || stored(row).compare(stored(max_row_)) > 0) {
      return corrupt("least or greatest value");
    }
  }
  return {};
}

// ---- writer
// ------------------------------------------------------------------------------------------------------------

void ChunkWriter::begin(Kind kind, uint32_t element_bytes) {
  kind_ = kind;
  element_bytes_ = kind == Kind::kVector ? element_bytes : fixed_bytes(kind);
  rows_ = 0;
  used_ = 0;
  valid_.fill(0), nulls_.fill(0), residual_.fill(0);
  min_row_ = max_row_ = Chunk::kNoRow;
  sources_.clear();
}

bool ChunkWriter::takes(const ValueView& value) const {
  return value.kind() == kind_ && (kind_ != Kind::kVector || value.buffer().size() == element_bytes_);
}

char* ChunkWriter::room(size_t bytes) {
  if (used_ + bytes > data_.size()) data_.resize(std::max(used_ + bytes, 2 * data_.size()));
  char* to = data_.data() + used_;
  used_ += bytes;
  return to;
}

template <class T>
bool ChunkWriter::is_less_as(uint32_t a, uint32_t b) const {
  return less(proto::load<T>(data_.data() + a * sizeof(T)), proto::load<T>(data_.data() + b * sizeof(T)));
}

bool ChunkWriter::is_less(uint32_t a, uint32_t b) const {
  switch (kind_) {
    case Kind::kBool: return is_less_as<uint8_t>(a, b);
    case Kind::kDate: return is_less_as<int32_t>(a, b);
    case Kind::kDouble: return is_less_as<double>(a, b);
    case Kind::kString:
    case Kind::kBytes: return text(a) < text(b);
    case Kind::kRef:
      return collections_[a] != collections_[b] ? collections_[a] < collections_[b] : is_less_as<uint64_t>(a, b);
    default: return is_less_as<int64_t>(a, b);
  }
}

void ChunkWriter::take_bound(uint32_t row) {
  const auto here = static_cast<uint16_t>(row);
  if (min_row_ == Chunk::kNoRow)
    min_row_ = max_row_ = here;
  else if (is_less(row, min_row_))
    min_row_ = here;
  else if (is_less(max_row_, row))
    max_row_ = here;
}

void ChunkWriter::note_source(const Chunk& from, uint32_t first, uint32_t count) {
  if (!has_bounds() || from.min_row() == Chunk::kNoRow) return;
  auto source =
      std::find_if(sources_.begin(), sources_.end(), [&](const Source& known) { return known.chunk == &from; });
  if (source == sources_.end()) source = sources_.insert(source, {&from, Chunk::kNoRow, Chunk::kNoRow});
  // Rows wrap far beyond `count` when they lie before `first`.
  if (from.min_row() - first < count) source->min_row = static_cast<uint16_t>(rows_ + from.min_row() - first);
  if (from.max_row() - first < count) source->max_row = static_cast<uint16_t>(rows_ + from.max_row() - first);
}

/// The least of a source's rows is its least value if that came along; else every row is looked at.
void ChunkWriter::set_bounds(Chunk* chunk) {
  if (!has_bounds()) return;
  const auto came_along = [](const Source& source) {
    return source.min_row != Chunk::kNoRow && source.max_row != Chunk::kNoRow;
  };
  if (std::all_of(sources_.begin(), sources_.end(), came_along)) {
    for (const Source& source : sources_) take_bound(source.min_row), take_bound(source.max_row);
  } else {
    min_row_ = max_row_ = Chunk::kNoRow;
    for (uint32_t row = 0; row < rows_; ++row) {
      if (chunk->has_value(row)) take_bound(row);
    }
  }
  chunk->min_row_ = min_row_;
  chunk->max_row_ = max_row_;
}

void ChunkWriter::add_value(const ValueView& value) {
  PROTO_DCHECK(takes(value) && rows_ < kMaxBlockRows);
  mark(valid_);
  switch (kind_) {
    case Kind::kBool: *room(1) = static_cast<char>(value.integer()); break;
    case Kind::kDate: proto::store(room(4), static_cast<int32_t>(value.integer())); break;
    case Kind::kDouble: proto::store(room(8), value.real()); break;
    case Kind::kRef: collections_[rows_] = value.ref().collection.value; [[fallthrough]];
    case Kind::kInt:
    case Kind::kTimestamp:
    case Kind::kTimespan: proto::store(room(8), value.integer()); break;
    default: {
      const std::string_view bytes = value.buffer();
      if (!bytes.empty()) std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
    }
  }
  if (is_text_kind(kind_)) ends_[rows_ + 1] = static_cast<uint32_t>(used_);
  if (has_bounds()) take_bound(rows_);
  ++rows_;
}

void ChunkWriter::add_nothing(uint32_t count) {
  PROTO_DCHECK(rows_ + count <= kMaxBlockRows);
  if (is_text_kind(kind_)) {
    std::fill_n(ends_.begin() + rows_ + 1, count, static_cast<uint32_t>(used_));
  } else if (element_bytes_ > 0) {
    std::memset(room(size_t{count} * element_bytes_), 0, size_t{count} * element_bytes_);
  }
  if (kind_ == Kind::kRef) std::fill_n(collections_.begin() + rows_, count, 0);
  rows_ += count;
}

void ChunkWriter::add_range(const Chunk& from, uint32_t first, uint32_t count) {
  PROTO_DCHECK(from.kind() == kind_ && from.element_bytes() == element_bytes_ && rows_ + count <= kMaxBlockRows);
  note_source(from, first, count);
  copy_bits(valid_.data(), rows_, from.valid(), first, count, true);
  copy_bits(nulls_.data(), rows_, from.nulls(), first, count, false);
  copy_bits(residual_.data(), rows_, from.residual(), first, count, false);
  if (is_text_kind(kind_)) return add_text_range(from, first, count);
  const size_t bytes = size_t{count} * element_bytes_;
  if (bytes > 0) std::memcpy(room(bytes), from.data() + size_t{first} * element_bytes_, bytes);
  if (kind_ == Kind::kRef)
    std::memcpy(&collections_[rows_], from.second_data() + first * sizeof(uint32_t), count * sizeof(uint32_t));
  rows_ += count;
}

void ChunkWriter::add_text_range(const Chunk& from, uint32_t first, uint32_t count) {
  const uint32_t* ends = from.ends();
  const uint32_t bytes = ends[first + count] - ends[first];
  const auto shift = static_cast<uint32_t>(used_) - ends[first];  // wraps as it should
  if (bytes > 0) std::memcpy(room(bytes), from.second_data() + ends[first], bytes);
  for (uint32_t i = 1; i <= count; ++i) ends_[rows_ + i] = ends[first + i] + shift;
  rows_ += count;
}

ChunkPtr ChunkWriter::finish() {
  uint64_t any = 0;
  for (size_t i = 0; i < words_for(rows_); ++i) any |= valid_[i] | nulls_[i] | residual_[i];
  if (any == 0) return ChunkPtr();
  Chunk* chunk = lay_out();
  copy_parts(chunk);
  set_bounds(chunk);
  return ChunkPtr(chunk);
}

Chunk* ChunkWriter::lay_out() const {
  const size_t words = words_for(rows_);
  Chunk header;
  header.kind_ = kind_;
  header.rows_ = static_cast<uint16_t>(rows_);
  header.element_bytes_ = element_bytes_;
  header.value_count_ = static_cast<uint16_t>(count_bits(valid_, words));
  if (header.value_count_ < rows_) header.flags_ |= kValidFlag;
  if (count_bits(nulls_, words) > 0) header.flags_ |= kNullsFlag;
  if (count_bits(residual_, words) > 0) header.flags_ |= kResidualFlag;
  const size_t size = header.set_offsets(is_text_kind(kind_) ? used_ : 0);
  PROTO_CHECK_MSG(size <= kMaxDocumentBytes, "a column of a block is larger than a gigabyte");
  Chunk* chunk = Chunk::allocate(size, kind_);
  std::memcpy(reinterpret_cast<char*>(chunk) + sizeof(uint32_t),
              reinterpret_cast<const char*>(&header) + sizeof(uint32_t), kHeaderBytes - sizeof(uint32_t));
  chunk->size_bytes_ = static_cast<uint32_t>(size);
  return chunk;
}

void ChunkWriter::copy_parts(Chunk* chunk) const {
  char* base = reinterpret_cast<char*>(chunk);
  const size_t bitmap_bytes = words_for(rows_) * sizeof(uint64_t);
  if (chunk->valid_at_) std::memcpy(base + chunk->valid_at_, valid_.data(), bitmap_bytes);
  if (chunk->nulls_at_) std::memcpy(base + chunk->nulls_at_, nulls_.data(), bitmap_bytes);
  if (chunk->residual_at_) std::memcpy(base + chunk->residual_at_, residual_.data(), bitmap_bytes);
  if (is_text_kind(kind_)) {
    proto::store(base + chunk->data_at_, uint32_t{0});
    std::memcpy(base + chunk->data_at_ + sizeof(uint32_t), &ends_[1], rows_ * sizeof(uint32_t));
    std::memcpy(base + chunk->second_at_, data_.data(), used_);
    return;
  }
  // A vector's data begins at a multiple of 64: no byte before it stays unwritten.
  const size_t bitmaps_end = kHeaderBytes + bitmap_bytes * static_cast<size_t>(std::popcount(chunk->flags_));
  std::memset(base + bitmaps_end, 0, chunk->data_at_ - bitmaps_end);
  std::memcpy(base + chunk->data_at_, data_.data(), used_);
  if (kind_ == Kind::kRef) std::memcpy(base + chunk->second_at_, collections_.data(), rows_ * sizeof(uint32_t));
}

}  // namespace protobase
