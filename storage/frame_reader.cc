#include "storage/internal/frame_reader.h"

#include <algorithm>

#include "runtime/base/check.h"
#include "runtime/base/coding.h"

namespace protobase::storage {
namespace {

/// A proof that bytes below `durable_lsn` had been synced, found at `position` of the log.
struct Testimony {
  uint64_t position = 0;
  uint64_t durable_lsn = 0;
};

/// Looks for frames past `end` in stream bytes that begin at position `base`.
Result<std::optional<Testimony>> testimony_in_chunk(const ChunkFile& file, uint64_t base, std::string_view bytes,
                                                    uint64_t end) {
  constexpr uint64_t kField = offsetof(FrameHeader, lsn);
  for (uint64_t at = 0; at + sizeof(uint64_t) <= bytes.size(); at += kFrameAlignment) {
    const auto lsn = proto::load<uint64_t>(bytes.data() + at);
    if (lsn + kField != base + at || lsn <= end) continue;
    FrameReader probe(file, lsn, 0, sizeof(FrameHeader));
    Frame frame;
    PROTO_ASSIGN_OR_RETURN(const bool valid, probe.next(frame));
    if (valid && frame.header.durable_lsn > end) return std::optional(Testimony{lsn, frame.header.durable_lsn});
  }
  return std::optional<Testimony>();
}

/// The same in a slot whose header is lost, so that only the frames themselves can say where they belong.
std::optional<Testimony> testimony_in_slot(const ChunkFile& file, std::string_view bytes, uint64_t end) {
  for (uint64_t at = 0; at + sizeof(FrameHeader) <= bytes.size(); at += kFrameAlignment) {
    const auto header = proto::load<FrameHeader>(bytes.data() + at);
    if (header.lsn % file.chunk_payload() != at || !plausible_frame(header, header.lsn)) continue;
    if (header.durable_lsn <= end || sizeof header + header.stored_length > bytes.size() - at) continue;
    if (frame_checksum_matches(file.database(), bytes.substr(at, sizeof header + header.stored_length))) {
      return Testimony{header.lsn, header.durable_lsn};
    }
  }
  return std::nullopt;
}

/// Any proof in the file that the log was durable past `end`.
Result<std::optional<Testimony>> find_testimony(const ChunkFile& file, uint64_t end) {
  const uint64_t payload = file.chunk_payload();
  std::string bytes;
  for (const ChunkHeader& chunk : file.chunks_past(end)) {
    const uint64_t base = chunk.sequence * payload;
    if (chunk.durable_lsn > end) return std::optional(Testimony{base, chunk.durable_lsn});
    bytes.resize(payload);
    PROTO_ASSIGN_OR_RETURN(const size_t count, file.read(base, bytes));
    bytes.resize(count);
    PROTO_ASSIGN_OR_RETURN(auto found, testimony_in_chunk(file, base, bytes, end));
    if (found.has_value()) return found;
  }
  for (uint64_t offset : file.unreadable_slots()) {
    PROTO_ASSIGN_OR_RETURN(bytes, file.read_slot(offset));
    if (auto found = testimony_in_slot(file, bytes, end); found.has_value()) return found;
  }
  return std::optional<Testimony>();
}

Status damaged(const ChunkFile& file, uint64_t position, const Testimony& testimony) {
  return Status(StatusCode::kCorruption,
                describe_frame(file, position) + ": damaged, but the record at position " +
                    std::to_string(testimony.position) + " testifies that the log was durable up to position " +
                    std::to_string(testimony.durable_lsn));
}

/// The length of the incomplete frame at `position`, when its header can be believed that far.
Result<uint64_t> torn_bytes(const ChunkFile& file, uint64_t position) {
  char bytes[sizeof(FrameHeader)];
  PROTO_ASSIGN_OR_RETURN(const size_t count, file.read(position, bytes));
  if (count < sizeof bytes) return uint64_t{count};
  const auto header = proto::load<FrameHeader>(bytes);
  return plausible_frame(header, position) ? frame_size(header.stored_length) : uint64_t{0};
}

}  // namespace

Result<std::string_view> FrameReader::peek(uint64_t length) {
  const uint64_t buffered_end = buffer_start_ + buffer_.size();
  if (position_ < buffer_start_ || position_ + length > buffered_end) {
    buffer_.resize(std::max<uint64_t>(length, read_ahead_));
    buffer_start_ = position_;
    PROTO_ASSIGN_OR_RETURN(const size_t count, file_.read(position_, buffer_));
    buffer_.resize(count);
  }
  return std::string_view(buffer_).substr(position_ - buffer_start_, length);
}

Result<bool> FrameReader::next(Frame& frame) {
  PROTO_ASSIGN_OR_RETURN(std::string_view bytes, peek(sizeof(FrameHeader)));
  if (bytes.size() < sizeof(FrameHeader)) return false;
  const auto header = proto::load<FrameHeader>(bytes.data());
  if (!plausible_frame(header, position_) || header.epoch < epoch_) return false;
  const uint64_t length = sizeof header + header.stored_length;
  // A length that is not proved yet must not make us allocate what the file cannot hold.
  if (!file_.holds(position_, length)) return false;
  PROTO_ASSIGN_OR_RETURN(bytes, peek(length));
  if (bytes.size() < length || !frame_checksum_matches(file_.database(), bytes)) return false;
  frame.header = header;
  frame.stored = bytes.substr(sizeof header);
  epoch_ = header.epoch;
  PROTO_CHECK(frame.end() > position_);
  position_ = frame.end();
  return true;
}

Result<LogEnd> find_log_end(const ChunkFile& file, uint64_t start, uint32_t min_epoch) {
  if (start % file.chunk_payload() != 0 && !file.holds(start, 1)) {
    return Status(StatusCode::kCorruption, file.path() + ": the log does not hold position " + std::to_string(start) +
                                               ", where the root record says it begins");
  }
  LogEnd found{start, start, min_epoch, 0};
  FrameReader reader(file, start, min_epoch);
  Frame frame;
  while (true) {
    PROTO_ASSIGN_OR_RETURN(const bool valid, reader.next(frame));
    if (!valid) break;
    if (frame.header.trimmed_lsn > start) {
      return Status(StatusCode::kCorruption, describe_frame(file, frame.header.lsn) + ": a root record with log start " +
                                                 std::to_string(frame.header.trimmed_lsn) +
                                                 " was durable, but the newest one found has " + std::to_string(start));
    }
    found.attested = std::max(found.attested, frame.header.durable_lsn);
    found.epoch = frame.header.epoch;
  }
  found.end = reader.position();
  PROTO_CHECK(found.end >= start && found.attested <= found.end);
  PROTO_ASSIGN_OR_RETURN(const auto testimony, find_testimony(file, found.end));
  if (testimony.has_value()) return damaged(file, found.end, *testimony);
  PROTO_ASSIGN_OR_RETURN(found.cut_bytes, torn_bytes(file, found.end));
  return found;
}

std::string describe_frame(const ChunkFile& file, uint64_t position) {
  const auto offset = file.file_offset(position);
  const std::string place = offset.has_value() ? "offset " + std::to_string(*offset) : "in no chunk";
  return file.path() + ", " + place + ", record at position " + std::to_string(position);
}

}  // namespace protobase::storage
