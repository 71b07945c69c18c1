// The methods that built-in values have: attributes of the prototypes of their classes (Space::prototype_of), callable as
// list.call(ctx, "size") and replaceable by any program. docs/runtime.md lists them.
#pragma once

#include <optional>
#include <span>

#include "runtime/collection/list.h"
#include "runtime/object/object.h"

namespace proto {

/// Sets the methods of all classes in a new space; after populate_objects(). On a thread of its own making.
void populate_builtins(Space& space);

namespace builtin {

struct Method {
  const char* name;
  NativeFunction function;
  uint16_t least = 0;
  uint16_t most = 0;
};

// What a class has; each in the file of that class.
std::span<const Method> object_methods();
std::span<const Method> number_methods();
std::span<const Method> string_methods();
std::span<const Method> bytes_methods();
std::span<const Method> list_methods();
std::span<const Method> tuple_methods();
std::span<const Method> sparse_list_methods();
std::span<const Method> dictionary_methods();
std::span<const Method> set_methods();
std::span<const Method> multiset_methods();

/// None, after the error that `self` or an argument is no `wanted` ("a list").
Value wrong_type(Context& ctx, Value given, const char* wanted);
/// The argument as an index or count; nothing after an error.
std::optional<uint64_t> index_argument(Context& ctx, Value argument);
inline Value size_value(uint64_t size) { return Value::integer(static_cast<int64_t>(size)); }
inline Value index_value(std::optional<uint64_t> index) { return index ? size_value(*index) : Value(); }

/// A native function of a body that takes its self as a List, String...: checks the type first.
template <class Self>
struct Kind;  // static bool is(Value), static constexpr const char* kName
template <class Self, auto Body>
Value on(Context& ctx, Value self, Arguments arguments) {
  if (!Kind<Self>::is(self)) return wrong_type(ctx, self, Kind<Self>::kName);
  return Body(ctx, Self(self), arguments);
}

}  // namespace builtin
}  // namespace proto
