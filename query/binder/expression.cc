#include "query/binder/expression.h"

#include <algorithm>

namespace protobase::query {
namespace {

struct OperatorText {
  std::string_view before, between, after;
};

OperatorText operator_text(Operator op) {
  switch (op) {
    case Operator::kNegate: return {"-", "", ""};
    case Operator::kNot: return {"NOT ", "", ""};
    case Operator::kBitNot: return {"~", "", ""};
    case Operator::kIsNull: return {"", "", " IS NULL"};
    case Operator::kIsNotNull: return {"", "", " IS NOT NULL"};
    case Operator::kIsTrue: return {"", "", " IS TRUE"};
    case Operator::kIsNotTrue: return {"", "", " IS NOT TRUE"};
    case Operator::kIsFalse: return {"", "", " IS FALSE"};
    case Operator::kIsNotFalse: return {"", "", " IS NOT FALSE"};
    case Operator::kAdd: return {"", " + ", ""};
    case Operator::kSubtract: return {"", " - ", ""};
    case Operator::kMultiply: return {"", " * ", ""};
    case Operator::kDivide: return {"", " / ", ""};
    case Operator::kModulo: return {"", " % ", ""};
    case Operator::kConcat: return {"", " || ", ""};
    case Operator::kBitAnd: return {"", " & ", ""};
    case Operator::kBitOr: return {"", " | ", ""};
    case Operator::kShiftLeft: return {"", " << ", ""};
    case Operator::kShiftRight: return {"", " >> ", ""};
    case Operator::kEqual: return {"", " = ", ""};
    case Operator::kNotEqual: return {"", " <> ", ""};
    case Operator::kLess: return {"", " < ", ""};
    case Operator::kLessEqual: return {"", " <= ", ""};
    case Operator::kGreater: return {"", " > ", ""};
    case Operator::kGreaterEqual: return {"", " >= ", ""};
    case Operator::kIsDistinctFrom: return {"", " IS DISTINCT FROM ", ""};
    case Operator::kIsNotDistinctFrom: return {"", " IS NOT DISTINCT FROM ", ""};
    case Operator::kContains: return {"", " CONTAINS ", ""};
    case Operator::kContainsAll: return {"", " @> ", ""};
    case Operator::kL2Distance: return {"", " <-> ", ""};
    case Operator::kCosineDistance: return {"", " <=> ", ""};
    case Operator::kNegativeInnerProduct: return {"", " <#> ", ""};
    case Operator::kL1Distance: return {"", " <+> ", ""};
  }
  return {"", " ? ", ""};
}

std::string list_of(const std::vector<ExpressionPtr>& items, size_t first, std::string_view separator, const ColumnNames& names) {
  std::string text;
  for (size_t i = first; i < items.size(); ++i) {
    if (i > first) text += separator;
    text += items[i]->to_string(names);
  }
  return text;
}

std::string constant_text(const Value& value) {
  if (value.is_none()) return "NULL";
  if (value.kind() == Kind::kVector) return "vector(" + std::to_string(value.size()) + ")";
  if (value.kind() != Kind::kString) return value.to_text();
  std::string text = "'";
  for (const char c : value.as_string()) text += c == '\'' ? std::string("''") : std::string(1, c);
  return text + "'";
}

std::string operator_expression_text(const Expression& e, const ColumnNames& names) {
  const OperatorText text = operator_text(e.op);
  std::string out = "(" + std::string(text.before) + e.children[0]->to_string(names);
  if (e.children.size() > 1) out += std::string(text.between) + e.children[1]->to_string(names);
  return out + std::string(text.after) + ")";
}

std::string case_text(const Expression& e, const ColumnNames& names) {
  std::string out = "CASE";
  size_t i = 0;
  for (; i + 1 < e.children.size(); i += 2) {
    out += " WHEN " + e.children[i]->to_string(names) + " THEN " + e.children[i + 1]->to_string(names);
  }
  if (i < e.children.size()) out += " ELSE " + e.children[i]->to_string(names);
  return out + " END";
}

std::string object_text(const Expression& e, const ColumnNames& names) {
  std::string out = "{";
  for (size_t i = 0; i < e.children.size(); ++i) {
    if (i > 0) out += ", ";
    out += e.names[i] + ": " + e.children[i]->to_string(names);
  }
  return out + "}";
}

std::string_view like_text(const Expression& e) {
  switch (e.like) {
    case LikeStyle::kGlob: return " GLOB ";
    case LikeStyle::kRegexp: return " REGEXP ";
    case LikeStyle::kLike: break;
  }
  return e.ignore_case ? " ILIKE " : " LIKE ";
}

std::string subquery_text(const Expression& e) {
  return "subquery " + std::to_string(e.subquery == nullptr ? 0 : e.subquery->id);
}

std::string path_text(const Expression& e, const ColumnNames& names) {
  const std::string path = e.path.to_string();
  std::string out = e.children[0]->to_string(names);
  if (!path.empty() && path[0] != '[') out += '.';
  out += path;
  for (size_t i = 1; i < e.children.size(); ++i) out += "[" + e.children[i]->to_string(names) + "]";
  return out;
}

}  // namespace

std::string_view function_name(FunctionId id) {
#define PROTOBASE_FUNCTION(id_, name_, least, most, result) {FunctionId::id_, name_},
  static constexpr std::pair<FunctionId, std::string_view> kNames[] = {
#include "query/binder/functions.def"
  };
#undef PROTOBASE_FUNCTION
  for (const auto& [known, name] : kNames) {
    if (known == id) return name;
  }
  return "function";
}

std::string_view aggregate_name(AggregateId id) {
#define PROTOBASE_AGGREGATE(id_, name_, least, most, result) {AggregateId::id_, name_},
  static constexpr std::pair<AggregateId, std::string_view> kNames[] = {
#include "query/binder/aggregates.def"
  };
#undef PROTOBASE_AGGREGATE
  for (const auto& [known, name] : kNames) {
    if (known == id) return name;
  }
  return "aggregate";
}

ExpressionPtr Expression::clone() const {
  auto copy = std::make_unique<Expression>();
  copy->kind = kind;
  copy->type = type;
  copy->span = span;
  copy->value = value;
  copy->index = index;
  copy->path = path;
  copy->op = op;
  copy->function = function;
  copy->like = like;
  copy->negated = negated;
  copy->ignore_case = ignore_case;
  copy->try_cast = try_cast;
  copy->all = all;
  copy->names = names;
  copy->subquery = subquery;
  copy->children.reserve(children.size());
  for (const ExpressionPtr& child : children) copy->children.push_back(child->clone());
  return copy;
}

bool Expression::equals(const Expression& other) const {
  if (kind != other.kind || op != other.op || function != other.function || index != other.index || like != other.like ||
      negated != other.negated || ignore_case != other.ignore_case || try_cast != other.try_cast || all != other.all ||
      subquery != other.subquery || names != other.names || !(path == other.path) ||
      children.size() != other.children.size()) {
    return false;
  }
  if (kind == ExpressionKind::kConstant && (value.kind() != other.value.kind() || !(value == other.value))) return false;
  if (kind == ExpressionKind::kCast && !(type == other.type)) return false;
  if (kind == ExpressionKind::kFunction && function == FunctionId::kRandom) return false;  // each call its own number
  return std::equal(children.begin(), children.end(), other.children.begin(),
                    [](const ExpressionPtr& a, const ExpressionPtr& b) { return a->equals(*b); });
}

std::string Expression::to_string(const ColumnNames& names) const {
  const std::string_view no = negated ? " NOT" : "";
  switch (kind) {
    case ExpressionKind::kConstant: return constant_text(value);
    case ExpressionKind::kParameter: return "$" + std::to_string(index + 1);
    case ExpressionKind::kColumn: return names ? names(index) : "#" + std::to_string(index);
    case ExpressionKind::kOuter: return "outer#" + std::to_string(index);
    case ExpressionKind::kPath: return path_text(*this, names);
    case ExpressionKind::kOperator: return operator_expression_text(*this, names);
    case ExpressionKind::kAnd: return "(" + list_of(children, 0, " AND ", names) + ")";
    case ExpressionKind::kOr: return "(" + list_of(children, 0, " OR ", names) + ")";
    case ExpressionKind::kLike:
      return "(" + children[0]->to_string(names) + std::string(no) + std::string(like_text(*this)) + children[1]->to_string(names) + ")";
    case ExpressionKind::kIn:
      return "(" + children[0]->to_string(names) + std::string(no) + " IN (" + list_of(children, 1, ", ", names) + "))";
    case ExpressionKind::kInArray:
      return "(" + children[0]->to_string(names) + std::string(no) + " IN " + children[1]->to_string(names) + ")";
    case ExpressionKind::kBetween:
      return "(" + children[0]->to_string(names) + std::string(no) + " BETWEEN " + children[1]->to_string(names) + " AND " +
             children[2]->to_string(names) + ")";
    case ExpressionKind::kCase: return case_text(*this, names);
    case ExpressionKind::kCast:
      return (try_cast ? "TRY_CAST(" : "CAST(") + children[0]->to_string(names) + " AS " + std::string(kind_name(type.kind)) + ")";
    case ExpressionKind::kFunction: return std::string(function_name(function)) + "(" + list_of(children, 0, ", ", names) + ")";
    case ExpressionKind::kArray: return "[" + list_of(children, 0, ", ", names) + "]";
    case ExpressionKind::kObject: return object_text(*this, names);
    case ExpressionKind::kSlice:
      return children[0]->to_string(names) + "[" + children[1]->to_string(names) + ":" + children[2]->to_string(names) + "]";
    case ExpressionKind::kScalarSubquery: return "(" + subquery_text(*this) + ")";
    case ExpressionKind::kExists: return (negated ? "NOT EXISTS (" : "EXISTS (") + subquery_text(*this) + ")";
    case ExpressionKind::kInSubquery:
      return "(" + children[0]->to_string(names) + std::string(no) + " IN (" + subquery_text(*this) + "))";
    case ExpressionKind::kQuantified:
      return "(" + children[0]->to_string(names) + std::string(operator_text(op).between) + (all ? "ALL (" : "ANY (") +
             (children.size() > 1 ? children[1]->to_string(names) : subquery_text(*this)) + "))";
  }
  return "?";
}

}  // namespace protobase::query
