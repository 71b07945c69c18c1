// Changing column blocks: building, applying batches, cutting and putting together.
//
// Three ways, the cheapest that fits: a patch of attributes that have columns copies those columns alone; a batch whose
// objects fit the layout is spliced, column by column, from ranges of the old block and the new rows; everything else
// is built anew, which also finds new columns.
#include <algorithm>
#include <deque>
#include <optional>

#include "db/block_builder.h"
#include "db/block_splicer.h"
#include "db/column_block.h"
#include "db/document.h"
#include "runtime/base/check.h"

namespace protobase {
namespace {

using Place = ColumnSlot::Place;
using State = SpliceCell::State;

/// How many blocks rows of this number and size are cut into.
size_t parts_for(size_t rows, size_t bytes) {
  if (rows <= ColumnBlock::kMaxRows && bytes <= ColumnBlock::kMaxBytes) return 1;
  const size_t by_rows = (rows + ColumnBlock::kTargetRows / 2) / ColumnBlock::kTargetRows;
  const size_t by_bytes = (bytes + ColumnBlock::kTargetBytes / 2) / ColumnBlock::kTargetBytes;
  return std::clamp<size_t>(std::max(by_rows, by_bytes), 2, std::max<size_t>(rows, 1));
}

// ---- patches of columns
// --------------------------------------------------------------------------------------------------

/// Finds the cells that patches change, as long as every one of them is in a column.
class PatchPlanner {
 public:
  explicit PatchPlanner(const ColumnBlock& block) : block_(block) {}

  /// False when some change is no patch, or touches more than columns.
  bool plan(std::span<const BlockChange> changes) {
    for (const BlockChange& change : changes) {
      const uint32_t row = block_.find(change.id);
      const bool here = row != ColumnBlock::kNoRow;
      if (change.kind == BlockChange::Kind::kPatch    ? !here
          : change.kind == BlockChange::Kind::kInsert ? here
                                                      : change.kind == BlockChange::Kind::kErase && !here) {
        continue;
      }
      if (change.kind != BlockChange::Kind::kPatch || !plan_row(row, change)) return false;
    }
    return true;
  }
  /// In the order of the changes.
  std::vector<CellEdit>& edits() { return edits_; }

 private:
  bool plan_row(uint32_t row, const BlockChange& change) {
    if (change.object.kind() == Kind::kObject) {
      const ObjectReader sets(change.object.buffer());
      for (size_t i = 0; i < sets.size(); ++i) {
        if (!plan_set(row, sets.name(i), sets.value(i))) return false;
      }
    }
    for (size_t i = 0; i < change.removed.size(); ++i) {
      if (!plan_remove(row, change.removed[static_cast<int64_t>(i)].as_string())) return false;
    }
    return true;
  }

  /// The column that a path text leads to, if the row has nothing of it in its residual document.
  std::optional<uint32_t> column_of(uint32_t row, std::string_view text) {
    path_.clear();
    steps_ = 0;
    PathReader reader(text);
    const ValueView residual = block_.residual(row);
    ValueView above = residual;
    while (reader.next()) {
      // What is above the column in the residual document must be an object, or nothing.
      if (reader.is_index() || (steps_ > 0 && !above.is_none() && above.kind() != Kind::kObject)) return std::nullopt;
      if (steps_++ > 0) path_.push_back('\0');
      path_ += reader.name();
      above = step_into(above, reader.name());
    }
    const ColumnSlot slot = block_.layout()->find(path_);
    if (!reader.ok() || steps_ == 0 || slot.place != Place::kColumn) return std::nullopt;
    const Chunk* chunk = block_.chunk(slot.column);
    return chunk != nullptr && chunk->in_residual(row) ? std::nullopt : std::optional(slot.column);
  }

  /// What an attribute holds; an explicit null, which is no absent attribute, shows as a boolean.
  static ValueView step_into(const ValueView& value, std::string_view name) {
    if (value.kind() != Kind::kObject) return {};
    const ObjectReader object(value.buffer());
    const size_t found = object.find(name);
    if (found == ObjectReader::kNotFound) return {};
    const ValueView inside = object.value(found);
    return inside.is_none() ? ValueView::of_bool(false) : inside;
  }

  bool plan_set(uint32_t row, std::string_view text, const ValueView& value) {
    const std::optional<uint32_t> column = column_of(row, text);
    if (!column) return false;
    if (value.is_none()) return edits_.push_back({*column, row, {State::kNull, {}}}), true;
    if (value.kind() != block_.layout()->columns()[*column].kind) return false;
    const Chunk* chunk = block_.chunk(*column);
    if (value.kind() == Kind::kVector && (chunk == nullptr || value.buffer().size() != chunk->element_bytes()))
      return false;
    edits_.push_back({*column, row, {State::kValue, value}});
    return true;
  }

  /// Without its last attribute a nested object would become an empty one, which is no matter of columns.
  bool plan_remove(uint32_t row, std::string_view text) {
    const std::optional<uint32_t> column = column_of(row, text);
    if (!column || steps_ > 1) return false;
    edits_.push_back({*column, row, {State::kAbsent, {}}});
    return true;
  }

