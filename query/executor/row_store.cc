#include "query/executor/row_store.h"

namespace protobase::query {
namespace {

template <class T>
ColumnVector gather_typed(const ColumnVector& column, const uint32_t* rows, uint32_t count, Arena& arena) {
  const T* from = column.as<T>();
  T* to = arena.array<T>(count);
  bool has_null = false;
  for (uint32_t i = 0; i < count; ++i) {
    const bool none = rows[i] == RowStore::kNoRow || column.is_null(rows[i]);
    has_null |= none;
    to[i] = none ? T() : from[rows[i]];
  }
  uint64_t* valid = nullptr;
  if (has_null) {
    valid = all_valid(count, arena);
    for (uint32_t i = 0; i < count; ++i) {
      if (rows[i] == RowStore::kNoRow || column.is_null(rows[i])) clear_bit(valid, i);
    }
  }
  return {column.form, column.kind, false, to, valid};
}

ColumnVector gather_views(const ColumnVector& column, const uint32_t* rows, uint32_t count, Arena& arena) {
  auto* to = arena.array<ValueView>(count);
  for (uint32_t i = 0; i < count; ++i) to[i] = rows[i] == RowStore::kNoRow ? ValueView() : column.at(rows[i]);
  return ColumnVector::views(to, column.kind);
}

}  // namespace

ColumnVector gather_column(const ColumnVector& column, const uint32_t* rows, uint32_t count, Arena& arena) {
  if (column.form == Form::kNull) return ColumnVector::null();
  if (column.constant) {
    bool outside = false;
    for (uint32_t i = 0; i < count; ++i) outside |= rows[i] == RowStore::kNoRow;
    if (!outside) return column;
    auto* to = arena.array<ValueView>(count);
    for (uint32_t i = 0; i < count; ++i) to[i] = rows[i] == RowStore::kNoRow ? ValueView() : column.at(0);
    return typed(to, Rows{nullptr, count}, count, arena);
  }
  switch (column.form) {
    case Form::kBool: return gather_typed<uint8_t>(column, rows, count, arena);
    case Form::kInteger: return gather_typed<int64_t>(column, rows, count, arena);
    case Form::kDouble: return gather_typed<double>(column, rows, count, arena);
    default: return gather_views(column, rows, count, arena);
  }
}

void RowStore::append(std::span<const ColumnVector> columns, Rows rows) {
  PROTO_DCHECK(columns.size() >= columns_.size());
  for (size_t c = 0; c < columns_.size(); ++c) {
    const ColumnVector& from = columns[c];
    std::vector<ValueView>& to = columns_[c];
    if (from.form == Form::kViews) {
      for_each_row(rows, [&](uint32_t row) { to.push_back(arena_.keep(from.at(row))); });
    } else {
      for_each_row(rows, [&](uint32_t row) { to.push_back(from.at(row)); });
    }
  }
  rows_ += rows.count;
}

void RowStore::append_row(std::span<const ValueView> values) {
  for (size_t c = 0; c < columns_.size(); ++c) columns_[c].push_back(arena_.keep(values[c]));
  ++rows_;
}

ColumnVector RowStore::gather(size_t column, const uint32_t* rows, uint32_t count, Arena& arena) const {
  auto* views = arena.array<ValueView>(count);
  for (uint32_t i = 0; i < count; ++i) views[i] = rows[i] == kNoRow ? ValueView() : columns_[column][rows[i]];
  return typed(views, Rows{nullptr, count}, count, arena);
}

void RowStore::chunk(uint32_t first, uint32_t count, Arena& arena, Chunk& out) const {
  out.columns.resize(columns_.size());
  out.set_all(count);
  for (size_t c = 0; c < columns_.size(); ++c) {
    out.columns[c] = typed(columns_[c].data() + first, out.rows, count, arena);
  }
}

void RowStore::clear() {
  for (auto& column : columns_) column.clear();
  rows_ = 0;
  arena_.reset();
}

}  // namespace protobase::query
