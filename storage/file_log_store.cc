#include "storage/internal/file_log_store.h"

#include <algorithm>

#include "runtime/base/check.h"
#include "runtime/base/sync_point.h"

namespace protobase::storage {

FileLogStore::FileLogStore(std::unique_ptr<ChunkFile> file, const FileLogOptions& options, const LogEnd& found)
    : file_(std::move(file)),
      gate_(options.gate),
      keep_bytes_(options.keep_bytes),
      min_epoch_(options.min_epoch),
      epoch_(found.epoch),
      encoder_(file_->database()),
      start_(options.start.value),
      end_(found.end),
      durable_(found.attested),
      cut_bytes_(found.cut_bytes) {}

FileLogStore::~FileLogStore() {
  if (!closed_) (void)close().ok();
}

Result<std::unique_ptr<FileLogStore>> FileLogStore::open(std::unique_ptr<ChunkFile> file, const FileLogOptions& options) {
  PROTO_ASSIGN_OR_RETURN(const LogEnd found, find_log_end(*file, options.start.value, options.min_epoch));
  std::unique_ptr<FileLogStore> log(new FileLogStore(std::move(file), options, found));
  if (options.gate != nullptr) PROTO_RETURN_IF_ERROR(log->begin_writing(found));
  return log;
}

/// What was read may stand in the page cache only, even if a sync of it failed before: the kernel then takes it for clean.
/// Writing the same bytes again makes the next sync mean what it says.
Status FileLogStore::begin_writing(const LogEnd& found) {
  file_->keep_only(start_, end_, gate_);
  PROTO_RETURN_IF_ERROR(file_->release_below(start_, keep_bytes_));
  PROTO_RETURN_IF_ERROR(file_->rewrite(found.attested, found.end));
  ++epoch_;
  PROTO_RETURN_IF_ERROR(write_frame(FrameKind::kOpen, {}));
  PROTO_RETURN_IF_ERROR(file_->sync());
  durable_ = end_.load();
  return {};
}

Status FileLogStore::write_frame(FrameKind kind, std::span<const LogRecord> records) {
  PROTO_CHECK(start_ <= durable_ && durable_ <= end_);
  FrameHeader header{};
  header.lsn = end_;
  header.durable_lsn = durable_;
  header.trimmed_lsn = start_;
  header.epoch = epoch_;
  header.kind = static_cast<uint8_t>(kind);
  const std::string_view frame = encoder_.encode(header, records);
  PROTO_CHECK(frame.size() >= sizeof header && frame.size() % kFrameAlignment == 0);
  PROTO_RETURN_IF_ERROR(file_->write(header.lsn, frame, header.durable_lsn, epoch_));
  stored_bytes_ += frame.size();
  end_ = header.lsn + frame.size();
  return {};
}

Status FileLogStore::check_appendable() const {
  if (closed_) return Status(StatusCode::kInvalidState, file_->path() + ": the log is closed");
  if (gate_ == nullptr) return Status(StatusCode::kReadOnly, file_->path() + " is open read-only");
  return failed_ ? poisoned() : Status();
}

Status FileLogStore::poisoned() const {
  std::lock_guard guard(failure_mutex_);
  return Status(StatusCode::kReadOnly, file_->path() + ": the log takes no more since " + failure_.to_string())
      .with_hint("open the database again");
}

void FileLogStore::poison(const Status& failure, bool sync_failed) {
  std::lock_guard guard(failure_mutex_);
  if (failure_.ok()) failure_ = failure;
  failed_ = true;
  if (sync_failed) sync_failed_ = true;
}

Result<Lsn> FileLogStore::append(Lsn expected, std::span<const LogRecord> records) {
  PROTO_RETURN_IF_ERROR(check_appendable());
  PROTO_RETURN_IF_ERROR(check_append_size(records));
  if (expected != end()) {
    return Status(StatusCode::kConflict, "append at position " + std::to_string(expected.value) + ", but the log ends at " +
                                             std::to_string(end_.load()));
  }
  Status status = write_frame(FrameKind::kRecords, records);
  if (!status.ok()) {
    poison(status, false);
    return std::move(status).with_context("append to the log");
  }
  appended_ = true;
  ++appends_;
  records_ += records.size();
  for (const LogRecord& record : records) record_bytes_ += record.payload.size();
  return end();
}

Status FileLogStore::sync(Lsn up_to) {
  if (up_to.value <= durable_) return {};
  if (up_to.value > end_) return Status(StatusCode::kInvalidArgument, "sync past the end of the log");
  if (closed_) return Status(StatusCode::kInvalidState, file_->path() + ": the log is closed");
  if (gate_ == nullptr) return {};  // a reader finds what is there, and promises nothing
  std::lock_guard guard(sync_mutex_);
  if (up_to.value <= durable_) return {};
  Status status;
  if (!sync_failed_) {
    const uint64_t target = end_;
    PROTO_CHECK(target > durable_);
    PROTO_SYNC_POINT("FileLogStore::sync");
    status = file_->sync();
    ++syncs_;
    if (status.ok()) {
      durable_ = target;
      return {};
    }
    poison(status, true);
  }
  return Status(StatusCode::kUnknownOutcome, "not known to be durable: " + poisoned().message())
      .with_hint("open the database again to learn which commits are in it");
}

Status FileLogStore::replay(Lsn from, const Visitor& visit) const {
  if (closed_) return Status(StatusCode::kInvalidState, file_->path() + ": the log is closed");
  if (from < start() || from > end()) {
    return Status(StatusCode::kRange, "the log holds positions " + std::to_string(start_) + " to " + std::to_string(end_) +
                                          ", not " + std::to_string(from.value));
  }
  const uint64_t end = end_;
  FrameReader reader(*file_, from.value, min_epoch_);
  Frame frame;
  std::string buffer;
  while (reader.position() < end) {
    const uint64_t position = reader.position();
    PROTO_ASSIGN_OR_RETURN(const bool valid, reader.next(frame));
    if (!valid) return Status(StatusCode::kCorruption, describe_frame(*file_, position) + ": damaged");
    if (static_cast<FrameKind>(frame.header.kind) != FrameKind::kRecords) continue;
    Status outcome;
    if (!visit_records(frame.header, frame.stored, buffer, visit, outcome)) {
      return Status(StatusCode::kCorruption, describe_frame(*file_, position) + ": checksum is right, contents are not");
    }
    PROTO_RETURN_IF_ERROR(outcome);
  }
  return {};
}

Status FileLogStore::trim(Lsn up_to) {
  PROTO_RETURN_IF_ERROR(check_appendable());
  if (up_to > durable()) return Status(StatusCode::kInvalidArgument, "trim past what is durable");
  if (up_to < start()) up_to = start();
  PROTO_CHECK(up_to.value >= start_ && up_to.value <= durable_);
  start_ = up_to.value;
  return file_->release_below(up_to.value, keep_bytes_);
}

Status FileLogStore::close() {
  if (closed_.exchange(true)) return Status(StatusCode::kInvalidState, file_->path() + ": the log is closed");
  if (gate_ == nullptr || failed_) return {};
  if (!appended_) return {};  // the frame of begin_writing is durable, and nothing came after it
  std::lock_guard guard(sync_mutex_);
  PROTO_RETURN_IF_ERROR(file_->sync());
  durable_ = end_.load();
  PROTO_RETURN_IF_ERROR(write_frame(FrameKind::kClose, {}));
  PROTO_RETURN_IF_ERROR(file_->sync());
  durable_ = end_.load();
  return {};
}

LogStatistics FileLogStore::statistics() const {
  return LogStatistics{appends_, records_, record_bytes_, stored_bytes_, syncs_, file_->space_bytes(), cut_bytes_};
}

}  // namespace protobase::storage
