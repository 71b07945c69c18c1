// Blocks of inverted lists: the leaves of the tree that holds an IVF index's vectors, in order of (list, object).
//
// In memory a block is one allocation, so that a list is scanned as whole cache lines:
//
//   | ListBlock header, 64 bytes | vectors, row-major, 64-byte aligned | sketches | ids | list numbers |
//
// Sketches (row_sketch.h; codes row by row, then four arrays of numbers) are there when the dimension makes them pay.
// They follow from the vectors, so they are not on disk.
//
// On disk (little-endian):
//
//   offset  size     field
//   0       4        entry count n, 1 to kMaxBlockEntries
//   4       4        dimension d
//   8       4*n      list numbers
//   .       8*n      object ids; (list, id) ascend strictly
//   .       4*n*d    vectors, row-major floats
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/avl/leaf_policy.h"
#include "runtime/avl/node.h"
#include "runtime/base/coding.h"
#include "runtime/base/ids.h"
#include "vector/quantizer.h"
#include "vector/row_sketch.h"

namespace protobase::vector {

/// Where a vector stands: its list, then its object.
struct ListKey {
  ListId list = 0;
  proto::ObjectId id;
  auto operator<=>(const ListKey&) const = default;
};

struct ListBlock;

/// A vector in its list. `vector` has the index's dimension and lives as long as what it was taken from.
struct ListEntry {
  ListKey key;
  const float* vector = nullptr;
  /// Where it stands already, if it does: its sketch is then copied instead of made again.
  const ListBlock* block = nullptr;
  uint32_t index = 0;
};

/// A block: see the head of this file. Made by ListPolicy alone.
struct alignas(64) ListBlock : proto::avl::Node {
  uint32_t capacity = 0;
  uint32_t dimension = 0;

  const float* vectors() const { return reinterpret_cast<const float*>(this + 1); }
  const float* vector(size_t index) const { return vectors() + index * dimension; }
  const proto::ObjectId* ids() const { return reinterpret_cast<const proto::ObjectId*>(at(ids_offset())); }
  const ListId* lists() const {
    return reinterpret_cast<const ListId*>(at(ids_offset() + capacity * sizeof(proto::ObjectId)));
  }
  ListKey key(size_t index) const { return {lists()[index], ids()[index]}; }

  bool has_sketches() const { return sketch_pays(dimension); }
  /// The sketches from entry `index` on; only when has_sketches().
  SketchRows sketches(size_t index) const;
  /// Bytes that a block takes in memory.
  static size_t memory_bytes(size_t capacity, size_t dimension);

 private:
  friend class ListPolicy;
  /// An array with one element of `width` bytes per entry.
  struct Column {
    char* base;
    size_t width;
    char* entry(size_t index) const { return base + index * width; }
  };
  /// Vectors, codes, the four sketch numbers, ids, lists: what moves together. Widths are 0 for sketches that are not
  /// there.
  static constexpr size_t kColumns = 8;
  std::array<Column, kColumns> columns();
  std::array<Column, kColumns> columns() const { return const_cast<ListBlock*>(this)->columns(); }

  const char* at(size_t offset) const { return reinterpret_cast<const char*>(this) + offset; }
  size_t codes_offset() const { return sizeof(ListBlock) + vector_bytes(capacity, dimension); }
  size_t numbers_offset() const { return codes_offset() + capacity * (has_sketches() ? sketch_stride(dimension) : 0); }
  size_t ids_offset() const { return numbers_offset() + capacity * (has_sketches() ? sizeof(SketchNumbers) : 0); }
  /// Whole cache lines, so that what follows is aligned too.
  static size_t vector_bytes(size_t capacity, size_t dimension) {
    return (capacity * dimension * sizeof(float) + 63) / 64 * 64;
  }
};
static_assert(sizeof(ListBlock) == 64);

/// How a tree keeps ListBlocks (the contract is runtime/avl/leaf_policy.h). A value of two words; any thread.
class ListPolicy {
 public:
  using Leaf = ListBlock;
  using Entry = ListEntry;
  using Item = ListEntry;
  using Key = ListKey;
  struct Change {
    ListKey key;
    proto::avl::ChangeKind kind = proto::avl::ChangeKind::kUpsert;
    const float* vector = nullptr;  // of the index's dimension; unused by an erase
  };
  struct Scratch {};
  static constexpr bool kStrictFill = true;
  static constexpr uint32_t kMaxBlockEntries = 1u << 16;

