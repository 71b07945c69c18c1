#include "shell/text_width.h"

#include <fmt/format.h>

#include <cwchar>
#include <iterator>

namespace protobase::shell {
namespace {

// Decodes the character at the start of `text` (not empty); gives its bytes. Broken bytes count one by one.
size_t decode(std::string_view text, char32_t& character) {
  const auto lead = static_cast<unsigned char>(text[0]);
  character = lead;
  const size_t length = lead < 0x80 ? 1 : lead >= 0xF0 && lead < 0xF8 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
  if (length == 1 || lead >= 0xF8 || length > text.size()) return 1;
  char32_t value = lead & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 1;
    value = (value << 6) | (static_cast<unsigned char>(text[i]) & 0x3F);
  }
  character = value;
  return length;
}

size_t character_width(char32_t character) {
  if (character < 0x300) return 1;
  const int width = ::wcwidth(static_cast<wchar_t>(character));
  return width < 0 ? 1 : static_cast<size_t>(width);
}

}  // namespace

size_t display_width(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    char32_t character;
    text.remove_prefix(decode(text, character));
    width += character_width(character);
  }
  return width;
}

std::string cut_to_width(std::string_view text, size_t width) {
  if (text.size() <= width || display_width(text) <= width) return std::string(text);
  size_t used = 1, end = 0;  // 1: the ellipsis
  while (end < text.size()) {
    char32_t character;
    const size_t length = decode(text.substr(end), character);
    used += character_width(character);
    if (used > width) break;
    end += length;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string visible(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7F) {
      out.push_back(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
    }
  }
  return out;
}

}  // namespace protobase::shell
