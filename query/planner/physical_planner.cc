#include "query/planner/physical_planner.h"

#include <algorithm>

namespace protobase::query {
namespace {

/// An operator and what its slots hold.
struct Planned {
  PhysicalPtr node;
  std::vector<ColumnId> slots;
};

/// One subquery (or lateral side) being planned: the columns that it takes from the row around it, in order of kOuter.
struct OuterContext {
  std::vector<ColumnId> columns;
};

class PhysicalPlanner {
 public:
  explicit PhysicalPlanner(const BoundStatement& bound) : columns_(*bound.columns), bound_(bound) {}

  Result<PhysicalPtr> plan_statement(const LogicalNode& root) {
    PROTO_ASSIGN_OR_RETURN(Planned planned, plan(root));
    if (bound_.kind != BoundStatementKind::kQuery) return planned.node;
    planned = exact(std::move(planned), root.output);
    for (size_t i = 0; i < bound_.outputs.size(); ++i) planned.node->output[i].name = bound_.outputs[i].name;
    return planned.node;
  }

 private:
  // ---- expressions -----------------------------------------------------------------------------------------------------

  /// Columns of `slots` become slots; others come from the enclosing query.
  Status resolve(Expression& e, const std::vector<ColumnId>& slots) {
    if (e.kind == ExpressionKind::kColumn) {
      const auto found = std::find(slots.begin(), slots.end(), e.index);
      if (found != slots.end()) {
        e.index = static_cast<uint32_t>(found - slots.begin());
        return Status();
      }
      if (context_ == nullptr) {
        return Status(StatusCode::kBinding, "'" + columns_[e.index].name + "' cannot be used here: it is not grouped").with_span(e.span);
      }
      e.kind = ExpressionKind::kOuter;
      const auto known = std::find(context_->columns.begin(), context_->columns.end(), e.index);
      const auto position = static_cast<uint32_t>(known - context_->columns.begin());
      if (known == context_->columns.end()) context_->columns.push_back(e.index);
      e.index = position;
      return Status();
    }
    for (ExpressionPtr& child : e.children) PROTO_RETURN_IF_ERROR(resolve(*child, slots));
    return e.subquery == nullptr ? Status() : plan_subquery(e, slots);
  }

  Status plan_subquery(Expression& e, const std::vector<ColumnId>& slots) {
    auto planned = std::make_shared<PlannedSubquery>();
    planned->id = e.subquery->id;
    OuterContext inner;
    PROTO_ASSIGN_OR_RETURN(planned->plan, plan_inner(*e.subquery->logical->root, inner));
    PROTO_RETURN_IF_ERROR(outer_expressions(inner, slots, planned->outer));
    e.subquery = std::move(planned);
    return Status();
  }

  Result<PhysicalPtr> plan_inner(const LogicalNode& node, OuterContext& inner) {
    OuterContext* around = std::exchange(context_, &inner);
    Result<Planned> planned = plan(node);
    context_ = around;
    PROTO_RETURN_IF_ERROR(planned.status());
    return exact(*std::move(planned), node.output).node;
  }

  Status outer_expressions(const OuterContext& inner, const std::vector<ColumnId>& slots, std::vector<ExpressionPtr>& outer) {
    for (const ColumnId id : inner.columns) {
      outer.push_back(column(id));
      PROTO_RETURN_IF_ERROR(resolve(*outer.back(), slots));
    }
    return Status();
  }

  ExpressionPtr column(ColumnId id) const {
    auto e = std::make_unique<Expression>();
    e->kind = ExpressionKind::kColumn;
    e->index = id;
    e->type = columns_[id].type;
    return e;
  }

  Result<ExpressionPtr> resolved(const ExpressionPtr& e, const std::vector<ColumnId>& slots) {
    if (e == nullptr) return ExpressionPtr();
    ExpressionPtr copy = e->clone();
    PROTO_RETURN_IF_ERROR(resolve(*copy, slots));
    return copy;
  }

  Status resolve_all(const std::vector<ExpressionPtr>& from, const std::vector<ColumnId>& slots, std::vector<ExpressionPtr>& to) {
    for (const ExpressionPtr& e : from) {
      PROTO_ASSIGN_OR_RETURN(ExpressionPtr copy, resolved(e, slots));
      to.push_back(std::move(copy));
    }
    return Status();
  }

