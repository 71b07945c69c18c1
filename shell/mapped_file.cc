#include "shell/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace protobase::shell {
namespace {

using proto::Status;
using proto::StatusCode;

Status system_error(const std::string& path, int error) {
  return Status(error == ENOENT ? StatusCode::kNotFound : StatusCode::kIoError, path + ": " + std::strerror(error));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

Status read_to_end(int fd, const std::string& path, std::string& out) {
  char buffer[1 << 16];
  for (;;) {
    const ssize_t count = ::read(fd, buffer, sizeof buffer);
    if (count == 0) return Status();
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error(path, errno);
    out.append(buffer, static_cast<size_t>(count));
  }
}

}  // namespace

proto::Result<MappedFile> MappedFile::open(const std::string& path) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return system_error(path, errno);
  struct stat info;
  if (::fstat(fd.get(), &info) != 0) return system_error(path, errno);
  MappedFile file;
  if (S_ISREG(info.st_mode) && info.st_size > 0) {
    const auto size = static_cast<size_t>(info.st_size);
    void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (address == MAP_FAILED) return system_error(path, errno);
    ::madvise(address, size, MADV_SEQUENTIAL);
    file.mapped_ = std::string_view(static_cast<const char*>(address), size);
    return file;
  }
  PROTO_RETURN_IF_ERROR(read_to_end(fd.get(), path, file.read_));
  return file;
}

MappedFile::~MappedFile() {
  if (!mapped_.empty()) ::munmap(const_cast<char*>(mapped_.data()), mapped_.size());
}

}  // namespace protobase::shell
