#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <type_traits>

#include "runtime/base/check.h"
#include "storage/internal/log_format.h"
#include "storage/storage.h"

namespace protobase::storage {
namespace {

using Segment = std::shared_ptr<const std::string>;

struct MemoryFrame {
  uint64_t position = 0;
  uint64_t end = 0;
  std::vector<std::pair<uint8_t, std::string>> records;
};

}  // namespace

/// What a file backend has on disk: the newest root and the segments it names, and the log.
struct MemoryImage {
  std::mutex mutex;  // guards all of it
  DatabaseId id = DatabaseId::make();
  RootRecord root{1, Lsn(0), {}};
  std::map<uint32_t, Segment> segments;
  uint32_t next_segment = 1;
  std::deque<MemoryFrame> log;
  uint64_t log_start = 0;
  uint64_t log_end = 0;
  uint32_t epoch = 0;
  bool writer_is_open = false;
};

namespace {

/// Marks the image as open for writing for as long as it lives.
class WriterClaim {
 public:
  explicit WriterClaim(std::shared_ptr<MemoryImage> image) : image_(std::move(image)) {}
  ~WriterClaim() {
    std::lock_guard guard(image_->mutex);
    image_->writer_is_open = false;
  }

 private:
  const std::shared_ptr<MemoryImage> image_;
};

class MemoryLogStore final : public LogStore {
 public:
  MemoryLogStore(std::shared_ptr<MemoryImage> image, const MemoryStorageOptions& options, std::shared_ptr<WriterClaim> claim)
      : image_(std::move(image)), claim_(std::move(claim)), keep_(options.keep_log), read_only_(options.read_only) {}

  Lsn start() const override { return locked([](MemoryImage& image) { return Lsn(image.log_start); }); }
  Lsn end() const override { return locked([](MemoryImage& image) { return Lsn(image.log_end); }); }
  Lsn durable() const override { return end(); }
  uint32_t epoch() const override { return locked([](MemoryImage& image) { return image.epoch; }); }

  Result<Lsn> append(Lsn expected, std::span<const LogRecord> records) override {
    PROTO_RETURN_IF_ERROR(check_open());
    if (read_only_) return Status(StatusCode::kReadOnly, "the log is open read-only");
    PROTO_RETURN_IF_ERROR(check_append_size(records));
    uint64_t bytes = 0;
    for (const LogRecord& record : records) bytes += record.payload.size();
    std::lock_guard guard(image_->mutex);
    if (expected.value != image_->log_end) return Status(StatusCode::kConflict, "the log ends elsewhere");
    const uint64_t size = frame_size(bytes + records.size());
    if (keep_) keep(records, size);
    image_->log_end += size;
    ++figures_.appends;
    figures_.records += records.size();
    figures_.record_bytes += bytes;
    figures_.stored_bytes += size;
    return Lsn(image_->log_end);
  }

  Status sync(Lsn up_to) override {
    PROTO_RETURN_IF_ERROR(check_open());
    return up_to <= end() ? Status() : Status(StatusCode::kInvalidArgument, "sync past the end of the log");
  }

  Status replay(Lsn from, const Visitor& visit) const override {
    PROTO_RETURN_IF_ERROR(check_open());
    std::deque<MemoryFrame> frames;
    {
      std::lock_guard guard(image_->mutex);
      if (from.value < image_->log_start || from.value > image_->log_end) {
        return Status(StatusCode::kRange, "the log does not hold that position");
      }
      frames = image_->log;
    }
    for (const MemoryFrame& frame : frames) {
      if (frame.position >= from.value) PROTO_RETURN_IF_ERROR(visit_frame(frame, visit));
    }
    return {};
  }

  Status trim(Lsn up_to) override {
    PROTO_RETURN_IF_ERROR(check_open());
    if (read_only_) return Status(StatusCode::kReadOnly, "the log is open read-only");
    std::lock_guard guard(image_->mutex);
    if (up_to.value > image_->log_end) return Status(StatusCode::kInvalidArgument, "trim past what is durable");
    image_->log_start = std::max(image_->log_start, up_to.value);
    while (!image_->log.empty() && image_->log.front().end <= image_->log_start) image_->log.pop_front();
    return {};
  }

