// Leaf policy: a sorted map (or set) of small trivially copyable keys and values.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstring>
#include <new>
#include <span>
#include <type_traits>
#include <vector>

#include "runtime/avl/block_memory.h"
#include "runtime/avl/block_fill.h"
#include "runtime/avl/leaf_policy.h"
#include "runtime/base/coding.h"

namespace proto::avl {

/// The value of a set: nothing.
struct NoValue {
  bool operator==(const NoValue&) const = default;
};

/// How keys are ordered: by their operators, unless a map is given another order (a small value with these functions; it may
/// carry what they need). With the optional `position`, a < b implies position(a) <= position(b), and long leaves are
/// searched by interpolation: two cache misses instead of six where positions are spread evenly, as ids and hashes are.
struct KeyOrder {
  template <class K>
  bool less(const K& a, const K& b) const {
    return a < b;
  }
  template <class K>
  bool equal(const K& a, const K& b) const {
    return a == b;
  }
  template <std::same_as<uint64_t> K>
  uint64_t position(const K& key) const {
    return key;
  }
};

/// Sorted arrays of keys, then of values, in one allocation. `K` has at most 16 bytes; K and V are trivially copyable; their
/// bytes are their disk format, so give them fixed layouts. `Memory` says who owns the nodes (leaf_policy.h). An inner node's
/// separator begins with the bytes of a key that may be in no leaf any more.
template <class K, class V, class Memory = BlockMemory, class Order = KeyOrder>
struct PodMap {
  static_assert(std::is_trivially_copyable_v<K> && std::is_trivially_copyable_v<V> && sizeof(K) <= sizeof(Separator));
  static_assert(alignof(K) <= 16 && alignof(V) <= 16);
  static constexpr bool kStrictFill = true;
  static constexpr size_t kValueBytes = std::is_empty_v<V> ? 0 : sizeof(V);

  struct Entry {
    K key;
    [[no_unique_address]] V value{};
  };
  struct Change {
    K key;
    [[no_unique_address]] V value{};
    ChangeKind kind = ChangeKind::kUpsert;
  };
  using Key = K;
  using Item = Entry;
  struct Scratch {};

  struct alignas(16) Leaf : Node {
    uint32_t capacity = 0;
    float slope = 0;  // entries per distance of keys: where a search begins; a stale one is slower, never wrong

    const K* keys() const { return reinterpret_cast<const K*>(this + 1); }
    K* keys() { return reinterpret_cast<K*>(this + 1); }
    const V* values() const { return reinterpret_cast<const V*>(bytes() + values_offset(capacity)); }
    V* values() { return reinterpret_cast<V*>(const_cast<char*>(bytes()) + values_offset(capacity)); }
    const char* bytes() const { return reinterpret_cast<const char*>(this); }
  };

  using Leaves = std::conditional_t<Memory::kCollected, LeafRun<Leaf>, std::vector<Leaf*>>;

  /// Entries of a full leaf; at least 4.
  uint32_t max_entries = 512;
  [[no_unique_address]] Memory memory{};
  [[no_unique_address]] Order order{};

  // ---- reading ----
  int compare(const K& a, const K& b) const { return order.less(a, b) ? -1 : order.less(b, a) ? 1 : 0; }
  K change_key(const Change& change) const { return change.key; }
  K item_key(const Item& item) const { return item.key; }
  K key(const Leaf& leaf, uint32_t index, Scratch&) const { return leaf.keys()[index]; }
  Entry entry(const Leaf& leaf, uint32_t index) const { return {leaf.keys()[index], value(leaf, index)}; }
  uint32_t lower_bound(const Leaf& leaf, const K& key) const;
  bool matches(const Leaf& leaf, uint32_t index, const K& key) const {
    return index < leaf.count && order.equal(leaf.keys()[index], key);
  }
  bool same_entry(const Leaf& a, uint32_t i, const Leaf& b, uint32_t j) const {
    if constexpr (kValueBytes == 0) return true;
    return std::memcmp(a.values() + i, b.values() + j, kValueBytes) == 0;
  }
  bool thin(const Leaf& leaf) const { return leaf.count < max_entries / 4; }

