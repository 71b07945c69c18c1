// Multiset: an immutable collection of values with the number of times that each occurs. Every change gives a new version that
// shares with the old one what did not change. Elements, order and forms are those of the keys of a Dictionary (dictionary.h).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <span>
#include <vector>

#include "runtime/collection/internal/hashed_builder.h"
#include "runtime/heap/context.h"
#include "runtime/value/value.h"

namespace proto {

/// A Value that is a multiset; one word, copied freely. Any thread may read it. Functions that give a new version may fail (an
/// error is pending, the memory limit): they return Multiset() then, of which valid() is false and which reads as empty. n is
/// the number of different elements, m that of the smaller operand.
class Multiset : public Value {
 public:
  struct Item {
    Value element;
    uint64_t count = 0;
  };
  /// The most often that an element can occur.
  static constexpr uint64_t kMaxCount = static_cast<uint64_t>(Value::kMaxSmallInteger);

  /// No multiset.
  constexpr Multiset() = default;
  /// Only when value.is_multiset().
  explicit Multiset(Value value) : Value(value) { PROTO_DCHECK(value.is_multiset()); }
  bool valid() const { return !is_none(); }

  // ---- making ----

  static Multiset empty(Context& ctx);
  /// Each element as often as it stands there. Some 50 ns an element. The values must be reachable.
  static Multiset of(Context& ctx, std::span<const Value> elements);
  static Multiset of(Context& ctx, std::initializer_list<Value> elements) {
    return of(ctx, std::span<const Value>(elements.begin(), elements.size()));
  }

  // ---- reading ----

  /// All elements, each as often as it occurs. O(1), as the next two.
  uint64_t size() const;
  /// Different elements.
  uint64_t distinct_size() const { return internal::entries_of(*this); }
  bool is_empty() const { return distinct_size() == 0; }
  /// How often the element occurs. O(log n).
  uint64_t count(Context& ctx, Value element) const;
  bool contains(Context& ctx, Value element) const { return count(ctx, element) != 0; }
  /// The `limit` elements that occur most often, those first; equally frequent ones sorted by compare(). Alive as long as the
  /// multiset is. O(n log limit).
  std::vector<Item> most_common(Context& ctx, size_t limit) const;
  bool equals(Context& ctx, const Multiset& other) const;

  /// `for (auto [element, count] : multiset)`, in the order of hashes. Allocates nothing; the multiset must stay reachable.
  auto begin() const { return internal::HashedIterator<internal::MultisetNodes, ProjectItem>(*this); }
  std::default_sentinel_t end() const { return {}; }

  // ---- new versions ----

  /// kRange if the element would occur more than kMaxCount times. O(log n).
  [[nodiscard]] Multiset with(Context& ctx, Value element, uint64_t times = 1) const;
  /// Takes away as many as there are, if not `times`. O(log n).
  [[nodiscard]] Multiset without(Context& ctx, Value element, uint64_t times = 1) const;
  [[nodiscard]] Multiset without_all(Context& ctx, Value element) const { return without(ctx, element, kMaxCount); }
  /// Counts added up; kRange if one becomes more than kMaxCount. O(m log(n/m + 1)), as those that follow.
  [[nodiscard]] Multiset sum(Context& ctx, const Multiset& other) const;
  /// Of each element the greater count, the lesser one, what is left when the other's are taken away.
  [[nodiscard]] Multiset set_union(Context& ctx, const Multiset& other) const;
  [[nodiscard]] Multiset intersection(Context& ctx, const Multiset& other) const;
  [[nodiscard]] Multiset difference(Context& ctx, const Multiset& other) const;

  /// Verifies the tree and the counts; kCorruption says what is wrong. O(n). For tests.
  Status check(Context& ctx) const;

 private:
  struct ProjectItem {
    template <class Leaf>
    static Item entry(const Leaf& leaf, uint32_t index) {
      return {leaf.keys()[index].value, static_cast<uint64_t>(leaf.values()[index].as_small_integer())};
    }
  };
};

/// Makes a multiset element by element: some 50 ns each. Lives on the stack, and all its calls are made in the frame (the
/// Context) in which it was made. One thread.
class MultisetBuilder {
 public:
  /// `expected` different elements spare it some growing.
  explicit MultisetBuilder(Context& ctx, uint64_t expected = 0) : ctx_(ctx), builder_(ctx, expected) {}
  /// Begins with the elements of a multiset, which stays as it is.
  MultisetBuilder(Context& ctx, const Multiset& from) : ctx_(ctx), builder_(ctx, Value(from)) {}
  MultisetBuilder(const MultisetBuilder&) = delete;
  MultisetBuilder& operator=(const MultisetBuilder&) = delete;

  uint64_t distinct_size() const { return builder_.size(); }
  uint64_t count(Value element) const;
  /// kRange, which ctx keeps, if the element would occur more than Multiset::kMaxCount times.
  void add(Value element, uint64_t times = 1);
  /// Takes away as many as there are, if not `times`.
  void remove(Value element, uint64_t times = 1);
  /// The multiset of all elements; the builder is empty then. Multiset() when an error is pending.
  Multiset finish();

 private:
  Context& ctx_;
  internal::HashedBuilder<internal::MultisetNodes> builder_;
};

/// Enters the kinds of multisets; called once by register_keyed_kinds().
void register_multiset_kinds();

}  // namespace proto
