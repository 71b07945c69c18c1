#include <charconv>

#include "query/ast/internal/names.h"
#include "query/ast/internal/sql_writer.h"

namespace protobase::ast {

void SqlWriter::word(std::string_view text) {
  if (text.empty()) return;
  if (!out_.empty() && out_.back() != '(' && out_.back() != '[' && out_.back() != ' ') out_ += " ";
  out_ += text;
}

void SqlWriter::name(const Identifier& id) { word(id.quoted ? quoted(id.name, '"') : id.name); }

void SqlWriter::names(const std::vector<Identifier>& ids) {
  parenthesised(ids, [this](const Identifier& id) { name(id); });
}

void SqlWriter::object_name(const ObjectName& id) {
  if (!id.qualifier.empty()) {
    name(id.qualifier);
    glue(".");
    glue(id.name.quoted ? quoted(id.name.name, '"') : id.name.name);
  } else {
    name(id.name);
  }
}

void SqlWriter::type(const TypeName& node) {
  if (node.kind == TypeKind::kArray && node.element != nullptr) {
    type(*node.element);
    glue("[]");
    return;
  }
  word(node.kind == TypeKind::kTimestampTz ? "timestamptz" : node.kind == TypeKind::kVarchar ? "varchar" : node.name);
  if (!node.collection.empty()) {
    word("(");
    name(node.collection);
    glue(")");
  }
  if (node.parameters.empty()) return;
  word("(");
  list(node.parameters, [this](int64_t number) { word(std::to_string(number)); });
  glue(")");
}

void SqlWriter::expressions(const std::vector<ExpressionPtr>& nodes) {
  list(nodes, [this](const ExpressionPtr& node) { expression(*node); });
}

namespace {

/// What needs no parentheses as an operand.
bool is_closed(const Expression& node) {
  switch (node.kind) {
    case ExpressionKind::kLiteral: case ExpressionKind::kParameter: case ExpressionKind::kPath:
    case ExpressionKind::kArray: case ExpressionKind::kObject: case ExpressionKind::kRow: case ExpressionKind::kCase:
    case ExpressionKind::kCast: case ExpressionKind::kCall: case ExpressionKind::kSubquery:
    case ExpressionKind::kExists: return true;
    default: return false;
  }
}

std::string double_text(const Literal& node) {
  if (!node.text.empty()) return node.text;
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, node.real, std::chars_format::scientific).ptr;
  return std::string(buffer, end);
}

}  // namespace

void SqlWriter::operand(const Expression& node) {
  if (is_closed(node)) return expression(node);
  word("(");
  expression(node);
  glue(")");
}

void SqlWriter::subquery(const Query& node) {
  word("(");
  query(node);
  glue(")");
}

