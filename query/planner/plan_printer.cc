#include "query/planner/plan_printer.h"

#include <cmath>

namespace protobase::query {
namespace {

/// A plan as a tree of lines, from which text and JSON are made.
struct Line {
  std::string name;
  std::string text;   // the whole line, with the name
  std::string note;
  double rows = 0;
  std::vector<Line> children;
};

constexpr std::string_view kJoinNames[] = {"inner", "left", "right", "full", "semi", "anti"};

class Describer {
 public:
  Describer(const Catalog& catalog, const PlanNote& note) : catalog_(catalog), note_(note) {}

  Line describe(const PhysicalNode& node) const {
    Line line;
    line.text = text_of(node);
    line.name = line.text.substr(0, line.text.find(' '));
    line.rows = node.estimated_rows;
    if (note_) line.note = note_(node);
    if (const IdSource* source = source_of(node)) line.children.push_back(source_line(*source));
    for (const PhysicalPtr& child : node.children) line.children.push_back(describe(*child));
    add_subqueries(node, line);
    return line;
  }

 private:
  static const IdSource* source_of(const PhysicalNode& node) {
    if (node.kind == PhysicalKind::kIdFetch) return as<PhysicalIdFetch>(node).source.get();
    if (node.kind == PhysicalKind::kVectorSearch) return as<PhysicalVectorSearch>(node).candidates.get();
    return nullptr;
  }

  // ---- expressions -----------------------------------------------------------------------------------------------------

  /// Names of the slots that an operator's expressions refer to.
  static ColumnNames names_of(const PhysicalNode& node) {
    std::vector<std::string> names;
    if (node.children.empty() || node.kind == PhysicalKind::kIndexJoin) {
      for (const PhysicalPtr& child : node.children) {
        for (const OutputColumn& column : child->output) names.push_back(column.name);
      }
      const size_t from = node.kind == PhysicalKind::kIndexJoin ? names.size() : 0;
      const auto& own = node.kind == PhysicalKind::kIndexJoin ? as<PhysicalIndexJoin>(node).columns : std::vector<ReadColumn>();
      for (const ReadColumn& column : own) names.push_back(read_name(column));
      for (size_t i = from; own.empty() && i < node.output.size(); ++i) names.push_back(node.output[i].name);
    } else {
      for (const PhysicalPtr& child : node.children) {
        for (const OutputColumn& column : child->output) names.push_back(column.name);
      }
    }
    return [names = std::move(names)](uint32_t slot) { return slot < names.size() ? names[slot] : "#" + std::to_string(slot); };
  }

  static std::string read_name(const ReadColumn& column) {
    switch (column.what) {
      case ReadColumn::What::kObject: return "*";
      case ReadColumn::What::kId: return "_id";
      case ReadColumn::What::kReference: return "_ref";
      case ReadColumn::What::kPath: return column.path.to_string();
    }
    return "?";
  }

  static std::string columns(const std::vector<ReadColumn>& columns) {
    std::string text;
    for (const ReadColumn& column : columns) text += (text.empty() ? "" : ", ") + read_name(column);
    return "[" + text + "]";
  }

  static std::string list(const std::vector<ExpressionPtr>& items, const ColumnNames& names) {
    std::string text;
    for (const ExpressionPtr& item : items) text += (text.empty() ? "" : ", ") + item->to_string(names);
    return text;
  }

  static std::string optional(std::string_view label, const ExpressionPtr& e, const ColumnNames& names) {
    return e == nullptr ? "" : std::string(label) + e->to_string(names);
  }

  std::string index_name(IndexId id) const {
    const IndexDefinition* index = catalog_.find_index(id);
    return index == nullptr ? "index " + std::to_string(id.value) : index->name;
  }

  std::string part_name(IndexId id, size_t part) const {
    const IndexDefinition* index = catalog_.find_index(id);
    if (index == nullptr || part >= index->parts.size()) return "?";
    return index->parts[part].path.to_string() + (index->parts[part].each_element ? "[*]" : "");
  }

  std::string bound_text(IndexId id, const KeyBound& bound, const ColumnNames& names) const {
    std::string text;
    const auto add = [&](const std::string& condition) { text += (text.empty() ? "" : " AND ") + condition; };
    for (size_t i = 0; i < bound.equal.size(); ++i) {
      const std::string value = bound.equal[i]->to_string(names);
      add(part_name(id, i) + (bound.exclude_null ? " = " + value : " IS " + value));
    }
    const std::string next = part_name(id, bound.equal.size());
    if (bound.low != nullptr) add(next + (bound.low_inclusive ? " >= " : " > ") + bound.low->to_string(names));
    if (bound.high != nullptr) add(next + (bound.high_inclusive ? " <= " : " < ") + bound.high->to_string(names));
    return text.empty() ? "" : " (" + text + ")";
  }

  static std::string count_text(double count) { return std::to_string(static_cast<int64_t>(std::llround(count))); }

