// The collector: allocation, cycles, memory, threads. Names of benchmarks are rows of the runtime's table.
//
//   collector_benchmark [Google Benchmark's options]
//   collector_benchmark --stress=SECONDS [--threads=N] [--out=FILE]   pauses under load, with the collector on and off
#include <benchmark/benchmark.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>

#include "runtime/heap/context.h"
#include "runtime/heap/root_list.h"
#include "tests/bench/collector/pause_stress.h"

namespace proto {
namespace {

struct Node : Cell {
  Value values[3];
};

struct World {
  Space space;
  Thread self{space};
  Context ctx{self};
};

Node* new_node(Context& ctx, int64_t number) {
  Node* node = allocate<Node>(ctx, CellKind::kValueArray);
  node->values[0] = Value::integer(number);
  return node;
}

// ---- allocation -----------------------------------------------------------------------------------------------------------

void allocate_and_drop(benchmark::State& state) {
  Space space;
  uint64_t made = 0;
  {
    Thread self(space);
    Context ctx(self);
    for (auto _ : state) {
      Context frame(ctx);
      benchmark::DoNotOptimize(new_node(frame, static_cast<int64_t>(++made)));
    }
  }
  if (space.statistics().freed_by_frames != made) state.SkipWithError("frames did not free");
}
BENCHMARK(allocate_and_drop)->Name("allocate and drop an object");

void allocate_ten_and_drop(benchmark::State& state) {
  World world;
  for (auto _ : state) {
    Context frame(world.ctx);
    for (int64_t i = 0; i < 10; ++i) benchmark::DoNotOptimize(new_node(frame, i));
  }
  state.SetItemsProcessed(10 * static_cast<int64_t>(state.iterations()));
}
BENCHMARK(allocate_ten_and_drop)->Name("allocate and drop, ten to a frame");

void allocate_for_the_collector(benchmark::State& state) {
  World world;
  int64_t number = 0;
  for (auto _ : state) benchmark::DoNotOptimize(new_node(world.ctx, ++number));
}
BENCHMARK(allocate_for_the_collector)->Name("allocate and leave to the collector");

// One space; each thread allocates cells, some of which the collector must find dead.
std::unique_ptr<Space> shared_space;

void allocate_on_threads(benchmark::State& state) {
  if (state.thread_index() == 0) shared_space = std::make_unique<Space>();
  for (auto _ : state) {  // the loop's start is a barrier: the space is there
    Thread self(*shared_space);
    Context ctx(self);
    for (int64_t i = 0; i < 1'000'000; ++i) benchmark::DoNotOptimize(new_node(ctx, i));
  }
  state.SetItemsProcessed(1'000'000 * static_cast<int64_t>(state.iterations()));
  if (state.thread_index() == 0) state.counters["waits"] = static_cast<double>(shared_space->statistics().waits);
}
BENCHMARK(allocate_on_threads)->Name("allocate on threads")->Threads(1)->Threads(2)->Threads(4)->UseRealTime();

// ---- cycles ---------------------------------------------------------------------------------------------------------------

// A million cells in arrays of a thousand, made in an order that is not that of their addresses.
void keep_a_million(Context& ctx, RootList& kept) {
  constexpr size_t kArrays = 1000;
  for (size_t i = 0; i < kArrays; ++i) {
    kept.push_back(ctx, Value::cell(allocate<Node>(ctx, CellKind::kValueArray, sizeof(Cell) + kArrays * sizeof(Value))));
  }
  for (size_t i = 0; i < kArrays; ++i) {
    for (size_t j = 0; j < kArrays; ++j) {
      const Value cell = Value::cell(new_node(ctx, static_cast<int64_t>(i)));
      static_cast<Node*>(kept[(i * 7 + j) % kArrays].as_cell())->values[i] = cell;
    }
  }
}

/// Both figures are times of the collector's thread; the benchmark's own thread waits.
void full_cycle(benchmark::State& state) {
  World world;
  RootList kept(world.ctx);
  keep_a_million(world.ctx, kept);
  world.space.collect(world.ctx);
  if (world.space.statistics().live_cells < 1'000'000) return state.SkipWithError("cells were lost");
  const SpaceStatistics before = world.space.statistics();
  for (auto _ : state) world.space.collect(world.ctx);
  const SpaceStatistics after = world.space.statistics();
  const double ms = after.marking_ms + after.sweeping_ms - before.marking_ms - before.sweeping_ms;
  state.counters["items_per_second"] = static_cast<double>(after.cycles - before.cycles) / (ms * 1e-3);
  state.counters["longest_stop_us"] = after.pauses.longest_us;
}
BENCHMARK(full_cycle)->Name("full cycle, 1 M live cells")->Unit(benchmark::kMillisecond);

// ---- memory and start, in processes of their own ----------------------------------------------------------------------------

/// A figure in kB of this process: VmHWM, VmRSS.
double own_memory_kib(const std::string& figure) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(figure + ":")) return std::strtod(line.c_str() + figure.size() + 1, nullptr);
  }
  return -1;
}

