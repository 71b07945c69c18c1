#include "runtime/heap/internal/interning.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <mutex>

#include "runtime/heap/internal/byte_hash.h"
#include "runtime/heap/internal/shared_memory.h"
#include "runtime/heap/internal/interned_key.h"
#include "runtime/heap/shared_heap.h"

namespace proto::heap {
namespace {

/// The bit of all spaces beyond the 63rd: what they hold is let go of when none of them is left.
constexpr uint64_t kOverflowBit = uint64_t{1} << 63;
/// Cells that a sweep looks at under one lock.
constexpr size_t kSlice = 512;

// The sense of each space (shared_heap.h), written while its world stands still.
std::atomic<uint64_t> senses{0};

// Bits for spaces.
struct Bits {
  std::mutex mutex;
  uint64_t free = kOverflowBit - 1;    // guarded by mutex
  uint64_t overflow_spaces = 0;        // guarded by mutex
  Holder overflow{kOverflowBit};
};

Bits& bits() {
  static Bits* const all = new Bits;
  return *all;
}

Holder* new_holder() {
  Bits& all = bits();
  const std::lock_guard lock(all.mutex);
  if (all.free == 0) {
    ++all.overflow_spaces;
    return &all.overflow;
  }
  const uint64_t bit = all.free & (~all.free + 1);
  all.free ^= bit;
  return new Holder(bit);
}

void end_holder(Holder* holder, bool poison) {
  const auto nothing = [](const InternedCell*) { return false; };
  Bits& all = bits();
  if (holder->bit() != kOverflowBit) {
    holder->sweep(nothing, poison);
    const std::lock_guard lock(all.mutex);
    all.free |= holder->bit();
    delete holder;
    return;
  }
  const std::lock_guard lock(all.mutex);  // until the end: a space that begins now must find it empty
  if (--all.overflow_spaces == 0) holder->sweep(nothing, poison);
}

void set_sense(uint64_t bit, bool odd) {
  if (odd) {
    senses.fetch_or(bit, std::memory_order_relaxed);
  } else {
    senses.fetch_and(~bit, std::memory_order_relaxed);
  }
}

bool is_marked(const InternedCell* cell, uint64_t bit, uint64_t sense) {
  return ((cell->marked_by.load(std::memory_order_relaxed) ^ sense) & bit) == 0;
}

// Not by a difference: the marker and a look-up may both do it.
void mark(InternedCell* cell, uint64_t bit, uint64_t sense) {
  if ((sense & bit) != 0) {
    cell->marked_by.fetch_or(bit, std::memory_order_relaxed);
  } else {
    cell->marked_by.fetch_and(~bit, std::memory_order_relaxed);
  }
}

void poison_cells(std::span<Cell* const> cells) {
  constexpr size_t kPrefix = sizeof(InternedCell) + 8;
  for (Cell* cell : cells) {
    std::memset(reinterpret_cast<char*>(cell) + kPrefix, 0xDB, interned_bytes(static_cast<InternedCell*>(cell)) - kPrefix);
  }
}

}  // namespace

std::array<Shard, kShards>& shards() {
  static auto* const all = new std::array<Shard, kShards>;  // never ends: threads may outlive static objects
  return *all;
}

size_t interned_bytes(const InternedCell* cell) {
  if (cell->kind() == CellKind::kFlatString) return flat_string_bytes(static_cast<const FlatString*>(cell)->size());
  return tuple_bytes(static_cast<const TupleCell*>(cell)->size());
}

// ---- Holder -------------------------------------------------------------------------------------------------------------

struct Holder::Sweep {
  std::vector<Cell*> freed;
  uint64_t released_bytes = 0;
};

bool Holder::hold(size_t shard, InternedCell* cell) {
  const uint64_t held_by = cell->held_by.load(std::memory_order_relaxed);
  if ((held_by & bit_) != 0) return false;
  cell->held_by.store(held_by | bit_, std::memory_order_relaxed);
  std::vector<InternedCell*>& held = held_[shard];
  if (held.size() == held.capacity()) held.reserve(std::max<size_t>(16, 2 * held.size()));
  held.push_back(cell);
  return true;
}

void Holder::let_go(Shard& shard, InternedCell* cell, Sweep& sweep) {
  const size_t bytes = interned_bytes(cell);
  sweep.released_bytes += bytes;
  const uint64_t held_by = cell->held_by.load(std::memory_order_relaxed) & ~bit_;
  cell->held_by.store(held_by, std::memory_order_relaxed);
  if (held_by != 0) return;
  shard.table.erase(InternedKey::hash_of(cell), cell);
  --(cell->kind() == CellKind::kFlatString ? shard.strings : shard.tuples);
  shard.cell_bytes -= bytes;
  sweep.freed.push_back(cell);
}

template <class Keep>
uint64_t Holder::sweep(Keep&& keep, bool poison) {
  Sweep sweep;
  for (size_t i = 0; i < kShards; ++i) {
    Shard& shard = shards()[i];
    std::vector<InternedCell*>& held = held_[i];
    size_t read = 0, kept = 0;
    for (bool done = false; !done;) {
      {
        const std::lock_guard lock(shard.mutex);
        // What is taken meanwhile goes to the end, and is looked at in its turn.
        for (const size_t end = std::min(read + kSlice, held.size()); read < end; ++read) {
          InternedCell* cell = held[read];
          if (keep(cell)) {
            held[kept++] = cell;
          } else {
            let_go(shard, cell, sweep);
          }
        }
        done = read == held.size();
        if (done) {
          held.resize(kept);
          if (held.capacity() > 4 * kept + 16) held.shrink_to_fit();
          shard.table.shrink();
        }
      }
      if (poison) poison_cells(sweep.freed);
      shared_memory().give_back(sweep.freed);
      sweep.freed.clear();
    }
  }
  shared_memory().trim();
  return sweep.released_bytes;
}

// ---- SpaceInterning -------------------------------------------------------------------------------------------------------

SpaceInterning::SpaceInterning(Space& space) : heap_(space.heap()), holder_(new_holder()) {
  heap_.set_shared_bit(holder_->bit());
  if (holder_->bit() != kOverflowBit) set_sense(holder_->bit(), (heap_.cycle() & 1) != 0);
}

SpaceInterning::~SpaceInterning() { end_holder(holder_, heap_.options().poison); }

bool SpaceInterning::take(size_t shard, InternedCell* cell) {
  const uint64_t bit = holder_->bit();
  // The cycle's number changes only while this thread is stopped.
  const uint64_t sense = (heap_.cycle() & 1) != 0 ? bit : 0;
  // Nobody else looks at the marks of a cell that nobody holds: a store is enough, and much cheaper.
  if (cell->held_by.load(std::memory_order_relaxed) == 0) cell->marked_by.store(sense, std::memory_order_relaxed);
  const bool is_new = holder_->hold(shard, cell);
  if (bit != kOverflowBit && !is_marked(cell, bit, sense)) mark(cell, bit, sense);
  return is_new;
}

// The world stands still; the number of the cycle that begins is set.
void SpaceInterning::trace(Tracer&) {
  if (holder_->bit() != kOverflowBit) set_sense(holder_->bit(), (heap_.cycle() & 1) != 0);
}

// Own tuples first: what is dead among them may still be compared, and names shared cells.
void SpaceInterning::sweep() {
  tuples_.sweep(heap_.space());
  const uint64_t bit = holder_->bit();
  if (bit == kOverflowBit) return;
  const uint64_t sense = senses.load(std::memory_order_relaxed);
  const uint64_t released = holder_->sweep([&](const InternedCell* cell) { return is_marked(cell, bit, sense); },
                                           heap_.options().poison);
  heap_.account_external(-static_cast<int64_t>(released));
}

// ---- for the collector ----------------------------------------------------------------------------------------------------

void begin_interning(Space& space) { space.set_extension(SpaceSlot::kIntern, std::make_unique<SpaceInterning>(space)); }

bool mark_shared(const Cell* cell, uint64_t space_bit) {
  if (space_bit == kOverflowBit) return false;
  auto* interned = static_cast<InternedCell*>(const_cast<Cell*>(cell));
  const uint64_t sense = senses.load(std::memory_order_relaxed);
  if (is_marked(interned, space_bit, sense)) return false;
  mark(interned, space_bit, sense);
  return true;
}

Cell* shared_cell_at(uintptr_t address, uint64_t space_bit) {
  return shared_memory().held_cell_at(address, space_bit);
}

bool shared_is_live(const Cell* cell, uint64_t space_bit) {
  return space_bit == kOverflowBit ||
         is_marked(static_cast<const InternedCell*>(cell), space_bit, senses.load(std::memory_order_relaxed));
}

}  // namespace proto::heap
