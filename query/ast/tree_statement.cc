#include "query/ast/internal/names.h"
#include "query/ast/internal/tree_writer.h"
#include "query/ast/printer.h"

namespace protobase::ast {

void TreeWriter::add(const Statement& node) {
  switch (node.kind) {
    case StatementKind::kQuery: return field("query", as<QueryStatement>(node).query);
    case StatementKind::kInsert: case StatementKind::kUpdate: case StatementKind::kDelete: return change(node);
    case StatementKind::kCreateCollection: case StatementKind::kCreateIndex: case StatementKind::kCreateView:
    case StatementKind::kCreateSnapshot: case StatementKind::kDrop: return definition(node);
    case StatementKind::kAlter: return alter(as<Alter>(node));
    default: return control(node);
  }
}

void TreeWriter::add(const Assignment& node) {
  open("assign");
  add(node.target);
  add(node.value);
  close();
}

void TreeWriter::add(const RowAssignment& node) {
  open("assign_row");
  field("targets", node.targets);
  add(node.query);
  close();
}

void TreeWriter::add(const OnConflict& node) {
  static constexpr std::string_view kNames[] = {"abort", "nothing", "replace", "update"};
  word(kNames[static_cast<size_t>(node.action)]);
  field("target", node.target);
  field("set", node.assignments);
  field("where", node.where);
}

/// INSERT, UPDATE, DELETE.
void TreeWriter::change(const Statement& node) {
  if (node.kind == StatementKind::kInsert) {
    const Insert& insert = as<Insert>(node);
    open("insert");
    field("with", insert.with);
    field("into", insert.collection);
    field("alias", insert.alias);
    field("columns", insert.columns);
    field("source", insert.source);
    field("on_conflict", insert.on_conflict);
    field("returning", insert.returning);
  } else if (node.kind == StatementKind::kUpdate) {
    const Update& update = as<Update>(node);
    open("update");
    field("with", update.with);
    field("collection", update.collection);
    field("alias", update.alias);
    field("set", update.assignments);
    field("set_rows", update.row_assignments);
    field("unset", update.unset);
    field("from", update.from);
    field("where", update.where);
    field("returning", update.returning);
  } else {
    const Delete& remove = as<Delete>(node);
    open("delete");
    field("with", remove.with);
    field("collection", remove.collection);
    field("alias", remove.alias);
    field("using", remove.using_tables);
    field("where", remove.where);
    field("returning", remove.returning);
  }
  close();
}

void TreeWriter::add(const Constraint& node) {
  static constexpr std::string_view kNames[] = {"primary_key", "unique", "not_null",  "null",
                                                "default",     "check",  "references"};
  open(kNames[static_cast<size_t>(node.kind)]);
  field("name", node.name);
  field("columns", node.columns);
  if (node.expression != nullptr) add(node.expression);
  field("to", node.referenced);
  field("to_columns", node.referenced_columns);
  if (node.on_delete != ReferentialAction::kNoAction) field("on_delete", word_of(node.on_delete));
  if (node.on_update != ReferentialAction::kNoAction) field("on_update", word_of(node.on_update));
  close();
}

void TreeWriter::add(const ColumnDefinition& node) {
  open("column");
  add(node.name);
  if (node.type != nullptr) add(node.type);
  for (const Constraint& constraint : node.constraints) add(constraint);
  close();
}

void TreeWriter::add(const Option& node) {
  open("option");
  add(node.name);
  add(node.value);
  close();
}

void TreeWriter::add(const IndexPart& node) {
  open(node.descending ? "desc" : "asc");
  add(node.expression);
  field("class", node.operator_class);
  if (node.nulls != NullsOrder::kDefault) word(node.nulls == NullsOrder::kFirst ? "nulls_first" : "nulls_last");
  close();
}

/// CREATE and DROP.
void TreeWriter::definition(const Statement& node) {
  if (node.kind == StatementKind::kCreateCollection) {
    const CreateCollection& create = as<CreateCollection>(node);
    open(create.is_table ? "create_table" : "create_collection");
    flag(create.temporary, "temporary");
    flag(create.if_not_exists, "if_not_exists");
    add(create.name);
    field("columns", create.columns);
    field("constraints", create.constraints);
    field("options", create.options);
    field("as", create.as_query);
  } else if (node.kind == StatementKind::kCreateIndex) {
    const CreateIndex& create = as<CreateIndex>(node);
    open(create.unique ? "create_unique_index" : "create_index");
    flag(create.if_not_exists, "if_not_exists");
    field("name", create.name);
    field("on", create.collection);
    field("using", word_of(create.method));
    field("parts", create.parts);
    field("include", create.include);
    field("options", create.options);
    field("where", create.where);
  } else if (node.kind == StatementKind::kCreateView) {
    const CreateView& create = as<CreateView>(node);
    open("create_view");
    flag(create.or_replace, "or_replace");
    flag(create.temporary, "temporary");
    flag(create.if_not_exists, "if_not_exists");
    add(create.name);
    field("columns", create.columns);
    add(create.query);
  } else if (node.kind == StatementKind::kCreateSnapshot) {
    open("create_snapshot");
    flag(as<CreateSnapshot>(node).if_not_exists, "if_not_exists");
    add(as<CreateSnapshot>(node).name);
  } else {
    open("drop");
    word(word_of(as<Drop>(node).what));
    flag(as<Drop>(node).if_exists, "if_exists");
    for (const ObjectName& name : as<Drop>(node).names) add(name);
    flag(as<Drop>(node).cascade, "cascade");
  }
  close();
}

void TreeWriter::alter(const Alter& node) {
  static constexpr std::string_view kNames[] = {
      "add_column", "drop_column", "rename_column", "rename", "set_default", "drop_default",
      "set_not_null", "drop_not_null", "set_type", "add_constraint", "drop_constraint"};
  open("alter");
  flag(node.if_exists, "if_exists");
  add(node.collection);
  word(kNames[static_cast<size_t>(node.action)]);
  flag(node.action_if_exists, "if_exists");
  if (node.action == AlterAction::kAddColumn) {
    add(node.definition);
  } else {
    field("column", node.column);
  }
  field("to", node.new_name);
  field("default", node.default_value);
  if (node.type != nullptr) add(node.type);
  field("constraint", node.constraint);
  close();
}

/// Transactions, settings and the rest.
void TreeWriter::control(const Statement& node) {
  switch (node.kind) {
    case StatementKind::kBegin:
      open("begin");
      flag(as<Begin>(node).read_only, "read_only");
      flag(as<Begin>(node).isolation == IsolationLevel::kSnapshot, "snapshot");
      flag(as<Begin>(node).isolation == IsolationLevel::kSerializable, "serializable");
      break;
    case StatementKind::kCommit: open("commit"); break;
    case StatementKind::kRollback:
      open("rollback");
      field("to", as<Rollback>(node).savepoint);
      break;
    case StatementKind::kSavepoint:
      open("savepoint");
      add(as<Savepoint>(node).name);
      break;
    case StatementKind::kRelease:
      open("release");
      add(as<Release>(node).name);
      break;
    case StatementKind::kExplain:
      open("explain");
      if (as<Explain>(node).stage != ExplainStage::kDefault) word(word_of(as<Explain>(node).stage));
      flag(as<Explain>(node).format == ExplainFormat::kJson, "json");
      add(as<Explain>(node).statement);
      break;
    case StatementKind::kShow:
      open("show");
      if (as<Show>(node).what != ShowKind::kSetting) word(word_of(as<Show>(node).what));
      field("name", as<Show>(node).name);
      break;
    case StatementKind::kDescribe: return field("describe", as<Describe>(node).collection);
    case StatementKind::kSet:
      open("set");
      add(as<Set>(node).name);
      field("value", as<Set>(node).value);
      break;
    default:
      open(word_of(as<Maintenance>(node).what));
      if (!as<Maintenance>(node).target.name.empty()) add(as<Maintenance>(node).target);
  }
  close();
}

std::string to_s_expression(const Statement& statement) {
  TreeWriter writer;
  writer.add(statement);
  return writer.take();
}

std::string to_s_expression(const Expression& expression) {
  TreeWriter writer;
  writer.add(expression);
  return writer.take();
}

}  // namespace protobase::ast
