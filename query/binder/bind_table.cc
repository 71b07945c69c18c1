// FROM: collections, queries, UNNEST, joins and WITH.
#include "query/binder/internal/binder_state.h"
#include "query/binder/internal/names.h"

namespace protobase::query {
namespace {

constexpr uint32_t kMaxQueryDepth = 200;  // WITH tables are bound where they are used, so recursion is bounded here

JoinType join_type(ast::JoinKind kind) {
  switch (kind) {
    case ast::JoinKind::kCross:
    case ast::JoinKind::kInner: return JoinType::kInner;
    case ast::JoinKind::kLeft: return JoinType::kLeft;
    case ast::JoinKind::kRight: return JoinType::kRight;
    case ast::JoinKind::kFull: return JoinType::kFull;
    case ast::JoinKind::kSemi: return JoinType::kSemi;
    case ast::JoinKind::kAnti: return JoinType::kAnti;
  }
  return JoinType::kInner;
}

BoundTablePtr join_tables(BoundTablePtr left, BoundTablePtr right, bool lateral) {
  if (left == nullptr) return right;
  auto join = std::make_unique<BoundJoin>();
  join->lateral = lateral;
  join->left = std::move(left);
  join->right = std::move(right);
  return join;
}

/// UNNEST and paths: they have what stands before them as their input.
bool takes_input(const ast::TableRef& ref) {
  return ref.kind == ast::TableRefKind::kFunction ||
         (ref.kind == ast::TableRefKind::kCollection && ast::as<ast::CollectionRef>(ref).parts.size() > 1);
}

bool is_true(const ast::Expression* condition) {
  const ast::Literal* literal = ast::as_if<ast::Literal>(condition);
  return condition == nullptr || (literal != nullptr && literal->literal == ast::LiteralKind::kBoolean && literal->boolean);
}

}  // namespace

Result<std::shared_ptr<const CollectionDefinition>> Binder::find_collection(const ast::Identifier& name) {
  auto definition = input_.catalog.find(name.name);
  if (definition != nullptr) return definition;
  std::vector<std::string> names;
  for (const auto& [id, known] : input_.catalog.collections()) names.push_back(known->name);
  std::string hint = suggest(name.name, names);
  if (hint.empty()) hint = "SHOW COLLECTIONS lists what there is, CREATE COLLECTION makes one";
  return binding_error("unknown collection '" + name.name + "'", name.span).with_hint(std::move(hint));
}

Status Binder::add_item(Scope& scope, ScopeItem item, TextSpan span) {
  for (const ScopeItem& known : scope.items) {
    if (!item.alias.empty() && same_name(known.alias, item.alias)) {
      return binding_error("'" + item.alias + "' stands twice in FROM", span).with_hint("give one of them another name with AS");
    }
  }
  scope.items.push_back(std::move(item));
  return Status();
}

Result<std::unique_ptr<BoundCollection>> Binder::bind_collection(const ast::ObjectName& name, const ast::Identifier& alias,
                                                                 Scope& scope) {
  if (!name.qualifier.empty()) return unsupported("a qualified collection name", name.span);
  auto table = std::make_unique<BoundCollection>();
  PROTO_ASSIGN_OR_RETURN(table->definition, find_collection(name.name));
  table->alias = alias.empty() ? table->definition->name : alias.name;
  ScopeItem item;
  item.alias = table->alias;
  item.collection = table.get();
  PROTO_RETURN_IF_ERROR(add_item(scope, std::move(item), name.span));
  return table;
}

bool Binder::find_common_table(std::string_view name, const CommonTables*& tables, size_t& index) const {
  for (tables = common_tables_; tables != nullptr; tables = tables->parent) {
    for (index = tables->visible; index-- > 0;) {
      if (same_name(tables->with->tables[index].name.name, name)) return true;
    }
  }
  return false;
}

Result<BoundTablePtr> Binder::bind_common_table(const CommonTables& tables, size_t index, const ast::CollectionRef& ref,
                                                Scope& scope) {
  const ast::CommonTable& table = tables.with->tables[index];
  const CommonTables visible{tables.with, index, tables.parent};
  const CommonTables* outer = std::exchange(common_tables_, &visible);
  ast::TableAlias alias;
  alias.name = ref.alias.name.empty() ? table.name : ref.alias.name;
  alias.columns = ref.alias.columns.empty() ? table.columns : ref.alias.columns;
  auto bound = bind_derived(*table.query, alias, nullptr, scope, ref.span);
  common_tables_ = outer;
  return bound;
}

Result<BoundTablePtr> Binder::bind_derived(const ast::Query& query, const ast::TableAlias& alias, Scope* lateral, Scope& scope,
                                           TextSpan span) {
  if (++depth_ > kMaxQueryDepth) return binding_error("queries are nested too deep", span);
  auto table = std::make_unique<BoundDerived>();
  auto bound = bind_query(query, lateral);
  --depth_;
  PROTO_ASSIGN_OR_RETURN(table->query, std::move(bound));
  table->alias = alias.name.name;
  if (alias.columns.size() > table->query->outputs.size()) {
    return binding_error("the query gives " + std::to_string(table->query->outputs.size()) + " columns", alias.columns[0].span);
  }
  for (size_t i = 0; i < alias.columns.size(); ++i) table->query->outputs[i].name = alias.columns[i].name;
  ScopeItem item;
  item.alias = table->alias;
  item.outputs = table->query->outputs;
  PROTO_RETURN_IF_ERROR(add_item(scope, std::move(item), span));
  return table;
}

Result<BoundTablePtr> Binder::bind_unnest(ExpressionPtr array, const ast::TableRef& ref, BoundTablePtr left, Scope& scope,
                                          bool ordinality) {
  auto table = std::make_unique<BoundUnnest>();
  table->input = std::move(left);
  table->array = std::move(array);
  const ast::TableAlias& alias = ref.alias;
  const auto name = [&](size_t column, std::string fallback) {
    return alias.columns.size() > column ? alias.columns[column].name : fallback;
  };
  ScopeItem item;
  item.alias = alias.name.empty() ? "unnest" : alias.name.name;
  table->element = columns_->add(name(0, item.alias), Type::unknown());
  item.element = table->element;
  item.outputs.push_back({(*columns_)[table->element].name, table->element});
  if (ordinality) {
    table->ordinality = columns_->add(name(1, "ordinality"), Type::of(Kind::kInt));
    item.outputs.push_back({(*columns_)[table->ordinality].name, table->ordinality});
  }
  PROTO_RETURN_IF_ERROR(add_item(scope, std::move(item), ref.span));
  return table;
}

Result<BoundTablePtr> Binder::bind_collection_ref(const ast::CollectionRef& ref, Scope& scope) {
  if (ref.as_of != nullptr) return unsupported("AS OF", ref.as_of->span);
  const CommonTables* tables = nullptr;
  size_t index = 0;
  if (ref.parts.size() == 1 && find_common_table(ref.parts[0].name, tables, index)) {
    return bind_common_table(*tables, index, ref, scope);
  }
  if (!ref.alias.columns.empty()) return unsupported("a column list after a collection", ref.span);
  PROTO_ASSIGN_OR_RETURN(auto table, bind_collection(ast::ObjectName{{}, ref.parts.back(), ref.span}, ref.alias.name, scope));
  return BoundTablePtr(std::move(table));
}

/// `left` is what stands before in FROM, given only to tables that take it as their input.
Result<BoundTablePtr> Binder::bind_table(const ast::TableRef& ref, BoundTablePtr left, Scope& scope) {
  if (const auto* collection = ast::as_if<ast::CollectionRef>(&ref)) {
    if (collection->parts.size() == 1) return bind_collection_ref(*collection, scope);
    ast::Path path;
    path.span = ref.span;
    for (const ast::Identifier& part : collection->parts) {
      ast::PathStep step;
      step.span = part.span;
      step.attribute = part;
      path.steps.push_back(std::move(step));
    }
    PROTO_ASSIGN_OR_RETURN(ExpressionPtr array, bind_path(path, scope));
    return bind_unnest(std::move(array), ref, std::move(left), scope, false);
  }
  if (const auto* query = ast::as_if<ast::QueryRef>(&ref)) {
    return bind_derived(*query->query, ref.alias, query->lateral ? &scope : scope.parent, scope, ref.span);
  }
  if (const auto* function = ast::as_if<ast::FunctionRef>(&ref)) {
    if (!same_name(function->call->function.name, "unnest")) return unsupported("this table function", ref.span).with_hint("UNNEST(array)");
    if (function->call->arguments.size() != 1) return binding_error("UNNEST takes one array", ref.span);
    PROTO_ASSIGN_OR_RETURN(ExpressionPtr array, bind_expression(*function->call->arguments[0].value, scope));
    return bind_unnest(std::move(array), ref, std::move(left), scope, function->with_ordinality);
  }
  return bind_join(ast::as<ast::JoinRef>(ref), std::move(left), scope);
}

Result<ExpressionPtr> Binder::bind_using(const ast::JoinRef& join, Scope& scope, size_t left_begin, size_t right_begin) {
  std::vector<std::string> names;
  for (const ast::Identifier& column : join.using_columns) names.push_back(column.name);
  const auto find = [&](size_t begin, size_t end, const std::string& name) -> std::pair<ExpressionPtr, ScopeItem*> {
    for (size_t i = begin; i < end; ++i) {
      if (ExpressionPtr column = attribute_of(scope.items[i], name, join.span)) return {std::move(column), &scope.items[i]};
    }
    return {nullptr, nullptr};
  };
  if (join.natural) {
    std::vector<std::string> candidates;
    for (size_t i = left_begin; i < right_begin; ++i) {
      const ScopeItem& item = scope.items[i];
      for (const BoundOutput& output : item.outputs) candidates.push_back(output.name);
      if (item.collection == nullptr) continue;
      for (const Attribute& attribute : item.collection->definition->attributes) candidates.push_back(attribute.name);
    }
    for (const std::string& name : candidates) {
      if (find(right_begin, scope.items.size(), name).first != nullptr) names.push_back(name);
    }
  }
  std::vector<ExpressionPtr> conjuncts;
  for (const std::string& name : names) {
    auto [left, left_item] = find(left_begin, right_begin, name);
    auto [right, right_item] = find(right_begin, scope.items.size(), name);
    if (left == nullptr || right == nullptr) return binding_error("USING: '" + name + "' is not on both sides", join.span);
    (join.join == ast::JoinKind::kRight ? left_item : right_item)->merged.push_back(name);
    PROTO_RETURN_IF_ERROR(match_types(left, right, join.span));
    conjuncts.push_back(make_operator(Operator::kEqual, Type::of(Kind::kBool), join.span, std::move(left), std::move(right)));
  }
  if (conjuncts.empty()) return ExpressionPtr();
  if (conjuncts.size() == 1) return std::move(conjuncts[0]);
  auto both = std::make_unique<Expression>();
  both->kind = ExpressionKind::kAnd;
  both->type = Type::of(Kind::kBool);
  both->children = std::move(conjuncts);
  return both;
}

Result<BoundTablePtr> Binder::bind_join(const ast::JoinRef& join, BoundTablePtr outer_left, Scope& scope) {
  const size_t left_begin = scope.items.size();
  auto bound = std::make_unique<BoundJoin>();
  PROTO_ASSIGN_OR_RETURN(bound->left, bind_table(*join.left, std::move(outer_left), scope));
  const size_t right_begin = scope.items.size();
  const bool lateral = join.right->kind == ast::TableRefKind::kQuery && ast::as<ast::QueryRef>(*join.right).lateral;
  const bool unnests = takes_input(*join.right);
  PROTO_ASSIGN_OR_RETURN(BoundTablePtr right, bind_table(*join.right, unnests ? std::move(bound->left) : nullptr, scope));
  if (unnests) {
    const bool left = join.join == ast::JoinKind::kLeft;
    const bool inner = join.join == ast::JoinKind::kInner || join.join == ast::JoinKind::kCross;
    if ((!left && !inner) || (left && !is_true(join.on.get())) || !join.using_columns.empty() || join.natural) {
      return unsupported("this kind of join with UNNEST", join.span).with_hint("CROSS JOIN UNNEST(...), conditions in WHERE");
    }
    static_cast<BoundUnnest&>(*right).left = left;
    if (is_true(join.on.get())) return right;
    return unsupported("ON with UNNEST", join.span).with_hint("write the condition in WHERE");
  }
  bound->right = std::move(right);
  bound->type = join_type(join.join);
  bound->lateral = lateral;
  if (lateral && bound->type != JoinType::kInner && bound->type != JoinType::kLeft) return unsupported("this join with LATERAL", join.span);
  if (join.on != nullptr) {
    PROTO_ASSIGN_OR_RETURN(bound->condition, bind_condition(*join.on, scope, "in ON"));
  } else if (join.natural || !join.using_columns.empty()) {
    if (bound->type == JoinType::kFull) return unsupported("USING in a FULL JOIN", join.span).with_hint("write ON a.x = b.x");
    PROTO_ASSIGN_OR_RETURN(bound->condition, bind_using(join, scope, left_begin, right_begin));
  } else if (join.join != ast::JoinKind::kCross && join.join != ast::JoinKind::kInner) {
    return binding_error("this join needs ON or USING", join.span);
  }
  const bool left_only = bound->type == JoinType::kSemi || bound->type == JoinType::kAnti;
  if (left_only) scope.items.resize(right_begin);
  return BoundTablePtr(std::move(bound));
}

Result<BoundTablePtr> Binder::bind_from(const std::vector<ast::TableRefPtr>& from, Scope& scope) {
  BoundTablePtr all;
  const std::string_view outer_place = std::exchange(scope.place, "in FROM");
  for (const ast::TableRefPtr& ref : from) {
      BoundTablePtr before = std::move(all);
    const bool takes_left = takes_input(*ref);
    const bool lateral = ref->kind == ast::TableRefKind::kQuery && ast::as<ast::QueryRef>(*ref).lateral;
    PROTO_ASSIGN_OR_RETURN(BoundTablePtr table, bind_table(*ref, takes_left ? std::move(before) : nullptr, scope));
    all = takes_left ? std::move(table) : join_tables(std::move(before), std::move(table), lateral);
  }
  scope.place = outer_place;
  return all;
}

}  // namespace protobase::query
