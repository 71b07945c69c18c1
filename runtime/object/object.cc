#include "runtime/object/object.h"

#include <algorithm>
#include <vector>

#include "runtime/heap/barrier.h"
#include "runtime/heap/intern_table.h"
#include "runtime/heap/root_list.h"
#include "runtime/object/internal/describe.h"
#include "runtime/object/internal/object_space.h"
#include "runtime/value/operations.h"

namespace proto {
namespace {

using objects::Change;
using objects::MutableObjectCell;

MutableObjectCell* mutable_cell(Value object) { return static_cast<MutableObjectCell*>(object.as_cell()); }

Value value_of(const Cell* state) { return state == nullptr ? Value() : Value::cell(state); }

bool fail_immutable(Context& ctx, Value receiver) {
  ctx.fail(Status(StatusCode::kType, objects::describe(receiver) + " cannot be changed: only mutable objects can")
               .with_hint("with() gives a new version of an immutable object"));
  return false;
}

Value fail_no_object(Context& ctx, Value receiver) {
  return ctx.fail(
      Status(StatusCode::kType, objects::describe(receiver) + " is not an object: it has no attributes of its own"));
}

// Replaces the state of a mutable object by what `make(state, change)` gives (null: nothing to do), until nobody comes
// between.
template <class Make>
bool update(Context& ctx, Value object, Make&& make) {
  MutableObjectCell* cell = mutable_cell(object);
  uint64_t word = cell->state.load(std::memory_order_acquire);
  while (true) {
    Change change = Change::kNothing;
    Cell* next = make(objects::state_cell(word), change);
    if (next == nullptr) return false;
    if (change == Change::kNothing) return true;
    if (objects::swap_state(ctx, cell, word, next, change)) return true;
  }
}

bool same(Context& ctx, Value a, Value b) {
  if (a == b) return true;
  const bool by_value = (a.is_number() && b.is_number()) || (a.is_string() && b.is_string());
  return by_value && equal(ctx, a, b);
}

objects::RootShape* root_of(Context& ctx, Value prototype) { return objects::root_shape(ctx, {&prototype, 1}); }

// The root shape of several prototypes, when they can be ordered. Null and an error otherwise.
objects::RootShape* ordered_root(Context& ctx, std::span<const Value> prototypes, bool locked) {
  for (size_t i = 0; i < prototypes.size(); ++i) {
    if (std::ranges::find(prototypes.first(i), prototypes[i]) == prototypes.begin() + static_cast<ptrdiff_t>(i))
      continue;
    ctx.fail(Status(StatusCode::kInvalidArgument,
                    objects::name_of_prototype(ctx, prototypes[i]) + " is given twice among the prototypes"));
    return nullptr;
  }
  objects::RootShape* root = objects::root_shape(ctx, prototypes);
  if (prototypes.size() > 1 && objects::resolution_order(ctx, root, locked) == nullptr) return nullptr;
  return root;
}

bool has_no_errors(std::span<const Value> names) {
  return std::ranges::none_of(names, [](Value name) { return name.is_none(); });
}

// Evaluates initializers into `attributes`; of a name given twice the last one counts. False after an error.
bool evaluate(Context& ctx, std::initializer_list<Initializer> from, objects::Attribute* attributes, size_t& count) {
  for (const Initializer& initializer : from) {
    const Value name = initializer.name.word(ctx);
    const Value value = initializer.value.value(ctx);
    if (ctx.failed() || !has_no_errors({&name, 1})) return false;
    auto* const end = attributes + count;
    auto* at = std::find_if(attributes, end, [&](const objects::Attribute& known) { return known.name == name; });
    *at = {name, value};
    if (at == end) ++count;
  }
  return true;
}

Cell* state_of_initializers(Context& ctx, Value prototype, std::initializer_list<Initializer> from) {
  objects::RootShape* root = root_of(ctx, prototype);
  if (from.size() <= objects::kMaxSlots) {
    objects::Attribute attributes[objects::kMaxSlots];
    size_t count = 0;
    return evaluate(ctx, from, attributes, count) ? objects::make_state(ctx, root, {attributes, count}) : nullptr;
  }
  Cell* state = root->empty.as_cell();
  for (const Initializer& initializer : from) {
    const Value name = initializer.name.word(ctx);
    const Value value = initializer.value.value(ctx);
    if (ctx.failed()) return nullptr;
    Change change;
    state = objects::with_attribute(ctx, state, name, value, change);
    if (state == nullptr) return nullptr;
  }
  return state;
}

// Applies `edit` to the list of an object's prototypes and sets that, as one change. `edit` gives false when there is
// nothing to do.
template <class Edit>
bool edit_prototypes(Context& ctx, Value object, Edit&& edit) {
  if (!ctx.enter()) return false;
  if (!object.is_mutable_object()) return fail_immutable(ctx, object);
  const objects::ParentsLock lock(ctx);
  const objects::RootShape* old = objects::shape_of(objects::state_of(object)->header_word())->root;
  std::vector<Value> changed(old->parents().begin(), old->parents().end());
  if (!edit(changed)) return false;
  RootList kept(ctx);
  for (const Value prototype : changed) kept.push_back(ctx, prototype);
  if (objects::leads_to(ctx, changed, object)) {
    ctx.fail(
        Status(StatusCode::kInvalidArgument, objects::name_of_prototype(ctx, object) + " would inherit from itself"));
    return false;
  }
  objects::RootShape* root = ordered_root(ctx, changed, true);
  if (root == nullptr) return false;
  return update(ctx, object, [&](Cell* state, Change& change) {
    change = Change::kParents;
    return objects::with_root(ctx, state, root);
  });
}

}  // namespace

// ---- Value's members
// ------------------------------------------------------------------------------------------------------

namespace objects {

Value with(Context& ctx, Value receiver, Value name, Value value) {
  if (name.is_none() || !ctx.enter()) return {};
  if (!receiver.is_object()) return fail_no_object(ctx, receiver);
  Change change;
  return value_of(with_attribute(ctx, state_of(receiver), name, value, change));
}

bool set(Context& ctx, Value receiver, Value name, Value value) {
  if (name.is_none() || !ctx.enter()) return false;
  if (!receiver.is_mutable_object()) return fail_immutable(ctx, receiver);
  return update(ctx, receiver,
                [&](Cell* state, Change& change) { return with_attribute(ctx, state, name, value, change); });
}

bool compare_and_set(Context& ctx, Value receiver, Value name, Value expected, Value desired) {
  if (name.is_none() || !ctx.enter()) return false;
  if (!receiver.is_mutable_object()) return fail_immutable(ctx, receiver);
  return update(ctx, receiver, [&](Cell* state, Change& change) -> Cell* {
    Value now;
    find_own(ctx, state, name, now);
    if (!same(ctx, now, expected)) return nullptr;
    return with_attribute(ctx, state, name, desired, change);
  });
}

Value new_child(Context& ctx, Value prototype) {
  if (!ctx.enter()) return {};
  const AttributeCache::Root& known = attribute_cache(ctx).root(prototype.word());
  if (known.shape != nullptr && known.prototype == prototype.word()) return known.shape->empty;
  return root_of(ctx, prototype)->empty;
}

Value new_mutable(Context& ctx, Value prototype) {
  const Value empty = new_child(ctx, prototype);
  return empty.is_none() ? empty : make_mutable(ctx, empty.as_cell());
}

}  // namespace objects

bool Value::has(Context& ctx, const Name& name, bool inherited) const {
  const Value word = name.word(ctx);
  if (word.is_none()) return false;
  if (inherited) return objects::find(ctx, *this, word).found();
  Value value;
  return is_object() && objects::find_own(ctx, objects::state_of(*this), word, value);
}

Value Value::without(Context& ctx, const Name& name) const {
  if (!ctx.enter()) return {};
  if (!is_object()) return fail_no_object(ctx, *this);
  const Value word = name.word(ctx);
  if (word.is_none()) return {};
  Cell* state = objects::state_of(*this);
  Cell* made = objects::without_attribute(ctx, state, word);
  if (ctx.failed()) return {};
  return cell(made == nullptr ? state : made);
}

bool Value::remove(Context& ctx, const Name& name) const {
  if (!ctx.enter()) return false;
  if (!is_mutable_object()) return fail_immutable(ctx, *this);
  const Value word = name.word(ctx);
  if (word.is_none()) return false;
  return update(ctx, *this, [&](Cell* state, Change& change) {
    change = Change::kNames;
    return objects::without_attribute(ctx, state, word);
  });
}

// ---- making
// ---------------------------------------------------------------------------------------------------------------

Value new_object(Context& ctx, Value prototype, std::initializer_list<Initializer> attributes) {
  if (!ctx.enter()) return {};
  return value_of(state_of_initializers(ctx, prototype, attributes));
}

Value new_mutable_object(Context& ctx, Value prototype, std::initializer_list<Initializer> attributes) {
  const Value state = new_object(ctx, prototype, attributes);
  return state.is_none() ? state : objects::make_mutable(ctx, state.as_cell());
}

Value new_child_of(Context& ctx, std::span<const Value> prototypes) {
  if (!ctx.enter()) return {};
  const objects::RootShape* root = ordered_root(ctx, prototypes, false);
  return root == nullptr ? Value() : root->empty;
}

Value new_mutable_of(Context& ctx, std::span<const Value> prototypes) {
  const Value empty = new_child_of(ctx, prototypes);
  return empty.is_none() ? empty : objects::make_mutable(ctx, empty.as_cell());
}

Value snapshot(Context& ctx, Value object) {
  if (!object.is_object()) return fail_no_object(ctx, object);
  return Value::cell(objects::state_of(object));
}

Value mutable_copy(Context& ctx, Value object) {
  if (!ctx.enter()) return {};
  if (!object.is_object()) return fail_no_object(ctx, object);
  return objects::make_mutable(ctx, objects::state_of(object));
}

Value clone(Context& ctx, Value object) { return object.is_mutable_object() ? mutable_copy(ctx, object) : object; }

// ---- attributes
// -----------------------------------------------------------------------------------------------------------

size_t attribute_count(Value object) {
  return object.is_object() ? objects::attribute_count(objects::state_of(object)) : 0;
}

Value attribute_names(Context& ctx, Value object) {
  if (!ctx.enter()) return {};
  if (!object.is_object()) return intern_tuple(ctx, {});
  Cell* state = objects::state_of(object);
  const KeepAlive kept(state);  // it alone keeps the names
  std::vector<Value> names;
  objects::visit_attributes(state, [&](Value name, Value) { names.push_back(name); });
  return intern_tuple(ctx, names);
}

// ---- prototypes
// -----------------------------------------------------------------------------------------------------------

Value prototypes(Context& ctx, Value value) {
  if (!ctx.enter()) return {};
  Value single;
  const Value state = value.is_object() ? snapshot(ctx, value) : value;  // keeps them alive
  return intern_tuple(ctx, objects::parents_of(ctx, state, single));
}

Value resolution_order(Context& ctx, Value value) {
  if (!ctx.enter()) return {};
  RootList order(ctx);
  objects::PrototypeWalk walk(ctx, value, value.is_object() ? objects::state_of(value) : nullptr);
  while (walk.next()) order.push_back(ctx, walk.prototype());
  if (ctx.failed()) return {};
  std::vector<Value> values;
  for (size_t i = 0; i < order.size(); ++i) values.push_back(order[i]);
  return intern_tuple(ctx, values);
}

bool inherits(Context& ctx, Value value, Value prototype) {
  if (value == prototype) return true;
  objects::PrototypeWalk walk(ctx, value, value.is_object() ? objects::state_of(value) : nullptr);
  while (walk.next()) {
    if (walk.prototype() == prototype) return true;
  }
  return false;
}

bool set_prototypes(Context& ctx, Value object, std::span<const Value> prototypes) {
  return edit_prototypes(ctx, object, [&](std::vector<Value>& list) {
    list.assign(prototypes.begin(), prototypes.end());
    return true;
  });
}

bool add_prototype(Context& ctx, Value object, Value prototype) {
  bool present = false;
  const bool changed = edit_prototypes(ctx, object, [&](std::vector<Value>& list) {
    present = std::ranges::find(list, prototype) != list.end();
    const auto behind = std::ranges::find_if(list, [&](Value known) {
      return objects::leads_to(ctx, {&prototype, 1}, known);
    });
    list.insert(behind, prototype);
    return !present;
  });
  return changed || present;
}

bool remove_prototype(Context& ctx, Value object, Value prototype) {
  return edit_prototypes(ctx, object, [&](std::vector<Value>& list) { return std::erase(list, prototype) != 0; });
}

}  // namespace proto
