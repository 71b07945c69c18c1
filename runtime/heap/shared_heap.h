// What the collector needs of the process-wide heap of interned cells (intern_table.h).
//
// A cell of that heap is marked for a space when the space's bit in its marked_by equals the space's *sense*, which is the
// parity of the space's cycle. So the start of a cycle turns every cell that the space holds unmarked without touching one,
// and what the space takes or looks up is marked by the same rule at any time: marked for the cycle under way, or as the last
// one left everything that it kept. No mark is ever stale.
#pragma once

#include <cstdint>

#include "runtime/value/cell.h"

namespace proto {
class Space;
}

namespace proto::heap {

/// Gives a new space its bit and its tables (SpaceSlot::kIntern). In the space's constructor.
void begin_interning(Space& space);

/// Marks a cell that the space with this bit holds; false if it was marked, or if nothing need be looked into. The space's
/// collector thread only.
bool mark_shared(const Cell* cell, uint64_t space_bit);
/// The cell of the process-wide heap that `address` points to or into if the space holds it; else null. Never touches memory
/// that another space may give back meanwhile (takes the lock that guards the chunks). O(1).
Cell* shared_cell_at(uintptr_t address, uint64_t space_bit);
/// After marking, until the space's interned cells were swept: true if the space reached the cell or took it since its cycle
/// began. The cell must be one that the space held when the cycle began.
bool shared_is_live(const Cell* cell, uint64_t space_bit);

}  // namespace proto::heap
