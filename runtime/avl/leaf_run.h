// The leaves that a policy makes of one, on their way into a collected tree.
#pragma once

#include <cstdint>
#include <span>

namespace proto::avl {

/// A short array within the edit, hence on the stack, where a collector sees it. When one more leaf comes than it has room
/// for, the edit takes those that are there into the tree that is growing.
template <class Leaf>
class LeafRun {
 public:
  static constexpr uint32_t kRoom = 16;
  using Spill = void (*)(void* edit);

  /// `spill(edit)` must leave the run empty.
  LeafRun(void* edit, Spill spill) : edit_(edit), spill_(spill) {}
  LeafRun(const LeafRun&) = delete;
  LeafRun& operator=(const LeafRun&) = delete;

  void push_back(Leaf* leaf) {
    if (size_ == kRoom) spill_(edit_);  // not earlier: the last leaf that was pushed may still be being filled
    leaves_[size_++] = leaf;
  }
  void pop_back() { --size_; }
  void clear() { size_ = 0; }
  bool empty() const { return size_ == 0; }
  std::span<Leaf* const> leaves() const { return {leaves_, size_}; }

 private:
  void* edit_;
  Spill spill_;
  uint32_t size_ = 0;
  Leaf* leaves_[kRoom];
};

}  // namespace proto::avl
