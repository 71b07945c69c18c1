// Work whose values nobody holds afterwards.
#pragma once

#include <functional>
#include <thread>

#include "runtime/heap/context.h"

namespace proto {

/// Overwrites the stack below the caller, but for some hundred bytes of its own: the collector takes what lies there for
/// values, and the system gives a thread the stack of one that ended.
[[gnu::noinline]] inline void clear_stack() {
  volatile char below[64 * 1024];
  for (size_t i = 0; i < sizeof(below); ++i) below[i] = 0;
}

/// Attaches the thread and calls, all of it below a gap that takes up what clear_stack() leaves out.
[[gnu::noinline]] inline void attach_below_gap(Space& space, const std::function<void(Context&)>& function) {
  [[maybe_unused]] volatile char gap[1024];
  gap[0] = 0;
  [&]() __attribute__((noinline)) {
    Thread thread(space);
    Context ctx(thread);
    function(ctx);
  }();
  gap[0] = 1;
}

/// Runs `function` in a frame on a thread of its own.
inline void in_thread(Space& space, const std::function<void(Context&)>& function) {
  std::thread([&] {
    clear_stack();
    attach_below_gap(space, function);
    clear_stack();
  }).join();
}

/// A full cycle, with no other thread of the space running.
inline void collect(Space& space) {
  in_thread(space, [&](Context& ctx) { space.collect(ctx); });
}

}  // namespace proto
