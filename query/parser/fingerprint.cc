#include "query/parser/fingerprint.h"

#include <array>
#include <utility>

#include "query/parser/internal/literals.h"
#include "query/parser/internal/scanner.h"

namespace protobase::parser {
namespace {

using enum TokenKind;

/// In the key: what stands for a literal, followed by i, d or s. No token begins with this byte.
constexpr char kMark = '\x01';

/// Deeper text is left to the parser, which refuses most of it.
constexpr size_t kMaxBrackets = 256;

bool is_literal(TokenKind kind) {
  return kind == kINTEGER || kind == kDECIMAL || kind == kSTRING || kind == kESCAPED_STRING;
}

class Fingerprinter {
 public:
  Fingerprinter(std::string_view text, Fingerprint* out) : text_(text), scanner_(text), out_(out) {}

  /// False when there is no use in a key.
  bool run() {
    // Unescaped texts together are no longer than the text: the views into `strings` stay good.
    out_->strings.reserve(text_.size());
    token_ = scanner_.next();
    if (!starts_cacheable(token_.kind)) return false;
    is_insert_ = token_.kind == kINSERT || token_.kind == kREPLACE;
    while (token_.kind != kEnd) {
      if (token_.kind == kError) return false;
      if (token_.kind == kSEMICOLON) return scanner_.next().kind == kEnd;
      const Token next = scanner_.next();
      if (!take(next)) return false;
      before_ = previous_;
      previous_ = token_.kind;
      token_ = next;
    }
    return depth_ == 0;
  }

 private:
  static bool starts_cacheable(TokenKind kind) {
    return kind == kSELECT || kind == kWITH || kind == kINSERT || kind == kREPLACE || kind == kUPDATE ||
           kind == kDELETE || kind == kVALUES || kind == kLPAREN;
  }

  struct Bracket {
    bool extracting;  // what extracting_ was outside
    bool brace;
  };

  bool take(const Token& next) {
    switch (token_.kind) {
      case kLPAREN: case kLBRACKET: case kLBRACE:
        if (!open()) return false;
        break;
      case kRPAREN: case kRBRACKET: case kRBRACE:
        if (depth_ == 0) return false;
        extracting_ = outside_[--depth_].extracting;
        break;
      default: enter_clause(next); break;
    }
    if (extracting_ && is_literal(token_.kind) && may_extract(next)) return extract();
    append(token_);
    return true;
  }

  bool open() {
    if (depth_ == kMaxBrackets) return false;
    outside_[depth_++] = {extracting_, token_.kind == kLBRACE};
    if (token_.kind == kLBRACE && is_insert_ && depth_ == 1) extracting_ = true;
    // Subscripts, the types of casts and the fields of EXTRACT are part of what the statement means.
    const bool subscript =
        token_.kind == kLBRACKET && (previous_ == kRBRACKET || previous_ == kRPAREN || is_name(previous_));
    const bool type = token_.kind == kLPAREN && (before_ == kAS || before_ == kDOUBLE_COLON || previous_ == kVARYING);
    if (subscript || type || previous_ == kEXTRACT) extracting_ = false;
    return true;
  }

  static bool is_name(TokenKind kind) {
    return kind == kQUOTED_IDENTIFIER || kind == kRBRACE ||
           (kind >= kPOSITIONAL_PARAMETER && kind <= kNAMED_PARAMETER) ||
           (is_word(kind) && kind != kARRAY && token_class(kind) != TokenClass::kReserved);
  }

  void enter_clause(const Token& next) {
    if (previous_ == kDOT) return;
    switch (token_.kind) {
      case kWHERE: case kVALUES: case kLIMIT: case kOFFSET: extracting_ = true; break;
      case kFROM:
        if (previous_ == kDISTINCT) return;  // IS DISTINCT FROM
        [[fallthrough]];
      case kSELECT: case kGROUP: case kORDER: case kHAVING: case kWINDOW: case kUNION: case kEXCEPT: case kINTERSECT:
      case kRETURNING: case kFETCH: case kWITH: case kJOIN: extracting_ = false; break;
      case kUPDATE: updating_ = depth_ == 0 && (previous_ == kEnd || previous_ == kDO || previous_ == kRPAREN); return;
      case kSET: extracting_ = extracting_ || (updating_ && depth_ == 0 && next.kind != kEQUAL); return;
      case kON: case kUSING: extracting_ = extracting_ && depth_ > 0; break;
      default: return;
    }
    if (depth_ == 0) verbatim_ = (token_.kind == kSELECT) || token_.kind == kRETURNING;
  }

