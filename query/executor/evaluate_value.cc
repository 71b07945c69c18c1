// Functions, casts, paths, and arrays and objects made of expressions.
#include "query/executor/cast.h"
#include "query/executor/expression_evaluator.h"
#include "query/executor/slice.h"

namespace protobase::query {
namespace {

bool all_constant(const ColumnVector* columns, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (!columns[i].constant && columns[i].form != Form::kNull) return false;
  }
  return true;
}

}  // namespace

Status Evaluator::children_of(Node node, Input in, ColumnVector*& columns) {
  columns = arena_.array<ColumnVector>(node.children.size());
  for (size_t i = 0; i < node.children.size(); ++i) {
    columns[i] = ColumnVector();
    PROTO_RETURN_IF_ERROR(child(node, i, in, columns[i]));
  }
  return Status();
}

Status Evaluator::function(Node node, Input in, ColumnVector& out) {
  if (node.function == FunctionId::kCoalesce) return coalesce(node, in, out);
  if (node.function == FunctionId::kIf) return conditional(node, in, out);
  const FunctionEntry* entry = find_function(node.function);
  if (entry == nullptr) return Status(StatusCode::kUnsupported, "an unknown function").with_span(node.span);
  ColumnVector* columns = nullptr;
  PROTO_RETURN_IF_ERROR(children_of(node, in, columns));
  const size_t count = node.children.size();
  auto* arguments = arena_.array<ValueView>(count);
  FunctionContext context{arena_, context_.now(), context_.random(), context_.catalog};
  const bool once = node.function != FunctionId::kRandom && all_constant(columns, count);
  return map(node, in, once, out, [&](uint32_t row, ValueView& value) -> Status {
    bool has_none = false;
    for (size_t i = 0; i < count; ++i) {
      arguments[i] = columns[i].at(row);
      has_none |= arguments[i].is_none();
    }
    if (has_none && !entry->takes_none) return Status();
    return entry->call(context, Arguments(arguments, count), value);
  });
}

Status Evaluator::cast_values(Node node, Input in, ColumnVector& out) {
  ColumnVector value;
  PROTO_RETURN_IF_ERROR(child(node, 0, in, value));
  if (node.type.kind == value.kind && value.kind != Kind::kNone && value.kind != Kind::kVector) return out = value, Status();
  if (node.type.kind == Kind::kDouble && value.form == Form::kInteger && value.kind == Kind::kInt && !value.constant) {
    auto* reals = arena_.array<double>(in.chunk.size);
    for_each_row(in.rows, [&](uint32_t row) { reals[row] = static_cast<double>(value.as<int64_t>()[row]); });
    return out = ColumnVector::doubles(reals, value.valid), Status();
  }
  return map(node, in, value.constant, out, [&](uint32_t row, ValueView& result) -> Status {
    Status status = cast(value.at(row), node.type, arena_, result);
    if (status.ok() || !node.try_cast) return status;
    result = ValueView();
    return Status();
  });
}

Status Evaluator::follow(const ValueView& from, std::span<const Path::Step> steps, ValueView& out) {
  out = from;
  for (size_t i = 0; i < steps.size() && !out.is_none(); ++i) {
    if (out.kind() == Kind::kRef && !steps[i].is_index && context_.references != nullptr) {
      return context_.references->follow(out.ref(), steps.subspan(i), arena_, out);
    }
    out = steps[i].is_index ? out[steps[i].index] : out[std::string_view(steps[i].name)];
  }
  return Status();
}

Status Evaluator::path(Node node, Input in, ColumnVector& out) {
  if (node.children.size() > 1) return dynamic_path(node, in, out);
  ColumnVector value;
  PROTO_RETURN_IF_ERROR(child(node, 0, in, value));
  const std::span<const Path::Step> steps(node.path.steps());
  return map(node, in, value.constant, out,
             [&](uint32_t row, ValueView& result) { return follow(value.at(row), steps, result); });
}

/// One step whose name or number is computed.
Status Evaluator::dynamic_path(Node node, Input in, ColumnVector& out) {
  ColumnVector value, key;
  PROTO_RETURN_IF_ERROR(child(node, 0, in, value));
  PROTO_RETURN_IF_ERROR(child(node, 1, in, key));
  return map(node, in, value.constant && key.constant, out, [&](uint32_t row, ValueView& result) -> Status {
    const ValueView wanted = key.at(row);
    Path::Step step;
    if (wanted.is_none()) return Status();
    if (wanted.kind() == Kind::kInt) {
      step.is_index = true;
      step.index = wanted.integer();
    } else if (wanted.kind() == Kind::kString) {
      step.name = std::string(wanted.buffer());
    } else {
      return Status(StatusCode::kType, "an element is chosen by an integer or a name, not by " + std::string(kind_name(wanted.kind())));
    }
    return follow(value.at(row), std::span(&step, 1), result);
  });
}

Status Evaluator::construct(Node node, Input in, ColumnVector& out) {
  ColumnVector* columns = nullptr;
  PROTO_RETURN_IF_ERROR(children_of(node, in, columns));
  const bool is_object = node.kind == ExpressionKind::kObject;
  DocumentWriter writer;
  return map(node, in, all_constant(columns, node.children.size()), out, [&](uint32_t row, ValueView& value) -> Status {
    writer.clear();
    is_object ? writer.begin_object() : writer.begin_array();
    for (size_t i = 0; i < node.children.size(); ++i) {
      if (is_object) writer.key(node.names[i]);
      writer.value(columns[i].at(row));
    }
    writer.end();
    value = keep_encoded(writer.bytes(), arena_);
    return Status();
  });
}

Status Evaluator::slice_values(Node node, Input in, ColumnVector& out) {
  ColumnVector* columns = nullptr;
  PROTO_RETURN_IF_ERROR(children_of(node, in, columns));
  return map(node, in, all_constant(columns, 3), out, [&](uint32_t row, ValueView& value) {
    return slice(columns[0].at(row), columns[1].at(row), columns[2].at(row), arena_, value);
  });
}

}  // namespace protobase::query
