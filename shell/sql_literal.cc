#include "shell/sql_literal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>

#include "db/protobase.h"

namespace protobase::shell {
namespace {

void append_quoted(std::string_view text, char quote, std::string& out) {
  out.push_back(quote);
  for (const char c : text) {
    if (c == quote) out.push_back(quote);
    out.push_back(c);
  }
  out.push_back(quote);
}

bool is_plain_word(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return c < 128 && (std::isalnum(c) || c == '_'); });
}

bool is_keyword(std::string_view name) {
  std::string upper(name);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
  const auto keywords = query_keywords();
  return std::binary_search(keywords.begin(), keywords.end(), std::string_view(upper));
}

// Shortest text that reads back as the same number.
template <class Real>
void append_real(Real value, std::string& out) {
  if (std::isnan(value)) return void(out += "CAST('NaN' AS DOUBLE)");
  if (std::isinf(value)) return void(out += value > 0 ? "CAST('Infinity' AS DOUBLE)" : "CAST('-Infinity' AS DOUBLE)");
  const size_t start = out.size();
  fmt::format_to(std::back_inserter(out), "{}", value);
  if (out.find_first_of(".e", start) == std::string::npos) out += ".0";
}

void append_vector(const ValueView& value, std::string& out) {
  out += "CAST([";
  const std::vector<float> floats = value.as_vector();
  for (size_t i = 0; i < floats.size(); ++i) {
    if (i > 0) out += ", ";
    append_real(floats[i], out);
  }
  fmt::format_to(std::back_inserter(out), "] AS VECTOR({}))", floats.size());
}

void append_array(const ValueView& value, const ReferenceWriter& reference, std::string& out) {
  out.push_back('[');
  for (size_t i = 0; i < value.size(); ++i) {
    if (i > 0) out += ", ";
    append_sql(value[static_cast<int64_t>(i)], reference, out);
  }
  out.push_back(']');
}

void append_object(const ValueView& value, const ReferenceWriter& reference, std::string& out) {
  out.push_back('{');
  for (size_t i = 0; i < value.size(); ++i) {
    if (i > 0) out += ", ";
    const auto [name, attribute] = value.attribute(i);
    append_quoted(name, '"', out);
    out += ": ";
    append_sql(attribute, reference, out);
  }
  out.push_back('}');
}

void append_with_prefix(std::string_view prefix, std::string_view text, std::string& out) {
  out += prefix;
  append_quoted(text, '\'', out);
}

}  // namespace

std::string sql_name(std::string_view name) {
  if (is_plain_word(name) && !is_keyword(name)) return std::string(name);
  std::string quoted;
  append_quoted(name, '"', quoted);
  return quoted;
}

void append_sql(const ValueView& value, const ReferenceWriter& reference, std::string& out) {
  switch (value.kind()) {
    case Kind::kNone:
      return void(out += "NULL");
    case Kind::kBool:
      return void(out += value.as_bool() ? "TRUE" : "FALSE");
    case Kind::kInt:
      return void(fmt::format_to(std::back_inserter(out), "{}", value.integer()));
    case Kind::kDouble:
      return append_real(value.real(), out);
    case Kind::kDate:
      return append_with_prefix("DATE ", value.to_text(), out);
    case Kind::kTimestamp:
      return append_with_prefix("TIMESTAMP ", value.to_text(), out);
    case Kind::kTimespan:
      return append_with_prefix("INTERVAL ", value.to_text(), out);
    case Kind::kString:
      return append_quoted(value.buffer(), '\'', out);
    case Kind::kBytes:
      out += "x'";
      for (const unsigned char byte : value.buffer()) fmt::format_to(std::back_inserter(out), "{:02x}", byte);
      return out.push_back('\'');
    case Kind::kRef:
      return void(out += reference(value.ref()));
    case Kind::kVector:
      return append_vector(value, out);
    case Kind::kArray:
      return append_array(value, reference, out);
    case Kind::kObject:
      return append_object(value, reference, out);
  }
}

}  // namespace protobase::shell
