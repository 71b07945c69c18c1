// From ANTLR's contexts to our tree: one function per rule of Sql.g4, named after what it makes. The first error is
// kept in status() and the walk goes on with harmless nodes, so no function needs to report failure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/ast/ast.h"
#include "query/parser/generated/Sql.h"
#include "query/parser/internal/token.h"

namespace protobase::parser {

using generated::Sql;

class TreeBuilder {
 public:
  /// `extracted` holds the offsets of the literals that become parameters, in order. Both must outlive the builder.
  TreeBuilder(std::string_view text, std::span<const uint32_t> extracted) : text_(text), extracted_(extracted) {}

  ast::StatementPtr build(Sql::StatementContext* context);
  const proto::Status& status() const { return status_; }

 private:
  /// Counts nodes on the way down; text that nests too deeply ends in an error, not in a full stack.
  struct DepthScope {
    DepthScope(TreeBuilder* builder, uint32_t levels) : builder(builder), levels(levels) { builder->depth_ += levels; }
    ~DepthScope() { builder->depth_ -= levels; }
    TreeBuilder* builder;
    uint32_t levels;
  };

  // Where things stand in the text, and the first error.
  static TokenKind kind_of(const antlr4::Token* token);
  static proto::TextSpan span_of(const antlr4::Token* token);
  static proto::TextSpan span_of(const antlr4::ParserRuleContext* context);
  std::string_view text_of(const antlr4::Token* token) const;
  void fail(proto::TextSpan span, std::string message, proto::StatusCode code = proto::StatusCode::kSyntax);

  // Names and types (build_expression.cc).
  ast::Identifier identifier(const antlr4::Token* token);
  ast::Identifier identifier(Sql::NameContext* context);
  ast::Identifier optional_identifier(Sql::NameContext* context);
  ast::Identifier identifier_of_string(const antlr4::Token* token);
  std::vector<ast::Identifier> identifiers(const std::vector<Sql::NameContext*>& names);
  std::vector<ast::Identifier> identifiers(Sql::NamesContext* context);
  ast::ObjectName object_name(Sql::Object_nameContext* context);
  std::unique_ptr<ast::Path> path(Sql::PathContext* context);
  ast::PathStep path_step(Sql::Path_stepContext* context);
  ast::TypeNamePtr type_name(Sql::Type_nameContext* context);

