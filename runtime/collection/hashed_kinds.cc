#include "runtime/collection/hashed_kinds.h"

#include "runtime/collection/dictionary.h"
#include "runtime/collection/multiset.h"
#include "runtime/collection/set.h"

namespace proto {

void register_keyed_kinds() {
  register_dictionary_kinds();
  register_set_kinds();
  register_multiset_kinds();
}

}  // namespace proto