  Status close() override {
    PROTO_RETURN_IF_ERROR(check_open());
    closed_ = true;
    return {};
  }

  LogStatistics statistics() const override {
    std::lock_guard guard(image_->mutex);
    LogStatistics figures = figures_;
    figures.space_bytes = keep_ ? image_->log_end - image_->log_start : 0;
    return figures;
  }

 private:
  template <class Read>
  std::invoke_result_t<Read, MemoryImage&> locked(Read read) const {
    std::lock_guard guard(image_->mutex);
    return read(*image_);
  }
  Status check_open() const { return closed_ ? Status(StatusCode::kInvalidState, "the log is closed") : Status(); }
  void keep(std::span<const LogRecord> records, uint64_t size) {
    PROTO_CHECK(size > 0 && image_->log_start <= image_->log_end);
    MemoryFrame frame{image_->log_end, image_->log_end + size, {}};
    for (const LogRecord& record : records) frame.records.emplace_back(record.kind, std::string(record.payload));
    image_->log.push_back(std::move(frame));
  }
  static Status visit_frame(const MemoryFrame& frame, const Visitor& visit) {
    ReplayedRecord record{Lsn(frame.position), Lsn(frame.end), 0, static_cast<uint32_t>(frame.records.size()), 0, {}};
    for (const auto& [kind, payload] : frame.records) {
      record.kind = kind;
      record.payload = payload;
      PROTO_RETURN_IF_ERROR(visit(record));
      ++record.index;
    }
    return {};
  }

  const std::shared_ptr<MemoryImage> image_;
  const std::shared_ptr<WriterClaim> claim_;
  const bool keep_;
  const bool read_only_;
  std::atomic<bool> closed_{false};
  LogStatistics figures_;  // guarded by the image's mutex
};

class MemoryBlobStore final : public BlobStore {
 public:
  /// The image's mutex is held.
  MemoryBlobStore(std::shared_ptr<MemoryImage> image, bool read_only, std::shared_ptr<WriterClaim> claim)
      : image_(std::move(image)), claim_(std::move(claim)), read_only_(read_only), segments_(image_->segments),
        next_segment_(image_->next_segment) {}

  DatabaseId database_id() const override { return image_->id; }
  const std::string& name() const override { return name_; }
  Result<std::unique_ptr<SegmentWriter>> create_segment() override;

  Status read(SegmentId id, uint64_t offset, std::span<char> into) const override {
    PROTO_ASSIGN_OR_RETURN(const Segment segment, find(id));
    if (offset > segment->size() || into.size() > segment->size() - offset) {
      return Status(StatusCode::kRange, "read past the end of segment " + std::to_string(id.value));
    }
    segment->copy(into.data(), into.size(), offset);
    bytes_read_.fetch_add(into.size(), std::memory_order_relaxed);
    return {};
  }

  Status remove(SegmentId id) override {
    PROTO_RETURN_IF_ERROR(check_writable());
    std::unique_lock guard(mutex_);
    return segments_.erase(id.value) > 0 ? Status() : no_such_segment(id);
  }

  std::vector<SegmentInfo> list() const override {
    std::shared_lock guard(mutex_);
    std::vector<SegmentInfo> infos;
    for (const auto& [id, segment] : segments_) infos.push_back({SegmentId(id), segment->size()});
    return infos;
  }

  Result<uint64_t> segment_size(SegmentId id) const override {
    PROTO_ASSIGN_OR_RETURN(const Segment segment, find(id));
    return uint64_t{segment->size()};
  }

  Status write_root(std::string_view payload, Lsn log_start) override {
    PROTO_RETURN_IF_ERROR(check_writable());
    std::shared_lock guard(mutex_);
    std::lock_guard image_guard(image_->mutex);
    if (log_start < image_->root.log_start) {
      return Status(StatusCode::kInvalidArgument, "the log's start never moves back");
    }
    image_->root = RootRecord{image_->root.sequence + 1, log_start, std::string(payload)};
    image_->segments = segments_;
    image_->next_segment = next_segment_;
    return {};
  }

  Result<RootRecord> read_root() const override {
    std::lock_guard guard(image_->mutex);
    return image_->root;
  }

