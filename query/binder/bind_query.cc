// Queries: select lists, grouping, ordering, set operations, VALUES.
#include <algorithm>

#include "query/binder/internal/binder_state.h"
#include "query/binder/internal/names.h"

namespace protobase::query {
namespace {

/// The ordinal that an ORDER BY or GROUP BY item is, or 0.
int64_t ordinal_of(const ast::Expression& e) {
  const ast::Literal* literal = ast::as_if<ast::Literal>(&e);
  return literal != nullptr && literal->literal == ast::LiteralKind::kInteger ? literal->integer : 0;
}

bool is_integer_literal(const ast::Expression& e) {
  const ast::Literal* literal = ast::as_if<ast::Literal>(&e);
  return literal != nullptr && literal->literal == ast::LiteralKind::kInteger;
}

const ast::Identifier* bare_name(const ast::Expression& e) {
  const ast::Path* path = ast::as_if<ast::Path>(&e);
  if (path == nullptr || path->base != nullptr || path->steps.size() != 1) return nullptr;
  return path->steps[0].kind == ast::PathStepKind::kAttribute ? &path->steps[0].attribute : nullptr;
}

/// A path of attributes names its column, without the alias it begins with: `p.maker.country` is maker.country. Empty for
/// other paths.
std::string path_name(const ast::Path& path, const Scope& scope) {
  size_t first = 0;
  if (path.steps.size() > 1) {
    for (const ScopeItem& item : scope.items) {
      if (same_name(item.alias, path.steps[0].attribute.name)) first = 1;
    }
  }
  std::string name;
  for (size_t i = first; i < path.steps.size(); ++i) {
    if (path.steps[i].kind != ast::PathStepKind::kAttribute) return {};
    name += (name.empty() ? "" : ".") + path.steps[i].attribute.name;
  }
  return name;
}

std::string output_name(const ast::SelectItem& item, const Scope& scope, std::string_view text) {
  if (!item.alias.empty()) return item.alias.name;
  const ast::Path* path = ast::as_if<ast::Path>(item.expression.get());
  if (path != nullptr && path->base == nullptr) {
    if (std::string name = path_name(*path, scope); !name.empty()) return name;
  }
  const TextSpan span = item.expression->span;
  return span.offset + size_t{span.length} <= text.size() ? std::string(text.substr(span.offset, span.length)) : "column";
}

SortKey make_sort_key(ExpressionPtr expression, const ast::OrderItem& item) {
  SortKey key;
  key.expression = std::move(expression);
  key.descending = item.descending;
  key.nulls_first = item.nulls == ast::NullsOrder::kDefault ? !item.descending : item.nulls == ast::NullsOrder::kFirst;
  return key;
}

Status check_common_tables(const ast::With& with) {
  for (size_t i = 0; i < with.tables.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (!same_name(with.tables[i].name.name, with.tables[j].name.name)) continue;
      return binding_error("'" + with.tables[i].name.name + "' stands twice in WITH", with.tables[i].name.span);
    }
  }
  return Status();
}

Status bad_ordinal(int64_t ordinal, size_t count, TextSpan span) {
  return binding_error("position " + std::to_string(ordinal) + " is not in the select list, which has " + std::to_string(count) +
                           (count == 1 ? " column" : " columns"), span);
}

}  // namespace

/// One SELECT with the clauses of its query.
class SelectBinder {
 public:
  SelectBinder(Binder& binder, const ast::Select& select, Scope* parent, BoundQuery& query, const ast::Query* clauses)
      : binder_(binder), ast_(select), query_(query), clauses_(clauses), select_(std::make_unique<BoundSelect>()) {
    scope_.parent = parent;
  }

  Result<std::unique_ptr<BoundBody>> bind() {
    if (!ast_.windows.empty()) return unsupported("WINDOW", ast_.span);
    PROTO_ASSIGN_OR_RETURN(select_->from, binder_.bind_from(ast_.from, scope_));
    if (ast_.where != nullptr) {
      PROTO_ASSIGN_OR_RETURN(select_->where, binder_.bind_condition(*ast_.where, scope_, "in WHERE"));
    }
    PROTO_RETURN_IF_ERROR(bind_groups());
    scope_.aggregates = &select_->aggregates;
    PROTO_RETURN_IF_ERROR(bind_items());
    PROTO_RETURN_IF_ERROR(bind_having());
    PROTO_RETURN_IF_ERROR(bind_order());
    PROTO_RETURN_IF_ERROR(bind_distinct());
    PROTO_RETURN_IF_ERROR(check_grouping());
    return std::unique_ptr<BoundBody>(std::move(select_));
  }

