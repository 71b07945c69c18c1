#include "query/parser/parser.h"

#include <limits>
#include <string>

#include "query/parser/fingerprint.h"
#include "query/parser/generated/grammar_hash.h"
#include "query/parser/internal/scanner.h"
#include "query/parser/internal/session.h"
#include "query/parser/internal/suggestion.h"
#include "query/parser/internal/token_roles.h"
#include "query/parser/internal/tree_builder.h"

namespace protobase::parser {
namespace {

using ast::StatementPtr;
using proto::Result;
using proto::Status;
using proto::StatusCode;

/// The longest piece of the text that an error message quotes.
constexpr size_t kQuotedLength = 40;

/// Offsets have 32 bits; ANTLR's structures take about a hundred bytes for each of the text.
constexpr size_t kMaxTextLength = size_t{1} << 28;

class ScriptParser {
 public:
  ScriptParser(std::string_view text, const ParseOptions& options) : text_(text), scanner_(text) {
    if (!options.literals_as_parameters) return;
    Fingerprint found;
    fingerprint(text, &found);
    for (const ExtractedLiteral& literal : found.literals) extracted_.push_back(literal.span.offset);
  }

  Result<std::vector<StatementPtr>> run() {
    std::vector<StatementPtr> out;
    for (bool more = true; more;) {
      PROTO_ASSIGN_OR_RETURN(const Token end, read_statement(scanner_, raw_));
      more = end.kind == TokenKind::kSEMICOLON;
      if (raw_.empty()) continue;
      PROTO_ASSIGN_OR_RETURN(StatementPtr statement, parse_statement(end.offset));
      out.push_back(std::move(statement));
    }
    return out;
  }

 private:
  Result<StatementPtr> parse_statement(uint32_t end) {
    PROTO_RETURN_IF_ERROR(assign_roles(text_, raw_, tokens_));
    Session& session = Session::of_thread();
    Sql::StatementContext* context = session.parse(tokens_, end);
    if (context == nullptr) return syntax_error(session, end);
    TreeBuilder builder(text_, extracted_);
    StatementPtr statement = builder.build(context);
    session.release();
    if (!builder.status().ok()) return builder.status();
    return statement;
  }

  Status syntax_error(Session& session, uint32_t end) {
    const size_t index = session.error_index();
    std::string message = "unexpected end of text";
    proto::TextSpan span{end, 0};
    if (index < tokens_.size()) {
      span = tokens_[index].span();
      const std::string_view quoted = text_.substr(span.offset, std::min<size_t>(span.length, kQuotedLength));
      message = "unexpected '" + std::string(quoted) + (span.length > kQuotedLength ? "...'" : "'");
    } else if (end < text_.size()) {
      span.length = 1;
      message = "unexpected ';'";
    }
    std::string hint = suggest(session, text_, raw_, tokens_, index, end);
    session.release();
    return Status(StatusCode::kSyntax, std::move(message)).with_span(span).with_hint(std::move(hint));
  }

  std::string_view text_;
  Scanner scanner_;
  std::vector<uint32_t> extracted_;
  std::vector<Token> raw_;
  std::vector<Token> tokens_;
};

Status too_long(std::string_view text) {
  return Status(StatusCode::kSyntax, "the text has " + std::to_string(text.size()) + " bytes, the limit is " +
                                         std::to_string(kMaxTextLength));
}

}  // namespace

Result<std::vector<StatementPtr>> parse(std::string_view text, const ParseOptions& options) {
  if (text.size() > kMaxTextLength) return too_long(text);
  return ScriptParser(text, options).run();
}

Result<StatementPtr> parse_one(std::string_view text, const ParseOptions& options) {
  PROTO_ASSIGN_OR_RETURN(std::vector<StatementPtr> statements, parse(text, options));
  if (statements.empty()) return Status(StatusCode::kSyntax, "there is no statement").with_span({0, 0});
  if (statements.size() > 1) {
    return Status(StatusCode::kSyntax, "there is more than one statement").with_span(statements[1]->span);
  }
  return std::move(statements[0]);
}

size_t complete_statement_length(std::string_view text) {
  Scanner scanner(text.substr(0, std::numeric_limits<uint32_t>::max()));
  for (;;) {
    const Token token = scanner.next();
    if (token.kind == TokenKind::kSEMICOLON) return token.end();
    if (token.kind == TokenKind::kEnd || (token.kind == TokenKind::kError && scanner.unterminated())) return 0;
  }
}

bool is_blank(std::string_view text) {
  Scanner scanner(text.substr(0, std::numeric_limits<uint32_t>::max()));
  for (;;) {
    const TokenKind kind = scanner.next().kind;
    if (kind == TokenKind::kEnd) return true;
    if (kind != TokenKind::kSEMICOLON) return false;
  }
}

std::string_view grammar_hash() { return PROTOBASE_GRAMMAR_SHA256; }

}  // namespace protobase::parser
