// Puts the folders together: which kinds of cells there are, and what a new space begins with.
#include <mutex>

#include "runtime/builtin/builtin.h"
#include "runtime/collection/bytes.h"
#include "runtime/collection/hashed_kinds.h"
#include "runtime/collection/list.h"
#include "runtime/collection/sparse_list.h"
#include "runtime/collection/string.h"
#include "runtime/collection/tuple.h"
#include "runtime/heap/context.h"
#include "runtime/heap/kinds.h"
#include "runtime/number/number.h"
#include "runtime/object/object.h"
#include "runtime/object/threads.h"
#include "runtime/value/kind_table.h"

namespace proto {

void register_kinds() {
  static std::once_flag once;
  std::call_once(once, [] {
    register_bytes_kinds();
    register_heap_kinds();
    register_keyed_kinds();
    register_list_kinds();
    register_number_kinds();
    register_object_kinds();
    register_sparse_list_kinds();
    register_string_kinds();
    register_tuple_kinds();
    objects::register_thread_kind();
  });
}

void populate_space(Space& space) {
  space.set_extension(SpaceSlot::kThreads, objects::make_thread_table());
  populate_objects(space);
  populate_builtins(space);
}

}  // namespace proto
