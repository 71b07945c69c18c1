// Memory and resources of the embedder, owned by cells.
#pragma once

#include <cstddef>
#include <span>

#include "runtime/heap/context.h"

namespace proto {

/// A pointer as a value. `destroy` (may be null) is called once with the pointer after the value died, on the collector's
/// thread; `accounted_bytes` is what it keeps outside the heap, which the collector counts.
Value make_external_pointer(Context& ctx, void* pointer, void (*destroy)(void*) = nullptr, size_t accounted_bytes = 0);
/// The pointer; null if `value` is not of kind kExternalPointer.
void* external_pointer(Value value);

/// A mutable buffer of `size` bytes outside the heap, zeroed, aligned to 64, whose address never changes while the value lives.
Value make_external_buffer(Context& ctx, size_t size);
/// The bytes; empty if `value` is not of kind kExternalBuffer.
std::span<std::byte> external_buffer(Value value);

}  // namespace proto
