// The text form of paths.
#include <charconv>

#include "db/document.h"

namespace protobase {
namespace {

bool is_special(char c) { return c == '.' || c == '[' || c == ']' || c == '"'; }

bool is_bare_name(std::string_view name) {
  for (char c : name) {
    if (is_special(c)) return false;
  }
  return !name.empty();
}

void append_quoted(std::string_view name, std::string& out) {
  out.push_back('"');
  for (char c : name) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

}  // namespace

bool PathReader::next() {
  if (!ok_ || at_ == text_.size()) return false;
  if (text_[at_] == '[') return read_index();
  if (at_ > 0) {
    if (text_[at_] != '.') return fail();
    ++at_;
  }
  is_index_ = false;
  return at_ < text_.size() && text_[at_] == '"' ? read_quoted_name() : read_bare_name();
}

bool PathReader::read_bare_name() {
  const size_t begin = at_;
  while (at_ < text_.size() && !is_special(text_[at_])) ++at_;
  name_ = text_.substr(begin, at_ - begin);
  return name_.empty() ? fail() : true;
}

bool PathReader::read_quoted_name() {
  const size_t begin = ++at_;
  bool doubled = false;
  for (;; ++at_) {
    if (at_ >= text_.size()) return fail();
    if (text_[at_] != '"') continue;
    if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') break;
    doubled = true;
    ++at_;
  }
  name_ = text_.substr(begin, at_ - begin);
  ++at_;
  if (!doubled) return true;
  unquoted_.clear();
  for (size_t i = 0; i < name_.size(); ++i) {
    unquoted_.push_back(name_[i]);
    if (name_[i] == '"') ++i;
  }
  name_ = unquoted_;
  return true;
}

bool PathReader::read_index() {
  const char* begin = text_.data() + at_ + 1;
  const char* end = text_.data() + text_.size();
  const auto [stop, error] = std::from_chars(begin, end, index_);
  if (error != std::errc() || stop == end || *stop != ']') return fail();
  at_ = static_cast<size_t>(stop - text_.data()) + 1;
  is_index_ = true;
  return true;
}

Result<Path> Path::parse(std::string_view text) {
  Path path;
  PathReader reader(text);
  while (reader.next()) {
    if (reader.is_index())
      path.push_index(reader.index());
    else
      path.push_name(reader.name());
  }
  if (reader.ok()) return path;
  return Status(StatusCode::kInvalidArgument,
                "path '" + std::string(text) + "' does not parse at offset " + std::to_string(reader.offset()));
}

std::string Path::to_string() const {
  std::string out;
  for (const Step& step : steps_) {
    if (step.is_index) {
      out += '[' + std::to_string(step.index) + ']';
      continue;
    }
    if (!out.empty()) out.push_back('.');
    if (is_bare_name(step.name))
      out += step.name;
    else
      append_quoted(step.name, out);
  }
  return out;
}

ValueView Path::follow(const ValueView& value) const {
  ValueView at = value;
  for (const Step& step : steps_) at = step.is_index ? at[step.index] : at[std::string_view(step.name)];
  return at;
}

}  // namespace protobase