  // Expressions (build_expression.cc, build_operand.cc).
  ast::ExpressionPtr expression(Sql::ExpressionContext* context);
  ast::ExpressionPtr optional_expression(Sql::ExpressionContext* context);
  std::vector<ast::ExpressionPtr> expressions(Sql::ExpressionsContext* context);
  ast::ExpressionPtr leaf_expression(Sql::ExpressionContext* context);
  ast::ExpressionPtr apply(Sql::ExpressionContext* context, ast::ExpressionPtr left);
  ast::ExpressionPtr apply_logical(Sql::ExpressionContext* context, ast::ExpressionPtr left);
  ast::ExpressionPtr apply_binary(Sql::ExpressionContext* context, ast::ExpressionPtr left);
  ast::ExpressionPtr apply_cast(Sql::ExpressionContext* context, ast::ExpressionPtr left);
  ast::ExpressionPtr apply_collate(Sql::ExpressionContext* context, ast::ExpressionPtr left);
  ast::ExpressionPtr apply_between(Sql::ExpressionContext* context, ast::ExpressionPtr left);
  ast::ExpressionPtr apply_in(Sql::ExpressionContext* context, ast::ExpressionPtr left);
  ast::ExpressionPtr apply_like(Sql::ExpressionContext* context, ast::ExpressionPtr left);
  ast::ExpressionPtr apply_is(Sql::ExpressionContext* context, ast::ExpressionPtr left);
  ast::ExpressionPtr quantified(Sql::ExpressionContext* context, Sql::AtomContext* right, ast::ExpressionPtr left);
  ast::ExpressionPtr unary(Sql::ExpressionContext* context);
  ast::ExpressionPtr with_steps(ast::ExpressionPtr base, const std::vector<Sql::Path_stepContext*>& steps,
                                proto::TextSpan span);
  ast::ExpressionPtr atom(Sql::AtomContext* context);
  ast::ExpressionPtr name_or_call(Sql::NameContext* name, Sql::CallContext* arguments, proto::TextSpan span);
  ast::ExpressionPtr parenthesised(Sql::AtomContext* context);
  ast::ExpressionPtr literal_or_parameter(const antlr4::Token* token);
  ast::ExpressionPtr literal(const antlr4::Token* token);
  ast::ExpressionPtr parameter(const antlr4::Token* token);
  ast::ExpressionPtr extracted_or(std::unique_ptr<ast::Literal> literal);
  uint32_t numbered_slot(const antlr4::Token* token);
  uint32_t named_slot(const std::string& name);
  ast::ExpressionPtr typed_literal(Sql::AtomContext* context);
  ast::ExpressionPtr interval_literal(Sql::AtomContext* context);
  ast::ExpressionPtr row(Sql::AtomContext* context);
  ast::ExpressionPtr array(Sql::ArrayContext* context, proto::TextSpan span);
  ast::ExpressionPtr object(Sql::ObjectContext* context);
  ast::ExpressionPtr case_expression(Sql::AtomContext* context);
  ast::ExpressionPtr cast(Sql::AtomContext* context);
  ast::ExpressionPtr extract(Sql::AtomContext* context);
  ast::ExpressionPtr position(Sql::AtomContext* context);
  ast::ExpressionPtr substring(Sql::AtomContext* context);
  ast::ExpressionPtr trim(Sql::AtomContext* context);
  std::unique_ptr<ast::Call> keyword_call(Sql::AtomContext* context, std::string name);
  std::unique_ptr<ast::Call> call(ast::Identifier function, Sql::CallContext* context, proto::TextSpan span);
  ast::Argument argument(Sql::ArgumentContext* context);
  std::unique_ptr<ast::Window> window(Sql::Window_definitionContext* context);
  std::unique_ptr<ast::WindowFrame> window_frame(Sql::Window_frameContext* context);
  ast::FrameBound frame_bound(Sql::Frame_boundContext* context);
  std::vector<ast::OrderItem> order_by(Sql::Order_byContext* context);

  // Queries (build_query.cc).
  ast::QueryPtr query(Sql::QueryContext* context);
  ast::QueryPtr query(Sql::With_clauseContext* with, Sql::Query_tailContext* tail);
  std::unique_ptr<ast::With> with_clause(Sql::With_clauseContext* context);
  void limits(Sql::Query_tailContext* context, ast::Query* query);
  void limit(Sql::Limit_clauseContext* context, ast::Query* query);
  void set_bound(ast::ExpressionPtr value, ast::ExpressionPtr* target, proto::TextSpan span);
  ast::QueryBodyPtr query_body(Sql::Query_bodyContext* context);
  ast::QueryBodyPtr query_term(Sql::Query_termContext* context);
  ast::QueryBodyPtr query_primary(Sql::Query_primaryContext* context);
  ast::QueryBodyPtr set_operation(ast::SetOperator op, bool all, ast::QueryBodyPtr left, ast::QueryBodyPtr right);
  ast::QueryBodyPtr select(Sql::SelectContext* context);
  std::vector<ast::SelectItem> select_items(Sql::Select_itemsContext* context);
  ast::SelectItem select_item(Sql::Select_itemContext* context);
  ast::ExpressionPtr qualified_star(Sql::ExpressionContext* context);
  ast::GroupItem group_item(Sql::Group_itemContext* context);
  ast::QueryBodyPtr values(Sql::ValuesContext* context);
  std::vector<ast::TableRefPtr> table_refs(Sql::Table_refsContext* context);
  ast::TableRefPtr table_ref(Sql::Table_refContext* context);
  ast::TableRefPtr join(Sql::Join_clauseContext* context, ast::TableRefPtr left);
  ast::TableRefPtr table_primary(Sql::Table_primaryContext* context);
  ast::TableRefPtr named_table(Sql::Table_primaryContext* context);
  std::unique_ptr<ast::AsOf> as_of(Sql::As_ofContext* context);
  ast::TableAlias table_alias(Sql::Table_aliasContext* context);

