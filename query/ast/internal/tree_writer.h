// Writes trees as S-expressions. add() writes one thing, whatever it is; field() writes " (label thing)" when the thing
// is there, so that a tree shows what the text says and nothing else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/ast/ast.h"

namespace protobase::ast {

class TreeWriter {
 public:
  void add(const Statement& node);
  void add(const Expression& node);
  std::string take() { return std::move(out_); }

 private:
  void open(std::string_view label);
  void close() { out_ += ")"; }
  void word(std::string_view text);
  void flag(bool set, std::string_view text) {
    if (set) word(text);
  }

  void add(std::string_view text) { word(text); }
  void add(int64_t number) { word(std::to_string(number)); }
  void add(const Identifier& id);
  void add(const ObjectName& id);
  void add(const TypeName& node);
  void add(const PathStep& node);
  void add(const ObjectMember& node);
  void add(const WhenClause& node);
  void add(const OrderItem& node);
  void add(const Window& node);
  void add(const WindowFrame& node);
  void add(const FrameBound& node);
  void add(const Argument& node);
  void add(const Query& node);
  void add(const QueryBody& node);
  void add(const TableRef& node);
  void add(const AsOf& node);
  void add(const TableAlias& node);
  void add(const SelectItem& node);
  void add(const GroupItem& node);
  void add(const GroupingSet& node);
  void add(const NamedWindow& node);
  void add(const With& node);
  void add(const CommonTable& node);
  void add(const Assignment& node);
  void add(const RowAssignment& node);
  void add(const OnConflict& node);
  void add(const Constraint& node);
  void add(const ColumnDefinition& node);
  void add(const Option& node);
  void add(const IndexPart& node);
  template <class T>
  void add(const std::unique_ptr<T>& node) {
    add(*node);
  }
  /// A row of VALUES.
  void add(const std::vector<ExpressionPtr>& row) {
    open("row");
    for (const ExpressionPtr& item : row) add(item);
    close();
  }

  template <class T>
  static bool present(const std::unique_ptr<T>& node) { return node != nullptr; }
  template <class T>
  static bool present(const std::vector<T>& items) { return !items.empty(); }
  static bool present(const Identifier& id) { return !id.empty(); }
  static bool present(const ObjectName& id) { return !id.name.empty(); }
  static bool present(const TableAlias& alias) { return !alias.name.empty(); }
  static bool present(std::string_view text) { return !text.empty(); }

  template <class T>
  void field(std::string_view label, const T& value) {
    if (!present(value)) return;
    open(label);
    add(value);
    close();
  }
  template <class T>
  void field(std::string_view label, const std::vector<T>& values) {
    if (values.empty()) return;
    open(label);
    for (const T& value : values) add(value);
    close();
  }

  void literal(const Literal& node);
  void parameter(const Parameter& node);
  void call(const Call& node);
  void operation(const Expression& node);
  void test(const Expression& node);
  void join(const JoinRef& node);
  void change(const Statement& node);
  void definition(const Statement& node);
  void alter(const Alter& node);
  void control(const Statement& node);

  std::string out_;
};

}  // namespace protobase::ast
