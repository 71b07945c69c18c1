// A cell: a piece of memory that belongs to the collector.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace proto {

/// What a cell is. The lowest byte of its header.
enum class CellKind : uint8_t {
#define PROTO_CELL_KIND(name, layout) name,
#include "runtime/value/cell_kinds.def"
#undef PROTO_CELL_KIND
};

/// How the collector finds the references of a cell.
enum class CellLayout : uint8_t {
  kOpaque,  // it has none
  kValues,  // every word after the header is a Value; unused ones are zero
  kTraced,  // the kind's trace function tells
};

/// What every cell begins with: one word, the kind in its low 8 bits; the other 56 belong to the kind (an object keeps its
/// shape there, a tree node its edit token). A free cell has header 0. Cells are aligned to 16 bytes and never move.
/// The collector reads headers beside the program, so they are atomics; the store that makes a cell happens before the
/// store that publishes it.
struct Cell {
  std::atomic<uint64_t> header{0};

  static constexpr uint64_t make_header(CellKind kind, uint64_t payload = 0) {
    return payload << 8 | static_cast<uint8_t>(kind);
  }
  uint64_t header_word() const { return header.load(std::memory_order_relaxed); }
  CellKind kind() const { return static_cast<CellKind>(header_word() & 0xFF); }
  /// The kind's own 56 bits.
  uint64_t payload() const { return header_word() >> 8; }
  void set_header(CellKind kind, uint64_t payload = 0) {
    header.store(make_header(kind, payload), std::memory_order_relaxed);
  }
};
static_assert(sizeof(Cell) == 8);

inline constexpr size_t kCellAlignment = 16;

}  // namespace proto
