// Assertions for our own mistakes. A failed check names the condition and the place and aborts: the state of the
// program is not to be trusted any more, and the log on disk is what saves the user's data.
#pragma once

namespace proto {

/// Prints the failed condition with its place to standard error and aborts. Never returns. Any thread.
[[noreturn]] void check_failed(const char* condition, const char* file, int line, const char* detail = "");

}  // namespace proto

/// Always on: invariants whose violation would lose or corrupt data.
#define PROTO_CHECK(condition) \
  (__builtin_expect(!!(condition), 1) ? (void)0 : ::proto::check_failed(#condition, __FILE__, __LINE__))

/// Always on, with a text that says what was being done.
#define PROTO_CHECK_MSG(condition, text) \
  (__builtin_expect(!!(condition), 1) ? (void)0 : ::proto::check_failed(#condition, __FILE__, __LINE__, text))

/// Debug and sanitizer builds only: invariants on hot paths.
#ifdef NDEBUG
#define PROTO_DCHECK(condition) ((void)sizeof(!(condition)))
#else
#define PROTO_DCHECK(condition) PROTO_CHECK(condition)
#endif
