#include "runtime/heap/internal/spin_lock.h"

#include <chrono>
#include <thread>

namespace proto::heap {
namespace {

void pause_processor() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

void SpinLock::lock_slowly() {
  constexpr uint32_t kSpins = 100;
  constexpr uint32_t kYields = 20;
  for (uint32_t round = 0;; ++round) {
    if (!taken_.load(std::memory_order_relaxed) && !taken_.exchange(true, std::memory_order_acquire)) return;
    if (round < kSpins) {
      pause_processor();
    } else if (round < kSpins + kYields) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds(20));
    }
  }
}

}  // namespace proto::heap
