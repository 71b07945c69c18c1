// index_selection, count_pushdown and index_join: where sets of ids and lookups replace reading everything.
#include <algorithm>

#include "query/optimizer/internal/context.h"

namespace protobase::query {
namespace {

bool is_count_of_all(const LogicalAggregate& aggregate) {
  if (!aggregate.groups.empty() || aggregate.aggregates.size() != 1) return false;
  const AggregateCall& call = aggregate.aggregates[0].call;
  return call.id == AggregateId::kCount && call.arguments.empty() && call.filter == nullptr && !call.distinct;
}

LogicalPtr make_count(const LogicalAggregate& aggregate, const LogicalScan& scan, IdSource* source) {
  auto count = std::make_unique<LogicalCount>();
  count->definition = scan.definition;
  if (source != nullptr) {
    count->index = source->index;
    count->bound = std::move(source->bound);
  }
  count->output = aggregate.output;
  return count;
}

bool is_one_range(const AccessPath& path, size_t conjuncts) {
  const bool range = path.source->kind == IdSource::Kind::kIndexedSearch || path.source->kind == IdSource::Kind::kIndexedRangeSearch;
  return range && path.proved.size() == conjuncts;
}

// ---- joins ---------------------------------------------------------------------------------------------------------------

/// One object by id or index costs about as much as reading this many rows of a scan.
constexpr double kLookupCost = 15;

struct Lookup {
  const IndexDefinition* index = nullptr;
  KeyBound bound;
  ExpressionPtr reference;
};

/// The side of `e` that is a column of `scan`, if the other side can be computed from `left`.
std::pair<const Expression*, const Expression*> split_equality(const Expression& e, const LogicalScan& scan, const LogicalNode& left) {
  if (e.kind != ExpressionKind::kOperator || e.op != Operator::kEqual) return {nullptr, nullptr};
  for (const size_t side : {0u, 1u}) {
    const Expression &mine = *e.children[side], &other = *e.children[1 - side];
    const bool from_left = uses_any(other, left.output) && !uses_any(other, scan.output) && !is_volatile(other);
    if (mine.kind == ExpressionKind::kColumn && contains(scan.output, mine.index) && from_left) return {&mine, &other};
  }
  return {nullptr, nullptr};
}

const ReadColumn* read_of(const LogicalScan& scan, ColumnId id) {
  for (const ScanColumn& column : scan.columns) {
    if (column.id == id) return &column.read;
  }
  return nullptr;
}

bool join_kinds_agree(const Expression& a, const Expression& b) {
  const auto moment = [](const Type& type) { return type.any || type.kind == Kind::kDate || type.kind == Kind::kTimestamp; };
  return a.type == b.type || !(moment(a.type) && moment(b.type)) || (a.type.any && b.type.any);
}

bool find_lookup(const LogicalJoin& join, const LogicalScan& scan, const LogicalNode& left, Lookup& lookup) {
  if (scan.source != nullptr || scan.ordered_index.value != 0) return false;
  for (const ExpressionPtr& e : join.conjuncts) {
    const auto [mine, other] = split_equality(*e, scan, left);
    if (mine == nullptr) continue;
    const ReadColumn* read = read_of(scan, mine->index);
    if (read->what == ReadColumn::What::kReference || read->what == ReadColumn::What::kId) {
      lookup.reference = other->clone();
      return true;
    }
    const Path* path = indexable_path(*mine, *scan.definition, scan.columns);
    if (path == nullptr || !join_kinds_agree(*mine, *other)) continue;
    for (const auto& index : scan.definition->indexes) {
      const bool usable = index->method != IndexMethod::kIvfFlat && !index->where && !index->parts[0].each_element &&
                          index->parts[0].path == *path && (index->method != IndexMethod::kHash || index->parts.size() == 1);
      if (!usable || (lookup.index != nullptr && !index->unique)) continue;
      lookup.index = index.get();
      lookup.bound.equal.clear();
      lookup.bound.equal.push_back(other->clone());
    }
  }
  return lookup.index != nullptr;
}

Status try_lookup(LogicalJoin& join, bool swapped, OptimizerContext& context, bool& done) {
  LogicalNode& right = *join.children[swapped ? 0 : 1];
  LogicalNode& left = *join.children[swapped ? 1 : 0];
  if (right.kind != LogicalKind::kScan) return Status();
  auto& scan = as<LogicalScan>(right);
  Lookup lookup;
  if (!find_lookup(join, scan, left, lookup)) return Status();
  PROTO_ASSIGN_OR_RETURN(const uint64_t objects, context.objects(scan.definition->id));
  double matches = 1;
  if (lookup.index != nullptr && !lookup.index->unique) {
    matches = std::max(1.0, left.estimated_rows == 0 ? 1.0 : join.estimated_rows / left.estimated_rows);
  }
  if (left.estimated_rows * (kLookupCost + 10 * matches) >= static_cast<double>(objects)) return Status();
  if (swapped) {
    std::swap(join.children[0], join.children[1]);
    join.output = join.children[0]->output;
    const auto& output = join.children[1]->output;
    join.output.insert(join.output.end(), output.begin(), output.end());
  }
  if (lookup.reference != nullptr) join.lookup_reference = std::move(lookup.reference);
  else join.lookup_index = lookup.index->id, join.lookup_bound = std::move(lookup.bound);
  done = true;
  return Status();
}

}  // namespace

Status use_counts(LogicalPtr& plan, OptimizerContext& context) {
  return for_each_node(plan, [&](LogicalPtr& node) -> Status {
    if (node->kind != LogicalKind::kAggregate || !is_count_of_all(as<LogicalAggregate>(*node))) return Status();
    LogicalNode* child = node->children[0].get();
    while (child->kind == LogicalKind::kProject) child = child->children[0].get();
    if (child->kind != LogicalKind::kScan) return Status();
    const auto& scan = as<LogicalScan>(*child);
    if (scan.conjuncts.empty()) return node = make_count(as<LogicalAggregate>(*node), scan, nullptr), Status();
    PROTO_ASSIGN_OR_RETURN(auto paths, find_access_paths(*scan.definition, scan.columns, scan.conjuncts, context));
    for (AccessPath& path : paths) {
      if (!is_one_range(path, scan.conjuncts.size())) continue;
      node = make_count(as<LogicalAggregate>(*node), scan, path.source.get());
      return Status();
    }
    return Status();
  });
}

Status select_indexes(LogicalPtr& plan, OptimizerContext& context) {
  return for_each_node(plan, [&](LogicalPtr& node) -> Status {
    if (node->kind != LogicalKind::kScan) return Status();
    auto& scan = as<LogicalScan>(*node);
    if (scan.source != nullptr || scan.conjuncts.empty()) return Status();
    PROTO_ASSIGN_OR_RETURN(const uint64_t objects, context.objects(scan.definition->id));
    PROTO_ASSIGN_OR_RETURN(auto paths, find_access_paths(*scan.definition, scan.columns, scan.conjuncts, context));
    auto chosen = choose_access_path(std::move(paths), static_cast<double>(objects));
    if (!chosen) return Status();
    scan.source = std::move(chosen->source);
    scan.proved = std::move(chosen->proved);
    return Status();
  });
}

Status use_index_joins(LogicalPtr& plan, OptimizerContext& context) {
  PROTO_RETURN_IF_ERROR(estimate_rows(*plan, context));
  return for_each_node(plan, [&](LogicalPtr& node) -> Status {
    if (node->kind != LogicalKind::kJoin) return Status();
    auto& join = as<LogicalJoin>(*node);
    if (join.lateral || join.type == JoinType::kFull) return Status();
    bool done = false;
    PROTO_RETURN_IF_ERROR(try_lookup(join, false, context, done));
    if (!done && join.type == JoinType::kInner) PROTO_RETURN_IF_ERROR(try_lookup(join, true, context, done));
    return Status();
  });
}

}  // namespace protobase::query
