#include "vector/filter.h"

#include <algorithm>
#include <bit>

namespace protobase::vector {

std::optional<uint64_t> Filter::count_at_most() const {
  if (kind_ == Kind::kSortedIds) return ids_.size();
  if (kind_ != Kind::kBitmap) return std::nullopt;
  uint64_t count = 0;
  for (const uint64_t word : words_) count += static_cast<uint64_t>(std::popcount(word));
  return count;
}

bool Filter::accepts(proto::ObjectId id) const {
  switch (kind_) {
    case Kind::kAll:
      return true;
    case Kind::kSortedIds:
      return std::binary_search(ids_.begin(), ids_.end(), id);
    case Kind::kBitmap: {
      const uint64_t offset = id.value - first_.value;  // an id before the first wraps round and is out of range
      return offset / 64 < words_.size() && (words_[offset / 64] >> (offset % 64) & 1) != 0;
    }
    case Kind::kPredicate:
      return predicate_(context_, id);
  }
  return false;
}

}  // namespace protobase::vector