 private:
  Status bind_groups() {
    for (const ast::GroupItem& item : ast_.group_by) {
      if (item.kind != ast::GroupingKind::kExpression) return unsupported("ROLLUP, CUBE and GROUPING SETS", item.span);
      scope_.place = "in GROUP BY";
      PROTO_ASSIGN_OR_RETURN(ExpressionPtr group, bind_group(*item.expression));
      const ColumnId id = group->kind == ExpressionKind::kColumn ? group->index : binder_.columns_->add("group", group->type);
      select_->groups.push_back({id, std::move(group)});
    }
    select_->grouped = !ast_.group_by.empty();
    return Status();
  }

  /// GROUP BY takes ordinals, attributes of FROM first, then names of the select list, then expressions.
  BoundExpression bind_group(const ast::Expression& e) {
    if (is_integer_literal(e)) {
      const int64_t ordinal = ordinal_of(e);
      if (ordinal < 1 || ordinal > static_cast<int64_t>(ast_.items.size())) return bad_ordinal(ordinal, ast_.items.size(), e.span);
      return binder_.bind_expression(*ast_.items[static_cast<size_t>(ordinal - 1)].expression, scope_);
    }
    if (const ast::Identifier* name = bare_name(e)) {
      bool in_from = false;
      for (ScopeItem& item : scope_.items) in_from |= binder_.attribute_of(item, name->name, name->span) != nullptr;
      for (const ast::SelectItem& item : ast_.items) {
        if (!in_from && same_name(item.alias.name, name->name)) return binder_.bind_expression(*item.expression, scope_);
      }
    }
    return binder_.bind_expression(e, scope_);
  }

  Status add_item(BoundItem item, std::string name) {
    query_.outputs.push_back({std::move(name), item.id});
    select_->items.push_back(std::move(item));
    return Status();
  }

  BoundItem make_item(ExpressionPtr expression, const std::string& name) {
    const bool column = expression->kind == ExpressionKind::kColumn;
    const ColumnId id = column ? expression->index : binder_.columns_->add(name, expression->type);
    return {id, std::move(expression)};
  }

  Status bind_items() {
    scope_.place = "in the select list";
    if (ast_.value && ast_.items.size() != 1) return binding_error("SELECT VALUE gives one value", ast_.span);
    for (const ast::SelectItem& item : ast_.items) {
      if (const auto* star = ast::as_if<ast::Star>(item.expression.get())) {
        std::vector<BoundItem> columns;
        std::vector<std::string> names;
        PROTO_RETURN_IF_ERROR(binder_.expand_star(*star, scope_, columns, names));
        for (size_t i = 0; i < columns.size(); ++i) PROTO_RETURN_IF_ERROR(add_item(std::move(columns[i]), names[i]));
        continue;
      }
      PROTO_ASSIGN_OR_RETURN(ExpressionPtr expression, binder_.bind_expression(*item.expression, scope_));
      std::string name = ast_.value && item.alias.empty() && bare_name(*item.expression) == nullptr ? "value"
                             : output_name(item, scope_, binder_.input_.text);
      BoundItem bound = make_item(std::move(expression), name);
      PROTO_RETURN_IF_ERROR(add_item(std::move(bound), std::move(name)));
    }
    visible_items_ = select_->items.size();
    return Status();
  }

  Status bind_having() {
    if (ast_.having == nullptr) return Status();
    select_->grouped = true;
    // A select item that is computed from aggregates is not a column where HAVING stands, so its expression is bound anew.
    scope_.aliases = &query_.outputs;
    BoundExpression having = binder_.bind_condition(*ast_.having, scope_, "in HAVING");
    scope_.aliases = nullptr;
    PROTO_RETURN_IF_ERROR(having.status());
    select_->having = replace_aliases(*std::move(having));
    return binder_.check_condition(*select_->having);
  }

