#include "runtime/avl/edit.h"

#include <atomic>

namespace proto::avl {

uint64_t new_edit_token() {
  return new_edit_tokens(1);
}

uint64_t new_edit_tokens(uint64_t count) {
  static std::atomic<uint64_t> last{0};
  return (last.fetch_add(count, std::memory_order_relaxed) + 1) * kTokenStep;  // uniqueness is all that is asked
}

}  // namespace proto::avl
