// Queries and what stands in their FROM.
#include "query/parser/internal/literals.h"
#include "query/parser/internal/tree_builder.h"

namespace protobase::parser {

using namespace ast;
using enum TokenKind;

QueryPtr TreeBuilder::query(Sql::QueryContext* context) {
  const DepthScope scope(this, 1);
  QueryPtr out = query(context->with, context->tail);
  out->span = span_of(context);
  return out;
}

QueryPtr TreeBuilder::query(Sql::With_clauseContext* with, Sql::Query_tailContext* tail) {
  auto out = std::make_unique<Query>();
  out->span = span_of(tail);
  out->with = with_clause(with);
  out->body = query_body(tail->body);
  out->order_by = order_by(tail->order);
  limits(tail, out.get());
  return out;
}

std::unique_ptr<With> TreeBuilder::with_clause(Sql::With_clauseContext* context) {
  if (context == nullptr) return nullptr;
  auto out = std::make_unique<With>();
  out->recursive = context->recursive != nullptr;
  for (Sql::Common_tableContext* table : context->tables) {
    CommonTable made;
    made.span = span_of(table);
    made.name = identifier(table->table);
    made.columns = identifiers(table->columns);
    made.query = query(table->source);
    out->tables.push_back(std::move(made));
  }
  return out;
}

void TreeBuilder::limits(Sql::Query_tailContext* context, Query* query) {
  for (Sql::Limit_clauseContext* clause : context->limits_) limit(clause, query);
}

void TreeBuilder::set_bound(ExpressionPtr value, ExpressionPtr* target, TextSpan span) {
  if (*target != nullptr) fail(span, "the query has this clause twice");
  *target = std::move(value);
}

void TreeBuilder::limit(Sql::Limit_clauseContext* context, Query* query) {
  const TextSpan span = span_of(context);
  const TokenKind kind = kind_of(context->kind);
  if (kind == kOFFSET) return set_bound(expression(context->first), &query->offset, span);
  if (kind == kFETCH) {
    if (context->count != nullptr) return set_bound(literal_or_parameter(context->count->token), &query->limit, span);
    auto one = std::make_unique<Literal>();
    one->span = span;
    one->literal = LiteralKind::kInteger;
    one->integer = 1;
    return set_bound(std::move(one), &query->limit, span);
  }
  if (context->all != nullptr) return;
  if (context->second == nullptr) return set_bound(expression(context->first), &query->limit, span);
  set_bound(expression(context->first), &query->offset, span);  // LIMIT offset, count
  set_bound(expression(context->second), &query->limit, span);
}

QueryBodyPtr TreeBuilder::set_operation(SetOperator op, bool all, QueryBodyPtr left, QueryBodyPtr right) {
  auto out = std::make_unique<SetOperation>();
  out->span = {left->span.offset, right->span.offset + right->span.length - left->span.offset};
  out->op = op;
  out->all = all;
  out->left = std::move(left);
  out->right = std::move(right);
  return out;
}

QueryBodyPtr TreeBuilder::query_body(Sql::Query_bodyContext* context) {
  const DepthScope scope(this, static_cast<uint32_t>(context->terms.size()));
  if (depth_ > kMaxDepth) fail(span_of(context), "more than " + std::to_string(kMaxDepth) + " queries in one chain");
  QueryBodyPtr out = query_term(context->terms[0]);
  for (size_t i = 1; i < context->terms.size() && status_.ok(); ++i) {
    Sql::Set_operatorContext* op = context->operators[i - 1];
    const bool all = op->quantifier != nullptr && kind_of(op->quantifier) == kALL;
    const SetOperator kind = kind_of(op->token) == kUNION ? SetOperator::kUnion : SetOperator::kExcept;
    out = set_operation(kind, all, std::move(out), query_term(context->terms[i]));
  }
  return out;
}

QueryBodyPtr TreeBuilder::query_term(Sql::Query_termContext* context) {
  const DepthScope scope(this, static_cast<uint32_t>(context->operators.size()));
  if (depth_ > kMaxDepth) fail(span_of(context), "more than " + std::to_string(kMaxDepth) + " queries in one chain");
  QueryBodyPtr out = query_primary(context->items[0]);
  for (size_t i = 1; i < context->items.size() && status_.ok(); ++i) {
    Sql::Intersect_operatorContext* op = context->operators[i - 1];
    const bool all = op->quantifier != nullptr && kind_of(op->quantifier) == kALL;
    out = set_operation(SetOperator::kIntersect, all, std::move(out), query_primary(context->items[i]));
  }
  return out;
}

QueryBodyPtr TreeBuilder::query_primary(Sql::Query_primaryContext* context) {
  if (context->core != nullptr) return select(context->core);
  if (context->rows != nullptr) return values(context->rows);
  QueryPtr inner = query(context->nested);
  const bool bare =
      inner->with == nullptr && inner->order_by.empty() && inner->limit == nullptr && inner->offset == nullptr;
  if (bare) return std::move(inner->body);
  auto out = std::make_unique<NestedQuery>();
  out->span = span_of(context);
  out->query = std::move(inner);
  return out;
}

QueryBodyPtr TreeBuilder::select(Sql::SelectContext* context) {
  auto out = std::make_unique<Select>();
  out->span = span_of(context);
  out->distinct = context->distinct != nullptr;
  out->distinct_on = expressions(context->on);
  out->value = context->value != nullptr;
  out->items = select_items(context->items);
  if (out->value && (out->items.size() != 1 || out->items[0].expression->kind == ExpressionKind::kStar)) {
    fail(span_of(context->items), "SELECT VALUE takes exactly one expression");
  }
  out->from = table_refs(context->from);
  out->where = optional_expression(context->where);
  for (Sql::Group_itemContext* group : context->groups) out->group_by.push_back(group_item(group));
  out->having = optional_expression(context->having);
  for (Sql::Named_windowContext* named : context->windows) {
    NamedWindow made;
    made.name = identifier(named->id);
    made.window = window(named->definition);
    out->windows.push_back(std::move(made));
  }
  return out;
}

std::vector<SelectItem> TreeBuilder::select_items(Sql::Select_itemsContext* context) {
  std::vector<SelectItem> out;
  out.reserve(context->items.size());
  for (Sql::Select_itemContext* item : context->items) out.push_back(select_item(item));
  return out;
}

SelectItem TreeBuilder::select_item(Sql::Select_itemContext* context) {
  SelectItem out;
  if (context->star != nullptr) {
    out.expression = std::make_unique<Star>();
    out.span = out.expression->span = span_of(context->star);
    return out;
  }
  out.span = span_of(context->value);
  out.expression = qualified_star(context->value);
  if (out.expression == nullptr) out.expression = expression(context->value);
  if (context->alias != nullptr) {
    out.alias =
        context->alias->id != nullptr ? identifier(context->alias->id) : identifier_of_string(context->alias->text);
    if (out.expression->kind == ExpressionKind::kStar) fail(out.alias.span, "'*' takes no alias");
  }
  return out;
}

/// `a.b.*`, which the grammar reads as a path; null for everything else.
ExpressionPtr TreeBuilder::qualified_star(Sql::ExpressionContext* context) {
  if (context->base == nullptr || context->steps.empty()) return nullptr;
  const Sql::AtomContext* base = context->base;
  const Sql::Path_stepContext* last = context->steps.back();
  if (base->function == nullptr || base->arguments != nullptr || last->star == nullptr || kind_of(last->kind) != kDOT) {
    return nullptr;
  }
  auto out = std::make_unique<Star>();
  out->span = span_of(context);
  out->qualifier.push_back(identifier(base->function));
  for (size_t i = 0; i + 1 < context->steps.size(); ++i) {
    if (context->steps[i]->attribute == nullptr) return nullptr;
    out->qualifier.push_back(identifier(context->steps[i]->attribute));
  }
  return out;
}

GroupItem TreeBuilder::group_item(Sql::Group_itemContext* context) {
  GroupItem out;
  out.span = span_of(context);
  if (context->kind == nullptr) {
    out.expression = expression(context->value);
    return out;
  }
  const TokenKind kind = kind_of(context->kind);
  out.kind = kind == kROLLUP ? GroupingKind::kRollup
             : kind == kCUBE ? GroupingKind::kCube
                             : GroupingKind::kGroupingSets;
  for (Sql::Grouping_setContext* set : context->sets) {
    GroupingSet made;
    if (set->value != nullptr) {
      ExpressionPtr value = expression(set->value);
      if (Row* row = as_if<Row>(value.get())) {
        made.expressions = std::move(row->elements);
      } else {
        made.expressions.push_back(std::move(value));
      }
    }
    out.sets.push_back(std::move(made));
  }
  return out;
}

QueryBodyPtr TreeBuilder::values(Sql::ValuesContext* context) {
  auto out = std::make_unique<Values>();
  out->span = span_of(context);
  out->rows.reserve(context->rows.size());
  for (Sql::Values_rowContext* row : context->rows) {
    std::vector<ExpressionPtr> made;
    if (row->list != nullptr) {
      made = expressions(row->list);
    } else {
      made.push_back(object(row->members));
    }
    if (!out->rows.empty() && made.size() != out->rows[0].size()) {
      fail(span_of(row), "this row has " + std::to_string(made.size()) + " values, the first has " +
                             std::to_string(out->rows[0].size()));
    }
    out->rows.push_back(std::move(made));
  }
  return out;
}

// ---- FROM
// ------------------------------------------------------------------------------------------------------------

std::vector<TableRefPtr> TreeBuilder::table_refs(Sql::Table_refsContext* context) {
  std::vector<TableRefPtr> out;
  if (context == nullptr) return out;
  for (Sql::Table_refContext* item : context->items) out.push_back(table_ref(item));
  return out;
}

TableRefPtr TreeBuilder::table_ref(Sql::Table_refContext* context) {
  const DepthScope scope(this, static_cast<uint32_t>(context->joins.size()) + 1);
  if (depth_ > kMaxDepth) fail(span_of(context), "more than " + std::to_string(kMaxDepth) + " joins in one chain");
  TableRefPtr out = table_primary(context->first);
  for (size_t i = 0; i < context->joins.size() && status_.ok(); ++i) out = join(context->joins[i], std::move(out));
  return out;
}

TableRefPtr TreeBuilder::join(Sql::Join_clauseContext* context, TableRefPtr left) {
  auto out = std::make_unique<JoinRef>();
  out->natural = context->natural != nullptr;
  const TokenKind kind = context->kind == nullptr ? kINNER : kind_of(context->kind);
  const TokenKind side = context->side == nullptr ? kINNER : kind_of(context->side);
  if (kind == kSEMI || kind == kANTI) {
    if (side == kRIGHT || side == kFULL)
      fail(span_of(context->side), "SEMI and ANTI joins keep rows of the left side only");
    out->join = kind == kSEMI ? JoinKind::kSemi : JoinKind::kAnti;
  } else {
    out->join = side == kLEFT    ? JoinKind::kLeft
                : side == kRIGHT ? JoinKind::kRight
                : side == kFULL  ? JoinKind::kFull
                : kind == kCROSS ? JoinKind::kCross
                                 : JoinKind::kInner;
  }
  out->span = {left->span.offset, span_of(context).offset + span_of(context).length - left->span.offset};
  out->left = std::move(left);
  out->right = table_primary(context->right);
  out->on = optional_expression(context->on);
  out->using_columns = identifiers(context->columns);
  const bool conditional = out->on != nullptr || !out->using_columns.empty();
  if (conditional && (out->natural || out->join == JoinKind::kCross)) {
    fail(span_of(context), out->natural ? "a NATURAL JOIN takes no condition" : "a CROSS JOIN takes no condition");
  }
  if (!conditional && !out->natural && out->join != JoinKind::kCross && out->join != JoinKind::kInner) {
    fail(span_of(context), "this join needs ON or USING");
  }
  return out;
}

TableRefPtr TreeBuilder::table_primary(Sql::Table_primaryContext* context) {
  if (context->nested != nullptr) return table_ref(context->nested);
  TableRefPtr out;
  if (context->subquery != nullptr) {
    auto made = std::make_unique<QueryRef>();
    made->lateral = context->lateral != nullptr;
    made->query = query(context->subquery);
    out = std::move(made);
  } else {
    out = named_table(context);
  }
  out->span = span_of(context);
  if (context->alias != nullptr) out->alias = table_alias(context->alias);
  return out;
}

TableRefPtr TreeBuilder::named_table(Sql::Table_primaryContext* context) {
  if (context->function != nullptr) {
    if (context->parts.size() != 1) fail(span_of(context->parts[0]), "functions have plain names");
    auto out = std::make_unique<FunctionRef>();
    out->lateral = context->lateral != nullptr;
    out->with_ordinality = context->ordinality != nullptr;
    out->call = call(identifier(context->parts[0]), context->function, span_of(context));
    return out;
  }
  if (context->lateral != nullptr) fail(span_of(context->lateral), "LATERAL stands before a subquery or a function");
  auto out = std::make_unique<CollectionRef>();
  out->parts = identifiers(context->parts);
  if (context->time != nullptr) out->as_of = as_of(context->time);
  return out;
}

std::unique_ptr<AsOf> TreeBuilder::as_of(Sql::As_ofContext* context) {
  auto out = std::make_unique<AsOf>();
  out->span = span_of(context);
  if (context->id != nullptr) {
    out->snapshot = identifier(context->id);
  } else {
    out->kind = kind_of(context->kind) == kCOMMIT ? AsOfKind::kCommit : AsOfKind::kTimestamp;
    out->value = expression(context->value);
  }
  return out;
}

TableAlias TreeBuilder::table_alias(Sql::Table_aliasContext* context) {
  TableAlias out;
  out.name = identifier(context->id);
  out.columns = identifiers(context->columns);
  return out;
}

}  // namespace protobase::parser
