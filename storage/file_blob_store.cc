#include "storage/internal/file_blob_store.h"

#include <algorithm>

#include "runtime/base/check.h"
#include "runtime/base/checksum.h"
#include "runtime/base/coding.h"
#include "runtime/base/sync_point.h"

namespace protobase::storage {
namespace {

/// Segments are written in pieces of this size: large enough for one seek, small enough to hold several.
constexpr uint64_t kWriteBytes = 16 * kExtentUnitBytes;

Status no_such_segment(const std::string& name, SegmentId segment) {
  return Status(StatusCode::kNotFound, name + " has no segment " + std::to_string(segment.value));
}

}  // namespace

class FileSegmentWriter final : public SegmentWriter {
 public:
  FileSegmentWriter(FileBlobStore& store, SegmentId id) : store_(store), id_(id) {}
  ~FileSegmentWriter() override {
    if (!finished_) store_.space_->give(layout_.extents);
  }

  SegmentId id() const override { return id_; }
  uint64_t size() const override { return layout_.length + buffer_.size(); }

  Result<uint64_t> append(std::string_view bytes) override {
    PROTO_RETURN_IF_ERROR(check_open());
    const uint64_t offset = size();
    if (bytes.size() > kMaxSegmentBytes - offset) return Status(StatusCode::kRange, "segment is full");
    buffer_.append(bytes);
    if (buffer_.size() >= kWriteBytes) {
      PROTO_RETURN_IF_ERROR(flush(buffer_.size() / kExtentUnitBytes * kExtentUnitBytes));
    }
    return offset;
  }

  Status finish() override {
    PROTO_RETURN_IF_ERROR(check_open());
    PROTO_RETURN_IF_ERROR(flush(buffer_.size()));
    PROTO_RETURN_IF_ERROR(store_.finish_segment(id_, layout_));
    finished_ = true;
    return {};
  }

 private:
  Status check_open() const {
    if (finished_) return Status(StatusCode::kInvalidState, "segment is finished");
    return failed_ ? Status(StatusCode::kInvalidState, "segment could not be written") : store_.check_writable();
  }
  Status flush(uint64_t length) {
    PROTO_CHECK(length <= buffer_.size());
    failed_ = true;  // until it is done: a piece that was lost cannot be made good
    PROTO_RETURN_IF_ERROR(store_.write_segment_bytes(layout_, std::string_view(buffer_).substr(0, length)));
    failed_ = false;
    buffer_.erase(0, length);
    return {};
  }

