// One binding of one statement: the class behind bind(). Its parts are spread over files by what they bind.
#pragma once

#include <string>
#include <vector>

#include "query/ast/ast.h"
#include "query/binder/binder.h"

namespace protobase::query {

/// One item of FROM as names see it.
struct ScopeItem {
  std::string alias;
  BoundCollection* collection = nullptr;  // attributes become columns when they are used
  ColumnId element = kNoColumn;           // UNNEST: the element; paths lead into it
  std::vector<BoundOutput> outputs;       // of derived tables and UNNEST
  std::vector<std::string> merged;        // USING: names that an earlier (or, in a RIGHT JOIN, later) item shows
};

/// The names that an expression may use. Scopes of subqueries have those of the surrounding query as parents.
struct Scope {
  Scope* parent = nullptr;
  std::vector<ScopeItem> items;
  std::vector<BoundAggregate>* aggregates = nullptr;  // where aggregates go; null: not allowed here
  std::string_view place = "here";                    // for messages: "in WHERE"
  bool in_aggregate = false;
  // ORDER BY and HAVING see the select list by name.
  const std::vector<BoundOutput>* aliases = nullptr;
};

/// The WITH tables that can be seen: those of `with` before `visible`, then the parent's.
struct CommonTables {
  const ast::With* with = nullptr;
  size_t visible = 0;
  const CommonTables* parent = nullptr;
};

using BoundExpression = Result<ExpressionPtr>;

class Binder {
 public:
  Binder(const BindInput& input, uint32_t explicit_parameters)
      : input_(input), explicit_parameters_(explicit_parameters), columns_(std::make_shared<ColumnRegistry>()) {}

  Result<BoundStatement> bind_statement(const ast::Statement& statement);
  const std::shared_ptr<ColumnRegistry>& columns() const { return columns_; }

  // bind_query.cc
  Result<BoundQueryPtr> bind_query(const ast::Query& query, Scope* parent);

  // bind_table.cc
  Result<BoundTablePtr> bind_from(const std::vector<ast::TableRefPtr>& from, Scope& scope);
  Result<std::unique_ptr<BoundCollection>> bind_collection(const ast::ObjectName& name, const ast::Identifier& alias,
                                                           Scope& scope);
  Result<std::shared_ptr<const CollectionDefinition>> find_collection(const ast::Identifier& name);

  // bind_path.cc
  BoundExpression bind_path(const ast::Path& path, Scope& scope);
  Status expand_star(const ast::Star& star, Scope& scope, std::vector<BoundItem>& items, std::vector<std::string>& names);
  ExpressionPtr column_of(BoundCollection& collection, ReadColumn read, TextSpan span);
  ExpressionPtr column_expression(ColumnId id, TextSpan span) const;
  /// The column that `name` means in one item, or null.
  ExpressionPtr attribute_of(ScopeItem& item, std::string_view name, TextSpan span);

  // bind_expression.cc
  BoundExpression bind_expression(const ast::Expression& expression, Scope& scope);
  /// The same, and a truth value is wanted.
  BoundExpression bind_condition(const ast::Expression& expression, Scope& scope, std::string_view place);
  Status check_condition(const Expression& condition) const;
  /// Converts text constants to dates and the like and refuses kinds that never compare.
  Status match_types(ExpressionPtr& left, ExpressionPtr& right, TextSpan span) const;

  // bind_call.cc
  BoundExpression bind_call(const ast::Call& call, Scope& scope);

  // bind_change.cc
  Result<std::unique_ptr<BoundChange>> bind_insert(const ast::Insert& insert);
  Result<std::unique_ptr<BoundChange>> bind_update(const ast::Update& update);
  Result<std::unique_ptr<BoundChange>> bind_delete(const ast::Delete& statement);

 private:
  friend class SelectBinder;

  // bind_query.cc
  Result<std::unique_ptr<BoundBody>> bind_body(const ast::QueryBody& body, Scope* parent, BoundQuery& query,
                                               const ast::Query* clauses);
  Result<std::unique_ptr<BoundBody>> bind_values(const ast::Values& values, Scope* parent, BoundQuery& query);
  Result<std::unique_ptr<BoundBody>> bind_set_operation(const ast::SetOperation& operation, Scope* parent, BoundQuery& query);
  Result<BoundQueryPtr> bind_side(const ast::QueryBody& body, Scope* parent);
  Status bind_order_by_outputs(const ast::Query& query, BoundQuery& bound);
  Status bind_limits(const ast::Query& query, BoundQuery& bound);

