// constant_folding: what has the same value for every row is computed while planning.
#include <algorithm>

#include "query/optimizer/internal/context.h"

namespace protobase::query {
namespace {

bool is_constant(const Expression& e) { return e.kind == ExpressionKind::kConstant; }

bool is_bool(const Expression& e, bool value) {
  return is_constant(e) && e.value.kind() == Kind::kBool && e.value.as_bool() == value;
}

bool may_change(const Expression& e) {
  if (e.kind != ExpressionKind::kFunction) return false;
  return e.function == FunctionId::kRandom || e.function == FunctionId::kCurrentDate || e.function == FunctionId::kCurrentTimestamp;
}

/// Only kinds whose value depends on their children alone.
bool is_foldable(const Expression& e) {
  switch (e.kind) {
    case ExpressionKind::kConstant:
    case ExpressionKind::kParameter:
    case ExpressionKind::kColumn:
    case ExpressionKind::kOuter: return false;
    default: break;
  }
  if (e.subquery != nullptr || may_change(e)) return false;
  return std::all_of(e.children.begin(), e.children.end(), [](const ExpressionPtr& child) { return is_constant(*child); });
}

/// AND without its TRUEs, OR without its FALSEs; the other constant decides the whole.
void simplify_junction(ExpressionPtr& e) {
  const bool neutral = e->kind == ExpressionKind::kAnd;
  for (const ExpressionPtr& child : e->children) {
    if (!is_bool(*child, !neutral)) continue;
    auto decided = std::make_unique<Expression>();
    decided->value = Value(!neutral);
    decided->type = Type::of(Kind::kBool);
    decided->span = e->span;
    e = std::move(decided);
    return;
  }
  auto& children = e->children;
  std::erase_if(children, [&](const ExpressionPtr& child) { return children.size() > 1 && is_bool(*child, neutral); });
  if (children.size() == 1) {
    ExpressionPtr only = std::move(children[0]);
    e = std::move(only);
  }
}

void fold(ExpressionPtr& e, const OptimizerContext& context) {
  for (ExpressionPtr& child : e->children) fold(child, context);
  const bool junction = e->kind == ExpressionKind::kAnd || e->kind == ExpressionKind::kOr;
  if (junction && !is_foldable(*e)) return simplify_junction(e);
  if (!is_foldable(*e)) return;
  Result<Value> value = context.input().evaluate(*e);
  if (!value.ok()) return;  // an error only if a row really needs it
  auto constant = std::make_unique<Expression>();
  constant->span = e->span;
  constant->type = value->is_none() ? e->type : Type::of(value->kind());
  if (value->kind() == Kind::kVector) constant->type.dimension = static_cast<uint32_t>(value->size());
  constant->value = *std::move(value);
  e = std::move(constant);
}

void drop_true(std::vector<ExpressionPtr>& conjuncts) {
  std::vector<ExpressionPtr> split;
  for (ExpressionPtr& conjunct : conjuncts) split_conjuncts(std::move(conjunct), split);
  std::erase_if(split, [](const ExpressionPtr& conjunct) { return is_bool(*conjunct, true); });
  conjuncts = std::move(split);
}

}  // namespace

Status fold_constants(LogicalPtr& plan, OptimizerContext& context) {
  return for_each_node(plan, [&](LogicalPtr& node) {
    for_each_expression(*node, [&](ExpressionPtr& e) { fold(e, context); });
    if (node->kind == LogicalKind::kJoin) drop_true(as<LogicalJoin>(*node).conjuncts);
    if (node->kind != LogicalKind::kFilter) return Status();
    auto& filter = as<LogicalFilter>(*node);
    drop_true(filter.conjuncts);
    if (filter.conjuncts.empty()) {
      LogicalPtr child = std::move(filter.children[0]);
      node = std::move(child);
    }
    return Status();
  });
}

}  // namespace protobase::query
