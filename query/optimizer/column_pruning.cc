// column_pruning and proved_conditions: from the top down, each operator is told which columns are wanted and forgets the others.
#include <algorithm>

#include "query/optimizer/internal/context.h"

namespace protobase::query {
namespace {

using Columns = std::vector<ColumnId>;

void add(Columns& to, ColumnId id) {
  if (!contains(to, id)) to.push_back(id);
}

void add_used(Columns& to, const LogicalNode& node) {
  Columns used;
  for_each_expression(node, [&](const Expression& e) { collect_columns(e, used); });
  for (const ColumnId id : used) add(to, id);
}

void keep(Columns& output, const Columns& wanted) {
  std::erase_if(output, [&](ColumnId id) { return !contains(wanted, id); });
}

void prune(LogicalNode& node, const Columns& wanted);

/// Wanted columns first, in the order in which they are wanted, then what only the conditions need.
void prune_scan(LogicalScan& scan, const Columns& wanted) {
  Columns order = wanted;
  add_used(order, scan);
  std::vector<ScanColumn> kept;
  for (const ColumnId id : order) {
    for (const ScanColumn& column : scan.columns) {
      if (column.id == id) kept.push_back(column);
    }
  }
  scan.columns = std::move(kept);
  scan.output.clear();
  for (const ScanColumn& column : scan.columns) scan.output.push_back(column.id);
}

void prune_search(LogicalVectorSearch& search, const Columns& wanted) {
  Columns needed = wanted;
  add_used(needed, search);
  std::erase_if(search.columns, [&](const ScanColumn& column) { return !contains(needed, column.id); });
  search.output.clear();
  for (const ScanColumn& column : search.columns) search.output.push_back(column.id);
  search.output.push_back(search.distance);
}

void prune_project(LogicalProject& project, const Columns& wanted) {
  std::erase_if(project.items, [&](const BoundItem& item) { return !contains(wanted, item.id); });
  keep(project.output, wanted);
  Columns needed;
  add_used(needed, project);
  prune(*project.children[0], needed);
}

void prune_join(LogicalJoin& join, const Columns& wanted) {
  Columns needed = wanted;
  add_used(needed, join);
  if (join.lateral) collect_free_columns(*join.children[1], needed);
  for (LogicalPtr& child : join.children) {
    Columns of_child;
    for (const ColumnId id : needed) {
      if (contains(child->output, id)) add(of_child, id);
    }
    prune(*child, of_child);
  }
  join.output = join.children[0]->output;
  if (join.type == JoinType::kSemi || join.type == JoinType::kAnti) return;
  const Columns& right = join.children[1]->output;
  join.output.insert(join.output.end(), right.begin(), right.end());
}

void prune_aggregate(LogicalAggregate& aggregate, const Columns& wanted) {
  std::erase_if(aggregate.aggregates, [&](const BoundAggregate& call) { return !contains(wanted, call.id); });
  aggregate.output.clear();
  for (const BoundItem& group : aggregate.groups) aggregate.output.push_back(group.id);
  for (const BoundAggregate& call : aggregate.aggregates) aggregate.output.push_back(call.id);
  Columns needed;
  add_used(needed, aggregate);
  prune(*aggregate.children[0], needed);
}

void prune_change(LogicalNode& node, const BoundChange& change) {
  Columns needed;
  if (node.kind != LogicalKind::kInsert) add(needed, change.object_id);
  add_used(needed, node);
  prune(*node.children[0], node.kind == LogicalKind::kInsert ? node.children[0]->output : needed);
}

void prune_passing(LogicalNode& node, const Columns& wanted) {
  Columns needed = wanted;
  add_used(needed, node);
  prune(*node.children[0], needed);
  node.output = node.children[0]->output;
}

void prune_unnest(LogicalUnnest& unnest, const Columns& wanted) {
  Columns needed = wanted;
  add_used(needed, unnest);
  prune(*unnest.children[0], needed);
  unnest.output = unnest.children[0]->output;
  unnest.output.push_back(unnest.element);
  if (unnest.ordinality != kNoColumn) unnest.output.push_back(unnest.ordinality);
}

void prune(LogicalNode& node, const Columns& wanted) {
  switch (node.kind) {
    case LogicalKind::kScan: return prune_scan(as<LogicalScan>(node), wanted);
    case LogicalKind::kVectorSearch: return prune_search(as<LogicalVectorSearch>(node), wanted);
    case LogicalKind::kProject: return prune_project(as<LogicalProject>(node), wanted);
    case LogicalKind::kJoin: return prune_join(as<LogicalJoin>(node), wanted);
    case LogicalKind::kAggregate: return prune_aggregate(as<LogicalAggregate>(node), wanted);
    case LogicalKind::kFilter:
    case LogicalKind::kSort:
    case LogicalKind::kLimit: return prune_passing(node, wanted);
    case LogicalKind::kUnnest: return prune_unnest(as<LogicalUnnest>(node), wanted);
    case LogicalKind::kDistinct:
    case LogicalKind::kSetOperation:
      for (LogicalPtr& child : node.children) prune(*child, Columns(child->output));
      return;
    case LogicalKind::kInsert: return prune_change(node, *as<LogicalInsert>(node).change);
    case LogicalKind::kUpdate: return prune_change(node, *as<LogicalUpdate>(node).change);
    case LogicalKind::kDelete: return prune_change(node, *as<LogicalDelete>(node).change);
    case LogicalKind::kSingleRow:
    case LogicalKind::kValues:
    case LogicalKind::kCount: return;
  }
}

}  // namespace

/// proved_conditions: the last rule, since ordered_fetch may still give up a source and its proofs.
Status drop_proved(LogicalPtr& plan, OptimizerContext& context) {
  PROTO_RETURN_IF_ERROR(for_each_node(plan, [](LogicalPtr& node) {
    if (node->kind != LogicalKind::kScan) return Status();
    auto& scan = as<LogicalScan>(*node);
    for (const uint32_t position : scan.proved) scan.conjuncts[position] = nullptr;
    scan.proved.clear();
    std::erase_if(scan.conjuncts, [](const ExpressionPtr& conjunct) { return conjunct == nullptr; });
    return Status();
  }));
  return prune_columns(plan, context);
}

Status prune_columns(LogicalPtr& plan, OptimizerContext&) {
  prune(*plan, Columns(plan->output));
  return Status();
}

}  // namespace protobase::query
