// Memory for leaves: blocks of some kilobytes, in huge pages once there are many of them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace proto::avl {

/// A block of at least `bytes`, aligned to 64. From the system's allocator at first; sizes of which more than a mebibyte is
/// in use come from 2 MiB chunks in huge pages, where a random read costs a fifth less. An empty chunk goes back to the
/// system. Any thread; one short lock. Never null: throws std::bad_alloc as operator new does.
void* allocate_block(size_t bytes);
/// Ends a block of allocate_block; `bytes` is what was asked for.
void free_block(void* block, size_t bytes);

/// The memory of durable leaves, for policies that serve both owners (CollectedPolicy in leaf_policy.h says what these are).
struct BlockMemory {
  static constexpr bool kCollected = false;
  void* allocate_leaf(size_t bytes) const { return allocate_block(bytes); }
  void free_leaf(void* leaf, size_t bytes) const { free_block(leaf, bytes); }
  static constexpr uint64_t leaf_header() { return 0; }
  static constexpr bool leaves_room() { return true; }
};

}  // namespace proto::avl
