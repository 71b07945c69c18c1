// What the collector needs of the process-wide heap of interned cells (intern_table.h).
#pragma once

#include <cstdint>

#include "runtime/value/cell.h"

namespace proto::heap {

/// Sets the mark of the space with this bit in a cell of the process-wide heap that the space holds; false if it was set.
/// The space's collector thread only.
bool mark_shared(const Cell* cell, uint64_t space_bit);
/// The cell of the process-wide heap that `address` points to or into if the space holds it; else null. Never touches memory
/// that another space may give back meanwhile (takes the lock that guards the chunks).
Cell* shared_cell_at(uintptr_t address, uint64_t space_bit);
/// After marking: true if the space reached the cell or took it since its cycle began.
bool shared_is_live(const Cell* cell, uint64_t space_bit);

}  // namespace proto::heap
