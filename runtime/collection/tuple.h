// Tuple: a short, flat, immutable sequence of values of which there is one for equal elements (heap/intern_table.h).
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>

#include "runtime/collection/list.h"
#include "runtime/heap/context.h"
#include "runtime/heap/intern_table.h"
#include "runtime/value/value.h"

namespace proto {

/// A Value that is a tuple; one word, copied freely. Any thread may read it. Tuples of immediates and interned values
/// are one object in all spaces: equal ones are the same word. Functions that take a Context may fail (an error is
/// pending, the memory limit): they return Tuple() then, of which valid() is false.
class Tuple : public Value {
 public:
  /// No tuple. Everything but valid() wants a real one.
  constexpr Tuple() = default;
  /// Only when value.is_tuple().
  explicit Tuple(Value value) : Value(value) { PROTO_DCHECK(value.is_tuple()); }
  bool valid() const { return !is_none(); }

  /// O(n). The values must be reachable (from the stack, or another cell).
  static Tuple of(Context& ctx, std::span<const Value> items) { return made(intern_tuple(ctx, items)); }
  template <class... Items>
  requires(sizeof...(Items) > 0 && (std::constructible_from<Input, const Items&> && ...))
  static Tuple of(Context& ctx, const Items&... items) {
    const Value values[] = {to_value(ctx, items)...};
    return of(ctx, std::span<const Value>(values));
  }
  static Tuple empty(Context& ctx) { return of(ctx, std::span<const Value>()); }
  /// The items of a list. O(n).
  static Tuple of_list(Context& ctx, const List& list);

  uint64_t size() const { return cell()->size(); }
  bool is_empty() const { return size() == 0; }
  using Value::get;
  /// The item at `index`; none when there is no such item. O(1).
  Value get(uint64_t index) const { return index < size() ? cell()->view()[index] : Value(); }
  Value operator[](uint64_t index) const { return get(index); }
  /// The items; they stay where they are as long as the tuple is reachable.
  std::span<const Value> items() const { return cell()->view(); }
  const Value* begin() const { return items().data(); }
  const Value* end() const { return items().data() + size(); }
  /// Where the value (by equal()) first stands. O(n).
  std::optional<uint64_t> index_of(Context& ctx, Value value) const;
  bool contains(Context& ctx, Value value) const { return index_of(ctx, value).has_value(); }

  /// The items in [from, to); kRange unless from <= to <= size(). O(to - from).
  [[nodiscard]] Tuple slice(Context& ctx, uint64_t from, uint64_t to) const;
  /// O(n + m).
  [[nodiscard]] Tuple concatenate(Context& ctx, const Tuple& other) const;
  [[nodiscard]] List to_list(Context& ctx) const { return List::of(ctx, items()); }

 private:
  static Tuple made(Value value) { return value.is_tuple() ? Tuple(value) : Tuple(); }
  const TupleCell* cell() const { return static_cast<const TupleCell*>(as_cell()); }
};

/// Enters the kind of tuples; called once by register_kinds().
void register_tuple_kinds();

}  // namespace proto
