#include "query/executor/expression_evaluator.h"

#include <cstring>

#include "query/executor/functions.h"
#include "query/executor/kernels.h"
#include "query/executor/vector_metric.h"

namespace protobase::query {
namespace {

bool is_number_column(const ColumnVector& column) {
  return column.form == Form::kDouble || (column.form == Form::kInteger && column.kind == Kind::kInt);
}

template <class T>
Operand<T> operand(const ColumnVector& column) {
  return {column.as<T>(), column.constant};
}

/// A column of numbers as doubles.
Operand<double> real_operand(const ColumnVector& column, Rows rows, uint32_t size, Arena& arena) {
  if (column.form == Form::kDouble) return operand<double>(column);
  const auto* integers = column.as<int64_t>();
  auto* reals = arena.array<double>(column.constant ? 1 : size);
  if (column.constant) {
    reals[0] = static_cast<double>(integers[0]);
  } else {
    for_each_row(rows, [&](uint32_t row) { reals[row] = static_cast<double>(integers[row]); });
  }
  return {reals, column.constant};
}

bool is_division(Operator op) { return op == Operator::kDivide || op == Operator::kModulo; }

}  // namespace

Status Evaluator::evaluate(const Expression& expression, const Chunk& chunk, Rows rows, ColumnVector& out) {
  if (rows.count == 0) return out = ColumnVector::null(), Status();
  return dispatch(expression, Input{chunk, rows}, out);
}

Status Evaluator::evaluate_single(const Expression& expression, ValueView& out) {
  Chunk chunk;
  chunk.set_all(1);
  ColumnVector column;
  PROTO_RETURN_IF_ERROR(evaluate(expression, chunk, chunk.rows, column));
  out = column.at(0);
  return Status();
}

Status Evaluator::dispatch(Node node, Input in, ColumnVector& out) {
  switch (node.kind) {
    case ExpressionKind::kConstant: return out = ColumnVector::repeat(node.value, arena_), Status();
    case ExpressionKind::kParameter:
      out = node.index < context_.parameters.size() ? ColumnVector::repeat(context_.parameters[node.index], arena_)
                                                    : ColumnVector::null();
      return Status();
    case ExpressionKind::kColumn:
      PROTO_CHECK_MSG(node.index < in.chunk.columns.size(), "an expression names a slot that its input does not have");
      return out = in.chunk.columns[node.index], Status();
    case ExpressionKind::kOuter:
      PROTO_CHECK_MSG(node.index < outer_.size(), "an expression names an outer value that its query does not have");
      return out = ColumnVector::repeat(outer_[node.index], arena_), Status();
    case ExpressionKind::kPath: return path(node, in, out);
    case ExpressionKind::kOperator: return operation(node, in, out);
    case ExpressionKind::kAnd:
    case ExpressionKind::kOr: return connective(node, in, out);
    case ExpressionKind::kLike: return like(node, in, out);
    case ExpressionKind::kIn: return in_list(node, in, out);
    case ExpressionKind::kInArray: return in_array(node, in, out);
    case ExpressionKind::kBetween: return between(node, in, out);
    case ExpressionKind::kCase: return conditional(node, in, out);
    case ExpressionKind::kCast: return cast_values(node, in, out);
    case ExpressionKind::kFunction: return function(node, in, out);
    case ExpressionKind::kArray:
    case ExpressionKind::kObject: return construct(node, in, out);
    case ExpressionKind::kSlice: return slice_values(node, in, out);
    case ExpressionKind::kScalarSubquery:
    case ExpressionKind::kExists:
    case ExpressionKind::kInSubquery: return subquery(node, in, out);
    case ExpressionKind::kQuantified: return quantified(node, in, out);
  }
  return Status(StatusCode::kUnsupported, "an expression of an unknown kind");
}

Status Evaluator::operation(Node node, Input in, ColumnVector& out) {
  if (node.children.size() == 1) return unary(node, in, out);
  if (!is_comparison(node.op) && node.op < Operator::kEqual) return calculate(node, in, out);
  ColumnVector a, b;
  PROTO_RETURN_IF_ERROR(child(node, 0, in, a));
  PROTO_RETURN_IF_ERROR(child(node, 1, in, b));
  if (is_comparison(node.op)) return compare_columns(node.op, node, *node.children[0], *node.children[1], in, a, b, out);
  if (is_distance(node.op)) return distance(node, in, a, b, out);
  if (node.op == Operator::kContains || node.op == Operator::kContainsAll) return contains_values(node, in, a, b, out);
  return compare_distinct(node, in, a, b, out);
}

Status Evaluator::unary(Node node, Input in, ColumnVector& out) {
  if (node.op != Operator::kNegate && node.op != Operator::kBitNot) return truth_test(node, in, out);
  ColumnVector a;
  PROTO_RETURN_IF_ERROR(child(node, 0, in, a));
  if (a.form == Form::kDouble && !a.constant) {
    auto* negated = arena_.array<double>(in.chunk.size);
    for_each_row(in.rows, [&](uint32_t row) { negated[row] = -a.as<double>()[row]; });
    return out = ColumnVector::doubles(negated, a.valid), Status();
  }
  return map(node, in, a.constant, out, [&](uint32_t row, ValueView& value) { return arithmetic(node.op, a.at(row), value); });
}

const uint64_t* Evaluator::both_valid(const ColumnVector& a, const ColumnVector& b, Input in, bool constant) {
  if (constant || (a.valid == nullptr && b.valid == nullptr)) return nullptr;
  if (a.valid == nullptr || a.constant) return b.valid;
  if (b.valid == nullptr || b.constant) return a.valid;
  const uint32_t words = bit_words(in.chunk.size);
  auto* valid = arena_.array<uint64_t>(words);
  for (uint32_t i = 0; i < words; ++i) valid[i] = a.valid[i] & b.valid[i];
  return valid;
}

Status Evaluator::calculate(Node node, Input in, ColumnVector& out) {
  ColumnVector a, b;
  PROTO_RETURN_IF_ERROR(child(node, 0, in, a));
  PROTO_RETURN_IF_ERROR(child(node, 1, in, b));
  if (a.form == Form::kNull || b.form == Form::kNull) return out = ColumnVector::null(), Status();
  const bool plain = node.op >= Operator::kAdd && node.op <= Operator::kModulo;
  const bool typed_loop = plain && !(a.constant && b.constant) && is_number_column(a) && is_number_column(b);
  return typed_loop ? calculate_numbers(node, in, a, b, out) : calculate_values(node, in, a, b, out);
}

Status Evaluator::calculate_values(Node node, Input in, const ColumnVector& a, const ColumnVector& b, ColumnVector& out) {
  return map(node, in, a.constant && b.constant, out, [&](uint32_t row, ValueView& value) {
    return arithmetic(node.op, a.at(row), b.at(row), arena_, value);
  });
}

Status Evaluator::calculate_numbers(Node node, Input in, const ColumnVector& a, const ColumnVector& b, ColumnVector& out) {
  if (a.form == Form::kInteger && b.form == Form::kInteger) return calculate_integers(node, in, a, b, out);
  return calculate_reals(node, in, a, b, out);
}

Status Evaluator::calculate_integers(Node node, Input in, const ColumnVector& a, const ColumnVector& b, ColumnVector& out) {
  const uint64_t* valid = both_valid(a, b, in, false);
  auto* result = arena_.array<int64_t>(in.chunk.size);
  bool overflow = false;
  if (is_division(node.op)) {
    uint64_t* own = all_valid(in.chunk.size, arena_);
    if (valid != nullptr) std::memcpy(own, valid, bit_words(in.chunk.size) * sizeof(uint64_t));
    overflow = divide_kernel(node.op, operand<int64_t>(a), operand<int64_t>(b), own, in.rows, result);
    valid = own;
  } else {
    overflow = arithmetic_kernel(node.op, operand<int64_t>(a), operand<int64_t>(b), valid, in.rows, result);
  }
  if (overflow) return Status(StatusCode::kRange, "the integer result is out of range").with_span(node.span);
  out = ColumnVector::integers(Kind::kInt, result, valid);
  return Status();
}

Status Evaluator::calculate_reals(Node node, Input in, const ColumnVector& a, const ColumnVector& b, ColumnVector& out) {
  const uint64_t* valid = both_valid(a, b, in, false);
  auto* result = arena_.array<double>(in.chunk.size);
  const Operand<double> x = real_operand(a, in.rows, in.chunk.size, arena_);
  const Operand<double> y = real_operand(b, in.rows, in.chunk.size, arena_);
  if (is_division(node.op)) {
    uint64_t* own = all_valid(in.chunk.size, arena_);
    if (valid != nullptr) std::memcpy(own, valid, bit_words(in.chunk.size) * sizeof(uint64_t));
    divide_kernel(node.op, x, y, own, in.rows, result);
    valid = own;
  } else {
    arithmetic_kernel(node.op, x, y, in.rows, result);
  }
  out = ColumnVector::doubles(result, valid);
  return Status();
}

Status Evaluator::distance(Node node, Input in, const ColumnVector& a, const ColumnVector& b, ColumnVector& out) {
  if (a.constant && !b.constant) return distance(node, in, b, a, out);  // distances are symmetric
  std::span<const float> query;
  if (b.constant && !a.constant && a.kind == Kind::kVector) {
    if (Status status = floats_of(b.at(0), arena_, query); !status.ok()) return std::move(status).with_span(node.span);
  }
  const vector::Metric metric = metric_of(node.op);
  const vector::DistanceKernel& kernel = vector::distance_kernel(metric);
  return map(node, in, a.constant && b.constant, out, [&](uint32_t row, ValueView& value) -> Status {
    const ValueView left = a.at(row);
    if (query.empty() || left.is_none() || left.size() != query.size()) {
      return vector_distance(node.op, left, b.at(row), arena_, value);
    }
    const float rank = kernel.one(query.data(), left.buffer().data(), query.size());
    value = ValueView::of_double(vector::distance_from_rank(metric, rank));
    return Status();
  });
}

}  // namespace protobase::query
