// Cells for the kinds. Include runtime/heap/context.h.
#pragma once

#include <cstring>
#include <type_traits>

#include "runtime/heap/thread.h"

namespace proto {

namespace internal {
// Words after the header become zero; short cells without a call.
inline void zero_cell(Cell* cell, size_t bytes) {
  char* at = reinterpret_cast<char*>(cell) + sizeof(Cell);
  if (bytes <= 128) {
    for (size_t i = sizeof(Cell); i < bytes; i += 8) {
      std::memset(at, 0, 8);
      at += 8;
    }
  } else {
    std::memset(at, 0, bytes - sizeof(Cell));
  }
}
}  // namespace internal

/// Keeps a cell alive to the end of a scope where the code goes on to use only something computed from its address (a header word
/// that has it shifted): the collector would not know that word.
class KeepAlive {
 public:
  explicit KeepAlive(const void* cell) : cell_(cell) { asm volatile("" ::"m"(cell_)); }
  ~KeepAlive() { asm volatile("" ::"m"(cell_) : "memory"); }
  KeepAlive(const KeepAlive&) = delete;
  KeepAlive& operator=(const KeepAlive&) = delete;

 private:
  const void* cell_;
};

/// A cell of at least `bytes`, with its header and `payload` (56 bits) set and everything else uninitialised: it must be
/// filled before the next allocation or safepoint of this thread. `T` derives from Cell (or begins like one: tree nodes).
/// Never null. About 2 ns.
template <class T = Cell>
T* allocate_raw(Context& ctx, CellKind kind, size_t bytes = sizeof(T), uint64_t payload = 0) {
  Cell* cell = bytes <= heap::kMaxSmallBytes ? ctx.thread().allocate_small(heap::size_class_of(bytes))
                                             : ctx.thread().allocate_large(bytes);
  cell->set_header(kind, payload);
  return reinterpret_cast<T*>(cell);
}

/// The same with the rest zeroed, which is harmless to trace. Whole usable size (heap::usable_bytes(bytes)).
template <class T = Cell>
T* allocate(Context& ctx, CellKind kind, size_t bytes = sizeof(T), uint64_t payload = 0) {
  const size_t usable = heap::usable_bytes(bytes);
  Cell* cell = allocate_raw<Cell>(ctx, kind, bytes, payload);
  internal::zero_cell(cell, usable);
  return reinterpret_cast<T*>(cell);
}

/// Bytes of the cell's memory, which are at least what was asked for. O(1).
size_t cell_bytes(const Cell* cell);

}  // namespace proto
