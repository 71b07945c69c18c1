#include "runtime/heap/weak.h"

#include <vector>

#include "runtime/heap/barrier.h"
#include "runtime/heap/heap.h"
#include "runtime/heap/internal/weak_tables.h"

namespace proto {
namespace heap {

// ---- the tables -----------------------------------------------------------------------------------------------------------

WeakTables::~WeakTables() {
  std::vector<Finalizer> all;
  finalizers_.sweep([&](const Finalizer& finalizer) {
    all.push_back(finalizer);
    return false;
  });
  for (const Finalizer& finalizer : all) run(finalizer);
}

void WeakTables::run(const Finalizer& finalizer) {
  if (finalizer.function != nullptr) finalizer.function(finalizer.data);
  space_.heap().account_external(-static_cast<int64_t>(finalizer.accounted_bytes));
}

void WeakTables::sweep() {
  references_.sweep([&](WeakReferenceCell* reference) {
    if (!is_live(space_, reference)) return false;
    const Value target = load_value(reference->target);
    if (target.is_cell() && is_live(space_, target.as_cell())) return true;
    reference->target.store(Value().word(), std::memory_order_release);
    return false;
  });
  std::vector<Finalizer> due;
  finalizers_.sweep([&](const Finalizer& finalizer) {
    if (finalizer.target == nullptr || is_live(space_, finalizer.target)) return true;
    due.push_back(finalizer);
    return false;
  });
  // Without the lock: what is called may take its time, and may add finalizers to other spaces.
  for (const Finalizer& finalizer : due) run(finalizer);
}

Value WeakTables::target_while_sweeping(const WeakReferenceCell* reference) {
  // Cells are freed only after the whole list was swept; so under the lock a target that is not cleared can be asked about.
  const std::lock_guard lock(references_.mutex());
  const Value target = load_value(reference->target);
  return target.is_cell() && !is_live(space_, target.as_cell()) ? Value() : target;
}

void begin_weak(Space& space) { space.set_extension(SpaceSlot::kWeak, std::make_unique<WeakTables>(space)); }

}  // namespace heap

// ---- weak references --------------------------------------------------------------------------------------------------------

Value WeakReference::make(Context& ctx, Value target) {
  if (!ctx.enter()) return {};
  auto* reference = allocate<heap::WeakReferenceCell>(ctx, CellKind::kWeakReference);
  reference->target.store(target.word(), std::memory_order_release);
  if (target.is_cell()) {
    heap::leave_to_collector(ctx, target);
    heap::leave_to_collector(ctx, Value::cell(reference));
    heap::WeakTables::of(ctx).add(reference);
  }
  return Value::cell(reference);
}

// A cycle's end comes to a running thread unawares, so the phase is read before the target: idle means that all targets
// stand that the last cycle left, until this thread comes to its next safepoint.
Value WeakReference::get(Context& ctx, Value reference) {
  if (!reference.is_cell_of(CellKind::kWeakReference)) return {};
  const auto* cell = static_cast<const heap::WeakReferenceCell*>(reference.as_cell());
  if (ctx.space().heap().phase() == heap::Phase::kSweeping) {
    return heap::WeakTables::of(ctx).target_while_sweeping(cell);
  }
  const Value target = load_value(cell->target);
  note_overwritten(ctx, target);
  return target;
}

void add_finalizer(Context& ctx, Value target, void (*function)(void*), void* data) {
  heap::leave_to_collector(ctx, target);
  heap::WeakTables::of(ctx).add({target.is_cell() ? target.as_cell() : nullptr, function, data, 0});
}

}  // namespace proto
