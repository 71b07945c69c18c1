// Calls: functions by functions.def, aggregates by aggregates.def.
#include "query/binder/internal/binder_state.h"
#include "query/binder/internal/names.h"

namespace protobase::query {
namespace {

enum class ResultRule : uint8_t {
  Bool, Int, Double, Date, Timestamp, Timespan, String, Bytes, Ref, Vector, Array, Object, SameAsFirst, Numeric, Common, Any,
};

struct FunctionEntry {
  FunctionId id;
  std::string_view name;
  int least, most;
  ResultRule result;
};
constexpr FunctionEntry kFunctions[] = {
#define PROTOBASE_FUNCTION(id, name, least, most, result) {FunctionId::id, name, least, most, ResultRule::result},
#include "query/binder/functions.def"
#undef PROTOBASE_FUNCTION
};

struct AggregateEntry {
  AggregateId id;
  std::string_view name;
  int least, most;
  ResultRule result;
};
constexpr AggregateEntry kAggregates[] = {
#define PROTOBASE_AGGREGATE(id, name, least, most, result) {AggregateId::id, name, least, most, ResultRule::result},
#include "query/binder/aggregates.def"
#undef PROTOBASE_AGGREGATE
};

Type result_type(ResultRule rule, const std::vector<ExpressionPtr>& arguments) {
  constexpr Kind kKinds[] = {Kind::kBool, Kind::kInt, Kind::kDouble, Kind::kDate, Kind::kTimestamp, Kind::kTimespan,
                             Kind::kString, Kind::kBytes, Kind::kRef, Kind::kVector, Kind::kArray, Kind::kObject};
  if (rule <= ResultRule::Object) return Type::of(kKinds[static_cast<size_t>(rule)]);
  if (rule == ResultRule::Any || arguments.empty()) return Type::unknown();
  if (rule == ResultRule::SameAsFirst) return arguments[0]->type;
  Type type = arguments[0]->type;
  for (const ExpressionPtr& argument : arguments) type = common_type(type, argument->type);
  const bool known_number = !type.any && (is_number(type.kind) || type.kind == Kind::kNone);
  return rule == ResultRule::Common || known_number ? type : Type::unknown();
}

const AggregateEntry* find_aggregate(std::string_view name) {
  for (const AggregateEntry& entry : kAggregates) {
    if (same_name(entry.name, name)) return &entry;
  }
  return nullptr;
}

std::string count_text(int least, int most) {
  if (most < 0) return "at least " + std::to_string(least) + (least == 1 ? " argument" : " arguments");
  if (least == most) return std::to_string(least) + (least == 1 ? " argument" : " arguments");
  return std::to_string(least) + " to " + std::to_string(most) + " arguments";
}

Status unknown_function(const ast::Identifier& name) {
  std::vector<std::string> names;
  for (const FunctionEntry& entry : kFunctions) names.emplace_back(entry.name);
  for (const AggregateEntry& entry : kAggregates) names.emplace_back(entry.name);
  return binding_error("unknown function '" + name.name + "'", name.span).with_hint(suggest(name.name, names));
}

bool is_star_call(const ast::Call& call) {
  return call.arguments.size() == 1 && call.arguments[0].value->kind == ast::ExpressionKind::kStar;
}

bool same_call(const AggregateCall& a, const AggregateCall& b) {
  if (a.id != b.id || a.distinct != b.distinct || a.arguments.size() != b.arguments.size()) return false;
  if ((a.filter == nullptr) != (b.filter == nullptr)) return false;
  for (size_t i = 0; i < a.arguments.size(); ++i) {
    if (!a.arguments[i]->equals(*b.arguments[i])) return false;
  }
  return a.filter == nullptr || a.filter->equals(*b.filter);
}

}  // namespace

Status Binder::bind_arguments(const ast::Call& call, Scope& scope, std::vector<ExpressionPtr>& arguments) {
  for (const ast::Argument& argument : call.arguments) {
    if (!argument.name.empty()) return unsupported("a named argument", argument.name.span);
    PROTO_ASSIGN_OR_RETURN(ExpressionPtr value, bind_expression(*argument.value, scope));
    arguments.push_back(std::move(value));
  }
  return Status();
}

BoundExpression Binder::bind_aggregate(const ast::Call& call, Scope& scope) {
  const AggregateEntry& entry = *find_aggregate(call.function.name);
  const std::string name = lower_name(call.function.name);
  if (scope.in_aggregate) return binding_error("an aggregate inside an aggregate", call.span).with_hint("compute the inner one in a subquery");
  if (scope.aggregates == nullptr) {
    return binding_error(name + "() cannot stand " + std::string(scope.place), call.span)
        .with_hint(scope.place == "in WHERE" ? "HAVING filters groups" : "");
  }
  AggregateCall aggregate;
  aggregate.id = entry.id;
  aggregate.distinct = call.distinct;
  scope.in_aggregate = true;
  Status bound;
  if (!is_star_call(call)) bound = bind_arguments(call, scope, aggregate.arguments);
  if (bound.ok() && call.filter != nullptr) {
    BoundExpression filter = bind_condition(*call.filter, scope, "in FILTER");
    if (filter.ok()) aggregate.filter = *std::move(filter);
    else bound = filter.status();
  }
  scope.in_aggregate = false;
  PROTO_RETURN_IF_ERROR(bound);
  if (!call.order_by.empty()) return unsupported("ORDER BY inside an aggregate", call.span);
  const int count = static_cast<int>(call.arguments.size());
  if ((is_star_call(call) && entry.id != AggregateId::kCount) || count < entry.least || count > entry.most) {
    return binding_error(name + "() takes " + count_text(std::max(entry.least, 1), entry.most), call.span);
  }
  aggregate.type = result_type(entry.result, aggregate.arguments);
  const bool sums = entry.id == AggregateId::kSum || entry.id == AggregateId::kAvg || entry.id == AggregateId::kTotal;
  if (sums && !aggregate.arguments[0]->type.any && aggregate.arguments[0]->type.kind == Kind::kString) {
    return error_at(StatusCode::kType, name + "() needs numbers, and this is text", aggregate.arguments[0]->span)
        .with_hint("CAST(x AS DOUBLE) reads a number from text");
  }
  for (const BoundAggregate& known : *scope.aggregates) {
    if (same_call(known.call, aggregate)) return column_expression(known.id, call.span);
  }
  const ColumnId id = columns_->add(name, aggregate.type);
  scope.aggregates->push_back({id, std::move(aggregate)});
  return column_expression(id, call.span);
}

/// ref(p): the reference to the object that alias p stands for.
BoundExpression Binder::bind_reference_call(const ast::Call& call, Scope& scope) {
  const ast::Path* path = call.arguments.size() == 1 ? ast::as_if<ast::Path>(call.arguments[0].value.get()) : nullptr;
  if (path != nullptr && path->base == nullptr && path->steps.size() == 1) {
    for (Scope* level = &scope; level != nullptr; level = level->parent) {
      for (ScopeItem& item : level->items) {
        if (item.collection == nullptr || !same_name(item.alias, path->steps[0].attribute.name)) continue;
        return column_of(*item.collection, {ReadColumn::What::kReference, {}}, call.span);
      }
    }
  }
  return binding_error("ref() takes the alias of a collection in FROM", call.span);
}

BoundExpression Binder::bind_call(const ast::Call& call, Scope& scope) {
  if (call.over != nullptr) return unsupported("a window function", call.span);
  if (find_aggregate(call.function.name) != nullptr) return bind_aggregate(call, scope);
  if (same_name(call.function.name, "ref") && call.arguments.size() == 1) return bind_reference_call(call, scope);
  if (call.distinct || call.filter != nullptr || !call.order_by.empty()) {
    return binding_error("'" + call.function.name + "' is no aggregate: DISTINCT, FILTER and ORDER BY do not apply", call.span);
  }
  const int count = static_cast<int>(call.arguments.size());
  const FunctionEntry* found = nullptr;
  const FunctionEntry* by_name = nullptr;
  for (const FunctionEntry& entry : kFunctions) {
    if (!same_name(entry.name, call.function.name)) continue;
    by_name = &entry;
    if (count >= entry.least && (entry.most < 0 || count <= entry.most)) found = &entry;
  }
  if (by_name == nullptr) return unknown_function(call.function);
  if (found == nullptr) {
    return binding_error(std::string(by_name->name) + "() takes " + count_text(by_name->least, by_name->most) + ", not " +
                             std::to_string(count), call.span);
  }
  auto bound = std::make_unique<Expression>();
  bound->kind = ExpressionKind::kFunction;
  bound->function = found->id;
  bound->span = call.span;
  PROTO_RETURN_IF_ERROR(bind_arguments(call, scope, bound->children));
  bound->type = result_type(found->result, bound->children);
  return bound;
}

}  // namespace protobase::query
