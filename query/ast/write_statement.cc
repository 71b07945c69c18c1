#include "query/ast/internal/names.h"
#include "query/ast/internal/sql_writer.h"
#include "query/ast/printer.h"

namespace protobase::ast {

void SqlWriter::statement(const Statement& node) {
  switch (node.kind) {
    case StatementKind::kQuery: return query(*as<QueryStatement>(node).query);
    case StatementKind::kInsert: return insert(as<Insert>(node));
    case StatementKind::kUpdate: return update(as<Update>(node));
    case StatementKind::kDelete: return delete_statement(as<Delete>(node));
    case StatementKind::kCreateCollection: return create_collection(as<CreateCollection>(node));
    case StatementKind::kCreateIndex: return create_index(as<CreateIndex>(node));
    case StatementKind::kCreateView: return create_view(as<CreateView>(node));
    case StatementKind::kCreateSnapshot:
      word(as<CreateSnapshot>(node).if_not_exists ? "CREATE SNAPSHOT IF NOT EXISTS" : "CREATE SNAPSHOT");
      return name(as<CreateSnapshot>(node).name);
    case StatementKind::kDrop: return drop(as<Drop>(node));
    case StatementKind::kAlter: return alter(as<Alter>(node));
    case StatementKind::kBegin: return begin(as<Begin>(node));
    case StatementKind::kCommit: return word("COMMIT");
    case StatementKind::kRollback:
      word("ROLLBACK");
      if (as<Rollback>(node).savepoint.empty()) return;
      word("TO SAVEPOINT");
      return name(as<Rollback>(node).savepoint);
    case StatementKind::kSavepoint:
      word("SAVEPOINT");
      return name(as<Savepoint>(node).name);
    case StatementKind::kRelease:
      word("RELEASE SAVEPOINT");
      return name(as<Release>(node).name);
    case StatementKind::kExplain: return explain(as<Explain>(node));
    case StatementKind::kShow: return show(as<Show>(node));
    case StatementKind::kDescribe:
      word("DESCRIBE");
      return object_name(as<Describe>(node).collection);
    case StatementKind::kSet: return setting(as<Set>(node));
    case StatementKind::kMaintenance:
      word(word_of(as<Maintenance>(node).what));
      if (!as<Maintenance>(node).target.name.empty()) object_name(as<Maintenance>(node).target);
  }
}

void SqlWriter::where(const ExpressionPtr& node) {
  if (node == nullptr) return;
  word("WHERE");
  expression(*node);
}

void SqlWriter::returning(const std::vector<SelectItem>& items) {
  if (items.empty()) return;
  word("RETURNING");
  select_items(items);
}

void SqlWriter::insert(const Insert& node) {
  with(node.with.get());
  word("INSERT");
  const OnConflict* conflict = node.on_conflict.get();
  const bool short_form =
      conflict != nullptr && conflict->action != ConflictAction::kUpdate && conflict->target.empty();
  if (short_form) {
    word(conflict->action == ConflictAction::kReplace   ? "OR REPLACE"
         : conflict->action == ConflictAction::kNothing ? "OR IGNORE"
                                                        : "OR ABORT");
  }
  word("INTO");
  object_name(node.collection);
  if (!node.alias.empty()) {
    word("AS");
    name(node.alias);
  }
  if (!node.columns.empty()) parenthesised(node.columns, [this](const std::unique_ptr<Path>& item) { path(*item); });
  if (node.source == nullptr) {
    word("DEFAULT VALUES");
  } else {
    query(*node.source);
  }
  if (conflict != nullptr && !short_form) on_conflict(*conflict);
  returning(node.returning);
}

void SqlWriter::on_conflict(const OnConflict& node) {
  word("ON CONFLICT");
  if (!node.target.empty()) {
    word("(");
    expressions(node.target);
    glue(")");
  }
  if (node.action == ConflictAction::kNothing) return word("DO NOTHING");
  word("DO UPDATE SET");
  assignments(node.assignments);
  where(node.where);
}

void SqlWriter::assignments(const std::vector<Assignment>& items) {
  list(items, [this](const Assignment& item) {
    path(*item.target);
    word("=");
    expression(*item.value);
  });
}

void SqlWriter::update(const Update& node) {
  with(node.with.get());
  word("UPDATE");
  object_name(node.collection);
  if (!node.alias.empty()) {
    word("AS");
    name(node.alias);
  }
  if (!node.assignments.empty()) word("SET");
  assignments(node.assignments);
  for (const RowAssignment& row : node.row_assignments) {
    word("SET");
    parenthesised(row.targets, [this](const std::unique_ptr<Path>& item) { path(*item); });
    word("=");
    subquery(*row.query);
  }
  if (!node.unset.empty()) word("UNSET");
  list(node.unset, [this](const std::unique_ptr<Path>& item) { path(*item); });
  if (!node.from.empty()) word("FROM");
  list(node.from, [this](const TableRefPtr& item) { table(*item); });
  where(node.where);
  returning(node.returning);
}

void SqlWriter::delete_statement(const Delete& node) {
  with(node.with.get());
  word("DELETE FROM");
  object_name(node.collection);
  if (!node.alias.empty()) {
    word("AS");
    name(node.alias);
  }
  if (!node.using_tables.empty()) word("USING");
  list(node.using_tables, [this](const TableRefPtr& item) { table(*item); });
  where(node.where);
  returning(node.returning);
}

// ---- definitions
// -----------------------------------------------------------------------------------------------------

void SqlWriter::create_collection(const CreateCollection& node) {
  word(node.temporary ? "CREATE TEMPORARY" : "CREATE");
  word(node.is_table ? "TABLE" : "COLLECTION");
  if (node.if_not_exists) word("IF NOT EXISTS");
  object_name(node.name);
  if (!node.columns.empty() || !node.constraints.empty()) {
    word("(");
    list(node.columns, [this](const ColumnDefinition& item) { column(item); });
    if (!node.columns.empty() && !node.constraints.empty()) glue(",");
    list(node.constraints, [this](const Constraint& item) { constraint(item); });
    glue(")");
  }
  options(node.options);
  if (node.as_query == nullptr) return;
  word("AS");
  query(*node.as_query);
}

void SqlWriter::column(const ColumnDefinition& node) {
  name(node.name);
  if (node.type != nullptr) type(*node.type);
  for (const Constraint& item : node.constraints) constraint(item);
}

void SqlWriter::constraint(const Constraint& node) {
  if (!node.name.empty()) {
    word("CONSTRAINT");
    name(node.name);
  }
  switch (node.kind) {
    case ConstraintKind::kPrimaryKey: word("PRIMARY KEY"); break;
    case ConstraintKind::kUnique: word("UNIQUE"); break;
    case ConstraintKind::kNotNull: return word("NOT NULL");
    case ConstraintKind::kNull: return word("NULL");
    case ConstraintKind::kDefault:
      word("DEFAULT");
      return operand(*node.expression);
    case ConstraintKind::kCheck:
      word("CHECK (");
      expression(*node.expression);
      return glue(")");
    case ConstraintKind::kReferences:
      if (!node.columns.empty()) word("FOREIGN KEY");
  }
  if (!node.columns.empty()) names(node.columns);
  if (node.kind != ConstraintKind::kReferences) return;
  word("REFERENCES");
  object_name(node.referenced);
  if (!node.referenced_columns.empty()) names(node.referenced_columns);
  word("ON DELETE");
  word(word_of(node.on_delete));
  word("ON UPDATE");
  word(word_of(node.on_update));
}

void SqlWriter::options(const std::vector<Option>& items) {
  if (items.empty()) return;
  word("WITH");
  parenthesised(items, [this](const Option& item) {
    name(item.name);
    word("=");
    expression(*item.value);
  });
}

void SqlWriter::create_index(const CreateIndex& node) {
  word(node.unique ? "CREATE UNIQUE INDEX" : "CREATE INDEX");
  if (node.if_not_exists) word("IF NOT EXISTS");
  if (!node.name.empty()) name(node.name);
  word("ON");
  object_name(node.collection);
  if (node.method != IndexMethod::kDefault) {
    word("USING");
    word(word_of(node.method));
  }
  parenthesised(node.parts, [this](const IndexPart& part) {
    operand(*part.expression);
    if (!part.operator_class.empty()) name(part.operator_class);
    if (part.descending) word("DESC");
    if (part.nulls != NullsOrder::kDefault) word(part.nulls == NullsOrder::kFirst ? "NULLS FIRST" : "NULLS LAST");
  });
  if (!node.include.empty()) {
    word("INCLUDE (");
    expressions(node.include);
    glue(")");
  }
  options(node.options);
  where(node.where);
}

void SqlWriter::create_view(const CreateView& node) {
  word(node.or_replace ? "CREATE OR REPLACE" : "CREATE");
  if (node.temporary) word("TEMPORARY");
  word(node.if_not_exists ? "VIEW IF NOT EXISTS" : "VIEW");
  object_name(node.name);
  if (!node.columns.empty()) names(node.columns);
  word("AS");
  query(*node.query);
}

void SqlWriter::drop(const Drop& node) {
  word("DROP");
  word(word_of(node.what));
  if (node.if_exists) word("IF EXISTS");
  list(node.names, [this](const ObjectName& item) { object_name(item); });
  if (node.cascade) word("CASCADE");
}

void SqlWriter::alter(const Alter& node) {
  word(node.if_exists ? "ALTER COLLECTION IF EXISTS" : "ALTER COLLECTION");
  object_name(node.collection);
  switch (node.action) {
    case AlterAction::kAddColumn:
      word(node.action_if_exists ? "ADD COLUMN IF NOT EXISTS" : "ADD COLUMN");
      return column(node.definition);
    case AlterAction::kAddConstraint:
      word("ADD");
      return constraint(*node.constraint);
    case AlterAction::kDropColumn: case AlterAction::kDropConstraint:
      word(node.action == AlterAction::kDropColumn ? "DROP COLUMN" : "DROP CONSTRAINT");
      if (node.action_if_exists) word("IF EXISTS");
      return name(node.column);
    case AlterAction::kRenameColumn:
      word("RENAME COLUMN");
      name(node.column);
      [[fallthrough]];
    case AlterAction::kRenameCollection:
      if (node.action == AlterAction::kRenameCollection) word("RENAME");
      word("TO");
      return name(node.new_name);
    default: return alter_column(node);
  }
}

void SqlWriter::alter_column(const Alter& node) {
  word("ALTER COLUMN");
  name(node.column);
  switch (node.action) {
    case AlterAction::kSetDefault:
      word("SET DEFAULT");
      return expression(*node.default_value);
    case AlterAction::kDropDefault: return word("DROP DEFAULT");
    case AlterAction::kSetNotNull: return word("SET NOT NULL");
    case AlterAction::kDropNotNull: return word("DROP NOT NULL");
    default:
      word("TYPE");
      type(*node.type);
  }
}

// ---- the rest
// --------------------------------------------------------------------------------------------------------

void SqlWriter::begin(const Begin& node) {
  word("BEGIN");
  if (node.read_only) word("READ ONLY");
  if (node.isolation == IsolationLevel::kSnapshot) word("ISOLATION LEVEL SNAPSHOT");
  if (node.isolation == IsolationLevel::kSerializable) word("ISOLATION LEVEL SERIALIZABLE");
}

void SqlWriter::explain(const Explain& node) {
  word("EXPLAIN");
  word(word_of(node.stage));
  if (node.format == ExplainFormat::kJson) word("(FORMAT JSON)");
  statement(*node.statement);
}

void SqlWriter::show(const Show& node) {
  word("SHOW");
  word(word_of(node.what));
  if (node.name.empty()) return;
  if (node.what == ShowKind::kIndexes) word("ON");
  name(node.name);
}

void SqlWriter::setting(const Set& node) {
  word(node.value == nullptr ? "RESET" : "SET");
  name(node.name);
  if (node.value == nullptr) return;
  word("=");
  expression(*node.value);
}

std::string to_sql(const Statement& statement) {
  SqlWriter writer;
  writer.statement(statement);
  return writer.take();
}

std::string to_sql(const Query& query) {
  SqlWriter writer;
  writer.query(query);
  return writer.take();
}

std::string to_sql(const Expression& expression) {
  SqlWriter writer;
  writer.expression(expression);
  return writer.take();
}

}  // namespace protobase::ast
