// INSERT, UPDATE and DELETE.
#include "query/binder/internal/binder_state.h"
#include "query/binder/internal/names.h"

namespace protobase::query {
namespace {

bool is_object_rows(const ast::Query& source) {
  const ast::Values* values = ast::as_if<ast::Values>(source.body.get());
  if (values == nullptr) return false;
  for (const auto& row : values->rows) {
    if (row.size() != 1 || row[0]->kind != ast::ExpressionKind::kObject) return false;
  }
  return true;
}

bool is_values(const ast::Query& source) { return source.body->kind == ast::QueryBodyKind::kValues; }

BoundQueryPtr empty_object_row(ColumnRegistry& columns) {
  auto values = std::make_unique<BoundValues>();
  auto object = std::make_unique<Expression>();
  object->kind = ExpressionKind::kObject;
  object->type = Type::of(Kind::kObject);
  values->columns.push_back(columns.add("object", object->type));
  values->rows.emplace_back().push_back(std::move(object));
  auto query = std::make_shared<BoundQuery>();
  query->outputs.push_back({"object", values->columns[0]});
  query->body = std::move(values);
  return query;
}

void substitute(ExpressionPtr& e, const std::function<ExpressionPtr(const Expression&)>& of_column) {
  if (e->kind == ExpressionKind::kColumn) {
    if (ExpressionPtr replaced = of_column(*e)) e = std::move(replaced);
    return;
  }
  for (ExpressionPtr& child : e->children) substitute(child, of_column);
}

/// A column of the object as an expression over the object and its id.
ExpressionPtr over_object(const ReadColumn& read, ExpressionPtr object, ExpressionPtr id, const CollectionDefinition& definition) {
  if (read.what == ReadColumn::What::kObject) return object;
  if (read.what == ReadColumn::What::kId) return id;
  auto result = std::make_unique<Expression>();
  if (read.what == ReadColumn::What::kPath) {
    result->kind = ExpressionKind::kPath;
    result->path = read.path;
    result->children.push_back(std::move(object));
    return result;
  }
  result->kind = ExpressionKind::kFunction;
  result->function = FunctionId::kMakeRef;
  result->type = Type{false, Kind::kRef, 0, definition.id};
  result->children.push_back(make_constant(Value(definition.name), {}));
  result->children.push_back(std::move(id));
  return result;
}

}  // namespace

Status Binder::name_insert_columns(const ast::Insert& insert, BoundChange& change, bool rows_are_objects) {
  if (rows_are_objects) return Status();
  const CollectionDefinition& definition = *change.collection;
  const size_t width = change.source->outputs.size();
  for (const auto& column : insert.columns) {
    PROTO_ASSIGN_OR_RETURN(Path path, bind_target(*column, definition));
    change.names.push_back(std::move(path));
  }
  if (!insert.columns.empty()) {
    if (change.names.size() == width) return Status();
    return binding_error(std::to_string(change.names.size()) + " attributes and " + std::to_string(width) + " values", insert.collection.span);
  }
  std::vector<const Attribute*> declared;
  for (const Attribute& attribute : definition.attributes) {
    if (attribute.declared) declared.push_back(&attribute);
  }
  if (!declared.empty()) {
    if (width > declared.size() || (definition.is_table && width < declared.size())) {
      return binding_error(definition.name + " has " + std::to_string(declared.size()) + " attributes and there are " +
                               std::to_string(width) + " values", insert.collection.span)
          .with_hint("name the attributes: INSERT INTO " + definition.name + " (a, b) ...");
    }
    for (size_t i = 0; i < width; ++i) change.names.push_back(Path::of_name(declared[i]->name));
    return Status();
  }
  if (is_values(*insert.source)) {
    return binding_error("which attributes? " + definition.name + " has none declared", insert.collection.span)
        .with_hint("INSERT INTO " + definition.name + " (a, b) VALUES (1, 2), or INSERT INTO " + definition.name + " {a: 1, b: 2}");
  }
  for (const BoundOutput& output : change.source->outputs) change.names.push_back(Path::of_name(output.name));
  return Status();
}

Status Binder::bind_insert_source(const ast::Insert& insert, BoundChange& change) {
  if (insert.source == nullptr) {
    change.source = empty_object_row(*columns_);
    return Status();
  }
  PROTO_ASSIGN_OR_RETURN(change.source, bind_query(*insert.source, nullptr));
  const auto& outputs = change.source->outputs;
  const Type first = (*columns_)[outputs[0].id].type;
  const ast::Select* select = ast::as_if<ast::Select>(insert.source->body.get());
  const bool objects = insert.columns.empty() &&
                       (is_object_rows(*insert.source) || (select != nullptr && select->value) ||
                        (outputs.size() == 1 && first == Type::of(Kind::kObject)));
  return name_insert_columns(insert, change, objects);
}

Result<std::unique_ptr<BoundChange>> Binder::bind_insert(const ast::Insert& insert) {
  auto change = std::make_unique<BoundChange>();
  const CommonTables own{insert.with.get(), insert.with == nullptr ? 0 : insert.with->tables.size(), nullptr};
  if (insert.with != nullptr) common_tables_ = &own;
  if (!insert.collection.qualifier.empty()) return unsupported("a qualified collection name", insert.collection.span);
  PROTO_ASSIGN_OR_RETURN(change->collection, find_collection(insert.collection.name));
  PROTO_RETURN_IF_ERROR(bind_insert_source(insert, *change));
  common_tables_ = nullptr;
  if (insert.on_conflict != nullptr) {
    switch (insert.on_conflict->action) {
      case ast::ConflictAction::kAbort: break;
      case ast::ConflictAction::kNothing: change->on_conflict = ConflictAction::kNothing; break;
      case ast::ConflictAction::kReplace: change->on_conflict = ConflictAction::kReplace; break;
      case ast::ConflictAction::kUpdate: return unsupported("ON CONFLICT DO UPDATE", insert.on_conflict->span).with_hint("INSERT OR REPLACE, or UPDATE first");
    }
  }
  PROTO_RETURN_IF_ERROR(bind_returning(insert.returning, *change));
  return change;
}

namespace {

/// The collection as it will be: with the attributes that the change itself brings.
std::shared_ptr<const CollectionDefinition> definition_after(const BoundChange& change) {
  auto after = std::make_shared<CollectionDefinition>(*change.collection);
  const auto add = [&](const std::string& name) {
    if (after->find_attribute(name) != nullptr || after->is_table) return;
    after->attributes.emplace_back();
    after->attributes.back().name = name;
  };
  for (const Path& path : change.names) add(path.steps()[0].name);
  for (const BoundAssignment& assignment : change.assignments) add(assignment.path.steps()[0].name);
  if (change.source == nullptr || change.source->body->kind != BoundBodyKind::kValues || !change.names.empty()) return after;
  for (const auto& row : as<BoundValues>(*change.source->body).rows) {
    for (const std::string& name : row[0]->names) add(name);
  }
  return after;
}

}  // namespace

Status Binder::bind_returning(const std::vector<ast::SelectItem>& items, BoundChange& change) {
  if (items.empty()) return Status();
  BoundReturning& returning = change.returning;
  returning.object = columns_->add(change.collection->name, Type::of(Kind::kObject));
  returning.object_id = columns_->add("_id", Type::of(Kind::kInt));
  BoundCollection object;
  object.definition = definition_after(change);
  object.alias = change.collection->name;
  Scope scope;
  scope.place = "in RETURNING";
  scope.items.emplace_back();
  scope.items[0].alias = object.alias;
  scope.items[0].collection = &object;
  for (const ast::SelectItem& item : items) {
    if (const auto* star = ast::as_if<ast::Star>(item.expression.get())) {
      PROTO_RETURN_IF_ERROR(expand_star(*star, scope, returning.items, returning.names));
      continue;
    }
    PROTO_ASSIGN_OR_RETURN(ExpressionPtr value, bind_expression(*item.expression, scope));
    std::string name = item.alias.name;
    if (name.empty() && value->kind == ExpressionKind::kColumn) name = (*columns_)[value->index].name;
    if (name.empty()) name = input_.text.substr(item.expression->span.offset, item.expression->span.length);
    const ColumnId id = columns_->add(name, value->type);
    returning.items.push_back({id, std::move(value)});
    returning.names.push_back(std::move(name));
  }
  for (BoundItem& item : returning.items) {
    substitute(item.expression, [&](const Expression& column) -> ExpressionPtr {
      for (const ScanColumn& scanned : object.columns) {
        if (scanned.id != column.index) continue;
        ExpressionPtr replaced = over_object(scanned.read, column_expression(returning.object, column.span),
                                             column_expression(returning.object_id, column.span), *change.collection);
        if (replaced->kind == ExpressionKind::kPath) replaced->type = column.type;
        return replaced;
      }
      return nullptr;
    });
  }
  return Status();
}

/// The path that SET, UNSET or a column list names. A closed table must have the attribute.
Result<Path> Binder::bind_target(const ast::Path& target, const CollectionDefinition& collection) {
  Path path;
  for (const ast::PathStep& step : target.steps) {
    const ast::Literal* index = step.kind == ast::PathStepKind::kIndex ? ast::as_if<ast::Literal>(step.index.get()) : nullptr;
    if (step.kind == ast::PathStepKind::kAttribute) {
      path.push_name(step.attribute.name);
    } else if (index != nullptr && index->literal == ast::LiteralKind::kInteger) {
      path.push_index(index->integer);
    } else {
      return unsupported("this step of a target", step.span).with_hint("names and numbers: a.b[0]");
    }
  }
  std::vector<std::string> names;
  for (const Attribute& attribute : collection.attributes) {
    names.push_back(attribute.name);
    if (!same_name(attribute.name, path.steps()[0].name)) continue;
    std::vector<Path::Step> steps = path.steps();
    steps[0].name = attribute.name;  // as the catalog spells it
    return Path(std::move(steps));
  }
  const ast::Identifier& name = target.steps[0].attribute;
  if (!collection.is_table || name.name == "_id") return path;
  return binding_error("unknown attribute '" + name.name + "' in " + collection.name, name.span).with_hint(suggest(name.name, names));
}

namespace {

/// `p.price` with p the alias of what is changed: without the alias.
ast::Path without_alias(const ast::Path& target, std::string_view alias, const CollectionDefinition& collection) {
  ast::Path path;
  path.span = target.span;
  size_t first = 0;
  const bool qualified = target.steps.size() > 1 && target.steps[1].kind == ast::PathStepKind::kAttribute;
  if (qualified && same_name(target.steps[0].attribute.name, alias) && collection.find_attribute(alias) == nullptr) first = 1;
  for (size_t i = first; i < target.steps.size(); ++i) {
    const ast::PathStep& step = target.steps[i];
    ast::PathStep copy;
    copy.kind = step.kind;
    copy.span = step.span;
    copy.attribute = step.attribute;
    if (const auto* literal = ast::as_if<ast::Literal>(step.index.get())) {
      auto index = std::make_unique<ast::Literal>();
      index->literal = literal->literal;
      index->integer = literal->integer;
      copy.index = std::move(index);
    }
    path.steps.push_back(std::move(copy));
  }
  return path;
}

}  // namespace

Status Binder::bind_assignments(const ast::Update& update, Scope& scope, BoundChange& change) {
  const std::string alias = scope.items[0].alias;
  scope.place = "in SET";
  for (const ast::Assignment& assignment : update.assignments) {
    PROTO_ASSIGN_OR_RETURN(Path path, bind_target(without_alias(*assignment.target, alias, *change.collection), *change.collection));
    PROTO_ASSIGN_OR_RETURN(ExpressionPtr value, bind_expression(*assignment.value, scope));
    change.assignments.push_back({std::move(path), std::move(value)});
  }
  for (const auto& target : update.unset) {
    PROTO_ASSIGN_OR_RETURN(Path path, bind_target(without_alias(*target, alias, *change.collection), *change.collection));
    change.assignments.push_back({std::move(path), nullptr});
  }
  for (const ast::RowAssignment& assignment : update.row_assignments) return unsupported("SET (...) = (SELECT ...)", assignment.span);
  return Status();
}

namespace {

BoundTablePtr with_more(BoundTablePtr target, BoundTablePtr more) {
  if (more == nullptr) return target;
  auto join = std::make_unique<BoundJoin>();
  join->left = std::move(target);
  join->right = std::move(more);
  return join;
}

}  // namespace

Result<std::unique_ptr<BoundChange>> Binder::bind_update(const ast::Update& update) {
  auto change = std::make_unique<BoundChange>();
  const CommonTables own{update.with.get(), update.with == nullptr ? 0 : update.with->tables.size(), nullptr};
  if (update.with != nullptr) common_tables_ = &own;
  Scope scope;
  PROTO_ASSIGN_OR_RETURN(auto target, bind_collection(update.collection, update.alias, scope));
  change->collection = target->definition;
  change->object_id = column_of(*target, {ReadColumn::What::kId, {}}, update.collection.span)->index;
  PROTO_ASSIGN_OR_RETURN(BoundTablePtr more, bind_from(update.from, scope));
  if (update.where != nullptr) {
    PROTO_ASSIGN_OR_RETURN(change->where, bind_condition(*update.where, scope, "in WHERE"));
  }
  PROTO_RETURN_IF_ERROR(bind_assignments(update, scope, *change));
  common_tables_ = nullptr;
  change->table = with_more(std::move(target), std::move(more));
  PROTO_RETURN_IF_ERROR(bind_returning(update.returning, *change));
  return change;
}

Result<std::unique_ptr<BoundChange>> Binder::bind_delete(const ast::Delete& statement) {
  auto change = std::make_unique<BoundChange>();
  const CommonTables own{statement.with.get(), statement.with == nullptr ? 0 : statement.with->tables.size(), nullptr};
  if (statement.with != nullptr) common_tables_ = &own;
  Scope scope;
  PROTO_ASSIGN_OR_RETURN(auto target, bind_collection(statement.collection, statement.alias, scope));
  change->collection = target->definition;
  change->object_id = column_of(*target, {ReadColumn::What::kId, {}}, statement.collection.span)->index;
  PROTO_ASSIGN_OR_RETURN(BoundTablePtr more, bind_from(statement.using_tables, scope));
  if (statement.where != nullptr) {
    PROTO_ASSIGN_OR_RETURN(change->where, bind_condition(*statement.where, scope, "in WHERE"));
  }
  common_tables_ = nullptr;
  change->table = with_more(std::move(target), std::move(more));
  PROTO_RETURN_IF_ERROR(bind_returning(statement.returning, *change));
  return change;
}

}  // namespace protobase::query