  // bind_table.cc
  Result<BoundTablePtr> bind_table(const ast::TableRef& ref, BoundTablePtr left, Scope& scope);
  Result<BoundTablePtr> bind_collection_ref(const ast::CollectionRef& ref, Scope& scope);
  Result<BoundTablePtr> bind_derived(const ast::Query& query, const ast::TableAlias& alias, Scope* lateral, Scope& scope,
                                     TextSpan span);
  Result<BoundTablePtr> bind_common_table(const CommonTables& tables, size_t index, const ast::CollectionRef& ref, Scope& scope);
  Result<BoundTablePtr> bind_unnest(ExpressionPtr array, const ast::TableRef& ref, BoundTablePtr left, Scope& scope,
                                    bool ordinality);
  Result<BoundTablePtr> bind_join(const ast::JoinRef& join, BoundTablePtr outer_left, Scope& scope);
  Result<ExpressionPtr> bind_using(const ast::JoinRef& join, Scope& scope, size_t left_begin, size_t right_begin);
  Status add_item(Scope& scope, ScopeItem item, TextSpan span);
  bool find_common_table(std::string_view name, const CommonTables*& tables, size_t& index) const;

  // bind_path.cc
  Result<ExpressionPtr> resolve_name(const ast::Path& path, Scope& scope, size_t& used);
  Result<ExpressionPtr> resolve_in(const ast::Path& path, Scope& scope, size_t& used, bool open);
  Result<ExpressionPtr> resolve_qualified(const ast::Path& path, ScopeItem& item, size_t& used);
  Result<ExpressionPtr> read_path(const ast::Path& path, ScopeItem& item, size_t first, size_t& used);
  Status check_deeper_steps(const BoundCollection& collection, const ast::Path& path, size_t first, size_t end) const;
  Status unknown_name(const ast::Path& path, const Scope& scope) const;
  BoundExpression apply_steps(ExpressionPtr base, const ast::Path& path, size_t first, Scope& scope);

  // bind_expression.cc
  BoundExpression bind_literal(const ast::Literal& literal) const;
  BoundExpression bind_parameter(const ast::Parameter& parameter) const;
  BoundExpression bind_unary(const ast::Unary& unary, Scope& scope);
  BoundExpression bind_binary(const ast::Binary& binary, Scope& scope);
  BoundExpression bind_row_comparison(const ast::Binary& binary, Scope& scope);
  BoundExpression bind_json_get(const ast::Binary& binary, Scope& scope);
  BoundExpression bind_logical(const ast::Logical& logical, Scope& scope);
  BoundExpression bind_is(const ast::Is& is, Scope& scope);
  BoundExpression bind_between(const ast::Between& between, Scope& scope);
  BoundExpression bind_in(const ast::In& in, Scope& scope);
  Result<BoundQueryPtr> bind_in_collection(const ast::Expression& e, Scope& scope);
  ExpressionPtr make_subquery(BoundQueryPtr query, ExpressionKind kind, TextSpan span);
  BoundExpression bind_like(const ast::Like& like, Scope& scope);
  BoundExpression bind_quantified(const ast::Quantified& quantified, Scope& scope);
  BoundExpression bind_case(const ast::Case& expression, Scope& scope);
  BoundExpression bind_cast(const ast::Cast& cast, Scope& scope);
  BoundExpression bind_container(const ast::Expression& expression, Scope& scope);
  BoundExpression bind_subquery(const ast::Query& query, ExpressionKind kind, TextSpan span, Scope& scope);

  // bind_call.cc
  BoundExpression bind_aggregate(const ast::Call& call, Scope& scope);
  Status bind_arguments(const ast::Call& call, Scope& scope, std::vector<ExpressionPtr>& arguments);
  BoundExpression bind_reference_call(const ast::Call& call, Scope& scope);

  // bind_change.cc
  Status bind_insert_source(const ast::Insert& insert, BoundChange& change);
  Status name_insert_columns(const ast::Insert& insert, BoundChange& change, bool rows_are_objects);
  Status bind_returning(const std::vector<ast::SelectItem>& items, BoundChange& change);
  Status bind_assignments(const ast::Update& update, Scope& scope, BoundChange& change);
  Result<Path> bind_target(const ast::Path& target, const CollectionDefinition& collection);

  BindInput input_;
  uint32_t explicit_parameters_;
  std::shared_ptr<ColumnRegistry> columns_;
  const CommonTables* common_tables_ = nullptr;
  uint32_t next_subquery_ = 1;
  uint32_t depth_ = 0;  // of queries inside queries
};

// ---- small makers ------------------------------------------------------------------------------------------------------

Status error_at(StatusCode code, std::string message, TextSpan span,
                proto::SourceLocation where = proto::SourceLocation::current());
inline Status binding_error(std::string message, TextSpan span, proto::SourceLocation where = proto::SourceLocation::current()) {
  return error_at(StatusCode::kBinding, std::move(message), span, where);
}
/// "<what> is not supported".
Status unsupported(std::string_view what, TextSpan span, proto::SourceLocation where = proto::SourceLocation::current());

ExpressionPtr make_constant(Value value, TextSpan span);
ExpressionPtr make_operator(Operator op, Type type, TextSpan span, ExpressionPtr left, ExpressionPtr right = nullptr);
ExpressionPtr make_cast(ExpressionPtr operand, Type type);
/// The type of values that may be of either.
Type common_type(const Type& a, const Type& b);
std::string describe(const Type& type);

}  // namespace protobase::query
