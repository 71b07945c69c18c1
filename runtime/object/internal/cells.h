// What objects look like in memory.
//
//   Object            header: kind 8 | slots 8 | shape 48      then one Value per attribute, in the order of the shape
//   DictionaryObject  header: kind 8 | 0 8     | shape 48      then a table of attributes (attribute_table.h)
//   MutableObject     header: kind                             then one atomic word: its state, which is one of the
//   above
//
// Two states have the same attributes in the same slots, and the same prototypes, exactly when their header words are
// equal.
#pragma once

#include <atomic>
#include <cstdint>

#include "runtime/value/cell.h"
#include "runtime/value/value.h"

namespace proto::objects {

struct Shape;

/// More attributes than this go to a dictionary.
inline constexpr uint32_t kMaxSlots = 64;

struct ObjectCell : Cell {
  Value slots[1];  // really slot_count()
};

struct DictionaryObjectCell : Cell {
  Value table;
};

/// A mutable object is the address of its state. Whoever changes the object makes a new state and puts it here by
/// compare-and-set (release: pairs with the acquire of load_state), so readers see all of one state or all of the next,
/// and nobody waits for anybody. The bit kResolved says that a look-up in some other object has passed through this one
/// since it was made; being in the same word as the state, it cannot be missed by a change that the look-up did not see
/// (see lookup.h).
struct MutableObjectCell : Cell {
  static constexpr uint64_t kResolved = 8;
  std::atomic<uint64_t> state;
};

constexpr uint64_t kKindMask = 0xFF;
constexpr bool is_kind(uint64_t header, CellKind kind) { return (header & kKindMask) == static_cast<uint8_t>(kind); }

inline uint64_t object_header(CellKind kind, const Shape* shape, uint32_t slots) {
  return reinterpret_cast<uint64_t>(shape) << 16 | uint64_t{slots} << 8 | static_cast<uint8_t>(kind);
}
inline Shape* shape_of(uint64_t header) { return reinterpret_cast<Shape*>(header >> 16); }
constexpr uint32_t slots_of(uint64_t header) { return static_cast<uint32_t>(header >> 8 & 0xFF); }
constexpr size_t object_bytes(uint32_t slots) { return sizeof(Cell) + slots * sizeof(Value); }

inline uint64_t state_word(const Cell* state) { return reinterpret_cast<uint64_t>(state) + Value::kCellTag; }
inline Cell* state_cell(uint64_t word) { return reinterpret_cast<Cell*>(word & ~uint64_t{15}); }
inline Cell* load_state(const Cell* object) {
  return state_cell(static_cast<const MutableObjectCell*>(object)->state.load(std::memory_order_acquire));
}

/// The immutable object that holds the attributes of `object` now. Only when object.is_object().
inline Cell* state_of(Value object) {
  Cell* cell = object.as_cell();
  return cell->kind() == CellKind::kMutableObject ? load_state(cell) : cell;
}

inline Value& slot(Cell* object, uint32_t index) { return static_cast<ObjectCell*>(object)->slots[index]; }
inline Value slot(const Cell* object, uint32_t index) { return static_cast<const ObjectCell*>(object)->slots[index]; }

}  // namespace proto::objects
