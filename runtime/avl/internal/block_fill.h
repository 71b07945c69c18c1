// How many entries go into each of a run of new leaves.
#pragma once

#include <cstdint>

namespace proto::avl::internal {

/// Cuts `total` entries into the fewest leaves of at most `max`, of equal size give or take one.
class BlockFill {
 public:
  BlockFill(uint64_t total, uint32_t max) : rest_(total), leaves_((total + max - 1) / max) {}
  bool done() const { return leaves_ == 0; }
  /// Size of the next leaf.
  uint32_t take() {
    const uint64_t size = (rest_ + leaves_ - 1) / leaves_;
    rest_ -= size;
    --leaves_;
    return static_cast<uint32_t>(size);
  }

 private:
  uint64_t rest_;
  uint64_t leaves_;
};

}  // namespace proto::avl::internal