  Status bind_order() {
    if (clauses_ == nullptr) return Status();
    scope_.place = "in ORDER BY";
    for (const ast::OrderItem& item : clauses_->order_by) {
      PROTO_ASSIGN_OR_RETURN(ExpressionPtr column, bind_order_item(*item.expression));
      const bool by_distance = item.nulls == ast::NullsOrder::kDefault && is_distance(column->index);
      query_.order.push_back(make_sort_key(std::move(column), item));
      if (by_distance) query_.order.back().nulls_first = false;  // the nearest first: what has no vector is the farthest
    }
    return Status();
  }

  bool is_distance(ColumnId id) const {
    for (const BoundItem& item : select_->items) {
      if (item.id == id) return item.expression->kind == ExpressionKind::kOperator && item.expression->op >= Operator::kL2Distance;
    }
    return false;
  }

  /// A column of the select list by position or name, else an expression, which joins the items unseen.
  BoundExpression bind_order_item(const ast::Expression& e) {
    if (is_integer_literal(e)) {
      const int64_t ordinal = ordinal_of(e);
      if (ordinal < 1 || ordinal > static_cast<int64_t>(visible_items_)) return bad_ordinal(ordinal, visible_items_, e.span);
      return binder_.column_expression(select_->items[static_cast<size_t>(ordinal - 1)].id, e.span);
    }
    if (const ast::Identifier* name = bare_name(e)) {
      for (size_t i = 0; i < visible_items_; ++i) {
        if (same_name(query_.outputs[i].name, name->name)) return binder_.column_expression(query_.outputs[i].id, e.span);
      }
    }
    scope_.aliases = &query_.outputs;
    BoundExpression bound = binder_.bind_expression(e, scope_);
    scope_.aliases = nullptr;
    if (!bound.ok()) return bound;
    for (const BoundItem& item : select_->items) {
      if (item.expression->equals(**bound)) return binder_.column_expression(item.id, e.span);
    }
    if (ast_.distinct) {
      return binding_error("ORDER BY of a SELECT DISTINCT takes columns of its select list", e.span).with_hint("add it to the select list");
    }
    BoundItem item = make_item(replace_aliases(*std::move(bound)), "order");
    const ColumnId id = item.id;
    select_->items.push_back(std::move(item));
    return binder_.column_expression(id, e.span);
  }

  /// Items are computed side by side: one that names another gets that one's expression.
  ExpressionPtr replace_aliases(ExpressionPtr e) {
    if (e->kind == ExpressionKind::kColumn) {
      for (const BoundItem& item : select_->items) {
        if (item.id == e->index) return item.expression->clone();
      }
      return e;
    }
    for (ExpressionPtr& child : e->children) child = replace_aliases(std::move(child));
    return e;
  }

  Status bind_distinct() {
    select_->distinct = ast_.distinct && ast_.distinct_on.empty();
    for (const ast::ExpressionPtr& on : ast_.distinct_on) {
      PROTO_ASSIGN_OR_RETURN(ExpressionPtr column, bind_order_item_for_distinct(*on));
      select_->distinct_on.push_back(column->index);
    }
    return Status();
  }

  BoundExpression bind_order_item_for_distinct(const ast::Expression& e) {
    PROTO_ASSIGN_OR_RETURN(ExpressionPtr bound, binder_.bind_expression(e, scope_));
    BoundItem item = make_item(std::move(bound), "distinct");
    const ColumnId id = item.id;
    select_->items.push_back(std::move(item));
    return binder_.column_expression(id, e.span);
  }

  // ---- grouping --------------------------------------------------------------------------------------------------------

  Status check_grouping() {
    select_->grouped |= !select_->aggregates.empty();
    if (!select_->grouped) return Status();
    collect_from_columns();
    for (BoundItem& item : select_->items) {
      const bool was_column = item.expression->kind == ExpressionKind::kColumn;
      PROTO_RETURN_IF_ERROR(replace_groups(item.expression));
      if (!was_column && item.expression->kind == ExpressionKind::kColumn) rename_item(item);
    }
    return select_->having == nullptr ? Status() : replace_groups(select_->having);
  }

  /// An item that turned out to be a group takes the group's column.
  void rename_item(BoundItem& item) {
    const ColumnId old = std::exchange(item.id, item.expression->index);
    for (BoundOutput& output : query_.outputs) {
      if (output.id == old) output.id = item.id;
    }
    for (ColumnId& on : select_->distinct_on) on = on == old ? item.id : on;
    for (SortKey& key : query_.order) {
      if (key.expression->index == old) key.expression->index = item.id;
    }
  }

