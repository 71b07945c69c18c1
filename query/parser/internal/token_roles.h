// Between scanner and parser: one statement's tokens, with the role of each settled by its neighbours. A contextual
// keyword out of its place becomes a name, a parenthesis that opens a query gets a kind of its own, the AND of a
// BETWEEN is told from the others, and so on. This is what lets the grammar decide nearly everything by one token and
// keeps the set of reserved words small.
#pragma once

#include <string_view>
#include <vector>

#include "query/parser/internal/scanner.h"

namespace protobase::parser {

/// Reads tokens up to the next ';' or the end into `tokens` (cleared first; neither of the two is stored) and returns
/// the token that ended them. kSyntax for text that is no token. O(text).
proto::Result<Token> read_statement(Scanner& scanner, std::vector<Token>& tokens);

/// Settles the roles of one statement's tokens; `out` (cleared first) may have fewer or more tokens than `tokens`.
/// kSyntax with a span when brackets nest too deeply for the parser's stack. O(tokens).
proto::Status assign_roles(std::string_view text, std::vector<Token>& tokens, std::vector<Token>& out);

}  // namespace protobase::parser
