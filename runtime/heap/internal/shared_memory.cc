#include "runtime/heap/internal/shared_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>

#include "runtime/heap/intern_table.h"

namespace proto::heap {
namespace {

/// Free blocks that are kept for what comes next.
constexpr uint64_t kSpareBlocks = kBlocksPerChunk;

uint64_t run_mask(uint32_t index, uint32_t count) { return ((uint64_t{1} << count) - 1) << index; }

void clear_prefix(Cell* cell) {
  auto* interned = static_cast<InternedCell*>(cell);
  interned->header.store(0, std::memory_order_relaxed);
  interned->held_by.store(0, std::memory_order_relaxed);
}

}  // namespace

SharedMemory& shared_memory() {
  static SharedMemory* const memory = new SharedMemory;  // never ends: threads may outlive static objects
  return *memory;
}

// ---- small cells --------------------------------------------------------------------------------------------------------

Block* SharedMemory::new_block(uint32_t size_class) {
  Chunk* chunk;
  uint32_t index;
  {
    const std::lock_guard lock(chunks_mutex_);
    chunk = chunk_with_run(1);
    index = static_cast<uint32_t>(std::countr_zero(chunk->free_blocks));
    use_run(chunk, index, 1);
    chunk->format(index, size_class);
  }
  Block& block = chunk->blocks[index];
  Cell** tail = &block.free;
  for (uint32_t i = 0; i < block.cell_count; ++i) {
    auto* cell = reinterpret_cast<Cell*>(chunk->block_start(index) + i * size_t{kClassBytes[size_class]});
    *tail = cell;
    tail = &next(cell);
  }
  block.free_count = block.cell_count;
  block.next_available = nullptr;
  return &block;
}

Cell* SharedMemory::take(uint32_t size_class) {
  Class& of = classes_[size_class];
  const std::lock_guard lock(of.mutex);
  if (of.with_free == nullptr) of.with_free = new_block(size_class);
  Block* block = of.with_free;
  Cell* const first = block->free;
  Cell* last = first;
  uint32_t taken = 1;
  for (; taken < kBatch && next(last) != nullptr; ++taken) last = next(last);
  block->free = next(last);
  block->free_count -= taken;
  next(last) = nullptr;
  if (block->free == nullptr) of.with_free = block->next_available;
  return first;
}

void SharedMemory::free_small(Cell* cell, Chunk* chunk) {
  Block& block = chunk->block_of(cell);
  Class& of = classes_[block.size_class];
  const std::lock_guard lock(of.mutex);
  next(cell) = block.free;
  block.free = cell;
  if (block.free_count++ == 0) {
    block.next_available = of.with_free;
    of.with_free = &block;
  }
}

void SharedMemory::give_back(std::span<Cell* const> cells) {
  for (Cell* cell : cells) {
    clear_prefix(cell);
    Chunk* chunk = Chunk::of(cell);
    // What the cell itself was taken from cannot change before it is free.
    if (!chunk->region && chunk->block_of(cell).state.load(std::memory_order_relaxed) == BlockState::kSmall) {
      free_small(cell, chunk);
    } else {
      free_large(cell, chunk);
    }
  }
}

// ---- large cells --------------------------------------------------------------------------------------------------------

Cell* SharedMemory::take_large(size_t bytes) {
  const std::lock_guard lock(chunks_mutex_);
  if (bytes > kMaxRunBytes) {
    Chunk* region = map_chunk(bytes + kRegionOffset, nullptr, true);
    PROTO_CHECK_MSG(region != nullptr, "the system gave no memory for a large symbol");
    region->blocks[kHeaderBlocks].state.store(BlockState::kLargeHead, std::memory_order_release);
    region_bytes_ += region->bytes;
    return reinterpret_cast<Cell*>(region->base() + kRegionOffset);
  }
  const auto count = static_cast<uint32_t>((bytes + kBlockBytes - 1) / kBlockBytes);
  Chunk* chunk = chunk_with_run(count);
  const uint32_t index = find_run(chunk->free_blocks, count);
  use_run(chunk, index, count);
  for (uint32_t i = 0; i < count; ++i) {
    chunk->blocks[index + i].run_blocks = i == 0 ? count : i;
    chunk->blocks[index + i].state.store(i == 0 ? BlockState::kLargeHead : BlockState::kLargeRest,
                                         std::memory_order_release);
  }
  auto* cell = reinterpret_cast<Cell*>(chunk->block_start(index));
  clear_prefix(cell);
  return cell;
}

void SharedMemory::free_large(Cell* cell, Chunk* chunk) {
  const std::lock_guard lock(chunks_mutex_);
  if (chunk->region) {
    region_bytes_ -= chunk->bytes;
    return unmap_chunk(chunk);
  }
  const Block& head = chunk->block_of(cell);
  free_run(chunk, chunk->block_index(head), head.run_blocks);
}

// ---- chunks -------------------------------------------------------------------------------------------------------------

void SharedMemory::list_chunk(Chunk* chunk) {
  if (chunk->listed) return;
  chunk->listed = true;
  chunks_with_free_.push_back(chunk);
}

// Newest first; chunks that turn out to be full leave the list.
Chunk* SharedMemory::chunk_with_run(uint32_t count) {
  for (size_t i = chunks_with_free_.size(); i-- > 0;) {
    Chunk* chunk = chunks_with_free_[i];
    if (chunk->free_blocks == 0) {
      chunk->listed = false;
      chunks_with_free_.erase(chunks_with_free_.begin() + static_cast<ptrdiff_t>(i));
    } else if (find_run(chunk->free_blocks, count) != kBlocksPerChunk) {
      return chunk;
    }
  }
  Chunk* chunk = map_chunk(kChunkBytes, nullptr);
  PROTO_CHECK_MSG(chunk != nullptr, "the system gave no memory for interned cells");
#ifdef MADV_POPULATE_WRITE
  // A process with this many interned cells will use the chunk soon: one call for its pages instead of a fault for each. The
  // kernel may refuse.
  if (chunks_.size() >= 2) (void)madvise(chunk->base(), kChunkBytes, MADV_POPULATE_WRITE);
#endif
  chunks_.push_back(chunk);
  list_chunk(chunk);
  free_blocks_ += static_cast<uint64_t>(std::popcount(kAllBlocks));
  return chunk;
}

void SharedMemory::use_run(Chunk* chunk, uint32_t index, uint32_t count) {
  const uint64_t run = run_mask(index, count);
  PROTO_DCHECK((chunk->free_blocks & run) == run);
  const auto returned = static_cast<uint64_t>(std::popcount(chunk->returned_blocks & run));
  returned_bytes_ -= returned * kBlockBytes;
  free_blocks_ -= count - returned;
  chunk->returned_blocks &= ~run;
  chunk->free_blocks &= ~run;
}

void SharedMemory::free_run(Chunk* chunk, uint32_t index, uint32_t count) {
  for (uint32_t i = index; i < index + count; ++i) chunk->blocks[i].state.store(BlockState::kFree, std::memory_order_release);
  chunk->free_blocks |= run_mask(index, count);
  free_blocks_ += count;
  list_chunk(chunk);
}

// ---- giving back to the system --------------------------------------------------------------------------------------------

Block* SharedMemory::unlink_empty_blocks(Class& size_class) {
  const std::lock_guard lock(size_class.mutex);
  Block* empty = nullptr;
  for (Block** link = &size_class.with_free; *link != nullptr;) {
    Block* block = *link;
    if (block->free_count != block->cell_count) {
      link = &block->next_available;
      continue;
    }
    *link = block->next_available;
    block->next_available = empty;
    empty = block;
  }
  return empty;
}

void SharedMemory::trim() {
  for (Class& size_class : classes_) {
    Block* block = unlink_empty_blocks(size_class);
    const std::lock_guard lock(chunks_mutex_);
    while (block != nullptr) {
      Block* const following = block->next_available;
      block->next_available = nullptr;
      block->free = nullptr;
      Chunk* chunk = Chunk::of(block);
      free_run(chunk, chunk->block_index(*block), 1);
      block = following;
    }
  }
  const std::lock_guard lock(chunks_mutex_);
  if (free_blocks_ <= kSpareBlocks) return;
  release_chunks();
  release_blocks();
}

void SharedMemory::release_chunks() {
  std::vector<Chunk*> released;
  std::erase_if(chunks_, [&](Chunk* chunk) {
    if (chunk->free_blocks != kAllBlocks || free_blocks_ <= kSpareBlocks) return false;
    const auto returned = static_cast<uint64_t>(std::popcount(chunk->returned_blocks));
    returned_bytes_ -= returned * kBlockBytes;
    free_blocks_ -= static_cast<uint64_t>(std::popcount(kAllBlocks)) - returned;
    released.push_back(chunk);
    return true;
  });
  if (released.empty()) return;
  std::erase_if(chunks_with_free_, [](const Chunk* chunk) { return chunk->free_blocks == kAllBlocks; });
  for (Chunk* chunk : chunks_) {
    if (chunk->free_blocks != kAllBlocks) continue;
    chunk->listed = false;
    list_chunk(chunk);
  }
  for (Chunk* chunk : released) unmap_chunk(chunk);
}

void SharedMemory::release_blocks() {
  for (Chunk* chunk : chunks_) {
    uint64_t free = chunk->free_blocks & ~chunk->returned_blocks;
    while (free != 0 && free_blocks_ > kSpareBlocks) {
      const auto index = static_cast<uint32_t>(std::countr_zero(free));
      const auto count = static_cast<uint32_t>(std::countr_one(free >> index));
      madvise(chunk->block_start(index), count * kBlockBytes, MADV_DONTNEED);
      chunk->returned_blocks |= run_mask(index, count);
      returned_bytes_ += count * kBlockBytes;
      free_blocks_ -= count;
      free &= ~run_mask(index, count);
    }
  }
}

// ---- looking ------------------------------------------------------------------------------------------------------------

Cell* SharedMemory::held_cell_at(uintptr_t address, uint64_t space_bit) {
  const std::lock_guard lock(chunks_mutex_);
  const ChunkEntry entry = find_chunk(address);
  if (entry.chunk == nullptr || entry.owner != nullptr) return nullptr;
  Cell* cell = entry.chunk->cell_at(address);
  if (cell == nullptr) return nullptr;
  const uint64_t held_by = static_cast<InternedCell*>(cell)->held_by.load(std::memory_order_relaxed);
  return (held_by & space_bit) != 0 ? cell : nullptr;
}

uint64_t SharedMemory::mapped_bytes() {
  const std::lock_guard lock(chunks_mutex_);
  return chunks_.size() * kChunkBytes + region_bytes_ - returned_bytes_;
}

}  // namespace proto::heap
