// Writes trees as SQL. One function per node; blanks between words are put by word().
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/ast/ast.h"

namespace protobase::ast {

class SqlWriter {
 public:
  void statement(const Statement& node);
  void query(const Query& node);
  void expression(const Expression& node);
  std::string take() { return std::move(out_); }

 private:
  template <class List, class Print>
  void list(const List& items, Print print) {
    bool first = true;
    for (const auto& item : items) {
      if (!first) out_ += ",";
      first = false;
      print(item);
    }
  }
  template <class List, class Print>
  void parenthesised(const List& items, Print print) {
    word("(");
    list(items, print);
    out_ += ")";
  }

  void word(std::string_view text);
  void glue(std::string_view text) { out_ += text; }
  void name(const Identifier& id);
  void names(const std::vector<Identifier>& ids);
  void object_name(const ObjectName& id);
  void type(const TypeName& node);
  void expressions(const std::vector<ExpressionPtr>& nodes);

  // Expressions (write_expression.cc).
  void operand(const Expression& node);
  void literal(const Literal& node);
  void parameter(const Parameter& node);
  void base(const Expression& node);
  void path(const Path& node);
  void step(const PathStep& node, bool first);
  void object(const Object& node);
  void unary(const Unary& node);
  void logical(const Logical& node);
  void between(const Between& node);
  void in(const In& node);
  void like(const Like& node);
  void quantified(const Quantified& node);
  void case_expression(const Case& node);
  void call(const Call& node);
  void window(const Window& node);
  void frame_bound(const FrameBound& node);
  void order_by(const std::vector<OrderItem>& items);
  void order_item(const OrderItem& node);
  void subquery(const Query& node);

  // Queries (write_query.cc).
  void with(const With* node);
  void body(const QueryBody& node);
  void body_operand(const QueryBody& node);
  void select(const Select& node);
  void select_items(const std::vector<SelectItem>& items);
  void group_item(const GroupItem& node);
  void values(const Values& node);
  void table(const TableRef& node);
  void join(const JoinRef& node);
  void collection(const CollectionRef& node);
  void alias(const TableAlias& node);

  // Statements (write_statement.cc).
  void insert(const Insert& node);
  void on_conflict(const OnConflict& node);
  void update(const Update& node);
  void delete_statement(const Delete& node);
  void assignments(const std::vector<Assignment>& items);
  void where(const ExpressionPtr& node);
  void returning(const std::vector<SelectItem>& items);
  void create_collection(const CreateCollection& node);
  void column(const ColumnDefinition& node);
  void constraint(const Constraint& node);
  void options(const std::vector<Option>& items);
  void create_index(const CreateIndex& node);
  void create_view(const CreateView& node);
  void drop(const Drop& node);
  void alter(const Alter& node);
  void alter_column(const Alter& node);
  void begin(const Begin& node);
  void explain(const Explain& node);
  void show(const Show& node);
  void setting(const Set& node);

  std::string out_;
};

}  // namespace protobase::ast
