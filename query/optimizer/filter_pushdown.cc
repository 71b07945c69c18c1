// filter_pushdown: each condition goes down to the operators that give its columns, into scans in the end.
#include <algorithm>

#include "query/optimizer/internal/context.h"

namespace protobase::query {
namespace {

using Conjuncts = std::vector<ExpressionPtr>;

LogicalPtr push(LogicalPtr node, Conjuncts conjuncts);

LogicalPtr keep_above(LogicalPtr node, Conjuncts conjuncts) {
  if (conjuncts.empty()) return node;
  auto filter = std::make_unique<LogicalFilter>();
  filter->conjuncts = std::move(conjuncts);
  filter->output = node->output;
  filter->children.push_back(std::move(node));
  return filter;
}

/// Moves out the conjuncts that `wanted` accepts.
template <class Wanted>
Conjuncts take(Conjuncts& from, const Wanted& wanted) {
  Conjuncts taken;
  for (ExpressionPtr& conjunct : from) {
    if (wanted(*conjunct)) taken.push_back(std::move(conjunct));
  }
  std::erase_if(from, [](const ExpressionPtr& conjunct) { return conjunct == nullptr; });
  return taken;
}

void append(Conjuncts& to, Conjuncts from) {
  for (ExpressionPtr& conjunct : from) to.push_back(std::move(conjunct));
}

void push_into_child(LogicalNode& node, size_t child, Conjuncts conjuncts) {
  node.children[child] = push(std::move(node.children[child]), std::move(conjuncts));
}

LogicalPtr push_through_project(LogicalPtr node, Conjuncts conjuncts) {
  auto& project = as<LogicalProject>(*node);
  const bool stays = std::any_of(project.items.begin(), project.items.end(), [](const BoundItem& item) { return is_volatile(*item.expression); });
  Conjuncts above = take(conjuncts, [&](const Expression& e) { return stays || has_subquery(e); });
  for (ExpressionPtr& conjunct : conjuncts) {
    substitute_columns(conjunct, [&](ColumnId id) -> ExpressionPtr {
      for (const BoundItem& item : project.items) {
        if (item.id == id) return item.expression->clone();
      }
      return nullptr;
    });
  }
  push_into_child(project, 0, std::move(conjuncts));
  return keep_above(std::move(node), std::move(above));
}

/// Whether the condition is never true for a row whose `columns` are NULL, so that an outer join adds nothing to it.
bool rejects_null(const Expression& e, const std::vector<ColumnId>& columns) {
  switch (e.kind) {
    case ExpressionKind::kOperator:
      if (e.children.size() != 2) return e.op == Operator::kIsNotNull && e.children[0]->kind == ExpressionKind::kColumn && uses_any(e, columns);
      if (e.op < Operator::kEqual || e.op > Operator::kGreaterEqual) return false;
      return std::any_of(e.children.begin(), e.children.end(), [&](const ExpressionPtr& side) {
        return side->kind == ExpressionKind::kColumn && contains(columns, side->index);
      });
    case ExpressionKind::kBetween:
    case ExpressionKind::kLike:
    case ExpressionKind::kIn: return !e.negated && e.children[0]->kind == ExpressionKind::kColumn && contains(columns, e.children[0]->index);
    default: return false;
  }
}

LogicalPtr push_into_inner_join(LogicalPtr node, Conjuncts conjuncts) {
  auto& join = as<LogicalJoin>(*node);
  append(conjuncts, std::move(join.conjuncts));
  const auto& left = join.children[0]->output;
  const auto& right = join.children[1]->output;
  Conjuncts to_right = take(conjuncts, [&](const Expression& e) { return uses_any(e, right) && !uses_any(e, left); });
  Conjuncts to_left = take(conjuncts, [&](const Expression& e) { return !uses_any(e, right); });
  join.conjuncts = std::move(conjuncts);
  push_into_child(join, 0, std::move(to_left));
  push_into_child(join, 1, std::move(to_right));
  return node;
}

LogicalPtr push_into_join(LogicalPtr node, Conjuncts conjuncts) {
  auto& join = as<LogicalJoin>(*node);
  const auto& right = join.children[1]->output;
  if (join.type == JoinType::kLeft) {
    const bool inner = std::any_of(conjuncts.begin(), conjuncts.end(), [&](const ExpressionPtr& e) { return rejects_null(*e, right); });
    if (inner) join.type = JoinType::kInner;
  }
  if (join.type == JoinType::kInner) return push_into_inner_join(std::move(node), std::move(conjuncts));
  if (join.type == JoinType::kFull) {
    push_into_child(join, 0, {});
    push_into_child(join, 1, {});
    return keep_above(std::move(node), std::move(conjuncts));
  }
  // Left, semi, anti: what is asked of the left alone goes there, and what a match asks of the right alone.
  const auto& left = join.children[0]->output;
  Conjuncts to_left = take(conjuncts, [&](const Expression& e) { return !uses_any(e, right); });
  Conjuncts to_right = take(join.conjuncts, [&](const Expression& e) { return uses_any(e, right) && !uses_any(e, left); });
  if (join.type == JoinType::kSemi) append(to_left, take(join.conjuncts, [&](const Expression& e) { return !uses_any(e, right); }));
  push_into_child(join, 0, std::move(to_left));
  push_into_child(join, 1, std::move(to_right));
  return keep_above(std::move(node), std::move(conjuncts));
}

LogicalPtr push_through_aggregate(LogicalPtr node, Conjuncts conjuncts) {
  auto& aggregate = as<LogicalAggregate>(*node);
  std::vector<ColumnId> groups;
  for (const BoundItem& group : aggregate.groups) groups.push_back(group.id);
  Conjuncts below = take(conjuncts, [&](const Expression& e) { return !groups.empty() && !has_subquery(e) && uses_any(e, groups) && uses_only(e, groups); });
  for (ExpressionPtr& conjunct : below) {
    substitute_columns(conjunct, [&](ColumnId id) -> ExpressionPtr {
      for (const BoundItem& group : aggregate.groups) {
        if (group.id == id) return group.expression->clone();
      }
      return nullptr;
    });
  }
  push_into_child(aggregate, 0, std::move(below));
  return keep_above(std::move(node), std::move(conjuncts));
}

LogicalPtr push_into_set_operation(LogicalPtr node, Conjuncts conjuncts, const std::vector<ColumnId>& output) {
  Conjuncts below = take(conjuncts, [](const Expression& e) { return !has_subquery(e); });
  for (size_t child = 0; child < 2; ++child) {
    Conjuncts copies;
    const std::vector<ColumnId> side = node->children[child]->output;
    for (const ExpressionPtr& conjunct : below) {
      copies.push_back(conjunct->clone());
      substitute_columns(copies.back(), [&](ColumnId id) -> ExpressionPtr {
        const auto found = std::find(output.begin(), output.end(), id);
        if (found == output.end()) return nullptr;
        auto column = std::make_unique<Expression>();
        column->kind = ExpressionKind::kColumn;
        column->index = side[static_cast<size_t>(found - output.begin())];
        return column;
      });
    }
    push_into_child(*node, child, std::move(copies));
  }
  return keep_above(std::move(node), std::move(conjuncts));
}

LogicalPtr push(LogicalPtr node, Conjuncts conjuncts) {
  switch (node->kind) {
    case LogicalKind::kFilter: {
      append(conjuncts, std::move(as<LogicalFilter>(*node).conjuncts));
      return push(std::move(node->children[0]), std::move(conjuncts));
    }
    case LogicalKind::kScan: {
      append(as<LogicalScan>(*node).conjuncts, std::move(conjuncts));
      return node;
    }
    case LogicalKind::kProject: return push_through_project(std::move(node), std::move(conjuncts));
    case LogicalKind::kJoin: return push_into_join(std::move(node), std::move(conjuncts));
    case LogicalKind::kAggregate: return push_through_aggregate(std::move(node), std::move(conjuncts));
    case LogicalKind::kSetOperation: {
      const std::vector<ColumnId> output = node->output;
      return push_into_set_operation(std::move(node), std::move(conjuncts), output);
    }
    case LogicalKind::kSort: {
      push_into_child(*node, 0, std::move(conjuncts));
      return node;
    }
    case LogicalKind::kDistinct: {
      Conjuncts above;
      if (!as<LogicalDistinct>(*node).columns.empty()) above = std::move(conjuncts);
      push_into_child(*node, 0, above.empty() ? std::move(conjuncts) : Conjuncts());
      return keep_above(std::move(node), std::move(above));
    }
    case LogicalKind::kUnnest: {
      const auto& unnest = as<LogicalUnnest>(*node);
      const std::vector<ColumnId> made = {unnest.element, unnest.ordinality};
      Conjuncts above = take(conjuncts, [&](const Expression& e) { return uses_any(e, made); });
      push_into_child(*node, 0, std::move(conjuncts));
      return keep_above(std::move(node), std::move(above));
    }
    default: break;
  }
  for (size_t i = 0; i < node->children.size(); ++i) push_into_child(*node, i, {});
  return keep_above(std::move(node), std::move(conjuncts));
}

}  // namespace

Status push_filters(LogicalPtr& plan, OptimizerContext&) {
  plan = push(std::move(plan), {});
  return Status();
}

}  // namespace protobase::query
