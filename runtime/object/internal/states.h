// Making immutable objects from others, and putting them into mutable ones.
#pragma once

#include "runtime/object/internal/attribute_table.h"
#include "runtime/object/internal/cells.h"
#include "runtime/object/internal/shape.h"

namespace proto::objects {

/// What a change of a state means for those who look through it.
enum class Change : uint8_t { kNothing, kValue, kNames, kParents };

// Functions that make a state give null when a dictionary cannot be made (an error: the memory limit).

/// An object with the attribute set. `state` itself and kNothing if it has this very value already.
Cell* with_attribute(Context& ctx, Cell* state, Value name, Value value, Change& change);
/// An object without the attribute; null if it has none. O(attributes).
Cell* without_attribute(Context& ctx, Cell* state, Value name);
/// The same attributes over other prototypes. O(attributes).
Cell* with_root(Context& ctx, Cell* state, RootShape* root);
/// An object of these attributes, whose names differ. They must be reachable. O(attributes).
Cell* make_state(Context& ctx, RootShape* root, std::span<Attribute> attributes);

uint32_t attribute_count(const Cell* state);

/// Calls visitor(name, value) for each attribute: in the order in which they were added; in none that means anything if
/// the object is a dictionary. The visitor may allocate.
template <class Visitor>
void visit_attributes(const Cell* state, Visitor&& visitor) {
  const KeepAlive kept(state);
  if (state->kind() == CellKind::kDictionaryObject) {
    return visit_table(static_cast<const DictionaryObjectCell*>(state)->table, visitor);
  }
  Value names[kMaxSlots];
  const Shape* shape = shape_of(state->header_word());
  copy_names(shape, names);
  for (uint32_t i = 0; i < shape->count; ++i) visitor(names[i], slot(state, i));
}

/// Puts `next` in the place of the state that `word` (a state word) names. False: another thread was first; `word` is
/// what is there now. Moves the epochs as lookup.h says.
bool swap_state(Context& ctx, MutableObjectCell* object, uint64_t& word, Cell* next, Change change);

/// A new mutable object.
Value make_mutable(Context& ctx, Cell* state);

void trace_object(const Cell* cell, Tracer& tracer);
void trace_dictionary_object(const Cell* cell, Tracer& tracer);
void trace_mutable_object(const Cell* cell, Tracer& tracer);

}  // namespace proto::objects
