// The collector's thread: cycles. The phases are explained at the head of heap.h.
#include <algorithm>
#include <unordered_set>

#include "runtime/base/sync_point.h"
#include "runtime/heap/heap.h"
#include "runtime/heap/marker.h"

namespace proto::heap {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Notes the roots of extensions while the world is stopped; they are marked afterwards.
class RootNotes final : public Tracer {
 public:
  explicit RootNotes(std::vector<const Cell*>& cells) : cells_(cells) {}

 protected:
  void visit_cell(const Cell* cell) override { cells_.push_back(cell); }

 private:
  std::vector<const Cell*>& cells_;
};

}  // namespace

// ---- asking ---------------------------------------------------------------------------------------------------------

void Heap::start_collector() {
  if (!collector_.joinable() && !closing_) collector_ = std::thread([this] { run_collector(); });
}

void Heap::request_cycle() {
  const std::lock_guard world(world_mutex_);
  if (cycles_wanted_ == cycles_begun_) ++cycles_wanted_;
  start_collector();
  cycle_wanted_.notify_one();
}

void Heap::collect(Thread* thread) {
  if (thread != nullptr) {
    const BlockingRegion region(*thread);
    return collect(nullptr);
  }
  std::unique_lock world(world_mutex_);
  const uint64_t wanted = cycles_begun_ + 1;
  cycles_wanted_ = std::max(cycles_wanted_, wanted);
  start_collector();
  cycle_wanted_.notify_one();
  cycle_done_.wait(world, [&] { return cycles_done_ >= wanted; });
}

void Heap::run_collector() {
  while (true) {
    {
      std::unique_lock world(world_mutex_);
      cycle_wanted_.wait(world, [this] { return closing_ || cycles_wanted_ > cycles_begun_; });
      if (closing_) return;
      ++cycles_begun_;
    }
    run_cycle();
  }
}

// ---- one cycle --------------------------------------------------------------------------------------------------------

void Heap::run_cycle() {
  const Clock::time_point marking_began = Clock::now();
  stop_world(true, [this] { take_snapshot(); });
  Marker marker(*this);
  begin_marking(marker);
  marker.drain();
  end_marking(marker);
  const double marking_ms = milliseconds_since(marking_began);
  const Clock::time_point sweeping_began = Clock::now();
  sweep();
  {
    const std::lock_guard world(world_mutex_);
    marking_ms_ += marking_ms;
    sweeping_ms_ += milliseconds_since(sweeping_began);
  }
  if (options_.verify) verify();
  finish_cycle();
}

// Everything that a thread has in hand goes back: blocks, the frames' log, caches. With the world stopped.
void Heap::retire(Thread& thread) {
  ThreadHeap& heap = thread.heap();
  heap.bins.fill(Bin());
  thread.forget_log();
  heap.frames_free = false;
  heap.marking.store(true, std::memory_order_relaxed);
  count_freed_by_frames(std::exchange(heap.freed_cells, 0));
  for (const auto& extension : thread.extensions_) {
    if (extension != nullptr) extension->drop_caches();
  }
}

// The work of the first stop.
void Heap::take_snapshot() {
  cycle_.store(cycle() + 1, std::memory_order_relaxed);
  phase_.store(Phase::kMarking, std::memory_order_release);
  for (Thread* thread : threads_) {
    retire(*thread);
    if (!thread->stop_->stack_copy.empty()) stacks_.push_back(std::move(thread->stop_->stack_copy));
    thread->stop_->stack_copy.clear();
  }
  RootNotes notes(extension_roots_);
  for (const Value prototype : space_.prototypes_) notes.visit(prototype);
  for (const auto& extension : space_.extensions_) {
    if (extension != nullptr) extension->trace(notes);
  }
  const std::lock_guard lock(mutex_);
  available_.fill(nullptr);
  snapshot_chunks_ = chunks_;
  snapshot_chunks_.insert(snapshot_chunks_.end(), regions_.begin(), regions_.end());
  since_cycle_.store(0, std::memory_order_relaxed);
  external_since_cycle_.store(0, std::memory_order_relaxed);
  cycle_requested_.store(false, std::memory_order_relaxed);
}

void Heap::begin_marking(Marker& marker) {
  // Nobody reads marks now: look-ups in weak tables note what they find, and chunks that are new begin clear.
  for (Chunk* chunk : snapshot_chunks_) chunk->clear_marks();
  snapshot_chunks_.clear();
  for (const Cell* cell : extension_roots_) marker.mark(cell);
  extension_roots_.clear();
  mark_stacks(marker);
  mark_roots(marker);
}

void Heap::mark_stacks(Marker& marker) {
  for (const std::vector<uint64_t>& stack : stacks_) {
    for (const uint64_t word : stack) marker.mark_conservatively(word);
  }
  stacks_.clear();
}

