#include "query/parser/internal/suggestion.h"

#include <algorithm>
#include <array>

#include "query/parser/internal/token_roles.h"

namespace protobase::parser {
namespace {

using enum TokenKind;

constexpr size_t kLongestWord = 24;

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

struct Candidate {
  TokenKind kind;
  size_t distance;
};

/// Keywords like the word, the nearest first; a longer word may differ in more places.
std::vector<Candidate> similar_keywords(std::string_view word) {
  std::vector<Candidate> out;
  const size_t limit = word.size() <= 3 ? 1 : 2;
  for (size_t kind = static_cast<size_t>(kALL); kind < kTokenKindCount; ++kind) {
    const size_t distance = edit_distance(word, token_text(static_cast<TokenKind>(kind)), limit);
    if (distance >= 1 && distance <= limit) out.push_back({static_cast<TokenKind>(kind), distance});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Candidate& a, const Candidate& b) { return a.distance < b.distance; });
  if (out.size() > 8) out.resize(8);
  return out;
}

/// Where the statement fails when the word at `at` is the keyword instead, as an offset in the text.
uint32_t failure_with(Session& session, std::string_view text, std::vector<Token> raw, size_t at, TokenKind keyword,
                      uint32_t end) {
  raw[at].kind = keyword;
  std::vector<Token> tokens;
  if (!assign_roles(text, raw, tokens).ok()) return 0;
  const size_t index = session.try_parse(tokens, end);
  return index > tokens.size() ? end + 1 : index == tokens.size() ? end : tokens[index].offset;
}

/// The plain parentheses again: a trial settles the roles anew.
std::vector<Token> without_roles(std::vector<Token> raw) {
  for (Token& token : raw) {
    if (token.kind == kLPAREN_QUERY) token.kind = kLPAREN;
  }
  return raw;
}

std::string keyword_near(Session& session, std::string_view text, const std::vector<Token>& raw, size_t at,
                         uint32_t failed_at, uint32_t end) {
  const bool misspelt = is_word(raw[at].kind) && token_class(raw[at].kind) != TokenClass::kReserved;
  if (!misspelt || raw[at].length > kLongestWord) return std::string();
  uint32_t furthest = failed_at;
  std::string best;
  for (const Candidate& candidate : similar_keywords(text.substr(raw[at].offset, raw[at].length))) {
    const uint32_t reached = failure_with(session, text, raw, at, candidate.kind, end);
    if (reached <= furthest) continue;
    furthest = reached;
    best = "did you mean " + std::string(token_text(candidate.kind)) + "?";
  }
  return best;
}

/// The bracket that would close the innermost open one, or null.
const char* missing_bracket(const std::vector<Token>& tokens) {
  std::vector<const char*> open;
  for (const Token& token : tokens) {
    switch (token.kind) {
      case kLPAREN: case kLPAREN_QUERY: case kLPAREN_LAMBDA: open.push_back(")"); break;
      case kLBRACKET: open.push_back("]"); break;
      case kLBRACE: open.push_back("}"); break;
      case kRPAREN: case kRBRACKET: case kRBRACE:
        if (!open.empty()) open.pop_back();
        break;
      default: break;
    }
  }
  return open.empty() ? nullptr : open.back();
}

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b, size_t limit) {
  if (a.size() > kLongestWord || b.size() > kLongestWord) return limit + 1;
  if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
  std::array<std::array<size_t, kLongestWord + 1>, kLongestWord + 1> cost;
  for (size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = upper(a[i - 1]) == upper(b[j - 1]);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && upper(a[i - 1]) == upper(b[j - 2]) && upper(a[i - 2]) == upper(b[j - 1]);
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return std::min(cost[a.size()][b.size()], limit + 1);
}

std::string suggest(Session& session, std::string_view text, const std::vector<Token>& raw,
                    const std::vector<Token>& tokens, size_t error_index, uint32_t end) {
  const bool at_end = error_index >= tokens.size();
  const uint32_t failed_at = at_end ? end : tokens[error_index].offset;
  const std::vector<Token> plain = without_roles(raw);
  const auto here = std::lower_bound(plain.begin(), plain.end(), failed_at,
                                     [](const Token& token, uint32_t offset) { return token.offset < offset; });
  const size_t at = static_cast<size_t>(here - plain.begin());
  // The word itself, then up to three before it: a misspelt keyword passes for an alias and the error comes later.
  for (size_t back = 0; back <= 3 && back <= at; ++back) {
    if (at - back >= plain.size()) continue;
    std::string hint = keyword_near(session, text, plain, at - back, failed_at, end);
    if (!hint.empty()) return hint;
  }
  const char* bracket = at_end ? missing_bracket(tokens) : nullptr;
  return bracket == nullptr ? std::string() : std::string("a '") + bracket + "' is missing";
}

}  // namespace protobase::parser
