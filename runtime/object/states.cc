#include "runtime/object/internal/states.h"

#include <algorithm>

#include "runtime/heap/barrier.h"
#include "runtime/object/internal/lookup.h"
#include "runtime/object/internal/object_space.h"

namespace proto::objects {
namespace {

/// An object that loses another attribute than its last is built again, attribute by attribute, if it has few.
constexpr uint32_t kMaxRebuilt = 8;

// An object with this header, whose slots the caller fills before its next allocation.
inline Cell* allocate_object(Context& ctx, uint64_t header) {
  const KeepAlive shape(shape_of(header));  // a header is no address that the collector knows
  return allocate_raw<Cell>(ctx, CellKind::kObject, object_bytes(slots_of(header)), header >> 8);
}

inline void copy_slots(const Cell* from, Cell* to, uint32_t count) {
  const Value* source = static_cast<const ObjectCell*>(from)->slots;
  Value* target = static_cast<ObjectCell*>(to)->slots;
  for (uint32_t i = 0; i < count; ++i) target[i] = source[i];
}

uint64_t header_of_shape(const Shape* shape) { return object_header(CellKind::kObject, shape, shape->count); }

// Null if there is no table: an error, which ctx has.
Cell* make_dictionary(Context& ctx, RootShape* root, Value table) {
  if (table.is_none()) return nullptr;
  Shape* shape = dictionary_shape(ctx, root);
  const KeepAlive kept(shape);
  auto* cell = allocate<DictionaryObjectCell>(ctx, CellKind::kDictionaryObject);
  cell->header.store(object_header(CellKind::kDictionaryObject, shape, 0), std::memory_order_relaxed);
  cell->table = table;
  return cell;
}

RootShape* root_of(const Cell* state) { return shape_of(state->header_word())->root; }

Value table_of(const Cell* state) { return static_cast<const DictionaryObjectCell*>(state)->table; }

// The attributes of an object with slots as a dictionary, with one more.
Cell* turn_to_dictionary(Context& ctx, Cell* state, Value name, Value value) {
  Attribute attributes[kMaxSlots + 1];
  size_t count = 0;
  visit_attributes(state, [&](Value known, Value its) { attributes[count++] = {known, its}; });
  attributes[count++] = {name, value};
  return make_dictionary(ctx, root_of(state), make_table(ctx, {attributes, count}));
}

inline Cell* with_slot(Context& ctx, Cell* state, uint64_t header, uint32_t index, Value value, Change& change) {
  change = slot(state, index) == value ? Change::kNothing : Change::kValue;
  if (change == Change::kNothing) return state;
  Cell* made = allocate_object(ctx, header);
  copy_slots(state, made, slots_of(header));
  slot(made, index) = value;
  return made;
}

inline Cell* with_new_slot(Context& ctx, Cell* state, uint64_t header, const Shape* child, Value value,
                           Change& change) {
  change = Change::kNames;
  const uint32_t count = slots_of(header);
  Cell* made = allocate_object(ctx, object_header(CellKind::kObject, child, count + 1));
  copy_slots(state, made, count);
  slot(made, count) = value;
  return made;
}

Cell* table_object_with(Context& ctx, Cell* state, Value name, Value value, Change& change) {
  Value old;
  const bool present = find_in_table(ctx, table_of(state), name, old);
  if (present && old == value) {
    change = Change::kNothing;
    return state;
  }
  change = present ? Change::kValue : Change::kNames;
  return make_dictionary(ctx, root_of(state), table_with(ctx, table_of(state), name, value));
}

constexpr uint32_t slot_at(uint64_t where) { return static_cast<uint32_t>((where >> 8) / sizeof(Value)) - 1; }

// The slot of an attribute through this thread's cache; -1 if there is none.
int32_t own_slot(Context& ctx, Cell* state, Value name) {
  const uint64_t header = state->header_word();
  AttributeCache& cache = attribute_cache(ctx);
  CacheEntry& entry = cache.entry(cache.index_of(header, name.word()));
  if (entry.shape == header && entry.name == name.word()) {
    return entry.place() == Place::kOwn ? static_cast<int32_t>(slot_at(entry.where)) : -1;
  }
  const int32_t index = find_slot(ctx, shape_of(header), name);
  if (index >= 0) entry = {header, name.word(), where_own(static_cast<uint32_t>(index)), 0};
  return index;
}

// What the thread's caches do not know.
[[gnu::noinline]] Cell* with_attribute_slow(Context& ctx, Cell* state, Value name, Value value, Change& change) {
  const uint64_t header = state->header_word();
  if (is_kind(header, CellKind::kDictionaryObject)) return table_object_with(ctx, state, name, value, change);
  const int32_t index = own_slot(ctx, state, name);
  if (index >= 0) return with_slot(ctx, state, header, static_cast<uint32_t>(index), value, change);
  if (Shape* child = child_shape(ctx, shape_of(header), name); child != nullptr) {
    return with_new_slot(ctx, state, header, child, value, change);
  }
  change = Change::kNames;
  return turn_to_dictionary(ctx, state, name, value);
}

void move_epochs(Context& ctx, Change change) {
  if (change == Change::kParents) ObjectSpace::of(ctx).parents_epoch().fetch_add(1, std::memory_order_acq_rel);
  ctx.space().lookup_epoch().fetch_add(1, std::memory_order_acq_rel);
}

}  // namespace

Cell* with_attribute(Context& ctx, Cell* state, Value name, Value value, Change& change) {
  const uint64_t header = state->header_word();
  AttributeCache& cache = attribute_cache(ctx);
  const CacheEntry& entry = cache.entry(cache.index_of(header, name.word()));
  if (entry.shape == header && entry.name == name.word() && entry.place() == Place::kOwn) {
    return with_slot(ctx, state, header, slot_at(entry.where), value, change);
  }
  const uint64_t shape = header >> 16;
  const AttributeCache::Transition& known = cache.transition(shape, name.word());
  if (known.shape == shape && known.name == name.word()) {
    return with_new_slot(ctx, state, header, known.child, value, change);
  }
  return with_attribute_slow(ctx, state, name, value, change);
}

Cell* without_attribute(Context& ctx, Cell* state, Value name) {
  if (state->kind() == CellKind::kDictionaryObject) {
    Value old;
    if (!find_in_table(ctx, table_of(state), name, old)) return nullptr;
    return make_dictionary(ctx, root_of(state), table_without(ctx, table_of(state), name));
  }
  const int32_t index = own_slot(ctx, state, name);
  if (index < 0) return nullptr;
  const Shape* shape = shape_of(state->header_word());
  if (static_cast<uint32_t>(index) + 1 == shape->count) {
    Cell* made = allocate_object(ctx, header_of_shape(shape->parent));
    copy_slots(state, made, shape->parent->count);
    return made;
  }
  Attribute attributes[kMaxSlots];
  size_t count = 0;
  visit_attributes(state, [&](Value known, Value value) {
    if (known != name) attributes[count++] = {known, value};
  });
  if (count > kMaxRebuilt) return make_dictionary(ctx, root_of(state), make_table(ctx, {attributes, count}));
  return make_state(ctx, root_of(state), {attributes, count});
}

Cell* make_state(Context& ctx, RootShape* root, std::span<Attribute> attributes) {
  Shape* shape = root;
  for (const Attribute& attribute : attributes) {
    shape = child_shape(ctx, shape, attribute.name);
    if (shape == nullptr) return make_dictionary(ctx, root, make_table(ctx, attributes));
  }
  if (attributes.empty()) return root->empty.as_cell();
  Cell* made = allocate_object(ctx, header_of_shape(shape));
  for (uint32_t i = 0; i < attributes.size(); ++i) slot(made, i) = attributes[i].value;
  return made;
}

Cell* with_root(Context& ctx, Cell* state, RootShape* root) {
  if (state->kind() == CellKind::kDictionaryObject) return make_dictionary(ctx, root, table_of(state));
  Attribute attributes[kMaxSlots];
  size_t count = 0;
  visit_attributes(state, [&](Value name, Value value) { attributes[count++] = {name, value}; });
  return make_state(ctx, root, {attributes, count});
}

uint32_t attribute_count(const Cell* state) {
  if (state->kind() == CellKind::kDictionaryObject) return static_cast<uint32_t>(table_size(table_of(state)));
  return slots_of(state->header_word());
}

bool swap_state(Context& ctx, MutableObjectCell* object, uint64_t& word, Cell* next, Change change) {
  const uint64_t resolved = word & MutableObjectCell::kResolved;
  // Noted before the exchange: the old state is still reachable, so noting it is never wrong.
  note_overwritten(ctx, Value::cell(state_cell(word)));
  if (!object->state.compare_exchange_strong(word, state_word(next) | resolved, std::memory_order_acq_rel,
                                             std::memory_order_acquire)) {
    return false;
  }
  note_escape(ctx, Value::cell(next));
  if (resolved != 0 && change >= Change::kNames) move_epochs(ctx, change);
  return true;
}

Value make_mutable(Context& ctx, Cell* state) {
  auto* object = allocate_raw<MutableObjectCell>(ctx, CellKind::kMutableObject);
  object->state.store(state_word(state), std::memory_order_relaxed);
  return Value::cell(object);
}

void trace_object(const Cell* cell, Tracer& tracer) {
  const uint64_t header = cell->header_word();
  tracer.visit(shape_of(header));
  tracer.visit({static_cast<const ObjectCell*>(cell)->slots, slots_of(header)});
}

void trace_dictionary_object(const Cell* cell, Tracer& tracer) {
  tracer.visit(shape_of(cell->header_word()));
  tracer.visit(table_of(cell));
}

void trace_mutable_object(const Cell* cell, Tracer& tracer) { tracer.visit(load_state(cell)); }

}  // namespace proto::objects