  /// The conjunction of `conjuncts` but those at the positions in `without`; null when none is left.
  Result<ExpressionPtr> conjunction(const std::vector<ExpressionPtr>& conjuncts, const std::vector<ColumnId>& slots,
                                    const std::vector<uint32_t>& without = {}) {
    std::vector<ExpressionPtr> parts;
    for (uint32_t i = 0; i < conjuncts.size(); ++i) {
      if (std::find(without.begin(), without.end(), i) != without.end()) continue;
      PROTO_ASSIGN_OR_RETURN(ExpressionPtr part, resolved(conjuncts[i], slots));
      parts.push_back(std::move(part));
    }
    if (parts.empty()) return ExpressionPtr();
    if (parts.size() == 1) return std::move(parts[0]);
    auto all = std::make_unique<Expression>();
    all->kind = ExpressionKind::kAnd;
    all->type = Type::of(Kind::kBool);
    all->children = std::move(parts);
    return all;
  }

  Result<KeyBound> resolve_bound(const KeyBound& bound, const std::vector<ColumnId>& slots) {
    KeyBound out;
    PROTO_RETURN_IF_ERROR(resolve_all(bound.equal, slots, out.equal));
    PROTO_ASSIGN_OR_RETURN(out.low, resolved(bound.low, slots));
    PROTO_ASSIGN_OR_RETURN(out.high, resolved(bound.high, slots));
    out.low_inclusive = bound.low_inclusive;
    out.high_inclusive = bound.high_inclusive;
    out.exclude_null = bound.exclude_null;
    return out;
  }

  Result<std::unique_ptr<IdSource>> resolve_source(const IdSource* source) {
    if (source == nullptr) return std::unique_ptr<IdSource>();
    auto out = std::make_unique<IdSource>();
    out->kind = source->kind;
    out->index = source->index;
    out->estimated_rows = source->estimated_rows;
    PROTO_ASSIGN_OR_RETURN(out->bound, resolve_bound(source->bound, {}));
    PROTO_RETURN_IF_ERROR(resolve_all(source->ids, {}, out->ids));
    for (const auto& operand : source->operands) {
      PROTO_ASSIGN_OR_RETURN(auto copy, resolve_source(operand.get()));
      out->operands.push_back(std::move(copy));
    }
    return out;
  }

  // ---- operators -------------------------------------------------------------------------------------------------------

  template <class T>
  std::shared_ptr<T> make(const LogicalNode& from) {
    auto node = std::make_shared<T>();
    node->id = next_id_++;
    node->estimated_rows = from.estimated_rows;
    return node;
  }

  Planned done(PhysicalPtr node, std::vector<ColumnId> slots) {
    node->output.clear();
    for (const ColumnId id : slots) node->output.push_back(columns_[id]);
    return {std::move(node), std::move(slots)};
  }

  /// The same rows with exactly these columns.
  Planned exact(Planned planned, const std::vector<ColumnId>& wanted) {
    if (planned.slots == wanted) return planned;
    auto project = std::make_shared<PhysicalProject>();
    project->id = next_id_++;
    project->estimated_rows = planned.node->estimated_rows;
    for (const ColumnId id : wanted) {
      ExpressionPtr e = column(id);
      const auto found = std::find(planned.slots.begin(), planned.slots.end(), id);
      PROTO_CHECK(found != planned.slots.end());
      e->index = static_cast<uint32_t>(found - planned.slots.begin());
      project->expressions.push_back(std::move(e));
    }
    project->children.push_back(std::move(planned.node));
    return done(std::move(project), wanted);
  }

  Result<Planned> plan(const LogicalNode& node) {
    switch (node.kind) {
      case LogicalKind::kSingleRow: return done(make<PhysicalSingleRow>(node), {});
      case LogicalKind::kValues: return plan_values(as<LogicalValues>(node));
      case LogicalKind::kScan: return plan_scan(as<LogicalScan>(node));
      case LogicalKind::kVectorSearch: return plan_vector_search(as<LogicalVectorSearch>(node));
      case LogicalKind::kCount: return plan_count(as<LogicalCount>(node));
      case LogicalKind::kFilter: return plan_filter(as<LogicalFilter>(node));
      case LogicalKind::kProject: return plan_project(as<LogicalProject>(node));
      case LogicalKind::kJoin: return plan_join(as<LogicalJoin>(node));
      case LogicalKind::kAggregate: return plan_aggregate(as<LogicalAggregate>(node));
      case LogicalKind::kSort: return plan_sort(as<LogicalSort>(node));
      case LogicalKind::kLimit: return plan_limit(as<LogicalLimit>(node));
      case LogicalKind::kDistinct: return plan_distinct(as<LogicalDistinct>(node));
      case LogicalKind::kSetOperation: return plan_set_operation(as<LogicalSetOperation>(node));
      case LogicalKind::kUnnest: return plan_unnest(as<LogicalUnnest>(node));
      case LogicalKind::kInsert: return plan_insert(as<LogicalInsert>(node));
      case LogicalKind::kUpdate: return plan_update(as<LogicalUpdate>(node));
      case LogicalKind::kDelete: return plan_delete(as<LogicalDelete>(node));
    }
    return Status(StatusCode::kInvalidState, "a logical operator without a plan");
  }

