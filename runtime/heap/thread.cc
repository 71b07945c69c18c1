#include "runtime/heap/thread.h"

#include <sys/mman.h>

#include <cstring>

#include "runtime/heap/heap.h"

namespace proto {
namespace {

/// Cells that frames remember. A frame that allocates more leaves the older ones to the collector.
constexpr size_t kLogEntries = 16 * 1024;

/// In place of the size class of a logged cell: a large one. Frames look into it, but leave it to the collector.
constexpr uint64_t kLargeEntry = 0xFF;

constexpr uint64_t kAddressMask = (uint64_t{1} << 56) - 1;

Cell* logged_cell(uint64_t entry) { return reinterpret_cast<Cell*>(entry & kAddressMask); }

// Spares what the result of a frame reaches of the frame's own cells, which have their frame bits set.
class FrameTracer final : public Tracer {
 public:
  FrameTracer(const Thread& thread, std::vector<const Cell*>& stack) : thread_(thread), stack_(stack) {}

  void drain() {
    while (!stack_.empty()) {
      const Cell* cell = stack_.back();
      stack_.pop_back();
      const CellKind kind = cell->kind();
      if (layout_of(kind) == CellLayout::kValues) {
        visit({reinterpret_cast<const Value*>(cell + 1), cell_bytes(cell) / 8 - 1});
      } else if (layout_of(kind) == CellLayout::kTraced) {
        if (const auto trace = kind_operations(kind).trace; trace != nullptr) trace(cell, *this);
      }
    }
  }

 protected:
  void visit_cell(const Cell* cell) override {
    heap::Chunk* chunk = heap::Chunk::of(cell);
    // Not cells of other threads, whose frames may be leaving, too; nor of the intern table.
    if (chunk->block_of(cell).taker.load(std::memory_order_relaxed) != &thread_ || !chunk->frame_bit(cell)) return;
    chunk->flip_frame_bit(cell);
    stack_.push_back(cell);
  }

