#include "runtime/text/utf8.h"

#include <algorithm>

#include "runtime/base/coding.h"
#include "runtime/text/internal/utf8_avx2.h"

namespace proto::text {
namespace {

constexpr uint64_t kOnes = 0x0101010101010101ull;
constexpr uint64_t kHighs = 0x8080808080808080ull;

// In each byte 1 if it continues a code point.
uint64_t continuations(uint64_t word) { return (word >> 7) & ~(word >> 6) & kOnes; }

constexpr size_t sum_of_bytes(uint64_t word) { return word * kOnes >> 56; }

// Vectors in the compiler's notation: the instructions that every machine of the target has.
constexpr size_t kVectorBytes = 16;
using Vector = int8_t __attribute__((vector_size(kVectorBytes)));
constexpr size_t kMaxVectors = 255;  // then a byte of the sums might overflow

// Bytes that begin a code point.
size_t count_in_vectors(const char* at, size_t vectors) {
  Vector sums{};
  for (size_t i = 0; i < vectors; ++i) {
    sums -= reinterpret_cast<Vector>(load<Vector>(at + i * kVectorBytes) > int8_t{-65});
  }
  size_t total = 0;
  for (size_t half = 0; half < kVectorBytes; half += 8) {
    const auto bytes = load<uint64_t>(reinterpret_cast<const char*>(&sums) + half);
    constexpr uint64_t kPairs = 0x00FF00FF00FF00FFull;
    total += ((bytes & kPairs) + (bytes >> 8 & kPairs)) * 0x0001000100010001ull >> 48;
  }
  return total;
}

// What the lead byte asks of the sequence: its length (0: no lead byte) and the range of its second byte.
struct Lead {
  uint8_t length;
  uint8_t low;
  uint8_t high;
};
constexpr Lead lead_of(uint8_t byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xC2) return {0, 0, 0};
  if (byte < 0xE0) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte < 0xF4) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

// Bytes of the sequence at `at` that are as they should be: all of them if it is `whole`.
size_t good_bytes(std::string_view bytes, size_t at, bool& whole) {
  const Lead lead = lead_of(static_cast<uint8_t>(bytes[at]));
  whole = false;
  if (lead.length == 0) return 0;
  size_t good = 1;
  uint8_t low = lead.low, high = lead.high;
  while (good < lead.length && at + good < bytes.size()) {
    const auto byte = static_cast<uint8_t>(bytes[at + good]);
    if (byte < low || byte > high) return good;
    low = 0x80, high = 0xBF;
    ++good;
  }
  whole = good == lead.length;
  return good;
}

size_t skip_ascii(std::string_view bytes, size_t at) {
  while (at + 8 <= bytes.size() && (load<uint64_t>(bytes.data() + at) & kHighs) == 0) at += 8;
  while (at < bytes.size() && static_cast<uint8_t>(bytes[at]) < 0x80) ++at;
  return at;
}

}  // namespace

size_t internal::find_invalid_scalar(std::string_view bytes) {
  size_t at = 0;
  while ((at = skip_ascii(bytes, at)) < bytes.size()) {
    bool whole = false;
    const size_t good = good_bytes(bytes, at, whole);
    if (!whole) return at;
    at += good;
  }
  return kNone;
}

size_t find_invalid(std::string_view bytes) {
#ifdef PROTO_TEXT_AVX2
  static const bool fast = __builtin_cpu_supports("avx2");
  if (fast && bytes.size() >= 64 && internal::is_valid_avx2(bytes)) return kNone;
#endif
  return internal::find_invalid_scalar(bytes);
}

bool is_ascii(std::string_view bytes) {
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 32; left -= 32, at += 32) {
    const uint64_t any = load<uint64_t>(at) | load<uint64_t>(at + 8) | load<uint64_t>(at + 16) | load<uint64_t>(at + 24);
    if ((any & kHighs) != 0) return false;
  }
  uint8_t any = 0;
  for (; left > 0; --left, ++at) any |= static_cast<uint8_t>(*at);
  return any < 0x80;
}

size_t count_code_points(std::string_view text) {
  const char* at = text.data();
  size_t left = text.size();
  size_t begun = 0;
  while (left >= kVectorBytes) {
    const size_t vectors = std::min(left / kVectorBytes, kMaxVectors);
    begun += count_in_vectors(at, vectors);
    at += vectors * kVectorBytes;
    left -= vectors * kVectorBytes;
  }
  for (; left > 0; --left, ++at) begun += !is_continuation(*at);
  return begun;
}

size_t offset_of(std::string_view text, size_t index) {
  size_t at = 0;
  // Steps as long as the code point sought begins in none of them.
  const auto skip = [&](size_t bytes, size_t begun) {
    if (begun > index) return false;
    index -= begun;
    at += bytes;
    return true;
  };
  constexpr size_t kFew = 8;
  while (at + kFew * kVectorBytes <= text.size() &&
         skip(kFew * kVectorBytes, count_in_vectors(text.data() + at, kFew))) {
  }
  while (at + 8 <= text.size() && skip(8, 8 - sum_of_bytes(continuations(load<uint64_t>(text.data() + at))))) {
  }
  for (; at < text.size(); ++at) {
    if (is_continuation(text[at])) continue;
    if (index-- == 0) return at;
  }
  return index == 0 ? text.size() : kNone;
}

void append_repaired(std::string_view bytes, std::string& out) {
  size_t at = 0;
  while (at < bytes.size()) {
    const size_t bad = find_invalid(bytes.substr(at));
    if (bad == kNone) break;
    out.append(bytes.substr(at, bad));
    append(out, kReplacement);
    bool whole = false;
    const size_t good = good_bytes(bytes, at + bad, whole);
    at += bad + std::max<size_t>(good, 1);
  }
  if (at < bytes.size()) out.append(bytes.substr(at));
}

}  // namespace proto::text
