// AND, OR, NOT, IS ..., CASE, COALESCE, IF: whatever evaluates its operands for some rows only.
#include "query/executor/expression_evaluator.h"

namespace protobase::query {
namespace {

constexpr uint8_t kFalse = 0, kTrue = 1, kNull = 2;

/// The rows of `rows` that are not in `taken`; both ascend, `taken` is a part of `rows`.
Rows without(Rows rows, Rows taken, Arena& arena) {
  auto* rest = arena.array<uint32_t>(rows.count);
  uint32_t count = 0, next = 0;
  for (uint32_t i = 0; i < rows.count; ++i) {
    if (next < taken.count && taken[next] == rows[i]) {
      ++next;
    } else {
      rest[count++] = rows[i];
    }
  }
  return {rest, count};
}

void scatter(const ColumnVector& column, Rows rows, ValueView* out) {
  for_each_row(rows, [&](uint32_t row) { out[row] = column.at(row); });
}

}  // namespace

ColumnVector Evaluator::truth_column(const uint8_t* truth, Input in) {
  bool has_null = false;
  for_each_row(in.rows, [&](uint32_t row) { has_null |= truth[row] == kNull; });
  if (!has_null) return ColumnVector::bools(truth, nullptr);
  uint64_t* valid = all_valid(in.chunk.size, arena_);
  auto* bools = arena_.array<uint8_t>(in.chunk.size);
  for_each_row(in.rows, [&](uint32_t row) {
    bools[row] = truth[row] == kTrue;
    if (truth[row] == kNull) clear_bit(valid, row);
  });
  return ColumnVector::bools(bools, valid);
}

Status Evaluator::truth_of_column(Node node, Input in, const ColumnVector& column, uint8_t* truth) {
  if (column.form == Form::kNull) {
    for_each_row(in.rows, [&](uint32_t row) { truth[row] = kNull; });
    return Status();
  }
  if (column.form == Form::kBool) {
    const auto* bools = column.as<uint8_t>();
    for_each_row(in.rows, [&](uint32_t row) { truth[row] = column.is_null(row) ? kNull : bools[column.element(row)]; });
    return Status();
  }
  for (uint32_t i = 0; i < in.rows.count; ++i) {
    const uint32_t row = in.rows[i];
    Result<Truth> value = condition_of(column.at(row));
    if (!value.ok()) return Status(value.status()).with_span(node.span);
    truth[row] = static_cast<uint8_t>(*value);
  }
  return Status();
}

Status Evaluator::connective(Node node, Input in, ColumnVector& out) {
  const uint8_t decides = node.kind == ExpressionKind::kAnd ? kFalse : kTrue;
  auto* truth = arena_.array<uint8_t>(in.chunk.size);
  auto* one = arena_.array<uint8_t>(in.chunk.size);
  auto* pending = arena_.array<uint32_t>(in.rows.count);
  for_each_row(in.rows, [&](uint32_t row) { truth[row] = decides == kFalse ? kTrue : kFalse; });
  Rows open = in.rows;
  for (const ExpressionPtr& operand : node.children) {
    if (open.count == 0) break;
    ColumnVector column;
    PROTO_RETURN_IF_ERROR(evaluate(*operand, in.chunk, open, column));
    PROTO_RETURN_IF_ERROR(truth_of_column(*operand, Input{in.chunk, open}, column, one));
    uint32_t count = 0;
    for_each_row(open, [&](uint32_t row) {
      if (one[row] == decides) {
        truth[row] = decides;
      } else {
        if (one[row] == kNull) truth[row] = kNull;
        pending[count++] = row;
      }
    });
    open = {pending, count};
  }
  out = truth_column(truth, in);
  return Status();
}

Status Evaluator::filter_and(Node condition, Input in, Rows& out) {
  out = in.rows;
  for (const ExpressionPtr& operand : condition.children) {
    PROTO_RETURN_IF_ERROR(filter(*operand, in.chunk, out, out));
  }
  return Status();
}

Status Evaluator::filter(const Expression& condition, const Chunk& chunk, Rows rows, Rows& out) {
  if (rows.count == 0) return out = rows, Status();
  const Input in{chunk, rows};
  if (condition.kind == ExpressionKind::kAnd) return filter_and(condition, in, out);
  ColumnVector column;
  PROTO_RETURN_IF_ERROR(evaluate(condition, chunk, rows, column));
  if (column.form != Form::kBool && column.form != Form::kNull) {
    auto* truth = arena_.array<uint8_t>(chunk.size);
    PROTO_RETURN_IF_ERROR(truth_of_column(condition, in, column, truth));
    column = truth_column(truth, in);
  }
  auto* selection = arena_.array<uint32_t>(rows.count + 1);
  const uint32_t count = select_true(column, rows, selection);
  out = count == rows.count ? rows : Rows{selection, count};
  return Status();
}

Status Evaluator::truth_test(Node node, Input in, ColumnVector& out) {
  ColumnVector value;
  PROTO_RETURN_IF_ERROR(child(node, 0, in, value));
  auto* truth = arena_.array<uint8_t>(in.chunk.size);
  if (node.op == Operator::kIsNull || node.op == Operator::kIsNotNull) {
    const bool wanted = node.op == Operator::kIsNull;
    for_each_row(in.rows, [&](uint32_t row) { truth[row] = value.is_null(row) == wanted; });
    return out = ColumnVector::bools(truth, nullptr), Status();
  }
  PROTO_RETURN_IF_ERROR(truth_of_column(node, in, value, truth));
  for_each_row(in.rows, [&](uint32_t row) {
    const uint8_t is = truth[row];
    switch (node.op) {
      case Operator::kIsTrue: truth[row] = is == kTrue; break;
      case Operator::kIsNotTrue: truth[row] = is != kTrue; break;
      case Operator::kIsFalse: truth[row] = is == kFalse; break;
      case Operator::kIsNotFalse: truth[row] = is != kFalse; break;
      default: truth[row] = is == kNull ? kNull : !is; break;  // NOT
    }
  });
  out = truth_column(truth, in);
  return Status();
}

/// CASE, and IF as a CASE of one branch.
Status Evaluator::conditional(Node node, Input in, ColumnVector& out) {
  auto* views = arena_.array<ValueView>(in.chunk.size);
  for_each_row(in.rows, [&](uint32_t row) { views[row] = ValueView(); });
  Rows open = in.rows;
  size_t i = 0;
  for (; i + 1 < node.children.size() && open.count != 0; i += 2) {
    Rows chosen;
    PROTO_RETURN_IF_ERROR(filter(*node.children[i], in.chunk, open, chosen));
    ColumnVector result;
    PROTO_RETURN_IF_ERROR(evaluate(*node.children[i + 1], in.chunk, chosen, result));
    scatter(result, chosen, views);
    open = without(open, chosen, arena_);
  }
  if (i < node.children.size() && open.count != 0) {
    ColumnVector result;
    PROTO_RETURN_IF_ERROR(evaluate(*node.children[i], in.chunk, open, result));
    scatter(result, open, views);
  }
  out = typed(views, in.rows, in.chunk.size, arena_);
  return Status();
}

Status Evaluator::coalesce(Node node, Input in, ColumnVector& out) {
  auto* views = arena_.array<ValueView>(in.chunk.size);
  for_each_row(in.rows, [&](uint32_t row) { views[row] = ValueView(); });
  auto* pending = arena_.array<uint32_t>(in.rows.count);
  Rows open = in.rows;
  for (const ExpressionPtr& operand : node.children) {
    if (open.count == 0) break;
    ColumnVector value;
    PROTO_RETURN_IF_ERROR(evaluate(*operand, in.chunk, open, value));
    uint32_t count = 0;
    for_each_row(open, [&](uint32_t row) {
      views[row] = value.at(row);
      if (views[row].is_none()) pending[count++] = row;
    });
    open = {pending, count};
  }
  out = typed(views, in.rows, in.chunk.size, arena_);
  return Status();
}

}  // namespace protobase::query
