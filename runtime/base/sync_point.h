// Named places in concurrent code where a test may stop a thread or fail: every race that was mended has a test that
// replays it. Compiled to nothing in release builds.
#pragma once

#ifdef NDEBUG
#define PROTO_SYNC_POINT(name) ((void)0)
#else
#include <functional>
#include <string>

namespace proto {

/// Runs the callback registered for `name`, if any. Any thread.
void sync_point_reached(const char* name);
/// Registers (or, with an empty function, removes) the callback for `name`. Any thread; the callback runs on the
/// thread that reaches the point and may block.
void set_sync_point(const std::string& name, std::function<void()> callback);

}  // namespace proto

#define PROTO_SYNC_POINT(name) ::proto::sync_point_reached(name)
#endif
