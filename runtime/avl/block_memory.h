// Memory for leaves: blocks of some kilobytes, in huge pages once there are many of them.
#pragma once

#include <cstddef>

namespace proto::avl {

/// A block of at least `bytes`, aligned to 64. From the system's allocator at first; sizes of which more than a mebibyte is
/// in use come from 2 MiB chunks in huge pages, where a random read costs a fifth less. An empty chunk goes back to the
/// system. Any thread; one short lock. Never null: throws std::bad_alloc as operator new does.
void* allocate_block(size_t bytes);
/// Ends a block of allocate_block; `bytes` is what was asked for.
void free_block(void* block, size_t bytes);

}  // namespace proto::avl
