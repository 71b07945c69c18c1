#include "runtime/heap/external.h"

#include <cstdlib>
#include <string>

#include "runtime/heap/internal/weak_tables.h"
#include "runtime/heap/weak.h"

namespace proto {
namespace heap {
namespace {

struct ExternalPointerCell : Cell {
  void* pointer;
};

struct ExternalBufferCell : Cell {
  std::byte* bytes;
  size_t size;
};

constexpr size_t kBufferAlignment = 64;

}  // namespace
}  // namespace heap

Value make_external_pointer(Context& ctx, void* pointer, void (*destroy)(void*), size_t accounted_bytes) {
  if (!ctx.enter()) return {};
  auto* cell = allocate<heap::ExternalPointerCell>(ctx, CellKind::kExternalPointer);
  cell->pointer = pointer;
  const Value value = Value::cell(cell);
  if (destroy != nullptr || accounted_bytes > 0) {
    heap::leave_to_collector(ctx, value);
    heap::WeakTables::of(ctx).add({cell, destroy, pointer, accounted_bytes});
    ctx.account_external(static_cast<int64_t>(accounted_bytes));
  }
  return value;
}

void* external_pointer(Value value) {
  if (!value.is_cell_of(CellKind::kExternalPointer)) return nullptr;
  return static_cast<const heap::ExternalPointerCell*>(value.as_cell())->pointer;
}

Value make_external_buffer(Context& ctx, size_t size) {
  if (!ctx.reserve(size)) return {};
  // calloc gets large memory zeroed from the system, without touching it; the rest of the alignment is left to us.
  void* memory = size <= SIZE_MAX - heap::kBufferAlignment ? std::calloc(size + heap::kBufferAlignment, 1) : nullptr;
  if (memory == nullptr) {
    return ctx.fail(Status(StatusCode::kOutOfMemory, "the system gave no memory for a buffer of " + std::to_string(size) +
                                                         " bytes"));
  }
  const uintptr_t aligned =
      (reinterpret_cast<uintptr_t>(memory) + heap::kBufferAlignment - 1) & ~uintptr_t{heap::kBufferAlignment - 1};
  auto* cell = allocate<heap::ExternalBufferCell>(ctx, CellKind::kExternalBuffer);
  cell->bytes = reinterpret_cast<std::byte*>(aligned);
  cell->size = size;
  const Value value = Value::cell(cell);
  heap::leave_to_collector(ctx, value);
  heap::WeakTables::of(ctx).add({cell, std::free, memory, size + heap::kBufferAlignment});
  ctx.account_external(static_cast<int64_t>(size + heap::kBufferAlignment));
  return value;
}

std::span<std::byte> external_buffer(Value value) {
  if (!value.is_cell_of(CellKind::kExternalBuffer)) return {};
  const auto* cell = static_cast<const heap::ExternalBufferCell*>(value.as_cell());
  return {cell->bytes, cell->size};
}

}  // namespace proto