  // ---- separators: the first key of the right side ----
  Separator separate(const Leaf&, const Leaf& right) const {
    Separator separator;
    std::memcpy(static_cast<void*>(&separator), right.keys(), sizeof(K));
    return separator;
  }
  K separator_key(const Separator& separator) const { return proto::load<K>(&separator); }
  K separator_key(const Separator& separator, Scratch&) const { return separator_key(separator); }
  bool goes_right(const K& key, const Separator& separator) const { return !order.less(key, separator_key(separator)); }
  Separator copy_separator(const Separator& separator) const { return separator; }
  void free_separator(const Separator&) const {}
  void encode_separator(const Separator& separator, std::string& out) const {
    out.append(reinterpret_cast<const char*>(&separator), sizeof(K));
  }
  bool decode_separator(ByteReader& reader, Separator& separator) const {
    const std::string_view bytes = reader.bytes(sizeof(K));
    if (!reader.ok()) return false;
    std::memcpy(static_cast<void*>(&separator), bytes.data(), sizeof(K));
    return true;
  }

  // ---- surgery ----
  Leaf* copy(const Leaf& leaf, uint32_t from, uint32_t to) const;
  void concat(const Leaf& a, const Leaf& b, Leaves& out) const;
  void build(std::span<const Item> items, Leaves& out) const;
  void apply(Leaf* leaf, bool owned, std::span<const Change> changes, Leaves& out) const;
  void combine(SetOperation operation, const Leaf& a, const Leaf& b, uint32_t from, uint32_t to,
               Leaves& out) const;
  void free(Leaf* leaf) const { memory.free_leaf(leaf, leaf_bytes(leaf->capacity)); }

  // ---- bytes: u8 format 1, varint count, keys, values ----
  void encode(const Leaf& leaf, std::string& out) const;
  Result<Leaf*> decode(std::string_view bytes) const;
  Status check(const Leaf& leaf) const;

 private:
  class Writer;

  static size_t values_offset(uint32_t capacity) {
    return (sizeof(Leaf) + capacity * sizeof(K) + alignof(V) - 1) & ~(alignof(V) - 1);
  }
  static size_t leaf_bytes(uint32_t capacity) { return values_offset(capacity) + capacity * kValueBytes; }
  static V value(const Leaf& leaf, uint32_t index) {
    if constexpr (kValueBytes == 0) {
      return V();
    } else {
      return leaf.values()[index];
    }
  }
  static void copy_run(Leaf& to, uint32_t at, const Leaf& from, uint32_t first, uint32_t count) {
    std::memcpy(to.keys() + at, from.keys() + first, count * sizeof(K));
    if constexpr (kValueBytes != 0) std::memcpy(to.values() + at, from.values() + first, count * kValueBytes);
  }
  Leaf* new_leaf(uint32_t capacity) const;
  static constexpr bool kInterpolates = requires(const Order order, const K& key) { order.position(key); };
  static constexpr uint32_t kWindow = 16;
  void set_slope(Leaf& leaf) const;
  uint32_t search(const Leaf& leaf, uint32_t from, uint32_t to, const K& key) const;
  uint32_t interpolate(const Leaf& leaf, const K& key) const;
  // Room for some more entries, so that a run of single changes under one edit does not copy each time.
  uint32_t roomy(uint32_t count) const {
    return memory.leaves_room() ? std::min(max_entries, count + count / 8 + 8) : count;
  }
  bool change_in_place(Leaf& leaf, const Change& change) const;
  bool apply_few(Leaf* leaf, bool owned, std::span<const Change> changes, Leaves& out) const;
  void apply_single(Leaf* leaf, const Change& change, Leaves& out) const;
  template <class Emit>
  bool merge_changes(const Leaf* leaf, std::span<const Change> changes, Emit&& emit) const;
  template <class Emit>
  void merge_sets(SetOperation operation, const Leaf& a, const Leaf& b, uint32_t from, uint32_t to, Emit&& emit) const;
};

/// A set of 64-bit ids.
using IdSet = PodMap<uint64_t, NoValue>;

}  // namespace proto::avl

#include "runtime/avl/internal/pod_map_inl.h"
