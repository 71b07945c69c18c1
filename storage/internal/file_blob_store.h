// Segments and root record in x.pdb.
#pragma once

#include <atomic>
#include <mutex>
#include <shared_mutex>

#include "storage/internal/data_space.h"
#include "storage/internal/root_format.h"

namespace protobase::storage {

struct FileBlobOptions {
  std::shared_ptr<ReaderGate> gate;  // null: read-only
  uint64_t keep_bytes = 0;           // free space that is not punched out
};

class FileBlobStore final : public BlobStore {
 public:
  /// Makes an empty database of `file`, whatever it held, and syncs it.
  static Status create(File& file, DatabaseId database);
  /// Reads the newest root. A writer makes that root durable once more before it builds on it: what was read may stand in
  /// the page cache only, after a sync that failed.
  static Result<std::unique_ptr<FileBlobStore>> open(std::shared_ptr<File> file, const FileBlobOptions& options);

  DatabaseId database_id() const override { return database_; }
  const std::string& name() const override { return file_->path(); }
  Result<std::unique_ptr<SegmentWriter>> create_segment() override;
  Status read(SegmentId segment, uint64_t offset, std::span<char> into) const override;
  Status remove(SegmentId segment) override;
  std::vector<SegmentInfo> list() const override;
  Result<uint64_t> segment_size(SegmentId segment) const override;
  Status write_root(std::string_view payload, Lsn log_start) override;
  Result<RootRecord> read_root() const override;
  BlobStatistics statistics() const override;

  /// The epoch that the root found at opening names.
  uint32_t epoch() const { return slot_.epoch; }
  /// The log was opened under `epoch` and continues at `log_end`. Called once, before anything is written.
  void set_writer(uint32_t epoch, Lsn log_end) { writer_epoch_ = epoch, writer_start_ = log_end; }

 private:
  friend class FileSegmentWriter;
  /// A root record as it is in the file.
  struct StoredRoot {
    RootSlot slot{};
    std::string payload;
    SegmentTable segments;
  };

  FileBlobStore(std::shared_ptr<File> file, DatabaseId database, StoredRoot root, uint64_t file_bytes);

  static Result<RootSlot> newest_slot(const File& file, DatabaseId database);
  static Result<StoredRoot> load_root(const File& file, DatabaseId database, uint64_t file_bytes);
  Status begin_writing(const FileBlobOptions& options, uint64_t file_bytes);
  std::vector<Extent> used_extents() const;
  Extent body_extent() const { return {slot_.body_first_unit, units_for(slot_.body_length)}; }

  Status write_slot(const RootSlot& slot);
  RootSlot next_slot(Lsn log_start) const;
  /// Writes a root body into fresh space, durably, and fills in the slot's part about it.
  Status write_body(std::string_view body, RootSlot& slot);
  void adopt_root(const RootSlot& slot, std::string_view payload, const std::vector<Extent>& dropped);

  std::shared_ptr<const SegmentLayout> find(SegmentId segment) const;
  /// Writes bytes of a segment into fresh space; `layout` grows by it. All but the last call bring whole units.
  Status write_segment_bytes(SegmentLayout& layout, std::string_view bytes);
  Status finish_segment(SegmentId id, SegmentLayout layout);
  Status check_writable() const;
  /// Syncs the file; the first failure poisons the store.
  Status sync_or_poison();
  void poison(const Status& failure);

  const std::shared_ptr<File> file_;
  const DatabaseId database_;
  std::unique_ptr<DataSpace> space_;  // null: read-only
  uint64_t file_bytes_;               // when read-only

  mutable std::shared_mutex segments_mutex_;
  SegmentTable segments_;
  std::atomic<uint32_t> next_segment_;
  uint32_t writer_epoch_ = 0;
  Lsn writer_start_;

  mutable std::mutex root_mutex_;  // one root at a time; guards what follows
  RootSlot slot_;
  std::string payload_;

  mutable std::mutex failure_mutex_;
  Status failure_;
  mutable std::atomic<uint64_t> bytes_read_{0};
  std::atomic<uint64_t> bytes_written_{0};
};

}  // namespace protobase::storage
