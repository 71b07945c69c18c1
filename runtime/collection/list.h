// List: an immutable sequence of values. Every change gives a new version that shares with the old one what did not
// change.
//
// Forms. Up to kSmallListItems items stand in one flat cell. A longer list is a tree of leaves (runtime/avl) and, after
// it, a *tail*: a buffer of up to one leaf's items. Versions share the buffer, each using its own first part of it; an
// append to the newest version writes into the spare room (whoever raises `used` by compare-and-set owns the slot), so
// it makes one cell of 32 bytes. A full tail becomes a leaf. All indexes are checked; none of the functions is O(n)
// unless it says so.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <span>

#include "runtime/collection/input.h"
#include "runtime/collection/internal/list_cells.h"
#include "runtime/heap/context.h"
#include "runtime/value/value.h"

namespace proto {

class ListIterator;

/// A Value that is a list; one word, copied freely. Any thread may read it. Functions that take a Context may fail (an
/// error is pending, an index is out of range, the memory limit): they return List() then, of which valid() is false.
class List : public Value {
 public:
  static constexpr size_t kSmallListItems = internal::kSmallListItems;

  /// No list. Everything but valid() wants a real one.
  constexpr List() = default;
  /// Only when value.is_list().
  explicit List(Value value) : Value(value) { PROTO_DCHECK(value.is_list()); }
  bool valid() const { return !is_none(); }

  // ---- making ----

  static List empty(Context& ctx) { return of(ctx, std::span<const Value>()); }
  /// O(n). The values must be reachable (from the stack, or another cell).
  static List of(Context& ctx, std::span<const Value> items);
  template <class... Items>
  requires(sizeof...(Items) > 0 && (std::constructible_from<Input, const Items&> && ...))
  static List of(Context& ctx, const Items&... items) {
    const Value values[] = {to_value(ctx, items)...};
    return of(ctx, std::span<const Value>(values));
  }
  /// `count` times the same value. O(log count).
  static List filled(Context& ctx, uint64_t count, Value value);

  // ---- reading ----

  uint64_t size() const {
    const Cell* cell = as_cell();
    return cell->kind() == CellKind::kSmallList ? cell->payload() : internal::list_cell(cell)->size;
  }
  bool is_empty() const { return size() == 0; }
  using Value::get;
  /// The item at `index`; none when there is no such item. 5-50 ns.
  Value get(uint64_t index) const;
  Value operator[](uint64_t index) const { return get(index); }
  /// None when empty.
  Value first() const { return get(0); }
  Value last() const { return get(size() - 1); }
  /// The items from `index` to the end of the block in which they stand; empty when index >= size(). They stay where
  /// they are as long as the list is reachable. This is the fast way through a long list.
  std::span<const Value> block_at(uint64_t index) const;
  /// `for (Value item : list)`. Allocates nothing; about 1 ns an item.
  ListIterator begin() const;
  std::default_sentinel_t end() const { return {}; }

  /// Where the value (by equal()) first stands at or after `from`. O(n).
  std::optional<uint64_t> index_of(Context& ctx, Value value, uint64_t from = 0) const;
  bool contains(Context& ctx, Value value) const { return index_of(ctx, value).has_value(); }
  template <Convertible T>
  bool contains(Context& ctx, const T& value) const {
    return contains(ctx, to_value(ctx, value));
  }
  /// How often the value occurs. O(n).
  uint64_t count(Context& ctx, Value value) const;
  /// Where the two first differ: an index up to the size of the shorter one. What versions share is skipped.
  uint64_t first_difference(Context& ctx, const List& other) const;

  // ---- new versions ----

  /// About 20 ns.
  [[nodiscard]] List append(Context& ctx, Value value) const;
  template <Convertible T>
  [[nodiscard]] List append(Context& ctx, const T& value) const {
    return append(ctx, to_value(ctx, value));
  }
  [[nodiscard]] List prepend(Context& ctx, Value value) const { return insert(ctx, 0, value); }
  /// kRange unless index < size().
  [[nodiscard]] List set(Context& ctx, uint64_t index, Value value) const;
  template <Convertible T>
  [[nodiscard]] List set(Context& ctx, uint64_t index, const T& value) const {
    return set(ctx, index, to_value(ctx, value));
  }
  /// Before the item at `index`; kRange unless index <= size().
  [[nodiscard]] List insert(Context& ctx, uint64_t index, Value value) const {
    return replace(ctx, index, index, {&value, 1});
  }
  [[nodiscard]] List insert(Context& ctx, uint64_t index, const List& items) const;
  /// Without the items in [from, to); kRange unless from <= to <= size().
  [[nodiscard]] List erase(Context& ctx, uint64_t from, uint64_t to) const { return replace(ctx, from, to, {}); }
  [[nodiscard]] List erase(Context& ctx, uint64_t index) const { return replace(ctx, index, index + 1, {}); }
  /// The items in place of those in [from, to). O(log n + items).
  [[nodiscard]] List replace(Context& ctx, uint64_t from, uint64_t to, std::span<const Value> items) const;
  /// The items in [from, to).
  [[nodiscard]] List slice(Context& ctx, uint64_t from, uint64_t to) const;
  [[nodiscard]] List concatenate(Context& ctx, const List& other) const;
  /// Itself so many times. O(log n log times).
  [[nodiscard]] List repeat(Context& ctx, uint64_t times) const;

