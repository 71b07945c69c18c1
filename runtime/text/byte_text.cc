#include "runtime/text/byte_text.h"

#include <array>
#include <cstdint>

namespace proto::text {
namespace {

constexpr uint8_t kBad = 0xFF;

constexpr char kHexDigits[] = "0123456789abcdef";
constexpr char kAlphabets[2][65] = {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
                                    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"};

constexpr auto kHexValues = [] {
  std::array<uint8_t, 256> values{};
  values.fill(kBad);
  for (uint8_t i = 0; i < 16; ++i) values[static_cast<uint8_t>(kHexDigits[i])] = i;
  for (uint8_t i = 10; i < 16; ++i) values['A' + i - 10] = i;
  return values;
}();
constexpr auto kBase64Values = [] {
  std::array<uint8_t, 256> values{};
  values.fill(kBad);
  for (const auto& alphabet : kAlphabets) {
    for (uint8_t i = 0; i < 64; ++i) values[static_cast<uint8_t>(alphabet[i])] = i;
  }
  return values;
}();

}  // namespace

void append_hex(std::string_view bytes, std::string& out) {
  const size_t start = out.size();
  out.resize(start + 2 * bytes.size());
  char* to = out.data() + start;
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    *to++ = kHexDigits[byte >> 4];
    *to++ = kHexDigits[byte & 15];
  }
}

size_t decode_hex(std::string_view digits, std::string& out) {
  out.reserve(out.size() + digits.size() / 2);
  for (size_t i = 0; i < digits.size(); i += 2) {
    const uint8_t high = kHexValues[static_cast<uint8_t>(digits[i])];
    if (high == kBad) return i;
    if (i + 1 == digits.size()) return i + 1;
    const uint8_t low = kHexValues[static_cast<uint8_t>(digits[i + 1])];
    if (low == kBad) return i + 1;
    out.push_back(static_cast<char>(high << 4 | low));
  }
  return std::string_view::npos;
}

void append_base64(std::string_view bytes, std::string& out, Base64 alphabet) {
  const char* digits = kAlphabets[static_cast<size_t>(alphabet)];
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = bytes.size() - i < 3 ? bytes.size() - i : 3;
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) group = group << 8 | (j < count ? static_cast<uint8_t>(bytes[i + j]) : 0u);
    for (size_t j = 0; j < 4; ++j) out.push_back(j <= count ? digits[group >> (18 - 6 * j) & 63] : '=');
  }
}

size_t decode_base64(std::string_view digits, std::string& out) {
  size_t end = digits.size();
  for (int pads = 0; pads < 2 && end > 0 && digits.size() % 4 == 0 && digits[end - 1] == '='; ++pads) --end;
  uint32_t group = 0;
  int bits = 0;
  for (size_t i = 0; i < end; ++i) {
    const uint8_t value = kBase64Values[static_cast<uint8_t>(digits[i])];
    if (value == kBad) return i;
    group = group << 6 | value;
    if ((bits += 6) < 8) continue;
    bits -= 8;
    out.push_back(static_cast<char>(group >> bits));
    group &= (1u << bits) - 1;
  }
  if (bits == 6) return digits.size();  // one digit alone is no byte
  return group == 0 ? std::string_view::npos : end - 1;
}

}  // namespace proto::text
