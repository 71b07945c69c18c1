#include <charconv>

#include "query/ast/internal/names.h"
#include "query/ast/internal/tree_writer.h"

namespace protobase::ast {

void TreeWriter::open(std::string_view label) {
  if (!out_.empty()) out_ += " ";
  out_ += "(";
  out_ += label;
}

void TreeWriter::word(std::string_view text) {
  if (!out_.empty()) out_ += " ";
  out_ += text;
}

void TreeWriter::add(const Identifier& id) { word(id.quoted ? quoted(id.name, '"') : id.name); }

void TreeWriter::add(const ObjectName& id) {
  if (!id.qualifier.empty()) {
    add(id.qualifier);
    out_ += " .";
  }
  add(id.name);
}

void TreeWriter::add(const TypeName& node) {
  open("type");
  if (node.kind == TypeKind::kAny || node.kind == TypeKind::kReference) word(node.name);
  word(std::to_string(static_cast<int>(node.kind)));
  for (const int64_t parameter : node.parameters) add(parameter);
  field("of", node.element);
  field("to", node.collection);
  close();
}

namespace {

std::string double_text(const Literal& node) {
  char buffer[40];
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, node.real).ptr) + "d";
}

}  // namespace

void TreeWriter::literal(const Literal& node) {
  switch (node.literal) {
    case LiteralKind::kNull: return word("null");
    case LiteralKind::kBoolean: return word(node.boolean ? "true" : "false");
    case LiteralKind::kInteger: return add(node.integer);
    case LiteralKind::kBigInteger: return word(node.text);
    case LiteralKind::kDouble: return word(double_text(node));
    case LiteralKind::kString: return word(quoted(node.text, '\''));
    case LiteralKind::kBlob: return word(blob_text(node.text));
    default:
      open(word_of(node.literal));
      word(quoted(node.text, '\''));
      close();
  }
}

void TreeWriter::parameter(const Parameter& node) {
  open("parameter");
  switch (node.style) {
    case ParameterStyle::kNamed: word(node.name); break;
    case ParameterStyle::kExtracted:
      word("extracted");
      literal(*node.original);
      break;
    default: break;
  }
  add(static_cast<int64_t>(node.index));
  close();
}

void TreeWriter::add(const PathStep& node) {
  switch (node.kind) {
    case PathStepKind::kAttribute: return add(node.attribute);
    case PathStepKind::kElements: return word("[*]");
    case PathStepKind::kIndex: return field("at", node.index);
    case PathStepKind::kSlice:
      open("slice");
      field("low", node.index);
      field("high", node.high);
      close();
  }
}

void TreeWriter::add(const ObjectMember& node) {
  open("member");
  add(node.key);
  add(node.value);
  close();
}

void TreeWriter::add(const WhenClause& node) {
  open("when");
  add(node.when);
  add(node.then);
  close();
}

void TreeWriter::add(const Expression& node) {
  switch (node.kind) {
    case ExpressionKind::kLiteral: return literal(as<Literal>(node));
    case ExpressionKind::kParameter: return parameter(as<Parameter>(node));
    case ExpressionKind::kCall: return call(as<Call>(node));
    case ExpressionKind::kPath: {
      open("path");
      field("base", as<Path>(node).base);
      for (const PathStep& step : as<Path>(node).steps) add(step);
      return close();
    }
    case ExpressionKind::kStar:
      open("star");
      for (const Identifier& id : as<Star>(node).qualifier) add(id);
      return close();
    case ExpressionKind::kArray: case ExpressionKind::kRow:
      open(node.kind == ExpressionKind::kRow ? "tuple" : "array");
      for (const ExpressionPtr& item :
           node.kind == ExpressionKind::kRow ? as<Row>(node).elements : as<Array>(node).elements) {
        add(item);
      }
      return close();
    case ExpressionKind::kObject:
      open("object");
      for (const ObjectMember& member : as<Object>(node).members) add(member);
      return close();
    case ExpressionKind::kIs: case ExpressionKind::kBetween: case ExpressionKind::kIn: case ExpressionKind::kLike:
    case ExpressionKind::kQuantified: return test(node);
    default: return operation(node);
  }
}

