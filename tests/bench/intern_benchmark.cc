// Interning: the cost of a new symbol or tuple must not grow with how many there are.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/random.h"
#include "runtime/heap/context.h"
#include "runtime/heap/intern_table.h"

namespace proto {
namespace {

constexpr SpaceOptions kNoCollections{.budget_bytes = size_t{1} << 40};

// Texts of 8 to 24 bytes, all different, one behind the other.
class Texts {
 public:
  explicit Texts(size_t count) {
    Random random(7);
    ends_.reserve(count + 1);
    ends_.push_back(0);
    for (size_t i = 0; i < count; ++i) {
      bytes_ += fmt::format("s{:08x}", i);
      bytes_.append(random.below(16), 'x');
      ends_.push_back(bytes_.size());
    }
  }
  size_t size() const { return ends_.size() - 1; }
  std::string_view operator[](size_t i) const { return std::string_view(bytes_).substr(ends_[i], ends_[i + 1] - ends_[i]); }

 private:
  std::string bytes_;
  std::vector<size_t> ends_;
};

void per_item(benchmark::State& state, int64_t items) {
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * items);
  state.counters["ns"] = benchmark::Counter(static_cast<double>(items) * 1e-9,
                                            benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

// One thread and frame in a space of its own.
struct World {
  explicit World(const SpaceOptions& options = kNoCollections) : space(options), thread(space), ctx(thread) {}
  Space space;
  Thread thread;
  Context ctx;
};

void NewSymbol(benchmark::State& state) {
  const Texts texts(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    state.PauseTiming();
    auto world = std::make_unique<World>();
    intern(world->ctx, "a first one");
    state.ResumeTiming();
    for (size_t i = 0; i < texts.size(); ++i) benchmark::DoNotOptimize(intern(world->ctx, texts[i]));
    state.PauseTiming();
    if (intern_statistics().strings < texts.size()) state.SkipWithError("symbols are missing");
    world.reset();
    state.ResumeTiming();
  }
  per_item(state, state.range(0));
}
BENCHMARK(NewSymbol)->Arg(1'000)->Arg(30'000)->Arg(1'000'000)->Arg(4'000'000)->Unit(benchmark::kMillisecond);

// The same with collections beside it, as nobody keeps the symbols.
void NewSymbolCollected(benchmark::State& state) {
  const Texts texts(static_cast<size_t>(state.range(0)));
  uint64_t most_bytes = 0;
  for (auto _ : state) {
    World world{SpaceOptions{}};
    for (size_t i = 0; i < texts.size(); ++i) benchmark::DoNotOptimize(intern(world.ctx, texts[i]));
    state.PauseTiming();
    most_bytes = std::max(most_bytes, intern_statistics().mapped_bytes);
    state.ResumeTiming();
  }
  per_item(state, state.range(0));
  state.counters["MB"] = static_cast<double>(most_bytes) / 1e6;
}
BENCHMARK(NewSymbolCollected)->Arg(4'000'000)->Unit(benchmark::kMillisecond);

void ExistingSymbol(benchmark::State& state) {
  const Texts texts(static_cast<size_t>(state.range(0)));
  World world;
  for (size_t i = 0; i < texts.size(); ++i) intern(world.ctx, texts[i]);
  Random random(11);
  std::vector<uint32_t> order(1 << 16);
  for (uint32_t& place : order) place = static_cast<uint32_t>(random.below(texts.size()));
  size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(intern(world.ctx, texts[order[i++ & 0xFFFF]]));
}
BENCHMARK(ExistingSymbol)->Arg(1'000)->Arg(30'000)->Arg(1'000'000);

void NewTupleOf3(benchmark::State& state) {
  const int64_t count = state.range(0);
  for (auto _ : state) {
    state.PauseTiming();
    auto world = std::make_unique<World>();
    intern(world->ctx, "a first one");
    state.ResumeTiming();
    for (int64_t i = 0; i < count; ++i) {
      const Value elements[] = {Value::integer(i), Value::integer(i * 7), Value::integer(3)};
      benchmark::DoNotOptimize(intern_tuple(world->ctx, elements));
    }
    state.PauseTiming();
    world.reset();
    state.ResumeTiming();
  }
  per_item(state, count);
}
BENCHMARK(NewTupleOf3)->Arg(1'000)->Arg(26'000)->Arg(1'000'000)->Arg(4'000'000)->Unit(benchmark::kMillisecond);

// With a cell of the space in it.
void NewLocalTupleOf3(benchmark::State& state) {
  const int64_t count = state.range(0);
  for (auto _ : state) {
    state.PauseTiming();
    auto world = std::make_unique<World>();
    const Value cell = Value::cell(allocate(world->ctx, CellKind::kBlob, 32));
    state.ResumeTiming();
    for (int64_t i = 0; i < count; ++i) {
      const Value elements[] = {Value::integer(i), Value::integer(i * 7), cell};
      benchmark::DoNotOptimize(intern_tuple(world->ctx, elements));
    }
    state.PauseTiming();
    world.reset();
    state.ResumeTiming();
  }
  per_item(state, count);
}
BENCHMARK(NewLocalTupleOf3)->Arg(1'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

void HashOfUtf8(benchmark::State& state) {
  const std::string text(static_cast<size_t>(state.range(0)), 'q');
  for (auto _ : state) benchmark::DoNotOptimize(hash_of_utf8(text));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * state.range(0));
}
BENCHMARK(HashOfUtf8)->Arg(12)->Arg(64)->Arg(256)->Arg(100'000);

// Look-ups by several threads, each in a space of its own: the shards' locks are all that they share.
void ExistingSymbolThreads(benchmark::State& state) {
  static const Texts texts(10'000);
  World world;
  for (size_t i = 0; i < texts.size(); ++i) intern(world.ctx, texts[i]);
  Random random(static_cast<uint64_t>(state.thread_index()));
  for (auto _ : state) benchmark::DoNotOptimize(intern(world.ctx, texts[random.below(texts.size())]));
}
BENCHMARK(ExistingSymbolThreads)->Threads(1)->Threads(2)->Threads(8)->UseRealTime();

}  // namespace
}  // namespace proto

BENCHMARK_MAIN();
