// References that do not keep their target alive.
#pragma once

#include "runtime/heap/context.h"

namespace proto {

namespace heap {
/// For weak tables, in SpaceExtension::sweep() and in look-ups while a cycle sweeps: false when the finished marking found
/// the cell dead. Cells of the process-wide intern table are live as long as this space holds them.
bool is_live(const Space& space, const Cell* cell);
/// What a look-up in a weak table calls for the cell that it found before it gives it away: true when it may be used (it is
/// then marked if a cycle marks), false when it is dead already. Under the lock that the table's sweep() takes: else the cell
/// could be swept, and the cycle end, between the finding and the asking.
bool revive(Context& ctx, Cell* cell);
/// Spares a cell that a weak table names from being freed by a frame: it belongs to the collector alone from now on.
inline void leave_to_collector(Context& ctx, Value value) {
  if (value.is_cell()) ctx.thread().note_escape(value);
}
/// Gives a new space its table of weak references and finalizers (SpaceSlot::kWeak). In the space's constructor.
void begin_weak(Space& space);
}  // namespace heap

/// A value that leads to another for as long as that one is alive: get() gives none afterwards. Immediates never die.
class WeakReference {
 public:
  /// A value of kind kWeakReference. Any thread, as all here.
  static Value make(Context& ctx, Value target);
  /// The target, or none if it is dead or `reference` is no weak reference.
  static Value get(Context& ctx, Value reference);
};

/// Calls `function(data)` once, some time after `target` died, on the collector's thread; when the space ends at the latest,
/// which is when an immediate dies. It must not use the space nor wait for one of its threads. Several for one target are
/// called in no particular order. Any thread; O(1).
void add_finalizer(Context& ctx, Value target, void (*function)(void*), void* data);

}  // namespace proto
