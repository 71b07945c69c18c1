#include "query/parser/internal/token_roles.h"

#include <algorithm>
#include <string>

#include "query/ast/ast.h"

namespace protobase::parser {
namespace {

using proto::Result;
using proto::Status;
using proto::StatusCode;
using enum TokenKind;

constexpr size_t kNone = static_cast<size_t>(-1);

/// A query costs the parser and its followers several frames of stack, an expression's parenthesis few.
constexpr uint32_t kQueryWeight = 4;
/// More operators than this between two brackets add no depth: there are no more levels of precedence.
constexpr uint32_t kOperatorWeightLimit = 10;

bool starts_query(TokenKind kind) { return kind == kSELECT || kind == kVALUES || kind == kWITH; }

bool continues_query(TokenKind kind) {
  return kind == kUNION || kind == kEXCEPT || kind == kINTERSECT || kind == kORDER || kind == kLIMIT ||
         kind == kOFFSET || kind == kFETCH;
}

bool is_name(TokenKind kind) {
  return kind == kIDENTIFIER || kind == kQUOTED_IDENTIFIER || token_class(kind) == TokenClass::kUnreserved;
}

bool is_string(TokenKind kind) { return kind == kSTRING || kind == kESCAPED_STRING; }

bool is_literal_or_parameter(TokenKind kind) { return kind >= kINTEGER && kind <= kNAMED_PARAMETER; }

/// True when an operand may end with this (role-assigned) token.
bool ends_operand(TokenKind kind) {
  return is_name(kind) || is_literal_or_parameter(kind) || kind == kRPAREN || kind == kRBRACKET || kind == kRBRACE ||
         kind == kNULL || kind == kTRUE || kind == kFALSE || kind == kEND || kind == kINTERVAL_UNIT;
}

/// True when an operand surely starts with this token; signs may also be operators and do not count.
bool starts_operand(TokenKind kind) {
  if (is_word(kind)) {
    return token_class(kind) != TokenClass::kReserved || kind == kNOT || kind == kCASE || kind == kCAST ||
           kind == kNULL || kind == kTRUE || kind == kFALSE;
  }
  return kind == kQUOTED_IDENTIFIER || is_literal_or_parameter(kind) || kind == kLPAREN || kind == kLPAREN_QUERY ||
         kind == kLBRACKET || kind == kLBRACE;
}

bool is_sign(TokenKind kind) { return kind == kNOT || kind == kMINUS || kind == kPLUS || kind == kTILDE; }

bool is_operator(TokenKind kind) {
  return (kind >= kPLUS && kind <= kDOUBLE_ARROW) || kind == kAND || kind == kOR || kind == kNOT || kind == kIS ||
         kind == kIN || kind == kLIKE || kind == kILIKE || kind == kBETWEEN || kind == kCONTAINS;
}

bool equals_word(std::string_view text, std::string_view upper) {
  return std::equal(text.begin(), text.end(), upper.begin(), upper.end(),
                    [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 32 : a) == b; });
}

bool is_interval_unit(std::string_view word) {
  static constexpr std::string_view kUnits[] = {"MICROSECOND", "MILLISECOND", "SECOND",  "MINUTE", "HOUR",
                                                "DAY",         "WEEK",        "QUARTER", "MONTH",  "YEAR"};
  if (word.size() > 1 && (word.back() | 32) == 's') word.remove_suffix(1);
  return std::any_of(std::begin(kUnits), std::end(kUnits),
                     [&](std::string_view unit) { return equals_word(word, unit); });
}

/// Marks parentheses that hold a query, the inner ones first.
void mark_query_parentheses(std::vector<Token>& tokens) {
  std::vector<size_t> match(tokens.size(), kNone);
  std::vector<size_t> open;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind == kLPAREN) open.push_back(i);
    if (tokens[i].kind == kRPAREN && !open.empty()) match[open.back()] = i, open.pop_back();
  }
  const auto kind_at = [&](size_t i) { return i < tokens.size() ? tokens[i].kind : kEnd; };
  for (size_t i = tokens.size(); i-- > 0;) {
    if (tokens[i].kind != kLPAREN) continue;
    const TokenKind inner = kind_at(i + 1);
    if (starts_query(inner)) tokens[i].kind = kLPAREN_QUERY;
    if (inner != kLPAREN_QUERY || match[i + 1] == kNone) continue;
    const TokenKind after = kind_at(match[i + 1] + 1);
    // ((SELECT 1)) is a query in parentheses, but an argument in f((SELECT 1)) and a row in VALUES ((SELECT 1)).
    const TokenKind before = i == 0 ? kEnd : tokens[i - 1].kind;
    const bool takes_values = (is_word(before) && token_class(before) != TokenClass::kReserved && before != kEXISTS) ||
                              before == kVALUES || before == kCAST || before == kCHECK ||
                              before == kQUOTED_IDENTIFIER ||
                              (before == kCOMMA && i >= 2 && tokens[i - 2].kind == kRPAREN);
    if (continues_query(after) || (after == kRPAREN && !takes_values)) tokens[i].kind = kLPAREN_QUERY;
  }
}

