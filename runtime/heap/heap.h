// The heap of a space: its memory, its threads, its roots and its collector. Internal: embedders use Space.
//
// The collector, in one place
// ---------------------------
// Concurrent mark and sweep; cells do not move. One collector thread per space, started by the first cycle.
//
//   idle      Threads allocate from blocks; frames free what did not escape.
//   stop 1    The world stops: every thread comes to a safepoint (a poll in allocation, in the entry of operations, in frames), copies its
//             own stack and registers, gives up the blocks that it allocates from and drops its caches. The lists of half-empty blocks are
//             forgotten. From here on `marking` is set in every thread, and the cycle number is one higher.
//   marking   Beside the program. Roots, the copies of the stacks (conservatively: a word that points into a cell keeps it), then everything
//             that is reached. Threads allocate from blocks that were entirely free; those are *born* in this cycle: their cells count as alive
//             and are not looked into. A store into a mutable cell, a root or a weak look-up notes the value that could get lost
//             (barrier.h).
//   stop 2    When the marker has nothing left: take what the threads noted; if that was nothing new, marking is over: `marking` is
//             cleared, the phase is sweeping. Else go on marking. No stack is looked at again.
//   sweeping  Beside the program. First the weak tables (an unmarked cell is dead), then each block that is not born in this cycle: a block
//             without marks becomes free as a whole, in others the dead cells are linked. Blocks with free cells go to the lists, from which
//             threads may take them at once. Free memory beyond what the next cycle needs goes back to the system.
//   idle      Threads are told (by their attention word, without a stop) that frames may free again.
//
// Why this is right (snapshot at the beginning, Yuasa 1990). Let L be what is reachable at stop 1 from roots and stacks. Cells are immutable but
// for noted stores, so every way in L that existed at stop 1 still exists when the marker comes by, or its first lost link was noted and is
// marked by itself; so all of L is marked. What a thread can hold later is in L, or was allocated since (and lies in a born block), or came out
// of a weak table (and was marked or refused by revive()). So nothing that a thread can reach is swept.
// The stores that are not noted write into cells that no one else has seen yet, or into spare room that no older version reads.
//
// Why frames may free. A frame frees only cells that it allocated, while no cycle runs. Who could still reach such a cell? The frame's result and
// what it reaches is traced and spared. An older cell cannot point to it, unless it is mutable: those stores are noted as escapes and spared. Callers' locals
// cannot hold it by contract. The collector holds no cell between cycles.
//
// Who stops, for how long. All threads, for the time that the slowest takes to its next safepoint plus the copy of its stack. Nothing in a stop
// depends on the size of the heap. Threads in a BlockingRegion count as stopped; they wait at its end while a stop lasts.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/heap/chunk.h"
#include "runtime/heap/context.h"
#include "runtime/heap/root_list.h"

namespace proto {

/// The collector's view of a thread; guarded by the heap's world mutex.
struct Thread::Stop {
  enum class State : uint8_t { kRunning, kBlocked, kStopped };
  State state = State::kRunning;
  uintptr_t stack_base = 0;            // highest address, exclusive
  uintptr_t stack_top = 0;             // while blocked: everything from here on may hold values
  std::vector<uint64_t> registers;     // the same: words that hold what stood in registers then
  std::vector<uint64_t> stack_copy;    // what was copied at the last stop that wanted it
};

namespace heap {

enum class Phase : uint8_t { kIdle, kMarking, kSweeping };

// Bits of ThreadHeap::attention.
inline constexpr uint32_t kAttentionStop = 1;
inline constexpr uint32_t kAttentionError = 2;
inline constexpr uint32_t kAttentionLimit = 4;
inline constexpr uint32_t kAttentionCycleEnd = 8;

class Marker;

class Heap {
 public:
  Heap(Space& space, const SpaceOptions& options);
  ~Heap();
  /// Ends the collector's thread; no thread may be attached. Before the extensions end.
  void close();

  const SpaceOptions& options() const { return options_; }
  Space& space() const { return space_; }

