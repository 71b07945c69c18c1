// References that do not keep their target alive.
#pragma once

#include "runtime/heap/context.h"

namespace proto {

namespace heap {
/// For weak tables, in SpaceExtension::sweep() and in look-ups while a cycle sweeps: false when the finished marking found
/// the cell dead. Cells of the process-wide intern table are live as long as this space holds them.
bool is_live(const Space& space, const Cell* cell);
/// What a look-up in a weak table calls for the cell that it found before it gives it away: true when it may be used (it is
/// then marked if a cycle marks), false when it is dead already.
bool revive(Context& ctx, Cell* cell);
/// Spares a cell that a weak table names from being freed by a frame: it belongs to the collector alone from now on.
inline void leave_to_collector(Context& ctx, Value value) {
  if (value.is_cell()) ctx.thread().heap().escapes.push_back(value.word());
}
}  // namespace heap

/// A value that leads to another for as long as that one is alive: get() gives none afterwards. Immediates never die.
class WeakReference {
 public:
  /// A value of kind kWeakReference. Any thread, as all here.
  static Value make(Context& ctx, Value target);
  /// The target, or none if it is dead or `reference` is no weak reference.
  static Value get(Context& ctx, Value reference);
};

/// Calls `function(data)` once, some time after `target` (a cell) died, on the collector's thread; at the latest when the
/// space ends. It must not use the space.
void add_finalizer(Context& ctx, Value target, void (*function)(void*), void* data);

}  // namespace proto
