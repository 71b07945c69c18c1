#include "runtime/heap/marker.h"

#include "runtime/heap/shared_heap.h"

// Marking reads cells that threads may be filling (their own, that nobody else has seen) and the copies of stacks. What it
// reads there is harmless by the argument at the head of heap.h; ThreadSanitizer is told not to look.
#if defined(__SANITIZE_THREAD__)
extern "C" void AnnotateIgnoreReadsBegin(const char* file, int line);
extern "C" void AnnotateIgnoreReadsEnd(const char* file, int line);
#define PROTO_IGNORE_READS_BEGIN() AnnotateIgnoreReadsBegin(__FILE__, __LINE__)
#define PROTO_IGNORE_READS_END() AnnotateIgnoreReadsEnd(__FILE__, __LINE__)
#else
#define PROTO_IGNORE_READS_BEGIN() (void)0
#define PROTO_IGNORE_READS_END() (void)0
#endif

namespace proto::heap {
namespace {

constexpr size_t kQueue = 8;  // cells whose memory is on its way

}  // namespace

void Marker::visit_cell(const Cell* cell) {
  Chunk* chunk = Chunk::of(cell);
  if (__builtin_expect(chunk->owner != &heap_, 0)) {
    if (chunk->owner == nullptr && mark_shared(cell, shared_bit_) && cell->kind() == CellKind::kTuple) {
      stack_.push_back(cell);
    }
    return;
  }
  const Block& block = chunk->region ? chunk->blocks[kHeaderBlocks] : chunk->block_of(cell);
  if (block.born_cycle.load(std::memory_order_relaxed) == cycle_) return;
  if (!chunk->mark(cell)) return;
  ++marked_;
  stack_.push_back(cell);
}

void Marker::mark_conservatively(uint64_t word) {
  const ChunkEntry entry = find_chunk(word);
  if (entry.chunk == nullptr) return;
  const Cell* cell = nullptr;
  if (entry.owner == &heap_) {
    cell = entry.chunk->cell_at(word, cycle_);
  } else if (entry.owner == nullptr) {
    cell = shared_cell_at(word, shared_bit_);
  }
  if (cell != nullptr) visit_cell(cell);
}

void Marker::trace_values(const Cell* cell) {
  visit(std::span(reinterpret_cast<const Value*>(cell + 1), cell_bytes(cell) / 8 - 1));
}

void Marker::trace(const Cell* cell) {
  const CellKind kind = cell->kind();
  switch (layout_of(kind)) {
    case CellLayout::kOpaque: return;
    case CellLayout::kValues: return trace_values(cell);
    case CellLayout::kTraced:
      if (const auto function = kind_operations(kind).trace; function != nullptr) function(cell, *this);
  }
}

void Marker::drain() {
  PROTO_IGNORE_READS_BEGIN();
  const Cell* queue[kQueue] = {};
  size_t queued = 0;  // cells in the queue
  size_t turn = 0;
  while (!stack_.empty() || queued > 0) {
    const Cell* next = nullptr;
    if (!stack_.empty()) {
      next = stack_.back();
      stack_.pop_back();
      __builtin_prefetch(next);
      ++queued;
    }
    std::swap(queue[turn], next);
    turn = (turn + 1) % kQueue;
    if (next == nullptr) continue;
    --queued;
    trace(next);
  }
  PROTO_IGNORE_READS_END();
}

}  // namespace proto::heap
