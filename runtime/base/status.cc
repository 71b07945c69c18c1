#include "runtime/base/status.h"

#include <algorithm>

namespace proto {
namespace {

const std::string kEmpty;

/// Length in bytes of the UTF-8 character that starts with `lead`; 1 for anything malformed.
size_t utf8_step(unsigned char lead) { return lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4; }

size_t count_characters(std::string_view text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size(); at += utf8_step(static_cast<unsigned char>(text[at]))) ++count;
  return count;
}

}  // namespace

std::string_view status_code_name(StatusCode code) {
  switch (code) {
#define PROTO_STATUS_CODE(name, number, text) \
  case StatusCode::name:                      \
    return text;
#include "runtime/base/status_codes.def"
#undef PROTO_STATUS_CODE
  }
  return "unknown code";
}

Status::Status(StatusCode code, std::string message, SourceLocation where)
    : rep_(std::make_unique<Rep>(Rep{code, false, {}, std::move(message), {}, where})) {
  PROTO_CHECK(code != StatusCode::kOk);
}

const std::string& Status::message() const { return rep_ ? rep_->message : kEmpty; }
const std::string& Status::hint() const { return rep_ ? rep_->hint : kEmpty; }

Status&& Status::with_hint(std::string hint) && {
  if (rep_) rep_->hint = std::move(hint);
  return std::move(*this);
}

Status&& Status::with_span(TextSpan span) && {
  if (rep_) rep_->span = span, rep_->has_span = true;
  return std::move(*this);
}

Status&& Status::with_context(std::string_view context) && {
  if (rep_) rep_->message = std::string(context) + ": " + rep_->message;
  return std::move(*this);
}

std::string Status::to_string() const {
  if (ok()) return "ok";
  return std::string(status_code_name(code())) + ": " + message();
}

std::string Status::render(std::string_view text) const {
  if (ok()) return "ok";
  if (!rep_->has_span) {
    std::string out = to_string();
    if (!rep_->hint.empty()) out += "\n  hint: " + rep_->hint;
    return out;
  }
  const size_t offset = std::min<size_t>(rep_->span.offset, text.size());
  const size_t newline = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  const size_t line_start = newline == std::string_view::npos ? 0 : newline + 1;
  const size_t line_end = std::min(text.find('\n', offset), text.size());
  const auto line_number = 1 + std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(line_start), '\n');
  const size_t column = count_characters(text.substr(line_start, offset - line_start));
  const size_t length = std::min<size_t>(rep_->span.length, line_end - offset);
  const size_t carets = std::max<size_t>(1, count_characters(text.substr(offset, length)));
  std::string out = std::string(status_code_name(code())) + " at line " + std::to_string(line_number) + ", column " +
                    std::to_string(column + 1) + ": " + message() + "\n  ";
  out += text.substr(line_start, line_end - line_start);
  out += "\n  " + std::string(column, ' ') + std::string(carets, '^');
  if (!rep_->hint.empty()) out += " " + rep_->hint;
  return out;
}

}  // namespace proto
