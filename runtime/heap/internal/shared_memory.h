// Memory for the cells of the process-wide heap: size classes in blocks of ownerless chunks, as in a space's heap, but freed
// one by one.
//
// Free cells are zero in their header and in the word after it, and linked through their fourth word, so that who finds one
// by a stray address sees that it is free and that no space holds it.
//
// Locks: one per size class (which blocks have free cells, and those cells), and one for the chunks, taken last. A block's
// state changes only under the latter; so who holds it may read what stands in a chunk.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "runtime/heap/chunk.h"

namespace proto::heap {

class SharedMemory {
 public:
  /// Cells that a thread takes at once.
  static constexpr uint32_t kBatch = 16;

  /// Up to kBatch free cells (at least one) of a size class, linked by next(). Any thread, as all here. About 10 ns a cell.
  Cell* take(uint32_t size_class);
  /// One cell of more than kMaxSmallBytes.
  Cell* take_large(size_t bytes);
  /// Cells that were taken; their contents are lost. O(number).
  void give_back(std::span<Cell* const> cells);
  /// Gives memory that no cell uses back to the system. O(blocks with free cells + chunks).
  void trim();
  /// The cell at or around `address` whose held_by has the bit, or null. Never touches memory that is not mapped.
  Cell* held_cell_at(uintptr_t address, uint64_t space_bit);
  uint64_t mapped_bytes();

  static Cell*& next(Cell* cell) { return *reinterpret_cast<Cell**>(reinterpret_cast<char*>(cell) + 24); }

 private:
  struct Class {
    std::mutex mutex;
    Block* with_free = nullptr;  // linked by next_available; blocks may be wholly free
  };

  Block* new_block(uint32_t size_class);
  void free_small(Cell* cell, Chunk* chunk);
  void free_large(Cell* cell, Chunk* chunk);
  Block* unlink_empty_blocks(Class& size_class);
  void free_run(Chunk* chunk, uint32_t index, uint32_t count);
  Chunk* chunk_with_run(uint32_t count);
  void list_chunk(Chunk* chunk);
  void use_run(Chunk* chunk, uint32_t index, uint32_t count);
  void release_chunks();
  void release_blocks();

  std::array<Class, kSizeClasses> classes_;
  std::mutex chunks_mutex_;
  std::vector<Chunk*> chunks_;           // guarded by chunks_mutex_
  std::vector<Chunk*> chunks_with_free_;  // guarded by chunks_mutex_
  uint64_t region_bytes_ = 0;            // guarded by chunks_mutex_
  uint64_t returned_bytes_ = 0;          // guarded by chunks_mutex_: of chunks_, pages given back
  uint64_t free_blocks_ = 0;             // guarded by chunks_mutex_: not given back
};

/// The one of this process; lives as long as it.
SharedMemory& shared_memory();

}  // namespace proto::heap
