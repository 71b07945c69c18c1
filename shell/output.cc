#include "shell/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace protobase::shell {

using proto::Status;
using proto::StatusCode;

proto::Result<Output> Output::create(const std::string& path) {
  std::FILE* stream = std::fopen(path.c_str(), "we");
  if (stream == nullptr) return Status(StatusCode::kIoError, path + ": " + std::strerror(errno));
  Output output(stream);
  output.owned_ = true;
  output.path_ = path;
  return output;
}

Output::Output(Output&& other) noexcept
    : stream_(std::exchange(other.stream_, nullptr)),
      owned_(std::exchange(other.owned_, false)),
      path_(std::move(other.path_)) {}

Output& Output::operator=(Output&& other) noexcept {
  std::swap(stream_, other.stream_);
  std::swap(owned_, other.owned_);
  std::swap(path_, other.path_);
  return *this;
}

Output::~Output() {
  if (owned_) std::fclose(stream_);
}

void Output::write(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stream_); }

Status Output::flush() {
  errno = 0;
  if (std::fflush(stream_) == 0 && std::ferror(stream_) == 0) return Status();
  const int error = errno;
  std::clearerr(stream_);
  return Status(StatusCode::kIoError, (path_.empty() ? "the output" : path_) + ": " +
                                          (error != 0 ? std::strerror(error) : "not everything could be written"));
}

bool Output::is_terminal() const { return ::isatty(::fileno(stream_)) != 0; }

size_t Output::terminal_width() const {
  winsize size{};
  if (::ioctl(::fileno(stream_), TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

}  // namespace protobase::shell
