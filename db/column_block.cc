// Reading column blocks, and their bytes on disk. Changing them: block_changes.cc.
#include "db/column_block.h"

#include <algorithm>
#include <array>

#include "db/document.h"
#include "runtime/base/check.h"
#include "runtime/base/coding.h"

namespace protobase {
namespace {

using Place = ColumnSlot::Place;

constexpr uint8_t kFormatVersion = 1;
constexpr uint8_t kDenseIds = 1;

Status corrupt(const char* what) { return Status(StatusCode::kCorruption, std::string("column block: ") + what); }

/// What a column without a chunk shows: no row has a value, and reading its arrays gives zeros.
struct NoValues {
  alignas(64) std::array<uint64_t, kMaxBlockRows + 1> zeros{};
  std::array<uint64_t, kMaxBlockRows / 64> ones;
  constexpr NoValues() : ones() { ones.fill(~uint64_t{0}); }
};
constexpr NoValues kNoValues;

/// Takes the first step off a ColumnPath.
std::string_view next_step(std::string_view& path, bool& last) {
  const size_t end = path.find('\0');
  last = end == std::string_view::npos;
  const std::string_view step = path.substr(0, end);
  path.remove_prefix(last ? path.size() : end + 1);
  return step;
}

/// The encoded value at a path inside a residual document (kObject or none); empty when there is nothing. Gives also
/// what stands there as an explicit null.
std::string_view find_in(const ValueView& document, std::string_view path) {
  ValueView at = document;
  for (bool last = false; at.kind() == Kind::kObject;) {
    const ObjectReader object(at.buffer());
    const size_t found = object.find(next_step(path, last));
    if (found == ObjectReader::kNotFound) break;
    if (last) return object.encoded(found);
    at = object.value(found);
  }
  return {};
}

/// Rebuilds objects from columns and residual documents.
class Materializer {
 public:
  Materializer(const ColumnBlock& block, uint32_t row, DocumentWriter& writer)
      : block_(block), layout_(*block.layout()), row_(row), writer_(writer) {}

  /// Writes the attributes of a node as an object; `rest` is what the residual document has there (kObject or none).
  void write_object(uint32_t node, const ValueView& rest) {
    const ObjectReader residual(rest.kind() == Kind::kObject ? rest.buffer() : std::string_view());
    writer_.begin_object();
    for (uint32_t child : layout_.nodes()[node].children) write_child(child, residual);
    for (size_t i = 0; i < residual.size(); ++i) {
      if (layout_.child(node, residual.name(i)) != 0) continue;
      writer_.key(residual.name(i));
      writer_.encoded(residual.encoded(i));
    }
    writer_.end();
  }

  /// Whether a column below the node has something in this row.
  bool has_columns(uint32_t node) const {
    for (uint32_t child : layout_.nodes()[node].children) {
      const BlockLayout::Node& below = layout_.nodes()[child];
      if (below.place == Place::kObject ? has_columns(child) : below.place == Place::kColumn && in_column(below.column))
        return true;
    }
    return false;
  }

 private:
  bool in_column(uint32_t column) const {
    const Chunk* chunk = block_.chunk(column);
    return chunk != nullptr && (chunk->has_value(row_) || chunk->is_null(row_));
  }
  void write_child(uint32_t child, const ObjectReader& residual) {
    const BlockLayout::Node& node = layout_.nodes()[child];
    if (node.place == Place::kColumn && in_column(node.column)) {
      writer_.key(node.name);
      writer_.value(block_.chunk(node.column)->value(row_));
      return;
    }
    const size_t found = residual.size() == 0 ? ObjectReader::kNotFound : residual.find(node.name);
    if (node.place == Place::kObject && has_columns(child)) {
      writer_.key(node.name);
      write_object(child, found == ObjectReader::kNotFound ? ValueView() : residual.value(found));
    } else if (found != ObjectReader::kNotFound) {
      writer_.key(node.name);
      writer_.encoded(residual.encoded(found));
    }
  }

