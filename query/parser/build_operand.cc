// Literals, parameters, calls and the other operands of expressions.
#include <algorithm>

#include "query/parser/internal/literals.h"
#include "query/parser/internal/tree_builder.h"

namespace protobase::parser {

using namespace ast;
using proto::StatusCode;
using enum TokenKind;

namespace {

/// As many parameters as SQLite takes at most.
constexpr uint32_t kMaxParameters = 32766;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

/// The names that are calls without parentheses.
bool is_niladic(const Identifier& id) {
  if (id.quoted || id.name.size() < 9 || id.name.size() > 17) return false;
  const std::string name = lower(id.name);
  return name == "current_date" || name == "current_time" || name == "current_timestamp" || name == "localtime" ||
         name == "localtimestamp";
}

}  // namespace

ExpressionPtr TreeBuilder::atom(Sql::AtomContext* context) {
  if (context->function != nullptr) return name_or_call(context->function, context->arguments, span_of(context));
  if (context->members != nullptr) return object(context->members);
  if (context->token == nullptr) return array(context->elements, span_of(context));
  switch (kind_of(context->token)) {
    case kLPAREN: return parenthesised(context);
    case kLPAREN_QUERY: {
      auto out = std::make_unique<Subquery>();
      out->span = span_of(context);
      out->query = query(context->subquery);
      return out;
    }
    case kDATE: case kTIME: case kTIMESTAMP: return typed_literal(context);
    case kINTERVAL: return interval_literal(context);
    case kROW: return row(context);
    case kARRAY: return array(context->elements, span_of(context));
    case kCASE: return case_expression(context);
    case kCAST: case kTRY_CAST: return cast(context);
    case kEXISTS: {
      auto out = std::make_unique<Exists>();
      out->span = span_of(context);
      out->query = query(context->subquery);
      return out;
    }
    case kEXTRACT: return extract(context);
    case kPOSITION: return position(context);
    case kSUBSTRING: return substring(context);
    case kTRIM: return trim(context);
    case kANY: case kALL: case kSOME:
      fail(span_of(context), std::string(token_text(kind_of(context->token))) + " stands only right of a comparison");
      return std::make_unique<Literal>();
    default: return literal_or_parameter(context->token);
  }
}

ExpressionPtr TreeBuilder::name_or_call(Sql::NameContext* name, Sql::CallContext* arguments, TextSpan span) {
  Identifier id = identifier(name);
  if (arguments != nullptr) return call(std::move(id), arguments, span);
  if (is_niladic(id)) {
    auto out = std::make_unique<Call>();
    out->span = span;
    out->function = std::move(id);
    return out;
  }
  auto out = std::make_unique<Path>();
  out->span = span;
  PathStep step;
  step.span = span;
  step.attribute = std::move(id);
  out->steps.push_back(std::move(step));
  return out;
}

ExpressionPtr TreeBuilder::parenthesised(Sql::AtomContext* context) {
  if (context->list->items.size() == 1) return expression(context->list->items[0]);
  return row(context);
}

ExpressionPtr TreeBuilder::row(Sql::AtomContext* context) {
  auto out = std::make_unique<Row>();
  out->span = span_of(context);
  out->elements = expressions(context->list);
  return out;
}

ExpressionPtr TreeBuilder::array(Sql::ArrayContext* context, TextSpan span) {
  auto out = std::make_unique<Array>();
  out->span = span;
  out->elements = expressions(context->list);
  return out;
}

ExpressionPtr TreeBuilder::object(Sql::ObjectContext* context) {
  auto out = std::make_unique<Object>();
  out->span = span_of(context);
  out->members.reserve(context->members.size());
  for (Sql::Object_memberContext* member : context->members) {
    ObjectMember made;
    made.key = member->key != nullptr ? identifier(member->key) : identifier_of_string(member->text);
    if (member->value != nullptr) {
      made.value = expression(member->value);
    } else if (member->key != nullptr) {
      made.value = name_or_call(member->key, nullptr, span_of(member));
    } else {
      fail(span_of(member), "the member has no value");
    }
    out->members.push_back(std::move(made));
  }
  return out;
}

// ---- literals and parameters
// -----------------------------------------------------------------------------------------

ExpressionPtr TreeBuilder::literal_or_parameter(const antlr4::Token* token) {
  switch (kind_of(token)) {
    case kPOSITIONAL_PARAMETER: case kNUMBERED_PARAMETER: case kNAMED_PARAMETER: return parameter(token);
    default: return literal(token);
  }
}

ExpressionPtr TreeBuilder::literal(const antlr4::Token* token) {
  auto out = std::make_unique<Literal>();
  out->span = span_of(token);
  const std::string_view text = text_of(token);
  switch (kind_of(token)) {
    case kTRUE: case kFALSE:
      out->literal = LiteralKind::kBoolean;
      out->boolean = kind_of(token) == kTRUE;
      return out;
    case kINTEGER:
      out->literal = LiteralKind::kInteger;
      if (!decode_integer(text, &out->integer)) out->literal = LiteralKind::kBigInteger, out->text = text;
      break;
    case kDECIMAL:
      out->literal = LiteralKind::kDouble;
      out->text = text;
      if (!decode_double(text, &out->real)) fail(out->span, "the number is too large", StatusCode::kRange);
      break;
    case kSTRING:
      out->literal = LiteralKind::kString;
      decode_quoted(text, &out->text);
      break;
    case kESCAPED_STRING:
      out->literal = LiteralKind::kString;
      if (!decode_escaped(text, &out->text)) fail(out->span, "the string has an escape that does not exist");
      break;
    case kBLOB:
      out->literal = LiteralKind::kBlob;
      decode_blob(text, &out->text);
      return out;
    default: return out;  // NULL
  }
  return extracted_or(std::move(out));
}

/// The literal itself, or the parameter that it becomes for the plan cache.
ExpressionPtr TreeBuilder::extracted_or(std::unique_ptr<Literal> literal) {
  const auto found = std::lower_bound(extracted_.begin(), extracted_.end(), literal->span.offset);
  if (found == extracted_.end() || *found != literal->span.offset) return literal;
  auto out = std::make_unique<Parameter>();
  out->span = literal->span;
  out->style = ParameterStyle::kExtracted;
  out->index = static_cast<uint32_t>(found - extracted_.begin());
  out->original = std::move(literal);
  ++extracted_count_;
  return out;
}

ExpressionPtr TreeBuilder::parameter(const antlr4::Token* token) {
  auto out = std::make_unique<Parameter>();
  out->span = span_of(token);
  switch (kind_of(token)) {
    case kNUMBERED_PARAMETER:
      out->style = ParameterStyle::kNumbered;
      out->index = numbered_slot(token);
      break;
    case kNAMED_PARAMETER:
      out->style = ParameterStyle::kNamed;
      out->name = text_of(token).substr(1);
      out->index = named_slot(out->name);
      break;
    default:
      out->index = static_cast<uint32_t>(parameters_.size());
      parameters_.emplace_back();
  }
  if (parameters_.size() > kMaxParameters) {
    fail(out->span, "more than " + std::to_string(kMaxParameters) + " parameters", StatusCode::kRange);
  }
  return out;
}

uint32_t TreeBuilder::numbered_slot(const antlr4::Token* token) {
  int64_t number = 0;
  if (!decode_integer(text_of(token).substr(1), &number) || number < 1 || number > kMaxParameters) {
    fail(span_of(token), "parameters are numbered from 1 to " + std::to_string(kMaxParameters), StatusCode::kRange);
    return 0;
  }
  if (parameters_.size() < static_cast<size_t>(number)) parameters_.resize(static_cast<size_t>(number));
  return static_cast<uint32_t>(number - 1);
}

uint32_t TreeBuilder::named_slot(const std::string& name) {
  const auto found = std::find(parameters_.begin(), parameters_.end(), name);
  if (found == parameters_.end()) parameters_.push_back(name);
  return static_cast<uint32_t>(std::find(parameters_.begin(), parameters_.end(), name) - parameters_.begin());
}

ExpressionPtr TreeBuilder::typed_literal(Sql::AtomContext* context) {
  auto out = std::make_unique<Literal>();
  out->span = span_of(context);
  const TokenKind kind = kind_of(context->token);
  out->literal = kind == kDATE ? LiteralKind::kDate : kind == kTIME ? LiteralKind::kTime : LiteralKind::kTimestamp;
  out->text = identifier_of_string(context->text).name;
  return out;
}

ExpressionPtr TreeBuilder::interval_literal(Sql::AtomContext* context) {
  auto out = std::make_unique<Literal>();
  out->span = span_of(context);
  out->literal = LiteralKind::kInterval;
  out->text = kind_of(context->text) == kSTRING ? identifier_of_string(context->text).name
                                                : std::string(text_of(context->text));
  if (context->unit != nullptr) out->text += " " + lower(text_of(context->unit));
  return out;
}

// ---- forms with keywords
// ---------------------------------------------------------------------------------------------

ExpressionPtr TreeBuilder::case_expression(Sql::AtomContext* context) {
  auto out = std::make_unique<Case>();
  out->span = span_of(context);
  out->operand = optional_expression(context->operand);
  for (Sql::When_clauseContext* when : context->whens) {
    WhenClause clause;
    clause.when = expression(when->condition);
    clause.then = expression(when->result);
    out->whens.push_back(std::move(clause));
  }
  out->otherwise = optional_expression(context->otherwise);
  return out;
}

ExpressionPtr TreeBuilder::cast(Sql::AtomContext* context) {
  auto out = std::make_unique<Cast>();
  out->span = span_of(context);
  out->try_cast = kind_of(context->token) == kTRY_CAST;
  out->operand = expression(context->operand);
  out->type = type_name(context->type);
  return out;
}

std::unique_ptr<Call> TreeBuilder::keyword_call(Sql::AtomContext* context, std::string name) {
  auto out = std::make_unique<Call>();
  out->span = span_of(context);
  out->function.name = std::move(name);
  out->function.span = span_of(context->token);
  return out;
}

namespace {

void add_argument(Call* call, ExpressionPtr value) {
  Argument argument;
  argument.value = std::move(value);
  call->arguments.push_back(std::move(argument));
}

}  // namespace

ExpressionPtr TreeBuilder::extract(Sql::AtomContext* context) {
  auto out = keyword_call(context, "extract");
  auto field = std::make_unique<Literal>();
  field->literal = LiteralKind::kString;
  if (context->field != nullptr) {
    field->text = lower(identifier(context->field).name);
    field->span = span_of(context->field);
  } else {
    const antlr4::Token* token = context->text != nullptr ? context->text : context->unit;
    field->text = lower(context->text != nullptr ? identifier_of_string(token).name : std::string(text_of(token)));
    field->span = span_of(token);
  }
  add_argument(out.get(), std::move(field));
  add_argument(out.get(), expression(context->operand));
  return out;
}

/// The grammar reads `a IN b` as an expression, as it looks like one.
ExpressionPtr TreeBuilder::position(Sql::AtomContext* context) {
  auto out = keyword_call(context, "position");
  std::vector<ExpressionPtr> parts = expressions(context->list);
  In* in = parts.size() == 1 ? as_if<In>(parts[0].get()) : nullptr;
  if (in != nullptr && !in->negated && (in->array != nullptr || in->list.size() == 1)) {
    add_argument(out.get(), std::move(in->operand));
    add_argument(out.get(), in->array != nullptr ? std::move(in->array) : std::move(in->list[0]));
  } else if (parts.size() == 2) {
    for (ExpressionPtr& part : parts) add_argument(out.get(), std::move(part));
  } else {
    fail(span_of(context), "POSITION takes (part IN text)");
  }
  return out;
}

ExpressionPtr TreeBuilder::substring(Sql::AtomContext* context) {
  auto out = keyword_call(context, "substring");
  add_argument(out.get(), expression(context->operand));
  if (context->separator != nullptr) {
    for (ExpressionPtr& part : expressions(context->list)) add_argument(out.get(), std::move(part));
    return out;
  }
  if (context->low != nullptr) {
    add_argument(out.get(), expression(context->low));
  } else {
    auto one = std::make_unique<Literal>();  // SUBSTRING(s FOR n) starts at the first character
    one->literal = LiteralKind::kInteger;
    one->integer = 1;
    one->span = span_of(context->token);
    add_argument(out.get(), std::move(one));
  }
  if (context->high != nullptr) add_argument(out.get(), expression(context->high));
  return out;
}

ExpressionPtr TreeBuilder::trim(Sql::AtomContext* context) {
  const TokenKind side = context->side == nullptr ? kBOTH : kind_of(context->side);
  auto out = keyword_call(context, side == kLEADING ? "ltrim" : side == kTRAILING ? "rtrim" : "trim");
  const bool from = context->separator != nullptr && kind_of(context->separator) == kFROM;
  if (from) add_argument(out.get(), expression(context->low));
  if (context->operand != nullptr) add_argument(out.get(), expression(context->operand));
  for (ExpressionPtr& part : expressions(context->list)) add_argument(out.get(), std::move(part));
  if (out->arguments.empty()) fail(span_of(context), "TRIM needs a text");
  return out;
}

// ---- calls and windows
// -----------------------------------------------------------------------------------------------

std::unique_ptr<Call> TreeBuilder::call(Identifier function, Sql::CallContext* context, TextSpan span) {
  auto out = std::make_unique<Call>();
  out->span = span;
  out->function = std::move(function);
  if (context->star != nullptr) {
    auto star = std::make_unique<Star>();
    star->span = span_of(context->star);
    add_argument(out.get(), std::move(star));
  }
  out->distinct = context->quantifier != nullptr && kind_of(context->quantifier) == kDISTINCT;
  for (Sql::ArgumentContext* item : context->items) out->arguments.push_back(argument(item));
  out->order_by = order_by(context->order);
  out->filter = optional_expression(context->filter);
  if (context->window_name != nullptr) {
    out->over = std::make_unique<Window>();
    out->over->span = span_of(context->window_name);
    out->over->base = identifier(context->window_name);
    out->over->name_only = true;
  } else if (context->over != nullptr) {
    out->over = window(context->over);
  }
  return out;
}

Argument TreeBuilder::argument(Sql::ArgumentContext* context) {
  Argument out;
  if (context->label != nullptr) out.name = identifier(context->label);
  if (context->parameter == nullptr && context->parameters.empty()) {
    out.value = expression(context->value);
    return out;
  }
  const DepthScope scope(this, 1);
  auto lambda = std::make_unique<Lambda>();
  lambda->span = span_of(context);
  lambda->parameters = identifiers(context->parameters);
  if (context->parameter != nullptr) lambda->parameters.push_back(identifier(context->parameter));
  lambda->body = expression(context->value);
  out.value = std::move(lambda);
  return out;
}

std::unique_ptr<Window> TreeBuilder::window(Sql::Window_definitionContext* context) {
  auto out = std::make_unique<Window>();
  out->span = span_of(context);
  out->base = optional_identifier(context->base);
  out->partition_by = expressions(context->partition);
  out->order_by = order_by(context->order);
  if (context->frame != nullptr) out->frame = window_frame(context->frame);
  return out;
}

std::unique_ptr<WindowFrame> TreeBuilder::window_frame(Sql::Window_frameContext* context) {
  auto out = std::make_unique<WindowFrame>();
  const TokenKind unit = kind_of(context->unit);
  out->unit = unit == kROWS ? FrameUnit::kRows : unit == kGROUPS ? FrameUnit::kGroups : FrameUnit::kRange;
  out->start = frame_bound(context->start_bound);
  if (context->end_bound != nullptr) out->end = frame_bound(context->end_bound);
  if (context->exclude == nullptr) return out;
  switch (kind_of(context->exclude)) {
    case kCURRENT: out->exclude = FrameExclude::kCurrentRow; break;
    case kGROUP: out->exclude = FrameExclude::kGroup; break;
    case kTIES: out->exclude = FrameExclude::kTies; break;
    default: break;
  }
  return out;
}

FrameBound TreeBuilder::frame_bound(Sql::Frame_boundContext* context) {
  FrameBound out;
  if (context->current != nullptr) return out;
  const bool preceding = kind_of(context->side) == kPRECEDING;
  if (context->unbounded != nullptr) {
    out.kind = preceding ? FrameBoundKind::kUnboundedPreceding : FrameBoundKind::kUnboundedFollowing;
    return out;
  }
  out.kind = preceding ? FrameBoundKind::kPreceding : FrameBoundKind::kFollowing;
  out.distance = expression(context->distance);
  return out;
}

std::vector<OrderItem> TreeBuilder::order_by(Sql::Order_byContext* context) {
  std::vector<OrderItem> out;
  if (context == nullptr) return out;
  for (Sql::Order_itemContext* item : context->items) {
    OrderItem made;
    made.span = span_of(item);
    made.expression = expression(item->value);
    made.descending = item->direction != nullptr && kind_of(item->direction) == kDESC;
    if (item->nulls != nullptr) made.nulls = kind_of(item->nulls) == kFIRST ? NullsOrder::kFirst : NullsOrder::kLast;
    out.push_back(std::move(made));
  }
  return out;
}

}  // namespace protobase::parser
