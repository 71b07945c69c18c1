// Names, types and operators.
#include <algorithm>
#include <array>

#include "query/parser/internal/literals.h"
#include "query/parser/internal/tree_builder.h"

namespace protobase::parser {

using namespace ast;
using proto::StatusCode;
using enum TokenKind;

TokenKind TreeBuilder::kind_of(const antlr4::Token* token) {
  const size_t type = token->getType();
  return type >= kTokenKindCount ? kEnd : static_cast<TokenKind>(type);
}

TextSpan TreeBuilder::span_of(const antlr4::Token* token) {
  const auto start = static_cast<uint32_t>(token->getStartIndex());
  return {start, static_cast<uint32_t>(token->getStopIndex() + 1) - start};
}

TextSpan TreeBuilder::span_of(const antlr4::ParserRuleContext* context) {
  const TextSpan first = span_of(context->start);
  if (context->stop == nullptr) return first;
  const TextSpan last = span_of(context->stop);
  const uint32_t end = std::max(first.offset, last.offset + last.length);
  return {first.offset, end - first.offset};
}

std::string_view TreeBuilder::text_of(const antlr4::Token* token) const {
  const TextSpan span = span_of(token);
  return text_.substr(span.offset, span.length);
}

void TreeBuilder::fail(TextSpan span, std::string message, StatusCode code) {
  if (status_.ok()) status_ = proto::Status(code, std::move(message)).with_span(span);
}

Identifier TreeBuilder::identifier(const antlr4::Token* token) {
  Identifier id;
  id.span = span_of(token);
  const std::string_view text = text_of(token);
  id.quoted = text[0] == '"' || text[0] == '`';
  if (id.quoted) {
    decode_quoted(text, &id.name);
  } else {
    id.name = text;
  }
  return id;
}

Identifier TreeBuilder::identifier(Sql::NameContext* context) { return identifier(context->token); }

Identifier TreeBuilder::optional_identifier(Sql::NameContext* context) {
  return context == nullptr ? Identifier() : identifier(context);
}

Identifier TreeBuilder::identifier_of_string(const antlr4::Token* token) {
  Identifier id;
  id.span = span_of(token);
  id.quoted = true;
  if (kind_of(token) == kSTRING) {
    decode_quoted(text_of(token), &id.name);
  } else if (!decode_escaped(text_of(token), &id.name)) {
    fail(id.span, "the string has an escape that does not exist");
  }
  return id;
}

std::vector<Identifier> TreeBuilder::identifiers(const std::vector<Sql::NameContext*>& names) {
  std::vector<Identifier> out;
  for (Sql::NameContext* name : names) out.push_back(identifier(name));
  return out;
}

std::vector<Identifier> TreeBuilder::identifiers(Sql::NamesContext* context) {
  return context == nullptr ? std::vector<Identifier>() : identifiers(context->items);
}

ObjectName TreeBuilder::object_name(Sql::Object_nameContext* context) {
  ObjectName out;
  out.span = span_of(context);
  if (context->second == nullptr) {
    out.name = identifier(context->first);
  } else {
    out.qualifier = identifier(context->first);
    out.name = identifier(context->second);
  }
  return out;
}

PathStep TreeBuilder::path_step(Sql::Path_stepContext* context) {
  PathStep step;
  step.span = span_of(context);
  if (kind_of(context->kind) == kDOT) {
    if (context->star != nullptr) {
      fail(span_of(context->star), "'.*' stands only in a select list");
    } else {
      step.attribute = identifier(context->attribute);
    }
    return step;
  }
  if (context->slice != nullptr) {
    step.kind = PathStepKind::kSlice;
  } else if (context->star != nullptr || context->low == nullptr) {
    step.kind = PathStepKind::kElements;
  } else {
    step.kind = PathStepKind::kIndex;
  }
  step.index = optional_expression(context->low);
  step.high = optional_expression(context->high);
  return step;
}

std::unique_ptr<Path> TreeBuilder::path(Sql::PathContext* context) {
  auto out = std::make_unique<Path>();
  out->span = span_of(context);
  PathStep first;
  first.attribute = identifier(context->first);
  first.span = first.attribute.span;
  out->steps.push_back(std::move(first));
  for (Sql::Path_stepContext* step : context->steps) out->steps.push_back(path_step(step));
  return out;
}

// ---- types
// -----------------------------------------------------------------------------------------------------------

namespace {

struct TypeWord {
  std::string_view word;
  TypeKind kind;
};

constexpr TypeWord kTypeWords[] = {
    {"ANY", TypeKind::kAny},           {"ARRAY", TypeKind::kArray},         {"BIGINT", TypeKind::kBigInt},
    {"BLOB", TypeKind::kBlob},         {"BOOL", TypeKind::kBoolean},        {"BOOLEAN", TypeKind::kBoolean},
    {"BYTEA", TypeKind::kBlob},        {"BYTES", TypeKind::kBlob},          {"CHAR", TypeKind::kChar},
    {"CHARACTER", TypeKind::kChar},    {"CLOB", TypeKind::kText},           {"DATE", TypeKind::kDate},
    {"DATETIME", TypeKind::kTimestamp},{"DEC", TypeKind::kNumeric},         {"DECIMAL", TypeKind::kNumeric},
    {"DOUBLE", TypeKind::kDouble},     {"FLOAT", TypeKind::kDouble},        {"FLOAT4", TypeKind::kReal},
    {"FLOAT8", TypeKind::kDouble},     {"INT", TypeKind::kInteger},         {"INT2", TypeKind::kSmallInt},
    {"INT4", TypeKind::kInteger},      {"INT8", TypeKind::kBigInt},         {"INTEGER", TypeKind::kInteger},
    {"INTERVAL", TypeKind::kInterval}, {"JSON", TypeKind::kJson},           {"JSONB", TypeKind::kJson},
    {"NUMERIC", TypeKind::kNumeric},   {"OBJECT", TypeKind::kObject},       {"REAL", TypeKind::kReal},
    {"REF", TypeKind::kReference},     {"SIGNED", TypeKind::kBigInt},       {"SMALLINT", TypeKind::kSmallInt},
    {"STRING", TypeKind::kText},       {"STRUCT", TypeKind::kObject},       {"TEXT", TypeKind::kText},
    {"TIME", TypeKind::kTime},         {"TIMESTAMP", TypeKind::kTimestamp}, {"TIMESTAMPTZ", TypeKind::kTimestampTz},
    {"TINYINT", TypeKind::kSmallInt},  {"UUID", TypeKind::kUuid},           {"VARBINARY", TypeKind::kBlob},
    {"VARCHAR", TypeKind::kVarchar},   {"VECTOR", TypeKind::kVector},
};

TypeKind find_type(std::string_view word) {
  std::string upper(word);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  for (const TypeWord& entry : kTypeWords) {
    if (entry.word == upper) return entry.kind;
  }
  return TypeKind::kAny;
}

/// FLOAT(24) and less is single precision, as in the standard.
TypeKind refine(TypeKind kind, const TypeName& type, bool varying, bool with_zone) {
  if (kind == TypeKind::kDouble && type.parameters.size() == 1 && type.parameters[0] <= 24) return TypeKind::kReal;
  if (kind == TypeKind::kChar && varying) return TypeKind::kVarchar;
  if (kind == TypeKind::kTimestamp && with_zone) return TypeKind::kTimestampTz;
  return kind;
}

}  // namespace

TypeNamePtr TreeBuilder::type_name(Sql::Type_nameContext* context) {
  auto type = std::make_unique<TypeName>();
  type->span = span_of(context);
  type->name = identifier(context->first).name;
  for (Sql::Type_parameterContext* parameter : context->parameters) {
    int64_t number = 0;
    if (parameter->word != nullptr) {
      type->collection = identifier(parameter->word);
    } else if (decode_integer(text_of(parameter->number), &number)) {
      type->parameters.push_back(number);
    } else {
      fail(span_of(parameter), "the number is too large", StatusCode::kRange);
    }
  }
  const bool varying = context->second != nullptr && kind_of(context->second) == kVARYING;
  const bool with_zone = context->zone != nullptr && kind_of(context->zone) == kWITH_ZONE;
  type->kind = refine(find_type(type->name), *type, varying, with_zone);
  if (type->kind != TypeKind::kReference && !type->collection.empty()) {
    fail(type->collection.span, "only REF takes the name of a collection");
  }
  const bool too_deep = depth_ + context->dimensions.size() > kMaxDepth;
  if (too_deep) fail(type->span, "the type nests deeper than " + std::to_string(kMaxDepth) + " levels");
  for (size_t i = 0; i < context->dimensions.size() && !too_deep; ++i) {
    auto outer = std::make_unique<TypeName>();
    outer->kind = TypeKind::kArray;
    outer->span = type->span;
    outer->element = std::move(type);
    type = std::move(outer);
  }
  return type;
}

// ---- operators
// -------------------------------------------------------------------------------------------------------

namespace {

ExpressionPtr null_literal(TextSpan span) {
  auto literal = std::make_unique<Literal>();
  literal->span = span;
  return literal;
}

BinaryOperator binary_operator(TokenKind kind) {
  switch (kind) {
    case kPLUS: return BinaryOperator::kAdd;
    case kMINUS: return BinaryOperator::kSubtract;
    case kSTAR: return BinaryOperator::kMultiply;
    case kSLASH: return BinaryOperator::kDivide;
    case kPERCENT: return BinaryOperator::kModulo;
    case kCONCAT: return BinaryOperator::kConcat;
    case kAMPERSAND: return BinaryOperator::kBitAnd;
    case kPIPE: return BinaryOperator::kBitOr;
    case kSHIFT_LEFT: return BinaryOperator::kShiftLeft;
    case kSHIFT_RIGHT: return BinaryOperator::kShiftRight;
    case kNOT_EQUAL: case kBANG_EQUAL: return BinaryOperator::kNotEqual;
    case kLESS: return BinaryOperator::kLess;
    case kLESS_EQUAL: return BinaryOperator::kLessEqual;
    case kGREATER: return BinaryOperator::kGreater;
    case kGREATER_EQUAL: return BinaryOperator::kGreaterEqual;
    case kIS_NOT: case kIS_DISTINCT: return BinaryOperator::kIsDistinctFrom;
    case kIS: case kIS_NOT_DISTINCT: return BinaryOperator::kIsNotDistinctFrom;
    case kCONTAINS: return BinaryOperator::kContains;
    case kCONTAINS_ALL: return BinaryOperator::kContainsAll;
    case kCONTAINED_BY: return BinaryOperator::kContainedBy;
    case kL2_DISTANCE: return BinaryOperator::kL2Distance;
    case kCOSINE_DISTANCE: return BinaryOperator::kCosineDistance;
    case kINNER_PRODUCT: return BinaryOperator::kInnerProduct;
    case kL1_DISTANCE: return BinaryOperator::kL1Distance;
    case kARROW: return BinaryOperator::kJsonGet;
    case kDOUBLE_ARROW: return BinaryOperator::kJsonGetText;
    default: return BinaryOperator::kEqual;
  }
}

bool is_logical(TokenKind kind) { return kind == kAND || kind == kOR; }

}  // namespace

ExpressionPtr TreeBuilder::optional_expression(Sql::ExpressionContext* context) {
  return context == nullptr ? nullptr : expression(context);
}

std::vector<ExpressionPtr> TreeBuilder::expressions(Sql::ExpressionsContext* context) {
  std::vector<ExpressionPtr> out;
  if (context == nullptr) return out;
  out.reserve(context->items.size());
  for (Sql::ExpressionContext* item : context->items) out.push_back(expression(item));
  return out;
}

/// Chains of operators lean to the left: they are walked in a loop, so that only brackets cost stack.
ExpressionPtr TreeBuilder::expression(Sql::ExpressionContext* context) {
  if (context->left == nullptr) return leaf_expression(context);
  std::vector<Sql::ExpressionContext*> chain;
  uint32_t levels = 0;
  Sql::ExpressionContext* leaf = context;
  for (TokenKind above = kEnd; leaf->left != nullptr; leaf = leaf->left) {
    const TokenKind kind = kind_of(leaf->op);
    if (kind != above || !is_logical(kind)) ++levels;
    above = kind;
    chain.push_back(leaf);
  }
  const DepthScope scope(this, levels);
  ExpressionPtr out = leaf_expression(leaf);
  for (size_t i = chain.size(); i-- > 0;) out = apply(chain[i], std::move(out));
  return out;
}

ExpressionPtr TreeBuilder::leaf_expression(Sql::ExpressionContext* context) {
  const DepthScope scope(this, 1);
  if (depth_ > kMaxDepth) {
    fail(span_of(context), "the expression nests deeper than " + std::to_string(kMaxDepth) + " levels");
    return null_literal(span_of(context));
  }
  if (context->base == nullptr) return unary(context);
  ExpressionPtr base = atom(context->base);
  if (context->steps.empty()) return base;
  return with_steps(std::move(base), context->steps, span_of(context));
}

ExpressionPtr TreeBuilder::unary(Sql::ExpressionContext* context) {
  auto out = std::make_unique<Unary>();
  out->span = span_of(context);
  switch (kind_of(context->op)) {
    case kMINUS: out->op = UnaryOperator::kMinus; break;
    case kNOT: out->op = UnaryOperator::kNot; break;
    case kTILDE: out->op = UnaryOperator::kBitNot; break;
    default: out->op = UnaryOperator::kPlus;
  }
  out->operand = expression(context->right);
  return out;
}

ExpressionPtr TreeBuilder::with_steps(ExpressionPtr base, const std::vector<Sql::Path_stepContext*>& steps,
                                      TextSpan span) {
  std::unique_ptr<Path> out;
  if (base->kind == ExpressionKind::kPath) {
    out.reset(static_cast<Path*>(base.release()));
  } else {
    out = std::make_unique<Path>();
    out->base = std::move(base);
  }
  out->span = span;
  for (Sql::Path_stepContext* step : steps) out->steps.push_back(path_step(step));
  return out;
}

ExpressionPtr TreeBuilder::apply(Sql::ExpressionContext* context, ExpressionPtr left) {
  switch (kind_of(context->op)) {
    case kAND: case kOR: return apply_logical(context, std::move(left));
    case kDOUBLE_COLON: return apply_cast(context, std::move(left));
    case kCOLLATE: return apply_collate(context, std::move(left));
    case kBETWEEN: return apply_between(context, std::move(left));
    case kIN: return apply_in(context, std::move(left));
    case kLIKE: case kILIKE: case kGLOB: case kREGEXP: case kSIMILAR: return apply_like(context, std::move(left));
    case kIS_TEST: case kISNULL: case kNOTNULL: return apply_is(context, std::move(left));
    case kESCAPE:
      fail(span_of(context->op), "ESCAPE stands only after the pattern of LIKE");
      return left;
    default: return apply_binary(context, std::move(left));
  }
}

ExpressionPtr TreeBuilder::apply_logical(Sql::ExpressionContext* context, ExpressionPtr left) {
  const LogicalOperator op = kind_of(context->op) == kAND ? LogicalOperator::kAnd : LogicalOperator::kOr;
  // Only the chain itself is flattened: an operand in parentheses keeps its node.
  const bool same_chain = context->left->left != nullptr && kind_of(context->left->op) == kind_of(context->op);
  std::unique_ptr<Logical> out;
  if (same_chain) {
    out.reset(static_cast<Logical*>(left.release()));
  } else {
    out = std::make_unique<Logical>();
    out->op = op;
    out->operands.push_back(std::move(left));
  }
  out->span = span_of(context);
  out->operands.push_back(expression(context->right));
  return out;
}

ExpressionPtr TreeBuilder::apply_binary(Sql::ExpressionContext* context, ExpressionPtr left) {
  const TokenKind kind = kind_of(context->op);
  Sql::AtomContext* right = context->right->base;
  if (kind >= kEQUAL && kind <= kGREATER_EQUAL && right != nullptr && right->token != nullptr &&
      context->right->steps.empty()) {
    const TokenKind word = kind_of(right->token);
    if (word == kANY || word == kALL || word == kSOME) return quantified(context, right, std::move(left));
  }
  auto out = std::make_unique<Binary>();
  out->span = span_of(context);
  out->op_span = span_of(context->op);
  out->op = binary_operator(kind);
  out->left = std::move(left);
  out->right = expression(context->right);
  if (context->negated == nullptr) return out;
  auto negation = std::make_unique<Unary>();  // a NOT CONTAINS b
  negation->span = out->span;
  negation->op = UnaryOperator::kNot;
  negation->operand = std::move(out);
  return negation;
}

ExpressionPtr TreeBuilder::quantified(Sql::ExpressionContext* context, Sql::AtomContext* right, ExpressionPtr left) {
  auto out = std::make_unique<Quantified>();
  out->span = span_of(context);
  out->op = binary_operator(kind_of(context->op));
  out->all = kind_of(right->token) == kALL;
  out->left = std::move(left);
  if (right->subquery != nullptr) {
    out->query = query(right->subquery);
  } else {
    out->array = expression(right->operand);
  }
  return out;
}

ExpressionPtr TreeBuilder::apply_cast(Sql::ExpressionContext* context, ExpressionPtr left) {
  auto out = std::make_unique<Cast>();
  out->span = span_of(context);
  out->operand = std::move(left);
  out->type = type_name(context->type);
  return out;
}

ExpressionPtr TreeBuilder::apply_collate(Sql::ExpressionContext* context, ExpressionPtr left) {
  auto out = std::make_unique<Collate>();
  out->span = span_of(context);
  out->operand = std::move(left);
  out->collation = identifier(context->collation);
  return out;
}

ExpressionPtr TreeBuilder::apply_between(Sql::ExpressionContext* context, ExpressionPtr left) {
  auto out = std::make_unique<Between>();
  out->span = span_of(context);
  out->negated = context->negated != nullptr;
  out->operand = std::move(left);
  out->low = expression(context->low);
  out->high = expression(context->right);
  return out;
}

ExpressionPtr TreeBuilder::apply_in(Sql::ExpressionContext* context, ExpressionPtr left) {
  auto out = std::make_unique<In>();
  out->span = span_of(context);
  out->negated = context->negated != nullptr;
  out->operand = std::move(left);
  Sql::In_operandContext* operand = context->in;
  if (operand->base == nullptr) {
    if (kind_of(operand->kind) == kLPAREN_QUERY) {
      out->query = query(operand->subquery);
    } else {
      out->list = expressions(operand->list);
    }
    return out;
  }
  Sql::Array_operandContext* base = operand->base;
  const TextSpan span = span_of(base);
  ExpressionPtr array_base;
  if (base->function != nullptr) {
    array_base = name_or_call(base->function, base->arguments, span);
  } else if (base->elements != nullptr) {
    array_base = array(base->elements, span);
  } else {
    array_base = literal_or_parameter(base->token);
  }
  out->array = operand->steps.empty() ? std::move(array_base)
                                      : with_steps(std::move(array_base), operand->steps, span_of(operand));
  return out;
}

ExpressionPtr TreeBuilder::apply_like(Sql::ExpressionContext* context, ExpressionPtr left) {
  auto out = std::make_unique<Like>();
  out->span = span_of(context);
  out->negated = context->negated != nullptr;
  out->operand = std::move(left);
  switch (kind_of(context->op)) {
    case kILIKE: out->like = LikeKind::kIlike; break;
    case kGLOB: out->like = LikeKind::kGlob; break;
    case kREGEXP: out->like = LikeKind::kRegexp; break;
    case kSIMILAR: out->like = LikeKind::kSimilar; break;
    default: break;
  }
  Sql::ExpressionContext* pattern = context->right;
  if (pattern->left != nullptr && kind_of(pattern->op) == kESCAPE) {
    out->escape = expression(pattern->right);
    pattern = pattern->left;
  }
  out->pattern = expression(pattern);
  return out;
}

ExpressionPtr TreeBuilder::apply_is(Sql::ExpressionContext* context, ExpressionPtr left) {
  auto out = std::make_unique<Is>();
  out->span = span_of(context);
  out->operand = std::move(left);
  out->negated = context->negated != nullptr || kind_of(context->op) == kNOTNULL;
  if (context->test == nullptr) return out;
  switch (kind_of(context->test)) {
    case kTRUE: out->test = IsTest::kTrue; break;
    case kFALSE: out->test = IsTest::kFalse; break;
    case kMISSING: out->test = IsTest::kMissing; break;
    case kUNKNOWN: out->test = IsTest::kUnknown; break;
    default: break;
  }
  return out;
}

}  // namespace protobase::parser
