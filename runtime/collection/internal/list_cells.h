// The cells that lists are made of.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "runtime/avl/list.h"
#include "runtime/collection/node_memory.h"
#include "runtime/value/cell.h"
#include "runtime/value/value.h"

namespace proto::internal {

/// Items of a list in one flat cell.
inline constexpr uint32_t kSmallListItems = 15;
/// Items of a full leaf (a cell of 2 KiB) and of the largest tail.
inline constexpr uint32_t kLeafItems = 252;

/// Leaves and inner nodes. The default policy is for reading.
struct ListNodes : avl::List<Value, NodeMemory<CellKind::kListLeaf, CellKind::kListInner>> {
  ListNodes() : List{.max_entries = kLeafItems} {}
  explicit ListNodes(Context& ctx) : List{.max_entries = kLeafItems, .memory = Memory(ctx)} {}
  using Memory = NodeMemory<CellKind::kListLeaf, CellKind::kListInner>;
};

/// Up to kSmallListItems items. The header's payload is their number.
struct SmallListCell : Cell {
  Value items[1];  // really payload()

  static constexpr size_t bytes(size_t count) { return sizeof(Cell) + count * sizeof(Value); }
  std::span<const Value> view() const { return {items, payload()}; }
};

/// Spare room behind the items of the lists that share it. The collector sees it through those lists, each its own
/// part.
struct ListTail : Cell {
  // header payload: capacity
  std::atomic<uint64_t> used;  // slots that some list uses
  Value items[1];              // really payload()

  static constexpr size_t bytes(size_t capacity) { return sizeof(Cell) + sizeof(used) + capacity * sizeof(Value); }
  uint32_t capacity() const { return static_cast<uint32_t>(payload()); }
};

/// More than kSmallListItems items: those of the tree, then the first payload() ones of the tail.
struct ListCell : Cell {
  uint64_t size;
  avl::Node* root;  // null: no tree
  ListTail* tail;   // null: no tail

  uint32_t tail_count() const { return static_cast<uint32_t>(payload()); }
  uint64_t tree_size() const { return size - tail_count(); }
  std::span<const Value> tail_view() const { return {tail == nullptr ? nullptr : tail->items, tail_count()}; }
};
static_assert(sizeof(ListCell) == 32);

inline const ListCell* list_cell(const Cell* cell) { return static_cast<const ListCell*>(cell); }
inline const SmallListCell* small_list_cell(const Cell* cell) { return static_cast<const SmallListCell*>(cell); }

}  // namespace proto::internal
