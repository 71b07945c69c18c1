// A whole file as bytes.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "runtime/base/status.h"

namespace protobase::shell {

/// Maps a regular file read-only, reads anything else (a pipe, a device) to its end. Movable; one thread.
class MappedFile {
 public:
  /// Errors: kNotFound, kIoError (permission, a folder, ...), with the path in the message.
  static proto::Result<MappedFile> open(const std::string& path);
  MappedFile(MappedFile&& other) noexcept
      : read_(std::move(other.read_)), mapped_(std::exchange(other.mapped_, std::string_view())) {}
  MappedFile& operator=(MappedFile&&) = delete;
  ~MappedFile();

  /// Valid as long as the file object, and while nobody shortens the file.
  std::string_view bytes() const { return mapped_.empty() ? std::string_view(read_) : mapped_; }

 private:
  MappedFile() = default;
  std::string read_;
  std::string_view mapped_;
};

}  // namespace protobase::shell