  Result<Planned> plan_values(const LogicalValues& values) {
    auto node = make<PhysicalValues>(values);
    for (const auto& row : values.rows) PROTO_RETURN_IF_ERROR(resolve_all(row, {}, node->rows.emplace_back()));
    return done(std::move(node), values.output);
  }

  template <class Reading>
  std::vector<ColumnId> read_columns(const Reading& from, std::vector<ReadColumn>& columns) const {
    std::vector<ColumnId> slots;
    for (const ScanColumn& column : from.columns) {
      slots.push_back(column.id);
      columns.push_back(column.read);
    }
    return slots;
  }

  Result<Planned> plan_scan(const LogicalScan& scan) {
    std::vector<ReadColumn> columns;
    std::vector<ColumnId> slots = read_columns(scan, columns);
    PROTO_ASSIGN_OR_RETURN(ExpressionPtr filter, conjunction(scan.conjuncts, slots, scan.proved));
    const auto fill = [&](auto node) {
      node->collection = scan.definition->id;
      node->name = scan.definition->name;
      node->columns = std::move(columns);
      node->filter = std::move(filter);
      return node;
    };
    if (scan.source != nullptr) {
      auto fetch = fill(make<PhysicalIdFetch>(scan));
      PROTO_ASSIGN_OR_RETURN(fetch->source, resolve_source(scan.source.get()));
      return done(std::move(fetch), std::move(slots));
    }
    if (scan.ordered_index.value != 0) {
      auto fetch = fill(make<PhysicalOrderedFetch>(scan));
      fetch->index = scan.ordered_index;
      fetch->reversed = scan.reversed;
      PROTO_ASSIGN_OR_RETURN(fetch->bound, resolve_bound(scan.ordered_bound, {}));
      return done(std::move(fetch), std::move(slots));
    }
    return done(fill(make<PhysicalScan>(scan)), std::move(slots));
  }

  Result<Planned> plan_vector_search(const LogicalVectorSearch& search) {
    auto node = make<PhysicalVectorSearch>(search);
    std::vector<ColumnId> slots = read_columns(search, node->columns);
    node->collection = search.definition->id;
    node->name = search.definition->name;
    node->index = search.index;
    node->path = search.path;
    node->metric = search.metric;
    PROTO_ASSIGN_OR_RETURN(node->query, resolved(search.query, {}));
    PROTO_ASSIGN_OR_RETURN(node->k, resolved(search.k, {}));
    PROTO_ASSIGN_OR_RETURN(node->candidates, resolve_source(search.candidates.get()));
    PROTO_ASSIGN_OR_RETURN(node->filter, conjunction(search.conjuncts, slots));
    slots.push_back(search.distance);
    return done(std::move(node), std::move(slots));
  }

  Result<Planned> plan_count(const LogicalCount& count) {
    auto node = make<PhysicalCount>(count);
    node->collection = count.definition->id;
    node->name = count.definition->name;
    node->index = count.index;
    PROTO_ASSIGN_OR_RETURN(node->bound, resolve_bound(count.bound, {}));
    return done(std::move(node), count.output);
  }

  Result<Planned> plan_filter(const LogicalFilter& filter) {
    PROTO_ASSIGN_OR_RETURN(Planned input, plan(*filter.children[0]));
    if (filter.conjuncts.empty()) return input;
    auto node = make<PhysicalFilter>(filter);
    PROTO_ASSIGN_OR_RETURN(node->condition, conjunction(filter.conjuncts, input.slots));
    node->children.push_back(std::move(input.node));
    return done(std::move(node), std::move(input.slots));
  }

