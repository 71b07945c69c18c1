// Statements that define, change and remove collections, indexes, views and snapshots.
#include "query/parser/internal/literals.h"
#include "query/parser/internal/tree_builder.h"

namespace protobase::parser {

using namespace ast;
using enum TokenKind;

StatementPtr TreeBuilder::create(Sql::CreateContext* context) {
  if (context->collection != nullptr) return create_collection(context, context->collection);
  if (context->index != nullptr) return create_index(context, context->index);
  if (context->view != nullptr) return create_view(context, context->view);
  return create_snapshot(context, context->snapshot);
}

/// The grammar takes OR REPLACE, TEMPORARY and UNIQUE before anything; true says which ones the statement has.
void TreeBuilder::refuse_modifiers(Sql::CreateContext* outer, bool replace, bool temporary, bool unique) {
  if (outer->replace != nullptr && !replace) fail(span_of(outer->replace), "only a view can be created OR REPLACE");
  if (outer->temporary != nullptr && !temporary) fail(span_of(outer->temporary), "this cannot be TEMPORARY");
  if (outer->unique != nullptr && !unique) fail(span_of(outer->unique), "only an index can be UNIQUE");
}

StatementPtr TreeBuilder::create_collection(Sql::CreateContext* outer, Sql::Create_collectionContext* context) {
  refuse_modifiers(outer, false, true, false);
  auto out = std::make_unique<CreateCollection>();
  out->is_table = kind_of(context->kind) == kTABLE;
  out->temporary = outer->temporary != nullptr;
  out->if_not_exists = context->missing != nullptr;
  out->name = object_name(context->id);
  for (Sql::Table_elementContext* element : context->elements) {
    if (element->column != nullptr) {
      out->columns.push_back(column_definition(element->column));
    } else {
      out->constraints.push_back(table_constraint(element->constraint));
    }
  }
  out->options = option_list(context->with_options);
  if (context->source != nullptr) out->as_query = query(context->source);
  return out;
}

ColumnDefinition TreeBuilder::column_definition(Sql::Column_definitionContext* context) {
  ColumnDefinition out;
  out.span = span_of(context);
  out.name = identifier(context->id);
  if (context->type != nullptr) out.type = type_name(context->type);
  for (Sql::Column_constraintContext* item : context->constraints) column_constraint(item, &out);
  return out;
}

void TreeBuilder::column_constraint(Sql::Column_constraintContext* context, ColumnDefinition* column) {
  Constraint out;
  out.span = span_of(context);
  out.name = optional_identifier(context->id);
  out.expression = optional_expression(context->value);
  switch (kind_of(context->kind)) {
    case kPRIMARY: out.kind = ConstraintKind::kPrimaryKey; break;
    case kUNIQUE: out.kind = ConstraintKind::kUnique; break;
    case kDEFAULT: out.kind = ConstraintKind::kDefault; break;
    case kCHECK: out.kind = ConstraintKind::kCheck; break;
    case kREFERENCES:
      out.kind = ConstraintKind::kReferences;
      reference(context->target, &out);
      break;
    default: out.kind = context->negated != nullptr ? ConstraintKind::kNotNull : ConstraintKind::kNull;
  }
  column->constraints.push_back(std::move(out));
}

Constraint TreeBuilder::table_constraint(Sql::Table_constraintContext* context) {
  Constraint out;
  out.span = span_of(context);
  out.name = optional_identifier(context->id);
  out.columns = identifiers(context->columns);
  out.expression = optional_expression(context->value);
  switch (kind_of(context->kind)) {
    case kPRIMARY: out.kind = ConstraintKind::kPrimaryKey; break;
    case kUNIQUE: out.kind = ConstraintKind::kUnique; break;
    case kCHECK: out.kind = ConstraintKind::kCheck; break;
    default:
      out.kind = ConstraintKind::kReferences;
      reference(context->target, &out);
  }
  return out;
}

void TreeBuilder::reference(Sql::ReferenceContext* context, Constraint* constraint) {
  constraint->referenced = object_name(context->target);
  constraint->referenced_columns = identifiers(context->columns);
  for (Sql::Reference_actionContext* action : context->actions) {
    ReferentialAction kind = ReferentialAction::kNoAction;
    switch (kind_of(action->kind)) {
      case kCASCADE: kind = ReferentialAction::kCascade; break;
      case kRESTRICT: kind = ReferentialAction::kRestrict; break;
      case kNULL: kind = ReferentialAction::kSetNull; break;
      case kDEFAULT: kind = ReferentialAction::kSetDefault; break;
      default: break;
    }
    (kind_of(action->event) == kDELETE ? constraint->on_delete : constraint->on_update) = kind;
  }
}

std::vector<Option> TreeBuilder::option_list(Sql::Option_listContext* context) {
  std::vector<Option> out;
  if (context == nullptr) return out;
  for (Sql::OptionContext* item : context->items) {
    Option made;
    made.name = identifier(item->id);
    if (item->value != nullptr) {
      made.value = expression(item->value);
    } else {
      auto on = std::make_unique<Literal>();  // WITH (name) switches it on
      on->span = made.name.span;
      on->literal = LiteralKind::kBoolean;
      on->boolean = true;
      made.value = std::move(on);
    }
    out.push_back(std::move(made));
  }
  return out;
}

// ---- indexes, views, snapshots
// ---------------------------------------------------------------------------------------

StatementPtr TreeBuilder::create_index(Sql::CreateContext* outer, Sql::Create_indexContext* context) {
  refuse_modifiers(outer, false, false, true);
  auto out = std::make_unique<CreateIndex>();
  out->unique = outer->unique != nullptr;
  out->if_not_exists = context->missing != nullptr;
  out->name = optional_identifier(context->id);
  out->collection = object_name(context->target);
  out->method = index_method(context->method);
  for (Sql::Index_partContext* part : context->parts) out->parts.push_back(index_part(part));
  out->include = expressions(context->include);
  out->options = option_list(context->with_options);
  out->where = optional_expression(context->where);
  return out;
}

IndexMethod TreeBuilder::index_method(Sql::NameContext* context) {
  if (context == nullptr) return IndexMethod::kDefault;
  std::string name = identifier(context).name;
  for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  if (name == "btree") return IndexMethod::kBtree;
  if (name == "hash") return IndexMethod::kHash;
  if (name == "ivfflat") return IndexMethod::kIvfflat;
  fail(span_of(context), "'" + name + "' is no index method: there are btree, hash and ivfflat");
  return IndexMethod::kDefault;
}

namespace {

/// UNNEST(tags) is another way to write tags[*].
ExpressionPtr elements_of(ExpressionPtr value) {
  Call* call = as_if<Call>(value.get());
  if (call == nullptr || call->arguments.size() != 1 || call->function.name.size() != 6) return value;
  Path* path = as_if<Path>(call->arguments[0].value.get());
  if (path == nullptr || find_keyword(call->function.name) != kIDENTIFIER) return value;
  std::string name = call->function.name;
  for (char& c : name) c = static_cast<char>(c | 32);
  if (name != "unnest") return value;
  PathStep step;
  step.kind = PathStepKind::kElements;
  step.span = call->span;
  path->steps.push_back(std::move(step));
  path->span = call->span;
  return std::move(call->arguments[0].value);
}

}  // namespace

IndexPart TreeBuilder::index_part(Sql::Index_partContext* context) {
  IndexPart out;
  out.span = span_of(context);
  out.expression = elements_of(expression(context->value));
  out.operator_class = optional_identifier(context->operator_class);
  out.descending = context->direction != nullptr && kind_of(context->direction) == kDESC;
  if (context->nulls != nullptr) out.nulls = kind_of(context->nulls) == kFIRST ? NullsOrder::kFirst : NullsOrder::kLast;
  return out;
}

StatementPtr TreeBuilder::create_view(Sql::CreateContext* outer, Sql::Create_viewContext* context) {
  refuse_modifiers(outer, true, true, false);
  auto out = std::make_unique<CreateView>();
  out->or_replace = outer->replace != nullptr;
  out->temporary = outer->temporary != nullptr;
  out->if_not_exists = context->missing != nullptr;
  out->name = object_name(context->id);
  out->columns = identifiers(context->columns);
  out->query = query(context->source);
  return out;
}

StatementPtr TreeBuilder::create_snapshot(Sql::CreateContext* outer, Sql::Create_snapshotContext* context) {
  refuse_modifiers(outer, false, false, false);
  auto out = std::make_unique<CreateSnapshot>();
  out->if_not_exists = context->missing != nullptr;
  out->name = identifier(context->id);
  return out;
}

StatementPtr TreeBuilder::drop(Sql::DropContext* context) {
  auto out = std::make_unique<Drop>();
  switch (kind_of(context->kind)) {
    case kINDEX: out->what = DropKind::kIndex; break;
    case kVIEW: out->what = DropKind::kView; break;
    case kSNAPSHOT: out->what = DropKind::kSnapshot; break;
    default: break;
  }
  out->if_exists = context->present != nullptr;
  out->cascade = context->behaviour != nullptr && kind_of(context->behaviour) == kCASCADE;
  for (Sql::Object_nameContext* target : context->targets) out->names.push_back(object_name(target));
  return out;
}

// ---- ALTER
// -----------------------------------------------------------------------------------------------------------

StatementPtr TreeBuilder::alter(Sql::AlterContext* context) {
  auto out = std::make_unique<Alter>();
  out->collection = object_name(context->target);
  out->if_exists = context->present != nullptr;
  out->column = optional_identifier(context->id);
  if (context->add != nullptr) {
    alter_add(context, out.get());
  } else if (context->change != nullptr) {
    alter_column(context->change, out.get());
  } else {
    alter_names(context, out.get());
  }
  return out;
}

/// DROP and RENAME.
void TreeBuilder::alter_names(Sql::AlterContext* context, Alter* statement) {
  if (context->drop_ != nullptr) {
    statement->action = context->constraint_word != nullptr ? AlterAction::kDropConstraint : AlterAction::kDropColumn;
    statement->action_if_exists = context->column_present != nullptr;
    return;
  }
  statement->action = context->id == nullptr ? AlterAction::kRenameCollection : AlterAction::kRenameColumn;
  statement->new_name = identifier(context->new_name);
}

void TreeBuilder::alter_add(Sql::AlterContext* context, Alter* statement) {
  if (context->constraint != nullptr) {
    statement->action = AlterAction::kAddConstraint;
    statement->constraint = std::make_unique<Constraint>(table_constraint(context->constraint));
    return;
  }
  statement->action_if_exists = context->missing != nullptr;
  statement->definition = column_definition(context->definition);
  statement->column = statement->definition.name;
}

void TreeBuilder::alter_column(Sql::Column_changeContext* context, Alter* statement) {
  if (context->type != nullptr) {
    statement->action = AlterAction::kSetType;
    statement->type = type_name(context->type);
  } else if (context->drop_ != nullptr) {
    statement->action = context->default_ != nullptr ? AlterAction::kDropDefault : AlterAction::kDropNotNull;
  } else if (context->default_ != nullptr) {
    statement->action = AlterAction::kSetDefault;
    statement->default_value = expression(context->value);
  } else {
    statement->action = AlterAction::kSetNotNull;
  }
}

}  // namespace protobase::parser
