// A lock for a few dozen instructions.
#pragma once

#include <atomic>
#include <cstdint>

namespace proto::heap {

/// One word; taking it costs one atomic operation, leaving it a store. Who finds it taken spins, then gives its time away,
/// then sleeps for tens of microseconds at a time (its holder may be off the processor). Not fair. Satisfies BasicLockable.
class SpinLock {
 public:
  void lock() {
    if (taken_.exchange(true, std::memory_order_acquire)) lock_slowly();  // pairs with the store in unlock()
  }
  void unlock() { taken_.store(false, std::memory_order_release); }

 private:
  void lock_slowly();

  std::atomic<bool> taken_{false};
};

}  // namespace proto::heap