  /// The neighbours that make a literal more than a value.
  bool may_extract(const Token& next) const {
    switch (previous_) {
      case kDATE: case kTIME: case kTIMESTAMP: case kINTERVAL: case kESCAPE: case kARROW: case kDOUBLE_ARROW: case kAS:
      case kCOLLATE: case kIS: return false;
      case kNOT: if (before_ == kIS) return false; break;
      default: break;
    }
    // {'k': v} and {'k':v}, where the scanner takes :v for a parameter.
    if (next.kind == kCOLON || (next.kind == kNAMED_PARAMETER && text_[next.offset] == ':')) return false;
    return true;
  }

  std::string_view text_of(const Token& token) const { return text_.substr(token.offset, token.length); }

  bool extract() {
    ExtractedLiteral literal;
    literal.span = token_.span();
    char mark = 'i';
    switch (token_.kind) {
      case kINTEGER:
        if (!decode_integer(text_of(token_), &literal.integer)) return append_big();
        break;
      case kDECIMAL:
        literal.kind = ExtractedKind::kDouble;
        mark = 'd';
        if (!decode_double(text_of(token_), &literal.real)) return false;
        break;
      default:
        literal.kind = ExtractedKind::kString;
        mark = 's';
        if (!unescape(&literal.string)) return false;
    }
    last_end_ = token_.end();
    out_->literals.push_back(literal);
    out_->key.push_back(kMark);
    out_->key.push_back(mark);
    return true;
  }

  /// A number that does not fit stays part of the statement.
  bool append_big() {
    append(token_);
    return true;
  }

  bool unescape(std::string_view* value) {
    const std::string_view token = text_of(token_);
    if (token_.kind == kSTRING) {
      *value = token.substr(1, token.size() - 2);
      if (value->find('\'') == std::string_view::npos) return true;
    }
    const size_t start = out_->strings.size();
    if (token_.kind == kSTRING) {
      decode_quoted(token, &out_->strings);
    } else if (!decode_escaped(token, &out_->strings)) {
      return false;
    }
    *value = std::string_view(out_->strings).substr(start);
    return true;
  }

  /// One blank before each token, so that no two run into one another.
  void append(const Token& token) {
    std::string& key = out_->key;
    const uint32_t gap = std::exchange(last_end_, token.end());
    if (verbatim_ && token.kind != kSELECT) {
      key.append(text_.substr(gap, token.end() - gap));
      return;
    }
    const bool may_be_key = depth_ > 0 && outside_[depth_ - 1].brace;
    const bool reserved = token_class(token.kind) == TokenClass::kReserved && previous_ != kDOT && !may_be_key;
    const bool first = previous_ == kEnd;  // the verb, which is a keyword there even if it is not reserved
    key.push_back(' ');
    key.append(reserved || first ? token_text(token.kind) : text_of(token));
  }

  std::string_view text_;
  Scanner scanner_;
  Fingerprint* out_;
  Token token_;
  TokenKind previous_ = kEnd;
  TokenKind before_ = kEnd;
  bool is_insert_ = false;
  bool extracting_ = false;
  size_t depth_ = 0;
  bool updating_ = false;  // UPDATE was seen where it is the keyword
  bool verbatim_ = false;  // in the outermost select list or RETURNING, whose text names the columns
  uint32_t last_end_ = 0;
  std::array<Bracket, kMaxBrackets> outside_;  // one for each open bracket
};

}  // namespace

void fingerprint(std::string_view text, Fingerprint* out) {
  out->key.clear();
  out->literals.clear();
  out->strings.clear();
  out->cacheable = Fingerprinter(text, out).run();
  if (out->cacheable) return;
  out->key.clear();
  out->literals.clear();
}

}  // namespace protobase::parser
