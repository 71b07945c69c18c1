// JSON in and out. Reading is strict RFC 8259 in UTF-8: a byte order mark, invalid UTF-8, lone surrogates, numbers
// beyond the range of doubles and nesting beyond kMaxDepth are errors. Of a name that occurs twice the last value
// counts. Integers that fit 64 bits stay integers; greater ones become doubles.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "db/value.h"

namespace protobase {

/// Parses JSON texts into encoded values (db/document.h), one after the other, reusing its memory. One thread.
class JsonParser {
 public:
  JsonParser();
  ~JsonParser();
  JsonParser(JsonParser&&) noexcept;
  JsonParser& operator=(JsonParser&&) noexcept;

  /// Kind byte and payload of the value that `json` is; valid until the next parse. Error: kInvalidArgument with the
  /// reason. O(bytes).
  Result<std::string_view> parse(std::string_view json);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Reads newline-delimited JSON: one value a line; lines of white space alone are passed over. One thread.
class NdjsonReader {
 public:
  /// `text` outlives the reader.
  explicit NdjsonReader(std::string_view text) : text_(text) {}

  /// The next line's value as JsonParser::parse gives it; empty at the end. Error: kInvalidArgument, "line 12: ...";
  /// reading may go on with the line after it.
  Result<std::string_view> next();
  /// Number of the line that the last call read, from 1.
  uint64_t line() const { return line_; }
  /// Bytes read so far, for progress.
  size_t offset() const { return at_; }

 private:
  std::string_view text_;
  size_t at_ = 0;
  uint64_t line_ = 0;
  JsonParser parser_;
};

/// Appends a value as JSON text: doubles in the shortest form that reads back to the same double (always with a point
/// or an exponent; NaN and infinities as null), other kinds as ValueView::to_json says. Bytes of a string that are no
/// UTF-8 become U+FFFD. O(bytes).
void append_json(const ValueView& value, std::string& out);
/// Appends a JSON string with its quotes and escapes.
void append_json_string(std::string_view text, std::string& out);

}  // namespace protobase
