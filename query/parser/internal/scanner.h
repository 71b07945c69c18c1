// The scanner: cuts text into tokens, one at a time, allocating nothing. The parser, the plan-cache fingerprint and the
// shell's statement splitter all use this one, so they agree on where strings and comments end.
#pragma once

#include <string_view>

#include "query/parser/internal/token.h"

namespace protobase::parser {

class Scanner {
 public:
  /// `text` must outlive the scanner and be shorter than 4 GiB.
  explicit Scanner(std::string_view text, uint32_t start = 0)
      : begin_(text.data()), at_(text.data() + start), end_(text.data() + text.size()) {}

  /// The next token; kEnd at the end (again and again); kError for text that is no token, see error(). O(its length).
  Token next();

  /// What is wrong with the token that kError stood for. A string literal of the program.
  const char* error() const { return error_; }
  /// True when the error was a string, name or comment that the text ends in: more text may mend it.
  bool unterminated() const { return unterminated_; }

 private:
  void skip_blank();
  Token make(TokenKind kind, const char* from) const;
  Token fail(const char* from, const char* message, bool unterminated);
  Token scan_word(const char* from);
  Token scan_number(const char* from);
  Token scan_quoted(const char* from, char quote, TokenKind kind);
  Token scan_escaped_string(const char* from);
  Token scan_blob(const char* from);
  Token scan_parameter(const char* from);
  Token scan_mark(const char* from);
  Token take(TokenKind kind, const char* from, size_t length);

  const char* begin_;
  const char* at_;
  const char* end_;
  const char* error_ = "";
  bool unterminated_ = false;
};

}  // namespace protobase::parser
