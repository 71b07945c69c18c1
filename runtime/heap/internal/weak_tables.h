// What a space's sweep asks about dead cells: weak references and finalizers.
#pragma once

#include <atomic>
#include <cstdint>

#include "runtime/heap/context.h"
#include "runtime/heap/internal/swept_list.h"

namespace proto::heap {

struct WeakReferenceCell : Cell {
  std::atomic<uint64_t> target;  // a Value's word; none when it is dead. Cleared by the sweep, under the list's lock
};

/// What is called when a cell died.
struct Finalizer {
  const Cell* target;  // null: lives as long as the space
  void (*function)(void*);  // may be null
  void* data;
  size_t accounted_bytes;  // external bytes that end with it
};

class WeakTables final : public SpaceExtension {
 public:
  explicit WeakTables(Space& space) : space_(space) {}
  ~WeakTables() override;
  static WeakTables& of(Context& ctx) {
    return *static_cast<WeakTables*>(ctx.space().extension(SpaceSlot::kWeak));
  }

  /// The reference and its target must belong to the collector (leave_to_collector), as the finalizer's target.
  void add(WeakReferenceCell* reference) { references_.add(reference); }
  void add(const Finalizer& finalizer) { finalizers_.add(finalizer); }
  /// The target of a reference while a cycle sweeps: none if the marking found it dead.
  Value target_while_sweeping(const WeakReferenceCell* reference);

  void trace(Tracer&) override {}
  void sweep() override;

 private:
  void run(const Finalizer& finalizer);

  Space& space_;
  SweptList<WeakReferenceCell*> references_;
  SweptList<Finalizer> finalizers_;
};

}  // namespace proto::heap
