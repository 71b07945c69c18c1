#include "query/parser/internal/session.h"

#include <atomic>

#include "query/parser/parser.h"

namespace protobase::parser {

using generated::Sql;

// The scanner's numbers of tokens are the parser's.
static_assert(static_cast<size_t>(TokenKind::kIDENTIFIER) == Sql::IDENTIFIER);
static_assert(static_cast<size_t>(TokenKind::kINTERVAL_UNIT) == Sql::INTERVAL_UNIT);
static_assert(static_cast<size_t>(TokenKind::kWITH) == Sql::WITH);
static_assert(static_cast<size_t>(TokenKind::kVARYING) == Sql::VARYING);
static_assert(static_cast<size_t>(TokenKind::kZONE) == Sql::ZONE);
static_assert(kTokenKindCount == static_cast<size_t>(Sql::ZONE) + 1);

namespace {

// Counters only: nothing is ordered by them.
std::atomic<uint64_t> statement_count{0};
std::atomic<uint64_t> retry_count{0};
std::atomic<uint64_t> fallback_count{0};

/// Stops at the first error, as we have no use for a tree with holes, and remembers where it was.
class StopAtFirstError final : public antlr4::DefaultErrorStrategy {
 public:
  explicit StopAtFirstError(size_t* error_index) : error_index_(error_index) {}

  void reportError(antlr4::Parser*, const antlr4::RecognitionException& error) override {
    *error_index_ = error.getOffendingToken()->getTokenIndex();
  }
  [[noreturn]] void recover(antlr4::Parser*, std::exception_ptr) override {
    throw antlr4::ParseCancellationException();
  }
  [[noreturn]] antlr4::Token* recoverInline(antlr4::Parser* parser) override {
    *error_index_ = parser->getCurrentToken()->getTokenIndex();
    throw antlr4::ParseCancellationException();
  }
  void sync(antlr4::Parser*) override {}

 private:
  size_t* error_index_;
};

/// Statements larger than this do not leave their memory with the thread.
constexpr size_t kKeptTokens = 4096;

}  // namespace

Session::Session() : parser_(std::make_unique<Sql>(&stream_)) {
  parser_->removeErrorListeners();
  parser_->setErrorHandler(std::make_shared<StopAtFirstError>(&error_index_));
  parser_->setBuildParseTree(false);  // labels hold all that the builder reads
}

Session::~Session() = default;

Session& Session::of_thread() {
  thread_local Session session;
  return session;
}

Sql::StatementContext* Session::run(bool full_prediction) {
  auto* simulator = parser_->getInterpreter<antlr4::atn::ParserATNSimulator>();
  simulator->setPredictionMode(full_prediction ? antlr4::atn::PredictionMode::LL : antlr4::atn::PredictionMode::SLL);
  try {
    parser_->reset();
    return parser_->single()->inner;
  } catch (const antlr4::ParseCancellationException&) {
    return nullptr;
  }
}

Sql::StatementContext* Session::parse(std::span<const Token> tokens, uint32_t end) {
  stream_.assign(tokens, end);
  statement_count.fetch_add(1, std::memory_order_relaxed);
  if (Sql::StatementContext* context = run(false)) return context;
  retry_count.fetch_add(1, std::memory_order_relaxed);
  Sql::StatementContext* context = run(true);
  if (context != nullptr) fallback_count.fetch_add(1, std::memory_order_relaxed);
  return context;
}

size_t Session::try_parse(std::span<const Token> tokens, uint32_t end) {
  stream_.assign(tokens, end);
  return run(false) != nullptr ? tokens.size() + 1 : error_index_;
}

void Session::release() {
  if (stream_.size() <= kKeptTokens) return;
  parser_->reset();
  stream_ = ParserTokenStream();
  stream_.assign({}, 0);
}

Statistics statistics() {
  return {statement_count.load(std::memory_order_relaxed), retry_count.load(std::memory_order_relaxed),
          fallback_count.load(std::memory_order_relaxed)};
}

}  // namespace protobase::parser
