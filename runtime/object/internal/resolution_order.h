// The order in which several prototypes are asked: C3 (Barrett et al., 1996), as in Python and Dylan.
//
// The order of an object O with prototypes P1..Pn is O, then the merge of the orders of P1..Pn and of the list P1..Pn
// itself: always take the first head of a list that is in no other list's tail. So a prototype comes before its own
// prototypes, the order given by each object is kept, and one that is reached by several ways comes once, after all who
// inherit from it. Some lists cannot be merged: an error that names the objects.
//
// Prototypes are objects that may change, so the order is computed from what they are now, kept with the root shape,
// and computed again when the prototypes of any object changed that look-ups passed through.
#pragma once

#include <span>

#include "runtime/object/internal/shape.h"

namespace proto::objects {

/// The order behind an object with several prototypes (without the object). Immutable.
struct OrderCell : Cell {
  // kind kValueArray; header payload: number of prototypes
  uint64_t epoch;  // ObjectSpace::parents_epoch when it was computed, as a small integer's word
  Value items[1];  // really size()

  size_t size() const { return payload(); }
};

/// Only for roots with at least two prototypes. Null and an error when there is no order. `locked`: the caller holds
/// the ParentsLock.
const OrderCell* resolution_order(Context& ctx, RootShape* root, bool locked = false);

/// The prototypes of a value (directly): of an object its own, of another value that of its class. Marks mutable
/// objects as looked through (lookup.h). The span lies in a shape, or in `single`.
std::span<const Value> parents_of(Context& ctx, Value value, Value& single);

/// True if `object` is among `prototypes` or what they inherit from. O(all of these). With the ParentsLock held.
bool leads_to(Context& ctx, std::span<const Value> prototypes, Value object);

/// The state of an object, read after kResolved was set in it.
inline Cell* resolved_state(Value object) {
  Cell* cell = object.as_cell();
  if (cell->kind() != CellKind::kMutableObject) return cell;
  auto& state = static_cast<MutableObjectCell*>(cell)->state;
  uint64_t word = state.load(std::memory_order_acquire);
  if ((word & MutableObjectCell::kResolved) == 0) {
    word = state.fetch_or(MutableObjectCell::kResolved, std::memory_order_acq_rel);
  }
  return state_cell(word);
}

/// How an object is called in messages: its own attribute "name" if that is a string, else its kind.
std::string name_of_prototype(Context& ctx, Value prototype);

}  // namespace proto::objects
