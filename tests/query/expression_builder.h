// Makes bound expressions by hand, for tests of the executor.
#pragma once

#include <initializer_list>
#include <memory>
#include <utility>

#include "query/binder/expression.h"

namespace protobase::query::testing {

inline ExpressionPtr make(ExpressionKind kind, Type type = {}) {
  auto expression = std::make_unique<Expression>();
  expression->kind = kind;
  expression->type = type;
  return expression;
}

template <class... Children>
ExpressionPtr with_children(ExpressionPtr expression, Children... children) {
  (expression->children.push_back(std::move(children)), ...);
  return expression;
}

inline ExpressionPtr constant(Value value) {
  auto expression = make(ExpressionKind::kConstant, Type::of(value.kind()));
  expression->value = std::move(value);
  return expression;
}

/// A constant of a type that is not known beforehand.
inline ExpressionPtr loose(Value value) {
  auto expression = constant(std::move(value));
  expression->type = Type::unknown();
  return expression;
}

inline ExpressionPtr column(uint32_t index) {
  auto expression = make(ExpressionKind::kColumn);
  expression->index = index;
  return expression;
}

inline ExpressionPtr parameter(uint32_t index) {
  auto expression = make(ExpressionKind::kParameter);
  expression->index = index;
  return expression;
}

inline ExpressionPtr outer(uint32_t index) {
  auto expression = make(ExpressionKind::kOuter);
  expression->index = index;
  return expression;
}

inline ExpressionPtr binary(Operator op, ExpressionPtr a, ExpressionPtr b) {
  auto expression = with_children(make(ExpressionKind::kOperator), std::move(a), std::move(b));
  expression->op = op;
  return expression;
}

inline ExpressionPtr unary(Operator op, ExpressionPtr a) {
  auto expression = with_children(make(ExpressionKind::kOperator), std::move(a));
  expression->op = op;
  return expression;
}

template <class... Children>
ExpressionPtr call(FunctionId function, Children... children) {
  auto expression = with_children(make(ExpressionKind::kFunction), std::move(children)...);
  expression->function = function;
  return expression;
}

template <class... Children>
ExpressionPtr of(ExpressionKind kind, Children... children) {
  return with_children(make(kind), std::move(children)...);
}

inline ExpressionPtr cast_to(Kind kind, ExpressionPtr a, bool try_cast = false) {
  auto expression = with_children(make(ExpressionKind::kCast, Type::of(kind)), std::move(a));
  expression->try_cast = try_cast;
  return expression;
}

}  // namespace protobase::query::testing
