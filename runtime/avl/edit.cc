#include "runtime/avl/edit.h"

#include <atomic>

namespace proto::avl {

uint64_t new_edit_token() {
  static std::atomic<uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;  // uniqueness is all that is asked
}

}  // namespace proto::avl