/// What this program prints when it is run with `argument`; -1 if that fails.
double figure_of_child(const char* argument) {
  int ends[2];
  if (pipe(ends) != 0) return -1;
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    execl("/proc/self/exe", "collector_benchmark", argument, nullptr);
    _exit(1);
  }
  close(ends[1]);
  char text[64] = {};
  const ssize_t length = read(ends[0], text, sizeof(text) - 1);
  close(ends[0]);
  int status = 1;
  waitpid(child, &status, 0);
  return length > 0 && status == 0 ? std::strtod(text, nullptr) : -1;
}

double peak_of_dead_objects_mib() {
  World world;
  for (int64_t i = 0; i < 20'000'000; ++i) benchmark::DoNotOptimize(new_node(world.ctx, i));
  return own_memory_kib("VmHWM") / 1024;
}

/// The second space, since the first also brings in the program's own pages.
double memory_of_space_mib() {
  const World first;
  const double before = own_memory_kib("VmRSS");
  const World second;
  return (own_memory_kib("VmRSS") - before) / 1024;
}

double first_start_us() {
  const auto start = std::chrono::steady_clock::now();
  const World world;
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
}

void memory_of_dead_objects(benchmark::State& state) {
  double most = 0;
  for (auto _ : state) most = std::max(most, figure_of_child("--child=dead_objects"));
  state.counters["peak_mib"] = most;
  if (most <= 0) state.SkipWithError("the child failed");
}
BENCHMARK(memory_of_dead_objects)->Name("memory, 20 M dead objects")->Iterations(1)->UseRealTime();

void space_start(benchmark::State& state) {
  for (auto _ : state) {
    World world;
    benchmark::DoNotOptimize(&world);
  }
  state.counters["first_us"] = figure_of_child("--child=first_start");
  state.counters["mib"] = figure_of_child("--child=space_memory");
}
BENCHMARK(space_start)->Name("space start");

int run_child(const std::string& name) {
  const double figure = name == "dead_objects"   ? peak_of_dead_objects_mib()
                        : name == "space_memory" ? memory_of_space_mib()
                        : name == "first_start"  ? first_start_us()
                                                 : -1;
  std::printf("%.3f\n", figure);
  return figure < 0 ? 1 : 0;
}

// ---- pauses ---------------------------------------------------------------------------------------------------------------

int run_stress(bench::StressOptions options, const std::string& path) {
  std::FILE* out = path.empty() ? stdout : std::fopen(path.c_str(), "w");
  if (out == nullptr) return 1;
  bench::print_report(out, options, bench::run_stress(options));
  options.collect = false;
  bench::print_report(out, options, bench::run_stress(options));
  return out == stdout ? 0 : std::fclose(out);
}

}  // namespace
}  // namespace proto

int main(int argc, char** argv) {
  proto::bench::StressOptions stress;
  std::string out;
  bool stressed = false;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument.starts_with("--child=")) return proto::run_child(argument.substr(8));
    if (argument.starts_with("--stress=")) stressed = true, stress.seconds = std::strtod(argv[i] + 9, nullptr);
    if (argument.starts_with("--threads=")) stress.threads = static_cast<uint32_t>(std::strtoul(argv[i] + 10, nullptr, 10));
    if (argument.starts_with("--out=")) out = argument.substr(6);
  }
  if (stressed) return proto::run_stress(stress, out);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
