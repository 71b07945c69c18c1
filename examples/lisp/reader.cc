// Text to values.
#include <algorithm>
#include <cctype>

#include "lisp.h"

namespace lisp {

bool Reader::at_end() {
  while (at_ < text_.size()) {
    const char byte = text_[at_];
    if (byte == ';') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (std::isspace(static_cast<unsigned char>(byte))) {
      line_ += byte == '\n';
      ++at_;
    } else {
      return false;
    }
  }
  return true;
}

int Reader::line_of(const List& list) const {
  const auto found = lines_.find(list.as_cell());
  return found == lines_.end() ? line_ : found->second;
}

Value Reader::wrong(Context& ctx, const char* what) {
  ends_early_ = at_end();
  return fail(ctx, StatusCode::kSyntax, "line " + std::to_string(line_) + ": " + what);
}

Value Reader::read(Context& ctx, bool quoted, int depth) {
  constexpr int kDeepest = 500;
  if (at_end()) return wrong(ctx, "the text ends within an expression");
  if (depth > kDeepest) return wrong(ctx, "nested too deeply");
  switch (text_[at_]) {
    case '(':
      return read_list(ctx, quoted, depth);
    case ')':
      return wrong(ctx, ") without (");
    case '"':
      return read_string(ctx, quoted);
    case '\'':
      break;
    default:
      return read_atom(ctx);
  }
  ++at_;
  const Value inner = read(ctx, true, depth + 1);
  return List::of(ctx, Value::short_string("quote"), inner);
}

Value Reader::read_list(Context& ctx, bool quoted, int depth) {
  const int first_line = line_;
  ++at_;
  List items = List::empty(ctx);
  while (!ctx.failed() && (at_end() || text_[at_] != ')')) {
    const Value item = read(ctx, quoted, depth + 1);
    items = items.append(ctx, item);
  }
  if (ctx.failed()) return {};
  ++at_;
  lines_[items.as_cell()] = first_line;
  return items;
}

Value Reader::read_string(Context& ctx, bool quoted) {
  std::string bytes;
  for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
    char byte = text_[at_];
    line_ += byte == '\n';
    if (byte == '\\' && at_ + 1 < text_.size()) {
      byte = text_[++at_];
      if (byte == 'n') byte = '\n';
      if (byte == 't') byte = '\t';
    }
    bytes += byte;
  }
  if (at_ == text_.size()) return wrong(ctx, "the text ends within a string");
  ++at_;
  const Value text = String::from_utf8(ctx, bytes);
  return quoted ? text : Value(List::of(ctx, Value::short_string("quote"), text));
}

Value Reader::read_atom(Context& ctx) {
  const size_t end = std::min(text_.find_first_of("()'\"; \t\r\n", at_), text_.size());
  const std::string_view token = text_.substr(at_, end - at_);
  at_ = end;
  if (token == "none") return {};
  if (token == "true" || token == "false") return Value::boolean(token == "true");
  const size_t sign = token[0] == '-' || token[0] == '+' ? 1 : 0;
  const bool number = token.size() > sign && std::isdigit(static_cast<unsigned char>(token[sign]));
  return number ? proto::parse_number(ctx, token) : Value(String::from_utf8(ctx, token));
}

}  // namespace lisp
