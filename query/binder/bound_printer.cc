#include "query/binder/bound.h"

namespace protobase::query {
namespace {

class Printer {
 public:
  explicit Printer(const ColumnRegistry& columns)
      : columns_(columns), names_([this](uint32_t id) { return name(id); }) {}

  void query(const BoundQuery& query, int depth) {
    line(depth, "Query [" + outputs(query) + "]");
    for (const SortKey& key : query.order) line(depth + 1, "order by " + text(key.expression) + (key.descending ? " desc" : ""));
    if (query.limit != nullptr) line(depth + 1, "limit " + text(query.limit));
    if (query.offset != nullptr) line(depth + 1, "offset " + text(query.offset));
    body(*query.body, depth + 1);
  }

  void change(const BoundStatement& statement) {
    const BoundChange& change = *statement.change;
    static constexpr std::string_view kNames[] = {"Query", "Insert", "Update", "Delete"};
    line(0, std::string(kNames[static_cast<size_t>(statement.kind)]) + " " + change.collection->name);
    for (const Path& path : change.names) line(1, "attribute " + path.to_string());
    for (const BoundAssignment& assignment : change.assignments) {
      line(1, assignment.value == nullptr ? "unset " + assignment.path.to_string()
                                          : "set " + assignment.path.to_string() + " = " + text(assignment.value));
    }
    if (change.where != nullptr) line(1, "where " + text(change.where));
    if (change.source != nullptr) query(*change.source, 1);
    if (change.table != nullptr) table(*change.table, 1);
    for (const BoundItem& item : change.returning.items) line(1, "returning " + text(item.expression));
  }

  std::string take() { return std::move(out_); }

 private:
  std::string name(ColumnId id) const { return columns_[id].name + "#" + std::to_string(id); }
  std::string text(const ExpressionPtr& e) const { return e->to_string(names_); }
  void line(int depth, const std::string& text) { out_ += std::string(static_cast<size_t>(depth) * 2, ' ') + text + "\n"; }

  std::string outputs(const BoundQuery& query) const {
    std::string list;
    for (const BoundOutput& output : query.outputs) list += (list.empty() ? "" : ", ") + output.name + "#" + std::to_string(output.id);
    return list;
  }

  void body(const BoundBody& body, int depth) {
    if (body.kind == BoundBodyKind::kSelect) return select(as<BoundSelect>(body), depth);
    if (body.kind == BoundBodyKind::kValues) {
      return line(depth, "Values " + std::to_string(as<BoundValues>(body).rows.size()) + " rows");
    }
    const auto& operation = as<BoundSetOperation>(body);
    static constexpr std::string_view kNames[] = {"Union", "Intersect", "Except"};
    line(depth, std::string(kNames[static_cast<size_t>(operation.op)]) + (operation.all ? " all" : ""));
    query(*operation.left, depth + 1);
    query(*operation.right, depth + 1);
  }

  void select(const BoundSelect& select, int depth) {
    line(depth, select.distinct ? "Select distinct" : "Select");
    for (const BoundItem& item : select.items) line(depth + 1, name(item.id) + " := " + text(item.expression));
    if (select.where != nullptr) line(depth + 1, "where " + text(select.where));
    for (const BoundItem& group : select.groups) line(depth + 1, "group by " + text(group.expression));
    for (const BoundAggregate& aggregate : select.aggregates) line(depth + 1, name(aggregate.id) + " := " + call(aggregate.call));
    if (select.having != nullptr) line(depth + 1, "having " + text(select.having));
    if (select.from != nullptr) table(*select.from, depth + 1);
  }

  std::string call(const AggregateCall& call) const {
    std::string list;
    for (const ExpressionPtr& argument : call.arguments) list += (list.empty() ? "" : ", ") + text(argument);
    return std::string(aggregate_name(call.id)) + "(" + (call.distinct ? "distinct " : "") + (list.empty() ? "*" : list) + ")";
  }

  void table(const BoundTable& table, int depth) {
    switch (table.kind) {
      case BoundTableKind::kCollection: return collection(as<BoundCollection>(table), depth);
      case BoundTableKind::kDerived: {
        line(depth, "Derived " + as<BoundDerived>(table).alias);
        return query(*as<BoundDerived>(table).query, depth + 1);
      }
      case BoundTableKind::kUnnest: {
        const auto& unnest = as<BoundUnnest>(table);
        line(depth, "Unnest " + name(unnest.element) + " := " + text(unnest.array));
        if (unnest.input != nullptr) this->table(*unnest.input, depth + 1);
        return;
      }
      case BoundTableKind::kJoin: {
        const auto& join = as<BoundJoin>(table);
        static constexpr std::string_view kNames[] = {"inner", "left", "right", "full", "semi", "anti"};
        line(depth, "Join " + std::string(kNames[static_cast<size_t>(join.type)]) +
                        (join.condition == nullptr ? "" : " on " + text(join.condition)));
        this->table(*join.left, depth + 1);
        return this->table(*join.right, depth + 1);
      }
    }
  }

  void collection(const BoundCollection& collection, int depth) {
    std::string list;
    for (const ScanColumn& column : collection.columns) list += (list.empty() ? "" : ", ") + name(column.id);
    line(depth, "Collection " + collection.definition->name + " as " + collection.alias + " [" + list + "]");
  }

  const ColumnRegistry& columns_;
  ColumnNames names_;
  std::string out_;
};

// ---- verification --------------------------------------------------------------------------------------------------------

Status broken(std::string_view what) { return Status(StatusCode::kInvalidState, "bound statement: " + std::string(what)); }

Status verify_query(const BoundQuery& query, const ColumnRegistry& columns) {
  if (query.body == nullptr) return broken("a query without a body");
  if (query.outputs.empty()) return broken("a query without columns");
  for (const BoundOutput& output : query.outputs) {
    if (output.id >= columns.size()) return broken("an output that is no column");
  }
  for (const SortKey& key : query.order) {
    if (key.expression == nullptr || key.expression->kind != ExpressionKind::kColumn) return broken("ORDER BY of something that is no column");
  }
  if (query.body->kind != BoundBodyKind::kSelect) return Status();
  for (const BoundItem& item : as<BoundSelect>(*query.body).items) {
    if (item.expression == nullptr || item.id >= columns.size()) return broken("a select item without an expression");
  }
  return Status();
}

}  // namespace

std::string to_string(const BoundStatement& statement) {
  Printer printer(*statement.columns);
  if (statement.kind == BoundStatementKind::kQuery) printer.query(*statement.query, 0);
  else printer.change(statement);
  return printer.take();
}

Status verify_bound(const BoundStatement& statement) {
  if (statement.kind == BoundStatementKind::kQuery) {
    if (statement.query == nullptr) return broken("a query statement without a query");
    return verify_query(*statement.query, *statement.columns);
  }
  if (statement.change == nullptr || statement.change->collection == nullptr) return broken("a change of no collection");
  const BoundChange& change = *statement.change;
  if (statement.kind != BoundStatementKind::kInsert) return change.object_id < statement.columns->size() ? Status() : broken("a change without ids");
  PROTO_RETURN_IF_ERROR(verify_query(*change.source, *statement.columns));
  const size_t wanted = change.names.empty() ? 1 : change.names.size();
  return change.source->outputs.size() == wanted ? Status() : broken("an INSERT whose rows do not fit its attributes");
}

}  // namespace protobase::query
