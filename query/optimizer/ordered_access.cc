// ordered_fetch, vector_search and top_k: ORDER BY with LIMIT.
#include <algorithm>

#include "query/optimizer/internal/context.h"

namespace protobase::query {
namespace {

/// The operator below projections and filters that pass rows on one by one.
LogicalNode* below_projections(LogicalNode* node) {
  while (node->kind == LogicalKind::kProject) node = node->children[0].get();
  return node;
}

/// What a column of `node` is over the operator below its projections.
ExpressionPtr through_projections(const LogicalNode& node, ColumnId id, const ColumnRegistry& columns) {
  ExpressionPtr e = make_column(id, columns);
  for (const LogicalNode* at = &node; at->kind == LogicalKind::kProject; at = at->children[0].get()) {
    substitute_columns(e, [&](ColumnId inner) -> ExpressionPtr {
      for (const BoundItem& item : as<LogicalProject>(*at).items) {
        if (item.id == inner) return item.expression->clone();
      }
      return nullptr;
    });
  }
  return e;
}

/// LIMIT over projections over ORDER BY: the sort, or null.
LogicalPtr* find_sort(LogicalNode& limit) {
  if (as<LogicalLimit>(limit).limit == nullptr) return nullptr;
  LogicalPtr* at = &limit.children[0];
  while ((*at)->kind == LogicalKind::kProject) at = &(*at)->children[0];
  return (*at)->kind == LogicalKind::kSort ? at : nullptr;
}

/// LIMIT + OFFSET while planning, or nothing.
std::optional<double> wanted_rows(const LogicalLimit& limit, const OptimizerContext& context) {
  double rows = 0;
  for (const Expression* e : {limit.limit.get(), limit.offset.get()}) {
    if (e == nullptr) continue;
    const auto value = context.planning_value(*e);
    if (!value || value->kind() != Kind::kInt || value->as_int64() < 0) return std::nullopt;
    rows += static_cast<double>(value->as_int64());
  }
  return rows;
}

// ---- along an index --------------------------------------------------------------------------------------------------------

struct OrderedAccess {
  const IndexDefinition* index = nullptr;
  KeyBound bound;
  std::vector<uint32_t> proved;
  bool reversed = false;
};

/// How an index part must be read for a sort key: +1 forward, -1 backward, 0 not at all.
int direction(const IndexPart& part, const SortKey& key) {
  if (part.each_element) return 0;
  if (part.order.descending == key.descending && part.order.nulls_first == key.nulls_first) return 1;
  if (part.order.descending != key.descending && part.order.nulls_first != key.nulls_first) return -1;
  return 0;
}

const Restriction* find_equal(const std::vector<Restriction>& restrictions, const Path& path) {
  for (const Restriction& r : restrictions) {
    if (r.kind == Restriction::Kind::kEqual && *r.path == path) return &r;
  }
  return nullptr;
}

void add_range(const std::vector<Restriction>& restrictions, const Path& path, OrderedAccess& access) {
  for (const Restriction& r : restrictions) {
    if (r.kind != Restriction::Kind::kRange || !(*r.path == path)) continue;
    if ((r.low != nullptr && access.bound.low != nullptr) || (r.high != nullptr && access.bound.high != nullptr)) continue;
    if (r.low != nullptr) access.bound.low = r.low->clone(), access.bound.low_inclusive = r.low_inclusive;
    if (r.high != nullptr) access.bound.high = r.high->clone(), access.bound.high_inclusive = r.high_inclusive;
    access.proved.push_back(r.conjunct);
  }
}

/// Whether the index gives the rows in the order of `keys` (paths in `paths`), after components fixed by equality.
bool match_index(const IndexDefinition& index, const std::vector<const Path*>& paths, const std::vector<SortKey>& keys,
                 const std::vector<Restriction>& restrictions, OrderedAccess& access) {
  size_t part = 0;
  while (part < index.parts.size() && !(index.parts[part].path == *paths[0])) {
    const Restriction* equal = find_equal(restrictions, index.parts[part].path);
    if (equal == nullptr || index.parts[part].each_element) return false;
    access.bound.equal.push_back(equal->values[0]->clone());
    access.proved.push_back(equal->conjunct);
    ++part;
  }
  if (part + keys.size() > index.parts.size()) return false;
  int all = 0;
  for (size_t i = 0; i < keys.size(); ++i) {
    const IndexPart& at = index.parts[part + i];
    const int one = at.path == *paths[i] ? direction(at, keys[i]) : 0;
    if (one == 0 || (all != 0 && one != all)) return false;
    all = one;
  }
  add_range(restrictions, index.parts[part].path, access);
  access.index = &index;
  access.reversed = all < 0;
  return true;
}

bool find_order(const LogicalScan& scan, const std::vector<const Path*>& paths, const std::vector<SortKey>& keys, OptimizerContext& context,
                OrderedAccess& found) {
  const auto restrictions = find_restrictions(*scan.definition, scan.columns, scan.conjuncts, context);
  for (const auto& index : scan.definition->indexes) {
    if (index->method != IndexMethod::kOrdered || !index_applies(*index, scan.columns, scan.conjuncts, context)) continue;
    OrderedAccess access;
    if (!match_index(*index, paths, keys, restrictions, access)) continue;
    if (found.index == nullptr || access.proved.size() > found.proved.size()) found = std::move(access);
  }
  return found.index != nullptr;
}

Status try_order(LogicalLimit& limit, LogicalPtr& sort, OptimizerContext& context) {
  LogicalNode* input = below_projections(sort->children[0].get());
  const auto wanted = wanted_rows(limit, context);
  if (input->kind != LogicalKind::kScan || !wanted) return Status();
  auto& scan = as<LogicalScan>(*input);
  auto& keys = as<LogicalSort>(*sort).keys;
  std::vector<ExpressionPtr> columns;
  std::vector<const Path*> paths;
  for (const SortKey& key : keys) {
    columns.push_back(through_projections(*sort->children[0], key.expression->index, context.columns()));
    paths.push_back(indexable_path(*columns.back(), *scan.definition, scan.columns));
    if (paths.back() == nullptr) return Status();
  }
  OrderedAccess access;
  if (!find_order(scan, paths, keys, context, access)) return Status();
  PROTO_ASSIGN_OR_RETURN(const uint64_t objects, context.objects(scan.definition->id));
  PROTO_ASSIGN_OR_RETURN(const double in_range, context.count(*access.index, access.bound));
  double left = 1;  // of the range's rows, the part that meets the other conditions
  for (uint32_t i = 0; i < scan.conjuncts.size(); ++i) {
    const bool proved = std::find(access.proved.begin(), access.proved.end(), i) != access.proved.end();
    if (!proved) left *= guess_selectivity(*scan.conjuncts[i]);
  }
  const double reads = std::min(in_range, *wanted / std::max(left, 1e-6));
  const double others = scan.source != nullptr ? scan.source->estimated_rows * 12 : static_cast<double>(objects) * 1.2;
  if (reads * 12 > others + 20) return Status();
  scan.source = nullptr;
  scan.proved = std::move(access.proved);
  scan.ordered_index = access.index->id;
  scan.ordered_bound = std::move(access.bound);
  scan.reversed = access.reversed;
  LogicalPtr below = std::move(sort->children[0]);
  sort = std::move(below);
  return Status();
}

// ---- nearest neighbours ----------------------------------------------------------------------------------------------------

std::optional<VectorMetric> metric_of(Operator op) {
  switch (op) {
    case Operator::kL2Distance: return VectorMetric::kL2;
    case Operator::kCosineDistance: return VectorMetric::kCosine;
    case Operator::kNegativeInnerProduct: return VectorMetric::kInnerProduct;
    case Operator::kL1Distance: return VectorMetric::kL1;
    default: return std::nullopt;
  }
}

/// The projection item that computes a distance of the scan's vectors from a value.
struct Distance {
  BoundItem* item = nullptr;
  Path path;
  const Expression* query = nullptr;
};

std::optional<Distance> find_distance(LogicalProject& project, const LogicalScan& scan, ColumnId id) {
  for (BoundItem& item : project.items) {
    const Expression& e = *item.expression;
    if (item.id != id || e.kind != ExpressionKind::kOperator || !metric_of(e.op)) continue;
    for (const size_t side : {0u, 1u}) {
      const Expression &vector = *e.children[side], &query = *e.children[1 - side];
      if (!is_value_outside(query, scan.columns) || vector.kind != ExpressionKind::kColumn) continue;
      for (const ScanColumn& column : scan.columns) {
        if (column.id == vector.index && column.read.what == ReadColumn::What::kPath) return Distance{&item, column.read.path, &query};
      }
    }
  }
  return std::nullopt;
}

const IndexDefinition* find_vector_index(const LogicalScan& scan, const Path& path, VectorMetric metric) {
  for (const auto& index : scan.definition->indexes) {
    if (index->method == IndexMethod::kIvfFlat && index->metric == metric && index->parts[0].path == path) return index.get();
  }
  return nullptr;
}

ExpressionPtr limit_and_offset(const LogicalLimit& limit) {
  if (limit.offset == nullptr) return limit.limit->clone();
  auto sum = std::make_unique<Expression>();
  sum->kind = ExpressionKind::kOperator;
  sum->op = Operator::kAdd;
  sum->type = Type::of(Kind::kInt);
  sum->children.push_back(limit.limit->clone());
  sum->children.push_back(limit.offset->clone());
  return sum;
}

/// Exact search over few candidates costs less than probing lists and throwing most of what they hold away.
constexpr double kFewCandidates = 2000;

Status choose_candidates(const LogicalScan& scan, LogicalVectorSearch& search, OptimizerContext& context) {
  if (scan.conjuncts.empty()) return Status();
  PROTO_ASSIGN_OR_RETURN(const uint64_t objects, context.objects(scan.definition->id));
  PROTO_ASSIGN_OR_RETURN(auto paths, find_access_paths(*scan.definition, scan.columns, scan.conjuncts, context));
  auto chosen = choose_access_path(std::move(paths), static_cast<double>(objects));
  if (!chosen) return Status();
  if (search.index.value != 0 && chosen->count > std::max(kFewCandidates, static_cast<double>(objects) / 50)) return Status();
  search.index = IndexId(0);
  search.candidates = std::move(chosen->source);
  return Status();
}

Status try_vector_search(LogicalLimit& limit, LogicalPtr& sort, OptimizerContext& context) {
  const auto& keys = as<LogicalSort>(*sort).keys;
  if (keys.size() != 1 || keys[0].descending || keys[0].nulls_first || sort->children[0]->kind != LogicalKind::kProject) return Status();
  auto& project = as<LogicalProject>(*sort->children[0]);
  if (project.children[0]->kind != LogicalKind::kScan) return Status();
  auto& scan = as<LogicalScan>(*project.children[0]);
  const auto distance = find_distance(project, scan, keys[0].expression->index);
  if (!distance) return Status();
  auto search = std::make_unique<LogicalVectorSearch>();
  const Operator op = distance->item->expression->op;
  const IndexDefinition* index = find_vector_index(scan, distance->path, *metric_of(op));
  search->index = index == nullptr ? IndexId(0) : index->id;
  search->path = distance->path;
  search->metric = op;
  search->query = distance->query->clone();
  search->k = limit_and_offset(limit);
  search->distance = distance->item->id;
  PROTO_RETURN_IF_ERROR(choose_candidates(scan, *search, context));
  search->definition = scan.definition;
  search->alias = scan.alias;
  search->columns = std::move(scan.columns);
  search->conjuncts = std::move(scan.conjuncts);
  search->output = std::move(scan.output);
  search->output.push_back(search->distance);
  distance->item->expression = make_column(search->distance, context.columns());
  project.children[0] = std::move(search);
  LogicalPtr below = std::move(sort->children[0]);
  sort = std::move(below);
  return Status();
}

}  // namespace

Status use_index_order(LogicalPtr& plan, OptimizerContext& context) {
  return for_each_node(plan, [&](LogicalPtr& node) -> Status {
    if (node->kind != LogicalKind::kLimit) return Status();
    LogicalPtr* sort = find_sort(*node);
    return sort == nullptr ? Status() : try_order(as<LogicalLimit>(*node), *sort, context);
  });
}

Status use_vector_search(LogicalPtr& plan, OptimizerContext& context) {
  return for_each_node(plan, [&](LogicalPtr& node) -> Status {
    if (node->kind != LogicalKind::kLimit) return Status();
    LogicalPtr* sort = find_sort(*node);
    return sort == nullptr ? Status() : try_vector_search(as<LogicalLimit>(*node), *sort, context);
  });
}

Status limit_sorts(LogicalPtr& plan, OptimizerContext&) {
  return for_each_node(plan, [](LogicalPtr& node) {
    if (node->kind != LogicalKind::kLimit) return Status();
    LogicalPtr* sort = find_sort(*node);
    if (sort == nullptr) return Status();
    const auto& limit = as<LogicalLimit>(*node);
    as<LogicalSort>(**sort).limit = limit.limit->clone();
    if (limit.offset != nullptr) as<LogicalSort>(**sort).offset = limit.offset->clone();
    return Status();
  });
}

}  // namespace protobase::query
