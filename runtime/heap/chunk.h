// Where cells live: chunks of one mebibyte, cut into blocks of 16 KiB, each block for cells of one size.
//
//   chunk   aligned to its size; begins with this header (two blocks), which holds everything that is kept *about* cells: block
//           records, mark bits, frame bits. Cells themselves carry no more than their header word.
//   block   free, or in use for one size class, or part of a large cell (a run of blocks).
//   region  a chunk of several mebibytes for one cell too large for a run of blocks.
//
// A process-wide map leads from any address to its chunk, so that words on a stack can be looked up. Its entry names the
// owner, too: a heap reads only chunks of its own, which nobody else unmaps.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "runtime/base/check.h"
#include "runtime/heap/size_classes.h"
#include "runtime/value/cell.h"

namespace proto::heap {

class Heap;

inline constexpr size_t kChunkBytes = size_t{1} << 20;
inline constexpr uint32_t kBlocksPerChunk = kChunkBytes / kBlockBytes;
inline constexpr uint32_t kHeaderBlocks = 2;
inline constexpr uint64_t kAllBlocks = ~uint64_t{0} << kHeaderBlocks;
inline constexpr uint32_t kGranulesPerChunk = kChunkBytes / kGranule;
/// Cells beyond this get a region of their own.
inline constexpr size_t kMaxRunBytes = kBlockBytes * 48;

enum class BlockState : uint8_t { kFree, kSmall, kLargeHead, kLargeRest };

/// What is known of a block. Guarded by the heap's mutex, but for what its comments say.
struct Block {
  /// Stored last (release) when a block is taken; who loads another state than kFree (acquire) sees the rest as it was then.
  std::atomic<BlockState> state{BlockState::kFree};
  uint8_t size_class = 0;
  uint16_t cell_count = 0;
  uint32_t reciprocal = 0;   // 2^32 / cell bytes, rounded up: offset -> index without a division
  uint32_t run_blocks = 0;   // kLargeHead: length of the run; kLargeRest: distance to the head
  uint32_t free_count = 0;   // of the free list below, when it is in the list of available blocks
  /// The cycle during which the block was taken for allocation: its cells are all alive for that cycle, whose marker does not
  /// look into it and whose sweep passes by. Written by who takes the block, read by the collector.
  std::atomic<uint64_t> born_cycle{0};
  /// The thread that took the block last; only that thread sets and reads the frame bits of its cells.
  std::atomic<const void*> taker{nullptr};
  Cell* free = nullptr;
  Block* next_available = nullptr;
};

struct Chunk {
  Heap* owner = nullptr;  // null: the process-wide intern table
  size_t bytes = kChunkBytes;
  uint64_t free_blocks = kAllBlocks;  // bit per block
  uint64_t returned_blocks = 0;       // free blocks whose pages went back to the system
  bool region = false;                // one large cell, at kRegionOffset
  bool listed = false;                // among its heap's chunks that have free blocks
  std::array<Block, kBlocksPerChunk> blocks;
  std::array<std::atomic<uint64_t>, kGranulesPerChunk / 64> marks;  // by the collector's thread alone; read by others when it says so
  std::array<uint64_t, kGranulesPerChunk / 64> frame_bits;          // by the thread whose frame leaves; zero otherwise

  static Chunk* of(const void* address) {
    return reinterpret_cast<Chunk*>(reinterpret_cast<uintptr_t>(address) & ~(kChunkBytes - 1));
  }
  char* base() { return reinterpret_cast<char*>(this); }
  char* block_start(uint32_t index) { return base() + index * kBlockBytes; }
  uint32_t block_index(const Block& block) const { return static_cast<uint32_t>(&block - blocks.data()); }
  static uint32_t offset_of(const void* address) {
    return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(address) & (kChunkBytes - 1));
  }
  Block& block_of(const void* address) { return blocks[offset_of(address) / kBlockBytes]; }
  static uint32_t granule_of(const void* cell) { return offset_of(cell) / kGranule; }

  bool marked(const void* cell) const {
    const uint32_t granule = granule_of(cell);
    return (marks[granule / 64].load(std::memory_order_relaxed) >> (granule % 64) & 1) != 0;
  }
  /// Sets the mark; false if it was set. The collector's thread only.
  bool mark(const void* cell) {
    const uint32_t granule = granule_of(cell);
    std::atomic<uint64_t>& word = marks[granule / 64];
    const uint64_t bit = uint64_t{1} << granule % 64;
    const uint64_t old = word.load(std::memory_order_relaxed);
    if ((old & bit) != 0) return false;
    word.store(old | bit, std::memory_order_relaxed);
    return true;
  }
  void clear_marks();
  bool frame_bit(const void* cell) const {
    const uint32_t granule = granule_of(cell);
    return (frame_bits[granule / 64] >> (granule % 64) & 1) != 0;
  }
  void flip_frame_bit(const void* cell) {
    const uint32_t granule = granule_of(cell);
    frame_bits[granule / 64] ^= uint64_t{1} << granule % 64;
  }

  /// Makes a free block ready for cells of a class; zeroed, so that all its cells read as free. Not yet born in a cycle.
  void format(uint32_t index, uint32_t size_class);
  /// The cell that `address` points to or into, or null: no block in use, or a free cell, or one in a block born in `cycle`.
  /// Beside threads that take blocks; not beside who frees them.
  Cell* cell_at(uintptr_t address, uint64_t cycle = 0);
};
static_assert(sizeof(Chunk) <= kHeaderBlocks * kBlockBytes);

/// First byte of the cell in a region.
inline constexpr size_t kRegionOffset = kHeaderBlocks * kBlockBytes;

/// A new chunk (or region: `bytes` is rounded up to whole mebibytes) entered into the map; null when the system has no memory.
Chunk* map_chunk(size_t bytes, Heap* owner, bool region = false);
void unmap_chunk(Chunk* chunk);

/// Who owns the memory at `address`: the owner as passed to map_chunk and the chunk.
struct ChunkEntry {
  Chunk* chunk = nullptr;  // null: no chunk there
  Heap* owner = nullptr;
};
ChunkEntry find_chunk(uintptr_t address);

/// Finds a run of `count` set bits; kBlocksPerChunk if there is none.
uint32_t find_run(uint64_t free_blocks, uint32_t count);

}  // namespace proto::heap
