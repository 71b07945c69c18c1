// A log file of any bytes: opening and replaying give an error or records, and never harm the process.
#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/base/checksum.h"
#include "runtime/base/coding.h"
#include "storage/internal/frame_reader.h"
#include "storage/internal/log_format.h"
#include "storage/memory_file_system.h"

using namespace protobase::storage;

namespace {

constexpr DatabaseId kId{1, 2};
constexpr uint32_t kChunkBytes = 4096;

/// Gives what looks like a chunk or frame header a checksum that matches, so that the fuzzer gets past it.
void repair(std::string& bytes) {
  for (size_t at = 0; at + sizeof(ChunkHeader) <= bytes.size(); at += kChunkBytes) {
    const auto chunk = proto::load<ChunkHeader>(bytes.data() + at);
    if (chunk.magic == kChunkMagic) {
      bytes.replace(at, sizeof chunk, encode_chunk_header(kId, chunk.sequence % 16, chunk.durable_lsn, chunk.epoch));
    }
  }
  for (size_t at = 0; at + sizeof(FrameHeader) <= bytes.size(); at += kFrameAlignment) {
    const auto frame = proto::load<FrameHeader>(bytes.data() + at);
    const size_t length = sizeof frame + frame.stored_length;
    if (frame.magic != kFrameMagic || length > bytes.size() - at) continue;
    const auto checked = std::string_view(bytes).substr(at + 8, length - 8);
    proto::store(bytes.data() + at, proto::checksum64(checked, kId.seed()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  std::string body(reinterpret_cast<const char*>(data + 1), size - 1);
  if ((data[0] & 1) != 0) repair(body);
  MemoryFileSystem files;
  files.set_contents("wal", encode_file_header(kLogMagic, kChunkBytes, kId) + body);
  auto chunks = ChunkFile::open(*files.open("wal", {}), kId);
  if (!chunks.ok()) return 0;
  const uint64_t start = (data[0] >> 1) * 8;
  auto found = find_log_end(**chunks, start, 0);
  if (!found.ok()) return 0;
  FrameReader reader(**chunks, start, 0);
  Frame frame;
  std::string buffer;
  while (reader.position() < found->end) {
    if (!*reader.next(frame)) __builtin_trap();
    Status outcome;
    (void)visit_records(frame.header, frame.stored, buffer, [](const ReplayedRecord&) { return Status(); }, outcome);
  }
  return 0;
}
