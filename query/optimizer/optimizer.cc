#include "query/optimizer/optimizer.h"

#include <algorithm>
#include <cmath>

#include "query/optimizer/internal/context.h"

namespace protobase::query {
namespace {

using Rule = Status (*)(LogicalPtr&, OptimizerContext&);
struct NamedRule {
  std::string_view name;
  Rule run;
};
constexpr NamedRule kRules[] = {
#define PROTOBASE_RULE(name, function) {#name, function},
#include "query/optimizer/rules.def"
#undef PROTOBASE_RULE
};

bool is_disabled(const OptimizerInput& input, std::string_view name) {
  return std::find(input.disabled_rules.begin(), input.disabled_rules.end(), name) != input.disabled_rules.end();
}

void collect_subqueries(const Expression& e, std::vector<PlannedSubquery*>& subqueries) {
  if (e.subquery != nullptr && e.subquery->logical != nullptr) subqueries.push_back(e.subquery.get());
  for (const ExpressionPtr& child : e.children) collect_subqueries(*child, subqueries);
}

void collect_subqueries(const LogicalNode& node, std::vector<PlannedSubquery*>& subqueries) {
  for_each_expression(node, [&](const Expression& e) { collect_subqueries(e, subqueries); });
  for (const LogicalPtr& child : node.children) collect_subqueries(*child, subqueries);
}

Status run_rules(LogicalPtr& plan, OptimizerContext& context, OptimizerReport& report) {
  for (size_t i = 0; i < std::size(kRules); ++i) {
    if (report.rules[i].disabled) continue;
    const auto start = std::chrono::steady_clock::now();
    PROTO_RETURN_IF_ERROR(kRules[i].run(plan, context));
    report.rules[i].time += std::chrono::steady_clock::now() - start;
  }
  return estimate_rows(*plan, context);
}

/// Subqueries that the rules have left as expressions. Copies of an expression share theirs: each is done once.
Status optimize_all(LogicalPtr& plan, OptimizerContext& context, OptimizerReport& report) {
  PROTO_RETURN_IF_ERROR(run_rules(plan, context, report));
  std::vector<PlannedSubquery*> subqueries;
  collect_subqueries(*plan, subqueries);
  for (PlannedSubquery* subquery : subqueries) {
    if (std::exchange(subquery->logical->optimized, true)) continue;
    PROTO_RETURN_IF_ERROR(optimize_all(subquery->logical->root, context, report));
  }
  return Status();
}

}  // namespace

std::vector<std::string_view> rule_names() {
  std::vector<std::string_view> names;
  for (const NamedRule& rule : kRules) names.push_back(rule.name);
  return names;
}

Result<LogicalPtr> optimize(LogicalPtr plan, const OptimizerInput& input, OptimizerReport* report) {
  OptimizerReport unused;
  OptimizerReport& filled = report == nullptr ? unused : *report;
  filled.rules.clear();
  for (const NamedRule& rule : kRules) filled.rules.push_back({rule.name, {}, is_disabled(input, rule.name)});
  OptimizerContext context(input, filled);
  PROTO_RETURN_IF_ERROR(optimize_all(plan, context, filled));
  return plan;
}

// ---- counting ------------------------------------------------------------------------------------------------------------

Result<uint64_t> OptimizerContext::objects(CollectionId collection) {
  const auto known = objects_.find(collection);
  if (known != objects_.end()) return known->second;
  PROTO_ASSIGN_OR_RETURN(const uint64_t count, input_.counts.objects(collection));
  objects_[collection] = count;
  report_.sizes.emplace_back(collection, count);
  return count;
}

namespace {

/// The expression with bound parameters as constants; null when it has a part that is not known while planning.
ExpressionPtr bind_parameters(const Expression& e, const std::vector<Value>& parameters) {
  if (e.kind == ExpressionKind::kColumn || e.kind == ExpressionKind::kOuter || e.subquery != nullptr) return nullptr;
  if (e.kind == ExpressionKind::kParameter) {
    if (e.index >= parameters.size()) return nullptr;
    auto constant = std::make_unique<Expression>();
    constant->value = parameters[e.index];
    constant->type = Type::of(constant->value.kind());
    return constant;
  }
  ExpressionPtr copy = e.clone();
  for (ExpressionPtr& child : copy->children) {
    child = bind_parameters(*child, parameters);
    if (child == nullptr) return nullptr;
  }
  return copy;
}

}  // namespace

std::optional<Value> OptimizerContext::planning_value(const Expression& e) const {
  if (e.kind == ExpressionKind::kConstant) return e.value;
  if (e.kind == ExpressionKind::kParameter) {
    if (e.index < input_.parameters.size()) return input_.parameters[e.index];
    return std::nullopt;
  }
  if (is_volatile(e)) return std::nullopt;
  const ExpressionPtr bound = bind_parameters(e, input_.parameters);
  if (bound == nullptr) return std::nullopt;
  Result<Value> value = input_.evaluate(*bound);
  return value.ok() ? std::optional(*value) : std::nullopt;
}

void OptimizerContext::pin(const Expression& e) {
  if (e.kind == ExpressionKind::kParameter) {
    const auto same = [&](const PinnedParameter& pinned) { return pinned.index == e.index; };
    if (std::any_of(report_.pinned.begin(), report_.pinned.end(), same)) return;
    report_.pinned.push_back({e.index, input_.parameters[e.index]});
  }
  for (const ExpressionPtr& child : e.children) pin(*child);
}

std::optional<Value> OptimizerContext::pinned_value(const Expression& e) {
  auto value = planning_value(e);
  if (value) pin(e);
  return value;
}

Result<double> OptimizerContext::count(const IndexDefinition& index, const KeyBound& bound) {
  bool known = true;
  const KeyEvaluator evaluate = [&](const Expression& e) -> Result<Value> {
    auto value = planning_value(e);
    if (!value) known = false;
    return value.value_or(Value());
  };
  PROTO_ASSIGN_OR_RETURN(const KeyRange range, make_key_range(index, bound, evaluate));
  if (known) {
    if (is_empty(range)) return 0.0;
    PROTO_ASSIGN_OR_RETURN(const uint64_t entries, input_.counts.entries(index.id, range));
    return static_cast<double>(entries);
  }
  if (index.unique && bound.equal.size() == index.parts.size()) return 1.0;
  PROTO_ASSIGN_OR_RETURN(const uint64_t all, objects(index.collection));
  return bound.equal.empty() ? static_cast<double>(all) / 4 : std::sqrt(static_cast<double>(all));
}

// ---- expressions ---------------------------------------------------------------------------------------------------------

bool has_subquery(const Expression& e) {
  return e.subquery != nullptr || std::any_of(e.children.begin(), e.children.end(), [](const auto& c) { return has_subquery(*c); });
}

bool is_volatile(const Expression& e) {
  if (e.subquery != nullptr || (e.kind == ExpressionKind::kFunction && e.function == FunctionId::kRandom)) return true;
  return std::any_of(e.children.begin(), e.children.end(), [](const ExpressionPtr& child) { return is_volatile(*child); });
}

bool contains(const std::vector<ColumnId>& columns, ColumnId id) {
  return std::find(columns.begin(), columns.end(), id) != columns.end();
}

bool is_value_outside(const Expression& e, const std::vector<ScanColumn>& own) {
  if (is_volatile(e)) return false;
  std::vector<ColumnId> used;
  collect_columns(e, used);
  return std::none_of(used.begin(), used.end(), [&](ColumnId id) {
    return std::any_of(own.begin(), own.end(), [&](const ScanColumn& column) { return column.id == id; });
  });
}

bool uses_any(const Expression& e, const std::vector<ColumnId>& columns) {
  std::vector<ColumnId> used;
  collect_columns(e, used);
  return std::any_of(used.begin(), used.end(), [&](ColumnId id) { return contains(columns, id); });
}

bool uses_only(const Expression& e, const std::vector<ColumnId>& columns) {
  std::vector<ColumnId> used;
  collect_columns(e, used);
  return std::all_of(used.begin(), used.end(), [&](ColumnId id) { return contains(columns, id); });
}

void split_conjuncts(ExpressionPtr condition, std::vector<ExpressionPtr>& conjuncts) {
  if (condition->kind != ExpressionKind::kAnd) return conjuncts.push_back(std::move(condition));
  for (ExpressionPtr& child : condition->children) split_conjuncts(std::move(child), conjuncts);
}

void substitute_columns(ExpressionPtr& e, const std::function<ExpressionPtr(ColumnId)>& of_column) {
  if (e->kind == ExpressionKind::kColumn) {
    if (ExpressionPtr replaced = of_column(e->index)) e = std::move(replaced);
    return;
  }
  for (ExpressionPtr& child : e->children) substitute_columns(child, of_column);
}

ExpressionPtr make_column(ColumnId id, const ColumnRegistry& columns) {
  auto e = std::make_unique<Expression>();
  e->kind = ExpressionKind::kColumn;
  e->index = id;
  e->type = columns[id].type;
  return e;
}

Status for_each_node(LogicalPtr& node, const std::function<Status(LogicalPtr&)>& rule) {
  for (LogicalPtr& child : node->children) PROTO_RETURN_IF_ERROR(for_each_node(child, rule));
  return rule(node);
}

}  // namespace protobase::query
