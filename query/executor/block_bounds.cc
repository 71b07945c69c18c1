#include "query/executor/block_bounds.h"

namespace protobase::query {
namespace {

bool may_pass(Operator op, const ColumnView& column, const ValueView& value) {
  if (column.value_count == 0) return false;  // comparisons with NULL are never true
  if (value.is_none()) return false;
  if (!comparable(column.kind, value.kind()) || column.min.is_none() || column.max.is_none()) return true;
  switch (op) {
    case Operator::kEqual: return order_of(column.min, value) <= 0 && order_of(column.max, value) >= 0;
    case Operator::kLess: return order_of(column.min, value) < 0;
    case Operator::kLessEqual: return order_of(column.min, value) <= 0;
    case Operator::kGreater: return order_of(column.max, value) > 0;
    case Operator::kGreaterEqual: return order_of(column.max, value) >= 0;
    default: return true;
  }
}

}  // namespace

bool is_known(const Expression& expression) {
  return expression.kind == ExpressionKind::kConstant || expression.kind == ExpressionKind::kParameter ||
         expression.kind == ExpressionKind::kOuter;
}

void mark_slots(const Expression& expression, std::vector<bool>& slots) {
  if (expression.kind == ExpressionKind::kColumn && expression.index < slots.size()) slots[expression.index] = true;
  for (const ExpressionPtr& child : expression.children) mark_slots(*child, slots);
  if (expression.subquery == nullptr) return;
  for (const ExpressionPtr& outer : expression.subquery->outer) mark_slots(*outer, slots);
}

Status BlockBounds::add(const Expression& subject, Operator op, const Expression& value, Evaluator& evaluator) {
  if (subject.kind != ExpressionKind::kColumn || !is_known(value)) return Status();
  ValueView known;
  PROTO_RETURN_IF_ERROR(evaluator.evaluate_single(value, known));
  bounds_.push_back({subject.index, op, Value(known)});
  return Status();
}

Status BlockBounds::prepare(const Expression& filter, Evaluator& evaluator) {
  if (filter.kind == ExpressionKind::kAnd) {
    for (const ExpressionPtr& child : filter.children) PROTO_RETURN_IF_ERROR(prepare(*child, evaluator));
    return Status();
  }
  if (filter.kind == ExpressionKind::kBetween && !filter.negated) {
    PROTO_RETURN_IF_ERROR(add(*filter.children[0], Operator::kGreaterEqual, *filter.children[1], evaluator));
    return add(*filter.children[0], Operator::kLessEqual, *filter.children[2], evaluator);
  }
  if (filter.kind != ExpressionKind::kOperator || !is_comparison(filter.op) || filter.children.size() != 2) return Status();
  PROTO_RETURN_IF_ERROR(add(*filter.children[0], filter.op, *filter.children[1], evaluator));
  return add(*filter.children[1], mirrored(filter.op), *filter.children[0], evaluator);
}

bool BlockBounds::exclude(ColumnReader& reader, const ColumnBlock& block) const {
  for (const Bound& bound : bounds_) {
    ColumnView column;
    if (!reader.bounds(bound.slot, block, column)) continue;
    if (!may_pass(bound.op, column, bound.value)) return true;
  }
  return false;
}

}  // namespace protobase::query