  // ---- the whole list, O(n) or more ----

  [[nodiscard]] List reverse(Context& ctx) const;
  /// Sorted by compare(); equal items keep their order. O(n log n).
  [[nodiscard]] List sort(Context& ctx) const;
  /// Sorted by `less`, stable; an order that is none gives some order of the items.
  [[nodiscard]] List sort(Context& ctx, const std::function<bool(Value, Value)>& less) const;
  /// The results of function(item), in order.
  template <class Function>
  [[nodiscard]] List map(Context& ctx, Function&& function) const;
  /// The items for which predicate(item) holds.
  template <class Predicate>
  [[nodiscard]] List filter(Context& ctx, Predicate&& predicate) const;

  /// Verifies the tree and the counts; kCorruption says what is wrong. O(n). For tests.
  Status check() const;
};

/// Walks a list forwards, block by block. 48 bytes; the list must stay reachable.
class ListIterator {
 public:
  using value_type = Value;
  using difference_type = ptrdiff_t;
  using iterator_concept = std::forward_iterator_tag;

  ListIterator() = default;
  explicit ListIterator(const List& list, uint64_t index = 0) : list_(list), next_(index) { next_block(); }
  Value operator*() const { return *at_; }
  ListIterator& operator++() {
    if (++at_ == end_) next_block();
    return *this;
  }
  ListIterator operator++(int) {
    ListIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const ListIterator& other) const { return at_ == other.at_ && next_ == other.next_; }
  bool operator==(std::default_sentinel_t) const { return at_ == end_; }

 private:
  void next_block() {
    const std::span<const Value> block = list_.block_at(next_);
    at_ = block.data(), end_ = at_ + block.size();
    next_ += block.size();
  }
  List list_;
  const Value* at_ = nullptr;
  const Value* end_ = nullptr;
  uint64_t next_ = 0;  // index of the first item after this block
};

inline ListIterator List::begin() const { return ListIterator(*this); }

/// Makes a list item by item: a few ns each. Lives on the stack, and all its calls are made in the frame (the Context)
/// in which it was made. One thread.
class ListBuilder {
 public:
  explicit ListBuilder(Context& ctx);
  ListBuilder(const ListBuilder&) = delete;
  ListBuilder& operator=(const ListBuilder&) = delete;

  void append(Value value) {
    if (__builtin_expect(count_ == internal::kLeafItems || snapshot_epoch(ctx_) != epoch_, 0)) turn();
    leaf_->items()[count_++] = value;
  }
  void append(std::span<const Value> items) {
    for (const Value item : items) append(item);
  }
  void append(const List& list) {
    for (const Value item : list) append(item);
  }
  uint64_t size() const { return pushed_ + (leaf_ == nullptr ? 0 : count_); }
  /// The list of all that was appended; the builder is empty then. List() when an error is pending.
  List finish();

 private:
  void turn();
  void new_leaf();

  Context& ctx_;
  avl::Family<internal::ListNodes> family_;
  avl::Edit<internal::ListNodes> edit_;
  internal::ListNodes::Leaf* leaf_ =
      nullptr;  // counts as full and is zeroed behind count_, so that it may be traced any time
  uint32_t count_ = internal::kLeafItems;
  uint32_t epoch_ = 0;
  uint64_t pushed_ = 0;
};

template <class Function>
List List::map(Context& ctx, Function&& function) const {
  if (!ctx.enter()) return {};
  ListBuilder results(ctx);
  for (const Value item : *this) {
    results.append(function(item));
    if (ctx.failed()) return {};
  }
  return results.finish();
}

template <class Predicate>
List List::filter(Context& ctx, Predicate&& predicate) const {
  if (!ctx.enter()) return {};
  ListBuilder results(ctx);
  for (const Value item : *this) {
    if (predicate(item)) results.append(item);
    if (ctx.failed()) return {};
  }
  return results.finish();
}

/// Enters the kinds of lists; called once by register_kinds().
void register_list_kinds();

}  // namespace proto
