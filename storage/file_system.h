// The file system as storage sees it: an interface with three versions. posix (below) is the real one, memory
// (memory_file_system.h) forgets what was not synced when told to crash, fault (fault_file_system.h) fails on demand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/status.h"

namespace protobase::storage {

using proto::Result;
using proto::Status;
using proto::StatusCode;

struct OpenFlags {
  bool write = false;   // false: every changing call gives kReadOnly
  bool create = false;  // make the file when there is none; needs `write`
};

/// What a lock guards. Locks belong to the open file, not to the process: two opens of one path in one process exclude
/// each other as two processes do. They end when the File is destroyed or its process ends, however it ends.
enum class LockArea : uint8_t { kWriter = 0, kReaders = 1 };
enum class LockMode : uint8_t { kShared, kExclusive };

/// An open file. Any thread may call anything at any time; calls on overlapping bytes are not ordered among each other.
class File {
 public:
  virtual ~File() = default;

  /// The path it was opened under, for messages. O(1).
  virtual const std::string& path() const = 0;
  /// Fills `into` from `offset`; returns the bytes read, fewer than asked only at the end of the file. kIoError.
  virtual Result<size_t> read_at(uint64_t offset, std::span<char> into) const = 0;
  /// Writes all of `bytes` at `offset`, extending the file when needed. Not durable before sync(). kIoError, kNoSpace;
  /// after an error any part of the bytes may have been written, never all of them.
  virtual Status write_at(uint64_t offset, std::string_view bytes) = 0;
  /// Makes the file at least offset + length long and reserves the blocks; new bytes read as zero. kIoError, kNoSpace.
  virtual Status preallocate(uint64_t offset, uint64_t length) = 0;
  /// Everything written before this call is on disk when it returns, with the file's length. After an error nobody knows
  /// what is. kIoError, kNoSpace.
  virtual Status sync() = 0;
  /// Length in bytes. kIoError.
  virtual Result<uint64_t> size() const = 0;
  /// Cuts or extends (with zeros) to `size` bytes. kIoError, kNoSpace.
  virtual Status truncate(uint64_t size) = 0;
  /// Gives the blocks of a range back; the range reads as zeros and the length stays. A file system that cannot do it
  /// succeeds without effect. kIoError.
  virtual Status punch_hole(uint64_t offset, uint64_t length) = 0;
  /// Takes a lock. Without `wait`, kLocked when another holder is in the way. A second call changes the mode.
  virtual Status lock(LockArea area, LockMode mode, bool wait = false) = 0;
  /// Gives a lock up; no effect when it is not held.
  virtual Status unlock(LockArea area) = 0;
};

/// Names to files. Any thread.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  /// Opens `path`. kNotFound without OpenFlags::create; kIoError, kReadOnly (read-only file system), kNoSpace.
  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenFlags flags) = 0;
  /// Whether there is a file of that name. kIoError.
  virtual Result<bool> exists(const std::string& path) = 0;
  /// Renames a file, replacing what has the new name, in one step. Durable after sync_directory. kNotFound, kIoError.
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  /// Removes a name. Durable after sync_directory. kNotFound, kIoError.
  virtual Status remove(const std::string& path) = 0;
  /// The names (without the directory) in `directory`, sorted. kNotFound, kIoError.
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  /// Makes the names in the directory of `path` (created, renamed, removed) durable. kIoError.
  virtual Status sync_directory_of(const std::string& path) = 0;
};

/// The real file system. One for the process, never destroyed. Any thread.
FileSystem& posix_file_system();

/// The directory part of a path: "." when it has none. O(length).
std::string directory_of(const std::string& path);

/// Reads exactly into.size() bytes; kCorruption naming file and offset when the file ends before. Any thread.
Status read_exactly(const File& file, uint64_t offset, std::span<char> into);

/// "who holds it": process id, program, host and time of the call, for the lock message. Any thread.
std::string describe_this_process();

}  // namespace protobase::storage
