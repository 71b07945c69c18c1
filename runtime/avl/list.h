// Leaf policy: a sequence by position.
#pragma once

#include <algorithm>
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

/// Arrays of trivially copyable items, in the order in which they were put. Tree::select and Cursor::seek_rank read,
/// Edit::splice, concatenate, slice and split_at write. The items' bytes are their disk format. `Memory` says who owns
/// the nodes (leaf_policy.h).
template <class T, class Memory = BlockMemory>
struct List {
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 16);
  static constexpr bool kStrictFill = true;

  using Entry = T;
  using Item = T;
  struct alignas(16) Leaf : Node {
    uint32_t capacity = 0;
    const T* items() const { return reinterpret_cast<const T*>(this + 1); }
    T* items() { return reinterpret_cast<T*>(this + 1); }
  };
  using Leaves = std::conditional_t<Memory::kCollected, LeafRun<Leaf>, std::vector<Leaf*>>;

  /// Items of a full leaf; at least 4.
  uint32_t max_entries = std::max<uint32_t>(32, 4096 / sizeof(T));
  [[no_unique_address]] Memory memory{};

  bool thin(const Leaf& leaf) const { return leaf.count < max_entries / 4; }
  T entry(const Leaf& leaf, uint32_t index) const { return leaf.items()[index]; }

  Leaf* copy(const Leaf& leaf, uint32_t from, uint32_t to) const {
    Leaf* part = new_leaf(to - from);
    append(*part, {leaf.items() + from, to - from});
    return part;
  }
  void concat(const Leaf& a, const Leaf& b, Leaves& out) const {
    write({{items_of(a), items_of(b), {}}}, out);
  }
  void build(std::span<const T> items, Leaves& out) const { write({{items, {}, {}}}, out); }

  void splice(Leaf* leaf, bool owned, uint32_t index, uint32_t remove, std::span<const T> items,
              Leaves& out) const {
    const std::span<const T> old = items_of(*leaf);
    const size_t total = old.size() - remove + items.size();
    if (total == 0) return;
    if (total > max_entries || (!owned && items.size() > max_entries / 4)) {
      return write({{old.first(index), items, old.subspan(index + remove)}}, out, index == old.size());
    }
    if (!owned || total > leaf->capacity) {
      const size_t needed = std::max(total, old.size());
      const size_t roomy = memory.leaves_room() ? std::min<size_t>(max_entries, needed + needed / 8 + 4) : needed;
      leaf = new_leaf(static_cast<uint32_t>(std::max(needed, roomy)));
      append(*leaf, old);
    }
    T* at = leaf->items() + index;
    if (items.size() != remove) std::memmove(at + items.size(), at + remove, (old.size() - index - remove) * sizeof(T));
    if (!items.empty()) std::memcpy(at, items.data(), items.size() * sizeof(T));
    leaf->count = total;
    out.push_back(leaf);
  }
  void free(Leaf* leaf) const { memory.free_leaf(leaf, leaf_bytes(leaf->capacity)); }

  // Bytes: u8 format 1, varint count, items.
  void encode(const Leaf& leaf, std::string& out) const {
    put_fixed<uint8_t>(out, 1);
    put_varint(out, leaf.count);
    out.append(reinterpret_cast<const char*>(leaf.items()), leaf.count * sizeof(T));
  }
  Result<Leaf*> decode(std::string_view bytes) const {
    ByteReader reader(bytes);
    const uint8_t format = reader.fixed<uint8_t>();
    const uint64_t count = reader.varint();
    const size_t size = reader.rest().size();
    if (!reader.ok() || format != 1 || count == 0 || count > UINT32_MAX || size % sizeof(T) != 0 ||
        size / sizeof(T) != count) {
      return Status(StatusCode::kCorruption, "a list leaf has the wrong size");
    }
    Leaf* leaf = new_leaf(static_cast<uint32_t>(count));
    std::memcpy(leaf->items(), reader.rest().data(), size);
    leaf->count = count;
    return leaf;
  }
  Status check(const Leaf& leaf) const {
    if (leaf.count > leaf.capacity || leaf.count > max_entries) {
      return Status(StatusCode::kCorruption, "a list leaf is too big");
    }
    return {};
  }

 private:
  struct Pieces {
    std::span<const T> pieces[3];
  };

  static std::span<const T> items_of(const Leaf& leaf) { return {leaf.items(), leaf.count}; }
  static size_t leaf_bytes(uint32_t capacity) { return sizeof(Leaf) + capacity * sizeof(T); }
  Leaf* new_leaf(uint32_t capacity) const {
    auto* leaf = new (memory.allocate_leaf(leaf_bytes(capacity))) Leaf;
    leaf->owner = memory.leaf_header();
    leaf->capacity = capacity;
    return leaf;
  }
  static void append(Leaf& leaf, std::span<const T> items) {
    if (items.empty()) return;
    std::memcpy(leaf.items() + leaf.count, items.data(), items.size() * sizeof(T));
    leaf.count = leaf.count + items.size();
  }
  // The pieces one after the other, in leaves of equal size.
  void write(const Pieces& source, Leaves& out, bool appends = false) const {
    size_t total = 0;
    for (const auto& piece : source.pieces) total += piece.size();
    BlockFill fill(total, max_entries, appends);
    Leaf* leaf = nullptr;
    for (std::span<const T> piece : source.pieces) {
      while (!piece.empty()) {
        if (leaf == nullptr || leaf->count == leaf->capacity) out.push_back(leaf = new_leaf(fill.take()));
        const size_t part = std::min<size_t>(piece.size(), leaf->capacity - leaf->count);
        append(*leaf, piece.first(part));
        piece = piece.subspan(part);
      }
    }
  }
};

}  // namespace proto::avl
