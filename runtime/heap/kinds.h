// The kinds of cells that lead out of the heap.
#pragma once

namespace proto {

/// Enters weak references, external pointers and buffers; register_kinds() calls it. (Interned strings and tuples are entered by
/// the folder that gives them their operations.)
void register_heap_kinds();

}  // namespace proto
