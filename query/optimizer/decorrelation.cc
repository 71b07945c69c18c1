// decorrelation: EXISTS and IN over a plain query become semi and anti joins. NOT IN stays an expression, for its NULLs.
#include <algorithm>

#include "query/optimizer/internal/context.h"

namespace protobase::query {
namespace {

/// A subquery taken apart: what it reads, and the conditions that tie it to the outer row.
struct Pulled {
  LogicalPtr base;
  std::vector<ExpressionPtr> conjuncts;
  ExpressionPtr value;  // what its first output column is, over `base`
};

bool has_free_columns(const LogicalNode& node) {
  std::vector<ColumnId> free;
  collect_free_columns(node, free);
  return !free.empty();
}

/// Whether `node` is Project, Filter and Sort over something uncorrelated.
bool can_pull(const LogicalNode& node) {
  const LogicalNode* at = &node;
  while (at->kind == LogicalKind::kProject || at->kind == LogicalKind::kFilter || at->kind == LogicalKind::kSort) {
    if (at->kind == LogicalKind::kProject) {
      for (const BoundItem& item : as<LogicalProject>(*at).items) {
        if (is_volatile(*item.expression)) return false;
      }
    }
    if (at->kind == LogicalKind::kFilter) {
      for (const ExpressionPtr& conjunct : as<LogicalFilter>(*at).conjuncts) {
        if (is_volatile(*conjunct)) return false;
      }
    }
    at = at->children[0].get();
  }
  const bool rows = at->kind == LogicalKind::kScan || at->kind == LogicalKind::kJoin || at->kind == LogicalKind::kAggregate ||
                    at->kind == LogicalKind::kUnnest || at->kind == LogicalKind::kValues || at->kind == LogicalKind::kSetOperation;
  return rows && !has_free_columns(*at);
}

void substitute_items(ExpressionPtr& e, const LogicalProject& project) {
  substitute_columns(e, [&](ColumnId id) -> ExpressionPtr {
    for (const BoundItem& item : project.items) {
      if (item.id == id) return item.expression->clone();
    }
    return nullptr;
  });
}

Pulled pull(LogicalPtr tree, const ColumnRegistry& columns) {
  Pulled out;
  if (!tree->output.empty()) out.value = make_column(tree->output[0], columns);
  while (tree->kind == LogicalKind::kProject || tree->kind == LogicalKind::kFilter || tree->kind == LogicalKind::kSort) {
    if (tree->kind == LogicalKind::kProject) {
      const auto& project = as<LogicalProject>(*tree);
      if (out.value != nullptr) substitute_items(out.value, project);
      for (ExpressionPtr& conjunct : out.conjuncts) substitute_items(conjunct, project);
    } else if (tree->kind == LogicalKind::kFilter) {
      for (ExpressionPtr& conjunct : as<LogicalFilter>(*tree).conjuncts) out.conjuncts.push_back(std::move(conjunct));
    }
    LogicalPtr below = std::move(tree->children[0]);
    tree = std::move(below);
  }
  out.base = std::move(tree);
  return out;
}

bool is_candidate(const Expression& e) {
  if (e.kind != ExpressionKind::kExists && !(e.kind == ExpressionKind::kInSubquery && !e.negated)) return false;
  if (e.kind == ExpressionKind::kInSubquery && is_volatile(*e.children[0])) return false;
  const LogicalNode& tree = *e.subquery->logical->root;
  // An uncorrelated EXISTS is one answer for all rows: it runs once as an expression.
  return can_pull(tree) && (e.kind == ExpressionKind::kInSubquery || has_free_columns(tree));
}

LogicalPtr make_join(LogicalPtr left, Expression& e, const ColumnRegistry& columns) {
  Pulled inner = pull(std::move(e.subquery->logical->root), columns);
  auto join = std::make_unique<LogicalJoin>();
  join->type = e.negated ? JoinType::kAnti : JoinType::kSemi;
  join->conjuncts = std::move(inner.conjuncts);
  if (e.kind == ExpressionKind::kInSubquery) {
    auto equal = std::make_unique<Expression>();
    equal->kind = ExpressionKind::kOperator;
    equal->op = Operator::kEqual;
    equal->type = Type::of(Kind::kBool);
    equal->span = e.span;
    equal->children.push_back(std::move(e.children[0]));
    equal->children.push_back(std::move(inner.value));
    join->conjuncts.push_back(std::move(equal));
  }
  join->output = left->output;
  join->children.push_back(std::move(left));
  join->children.push_back(std::move(inner.base));
  return join;
}

}  // namespace

Status decorrelate(LogicalPtr& plan, OptimizerContext& context) {
  return for_each_node(plan, [&](LogicalPtr& node) {
    if (node->kind != LogicalKind::kFilter) return Status();
    auto& filter = as<LogicalFilter>(*node);
    for (ExpressionPtr& conjunct : filter.conjuncts) {
      if (!is_candidate(*conjunct)) continue;
      filter.children[0] = make_join(std::move(filter.children[0]), *conjunct, context.columns());
      conjunct = nullptr;
    }
    std::erase_if(filter.conjuncts, [](const ExpressionPtr& conjunct) { return conjunct == nullptr; });
    if (!filter.conjuncts.empty()) return Status();
    LogicalPtr child = std::move(filter.children[0]);
    node = std::move(child);
    return Status();
  });
}

}  // namespace protobase::query
