#include "query/binder/binder.h"

namespace protobase::query {
namespace {

using Operation = Predicate::Operation;

std::optional<Operation> comparison(Operator op, bool mirrored) {
  switch (op) {
    case Operator::kEqual: return Operation::kEqual;
    case Operator::kNotEqual: return Operation::kNotEqual;
    case Operator::kLess: return mirrored ? Operation::kGreater : Operation::kLess;
    case Operator::kLessEqual: return mirrored ? Operation::kGreaterEqual : Operation::kLessEqual;
    case Operator::kGreater: return mirrored ? Operation::kLess : Operation::kGreater;
    case Operator::kGreaterEqual: return mirrored ? Operation::kLessEqual : Operation::kGreaterEqual;
    default: return std::nullopt;
  }
}

Predicate negate(Predicate operand) {
  Predicate predicate;
  predicate.operation = Operation::kNot;
  predicate.operands.push_back(std::move(operand));
  return predicate;
}

Predicate leaf(Operation operation, Path path, Value value = Value()) {
  Predicate predicate;
  predicate.operation = operation;
  predicate.path = std::move(path);
  predicate.value = std::move(value);
  return predicate;
}

struct Translator {
  const PathOf& path_of;
  const ValueOf& value_of;

  std::optional<Predicate> translate(const Expression& e) const {
    switch (e.kind) {
      case ExpressionKind::kAnd:
      case ExpressionKind::kOr: return junction(e);
      case ExpressionKind::kIn: return in(e);
      case ExpressionKind::kBetween: return between(e);
      case ExpressionKind::kOperator: return operation(e);
      default: break;
    }
    auto path = path_of(e);
    return path ? std::optional(leaf(Operation::kIsTrue, *std::move(path))) : std::nullopt;
  }

  std::optional<Predicate> junction(const Expression& e) const {
    Predicate predicate;
    predicate.operation = e.kind == ExpressionKind::kAnd ? Operation::kAnd : Operation::kOr;
    for (const ExpressionPtr& child : e.children) {
      auto operand = translate(*child);
      if (!operand) return std::nullopt;
      predicate.operands.push_back(*std::move(operand));
    }
    return predicate;
  }

  std::optional<Predicate> in(const Expression& e) const {
    auto path = path_of(*e.children[0]);
    if (!path) return std::nullopt;
    Array values;
    for (size_t i = 1; i < e.children.size(); ++i) {
      auto value = value_of(*e.children[i]);
      if (!value) return std::nullopt;
      values.push(*std::move(value));
    }
    Predicate predicate = leaf(Operation::kIn, *std::move(path), Value(values));
    return e.negated ? negate(std::move(predicate)) : predicate;
  }

  std::optional<Predicate> between(const Expression& e) const {
    auto path = path_of(*e.children[0]);
    auto low = value_of(*e.children[1]), high = value_of(*e.children[2]);
    if (!path || !low || !high) return std::nullopt;
    Predicate predicate;
    predicate.operation = Operation::kAnd;
    predicate.operands.push_back(leaf(Operation::kGreaterEqual, *path, *low));
    predicate.operands.push_back(leaf(Operation::kLessEqual, *path, *high));
    return e.negated ? negate(std::move(predicate)) : predicate;
  }

  std::optional<Predicate> operation(const Expression& e) const {
    if (e.children.size() == 1) {
      if (e.op == Operator::kNot) {
        auto operand = translate(*e.children[0]);
        return operand ? std::optional(negate(*std::move(operand))) : std::nullopt;
      }
      auto path = path_of(*e.children[0]);
      if (!path) return std::nullopt;
      if (e.op == Operator::kIsNull) return leaf(Operation::kIsNull, *std::move(path));
      if (e.op == Operator::kIsNotNull) return negate(leaf(Operation::kIsNull, *std::move(path)));
      if (e.op == Operator::kIsTrue) return leaf(Operation::kIsTrue, *std::move(path));
      return std::nullopt;
    }
    for (const bool mirrored : {false, true}) {
      const auto op = comparison(e.op, mirrored);
      auto path = path_of(*e.children[mirrored ? 1 : 0]);
      auto value = value_of(*e.children[mirrored ? 0 : 1]);
      if (op && path && value) return leaf(*op, *std::move(path), *std::move(value));
    }
    return std::nullopt;
  }
};

}  // namespace

std::optional<Predicate> to_predicate(const Expression& condition, const PathOf& path_of, const ValueOf& value_of) {
  return Translator{path_of, value_of}.translate(condition);
}

}  // namespace protobase::query
