// From text to syntax trees.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "query/ast/ast.h"
#include "runtime/base/status.h"

namespace protobase::parser {

struct ParseOptions {
  /// Literals that fingerprint() extracts become ast::Parameter nodes of style kExtracted, whose index is the literal's
  /// place in Fingerprint::literals. A plan may be kept under the fingerprint's key only if the statement's
  /// extracted_count equals the number of extracted literals.
  bool literals_as_parameters = false;
};

/// All statements of `text`, separated by ';' (empty ones are skipped). On the first error: kSyntax (or kRange for a
/// number that no type holds) with the span at fault, a message such as "unexpected 'SELEC'" and, where there is one, a
/// hint. Any thread. About linear in the length of the text.
proto::Result<std::vector<ast::StatementPtr>> parse(std::string_view text, const ParseOptions& options = {});

/// The one statement of `text`, which may end with ';'. kSyntax when there is none or a second one. Any thread.
proto::Result<ast::StatementPtr> parse_one(std::string_view text, const ParseOptions& options = {});

/// The number of bytes from the start of `text` up to and including the ';' that ends its first statement, or 0 when
/// there is no such ';' outside strings, quoted names and comments: more text is needed. Any thread, O(result).
size_t complete_statement_length(std::string_view text);

/// True when `text` holds nothing but blanks, comments and ';'. Any thread, O(length).
bool is_blank(std::string_view text);

/// How often the parser ran and how often its fast prediction did not do. Counted since the program began.
struct Statistics {
  uint64_t statements = 0;     // statements that were given to the parser
  uint64_t retries = 0;        // of these, parsed again with full prediction: an error in the text, or a fallback
  uint64_t fallbacks = 0;      // of these, statements that only full prediction could parse
};

/// Any thread, O(1).
Statistics statistics();

/// SHA-256 of the grammar (Sql.g4 and tokens.def) that the generated parser was made from, in hexadecimal.
std::string_view grammar_hash();

}  // namespace protobase::parser
