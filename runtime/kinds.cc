// Puts the folders together: which kinds of cells there are, and what a new space begins with.
#include <mutex>

#include "runtime/collection/list.h"
#include "runtime/collection/sparse_list.h"
#include "runtime/heap/context.h"
#include "runtime/value/kind_table.h"

namespace proto {

void register_kinds() {
  static std::once_flag once;
  std::call_once(once, [] {
    register_list_kinds();
    register_sparse_list_kinds();
  });
}

void populate_space(Space&) {}

}  // namespace proto
