#include "tests/bench/collector/pause_stress.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/base/random.h"
#include "runtime/collection/list.h"
#include "runtime/heap/barrier.h"
#include "runtime/heap/context.h"
#include "runtime/heap/root_list.h"

namespace proto::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr size_t kShared = 256;     // mutable fields that all threads write
constexpr uint64_t kLook = 64;      // elements between two looks at the clock

struct Pair : Cell {
  Value number;
  Value other;
};

class Stress {
 public:
  explicit Stress(const StressOptions& options)
      : options_(options), space_({.budget_bytes = options.collect ? SpaceOptions().budget_bytes : uint64_t{1} << 40}) {}

  StressReport run() {
    Thread self(space_);
    Context ctx(self);
    RootList shared(ctx);
    for (size_t i = 0; i < kShared; ++i) shared.push_back(ctx, Value());
    shared_ = &shared;
    const Clock::time_point start = Clock::now();
    ends_ = start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options_.seconds));
    std::vector<std::thread> threads;
    {
      const BlockingRegion region(ctx);
      for (uint32_t i = 0; i < options_.threads; ++i) threads.emplace_back([this, i] { work(i); });
      for (std::thread& thread : threads) thread.join();
    }
    report_.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    report_.heap = space_.statistics();
    return report_;
  }

 private:
  struct Watch {
    Clock::time_point last = Clock::now();
    double longest_us = 0;
    uint64_t over_500_us = 0;

    Clock::time_point look() {
      const Clock::time_point now = Clock::now();
      const double us = std::chrono::duration<double, std::micro>(now - last).count();
      longest_us = std::max(longest_us, us);
      over_500_us += us > 500 ? 1 : 0;
      return last = now;
    }
  };

  // The statistics take locks: only without a collector, whose figures they do not disturb.
  bool over(Clock::time_point now) const {
    return now >= ends_ || (!options_.collect && space_.statistics().used_bytes > options_.most_bytes);
  }

  void work(uint32_t number) {
    Thread self(space_);
    Context ctx(self);
    Random random(number + 1);
    Watch watch;
    uint64_t elements = 0, lists = 0;
    bool go_on = true;
    while (go_on) {
      Context frame(ctx);
      go_on = build(frame, random, watch, elements);
      lists += go_on ? 1 : 0;
    }
    const std::lock_guard lock(mutex_);
    report_.elements += elements;
    report_.lists += lists;
    report_.longest_gap_us = std::max(report_.longest_gap_us, watch.longest_us);
    report_.gaps_over_500_us += watch.over_500_us;
  }

  /// A list of pairs, each leading to an earlier one or to what another thread left in a shared field. False at the end of the time.
  bool build(Context& ctx, Random& random, Watch& watch, uint64_t& elements) {
    ListBuilder builder(ctx);
    Value previous;
    for (uint64_t i = 0; i < options_.list_elements; ++i) {
      Pair* pair = allocate<Pair>(ctx, CellKind::kValueArray);
      pair->number = Value::integer(static_cast<int64_t>(i));
      pair->other = previous;
      builder.append(Value::cell(pair));
      if (i % 16 == 0) shared_->set(ctx, random.below(kShared), Value::cell(pair));
      previous = i % 8 == 0 ? Value() : Value::cell(pair);
      if (i % kLook == 0 && over(watch.look())) return false;
    }
    elements += options_.list_elements;
    const List list = builder.finish();
    check(list, random);
    return true;
  }

  void check(const List& list, Random& random) const {
    PROTO_CHECK(list.size() == options_.list_elements);
    for (int i = 0; i < 1000; ++i) {
      const uint64_t at = random.below(list.size());
      const auto* pair = static_cast<const Pair*>(list.get(at).as_cell());
      PROTO_CHECK(pair->kind() == CellKind::kValueArray && pair->number == Value::integer(static_cast<int64_t>(at)));
    }
  }

  const StressOptions options_;
  Space space_;
  RootList* shared_ = nullptr;
  Clock::time_point ends_;
  std::mutex mutex_;
  StressReport report_;
};

}  // namespace

StressReport run_stress(const StressOptions& options) { return Stress(options).run(); }

void print_report(std::FILE* out, const StressOptions& options, const StressReport& report) {
  const SpaceStatistics& heap = report.heap;
  const auto number = [](uint64_t value) { return static_cast<unsigned long long>(value); };
  std::fprintf(out,
               "{\"threads\": %u, \"collector\": %s, \"seconds\": %.2f, \"elements_per_second\": %.0f, \"lists\": %llu, "
               "\"cycles\": %llu, \"stops\": %llu, \"stop_longest_us\": %.1f, \"stop_p999_us\": %.1f, \"stop_mean_us\": %.1f, ",
               options.threads, options.collect ? "true" : "false", report.seconds,
               static_cast<double>(report.elements) / report.seconds, number(report.lists), number(heap.cycles),
               number(heap.stops), heap.pauses.longest_us, heap.pauses.quantile_us(0.999),
               heap.pauses.count == 0 ? 0.0 : heap.pauses.total_us / static_cast<double>(heap.pauses.count));
  std::fprintf(out,
               "\"waits\": %llu, \"longest_wait_ms\": %.1f, \"longest_gap_us\": %.0f, \"gaps_over_500_us\": %llu, "
               "\"marking_ms\": %.0f, \"sweeping_ms\": %.0f, \"heap_mib\": %llu}\n",
               number(heap.waits), heap.longest_wait_ms, report.longest_gap_us, number(report.gaps_over_500_us),
               heap.marking_ms, heap.sweeping_ms, number(heap.heap_bytes >> 20));
}

}  // namespace proto::bench