class RoleAssigner {
 public:
  RoleAssigner(std::string_view text, std::vector<Token>& tokens, std::vector<Token>& out)
      : text_(text), tokens_(tokens), out_(out) {}

  Status run() {
    for (index_ = 0; index_ < tokens_.size(); ++index_) {
      split_colon();
      PROTO_RETURN_IF_ERROR(take(tokens_[index_]));
    }
    return Status();
  }

 private:
  /// What is open: a bracket, a CASE, or a BETWEEN that waits for its AND.
  struct Frame {
    TokenKind opener;
    size_t out_index;
    bool is_call;
    uint32_t weight;
    uint32_t operators;  // seen in this frame since its last comma
  };

  TokenKind next(size_t ahead = 1) const {
    return index_ + ahead < tokens_.size() ? tokens_[index_ + ahead].kind : kEnd;
  }
  TokenKind previous(size_t back = 1) const { return out_.size() >= back ? out_[out_.size() - back].kind : kEnd; }
  TokenKind top() const { return frames_.empty() ? kEnd : frames_.back().opener; }
  TokenKind first() const { return tokens_.front().kind; }
  std::string_view text_of(const Token& token) const { return text_.substr(token.offset, token.length); }
  std::string_view previous_text() const { return out_.empty() ? std::string_view() : text_of(out_.back()); }

  void emit(Token token, TokenKind kind) {
    token.kind = kind;
    out_.push_back(token);
  }

  /// Emits this token and the `count` that follow it as one.
  void merge(TokenKind kind, size_t count) {
    Token token = tokens_[index_];
    index_ += count;
    token.length = tokens_[index_].end() - token.offset;
    emit(token, kind);
  }

  /// In `{a:b}` and `x[1:n]` the scanner saw a parameter :b where a colon and a name stand.
  void split_colon() {
    Token& token = tokens_[index_];
    if (token.kind != kNAMED_PARAMETER || text_[token.offset] != ':') return;
    if ((top() != kLBRACE && top() != kLBRACKET) || !ends_operand(previous())) return;
    out_.push_back({kCOLON, token.offset, 1});
    token = {find_keyword(text_.substr(token.offset + 1, token.length - 1)), token.offset + 1, token.length - 1};
  }