  const ColumnBlock& block_;
  std::vector<CellEdit> edits_;
  std::string path_;
  int steps_ = 0;
};

// ---- batches
// -------------------------------------------------------------------------------------------------------------

/// What a batch leaves: ranges of old rows and new objects, in order of id.
class BatchMerger {
 public:
  struct Item {
    uint32_t first, count;  // old rows; count 0: a new object
    ObjectId id;
    ValueView object;
  };

  explicit BatchMerger(const ColumnBlock* block) : block_(block) {}

  /// False when nothing changes.
  bool merge(std::span<const BlockChange> changes) {
    bool changed = false;
    for (const BlockChange& change : changes) changed |= merge_change(change);
    if (block_ != nullptr) keep_until(block_->rows());
    return changed;
  }

  void emit(std::vector<BlockPtr>& out) {
    if (rows_ == 0) return;
    const size_t parts = parts_for(rows_, bytes());
    rows_per_part_ = (rows_ + parts - 1) / parts;
    if (block_ == nullptr || new_rows_ > ColumnBlock::kMaxRows || !emit_spliced(out)) emit_built(out);
  }

 private:
  bool merge_change(const BlockChange& change) {
    using ChangeKind = BlockChange::Kind;
    const uint32_t row = block_ == nullptr ? 0 : block_->lower_bound(change.id);
    const bool here = block_ != nullptr && row < block_->rows() && block_->id(row) == change.id;
    const bool needs_row = change.kind == ChangeKind::kPatch || change.kind == ChangeKind::kErase;
    if (change.kind != ChangeKind::kPut && here != needs_row) return false;
    keep_until(row);
    next_row_ = here ? row + 1 : row;
    if (change.kind == ChangeKind::kErase) return true;
    add_object(change.id, change.kind == ChangeKind::kPatch ? patched(row, change) : change.object);
    return true;
  }

  void keep_until(uint32_t row) {
    if (row > next_row_) items_.push_back({next_row_, row - next_row_, {}, {}}), rows_ += row - next_row_;
    next_row_ = std::max(next_row_, row);
  }

  void add_object(ObjectId id, const ValueView& object) {
    PROTO_CHECK(object.kind() == Kind::kObject);
    items_.push_back({0, 0, id, object});
    new_bytes_ += object.buffer().size();
    ++rows_;
    ++new_rows_;
  }

  /// The object of a row with a patch applied; paths that do not fit are passed over.
  ValueView patched(uint32_t row, const BlockChange& change) {
    std::string& document = documents_.emplace_back();
    block_->materialize(row, document);
    for (size_t i = 0; i < change.object.size(); ++i) {
      const auto [text, value] = change.object.attribute(i);
      const Result<Path> path = Path::parse(text);
      if (!path || path->empty()) continue;
      if (Result<std::string> next = set_path(document, *path, value)) document = *std::move(next);
    }
    for (size_t i = 0; i < change.removed.size(); ++i) {
      const Result<Path> path = Path::parse(change.removed[static_cast<int64_t>(i)].as_string());
      if (path && !path->empty()) document = remove_path(document, *path);
    }
    return decode_trusted(document);
  }

  size_t bytes() const {
    const size_t old_rows = rows_ - new_rows_;
    return new_bytes_ + (old_rows == 0 ? 0 : block_->size_bytes() * old_rows / block_->rows());
  }

  /// Calls `add(item)` for items cut at the ends of parts, and `end()` at each end.
  template <class Add, class End>
  void for_parts(Add&& add, End&& end) const {
    size_t room = rows_per_part_;
    for (Item item : items_) {
      for (bool more = true; more;) {
        Item part = item;
        part.count = static_cast<uint32_t>(std::min<size_t>(item.count, room));
        add(part);
        room -= item.count == 0 ? 1 : part.count;
        item.first += part.count;
        item.count -= part.count;
        more = item.count > 0;
        if (room == 0) end(), room = rows_per_part_;
      }
    }
    if (room < rows_per_part_) end();
  }

  bool emit_spliced(std::vector<BlockPtr>& out) {
    BlockSplicer splicer(block_->layout());
    splicer.take_dimensions(*block_);
    std::vector<SpliceRow> rows(new_rows_);
    size_t taken = 0;
    for (const Item& item : items_) {
      if (item.count == 0 && !splicer.take_apart(item.id, item.object, rows[taken++])) return false;
    }
    std::vector<SplicePiece> pieces;
    size_t used = 0;
    for_parts(
        [&](const Item& item) {
          if (item.count > 0)
            pieces.push_back({block_, item.first, item.count, nullptr});
          else
            pieces.push_back({nullptr, 0, 1, &rows[used++]});
        },
        [&] {
          out.push_back(splicer.splice(pieces));
          pieces.clear();
        });
    return true;
  }

