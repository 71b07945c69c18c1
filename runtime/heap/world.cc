// Stopping the world and letting it run: threads, safepoints, blocking regions.
#include <pthread.h>

#include <algorithm>

#include "runtime/base/sync_point.h"
#include "runtime/heap/heap.h"

#if defined(__clang__) || defined(__GNUC__)
#define PROTO_NO_SANITIZE __attribute__((no_sanitize("address", "thread", "undefined")))
#endif

namespace proto {
namespace heap {
namespace {

using Clock = std::chrono::steady_clock;

uintptr_t stack_base_of_this_thread() {
  pthread_attr_t attributes;
  void* lowest = nullptr;
  size_t bytes = 0;
  PROTO_CHECK(pthread_getattr_np(pthread_self(), &attributes) == 0);
  pthread_attr_getstack(&attributes, &lowest, &bytes);
  pthread_attr_destroy(&attributes);
  return reinterpret_cast<uintptr_t>(lowest) + bytes;
}

// Word by word, through volatile, so that neither the compiler nor a sanitizer makes a checked memcpy of it: the stack holds
// red zones and dead locals.
PROTO_NO_SANITIZE void copy_stack(uintptr_t top, uintptr_t base, std::vector<uint64_t>& copy) {
  top &= ~uintptr_t{7};
  copy.resize((base - top) / 8);
  const auto* from = reinterpret_cast<const volatile uint64_t*>(top);
  uint64_t* to = copy.data();
  for (size_t i = 0, count = copy.size(); i < count; ++i) to[i] = from[i];
}

void note_pause(PauseHistogram& pauses, double us) {
  size_t bucket = 0;
  while (bucket + 1 < pauses.buckets.size() && us >= static_cast<double>(uint64_t{2} << bucket)) ++bucket;
  ++pauses.buckets[bucket];
  ++pauses.count;
  pauses.total_us += us;
  pauses.longest_us = std::max(pauses.longest_us, us);
}

}  // namespace

void Heap::attach(Thread& thread) {
  thread.stop_->stack_base = stack_base_of_this_thread();
  std::unique_lock world(world_mutex_);
  world_runs_.wait(world, [this] { return !stop_requested_; });
  thread.heap().marking.store(phase() == Phase::kMarking, std::memory_order_relaxed);
  thread.heap().frames_free = phase() == Phase::kIdle && options_.free_frames;
  threads_.push_back(&thread);
  ++running_;
}

void Heap::detach(Thread& thread) {
  thread.poll();
  std::unique_lock world(world_mutex_);
  // A stop that was asked for meanwhile: this thread holds nothing any more, but its notes, which it leaves here.
  std::vector<Value>& overwritten = thread.heap().overwritten;
  lost_.insert(lost_.end(), overwritten.begin(), overwritten.end());
  overwritten.clear();
  count_freed_by_frames(std::exchange(thread.heap().freed_cells, 0));
  std::erase(threads_, &thread);
  --running_;
  run_stop_if_all_stand();
}

// The callee-saved registers go to this function's frame, which lies above the one that park() copies from.
[[gnu::noinline]] void Heap::stop_here(Thread& thread) {
  __builtin_unwind_init();
  park(thread, reinterpret_cast<uintptr_t>(__builtin_frame_address(0)));
  asm volatile("" ::: "memory");  // not a tail call: the frame must stand
}

[[gnu::noinline]] void Heap::park(Thread& thread, uintptr_t) {
  Clock::time_point start = Clock::now();
  std::unique_lock world(world_mutex_);
  while (stop_requested_) {
    Thread::Stop& stop = *thread.stop_;
    if (stop_copies_stacks_ && stop.state == Thread::Stop::State::kRunning) {
      world.unlock();
      copy_stack(reinterpret_cast<uintptr_t>(__builtin_frame_address(0)), stop.stack_base, stop.stack_copy);
      world.lock();
    }
    stop.state = Thread::Stop::State::kStopped;
    --running_;
    run_stop_if_all_stand();
    // Made running by the end of the stop: the next stop may be asked for before this thread wakes, and must wait for it.
    world_runs_.wait(world, [&stop] { return stop.state == Thread::Stop::State::kRunning; });
    note_pause(pauses_, std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    start = Clock::now();
  }
  ThreadHeap& heap = thread.heap();
  heap.attention.fetch_and(~kAttentionStop, std::memory_order_relaxed);
  heap.log_end.store(thread.next_log_end(), std::memory_order_relaxed);
}

void Heap::enter_blocking(Thread& thread, uintptr_t stack_top, std::vector<uint64_t> registers) {
  const std::lock_guard world(world_mutex_);
  thread.stop_->state = Thread::Stop::State::kBlocked;
  thread.stop_->stack_top = stack_top;
  thread.stop_->registers = std::move(registers);
  --running_;
  run_stop_if_all_stand();
}

void Heap::leave_blocking(Thread& thread) {
  std::unique_lock world(world_mutex_);
  world_runs_.wait(world, [this] { return !stop_requested_; });
  thread.stop_->state = Thread::Stop::State::kRunning;
  ++running_;
}

// Whoever makes the last running thread stop does the work of the stop at once: no thread need be woken for it.
void Heap::stop_world(bool copy_stacks, const std::function<void()>& work) {
  std::unique_lock world(world_mutex_);
  stop_work_ = &work;
  stop_requested_ = true;
  stop_copies_stacks_ = copy_stacks;
  for (Thread* thread : threads_) {
    thread->heap().attention.fetch_or(kAttentionStop, std::memory_order_relaxed);
    thread->heap().log_end.store(nullptr, std::memory_order_relaxed);
  }
  PROTO_SYNC_POINT("Heap::StopRequested");
  run_stop_if_all_stand();
  stop_done_.wait(world, [this] { return stop_work_ == nullptr; });
}

void Heap::run_stop_if_all_stand() {
  if (running_ != 0 || !stop_requested_) return;
  for (Thread* thread : threads_) {
    Thread::Stop& stop = *thread->stop_;
    if (stop_copies_stacks_ && stop.state == Thread::Stop::State::kBlocked) {
      copy_stack(stop.stack_top, stop.stack_base, stop.stack_copy);
      stop.stack_copy.insert(stop.stack_copy.end(), stop.registers.begin(), stop.registers.end());
    }
  }
  (*stop_work_)();
  ++stops_;
  stop_work_ = nullptr;
  stop_requested_ = false;
  for (Thread* thread : threads_) {
    if (thread->stop_->state == Thread::Stop::State::kStopped) {
      thread->stop_->state = Thread::Stop::State::kRunning;
      ++running_;
    } else {
      thread->heap().attention.fetch_and(~kAttentionStop, std::memory_order_relaxed);
      thread->heap().log_end.store(thread->next_log_end(), std::memory_order_relaxed);
    }
  }
  world_runs_.notify_all();
  stop_done_.notify_all();
}

}  // namespace heap

// ---- blocking -----------------------------------------------------------------------------------------------------------

namespace heap {

// What callers hold in registers was pushed into the constructor's frame. That frame ends when the thread goes on to block, so its
// words are kept apart; the frames above it stand.
[[gnu::noinline]] void block_thread(Thread& thread, uintptr_t constructor_frame) {
  std::vector<uint64_t> registers;
  copy_stack(reinterpret_cast<uintptr_t>(__builtin_frame_address(0)), constructor_frame, registers);
  thread.space().heap().enter_blocking(thread, constructor_frame, std::move(registers));
}

}  // namespace heap

[[gnu::noinline]] BlockingRegion::BlockingRegion(Thread& thread) : thread_(thread) {
  __builtin_unwind_init();
  heap::block_thread(thread, reinterpret_cast<uintptr_t>(__builtin_frame_address(0)));
  asm volatile("" ::: "memory");  // not a tail call: the frame must stand
}

BlockingRegion::~BlockingRegion() { thread_.space().heap().leave_blocking(thread_); }

}  // namespace proto
