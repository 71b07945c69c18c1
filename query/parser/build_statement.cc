// Statements that read and change data, transactions, and the small ones.
#include "query/parser/internal/literals.h"
#include "query/parser/internal/tree_builder.h"

namespace protobase::parser {

using namespace ast;
using proto::StatusCode;
using enum TokenKind;

StatementPtr TreeBuilder::build(Sql::StatementContext* context) {
  StatementPtr out;
  if (context->body != nullptr) out = withable(context->with, context->body);
  else if (context->definition != nullptr) out = create(context->definition);
  else if (context->removal != nullptr) out = drop(context->removal);
  else if (context->alteration != nullptr) out = alter(context->alteration);
  else if (context->start_ != nullptr) out = begin(context->start_);
  else if (context->finish != nullptr) out = transaction_end(context->finish);
  else if (context->mark != nullptr) out = savepoint(context->mark);
  else if (context->explanation != nullptr) out = explain(context->explanation);
  else if (context->listing != nullptr) out = show(context->listing);
  else if (context->description != nullptr) out = describe(context->description);
  else if (context->assignment_ != nullptr) out = setting(context->assignment_);
  else out = maintenance(context->upkeep);
  out->span = span_of(context);
  out->parameters = parameters_;
  out->extracted_count = extracted_count_;
  return out;
}

StatementPtr TreeBuilder::withable(Sql::With_clauseContext* with, Sql::WithableContext* body) {
  if (body->insertion != nullptr) return insert(with, body->insertion);
  if (body->change != nullptr) return update(with, body->change);
  if (body->deletion != nullptr) return delete_statement(with, body->deletion);
  auto out = std::make_unique<QueryStatement>();
  out->query = query(with, body->tail);
  if (with != nullptr) {
    const TextSpan start = span_of(with);
    out->query->span.length += out->query->span.offset - start.offset;
    out->query->span.offset = start.offset;
  }
  return out;
}

// ---- INSERT, UPDATE, DELETE
// -------------------------------------------------------------------------------------------

StatementPtr TreeBuilder::insert(Sql::With_clauseContext* with, Sql::InsertContext* context) {
  auto out = std::make_unique<Insert>();
  out->with = with_clause(with);
  out->collection = object_name(context->target);
  out->alias = optional_identifier(context->alias);
  for (Sql::PathContext* column : context->columns) out->columns.push_back(path(column));
  out->source = insert_source(context);
  if (!context->objects.empty() && !out->columns.empty()) {
    fail(out->columns[0]->span, "object literals name their attributes themselves");
  }
  out->on_conflict = conflict_clause(context);
  out->returning = returning(context->result);
  return out;
}

QueryPtr TreeBuilder::insert_source(Sql::InsertContext* context) {
  if (context->source != nullptr) return query(context->source);
  if (context->objects.empty()) return nullptr;  // DEFAULT VALUES
  auto rows = std::make_unique<Values>();
  for (Sql::ObjectContext* item : context->objects) {
    rows->rows.emplace_back();
    rows->rows.back().push_back(object(item));
  }
  const TextSpan first = rows->rows.front()[0]->span;
  const TextSpan last = rows->rows.back()[0]->span;
  rows->span = {first.offset, last.offset + last.length - first.offset};
  auto out = std::make_unique<Query>();
  out->span = rows->span;
  out->body = std::move(rows);
  return out;
}

std::unique_ptr<OnConflict> TreeBuilder::conflict_clause(Sql::InsertContext* context) {
  const antlr4::Token* action = context->action != nullptr ? context->action : context->replace;
  if (action == nullptr) return context->conflict == nullptr ? nullptr : on_conflict(context->conflict);
  if (context->conflict != nullptr)
    fail(span_of(context->conflict), "the statement says twice what to do on a conflict");
  return action_clause(action);
}

/// ABORT, FAIL and ROLLBACK all end in an error; what is undone is the transaction's business.
std::unique_ptr<OnConflict> TreeBuilder::action_clause(const antlr4::Token* token) {
  auto out = std::make_unique<OnConflict>();
  out->span = span_of(token);
  switch (kind_of(token)) {
    case kREPLACE: out->action = ConflictAction::kReplace; break;
    case kIGNORE: out->action = ConflictAction::kNothing; break;
    default: break;
  }
  return out;
}

std::unique_ptr<OnConflict> TreeBuilder::on_conflict(Sql::On_conflictContext* context) {
  auto out = std::make_unique<OnConflict>();
  out->span = span_of(context);
  out->target = expressions(context->target);
  out->action = context->nothing != nullptr ? ConflictAction::kNothing : ConflictAction::kUpdate;
  for (Sql::AssignmentContext* item : context->items) assignment(item, &out->assignments, nullptr);
  out->where = optional_expression(context->where);
  return out;
}

std::vector<SelectItem> TreeBuilder::returning(Sql::ReturningContext* context) {
  return context == nullptr ? std::vector<SelectItem>() : select_items(context->items);
}

/// `rows` null: the place takes no (a, b) = (SELECT ...).
void TreeBuilder::assignment(Sql::AssignmentContext* context, std::vector<Assignment>* out,
                             std::vector<RowAssignment>* rows) {
  const TextSpan span = span_of(context);
  ExpressionPtr value = expression(context->value);
  if (context->tuple == nullptr) {
    out->push_back({path(context->targets[0]), std::move(value), span});
    return;
  }
  if (auto* subquery = as_if<Subquery>(value.get()); subquery != nullptr && rows != nullptr) {
    RowAssignment made;
    made.span = span;
    for (Sql::PathContext* target : context->targets) made.targets.push_back(path(target));
    made.query = std::move(subquery->query);
    rows->push_back(std::move(made));
    return;
  }
  Row* row = as_if<Row>(value.get());
  if (row == nullptr && context->targets.size() == 1) {
    out->push_back({path(context->targets[0]), std::move(value), span});
  } else if (row == nullptr || row->elements.size() != context->targets.size()) {
    fail(span, "the two sides of the assignment differ in length");
  } else {
    for (size_t i = 0; i < context->targets.size(); ++i) {
      out->push_back({path(context->targets[i]), std::move(row->elements[i]), span});
    }
  }
}

StatementPtr TreeBuilder::update(Sql::With_clauseContext* with, Sql::UpdateContext* context) {
  auto out = std::make_unique<Update>();
  out->with = with_clause(with);
  out->collection = object_name(context->target);
  if (context->alias != nullptr) out->alias = table_alias(context->alias).name;
  for (Sql::Update_clauseContext* clause : context->clauses) {
    for (Sql::AssignmentContext* item : clause->items) assignment(item, &out->assignments, &out->row_assignments);
    for (Sql::PathContext* item : clause->paths) out->unset.push_back(path(item));
  }
  out->from = table_refs(context->from);
  out->where = optional_expression(context->where);
  out->returning = returning(context->result);
  return out;
}

StatementPtr TreeBuilder::delete_statement(Sql::With_clauseContext* with, Sql::Delete_Context* context) {
  auto out = std::make_unique<Delete>();
  out->with = with_clause(with);
  out->collection = object_name(context->target);
  if (context->alias != nullptr) out->alias = table_alias(context->alias).name;
  out->using_tables = table_refs(context->tables);
  out->where = optional_expression(context->where);
  out->returning = returning(context->result);
  return out;
}

// ---- transactions
// ----------------------------------------------------------------------------------------------------

StatementPtr TreeBuilder::begin(Sql::BeginContext* context) {
  auto out = std::make_unique<Begin>();
  for (Sql::Transaction_modeContext* mode : context->modes) {
    const TokenKind kind = kind_of(mode->kind);
    if (kind == kONLY || kind == kWRITE) out->read_only = kind == kONLY;
    if (kind != kLEVEL) continue;
    const bool serializable = kind_of(mode->level) == kSERIALIZABLE;
    out->isolation = serializable ? IsolationLevel::kSerializable : IsolationLevel::kSnapshot;
  }
  return out;
}

StatementPtr TreeBuilder::transaction_end(Sql::Transaction_endContext* context) {
  const TokenKind kind = kind_of(context->kind);
  if (kind == kCOMMIT || kind == kEND) return std::make_unique<Commit>();
  auto out = std::make_unique<Rollback>();
  out->savepoint = optional_identifier(context->id);
  return out;
}

StatementPtr TreeBuilder::savepoint(Sql::SavepointContext* context) {
  if (kind_of(context->kind) == kSAVEPOINT) {
    auto out = std::make_unique<Savepoint>();
    out->name = identifier(context->id);
    return out;
  }
  auto out = std::make_unique<Release>();
  out->name = identifier(context->id);
  return out;
}

// ---- the small ones
// --------------------------------------------------------------------------------------------------

namespace {

bool stage_of(TokenKind kind, ExplainStage* stage) {
  switch (kind) {
    case kAST: *stage = ExplainStage::kAst; return true;
    case kBOUND: *stage = ExplainStage::kBound; return true;
    case kLOGICAL: *stage = ExplainStage::kLogical; return true;
    case kPHYSICAL: *stage = ExplainStage::kPhysical; return true;
    case kANALYZE: *stage = ExplainStage::kAnalyze; return true;
    default: return false;
  }
}

/// Turns `SET x = fast` into `SET x = 'fast'`.
ExpressionPtr word_to_string(ExpressionPtr value) {
  const Path* path = as_if<Path>(value.get());
  if (path == nullptr || path->base != nullptr || path->steps.size() != 1) return value;
  auto out = std::make_unique<Literal>();
  out->span = path->span;
  out->literal = LiteralKind::kString;
  out->text = path->steps[0].attribute.name;
  return out;
}

}  // namespace

StatementPtr TreeBuilder::explain(Sql::ExplainContext* context) {
  auto out = std::make_unique<Explain>();
  if (context->stage != nullptr) stage_of(kind_of(context->stage), &out->stage);
  for (Sql::Explain_optionContext* item : context->items) explain_option(item, out.get());
  Sql::ExplainedContext* inner = context->inner;
  if (inner->body != nullptr) out->statement = withable(inner->with, inner->body);
  else if (inner->definition != nullptr) out->statement = create(inner->definition);
  else if (inner->removal != nullptr) out->statement = drop(inner->removal);
  else out->statement = alter(inner->alteration);
  out->statement->span = span_of(inner);
  out->statement->parameters = parameters_;
  out->statement->extracted_count = extracted_count_;
  return out;
}

void TreeBuilder::explain_option(Sql::Explain_optionContext* context, Explain* statement) {
  const std::string key = identifier(context->key).name;
  const TokenKind value = context->value == nullptr ? kEnd : find_keyword(identifier(context->value).name);
  std::string upper = context->value == nullptr ? std::string() : identifier(context->value).name;
  for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  std::string upper_key = key;
  for (char& c : upper_key) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  if (upper_key == "FORMAT" && (upper == "JSON" || upper == "TEXT")) {
    statement->format = upper == "JSON" ? ExplainFormat::kJson : ExplainFormat::kText;
  } else if (value != kEnd || !stage_of(find_keyword(key), &statement->stage)) {
    fail(span_of(context), "EXPLAIN knows the options AST, BOUND, LOGICAL, PHYSICAL, ANALYZE and FORMAT JSON or TEXT");
  }
}

StatementPtr TreeBuilder::show(Sql::ShowContext* context) {
  auto out = std::make_unique<Show>();
  if (context->parameter_name != nullptr) {
    out->what = ShowKind::kSetting;
    out->name = setting_name(context->parameter_name);
    return out;
  }
  switch (kind_of(context->kind)) {
    case kINDEXES:
      out->what = ShowKind::kIndexes;
      out->name = optional_identifier(context->target);
      break;
    case kVIEWS: out->what = ShowKind::kViews; break;
    case kSNAPSHOTS: out->what = ShowKind::kSnapshots; break;
    case kALL: out->what = ShowKind::kAllSettings; break;
    default: out->what = ShowKind::kCollections;
  }
  return out;
}

StatementPtr TreeBuilder::describe(Sql::DescribeContext* context) {
  auto out = std::make_unique<Describe>();
  out->collection = object_name(context->target);
  return out;
}

Identifier TreeBuilder::setting_name(Sql::Setting_nameContext* context) {
  Identifier out = identifier(context->parts[0]);
  for (size_t i = 1; i < context->parts.size(); ++i) out.name += "." + identifier(context->parts[i]).name;
  out.span = span_of(context);
  return out;
}

StatementPtr TreeBuilder::setting(Sql::SettingContext* context) {
  auto out = std::make_unique<Set>();
  out->name = setting_name(context->id);
  if (context->reset != nullptr) return out;
  if (context->value != nullptr) {
    out->value = word_to_string(expression(context->value));
  } else if (kind_of(context->word) == kON) {
    auto on = std::make_unique<Literal>();
    on->span = span_of(context->word);
    on->literal = LiteralKind::kBoolean;
    on->boolean = true;
    out->value = std::move(on);
  }
  return out;
}

StatementPtr TreeBuilder::maintenance(Sql::MaintenanceContext* context) {
  auto out = std::make_unique<Maintenance>();
  switch (kind_of(context->kind)) {
    case kCHECK: out->what = MaintenanceKind::kCheckDatabase; break;
    case kANALYZE: out->what = MaintenanceKind::kAnalyze; break;
    case kVACUUM: out->what = MaintenanceKind::kVacuum; break;
    case kREINDEX: out->what = MaintenanceKind::kReindex; break;
    default: break;
  }
  if (context->target != nullptr) out->target = object_name(context->target);
  return out;
}

}  // namespace protobase::parser
