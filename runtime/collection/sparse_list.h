// SparseList: an immutable sequence with gaps: values at any 64-bit indexes, in the order of the indexes.
#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <span>

#include "runtime/avl/cursor.h"
#include "runtime/avl/pod_map.h"
#include "runtime/collection/node_memory.h"
#include "runtime/heap/context.h"
#include "runtime/value/value.h"

namespace proto {

namespace internal {

/// Indexes in order; near one another they are found by interpolation.
struct IndexOrder {
  bool less(int64_t a, int64_t b) const { return a < b; }
  bool equal(int64_t a, int64_t b) const { return a == b; }
  uint64_t position(int64_t index) const {
    return static_cast<uint64_t>(index) ^ uint64_t { 1 } << 63;
  }
};

/// The default policy is for reading.
struct SparseNodes
    : avl::PodMap<int64_t, Value, NodeMemory<CellKind::kSparseLeaf, CellKind::kSparseInner>, IndexOrder> {
  using Memory = NodeMemory<CellKind::kSparseLeaf, CellKind::kSparseInner>;
  static constexpr uint32_t kMaxEntries = 126;  // a leaf of 2 KiB
  SparseNodes() : PodMap{.max_entries = kMaxEntries} {}
  SparseNodes(Context& ctx, bool leaves_room)
      : PodMap{.max_entries = kMaxEntries, .memory = Memory(ctx, leaves_room)} {}
};

struct SparseListCell : Cell {
  avl::Node* root;  // null when empty
};
static_assert(sizeof(SparseListCell) == 16);

}  // namespace internal

class SparseListIterator;

/// A Value that is a sparse list; one word, copied freely. Any thread may read it. Functions that take a Context may
/// fail (an error is pending, the memory limit): they return SparseList() then, of which valid() is false.
class SparseList : public Value {
 public:
  struct Entry {
    int64_t index;
    Value value;
  };

  /// No list. Everything but valid() wants a real one.
  constexpr SparseList() = default;
  /// Only when value.is_sparse_list().
  explicit SparseList(Value value) : Value(value) { PROTO_DCHECK(value.is_sparse_list()); }
  bool valid() const { return !is_none(); }

  static SparseList empty(Context& ctx);
  /// Any order; of equal indexes the last one wins. O(n log n). The values must be reachable.
  static SparseList of(Context& ctx, std::span<const Entry> entries);

  /// How many indexes have a value. O(1).
  uint64_t size() const;
  bool is_empty() const { return size() == 0; }
  using Value::get;
  /// The value at `index`; none when there is none. O(log n), like all that says nothing else.
  Value get(int64_t index) const;
  using Value::has;
  bool has(int64_t index) const;
  std::optional<int64_t> first_index() const;
  std::optional<int64_t> last_index() const;
  /// The least index >= `from` that has a value.
  std::optional<int64_t> next_index(int64_t from) const;
  /// How many indexes in [from, to) have a value.
  uint64_t count(int64_t from, int64_t to) const;
  /// The entries in order of their indexes: `for (SparseList::Entry entry : list)`. Allocates nothing.
  SparseListIterator begin() const;
  std::default_sentinel_t end() const { return {}; }

  /// With a value at `index`, which may be none: then has(index) nevertheless.
  [[nodiscard]] SparseList set(Context& ctx, int64_t index, Value value) const;
  /// Many at once, as of() takes them. O(m log(n/m + 1)) after sorting.
  [[nodiscard]] SparseList set(Context& ctx, std::span<const Entry> entries) const;
  /// Without the value at `index`; itself if there is none.
  [[nodiscard]] SparseList erase(Context& ctx, int64_t index) const;
  [[nodiscard]] SparseList erase(Context& ctx, int64_t from, int64_t to) const;
  /// The entries with indexes in [from, to).
  [[nodiscard]] SparseList slice(Context& ctx, int64_t from, int64_t to) const;
  /// The entries of both; where both have one, that of `other`. O(m log(n/m + 1)).
  [[nodiscard]] SparseList merge(Context& ctx, const SparseList& other) const;

  /// Verifies the tree; kCorruption says what is wrong. O(n). For tests.
  Status check() const;
};

/// Walks the entries. About 600 bytes; the list must stay reachable.
class SparseListIterator {
 public:
  using value_type = SparseList::Entry;
  using difference_type = ptrdiff_t;

  explicit SparseListIterator(const SparseList& list);
  SparseList::Entry operator*() const {
    const auto entry = cursor_.entry();
    return {entry.key, entry.value};
  }
  SparseListIterator& operator++() {
    cursor_.next();
    return *this;
  }
  void operator++(int) { ++*this; }
  bool operator==(std::default_sentinel_t) const { return !cursor_.valid(); }

 private:
  avl::Cursor<internal::SparseNodes> cursor_;
};

/// Enters the kinds of sparse lists; called once by register_kinds().
void register_sparse_list_kinds();

}  // namespace proto
