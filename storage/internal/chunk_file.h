// The log's stream of bytes on the file's chunks: which chunk holds which positions, and which chunks are free.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <shared_mutex>
#include <vector>

#include "storage/internal/log_format.h"
#include "storage/internal/reader_gate.h"

namespace protobase::storage {

/// x.pdb-wal after its header page is slots of chunk_bytes. A slot in use begins with a ChunkHeader that says which part of
/// the stream it holds, so chunks may lie in any order and a freed one is used again for any later part.
///
/// Threads: write() by one thread at a time; read(), release_below() and the O(1) functions beside it. Bytes being
/// written are not read, and bytes read are not released.
class ChunkFile {
 public:
  /// Makes an empty log of `file`, whatever it held, and syncs it.
  static Status create(File& file, DatabaseId database, uint32_t chunk_bytes);
  /// Reads the file's header (errors of read_file_header) and every chunk's. kCorruption when it is of another database.
  /// Writes nothing.
  static Result<std::unique_ptr<ChunkFile>> open(std::unique_ptr<File> file, DatabaseId database);

  const std::string& path() const { return file_->path(); }
  DatabaseId database() const { return database_; }
  uint64_t chunk_payload() const { return chunk_bytes_ - sizeof(ChunkHeader); }
  /// Where a position is in the file; nothing when no chunk holds it.
  std::optional<uint64_t> file_offset(uint64_t position) const;
  /// Whether chunks hold all of [position, position + length). O(chunks among them).
  bool holds(uint64_t position, uint64_t length) const;

  /// Fills `into` from `position`; fewer bytes where the stream has a gap or the file ends. kIoError.
  Result<size_t> read(uint64_t position, std::span<char> into) const;

  /// What a damaged log can still testify: headers of chunks that hold positions past `position`.
  std::vector<ChunkHeader> chunks_past(uint64_t position) const;
  /// File offsets of slots whose header is no header of this database at all.
  std::vector<uint64_t> unreadable_slots() const;
  /// Bytes of one slot behind its header. kIoError.
  Result<std::string> read_slot(uint64_t slot_offset) const;

  /// Ends the opening of a writable log: only chunks that hold positions of [start, end) stay in use. The others are free, but
  /// they wait until no reader is there.
  void keep_only(uint64_t start, uint64_t end, std::shared_ptr<ReaderGate> gate);

  /// Writes at `position`, taking a free chunk or growing the file wherever a chunk begins. kIoError, kNoSpace; after an
  /// error not all of the bytes were written.
  Status write(uint64_t position, std::string_view bytes, uint64_t durable_lsn, uint32_t epoch);
  /// Writes [from, end) again, byte for byte, with the headers of its chunks, so that the next sync covers it whatever came of
  /// earlier ones. kIoError, kNoSpace.
  Status rewrite(uint64_t from, uint64_t end);
  /// Everything written before is durable afterwards.
  Status sync() { return file_->sync(); }
  /// Frees the chunks that hold nothing at or past `position`, and gives back what is over `keep_bytes` at the end of the file.
  /// While readers are open, both wait for a later call. kIoError.
  Status release_below(uint64_t position, uint64_t keep_bytes);
  /// Length of the file. O(1).
  uint64_t space_bytes() const;

 private:
  struct Chunk {
    uint32_t slot = 0;
    ChunkHeader header{};
  };

  ChunkFile(std::unique_ptr<File> file, DatabaseId database, uint32_t chunk_bytes)
      : file_(std::move(file)), database_(database), chunk_bytes_(chunk_bytes) {}

  uint64_t slot_offset(uint32_t slot) const { return kPageBytes + uint64_t{slot} * chunk_bytes_; }
  uint64_t chunk_of(uint64_t position) const { return position / chunk_payload(); }
  Status read_chunk_headers();
  void adopt(const Chunk& chunk);
  std::optional<uint32_t> slot_of(uint64_t sequence) const;
  Status rewrite_header(uint64_t sequence);
  /// Makes a slot the chunk `sequence`. `fill_bytes` are about to be written to it.
  Status start_chunk(uint64_t sequence, uint64_t fill_bytes, uint64_t durable_lsn, uint32_t epoch);
  Result<uint32_t> take_slot(uint64_t fill_bytes);
  /// Slots to cut off the end of the file so that at most `keep_count` stay free.
  uint32_t surplus_slots(uint64_t keep_count) const;

  const std::unique_ptr<File> file_;
  const DatabaseId database_;
  const uint32_t chunk_bytes_;
  std::shared_ptr<ReaderGate> gate_;

  mutable std::shared_mutex mutex_;       // guards what follows
  std::map<uint64_t, Chunk> chunks_;      // by sequence
  std::set<uint32_t> free_slots_;         // the lowest is used first, so that the end of the file empties
  std::vector<uint32_t> waiting_slots_;   // free once no reader is there
  std::vector<uint32_t> unreadable_slots_;
  uint32_t slot_count_ = 0;
};

}  // namespace protobase::storage
