// The cells that long strings and byte strings are made of.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <string_view>

#include "runtime/avl/block_fill.h"
#include "runtime/avl/leaf_policy.h"
#include "runtime/collection/node_memory.h"
#include "runtime/text/utf8.h"
#include "runtime/value/cell.h"

namespace proto::internal {

/// Longer strings and byte strings are ropes; these and shorter ones never are.
inline constexpr size_t kMaxFlatBytes = 256;

/// A run of bytes; of a string: whole code points. `address` holds the fingerprint + 1 once somebody asked for it.
struct alignas(16) RopeLeaf : avl::Node {
  uint32_t capacity = 0;
  uint32_t code_points = 0;  // bytes, if not text

  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  std::string_view view() const { return {bytes(), count}; }
};
static_assert(sizeof(RopeLeaf) == 32);

/// Bytes of a full leaf, in a cell of 2 KiB, and of the largest tail.
inline constexpr uint32_t kRopeLeafBytes = 2048 - sizeof(RopeLeaf);

/// Spare room behind the bytes of the ropes that share it.
struct RopeTail : Cell {
  // header payload: capacity
  std::atomic<uint64_t> used;  // bytes that some rope uses

  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  static constexpr size_t cell_bytes(size_t capacity) { return sizeof(Cell) + sizeof(used) + capacity; }
  uint32_t capacity() const { return static_cast<uint32_t>(payload()); }
};

/// The bytes of the tree, then the first payload() ones of the tail. What two ropes hold is known to be equal once one of them
/// names the other in `same_as`, by ascending address; it then lets go of its own tree and tail, which only a reader who
/// began before may still use.
struct RopeCell : Cell {
  uint64_t size;                             // bytes
  uint64_t code_points;                      // bytes, if not text
  mutable std::atomic<uint64_t> fingerprint;  // + 1; 0: nobody asked yet
  mutable std::atomic<uint64_t> same_as;     // Value's word of another RopeCell, or 0; release, pairs with rope_of
  avl::Node* root;                           // null: no tree
  RopeTail* tail;                            // null: no tail

  uint32_t tail_size() const { return static_cast<uint32_t>(payload()); }
};
static_assert(sizeof(RopeCell) <= 64);

/// Up to kMaxFlatBytes bytes that are no string. The header's payload is their number.
struct FlatBytes : Cell {
  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  std::string_view view() const { return {reinterpret_cast<const char*>(this + 1), payload()}; }
};

/// Leaf policy: bytes by position; with `kText` cut between code points only, and inner nodes know the code points on their left
/// (separator.head) and in all (separator.tail). `address` of an inner node is as that of a leaf.
template <CellKind kLeaf, CellKind kInner, bool kText>
struct RopeNodes {
  static constexpr bool kStrictFill = true;

  using Entry = char;
  using Item = char;
  using Leaf = RopeLeaf;
  using Memory = NodeMemory<kLeaf, kInner>;
  using Leaves = avl::LeafRun<Leaf>;

  Memory memory{};

  bool thin(const Leaf& leaf) const { return leaf.count < kRopeLeafBytes / 4 - 8; }  // cuts vary by 3
  char entry(const Leaf& leaf, uint32_t index) const { return leaf.bytes()[index]; }
  Leaf* copy(const Leaf& leaf, uint32_t from, uint32_t to) const {
    Leaf* part = new_leaf(to - from);
    std::memcpy(part->bytes(), leaf.bytes() + from, to - from);
    close(*part, to - from, leaf.code_points == leaf.count);
    return part;
  }
  void concat(const Leaf& a, const Leaf& b, Leaves& out) const { write({a.view(), b.view(), {}}, out); }
  void build(std::span<const char> items, Leaves& out) const { write({{items.data(), items.size()}, {}, {}}, out); }
  void splice(Leaf* leaf, bool, uint32_t index, uint32_t remove, std::span<const char> items, Leaves& out) const {
    const std::string_view old = leaf->view();
    write({old.substr(0, index), {items.data(), items.size()}, old.substr(index + remove)}, out, index == old.size());
  }
  void measure(avl::Inner& inner, const avl::Node& left, const avl::Node& right) const {
    inner.address.store(0, std::memory_order_relaxed);
    if constexpr (kText) {
      inner.separator.head = code_points(left);
      inner.separator.tail = inner.separator.head + code_points(right);
    }
  }
  Status check(const Leaf& leaf) const;