  Line source_line(const IdSource& source) const {
    Line line;
    line.rows = source.estimated_rows;
    const std::string ids = " " + count_text(source.estimated_rows) + " ids";
    switch (source.kind) {
      case IdSource::Kind::kIndexedSearch: line.name = "IndexedSearch"; break;
      case IdSource::Kind::kIndexedRangeSearch: line.name = "IndexedRangeSearch"; break;
      case IdSource::Kind::kAndMerge: line.name = "AndMerge"; break;
      case IdSource::Kind::kOrMerge: line.name = "OrMerge"; break;
      case IdSource::Kind::kIds: line.name = "Ids"; break;
    }
    line.text = line.name;
    if (source.index.value != 0) line.text += " " + index_name(source.index) + bound_text(source.index, source.bound, {});
    if (!source.ids.empty()) line.text += " (" + list(source.ids, {}) + ")";
    line.text += ids;
    for (const auto& operand : source.operands) line.children.push_back(source_line(*operand));
    return line;
  }

  void add_subqueries(const Expression& e, Line& line) const {
    if (e.subquery != nullptr && e.subquery->plan != nullptr) {
      Line inner;
      inner.name = "Subquery";
      inner.text = "Subquery " + std::to_string(e.subquery->id) + (e.subquery->outer.empty() ? "" : " correlated");
      inner.children.push_back(describe(*e.subquery->plan));
      line.children.push_back(std::move(inner));
    }
    for (const ExpressionPtr& child : e.children) add_subqueries(*child, line);
  }

  void add_subqueries(const PhysicalNode& node, Line& line) const {
    const auto visit = [&](const ExpressionPtr& e) {
      if (e != nullptr) add_subqueries(*e, line);
    };
    switch (node.kind) {
      case PhysicalKind::kScan: return visit(as<PhysicalScan>(node).filter);
      case PhysicalKind::kIdFetch: return visit(as<PhysicalIdFetch>(node).filter);
      case PhysicalKind::kFilter: return visit(as<PhysicalFilter>(node).condition);
      case PhysicalKind::kProject:
        for (const ExpressionPtr& e : as<PhysicalProject>(node).expressions) visit(e);
        return;
      case PhysicalKind::kUpdate:
        for (const auto& [path, e] : as<PhysicalUpdate>(node).assignments) visit(e);
        return;
      default: return;
    }
  }

  // ---- operators -------------------------------------------------------------------------------------------------------

  std::string text_of(const PhysicalNode& node) const {
    const ColumnNames names = names_of(node);
    switch (node.kind) {
      case PhysicalKind::kSingleRow: return "SingleRow";
      case PhysicalKind::kValues: return "Values " + std::to_string(as<PhysicalValues>(node).rows.size()) + " rows";
      case PhysicalKind::kScan: {
        const auto& scan = as<PhysicalScan>(node);
        return "Scan " + scan.name + " " + columns(scan.columns) + optional(" filter: ", scan.filter, names);
      }
      case PhysicalKind::kIdFetch: {
        const auto& fetch = as<PhysicalIdFetch>(node);
        return "IdFetch " + fetch.name + " " + columns(fetch.columns) + optional(" filter: ", fetch.filter, names);
      }
      case PhysicalKind::kOrderedFetch: {
        const auto& fetch = as<PhysicalOrderedFetch>(node);
        return "OrderedFetch " + fetch.name + " " + columns(fetch.columns) + " along " + index_name(fetch.index) +
               bound_text(fetch.index, fetch.bound, {}) + (fetch.reversed ? " backward" : "") + optional(" filter: ", fetch.filter, names);
      }
      case PhysicalKind::kVectorSearch: return vector_search(as<PhysicalVectorSearch>(node), names);
      case PhysicalKind::kFilter: return "Filter " + as<PhysicalFilter>(node).condition->to_string(names);
      case PhysicalKind::kProject: return "Project " + list(as<PhysicalProject>(node).expressions, names);
      case PhysicalKind::kHashJoin: return hash_join(as<PhysicalHashJoin>(node), names);
      case PhysicalKind::kIndexJoin: return index_join(as<PhysicalIndexJoin>(node), names);
      case PhysicalKind::kNestedLoopJoin: {
        const auto& join = as<PhysicalNestedLoopJoin>(node);
        return "NestedLoopJoin " + std::string(kJoinNames[static_cast<size_t>(join.type)]) + (join.lateral ? " lateral" : "") +
               optional(" on ", join.condition, names);
      }
      default: return rest(node, names);
    }
  }

  std::string vector_search(const PhysicalVectorSearch& search, const ColumnNames& names) const {
    std::string text = "VectorSearch " + search.name + " " + columns(search.columns) + " nearest " + search.k->to_string() + " by " +
                       search.path.to_string();
    text += search.index.value == 0 ? " exact" : " using " + index_name(search.index);
    return text + optional(" filter: ", search.filter, names);
  }

