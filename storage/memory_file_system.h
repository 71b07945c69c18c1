// A file system in RAM that keeps what was synced apart from what was only written, so that a test can pull the plug.
#pragma once

#include <map>
#include <mutex>

#include "storage/file_system.h"

namespace protobase::storage {

/// What happens to unsynced writes when the plug is pulled.
enum class CrashMode : uint8_t {
  kDropUnsynced,  // none of them reached the disk
  kPrefix,        // the first few of them did, in order, the next one torn at a multiple of 512 bytes
  kReorder,       // each 512-byte sector of each of them did or did not, independently
};

/// Names and files in RAM. Any thread; crash() must not run beside other calls.
class MemoryFileSystem final : public FileSystem {
 public:
  MemoryFileSystem();
  ~MemoryFileSystem() override;

  Result<std::unique_ptr<File>> open(const std::string& path, OpenFlags flags) override;
  Result<bool> exists(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Status sync_directory_of(const std::string& path) override;

  /// Pulls the plug: names and bytes become what was synced plus what `mode` and `seed` let through of the rest. Files
  /// that are open give kIoError from now on and hold no lock any more. O(bytes written since the last syncs).
  void crash(CrashMode mode, uint64_t seed);
  /// What a failed sync does on Linux: unsynced changes of the file stay visible, but no later sync writes them.
  void forget_unsynced(const std::string& path);
  /// The live bytes of a file (empty when there is none), and their replacement, durable at once: for damage by tests.
  std::string contents(const std::string& path) const;
  void set_contents(const std::string& path, std::string bytes);

 private:
  friend class MemoryFile;
  struct Inode;
  using Names = std::map<std::string, std::shared_ptr<Inode>>;

  mutable std::mutex mutex_;
  Names live_;
  Names durable_;
  uint64_t crash_count_ = 0;
};

}  // namespace protobase::storage
