#include "query/executor/object_source.h"

#include "query/executor/scalar.h"

namespace protobase::query {
namespace {

/// Objects may refer to each other in circles, but a path is finite: the bound is on what a path can be.
constexpr int kMaxReferenceDepth = 256;
constexpr uint32_t kFewRows = 4;

bool is_plain_name(const Path::Step& step) { return !step.is_index && step.name.find('\0') == std::string::npos; }

/// Steps from the front that can be a column path.
size_t leading_names(std::span<const Path::Step> steps) {
  size_t count = 0;
  while (count < steps.size() && is_plain_name(steps[count])) ++count;
  return count;
}

std::string joined(std::span<const Path::Step> steps) {
  std::string path;
  for (const Path::Step& step : steps) {
    if (!path.empty()) path.push_back('\0');
    path.append(step.name);
  }
  return path;
}

/// A value that may have been put together in `scratch`, moved to where it lasts.
ValueView settle(const ValueView& value, const std::string& scratch, Arena& arena) {
  const bool in_scratch = value.kind() == Kind::kObject && !scratch.empty() &&
                          value.buffer().data() >= scratch.data() &&
                          value.buffer().data() <= scratch.data() + scratch.size();
  return in_scratch ? arena.keep(value) : value;
}

Status follow_rest(ValueView value, std::span<const Path::Step> steps, ReferenceFollower* references, Arena& arena,
                   ValueView& out) {
  for (size_t i = 0; i < steps.size() && !value.is_none(); ++i) {
    if (value.kind() == Kind::kRef && !steps[i].is_index) {
      if (references == nullptr) return out = ValueView(), Status();
      return references->follow(value.ref(), steps.subspan(i), arena, out);
    }
    value = steps[i].is_index ? value[steps[i].index] : value[std::string_view(steps[i].name)];
  }
  out = value;
  return Status();
}

ColumnVector make_views(const ColumnView& view, Kind kind, Rows rows, Arena& arena, auto make) {
  auto* views = arena.array<ValueView>(view.rows);
  for_each_row(rows, [&](uint32_t row) { views[row] = view.is_valid(row) ? make(row) : ValueView(); });
  return ColumnVector::views(views, kind);
}

ColumnVector text_column(const ColumnView& view, Rows rows, Arena& arena) {
  const auto* ends = view.as<uint32_t>();
  return make_views(view, view.kind, rows, arena, [&](uint32_t row) {
    return ValueView::of_encoded(view.kind, {view.bytes + ends[row], ends[row + 1] - ends[row]});
  });
}

ColumnVector date_column(const ColumnView& view, Rows rows, Arena& arena) {
  auto* days = arena.array<int64_t>(view.rows);
  for_each_row(rows, [&](uint32_t row) { days[row] = view.as<int32_t>()[row]; });
  return ColumnVector::integers(Kind::kDate, days, view.valid);
}

}  // namespace

ColumnVector column_of(const ColumnView& view, Rows rows, Arena& arena) {
  switch (view.kind) {
    case Kind::kBool:
      return ColumnVector::bools(view.as<uint8_t>(), view.valid);
    case Kind::kInt:
    case Kind::kTimestamp:
    case Kind::kTimespan:
      return ColumnVector::integers(view.kind, view.as<int64_t>(), view.valid);
    case Kind::kDouble:
      return ColumnVector::doubles(view.as<double>(), view.valid);
    case Kind::kDate:
      return date_column(view, rows, arena);
    case Kind::kString:
    case Kind::kBytes:
      return text_column(view, rows, arena);
    case Kind::kRef:
      return make_views(view, Kind::kRef, rows, arena, [&](uint32_t row) {
        return ValueView::of_ref({CollectionId(view.collections[row]), ObjectId(view.as<uint64_t>()[row])});
      });
    case Kind::kVector:
      return make_views(view, Kind::kVector, rows, arena, [&](uint32_t row) {
        return ValueView::of_vector({view.as<char>() + size_t{row} * view.element_bytes, view.element_bytes});
      });
    default:
      return ColumnVector::null();
  }
}

// ---- finding
// -----------------------------------------------------------------------------------------------------------

Status ObjectFinder::find(uint64_t id, Place& place) {
  if (last_ != nullptr && last_->rows() != 0 && last_->ids().front() <= id && id <= last_->ids().back()) {
    const uint32_t row = last_->find(ObjectId(id));
    place = row == ColumnBlock::kNoRow ? Place() : Place{last_, row};
    return Status();
  }
  PROTO_ASSIGN_OR_RETURN(CollectionView::Place found, view_->find(ObjectId(id)));
  place = {found.block, found.row};
  if (found.block != nullptr) last_ = found.block;
  return Status();
}

Result<ObjectSource::Entry*> ObjectSource::entry(CollectionId id) {
  auto& entry = entries_[id];
  if (entry == nullptr) {
    Result<CollectionView> view = transaction_.read(id);
    if (!view.ok()) {
      entries_.erase(id);
      return std::move(view).status();
    }
    entry = std::make_unique<Entry>(*std::move(view));
  }
  return entry.get();
}

Result<const CollectionView*> ObjectSource::collection(CollectionId id) {
  PROTO_ASSIGN_OR_RETURN(Entry * found, entry(id));
  return &found->view;
}

Status ObjectSource::follow(Ref ref, std::span<const Path::Step> steps, Arena& arena, ValueView& out) {
  out = ValueView();
  // A reference may outlive its collection and its object.
  if (transaction_.catalog()->find(ref.collection) == nullptr) return Status();
  if (depth_ >= kMaxReferenceDepth) return Status(StatusCode::kRange, "a path follows too many references");
  PROTO_ASSIGN_OR_RETURN(Entry * target, entry(ref.collection));
  Place place;
  PROTO_RETURN_IF_ERROR(target->finder.find(ref.object.value, place));
  if (place.block == nullptr) return Status();
  ++depth_;
  Status status = read_steps(place, steps, this, arena, out);
  --depth_;
  return status;
}

Status read_steps(Place place, std::span<const Path::Step> steps, ReferenceFollower* references, Arena& arena,
                  ValueView& out) {
  std::string scratch;
  if (steps.empty()) {
    place.block->materialize(place.row, scratch);
    out = keep_encoded(scratch, arena);
    return Status();
  }
  // The attribute may stand in a column of its own below its parents, or below a reference or array on the way.
  const size_t names = leading_names(steps);
  for (size_t count = names; count > 0; --count) {
    const std::string path = joined(steps.first(count));
    scratch.clear();
    const ValueView value = place.block->value(place.row, place.block->layout()->find(path), path, scratch);
    if (value.is_none()) continue;
    return follow_rest(settle(value, scratch, arena), steps.subspan(count), references, arena, out);
  }
  if (names == 0) {  // a name that no column has: through the whole object
    place.block->materialize(place.row, scratch);
    return follow_rest(keep_encoded(scratch, arena), steps, references, arena, out);
  }
  out = ValueView();
  return Status();
}

// ---- reading columns
// ---------------------------------------------------------------------------------------------------

ColumnReader::ColumnReader(const std::vector<ReadColumn>& columns, CollectionId collection,
                           ReferenceFollower* references)
    : collection_(collection), references_(references) {
  columns_.reserve(columns.size());
  for (const ReadColumn& column : columns) {
    Column& added = columns_.emplace_back();
    added.what = &column;
    if (column.what != ReadColumn::What::kPath) continue;
    const std::vector<Path::Step>& steps = column.path.steps();
    added.direct = !steps.empty() && leading_names(steps) == steps.size();
    added.nested = steps.size() > 1;
    if (added.direct) added.path = added.nested ? joined(steps) : steps[0].name;
  }
}

const ColumnSlot& ColumnReader::slot(Column& column, const ColumnBlock& block) {
  if (column.layout != block.layout().get()) {
    column.layout = block.layout().get();
    column.slot = block.layout()->find(column.path);
  }
  return column.slot;
}

Status ColumnReader::special_value(const Column& column, Place place, Arena& arena, ValueView& out) const {
  switch (column.what->what) {
    case ReadColumn::What::kId:
      out = ValueView::of_int(static_cast<int64_t>(place.block->id(place.row).value));
      return Status();
    case ReadColumn::What::kReference:
      out = ValueView::of_ref({collection_, place.block->id(place.row)});
      return Status();
    default:
      return read_steps(place, {}, references_, arena, out);
  }
}

Status ColumnReader::value(Column& column, Place place, Arena& arena, ValueView& out) {
  if (column.what->what != ReadColumn::What::kPath) return special_value(column, place, arena, out);
  if (!column.direct) return read_steps(place, column.what->path.steps(), references_, arena, out);
  scratch_.clear();
  out = settle(place.block->value(place.row, slot(column, *place.block), column.path, scratch_), scratch_, arena);
  if (!out.is_none() || !column.nested) return Status();
  return read_steps(place, column.what->path.steps(), references_, arena, out);
}

Status ColumnReader::read_values(Column& column, const ColumnBlock& block, Rows rows, Arena& arena, ColumnVector& out) {
  auto* views = arena.array<ValueView>(block.rows());
  for (uint32_t i = 0; i < rows.count; ++i) {
    PROTO_RETURN_IF_ERROR(value(column, Place{&block, rows[i]}, arena, views[rows[i]]));
  }
  out = typed(views, rows, block.rows(), arena);
  return Status();
}

Status ColumnReader::read(size_t index, const ColumnBlock& block, Rows rows, Arena& arena, ColumnVector& out) {
  Column& column = columns_[index];
  if (column.what->what == ReadColumn::What::kId) {
    out = ColumnVector::integers(Kind::kInt, reinterpret_cast<const int64_t*>(block.ids().data()), nullptr);
    return Status();
  }
  if (!column.direct) return read_values(column, block, rows, arena, out);
  const ColumnSlot& where = slot(column, block);
  const bool own_column = where.place == ColumnSlot::Place::kColumn;
  // Below a reference the values are elsewhere: the reference itself is a column, or in the residual documents.
  if (column.nested && (!own_column || block.residual() != nullptr))
    return read_values(column, block, rows, arena, out);
  const ColumnView view = block.column(where);
  if (view.residual != nullptr || where.place == ColumnSlot::Place::kObject)
    return read_values(column, block, rows, arena, out);
  out = column_of(view, rows, arena);
  return Status();
}

bool ColumnReader::typed_column(size_t index, const ColumnBlock& block, ColumnView& out) {
  Column& column = columns_[index];
  if (column.what->what != ReadColumn::What::kPath || !column.direct || column.nested) return false;
  const ColumnSlot& where = slot(column, block);
  if (where.place == ColumnSlot::Place::kObject) return false;
  out = block.column(where);
  return out.residual == nullptr;
}

Status ColumnReader::gather(size_t index, std::span<const Place> places, Arena& arena, ColumnVector& out) {
  Column& column = columns_[index];
  const auto count = static_cast<uint32_t>(places.size());
  auto* views = arena.array<ValueView>(count);
  for (uint32_t i = 0; i < count; ++i) PROTO_RETURN_IF_ERROR(value(column, places[i], arena, views[i]));
  // Few values are not worth a look for an array of their own.
  out = count < kFewRows ? ColumnVector::views(views) : typed(views, Rows{nullptr, count}, count, arena);
  return Status();
}

}  // namespace protobase::query