  Result<Planned> plan_project(const LogicalProject& project) {
    PROTO_ASSIGN_OR_RETURN(Planned input, plan(*project.children[0]));
    const bool columns_only = std::all_of(project.items.begin(), project.items.end(), [](const BoundItem& item) {
      return item.expression->kind == ExpressionKind::kColumn && item.expression->index == item.id;
    });
    const bool all_there = columns_only && std::all_of(project.output.begin(), project.output.end(), [&](ColumnId id) {
      return std::find(input.slots.begin(), input.slots.end(), id) != input.slots.end();
    });
    if (all_there) return input;  // whoever needs exactly these columns asks for them
    auto node = make<PhysicalProject>(project);
    for (const BoundItem& item : project.items) {
      PROTO_ASSIGN_OR_RETURN(ExpressionPtr e, resolved(item.expression, input.slots));
      node->expressions.push_back(std::move(e));
    }
    node->children.push_back(std::move(input.node));
    return done(std::move(node), project.output);
  }

  // ---- joins -----------------------------------------------------------------------------------------------------------

  Result<Planned> plan_join(const LogicalJoin& join) {
    PROTO_ASSIGN_OR_RETURN(Planned left, plan(*join.children[0]));
    if (join.lookup_index.value != 0 || join.lookup_reference != nullptr) return plan_index_join(join, std::move(left));
    if (join.lateral) return plan_lateral_join(join, std::move(left));
    PROTO_ASSIGN_OR_RETURN(Planned right, plan(*join.children[1]));
    const bool swap = join.type == JoinType::kInner && left.node->estimated_rows < right.node->estimated_rows;
    if (swap) std::swap(left, right);  // the table is built of the smaller side
    return plan_hash_or_loop_join(join, std::move(left), std::move(right));
  }

  static std::vector<ColumnId> joined(const std::vector<ColumnId>& left, const std::vector<ColumnId>& right) {
    std::vector<ColumnId> both = left;
    both.insert(both.end(), right.begin(), right.end());
    return both;
  }

  static bool left_only(JoinType type) { return type == JoinType::kSemi || type == JoinType::kAnti; }

  static bool uses_only(const Expression& e, const std::vector<ColumnId>& slots) {
    std::vector<ColumnId> used;
    collect_columns(e, used);
    return !used.empty() && std::all_of(used.begin(), used.end(), [&](ColumnId id) {
      return std::find(slots.begin(), slots.end(), id) != slots.end();
    });
  }

  Result<Planned> plan_hash_or_loop_join(const LogicalJoin& join, Planned left, Planned right) {
    const std::vector<ColumnId> both = joined(left.slots, right.slots);
    auto hash = make<PhysicalHashJoin>(join);
    std::vector<uint32_t> keys;
    for (uint32_t i = 0; i < join.conjuncts.size(); ++i) {
      const Expression& e = *join.conjuncts[i];
      if (e.kind != ExpressionKind::kOperator || e.op != Operator::kEqual) continue;
      const ExpressionPtr *a = &e.children[0], *b = &e.children[1];
      if (uses_only(**b, left.slots)) std::swap(a, b);
      if (!uses_only(**a, left.slots) || !uses_only(**b, right.slots)) continue;
      PROTO_ASSIGN_OR_RETURN(ExpressionPtr left_key, resolved(*a, left.slots));
      PROTO_ASSIGN_OR_RETURN(ExpressionPtr right_key, resolved(*b, right.slots));
      hash->left_keys.push_back(std::move(left_key));
      hash->right_keys.push_back(std::move(right_key));
      keys.push_back(i);
    }
    PROTO_ASSIGN_OR_RETURN(ExpressionPtr condition, conjunction(join.conjuncts, both, keys));
    const auto finish = [&](auto node) {
      node->type = join.type;
      node->condition = std::move(condition);
      node->children = {std::move(left.node), std::move(right.node)};
      return done(std::move(node), left_only(join.type) ? left.slots : both);
    };
    if (!keys.empty()) return finish(std::move(hash));
    return finish(make<PhysicalNestedLoopJoin>(join));
  }

