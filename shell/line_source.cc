#include "shell/line_source.h"

#include <sys/types.h>

#include <algorithm>
#include <cstdlib>

namespace protobase::shell {

StreamLines::~StreamLines() { std::free(buffer_); }

std::optional<Line> StreamLines::next(Prompt) {
  const ssize_t length = ::getline(&buffer_, &capacity_, stream_);
  if (length < 0) return std::nullopt;
  std::string_view text(buffer_, static_cast<size_t>(length));
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return Line{std::string(text)};
}

std::optional<Line> TextLines::next(Prompt) {
  if (rest_.empty()) return std::nullopt;
  const size_t end = std::min(rest_.find('\n'), rest_.size());
  Line line{std::string(rest_.substr(0, end))};
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  return line;
}

}  // namespace protobase::shell
