// Subqueries in expressions: scalar, EXISTS, IN, ANY and ALL.
#include "query/executor/expression_evaluator.h"

namespace protobase::query {
namespace {

SubqueryRunner::Use use_of(ExpressionKind kind) {
  if (kind == ExpressionKind::kExists) return SubqueryRunner::Use::kExists;
  return kind == ExpressionKind::kScalarSubquery ? SubqueryRunner::Use::kScalar : SubqueryRunner::Use::kAll;
}

ValueView membership(const SubqueryResult& result, const ValueView& left, bool negated) {
  if (!result.exists) return ValueView::of_bool(negated);  // nothing is in an empty set, not even NULL
  if (left.is_none()) return ValueView();
  std::string key;
  append_equality_key(key, left);
  const bool found = result.keys.find(key) != KeyTable::kAbsent;
  return found || !result.has_null ? ValueView::of_bool(found != negated) : ValueView();
}

}  // namespace

Status Evaluator::subquery_row(Node node, const ColumnVector& left, uint32_t row, std::span<const ValueView> outer,
                               ValueView& out) {
  PROTO_ASSIGN_OR_RETURN(const SubqueryResult* result, context_.subqueries->run(*node.subquery, use_of(node.kind), outer));
  switch (node.kind) {
    case ExpressionKind::kExists: out = ValueView::of_bool(result->exists != node.negated); return Status();
    case ExpressionKind::kInSubquery: out = membership(*result, left.at(row), node.negated); return Status();
    case ExpressionKind::kQuantified: return quantify(node, left.at(row), result->values, out);
    default:
      if (result->many) {
        return Status(StatusCode::kRange, "a subquery used as a value gave more than one row").with_hint("add LIMIT 1, or use IN");
      }
      out = arena_.keep(result->first);
      return Status();
  }
}

Status Evaluator::subquery(Node node, Input in, ColumnVector& out) {
  if (context_.subqueries == nullptr) return Status(StatusCode::kUnsupported, "no subquery is allowed here").with_span(node.span);
  ColumnVector left;
  const bool has_left = node.kind == ExpressionKind::kInSubquery || node.kind == ExpressionKind::kQuantified;
  if (has_left) PROTO_RETURN_IF_ERROR(child(node, 0, in, left));
  const std::vector<ExpressionPtr>& outer = node.subquery->outer;
  auto* columns = arena_.array<ColumnVector>(outer.size());
  auto* values = arena_.array<ValueView>(outer.size());
  for (size_t i = 0; i < outer.size(); ++i) {
    columns[i] = ColumnVector();
    PROTO_RETURN_IF_ERROR(evaluate(*outer[i], in.chunk, in.rows, columns[i]));
  }
  const bool once = outer.empty() && (!has_left || left.constant);
  return map(node, in, once, out, [&](uint32_t row, ValueView& value) {
    for (size_t i = 0; i < outer.size(); ++i) values[i] = columns[i].at(row);
    return subquery_row(node, left, row, std::span<const ValueView>(values, outer.size()), value);
  });
}

Status Evaluator::quantify(Node node, const ValueView& left, std::span<const Value> values, ValueView& out) {
  const Truth decides = node.all ? Truth::kFalse : Truth::kTrue;
  bool unknown = false;
  for (const Value& value : values) {
    const Truth truth = compare(node.op, left, value);
    if (truth == decides) return out = view_of(decides), Status();
    unknown |= truth == Truth::kNull;
  }
  out = unknown ? ValueView() : view_of(negate(decides));
  return Status();
}

Status Evaluator::quantified(Node node, Input in, ColumnVector& out) {
  if (node.subquery != nullptr) return subquery(node, in, out);
  ColumnVector left, array;
  PROTO_RETURN_IF_ERROR(child(node, 0, in, left));
  PROTO_RETURN_IF_ERROR(child(node, 1, in, array));
  return map(node, in, left.constant && array.constant, out, [&](uint32_t row, ValueView& value) -> Status {
    const ValueView elements = array.at(row);
    if (elements.is_none()) return Status();
    if (elements.kind() != Kind::kArray && elements.kind() != Kind::kVector) {
      return Status(StatusCode::kType, "ANY and ALL take an array or a subquery, not " + std::string(kind_name(elements.kind())));
    }
    std::vector<Value> values;
    for (int64_t i = 0; i < static_cast<int64_t>(elements.size()); ++i) values.emplace_back(elements[i]);
    return quantify(node, left.at(row), values, value);
  });
}

}  // namespace protobase::query