  // Statements (build_statement.cc, build_definition.cc).
  ast::StatementPtr withable(Sql::With_clauseContext* with, Sql::WithableContext* body);
  ast::StatementPtr insert(Sql::With_clauseContext* with, Sql::InsertContext* context);
  ast::QueryPtr insert_source(Sql::InsertContext* context);
  std::unique_ptr<ast::OnConflict> conflict_clause(Sql::InsertContext* context);
  std::unique_ptr<ast::OnConflict> action_clause(const antlr4::Token* token);
  std::unique_ptr<ast::OnConflict> on_conflict(Sql::On_conflictContext* context);
  ast::StatementPtr update(Sql::With_clauseContext* with, Sql::UpdateContext* context);
  ast::StatementPtr delete_statement(Sql::With_clauseContext* with, Sql::Delete_Context* context);
  std::vector<ast::SelectItem> returning(Sql::ReturningContext* context);
  void assignment(Sql::AssignmentContext* context, std::vector<ast::Assignment>* out,
                  std::vector<ast::RowAssignment>* rows);
  ast::StatementPtr create(Sql::CreateContext* context);
  ast::StatementPtr create_collection(Sql::CreateContext* outer, Sql::Create_collectionContext* context);
  ast::ColumnDefinition column_definition(Sql::Column_definitionContext* context);
  void column_constraint(Sql::Column_constraintContext* context, ast::ColumnDefinition* column);
  ast::Constraint table_constraint(Sql::Table_constraintContext* context);
  void reference(Sql::ReferenceContext* context, ast::Constraint* constraint);
  std::vector<ast::Option> option_list(Sql::Option_listContext* context);
  ast::StatementPtr create_index(Sql::CreateContext* outer, Sql::Create_indexContext* context);
  ast::IndexMethod index_method(Sql::NameContext* context);
  ast::IndexPart index_part(Sql::Index_partContext* context);
  ast::StatementPtr create_view(Sql::CreateContext* outer, Sql::Create_viewContext* context);
  ast::StatementPtr create_snapshot(Sql::CreateContext* outer, Sql::Create_snapshotContext* context);
  void refuse_modifiers(Sql::CreateContext* outer, bool replace, bool temporary, bool unique);
  ast::StatementPtr drop(Sql::DropContext* context);
  ast::StatementPtr alter(Sql::AlterContext* context);
  void alter_names(Sql::AlterContext* context, ast::Alter* statement);
  void alter_add(Sql::AlterContext* context, ast::Alter* statement);
  void alter_column(Sql::Column_changeContext* context, ast::Alter* statement);
  ast::StatementPtr begin(Sql::BeginContext* context);
  ast::StatementPtr transaction_end(Sql::Transaction_endContext* context);
  ast::StatementPtr savepoint(Sql::SavepointContext* context);
  ast::StatementPtr explain(Sql::ExplainContext* context);
  void explain_option(Sql::Explain_optionContext* context, ast::Explain* statement);
  ast::StatementPtr show(Sql::ShowContext* context);
  ast::StatementPtr describe(Sql::DescribeContext* context);
  ast::StatementPtr setting(Sql::SettingContext* context);
  ast::Identifier setting_name(Sql::Setting_nameContext* context);
  ast::StatementPtr maintenance(Sql::MaintenanceContext* context);

  std::string_view text_;
  std::span<const uint32_t> extracted_;
  proto::Status status_;
  std::vector<std::string> parameters_;
  uint32_t extracted_count_ = 0;
  uint32_t depth_ = 0;
};

}  // namespace protobase::parser
