#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "storage/file_system.h"

namespace protobase::storage {
namespace {

StatusCode code_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return StatusCode::kNotFound;
    case EEXIST:
      return StatusCode::kAlreadyExists;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return StatusCode::kNoSpace;
    case EROFS:
      return StatusCode::kReadOnly;
    default:
      return StatusCode::kIoError;
  }
}

/// The error of the system call that just failed. errno is read before anything else can change it.
Status system_error(const char* call, const std::string& path,
                    proto::SourceLocation where = proto::SourceLocation::current()) {
  const int error = errno;
  return Status(code_of(error), std::string(call) + " " + path + ": " + std::strerror(error), where);
}

/// Locks stand far behind any byte of data, one per area.
constexpr off_t kLockOffset = off_t{1} << 62;

class PosixFile final : public File {
 public:
  PosixFile(std::string path, int descriptor, bool writable)
      : path_(std::move(path)), descriptor_(descriptor), writable_(writable) {}
  ~PosixFile() override { ::close(descriptor_); }

  const std::string& path() const override { return path_; }

  Result<size_t> read_at(uint64_t offset, std::span<char> into) const override {
    size_t done = 0;
    while (done < into.size()) {
      const ssize_t count = ::pread(descriptor_, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return system_error("read", path_);
      if (count == 0) break;
      done += static_cast<size_t>(count);
    }
    return done;
  }

  Status write_at(uint64_t offset, std::string_view bytes) override {
    PROTO_RETURN_IF_ERROR(check_writable());
    size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t count =
          ::pwrite(descriptor_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return system_error("write", path_);
      done += static_cast<size_t>(count);
    }
    return {};
  }

  Status preallocate(uint64_t offset, uint64_t length) override {
    PROTO_RETURN_IF_ERROR(check_writable());
    int error = 0;
    do {
      error = ::posix_fallocate(descriptor_, static_cast<off_t>(offset), static_cast<off_t>(length));
    } while (error == EINTR);
    errno = error;
    return error == 0 ? Status() : system_error("preallocate", path_);
  }

  Status sync() override {
    PROTO_RETURN_IF_ERROR(check_writable());
    return ::fdatasync(descriptor_) == 0 ? Status() : system_error("fdatasync", path_);
  }

  Result<uint64_t> size() const override {
    struct stat facts {};
    if (::fstat(descriptor_, &facts) != 0) return system_error("stat", path_);
    return static_cast<uint64_t>(facts.st_size);
  }

  Status truncate(uint64_t size) override {
    PROTO_RETURN_IF_ERROR(check_writable());
    return ::ftruncate(descriptor_, static_cast<off_t>(size)) == 0 ? Status() : system_error("truncate", path_);
  }

  Status punch_hole(uint64_t offset, uint64_t length) override {
    PROTO_RETURN_IF_ERROR(check_writable());
    constexpr int kMode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    const int result = ::fallocate(descriptor_, kMode, static_cast<off_t>(offset), static_cast<off_t>(length));
    return result == 0 || errno == EOPNOTSUPP || errno == ENOSYS ? Status() : system_error("punch hole in", path_);
  }

  Status lock(LockArea area, LockMode mode, bool wait) override {
    struct flock request = lock_request(area, mode == LockMode::kShared ? F_RDLCK : F_WRLCK);
    int result = 0;
    do {
      result = ::fcntl(descriptor_, wait ? F_OFD_SETLKW : F_OFD_SETLK, &request);
    } while (result != 0 && errno == EINTR);
    if (result == 0) return {};
    if (errno == EAGAIN || errno == EACCES) return Status(StatusCode::kLocked, path_ + " is locked");
    return system_error("lock", path_);
  }

  Status unlock(LockArea area) override {
    struct flock request = lock_request(area, F_UNLCK);
    return ::fcntl(descriptor_, F_OFD_SETLK, &request) == 0 ? Status() : system_error("unlock", path_);
  }

 private:
  static struct flock lock_request(LockArea area, short type) {
    struct flock request {};
    request.l_type = type;
    request.l_whence = SEEK_SET;
    request.l_start = kLockOffset + static_cast<off_t>(area);
    request.l_len = 1;
    return request;
  }
  Status check_writable() const {
    return writable_ ? Status() : Status(StatusCode::kReadOnly, path_ + " is open read-only");
  }

  const std::string path_;
  const int descriptor_;
  const bool writable_;
};

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenFlags flags) override {
    const int mode = (flags.write ? O_RDWR : O_RDONLY) | (flags.create ? O_CREAT : 0) | O_CLOEXEC;
    int descriptor = -1;
    do {
      descriptor = ::open(path.c_str(), mode, 0644);
    } while (descriptor < 0 && errno == EINTR);
    if (descriptor < 0) return system_error("open", path);
    return std::unique_ptr<File>(std::make_unique<PosixFile>(path, descriptor, flags.write));
  }

  Result<bool> exists(const std::string& path) override {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return system_error("stat", path);
  }

  Status rename(const std::string& from, const std::string& to) override {
    return ::rename(from.c_str(), to.c_str()) == 0 ? Status() : system_error("rename", from);
  }

  Status remove(const std::string& path) override {
    return ::unlink(path.c_str()) == 0 ? Status() : system_error("remove", path);
  }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    DIR* stream = ::opendir(directory.c_str());
    if (stream == nullptr) return system_error("list", directory);
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(stream)) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(name);
    }
    ::closedir(stream);
    std::sort(names.begin(), names.end());
    return names;
  }

  Status sync_directory_of(const std::string& path) override {
    const std::string directory = directory_of(path);
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return system_error("open", directory);
    const bool synced = ::fsync(descriptor) == 0;
    Status status = synced ? Status() : system_error("fsync", directory);
    ::close(descriptor);
    return status;
  }
};

}  // namespace

FileSystem& posix_file_system() {
  static PosixFileSystem* const instance = new PosixFileSystem;
  return *instance;
}

}  // namespace protobase::storage
