// UTF-8: validity, code points and positions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace proto::text {

inline constexpr size_t kNone = std::string_view::npos;
inline constexpr char32_t kMaxCodePoint = 0x10FFFF;
/// What stands for bytes that are not UTF-8.
inline constexpr char32_t kReplacement = 0xFFFD;

// All functions here: any thread, no allocation but in strings that they append to.

/// A byte that continues a code point.
constexpr bool is_continuation(char byte) { return (static_cast<uint8_t>(byte) & 0xC0) == 0x80; }
/// A code point that UTF-8 can hold: up to 0x10FFFF and no surrogate.
constexpr bool is_scalar(char32_t code_point) {
  return code_point <= kMaxCodePoint && (code_point < 0xD800 || code_point > 0xDFFF);
}

/// True if all bytes are below 0x80. About 0.03 ns a byte.
bool is_ascii(std::string_view bytes);

/// Position of the first byte that does not belong to valid UTF-8 (overlong forms, surrogates and what is beyond 0x10FFFF are not
/// valid); kNone if all is valid. The start of the first bad sequence. About 0.05 ns a byte.
size_t find_invalid(std::string_view bytes);
inline bool is_valid(std::string_view bytes) { return find_invalid(bytes) == kNone; }

/// Code points of valid UTF-8 (of any bytes: those that do not continue another). About 0.1 ns a byte.
size_t count_code_points(std::string_view text);

/// Byte position of code point `index` (text.size() for the one after the last); kNone beyond that. O(size).
size_t offset_of(std::string_view text, size_t index);

/// True if `offset` is between two code points, at the start or at the end.
inline bool is_boundary(std::string_view text, size_t offset) {
  return offset == text.size() || (offset < text.size() && !is_continuation(text[offset]));
}

/// Bytes of a code point that begins with `lead`, in valid UTF-8.
constexpr size_t sequence_length(char lead) {
  const auto byte = static_cast<uint8_t>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

/// The code point that begins at `at` in valid UTF-8; `length`, if not null, becomes its bytes.
inline char32_t decode(const char* at, size_t* length = nullptr) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(at);
  const size_t size = sequence_length(*at);
  if (length != nullptr) *length = size;
  switch (size) {
    case 1: return bytes[0];
    case 2: return (bytes[0] & 0x1Fu) << 6 | (bytes[1] & 0x3Fu);
    case 3: return (bytes[0] & 0x0Fu) << 12 | (bytes[1] & 0x3Fu) << 6 | (bytes[2] & 0x3Fu);
    default:
      return (bytes[0] & 0x07u) << 18 | (bytes[1] & 0x3Fu) << 12 | (bytes[2] & 0x3Fu) << 6 | (bytes[3] & 0x3Fu);
  }
}

/// Start of the code point that ends before `offset` > 0.
inline size_t previous(std::string_view text, size_t offset) {
  do --offset;
  while (offset > 0 && is_continuation(text[offset]));
  return offset;
}

/// Writes the bytes of a scalar value to `out`, which has room for 4; returns how many.
inline size_t encode(char32_t code_point, char* out) {
  if (code_point < 0x80) {
    out[0] = static_cast<char>(code_point);
    return 1;
  }
  const size_t size = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
  for (size_t i = size - 1; i > 0; --i, code_point >>= 6) out[i] = static_cast<char>(0x80 | (code_point & 0x3F));
  constexpr uint8_t kLead[] = {0, 0, 0xC0, 0xE0, 0xF0};
  out[0] = static_cast<char>(kLead[size] | code_point);
  return size;
}
/// Appends a scalar value.
inline void append(std::string& out, char32_t code_point) {
  char bytes[4];
  out.append(bytes, encode(code_point, bytes));
}

/// The text with U+FFFD in place of each maximal part that is not UTF-8, as the Unicode standard and browsers do it. Appends.
void append_repaired(std::string_view bytes, std::string& out);

namespace internal {
// The same in portable code: what the fast forms are tested against and what machines without AVX2 run.
size_t find_invalid_scalar(std::string_view bytes);
}  // namespace internal

}  // namespace proto::text
