#include "shell/json_import.h"

#include <algorithm>
#include <cstring>

#include "db/document.h"

namespace protobase::shell {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Parses one document and passes it on.
Status add_document(std::string_view json, uint64_t line, ImportRun& run) {
  const Result<Value> value = Value::parse_json(json);
  if (!value.ok()) return run.reject(line, value.status().message());
  if (value->kind() == Kind::kObject) return run.add(line, value->view());
  DocumentWriter wrapped;
  wrapped.begin_object();
  wrapped.key("value");
  wrapped.value(value->view());
  wrapped.end();
  return run.add(line, wrapped.view());
}

// Walks over a top-level array and finds where its elements begin and end; their inside is the parser's business.
class ElementCutter {
 public:
  explicit ElementCutter(std::string_view text) : text_(text) {}

  void skip_blanks() {
    for (; at_ < text_.size() && kBlanks.find(text_[at_]) != std::string_view::npos; ++at_) line_ += text_[at_] == '\n';
  }
  /// Moves over `c` when it stands here.
  bool accept(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  /// The text up to the comma or bracket that ends the element, which is not taken.
  std::string_view element() {
    const size_t start = at_;
    size_t depth = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        skip_string();
      } else if (c == '[' || c == '{') {
        ++depth;
      } else if (depth == 0 && (c == ',' || c == ']' || c == '}')) {
        break;
      } else if (c == ']' || c == '}') {
        --depth;
      }
      if (c == '\n') ++line_;
    }
    at_ = std::min(at_, text_.size());
    return trimmed(text_.substr(start, at_ - start));
  }
  bool at_end() const { return at_ >= text_.size(); }
  size_t offset() const { return at_; }
  uint64_t line() const { return line_; }

 private:
  // From the opening quote to the closing one.
  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
  }
  std::string_view text_;
  size_t at_ = 0;
  uint64_t line_ = 1;
};

Status malformed(const ElementCutter& cutter, const ImportRun& run, const char* reason) {
  return Status(StatusCode::kInvalidArgument, run.file() + ":" + std::to_string(cutter.line()) + ": " + reason);
}

Status import_array(ElementCutter& cutter, ImportRun& run) {
  cutter.skip_blanks();
  if (cutter.accept(']')) return Status();
  for (;;) {
    cutter.skip_blanks();
    const uint64_t line = cutter.line();
    const std::string_view element = cutter.element();
    if (element.empty())
      return malformed(cutter, run, cutter.at_end() ? "the array is not closed" : "a value is missing");
    PROTO_RETURN_IF_ERROR(run.advance(cutter.offset()));
    PROTO_RETURN_IF_ERROR(add_document(element, line, run));
    if (cutter.accept(']')) return Status();
    if (!cutter.accept(',')) return malformed(cutter, run, "expected ',' or ']' after a value of the array");
  }
}

}  // namespace

Status import_json(std::string_view text, ImportRun& run) {
  ElementCutter cutter(text);
  cutter.skip_blanks();
  if (!cutter.accept('[')) {
    Status status = add_document(text, cutter.line(), run);
    const bool several = !status.ok() && text.find('\n') != std::string_view::npos &&
                         Value::parse_json(trimmed(text.substr(0, text.find('\n')))).ok();
    return several ? std::move(status).with_hint("for one document per line use --format ndjson") : std::move(status);
  }
  PROTO_RETURN_IF_ERROR(import_array(cutter, run));
  cutter.skip_blanks();
  return cutter.at_end() ? Status() : malformed(cutter, run, "text after the end of the array");
}

Status import_json_lines(std::string_view text, ImportRun& run) {
  uint64_t line = 1;
  for (size_t start = 0; start < text.size(); ++line) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view document = trimmed(text.substr(start, end - start));
    start = end + 1;
    PROTO_RETURN_IF_ERROR(run.advance(end));
    if (!document.empty()) PROTO_RETURN_IF_ERROR(add_document(document, line, run));
  }
  return Status();
}

}  // namespace protobase::shell
