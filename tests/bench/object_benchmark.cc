// Objects: attributes, new objects, calls. Names of benchmarks are rows of the runtime's table.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "runtime/base/random.h"
#include "runtime/heap/root_list.h"
#include "runtime/object/object.h"
#include "runtime/object/site.h"

namespace proto {
namespace {

struct World {
  Space space;
  Thread self{space};
  Context ctx{self};
  Value prototype() const { return space.object_prototype(); }
};

void attribute_hot(benchmark::State& state) {
  World world;
  Context& ctx = world.ctx;
  const Value point = new_object(ctx, world.prototype(), {{"x", 3}, {"y", 4}, {"z", 5}});
  int64_t sum = 0;
  for (auto _ : state) sum += point.get(ctx, "y").as_small_integer();
  if (sum != 4 * static_cast<int64_t>(state.iterations())) state.SkipWithError("wrong sum");
}
BENCHMARK(attribute_hot)->Name("attribute, hot");

void attribute_hot_mutable(benchmark::State& state) {
  World world;
  Context& ctx = world.ctx;
  const Value point = new_mutable_object(ctx, world.prototype(), {{"x", 3}, {"y", 4}, {"z", 5}});
  int64_t sum = 0;
  for (auto _ : state) sum += point.get(ctx, "y").as_small_integer();
  if (sum != 4 * static_cast<int64_t>(state.iterations())) state.SkipWithError("wrong sum");
}
BENCHMARK(attribute_hot_mutable)->Name("attribute of a mutable object, hot");

void attribute_site(benchmark::State& state) {
  World world;
  Context& ctx = world.ctx;
  const Value point = new_object(ctx, world.prototype(), {{"x", 3}, {"y", 4}, {"z", 5}});
  AttributeSite site(ctx, "y");
  int64_t sum = 0;
  for (auto _ : state) sum += site.get(ctx, point).as_small_integer();
  if (sum != 4 * static_cast<int64_t>(state.iterations())) state.SkipWithError("wrong sum");
}
BENCHMARK(attribute_site)->Name("attribute through a site");

void attribute_inherited(benchmark::State& state) {
  World world;
  Context& ctx = world.ctx;
  const Value first = new_mutable_object(ctx, world.prototype(), {{"x", 3}});
  Value at = first;
  for (int i = 0; i < 9; ++i) at = at.new_mutable(ctx);
  const Value leaf = at.new_child(ctx).with(ctx, "own", 1);
  int64_t sum = 0;
  for (auto _ : state) sum += leaf.get(ctx, "x").as_small_integer();
  if (sum != 3 * static_cast<int64_t>(state.iterations())) state.SkipWithError("wrong sum");
}
BENCHMARK(attribute_inherited)->Name("attribute, inherited over 10 prototypes");

void attribute_random(benchmark::State& state) {
  World world;
  Context& ctx = world.ctx;
  std::vector<std::string> texts;
  std::vector<Value> names;
  for (int i = 0; i < 10; ++i) names.push_back(Value::short_string("a" + std::to_string(i)));
  RootList alive(ctx);
  std::vector<Value> objects;
  for (int i = 0; i < 20'000; ++i) {
    Value object = world.prototype().new_child(ctx);
    for (const Value name : names) object = object.with(ctx, name, i);
    alive.push_back(ctx, object);
    objects.push_back(object);
  }
  Random random(1);
  std::vector<uint32_t> order(1 << 16);
  for (uint32_t& at : order) at = static_cast<uint32_t>(random.below(objects.size()) * 10 + random.below(10));
  size_t i = 0;
  int64_t sum = 0;
  for (auto _ : state) {
    const uint32_t at = order[i++ & (order.size() - 1)];
    sum += objects[at / 10].get(ctx, names[at % 10]).as_small_integer();
  }
  benchmark::DoNotOptimize(sum);
}
BENCHMARK(attribute_random)->Name("attribute, 20 k objects of 10 attributes at random");

void new_immutable(benchmark::State& state) {
  World world;
  const Value prototype = world.prototype();
  for (auto _ : state) {
    Context ctx(world.self);
    for (int i = 0; i < 64; ++i) {
      const Value point = prototype.new_child(ctx).with(ctx, "x", i).with(ctx, "y", 4).with(ctx, "z", 5);
      benchmark::DoNotOptimize(point);
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * 64);
}
BENCHMARK(new_immutable)->Name("new object with 3 attributes, immutable, frames of 64 (64)");

void new_mutable(benchmark::State& state) {
  World world;
  const Value prototype = world.prototype();
  for (auto _ : state) {
    Context ctx(world.self);
    for (int i = 0; i < 64; ++i) {
      const Value point = prototype.new_mutable(ctx);
      point.set(ctx, "x", i);
      point.set(ctx, "y", 4);
      point.set(ctx, "z", 5);
      benchmark::DoNotOptimize(point);
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * 64);
}
BENCHMARK(new_mutable)->Name("new object with 3 attributes, mutable, frames of 64 (64)");

void new_mutable_in_one_frame(benchmark::State& state) {
  World world;
  Context& ctx = world.ctx;
  const Value prototype = world.prototype();
  int64_t i = 0;
  for (auto _ : state) {
    const Value point = prototype.new_mutable(ctx);
    point.set(ctx, "x", i++);
    point.set(ctx, "y", 4);
    point.set(ctx, "z", 5);
    benchmark::DoNotOptimize(point);
  }
}
BENCHMARK(new_mutable_in_one_frame)->Name("new object with 3 attributes, mutable");

void new_immutable_in_one_frame(benchmark::State& state) {
  World world;
  Context& ctx = world.ctx;
  const Value prototype = world.prototype();
  int64_t i = 0;
  for (auto _ : state) {
    const Value point = prototype.new_child(ctx).with(ctx, "x", i++).with(ctx, "y", 4).with(ctx, "z", 5);
    benchmark::DoNotOptimize(point);
  }
}
BENCHMARK(new_immutable_in_one_frame)->Name("new object with 3 attributes, immutable");

void new_mutable_at_once(benchmark::State& state) {
  World world;
  const Value prototype = world.prototype();
  for (auto _ : state) {
    Context ctx(world.self);
    for (int i = 0; i < 64; ++i) {
      const Value point = new_mutable_object(ctx, prototype, {{"x", i}, {"y", 4}, {"z", 5}});
      benchmark::DoNotOptimize(point);
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * 64);
}
BENCHMARK(new_mutable_at_once)->Name("new object with 3 attributes, mutable, at once (64)");

void new_at_once(benchmark::State& state) {
  World world;
  const Value prototype = world.prototype();
  for (auto _ : state) {
    Context ctx(world.self);
    for (int i = 0; i < 64; ++i) {
      const Value point = new_object(ctx, prototype, {{"x", i}, {"y", 4}, {"z", 5}});
      benchmark::DoNotOptimize(point);
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * 64);
}
BENCHMARK(new_at_once)->Name("new object with 3 attributes, at once (64)");

void overwrite(benchmark::State& state) {
  World world;
  const Value object = new_mutable_object(world.ctx, world.prototype(), {{"x", 3}, {"y", 4}, {"z", 5}});
  const Root root(world.ctx, object);
  int64_t i = 0;
  for (auto _ : state) {
    Context ctx(world.ctx);
    for (int k = 0; k < 64; ++k) object.set(ctx, "y", i++);
  }
  if (object.get(world.ctx, "y") != Value::integer(i - 1)) state.SkipWithError("wrong value");
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * 64);
}
BENCHMARK(overwrite)->Name("overwrite attribute of a mutable object, frames of 64 (64)");

void overwrite_in_one_frame(benchmark::State& state) {
  World world;
  Context& ctx = world.ctx;
  const Value object = new_mutable_object(ctx, world.prototype(), {{"x", 3}, {"y", 4}, {"z", 5}});
  int64_t i = 0;
  for (auto _ : state) object.set(ctx, "y", i++);
  if (object.get(ctx, "y") != Value::integer(i - 1)) state.SkipWithError("wrong value");
}
BENCHMARK(overwrite_in_one_frame)->Name("overwrite attribute of a mutable object");

Value first_argument(Context&, Value, Arguments arguments) { return arguments[0]; }

void native_call(benchmark::State& state) {
  World world;
  Context& ctx = world.ctx;
  const Value shape = new_mutable_object(ctx, world.prototype(), {{"same", method(ctx, first_argument)}});
  const Value object = new_object(ctx, shape, {{"x", 1}});
  int64_t sum = 0;
  for (auto _ : state) sum += object.call(ctx, "same", 7).as_small_integer();
  if (sum != 7 * static_cast<int64_t>(state.iterations())) state.SkipWithError("wrong sum");
}
BENCHMARK(native_call)->Name("native call, one argument");

void native_call_site(benchmark::State& state) {
  World world;
  Context& ctx = world.ctx;
  const Value shape = new_mutable_object(ctx, world.prototype(), {{"same", method(ctx, first_argument)}});
  const Value object = new_object(ctx, shape, {{"x", 1}});
  CallSite site(ctx, "same");
  int64_t sum = 0;
  for (auto _ : state) sum += site.call(ctx, object, 7).as_small_integer();
  if (sum != 7 * static_cast<int64_t>(state.iterations())) state.SkipWithError("wrong sum");
}
BENCHMARK(native_call_site)->Name("native call, one argument, through a site");

}  // namespace
}  // namespace proto

BENCHMARK_MAIN();
