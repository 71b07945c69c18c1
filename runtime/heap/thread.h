// Threads of a space, and the frames that run on them.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/base/status.h"
#include "runtime/heap/size_classes.h"
#include "runtime/heap/space.h"
#include "runtime/value/value.h"

namespace proto {

class Thread;

/// What a folder above keeps per thread; caches are dropped at each stop of the world.
class ThreadExtension {
 public:
  virtual ~ThreadExtension() = default;
  virtual void drop_caches() = 0;
};
enum class ThreadSlot : uint8_t { kAttributes, kIntern, kEmbedder, kCount };

namespace heap {

class Heap;

/// Values stored into mutable cells that a thread's frames remember.
inline constexpr size_t kMaxEscapes = 4096;

/// Where a thread takes its cells of one size: freed cells first, then the unused rest of its newest block.
struct Bin {
  Cell* free = nullptr;  // linked through the second word
  char* bump = nullptr;
  char* limit = nullptr;
};

inline Cell*& next_free(Cell* cell) { return *reinterpret_cast<Cell**>(reinterpret_cast<char*>(cell) + 8); }

/// The part of a thread that its own allocations use; nobody else touches it while the thread runs, but for the atomics.
struct ThreadHeap {
  // The log of cells allocated by the frames that run, as address | size class << 56. Reaching log_end means: the log is
  // full, or (log_end is null) a stop is asked for.
  uint64_t* log_top = nullptr;
  std::atomic<uint64_t*> log_end{nullptr};
  uint64_t* log_begin = nullptr;
  uint64_t* log_limit = nullptr;
  std::array<Bin, kSizeClasses> bins{};
  /// Non-zero: enter() takes its slow path (a stop is asked for, an error is pending, the hard limit is reached).
  std::atomic<uint32_t> attention{0};
  /// A cycle is marking: stores into mutable cells note what they overwrite. Changes only while this thread is stopped.
  std::atomic<bool> marking{false};
  /// Frames may free cells: no cycle runs. Changes only while this thread is stopped.
  bool frames_free = true;
  /// Counts the times that the log was emptied; a frame with an older one frees nothing.
  uint32_t log_generation = 0;
  std::vector<uint64_t> escapes;    // values that mutable cells of this thread's frames hold, with where they came
  std::vector<Value> overwritten;   // what the barrier noted since the last flush
  std::vector<const Cell*> trace_stack;  // room for frames that leave
  uint64_t freed_cells = 0;         // by frames
};

}  // namespace heap

/// Attaches the calling OS thread to a space for its lifetime. One thread of execution; may be nested for different spaces.
/// Values on the stack of an attached thread are found from the stack's base on (so a value held by a caller of the function
/// that attached is safe, too).
class Thread {
 public:
  explicit Thread(Space& space);
  ~Thread();
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  Space& space() const { return space_; }

  // ---- for the folders of the runtime ----
  heap::ThreadHeap& heap() { return heap_; }
  ThreadExtension* extension(ThreadSlot slot) const { return extensions_[static_cast<size_t>(slot)].get(); }
  void set_extension(ThreadSlot slot, std::unique_ptr<ThreadExtension> extension) {
    extensions_[static_cast<size_t>(slot)] = std::move(extension);
  }
  /// A cell of `bytes` <= kMaxSmallBytes, not zeroed. Never fails.
  Cell* allocate_small(uint32_t size_class);
  Cell* allocate_large(size_t bytes);
  /// See heap/barrier.h. So many of them that frames leave everything to the collector keep the list short.
  void note_escape(Value value) {
    if (__builtin_expect(heap_.escapes.size() >= heap::kMaxEscapes, 0)) forget_log();
    heap_.escapes.push_back(value.word());
  }
  /// Stops here if the world is to stop.
  void poll() {
    if (__builtin_expect(heap_.attention.load(std::memory_order_relaxed) != 0, 0)) poll_slow();
  }

 private:
  friend class Context;
  friend class BlockingRegion;
  friend class heap::Heap;
  struct Stop;

  bool enter_slow();
  void poll_slow();
  Cell* refill(uint32_t size_class);
  void log_full();
  void free_frame(uint64_t* from, size_t escapes_from, Value result);
  void free_logged(uint64_t* from, uint64_t* to);
  void forget_log();
  uint64_t* next_log_end() const;

