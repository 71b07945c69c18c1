#include "query/ast/internal/names.h"
#include "query/ast/internal/sql_writer.h"

namespace protobase::ast {

void SqlWriter::query(const Query& node) {
  with(node.with.get());
  body(*node.body);
  order_by(node.order_by);
  if (node.limit != nullptr) {
    word("LIMIT");
    expression(*node.limit);
  }
  if (node.offset != nullptr) {
    word("OFFSET");
    expression(*node.offset);
  }
}

void SqlWriter::with(const With* node) {
  if (node == nullptr) return;
  word(node->recursive ? "WITH RECURSIVE" : "WITH");
  list(node->tables, [this](const CommonTable& table) {
    name(table.name);
    if (!table.columns.empty()) names(table.columns);
    word("AS");
    subquery(*table.query);
  });
}

void SqlWriter::body_operand(const QueryBody& node) {
  if (node.kind != QueryBodyKind::kSetOperation) return body(node);
  word("(");
  body(node);
  glue(")");
}

void SqlWriter::body(const QueryBody& node) {
  switch (node.kind) {
    case QueryBodyKind::kSelect: return select(as<Select>(node));
    case QueryBodyKind::kValues: return values(as<Values>(node));
    case QueryBodyKind::kNested: return subquery(*as<NestedQuery>(node).query);
    case QueryBodyKind::kSetOperation: break;
  }
  const SetOperation& operation = as<SetOperation>(node);
  body_operand(*operation.left);
  word(word_of(operation.op));
  if (operation.all) word("ALL");
  body_operand(*operation.right);
}

void SqlWriter::select(const Select& node) {
  word("SELECT");
  if (node.distinct) word("DISTINCT");
  if (!node.distinct_on.empty()) {
    word("ON (");
    expressions(node.distinct_on);
    glue(")");
  }
  if (node.value) word("VALUE");
  select_items(node.items);
  if (!node.from.empty()) {
    word("FROM");
    list(node.from, [this](const TableRefPtr& item) { table(*item); });
  }
  where(node.where);
  if (!node.group_by.empty()) {
    word("GROUP BY");
    list(node.group_by, [this](const GroupItem& item) { group_item(item); });
  }
  if (node.having != nullptr) {
    word("HAVING");
    expression(*node.having);
  }
  if (node.windows.empty()) return;
  word("WINDOW");
  list(node.windows, [this](const NamedWindow& item) {
    name(item.name);
    word("AS");
    window(*item.window);
  });
}

void SqlWriter::select_items(const std::vector<SelectItem>& items) {
  list(items, [this](const SelectItem& item) {
    expression(*item.expression);
    if (item.alias.empty()) return;
    word("AS");
    name(item.alias);
  });
}

void SqlWriter::group_item(const GroupItem& node) {
  if (node.kind == GroupingKind::kExpression) return expression(*node.expression);
  word(word_of(node.kind));
  parenthesised(node.sets, [this](const GroupingSet& set) {
    if (set.expressions.size() == 1) return expression(*set.expressions[0]);
    word("(");
    expressions(set.expressions);
    glue(")");
  });
}

void SqlWriter::values(const Values& node) {
  word("VALUES");
  list(node.rows, [this](const std::vector<ExpressionPtr>& row) {
    word("(");
    expressions(row);
    glue(")");
  });
}

void SqlWriter::alias(const TableAlias& node) {
  if (node.name.empty()) return;
  word("AS");
  name(node.name);
  if (!node.columns.empty()) names(node.columns);
}

void SqlWriter::table(const TableRef& node) {
  switch (node.kind) {
    case TableRefKind::kCollection: collection(as<CollectionRef>(node)); break;
    case TableRefKind::kQuery:
      if (as<QueryRef>(node).lateral) word("LATERAL");
      subquery(*as<QueryRef>(node).query);
      break;
    case TableRefKind::kFunction:
      if (as<FunctionRef>(node).lateral) word("LATERAL");
      call(*as<FunctionRef>(node).call);
      if (as<FunctionRef>(node).with_ordinality) word("WITH ORDINALITY");
      break;
    case TableRefKind::kJoin: return join(as<JoinRef>(node));
  }
  alias(node.alias);
}

void SqlWriter::join(const JoinRef& node) {
  table(*node.left);
  if (node.natural) word("NATURAL");
  word(word_of(node.join));
  word("JOIN");
  if (node.right->kind == TableRefKind::kJoin) {
    word("(");
    table(*node.right);
    glue(")");
  } else {
    table(*node.right);
  }
  if (node.on != nullptr) {
    word("ON");
    expression(*node.on);
  }
  if (node.using_columns.empty()) return;
  word("USING");
  names(node.using_columns);
}

void SqlWriter::collection(const CollectionRef& node) {
  for (size_t i = 0; i < node.parts.size(); ++i) {
    if (i == 0) {
      name(node.parts[0]);
    } else {
      glue(".");
      glue(node.parts[i].quoted ? quoted(node.parts[i].name, '"') : node.parts[i].name);
    }
  }
  if (node.as_of == nullptr) return;
  switch (node.as_of->kind) {
    case AsOfKind::kSnapshot:
      word("AS OF SNAPSHOT");
      return name(node.as_of->snapshot);
    case AsOfKind::kTimestamp: word("AS OF TIMESTAMP"); break;
    case AsOfKind::kCommit: word("AS OF COMMIT"); break;
  }
  operand(*node.as_of->value);
}

}  // namespace protobase::ast