  Status take(const Token& token) {
    const TokenKind kind = token.kind;
    if (is_word(kind)) {
      const bool is_key = top() == kLBRACE && (previous() == kLBRACE || previous() == kCOMMA);
      if (previous() == kDOT || is_key) {
        emit(token, kIDENTIFIER);
        return Status();
      }
    }
    signs_ = is_sign(kind) && !ends_operand(previous()) ? signs_ + 1
             : kind == kLPAREN || kind == kLPAREN_QUERY ? signs_
                                                        : 0;
    if (!frames_.empty() && is_operator(kind)) ++frames_.back().operators;
    if (frames_.empty() && is_operator(kind)) ++outer_operators_;
    switch (kind) {
      case kLPAREN: case kLPAREN_QUERY: case kLBRACKET: case kLBRACE: case kCASE: case kBETWEEN:
        return open(token);
      case kRPAREN: case kRBRACKET: case kRBRACE: case kEND:
        close(token);
        return Status();
      case kCOMMA:
        (frames_.empty() ? outer_operators_ : frames_.back().operators) = 0;
        break;
      default: break;
    }
    if (signs_ + weight() > ast::kMaxDepth) return too_deep(token);
    if (token_class(kind) == TokenClass::kContextual) {
      emit(token, keeps_keyword(token) ? kind : contextual_name(token));
    } else {
      take_other(token);
    }
    return Status();
  }

  uint32_t weight() const { return frames_.empty() ? 0 : frames_.back().weight; }

  static Status too_deep(const Token& token) {
    return Status(StatusCode::kSyntax, "the statement nests deeper than " + std::to_string(ast::kMaxDepth) + " levels")
        .with_span(token.span());
  }

  Status open(const Token& token) {
    const uint32_t operators =
        std::min(frames_.empty() ? outer_operators_ : frames_.back().operators, kOperatorWeightLimit);
    const uint32_t own = token.kind == kLPAREN_QUERY ? kQueryWeight : 1;
    const bool is_call =
        token.kind == kLPAREN && (is_name(previous()) || token_class(previous()) == TokenClass::kContextual);
    frames_.push_back({token.kind, out_.size(), is_call, weight() + own + signs_ + operators, 0});
    signs_ = 0;
    if (frames_.back().weight > ast::kMaxDepth) return too_deep(token);
    emit(token, token.kind);
    return Status();
  }

  static bool closes(TokenKind closer, TokenKind opener) {
    switch (closer) {
      case kRPAREN: return opener == kLPAREN || opener == kLPAREN_QUERY;
      case kRBRACKET: return opener == kLBRACKET;
      case kRBRACE: return opener == kLBRACE;
      default: return opener == kCASE;
    }
  }

  void close(const Token& token) {
    last_opener_ = kNone;
    while (top() == kBETWEEN) frames_.pop_back();
    if (!frames_.empty() && closes(token.kind, top())) {
      last_opener_ = frames_.back().out_index;
      frames_.pop_back();
    }
    emit(token, token.kind);
  }

  /// Keywords and marks that may stand for something else.
  void take_other(const Token& token) {
    switch (token.kind) {
      case kAND: return take_and(token);
      case kNOT: return take_not(token);
      case kIS: return take_is(token);
      case kAS: return is_as_of() ? merge(kAS_OF, 1) : emit(token, kAS);
      case kON: return emit(token, is_on_conflict() ? kON_CONFLICT : kON);
      case kWITH: return emit(token, next() == kTIME && next(2) == kZONE ? kWITH_ZONE : kWITH);
      case kWITHOUT: return emit(token, next() == kTIME && next(2) == kZONE ? kWITHOUT_ZONE : kWITHOUT);
      case kLEFT: case kRIGHT: return emit(token, next() == kLPAREN ? kIDENTIFIER : token.kind);
      case kARROW: return take_arrow(token);
      case kFAT_ARROW:
        if (is_name(previous())) out_.back().kind = kARGUMENT_NAME;
        return emit(token, kFAT_ARROW);
      case kIDENTIFIER: return emit(token, contextual_name(token));
      default: return emit(token, token.kind);
    }
  }

  void take_and(const Token& token) {
    if (top() != kBETWEEN) return emit(token, kAND);
    frames_.pop_back();
    emit(token, kBETWEEN_AND);
  }

  bool is_word_operator(size_t ahead) const {
    switch (next(ahead)) {
      case kSIMILAR: return next(ahead + 1) == kTO;
      case kGLOB: case kREGEXP: case kCONTAINS: {
        const TokenKind before = previous();
        if (!ends_operand(before) || !starts_operand(next(ahead + 1))) return false;
        // ORDER BY contains(...): BY may be a name or not, so the parenthesis decides.
        return token_class(before) != TokenClass::kUnreserved || next(ahead + 1) != kLPAREN;
      }
      default: return false;
    }
  }