  Result<Planned> plan_lateral_join(const LogicalJoin& join, Planned left) {
    auto node = make<PhysicalNestedLoopJoin>(join);
    OuterContext inner;
    PROTO_ASSIGN_OR_RETURN(PhysicalPtr right, plan_inner(*join.children[1], inner));
    PROTO_RETURN_IF_ERROR(outer_expressions(inner, left.slots, node->outer));
    const std::vector<ColumnId> both = joined(left.slots, join.children[1]->output);
    node->type = join.type;
    node->lateral = true;
    PROTO_ASSIGN_OR_RETURN(node->condition, conjunction(join.conjuncts, both));
    node->children = {std::move(left.node), std::move(right)};
    return done(std::move(node), both);
  }

  Result<Planned> plan_index_join(const LogicalJoin& join, Planned left) {
    const auto& scan = as<LogicalScan>(*join.children[1]);
    auto node = make<PhysicalIndexJoin>(join);
    node->type = join.type;
    node->collection = scan.definition->id;
    node->name = scan.definition->name;
    node->index = join.lookup_index;
    PROTO_ASSIGN_OR_RETURN(node->bound, resolve_bound(join.lookup_bound, left.slots));
    PROTO_ASSIGN_OR_RETURN(node->by_reference, resolved(join.lookup_reference, left.slots));
    const std::vector<ColumnId> both = joined(left.slots, read_columns(scan, node->columns));
    std::vector<ExpressionPtr> conjuncts;
    for (const auto* list : {&join.conjuncts, &scan.conjuncts}) {
      for (const ExpressionPtr& e : *list) conjuncts.push_back(e->clone());
    }
    PROTO_ASSIGN_OR_RETURN(node->condition, conjunction(conjuncts, both));
    node->children.push_back(std::move(left.node));
    return done(std::move(node), left_only(join.type) ? left.slots : both);
  }

  // ---- the rest --------------------------------------------------------------------------------------------------------

  Result<Planned> plan_aggregate(const LogicalAggregate& aggregate) {
    PROTO_ASSIGN_OR_RETURN(Planned input, plan(*aggregate.children[0]));
    auto node = make<PhysicalAggregate>(aggregate);
    for (const BoundItem& group : aggregate.groups) {
      PROTO_ASSIGN_OR_RETURN(ExpressionPtr e, resolved(group.expression, input.slots));
      node->groups.push_back(std::move(e));
    }
    for (const BoundAggregate& bound : aggregate.aggregates) {
      AggregateCall call;
      call.id = bound.call.id;
      call.distinct = bound.call.distinct;
      call.type = bound.call.type;
      PROTO_RETURN_IF_ERROR(resolve_all(bound.call.arguments, input.slots, call.arguments));
      PROTO_ASSIGN_OR_RETURN(call.filter, resolved(bound.call.filter, input.slots));
      node->aggregates.push_back(std::move(call));
    }
    node->children.push_back(std::move(input.node));
    return done(std::move(node), aggregate.output);
  }

  Result<Planned> plan_sort(const LogicalSort& sort) {
    PROTO_ASSIGN_OR_RETURN(Planned input, plan(*sort.children[0]));
    auto node = make<PhysicalSort>(sort);
    for (const SortKey& key : sort.keys) {
      PROTO_ASSIGN_OR_RETURN(ExpressionPtr e, resolved(key.expression, input.slots));
      node->keys.push_back({std::move(e), key.descending, key.nulls_first});
    }
    PROTO_ASSIGN_OR_RETURN(node->limit, resolved(sort.limit, {}));
    PROTO_ASSIGN_OR_RETURN(node->offset, resolved(sort.offset, {}));
    node->children.push_back(std::move(input.node));
    return done(std::move(node), std::move(input.slots));
  }

  Result<Planned> plan_limit(const LogicalLimit& limit) {
    PROTO_ASSIGN_OR_RETURN(Planned input, plan(*limit.children[0]));
    auto node = make<PhysicalLimit>(limit);
    PROTO_ASSIGN_OR_RETURN(node->limit, resolved(limit.limit, {}));
    PROTO_ASSIGN_OR_RETURN(node->offset, resolved(limit.offset, {}));
    node->children.push_back(std::move(input.node));
    return done(std::move(node), std::move(input.slots));
  }

  Result<Planned> plan_distinct(const LogicalDistinct& distinct) {
    PROTO_ASSIGN_OR_RETURN(Planned input, plan(*distinct.children[0]));
    input = exact(std::move(input), distinct.output);
    auto node = make<PhysicalDistinct>(distinct);
    for (const ColumnId id : distinct.columns) {
      const auto found = std::find(input.slots.begin(), input.slots.end(), id);
      PROTO_CHECK(found != input.slots.end());
      node->columns.push_back(static_cast<uint32_t>(found - input.slots.begin()));
    }
    node->children.push_back(std::move(input.node));
    return done(std::move(node), std::move(input.slots));
  }

