#include "query/parser/internal/scanner.h"

#include <array>
#include <cstring>

namespace protobase::parser {
namespace {

enum ByteClass : uint8_t { kOther, kBlank, kLetter, kDigit };

constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> classes{};
  for (int c = 'a'; c <= 'z'; ++c) classes[static_cast<size_t>(c)] = classes[static_cast<size_t>(c - 32)] = kLetter;
  for (size_t c = 128; c < 256; ++c) classes[c] = kLetter;  // any character beyond ASCII may stand in a name
  for (size_t c = '0'; c <= '9'; ++c) classes[c] = kDigit;
  for (const char c : {' ', '\t', '\n', '\r', '\f', '\v'}) classes[static_cast<size_t>(c)] = kBlank;
  classes['_'] = kLetter;
  return classes;
}
constexpr std::array<uint8_t, 256> kClasses = make_classes();

ByteClass class_of(char c) { return static_cast<ByteClass>(kClasses[static_cast<unsigned char>(c)]); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f'); }
bool is_name_part(char c) { return class_of(c) >= kLetter || c == '$'; }

}  // namespace

Token Scanner::make(TokenKind kind, const char* from) const {
  return {kind, static_cast<uint32_t>(from - begin_), static_cast<uint32_t>(at_ - from)};
}

Token Scanner::fail(const char* from, const char* message, bool unterminated) {
  error_ = message;
  unterminated_ = unterminated;
  return make(TokenKind::kError, from);
}

Token Scanner::take(TokenKind kind, const char* from, size_t length) {
  at_ = from + length;
  return make(kind, from);
}

/// Stops at a token, at the end, or at a comment that does not end.
void Scanner::skip_blank() {
  while (at_ < end_) {
    if (class_of(*at_) == kBlank) {
      ++at_;
    } else if (*at_ == '-' && at_ + 1 < end_ && at_[1] == '-') {
      const void* newline = std::memchr(at_, '\n', static_cast<size_t>(end_ - at_));
      at_ = newline == nullptr ? end_ : static_cast<const char*>(newline) + 1;
    } else if (*at_ == '/' && at_ + 1 < end_ && at_[1] == '*') {
      const size_t close = std::string_view(at_ + 2, static_cast<size_t>(end_ - at_ - 2)).find("*/");
      if (close == std::string_view::npos) return;
      at_ += close + 4;
    } else {
      return;
    }
  }
}

Token Scanner::next() {
  skip_blank();
  const char* from = at_;
  if (from == end_) return make(TokenKind::kEnd, from);
  switch (class_of(*from)) {
    case kLetter:
      if (from + 1 < end_ && from[1] == '\'') {
        if ((*from | 32) == 'e') return scan_escaped_string(from);
        if ((*from | 32) == 'x') return scan_blob(from);
      }
      return scan_word(from);
    case kDigit:
      return scan_number(from);
    default:
      return scan_mark(from);
  }
}

Token Scanner::scan_word(const char* from) {
  while (at_ < end_ && is_name_part(*at_)) ++at_;
  return make(find_keyword({from, static_cast<size_t>(at_ - from)}), from);
}

Token Scanner::scan_number(const char* from) {
  if (*from == '0' && from + 2 < end_ && (from[1] | 32) == 'x' && is_hex(from[2])) {
    for (at_ = from + 2; at_ < end_ && is_hex(*at_);) ++at_;
    return make(TokenKind::kINTEGER, from);
  }
  bool decimal = false;
  while (at_ < end_ && is_digit(*at_)) ++at_;
  if (at_ < end_ && *at_ == '.') {
    decimal = true;
    for (++at_; at_ < end_ && is_digit(*at_);) ++at_;
  }
  if (at_ < end_ && (*at_ | 32) == 'e') {
    const char* exponent = at_ + 1;
    if (exponent < end_ && (*exponent == '+' || *exponent == '-')) ++exponent;
    if (exponent < end_ && is_digit(*exponent)) {
      decimal = true;
      for (at_ = exponent; at_ < end_ && is_digit(*at_);) ++at_;
    }
  }
  if (at_ < end_ && class_of(*at_) == kLetter) {
    while (at_ < end_ && is_name_part(*at_)) ++at_;
    return fail(from, "a number runs into a name", false);
  }
  return make(decimal ? TokenKind::kDECIMAL : TokenKind::kINTEGER, from);
}

/// A doubled quote stands for itself.
Token Scanner::scan_quoted(const char* from, char quote, TokenKind kind) {
  for (at_ = from + 1;;) {
    const void* found = std::memchr(at_, quote, static_cast<size_t>(end_ - at_));
    if (found == nullptr) {
      at_ = end_;
      return fail(from, kind == TokenKind::kSTRING ? "a string is not closed" : "a quoted name is not closed", true);
    }
    at_ = static_cast<const char*>(found) + 1;
    if (at_ == end_ || *at_ != quote) break;
    ++at_;
  }
  if (kind == TokenKind::kQUOTED_IDENTIFIER && at_ - from == 2) return fail(from, "a name is empty", false);
  return make(kind, from);
}

Token Scanner::scan_escaped_string(const char* from) {
  for (at_ = from + 2; at_ < end_; ++at_) {
    if (*at_ == '\\' && at_ + 1 < end_) {
      ++at_;
    } else if (*at_ == '\'') {
      if (at_ + 1 < end_ && at_[1] == '\'') {
        ++at_;
        continue;
      }
      ++at_;
      return make(TokenKind::kESCAPED_STRING, from);
    }
  }
  return fail(from, "a string is not closed", true);
}

Token Scanner::scan_blob(const char* from) {
  for (at_ = from + 2; at_ < end_ && is_hex(*at_);) ++at_;
  if (at_ == end_) return fail(from, "a blob is not closed", true);
  if (*at_ != '\'') return fail(from, "a blob holds something else than hexadecimal digits", false);
  ++at_;
  if ((at_ - from) % 2 == 0) return fail(from, "a blob has half a byte at its end", false);
  return make(TokenKind::kBLOB, from);
}

/// ? ?1 $1 :name $name @name. The caller has seen that one of them begins here.
Token Scanner::scan_parameter(const char* from) {
  at_ = from + 1;
  if (at_ < end_ && is_digit(*at_) && (*from == '?' || *from == '$')) {
    while (at_ < end_ && is_digit(*at_)) ++at_;
    return make(TokenKind::kNUMBERED_PARAMETER, from);
  }
  if (*from == '?') return make(TokenKind::kPOSITIONAL_PARAMETER, from);
  while (at_ < end_ && class_of(*at_) >= kLetter) ++at_;
  return make(TokenKind::kNAMED_PARAMETER, from);
}

Token Scanner::scan_mark(const char* from) {
  using enum TokenKind;
  const auto at = [&](size_t i) { return from + i < end_ ? from[i] : '\0'; };
  const char second = at(1);
  switch (*from) {
    case '\'': return scan_quoted(from, '\'', kSTRING);
    case '"': return scan_quoted(from, '"', kQUOTED_IDENTIFIER);
    case '`': return scan_quoted(from, '`', kQUOTED_IDENTIFIER);
    case '(': return take(kLPAREN, from, 1);
    case ')': return take(kRPAREN, from, 1);
    case '[': return take(kLBRACKET, from, 1);
    case ']': return take(kRBRACKET, from, 1);
    case '{': return take(kLBRACE, from, 1);
    case '}': return take(kRBRACE, from, 1);
    case ',': return take(kCOMMA, from, 1);
    case ';': return take(kSEMICOLON, from, 1);
    case '.': return is_digit(second) ? scan_number(from) : take(kDOT, from, 1);
    case '+': return take(kPLUS, from, 1);
    case '*': return take(kSTAR, from, 1);
    case '%': return take(kPERCENT, from, 1);
    case '~': return take(kTILDE, from, 1);
    case '&': return take(kAMPERSAND, from, 1);
    case '/':
      if (second == '*') {
        at_ = end_;
        return fail(from, "a comment is not closed", true);
      }
      return take(kSLASH, from, 1);
    case '-':
      if (second != '>') return take(kMINUS, from, 1);
      return at(2) == '>' ? take(kDOUBLE_ARROW, from, 3) : take(kARROW, from, 2);
    case '|': return second == '|' ? take(kCONCAT, from, 2) : take(kPIPE, from, 1);
    case '=':
      return second == '='   ? take(kDOUBLE_EQUAL, from, 2)
             : second == '>' ? take(kFAT_ARROW, from, 2)
                             : take(kEQUAL, from, 1);
    case '!':
      if (second == '=') return take(kBANG_EQUAL, from, 2);
      break;
    case '<':
      if (second == '-' && at(2) == '>') return take(kL2_DISTANCE, from, 3);
      if (second == '=' && at(2) == '>') return take(kCOSINE_DISTANCE, from, 3);
      if (second == '#' && at(2) == '>') return take(kINNER_PRODUCT, from, 3);
      if (second == '+' && at(2) == '>') return take(kL1_DISTANCE, from, 3);
      if (second == '=') return take(kLESS_EQUAL, from, 2);
      if (second == '>') return take(kNOT_EQUAL, from, 2);
      if (second == '<') return take(kSHIFT_LEFT, from, 2);
      return second == '@' ? take(kCONTAINED_BY, from, 2) : take(kLESS, from, 1);
    case '>':
      if (second == '=') return take(kGREATER_EQUAL, from, 2);
      return second == '>' ? take(kSHIFT_RIGHT, from, 2) : take(kGREATER, from, 1);
    case '?': return scan_parameter(from);
    case '$':
      if (class_of(second) >= kLetter) return scan_parameter(from);
      break;
    case ':':
      if (second == ':') return take(kDOUBLE_COLON, from, 2);
      return class_of(second) == kLetter ? scan_parameter(from) : take(kCOLON, from, 1);
    case '@':
      if (second == '>') return take(kCONTAINS_ALL, from, 2);
      if (class_of(second) == kLetter) return scan_parameter(from);
      break;
    default: break;
  }
  at_ = from + 1;
  return fail(from, "this character has no meaning here", false);
}

}  // namespace protobase::parser