 private:
  const Thread& thread_;
  std::vector<const Cell*>& stack_;
};

}  // namespace

Thread::Thread(Space& space) : space_(space), stop_(std::make_unique<Stop>()) {
  void* log = mmap(nullptr, kLogEntries * sizeof(uint64_t), PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  PROTO_CHECK_MSG(log != MAP_FAILED, "the system gave no memory for a thread");
  heap_.log_begin = heap_.log_top = static_cast<uint64_t*>(log);
  heap_.log_limit = heap_.log_begin + kLogEntries;
  heap_.log_end.store(next_log_end(), std::memory_order_relaxed);
  space.heap().attach(*this);
}

Thread::~Thread() {
  space_.heap().detach(*this);
  munmap(heap_.log_begin, kLogEntries * sizeof(uint64_t));
}

// ---- safepoints ---------------------------------------------------------------------------------------------------------

uint64_t* Thread::next_log_end() const {
  const uint32_t every = space_.heap().options().collect_every;
  if (every == 0) return heap_.log_limit;
  return std::min(heap_.log_limit, heap_.log_top + every);
}

void Thread::poll_slow() {
  const uint32_t attention = heap_.attention.load(std::memory_order_relaxed);
  if ((attention & heap::kAttentionStop) != 0) space_.heap().stop_here(*this);
  if ((attention & heap::kAttentionCycleEnd) != 0) {
    heap_.attention.fetch_and(~heap::kAttentionCycleEnd, std::memory_order_relaxed);
    heap_.frames_free = space_.heap().phase() == heap::Phase::kIdle && space_.heap().options().free_frames;
  }
}

bool Thread::enter_slow() {
  poll_slow();
  if (!error_.ok()) return false;
  if ((heap_.attention.load(std::memory_order_relaxed) & heap::kAttentionLimit) == 0) return true;
  if (space_.heap().over_hard_limit()) space_.heap().collect(this);
  if (space_.heap().over_hard_limit()) {
    error_ = Status(StatusCode::kOutOfMemory, "the space's memory limit is reached");
    heap_.attention.fetch_or(heap::kAttentionError, std::memory_order_relaxed);
    return false;
  }
  heap_.attention.fetch_and(~heap::kAttentionLimit, std::memory_order_relaxed);
  return true;
}

// The log is at its end: because it is full, because a stop is asked for, or because every n-th allocation is to collect.
void Thread::log_full() {
  heap::Heap& heap = space_.heap();
  if (heap.hostile_cycle_is_due()) heap.collect(this);
  do {
    poll_slow();
    if (heap_.log_top >= heap_.log_limit) forget_log();
    // Not over the null of a stop that is asked for at this moment.
    uint64_t* end = heap_.log_end.load(std::memory_order_relaxed);
    if (end != nullptr) heap_.log_end.compare_exchange_strong(end, next_log_end(), std::memory_order_relaxed);
  } while (heap_.log_top >= heap_.log_end.load(std::memory_order_relaxed));
}

void Thread::forget_log() {
  heap_.log_top = heap_.log_begin;
  ++heap_.log_generation;
  heap_.escapes.clear();
}

Cell* Thread::refill(uint32_t size_class) { return space_.heap().refill(*this, size_class); }

Cell* Thread::allocate_large(size_t bytes) {
  poll();
  if (heap_.log_top >= heap_.log_end.load(std::memory_order_relaxed)) log_full();
  Cell* cell = space_.heap().allocate_large(*this, bytes);
  *heap_.log_top++ = reinterpret_cast<uintptr_t>(cell) | kLargeEntry << 56;
  return cell;
}

// ---- frames ---------------------------------------------------------------------------------------------------------------

// Gives the logged cells in [from, to) back to the bins.
void Thread::free_logged(uint64_t* from, uint64_t* to) {
  const bool poison = space_.heap().options().poison;
  for (uint64_t* entry = from; entry < to; ++entry) {
    Cell* cell = logged_cell(*entry);
    const auto size_class = static_cast<uint32_t>(*entry >> 56);
    if (size_class == kLargeEntry) continue;
    ++heap_.freed_cells;
    if (poison) std::memset(reinterpret_cast<char*>(cell) + 8, 0xDB, heap::kClassBytes[size_class] - 8);
    cell->header.store(0, std::memory_order_relaxed);
    heap::next_free(cell) = heap_.bins[size_class].free;
    heap_.bins[size_class].free = cell;
  }
}

void Thread::free_frame(uint64_t* from, size_t escapes_from, Value result) {
  uint64_t* const to = heap_.log_top;
  if (!result.is_cell() && heap_.escapes.size() == escapes_from) {
    free_logged(from, to);
    heap_.log_top = from;
    return;
  }
  for (uint64_t* entry = from; entry < to; ++entry) {
    Cell* cell = logged_cell(*entry);
    heap::Chunk::of(cell)->flip_frame_bit(cell);
  }
  FrameTracer tracer(*this, heap_.trace_stack);
  tracer.visit(result);
  for (size_t i = escapes_from; i < heap_.escapes.size(); ++i) tracer.visit(Value::from_word(heap_.escapes[i]));
  tracer.drain();
  // Cells that still have their bit were not reached. The others stay in the log, for the caller's frame, if they are few. Many are
  // left to the collector, so that nested frames do not trace the same cells again and again; with them everything else in the log:
  // a frame that leaves looks only into logged cells, so none of those may be reached through one that is not.
  constexpr ptrdiff_t kFew = 16;
  uint64_t* kept = from;
  for (uint64_t* entry = from; entry < to; ++entry) {
    Cell* cell = logged_cell(*entry);
    heap::Chunk* chunk = heap::Chunk::of(cell);
    if (chunk->frame_bit(cell)) {
      chunk->flip_frame_bit(cell);
      free_logged(entry, entry + 1);
    } else {
      *kept++ = *entry;
    }
  }
  heap_.log_top = kept;
  if (kept - from > kFew) forget_log();
}

// ---- Context ------------------------------------------------------------------------------------------------------------

Value Context::fail(Status error) {
  if (thread_.error_.ok() && !error.ok()) {
    thread_.error_ = std::move(error);
    thread_.heap_.attention.fetch_or(heap::kAttentionError, std::memory_order_relaxed);
  }
  return {};
}

Status Context::take_error() {
  thread_.heap_.attention.fetch_and(~heap::kAttentionError, std::memory_order_relaxed);
  return std::exchange(thread_.error_, Status());
}

bool Context::reserve(size_t bytes) {
  if (!enter()) return false;
  heap::Heap& heap = space().heap();
  if (!heap.would_exceed(bytes)) return true;
  heap.collect(&thread_);
  if (!heap.would_exceed(bytes)) return true;
  fail(Status(StatusCode::kOutOfMemory, "the space's memory limit leaves no room for " + std::to_string(bytes) + " bytes"));
  return false;
}

void Context::account_external(int64_t bytes) { space().heap().account_external(bytes); }

}  // namespace proto
