// What the text is made of: kinds of tokens and the words among them. Numbers follow internal/tokens.def, which the
// generated parser numbers in the same way (checked where the two meet, in parser.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/base/status.h"

namespace protobase::parser {

enum class TokenKind : uint16_t {
  kEnd = 0,
#define RESERVED(name) k##name,
#define UNRESERVED(name) k##name,
#define CONTEXTUAL(name) k##name,
#define MARK(name, text) k##name,
#define SPECIAL(name, text) k##name,
#include "query/parser/internal/tokens.def"
#undef RESERVED
#undef UNRESERVED
#undef CONTEXTUAL
#undef MARK
#undef SPECIAL
  kError,  // not a token: Scanner::error() says why
};

enum class TokenClass : uint8_t { kSpecial, kMark, kReserved, kUnreserved, kContextual };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  uint32_t offset = 0;
  uint32_t length = 0;

  proto::TextSpan span() const { return {offset, length}; }
  uint32_t end() const { return offset + length; }
};

inline constexpr TokenClass kTokenClasses[] = {
    TokenClass::kSpecial,  // kEnd
#define RESERVED(name) TokenClass::kReserved,
#define UNRESERVED(name) TokenClass::kUnreserved,
#define CONTEXTUAL(name) TokenClass::kContextual,
#define MARK(name, text) TokenClass::kMark,
#define SPECIAL(name, text) TokenClass::kSpecial,
#include "query/parser/internal/tokens.def"
#undef RESERVED
#undef UNRESERVED
#undef CONTEXTUAL
#undef MARK
#undef SPECIAL
    TokenClass::kSpecial,  // kError
};

/// Which list of tokens.def the kind stands in. Any thread, O(1).
inline TokenClass token_class(TokenKind kind) { return kTokenClasses[static_cast<size_t>(kind)]; }

/// The word in capitals, the mark itself, or a description; for messages and printing. Any thread, O(1).
std::string_view token_text(TokenKind kind);

/// How many kinds there are, kEnd included.
inline constexpr size_t kTokenKindCount = static_cast<size_t>(TokenKind::kError);

/// The kind of a word: its keyword in any case, else kIDENTIFIER. Any thread, O(length), allocates nothing.
TokenKind find_keyword(std::string_view word);

/// True for words: keywords of every class and plain identifiers, quoted ones not.
inline bool is_word(TokenKind kind) {
  return kind == TokenKind::kIDENTIFIER || (kind >= TokenKind::kALL && kind < TokenKind::kError);
}

}  // namespace protobase::parser
