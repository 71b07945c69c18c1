// The process-wide table of interned cells, and what a space keeps of it.
//
// Races, and why each is harmless
// -------------------------------
// A shard's lock guards its table, the held_by of every cell in it, and each holder's list of the shard's cells.
//
//   A look-up and another space's letting go.   Both happen under the shard's lock. The look-up comes first: its bit stands in
//       held_by, so the other is not the last. Or it comes second: the cell is out of the table, and a new one is made.
//   A look-up beside its own space's marking.   The look-up sets the mark of the space (the same as the marker would; both are
//       single atomic operations towards the same value). A tuple so marked is not looked into by the marker, which is right:
//       who looks a tuple up has its elements in hand, so they were alive when the marking began, or were themselves looked
//       up since, and are marked by that.
//   A look-up between marking and sweep.   The cell is unmarked, so it was to be let go. The look-up marks it, and the sweep,
//       which reads the mark under the lock, keeps it. If the sweep came first, the space takes the cell anew.
//   Marks from before.   There are none: a mark is the parity of the cycle that made it (shared_heap.h). All that a sweep
//       keeps has the parity of its cycle, and so has everything that is taken until the next cycle begins.
//   A stray word on a stack.   The collector asks for the cell at an address under the lock of the chunks, and is told only of
//       cells that its space holds. Such a cell stays: only this space's sweep lets go of it, on this very thread.
//   Marking reads a cell.   It belongs to the space: what marks it found it in a cell of the space, or in a shared tuple that
//       the space holds; and a space that holds a tuple holds its elements: it had them in hand when it took the tuple, and a
//       sweep that keeps the tuple found it marked, so the elements are marked by the second rule.
//   Bits that are used again.   A space's bit is free after the space let go of every cell, so no held_by has it any more;
//       its traces in marked_by mean nothing until a cell is held, which sets them.
//
// Lock order: a shard's lock, then those of SharedMemory. No safepoint is reached with any of them held.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "runtime/heap/heap.h"
#include "runtime/heap/intern_table.h"
#include "runtime/heap/internal/cell_table.h"
#include "runtime/heap/internal/interned_key.h"
#include "runtime/heap/internal/local_tuples.h"
#include "runtime/heap/internal/spin_lock.h"

namespace proto::heap {

inline constexpr size_t kShards = 64;
constexpr size_t shard_of(uint64_t hash) { return hash >> 58; }

/// One lock's part of the table.
struct alignas(64) Shard {
  SpinLock mutex;
  CellTable<InternedKey> table;
  uint64_t strings = 0;
  uint64_t tuples = 0;
  uint64_t cell_bytes = 0;
};

/// The shards of this process; they live as long as it.
std::array<Shard, kShards>& shards();

/// Bytes that an interned cell of the process-wide heap takes.
size_t interned_bytes(const InternedCell* cell);

/// The cells that the owner of one bit holds. Each list is guarded by its shard's lock.
class Holder {
 public:
  explicit Holder(uint64_t bit) : bit_(bit) {}

  uint64_t bit() const { return bit_; }
  /// With the shard's lock held. True if the cell was not held before.
  bool hold(size_t shard, InternedCell* cell);
  /// Lets go of the cells for which keep(cell) is false, some hundreds at a time under their shard's lock. Returns the bytes of
  /// what it let go of. `poison`: fills what it frees with a pattern. One thread at a time.
  template <class Keep>
  uint64_t sweep(Keep&& keep, bool poison);

 private:
  struct Sweep;
  void let_go(Shard& shard, InternedCell* cell, Sweep& sweep);

  const uint64_t bit_;
  std::array<std::vector<InternedCell*>, kShards> held_;
};

/// A space's part: its holder and the tuples of its own heap.
class SpaceInterning final : public SpaceExtension {
 public:
  explicit SpaceInterning(Space& space);
  ~SpaceInterning() override;

  static SpaceInterning& of(Context& ctx) {
    return *static_cast<SpaceInterning*>(ctx.space().extension(SpaceSlot::kIntern));
  }
  /// Takes and marks a cell for this space, with its shard's lock held. True if the space did not hold it before.
  bool take(size_t shard, InternedCell* cell);
  LocalTuples& tuples() { return tuples_; }

  void trace(Tracer& tracer) override;
  void sweep() override;

 private:
  Heap& heap_;
  Holder* const holder_;
  LocalTuples tuples_;
};

}  // namespace proto::heap
