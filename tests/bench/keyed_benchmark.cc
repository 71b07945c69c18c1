// Dictionaries, sets and multisets beside the standard library's hash tables. Every result is checked.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/base/random.h"
#include "runtime/collection/dictionary.h"
#include "runtime/collection/multiset.h"
#include "runtime/collection/set.h"
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

enum KeyForm : int64_t { kIntegers, kShortStrings };

/// Immediates, all different, in random order; the same for the same arguments.
std::vector<Value> keys(uint64_t count, int64_t form, uint64_t seed = 1) {
  Random random(seed);
  std::vector<Value> made;
  for (uint64_t i = 0; i < count; ++i) {
    if (form == kIntegers) {
      made.push_back(Value::integer(static_cast<int64_t>(random.below(uint64_t{1} << 40) << 20 | i)));
    } else {
      made.push_back(Value::short_string("k" + std::to_string(i)));
    }
  }
  std::shuffle(made.begin(), made.end(), random);
  return made;
}
std::vector<Value> shuffled(std::vector<Value> values) {
  Random random(99);
  std::shuffle(values.begin(), values.end(), random);
  return values;
}
Dictionary dictionary_of(Context& ctx, const std::vector<Value>& all) { return Dictionary::of(ctx, all, all); }

void check(benchmark::State& state, bool right) {
  if (!right) state.SkipWithError("wrong result");
}
void per_item(benchmark::State& state, uint64_t items) {
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(items));
}

void BM_Build(benchmark::State& state) {
  const auto all = keys(static_cast<uint64_t>(state.range(0)), state.range(1));
  for (auto _ : state) {
    Context ctx(world().ctx);
    DictionaryBuilder builder(ctx);
    for (const Value key : all) builder.set(key, key);
    const Dictionary dictionary = builder.finish();
    check(state, dictionary.size() == all.size());
  }
  per_item(state, all.size());
}

void BM_BuildFromSpans(benchmark::State& state) {
  const auto all = keys(static_cast<uint64_t>(state.range(0)), state.range(1));
  for (auto _ : state) {
    Context ctx(world().ctx);
    check(state, dictionary_of(ctx, all).size() == all.size());
  }
  per_item(state, all.size());
}

// A version for each key.
void BM_BuildByVersions(benchmark::State& state) {
  const auto all = keys(static_cast<uint64_t>(state.range(0)), state.range(1));
  for (auto _ : state) {
    Context ctx(world().ctx);
    Dictionary dictionary = Dictionary::empty(ctx);
    for (const Value key : all) dictionary = dictionary.with(ctx, key, key);
    check(state, dictionary.size() == all.size());
  }
  per_item(state, all.size());
}

void BM_Get(benchmark::State& state) {
  Context ctx(world().ctx);
  const auto all = keys(static_cast<uint64_t>(state.range(0)), state.range(1));
  const Dictionary dictionary = dictionary_of(ctx, all);
  const auto asked = shuffled(all);
  for (auto _ : state) {
    uint64_t wrong = 0;
    for (const Value key : asked) wrong += dictionary.get(ctx, key) != key;
    check(state, wrong == 0);
  }
  per_item(state, asked.size());
}

void BM_GetAbsent(benchmark::State& state) {
  Context ctx(world().ctx);
  const Dictionary dictionary = dictionary_of(ctx, keys(static_cast<uint64_t>(state.range(0)), kIntegers));
  const auto asked = keys(static_cast<uint64_t>(state.range(0)), kIntegers, 2);
  for (auto _ : state) {
    uint64_t found = 0;
    for (const Value key : asked) found += dictionary.contains(ctx, key);
    check(state, found == 0);
  }
  per_item(state, asked.size());
}

void BM_BuilderGet(benchmark::State& state) {
  Context ctx(world().ctx);
  const auto all = keys(static_cast<uint64_t>(state.range(0)), state.range(1));
  DictionaryBuilder builder(ctx);
  for (const Value key : all) builder.set(key, key);
  const auto asked = shuffled(all);
  for (auto _ : state) {
    uint64_t wrong = 0;
    for (const Value key : asked) wrong += builder.get(key) != key;
    check(state, wrong == 0);
  }
  per_item(state, asked.size());
}

void BM_With(benchmark::State& state) {
  Context ctx(world().ctx);
  const auto all = keys(static_cast<uint64_t>(state.range(0)), state.range(1));
  const Dictionary dictionary = dictionary_of(ctx, all);
  const auto asked = shuffled(all);
  size_t next = 0;
  for (auto _ : state) {
    Context frame(ctx);
    const Dictionary changed = dictionary.with(frame, asked[next], Value());
    check(state, changed.size() == dictionary.size());
    next = next + 1 == asked.size() ? 0 : next + 1;
  }
}

