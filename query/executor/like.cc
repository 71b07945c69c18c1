#include "query/executor/like.h"

#include <regex.h>
#include <utf8proc.h>

#include <algorithm>

namespace protobase::query {
namespace {

size_t character_at(std::string_view text, size_t at) { return std::min(character_bytes(text[at]), text.size() - at); }

void append_folded(std::string& out, int32_t code_point) {
  uint8_t bytes[4];
  const auto size = utf8proc_encode_char(code_point, bytes);
  out.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
}

/// One character class of a GLOB, `pattern[at]` being '['. Gives the offset after it; 0 when it has no end.
size_t match_class(std::string_view pattern, size_t at, std::string_view character, bool& matched) {
  const bool negated = at + 1 < pattern.size() && (pattern[at + 1] == '^' || pattern[at + 1] == '!');
  size_t i = at + (negated ? 2 : 1);
  bool found = false;
  for (const size_t first = i; i < pattern.size() && (pattern[i] != ']' || i == first);) {
    const std::string_view low = pattern.substr(i, character_at(pattern, i));
    i += low.size();
    std::string_view high = low;
    if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
      high = pattern.substr(i + 1, character_at(pattern, i + 1));
      i += 1 + high.size();
    }
    found |= low <= character && character <= high;  // UTF-8 orders as code points do
  }
  matched = found != negated;
  return i < pattern.size() ? i + 1 : 0;
}

/// Matches one element of a GLOB other than '*'. Gives whether it fits, and moves both offsets.
bool match_glob_element(std::string_view pattern, size_t& p, std::string_view text, size_t& t) {
  const size_t size = character_at(text, t);
  const std::string_view character = text.substr(t, size);
  t += size;
  if (pattern[p] == '?') return ++p, true;
  if (pattern[p] == '[') {
    bool matched = false;
    const size_t end = match_class(pattern, p, character, matched);
    if (end != 0) return p = end, matched;
  }
  const size_t width = character_at(pattern, p);
  const bool same = pattern.substr(p, width) == character;
  p += width;
  return same;
}

bool match_glob(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0;
  size_t star = std::string_view::npos, resume = 0;  // after the last '*', and where its text ends for now
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p, resume = t;
      continue;
    }
    if (p < pattern.size() && match_glob_element(pattern, p, text, t)) continue;
    if (star == std::string_view::npos) return false;
    resume += character_at(text, resume);
    p = star, t = resume;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Result<std::shared_ptr<void>> compile_regexp(std::string_view pattern, bool ignore_case) {
  auto* compiled = new regex_t;
  const int flags = REG_EXTENDED | REG_NOSUB | (ignore_case ? REG_ICASE : 0);
  const int error = regcomp(compiled, std::string(pattern).c_str(), flags);
  if (error != 0) {
    char text[128];
    regerror(error, compiled, text, sizeof text);
    delete compiled;
    return Status(StatusCode::kInvalidArgument, "bad regular expression: " + std::string(text));
  }
  return std::shared_ptr<void>(compiled, [](void* memory) {
    regfree(static_cast<regex_t*>(memory));
    delete static_cast<regex_t*>(memory);
  });
}

}  // namespace

std::string fold_case(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      const char c = text[at++];
      out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
      continue;
    }
    int32_t code_point = 0;
    const auto* bytes = reinterpret_cast<const uint8_t*>(text.data() + at);
    const auto size = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - at), &code_point);
    if (size <= 0) {
      out.push_back(text[at++]);
      continue;
    }
    append_folded(out, utf8proc_tolower(code_point));
    at += static_cast<size_t>(size);
  }
  return out;
}

