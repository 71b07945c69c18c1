// Finds what is reachable. The collector's thread only.
#pragma once

#include <span>
#include <vector>

#include "runtime/heap/heap.h"

namespace proto::heap {

/// A stack of cells that are marked and not yet looked into. Cells on their way out pass through a short queue in which
/// their memory is fetched, so that the marker does not wait for each.
class Marker final : public Tracer {
 public:
  explicit Marker(Heap& heap) : heap_(heap), cycle_(heap.cycle()), shared_bit_(heap.shared_bit()) {}

  /// Marks a cell that is known to be one. Cells born in this cycle and other spaces' cells are passed by.
  void mark(const Cell* cell) { visit_cell(cell); }
  /// Marks the cell that the word points to or into, if there is one.
  void mark_conservatively(uint64_t word);
  /// Looks into everything that was marked, and what that leads to. Proportional to the live heap.
  void drain();
  bool empty() const { return stack_.empty(); }
  uint64_t marked_count() const { return marked_; }

 protected:
  void visit_cell(const Cell* cell) override;

 private:
  void trace(const Cell* cell);
  void trace_values(const Cell* cell);

  Heap& heap_;
  const uint64_t cycle_;
  const uint64_t shared_bit_;
  uint64_t marked_ = 0;
  std::vector<const Cell*> stack_;
};

}  // namespace proto::heap
