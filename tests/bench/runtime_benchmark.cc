// The example programs through the runtime's C++ interface: runtime_benchmark NAME [SIZE], with NAME one of nbody,
// trees, richards, words.
//
// Prints one JSON object: program, size, answer, CPU and wall seconds (a small run before warms up). compare.py in
// tests/bench/runtime runs it beside programs.py and programs.js; the rows of single operations stand in the benchmarks
// of the runtime's folders.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>

#include "tests/bench/runtime/programs.h"

namespace proto::programs {
namespace {

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

struct Program {
  std::string_view name;
  int64_t usual_size;
  /// Given a size, a function that does the work.
  std::function<std::function<std::string()>(Context&, int64_t)> prepare;
};

const Program kPrograms[] = {
    {"nbody", 500000, [](Context& ctx, int64_t size) { return [&ctx, size] { return nbody(ctx, size); }; }},
    {"trees", 16,
     [](Context& ctx, int64_t size) { return [&ctx, size] { return trees(ctx, static_cast<int>(size)); }; }},
    {"richards", 20,
     [](Context& ctx, int64_t size) { return [&ctx, size] { return richards(ctx, static_cast<int>(size)); }; }},
    {"words", 1000000,
     [](Context& ctx, int64_t size) { return [&ctx, text = make_words(size)] { return words(ctx, text); }; }}};

int run(const Program& program, int64_t size) {
  Space space;
  Thread self(space);
  Context ctx(self);
  program.prepare(ctx, program.name == "words" ? 1000 : 5)();
  const std::function<std::string()> work = program.prepare(ctx, size);
  const double cpu = cpu_seconds();
  const auto wall = std::chrono::steady_clock::now();
  const std::string answer = work();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - wall;
  const SpaceStatistics statistics = space.statistics();
  std::printf(
      "{\"program\": \"%s\", \"size\": %lld, \"answer\": \"%s\", \"cpu_s\": %.6f, \"wall_s\": %.6f, \"cycles\": %llu, "
      "\"longest_stop_us\": %.0f}\n",
      std::string(program.name).c_str(), static_cast<long long>(size), answer.c_str(), cpu_seconds() - cpu,
      took.count(), static_cast<unsigned long long>(statistics.cycles), statistics.pauses.longest_us);
  return 0;
}

}  // namespace
}  // namespace proto::programs

int main(int count, char** arguments) {
  for (const auto& program : proto::programs::kPrograms) {
    if (count > 1 && program.name == arguments[1]) {
      return proto::programs::run(program, count > 2 ? std::atoll(arguments[2]) : program.usual_size);
    }
  }
  std::fprintf(stderr, "usage: runtime_benchmark nbody|trees|richards|words [size]\n");
  return 2;
}
