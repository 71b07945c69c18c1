#include "query/ast/internal/names.h"
#include "query/ast/internal/tree_writer.h"

namespace protobase::ast {

void TreeWriter::add(const Query& node) {
  field("with", node.with);
  add(*node.body);
  field("order_by", node.order_by);
  field("limit", node.limit);
  field("offset", node.offset);
}

void TreeWriter::add(const With& node) {
  flag(node.recursive, "recursive");
  for (const CommonTable& table : node.tables) add(table);
}

void TreeWriter::add(const CommonTable& node) {
  open("table");
  add(node.name);
  field("columns", node.columns);
  add(node.query);
  close();
}

void TreeWriter::add(const QueryBody& node) {
  switch (node.kind) {
    case QueryBodyKind::kNested: return field("nested", as<NestedQuery>(node).query);
    case QueryBodyKind::kValues:
      open("values");
      for (const auto& row : as<Values>(node).rows) add(row);
      return close();
    case QueryBodyKind::kSetOperation: {
      const SetOperation& operation = as<SetOperation>(node);
      open(word_of(operation.op));
      flag(operation.all, "all");
      add(operation.left);
      add(operation.right);
      return close();
    }
    case QueryBodyKind::kSelect: break;
  }
  const Select& select = as<Select>(node);
  open("select");
  flag(select.distinct, "distinct");
  field("on", select.distinct_on);
  flag(select.value, "value");
  field("items", select.items);
  field("from", select.from);
  field("where", select.where);
  field("group_by", select.group_by);
  field("having", select.having);
  field("windows", select.windows);
  close();
}

void TreeWriter::add(const SelectItem& node) {
  if (node.alias.empty()) return add(node.expression);
  open("as");
  add(node.alias);
  add(node.expression);
  close();
}

void TreeWriter::add(const GroupItem& node) {
  if (node.kind == GroupingKind::kExpression) return add(node.expression);
  field(word_of(node.kind), node.sets);
}

void TreeWriter::add(const GroupingSet& node) { add(node.expressions); }

void TreeWriter::add(const NamedWindow& node) {
  open("window");
  add(node.name);
  add(node.window);
  close();
}

void TreeWriter::add(const TableAlias& node) {
  add(node.name);
  field("columns", node.columns);
}

void TreeWriter::add(const AsOf& node) {
  static constexpr std::string_view kNames[] = {"snapshot", "timestamp", "commit"};
  word(kNames[static_cast<size_t>(node.kind)]);
  if (node.value != nullptr) return add(node.value);
  add(node.snapshot);
}

void TreeWriter::add(const TableRef& node) {
  switch (node.kind) {
    case TableRefKind::kJoin: return join(as<JoinRef>(node));
    case TableRefKind::kCollection:
      open("collection");
      for (const Identifier& part : as<CollectionRef>(node).parts) add(part);
      field("as_of", as<CollectionRef>(node).as_of);
      break;
    case TableRefKind::kQuery:
      open("query");
      flag(as<QueryRef>(node).lateral, "lateral");
      add(as<QueryRef>(node).query);
      break;
    case TableRefKind::kFunction:
      open("function");
      flag(as<FunctionRef>(node).lateral, "lateral");
      flag(as<FunctionRef>(node).with_ordinality, "with_ordinality");
      call(*as<FunctionRef>(node).call);
  }
  field("alias", node.alias);
  close();
}

void TreeWriter::join(const JoinRef& node) {
  open("join");
  word(word_of(node.join));
  flag(node.natural, "natural");
  add(node.left);
  add(node.right);
  field("on", node.on);
  field("using", node.using_columns);
  close();
}

}  // namespace protobase::ast
