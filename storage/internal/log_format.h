// Chunk headers and frames: the bytes of x.pdb-wal after its first page. See docs/file_format.md, "Log".
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "storage/database_id.h"
#include "storage/internal/file_header.h"
#include "storage/log_store.h"

namespace protobase::storage {

inline constexpr uint64_t kChunkMagic = 0x4B4E554843424450;  // "PDBCHUNK"
inline constexpr uint16_t kFrameMagic = 0x4650;              // "PF"
inline constexpr uint64_t kFrameAlignment = 8;

/// Stands at the front of a chunk from the moment the chunk becomes part of the log.
struct ChunkHeader {
  uint64_t checksum;  // of the bytes after it, seeded with the database id
  uint64_t magic;
  uint64_t sequence;     // the chunk holds positions [sequence * payload, (sequence + 1) * payload)
  uint64_t durable_lsn;  // everything below was durable when this was written
  uint32_t epoch;
  uint32_t zero[7];
};
static_assert(offsetof(ChunkHeader, magic) == 8 && offsetof(ChunkHeader, sequence) == 16);
static_assert(offsetof(ChunkHeader, durable_lsn) == 24 && offsetof(ChunkHeader, epoch) == 32);
static_assert(sizeof(ChunkHeader) == 64);

/// kOpen is a writer's first frame, kClose its last: both carry no records. A kClose frame is there for its durable_lsn.
enum class FrameKind : uint8_t { kRecords = 1, kOpen = 2, kClose = 3 };
enum FrameFlags : uint8_t { kFrameCompressed = 1 };

/// Stands before the stored bytes of each append.
struct FrameHeader {
  uint64_t checksum;     // of the header's other bytes and the stored bytes, seeded with the database id
  uint64_t lsn;          // where the frame begins
  uint64_t durable_lsn;  // everything below was durable when this was written
  uint64_t trimmed_lsn;  // a durable root record's log_start was at least this when this was written
  uint32_t epoch;
  uint32_t stored_length;
  uint32_t raw_length;  // of the stored bytes when uncompressed
  uint8_t kind;         // FrameKind
  uint8_t flags;        // FrameFlags
  uint16_t magic;
};
static_assert(offsetof(FrameHeader, lsn) == 8 && offsetof(FrameHeader, durable_lsn) == 16);
static_assert(offsetof(FrameHeader, trimmed_lsn) == 24 && offsetof(FrameHeader, epoch) == 32);
static_assert(offsetof(FrameHeader, stored_length) == 36 && offsetof(FrameHeader, raw_length) == 40);
static_assert(offsetof(FrameHeader, kind) == 44 && offsetof(FrameHeader, flags) == 45);
static_assert(offsetof(FrameHeader, magic) == 46 && sizeof(FrameHeader) == 48);

/// The stored bytes of a frame never exceed this: the payload, and per record a kind and a length.
inline constexpr uint64_t kMaxFrameStoredBytes = kMaxAppendBytes + kMaxAppendBytes / 8;

/// Bytes a frame takes in the log: header, stored bytes, padding.
constexpr uint64_t frame_size(uint64_t stored_length) {
  return (sizeof(FrameHeader) + stored_length + kFrameAlignment - 1) / kFrameAlignment * kFrameAlignment;
}

/// Whether these records may be one append: kInvalidArgument when there is none, or too much.
Status check_append_size(std::span<const LogRecord> records);

/// Chunk header bytes with their checksum.
std::string encode_chunk_header(DatabaseId database, uint64_t sequence, uint64_t durable_lsn, uint32_t epoch);
/// The header in `bytes` (64 or more), or nothing when they are none of this database.
std::optional<ChunkHeader> decode_chunk_header(DatabaseId database, std::string_view bytes);

/// Makes frames; keeps its buffers from one to the next. One thread.
class FrameEncoder {
 public:
  explicit FrameEncoder(DatabaseId database) : database_(database) {}

  /// The whole frame, padding included; valid until the next call. `header` brings lsn, durable_lsn, trimmed_lsn, epoch and
  /// kind; the rest is filled in.
  std::string_view encode(FrameHeader header, std::span<const LogRecord> records);

 private:
  /// Puts the stored form of raw_ behind the header's place in frame_.
  void store_payload(FrameHeader& header);

  const DatabaseId database_;
  std::string raw_;
  std::string frame_;
};

/// Whether `header`, read at `position`, may be a frame's: everything but the checksum, and before `stored_length` is used.
bool plausible_frame(const FrameHeader& header, uint64_t position);
/// Whether the checksum in `frame` (header and stored bytes, no padding) matches.
bool frame_checksum_matches(DatabaseId database, std::string_view frame);

/// Uncompresses the stored bytes of a proved frame (`buffer` holds them when needed) and calls `visit` for each record. False
/// when they make no sense, which a proved frame's never do: the writer was at fault. Errors of `visit` go to `outcome`.
bool visit_records(const FrameHeader& header, std::string_view stored, std::string& buffer,
                   const std::function<Status(const ReplayedRecord&)>& visit, Status& outcome);

}  // namespace protobase::storage
