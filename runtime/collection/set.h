// Set: an immutable collection of values that are all different. Every change gives a new version that shares with the old one
// what did not change. Elements, order and forms are those of the keys of a Dictionary (dictionary.h).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <span>
#include <vector>

#include "runtime/collection/input.h"
#include "runtime/collection/internal/hashed_builder.h"
#include "runtime/heap/context.h"
#include "runtime/value/value.h"

namespace proto {

class Dictionary;

/// A Value that is a set; one word, copied freely. Any thread may read it. Functions that give a new version may fail (an error
/// is pending, the memory limit): they return Set() then, of which valid() is false and which reads as empty. n is the number
/// of elements, m that of the smaller operand. Of two equal elements of different form (1 and 1.0) this set's stays.
class Set : public Value {
 public:
  /// No set.
  constexpr Set() = default;
  /// Only when value.is_set().
  explicit Set(Value value) : Value(value) { PROTO_DCHECK(value.is_set()); }
  bool valid() const { return !is_none(); }

  // ---- making ----

  static Set empty(Context& ctx);
  /// Some 50 ns an element. The values must be reachable.
  static Set of(Context& ctx, std::span<const Value> elements);
  static Set of(Context& ctx, std::initializer_list<Value> elements) {
    return of(ctx, std::span<const Value>(elements.begin(), elements.size()));
  }
  /// The keys of a dictionary. O(n).
  static Set of_keys(Context& ctx, const Dictionary& dictionary);

  // ---- reading ----

  uint64_t size() const { return internal::entries_of(*this); }
  bool is_empty() const { return size() == 0; }
  /// O(log n).
  bool contains(Context& ctx, Value element) const;
  template <Convertible T>
  bool contains(Context& ctx, const T& element) const {
    return contains(ctx, to_value(ctx, element));
  }
  /// The element at a position in the order, from 0; none when index >= size(). O(log n).
  Value at(uint64_t index) const;
  /// True if the other has all elements of this set. O(n).
  bool is_subset_of(Context& ctx, const Set& other) const;
  bool is_superset_of(Context& ctx, const Set& other) const { return other.is_subset_of(ctx, *this); }
  /// True if the two have no element in common. O(n).
  bool is_disjoint_from(Context& ctx, const Set& other) const;
  bool equals(Context& ctx, const Set& other) const;

  /// `for (Value element : set)`, in the order of hashes. Allocates nothing; the set must stay reachable.
  auto begin() const { return internal::HashedIterator<internal::SetNodes, internal::ProjectKey>(*this); }
  std::default_sentinel_t end() const { return {}; }
  /// The elements sorted by compare(), alive as long as the set is. O(n log n).
  std::vector<Value> sorted(Context& ctx) const;

  // ---- new versions ----

  /// The same version if the element is there already. O(log n).
  [[nodiscard]] Set with(Context& ctx, Value element) const;
  template <Convertible T>
  [[nodiscard]] Set with(Context& ctx, const T& element) const {
    return with(ctx, to_value(ctx, element));
  }
  /// The same version if the element is absent. O(log n).
  [[nodiscard]] Set without(Context& ctx, Value element) const;
  /// Each O(m log(n/m + 1)); what the two share is not looked at.
  [[nodiscard]] Set set_union(Context& ctx, const Set& other) const;
  [[nodiscard]] Set intersection(Context& ctx, const Set& other) const;
  [[nodiscard]] Set difference(Context& ctx, const Set& other) const;
  /// What only one of the two has.
  [[nodiscard]] Set symmetric_difference(Context& ctx, const Set& other) const;

  /// Verifies the tree; kCorruption says what is wrong. O(n). For tests.
  Status check(Context& ctx) const { return internal::check_hashed<internal::SetNodes>(ctx, *this); }
};

/// Makes a set element by element: some 50 ns each. Lives on the stack, and all its calls are made in the frame (the Context)
/// in which it was made. One thread.
class SetBuilder {
 public:
  /// `expected` elements spare it some growing.
  explicit SetBuilder(Context& ctx, uint64_t expected = 0) : ctx_(ctx), builder_(ctx, expected) {}
  /// Begins with the elements of a set, which stays as it is.
  SetBuilder(Context& ctx, const Set& from) : ctx_(ctx), builder_(ctx, Value(from)) {}
  SetBuilder(const SetBuilder&) = delete;
  SetBuilder& operator=(const SetBuilder&) = delete;

  uint64_t size() const { return builder_.size(); }
  bool contains(Value element) const { return builder_.find(internal::hashed_key(ctx_, element)).key != nullptr; }
  /// True if the element was not there.
  bool add(Value element) { return builder_.set({internal::hashed_key(ctx_, element)}); }
  /// True if the element was there.
  bool remove(Value element) { return builder_.remove(internal::hashed_key(ctx_, element)); }
  /// The set of all elements; the builder is empty then. Set() when an error is pending.
  Set finish();

 private:
  Context& ctx_;
  internal::HashedBuilder<internal::SetNodes> builder_;
};

/// Enters the kinds of sets; called once by register_keyed_kinds().
void register_set_kinds();

}  // namespace proto