  void emit_built(std::vector<BlockPtr>& out) {
    BlockBuilder builder(block_ == nullptr ? nullptr : block_->layout());
    for_parts(
        [&](const Item& item) {
          if (item.count > 0)
            builder.add_rows(*block_, item.first, item.first + item.count);
          else
            builder.add(item.id, item.object);
        },
        [&] { out.push_back(builder.finish()); });
  }

  const ColumnBlock* block_;
  std::vector<Item> items_;
  std::deque<std::string> documents_;  // of patched rows; a deque, since views into them stay
  uint32_t next_row_ = 0;
  size_t rows_ = 0;
  size_t new_rows_ = 0;
  size_t new_bytes_ = 0;
  size_t rows_per_part_ = 0;
};

/// Rows [first, last) of `a` followed by `b`, seen as one sequence.
BlockPtr joined(const ColumnBlock& a, const ColumnBlock& b, uint32_t first, uint32_t last) {
  const uint32_t middle = std::clamp(a.rows(), first, last);
  BlockSplicer splicer(a.layout());
  splicer.take_dimensions(a);
  if (a.layout() == b.layout() && splicer.has_dimensions(b)) {
    splicer.take_dimensions(b);
    std::vector<SplicePiece> pieces;
    if (middle > first) pieces.push_back({&a, first, middle - first, nullptr});
    if (last > middle) pieces.push_back({&b, middle - std::min(middle, a.rows()), last - middle, nullptr});
    return splicer.splice(pieces);
  }
  BlockBuilder builder(a.rows() >= b.rows() ? a.layout() : b.layout());
  if (middle > first) builder.add_rows(a, first, middle);
  if (last > middle) builder.add_rows(b, middle - a.rows(), last - a.rows());
  return builder.finish();
}

}  // namespace

void ColumnBlock::build(std::span<const BlockRow> rows, std::vector<BlockPtr>& out, const LayoutPtr& like) {
  BlockBuilder builder(like);
  for (size_t i = 0; i < rows.size(); ++i) {
    builder.add(rows[i].id, rows[i].object);
    const bool full = builder.rows() >= kTargetRows || builder.size_bytes() >= kTargetBytes;
    // A last block of a few rows is not worth a block of its own.
    const bool few_left =
        rows.size() - i - 1 < kTargetRows / 2 && builder.rows() < kMaxRows && builder.size_bytes() < kMaxBytes;
    if (i + 1 == rows.size() || (full && !few_left)) out.push_back(builder.finish());
  }
}

bool ColumnBlock::apply(const ColumnBlock* block, std::span<const BlockChange> changes, std::vector<BlockPtr>& out) {
  if (block != nullptr) {
    PatchPlanner planner(*block);
    if (planner.plan(changes)) {
      if (planner.edits().empty()) return false;
      out.push_back(block->with_cells(planner.edits()));
      return true;
    }
  }
  BatchMerger merger(block);
  if (!merger.merge(changes)) return false;
  merger.emit(out);
  return true;
}

BlockPtr ColumnBlock::with_cells(std::span<CellEdit> edits) const {
  const auto before = [](const CellEdit& a, const CellEdit& b) {
    return a.column != b.column ? a.column < b.column : a.row < b.row;
  };
  std::stable_sort(edits.begin(), edits.end(), before);
  BlockSplicer splicer(layout_);
  splicer.take_dimensions(*this);
  std::vector<ChunkPtr> chunks = chunks_;
  std::vector<SplicePiece> pieces;
  std::deque<SpliceRow> cells;
  for (size_t i = 0; i < edits.size();) {
    const uint32_t column = edits[i].column;
    pieces.clear();
    uint32_t row = 0;
    for (; i < edits.size() && edits[i].column == column; ++i) {
      if (i + 1 < edits.size() && edits[i + 1].column == column && edits[i + 1].row == edits[i].row) continue;
      if (edits[i].row > row) pieces.push_back({this, row, edits[i].row - row, nullptr});
      row = edits[i].row + 1;
      SpliceRow& cell = cells.emplace_back();
      cell.cells.resize(column + 1);
      cell.cells[column] = edits[i].cell;
      pieces.push_back({nullptr, 0, 1, &cell});
    }
    if (row < rows()) pieces.push_back({this, row, rows() - row, nullptr});
    chunks[column] = splicer.splice_column(column, pieces);
  }
  return BlockPtr(new ColumnBlock(layout_, ids_, std::move(chunks), residual_));
}

BlockPtr ColumnBlock::slice(uint32_t first, uint32_t last) const {
  PROTO_CHECK(first < last && last <= rows());
  BlockSplicer splicer(layout_);
  splicer.take_dimensions(*this);
  return splicer.splice({{this, first, last - first, nullptr}});
}

void ColumnBlock::concat(const ColumnBlock& a, const ColumnBlock& b, std::vector<BlockPtr>& out) {
  const uint32_t rows = a.rows() + b.rows();
  if (rows <= kMaxRows && a.size_bytes() + b.size_bytes() <= kMaxBytes) {
    out.push_back(joined(a, b, 0, rows));
    return;
  }
  out.push_back(joined(a, b, 0, rows / 2));
  out.push_back(joined(a, b, rows / 2, rows));
}

}  // namespace protobase
