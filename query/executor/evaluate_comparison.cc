// Comparisons, IN, BETWEEN, LIKE.
#include <cstring>

#include "query/executor/expression_evaluator.h"
#include "query/executor/kernels.h"

namespace protobase::query {
namespace {

/// Lists up to this long are compared one by one.
constexpr size_t kShortList = 8;

bool is_fixed(const Expression& expression) {
  return expression.kind == ExpressionKind::kConstant || expression.kind == ExpressionKind::kParameter;
}

bool known_to_differ(const Expression& left, const Expression& right) {
  return !left.type.any && !right.type.any && !comparable(left.type.kind, right.type.kind) && left.type.kind != Kind::kNone &&
         right.type.kind != Kind::kNone;
}

Status incomparable(const ValueView& a, const ValueView& b) {
  return Status(StatusCode::kType, "cannot compare " + std::string(kind_name(a.kind())) + " with " + std::string(kind_name(b.kind())))
      .with_hint("convert one side with CAST(... AS ...)");
}

template <class T>
Operand<T> operand(const ColumnVector& column) {
  return {column.as<T>(), column.constant};
}

void compare_texts(Operator op, const ColumnVector& a, const ColumnVector& b, Rows rows, uint8_t* out) {
  const auto* x = a.as<ValueView>();
  const auto* y = b.as<ValueView>();
  if (op == Operator::kEqual || op == Operator::kNotEqual) {
    const bool equal = op == Operator::kEqual;
    for_each_row(rows, [&](uint32_t row) {
      out[row] = (x[a.element(row)].buffer() == y[b.element(row)].buffer()) == equal;
    });
    return;
  }
  for_each_row(rows, [&](uint32_t row) {
    out[row] = meets(op, x[a.element(row)].buffer().compare(y[b.element(row)].buffer()) <=> 0);
  });
}

bool has_none(const ColumnVector& column, Rows rows) {
  if (column.constant) return false;
  bool found = false;
  for_each_row(rows, [&](uint32_t row) { found |= column.as<ValueView>()[row].is_none(); });
  return found;
}

}  // namespace

Status Evaluator::compare_columns(Operator op, Node node, Node left, Node right, Input in, const ColumnVector& a,
                                  const ColumnVector& b, ColumnVector& out) {
  if (a.form == Form::kNull || b.form == Form::kNull) return out = ColumnVector::null(), Status();
  if (!(a.constant && b.constant) && compare_typed(op, in, a, b, out)) return Status();
  return compare_values(op, node, left, right, in, a, b, out);
}

bool Evaluator::compare_typed(Operator op, Input in, const ColumnVector& a, const ColumnVector& b, ColumnVector& out) {
  const bool integers = a.form == Form::kInteger && b.form == Form::kInteger && a.kind == b.kind;
  const bool reals = a.form == Form::kDouble && b.form == Form::kDouble;
  const bool int_real = a.form == Form::kInteger && a.kind == Kind::kInt && b.form == Form::kDouble;
  const bool real_int = b.form == Form::kInteger && b.kind == Kind::kInt && a.form == Form::kDouble;
  const bool texts = a.form == Form::kViews && b.form == Form::kViews && a.kind == Kind::kString && b.kind == Kind::kString &&
                     !has_none(a, in.rows) && !has_none(b, in.rows);
  if (!(integers || reals || int_real || real_int || texts)) return false;
  auto* truth = arena_.array<uint8_t>(in.chunk.size);
  if (integers) compare_kernel(op, operand<int64_t>(a), operand<int64_t>(b), in.rows, truth);
  if (reals) compare_kernel(op, operand<double>(a), operand<double>(b), in.rows, truth);
  if (int_real) compare_kernel(op, operand<int64_t>(a), operand<double>(b), in.rows, truth);
  if (real_int) compare_kernel(mirrored(op), operand<int64_t>(b), operand<double>(a), in.rows, truth);
  if (texts) compare_texts(op, a, b, in.rows, truth);
  out = ColumnVector::bools(truth, texts ? nullptr : both_valid(a, b, in, false));
  return true;
}

Status Evaluator::compare_values(Operator op, Node node, Node left, Node right, Input in, const ColumnVector& a,
                                 const ColumnVector& b, ColumnVector& out) {
  const bool strict = known_to_differ(left, right);
  return map(node, in, a.constant && b.constant, out, [&](uint32_t row, ValueView& value) -> Status {
    const ValueView x = a.at(row), y = b.at(row);
    if (strict && !x.is_none() && !y.is_none() && !comparable(x.kind(), y.kind())) return incomparable(x, y);
    value = view_of(compare(op, x, y));
    return Status();
  });
}

Status Evaluator::compare_distinct(Node node, Input in, const ColumnVector& a, const ColumnVector& b, ColumnVector& out) {
  const bool equal = node.op == Operator::kIsNotDistinctFrom;
  return map(node, in, a.constant && b.constant, out, [&](uint32_t row, ValueView& value) -> Status {
    value = ValueView::of_bool(same_value(a.at(row), b.at(row)) == equal);
    return Status();
  });
}

Status Evaluator::contains_values(Node node, Input in, const ColumnVector& a, const ColumnVector& b, ColumnVector& out) {
  return map(node, in, a.constant && b.constant, out, [&](uint32_t row, ValueView& value) -> Status {
    const bool all = node.op == Operator::kContainsAll;
    PROTO_ASSIGN_OR_RETURN(Truth truth, all ? contains_all(a.at(row), b.at(row)) : contains(a.at(row), b.at(row)));
    value = view_of(truth);
    return Status();
  });
}

Status Evaluator::between(Node node, Input in, ColumnVector& out) {
  ColumnVector value, low, high, above, below;
  PROTO_RETURN_IF_ERROR(child(node, 0, in, value));
  PROTO_RETURN_IF_ERROR(child(node, 1, in, low));
  PROTO_RETURN_IF_ERROR(child(node, 2, in, high));
  const Expression& subject = *node.children[0];
  PROTO_RETURN_IF_ERROR(compare_columns(Operator::kGreaterEqual, node, subject, *node.children[1], in, value, low, above));
  PROTO_RETURN_IF_ERROR(compare_columns(Operator::kLessEqual, node, subject, *node.children[2], in, value, high, below));
  auto* truth = arena_.array<uint8_t>(in.chunk.size);
  auto* second = arena_.array<uint8_t>(in.chunk.size);
  PROTO_RETURN_IF_ERROR(truth_of_column(node, in, above, truth));
  PROTO_RETURN_IF_ERROR(truth_of_column(node, in, below, second));
  for_each_row(in.rows, [&](uint32_t row) {
    const bool no = truth[row] == 0 || second[row] == 0;
    const auto result = no ? Truth::kFalse : truth[row] == 1 && second[row] == 1 ? Truth::kTrue : Truth::kNull;
    truth[row] = static_cast<uint8_t>(node.negated ? negate(result) : result);
  });
  out = truth_column(truth, in);
  return Status();
}

Status Evaluator::in_list(Node node, Input in, ColumnVector& out) {
  ColumnVector value;
  PROTO_RETURN_IF_ERROR(child(node, 0, in, value));
  const size_t count = node.children.size() - 1;
  bool fixed = count > kShortList;
  for (size_t i = 1; fixed && i <= count; ++i) fixed = is_fixed(*node.children[i]);
  if (fixed) return in_hashed_list(node, in, value, out);
  auto* truth = arena_.array<uint8_t>(in.chunk.size);
  auto* one = arena_.array<uint8_t>(in.chunk.size);
  for_each_row(in.rows, [&](uint32_t row) { truth[row] = 0; });
  for (size_t i = 1; i <= count; ++i) {
    ColumnVector element, equal;
    PROTO_RETURN_IF_ERROR(child(node, i, in, element));
    PROTO_RETURN_IF_ERROR(
        compare_columns(Operator::kEqual, node, *node.children[0], *node.children[i], in, value, element, equal));
    PROTO_RETURN_IF_ERROR(truth_of_column(node, in, equal, one));
    for_each_row(in.rows, [&](uint32_t row) { truth[row] = truth[row] == 1 || one[row] == 0 ? truth[row] : one[row]; });
  }
  for_each_row(in.rows, [&](uint32_t row) {
    if (node.negated) truth[row] = static_cast<uint8_t>(negate(static_cast<Truth>(truth[row])));
  });
  out = truth_column(truth, in);
  return Status();
}

Status Evaluator::in_hashed_list(Node node, Input in, const ColumnVector& value, ColumnVector& out) {
  auto [place, made] = context_.states.try_emplace(&node);
  ExpressionState& state = place->second;
  std::string key;
  for (size_t i = 1; made && i < node.children.size(); ++i) {
    ValueView element;
    PROTO_RETURN_IF_ERROR(evaluate_single(*node.children[i], element));
    key.clear();
    append_equality_key(key, element);
    if (element.is_none()) state.has_null = true;
    else state.keys.insert(key);
  }
  return map(node, in, value.constant, out, [&](uint32_t row, ValueView& result) -> Status {
    const ValueView wanted = value.at(row);
    if (wanted.is_none()) return Status();
    key.clear();
    append_equality_key(key, wanted);
    const bool found = state.keys.find(key) != KeyTable::kAbsent;
    if (found || !state.has_null) result = ValueView::of_bool(found != node.negated);
    return Status();
  });
}

Status Evaluator::in_array(Node node, Input in, ColumnVector& out) {
  ColumnVector element, array;
  PROTO_RETURN_IF_ERROR(child(node, 0, in, element));
  PROTO_RETURN_IF_ERROR(child(node, 1, in, array));
  return map(node, in, element.constant && array.constant, out, [&](uint32_t row, ValueView& value) -> Status {
    PROTO_ASSIGN_OR_RETURN(Truth truth, contains(array.at(row), element.at(row)));
    value = view_of(node.negated ? negate(truth) : truth);
    return Status();
  });
}

Result<const Pattern*> Evaluator::pattern_for(Node node, const ValueView& pattern, const ValueView& escape) {
  ExpressionState& state = context_.states[&node];
  const std::string_view escape_text = escape.as_string();
  std::string text(pattern.buffer());
  text.push_back('\0');
  text.append(escape_text);
  if (state.pattern && state.pattern_text == text) return &*state.pattern;
  PROTO_ASSIGN_OR_RETURN(state.pattern, Pattern::compile(node.like, pattern.buffer(), escape_text, node.ignore_case));
  state.pattern_text = std::move(text);
  return &*state.pattern;
}

Status Evaluator::like(Node node, Input in, ColumnVector& out) {
  ColumnVector text, pattern, escape;
  PROTO_RETURN_IF_ERROR(child(node, 0, in, text));
  PROTO_RETURN_IF_ERROR(child(node, 1, in, pattern));
  if (node.children.size() > 2) PROTO_RETURN_IF_ERROR(child(node, 2, in, escape));
  const bool has_escape = node.children.size() > 2;
  const Pattern* compiled = nullptr;
  return map(node, in, text.constant && pattern.constant && (!has_escape || escape.constant), out,
             [&](uint32_t row, ValueView& value) -> Status {
               const ValueView subject = text.at(row), wanted = pattern.at(row), mark = escape.at(row);
               if (subject.is_none() || wanted.is_none() || (has_escape && mark.is_none())) return Status();
               if (subject.kind() != Kind::kString || wanted.kind() != Kind::kString || (has_escape && mark.kind() != Kind::kString)) {
                 const Kind odd = subject.kind() != Kind::kString ? subject.kind() : wanted.kind();
                 return Status(StatusCode::kType, "LIKE takes text, not " + std::string(kind_name(odd)));
               }
               if (compiled == nullptr || !pattern.constant || (has_escape && !escape.constant)) {
                 PROTO_ASSIGN_OR_RETURN(compiled, pattern_for(node, wanted, mark));
               }
               value = ValueView::of_bool(compiled->matches(subject.buffer()) != node.negated);
               return Status();
             });
}

}  // namespace protobase::query
