// A space: an isolated world of objects with its own heap, collector, limits and threads.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "runtime/base/status.h"
#include "runtime/value/kind_table.h"
#include "runtime/value/value.h"

namespace proto {

namespace heap {
class Heap;
}
class Thread;

/// How a space collects. Sizes in bytes; 0 means no limit.
struct SpaceOptions {
  /// A collection starts when this much was allocated since the last one, or as much as was live then, whichever is more.
  size_t budget_bytes = 32u << 20;
  /// Above this the collector starts early and memory goes back to the system at once.
  size_t soft_limit_bytes = 0;
  /// Operations that allocate fail with kOutOfMemory while more than this is in use after a full collection.
  size_t hard_limit_bytes = 0;

  // Hostile modes, for tests. They find cells that nobody holds and references that nobody traces. The environment variable
  // PROTO_HOSTILE="collect_every=100,poison,verify" turns them on for every space of a process.
  /// A full collection at every n-th allocation (0: never). Slow.
  uint32_t collect_every = 0;
  /// Freed cells are filled with a pattern.
  bool poison = false;
  /// After each cycle the heap is traced again with the world stopped, and all that is found must be alive and well.
  bool verify = false;
  /// Contexts free what did not escape when they leave.
  bool free_frames = true;
};

/// Powers of two of microseconds: bucket i counts pauses of [2^i, 2^(i+1)) us; bucket 0 also those below 1 us.
struct PauseHistogram {
  std::array<uint64_t, 24> buckets{};
  uint64_t count = 0;
  double total_us = 0;
  double longest_us = 0;
  /// The pause that `fraction` of all pauses are not longer than (an upper bound, to a factor of 2).
  double quantile_us(double fraction) const;
};

/// What the collector did and what the heap holds. Counts are since the space began.
struct SpaceStatistics {
  uint64_t cycles = 0;
  PauseHistogram pauses;             // per thread that was stopped: from its stop to its going on
  uint64_t stops = 0;                // times that the world was stopped
  uint64_t waits = 0;                // times that a thread waited for a cycle because it allocated faster than that could free
  double longest_wait_ms = 0;
  double marking_ms = 0;             // beside the program, all cycles
  double sweeping_ms = 0;
  uint64_t live_bytes = 0;           // as of the last cycle
  uint64_t live_cells = 0;
  uint64_t heap_bytes = 0;           // chunks held from the system
  uint64_t used_bytes = 0;           // blocks in use and large cells, now
  uint64_t external_bytes = 0;
  uint64_t allocated_bytes = 0;      // in all, counted by blocks
  uint64_t freed_by_frames = 0;      // cells
  double bytes_per_second = 0;       // allocation since the space began
};

/// State that a folder above keeps per space; roots and weak tables of it take part in collections.
class SpaceExtension {
 public:
  virtual ~SpaceExtension() = default;
  /// Roots. With the world stopped.
  virtual void trace(Tracer& tracer) = 0;
  /// Drops weak references to cells that are dead (heap/weak.h: is_live). After marking, beside the program.
  virtual void sweep() {}
  /// The space is about to end: ends what uses it. Before the collector ends; the first thing that happens.
  virtual void close() {}
};
/// In the order of their sweeps: the intern table comes last, as the others ask whether its cells are alive.
enum class SpaceSlot : uint8_t { kWeak, kObjects, kPrototypes, kModules, kThreads, kEmbedder, kIntern, kCount };

/// A space's address is its identity: it does not move. Its threads must have ended before it does; its values must not be
/// used after it. Thread-safe.
class Space {
 public:
  explicit Space(const SpaceOptions& options = {});
  ~Space();
  Space(const Space&) = delete;
  Space& operator=(const Space&) = delete;

  /// The prototype at the end of every chain: a mutable object without attributes of its own but the built-in methods.
  Value object_prototype() const { return prototype_of(ValueClass::kObject); }
  /// The prototype of built-in values of a class (numbers, strings, lists...): a mutable object; set attributes to extend.
  Value prototype_of(ValueClass value_class) const { return prototypes_[static_cast<size_t>(value_class)]; }
  void set_prototype(ValueClass value_class, Value prototype) { prototypes_[static_cast<size_t>(value_class)] = prototype; }

  /// Runs one full cycle and waits for it. From an attached thread pass its context (it counts as stopped meanwhile).
  void collect(Context& ctx);
  /// Asks for a cycle soon; returns at once.
  void request_collection();
  SpaceStatistics statistics() const;
  void set_limits(size_t soft_limit_bytes, size_t hard_limit_bytes);

  // ---- for the folders above ----
  heap::Heap& heap() const { return *heap_; }
  SpaceExtension* extension(SpaceSlot slot) const { return extensions_[static_cast<size_t>(slot)].get(); }
  void set_extension(SpaceSlot slot, std::unique_ptr<SpaceExtension> extension);
  /// Changes when a prototype changes its shape: what attribute caches of all threads are checked against.
  std::atomic<uint64_t>& lookup_epoch() { return lookup_epoch_; }

 private:
  friend class heap::Heap;
  std::array<Value, kValueClasses> prototypes_{};
  std::atomic<uint64_t> lookup_epoch_{1};
  std::array<std::unique_ptr<SpaceExtension>, static_cast<size_t>(SpaceSlot::kCount)> extensions_;
  std::unique_ptr<heap::Heap> heap_;
};

/// Fills a new space: prototypes, built-in methods. Defined in runtime/kinds.cc, called by Space's constructor.
void populate_space(Space& space);

}  // namespace proto