  void collect_from_columns() {
    for (const ScopeItem& item : scope_.items) {
      if (item.element != kNoColumn) from_columns_.push_back(item.element);
      for (const BoundOutput& output : item.outputs) from_columns_.push_back(output.id);
      if (item.collection == nullptr) continue;
      for (const ScanColumn& column : item.collection->columns) from_columns_.push_back(column.id);
    }
  }

  Status replace_groups(ExpressionPtr& e) {
    for (const BoundItem& group : select_->groups) {
      if (group.expression->equals(*e)) return e = binder_.column_expression(group.id, e->span), Status();
    }
    const bool bare = e->kind == ExpressionKind::kColumn &&
                      std::find(from_columns_.begin(), from_columns_.end(), e->index) != from_columns_.end();
    if (bare) {
      return binding_error("'" + (*binder_.columns_)[e->index].name + "' must stand in GROUP BY or inside an aggregate", e->span)
          .with_hint("min(x) takes any one of a group");
    }
    for (ExpressionPtr& child : e->children) PROTO_RETURN_IF_ERROR(replace_groups(child));
    return Status();
  }

  Binder& binder_;
  const ast::Select& ast_;
  BoundQuery& query_;
  const ast::Query* clauses_;
  std::unique_ptr<BoundSelect> select_;
  Scope scope_;
  size_t visible_items_ = 0;
  std::vector<ColumnId> from_columns_;
};

// ---- bodies ------------------------------------------------------------------------------------------------------------

Result<std::unique_ptr<BoundBody>> Binder::bind_body(const ast::QueryBody& body, Scope* parent, BoundQuery& query,
                                                     const ast::Query* clauses) {
  switch (body.kind) {
    case ast::QueryBodyKind::kSelect: return SelectBinder(*this, ast::as<ast::Select>(body), parent, query, clauses).bind();
    case ast::QueryBodyKind::kValues: return bind_values(ast::as<ast::Values>(body), parent, query);
    case ast::QueryBodyKind::kSetOperation: return bind_set_operation(ast::as<ast::SetOperation>(body), parent, query);
    case ast::QueryBodyKind::kNested: break;
  }
  return unsupported("a nested query here", body.span);
}

Result<std::unique_ptr<BoundBody>> Binder::bind_values(const ast::Values& values, Scope* parent, BoundQuery& query) {
  auto bound = std::make_unique<BoundValues>();
  Scope scope;
  scope.parent = parent;
  scope.place = "in VALUES";
  const size_t width = values.rows[0].size();
  std::vector<Type> types(width, Type::of(Kind::kNone));
  for (const auto& row : values.rows) {
    if (row.size() != width) return binding_error("rows of VALUES differ in length", values.span);
    std::vector<ExpressionPtr> cells;
    for (size_t i = 0; i < width; ++i) {
      PROTO_ASSIGN_OR_RETURN(ExpressionPtr cell, bind_expression(*row[i], scope));
      types[i] = common_type(types[i], cell->type);
      cells.push_back(std::move(cell));
    }
    bound->rows.push_back(std::move(cells));
  }
  for (size_t i = 0; i < width; ++i) {
    const std::string name = "column" + std::to_string(i + 1);
    bound->columns.push_back(columns_->add(name, types[i]));
    query.outputs.push_back({name, bound->columns.back()});
  }
  return std::unique_ptr<BoundBody>(std::move(bound));
}

Result<BoundQueryPtr> Binder::bind_side(const ast::QueryBody& body, Scope* parent) {
  if (body.kind == ast::QueryBodyKind::kNested) return bind_query(*ast::as<ast::NestedQuery>(body).query, parent);
  auto side = std::make_shared<BoundQuery>();
  PROTO_ASSIGN_OR_RETURN(side->body, bind_body(body, parent, *side, nullptr));
  return side;
}

Result<std::unique_ptr<BoundBody>> Binder::bind_set_operation(const ast::SetOperation& operation, Scope* parent, BoundQuery& query) {
  auto bound = std::make_unique<BoundSetOperation>();
  bound->op = static_cast<SetOperator>(operation.op);
  bound->all = operation.all;
  PROTO_ASSIGN_OR_RETURN(bound->left, bind_side(*operation.left, parent));
  PROTO_ASSIGN_OR_RETURN(bound->right, bind_side(*operation.right, parent));
  const auto& left = bound->left->outputs;
  const auto& right = bound->right->outputs;
  if (left.size() != right.size()) {
    return binding_error("the sides give " + std::to_string(left.size()) + " and " + std::to_string(right.size()) + " columns",
                         operation.span);
  }
  for (size_t i = 0; i < left.size(); ++i) {
    const Type type = common_type((*columns_)[left[i].id].type, (*columns_)[right[i].id].type);
    bound->columns.push_back(columns_->add(left[i].name, type));
    query.outputs.push_back({left[i].name, bound->columns.back()});
  }
  return std::unique_ptr<BoundBody>(std::move(bound));
}

