// Dictionary: an immutable mapping from values to values. Every change gives a new version that shares with the old one what
// did not change.
//
// Keys may be any values, mixed; equal() tells them apart, so 1 and 1.0 are one key, and the one that came first stays. The
// order is that of the keys' hashes (of one hash: by compare()): the same whatever the history, and in every process for all
// keys but identities; nothing that a person would expect. sorted_keys() is for people.
//
// Forms. Up to a leaf's entries stand in one flat cell; more are a tree (runtime/avl) of such leaves, and the value is its
// root. A version of many entries that is asked often gets a directory (internal/hashed_directory.h), so a look-up among
// 100,000 entries takes about 40 ns. It is made by a look-up, which may therefore allocate: get(), find() and contains() are
// safepoints, and not for the functions of kinds (kind_table.h).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <span>
#include <vector>

#include "runtime/collection/input.h"
#include "runtime/collection/internal/hashed_builder.h"
#include "runtime/heap/context.h"
#include "runtime/value/value.h"

namespace proto {

/// A Value that is a dictionary; one word, copied freely. Any thread may read it. Functions that give a new version may fail
/// (an error is pending, the memory limit): they return Dictionary() then, of which valid() is false and which reads as empty.
/// n is the number of entries, m that of the smaller operand.
class Dictionary : public Value {
 public:
  struct Item {
    Value key;
    Value value;
  };
  /// Whose value a key gets that two dictionaries have.
  enum class Keep : uint8_t { kThis, kOther };

  /// No dictionary.
  constexpr Dictionary() = default;
  /// Only when value.is_dictionary().
  explicit Dictionary(Value value) : Value(value) { PROTO_DCHECK(value.is_dictionary()); }
  bool valid() const { return !is_none(); }

  // ---- making ----

  static Dictionary empty(Context& ctx);
  /// Of equal keys the last one's value stays. O(n) but for the order, some 50 ns an entry. The values must be reachable.
  static Dictionary of(Context& ctx, std::span<const Item> items);
  static Dictionary of(Context& ctx, std::initializer_list<Item> items) {
    return of(ctx, std::span<const Item>(items.begin(), items.size()));
  }
  /// The same from keys and values side by side; kInvalidArgument unless there are as many.
  static Dictionary of(Context& ctx, std::span<const Value> keys, std::span<const Value> values);

  // ---- reading ----

  uint64_t size() const { return internal::entries_of(*this); }
  bool is_empty() const { return size() == 0; }
  /// The value of the key; none if it is absent. O(log n).
  Value get(Context& ctx, Value key) const { return get(ctx, key, Value()); }
  Value get(Context& ctx, Value key, Value otherwise) const;
  template <Convertible T>
  Value get(Context& ctx, const T& key) const {
    return get(ctx, to_value(ctx, key));
  }
  /// Tells an absent key from one whose value is none.
  std::optional<Value> find(Context& ctx, Value key) const;
  bool contains(Context& ctx, Value key) const;
  /// The entry at a position in the order, from 0; none when index >= size(). O(log n).
  std::optional<Item> at(uint64_t index) const;

  /// `for (auto [key, value] : dictionary)`, in the order of hashes. Allocates nothing; the dictionary must stay reachable.
  auto begin() const { return internal::HashedIterator<internal::DictionaryNodes, ProjectItem>(*this); }
  std::default_sentinel_t end() const { return {}; }
  /// Ranges like it of the keys, of the values.
  auto keys() const { return internal::HashedRange<internal::DictionaryNodes, internal::ProjectKey>(*this); }
  auto values() const { return internal::HashedRange<internal::DictionaryNodes, internal::ProjectValue>(*this); }
  /// The keys sorted by compare(), alive as long as the dictionary is. O(n log n).
  std::vector<Value> sorted_keys(Context& ctx) const;

  /// By value. Parts that the two share are skipped. O(n).
  bool equals(Context& ctx, const Dictionary& other) const;

  // ---- new versions ----

  /// The key has the value then. The same version if it has it already. O(log n).
  [[nodiscard]] Dictionary with(Context& ctx, Value key, Value value) const;
  template <class Key, class T>
    requires(Convertible<Key> || Convertible<T>)
  [[nodiscard]] Dictionary with(Context& ctx, const Key& key, const T& value) const {
    return with(ctx, to_value(ctx, key), to_value(ctx, value));
  }
  /// The same version if the key is absent. O(log n).
  [[nodiscard]] Dictionary without(Context& ctx, Value key) const;
  /// With all the items; of equal keys the last one's value stays. O(m log(n/m + 1)).
  [[nodiscard]] Dictionary update(Context& ctx, std::span<const Item> items) const;
  /// All entries of both. O(m log(n/m + 1)).
  [[nodiscard]] Dictionary merge(Context& ctx, const Dictionary& other, Keep keep = Keep::kOther) const;
  /// The entries whose keys the other has, too; those whose keys it has not. O(m log(n/m + 1)).
  [[nodiscard]] Dictionary intersection(Context& ctx, const Dictionary& other) const;
  [[nodiscard]] Dictionary difference(Context& ctx, const Dictionary& other) const;

  /// Verifies the tree; kCorruption says what is wrong. O(n). For tests.
  Status check(Context& ctx) const { return internal::check_hashed<internal::DictionaryNodes>(ctx, *this); }

 private:
  struct ProjectItem {
    template <class Leaf>
    static Item entry(const Leaf& leaf, uint32_t index) {
      return {leaf.keys()[index].value, leaf.values()[index]};
    }
  };
};

/// Makes a dictionary entry by entry: some 50 ns each. Lives on the stack, and all its calls are made in the frame (the
/// Context) in which it was made. One thread.
class DictionaryBuilder {
 public:
  /// `expected` entries spare it some growing.
  explicit DictionaryBuilder(Context& ctx, uint64_t expected = 0) : ctx_(ctx), builder_(ctx, expected) {}
  /// Begins with the entries of a dictionary, which stays as it is.
  DictionaryBuilder(Context& ctx, const Dictionary& from) : ctx_(ctx), builder_(ctx, Value(from)) {}
  DictionaryBuilder(const DictionaryBuilder&) = delete;
  DictionaryBuilder& operator=(const DictionaryBuilder&) = delete;

  uint64_t size() const { return builder_.size(); }
  /// The value of the key; none if it is absent.
  Value get(Value key) const { return find(key).value_or(Value()); }
  std::optional<Value> find(Value key) const;
  bool contains(Value key) const { return find(key).has_value(); }
  /// True if the key was not there.
  bool set(Value key, Value value) { return builder_.set({internal::hashed_key(ctx_, key), value}); }
  /// True if the key was there.
  bool remove(Value key) { return builder_.remove(internal::hashed_key(ctx_, key)); }
  /// The dictionary of all entries; the builder is empty then. Dictionary() when an error is pending.
  Dictionary finish();

 private:
  Context& ctx_;
  internal::HashedBuilder<internal::DictionaryNodes> builder_;
};

/// Enters the kinds of dictionaries; called once by register_keyed_kinds().
void register_dictionary_kinds();

}  // namespace proto
