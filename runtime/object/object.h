// Objects: attributes, prototypes, versions.
//
//   Value point = space.object_prototype().new_child(ctx).with(ctx, "x", 3).with(ctx, "y", 4.0);   // immutable:
//   versions Value account = space.object_prototype().new_mutable(ctx);                                     // mutable:
//   one identity account.set(ctx, "balance", 100);
//
// Every value has attributes: its own, if it is an object, and those of its prototypes. The prototype of a value that
// is no object is Space::prototype_of(its class). get() looks at the object, then at its prototypes in order; with one
// prototype each, that is the chain; with several it is C3 order: each object before its prototypes, in the order that
// each gives, and one that is reached by several ways once, after all that inherit from it. Prototypes may change: what
// is added late, an attribute or a prototype, at any depth, is seen by the next look-up. Objects never inherit from
// themselves.
//
// An absent attribute is none. If the receiver has (or inherits) an attribute "__get__", get() of an absent attribute
// calls it, with the receiver as self and the name as argument, and gives its result. has() tells an attribute that is
// none from an absent one.
//
// An immutable object never changes: with() gives a new version that shares the attributes. Two of them are equal when
// they have equal attributes and the same prototypes. A mutable object is equal only to itself; each change is atomic,
// never waits, and is seen by all threads when the call returns; get() of different attributes may see different
// moments: snapshot() gives all of one moment. The functions here may be called on any value from any attached thread.
#pragma once

#include <initializer_list>
#include <span>

#include "runtime/object/internal/lookup.h"
#include "runtime/object/internal/states.h"
#include "runtime/object/method.h"

namespace proto {

// ---- making
// ---------------------------------------------------------------------------------------------------------------

/// An attribute of a new object.
struct Initializer {
  Name name;
  Input value;
};

/// An immutable object with these attributes (of a name given twice, the last). One cell.
Value new_object(Context& ctx, Value prototype, std::initializer_list<Initializer> attributes);
/// The same, mutable.
Value new_mutable_object(Context& ctx, Value prototype, std::initializer_list<Initializer> attributes);

/// An immutable object without attributes that inherits from several, in this order. None and an error if C3 cannot
/// order them, or one is given twice. `prototypes` must be where the collector finds them: on the stack or in a cell.
Value new_child_of(Context& ctx, std::span<const Value> prototypes);
/// The same, mutable.
Value new_mutable_of(Context& ctx, std::span<const Value> prototypes);

/// The attributes and prototypes of an object at this moment, as an immutable object (itself, if it is one). O(1).
Value snapshot(Context& ctx, Value object);
/// A new mutable object with the attributes and prototypes that `object` has now. O(1).
Value mutable_copy(Context& ctx, Value object);
/// mutable_copy() of a mutable object; any other value itself.
Value clone(Context& ctx, Value object);

// ---- attributes
// ------------------------------------------------------------------------------------------------------------

/// Own attributes. O(1), for dictionary objects too.
size_t attribute_count(Value object);
/// Their names, as a tuple, in the order in which they were added (objects that were used like dictionaries, with more
/// than 64 or many removed, have no such order). O(n).
Value attribute_names(Context& ctx, Value object);
/// Calls visitor(Value name, Value value) for each own attribute of one moment. Allocates nothing.
template <class Visitor>
void for_each_attribute(Value object, Visitor&& visitor) {
  if (object.is_object()) objects::visit_attributes(objects::state_of(object), visitor);
}

// ---- prototypes
// ------------------------------------------------------------------------------------------------------------

/// The direct prototypes, as a tuple.
Value prototypes(Context& ctx, Value value);
/// All prototypes in the order in which they are asked, as a tuple, without the value itself. O(all of these).
Value resolution_order(Context& ctx, Value value);
/// True if `prototype` is the value itself or among its prototypes, direct or not.
bool inherits(Context& ctx, Value value, Value prototype);

/// Gives a mutable object other prototypes. False and an error, and no change, if it would inherit from itself, or C3
/// cannot order them (what a change makes impossible to order in objects that inherit from this one is an error of
/// their look-ups). Changes of prototypes wait for each other; look-ups do not wait. O(all prototypes).
bool set_prototypes(Context& ctx, Value object, std::span<const Value> prototypes);
/// The same with one more: at the end, but before those that it inherits from itself. True if it is there already.
bool add_prototype(Context& ctx, Value object, Value prototype);
/// The same without one; false if it is not there.
bool remove_prototype(Context& ctx, Value object, Value prototype);

// ---- Value's members
// -------------------------------------------------------------------------------------------------------

namespace objects {
// Of names and values that are ready; none stands for what could not be made ready, and does nothing.
Value with(Context& ctx, Value receiver, Value name, Value value);
bool set(Context& ctx, Value receiver, Value name, Value value);
bool compare_and_set(Context& ctx, Value receiver, Value name, Value expected, Value desired);
Value new_child(Context& ctx, Value prototype);
Value new_mutable(Context& ctx, Value prototype);
}  // namespace objects

inline Value Value::with(Context& ctx, const Name& name, const Input& value) const {
  return objects::with(ctx, *this, name.word(ctx), value.value(ctx));
}
inline bool Value::set(Context& ctx, const Name& name, const Input& value) const {
  return objects::set(ctx, *this, name.word(ctx), value.value(ctx));
}
inline bool Value::compare_and_set(Context& ctx, const Name& name, const Input& expected, const Input& desired) const {
  return objects::compare_and_set(ctx, *this, name.word(ctx), expected.value(ctx), desired.value(ctx));
}
inline Value Value::new_child(Context& ctx) const { return objects::new_child(ctx, *this); }
inline Value Value::new_mutable(Context& ctx) const { return objects::new_mutable(ctx, *this); }

inline Value Value::get(Context& ctx, const Name& name) const { return objects::get(ctx, *this, name.word(ctx)); }

inline Value Value::call_with(Context& ctx, const Name& name, const Arguments& arguments) const {
  const Value word = name.word(ctx);
  const Value callable = objects::get(ctx, *this, word);
  if (__builtin_expect(callable.is_none(), 0)) return objects::no_method(ctx, *this, word);
  return invoke_with(ctx, callable, *this, arguments);
}

template <class... Inputs>
Value Value::call(Context& ctx, const Name& name, const Inputs&... arguments) const {
  const objects::ArgumentPack<Inputs...> pack(ctx, arguments...);
  return call_with(ctx, name, pack.get());
}

// ---- for the library
// -------------------------------------------------------------------------------------------------------

/// Enters the kinds of this folder (kind_table.h). Once.
void register_object_kinds();
/// Makes the prototypes of all classes of a new space. Before anything else uses them.
void populate_objects(Space& space);

}  // namespace proto