Status Binder::bind_order_by_outputs(const ast::Query& query, BoundQuery& bound) {
  for (const ast::OrderItem& item : query.order_by) {
    const int64_t ordinal = ordinal_of(*item.expression);
    ColumnId found = kNoColumn;
    if (is_integer_literal(*item.expression)) {
      if (ordinal < 1 || ordinal > static_cast<int64_t>(bound.outputs.size())) return bad_ordinal(ordinal, bound.outputs.size(), item.span);
      found = bound.outputs[static_cast<size_t>(ordinal - 1)].id;
    } else if (const ast::Identifier* name = bare_name(*item.expression)) {
      for (const BoundOutput& output : bound.outputs) {
        if (found == kNoColumn && same_name(output.name, name->name)) found = output.id;
      }
    }
    if (found == kNoColumn) {
      return binding_error("ORDER BY here takes a column of the result by name or position", item.span)
          .with_hint("SELECT * FROM (...) ORDER BY any expression");
    }
    bound.order.push_back(make_sort_key(column_expression(found, item.span), item));
  }
  return Status();
}

Status Binder::bind_limits(const ast::Query& query, BoundQuery& bound) {
  Scope empty;
  for (const auto& [from, to, name] : {std::tuple{query.limit.get(), &bound.limit, "in LIMIT"},
                                       std::tuple{query.offset.get(), &bound.offset, "in OFFSET"}}) {
    if (from == nullptr) continue;
    empty.place = name;
    PROTO_ASSIGN_OR_RETURN(*to, bind_expression(*from, empty));
    const Type& type = (*to)->type;
    if (!type.any && type.kind != Kind::kInt && type.kind != Kind::kNone) {
      return error_at(StatusCode::kType, std::string(name).substr(3) + " is a number of rows, and this is " + describe(type), from->span);
    }
  }
  return Status();
}

Result<BoundQueryPtr> Binder::bind_query(const ast::Query& query, Scope* parent) {
  const CommonTables* outer = common_tables_;
  CommonTables own;
  if (query.with != nullptr) {
    if (query.with->recursive) return unsupported("WITH RECURSIVE", query.span);
    PROTO_RETURN_IF_ERROR(check_common_tables(*query.with));
    own = {query.with.get(), query.with->tables.size(), outer};
    common_tables_ = &own;
  }
  struct Restore {
    const CommonTables*& target;
    const CommonTables* value;
    ~Restore() { target = value; }
  } restore{common_tables_, outer};
  const bool nested = query.body->kind == ast::QueryBodyKind::kNested;
  const bool has_clauses = !query.order_by.empty() || query.limit != nullptr || query.offset != nullptr;
  if (nested && !has_clauses) return bind_query(*ast::as<ast::NestedQuery>(*query.body).query, parent);
  auto bound = std::make_shared<BoundQuery>();
  if (nested) {
    // Clauses around a query that has clauses of its own: the inner one is a table of the outer.
    auto select = std::make_unique<BoundSelect>();
    auto table = std::make_unique<BoundDerived>();
    PROTO_ASSIGN_OR_RETURN(table->query, bind_query(*ast::as<ast::NestedQuery>(*query.body).query, parent));
    for (const BoundOutput& output : table->query->outputs) {
      select->items.push_back({output.id, column_expression(output.id, query.span)});
      bound->outputs.push_back(output);
    }
    select->from = std::move(table);
    bound->body = std::move(select);
  } else {
    PROTO_ASSIGN_OR_RETURN(bound->body, bind_body(*query.body, parent, *bound, &query));
  }
  if (bound->body->kind != BoundBodyKind::kSelect || nested) PROTO_RETURN_IF_ERROR(bind_order_by_outputs(query, *bound));
  PROTO_RETURN_IF_ERROR(bind_limits(query, *bound));
  return bound;
}

}  // namespace protobase::query
