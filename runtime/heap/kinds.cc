#include "runtime/heap/kinds.h"

#include "runtime/value/kind_table.h"

namespace proto {

void register_heap_kinds() {
  register_kind(CellKind::kWeakReference, {.name = "weak reference"});
  register_kind(CellKind::kExternalPointer, {.name = "external pointer"});
  register_kind(CellKind::kExternalBuffer, {.name = "external buffer"});
}

}  // namespace proto