void SqlWriter::expression(const Expression& node) {
  switch (node.kind) {
    case ExpressionKind::kLiteral: return literal(as<Literal>(node));
    case ExpressionKind::kParameter: return parameter(as<Parameter>(node));
    case ExpressionKind::kPath: return path(as<Path>(node));
    case ExpressionKind::kStar: {
      word("");
      const Star& star = as<Star>(node);
      for (size_t i = 0; i < star.qualifier.size(); ++i) {
        if (i == 0) name(star.qualifier[0]);
        else glue(star.qualifier[i].quoted ? quoted(star.qualifier[i].name, '"') : star.qualifier[i].name);
        glue(".");
      }
      return star.qualifier.empty() ? word("*") : glue("*");
    }
    case ExpressionKind::kArray:
      word("[");
      expressions(as<Array>(node).elements);
      return glue("]");
    case ExpressionKind::kObject: return object(as<Object>(node));
    case ExpressionKind::kRow:
      word("ROW(");
      expressions(as<Row>(node).elements);
      return glue(")");
    case ExpressionKind::kUnary: return unary(as<Unary>(node));
    case ExpressionKind::kBinary: {
      const Binary& binary = as<Binary>(node);
      operand(*binary.left);
      word(mark_of(binary.op));
      return operand(*binary.right);
    }
    case ExpressionKind::kLogical: return logical(as<Logical>(node));
    case ExpressionKind::kIs:
      operand(*as<Is>(node).operand);
      word(as<Is>(node).negated ? "IS NOT" : "IS");
      return word(word_of(as<Is>(node).test));
    case ExpressionKind::kBetween: return between(as<Between>(node));
    case ExpressionKind::kIn: return in(as<In>(node));
    case ExpressionKind::kLike: return like(as<Like>(node));
    case ExpressionKind::kQuantified: return quantified(as<Quantified>(node));
    case ExpressionKind::kCase: return case_expression(as<Case>(node));
    case ExpressionKind::kCast:
      word(as<Cast>(node).try_cast ? "TRY_CAST(" : "CAST(");
      expression(*as<Cast>(node).operand);
      word("AS");
      type(*as<Cast>(node).type);
      return glue(")");
    case ExpressionKind::kCall: return call(as<Call>(node));
    case ExpressionKind::kSubquery: return subquery(*as<Subquery>(node).query);
    case ExpressionKind::kExists:
      word("EXISTS");
      return subquery(*as<Exists>(node).query);
    case ExpressionKind::kLambda:
      names(as<Lambda>(node).parameters);
      word("->");
      return expression(*as<Lambda>(node).body);
    case ExpressionKind::kCollate:
      operand(*as<Collate>(node).operand);
      word("COLLATE");
      return name(as<Collate>(node).collation);
  }
}

void SqlWriter::literal(const Literal& node) {
  switch (node.literal) {
    case LiteralKind::kNull: return word("NULL");
    case LiteralKind::kBoolean: return word(node.boolean ? "TRUE" : "FALSE");
    case LiteralKind::kInteger: return word(std::to_string(node.integer));
    case LiteralKind::kBigInteger: return word(node.text);
    case LiteralKind::kDouble: return word(double_text(node));
    case LiteralKind::kString: return word(quoted(node.text, '\''));
    case LiteralKind::kBlob: return word(blob_text(node.text));
    default:
      word(word_of(node.literal));
      word(quoted(node.text, '\''));
  }
}

void SqlWriter::parameter(const Parameter& node) {
  switch (node.style) {
    case ParameterStyle::kPositional: return word("?");
    case ParameterStyle::kNumbered: return word("?" + std::to_string(node.index + 1));
    case ParameterStyle::kNamed: return word("$" + node.name);
    case ParameterStyle::kExtracted: return literal(*node.original);
  }
}

void SqlWriter::step(const PathStep& node, bool first) {
  switch (node.kind) {
    case PathStepKind::kAttribute:
      if (first) return name(node.attribute);
      glue(".");
      return glue(node.attribute.quoted ? quoted(node.attribute.name, '"') : node.attribute.name);
    case PathStepKind::kElements: return glue("[*]");
    case PathStepKind::kIndex: case PathStepKind::kSlice:
      glue("[");
      if (node.index != nullptr) expression(*node.index);
      if (node.kind == PathStepKind::kSlice) glue(" : ");
      if (node.high != nullptr) expression(*node.high);
      return glue("]");
  }
}

/// What stands before the first step. The forms without parentheses are those that may also stand right of IN.
void SqlWriter::base(const Expression& node) {
  const bool bare = node.kind == ExpressionKind::kCall || node.kind == ExpressionKind::kParameter ||
                    node.kind == ExpressionKind::kArray ||
                    (node.kind == ExpressionKind::kLiteral && as<Literal>(node).literal == LiteralKind::kString);
  if (bare) return expression(node);
  word("(");
  expression(node);
  glue(")");
}

void SqlWriter::path(const Path& node) {
  if (node.base != nullptr) base(*node.base);
  bool first = node.base == nullptr;
  for (const PathStep& item : node.steps) {
    step(item, first);
    first = false;
  }
}

void SqlWriter::object(const Object& node) {
  word("{");
  list(node.members, [this](const ObjectMember& member) {
    name(member.key);
    glue(" : ");
    expression(*member.value);
  });
  glue("}");
}

void SqlWriter::unary(const Unary& node) {
  word(mark_of(node.op));
  operand(*node.operand);
}

