// Our tokens as ANTLR wants them: arrays, with no lexer, factory or text behind them.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "antlr4-runtime.h"
#include "query/parser/internal/token.h"

namespace protobase::parser {

class ParserToken final : public antlr4::Token {
 public:
  ParserToken(parser::Token token, size_t type, size_t index) : token_(token), type_(type), index_(index) {}

  std::string getText() const override { return std::string(token_text(token_.kind)); }
  size_t getType() const override { return type_; }
  size_t getLine() const override { return 0; }
  size_t getCharPositionInLine() const override { return token_.offset; }
  size_t getChannel() const override { return DEFAULT_CHANNEL; }
  size_t getTokenIndex() const override { return index_; }
  size_t getStartIndex() const override { return token_.offset; }
  /// ANTLR's ends are inclusive: one before the start for an empty token.
  size_t getStopIndex() const override { return token_.end() - size_t{1}; }
  antlr4::TokenSource* getTokenSource() const override { return nullptr; }
  antlr4::CharStream* getInputStream() const override { return nullptr; }
  std::string toString() const override { return getText(); }

 private:
  parser::Token token_;
  size_t type_;
  size_t index_;
};

/// Its last token is always the end of the text.
class ParserTokenStream final : public antlr4::TokenStream {
 public:
  /// Replaces what the stream holds; `end` is the offset where the statement ends.
  void assign(std::span<const Token> tokens, uint32_t end) {
    tokens_.clear();
    tokens_.reserve(tokens.size() + 1);
    for (const Token& token : tokens) tokens_.emplace_back(token, static_cast<size_t>(token.kind), tokens_.size());
    tokens_.emplace_back(end_token(end), antlr4::Token::EOF, tokens_.size());
    at_ = 0;
  }

  antlr4::Token* LT(ssize_t k) override {
    const ssize_t wanted = static_cast<ssize_t>(at_) + (k > 0 ? k - 1 : k);
    if (k == 0 || wanted < 0) return nullptr;
    return &tokens_[std::min(static_cast<size_t>(wanted), tokens_.size() - 1)];
  }
  size_t LA(ssize_t k) override {
    const antlr4::Token* token = LT(k);
    return token == nullptr ? antlr4::Token::INVALID_TYPE : token->getType();
  }
  antlr4::Token* get(size_t index) const override { return const_cast<ParserToken*>(&tokens_[index]); }
  void consume() override { at_ += at_ + 1 < tokens_.size() ? 1 : 0; }
  ssize_t mark() override { return 0; }
  void release(ssize_t) override {}
  size_t index() override { return at_; }
  void seek(size_t index) override { at_ = std::min(index, tokens_.size() - 1); }
  size_t size() override { return tokens_.size(); }
  std::string getSourceName() const override { return "statement"; }
  antlr4::TokenSource* getTokenSource() const override { return nullptr; }
  std::string getText(const antlr4::misc::Interval&) override { return std::string(); }
  std::string getText() override { return std::string(); }
  std::string getText(antlr4::RuleContext*) override { return std::string(); }
  std::string getText(antlr4::Token*, antlr4::Token*) override { return std::string(); }

 private:
  static Token end_token(uint32_t end) { return {TokenKind::kEnd, end, 0}; }

  std::vector<ParserToken> tokens_;
  size_t at_ = 0;
};

}  // namespace protobase::parser
