#include "runtime/heap/chunk.h"

#include <sys/mman.h>

#include <bit>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>

namespace proto::heap {
namespace {

// Two levels over 47 bits of address in units of chunks. Leaves are made on demand and stay.
constexpr uint32_t kLeafBits = 13;
constexpr uint32_t kTopBits = 47 - 20 - kLeafBits;

struct MapEntry {
  std::atomic<Chunk*> chunk{nullptr};  // stored last and cleared first: release, pairs with the acquire in find_chunk
  std::atomic<Heap*> owner{nullptr};
};
struct MapLeaf {
  std::array<MapEntry, size_t{1} << kLeafBits> entries;
};

std::array<std::atomic<MapLeaf*>, size_t{1} << kTopBits> chunk_map;
std::mutex map_mutex;

MapEntry& entry_for(uintptr_t address) {
  const uintptr_t number = address / kChunkBytes;
  std::atomic<MapLeaf*>& leaf = chunk_map[number >> kLeafBits];
  if (leaf.load(std::memory_order_acquire) == nullptr) {
    const std::lock_guard lock(map_mutex);
    if (leaf.load(std::memory_order_relaxed) == nullptr) leaf.store(new MapLeaf, std::memory_order_release);
  }
  return leaf.load(std::memory_order_acquire)->entries[number & ((size_t{1} << kLeafBits) - 1)];
}

void enter(Chunk* chunk, size_t bytes, Heap* owner, bool present) {
  const auto start = reinterpret_cast<uintptr_t>(chunk);
  for (size_t offset = 0; offset < bytes; offset += kChunkBytes) {
    MapEntry& entry = entry_for(start + offset);
    if (present) entry.owner.store(owner, std::memory_order_relaxed);
    entry.chunk.store(present ? chunk : nullptr, std::memory_order_release);
  }
}

// Aligned memory: maps one chunk more than needed and gives back what is left and right of the aligned part.
void* map_aligned(size_t bytes) {
  const size_t mapped = bytes + kChunkBytes;
  void* raw = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (raw == MAP_FAILED) return nullptr;
  const auto start = reinterpret_cast<uintptr_t>(raw);
  const uintptr_t aligned = (start + kChunkBytes - 1) & ~(kChunkBytes - 1);
  if (aligned > start) munmap(raw, aligned - start);
  const uintptr_t end = start + mapped;
  if (end > aligned + bytes) munmap(reinterpret_cast<void*>(aligned + bytes), end - aligned - bytes);
  return reinterpret_cast<void*>(aligned);
}

}  // namespace

Chunk* map_chunk(size_t bytes, Heap* owner, bool region) {
  bytes = (bytes + kChunkBytes - 1) & ~(kChunkBytes - 1);
  void* memory = map_aligned(bytes);
  if (memory == nullptr) return nullptr;
  auto* chunk = new (memory) Chunk;
  chunk->owner = owner;
  chunk->bytes = bytes;
  chunk->region = region;
  enter(chunk, bytes, owner, true);
  return chunk;
}

void unmap_chunk(Chunk* chunk) {
  enter(chunk, chunk->bytes, nullptr, false);
  munmap(chunk, chunk->bytes);
}

ChunkEntry find_chunk(uintptr_t address) {
  const uintptr_t number = address / kChunkBytes;
  if (number >> (kTopBits + kLeafBits) != 0) return {};
  const MapLeaf* leaf = chunk_map[number >> kLeafBits].load(std::memory_order_acquire);
  if (leaf == nullptr) return {};
  const MapEntry& entry = leaf->entries[number & ((size_t{1} << kLeafBits) - 1)];
  Chunk* chunk = entry.chunk.load(std::memory_order_acquire);
  if (chunk == nullptr) return {};
  return {chunk, entry.owner.load(std::memory_order_relaxed)};
}

void Chunk::clear_marks() {
  for (std::atomic<uint64_t>& word : marks) {
    if (word.load(std::memory_order_relaxed) != 0) word.store(0, std::memory_order_relaxed);
  }
}

void Chunk::format(uint32_t index, uint32_t size_class) {
  Block& block = blocks[index];
  const uint32_t bytes = kClassBytes[size_class];
  std::memset(block_start(index), 0, kBlockBytes);
  block.size_class = static_cast<uint8_t>(size_class);
  block.cell_count = static_cast<uint16_t>(kBlockBytes / bytes);
  block.reciprocal = static_cast<uint32_t>(((uint64_t{1} << 32) + bytes - 1) / bytes);
  block.free = nullptr;
  block.free_count = 0;
  block.state.store(BlockState::kSmall, std::memory_order_release);
}

Cell* Chunk::cell_at(uintptr_t address, uint64_t cycle) {
  const uintptr_t offset = address - reinterpret_cast<uintptr_t>(this);
  uint32_t index = region ? kHeaderBlocks : static_cast<uint32_t>(offset / kBlockBytes);
  if (offset < kRegionOffset) return nullptr;
  const BlockState state = blocks[index].state.load(std::memory_order_acquire);
  if (state == BlockState::kFree) return nullptr;
  if (state == BlockState::kLargeRest) index -= blocks[index].run_blocks;
  const Block& block = blocks[index];
  if (cycle != 0 && block.born_cycle.load(std::memory_order_relaxed) == cycle) return nullptr;
  auto* cell = reinterpret_cast<Cell*>(block_start(index));
  if (state == BlockState::kSmall) {
    const uint64_t within = offset % kBlockBytes;
    const auto number = static_cast<uint32_t>(within * block.reciprocal >> 32);
    if (number >= block.cell_count) return nullptr;
    cell = reinterpret_cast<Cell*>(block_start(index) + number * kClassBytes[block.size_class]);
  }
  return cell->kind() != CellKind::kFree ? cell : nullptr;
}

uint32_t find_run(uint64_t free_blocks, uint32_t count) {
  // Bit i of `starts` stays set while blocks i..i+length-1 are all free; length doubles up to count.
  uint64_t starts = free_blocks;
  uint32_t length = 1;
  while (length < count && starts != 0) {
    const uint32_t step = length * 2 <= count ? length : count - length;
    starts &= starts >> step;
    length += step;
  }
  return starts == 0 ? kBlocksPerChunk : static_cast<uint32_t>(std::countr_zero(starts));
}

}  // namespace proto::heap