Result<Pattern> Pattern::compile(LikeStyle style, std::string_view pattern, std::string_view escape, bool ignore_case) {
  Pattern result;
  result.ignore_case_ = ignore_case;
  const std::string folded = ignore_case ? fold_case(pattern) : std::string(pattern);
  if (style == LikeStyle::kRegexp) {
    result.shape_ = Shape::kRegexp;
    PROTO_ASSIGN_OR_RETURN(result.regexp_, compile_regexp(pattern, ignore_case));
    return result;
  }
  if (style == LikeStyle::kGlob) {
    result.shape_ = Shape::kGlob;
    result.literal_ = folded;
    return result;
  }
  if (!escape.empty() && character_at(escape, 0) != escape.size()) {
    return Status(StatusCode::kInvalidArgument, "the escape of LIKE must be one character");
  }
  const std::string folded_escape = ignore_case ? fold_case(escape) : std::string(escape);
  std::vector<Token>& tokens = result.tokens_;
  for (size_t at = 0; at < folded.size();) {
    std::string_view character(folded.data() + at, character_at(folded, at));
    at += character.size();
    if (character == folded_escape) {
      if (at == folded.size()) return Status(StatusCode::kInvalidArgument, "LIKE pattern ends with its escape character");
      character = std::string_view(folded.data() + at, character_at(folded, at));
      at += character.size();
    } else if (character == "%" || character == "_") {
      const auto kind = character == "%" ? Token::Kind::kAny : Token::Kind::kOne;
      if (kind == Token::Kind::kOne || tokens.empty() || tokens.back().kind != kind) tokens.push_back({kind, {}});
      continue;
    }
    if (tokens.empty() || tokens.back().kind != Token::Kind::kLiteral) tokens.push_back({Token::Kind::kLiteral, {}});
    tokens.back().bytes.append(character);
  }
  result.choose_shape();
  return result;
}

void Pattern::choose_shape() {
  const auto is = [this](size_t i, Token::Kind kind) { return tokens_[i].kind == kind; };
  constexpr auto kText = Token::Kind::kLiteral;
  constexpr auto kAny = Token::Kind::kAny;
  if (tokens_.empty()) {
    shape_ = Shape::kExact;
  } else if (tokens_.size() == 1 && is(0, kText)) {
    shape_ = Shape::kExact, literal_ = tokens_[0].bytes;
  } else if (tokens_.size() == 1 && is(0, kAny)) {
    shape_ = Shape::kPrefix;  // of nothing
  } else if (tokens_.size() == 2 && is(0, kText) && is(1, kAny)) {
    shape_ = Shape::kPrefix, literal_ = tokens_[0].bytes;
  } else if (tokens_.size() == 2 && is(0, kAny) && is(1, kText)) {
    shape_ = Shape::kSuffix, literal_ = tokens_[1].bytes;
  } else if (tokens_.size() == 3 && is(0, kAny) && is(1, kText) && is(2, kAny)) {
    shape_ = Shape::kContains, literal_ = tokens_[1].bytes;
  }
}

bool Pattern::match_tokens(std::string_view text) const {
  size_t p = 0, t = 0;
  size_t star = std::string_view::npos, resume = 0;
  for (;;) {
    if (p < tokens_.size()) {
      const Token& token = tokens_[p];
      if (token.kind == Token::Kind::kAny) {
        star = ++p, resume = t;
        if (p == tokens_.size()) return true;
        continue;
      }
      if (token.kind == Token::Kind::kOne && t < text.size()) {
        t += character_at(text, t), ++p;
        continue;
      }
      if (token.kind == Token::Kind::kLiteral && text.substr(t).starts_with(token.bytes)) {
        t += token.bytes.size(), ++p;
        continue;
      }
    } else if (t == text.size()) {
      return true;
    }
    if (star == std::string_view::npos || resume >= text.size()) return false;
    resume += character_at(text, resume);
    p = star, t = resume;
  }
}

bool Pattern::matches(std::string_view text) const {
  if (shape_ == Shape::kRegexp) {
    return regexec(static_cast<const regex_t*>(regexp_.get()), std::string(text).c_str(), 0, nullptr, 0) == 0;
  }
  std::string folded;
  if (ignore_case_) text = folded = fold_case(text);
  switch (shape_) {
    case Shape::kExact: return text == literal_;
    case Shape::kPrefix: return text.starts_with(literal_);
    case Shape::kSuffix: return text.ends_with(literal_);
    case Shape::kContains: return text.find(literal_) != std::string_view::npos;
    case Shape::kGlob: return match_glob(literal_, text);
    default: return match_tokens(text);
  }
}

}  // namespace protobase::query