/// Operators and the forms with keywords.
void TreeWriter::operation(const Expression& node) {
  switch (node.kind) {
    case ExpressionKind::kUnary:
      open(mark_of(as<Unary>(node).op));
      add(as<Unary>(node).operand);
      break;
    case ExpressionKind::kBinary:
      open(mark_of(as<Binary>(node).op));
      add(as<Binary>(node).left);
      add(as<Binary>(node).right);
      break;
    case ExpressionKind::kLogical:
      open(as<Logical>(node).op == LogicalOperator::kAnd ? "AND" : "OR");
      for (const ExpressionPtr& item : as<Logical>(node).operands) add(item);
      break;
    case ExpressionKind::kCase:
      open("case");
      field("operand", as<Case>(node).operand);
      for (const WhenClause& when : as<Case>(node).whens) add(when);
      field("else", as<Case>(node).otherwise);
      break;
    case ExpressionKind::kCast:
      open(as<Cast>(node).try_cast ? "try_cast" : "cast");
      add(as<Cast>(node).operand);
      add(as<Cast>(node).type);
      break;
    case ExpressionKind::kSubquery: return field("subquery", as<Subquery>(node).query);
    case ExpressionKind::kExists: return field("exists", as<Exists>(node).query);
    case ExpressionKind::kLambda:
      open("lambda");
      field("parameters", as<Lambda>(node).parameters);
      add(as<Lambda>(node).body);
      break;
    default:
      open("collate");
      add(as<Collate>(node).operand);
      add(as<Collate>(node).collation);
  }
  close();
}

/// What answers yes or no.
void TreeWriter::test(const Expression& node) {
  switch (node.kind) {
    case ExpressionKind::kIs:
      open(as<Is>(node).negated ? "is_not" : "is");
      word(word_of(as<Is>(node).test));
      add(as<Is>(node).operand);
      break;
    case ExpressionKind::kBetween:
      open(as<Between>(node).negated ? "not_between" : "between");
      add(as<Between>(node).operand);
      add(as<Between>(node).low);
      add(as<Between>(node).high);
      break;
    case ExpressionKind::kIn: {
      const In& in = as<In>(node);
      open(in.negated ? "not_in" : "in");
      add(in.operand);
      if (in.query == nullptr && in.array == nullptr) add(in.list);
      field("query", in.query);
      field("array", in.array);
      break;
    }
    case ExpressionKind::kLike: {
      const Like& like = as<Like>(node);
      open(word_of(like.like));
      flag(like.negated, "not");
      add(like.operand);
      add(like.pattern);
      field("escape", like.escape);
      break;
    }
    default: {
      const Quantified& quantified = as<Quantified>(node);
      open(quantified.all ? "all" : "any");
      word(mark_of(quantified.op));
      add(quantified.left);
      field("query", quantified.query);
      field("array", quantified.array);
    }
  }
  close();
}

void TreeWriter::add(const Argument& node) {
  if (node.name.empty()) return add(node.value);
  open("named");
  add(node.name);
  add(node.value);
  close();
}

void TreeWriter::call(const Call& node) {
  open("call");
  add(node.function);
  flag(node.distinct, "distinct");
  for (const Argument& argument : node.arguments) add(argument);
  field("order_by", node.order_by);
  field("filter", node.filter);
  field("over", node.over);
  close();
}

void TreeWriter::add(const OrderItem& node) {
  open(node.descending ? "desc" : "asc");
  add(node.expression);
  if (node.nulls != NullsOrder::kDefault) word(node.nulls == NullsOrder::kFirst ? "nulls_first" : "nulls_last");
  close();
}

void TreeWriter::add(const Window& node) {
  field(node.name_only ? "named" : "base", node.base);
  field("partition_by", node.partition_by);
  field("order_by", node.order_by);
  field("frame", node.frame);
}

void TreeWriter::add(const WindowFrame& node) {
  word(word_of(node.unit));
  add(node.start);
  add(node.end);
  if (node.exclude != FrameExclude::kNoOthers) field("exclude", word_of(node.exclude));
}

void TreeWriter::add(const FrameBound& node) {
  static constexpr std::string_view kNames[] = {"unbounded_preceding", "preceding", "current_row", "following",
                                                "unbounded_following"};
  open(kNames[static_cast<size_t>(node.kind)]);
  if (node.distance != nullptr) add(node.distance);
  close();
}

}  // namespace protobase::ast
