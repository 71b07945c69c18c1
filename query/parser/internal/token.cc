#include "query/parser/internal/token.h"

#include <array>
#include <cstring>

namespace protobase::parser {
namespace {

constexpr std::string_view kTexts[] = {
    "end of text",
#define RESERVED(name) #name,
#define UNRESERVED(name) #name,
#define CONTEXTUAL(name) #name,
#define MARK(name, text) text,
#define SPECIAL(name, text) text,
#include "query/parser/internal/tokens.def"
#undef RESERVED
#undef UNRESERVED
#undef CONTEXTUAL
#undef MARK
#undef SPECIAL
};
static_assert(std::size(kTexts) == kTokenKindCount);

constexpr bool is_keyword(size_t kind) { return kTokenClasses[kind] >= TokenClass::kReserved; }

constexpr size_t longest_keyword() {
  size_t longest = 0;
  for (size_t kind = 0; kind < kTokenKindCount; ++kind) {
    if (is_keyword(kind) && kTexts[kind].size() > longest) longest = kTexts[kind].size();
  }
  return longest;
}
constexpr size_t kLongestKeyword = longest_keyword();
static_assert(kLongestKeyword <= 16, "words are compared in a buffer of 16 bytes");

constexpr size_t kSlots = 2048;

/// Over upper-case text of at least two characters.
constexpr size_t hash_word(const char* word, size_t length) {
  const auto at = [word](size_t index) { return static_cast<size_t>(static_cast<unsigned char>(word[index])); };
  return (at(0) * 31 + at(1) * 211 + at(length - 1) * 1021 + at(length / 2) * 7 + length * 523) % kSlots;
}

/// Open addressing over all keywords; 0 is an empty slot.
constexpr std::array<uint16_t, kSlots> make_slots() {
  std::array<uint16_t, kSlots> slots{};
  for (size_t kind = 1; kind < kTokenKindCount; ++kind) {
    if (!is_keyword(kind)) continue;
    size_t slot = hash_word(kTexts[kind].data(), kTexts[kind].size());
    while (slots[slot] != 0) slot = (slot + 1) % kSlots;
    slots[slot] = static_cast<uint16_t>(kind);
  }
  return slots;
}
constexpr std::array<uint16_t, kSlots> kKeywordSlots = make_slots();

}  // namespace

std::string_view token_text(TokenKind kind) {
  return kind == TokenKind::kError ? std::string_view("an error") : kTexts[static_cast<size_t>(kind)];
}

TokenKind find_keyword(std::string_view word) {
  if (word.size() < 2 || word.size() > kLongestKeyword) return TokenKind::kIDENTIFIER;
  char upper[16];
  for (size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    upper[i] = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  }
  for (size_t slot = hash_word(upper, word.size()); kKeywordSlots[slot] != 0; slot = (slot + 1) % kSlots) {
    const std::string_view candidate = kTexts[kKeywordSlots[slot]];
    if (candidate.size() == word.size() && std::memcmp(candidate.data(), upper, word.size()) == 0) {
      return static_cast<TokenKind>(kKeywordSlots[slot]);
    }
  }
  return TokenKind::kIDENTIFIER;
}

}  // namespace protobase::parser
