#include "runtime/text/unicode.h"

#include <utf8proc.h>

#include <array>
#include <cstddef>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/text/utf8.h"

namespace proto::text {
namespace {

int32_t signed_of(char32_t code_point) { return static_cast<int32_t>(code_point); }

using ByteMap = std::array<char, 128>;
constexpr ByteMap make_map(char first, char last, int distance) {
  ByteMap map{};
  for (size_t i = 0; i < map.size(); ++i) {
    const char c = static_cast<char>(i);
    map[i] = c >= first && c <= last ? static_cast<char>(c + distance) : c;
  }
  return map;
}
constexpr ByteMap kUpper = make_map('a', 'z', 'A' - 'a');
constexpr ByteMap kLower = make_map('A', 'Z', 'a' - 'A');

void append_mapped_ascii(std::string_view text, const ByteMap& map, std::string& out) {
  const size_t start = out.size();
  out.resize(start + text.size());
  char* to = out.data() + start;
  for (size_t i = 0; i < text.size(); ++i) to[i] = map[static_cast<uint8_t>(text[i])];
}

template <class Map>
void append_mapped(std::string_view text, const ByteMap& ascii, Map&& map, std::string& out) {
  if (is_ascii(text)) return append_mapped_ascii(text, ascii, out);
  out.reserve(out.size() + text.size());
  for (size_t at = 0, length; at < text.size(); at += length) {
    const char32_t code_point = decode(text.data() + at, &length);
    if (length == 1) {
      out.push_back(ascii[code_point]);
    } else {
      append(out, map(code_point));
    }
  }
}

// A tailor-made utf8proc_map: no terminating zero is needed and the memory is the caller's.
void append_transformed(std::string_view text, int options, std::string& out) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto flags = static_cast<utf8proc_option_t>(options);
  std::vector<utf8proc_int32_t> points(text.size() + text.size() / 4 + 16);
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  utf8proc_ssize_t count = utf8proc_decompose(bytes, size, points.data(), static_cast<utf8proc_ssize_t>(points.size()), flags);
  if (count > static_cast<utf8proc_ssize_t>(points.size())) {
    points.resize(static_cast<size_t>(count));
    count = utf8proc_decompose(bytes, size, points.data(), count, flags);
  }
  PROTO_CHECK(count >= 0);  // the text is valid UTF-8
  count = utf8proc_normalize_utf32(points.data(), count, flags);
  PROTO_CHECK(count >= 0);
  for (utf8proc_ssize_t i = 0; i < count; ++i) append(out, static_cast<char32_t>(points[static_cast<size_t>(i)]));
}

bool is_mark(char32_t code_point) {
  const auto category = utf8proc_category(signed_of(code_point));
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC || category == UTF8PROC_CATEGORY_ME;
}
bool is_apostrophe(char32_t code_point) { return code_point == '\'' || code_point == 0x2019; }

}  // namespace

char32_t to_upper(char32_t code_point) { return static_cast<char32_t>(utf8proc_toupper(signed_of(code_point))); }
char32_t to_lower(char32_t code_point) { return static_cast<char32_t>(utf8proc_tolower(signed_of(code_point))); }

void append_upper(std::string_view text, std::string& out) { append_mapped(text, kUpper, to_upper, out); }
void append_lower(std::string_view text, std::string& out) { append_mapped(text, kLower, to_lower, out); }

void append_title(std::string_view text, std::string& out) {
  bool in_word = false;
  for (size_t at = 0, length; at < text.size(); at += length) {
    const char32_t code_point = decode(text.data() + at, &length);
    const bool letter = is_letter(code_point);
    if (letter && !in_word) {
      append(out, static_cast<char32_t>(utf8proc_totitle(signed_of(code_point))));
    } else {
      append(out, letter ? to_lower(code_point) : code_point);
    }
    in_word = letter || (in_word && (is_mark(code_point) || is_apostrophe(code_point)));
  }
}

void append_folded(std::string_view text, std::string& out) {
  if (is_ascii(text)) return append_mapped_ascii(text, kLower, out);
  append_transformed(text, UTF8PROC_CASEFOLD | UTF8PROC_STABLE, out);
}

void append_normal(std::string_view text, NormalForm form, std::string& out) {
  if (is_ascii(text)) {
    out.append(text);
    return;
  }
  const bool composes = form == NormalForm::kNfc || form == NormalForm::kNfkc;
  const bool compatible = form == NormalForm::kNfkc || form == NormalForm::kNfkd;
  const int direction = composes ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE;
  append_transformed(text, UTF8PROC_STABLE | direction | (compatible ? UTF8PROC_COMPAT : 0), out);
}

bool is_space(char32_t code_point) {
  if (code_point < 0x80) return code_point == ' ' || (code_point >= '\t' && code_point <= '\r');
  switch (code_point) {
    case 0x85: case 0xA0: case 0x1680: case 0x2028: case 0x2029: case 0x202F: case 0x205F: case 0x3000: return true;
    default: return code_point >= 0x2000 && code_point <= 0x200A;
  }
}

bool is_letter(char32_t code_point) {
  const auto category = utf8proc_category(signed_of(code_point));
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}
bool is_digit(char32_t code_point) { return utf8proc_category(signed_of(code_point)) == UTF8PROC_CATEGORY_ND; }
bool is_upper(char32_t code_point) { return utf8proc_isupper(signed_of(code_point)) != 0; }
bool is_lower(char32_t code_point) { return utf8proc_islower(signed_of(code_point)) != 0; }
int display_width(char32_t code_point) { return utf8proc_charwidth(signed_of(code_point)); }

std::string_view trim(std::string_view text, bool left, bool right) {
  size_t length;
  while (left && !text.empty() && is_space(decode(text.data(), &length))) text.remove_prefix(length);
  while (right && !text.empty()) {
    const size_t last = previous(text, text.size());
    if (!is_space(decode(text.data() + last))) break;
    text = text.substr(0, last);
  }
  return text;
}

}  // namespace proto::text
