// Segments and the root record: where checkpoints go.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/ids.h"
#include "runtime/base/status.h"
#include "storage/database_id.h"

namespace protobase::storage {

using proto::Lsn;
using proto::Result;
using proto::SegmentId;
using proto::Status;
using proto::StatusCode;

/// Longest segment that block addresses can reach into.
inline constexpr uint64_t kMaxSegmentBytes = uint64_t{32} << 30;

/// Writes one new segment. One thread. Destroyed without finish(), it leaves nothing behind. It must not outlive its store.
class SegmentWriter {
 public:
  virtual ~SegmentWriter() = default;

  virtual SegmentId id() const = 0;
  /// Bytes appended so far: the offset that the next append gets. O(1).
  virtual uint64_t size() const = 0;
  /// Adds bytes; returns their offset in the segment. kIoError, kNoSpace, kReadOnly; after an error only destruction makes
  /// sense. kRange past kMaxSegmentBytes. O(bytes).
  virtual Result<uint64_t> append(std::string_view bytes) = 0;
  /// The segment is complete and on disk, and can be read. It is kept for good only when a root record is written after
  /// this; a crash before that leaves no trace of it. kIoError, kNoSpace; a failed sync poisons the store.
  virtual Status finish() = 0;
};

struct SegmentInfo {
  SegmentId id;
  uint64_t length_bytes = 0;
};

/// The newest state that a checkpoint made durable.
struct RootRecord {
  uint64_t sequence = 0;  // 1 for the empty root of a new database, one more for each write_root
  Lsn log_start;          // replay begins here
  std::string payload;    // the database's own bytes; empty in a new database
};

struct BlobStatistics {
  uint64_t segment_count = 0;
  uint64_t segment_bytes = 0;   // sum of lengths
  uint64_t space_bytes = 0;     // length of the file, or memory taken
  uint64_t free_bytes = 0;      // of those, free for new segments
  uint64_t bytes_read = 0;      // since open
  uint64_t bytes_written = 0;   // since open
};

/// Create-only segments and the root record that names them.
///
/// Threads: everything on any thread. write_root() and remove() are serialized inside; a segment must not be removed
/// while it is being read, or after that while an answer of read() matters.
///
/// After a failed sync or root write the store is poisoned: create_segment, finish, remove and write_root give kReadOnly
/// naming the first failure; read() goes on working.
class BlobStore {
 public:
  virtual ~BlobStore() = default;

  /// Of the database it belongs to: seeds the checksums of blocks. O(1).
  virtual DatabaseId database_id() const = 0;
  /// A name for messages: the path of the file. O(1).
  virtual const std::string& name() const = 0;

  /// Begins a segment with a new id. Several may be written at once. kReadOnly.
  virtual Result<std::unique_ptr<SegmentWriter>> create_segment() = 0;
  /// Fills `into` from a finished segment. kNotFound for an unknown or removed segment, kRange past its end, kIoError,
  /// kCorruption when the file is too short. O(bytes).
  virtual Status read(SegmentId segment, uint64_t offset, std::span<char> into) const = 0;
  /// Drops a finished segment. Its space is used again only after the next write_root, so a crash before that keeps it.
  /// kNotFound, kReadOnly. O(log segments).
  virtual Status remove(SegmentId segment) = 0;
  /// Finished segments that were not removed, by id. O(segments).
  virtual std::vector<SegmentInfo> list() const = 0;
  /// Length of one segment; kNotFound. O(log segments).
  virtual Result<uint64_t> segment_size(SegmentId segment) const = 0;

  /// Makes a new root record durable, in one step: after a crash the old or the new one is found, whole. It names every segment
  /// that is finished and not removed; freed space is reused, or given back to the system, from now on. The log must be
  /// durable up to `log_start` before (Storage::checkpoint sees to it). kInvalidArgument when it lies before the last one's; kIoError and
  /// kNoSpace: not applied; kUnknownOutcome: reopen. O(payload + segments).
  virtual Status write_root(std::string_view payload, Lsn log_start) = 0;
  /// The newest root record. kCorruption. O(payload).
  virtual Result<RootRecord> read_root() const = 0;

  virtual BlobStatistics statistics() const = 0;
};

}  // namespace protobase::storage