  FileBlobStore& store_;
  const SegmentId id_;
  SegmentLayout layout_;
  std::string buffer_;
  bool finished_ = false;
  bool failed_ = false;
};

FileBlobStore::FileBlobStore(std::shared_ptr<File> file, DatabaseId database, StoredRoot root, uint64_t file_bytes)
    : file_(std::move(file)),
      database_(database),
      file_bytes_(file_bytes),
      segments_(std::move(root.segments)),
      next_segment_(root.slot.next_segment),
      slot_(root.slot),
      payload_(std::move(root.payload)) {}

// ---- making and opening ----------------------------------------------------------------------------------------------

Status FileBlobStore::create(File& file, DatabaseId database) {
  const std::string body = encode_root_body({}, {});
  RootSlot slot{};
  slot.sequence = 1;
  slot.body_first_unit = kFirstUnit;
  slot.body_length = body.size();
  slot.body_checksum = proto::checksum64(body, database.seed());
  slot.next_segment = 1;
  PROTO_RETURN_IF_ERROR(file.truncate(0));
  PROTO_RETURN_IF_ERROR(file.write_at(0, encode_file_header(kDataMagic, kExtentUnitBytes, database)));
  PROTO_RETURN_IF_ERROR(file.write_at(kRootSlotOffset[slot.sequence % 2], encode_root_slot(database, slot)));
  PROTO_RETURN_IF_ERROR(file.write_at(kFirstUnit * kExtentUnitBytes, body));
  return file.sync();
}

Result<std::unique_ptr<FileBlobStore>> FileBlobStore::open(std::shared_ptr<File> file, const FileBlobOptions& options) {
  PROTO_ASSIGN_OR_RETURN(const FileHeader header, read_file_header(*file, kDataMagic));
  if (header.unit_bytes != kExtentUnitBytes) {
    return Status(StatusCode::kUnsupported, file->path() + " has units of " + std::to_string(header.unit_bytes) + " bytes");
  }
  PROTO_ASSIGN_OR_RETURN(const uint64_t file_bytes, file->size());
  PROTO_ASSIGN_OR_RETURN(StoredRoot root, load_root(*file, header.database, file_bytes));
  std::unique_ptr<FileBlobStore> store(new FileBlobStore(file, header.database, std::move(root), file_bytes));
  if (options.gate != nullptr) PROTO_RETURN_IF_ERROR(store->begin_writing(options, file_bytes));
  return store;
}

Result<RootSlot> FileBlobStore::newest_slot(const File& file, DatabaseId database) {
  std::optional<RootSlot> newest;
  for (const uint64_t offset : kRootSlotOffset) {
    char bytes[sizeof(RootSlot)];
    PROTO_RETURN_IF_ERROR(read_exactly(file, offset, bytes));
    const auto slot = decode_root_slot(database, std::string_view(bytes, sizeof bytes));
    if (slot.has_value() && (!newest.has_value() || slot->sequence > newest->sequence)) newest = slot;
  }
  if (newest.has_value()) return *newest;
  return Status(StatusCode::kCorruption, file.path() + ", offsets " + std::to_string(kRootSlotOffset[0]) + " and " +
                                             std::to_string(kRootSlotOffset[1]) + ", root slots: both are damaged");
}

Result<FileBlobStore::StoredRoot> FileBlobStore::load_root(const File& file, DatabaseId database, uint64_t file_bytes) {
  PROTO_ASSIGN_OR_RETURN(const RootSlot slot, newest_slot(file, database));
  const uint64_t offset = slot.body_first_unit * kExtentUnitBytes;
  const auto corrupt = [&](const char* what) {
    return Status(StatusCode::kCorruption,
                  file.path() + ", offset " + std::to_string(offset) + ", body of root record " +
                      std::to_string(slot.sequence) + ": " + what);
  };
  const bool inside = slot.body_first_unit >= kFirstUnit && slot.body_first_unit <= units_for(file_bytes) &&
                      slot.body_length <= file_bytes && offset <= file_bytes - slot.body_length;
  if (!inside) return corrupt("lies outside the file");
  StoredRoot root{slot, {}, {}};
  std::string body(slot.body_length, '\0');
  PROTO_RETURN_IF_ERROR(read_exactly(file, offset, body));
  if (proto::checksum64(body, database.seed()) != slot.body_checksum) return corrupt("checksum does not match");
  if (!decode_root_body(body, root.payload, root.segments)) return corrupt("cannot be decoded");
  return root;
}

std::vector<Extent> FileBlobStore::used_extents() const {
  std::vector<Extent> used{body_extent()};
  for (const auto& [id, layout] : segments_) used.insert(used.end(), layout->extents.begin(), layout->extents.end());
  return used;
}

Status FileBlobStore::begin_writing(const FileBlobOptions& options, uint64_t file_bytes) {
  std::vector<Extent> gaps;
  if (!find_gaps(used_extents(), kFirstUnit, units_for(file_bytes), gaps)) {
    return Status(StatusCode::kCorruption, file_->path() + ": segments of root record " + std::to_string(slot_.sequence) +
                                               " overlap or lie outside the file");
  }
  space_ = std::make_unique<DataSpace>(file_, options.gate, units_for(file_bytes), std::move(gaps), options.keep_bytes);
  PROTO_RETURN_IF_ERROR(write_slot(slot_));
  PROTO_RETURN_IF_ERROR(file_->sync());
  return space_->release();
}

// ---- segments --------------------------------------------------------------------------------------------------------

Result<std::unique_ptr<SegmentWriter>> FileBlobStore::create_segment() {
  PROTO_RETURN_IF_ERROR(check_writable());
  const uint32_t id = next_segment_++;
  if (id == 0 || id == UINT32_MAX) {
    next_segment_ = UINT32_MAX;
    return Status(StatusCode::kNoSpace, name() + " has used up its segment ids");
  }
  return std::unique_ptr<SegmentWriter>(std::make_unique<FileSegmentWriter>(*this, SegmentId(id)));
}

Status FileBlobStore::write_segment_bytes(SegmentLayout& layout, std::string_view bytes) {
  while (!bytes.empty()) {
    PROTO_CHECK(layout.length % kExtentUnitBytes == 0);  // only the last piece of a segment ends inside a unit
    const Extent extent = space_->take(units_for(bytes.size()));
    PROTO_CHECK(extent.first >= kFirstUnit && extent.count > 0);
    layout.add(extent);
    const uint64_t length = std::min<uint64_t>(bytes.size(), extent.count * kExtentUnitBytes);
    PROTO_RETURN_IF_ERROR(file_->write_at(extent.first * kExtentUnitBytes, bytes.substr(0, length)));
    layout.length += length;
    bytes_written_ += length;
    bytes.remove_prefix(length);
  }
  return {};
}

Status FileBlobStore::finish_segment(SegmentId id, SegmentLayout layout) {
  PROTO_RETURN_IF_ERROR(sync_or_poison());
  std::unique_lock guard(segments_mutex_);
  const bool fresh = segments_.emplace(id.value, std::make_shared<const SegmentLayout>(std::move(layout))).second;
  PROTO_CHECK_MSG(fresh, "a segment is made twice");
  return {};
}

std::shared_ptr<const SegmentLayout> FileBlobStore::find(SegmentId segment) const {
  std::shared_lock guard(segments_mutex_);
  const auto found = segments_.find(segment.value);
  return found == segments_.end() ? nullptr : found->second;
}

Status FileBlobStore::read(SegmentId segment, uint64_t offset, std::span<char> into) const {
  const auto layout = find(segment);
  if (layout == nullptr) return no_such_segment(name(), segment);
  if (offset > layout->length || into.size() > layout->length - offset) {
    return Status(StatusCode::kRange, name() + ": read past the end of segment " + std::to_string(segment.value));
  }
  bytes_read_.fetch_add(into.size(), std::memory_order_relaxed);
  while (!into.empty()) {
    const auto next = std::upper_bound(layout->extent_starts.begin(), layout->extent_starts.end(), offset);
    PROTO_CHECK(next != layout->extent_starts.begin());
    const auto index = static_cast<size_t>(next - layout->extent_starts.begin()) - 1;
    const uint64_t inside = offset - layout->extent_starts[index];
    const Extent& extent = layout->extents[index];
    PROTO_CHECK(inside < extent.count * kExtentUnitBytes);
    const size_t length = std::min<uint64_t>(into.size(), extent.count * kExtentUnitBytes - inside);
    PROTO_RETURN_IF_ERROR(read_exactly(*file_, extent.first * kExtentUnitBytes + inside, into.first(length)));
    into = into.subspan(length);
    offset += length;
  }
  return {};
}

Status FileBlobStore::remove(SegmentId segment) {
  PROTO_RETURN_IF_ERROR(check_writable());
  std::unique_lock guard(segments_mutex_);
  const auto found = segments_.find(segment.value);
  if (found == segments_.end()) return no_such_segment(name(), segment);
  space_->drop(found->second->extents);
  segments_.erase(found);
  return {};
}

std::vector<SegmentInfo> FileBlobStore::list() const {
  std::shared_lock guard(segments_mutex_);
  std::vector<SegmentInfo> infos;
  infos.reserve(segments_.size());
  for (const auto& [id, layout] : segments_) infos.push_back({SegmentId(id), layout->length});
  return infos;
}

Result<uint64_t> FileBlobStore::segment_size(SegmentId segment) const {
  const auto layout = find(segment);
  if (layout == nullptr) return no_such_segment(name(), segment);
  return layout->length;
}

// ---- root record -----------------------------------------------------------------------------------------------------

Status FileBlobStore::write_slot(const RootSlot& slot) {
  // Never over the slot of the newest root, unless with the same contents.
  PROTO_CHECK(slot.sequence == slot_.sequence || slot.sequence == slot_.sequence + 1);
  return file_->write_at(kRootSlotOffset[slot.sequence % 2], encode_root_slot(database_, slot));
}

Status FileBlobStore::write_body(std::string_view body, RootSlot& slot) {
  const Extent extent = space_->take_contiguous(units_for(body.size()));
  slot.body_first_unit = extent.first;
  slot.body_length = body.size();
  slot.body_checksum = proto::checksum64(body, database_.seed());
  Status status = file_->write_at(extent.first * kExtentUnitBytes, body);
  if (status.ok()) status = sync_or_poison();
  if (!status.ok()) space_->give({extent});
  bytes_written_ += body.size();
  return status;
}

/// The epoch in a root is a lower bound for the frames from log_start on, and keeps leftovers out when there are none yet. Frames
/// that were there when this writer opened are durable and may be of any epoch since the root before.
RootSlot FileBlobStore::next_slot(Lsn log_start) const {
  RootSlot slot = slot_;
  slot.sequence = slot_.sequence + 1;
  slot.log_start = log_start.value;
  if (log_start >= writer_start_) slot.epoch = writer_epoch_;
  slot.next_segment = next_segment_;
  return slot;
}

/// The order is the argument: the body and all segments are durable before the slot that names them is written, and the slot is
/// the older one, so the newer one stands until this one does.
Status FileBlobStore::write_root(std::string_view payload, Lsn log_start) {
  PROTO_RETURN_IF_ERROR(check_writable());
  std::lock_guard root_guard(root_mutex_);
  if (log_start.value < slot_.log_start) return Status(StatusCode::kInvalidArgument, "the log's start never moves back");
  std::vector<Extent> dropped;
  std::string body;
  {
    std::unique_lock guard(segments_mutex_);  // what is dropped is just what the body does not name
    dropped = space_->begin_root();
    body = encode_root_body(payload, segments_);
  }
  RootSlot slot = next_slot(log_start);
  if (Status status = write_body(body, slot); !status.ok()) {
    space_->abandon_root(dropped);
    return status;
  }
  PROTO_SYNC_POINT("FileBlobStore::write_root");
  Status status = write_slot(slot);
  if (status.ok()) status = file_->sync();
  if (!status.ok()) {
    poison(status);
    return Status(StatusCode::kUnknownOutcome, "root record " + std::to_string(slot.sequence) + ": " + status.to_string())
        .with_hint("open the database again");
  }
  adopt_root(slot, payload, dropped);
  // What could not be given back to the system is still free for us.
  (void)space_->release().ok();
  return {};
}

void FileBlobStore::adopt_root(const RootSlot& slot, std::string_view payload, const std::vector<Extent>& dropped) {
  PROTO_CHECK(slot.sequence == slot_.sequence + 1 && slot.log_start >= slot_.log_start);
  space_->finish_root(dropped);
  space_->finish_root({body_extent()});
  slot_ = slot;
  payload_ = payload;
}

Result<RootRecord> FileBlobStore::read_root() const {
  std::lock_guard guard(root_mutex_);
  return RootRecord{slot_.sequence, Lsn(slot_.log_start), payload_};
}

// ---- failures and figures --------------------------------------------------------------------------------------------

Status FileBlobStore::check_writable() const {
  if (space_ == nullptr) return Status(StatusCode::kReadOnly, name() + " is open read-only");
  std::lock_guard guard(failure_mutex_);
  if (failure_.ok()) return {};
  return Status(StatusCode::kReadOnly, name() + " takes no more since " + failure_.to_string())
      .with_hint("open the database again");
}

Status FileBlobStore::sync_or_poison() {
  Status status = file_->sync();
  if (!status.ok()) poison(status);
  return status;
}

void FileBlobStore::poison(const Status& failure) {
  std::lock_guard guard(failure_mutex_);
  if (failure_.ok()) failure_ = failure;
}

BlobStatistics FileBlobStore::statistics() const {
  BlobStatistics figures;
  {
    std::shared_lock guard(segments_mutex_);
    figures.segment_count = segments_.size();
    for (const auto& [id, layout] : segments_) figures.segment_bytes += layout->length;
  }
  figures.space_bytes = space_ != nullptr ? space_->file_bytes() : file_bytes_;
  figures.free_bytes = space_ != nullptr ? space_->free_bytes() : 0;
  figures.bytes_read = bytes_read_;
  figures.bytes_written = bytes_written_;
  return figures;
}

}  // namespace protobase::storage
