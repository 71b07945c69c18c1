// Threads of the operating system as values.
#pragma once

#include <memory>

#include "runtime/object/arguments.h"

namespace proto {

/// Starts a thread that is attached to the space and calls `callable` with these positional arguments (self is none) in
/// a frame of its own. A value of kind kThread; none and an error if the system gives no thread. The thread runs
/// whether the value is kept or not; a space waits for its threads when it ends.
Value start_thread(Context& ctx, Value callable, Arguments arguments = {});

/// Waits for the thread, as a blocking region, and gives what its callable returned; any number of times, by any
/// thread. If that failed: none, and its error is this thread's. None and kType if `thread` is none.
Value join_thread(Context& ctx, Value thread);

/// True when the thread has returned.
bool thread_is_done(Value thread);

namespace objects {
/// The threads of a space that still run; ends after the last one.
std::unique_ptr<SpaceExtension> make_thread_table();
/// Enters the kind. Once.
void register_thread_kind();
}  // namespace objects

}  // namespace proto