  Space& space_;
  heap::ThreadHeap heap_;
  Status error_;
  std::array<std::unique_ptr<ThreadExtension>, static_cast<size_t>(ThreadSlot::kCount)> extensions_;
  std::unique_ptr<Stop> stop_;  // what the collector and this thread agree on
};

/// A call frame. Cells that were allocated in it and that its result (or a mutable object) does not reach are freed when it
/// leaves; values that it made must not be used after that unless they are reached from its result. Lives on the stack;
/// frames of a thread end in the reverse order of their beginning.
class Context {
 public:
  /// The first frame of a thread, or one within the frame that runs.
  explicit Context(Thread& thread) : thread_(thread), log_start_(0), generation_(0), escapes_start_(0) { begin(); }
  explicit Context(Context& caller) : Context(caller.thread_) {}
  ~Context() {
    if (!left_) leave(Value());
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// Ends the frame; `result` and what it reaches stay alive and belong to the caller's frame. Once. Returns `result`.
  Value leave(Value result) {
    left_ = true;
    heap::ThreadHeap& heap = thread_.heap_;
    if (__builtin_expect(generation_ != heap.log_generation, 0)) {
      // The log was emptied meanwhile, perhaps between the allocation of a cell and that of its parts: what is logged may be
      // reached through cells that are not, into which no frame looks.
      if (heap.log_top != heap.log_begin) thread_.forget_log();
      return result;
    }
    uint64_t* from = heap.log_begin + log_start_;
    if (from != heap.log_top && heap.frames_free) thread_.free_frame(from, escapes_start_, result);
    return result;
  }

  Thread& thread() const { return thread_; }
  Space& space() const { return thread_.space(); }

  // ---- errors ----
  /// The error of this thread that nobody took yet; success when there is none.
  const Status& error() const { return thread_.error_; }
  bool failed() const { return !thread_.error_.ok(); }
  /// Notes an error, if none is pending. Operations that allocate do nothing and return none until take_error(). Returns none.
  Value fail(Status error);
  /// The pending error, which is pending no more.
  Status take_error();

  // ---- safepoints and limits ----
  /// Lets the collector stop this thread here. Call in loops that allocate nothing and run for more than 100 us.
  void safepoint() { thread_.poll(); }
  /// What a public operation that allocates begins with: a safepoint; false while an error is pending or when the hard limit
  /// is reached (which becomes the pending error).
  [[nodiscard]] bool enter() {
    return __builtin_expect(thread_.heap_.attention.load(std::memory_order_relaxed) == 0, 1) || thread_.enter_slow();
  }
  /// Asks whether `bytes` more may be allocated; false fails with kOutOfMemory.
  [[nodiscard]] bool reserve(size_t bytes);
  /// Tells the collector of memory outside the heap that cells keep alive (positive) or gave back (negative).
  void account_external(int64_t bytes);

 private:
  void begin() {
    heap::ThreadHeap& heap = thread_.heap_;
    thread_.poll();
    log_start_ = static_cast<uint32_t>(heap.log_top - heap.log_begin);
    generation_ = heap.log_generation;
    escapes_start_ = static_cast<uint32_t>(heap.escapes.size());
  }

  Thread& thread_;
  uint32_t log_start_;
  uint32_t generation_;
  uint32_t escapes_start_;
  bool left_ = false;
};

/// Within it the thread does not touch the heap (it reads a disk, waits for a lock), and the collector does not wait for it.
/// The end waits for a stop of the world that is under way.
class BlockingRegion {
 public:
  explicit BlockingRegion(Context& ctx) : BlockingRegion(ctx.thread()) {}
  explicit BlockingRegion(Thread& thread);
  ~BlockingRegion();
  BlockingRegion(const BlockingRegion&) = delete;
  BlockingRegion& operator=(const BlockingRegion&) = delete;

 private:
  Thread& thread_;
};

inline Cell* Thread::allocate_small(uint32_t size_class) {
  heap::ThreadHeap& heap = heap_;
  if (__builtin_expect(heap.log_top >= heap.log_end.load(std::memory_order_relaxed), 0)) log_full();
  heap::Bin& bin = heap.bins[size_class];
  Cell* cell = bin.free;
  if (__builtin_expect(cell != nullptr, 1)) {
    bin.free = heap::next_free(cell);
  } else if (bin.bump != bin.limit) {
    cell = reinterpret_cast<Cell*>(bin.bump);
    bin.bump += heap::kClassBytes[size_class];
  } else {
    cell = refill(size_class);
  }
  *heap.log_top++ = reinterpret_cast<uintptr_t>(cell) | uint64_t{size_class} << 56;
  return cell;
}

}  // namespace proto

#include "runtime/heap/allocation.h"  // IWYU pragma: export
