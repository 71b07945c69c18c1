// How many entries go into each of a run of new leaves; for leaf policies.
#pragma once

#include <algorithm>
#include <cstdint>

namespace proto::avl {

/// Cuts `total` entries into the fewest leaves of at most `max`: of equal size give or take one, or, for entries that arrive
/// in order (`appends`), the last leaf as small as it may be, since only it will grow.
class BlockFill {
 public:
  BlockFill(uint64_t total, uint32_t max, bool appends = false)
      : rest_(total), leaves_((total + max - 1) / max), last_(appends ? std::max<uint32_t>(1, max / 4) : 0), max_(max) {}
  bool done() const { return leaves_ == 0; }
  /// Size of the next leaf.
  uint32_t take() {
    uint64_t size = (rest_ + leaves_ - 1) / leaves_;
    if (last_ != 0 && leaves_ > 1) size = std::min<uint64_t>(max_, rest_ - last_ - (leaves_ - 2));
    rest_ -= size;
    --leaves_;
    return static_cast<uint32_t>(size);
  }

 private:
  uint64_t rest_;
  uint64_t leaves_;
  uint32_t last_;
  uint32_t max_;
};

}  // namespace proto::avl
