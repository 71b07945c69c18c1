#include "storage/internal/chunk_file.h"

#include <algorithm>
#include <mutex>

#include "runtime/base/check.h"

namespace protobase::storage {

Status ChunkFile::create(File& file, DatabaseId database, uint32_t chunk_bytes) {
  PROTO_RETURN_IF_ERROR(file.truncate(0));
  PROTO_RETURN_IF_ERROR(file.write_at(0, encode_file_header(kLogMagic, chunk_bytes, database)));
  return file.sync();
}

Result<std::unique_ptr<ChunkFile>> ChunkFile::open(std::unique_ptr<File> file, DatabaseId database) {
  PROTO_ASSIGN_OR_RETURN(const FileHeader header, read_file_header(*file, kLogMagic));
  if (header.database != database) {
    return Status(StatusCode::kCorruption, file->path() + " belongs to another database (" + header.database.to_string() +
                                               ", expected " + database.to_string() + ")");
  }
  std::unique_ptr<ChunkFile> chunks(new ChunkFile(std::move(file), database, header.unit_bytes));
  PROTO_RETURN_IF_ERROR(chunks->read_chunk_headers());
  return chunks;
}

Status ChunkFile::read_chunk_headers() {
  PROTO_ASSIGN_OR_RETURN(const uint64_t size, file_->size());
  const uint64_t body = size > kPageBytes ? size - kPageBytes : 0;
  slot_count_ = static_cast<uint32_t>((body + chunk_bytes_ - 1) / chunk_bytes_);
  for (uint32_t slot = 0; slot < slot_count_; ++slot) {
    char bytes[sizeof(ChunkHeader)] = {};
    PROTO_ASSIGN_OR_RETURN(const size_t count, file_->read_at(slot_offset(slot), bytes));
    const auto header = decode_chunk_header(database_, std::string_view(bytes, sizeof bytes));
    if (count == sizeof bytes && header.has_value()) {
      adopt(Chunk{slot, *header});
    } else {
      unreadable_slots_.push_back(slot);
    }
  }
  return {};
}

/// Two slots may claim one sequence: a chunk begun by a writer that died before syncing it, and its successor's. Epochs tell
/// which is which.
void ChunkFile::adopt(const Chunk& chunk) {
  PROTO_DCHECK(chunk.slot < slot_count_);
  auto [at, fresh] = chunks_.try_emplace(chunk.header.sequence, chunk);
  if (fresh) return;
  if (at->second.header.epoch < chunk.header.epoch) {
    waiting_slots_.push_back(at->second.slot);
    at->second = chunk;
  } else {
    waiting_slots_.push_back(chunk.slot);
  }
}

std::optional<uint32_t> ChunkFile::slot_of(uint64_t sequence) const {
  std::shared_lock guard(mutex_);
  const auto found = chunks_.find(sequence);
  if (found == chunks_.end()) return std::nullopt;
  return found->second.slot;
}

std::optional<uint64_t> ChunkFile::file_offset(uint64_t position) const {
  const auto slot = slot_of(chunk_of(position));
  if (!slot.has_value()) return std::nullopt;
  return slot_offset(*slot) + sizeof(ChunkHeader) + position % chunk_payload();
}

bool ChunkFile::holds(uint64_t position, uint64_t length) const {
  std::shared_lock guard(mutex_);
  const uint64_t end = position + length;
  for (uint64_t sequence = chunk_of(position); sequence * chunk_payload() < end; ++sequence) {
    if (!chunks_.contains(sequence)) return false;
  }
  return true;
}

Result<size_t> ChunkFile::read(uint64_t position, std::span<char> into) const {
  size_t done = 0;
  while (done < into.size()) {
    const auto offset = file_offset(position + done);
    if (!offset.has_value()) break;
    const uint64_t in_chunk = chunk_payload() - (position + done) % chunk_payload();
    const size_t wanted = std::min<uint64_t>(into.size() - done, in_chunk);
    PROTO_ASSIGN_OR_RETURN(const size_t count, file_->read_at(*offset, into.subspan(done, wanted)));
    done += count;
    if (count < wanted) break;
  }
  return done;
}

std::vector<ChunkHeader> ChunkFile::chunks_past(uint64_t position) const {
  std::shared_lock guard(mutex_);
  std::vector<ChunkHeader> headers;
  for (auto at = chunks_.lower_bound(chunk_of(position)); at != chunks_.end(); ++at) headers.push_back(at->second.header);
  return headers;
}

std::vector<uint64_t> ChunkFile::unreadable_slots() const {
  std::shared_lock guard(mutex_);
  std::vector<uint64_t> offsets;
  for (uint32_t slot : unreadable_slots_) offsets.push_back(slot_offset(slot));
  return offsets;
}

Result<std::string> ChunkFile::read_slot(uint64_t offset) const {
  std::string bytes(chunk_payload(), '\0');
  PROTO_ASSIGN_OR_RETURN(const size_t count, file_->read_at(offset + sizeof(ChunkHeader), bytes));
  bytes.resize(count);
  return bytes;
}

void ChunkFile::keep_only(uint64_t start, uint64_t end, std::shared_ptr<ReaderGate> gate) {
  PROTO_CHECK(start <= end && gate != nullptr);
  std::unique_lock guard(mutex_);
  gate_ = std::move(gate);
  const uint64_t first = chunk_of(start);
  const uint64_t past_last = end == start ? (start % chunk_payload() == 0 ? first : first + 1) : chunk_of(end - 1) + 1;
  std::erase_if(chunks_, [&](const auto& entry) {
    const bool keep = entry.first >= first && entry.first < past_last;
    if (!keep) waiting_slots_.push_back(entry.second.slot);
    return !keep;
  });
  waiting_slots_.insert(waiting_slots_.end(), unreadable_slots_.begin(), unreadable_slots_.end());
  unreadable_slots_.clear();
}

Status ChunkFile::write(uint64_t position, std::string_view bytes, uint64_t durable_lsn, uint32_t epoch) {
  while (!bytes.empty()) {
    const uint64_t in_chunk = position % chunk_payload();
    const uint64_t length = std::min<uint64_t>(bytes.size(), chunk_payload() - in_chunk);
    // A chunk enters the log when its first byte is written, or, in a new log, any byte.
    if (!slot_of(chunk_of(position)).has_value()) {
      PROTO_RETURN_IF_ERROR(start_chunk(chunk_of(position), length, durable_lsn, epoch));
    }
    PROTO_RETURN_IF_ERROR(file_->write_at(*file_offset(position), bytes.substr(0, length)));
    bytes.remove_prefix(length);
    position += length;
  }
  return {};
}

Status ChunkFile::rewrite_header(uint64_t sequence) {
  Chunk chunk;
  {
    std::shared_lock guard(mutex_);
    chunk = chunks_.at(sequence);
  }
  const ChunkHeader& header = chunk.header;
  return file_->write_at(slot_offset(chunk.slot),
                         encode_chunk_header(database_, header.sequence, header.durable_lsn, header.epoch));
}

Status ChunkFile::rewrite(uint64_t from, uint64_t end) {
  PROTO_CHECK(from <= end);
  std::string bytes;
  while (from < end) {
    PROTO_RETURN_IF_ERROR(rewrite_header(chunk_of(from)));
    bytes.resize(std::min(end - from, chunk_payload() - from % chunk_payload()));
    PROTO_ASSIGN_OR_RETURN(const size_t count, read(from, bytes));
    if (count != bytes.size()) return Status(StatusCode::kIoError, path() + ": the end of the log vanished");
    PROTO_RETURN_IF_ERROR(file_->write_at(*file_offset(from), bytes));
    from += count;
  }
  return {};
}

Status ChunkFile::start_chunk(uint64_t sequence, uint64_t fill_bytes, uint64_t durable_lsn, uint32_t epoch) {
  PROTO_ASSIGN_OR_RETURN(const uint32_t slot, take_slot(fill_bytes));
  const std::string header = encode_chunk_header(database_, sequence, durable_lsn, epoch);
  PROTO_RETURN_IF_ERROR(file_->write_at(slot_offset(slot), header));
  const auto written = decode_chunk_header(database_, header);
  PROTO_CHECK(written.has_value() && written->sequence == sequence);
  std::unique_lock guard(mutex_);
  const bool fresh = chunks_.try_emplace(sequence, Chunk{slot, *written}).second;
  PROTO_CHECK_MSG(fresh, "a chunk is written over");
  return {};
}

Result<uint32_t> ChunkFile::take_slot(uint64_t fill_bytes) {
  uint32_t slot = 0;
  {
    std::unique_lock guard(mutex_);
    if (!free_slots_.empty()) return free_slots_.extract(free_slots_.begin()).value();
    slot = slot_count_++;
  }
  // Blocks that were written once are overwritten without touching the file system's own records, so later commits need no more
  // than their own bytes on disk. Blocks that are merely reserved would be converted one commit at a time.
  if (fill_bytes < chunk_payload()) {
    PROTO_RETURN_IF_ERROR(file_->write_at(slot_offset(slot), std::string(chunk_bytes_, '\0')));
  }
  return slot;
}

uint32_t ChunkFile::surplus_slots(uint64_t keep_count) const {
  uint32_t surplus = 0;
  while (free_slots_.size() - surplus > keep_count && free_slots_.contains(slot_count_ - 1 - surplus)) ++surplus;
  return surplus;
}

Status ChunkFile::release_below(uint64_t position, uint64_t keep_bytes) {
  std::unique_lock guard(mutex_);
  const auto first_kept = chunks_.lower_bound(chunk_of(position));
  for (auto at = chunks_.begin(); at != first_kept; at = chunks_.erase(at)) waiting_slots_.push_back(at->second.slot);
  PROTO_CHECK(gate_ != nullptr);
  Status status;
  gate_->run_if_alone([&] {
    const size_t slots = free_slots_.size() + waiting_slots_.size();
    free_slots_.insert(waiting_slots_.begin(), waiting_slots_.end());
    PROTO_CHECK_MSG(free_slots_.size() == slots && slots + chunks_.size() <= slot_count_, "a slot is free twice");
    waiting_slots_.clear();
    const uint32_t surplus = surplus_slots(keep_bytes / chunk_bytes_);
    if (surplus == 0) return;
    status = file_->truncate(slot_offset(slot_count_ - surplus));
    if (!status.ok()) return;
    for (uint32_t i = 0; i < surplus; ++i) free_slots_.erase(--slot_count_);
  });
  return status;
}

uint64_t ChunkFile::space_bytes() const {
  std::shared_lock guard(mutex_);
  return slot_offset(slot_count_);
}

}  // namespace protobase::storage