  Result<Planned> plan_set_operation(const LogicalSetOperation& operation) {
    auto node = make<PhysicalSetOperation>(operation);
    node->operation = static_cast<PhysicalSetOperation::Operation>(operation.op);
    node->all = operation.all;
    for (const LogicalPtr& child : operation.children) {
      PROTO_ASSIGN_OR_RETURN(Planned side, plan(*child));
      node->children.push_back(exact(std::move(side), child->output).node);
    }
    return done(std::move(node), operation.output);
  }

  Result<Planned> plan_unnest(const LogicalUnnest& unnest) {
    PROTO_ASSIGN_OR_RETURN(Planned input, plan(*unnest.children[0]));
    auto node = make<PhysicalUnnest>(unnest);
    PROTO_ASSIGN_OR_RETURN(node->array, resolved(unnest.array, input.slots));
    node->left = unnest.left;
    node->with_ordinality = unnest.ordinality != kNoColumn;
    input.slots.push_back(unnest.element);
    if (node->with_ordinality) input.slots.push_back(unnest.ordinality);
    node->children.push_back(std::move(input.node));
    return done(std::move(node), std::move(input.slots));
  }

  template <class Node>
  Result<Planned> finish_change(std::shared_ptr<Node> node, const BoundChange& change, Planned input) {
    node->collection = change.collection->id;
    node->name = change.collection->name;
    std::vector<ColumnId> slots;
    for (const BoundItem& item : change.returning.items) {
      PROTO_ASSIGN_OR_RETURN(ExpressionPtr e, resolved(item.expression, {change.returning.object, change.returning.object_id}));
      node->returning.push_back(std::move(e));
      slots.push_back(item.id);
    }
    node->children.push_back(std::move(input.node));
    Planned planned = done(std::move(node), std::move(slots));
    for (size_t i = 0; i < change.returning.names.size(); ++i) {
      planned.node->output[i] = {change.returning.names[i], change.returning.items[i].expression->type};
    }
    return planned;
  }

  Result<Planned> plan_insert(const LogicalInsert& insert) {
    PROTO_ASSIGN_OR_RETURN(Planned rows, plan(*insert.children[0]));
    rows = exact(std::move(rows), insert.children[0]->output);
    auto node = make<PhysicalInsert>(insert);
    node->names = insert.change->names;
    node->on_conflict = insert.change->on_conflict;
    return finish_change(std::move(node), *insert.change, std::move(rows));
  }

  /// The rows with the object's id in slot 0.
  Planned with_id_first(Planned rows, ColumnId object_id) {
    if (!rows.slots.empty() && rows.slots[0] == object_id) return rows;
    std::vector<ColumnId> wanted = {object_id};
    for (const ColumnId id : rows.slots) {
      if (id != object_id) wanted.push_back(id);
    }
    return exact(std::move(rows), wanted);
  }

  Result<Planned> plan_update(const LogicalUpdate& update) {
    PROTO_ASSIGN_OR_RETURN(Planned rows, plan(*update.children[0]));
    rows = with_id_first(std::move(rows), update.change->object_id);
    auto node = make<PhysicalUpdate>(update);
    for (const BoundAssignment& assignment : update.change->assignments) {
      PROTO_ASSIGN_OR_RETURN(ExpressionPtr value, resolved(assignment.value, rows.slots));
      node->assignments.emplace_back(assignment.path, std::move(value));
    }
    return finish_change(std::move(node), *update.change, std::move(rows));
  }

  Result<Planned> plan_delete(const LogicalDelete& statement) {
    PROTO_ASSIGN_OR_RETURN(Planned rows, plan(*statement.children[0]));
    rows = with_id_first(std::move(rows), statement.change->object_id);
    return finish_change(make<PhysicalDelete>(statement), *statement.change, std::move(rows));
  }

  const ColumnRegistry& columns_;
  const BoundStatement& bound_;
  OuterContext* context_ = nullptr;
  uint32_t next_id_ = 1;
};

}  // namespace

Result<PhysicalPtr> build_physical(const LogicalNode& plan, const BoundStatement& bound) {
  return PhysicalPlanner(bound).plan_statement(plan);
}

}  // namespace protobase::query
