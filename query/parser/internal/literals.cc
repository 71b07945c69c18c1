#include "query/parser/internal/literals.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

namespace protobase::parser {
namespace {

int hex_value(char c) { return c <= '9' ? c - '0' : (c | 32) - 'a' + 10; }
bool is_hex(char c) { return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f'); }

bool append_utf8(uint32_t code, std::string* out) {
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
  if (code < 0x80) {
    out->push_back(static_cast<char>(code));
    return true;
  }
  const int trail = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static constexpr uint32_t kLead[] = {0, 0xC0, 0xE0, 0xF0};
  out->push_back(static_cast<char>(kLead[trail] | (code >> (6 * trail))));
  for (int i = trail - 1; i >= 0; --i) out->push_back(static_cast<char>(0x80 | ((code >> (6 * i)) & 0x3F)));
  return true;
}

/// Reads exactly `digits` hexadecimal digits at `at`; false when they are not there.
bool read_hex(std::string_view text, size_t at, size_t digits, uint32_t* value) {
  if (at + digits > text.size()) return false;
  *value = 0;
  for (size_t i = at; i < at + digits; ++i) {
    if (!is_hex(text[i])) return false;
    *value = *value * 16 + static_cast<uint32_t>(hex_value(text[i]));
  }
  return true;
}

/// One escape, `at` standing on the character after the backslash; moves `at` to its last character.
bool decode_escape(std::string_view body, size_t* at, std::string* out) {
  uint32_t code = 0;
  switch (body[*at]) {
    case 'n': out->push_back('\n'); return true;
    case 't': out->push_back('\t'); return true;
    case 'r': out->push_back('\r'); return true;
    case 'b': out->push_back('\b'); return true;
    case 'f': out->push_back('\f'); return true;
    case '0': out->push_back('\0'); return true;
    case '\\': case '\'': case '"': out->push_back(body[*at]); return true;
    case 'x':
      if (!read_hex(body, *at + 1, 2, &code)) return false;
      *at += 2;
      out->push_back(static_cast<char>(code));
      return true;
    case 'u': case 'U': {
      const size_t digits = body[*at] == 'u' ? 4 : 8;
      if (!read_hex(body, *at + 1, digits, &code)) return false;
      *at += digits;
      return append_utf8(code, out);
    }
    default: return false;
  }
}

}  // namespace

bool decode_integer(std::string_view token, int64_t* value) {
  const bool hex = token.size() > 2 && token[0] == '0' && (token[1] | 32) == 'x';
  const char* first = token.data() + (hex ? 2 : 0);
  const char* last = token.data() + token.size();
  const auto [end, error] = std::from_chars(first, last, *value, hex ? 16 : 10);
  return error == std::errc() && end == last;
}

bool decode_double(std::string_view token, double* value) {
  const char* last = token.data() + token.size();
  const auto [end, error] = std::from_chars(token.data(), last, *value);
  if (error == std::errc() && end == last) return true;
  *value = std::strtod(std::string(token).c_str(), nullptr);  // from_chars does not tell too small from too big
  return std::isfinite(*value);
}

void decode_quoted(std::string_view token, std::string* out) {
  const char quote = token.front();
  const std::string_view body = token.substr(1, token.size() - 2);
  for (size_t at = 0; at < body.size();) {
    const size_t found = body.find(quote, at);
    if (found == std::string_view::npos) {
      out->append(body.substr(at));
      return;
    }
    out->append(body.substr(at, found - at + 1));
    at = found + 2;
  }
}

bool decode_escaped(std::string_view token, std::string* out) {
  const std::string_view body = token.substr(2, token.size() - 3);
  for (size_t at = 0; at < body.size(); ++at) {
    if (body[at] == '\\') {
      if (++at == body.size() || !decode_escape(body, &at, out)) return false;
    } else {
      if (body[at] == '\'') ++at;
      out->push_back(body[at == body.size() ? at - 1 : at]);
    }
  }
  return true;
}

void decode_blob(std::string_view token, std::string* out) {
  for (size_t i = 2; i + 2 < token.size(); i += 2) {
    out->push_back(static_cast<char>(hex_value(token[i]) * 16 + hex_value(token[i + 1])));
  }
}

}  // namespace protobase::parser
