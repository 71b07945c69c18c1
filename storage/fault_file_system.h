// A file system that wraps another and fails the calls it is told to fail.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>

#include "storage/file_system.h"

namespace protobase::storage {

/// Kinds of calls, combined with |.
enum CallKind : uint32_t {
  kCallRead = 1,
  kCallWrite = 2,
  kCallSync = 4,
  kCallResize = 8,  // preallocate, truncate, punch_hole
  kCallOpen = 16,
  kCallName = 32,  // rename, remove, list, exists, sync_directory_of
  kCallSize = 64,
  kCallLock = 128,
  kCallChanging = kCallWrite | kCallSync | kCallResize | kCallOpen | kCallName,
  kCallAny = 255,
};

struct Fault {
  uint32_t kinds = kCallChanging;           // which calls count
  uint64_t nth = 0;                         // the first call that fails, from 1; 0: none fails
  bool for_ever = false;                    // every counted call after it fails too
  StatusCode code = StatusCode::kIoError;   // or kNoSpace
  bool partial_write = false;               // a failing write leaves its first half
  std::function<void(const std::string& path)> on_failed_sync = {};  // called in place of a sync that fails
};

/// Passes every call on and fails those that the fault names. Any thread.
class FaultFileSystem final : public FileSystem {
 public:
  /// `base` outlives this and every file opened through it.
  explicit FaultFileSystem(FileSystem& base) : base_(base) {}

  /// Counts from zero again under a new fault.
  void set_fault(const Fault& fault);
  /// Calls of the fault's kinds since set_fault. O(1).
  uint64_t call_count() const { return count_.load(); }
  /// True once a call was failed since set_fault.
  bool triggered() const { return triggered_.load(); }

  Result<std::unique_ptr<File>> open(const std::string& path, OpenFlags flags) override;
  Result<bool> exists(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Status sync_directory_of(const std::string& path) override;

 private:
  friend class FaultFile;
  /// Counts the call; the error to give, or success when it is to be passed on.
  Status before(CallKind kind, const std::string& path);
  bool partial_write();
  void sync_failed(const std::string& path);

  FileSystem& base_;
  std::mutex mutex_;
  Fault fault_;
  std::atomic<uint64_t> count_{0};
  std::atomic<bool> triggered_{false};
};

}  // namespace protobase::storage