  // ---- memory ----
  /// Fills a bin with a block that has free cells, preferring one that has been swept. Any thread.
  Cell* refill(Thread& thread, uint32_t size_class);
  Cell* allocate_large(Thread& thread, size_t bytes);
  bool over_hard_limit() const;
  /// True if `bytes` more would not fit below the hard limit.
  bool would_exceed(size_t bytes) const;
  void account_external(int64_t bytes);
  void set_limits(size_t soft_limit, size_t hard_limit);
  SpaceStatistics statistics() const;
  void count_freed_by_frames(uint64_t cells) { freed_by_frames_.fetch_add(cells, std::memory_order_relaxed); }

  // ---- threads ----
  void attach(Thread& thread);
  void detach(Thread& thread);
  /// Called by a running thread: waits while the world is stopped, after copying its stack if that is wanted.
  void stop_here(Thread& thread);
  void park(Thread& thread, uintptr_t stack_top);
  void enter_blocking(Thread& thread, uintptr_t stack_top, std::vector<uint64_t> registers);
  void leave_blocking(Thread& thread);

  // ---- roots ----
  std::atomic<uint64_t>* add_root(Context& ctx, Value value);
  void remove_root(std::atomic<uint64_t>* slot);
  void add_root_list(RootList* list);
  void remove_root_list(RootList* list);
  std::mutex& root_mutex() { return root_mutex_; }
  /// Empties a root, as a running cycle must know. Any thread, attached or not.
  void end_root(std::atomic<uint64_t>& slot);

  // ---- cycles ----
  void request_cycle();
  /// For SpaceOptions::collect_every: not more often than a quarter of the live heap was allocated, so that tests of big heaps end.
  bool hostile_cycle_is_due() const;
  /// Returns after a cycle that began after the call. `thread` may be null; if not, it counts as stopped meanwhile.
  void collect(Thread* thread);
  Phase phase() const { return phase_.load(std::memory_order_acquire); }  // pairs with the collector's release
  uint64_t cycle() const { return cycle_.load(std::memory_order_relaxed); }
  /// See weak.h.
  bool is_live(const Cell* cell) const;
  /// The bit by which this space holds cells of the process-wide table; set by the intern table's extension.
  void set_shared_bit(uint64_t bit) { shared_bit_ = bit; }
  uint64_t shared_bit() const { return shared_bit_; }

 private:
  friend class Marker;
  struct RootSlots {
    std::array<std::atomic<uint64_t>, 256> words{};
  };

  // Memory; all with mutex_ held unless said otherwise.
  Block* take_block(uint32_t size_class);
  Cell* take_run(uint32_t block_count);
  Cell* take_region(size_t bytes);
  Chunk* chunk_with_run(uint32_t block_count);
  Chunk* add_chunk();
  void list_chunk(Chunk* chunk);
  void use_blocks(Chunk* chunk, uint32_t index, uint32_t count);
  void free_blocks(Chunk* chunk, uint32_t index, uint32_t count);
  void add_used(int64_t bytes);
  // Without mutex_: counts, asks for a cycle when the budget is spent, waits when a cycle cannot keep up.
  void after_allocation(Thread& thread, size_t bytes);
  void wait_for_cycle_end(Thread& thread);

  // The collector's thread.
  void run_collector();
  void start_collector();
  void run_cycle();
  // Stops all threads, has `work` done (by the thread that stops last, with the world mutex held), lets them run; then returns.
  void stop_world(bool copy_stacks, const std::function<void()>& work);
  void run_stop_if_all_stand();
  void retire(Thread& thread);
  void take_snapshot();
  void begin_marking(Marker& marker);
  void end_marking(Marker& marker);
  void mark_roots(Marker& marker);
  void mark_stacks(Marker& marker);
  void sweep();
  struct SweepCounts;
  void sweep_chunk(Chunk* chunk, SweepCounts& counts);
  void sweep_small(Chunk* chunk, uint32_t index, SweepCounts& counts);
  void sweep_large(Chunk* chunk, uint32_t index, SweepCounts& counts);
  uint32_t link_dead_cells(Chunk* chunk, uint32_t index);
  void sweep_regions(SweepCounts& counts);
  void release_chunks(size_t wanted, std::vector<Chunk*>& released);
  void release_blocks(size_t wanted);
  void release_memory();
  void finish_cycle();
  void verify();

