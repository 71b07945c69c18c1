#include "db/block_splicer.h"

#include "db/document.h"
#include "runtime/base/check.h"

namespace protobase {
namespace {

using Place = ColumnSlot::Place;
using State = SpliceCell::State;

/// The child called `name`; objects of one kind have their attributes in order, so the one after the last is tried
/// first.
uint32_t find_child(const BlockLayout& layout, uint32_t node, std::string_view name, size_t& expected) {
  const auto& children = layout.nodes()[node].children;
  for (size_t i = 0; i < children.size(); ++i) {
    const size_t at = expected + i < children.size() ? expected + i : expected + i - children.size();
    if (layout.nodes()[children[at]].name != name) continue;
    expected = at + 1 < children.size() ? at + 1 : 0;
    return children[at];
  }
  return 0;
}

bool is_scalar(Kind kind) { return kind >= Kind::kBool && kind <= Kind::kVector; }

}  // namespace

uint32_t& BlockSplicer::dimension(uint32_t column) {
  if (element_bytes_.empty()) element_bytes_.assign(layout_->columns().size(), kUnknown);
  return element_bytes_[column];
}

void BlockSplicer::take_dimensions(const ColumnBlock& block) {
  for (uint32_t column = 0; column < layout_->columns().size(); ++column) {
    if (layout_->columns()[column].kind != Kind::kVector) continue;
    if (const Chunk* chunk = block.chunk(column)) dimension(column) = chunk->element_bytes();
  }
}

bool BlockSplicer::has_dimensions(const ColumnBlock& block) const {
  for (uint32_t column = 0; column < element_bytes_.size(); ++column) {
    const Chunk* chunk = block.chunk(column);
    if (element_bytes_[column] == kUnknown || chunk == nullptr) continue;
    if (chunk->element_bytes() != element_bytes_[column]) return false;
  }
  return true;
}

bool BlockSplicer::take_apart(ObjectId id, const ValueView& object, SpliceRow& row) {
  row.id = id;
  row.cells.assign(layout_->columns().size(), SpliceCell());
  row.residual.clear();
  path_.clear();
  residual_writer_.begin();
  if (!take_object(object.buffer(), BlockLayout::kRoot, row)) return false;
  if (!residual_writer_.empty()) row.residual = residual_writer_.finish().buffer();
  return true;
}

bool BlockSplicer::take_object(std::string_view payload, uint32_t node, SpliceRow& row) {
  const ObjectReader object(payload);
  size_t expected = 0;
  for (size_t i = 0; i < object.size(); ++i) {
    const uint32_t child = find_child(*layout_, node, object.name(i), expected);
    if (child == 0) return false;
    path_.push_back({child, object.name(i)});
    const bool fits = take_attribute(child, object.value(i), row);
    path_.pop_back();
    if (!fits) return false;
  }
  return true;
}

bool BlockSplicer::take_attribute(uint32_t child, const ValueView& value, SpliceRow& row) {
  const BlockLayout::Node& node = layout_->nodes()[child];
  const bool is_object = value.kind() == Kind::kObject && !value.buffer().empty();
  if (node.place == Place::kObject && is_object) return take_object(value.buffer(), child, row);
  if (node.place != Place::kColumn) {
    if (is_scalar(value.kind()) || is_object) return false;
    return keep_in_residual(value), true;
  }
  SpliceCell& cell = row.cells[node.column];
  if (value.is_none()) {
    cell.state = State::kNull;
  } else if (value.kind() == layout_->columns()[node.column].kind) {
    if (value.kind() == Kind::kVector) {
      uint32_t& bytes = dimension(node.column);
      if (bytes == kUnknown) bytes = static_cast<uint32_t>(value.buffer().size());
      if (bytes != value.buffer().size()) return false;
    }
    cell = {State::kValue, value};
  } else {
    if (is_scalar(value.kind()) || is_object) return false;
    cell.state = State::kResidual;
    keep_in_residual(value);
  }
  return true;
}

ChunkPtr BlockSplicer::splice_column(uint32_t column, const std::vector<SplicePiece>& pieces) {
  const Kind kind = layout_->columns()[column].kind;
  uint32_t element_bytes = 0;
  if (kind == Kind::kVector && dimension(column) != kUnknown) element_bytes = dimension(column);
  writer_.begin(kind, element_bytes);
  for (const SplicePiece& piece : pieces) {
    if (piece.block != nullptr) {
      const Chunk* chunk = piece.block->chunk(column);
      if (chunk != nullptr)
        writer_.add_range(*chunk, piece.first, piece.count);
      else
        writer_.add_absent(piece.count);
      continue;
    }
    const SpliceCell& cell = piece.row->cells[column];
    switch (cell.state) {
      case State::kAbsent: writer_.add_absent(); break;
      case State::kValue: writer_.add_value(cell.value); break;
      case State::kNull: writer_.add_null(); break;
      case State::kResidual: writer_.add_residual(); break;
    }
  }
  return writer_.finish();
}

ChunkPtr BlockSplicer::splice_residual(const std::vector<SplicePiece>& pieces) {
  writer_.begin(Kind::kObject, 0);
  for (const SplicePiece& piece : pieces) {
    if (piece.block != nullptr) {
      if (const Chunk* chunk = piece.block->residual())
        writer_.add_range(*chunk, piece.first, piece.count);
      else
        writer_.add_absent(piece.count);
    } else if (piece.row->residual.empty()) {
      writer_.add_absent();
    } else {
      writer_.add_value(ValueView::of_encoded(Kind::kObject, piece.row->residual));
    }
  }
  return writer_.finish();
}

ChunkPtr BlockSplicer::splice_ids(const std::vector<SplicePiece>& pieces) {
  writer_.begin(Kind::kInt, 0);
  for (const SplicePiece& piece : pieces) {
    if (piece.block != nullptr)
      writer_.add_range(*piece.block->ids_, piece.first, piece.count);
    else
      writer_.add_value(ValueView::of_int(static_cast<int64_t>(piece.row->id.value)));
  }
  return writer_.finish();
}

BlockPtr BlockSplicer::splice(const std::vector<SplicePiece>& pieces) {
  std::vector<ChunkPtr> chunks;
  chunks.reserve(layout_->columns().size());
  for (uint32_t column = 0; column < layout_->columns().size(); ++column)
    chunks.push_back(splice_column(column, pieces));
  ChunkPtr residual = splice_residual(pieces);
  return BlockPtr(new ColumnBlock(layout_, splice_ids(pieces), std::move(chunks), std::move(residual)));
}

}  // namespace protobase
