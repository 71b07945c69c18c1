#include "query/executor/vector.h"

#include <algorithm>
#include <cstring>

namespace protobase::query {

Form form_of(Kind kind) {
  switch (kind) {
    case Kind::kNone: return Form::kNull;
    case Kind::kBool: return Form::kBool;
    case Kind::kInt:
    case Kind::kDate:
    case Kind::kTimestamp:
    case Kind::kTimespan: return Form::kInteger;
    case Kind::kDouble: return Form::kDouble;
    default: return Form::kViews;
  }
}

namespace {

ValueView integer_view(Kind kind, int64_t value) {
  switch (kind) {
    case Kind::kDate: return ValueView::of_date({static_cast<int32_t>(value)});
    case Kind::kTimestamp: return ValueView::of_timestamp({value});
    case Kind::kTimespan: return ValueView::of_timespan({value});
    default: return ValueView::of_int(value);
  }
}

/// The one kind of the values in `rows`; kNone when all are none; `mixed` when they differ.
Kind common_kind(const ValueView* views, Rows rows, bool& has_null, bool& mixed) {
  Kind kind = Kind::kNone;
  has_null = mixed = false;
  for_each_row(rows, [&](uint32_t row) {
    const Kind here = views[row].kind();
    if (here == Kind::kNone) {
      has_null = true;
    } else if (kind == Kind::kNone) {
      kind = here;
    } else if (kind != here) {
      mixed = true;
    }
  });
  return kind;
}

uint64_t* validity_of(const ValueView* views, Rows rows, uint32_t size, Arena& arena) {
  uint64_t* valid = all_valid(size, arena);
  for_each_row(rows, [&](uint32_t row) {
    if (views[row].is_none()) clear_bit(valid, row);
  });
  return valid;
}

template <class T, class Get>
const T* extract(const ValueView* views, Rows rows, uint32_t size, Arena& arena, Get get) {
  T* out = arena.array<T>(size);
  for_each_row(rows, [&](uint32_t row) { out[row] = get(views[row]); });
  return out;
}

}  // namespace

uint64_t* all_valid(uint32_t size, Arena& arena) {
  auto* bits = arena.array<uint64_t>(bit_words(size));
  std::memset(bits, 0xFF, bit_words(size) * sizeof(uint64_t));
  return bits;
}

ColumnVector ColumnVector::repeat(const ValueView& value, Arena& arena) {
  const Form form = form_of(value.kind());
  if (form == Form::kNull) return null();
  void* data = arena.allocate(sizeof(ValueView));
  switch (form) {
    case Form::kBool: *static_cast<uint8_t*>(data) = value.integer() != 0; break;
    case Form::kInteger: *static_cast<int64_t*>(data) = value.integer(); break;
    case Form::kDouble: *static_cast<double*>(data) = value.real(); break;
    default: *static_cast<ValueView*>(data) = value; break;
  }
  return {form, value.kind(), true, data, nullptr};
}

bool ColumnVector::is_null(uint32_t row) const {
  if (form == Form::kNull) return true;
  row = element(row);
  return form == Form::kViews ? as<ValueView>()[row].is_none() : valid != nullptr && !test_bit(valid, row);
}

ValueView ColumnVector::at(uint32_t row) const {
  if (is_null(row)) return ValueView();
  row = element(row);
  switch (form) {
    case Form::kBool: return ValueView::of_bool(as<uint8_t>()[row] != 0);
    case Form::kInteger: return integer_view(kind, as<int64_t>()[row]);
    case Form::kDouble: return ValueView::of_double(as<double>()[row]);
    default: return as<ValueView>()[row];
  }
}

ColumnVector typed(const ValueView* views, Rows rows, uint32_t size, Arena& arena) {
  bool has_null = false, mixed = false;
  const Kind kind = common_kind(views, rows, has_null, mixed);
  if (kind == Kind::kNone) return ColumnVector::null();
  if (mixed) return ColumnVector::views(views);
  const Form form = form_of(kind);
  if (form == Form::kViews) return ColumnVector::views(views, kind);
  const uint64_t* valid = has_null ? validity_of(views, rows, size, arena) : nullptr;
  // The payload of none is zero, so the elements of none are too.
  if (form == Form::kDouble) {
    return ColumnVector::doubles(
        extract<double>(views, rows, size, arena, [](const ValueView& v) { return v.is_none() ? 0.0 : v.real(); }), valid);
  }
  if (form == Form::kBool) {
    return ColumnVector::bools(
        extract<uint8_t>(views, rows, size, arena, [](const ValueView& v) { return v.integer() != 0; }), valid);
  }
  return ColumnVector::integers(
      kind, extract<int64_t>(views, rows, size, arena, [](const ValueView& v) { return v.integer(); }), valid);
}

const ValueView* as_views(const ColumnVector& column, Rows rows, uint32_t size, Arena& arena) {
  if (column.form == Form::kViews && !column.constant) return column.as<ValueView>();
  auto* out = arena.array<ValueView>(size);
  if (column.constant || column.form == Form::kNull) {
    const ValueView value = column.at(0);
    for_each_row(rows, [&](uint32_t row) { out[row] = value; });
    return out;
  }
  for_each_row(rows, [&](uint32_t row) { out[row] = column.at(row); });
  return out;
}

uint32_t select_true(const ColumnVector& column, Rows rows, uint32_t* out) {
  uint32_t count = 0;
  if (column.form == Form::kBool && !column.constant) {
    const auto* truth = column.as<uint8_t>();
    // Written whether it counts or not: no branch to mispredict.
    if (column.valid == nullptr) {
      for_each_row(rows, [&](uint32_t row) { out[count] = row, count += truth[row]; });
    } else {
      for_each_row(rows, [&](uint32_t row) { out[count] = row, count += truth[row] & uint8_t{test_bit(column.valid, row)}; });
    }
    return count;
  }
  if (column.constant && !column.at(0).as_bool()) return 0;
  for_each_row(rows, [&](uint32_t row) { out[count] = row, count += column.at(row).as_bool(); });
  return count;
}

}  // namespace protobase::query