  bool is_infix_not() const {
    return next() == kIN || next() == kLIKE || next() == kILIKE || next() == kBETWEEN || is_word_operator(1);
  }

  void take_not(const Token& token) {
    if (is_infix_not()) return emit(token, kINFIX_NOT);
    // In definitions NOT NULL is a constraint, elsewhere SQLite's way to write IS NOT NULL.
    const bool after_operand = ends_operand(previous());
    if (next() == kNULL && after_operand && first() != kCREATE && first() != kALTER) return merge(kNOTNULL, 1);
    if (next() == kIDENTIFIER && after_operand && equals_word(text_of(tokens_[index_ + 1]), "INDEXED")) {
      ++index_;  // FROM t NOT INDEXED: advice to another engine's planner
      return;
    }
    emit(token, kNOT);
  }

  void take_is(const Token& token) {
    const size_t negated = next() == kNOT ? 1 : 0;
    switch (next(1 + negated)) {
      case kNULL: case kTRUE: case kFALSE: case kMISSING: case kUNKNOWN:
        return emit(token, kIS_TEST);
      case kDISTINCT:
        if (next(2 + negated) == kFROM) return merge(negated ? kIS_NOT_DISTINCT : kIS_DISTINCT, 2 + negated);
        break;
      default: break;
    }
    if (negated) return merge(kIS_NOT, 1);
    emit(token, kIS);
  }

  bool is_as_of() const {
    return next() == kOF && (next(2) == kSNAPSHOT || next(2) == kTIMESTAMP || next(2) == kCOMMIT);
  }

  bool is_on_conflict() const {
    return next() == kCONFLICT && (next(2) == kLPAREN || next(2) == kDO || next(2) == kWHERE);
  }

  /// An arrow is a lambda's inside a call, after a name or names that begin an argument; a text or number after it is a
  /// JSON key.
  void take_arrow(const Token& token) {
    const TokenKind after = next();
    const bool in_call = !frames_.empty() && frames_.back().is_call;
    if (!in_call || is_string(after) || after == kINTEGER) return emit(token, kARROW);
    if (is_name(previous()) && (previous(2) == kLPAREN || previous(2) == kCOMMA)) {
      out_.back().kind = kLAMBDA_NAME;
      return emit(token, kLAMBDA_ARROW);
    }
    if (previous() == kRPAREN && last_opener_ != kNone && last_opener_ > 0) {
      const TokenKind before = out_[last_opener_ - 1].kind;
      if (before == kLPAREN || before == kCOMMA) {
        out_[last_opener_].kind = kLPAREN_LAMBDA;
        return emit(token, kLAMBDA_ARROW);
      }
    }
    emit(token, kARROW);
  }

  /// What a word is that is no keyword here.
  TokenKind contextual_name(const Token& token) const {
    const bool after_interval = previous(2) == kINTERVAL && is_literal_or_parameter(previous());
    return after_interval && is_interval_unit(text_of(token)) ? kINTERVAL_UNIT : kIDENTIFIER;
  }

