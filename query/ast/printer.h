// Syntax trees as text: one line of S-expression for EXPLAIN AST and tests, and SQL that parses to the same tree.
#pragma once

#include <string>

#include "query/ast/ast.h"

namespace protobase::ast {

/// One line that shows the whole tree, without spans: two trees print alike exactly if they mean the same text.
/// The form is stable: "(select (items (path a)) (from (collection t)))". Any thread, O(nodes).
std::string to_s_expression(const Statement& statement);
std::string to_s_expression(const Expression& expression);

/// SQL that parses to a tree with the same to_s_expression(). Operands are put into parentheses where precedence could
/// matter; extracted parameters print as the literal that stood there. Any thread, O(nodes).
std::string to_sql(const Statement& statement);
std::string to_sql(const Query& query);
std::string to_sql(const Expression& expression);

}  // namespace protobase::ast