  Space& space_;
  SpaceOptions options_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  uint64_t shared_bit_ = 0;

  mutable std::mutex mutex_;                    // memory
  std::condition_variable memory_freed_;
  std::vector<Chunk*> chunks_;                  // guarded by mutex_
  std::vector<Chunk*> regions_;                 // guarded by mutex_
  std::vector<Chunk*> chunks_with_free_;        // guarded by mutex_
  std::array<Block*, kSizeClasses> available_{};  // guarded by mutex_: swept blocks with free cells
  std::atomic<size_t> used_bytes_{0};           // blocks in use, runs and regions; changed with mutex_ held
  std::atomic<size_t> budget_{0};               // what may be allocated before the next cycle; changed with mutex_ held
  std::atomic<size_t> hard_limit_{0};
  bool tight_ = false;                          // guarded by mutex_: above the soft limit
  size_t heap_bytes_ = 0;                       // guarded by mutex_: mapped
  size_t returned_bytes_ = 0;                   // guarded by mutex_: of these, pages given back
  std::atomic<size_t> since_cycle_{0};          // allocated since the last cycle began
  std::atomic<bool> cycle_requested_{false};
  std::atomic<uint64_t> allocated_bytes_{0};
  uint64_t live_bytes_ = 0, live_cells_ = 0;    // guarded by mutex_: as of the last sweep
  std::atomic<int64_t> external_bytes_{0};
  std::atomic<int64_t> external_since_cycle_{0};
  std::atomic<uint64_t> freed_by_frames_{0};

  mutable std::mutex world_mutex_;              // threads and stops; taken before mutex_, if both are
  std::condition_variable world_runs_, stop_done_, cycle_wanted_, cycle_done_;
  std::vector<Thread*> threads_;                // guarded by world_mutex_
  bool stop_requested_ = false;                 // guarded by world_mutex_
  const std::function<void()>* stop_work_ = nullptr;  // guarded by world_mutex_
  bool stop_copies_stacks_ = false;             // guarded by world_mutex_
  uint32_t running_ = 0;                        // guarded by world_mutex_: threads that are neither stopped nor blocked
  uint64_t cycles_wanted_ = 0;                  // guarded by world_mutex_: number of cycles that were asked for...
  uint64_t cycles_begun_ = 0, cycles_done_ = 0;  // ... begun, done
  bool closing_ = false;                        // guarded by world_mutex_
  std::vector<Value> lost_;                     // guarded by world_mutex_: noted without a thread, or by threads at their stops
  std::vector<std::vector<uint64_t>> stacks_;   // copies taken by the snapshot; the collector's
  std::vector<const Cell*> extension_roots_;    // the same of the extensions' roots
  std::vector<Chunk*> snapshot_chunks_;         // those whose marks are to be cleared
  PauseHistogram pauses_;                       // guarded by world_mutex_
  uint64_t stops_ = 0, waits_ = 0;              // guarded by world_mutex_
  double longest_wait_ms_ = 0;                  // guarded by world_mutex_
  double marking_ms_ = 0, sweeping_ms_ = 0;     // guarded by world_mutex_
  std::thread collector_;                       // guarded by world_mutex_

  std::mutex root_mutex_;
  std::vector<std::unique_ptr<RootSlots>> root_slots_;  // guarded by root_mutex_
  std::vector<std::atomic<uint64_t>*> free_roots_;      // guarded by root_mutex_
  std::vector<RootList*> root_lists_;                   // guarded by root_mutex_

  std::atomic<Phase> phase_{Phase::kIdle};
  std::atomic<uint64_t> cycle_{1};
};

}  // namespace heap
}  // namespace proto
