// Evaluates bound expressions over chunks of rows.
//
// Nothing is compiled beforehand: the expression tree is walked once a chunk, and each node runs a loop over the rows that
// need it, chosen by the kinds found in its operands. Rows that do not need a branch (of AND, OR, CASE, COALESCE, IF) are not
// given to it, so a failing branch fails only where it decides the result.
#pragma once

#include <span>

#include "query/binder/expression.h"
#include "query/executor/execution_context.h"
#include "query/executor/scalar.h"
#include "query/executor/vector.h"

namespace protobase::query {

/// One thread. Results live in `arena`, in the chunk, in the plan and in the blocks of the transaction.
class Evaluator {
 public:
  /// `outer`: what kOuter refers to; must outlive the evaluator.
  Evaluator(ExecutionContext& context, Arena& arena, std::span<const ValueView> outer = {})
      : context_(context), arena_(arena), outer_(outer) {}

  /// The values of `expression` for `rows` of `chunk`, at their places. Errors carry the span of the expression at fault.
  Status evaluate(const Expression& expression, const Chunk& chunk, Rows rows, ColumnVector& out);
  /// The rows for which a condition is true. Error too: kType when it is not boolean.
  Status filter(const Expression& condition, const Chunk& chunk, Rows rows, Rows& out);
  /// The value of an expression without columns.
  Status evaluate_single(const Expression& expression, ValueView& out);

  Arena& arena() { return arena_; }
  ExecutionContext& context() { return context_; }
  std::span<const ValueView> outer() const { return outer_; }

 private:
  struct Input {
    const Chunk& chunk;
    Rows rows;
  };
  using Node = const Expression&;

  Status dispatch(Node node, Input in, ColumnVector& out);
  Status child(Node node, size_t index, Input in, ColumnVector& out) {
    return evaluate(*node.children[index], in.chunk, in.rows, out);
  }

  // expression_evaluator.cc
  Status operation(Node node, Input in, ColumnVector& out);
  Status unary(Node node, Input in, ColumnVector& out);
  Status calculate(Node node, Input in, ColumnVector& out);
  Status calculate_numbers(Node node, Input in, const ColumnVector& a, const ColumnVector& b, ColumnVector& out);
  Status calculate_integers(Node node, Input in, const ColumnVector& a, const ColumnVector& b, ColumnVector& out);
  Status calculate_reals(Node node, Input in, const ColumnVector& a, const ColumnVector& b, ColumnVector& out);
  Status calculate_values(Node node, Input in, const ColumnVector& a, const ColumnVector& b, ColumnVector& out);
  Status distance(Node node, Input in, const ColumnVector& a, const ColumnVector& b, ColumnVector& out);

  // evaluate_comparison.cc
  Status compare_columns(Operator op, Node node, Node left, Node right, Input in, const ColumnVector& a, const ColumnVector& b,
                         ColumnVector& out);
  Status compare_values(Operator op, Node node, Node left, Node right, Input in, const ColumnVector& a, const ColumnVector& b,
                        ColumnVector& out);
  bool compare_typed(Operator op, Input in, const ColumnVector& a, const ColumnVector& b, ColumnVector& out);
  Status compare_distinct(Node node, Input in, const ColumnVector& a, const ColumnVector& b, ColumnVector& out);
  Status contains_values(Node node, Input in, const ColumnVector& a, const ColumnVector& b, ColumnVector& out);
  Status between(Node node, Input in, ColumnVector& out);
  Status in_list(Node node, Input in, ColumnVector& out);
  Status in_hashed_list(Node node, Input in, const ColumnVector& value, ColumnVector& out);
  Status in_array(Node node, Input in, ColumnVector& out);
  Status like(Node node, Input in, ColumnVector& out);
  Result<const Pattern*> pattern_for(Node node, const ValueView& pattern, const ValueView& escape);

  // evaluate_logic.cc
  Status connective(Node node, Input in, ColumnVector& out);
  Status truth_test(Node node, Input in, ColumnVector& out);
  Status conditional(Node node, Input in, ColumnVector& out);
  Status coalesce(Node node, Input in, ColumnVector& out);
  Status filter_and(Node condition, Input in, Rows& out);
  ColumnVector truth_column(const uint8_t* truth, Input in);
  Status truth_of_column(Node node, Input in, const ColumnVector& column, uint8_t* truth);

  // evaluate_value.cc
  Status function(Node node, Input in, ColumnVector& out);
  Status cast_values(Node node, Input in, ColumnVector& out);
  Status path(Node node, Input in, ColumnVector& out);
  Status dynamic_path(Node node, Input in, ColumnVector& out);
  Status follow(const ValueView& from, std::span<const Path::Step> steps, ValueView& out);
  Status construct(Node node, Input in, ColumnVector& out);
  Status slice_values(Node node, Input in, ColumnVector& out);
  Status children_of(Node node, Input in, ColumnVector*& columns);

  // evaluate_subquery.cc
  Status subquery(Node node, Input in, ColumnVector& out);
  Status subquery_row(Node node, const ColumnVector& left, uint32_t row, std::span<const ValueView> outer, ValueView& out);
  Status quantified(Node node, Input in, ColumnVector& out);
  Status quantify(Node node, const ValueView& left, std::span<const Value> values, ValueView& out);

  uint32_t elements(Input in, bool constant) const { return constant ? 1 : in.chunk.size; }
  const uint64_t* both_valid(const ColumnVector& a, const ColumnVector& b, Input in, bool constant);
  /// `f(row, ValueView& out) -> Status` for each row; errors get the span of `node`. With `constant` once for all rows.
  template <class F>
  Status map(Node node, Input in, bool constant, ColumnVector& out, F&& f);

  ExecutionContext& context_;
  Arena& arena_;
  std::span<const ValueView> outer_;
};

template <class F>
Status Evaluator::map(Node node, Input in, bool constant, ColumnVector& out, F&& f) {
  if (constant) {
    ValueView value;
    if (Status status = f(in.rows[0], value); !status.ok()) return std::move(status).with_span(node.span);
    out = ColumnVector::repeat(value, arena_);
    return Status();
  }
  auto* views = arena_.array<ValueView>(in.chunk.size);
  for (uint32_t i = 0; i < in.rows.count; ++i) {
    const uint32_t row = in.rows[i];
    views[row] = ValueView();
    if (Status status = f(row, views[row]); !status.ok()) return std::move(status).with_span(node.span);
  }
  out = typed(views, in.rows, in.chunk.size, arena_);
  return Status();
}

}  // namespace protobase::query
