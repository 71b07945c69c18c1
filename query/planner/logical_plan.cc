#include "query/planner/logical_plan.h"

#include <algorithm>

namespace protobase::query {
namespace {

using Visit = std::function<void(ExpressionPtr&)>;

void visit_all(std::vector<ExpressionPtr>& expressions, const Visit& visit) {
  for (ExpressionPtr& e : expressions) visit(e);
}

void visit_one(ExpressionPtr& e, const Visit& visit) {
  if (e != nullptr) visit(e);
}

void visit_bound(KeyBound& bound, const Visit& visit) {
  visit_all(bound.equal, visit);
  visit_one(bound.low, visit);
  visit_one(bound.high, visit);
}

void visit_source(IdSource* source, const Visit& visit) {
  if (source == nullptr) return;
  visit_bound(source->bound, visit);
  visit_all(source->ids, visit);
  for (auto& operand : source->operands) visit_source(operand.get(), visit);
}

void visit_scan(LogicalScan& scan, const Visit& visit) {
  visit_all(scan.conjuncts, visit);
  visit_source(scan.source.get(), visit);
  visit_bound(scan.ordered_bound, visit);
}

void visit_vector_search(LogicalVectorSearch& search, const Visit& visit) {
  visit_all(search.conjuncts, visit);
  visit_one(search.query, visit);
  visit_one(search.k, visit);
  visit_source(search.candidates.get(), visit);
}

void visit_aggregate(LogicalAggregate& aggregate, const Visit& visit) {
  for (BoundItem& group : aggregate.groups) visit(group.expression);
  for (BoundAggregate& call : aggregate.aggregates) {
    visit_all(call.call.arguments, visit);
    visit_one(call.call.filter, visit);
  }
}

bool contains(const std::vector<ColumnId>& columns, ColumnId id) {
  return std::find(columns.begin(), columns.end(), id) != columns.end();
}

/// Expressions of UPDATE that live in the bound statement.
void visit_assignments(const LogicalNode& node, const std::function<void(const Expression&)>& visit) {
  if (node.kind != LogicalKind::kUpdate) return;
  for (const BoundAssignment& assignment : as<LogicalUpdate>(node).change->assignments) {
    if (assignment.value != nullptr) visit(*assignment.value);
  }
}

}  // namespace

void for_each_expression(LogicalNode& node, const Visit& visit) {
  switch (node.kind) {
    case LogicalKind::kValues:
      for (auto& row : as<LogicalValues>(node).rows) visit_all(row, visit);
      return;
    case LogicalKind::kScan: return visit_scan(as<LogicalScan>(node), visit);
    case LogicalKind::kVectorSearch: return visit_vector_search(as<LogicalVectorSearch>(node), visit);
    case LogicalKind::kCount: return visit_bound(as<LogicalCount>(node).bound, visit);
    case LogicalKind::kFilter: return visit_all(as<LogicalFilter>(node).conjuncts, visit);
    case LogicalKind::kProject:
      for (BoundItem& item : as<LogicalProject>(node).items) visit(item.expression);
      return;
    case LogicalKind::kJoin: {
      auto& join = as<LogicalJoin>(node);
      visit_all(join.conjuncts, visit);
      visit_bound(join.lookup_bound, visit);
      return visit_one(join.lookup_reference, visit);
    }
    case LogicalKind::kAggregate: return visit_aggregate(as<LogicalAggregate>(node), visit);
    case LogicalKind::kSort:
      for (SortKey& key : as<LogicalSort>(node).keys) visit(key.expression);
      visit_one(as<LogicalSort>(node).limit, visit);
      return visit_one(as<LogicalSort>(node).offset, visit);
    case LogicalKind::kLimit:
      visit_one(as<LogicalLimit>(node).limit, visit);
      return visit_one(as<LogicalLimit>(node).offset, visit);
    case LogicalKind::kUnnest: return visit(as<LogicalUnnest>(node).array);
    default: return;
  }
}

void for_each_expression(const LogicalNode& node, const std::function<void(const Expression&)>& visit) {
  for_each_expression(const_cast<LogicalNode&>(node), Visit([&](ExpressionPtr& e) { visit(*e); }));
  visit_assignments(node, visit);
}

void collect_columns(const Expression& e, std::vector<ColumnId>& columns) {
  if (e.kind == ExpressionKind::kColumn) columns.push_back(e.index);
  for (const ExpressionPtr& child : e.children) collect_columns(*child, columns);
  if (e.subquery != nullptr && e.subquery->logical != nullptr) collect_free_columns(*e.subquery->logical->root, columns);
}

namespace {

void collect_used_and_given(const LogicalNode& node, std::vector<ColumnId>& used, std::vector<ColumnId>& given) {
  for_each_expression(node, [&](const Expression& e) { collect_columns(e, used); });
  given.insert(given.end(), node.output.begin(), node.output.end());
  for (const LogicalPtr& child : node.children) collect_used_and_given(*child, used, given);
  if (node.kind == LogicalKind::kScan) {
    for (const ScanColumn& column : as<LogicalScan>(node).columns) given.push_back(column.id);
  }
}

}  // namespace

void collect_free_columns(const LogicalNode& node, std::vector<ColumnId>& columns) {
  std::vector<ColumnId> used, given;
  collect_used_and_given(node, used, given);
  std::sort(given.begin(), given.end());
  for (const ColumnId id : used) {
    if (!std::binary_search(given.begin(), given.end(), id) && !contains(columns, id)) columns.push_back(id);
  }
}

Status verify_logical(const LogicalNode& plan, const std::vector<ColumnId>& outer) {
  std::vector<ColumnId> available = outer;
  for (const LogicalPtr& child : plan.children) {
    std::vector<ColumnId> visible = outer;
    const bool lateral = plan.kind == LogicalKind::kJoin && as<LogicalJoin>(plan).lateral && child != plan.children[0];
    if (lateral) visible.insert(visible.end(), plan.children[0]->output.begin(), plan.children[0]->output.end());
    PROTO_RETURN_IF_ERROR(verify_logical(*child, visible));
    available.insert(available.end(), child->output.begin(), child->output.end());
  }
  if (plan.kind == LogicalKind::kScan) {
    for (const ScanColumn& column : as<LogicalScan>(plan).columns) available.push_back(column.id);
  }
  if (plan.kind == LogicalKind::kVectorSearch) available.insert(available.end(), plan.output.begin(), plan.output.end());
  std::vector<ColumnId> used;
  for_each_expression(plan, [&](const Expression& e) { collect_columns(e, used); });
  for (const ColumnId id : used) {
    if (!contains(available, id)) {
      return Status(StatusCode::kInvalidState, "logical plan: column #" + std::to_string(id) + " is used in operator " +
                                                   std::to_string(static_cast<int>(plan.kind)) + " and not given below it");
    }
  }
  const bool passes = plan.kind == LogicalKind::kFilter || plan.kind == LogicalKind::kSort || plan.kind == LogicalKind::kLimit ||
                      plan.kind == LogicalKind::kDistinct;
  if (passes && plan.output != plan.children[0]->output) return Status(StatusCode::kInvalidState, "logical plan: an operator changed its columns");
  return Status();
}

}  // namespace protobase::query
