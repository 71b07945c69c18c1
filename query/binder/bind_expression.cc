// Expressions but for paths and calls: operators, conditions, constructors, subqueries.
#include <charconv>
#include <cmath>

#include "query/binder/internal/binder_state.h"
#include "query/binder/internal/names.h"

namespace protobase::query {
namespace {

bool is_date_like(Kind kind) { return kind == Kind::kDate || kind == Kind::kTimestamp || kind == Kind::kTimespan; }

/// A value that is given, not read: its spelling as text may stand for another kind.
bool is_given(const Expression& e) {
  return e.kind == ExpressionKind::kConstant || e.kind == ExpressionKind::kParameter;
}

bool comparable(const Type& a, const Type& b) {
  if (a.any || b.any || a.kind == Kind::kNone || b.kind == Kind::kNone || a.kind == b.kind) return true;
  if (is_number(a.kind) && is_number(b.kind)) return true;
  const auto moment = [](Kind kind) { return kind == Kind::kDate || kind == Kind::kTimestamp; };
  const auto list = [](Kind kind) { return kind == Kind::kArray || kind == Kind::kVector; };
  return (moment(a.kind) && moment(b.kind)) || (list(a.kind) && list(b.kind));
}

/// Text, or a parameter of a kind not known, beside a date: read as a date.
void convert_given(ExpressionPtr& given, const Type& other) {
  if (other.any || !is_date_like(other.kind) || !is_given(*given)) return;
  const bool text = !given->type.any && given->type.kind == Kind::kString;
  if (text || (given->kind == ExpressionKind::kParameter && given->type.any)) given = make_cast(std::move(given), other);
}

std::unique_ptr<Expression> make(ExpressionKind kind, Type type, TextSpan span) {
  auto expression = std::make_unique<Expression>();
  expression->kind = kind;
  expression->type = type;
  expression->span = span;
  return expression;
}

struct OperatorRow {
  ast::BinaryOperator from;
  Operator to;
};
constexpr OperatorRow kOperators[] = {
    {ast::BinaryOperator::kAdd, Operator::kAdd},
    {ast::BinaryOperator::kSubtract, Operator::kSubtract},
    {ast::BinaryOperator::kMultiply, Operator::kMultiply},
    {ast::BinaryOperator::kDivide, Operator::kDivide},
    {ast::BinaryOperator::kModulo, Operator::kModulo},
    {ast::BinaryOperator::kConcat, Operator::kConcat},
    {ast::BinaryOperator::kBitAnd, Operator::kBitAnd},
    {ast::BinaryOperator::kBitOr, Operator::kBitOr},
    {ast::BinaryOperator::kShiftLeft, Operator::kShiftLeft},
    {ast::BinaryOperator::kShiftRight, Operator::kShiftRight},
    {ast::BinaryOperator::kEqual, Operator::kEqual},
    {ast::BinaryOperator::kNotEqual, Operator::kNotEqual},
    {ast::BinaryOperator::kLess, Operator::kLess},
    {ast::BinaryOperator::kLessEqual, Operator::kLessEqual},
    {ast::BinaryOperator::kGreater, Operator::kGreater},
    {ast::BinaryOperator::kGreaterEqual, Operator::kGreaterEqual},
    {ast::BinaryOperator::kIsDistinctFrom, Operator::kIsDistinctFrom},
    {ast::BinaryOperator::kIsNotDistinctFrom, Operator::kIsNotDistinctFrom},
    {ast::BinaryOperator::kContains, Operator::kContains},
    {ast::BinaryOperator::kContainsAll, Operator::kContainsAll},
    {ast::BinaryOperator::kContainedBy, Operator::kContainsAll},
    {ast::BinaryOperator::kL2Distance, Operator::kL2Distance},
    {ast::BinaryOperator::kCosineDistance, Operator::kCosineDistance},
    {ast::BinaryOperator::kInnerProduct, Operator::kNegativeInnerProduct},
    {ast::BinaryOperator::kL1Distance, Operator::kL1Distance},
};

Operator operator_of(ast::BinaryOperator op) {
  for (const OperatorRow& row : kOperators) {
    if (row.from == op) return row.to;
  }
  PROTO_CHECK_MSG(false, "an operator without a row");
  return Operator::kEqual;
}

bool is_comparison(Operator op) { return op >= Operator::kEqual && op <= Operator::kIsNotDistinctFrom; }
bool is_distance(Operator op) { return op >= Operator::kL2Distance; }
bool is_bitwise(Operator op) { return op >= Operator::kBitAnd && op <= Operator::kShiftRight; }

/// Text and arrays of numbers that are given where a vector is wanted become one.
void convert_to_vector(ExpressionPtr& operand, const Type& other) {
  const Type& type = operand->type;
  const bool list = operand->kind == ExpressionKind::kArray;
  const bool text = !type.any && type.kind == Kind::kString;
  const bool parameter = operand->kind == ExpressionKind::kParameter && type.any;
  if (!list && !parameter && !(text && is_given(*operand))) return;
  const uint32_t dimension = other.any ? 0 : other.dimension;
  operand = make_cast(std::move(operand), Type{false, Kind::kVector, dimension, CollectionId(0)});
}

Status check_distance(const Expression& left, const Expression& right, TextSpan span) {
  for (const Expression* side : {&left, &right}) {
    const Type& type = side->type;
    if (type.any || type.kind == Kind::kNone || type.kind == Kind::kVector || type.kind == Kind::kArray) continue;
    return error_at(StatusCode::kType, "a distance needs vectors, and this is " + describe(type), side->span);
  }
  const uint32_t a = left.type.dimension, b = right.type.dimension;
  if (a == 0 || b == 0 || a == b) return Status();
  return error_at(StatusCode::kType, "vectors of " + std::to_string(a) + " and " + std::to_string(b) + " dimensions", span);
}

Status check_number(const Expression& operand, std::string_view what) {
  const Type& type = operand.type;
  if (type.any || type.kind == Kind::kNone || is_number(type.kind)) return Status();
  Status status = error_at(StatusCode::kType, std::string(what) + " needs numbers, and this is " + describe(type), operand.span);
  if (type.kind != Kind::kString) return status;
  return std::move(status).with_hint("|| joins texts; CAST(x AS INTEGER) reads a number from one");
}

Result<Type> arithmetic_type(Operator op, const Expression& left, const Expression& right) {
  const Type &a = left.type, &b = right.type;
  const bool dates = (!a.any && is_date_like(a.kind)) || (!b.any && is_date_like(b.kind));
  if (dates && (op == Operator::kAdd || op == Operator::kSubtract || op == Operator::kMultiply || op == Operator::kDivide)) {
    return Type::unknown();
  }
  PROTO_RETURN_IF_ERROR(check_number(left, "arithmetic"));
  PROTO_RETURN_IF_ERROR(check_number(right, "arithmetic"));
  if (a.any || b.any) return Type::unknown();
  if (a.kind == Kind::kNone && b.kind == Kind::kNone) return Type::of(Kind::kNone);
  if (a.kind == Kind::kDouble || b.kind == Kind::kDouble) return Type::of(Kind::kDouble);
  return Type::of(Kind::kInt);
}

}  // namespace

// ---- makers and types --------------------------------------------------------------------------------------------------

Status error_at(StatusCode code, std::string message, TextSpan span, proto::SourceLocation where) {
  return Status(code, std::move(message), where).with_span(span);
}

Status unsupported(std::string_view what, TextSpan span, proto::SourceLocation where) {
  return error_at(StatusCode::kUnsupported, std::string(what) + " is not supported", span, where);
}

ExpressionPtr make_constant(Value value, TextSpan span) {
  auto constant = make(ExpressionKind::kConstant, Type::of(value.kind()), span);
  if (value.kind() == Kind::kVector) constant->type.dimension = static_cast<uint32_t>(value.size());
  constant->value = std::move(value);
  return constant;
}

ExpressionPtr make_operator(Operator op, Type type, TextSpan span, ExpressionPtr left, ExpressionPtr right) {
  auto expression = make(ExpressionKind::kOperator, type, span);
  expression->op = op;
  expression->children.push_back(std::move(left));
  if (right != nullptr) expression->children.push_back(std::move(right));
  return expression;
}

ExpressionPtr make_cast(ExpressionPtr operand, Type type) {
  auto cast = make(ExpressionKind::kCast, type, operand->span);
  cast->children.push_back(std::move(operand));
  return cast;
}

Type common_type(const Type& a, const Type& b) {
  if (a == b) return a;
  if (!a.any && a.kind == Kind::kNone) return b;
  if (!b.any && b.kind == Kind::kNone) return a;
  if (!a.any && !b.any && is_number(a.kind) && is_number(b.kind)) return Type::of(Kind::kDouble);
  return Type::unknown();
}

std::string describe(const Type& type) { return type.any ? "of any type" : std::string(kind_name(type.kind)); }

Status Binder::match_types(ExpressionPtr& left, ExpressionPtr& right, TextSpan span) const {
  convert_given(left, right->type);
  convert_given(right, left->type);
  if (comparable(left->type, right->type)) return Status();
  return error_at(StatusCode::kType, describe(left->type) + " does not compare with " + describe(right->type), span)
      .with_hint("CAST(x AS type) converts");
}

Status Binder::check_condition(const Expression& condition) const {
  const Type& type = condition.type;
  if (type.any || type.kind == Kind::kBool || type.kind == Kind::kNone) return Status();
  Status status = error_at(StatusCode::kType, "a condition is wanted, and this is " + describe(type), condition.span);
  return is_number(type.kind) ? std::move(status).with_hint("compare it: x <> 0") : status;
}

BoundExpression Binder::bind_condition(const ast::Expression& expression, Scope& scope, std::string_view place) {
  const std::string_view outer_place = std::exchange(scope.place, place);
  BoundExpression condition = bind_expression(expression, scope);
  scope.place = outer_place;
  if (!condition.ok()) return condition;
  PROTO_RETURN_IF_ERROR(check_condition(**condition));
  return condition;
}

// ---- dispatch ----------------------------------------------------------------------------------------------------------

BoundExpression Binder::bind_expression(const ast::Expression& e, Scope& scope) {
  switch (e.kind) {
    case ast::ExpressionKind::kLiteral: return bind_literal(ast::as<ast::Literal>(e));
    case ast::ExpressionKind::kParameter: return bind_parameter(ast::as<ast::Parameter>(e));
    case ast::ExpressionKind::kPath: return bind_path(ast::as<ast::Path>(e), scope);
    case ast::ExpressionKind::kStar: return binding_error("* stands only in a select list and in COUNT(*)", e.span);
    case ast::ExpressionKind::kArray:
    case ast::ExpressionKind::kObject: return bind_container(e, scope);
    case ast::ExpressionKind::kRow: return unsupported("a row value here", e.span).with_hint("[a, b] makes an array");
    case ast::ExpressionKind::kUnary: return bind_unary(ast::as<ast::Unary>(e), scope);
    case ast::ExpressionKind::kBinary: return bind_binary(ast::as<ast::Binary>(e), scope);
    case ast::ExpressionKind::kLogical: return bind_logical(ast::as<ast::Logical>(e), scope);
    case ast::ExpressionKind::kIs: return bind_is(ast::as<ast::Is>(e), scope);
    case ast::ExpressionKind::kBetween: return bind_between(ast::as<ast::Between>(e), scope);
    case ast::ExpressionKind::kIn: return bind_in(ast::as<ast::In>(e), scope);
    case ast::ExpressionKind::kLike: return bind_like(ast::as<ast::Like>(e), scope);
    case ast::ExpressionKind::kQuantified: return bind_quantified(ast::as<ast::Quantified>(e), scope);
    case ast::ExpressionKind::kCase: return bind_case(ast::as<ast::Case>(e), scope);
    case ast::ExpressionKind::kCast: return bind_cast(ast::as<ast::Cast>(e), scope);
    case ast::ExpressionKind::kCall: return bind_call(ast::as<ast::Call>(e), scope);
    case ast::ExpressionKind::kSubquery:
      return bind_subquery(*ast::as<ast::Subquery>(e).query, ExpressionKind::kScalarSubquery, e.span, scope);
    case ast::ExpressionKind::kExists:
      return bind_subquery(*ast::as<ast::Exists>(e).query, ExpressionKind::kExists, e.span, scope);
    case ast::ExpressionKind::kLambda: return unsupported("a lambda", e.span);
    case ast::ExpressionKind::kCollate: return unsupported("COLLATE", e.span).with_hint("texts compare by their bytes; lower(x) evens case");
  }
  return binding_error("an expression of an unknown kind", e.span);
}

BoundExpression Binder::bind_literal(const ast::Literal& literal) const {
  const auto typed_text = [&](Kind kind) {
    return make_cast(make_constant(Value(literal.text), literal.span), Type::of(kind));
  };
  switch (literal.literal) {
    case ast::LiteralKind::kNull: return make_constant(Value(), literal.span);
    case ast::LiteralKind::kBoolean: return make_constant(Value(literal.boolean), literal.span);
    case ast::LiteralKind::kInteger: return make_constant(Value(literal.integer), literal.span);
    case ast::LiteralKind::kBigInteger: {
      double real = 0;
      std::from_chars(literal.text.data(), literal.text.data() + literal.text.size(), real);
      return make_constant(Value(real), literal.span);
    }
    case ast::LiteralKind::kDouble: return make_constant(Value(literal.real), literal.span);
    case ast::LiteralKind::kString: return make_constant(Value(literal.text), literal.span);
    case ast::LiteralKind::kBlob: return make_constant(Value::bytes(literal.text), literal.span);
    case ast::LiteralKind::kDate: return typed_text(Kind::kDate);
    case ast::LiteralKind::kTimestamp: return typed_text(Kind::kTimestamp);
    case ast::LiteralKind::kInterval: return typed_text(Kind::kTimespan);
    case ast::LiteralKind::kTime: return unsupported("a time of day", literal.span).with_hint("use a TIMESTAMP");
  }
  return binding_error("a literal of an unknown kind", literal.span);
}

BoundExpression Binder::bind_parameter(const ast::Parameter& parameter) const {
  auto bound = make(ExpressionKind::kParameter, Type::unknown(), parameter.span);
  bound->index = parameter.index;
  if (parameter.style != ast::ParameterStyle::kExtracted) return bound;
  bound->index += explicit_parameters_;
  if (parameter.original == nullptr) return bound;
  PROTO_ASSIGN_OR_RETURN(ExpressionPtr original, bind_literal(*parameter.original));
  if (original->kind == ExpressionKind::kCast) {
    bound->value = original->children[0]->value;
    bound->type = original->children[0]->type;
    return make_cast(std::move(bound), original->type);
  }
  bound->value = original->value;
  bound->type = original->type;
  return bound;
}

// ---- operators ---------------------------------------------------------------------------------------------------------

BoundExpression Binder::bind_unary(const ast::Unary& unary, Scope& scope) {
  if (unary.op == ast::UnaryOperator::kNot) {
    PROTO_ASSIGN_OR_RETURN(ExpressionPtr operand, bind_condition(*unary.operand, scope, scope.place));
    const bool flips = operand->kind == ExpressionKind::kExists || operand->kind == ExpressionKind::kInSubquery;
    if (flips) return operand->negated = !operand->negated, std::move(operand);
    return make_operator(Operator::kNot, Type::of(Kind::kBool), unary.span, std::move(operand));
  }
  const ast::Literal* literal = ast::as_if<ast::Literal>(unary.operand.get());
  const bool least = unary.op == ast::UnaryOperator::kMinus && literal != nullptr &&
                     literal->literal == ast::LiteralKind::kBigInteger && literal->text == "9223372036854775808";
  if (least) return make_constant(Value(std::numeric_limits<int64_t>::min()), unary.span);
  PROTO_ASSIGN_OR_RETURN(ExpressionPtr operand, bind_expression(*unary.operand, scope));
  if (unary.op == ast::UnaryOperator::kPlus) return operand;  // of texts too, as in SQLite
  if (unary.op != ast::UnaryOperator::kMinus || operand->type.any || operand->type.kind != Kind::kTimespan) {
    PROTO_RETURN_IF_ERROR(check_number(*operand, "a sign"));
  }
  const bool constant = operand->kind == ExpressionKind::kConstant && unary.op == ast::UnaryOperator::kMinus;
  if (constant && operand->value.kind() == Kind::kDouble) return make_constant(Value(-operand->value.as_double()), unary.span);
  if (constant && operand->value.kind() == Kind::kInt && operand->value.as_int64() != std::numeric_limits<int64_t>::min()) {
    return make_constant(Value(-operand->value.as_int64()), unary.span);
  }
  const Type type = operand->type;
  return make_operator(unary.op == ast::UnaryOperator::kMinus ? Operator::kNegate : Operator::kBitNot, type, unary.span,
                       std::move(operand));
}

BoundExpression Binder::bind_row_comparison(const ast::Binary& binary, Scope& scope) {
  const auto& left = ast::as<ast::Row>(*binary.left);
  const auto& right = ast::as<ast::Row>(*binary.right);
  if (left.elements.size() != right.elements.size() || left.elements.empty()) {
    return binding_error("rows of different length", binary.span);
  }
  if (binary.op != ast::BinaryOperator::kEqual) return unsupported("this comparison of rows", binary.span);
  auto conjunction = make(ExpressionKind::kAnd, Type::of(Kind::kBool), binary.span);
  for (size_t i = 0; i < left.elements.size(); ++i) {
    PROTO_ASSIGN_OR_RETURN(ExpressionPtr a, bind_expression(*left.elements[i], scope));
    PROTO_ASSIGN_OR_RETURN(ExpressionPtr b, bind_expression(*right.elements[i], scope));
    PROTO_RETURN_IF_ERROR(match_types(a, b, binary.span));
    conjunction->children.push_back(make_operator(Operator::kEqual, Type::of(Kind::kBool), binary.span, std::move(a), std::move(b)));
  }
  if (conjunction->children.size() == 1) return std::move(conjunction->children[0]);
  return conjunction;
}

BoundExpression Binder::bind_json_get(const ast::Binary& binary, Scope& scope) {
  PROTO_ASSIGN_OR_RETURN(ExpressionPtr left, bind_expression(*binary.left, scope));
  PROTO_ASSIGN_OR_RETURN(ExpressionPtr key, bind_expression(*binary.right, scope));
  auto path = make(ExpressionKind::kPath, Type::unknown(), binary.span);
  path->children.push_back(std::move(left));
  if (key->kind == ExpressionKind::kConstant && key->value.kind() == Kind::kString) {
    path->path.push_name(key->value.as_string());
  } else if (key->kind == ExpressionKind::kConstant && key->value.kind() == Kind::kInt) {
    path->path.push_index(key->value.as_int64());
  } else {
    path->path.push_index(0);
    path->children.push_back(std::move(key));
  }
  if (binary.op == ast::BinaryOperator::kJsonGet) return path;
  return make_cast(std::move(path), Type::of(Kind::kString));
}

BoundExpression Binder::bind_binary(const ast::Binary& binary, Scope& scope) {
  if (binary.op == ast::BinaryOperator::kJsonGet || binary.op == ast::BinaryOperator::kJsonGetText) return bind_json_get(binary, scope);
  const bool rows = binary.left->kind == ast::ExpressionKind::kRow && binary.right->kind == ast::ExpressionKind::kRow;
  if (rows) return bind_row_comparison(binary, scope);
  PROTO_ASSIGN_OR_RETURN(ExpressionPtr left, bind_expression(*binary.left, scope));
  PROTO_ASSIGN_OR_RETURN(ExpressionPtr right, bind_expression(*binary.right, scope));
  const Operator op = operator_of(binary.op);
  if (binary.op == ast::BinaryOperator::kContainedBy) std::swap(left, right);
  Type type = Type::of(Kind::kBool);
  if (is_comparison(op)) {
    PROTO_RETURN_IF_ERROR(match_types(left, right, binary.span));
  } else if (is_distance(op)) {
    convert_to_vector(left, right->type);
    convert_to_vector(right, left->type);
    PROTO_RETURN_IF_ERROR(check_distance(*left, *right, binary.span));
    type = Type::of(Kind::kDouble);
  } else if (op == Operator::kConcat) {
    const auto is_array = [](const Expression& e) { return e.type.any || e.type.kind == Kind::kArray; };
    type = is_array(*left) && is_array(*right) ? Type::unknown() : Type::of(Kind::kString);
  } else if (is_bitwise(op)) {
    PROTO_RETURN_IF_ERROR(check_number(*left, "a bit operation"));
    PROTO_RETURN_IF_ERROR(check_number(*right, "a bit operation"));
    type = Type::of(Kind::kInt);
  } else if (op != Operator::kContains && op != Operator::kContainsAll) {
    PROTO_ASSIGN_OR_RETURN(type, arithmetic_type(op, *left, *right));
  }
  return make_operator(op, type, binary.span, std::move(left), std::move(right));
}

BoundExpression Binder::bind_logical(const ast::Logical& logical, Scope& scope) {
  auto bound = make(logical.op == ast::LogicalOperator::kAnd ? ExpressionKind::kAnd : ExpressionKind::kOr, Type::of(Kind::kBool),
                    logical.span);
  for (const ast::ExpressionPtr& operand : logical.operands) {
    PROTO_ASSIGN_OR_RETURN(ExpressionPtr condition, bind_condition(*operand, scope, scope.place));
    bound->children.push_back(std::move(condition));
  }
  return bound;
}

BoundExpression Binder::bind_is(const ast::Is& is, Scope& scope) {
  PROTO_ASSIGN_OR_RETURN(ExpressionPtr operand, bind_expression(*is.operand, scope));
  Operator op = is.negated ? Operator::kIsNotNull : Operator::kIsNull;
  if (is.test == ast::IsTest::kTrue) op = is.negated ? Operator::kIsNotTrue : Operator::kIsTrue;
  if (is.test == ast::IsTest::kFalse) op = is.negated ? Operator::kIsNotFalse : Operator::kIsFalse;
  if (is.test != ast::IsTest::kNull && is.test != ast::IsTest::kMissing) {
    PROTO_RETURN_IF_ERROR(check_condition(*operand));
  }
  return make_operator(op, Type::of(Kind::kBool), is.span, std::move(operand));
}

BoundExpression Binder::bind_between(const ast::Between& between, Scope& scope) {
  auto bound = make(ExpressionKind::kBetween, Type::of(Kind::kBool), between.span);
  bound->negated = between.negated;
  PROTO_ASSIGN_OR_RETURN(ExpressionPtr operand, bind_expression(*between.operand, scope));
  PROTO_ASSIGN_OR_RETURN(ExpressionPtr low, bind_expression(*between.low, scope));
  PROTO_ASSIGN_OR_RETURN(ExpressionPtr high, bind_expression(*between.high, scope));
  PROTO_RETURN_IF_ERROR(match_types(operand, low, between.span));
  PROTO_RETURN_IF_ERROR(match_types(operand, high, between.span));
  bound->children.push_back(std::move(operand));
  bound->children.push_back(std::move(low));
  bound->children.push_back(std::move(high));
  return bound;
}

/// `x IN t` with a collection of one declared attribute, as SQLite has it; null when `e` is no name of one.
Result<BoundQueryPtr> Binder::bind_in_collection(const ast::Expression& e, Scope& scope) {
  const ast::Path* path = ast::as_if<ast::Path>(&e);
  if (path == nullptr || path->base != nullptr || path->steps.size() != 1) return BoundQueryPtr();
  const ast::Identifier& name = path->steps[0].attribute;
  const auto definition = input_.catalog.find(name.name);
  if (definition == nullptr || definition->attributes.size() != 1) return BoundQueryPtr();
  for (const Scope* level = &scope; level != nullptr; level = level->parent) {
    for (const ScopeItem& item : level->items) {
      if (same_name(item.alias, name.name)) return BoundQueryPtr();
      if (item.collection != nullptr && item.collection->definition->find_attribute(name.name) != nullptr) return BoundQueryPtr();
    }
  }
  Scope inner;
  auto select = std::make_unique<BoundSelect>();
  PROTO_ASSIGN_OR_RETURN(auto table, bind_collection(ast::ObjectName{{}, name, e.span}, {}, inner));
  ExpressionPtr column = attribute_of(inner.items[0], definition->attributes[0].name, e.span);
  auto query = std::make_shared<BoundQuery>();
  query->outputs.push_back({definition->attributes[0].name, column->index});
  select->items.push_back({column->index, std::move(column)});
  select->from = std::move(table);
  query->body = std::move(select);
  return query;
}

ExpressionPtr Binder::make_subquery(BoundQueryPtr query, ExpressionKind kind, TextSpan span) {
  const Type type = kind == ExpressionKind::kScalarSubquery ? (*columns_)[query->outputs[0].id].type : Type::of(Kind::kBool);
  auto bound = make(kind, type, span);
  bound->subquery = std::make_shared<PlannedSubquery>();
  bound->subquery->bound = std::move(query);
  bound->subquery->id = next_subquery_++;
  return bound;
}

BoundExpression Binder::bind_in(const ast::In& in, Scope& scope) {
  PROTO_ASSIGN_OR_RETURN(ExpressionPtr operand, bind_expression(*in.operand, scope));
  if (in.array != nullptr) {
    PROTO_ASSIGN_OR_RETURN(BoundQueryPtr collection, bind_in_collection(*in.array, scope));
    if (collection != nullptr) {
      ExpressionPtr bound = make_subquery(std::move(collection), ExpressionKind::kInSubquery, in.span);
      bound->children.push_back(std::move(operand));
      bound->negated = in.negated;
      return bound;
    }
  }
  if (in.query != nullptr) {
    PROTO_ASSIGN_OR_RETURN(ExpressionPtr bound, bind_subquery(*in.query, ExpressionKind::kInSubquery, in.span, scope));
    const ExpressionPtr column = column_expression(bound->subquery->bound->outputs[0].id, in.span);
    if (!comparable(operand->type, column->type)) {
      return error_at(StatusCode::kType, describe(operand->type) + " does not compare with " + describe(column->type), in.span);
    }
    bound->children.push_back(std::move(operand));
    bound->negated = in.negated;
    return bound;
  }
  if (in.array == nullptr && in.list.empty()) return make_constant(Value(in.negated), in.span);
  auto bound = make(in.array != nullptr ? ExpressionKind::kInArray : ExpressionKind::kIn, Type::of(Kind::kBool), in.span);
  bound->negated = in.negated;
  bound->children.push_back(std::move(operand));
  if (in.array != nullptr) {
    PROTO_ASSIGN_OR_RETURN(ExpressionPtr array, bind_expression(*in.array, scope));
    bound->children.push_back(std::move(array));
    return bound;
  }
  for (const ast::ExpressionPtr& candidate : in.list) {
    PROTO_ASSIGN_OR_RETURN(ExpressionPtr value, bind_expression(*candidate, scope));
    PROTO_RETURN_IF_ERROR(match_types(bound->children[0], value, candidate->span));
    bound->children.push_back(std::move(value));
  }
  return bound;
}

BoundExpression Binder::bind_like(const ast::Like& like, Scope& scope) {
  auto bound = make(ExpressionKind::kLike, Type::of(Kind::kBool), like.span);
  bound->negated = like.negated;
  bound->ignore_case = like.like == ast::LikeKind::kIlike;
  if (like.like == ast::LikeKind::kGlob) bound->like = LikeStyle::kGlob;
  if (like.like == ast::LikeKind::kRegexp) bound->like = LikeStyle::kRegexp;
  if (like.like == ast::LikeKind::kSimilar) return unsupported("SIMILAR TO", like.span).with_hint("use REGEXP");
  for (const ast::Expression* part : {like.operand.get(), like.pattern.get(), like.escape.get()}) {
    if (part == nullptr) continue;
    PROTO_ASSIGN_OR_RETURN(ExpressionPtr child, bind_expression(*part, scope));
    if (!child->type.any && child->type.kind != Kind::kString && child->type.kind != Kind::kNone) {
      return error_at(StatusCode::kType, "LIKE needs text, and this is " + describe(child->type), child->span);
    }
    bound->children.push_back(std::move(child));
  }
  return bound;
}

BoundExpression Binder::bind_quantified(const ast::Quantified& quantified, Scope& scope) {
  PROTO_ASSIGN_OR_RETURN(ExpressionPtr left, bind_expression(*quantified.left, scope));
  ExpressionPtr bound;
  if (quantified.query != nullptr) {
    PROTO_ASSIGN_OR_RETURN(bound, bind_subquery(*quantified.query, ExpressionKind::kQuantified, quantified.span, scope));
    bound->children.push_back(std::move(left));
  } else {
    PROTO_ASSIGN_OR_RETURN(ExpressionPtr array, bind_expression(*quantified.array, scope));
    bound = make(ExpressionKind::kQuantified, Type::of(Kind::kBool), quantified.span);
    bound->children.push_back(std::move(left));
    bound->children.push_back(std::move(array));
  }
  bound->op = operator_of(quantified.op);
  bound->all = quantified.all;
  if (!is_comparison(bound->op)) return binding_error("ANY and ALL follow a comparison", quantified.span);
  return bound;
}

BoundExpression Binder::bind_case(const ast::Case& expression, Scope& scope) {
  auto bound = make(ExpressionKind::kCase, Type::of(Kind::kNone), expression.span);
  ExpressionPtr operand;
  if (expression.operand != nullptr) {
    PROTO_ASSIGN_OR_RETURN(operand, bind_expression(*expression.operand, scope));
  }
  for (const ast::WhenClause& when : expression.whens) {
    ExpressionPtr condition;
    if (operand == nullptr) {
      PROTO_ASSIGN_OR_RETURN(condition, bind_condition(*when.when, scope, scope.place));
    } else {
      PROTO_ASSIGN_OR_RETURN(ExpressionPtr value, bind_expression(*when.when, scope));
      ExpressionPtr left = operand->clone();
      PROTO_RETURN_IF_ERROR(match_types(left, value, when.when->span));
      condition = make_operator(Operator::kEqual, Type::of(Kind::kBool), when.when->span, std::move(left), std::move(value));
    }
    PROTO_ASSIGN_OR_RETURN(ExpressionPtr then, bind_expression(*when.then, scope));
    bound->type = common_type(bound->type, then->type);
    bound->children.push_back(std::move(condition));
    bound->children.push_back(std::move(then));
  }
  if (expression.otherwise != nullptr) {
    PROTO_ASSIGN_OR_RETURN(ExpressionPtr otherwise, bind_expression(*expression.otherwise, scope));
    bound->type = common_type(bound->type, otherwise->type);
    bound->children.push_back(std::move(otherwise));
  }
  return bound;
}

BoundExpression Binder::bind_cast(const ast::Cast& cast, Scope& scope) {
  PROTO_ASSIGN_OR_RETURN(ExpressionPtr operand, bind_expression(*cast.operand, scope));
  Attribute target;
  PROTO_RETURN_IF_ERROR(bind_type(*cast.type, input_.catalog, target));
  if (target.type == Kind::kNone) return operand;
  ExpressionPtr bound = make_cast(std::move(operand), Type{false, target.type, target.dimension, target.references});
  bound->span = cast.span;
  bound->try_cast = cast.try_cast;
  return bound;
}

BoundExpression Binder::bind_container(const ast::Expression& expression, Scope& scope) {
  if (const auto* array = ast::as_if<ast::Array>(&expression)) {
    auto bound = make(ExpressionKind::kArray, Type::of(Kind::kArray), array->span);
    for (const ast::ExpressionPtr& element : array->elements) {
      PROTO_ASSIGN_OR_RETURN(ExpressionPtr value, bind_expression(*element, scope));
      bound->children.push_back(std::move(value));
    }
    return bound;
  }
  const auto& object = ast::as<ast::Object>(expression);
  auto bound = make(ExpressionKind::kObject, Type::of(Kind::kObject), object.span);
  for (const ast::ObjectMember& member : object.members) {
    PROTO_ASSIGN_OR_RETURN(ExpressionPtr value, bind_expression(*member.value, scope));
    bound->children.push_back(std::move(value));
    bound->names.push_back(member.key.name);
  }
  return bound;
}

BoundExpression Binder::bind_subquery(const ast::Query& query, ExpressionKind kind, TextSpan span, Scope& scope) {
  PROTO_ASSIGN_OR_RETURN(BoundQueryPtr inner, bind_query(query, &scope));
  if (kind != ExpressionKind::kExists && inner->outputs.size() != 1) {
    return binding_error("a subquery here gives one column, and this one gives " + std::to_string(inner->outputs.size()), span);
  }
  return make_subquery(std::move(inner), kind, span);
}

}  // namespace protobase::query
