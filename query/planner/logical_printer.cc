#include "query/planner/logical_plan.h"

namespace protobase::query {
namespace {

class Printer {
 public:
  explicit Printer(const ColumnRegistry& columns)
      : columns_(columns), names_([this](uint32_t id) { return columns_[id].name + "#" + std::to_string(id); }) {}

  void print(const LogicalNode& node, int depth) {
    out_ += std::string(static_cast<size_t>(depth) * 2, ' ') + describe(node) + "\n";
    for (const LogicalPtr& child : node.children) print(*child, depth + 1);
    for_each_expression(node, [&](const Expression& e) { print_subqueries(e, depth + 1); });
  }

  std::string take() { return std::move(out_); }

 private:
  void print_subqueries(const Expression& e, int depth) {
    if (e.subquery != nullptr && e.subquery->logical != nullptr) {
      out_ += std::string(static_cast<size_t>(depth) * 2, ' ') + "Subquery " + std::to_string(e.subquery->id) + "\n";
      print(*e.subquery->logical->root, depth + 1);
    }
    for (const ExpressionPtr& child : e.children) print_subqueries(*child, depth);
  }

  std::string list(const std::vector<ExpressionPtr>& items, std::string_view separator) const {
    std::string text;
    for (const ExpressionPtr& item : items) text += (text.empty() ? "" : std::string(separator)) + item->to_string(names_);
    return text;
  }

  std::string columns(const std::vector<ColumnId>& ids) const {
    std::string text;
    for (const ColumnId id : ids) text += (text.empty() ? "" : ", ") + names_(id);
    return "[" + text + "]";
  }

  std::string where(const std::vector<ExpressionPtr>& conjuncts) const {
    return conjuncts.empty() ? "" : " where: " + list(conjuncts, " AND ");
  }

  std::string describe(const LogicalNode& node) const {
    switch (node.kind) {
      case LogicalKind::kSingleRow: return "SingleRow";
      case LogicalKind::kValues: return "Values " + std::to_string(as<LogicalValues>(node).rows.size()) + " rows";
      case LogicalKind::kScan: return scan(as<LogicalScan>(node));
      case LogicalKind::kVectorSearch: {
        const auto& search = as<LogicalVectorSearch>(node);
        return "VectorSearch " + search.definition->name + "." + search.path.to_string() + " " + columns(node.output) + where(search.conjuncts);
      }
      case LogicalKind::kCount: return "Count " + as<LogicalCount>(node).definition->name;
      case LogicalKind::kFilter: return "Filter " + list(as<LogicalFilter>(node).conjuncts, " AND ");
      case LogicalKind::kProject: return project(as<LogicalProject>(node));
      case LogicalKind::kJoin: return join(as<LogicalJoin>(node));
      case LogicalKind::kAggregate: return "Aggregate " + columns(node.output);
      case LogicalKind::kSort: return sort(as<LogicalSort>(node));
      case LogicalKind::kLimit: return "Limit" + limit(as<LogicalLimit>(node).limit, as<LogicalLimit>(node).offset);
      case LogicalKind::kDistinct: return "Distinct";
      case LogicalKind::kSetOperation: {
        static constexpr std::string_view kNames[] = {"Union", "Intersect", "Except"};
        const auto& operation = as<LogicalSetOperation>(node);
        return std::string(kNames[static_cast<size_t>(operation.op)]) + (operation.all ? " all" : "");
      }
      case LogicalKind::kUnnest: return "Unnest " + as<LogicalUnnest>(node).array->to_string(names_);
      case LogicalKind::kInsert: return "Insert " + as<LogicalInsert>(node).change->collection->name;
      case LogicalKind::kUpdate: return "Update " + as<LogicalUpdate>(node).change->collection->name;
      case LogicalKind::kDelete: return "Delete " + as<LogicalDelete>(node).change->collection->name;
    }
    return "?";
  }

  std::string scan(const LogicalScan& scan) const {
    std::string text = "Scan " + scan.definition->name + " " + columns(scan.output) + where(scan.conjuncts);
    if (scan.source != nullptr) text += " by ids";
    if (scan.ordered_index.value != 0) text += " in index order";
    return text;
  }

  std::string project(const LogicalProject& project) const {
    std::string text;
    for (const BoundItem& item : project.items) {
      const std::string value = item.expression->to_string(names_);
      const std::string name = names_(item.id);
      text += (text.empty() ? "" : ", ") + (value == name ? name : name + " := " + value);
    }
    return "Project " + text;
  }

  std::string join(const LogicalJoin& join) const {
    static constexpr std::string_view kNames[] = {"inner", "left", "right", "full", "semi", "anti"};
    std::string text = "Join " + std::string(kNames[static_cast<size_t>(join.type)]);
    if (join.lateral) text += " lateral";
    if (join.lookup_index.value != 0 || join.lookup_reference != nullptr) text += " by lookup";
    return join.conjuncts.empty() ? text : text + " on " + list(join.conjuncts, " AND ");
  }

  std::string limit(const ExpressionPtr& limit, const ExpressionPtr& offset) const {
    std::string text;
    if (limit != nullptr) text += " " + limit->to_string(names_);
    if (offset != nullptr) text += " offset " + offset->to_string(names_);
    return text;
  }

  std::string sort(const LogicalSort& sort) const {
    std::string text;
    for (const SortKey& key : sort.keys) {
      text += (text.empty() ? "" : ", ") + key.expression->to_string(names_) + (key.descending ? " desc" : "");
    }
    return "Sort " + text + (sort.limit == nullptr ? "" : " top" + limit(sort.limit, sort.offset));
  }

  const ColumnRegistry& columns_;
  ColumnNames names_;
  std::string out_;
};

}  // namespace

std::string to_string(const LogicalNode& plan, const ColumnRegistry& columns) {
  Printer printer(columns);
  printer.print(plan, 0);
  return printer.take();
}

}  // namespace protobase::query