  std::string hash_join(const PhysicalHashJoin& join, const ColumnNames& names) const {
    std::string keys;
    const auto side = [&](size_t child) {
      return ColumnNames([&output = join.children[child]->output](uint32_t slot) { return output[slot].name; });
    };
    for (size_t i = 0; i < join.left_keys.size(); ++i) {
      keys += (keys.empty() ? "" : " AND ") + join.left_keys[i]->to_string(side(0)) + " = " + join.right_keys[i]->to_string(side(1));
    }
    return "HashJoin " + std::string(kJoinNames[static_cast<size_t>(join.type)]) + " on " + keys + optional(" and ", join.condition, names);
  }

  std::string index_join(const PhysicalIndexJoin& join, const ColumnNames& names) const {
    std::string text = "IndexJoin " + std::string(kJoinNames[static_cast<size_t>(join.type)]) + " " + join.name + " " + columns(join.columns);
    if (join.by_reference != nullptr) text += " by reference " + join.by_reference->to_string(names);
    else text += " using " + index_name(join.index) + bound_text(join.index, join.bound, names);
    return text + optional(" on ", join.condition, names);
  }

  static std::string aggregate(const PhysicalAggregate& aggregate, const ColumnNames& names) {
    std::string text;
    for (const AggregateCall& call : aggregate.aggregates) {
      const std::string arguments = call.arguments.empty() ? "*" : list(call.arguments, names);
      text += (text.empty() ? "" : ", ") + std::string(aggregate_name(call.id)) + "(" + (call.distinct ? "distinct " : "") + arguments + ")";
    }
    if (!aggregate.groups.empty()) text += (text.empty() ? "" : " ") + ("group by " + list(aggregate.groups, names));
    return "Aggregate " + text;
  }

  static std::string sort(const PhysicalSort& sort, const ColumnNames& names) {
    std::string text;
    for (const SortKey& key : sort.keys) {
      text += (text.empty() ? "" : ", ") + key.expression->to_string(names) + (key.descending ? " desc" : "");
    }
    return (sort.limit == nullptr ? "Sort " : "TopK ") + text + optional(" limit ", sort.limit, names);
  }

  std::string rest(const PhysicalNode& node, const ColumnNames& names) const {
    switch (node.kind) {
      case PhysicalKind::kAggregate: return aggregate(as<PhysicalAggregate>(node), names);
      case PhysicalKind::kSort: return sort(as<PhysicalSort>(node), names);
      case PhysicalKind::kLimit:
        return "Limit" + optional(" ", as<PhysicalLimit>(node).limit, names) + optional(" offset ", as<PhysicalLimit>(node).offset, names);
      case PhysicalKind::kDistinct: return "Distinct";
      case PhysicalKind::kSetOperation: {
        static constexpr std::string_view kNames[] = {"Union", "Intersect", "Except"};
        const auto& operation = as<PhysicalSetOperation>(node);
        return std::string(kNames[static_cast<size_t>(operation.operation)]) + (operation.all ? " all" : "");
      }
      case PhysicalKind::kUnnest: return "Unnest " + as<PhysicalUnnest>(node).array->to_string(names);
      case PhysicalKind::kCount: {
        const auto& count = as<PhysicalCount>(node);
        if (count.index.value == 0) return "Count " + count.name;
        return "Count " + count.name + " in " + index_name(count.index) + bound_text(count.index, count.bound, {});
      }
      case PhysicalKind::kInsert: return "Insert " + as<PhysicalInsert>(node).name;
      case PhysicalKind::kUpdate: return "Update " + as<PhysicalUpdate>(node).name;
      case PhysicalKind::kDelete: return "Delete " + as<PhysicalDelete>(node).name;
      default: return "?";
    }
  }

  const Catalog& catalog_;
  const PlanNote& note_;
};

void write_text(const Line& line, size_t depth, std::string& out) {
  out += std::string(depth * 2, ' ') + line.text;
  if (!line.note.empty()) out += "  [" + line.note + "]";
  out += '\n';
  for (const Line& child : line.children) write_text(child, depth + 1, out);
}

Value to_value(const Line& line) {
  Array children;
  for (const Line& child : line.children) children.push(to_value(child));
  Object object{{"operator", line.name}, {"text", line.text}, {"rows", line.rows}};
  if (!line.note.empty()) object.set("note", line.note);
  object.set("children", Value(children));
  return Value(object);
}

}  // namespace

std::string plan_text(const PhysicalNode& plan, const Catalog& catalog, const PlanNote& note) {
  std::string out;
  write_text(Describer(catalog, note).describe(plan), 0, out);
  return out;
}

std::string plan_json(const PhysicalNode& plan, const Catalog& catalog, const PlanNote& note) {
  return to_value(Describer(catalog, note).describe(plan)).to_json();
}

}  // namespace protobase::query