  /// Blocks of about 64 KiB, 16 to 256 entries.
  explicit ListPolicy(uint32_t dimension);
  /// Blocks of at most `max_entries` (at least 4) entries, for tests.
  ListPolicy(uint32_t dimension, uint32_t max_entries);

  uint32_t dimension() const { return dimension_; }
  uint32_t max_entries() const { return max_entries_; }

  bool thin(const Leaf& leaf) const { return leaf.count < max_entries_ / 4; }
  Entry entry(const Leaf& leaf, uint32_t index) const { return {leaf.key(index), leaf.vector(index), &leaf, index}; }
  Leaf* copy(const Leaf& leaf, uint32_t from, uint32_t to) const;
  void concat(const Leaf& a, const Leaf& b, std::vector<Leaf*>& out) const;
  void build(std::span<const Item> items, std::vector<Leaf*>& out) const;
  void free(Leaf* leaf) const;
  void encode(const Leaf& leaf, std::string& out) const;
  proto::Result<Leaf*> decode(std::string_view bytes) const;
  proto::Status check(const Leaf& leaf) const;

  int compare(const Key& a, const Key& b) const { return a < b ? -1 : a == b ? 0 : 1; }
  Key change_key(const Change& change) const { return change.key; }
  Key item_key(const Item& item) const { return item.key; }
  Key key(const Leaf& leaf, uint32_t index, Scratch&) const { return leaf.key(index); }
  uint32_t lower_bound(const Leaf& leaf, const Key& key) const;
  bool matches(const Leaf& leaf, uint32_t index, const Key& key) const {
    return index < leaf.count && leaf.key(index) == key;
  }
  bool same_entry(const Leaf& a, uint32_t i, const Leaf& b, uint32_t j) const;
  void apply(Leaf* leaf, bool owned, std::span<const Change> changes, std::vector<Leaf*>& out) const;

  /// A separator is the first key to its right: the list in the head, the object in the tail.
  proto::avl::Separator separate(const Leaf&, const Leaf& right) const {
    return {right.lists()[0], right.ids()[0].value};
  }
  bool goes_right(const Key& key, const proto::avl::Separator& separator) const {
    return key.list != separator.head ? key.list > separator.head : key.id.value >= separator.tail;
  }
  Key separator_key(const proto::avl::Separator& separator, Scratch&) const {
    return {static_cast<ListId>(separator.head), proto::ObjectId(separator.tail)};
  }
  proto::avl::Separator copy_separator(const proto::avl::Separator& separator) const { return separator; }
  void free_separator(const proto::avl::Separator&) const {}
  void encode_separator(const proto::avl::Separator& separator, std::string& out) const;
  bool decode_separator(proto::ByteReader& reader, proto::avl::Separator& separator) const;

 private:
  Leaf* allocate(uint32_t capacity) const;
  Leaf* make(std::span<const Item> items, uint32_t capacity) const;
  void put(Leaf& leaf, uint32_t index, const Item& item) const;
  void sketch(Leaf& leaf, uint32_t index) const;
  void shift(Leaf& leaf, uint32_t from, uint32_t to) const;
  bool apply_in_place(Leaf& leaf, const Change& change) const;
  bool merge(const Leaf* leaf, std::span<const Change> changes, std::vector<Item>& merged) const;

  uint32_t dimension_;
  uint32_t max_entries_;
};

}  // namespace protobase::vector
