#include "query/planner/logical_builder.h"

namespace protobase::query {
namespace {

LogicalPtr build_query(const BoundQuery& query);

/// A copy of `e` whose subqueries have logical plans. Each is built once: copies of an expression share it.
ExpressionPtr copy(const Expression& e) {
  ExpressionPtr out = e.clone();
  struct Walk {
    static void visit(Expression& node) {
      if (node.subquery != nullptr && node.subquery->logical == nullptr && node.subquery->bound != nullptr) {
        node.subquery->logical = std::make_shared<LogicalTree>(LogicalTree{build_query(*node.subquery->bound)});
      }
      for (ExpressionPtr& child : node.children) visit(*child);
    }
  };
  Walk::visit(*out);
  return out;
}

ExpressionPtr copy(const ExpressionPtr& e) { return e == nullptr ? nullptr : copy(*e); }

void split(ExpressionPtr condition, std::vector<ExpressionPtr>& conjuncts) {
  if (condition == nullptr) return;
  if (condition->kind != ExpressionKind::kAnd) return conjuncts.push_back(std::move(condition));
  for (ExpressionPtr& child : condition->children) split(std::move(child), conjuncts);
}

LogicalPtr filter(LogicalPtr input, ExpressionPtr condition) {
  if (condition == nullptr) return input;
  auto node = std::make_unique<LogicalFilter>();
  split(std::move(condition), node->conjuncts);
  node->output = input->output;
  node->children.push_back(std::move(input));
  return node;
}

LogicalPtr build_table(const BoundTable& table);

LogicalPtr build_join(const BoundJoin& join) {
  auto node = std::make_unique<LogicalJoin>();
  LogicalPtr left = build_table(*join.left);
  LogicalPtr right = build_table(*join.right);
  node->type = join.type;
  if (join.type == JoinType::kRight) {
    std::swap(left, right);
    node->type = JoinType::kLeft;
  }
  node->lateral = join.lateral;
  split(copy(join.condition), node->conjuncts);
  node->output = left->output;
  const bool left_only = join.type == JoinType::kSemi || join.type == JoinType::kAnti;
  if (!left_only) node->output.insert(node->output.end(), right->output.begin(), right->output.end());
  node->children.push_back(std::move(left));
  node->children.push_back(std::move(right));
  return node;
}

LogicalPtr build_unnest(const BoundUnnest& unnest) {
  auto node = std::make_unique<LogicalUnnest>();
  LogicalPtr input = unnest.input == nullptr ? std::make_unique<LogicalSingleRow>() : build_table(*unnest.input);
  node->array = copy(unnest.array);
  node->left = unnest.left;
  node->element = unnest.element;
  node->ordinality = unnest.ordinality;
  node->output = input->output;
  node->output.push_back(unnest.element);
  if (unnest.ordinality != kNoColumn) node->output.push_back(unnest.ordinality);
  node->children.push_back(std::move(input));
  return node;
}

LogicalPtr build_table(const BoundTable& table) {
  switch (table.kind) {
    case BoundTableKind::kCollection: {
      const auto& collection = as<BoundCollection>(table);
      auto scan = std::make_unique<LogicalScan>();
      scan->definition = collection.definition;
      scan->alias = collection.alias;
      scan->columns = collection.columns;
      for (const ScanColumn& column : scan->columns) scan->output.push_back(column.id);
      return scan;
    }
    case BoundTableKind::kDerived: return build_query(*as<BoundDerived>(table).query);
    case BoundTableKind::kUnnest: return build_unnest(as<BoundUnnest>(table));
    case BoundTableKind::kJoin: return build_join(as<BoundJoin>(table));
  }
  return std::make_unique<LogicalSingleRow>();
}

LogicalPtr project(LogicalPtr input, const std::vector<BoundItem>& items) {
  auto node = std::make_unique<LogicalProject>();
  for (const BoundItem& item : items) {
    node->items.push_back({item.id, copy(item.expression)});
    node->output.push_back(item.id);
  }
  node->children.push_back(std::move(input));
  return node;
}

LogicalPtr aggregate(LogicalPtr input, const BoundSelect& select) {
  auto node = std::make_unique<LogicalAggregate>();
  for (const BoundItem& group : select.groups) {
    node->groups.push_back({group.id, copy(group.expression)});
    node->output.push_back(group.id);
  }
  for (const BoundAggregate& bound : select.aggregates) {
    BoundAggregate made;
    made.id = bound.id;
    made.call.id = bound.call.id;
    made.call.distinct = bound.call.distinct;
    made.call.type = bound.call.type;
    made.call.filter = copy(bound.call.filter);
    for (const ExpressionPtr& argument : bound.call.arguments) made.call.arguments.push_back(copy(argument));
    node->aggregates.push_back(std::move(made));
    node->output.push_back(bound.id);
  }
  node->children.push_back(std::move(input));
  return node;
}

LogicalPtr distinct(LogicalPtr input, std::vector<ColumnId> columns) {
  auto node = std::make_unique<LogicalDistinct>();
  node->columns = std::move(columns);
  node->output = input->output;
  node->children.push_back(std::move(input));
  return node;
}

LogicalPtr build_select(const BoundSelect& select) {
  LogicalPtr plan = select.from == nullptr ? std::make_unique<LogicalSingleRow>() : build_table(*select.from);
  plan = filter(std::move(plan), copy(select.where));
  if (select.grouped) plan = aggregate(std::move(plan), select);
  plan = filter(std::move(plan), copy(select.having));
  plan = project(std::move(plan), select.items);
  return select.distinct ? distinct(std::move(plan), {}) : std::move(plan);
}

LogicalPtr build_set_operation(const BoundSetOperation& operation) {
  auto node = std::make_unique<LogicalSetOperation>();
  node->op = operation.op;
  node->all = operation.all;
  node->output = operation.columns;
  node->children.push_back(build_query(*operation.left));
  node->children.push_back(build_query(*operation.right));
  return node;
}

LogicalPtr build_values(const BoundValues& values) {
  auto node = std::make_unique<LogicalValues>();
  node->output = values.columns;
  for (const auto& row : values.rows) {
    auto& cells = node->rows.emplace_back();
    for (const ExpressionPtr& cell : row) cells.push_back(copy(cell));
  }
  return node;
}

LogicalPtr build_body(const BoundBody& body) {
  if (body.kind == BoundBodyKind::kSelect) return build_select(as<BoundSelect>(body));
  if (body.kind == BoundBodyKind::kValues) return build_values(as<BoundValues>(body));
  return build_set_operation(as<BoundSetOperation>(body));
}

LogicalPtr sort(LogicalPtr input, const std::vector<SortKey>& keys) {
  auto node = std::make_unique<LogicalSort>();
  for (const SortKey& key : keys) node->keys.push_back({copy(key.expression), key.descending, key.nulls_first});
  node->output = input->output;
  node->children.push_back(std::move(input));
  return node;
}

LogicalPtr limit(LogicalPtr input, const BoundQuery& query) {
  auto node = std::make_unique<LogicalLimit>();
  node->limit = copy(query.limit);
  node->offset = copy(query.offset);
  node->output = input->output;
  node->children.push_back(std::move(input));
  return node;
}

ExpressionPtr column(ColumnId id) {
  auto expression = std::make_unique<Expression>();
  expression->kind = ExpressionKind::kColumn;
  expression->index = id;
  return expression;
}

/// The plan with exactly the query's outputs: without what only ORDER BY needed.
LogicalPtr trim(LogicalPtr plan, const BoundQuery& query) {
  std::vector<ColumnId> wanted;
  for (const BoundOutput& output : query.outputs) wanted.push_back(output.id);
  if (plan->output == wanted) return plan;
  std::vector<BoundItem> items;
  for (const ColumnId id : wanted) items.push_back({id, column(id)});
  return project(std::move(plan), items);
}

LogicalPtr build_query(const BoundQuery& query) {
  LogicalPtr plan = build_body(*query.body);
  const bool on = query.body->kind == BoundBodyKind::kSelect && !as<BoundSelect>(*query.body).distinct_on.empty();
  if (!query.order.empty()) plan = sort(std::move(plan), query.order);
  if (on) plan = distinct(std::move(plan), as<BoundSelect>(*query.body).distinct_on);
  if (query.limit != nullptr || query.offset != nullptr) plan = limit(std::move(plan), query);
  return trim(std::move(plan), query);
}

template <class Change>
LogicalPtr change_over(LogicalPtr rows, const BoundChange& change) {
  auto node = std::make_unique<Change>();
  node->change = &change;
  for (const BoundItem& item : change.returning.items) node->output.push_back(item.id);
  node->children.push_back(std::move(rows));
  return node;
}

}  // namespace

LogicalPtr build_logical(const BoundStatement& bound) {
  if (bound.kind == BoundStatementKind::kQuery) return build_query(*bound.query);
  const BoundChange& change = *bound.change;
  if (bound.kind == BoundStatementKind::kInsert) return change_over<LogicalInsert>(build_query(*change.source), change);
  LogicalPtr rows = filter(build_table(*change.table), copy(change.where));
  for (const BoundAssignment& assignment : change.assignments) {
    if (assignment.value != nullptr) copy(*assignment.value);  // its subqueries get their plans
  }
  if (bound.kind == BoundStatementKind::kUpdate) return change_over<LogicalUpdate>(std::move(rows), change);
  return change_over<LogicalDelete>(std::move(rows), change);
}

}  // namespace protobase::query