void SqlWriter::logical(const Logical& node) {
  bool first = true;
  for (const ExpressionPtr& item : node.operands) {
    if (!first) word(node.op == LogicalOperator::kAnd ? "AND" : "OR");
    first = false;
    operand(*item);
  }
}

void SqlWriter::between(const Between& node) {
  operand(*node.operand);
  word(node.negated ? "NOT BETWEEN" : "BETWEEN");
  operand(*node.low);
  word("AND");
  operand(*node.high);
}

void SqlWriter::in(const In& node) {
  operand(*node.operand);
  word(node.negated ? "NOT IN" : "IN");
  if (node.query != nullptr) return subquery(*node.query);
  if (node.array != nullptr) return expression(*node.array);
  word("(");
  expressions(node.list);
  glue(")");
}

void SqlWriter::like(const Like& node) {
  operand(*node.operand);
  if (node.negated) word("NOT");
  word(word_of(node.like));
  operand(*node.pattern);
  if (node.escape == nullptr) return;
  word("ESCAPE");
  operand(*node.escape);
}

void SqlWriter::quantified(const Quantified& node) {
  operand(*node.left);
  word(mark_of(node.op));
  word(node.all ? "ALL" : "ANY");
  if (node.query != nullptr) return subquery(*node.query);
  word("(");
  expression(*node.array);
  glue(")");
}

void SqlWriter::case_expression(const Case& node) {
  word("CASE");
  if (node.operand != nullptr) expression(*node.operand);
  for (const WhenClause& when : node.whens) {
    word("WHEN");
    expression(*when.when);
    word("THEN");
    expression(*when.then);
  }
  if (node.otherwise != nullptr) {
    word("ELSE");
    expression(*node.otherwise);
  }
  word("END");
}

void SqlWriter::call(const Call& node) {
  name(node.function);
  glue("(");
  if (node.distinct) word("DISTINCT");
  list(node.arguments, [this](const Argument& argument) {
    if (!argument.name.empty()) {
      name(argument.name);
      word("=>");
    }
    expression(*argument.value);
  });
  order_by(node.order_by);
  glue(")");
  if (node.filter != nullptr) {
    word("FILTER (WHERE");
    expression(*node.filter);
    glue(")");
  }
  if (node.over == nullptr) return;
  word("OVER");
  if (node.over->name_only) return name(node.over->base);
  window(*node.over);
}

void SqlWriter::window(const Window& node) {
  word("(");
  if (!node.base.empty()) name(node.base);
  if (!node.partition_by.empty()) {
    word("PARTITION BY");
    expressions(node.partition_by);
  }
  order_by(node.order_by);
  if (node.frame != nullptr) {
    word(word_of(node.frame->unit));
    word("BETWEEN");
    frame_bound(node.frame->start);
    word("AND");
    frame_bound(node.frame->end);
    word("EXCLUDE");
    word(word_of(node.frame->exclude));
  }
  glue(")");
}

void SqlWriter::frame_bound(const FrameBound& node) {
  if (node.distance != nullptr) operand(*node.distance);
  switch (node.kind) {
    case FrameBoundKind::kUnboundedPreceding: return word("UNBOUNDED PRECEDING");
    case FrameBoundKind::kPreceding: return word("PRECEDING");
    case FrameBoundKind::kCurrentRow: return word("CURRENT ROW");
    case FrameBoundKind::kFollowing: return word("FOLLOWING");
    case FrameBoundKind::kUnboundedFollowing: return word("UNBOUNDED FOLLOWING");
  }
}

void SqlWriter::order_by(const std::vector<OrderItem>& items) {
  if (items.empty()) return;
  word("ORDER BY");
  list(items, [this](const OrderItem& item) { order_item(item); });
}

void SqlWriter::order_item(const OrderItem& node) {
  expression(*node.expression);
  if (node.descending) word("DESC");
  if (node.nulls != NullsOrder::kDefault) word(node.nulls == NullsOrder::kFirst ? "NULLS FIRST" : "NULLS LAST");
}

}  // namespace protobase::ast
