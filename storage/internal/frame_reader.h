// Reading the log's frames in order, and deciding where a log ends.
#pragma once

#include <string>
#include <string_view>

#include "storage/internal/chunk_file.h"

namespace protobase::storage {

/// A frame that was proved: magic, position, lengths and checksum. `stored` lives until the reader moves on.
struct Frame {
  FrameHeader header{};
  std::string_view stored;
  uint64_t end() const { return header.lsn + frame_size(header.stored_length); }
};

/// Walks over frames. One thread.
class FrameReader {
 public:
  /// Frames of an epoch below `min_epoch` are leftovers of writers that died, not part of the log.
  FrameReader(const ChunkFile& file, uint64_t position, uint32_t min_epoch, size_t read_ahead = 1 << 20)
      : file_(file), position_(position), epoch_(min_epoch), read_ahead_(read_ahead) {}

  /// Moves over the frame at position(): false when there is no valid one. kIoError.
  Result<bool> next(Frame& frame);
  uint64_t position() const { return position_; }

 private:
  /// Up to `length` bytes from position_; fewer where the file has no more.
  Result<std::string_view> peek(uint64_t length);

  const ChunkFile& file_;
  uint64_t position_;
  uint32_t epoch_;
  const size_t read_ahead_;
  std::string buffer_;
  uint64_t buffer_start_ = 0;
};

/// What opening learns about a log.
struct LogEnd {
  uint64_t end = 0;       // where the valid part ends
  uint64_t attested = 0;  // the valid part itself testifies that this much was durable
  uint32_t epoch = 0;     // of the newest writer
  uint64_t cut_bytes = 0; // of an incomplete frame behind the end, when its header can be read
};

/// Finds the end of the log that begins at `start` and tells a torn tail, which is cut without a word, from damage:
///
/// The first invalid frame, at p, ends the log. When nobody was promised anything at or past p, nothing is lost. If anybody
/// was, then a sync had covered p, and every frame and chunk begun after that sync says so in its durable_lsn. So: when a valid
/// frame or chunk header anywhere in the file says durable_lsn > p, the log is damaged (kCorruption); when none does, p was
/// never acknowledged by anything that is still there. Leftovers of earlier writers and of recycled chunks cannot
/// mislead: their durable_lsn was true when written, and what was durable then is below every later end. What cannot be
/// told from a torn tail is damage to the very last group synced before a crash; after close() even that can be.
///
/// `start` and `min_epoch` are the root record's. A trimmed_lsn above `start` testifies that a newer root was durable: kCorruption.
Result<LogEnd> find_log_end(const ChunkFile& file, uint64_t start, uint32_t min_epoch);

/// "x.pdb-wal, offset 8256, record at position 4128": where a damaged frame is.
std::string describe_frame(const ChunkFile& file, uint64_t position);

}  // namespace protobase::storage
