#include "storage/internal/log_format.h"

#include <lz4.h>

#include <cstring>

#include "runtime/base/checksum.h"
#include "runtime/base/coding.h"

namespace protobase::storage {
namespace {

/// Below this the header that LZ4 needs and the time it takes are not worth it.
constexpr size_t kMinCompressedBytes = 256;

/// Buffers beyond this are not kept from one frame to the next.
constexpr size_t kKeptBufferBytes = 8 << 20;

uint64_t seeded_checksum(DatabaseId database, std::string_view after_checksum) {
  return proto::checksum64(after_checksum, database.seed());
}

void encode_records(std::string& out, std::span<const LogRecord> records) {
  out.clear();
  proto::put_varint(out, records.size());
  for (const LogRecord& record : records) {
    out.push_back(static_cast<char>(record.kind));
    proto::put_string(out, record.payload);
  }
}

}  // namespace

Status check_append_size(std::span<const LogRecord> records) {
  constexpr uint64_t kMostOverhead = 11;  // kind and length of a record
  uint64_t bytes = 0;
  for (const LogRecord& record : records) bytes += record.payload.size();
  if (records.empty()) return Status(StatusCode::kInvalidArgument, "an append without records");
  if (bytes <= kMaxAppendBytes && records.size() * kMostOverhead <= kMaxAppendBytes / 8 - kMostOverhead) return {};
  return Status(StatusCode::kInvalidArgument, "an append of " + std::to_string(records.size()) + " records with " +
                                                  std::to_string(bytes) + " bytes is too large");
}

std::string encode_chunk_header(DatabaseId database, uint64_t sequence, uint64_t durable_lsn, uint32_t epoch) {
  ChunkHeader header{};
  header.magic = kChunkMagic;
  header.sequence = sequence;
  header.durable_lsn = durable_lsn;
  header.epoch = epoch;
  std::string bytes(sizeof header, '\0');
  proto::store(bytes.data(), header);
  proto::store(bytes.data(), seeded_checksum(database, std::string_view(bytes).substr(sizeof header.checksum)));
  return bytes;
}

std::optional<ChunkHeader> decode_chunk_header(DatabaseId database, std::string_view bytes) {
  const auto header = proto::load<ChunkHeader>(bytes.data());
  if (header.magic != kChunkMagic) return std::nullopt;
  const auto checked = bytes.substr(sizeof header.checksum, sizeof header - sizeof header.checksum);
  if (header.checksum != seeded_checksum(database, checked)) return std::nullopt;
  return header;
}

void FrameEncoder::store_payload(FrameHeader& header) {
  header.raw_length = static_cast<uint32_t>(raw_.size());
  if (raw_.size() >= kMinCompressedBytes && raw_.size() <= LZ4_MAX_INPUT_SIZE) {
    const auto budget = static_cast<int>(raw_.size() - raw_.size() / 8);  // it pays when it saves an eighth
    frame_.resize(sizeof header + static_cast<size_t>(budget));
    const int length =
        LZ4_compress_default(raw_.data(), frame_.data() + sizeof header, static_cast<int>(raw_.size()), budget);
    if (length > 0) {
      header.flags |= kFrameCompressed;
      header.stored_length = static_cast<uint32_t>(length);
      return;
    }
  }
  header.stored_length = header.raw_length;
  frame_.resize(sizeof header);
  frame_.append(raw_);
}

std::string_view FrameEncoder::encode(FrameHeader header, std::span<const LogRecord> records) {
  if (frame_.capacity() > kKeptBufferBytes) std::string().swap(frame_), std::string().swap(raw_);
  encode_records(raw_, records);
  header.flags = 0;
  header.magic = kFrameMagic;
  store_payload(header);
  const size_t used = sizeof header + header.stored_length;
  frame_.resize(used);
  frame_.resize(frame_size(header.stored_length), '\0');
  proto::store(frame_.data(), header);
  const auto checked = std::string_view(frame_).substr(sizeof header.checksum, used - sizeof header.checksum);
  proto::store(frame_.data(), seeded_checksum(database_, checked));
  return frame_;
}

bool plausible_frame(const FrameHeader& header, uint64_t position) {
  const bool lengths_fit = (header.flags & kFrameCompressed) != 0 ? header.stored_length < header.raw_length
                                                                   : header.stored_length == header.raw_length;
  return header.magic == kFrameMagic && header.lsn == position && header.durable_lsn <= position &&
         header.trimmed_lsn <= position && header.raw_length <= kMaxFrameStoredBytes && lengths_fit;
}

bool frame_checksum_matches(DatabaseId database, std::string_view frame) {
  return proto::load<uint64_t>(frame.data()) == seeded_checksum(database, frame.substr(sizeof(uint64_t)));
}

bool visit_records(const FrameHeader& header, std::string_view stored, std::string& buffer,
                   const std::function<Status(const ReplayedRecord&)>& visit, Status& outcome) {
  if ((header.flags & kFrameCompressed) != 0) {
    buffer.resize(header.raw_length);
    const int length = LZ4_decompress_safe(stored.data(), buffer.data(), static_cast<int>(stored.size()),
                                           static_cast<int>(header.raw_length));
    if (length < 0 || static_cast<uint32_t>(length) != header.raw_length) return false;
    stored = buffer;
  }
  proto::ByteReader reader(stored);
  ReplayedRecord record;
  record.position = Lsn(header.lsn);
  record.end = Lsn(header.lsn + frame_size(header.stored_length));
  record.count = static_cast<uint32_t>(reader.varint());
  for (; record.index < record.count; ++record.index) {
    record.kind = reader.fixed<uint8_t>();
    record.payload = reader.string();
    if (!reader.ok()) return false;
    outcome = visit(record);
    if (!outcome.ok()) return true;
  }
  return reader.ok() && reader.at_end();
}

}  // namespace protobase::storage
