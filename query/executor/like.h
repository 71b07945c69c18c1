// Patterns of LIKE, GLOB and REGEXP, compiled once and matched often.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "query/binder/expression.h"

namespace protobase::query {

/// LIKE: % is any text, _ one character, and what follows the escape character stands for itself; case counts, as in
/// PostgreSQL, unless `ignore_case` (Unicode case folding). GLOB: * ? [abc] [a-z] [^x]. REGEXP: POSIX extended, found
/// anywhere. Text is UTF-8; a character is a code point. Matching is thread-safe for LIKE and GLOB.
class Pattern {
 public:
  /// `escape`: one character, or empty for none. Errors: kInvalidArgument (bad escape or regular expression).
  static Result<Pattern> compile(LikeStyle style, std::string_view pattern, std::string_view escape, bool ignore_case);

  /// O(text * pattern) at worst; O(text) for the usual shapes (x%, %x, %x%, no wildcard).
  bool matches(std::string_view text) const;

 private:
  enum class Shape : uint8_t { kExact, kPrefix, kSuffix, kContains, kGeneral, kGlob, kRegexp };
  struct Token {
    enum class Kind : uint8_t { kLiteral, kOne, kAny } kind;
    std::string bytes;
  };
  void choose_shape();
  bool match_tokens(std::string_view text) const;

  Shape shape_ = Shape::kGeneral;
  bool ignore_case_ = false;
  std::string literal_;         // of the simple shapes; the pattern of a GLOB
  std::vector<Token> tokens_;
  std::shared_ptr<void> regexp_;
};

/// Text folded so that equal without regard to case means equal bytes.
std::string fold_case(std::string_view text);

/// Bytes of the UTF-8 character that begins with `lead`; 1 for bytes that begin none.
inline size_t character_bytes(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

}  // namespace protobase::query
