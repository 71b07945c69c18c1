// How many rows operators give: exact where a tree can say, guessed elsewhere.
#include <algorithm>
#include <cmath>

#include "query/optimizer/internal/context.h"

namespace protobase::query {
namespace {

/// The scan below that gives a column, through projections and filters; null when it is computed.
const LogicalScan* scan_of(const LogicalNode& node, ColumnId id) {
  if (node.kind == LogicalKind::kScan) {
    const auto& scan = as<LogicalScan>(node);
    return contains(scan.output, id) ? &scan : nullptr;
  }
  for (const LogicalPtr& child : node.children) {
    if (const LogicalScan* found = scan_of(*child, id)) return found;
  }
  return nullptr;
}

/// Different values of a join key: at most the objects of the collection it comes from.
double distinct_values(const LogicalNode& node, const Expression& key, OptimizerContext& context) {
  if (key.kind != ExpressionKind::kColumn) return std::max(1.0, node.estimated_rows);
  const LogicalScan* scan = scan_of(node, key.index);
  if (scan == nullptr) return std::max(1.0, node.estimated_rows);
  const auto objects = context.objects(scan->definition->id);
  return objects.ok() ? std::max<double>(1.0, static_cast<double>(*objects)) : 1.0;
}

double join_rows(const LogicalJoin& join, OptimizerContext& context) {
  const LogicalNode &left = *join.children[0], &right = *join.children[1];
  double rows = left.estimated_rows * right.estimated_rows;
  for (const ExpressionPtr& e : join.conjuncts) {
    const bool equality = e->kind == ExpressionKind::kOperator && e->op == Operator::kEqual;
    if (!equality) {
      rows *= guess_selectivity(*e);
      continue;
    }
    const double a = distinct_values(uses_any(*e->children[0], left.output) ? left : right, *e->children[0], context);
    const double b = distinct_values(uses_any(*e->children[1], left.output) ? left : right, *e->children[1], context);
    rows /= std::max(a, b);
  }
  if (join.type == JoinType::kSemi || join.type == JoinType::kAnti) return std::max(1.0, left.estimated_rows / 2);
  if (join.type == JoinType::kLeft) return std::max(left.estimated_rows, rows);
  return rows;
}

Status estimate_scan(LogicalScan& scan, OptimizerContext& context) {
  PROTO_ASSIGN_OR_RETURN(const uint64_t objects, context.objects(scan.definition->id));
  double rows = static_cast<double>(objects);
  if (scan.source != nullptr) rows = scan.source->estimated_rows;
  PROTO_ASSIGN_OR_RETURN(const auto paths, find_access_paths(*scan.definition, scan.columns, scan.conjuncts, context));
  std::vector<bool> counted(scan.conjuncts.size());
  double best = rows;
  const AccessPath* used = nullptr;
  for (const AccessPath& path : paths) {
    if (path.count < best || used == nullptr) best = std::min(best, path.count), used = &path;
  }
  if (used != nullptr) {
    for (const uint32_t conjunct : used->covers) counted[conjunct] = true;
  }
  for (size_t i = 0; i < scan.conjuncts.size(); ++i) {
    if (!counted[i]) best *= guess_selectivity(*scan.conjuncts[i]);
  }
  scan.estimated_rows = std::max(best, objects == 0 ? 0.0 : 0.01);
  return Status();
}

double limit_rows(const Expression* limit, OptimizerContext& context, double rows) {
  if (limit == nullptr) return rows;
  const auto value = context.planning_value(*limit);
  return value && value->kind() == Kind::kInt ? std::min(rows, static_cast<double>(value->as_int64())) : rows;
}

}  // namespace

double guess_selectivity(const Expression& e) {
  switch (e.kind) {
    case ExpressionKind::kOperator:
      if (e.op == Operator::kEqual) return 0.05;
      if (e.op == Operator::kNotEqual) return 0.95;
      return 0.3;
    case ExpressionKind::kBetween: return e.negated ? 0.8 : 0.2;
    case ExpressionKind::kIn: return std::min(0.5, 0.05 * static_cast<double>(e.children.size() - 1));
    case ExpressionKind::kOr: {
      double none = 1;
      for (const ExpressionPtr& child : e.children) none *= 1 - guess_selectivity(*child);
      return 1 - none;
    }
    case ExpressionKind::kAnd: {
      double all = 1;
      for (const ExpressionPtr& child : e.children) all *= guess_selectivity(*child);
      return all;
    }
    default: return 0.3;
  }
}

Status estimate_rows(LogicalNode& node, OptimizerContext& context) {
  for (LogicalPtr& child : node.children) PROTO_RETURN_IF_ERROR(estimate_rows(*child, context));
  const double input = node.children.empty() ? 1 : node.children[0]->estimated_rows;
  node.estimated_rows = input;
  switch (node.kind) {
    case LogicalKind::kScan: return estimate_scan(as<LogicalScan>(node), context);
    case LogicalKind::kValues: node.estimated_rows = static_cast<double>(as<LogicalValues>(node).rows.size()); break;
    case LogicalKind::kVectorSearch: node.estimated_rows = limit_rows(as<LogicalVectorSearch>(node).k.get(), context, 100); break;
    case LogicalKind::kFilter:
      for (const ExpressionPtr& e : as<LogicalFilter>(node).conjuncts) node.estimated_rows *= guess_selectivity(*e);
      break;
    case LogicalKind::kJoin: node.estimated_rows = join_rows(as<LogicalJoin>(node), context); break;
    case LogicalKind::kAggregate: node.estimated_rows = as<LogicalAggregate>(node).groups.empty() ? 1 : std::max(1.0, std::sqrt(input)); break;
    case LogicalKind::kLimit: node.estimated_rows = limit_rows(as<LogicalLimit>(node).limit.get(), context, input); break;
    case LogicalKind::kSetOperation: node.estimated_rows += node.children[1]->estimated_rows; break;
    case LogicalKind::kUnnest: node.estimated_rows *= 4; break;
    default: break;
  }
  return Status();
}

}  // namespace protobase::query