void BM_Iterate(benchmark::State& state) {
  Context ctx(world().ctx);
  const auto all = keys(static_cast<uint64_t>(state.range(0)), kIntegers);
  const Dictionary dictionary = dictionary_of(ctx, all);
  uint64_t expected = 0;
  for (const Value key : all) expected += key.word() * 2;
  for (auto _ : state) {
    uint64_t sum = 0;
    for (const auto [key, value] : dictionary) sum += key.word() + value.word();
    check(state, sum == expected);
  }
  per_item(state, all.size());
}

/// Two sets, half of whose elements are the other's.
struct TwoSets {
  Set a, b;
};
TwoSets two_sets(Context& ctx, uint64_t count) {
  const auto all = keys(count * 3 / 2, kIntegers);
  return {Set::of(ctx, std::span(all).first(count)), Set::of(ctx, std::span(all).last(count))};
}

enum SetOperation : int64_t { kUnion, kIntersection, kDifference };

void BM_Sets(benchmark::State& state) {
  Context ctx(world().ctx);
  const auto count = static_cast<uint64_t>(state.range(0));
  const TwoSets sets = two_sets(ctx, count);
  for (auto _ : state) {
    Context frame(ctx);
    switch (state.range(1)) {
      case kUnion: check(state, sets.a.set_union(frame, sets.b).size() == count / 2 * 3); break;
      case kIntersection: check(state, sets.a.intersection(frame, sets.b).size() == count / 2); break;
      default: check(state, sets.a.difference(frame, sets.b).size() == count / 2);
    }
  }
}

// Two versions of one set, ten elements apart.
void BM_UnionOfVersions(benchmark::State& state) {
  Context ctx(world().ctx);
  const auto count = static_cast<uint64_t>(state.range(0));
  const auto all = keys(count, kIntegers);
  const Set set = Set::of(ctx, std::span(all).first(count - 10));
  Set more = set;
  for (const Value key : std::span(all).last(10)) more = more.with(ctx, key);
  for (auto _ : state) {
    Context frame(ctx);
    check(state, set.set_union(frame, more).size() == count);
  }
}

void BM_Count(benchmark::State& state) {
  const auto all = keys(1000, kIntegers);
  Random random(5);
  std::vector<Value> words;
  for (int64_t i = 0; i < state.range(0); ++i) words.push_back(all[random.below(all.size())]);
  for (auto _ : state) {
    Context ctx(world().ctx);
    const Multiset counts = Multiset::of(ctx, words);
    check(state, counts.size() == words.size());
  }
  per_item(state, words.size());
}

struct WordHash {
  size_t operator()(Value value) const { return mix_hash(value.word()); }
};

void BM_UnorderedMapBuild(benchmark::State& state) {
  const auto all = keys(static_cast<uint64_t>(state.range(0)), state.range(1));
  for (auto _ : state) {
    std::unordered_map<Value, Value, WordHash> map;
    for (const Value key : all) map[key] = key;
    check(state, map.size() == all.size());
  }
  per_item(state, all.size());
}

void BM_UnorderedMapGet(benchmark::State& state) {
  const auto all = keys(static_cast<uint64_t>(state.range(0)), state.range(1));
  std::unordered_map<Value, Value, WordHash> map;
  for (const Value key : all) map[key] = key;
  const auto asked = shuffled(all);
  for (auto _ : state) {
    uint64_t wrong = 0;
    for (const Value key : asked) wrong += map.find(key)->second != key;
    check(state, wrong == 0);
  }
  per_item(state, asked.size());
}

void sizes_and_forms(benchmark::internal::Benchmark* all) { all->ArgsProduct({{8, 1000, 100000}, {kIntegers, kShortStrings}}); }
BENCHMARK(BM_Build)->Apply(sizes_and_forms);
BENCHMARK(BM_BuildFromSpans)->Apply(sizes_and_forms);
BENCHMARK(BM_BuildByVersions)->Apply(sizes_and_forms);
BENCHMARK(BM_Get)->Apply(sizes_and_forms);
BENCHMARK(BM_Get)->Args({1000000, kIntegers});
BENCHMARK(BM_GetAbsent)->Arg(100000);
BENCHMARK(BM_BuilderGet)->Apply(sizes_and_forms);
BENCHMARK(BM_With)->Apply(sizes_and_forms);
BENCHMARK(BM_Iterate)->Arg(100000);
BENCHMARK(BM_Sets)->ArgsProduct({{100000}, {kUnion, kIntersection, kDifference}})->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_UnionOfVersions)->Arg(100000)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Count)->Arg(100000);
BENCHMARK(BM_UnorderedMapBuild)->Args({100000, kIntegers});
BENCHMARK(BM_UnorderedMapGet)->Args({100000, kIntegers});

}  // namespace
}  // namespace proto

BENCHMARK_MAIN();
