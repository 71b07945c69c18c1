// The key of the plan cache: what a statement is, apart from blanks, comments, the case of reserved words and those
// literals that a plan can take as parameters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/status.h"

namespace protobase::parser {

enum class ExtractedKind : uint8_t { kInteger, kDouble, kString };

/// A literal that stands in the key as a mark of its kind.
struct ExtractedLiteral {
  ExtractedKind kind = ExtractedKind::kInteger;
  proto::TextSpan span;     // the literal in the text, without a sign
  int64_t integer = 0;      // kInteger
  double real = 0;          // kDouble
  std::string_view string;  // kString, unescaped: into the text or into Fingerprint::strings
};

/// Keep one and use it again: its buffers grow to the largest statement seen and are never given back.
struct Fingerprint {
  std::string key;
  std::vector<ExtractedLiteral> literals;
  std::string strings;     // texts that had to be unescaped
  /// False for text that is not one statement that reads or changes data: look for no plan, parse it.
  bool cacheable = false;
};

/// Computes the fingerprint of `text`, which must outlive the views in `out`. Literals are taken from WHERE (up to the
/// next clause), VALUES rows, SET, object literals of INSERT, LIMIT and OFFSET; never from select lists, GROUP BY,
/// ORDER BY, FROM, types, subscripts or typed literals (DATE '...'), where they decide what the statement means. Two
/// statements with the same key differ in extracted literals only. Any thread; O(length), no allocation once the
/// buffers are large enough.
void fingerprint(std::string_view text, Fingerprint* out);

}  // namespace protobase::parser
