// One ANTLR parser, kept and used again by one thread: making one costs more than most statements.
#pragma once

#include <memory>
#include <span>

#include "query/parser/generated/Sql.h"
#include "query/parser/internal/token_stream.h"

namespace protobase::parser {

class Session {
 public:
  Session();
  ~Session();

  /// This thread's session.
  static Session& of_thread();

  /// The contexts of one statement, valid until the next call; null for text that is none, see error_index().
  /// Fast (SLL) prediction first, full prediction when that fails.
  generated::Sql::StatementContext* parse(std::span<const Token> tokens, uint32_t end);

  /// Of the last parse that failed: the index of the token that does not fit; the number of tokens when that is the
  /// end.
  size_t error_index() const { return error_index_; }

  /// Like parse, for trying out a correction: uncounted, gives only the place of the first error, or one past the end
  /// token's index when there is none.
  size_t try_parse(std::span<const Token> tokens, uint32_t end);

  /// Gives back the memory of the last statement if it was large.
  void release();

 private:
  generated::Sql::StatementContext* run(bool full_prediction);

  ParserTokenStream stream_;
  std::unique_ptr<generated::Sql> parser_;
  size_t error_index_ = 0;
};

}  // namespace protobase::parser
