// Lists: append, random get, iteration, slices, joins, beside std::vector where that can do the same. Every result is
// checked.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <map>
#include <vector>

#include "runtime/base/random.h"
#include "runtime/collection/list.h"
#include "runtime/collection/sparse_list.h"
#include "runtime/collection/tuple.h"
#include "runtime/heap/context.h"

namespace proto {
namespace {

/// One space and thread for all benchmarks.
struct World {
  Space space;
  Thread self{space};
  Context ctx{self};
};
World& world() {
  static World made;
  return made;
}

Value item(uint64_t index) { return Value::integer(static_cast<int64_t>(index)); }

List built(Context& ctx, uint64_t count) {
  ListBuilder builder(ctx);
  for (uint64_t i = 0; i < count; ++i) builder.append(item(i));
  return builder.finish();
}
List appended(Context& ctx, uint64_t count) {
  List list = List::empty(ctx);
  for (uint64_t i = 0; i < count; ++i) list = list.append(ctx, item(i));
  return list;
}

void check(benchmark::State& state, bool right) {
  if (!right) state.SkipWithError("wrong result");
}
void per_item(benchmark::State& state, uint64_t items) {
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(items));
}

void BM_AppendTransient(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  for (auto _ : state) {
    Context ctx(world().ctx);
    const List list = built(ctx, count);
    check(state, list.size() == count && list.last() == item(count - 1));
  }
  per_item(state, count);
}

void BM_Append(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  for (auto _ : state) {
    Context ctx(world().ctx);
    const List list = appended(ctx, count);
    check(state, list.size() == count && list.get(count / 2) == item(count / 2));
  }
  per_item(state, count);
}

void BM_Get(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  Context ctx(world().ctx);
  const List list = built(ctx, count);
  Random random(3);
  std::vector<uint32_t> places(1 << 16);
  for (uint32_t& place : places) place = static_cast<uint32_t>(random.below(count));
  for (auto _ : state) {
    bool right = true;
    for (const uint32_t place : places) right &= list.get(place) == item(place);
    check(state, right);
  }
  per_item(state, places.size());
}

void BM_Iterate(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  Context ctx(world().ctx);
  const List list = built(ctx, count);
  for (auto _ : state) {
    int64_t sum = 0;
    for (const Value value : list) sum += value.as_small_integer();
    check(state, sum == static_cast<int64_t>(count * (count - 1) / 2));
  }
  per_item(state, count);
}

void BM_IterateVector(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  std::vector<Value> list;
  for (uint64_t i = 0; i < count; ++i) list.push_back(item(i));
  for (auto _ : state) {
    int64_t sum = 0;
    for (const Value value : list) sum += value.as_small_integer();
    check(state, sum == static_cast<int64_t>(count * (count - 1) / 2));
  }
  per_item(state, count);
}

void BM_Set(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  Context ctx(world().ctx);
  const List list = built(ctx, count);
  Random random(3);
  for (auto _ : state) {
    Context frame(ctx);
    const uint64_t place = random.below(count);
    check(state, list.set(frame, place, item(7)).get(place) == item(7));
  }
}

void BM_HalfSlice(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  Context ctx(world().ctx);
  const List list = appended(ctx, count);
  for (auto _ : state) {
    Context frame(ctx);
    const List half = list.slice(frame, count / 4, count / 4 * 3);
    check(state, half.first() == item(count / 4));
  }
}

void BM_Join(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  Context ctx(world().ctx);
  const List left = appended(ctx, count), right = appended(ctx, count + 100);
  for (auto _ : state) {
    Context frame(ctx);
    const List both = left.concatenate(frame, right);
    check(state, both.size() == 2 * count + 100 && both.get(count + 5) == item(5));
  }
}

void BM_SmallList(benchmark::State& state) {
  for (auto _ : state) {
    Context frame(world().ctx);
    check(state, List::of(frame, item(1), item(2), item(3)).size() == 3);
  }
}

// New tuples of three integers, while as many as said are alive.
void BM_NewTuple(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  uint64_t first = 0;
  for (auto _ : state) {
    Context ctx(world().ctx);
    ListBuilder tuples(ctx);
    for (uint64_t i = first; i < first + count; ++i) tuples.append(Tuple::of(ctx, item(i), item(i + 1), item(i + 2)));
    const List all = tuples.finish();
    check(state, Tuple(all.get(count / 2)).get(1) == item(first + count / 2 + 1));
    first += count;
  }
  per_item(state, count);
}

void BM_SparseGet(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  Context ctx(world().ctx);
  std::vector<SparseList::Entry> entries;
  for (uint64_t i = 0; i < count; ++i) entries.push_back({static_cast<int64_t>(i * 10), item(i)});
  const SparseList list = SparseList::of(ctx, entries);
  Random random(3);
  for (auto _ : state) {
    const uint64_t place = random.below(count);
    check(state, list.get(static_cast<int64_t>(place * 10)) == item(place));
  }
}

void BM_SparseSet(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  Context ctx(world().ctx);
  std::vector<SparseList::Entry> entries;
  for (uint64_t i = 0; i < count; ++i) entries.push_back({static_cast<int64_t>(i * 10), item(i)});
  const SparseList list = SparseList::of(ctx, entries);
  Random random(3);
  for (auto _ : state) {
    Context frame(ctx);
    check(state, list.set(frame, static_cast<int64_t>(random.below(count * 10)), item(7)).valid());
  }
}

BENCHMARK(BM_AppendTransient)->Arg(100000)->Arg(1000000);
BENCHMARK(BM_Append)->Arg(100000)->Arg(1000000);
BENCHMARK(BM_Get)->Arg(1000)->Arg(100000)->Arg(1000000);
BENCHMARK(BM_Iterate)->Arg(100000)->Arg(1000000);
BENCHMARK(BM_IterateVector)->Arg(1000000);
BENCHMARK(BM_Set)->Arg(100)->Arg(100000)->Arg(1000000);
BENCHMARK(BM_HalfSlice)->Arg(100000);
BENCHMARK(BM_Join)->Arg(1000000);
BENCHMARK(BM_SmallList);
BENCHMARK(BM_NewTuple)->Arg(1000)->Arg(100000)->Arg(1000000);
BENCHMARK(BM_SparseGet)->Arg(100000);
BENCHMARK(BM_SparseSet)->Arg(100000);

}  // namespace
}  // namespace proto

int main(int argc, char** argv) {
  proto::register_kinds();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