  const ColumnBlock& block_;
  const BlockLayout& layout_;
  uint32_t row_;
  DocumentWriter& writer_;
};

}  // namespace

ColumnBlock::ColumnBlock(LayoutPtr layout, ChunkPtr ids, std::vector<ChunkPtr> chunks, ChunkPtr residual)
    : layout_(std::move(layout)), ids_(std::move(ids)), residual_(std::move(residual)), chunks_(std::move(chunks)) {
  count = ids_->rows();
}

// ---- reading
// -----------------------------------------------------------------------------------------------------------

uint32_t ColumnBlock::lower_bound(ObjectId id) const {
  const std::span<const uint64_t> all = ids();
  const uint64_t first = all.front();
  if (id.value <= first) return 0;
  // Ids without gaps stand where the first one says.
  const uint64_t offset = id.value - first;
  if (offset < all.size() && all[offset] == id.value) return static_cast<uint32_t>(offset);
  const uint64_t* base = all.data();
  for (size_t left = all.size(); left > 1;) {
    const size_t half = left / 2;
    base += base[half - 1] < id.value ? half : 0;
    left -= half;
  }
  return static_cast<uint32_t>(base - all.data()) + (*base < id.value ? 1 : 0);
}

uint32_t ColumnBlock::find(ObjectId id) const {
  const uint32_t row = lower_bound(id);
  return row < rows() && ids()[row] == id.value ? row : kNoRow;
}

ColumnView ColumnBlock::column(const ColumnSlot& slot) const {
  if (slot.place == Place::kColumn && chunks_[slot.column]) return chunks_[slot.column]->view();
  ColumnView view;
  view.rows = rows();
  view.valid = kNoValues.zeros.data();
  if (slot.place == Place::kColumn) {
    view.kind = layout_->columns()[slot.column].kind;
    view.data = kNoValues.zeros.data();
    view.bytes = reinterpret_cast<const char*>(kNoValues.zeros.data());
    view.collections = reinterpret_cast<const uint32_t*>(kNoValues.zeros.data());
  } else if (slot.place == Place::kObject || residual_) {
    view.residual = kNoValues.ones.data();
  }
  return view;
}

ValueView ColumnBlock::residual(uint32_t row) const { return residual_ ? residual_->value(row) : ValueView(); }

ValueView ColumnBlock::value(uint32_t row, const ColumnSlot& slot, std::string_view path) const {
  if (slot.place == Place::kColumn) {
    const Chunk* chunk = chunks_[slot.column].get();
    if (chunk == nullptr) return {};
    if (chunk->has_value(row)) return chunk->value(row);
    if (!chunk->in_residual(row)) return {};
  }
  if (!residual_ || !residual_->has_value(row)) return {};
  if (slot.place == Place::kObject) {
    DocumentWriter unused;
    if (Materializer(*this, row, unused).has_columns(slot.node)) return {};
  }
  return decode_trusted(find_in(residual_->value(row), path));
}

ValueView ColumnBlock::value(uint32_t row, const ColumnSlot& slot, std::string_view path, std::string& scratch) const {
  if (slot.place != Place::kObject) return value(row, slot, path);
  DocumentWriter writer;
  Materializer materializer(*this, row, writer);
  if (!materializer.has_columns(slot.node)) return value(row, slot, path);
  materializer.write_object(slot.node, decode_trusted(find_in(residual(row), path)));
  scratch = writer.bytes();
  return decode_trusted(scratch);
}

void ColumnBlock::materialize(uint32_t row, std::string& out) const {
  PROTO_DCHECK(row < rows());
  thread_local DocumentWriter writer;  // keeps its memory from row to row
  writer.clear();
  Materializer(*this, row, writer).write_object(BlockLayout::kRoot, residual(row));
  out += writer.bytes();
}

size_t ColumnBlock::size_bytes() const {
  size_t bytes = ids_->size_bytes() + (residual_ ? residual_->size_bytes() : 0);
  for (const ChunkPtr& chunk : chunks_) bytes += chunk ? chunk->size_bytes() : 0;
  return bytes;
}

// ---- bytes
// -------------------------------------------------------------------------------------------------------------
//
//   u8 version 1; u8 flags, bit 0: ids are dense; u16 rows; layout (db/block_layout.cc); ids: varint of the first when
//   dense, else rows u64; then the residual documents' chunk and each column's chunk: varint length (0: none) and its
//   bytes.

namespace {

void encode_chunk(const Chunk* chunk, std::string& out) {
  proto::put_varint(out, chunk ? chunk->size_bytes() : 0);
  if (chunk) chunk->append_to(out);
}

Result<ChunkPtr> decode_chunk(proto::ByteReader& reader, Kind kind, uint32_t rows) {
  const std::string_view bytes = reader.string();
  if (!reader.ok()) return corrupt("a chunk is cut short");
  if (bytes.empty()) return ChunkPtr();
  PROTO_ASSIGN_OR_RETURN(Chunk * chunk, Chunk::from_bytes(bytes));
  ChunkPtr owned(chunk);
  if (chunk->kind() != kind || chunk->rows() != rows) return corrupt("a chunk does not fit its column");
  return owned;
}

Result<ChunkPtr> decode_ids(proto::ByteReader& reader, bool dense, uint32_t rows) {
  const uint64_t first = dense ? reader.varint() : 0;
  ChunkWriter writer;
  writer.begin(Kind::kInt, 0);
  for (uint32_t row = 0; row < rows; ++row) {
    const uint64_t id = dense ? first + row : reader.fixed<uint64_t>();
    writer.add_value(ValueView::of_int(static_cast<int64_t>(id)));
  }
  if (!reader.ok()) return corrupt("ids are cut short");
  return writer.finish();
}

}  // namespace

void ColumnBlock::encode(std::string& out) const {
  const bool dense = ids().back() - ids().front() == rows() - 1;
  out.push_back(static_cast<char>(kFormatVersion));
  out.push_back(static_cast<char>(dense ? kDenseIds : 0));
  proto::put_fixed(out, static_cast<uint16_t>(rows()));
  layout_->encode(out);
  if (dense)
    proto::put_varint(out, ids().front());
  else
    out.append(reinterpret_cast<const char*>(ids().data()), ids().size_bytes());
  encode_chunk(residual_.get(), out);
  for (const ChunkPtr& chunk : chunks_) encode_chunk(chunk.get(), out);
}

Result<BlockPtr> ColumnBlock::decode(std::string_view bytes) {
  proto::ByteReader reader(bytes);
  if (reader.fixed<uint8_t>() != kFormatVersion) return corrupt("version");
  const auto flags = reader.fixed<uint8_t>();
  const auto rows = reader.fixed<uint16_t>();
  if (flags > kDenseIds || rows == 0 || rows > kMaxRows) return corrupt("flags or rows");
  PROTO_ASSIGN_OR_RETURN(LayoutPtr layout, BlockLayout::decode(reader));
  PROTO_ASSIGN_OR_RETURN(ChunkPtr ids, decode_ids(reader, flags == kDenseIds, rows));
  PROTO_ASSIGN_OR_RETURN(ChunkPtr residual, decode_chunk(reader, Kind::kObject, rows));
  std::vector<ChunkPtr> chunks;
  for (const BlockLayout::Column& column : layout->columns()) {
    PROTO_ASSIGN_OR_RETURN(ChunkPtr chunk, decode_chunk(reader, column.kind, rows));
    chunks.push_back(std::move(chunk));
  }
  if (!reader.at_end()) return corrupt("bytes after the last chunk");
  BlockPtr block(new ColumnBlock(std::move(layout), std::move(ids), std::move(chunks), std::move(residual)));
  PROTO_RETURN_IF_ERROR(block->check_ids());
  return block;
}

// ---- checks
// ------------------------------------------------------------------------------------------------------------

Status ColumnBlock::check_ids() const {
  if (ids().front() == 0) return corrupt("id 0");
  for (uint32_t row = 1; row < rows(); ++row) {
    if (ids()[row - 1] >= ids()[row]) return corrupt("order of ids");
  }
  return {};
}

/// Columns and residual documents never hold the same attribute of the same row, and the residual bitmaps say what is
/// there.
Status ColumnBlock::check_row_shapes() const {
  for (uint32_t column = 0; column < chunks_.size(); ++column) {
    for (uint32_t row = 0; row < rows(); ++row) {
      const bool found = !find_in(residual(row), layout_->columns()[column].path).empty();
      const bool marked = chunks_[column] && chunks_[column]->in_residual(row);
      if (found != marked) return corrupt("a column and a residual document disagree");
    }
  }
  for (uint32_t row = 0; row < rows(); ++row) {
    if (residual_ && residual_->has_value(row) && residual_->text(row).empty())
      return corrupt("an empty residual document");
  }
  return {};
}

Status ColumnBlock::check() const {
  if (rows() == 0 || rows() > kMaxRows || ids_->rows() != rows() || ids_->kind() != Kind::kInt) return corrupt("rows");
  if (ids_->value_count() != rows() || chunks_.size() != layout_->columns().size()) return corrupt("ids or columns");
  PROTO_RETURN_IF_ERROR(check_ids());
  for (uint32_t column = 0; column < chunks_.size(); ++column) {
    const Chunk* chunk = chunks_[column].get();
    if (chunk == nullptr) continue;
    if (chunk->rows() != rows() || chunk->kind() != layout_->columns()[column].kind)
      return corrupt("a chunk does not fit its column");
    PROTO_RETURN_IF_ERROR(chunk->check());
  }
  if (residual_) {
    if (residual_->rows() != rows() || residual_->kind() != Kind::kObject) return corrupt("residual documents");
    PROTO_RETURN_IF_ERROR(residual_->check());
  }
  return check_row_shapes();
}

}  // namespace protobase
