// Where results go: the standard output or a file named by .output.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "runtime/base/status.h"

namespace protobase::shell {

/// A buffered writer. Errors of writing are kept and told by `flush`. One thread.
class Output {
 public:
  /// Writes to an open stream, which stays the caller's.
  explicit Output(std::FILE* stream) : stream_(stream) {}
  /// Creates or empties a file. Error: kIoError with path and reason.
  static proto::Result<Output> create(const std::string& path);
  Output(Output&& other) noexcept;
  Output& operator=(Output&& other) noexcept;
  ~Output();

  void write(std::string_view text);
  void write(char c) { write(std::string_view(&c, 1)); }
  /// Hands everything to the system. kIoError when any of it could not be written since the last flush.
  proto::Status flush();
  bool is_terminal() const;
  /// Columns of the terminal; 0 when it is none.
  size_t terminal_width() const;

 private:
  std::FILE* stream_;
  bool owned_ = false;
  std::string path_;
};

}  // namespace protobase::shell