  /// True when the contextual keyword stands where it is one.
  bool keeps_keyword(const Token& token) const {
    switch (token.kind) {
      case kANTI: case kSEMI: return next() == kJOIN;
      case kARRAY: return next() == kLBRACKET;
      case kCOLUMN: return first() == kALTER && is_alter_action(previous());
      case kCONTAINS: case kGLOB: case kREGEXP: return previous() == kINFIX_NOT || is_word_operator(0);
      case kSIMILAR: return next() == kTO;
      case kDATE: case kTIME: return is_string(next());
      case kTIMESTAMP: return is_string(next()) || previous() == kAS_OF;
      case kINTERVAL: return next() == kSTRING || next() == kINTEGER || next() == kDECIMAL;
      case kESCAPE: return ends_operand(previous()) && starts_operand(next());
      case kEXISTS: return next() == kLPAREN_QUERY || previous() == kIF || (previous() == kNOT && previous(2) == kIF);
      case kEXTRACT: case kPOSITION: case kSUBSTRING: case kTRIM: case kTRY_CAST:
        return next() == kLPAREN && !names_collection();
      case kROW: return next() == kLPAREN && !is_name(previous()) && !names_collection();
      case kFILTER: return previous() == kRPAREN && next() == kLPAREN;
      case kOVER: return previous() == kRPAREN && (next() == kLPAREN || starts_name(next()));
      case kGROUPING: return next() == kSETS;
      case kIF: return next() == kEXISTS || (next() == kNOT && next(2) == kEXISTS);
      case kISNULL: case kNOTNULL: return ends_operand(previous()) && next() != kLPAREN;
      case kNULLS: return next() == kFIRST || next() == kLAST;
      case kPRECISION: return equals_word(previous_text(), "DOUBLE");
      case kVARYING: return equals_word(previous_text(), "CHARACTER") || equals_word(previous_text(), "CHAR");
      case kREPLACE: return next() == kINTO || (previous() == kOR && first() == kCREATE);
      case kSET: return is_set();
      case kUNSET: return first() != kSELECT && ends_operand(previous()) && starts_name(next());
      case kVALUE: return is_select_value();
      default: return true;
    }
  }

  /// In CREATE TABLE trim (...) and INSERT INTO trim (...) the word before the parenthesis calls nothing.
  bool names_collection() const {
    if (previous() == kINTO) return true;
    if (first() != kCREATE) return false;
    return previous() == kTABLE || previous() == kCOLLECTION || previous() == kEXISTS || previous() == kON ||
           previous() == kREFERENCES || previous() == kVIEW;
  }

  static bool is_alter_action(TokenKind kind) {
    return kind == kADD || kind == kDROP || kind == kRENAME || kind == kALTER;
  }

  static bool starts_name(TokenKind kind) {
    return kind == kQUOTED_IDENTIFIER || (is_word(kind) && token_class(kind) != TokenClass::kReserved);
  }

  bool is_set() const {
    if (out_.empty()) return true;
    if (first() == kSELECT || first() == kVALUES || first() == kDELETE) return false;
    if (next() == kNULL || next() == kDEFAULT || next() == kNOT) return first() == kCREATE || first() == kALTER;
    if (first() == kALTER) return next() == kDATA || next() == kTYPE;
    if (previous() == kUPDATE) return previous(2) == kDO;
    return ends_operand(previous()) && (starts_name(next()) || next() == kLPAREN);
  }

  bool is_select_value() const {
    const bool after_quantifier = (previous() == kALL || previous() == kDISTINCT) && previous(2) == kSELECT;
    return (previous() == kSELECT || after_quantifier) && starts_operand(next());
  }

  std::string_view text_;
  std::vector<Token>& tokens_;
  std::vector<Token>& out_;
  std::vector<Frame> frames_;
  size_t index_ = 0;
  size_t last_opener_ = kNone;  // where the bracket that was closed last had been opened, in out_
  uint32_t signs_ = 0;          // prefix operators in a row
  uint32_t outer_operators_ = 0;
};

}  // namespace

Result<Token> read_statement(Scanner& scanner, std::vector<Token>& tokens) {
  tokens.clear();
  for (;;) {
    const Token token = scanner.next();
    if (token.kind == kEnd || token.kind == kSEMICOLON) return token;
    if (token.kind == kError) return Status(StatusCode::kSyntax, scanner.error()).with_span(token.span());
    tokens.push_back(token);
  }
}

Status assign_roles(std::string_view text, std::vector<Token>& tokens, std::vector<Token>& out) {
  out.clear();
  if (tokens.empty()) return Status();
  mark_query_parentheses(tokens);
  return RoleAssigner(text, tokens, out).run();
}

}  // namespace protobase::parser
