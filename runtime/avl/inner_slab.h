// Memory for inner nodes: 64-byte cells out of large, huge-page friendly slabs.
#pragma once

#include <cstddef>
#include <mutex>
#include <vector>

#include "runtime/avl/node.h"

namespace proto::avl {

/// A pool of Inner-sized cells. Slabs grow from 16 KiB to 2 MiB (then aligned and advised for huge pages) and go back to
/// the system when the pool ends. Under AddressSanitizer every cell is an allocation of its own. Any thread.
class InnerSlab {
 public:
  InnerSlab() = default;
  ~InnerSlab();
  InnerSlab(const InnerSlab&) = delete;
  InnerSlab& operator=(const InnerSlab&) = delete;

  /// Room for one node. O(1) amortised, one lock.
  void* allocate();
  void deallocate(void* cell);
  /// Moves up to `count` free cells to `out`, at least one; one lock for all.
  void take(std::vector<void*>& out, size_t count);
  /// Gives back all cells in `cells` beyond the first `keep`.
  void give(std::vector<void*>& cells, size_t keep);

 private:
  void* allocate_locked();
  void add_slab();

  std::mutex mutex_;
  std::vector<void*> free_;         // guarded by mutex_
  std::vector<void*> slabs_;        // guarded by mutex_
  char* next_ = nullptr;            // guarded by mutex_; unused rest of the newest slab
  char* end_ = nullptr;             // guarded by mutex_
  size_t slab_bytes_ = 16 * 1024;   // guarded by mutex_
};

}  // namespace proto::avl
