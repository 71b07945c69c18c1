// Names and paths: which of the leading names is a collection, an alias or an attribute.
#include "query/binder/internal/binder_state.h"
#include "query/binder/internal/names.h"

namespace protobase::query {
namespace {

bool is_name_step(const ast::PathStep& step) { return step.kind == ast::PathStepKind::kAttribute; }

const Attribute* find_attribute(const CollectionDefinition& definition, std::string_view name) {
  for (const Attribute& attribute : definition.attributes) {
    if (attribute.name == name) return &attribute;
  }
  for (const Attribute& attribute : definition.attributes) {
    if (same_name(attribute.name, name)) return &attribute;
  }
  return nullptr;
}

/// Whether names that are not known may still be attributes: nothing is known of the collection yet.
bool is_open(const CollectionDefinition& definition) { return !definition.is_table && definition.attributes.empty(); }

Type type_of(const Attribute& attribute) {
  if (!attribute.declared || attribute.type == Kind::kNone) return Type::unknown();
  return Type{false, attribute.type, attribute.dimension, attribute.references};
}

bool is_merged(const ScopeItem& item, std::string_view name) {
  for (const std::string& merged : item.merged) {
    if (same_name(merged, name)) return true;
  }
  return false;
}

std::vector<std::string> known_names(const ScopeItem& item) {
  std::vector<std::string> names;
  if (item.collection != nullptr) {
    for (const Attribute& attribute : item.collection->definition->attributes) names.push_back(attribute.name);
  }
  for (const BoundOutput& output : item.outputs) names.push_back(output.name);
  return names;
}

}  // namespace

ExpressionPtr Binder::column_expression(ColumnId id, TextSpan span) const {
  auto column = std::make_unique<Expression>();
  column->kind = ExpressionKind::kColumn;
  column->index = id;
  column->type = (*columns_)[id].type;
  column->span = span;
  return column;
}

ExpressionPtr Binder::column_of(BoundCollection& collection, ReadColumn read, TextSpan span) {
  for (const ScanColumn& column : collection.columns) {
    if (column.read == read) return column_expression(column.id, span);
  }
  Type type = Type::unknown();
  std::string name = collection.alias;
  switch (read.what) {
    case ReadColumn::What::kObject: type = Type::of(Kind::kObject); break;
    case ReadColumn::What::kId: type = Type::of(Kind::kInt), name = "_id"; break;
    case ReadColumn::What::kReference:
      type = Type{false, Kind::kRef, 0, collection.definition->id};
      name = "_ref";
      break;
    case ReadColumn::What::kPath: {
      name = read.path.steps().back().name;
      const Attribute* attribute = find_attribute(*collection.definition, read.path.steps().front().name);
      if (attribute != nullptr && read.path.steps().size() == 1) type = type_of(*attribute);
      break;
    }
  }
  const ColumnId id = columns_->add(std::move(name), type);
  collection.columns.push_back({id, std::move(read)});
  return column_expression(id, span);
}

ExpressionPtr Binder::attribute_of(ScopeItem& item, std::string_view name, TextSpan span) {
  for (const BoundOutput& output : item.outputs) {
    if (same_name(output.name, name)) return column_expression(output.id, span);
  }
  if (item.collection == nullptr) return nullptr;
  if (name == "_id") return column_of(*item.collection, {ReadColumn::What::kId, {}}, span);
  if (name == "_ref") return column_of(*item.collection, {ReadColumn::What::kReference, {}}, span);
  const Attribute* attribute = find_attribute(*item.collection->definition, name);
  if (attribute == nullptr) return nullptr;
  return column_of(*item.collection, {ReadColumn::What::kPath, Path::of_name(attribute->name)}, span);
}

Status Binder::check_deeper_steps(const BoundCollection& collection, const ast::Path& path, size_t first, size_t end) const {
  const Attribute* attribute = find_attribute(*collection.definition, path.steps[first].attribute.name);
  if (attribute == nullptr || first + 1 >= end || !attribute->declared) return Status();
  const ast::Identifier& next = path.steps[first + 1].attribute;
  if (attribute->type == Kind::kRef && attribute->references.value != 0) {
    const auto target = input_.catalog.find(attribute->references);
    if (target == nullptr || is_open(*target) || find_attribute(*target, next.name) != nullptr) return Status();
    if (next.name == "_id" || next.name == "_ref") return Status();
    std::vector<std::string> names;
    for (const Attribute& known : target->attributes) names.push_back(known.name);
    return binding_error("unknown attribute '" + next.name + "' in " + target->name, next.span).with_hint(suggest(next.name, names));
  }
  const bool has_parts = attribute->type == Kind::kNone || attribute->type == Kind::kRef || attribute->type == Kind::kObject;
  if (has_parts) return Status();
  return binding_error(attribute->name + " is " + std::string(kind_name(attribute->type)) + " and has no attribute '" + next.name + "'",
                       next.span);
}

/// Reads the attribute path that starts at step `first` from one item; `used` steps are then consumed.
Result<ExpressionPtr> Binder::read_path(const ast::Path& path, ScopeItem& item, size_t first, size_t& used) {
  const ast::Identifier& name = path.steps[first].attribute;
  used = first + 1;
  if (item.collection == nullptr || name.name == "_id" || name.name == "_ref") return attribute_of(item, name.name, path.span);
  const Attribute* attribute = find_attribute(*item.collection->definition, name.name);
  if (attribute == nullptr && !is_open(*item.collection->definition)) return ExpressionPtr();
  Path read = Path::of_name(attribute == nullptr ? name.name : attribute->name);
  while (used < path.steps.size() && is_name_step(path.steps[used])) read.push_name(path.steps[used++].attribute.name);
  PROTO_RETURN_IF_ERROR(check_deeper_steps(*item.collection, path, first, used));
  return column_of(*item.collection, {ReadColumn::What::kPath, std::move(read)}, path.span);
}

Result<ExpressionPtr> Binder::resolve_qualified(const ast::Path& path, ScopeItem& item, size_t& used) {
  used = 1;
  if (item.element != kNoColumn) return column_expression(item.element, path.span);
  const bool has_attribute = path.steps.size() > 1 && is_name_step(path.steps[1]);
  if (!has_attribute) {
    if (item.collection == nullptr) {
      return binding_error("'" + item.alias + "' is a query, not a value", path.span).with_hint("name one of its columns");
    }
    return column_of(*item.collection, {ReadColumn::What::kObject, {}}, path.span);
  }
  PROTO_ASSIGN_OR_RETURN(ExpressionPtr found, read_path(path, item, 1, used));
  if (found != nullptr) return found;
  const ast::Identifier& name = path.steps[1].attribute;
  const std::string where = item.collection != nullptr ? item.collection->definition->name : item.alias;
  return binding_error("unknown attribute '" + name.name + "' in " + where, name.span).with_hint(suggest(name.name, known_names(item)));
}

/// One scope. With `open`, names are taken as attributes of a collection of which nothing is known. Null: not here.
Result<ExpressionPtr> Binder::resolve_in(const ast::Path& path, Scope& scope, size_t& used, bool open) {
  const ast::Identifier& name = path.steps[0].attribute;
  const bool dotted = path.steps.size() > 1 && is_name_step(path.steps[1]);
  ScopeItem* owner = nullptr;
  for (ScopeItem& item : scope.items) {
    const bool alias_matches = same_name(item.alias, name.name);
    if (alias_matches && dotted && !open) return resolve_qualified(path, item, used);
    if (is_merged(item, name.name)) continue;
    const bool has = open ? item.collection != nullptr && is_open(*item.collection->definition)
                          : item.collection != nullptr ? find_attribute(*item.collection->definition, name.name) != nullptr ||
                                                             name.name == "_id" || name.name == "_ref"
                                                       : attribute_of(item, name.name, name.span) != nullptr;
    if (!has) continue;
    if (owner != nullptr) {
      return binding_error("'" + name.name + "' is ambiguous: " + owner->alias + " and " + item.alias + " both have it", name.span)
          .with_hint("write " + owner->alias + "." + name.name + " or " + item.alias + "." + name.name);
    }
    owner = &item;
  }
  if (owner != nullptr) return read_path(path, *owner, 0, used);
  for (ScopeItem& item : scope.items) {
    if (!open && same_name(item.alias, name.name)) return resolve_qualified(path, item, used);
  }
  return ExpressionPtr();
}

Status Binder::unknown_name(const ast::Path& path, const Scope& scope) const {
  const ast::Identifier& name = path.steps[0].attribute;
  std::vector<std::string> names;
  for (const Scope* level = &scope; level != nullptr; level = level->parent) {
    for (const ScopeItem& item : level->items) {
      for (std::string& known : known_names(item)) names.push_back(std::move(known));
      names.push_back(item.alias);
    }
  }
  std::string where;
  if (scope.items.size() == 1) {
    const ScopeItem& item = scope.items[0];
    where = " in " + (item.collection != nullptr ? item.collection->definition->name : item.alias);
  }
  Status status = binding_error("unknown attribute '" + name.name + "'" + where, name.span);
  std::string hint = suggest(name.name, names);
  if (hint.empty() && name.quoted) hint = "text stands in single quotes: '" + name.name + "'";
  if (hint.empty() && scope.items.empty() && scope.parent == nullptr) hint = "there is no FROM to take it from";
  return hint.empty() ? status : std::move(status).with_hint(hint);
}

Result<ExpressionPtr> Binder::resolve_name(const ast::Path& path, Scope& scope, size_t& used) {
  for (const bool open : {false, true}) {
    for (Scope* level = &scope; level != nullptr; level = level->parent) {
      PROTO_ASSIGN_OR_RETURN(ExpressionPtr found, resolve_in(path, *level, used, open));
      if (found != nullptr) return found;
      if (level->aliases == nullptr || open || path.steps.size() != 1) continue;
      for (const BoundOutput& output : *level->aliases) {
        if (same_name(output.name, path.steps[0].attribute.name)) return used = 1, column_expression(output.id, path.span);
      }
    }
  }
  return unknown_name(path, scope);
}

namespace {

ExpressionPtr extend_path(ExpressionPtr base, Path::Step step, TextSpan span) {
  const bool extends = base->kind == ExpressionKind::kPath && base->children.size() == 1;
  if (!extends) {
    auto path = std::make_unique<Expression>();
    path->kind = ExpressionKind::kPath;
    path->children.push_back(std::move(base));
    base = std::move(path);
  }
  std::vector<Path::Step> steps = base->path.steps();
  steps.push_back(std::move(step));
  base->path = Path(std::move(steps));
  base->span = span;
  return base;
}

}  // namespace

BoundExpression Binder::apply_steps(ExpressionPtr base, const ast::Path& path, size_t first, Scope& scope) {
  for (size_t i = first; i < path.steps.size(); ++i) {
    const ast::PathStep& step = path.steps[i];
    if (step.kind == ast::PathStepKind::kAttribute) {
      base = extend_path(std::move(base), Path::Step{step.attribute.name}, path.span);
    } else if (step.kind == ast::PathStepKind::kElements) {
      return unsupported("[*] in an expression", step.span).with_hint("use UNNEST in FROM, or x IN array");
    } else if (step.kind == ast::PathStepKind::kSlice) {
      auto slice = std::make_unique<Expression>();
      slice->kind = ExpressionKind::kSlice;
      slice->span = path.span;
      slice->children.push_back(std::move(base));
      for (const ast::ExpressionPtr* bound : {&step.index, &step.high}) {
        ExpressionPtr value = make_constant(Value(), step.span);
        if (*bound != nullptr) {
          PROTO_ASSIGN_OR_RETURN(value, bind_expression(**bound, scope));
        }
        slice->children.push_back(std::move(value));
      }
      base = std::move(slice);
    } else {
      PROTO_ASSIGN_OR_RETURN(ExpressionPtr index, bind_expression(*step.index, scope));
      if (index->kind == ExpressionKind::kConstant && index->value.kind() == Kind::kInt) {
        base = extend_path(std::move(base), Path::Step{"", index->value.as_int64(), true}, path.span);
      } else if (index->kind == ExpressionKind::kConstant && index->value.kind() == Kind::kString) {
        base = extend_path(std::move(base), Path::Step{std::string(index->value.as_string())}, path.span);
      } else {
        auto dynamic = std::make_unique<Expression>();
        dynamic->kind = ExpressionKind::kPath;
        dynamic->span = path.span;
        dynamic->path.push_index(0);
        dynamic->children.push_back(std::move(base));
        dynamic->children.push_back(std::move(index));
        base = std::move(dynamic);
      }
    }
  }
  return base;
}

BoundExpression Binder::bind_path(const ast::Path& path, Scope& scope) {
  if (path.base != nullptr) {
    PROTO_ASSIGN_OR_RETURN(ExpressionPtr base, bind_expression(*path.base, scope));
    return apply_steps(std::move(base), path, 0, scope);
  }
  size_t used = 0;
  PROTO_ASSIGN_OR_RETURN(ExpressionPtr base, resolve_name(path, scope, used));
  return apply_steps(std::move(base), path, used, scope);
}

Status Binder::expand_star(const ast::Star& star, Scope& scope, std::vector<BoundItem>& items, std::vector<std::string>& names) {
  if (star.qualifier.size() > 1) return unsupported("a path before .*", star.span);
  bool found = false;
  for (ScopeItem& item : scope.items) {
    if (!star.qualifier.empty() && !same_name(item.alias, star.qualifier[0].name)) continue;
    found = true;
    for (const BoundOutput& output : item.outputs) {
      if (star.qualifier.empty() && is_merged(item, output.name)) continue;
      items.push_back({output.id, column_expression(output.id, star.span)});
      names.push_back(output.name);
    }
    if (item.collection == nullptr) continue;
    const CollectionDefinition& definition = *item.collection->definition;
    for (const Attribute& attribute : definition.attributes) {
      if (star.qualifier.empty() && is_merged(item, attribute.name)) continue;
      ExpressionPtr column = column_of(*item.collection, {ReadColumn::What::kPath, Path::of_name(attribute.name)}, star.span);
      items.push_back({column->index, std::move(column)});
      names.push_back(attribute.name);
    }
    if (definition.attributes.empty()) {
      ExpressionPtr column = column_of(*item.collection, {ReadColumn::What::kObject, {}}, star.span);
      items.push_back({column->index, std::move(column)});
      names.push_back(item.alias);
    }
  }
  if (found) return Status();
  if (star.qualifier.empty()) return binding_error("* needs a FROM", star.span);
  std::vector<std::string> aliases;
  for (const ScopeItem& item : scope.items) aliases.push_back(item.alias);
  return binding_error("'" + star.qualifier[0].name + "' is not in FROM", star.span).with_hint(suggest(star.qualifier[0].name, aliases));
}

}  // namespace protobase::query
