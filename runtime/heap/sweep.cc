// The end of a cycle: dead cells become free, empty blocks and chunks go back.
#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "runtime/heap/heap.h"

namespace proto::heap {

struct Heap::SweepCounts {
  uint64_t live_bytes = 0;
  uint64_t live_cells = 0;
};

namespace {

constexpr uint32_t kMarkWordsPerBlock = kBlockBytes / kGranule / 64;
/// A block with fewer free bytes than this is not worth a thread's lock.
constexpr uint32_t kLeastFreeBytes = kBlockBytes / 16;

void poison_cell(Cell* cell, size_t bytes) {
  std::memset(reinterpret_cast<char*>(cell) + 16, 0xDB, bytes - 16);
}

uint32_t marked_cells(const Chunk& chunk, uint32_t index) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < kMarkWordsPerBlock; ++i) {
    count += static_cast<uint32_t>(
        std::popcount(chunk.marks[index * kMarkWordsPerBlock + i].load(std::memory_order_relaxed)));
  }
  return count;
}

}  // namespace

// Puts the free cells of a block into its list, in order of their addresses. Returns their number.
uint32_t Heap::link_dead_cells(Chunk* chunk, uint32_t index) {
  Block& block = chunk->blocks[index];
  const uint32_t bytes = kClassBytes[block.size_class];
  Cell** tail = &block.free;
  uint32_t count = 0;
  char* at = chunk->block_start(index);
  for (uint32_t i = 0; i < block.cell_count; ++i, at += bytes) {
    if (chunk->marked(at)) continue;
    auto* cell = reinterpret_cast<Cell*>(at);
    if (options_.poison && cell->kind() != CellKind::kFree) poison_cell(cell, bytes);
    cell->header.store(0, std::memory_order_relaxed);
    *tail = cell;
    tail = &next_free(cell);
    ++count;
  }
  *tail = nullptr;
  return count;
}

void Heap::sweep_small(Chunk* chunk, uint32_t index, SweepCounts& counts) {
  Block& block = chunk->blocks[index];
  const uint32_t live = marked_cells(*chunk, index);
  const uint32_t bytes = kClassBytes[block.size_class];
  counts.live_cells += live;
  counts.live_bytes += uint64_t{live} * bytes;
  block.free = nullptr;
  if (live == 0) {
    if (options_.poison) std::memset(chunk->block_start(index), 0xDB, kBlockBytes);
    const std::lock_guard lock(mutex_);
    return free_blocks(chunk, index, 1);
  }
  if (live == block.cell_count) return;
  block.free_count = link_dead_cells(chunk, index);
  if (block.free_count * bytes < std::max(kLeastFreeBytes, bytes)) return;
  const std::lock_guard lock(mutex_);
  block.next_available = available_[block.size_class];
  available_[block.size_class] = &block;
}

void Heap::sweep_large(Chunk* chunk, uint32_t index, SweepCounts& counts) {
  const uint32_t run = chunk->blocks[index].run_blocks;
  if (chunk->marked(chunk->block_start(index))) {
    ++counts.live_cells;
    counts.live_bytes += uint64_t{run} * kBlockBytes;
    return;
  }
  const std::lock_guard lock(mutex_);
  free_blocks(chunk, index, run);
}

void Heap::sweep_chunk(Chunk* chunk, SweepCounts& counts) {
  uint64_t old_blocks = 0;  // in use, and not born in this cycle: nobody else touches those
  {
    const std::lock_guard lock(mutex_);
    for (uint64_t used = ~chunk->free_blocks & kAllBlocks; used != 0; used &= used - 1) {
      const int index = std::countr_zero(used);
      const Block& block = chunk->blocks[static_cast<size_t>(index)];
      if (block.state == BlockState::kLargeRest) continue;
      if (block.born_cycle.load(std::memory_order_relaxed) != cycle()) old_blocks |= uint64_t{1} << index;
    }
  }
  for (; old_blocks != 0; old_blocks &= old_blocks - 1) {
    const auto index = static_cast<uint32_t>(std::countr_zero(old_blocks));
    if (chunk->blocks[index].state == BlockState::kSmall) {
      sweep_small(chunk, index, counts);
    } else {
      sweep_large(chunk, index, counts);
    }
  }
}

void Heap::sweep_regions(SweepCounts& counts) {
  std::vector<Chunk*> dead;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(regions_, [&](Chunk* region) {
      const bool born = region->blocks[kHeaderBlocks].born_cycle.load(std::memory_order_relaxed) == cycle();
      if (born) return false;
      if (region->marked(region->base() + kRegionOffset)) {
        ++counts.live_cells;
        counts.live_bytes += region->bytes;
        return false;
      }
      heap_bytes_ -= region->bytes;
      add_used(-static_cast<int64_t>(region->bytes));
      dead.push_back(region);
      return true;
    });
  }
  for (Chunk* region : dead) unmap_chunk(region);
}

void Heap::sweep() {
  for (const auto& extension : space_.extensions_) {
    if (extension != nullptr) extension->sweep();
  }
  std::vector<Chunk*> chunks;
  {
    const std::lock_guard lock(mutex_);
    chunks = chunks_;
  }
  SweepCounts counts;
  for (Chunk* chunk : chunks) sweep_chunk(chunk, counts);
  sweep_regions(counts);
  {
    const std::lock_guard lock(mutex_);
    live_bytes_ = counts.live_bytes;
    live_cells_ = counts.live_cells;
  }
  release_memory();
}

// Takes chunks without a used block out of the heap while it holds more than `wanted`.
void Heap::release_chunks(size_t wanted, std::vector<Chunk*>& released) {
  std::erase_if(chunks_, [&](Chunk* chunk) {
    if (chunk->free_blocks != kAllBlocks || heap_bytes_ - returned_bytes_ <= wanted) return false;
    heap_bytes_ -= kChunkBytes;
    returned_bytes_ -= static_cast<size_t>(std::popcount(chunk->returned_blocks)) * kBlockBytes;
    released.push_back(chunk);
    return true;
  });
  if (released.empty()) return;
  chunks_with_free_.clear();
  for (Chunk* chunk : chunks_) {
    chunk->listed = false;
    list_chunk(chunk);
  }
}

// Gives back the pages of free blocks in chunks that others use, while the heap holds more than `wanted`.
void Heap::release_blocks(size_t wanted) {
  for (Chunk* chunk : chunks_) {
    uint64_t free = chunk->free_blocks & ~chunk->returned_blocks;
    while (free != 0 && heap_bytes_ - returned_bytes_ > wanted) {
      const auto index = static_cast<uint32_t>(std::countr_zero(free));
      const auto count = static_cast<uint32_t>(std::countr_one(free >> index));
      madvise(chunk->block_start(index), count * kBlockBytes, MADV_DONTNEED);
      const uint64_t run = (count == 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1) << index;
      chunk->returned_blocks |= run;
      returned_bytes_ += count * kBlockBytes;
      free &= ~run;
    }
  }
}

// What the next cycle's allocations will not need goes back to the system.
void Heap::release_memory() {
  std::vector<Chunk*> released;
  {
    const std::lock_guard lock(mutex_);
    add_used(0);
    const size_t wanted = used_bytes_.load(std::memory_order_relaxed) +
                          (tight_ ? 0 : budget_.load(std::memory_order_relaxed)) + kChunkBytes;
    release_chunks(wanted, released);
    release_blocks(wanted);
  }
  for (Chunk* chunk : released) unmap_chunk(chunk);
}

}  // namespace proto::heap
