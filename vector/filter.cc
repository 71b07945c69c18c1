#include "vector/filter.h"

#include <algorithm>

namespace protobase::vector {

bool Filter::accepts(proto::ObjectId id) const {
  switch (kind_) {
    case Kind::kAll: return true;
    case Kind::kSortedIds: return std::binary_search(ids_.begin(), ids_.end(), id);
    case Kind::kBitmap: {
      const uint64_t offset = id.value - first_.value;  // an id before the first wraps round and is out of range
      return offset / 64 < words_.size() && (words_[offset / 64] >> (offset % 64) & 1) != 0;
    }
    case Kind::kPredicate: return predicate_(context_, id);
  }
  return false;
}

}  // namespace protobase::vector