  BlobStatistics statistics() const override {
    BlobStatistics figures;
    for (const SegmentInfo& info : list()) {
      ++figures.segment_count;
      figures.segment_bytes += info.length_bytes;
    }
    figures.space_bytes = figures.segment_bytes;
    figures.bytes_read = bytes_read_;
    figures.bytes_written = bytes_written_;
    return figures;
  }

  Status add(SegmentId id, std::string bytes) {
    PROTO_RETURN_IF_ERROR(check_writable());
    bytes_written_ += bytes.size();
    std::unique_lock guard(mutex_);
    const bool fresh = segments_.emplace(id.value, std::make_shared<const std::string>(std::move(bytes))).second;
    PROTO_CHECK_MSG(fresh, "a segment is made twice");
    return {};
  }

 private:
  Status check_writable() const {
    return read_only_ ? Status(StatusCode::kReadOnly, name_ + " is open read-only") : Status();
  }
  Status no_such_segment(SegmentId id) const {
    return Status(StatusCode::kNotFound, name_ + " has no segment " + std::to_string(id.value));
  }
  Result<Segment> find(SegmentId id) const {
    std::shared_lock guard(mutex_);
    const auto found = segments_.find(id.value);
    if (found == segments_.end()) return no_such_segment(id);
    return found->second;
  }

  const std::shared_ptr<MemoryImage> image_;
  const std::shared_ptr<WriterClaim> claim_;
  const bool read_only_;
  const std::string name_ = ":memory:";
  mutable std::shared_mutex mutex_;  // guards segments_; taken before the image's
  std::map<uint32_t, Segment> segments_;
  std::atomic<uint32_t> next_segment_;
  mutable std::atomic<uint64_t> bytes_read_{0};
  std::atomic<uint64_t> bytes_written_{0};
};

class MemorySegmentWriter final : public SegmentWriter {
 public:
  MemorySegmentWriter(MemoryBlobStore& store, SegmentId id) : store_(store), id_(id) {}

  SegmentId id() const override { return id_; }
  uint64_t size() const override { return length_; }
  Result<uint64_t> append(std::string_view bytes) override {
    if (finished_) return Status(StatusCode::kInvalidState, "segment is finished");
    if (bytes.size() > kMaxSegmentBytes - length_) return Status(StatusCode::kRange, "segment is full");
    const uint64_t offset = length_;
    bytes_.append(bytes);
    length_ += bytes.size();
    return offset;
  }
  Status finish() override {
    if (finished_) return Status(StatusCode::kInvalidState, "segment is finished");
    finished_ = true;
    return store_.add(id_, std::move(bytes_));
  }

 private:
  MemoryBlobStore& store_;
  const SegmentId id_;
  std::string bytes_;
  uint64_t length_ = 0;
  bool finished_ = false;
};

Result<std::unique_ptr<SegmentWriter>> MemoryBlobStore::create_segment() {
  PROTO_RETURN_IF_ERROR(check_writable());
  return std::unique_ptr<SegmentWriter>(std::make_unique<MemorySegmentWriter>(*this, SegmentId(next_segment_++)));
}

}  // namespace

std::shared_ptr<MemoryImage> make_memory_image() { return std::make_shared<MemoryImage>(); }

Result<Storage> open_memory_storage(const MemoryStorageOptions& options) {
  const auto image = options.image != nullptr ? options.image : make_memory_image();
  std::lock_guard guard(image->mutex);
  if (!options.read_only && image->writer_is_open) {
    return Status(StatusCode::kLocked, ":memory: is open for writing in " + describe_this_process());
  }
  std::shared_ptr<WriterClaim> claim;
  if (!options.read_only) {
    image->writer_is_open = true;
    ++image->epoch;
    claim = std::make_shared<WriterClaim>(image);
  }
  Storage storage;
  storage.id = image->id;
  storage.root = image->root;
  storage.read_only = options.read_only;
  storage.blobs = std::make_unique<MemoryBlobStore>(image, options.read_only, claim);
  storage.log = std::make_unique<MemoryLogStore>(image, options, claim);
  return storage;
}

}  // namespace protobase::storage