// Roots that change or end meanwhile are noted by who changes them. The lock is let go between parts, so that nobody who makes a root
// waits for long; roots that are made after the first stop need not be seen.
void Heap::mark_roots(Marker& marker) {
  constexpr size_t kPart = 512;
  for (size_t i = 0;; ++i) {
    const std::lock_guard lock(root_mutex_);
    if (i >= root_slots_.size()) break;
    for (const std::atomic<uint64_t>& word : root_slots_[i]->words) {
      marker.visit(Value::from_word(word.load(std::memory_order_acquire)));
    }
  }
  std::vector<const RootList*> lists;
  {
    const std::lock_guard lock(root_mutex_);
    lists.assign(root_lists_.begin(), root_lists_.end());
  }
  for (const RootList* list : lists) {
    for (size_t from = 0;; from += kPart) {
      const std::lock_guard lock(root_mutex_);
      const bool there = std::ranges::find(root_lists_, list) != root_lists_.end();  // a list that ended noted its values
      if (!there || from >= list->size_) break;
      for (size_t i = from; i < std::min(from + kPart, list->size_); ++i) marker.visit(list->load_value(i));
    }
  }
}

// Stops the world until nothing was noted since the marker ran dry; then the phase is sweeping.
void Heap::end_marking(Marker& marker) {
  PROTO_SYNC_POINT("Collector::BeforeEndMarking");
  // More notes than these are looked at beside the program; what comes meanwhile is less each time.
  constexpr size_t kFewNotes = 512;
  constexpr int kMostRounds = 16;
  std::vector<std::vector<Value>> noted;
  bool done = false;
  for (int round = 0;; ++round) {
    noted.clear();
    noted.reserve(64);
    stop_world(false, [&] {
      noted.push_back(std::exchange(lost_, {}));
      size_t count = noted.back().size();
      for (Thread* thread : threads_) {
        noted.push_back(std::exchange(thread->heap().overwritten, {}));
        count += noted.back().size();
      }
      if (count > kFewNotes && round < kMostRounds) return;
      for (const std::vector<Value>& values : noted) {
        for (const Value value : values) marker.visit(value);
      }
      done = marker.empty();
      if (!done) return;
      for (Thread* thread : threads_) thread->heap().marking.store(false, std::memory_order_relaxed);
      phase_.store(Phase::kSweeping, std::memory_order_release);
    });
    if (done) return;
    for (const std::vector<Value>& values : noted) {
      for (const Value value : values) marker.visit(value);
    }
    marker.drain();
  }
}

void Heap::finish_cycle() {
  {
    const std::lock_guard world(world_mutex_);
    {
      const std::lock_guard lock(mutex_);
      phase_.store(Phase::kIdle, std::memory_order_release);
    }
    for (Thread* thread : threads_) {
      thread->heap().attention.fetch_or(kAttentionCycleEnd, std::memory_order_relaxed);
    }
    ++cycles_done_;
  }
  memory_freed_.notify_all();
  cycle_done_.notify_all();
}

// ---- the hostile check --------------------------------------------------------------------------------------------------

namespace {

// Looks at everything that is reachable: each must be a cell in use, at its start.
class Verifier final : public Tracer {
 public:
  explicit Verifier(const Heap& heap) : heap_(heap) {}

  void drain() {
    while (!stack_.empty()) {
      const Cell* cell = stack_.back();
      stack_.pop_back();
      const KindOperations& operations = kind_operations(cell->kind());
      if (layout_of(cell->kind()) == CellLayout::kValues) {
        visit({reinterpret_cast<const Value*>(cell + 1), cell_bytes(cell) / 8 - 1});
      } else if (layout_of(cell->kind()) == CellLayout::kTraced && operations.trace != nullptr) {
        operations.trace(cell, *this);
      }
    }
  }

 protected:
  void visit_cell(const Cell* cell) override {
    const auto address = reinterpret_cast<uintptr_t>(cell);
    const ChunkEntry entry = find_chunk(address);
    PROTO_CHECK_MSG(entry.chunk != nullptr, "a reachable reference leads out of the heap");
    if (entry.owner != &heap_) return;
    PROTO_CHECK_MSG(entry.chunk->cell_at(address) == cell, "a reachable cell was freed");
    if (!seen_.insert(cell).second) return;
    stack_.push_back(cell);
  }

 private:
  const Heap& heap_;
  std::unordered_set<const Cell*> seen_;
  std::vector<const Cell*> stack_;
};

}  // namespace

void Heap::verify() {
  Verifier verifier(*this);
  stop_world(false, [&] {
    for (const Value prototype : space_.prototypes_) verifier.visit(prototype);
    for (const auto& extension : space_.extensions_) {
      if (extension != nullptr) extension->trace(verifier);
    }
    const std::lock_guard lock(root_mutex_);
    for (const auto& slots : root_slots_) {
      for (const auto& word : slots->words) verifier.visit(Value::from_word(word.load(std::memory_order_acquire)));
    }
    for (const RootList* list : root_lists_) {
      for (size_t i = 0; i < list->size_; ++i) verifier.visit(list->load_value(i));
    }
    verifier.drain();
  });
}

}  // namespace proto::heap