  /// A leaf with this room; fill it, then close() it.
  Leaf* new_leaf(uint32_t capacity) const {
    auto* leaf = new (memory.allocate_leaf(sizeof(Leaf) + capacity)) Leaf;
    leaf->owner = memory.leaf_header();
    leaf->capacity = capacity;
    return leaf;
  }
  static void close(Leaf& leaf, uint32_t size, bool ascii = false) {
    leaf.count = size;
    leaf.code_points = kText && !ascii ? static_cast<uint32_t>(text::count_code_points(leaf.view())) : size;
  }
  static uint64_t code_points(const avl::Node& node) {
    if constexpr (!kText) return node.count;
    return node.is_leaf() ? static_cast<const Leaf&>(node).code_points : static_cast<const avl::Inner&>(node).separator.tail;
  }
  /// How many of the first `limit` bytes of a text may be cut off: all, or up to 3 less.
  static size_t cut(std::string_view bytes, size_t limit) {
    if (limit >= bytes.size()) return bytes.size();
    if constexpr (kText) {
      while (limit > 0 && text::is_continuation(bytes[limit])) --limit;
    }
    return limit;
  }

 private:
  struct Pieces {
    std::string_view first, second, third;
    size_t size() const { return first.size() + second.size() + third.size(); }
  };
  // Leaves planned this much smaller have room for what the cut before them left over.
  static constexpr uint32_t kPlannedBytes = kRopeLeafBytes - 3;

  // The pieces, each of whole code points, one after the other in leaves of about equal size.
  void write(const Pieces& source, Leaves& out, bool appends = false) const {
    const size_t total = source.size();
    if (total == 0) return;
    avl::BlockFill fill(total, total <= kRopeLeafBytes ? kRopeLeafBytes : kPlannedBytes, appends);
    uint32_t planned = fill.take();  // plus what the leaves before have left over
    Leaf* leaf = new_leaf(planned);
    uint32_t size = 0;
    for (std::string_view piece : {source.first, source.second, source.third}) {
      while (!piece.empty()) {
        const size_t part = cut(piece, planned - size);
        std::memcpy(leaf->bytes() + size, piece.data(), part);
        size += static_cast<uint32_t>(part);
        piece.remove_prefix(part);
        if (piece.empty() && (size < planned || fill.done())) break;
        close(*leaf, size);
        out.push_back(leaf);
        planned = planned - size + fill.take();
        leaf = new_leaf(planned);
        size = 0;
      }
    }
    close(*leaf, size);
    out.push_back(leaf);
  }
};

/// Strings. Policies made without a context are for reading.
struct TextNodes : RopeNodes<CellKind::kRopeLeaf, CellKind::kRopeInner, true> {
  static constexpr CellKind kRope = CellKind::kRope;
  static constexpr bool kIsText = true;
  TextNodes() = default;
  explicit TextNodes(Context& ctx) : RopeNodes{Memory(ctx)} {}
};
struct BytesNodes : RopeNodes<CellKind::kBytesLeaf, CellKind::kBytesInner, false> {
  static constexpr CellKind kRope = CellKind::kBytes;
  static constexpr bool kIsText = false;
  BytesNodes() = default;
  explicit BytesNodes(Context& ctx) : RopeNodes{Memory(ctx)} {}
};

template <CellKind kLeaf, CellKind kInner, bool kText>
Status RopeNodes<kLeaf, kInner, kText>::check(const Leaf& leaf) const {
  const auto wrong = [](const char* what) { return Status(StatusCode::kCorruption, what); };
  if (leaf.count > leaf.capacity || leaf.count > kRopeLeafBytes) return wrong("a rope's leaf is too big");
  if constexpr (kText) {
    if (!text::is_valid(leaf.view())) return wrong("a rope's leaf does not hold whole code points");
    if (leaf.code_points != text::count_code_points(leaf.view())) return wrong("a rope's leaf has a wrong count of code points");
  }
  return {};
}

}  // namespace proto::internal
