// The log in a file.
#pragma once

#include <atomic>
#include <mutex>

#include "storage/internal/frame_reader.h"
#include "storage/log_store.h"

namespace protobase::storage {

struct FileLogOptions {
  Lsn start;                         // of the root record
  uint32_t min_epoch = 0;            // of the root record
  uint64_t keep_bytes = 0;           // recycled chunks kept
  std::shared_ptr<ReaderGate> gate;  // null: read-only
};

class FileLogStore final : public LogStore {
 public:
  /// Finds the end. A writable log is made ready for appending: what opening found is made durable, and a frame with a new
  /// epoch, durable before anything is appended, tells this writer's frames from all leftovers.
  static Result<std::unique_ptr<FileLogStore>> open(std::unique_ptr<ChunkFile> file, const FileLogOptions& options);
  ~FileLogStore() override;

  Lsn start() const override { return Lsn(start_.load()); }
  Lsn end() const override { return Lsn(end_.load()); }
  Lsn durable() const override { return Lsn(durable_.load()); }
  uint32_t epoch() const override { return epoch_; }
  Result<Lsn> append(Lsn expected, std::span<const LogRecord> records) override;
  Status sync(Lsn up_to) override;
  Status replay(Lsn from, const Visitor& visit) const override;
  Status trim(Lsn up_to) override;
  Status close() override;
  LogStatistics statistics() const override;

 private:
  FileLogStore(std::unique_ptr<ChunkFile> file, const FileLogOptions& options, const LogEnd& found);

  Status begin_writing(const LogEnd& found);
  /// Encodes and writes one frame at end_ and moves end_. The append mutex of the caller is held, or nobody else is there.
  Status write_frame(FrameKind kind, std::span<const LogRecord> records);
  Status check_appendable() const;
  Status poisoned() const;
  void poison(const Status& failure, bool sync_failed);

  const std::unique_ptr<ChunkFile> file_;
  const std::shared_ptr<ReaderGate> gate_;
  const uint64_t keep_bytes_;
  const uint32_t min_epoch_;
  uint32_t epoch_;
  FrameEncoder encoder_;
  bool appended_ = false;  // since opening

  // end_ is stored after the bytes below it were written: pairs with the load in sync(), which then syncs at least those.
  // durable_ is stored after the sync that covers it: pairs with loads in sync() and durable().
  std::atomic<uint64_t> start_;
  std::atomic<uint64_t> end_;
  std::atomic<uint64_t> durable_;
  std::atomic<bool> closed_{false};
  std::mutex sync_mutex_;  // one disk sync at a time; those who wait for it share the next one

  mutable std::mutex failure_mutex_;
  Status failure_;            // the first one
  std::atomic<bool> failed_{false};       // failure_ is set
  std::atomic<bool> sync_failed_{false};  // it was a sync: what is not durable by now never is known to be

  std::atomic<uint64_t> appends_{0}, records_{0}, record_bytes_{0}, stored_bytes_{0}, syncs_{0};
  const uint64_t cut_bytes_;
};

}  // namespace protobase::storage
