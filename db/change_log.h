// What a transaction did, as logical operations: they are what the log stores, what is replayed on a newer root when others
// committed first, and what recovery applies. Documents are stored whole, index entries never.
//
// One change, in bytes:  u8 kind | varint collection | varint object or index id | varint length, bytes | varint length, bytes
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "db/value.h"
#include "runtime/base/ids.h"
#include "storage/log_store.h"

namespace protobase {

/// Part of the file format: never reused.
enum class ChangeKind : uint8_t {
  kCreateCollection = 1,  // first: the definition
  kDropCollection = 2,
  kCreateIndex = 3,       // id: of the index; first: the definition; second: the trained quantizer, if any
  kDropIndex = 4,         // id: of the index
  kInsert = 5,            // first: the object
  kReplace = 6,           // first: the object
  kPatch = 7,             // first: paths and values, second: removed paths (BlockChange::kPatch), each encoded or empty
  kErase = 8,
  kTrainIndex = 9,        // id: of the index; first: a new quantizer
};

/// One logical operation. `first` and `second` point into the ChangeLog or the log record that holds it.
struct Change {
  ChangeKind kind = ChangeKind::kInsert;
  CollectionId collection;
  uint64_t id = 0;
  std::string_view first, second;

  ObjectId object() const { return ObjectId(id); }
  proto::IndexId index() const { return proto::IndexId(static_cast<uint32_t>(id)); }
  bool is_definition() const { return kind <= ChangeKind::kDropIndex || kind == ChangeKind::kTrainIndex; }
};

/// Kinds of log records. Part of the file format: never reused.
enum class RecordKind : uint8_t {
  kCommit = 1,   // varint commit id, varint microseconds since 1970 (UTC): the first record of each append
  kChanges = 2,  // changes, one after the other
};

/// The changes of one transaction in order. Appended changes never move. One thread.
class ChangeLog {
 public:
  /// Adds a change and gives it back with its bytes in the log.
  Change append(ChangeKind kind, CollectionId collection, uint64_t id, std::string_view first = {}, std::string_view second = {});
  bool empty() const { return count_ == 0; }
  uint64_t count() const { return count_; }
  uint64_t size_bytes() const { return size_bytes_; }
  /// Forgets all but the first `count` changes. O(changes).
  void truncate(uint64_t count);
  /// Calls `visit` for each change in order until it fails.
  Status visit(const std::function<Status(const Change&)>& visit) const;
  /// Records for one append to the log, the commit record first. They point into this object and `header`.
  std::vector<storage::LogRecord> records(proto::CommitId commit, int64_t microseconds, std::string& header) const;

 private:
  static constexpr size_t kChunkBytes = 256 << 10;
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    size_t size = 0;
    size_t capacity = 0;
  };
  std::vector<Chunk> chunks_;
  uint64_t count_ = 0;
  uint64_t size_bytes_ = 0;
};

/// Calls `visit` for each change of a kChanges record. kCorruption when the bytes are not well formed.
Status visit_changes(std::string_view record, const std::function<Status(const Change&)>& visit);

/// What a kCommit record holds.
struct CommitHeader {
  proto::CommitId commit;
  int64_t microseconds = 0;
};
Result<CommitHeader> decode_commit(std::string_view record);

}  // namespace protobase
