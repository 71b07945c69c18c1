#include "db/change_log.h"

#include <algorithm>
#include <cstring>

#include "runtime/base/coding.h"

namespace protobase {
namespace {

Status damaged() { return Status(StatusCode::kCorruption, "log record: damaged list of changes"); }

char* write_varint(char* to, uint64_t value) {
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<char>(value | 0x80);
  *to++ = static_cast<char>(value);
  return to;
}

char* write_bytes(char* to, std::string_view bytes) {
  to = write_varint(to, bytes.size());
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  return to + bytes.size();
}

bool read_change(proto::ByteReader& reader, Change& change) {
  const auto kind = reader.fixed<uint8_t>();
  change.kind = static_cast<ChangeKind>(kind);
  change.collection = CollectionId(static_cast<uint32_t>(reader.varint()));
  change.id = reader.varint();
  change.first = reader.string();
  change.second = reader.string();
  return reader.ok() && kind >= 1 && kind <= static_cast<uint8_t>(ChangeKind::kTrainIndex);
}

}  // namespace

Change ChangeLog::append(ChangeKind kind, CollectionId collection, uint64_t id, std::string_view first, std::string_view second) {
  const size_t most = 1 + 4 * 10 + first.size() + second.size();
  if (chunks_.empty() || chunks_.back().capacity - chunks_.back().size < most) {
    // The first chunk is small: most transactions are.
    const size_t capacity = std::max(most, chunks_.empty() ? size_t{4096} : kChunkBytes);
    chunks_.push_back({std::make_unique_for_overwrite<char[]>(capacity), 0, capacity});
  }
  Chunk& chunk = chunks_.back();
  char* const start = chunk.bytes.get() + chunk.size;
  char* to = start;
  *to++ = static_cast<char>(kind);
  to = write_varint(to, collection.value);
  to = write_varint(to, id);
  to = write_bytes(to, first);
  const std::string_view kept_first(to - first.size(), first.size());
  to = write_bytes(to, second);
  const std::string_view kept_second(to - second.size(), second.size());
  chunk.size += static_cast<size_t>(to - start);
  size_bytes_ += static_cast<uint64_t>(to - start);
  ++count_;
  return {kind, collection, id, kept_first, kept_second};
}

void ChangeLog::truncate(uint64_t count) {
  uint64_t seen = 0;
  uint64_t bytes = 0;
  for (size_t i = 0; i < chunks_.size(); ++i) {
    proto::ByteReader reader({chunks_[i].bytes.get(), chunks_[i].size});
    Change change;
    while (seen < count && !reader.at_end() && read_change(reader, change)) ++seen;
    chunks_[i].size -= reader.rest().size();
    bytes += chunks_[i].size;
    if (seen == count) {
      chunks_.resize(chunks_[i].size == 0 ? i : i + 1);
      break;
    }
  }
  count_ = seen;
  size_bytes_ = bytes;
}

Status ChangeLog::visit(const std::function<Status(const Change&)>& visit) const {
  for (const Chunk& chunk : chunks_) PROTO_RETURN_IF_ERROR(visit_changes({chunk.bytes.get(), chunk.size}, visit));
  return Status();
}

std::vector<storage::LogRecord> ChangeLog::records(proto::CommitId commit, int64_t microseconds, std::string& header) const {
  header.clear();
  proto::put_varint(header, commit.value);
  proto::put_varint(header, static_cast<uint64_t>(microseconds));
  std::vector<storage::LogRecord> records{{static_cast<uint8_t>(RecordKind::kCommit), header}};
  for (const Chunk& chunk : chunks_) {
    records.push_back({static_cast<uint8_t>(RecordKind::kChanges), {chunk.bytes.get(), chunk.size}});
  }
  return records;
}

Status visit_changes(std::string_view record, const std::function<Status(const Change&)>& visit) {
  proto::ByteReader reader(record);
  Change change;
  while (!reader.at_end()) {
    if (!read_change(reader, change)) return damaged();
    PROTO_RETURN_IF_ERROR(visit(change));
  }
  return Status();
}

Result<CommitHeader> decode_commit(std::string_view record) {
  proto::ByteReader reader(record);
  CommitHeader header;
  header.commit = proto::CommitId(reader.varint());
  header.microseconds = static_cast<int64_t>(reader.varint());
  if (!reader.ok() || !reader.at_end()) return damaged();
  return header;
}

}  // namespace protobase
