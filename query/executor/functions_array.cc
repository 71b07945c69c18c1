// Functions of arrays and objects.
#include <algorithm>

#include "db/document.h"
#include "query/executor/functions.h"
#include "query/executor/scalar.h"
#include "query/executor/slice.h"

namespace protobase::query {
namespace {

Status check_array(FunctionId id, const ValueView& value) {
  return value.kind() == Kind::kArray ? Status() : wrong_argument(id, value);
}

void append_elements(DocumentWriter& writer, const ValueView& array) {
  const ArrayReader reader(array.buffer());
  for (size_t i = 0; i < reader.size(); ++i) writer.encoded(reader.encoded(i));
}

Status give(FunctionContext& context, DocumentWriter& writer, ValueView& out) {
  writer.end();
  out = keep_encoded(writer.bytes(), context.arena);
  return Status();
}

Status array_length(FunctionContext&, Arguments a, ValueView& out) {
  if (a[0].kind() != Kind::kVector && a[0].kind() != Kind::kObject) PROTO_RETURN_IF_ERROR(check_array(FunctionId::kArrayLength, a[0]));
  out = ValueView::of_int(static_cast<int64_t>(a[0].size()));
  return Status();
}

Status array_contains(FunctionContext&, Arguments a, ValueView& out) {
  PROTO_ASSIGN_OR_RETURN(Truth truth, contains(a[0], a[1]));
  out = view_of(truth);
  return Status();
}

Status array_append(FunctionContext& context, Arguments a, ValueView& out) {
  if (a[0].is_none()) return out = ValueView(), Status();
  PROTO_RETURN_IF_ERROR(check_array(FunctionId::kArrayAppend, a[0]));
  DocumentWriter writer;
  writer.begin_array();
  append_elements(writer, a[0]);
  writer.value(a[1]);
  return give(context, writer, out);
}

Status array_concat(FunctionContext& context, Arguments a, ValueView& out) {
  DocumentWriter writer;
  writer.begin_array();
  for (const ValueView& array : a) {
    PROTO_RETURN_IF_ERROR(check_array(FunctionId::kArrayConcat, array));
    append_elements(writer, array);
  }
  return give(context, writer, out);
}

Status array_sort(FunctionContext& context, Arguments a, ValueView& out) {
  PROTO_RETURN_IF_ERROR(check_array(FunctionId::kArraySort, a[0]));
  const ArrayReader reader(a[0].buffer());
  std::vector<ValueView> elements;
  for (size_t i = 0; i < reader.size(); ++i) elements.push_back(reader[i]);
  std::stable_sort(elements.begin(), elements.end(), [](const ValueView& x, const ValueView& y) { return x.compare(y) < 0; });
  DocumentWriter writer;
  writer.begin_array();
  for (const ValueView& element : elements) writer.value(element);
  return give(context, writer, out);
}

Status array_slice(FunctionContext& context, Arguments a, ValueView& out) {
  return slice(a[0], a[1], a[2], context.arena, out);
}

Status keys(FunctionContext& context, Arguments a, ValueView& out) {
  if (a[0].kind() != Kind::kObject) return wrong_argument(FunctionId::kKeys, a[0]);
  const ObjectReader object(a[0].buffer());
  DocumentWriter writer;
  writer.begin_array();
  for (size_t i = 0; i < object.size(); ++i) writer.value(ValueView::of_string(object.name(i)));
  return give(context, writer, out);
}

/// Later objects' attributes win; none counts as an empty object.
Status merge(FunctionContext& context, Arguments a, ValueView& out) {
  DocumentWriter writer;
  writer.begin_object();
  for (const ValueView& value : a) {
    if (value.is_none()) continue;
    if (value.kind() != Kind::kObject) return wrong_argument(FunctionId::kMerge, value);
    const ObjectReader object(value.buffer());
    for (size_t i = 0; i < object.size(); ++i) {
      writer.key(object.name(i));
      writer.encoded(object.encoded(i));
    }
  }
  return give(context, writer, out);
}

constexpr FunctionEntry kArrays[] = {
    {FunctionId::kArrayLength, array_length},
    {FunctionId::kArrayContains, array_contains},
    {FunctionId::kArrayAppend, array_append, true},
    {FunctionId::kArrayConcat, array_concat},
    {FunctionId::kArraySort, array_sort},
    {FunctionId::kArraySlice, array_slice, true},
    {FunctionId::kKeys, keys},
    {FunctionId::kMerge, merge, true},
};

}  // namespace

std::span<const FunctionEntry> array_functions() { return kArrays; }

Status slice(const ValueView& array, const ValueView& from, const ValueView& to, Arena& arena, ValueView& out) {
  if (array.is_none()) return out = ValueView(), Status();
  if (array.kind() != Kind::kArray && array.kind() != Kind::kVector) return wrong_argument(FunctionId::kArraySlice, array);
  for (const ValueView& bound : {from, to}) {
    if (!bound.is_none() && bound.kind() != Kind::kInt) return wrong_argument(FunctionId::kArraySlice, bound);
  }
  const auto size = static_cast<int64_t>(array.size());
  const auto place = [size](const ValueView& bound, int64_t open) {
    if (bound.is_none()) return open;
    return std::clamp<int64_t>(bound.integer() < 0 ? size + std::max(bound.integer(), -size) : bound.integer(), 0, size);
  };
  const int64_t first = place(from, 0), last = std::max(place(to, size), first);
  if (array.kind() == Kind::kVector) {
    out = ValueView::of_vector(array.buffer().substr(static_cast<size_t>(first) * 4, static_cast<size_t>(last - first) * 4));
    return Status();
  }
  const ArrayReader reader(array.buffer());
  DocumentWriter writer;
  writer.begin_array();
  for (int64_t i = first; i < last; ++i) writer.encoded(reader.encoded(static_cast<size_t>(i)));
  writer.end();
  out = keep_encoded(writer.bytes(), arena);
  return Status();
}

}  // namespace protobase::query
