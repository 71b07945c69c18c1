// Threads that allocate, mutate and build lists of a million elements, each in one frame, beside the collector.
#pragma once

#include <cstdint>
#include <cstdio>

#include "runtime/heap/space.h"

namespace proto::bench {

struct StressOptions {
  double seconds = 60;
  uint32_t threads = 4;
  bool collect = true;              // false: the budget is beyond what is allocated
  uint64_t list_elements = 1'000'000;
  uint64_t most_bytes = 3ull << 30;  // without a collector, the run ends when the heap holds this much
};

struct StressReport {
  double seconds = 0;
  uint64_t elements = 0;             // appended, by all threads
  uint64_t lists = 0;
  double longest_gap_us = 0;         // between two looks at the clock by one thread, 64 elements apart
  uint64_t gaps_over_500_us = 0;
  SpaceStatistics heap;
};

StressReport run_stress(const StressOptions& options);
/// One JSON object.
void print_report(std::FILE* out, const StressOptions& options, const StressReport& report);

}  // namespace proto::bench
