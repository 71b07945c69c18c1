#include "runtime/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace proto {

void check_failed(const char* condition, const char* file, int line, const char* detail) {
  std::fprintf(stderr, "%s:%d: check failed: %s%s%s\n", file, line, condition, *detail ? " - " : "", detail);
  std::fflush(stderr);
  std::abort();
}

}  // namespace proto
