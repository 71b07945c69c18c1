// Numbers through values: immediates, long integers, text; CPython does the same in the same run where it is installed.
// Results are checked.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "runtime/base/random.h"
#include "runtime/heap/context.h"
#include "runtime/number/number.h"
#include "runtime/value/operations.h"

namespace proto {
namespace {

/// One space and thread for all benchmarks.
struct World {
  Space space;
  Thread self{space};
  Context ctx{self};
};
Context& world() {
  static World made;
  return made.ctx;
}

Value random_integer(Context& ctx, uint64_t bits, uint64_t seed) {
  Random random(seed);
  std::vector<uint64_t> limbs((bits + 63) / 64);
  for (uint64_t& limb : limbs) limb = random.next();
  limbs.back() = (limbs.back() | uint64_t{1} << 63) >> (64 * limbs.size() - bits);
  return make_integer(ctx, false, limbs);
}

void check(benchmark::State& state, bool right) {
  if (!right) state.SkipWithError("wrong result");
}

void BM_AddSmallIntegers(benchmark::State& state) {
  Context ctx(world());
  Value sum = Value::integer(0);
  int64_t count = 0;
  for (auto _ : state) {
    sum = add(ctx, sum, Value::integer(3));
    benchmark::DoNotOptimize(sum);
    ++count;
  }
  check(state, sum == Value::integer(3 * count));
}

void BM_AddDoubles(benchmark::State& state) {
  Context ctx(world());
  Value sum = make_double(ctx, 1);
  for (auto _ : state) {
    sum = add(ctx, sum, Value::small_double(0.5));
    benchmark::DoNotOptimize(sum);
  }
  check(state, sum.is_immediate_double());
}

void BM_AddIntegerToDouble(benchmark::State& state) {
  Context ctx(world());
  Value sum = make_double(ctx, 1);
  for (auto _ : state) {
    sum = add(ctx, sum, Value::integer(1));
    benchmark::DoNotOptimize(sum);
  }
  check(state, sum.is_immediate_double());
}

template <Value (*kOperation)(Context&, Value, Value)>
void BM_Long(benchmark::State& state) {
  Context ctx(world());
  const Value a = random_integer(ctx, static_cast<uint64_t>(state.range(0)), 1);
  const Value b = random_integer(ctx, static_cast<uint64_t>(state.range(1)), 2);
  for (auto _ : state) {
    Context frame(ctx);
    benchmark::DoNotOptimize(kOperation(frame, a, b));
  }
  const Value quotient = floor_divide(ctx, a, b);
  check(state, equal(ctx, subtract(ctx, a, multiply(ctx, quotient, b)), floor_remainder(ctx, a, b)));
}

void BM_FactorialAsText(benchmark::State& state) {
  size_t digits = 0;
  for (auto _ : state) {
    Context ctx(world());
    Value product = Value::integer(1);
    for (int64_t i = 2; i <= state.range(0); ++i) product = multiply(ctx, product, Value::integer(i));
    digits = to_text(ctx, product).size();
  }
  check(state, state.range(0) != 1000 || digits == 2568);
}

void BM_ToText(benchmark::State& state) {
  Context ctx(world());
  const Value a = random_integer(ctx, static_cast<uint64_t>(state.range(0)), 3);
  std::string text;
  for (auto _ : state) text = to_text(ctx, a);
  check(state, equal(ctx, parse_integer(ctx, text), a));
}

void BM_FromText(benchmark::State& state) {
  Context ctx(world());
  const Value a = random_integer(ctx, static_cast<uint64_t>(state.range(0)), 3);
  const std::string text = to_text(ctx, a);
  for (auto _ : state) {
    Context frame(ctx);
    benchmark::DoNotOptimize(parse_integer(frame, text));
  }
  check(state, equal(ctx, parse_integer(ctx, text), a));
}

/// What `statement` takes in CPython after `setup`, by its timeit module.
void BM_Python(benchmark::State& state, const char* setup, const char* statement) {
  const std::string command =
      std::string("python3 -c \"import sys, time, timeit; getattr(sys, 'set_int_max_str_digits', int)(0)\n") +
      "timer = timeit.Timer('''" + statement + "''', '''import math, random\n" + setup +
      "''', time.process_time)\nn = max(1, int(timer.autorange()[0] / 4))\nprint(min(timer.repeat(5, n)) / n)\" "
      "2>/dev/null";
  for (auto _ : state) {
    double seconds = 0;
    FILE* const python = popen(command.c_str(), "r");
    if (python == nullptr || std::fscanf(python, "%lf", &seconds) != 1) state.SkipWithError("no CPython");
    if (python != nullptr) pclose(python);
    state.SetIterationTime(seconds);
  }
}

#define PROTO_PYTHON(name, setup, statement) \
  BENCHMARK_CAPTURE(BM_Python, name, setup, statement)->UseManualTime()->Iterations(1)->Unit(benchmark::kNanosecond)

BENCHMARK(BM_AddSmallIntegers);
BENCHMARK(BM_AddDoubles);
BENCHMARK(BM_AddIntegerToDouble);
BENCHMARK(BM_Long<floor_divide>)->Name("BM_Divide")->Args({4000, 2000})->Args({100000, 50000});
PROTO_PYTHON(Divide / 4000 / 2000, "a, b = random.getrandbits(4000), random.getrandbits(2000) | 1 << 1999", "a // b");
PROTO_PYTHON(Divide / 100000 / 50000, "a, b = random.getrandbits(100000), random.getrandbits(50000) | 1 << 49999",
             "a // b");
BENCHMARK(BM_Long<multiply>)->Name("BM_Multiply")->Args({128, 128})->Args({4000, 4000})->Args({100000, 100000});
PROTO_PYTHON(Multiply / 4000 / 4000, "a, b = random.getrandbits(4000), random.getrandbits(4000)", "a * b");
PROTO_PYTHON(Multiply / 100000 / 100000, "a, b = random.getrandbits(100000), random.getrandbits(100000)", "a * b");
BENCHMARK(BM_Long<add>)->Name("BM_Add")->Args({128, 100})->Args({4000, 4000});
PROTO_PYTHON(Add / 4000 / 4000, "a, b = random.getrandbits(4000), random.getrandbits(4000)", "a + b");
BENCHMARK(BM_Long<gcd>)->Name("BM_Gcd")->Args({4000, 4000});
PROTO_PYTHON(Gcd / 4000 / 4000, "a, b = random.getrandbits(4000), random.getrandbits(4000)", "math.gcd(a, b)");
BENCHMARK(BM_FactorialAsText)->Arg(1000);
PROTO_PYTHON(FactorialAsText / 1000, "def f():\n  p = 1\n  for i in range(2, 1001): p *= i\n  return str(p)", "f()");
BENCHMARK(BM_ToText)->Arg(60)->Arg(4000)->Arg(100000);
PROTO_PYTHON(ToText / 4000, "a = random.getrandbits(4000)", "str(a)");
PROTO_PYTHON(ToText / 100000, "a = random.getrandbits(100000)", "str(a)");
BENCHMARK(BM_FromText)->Arg(60)->Arg(4000)->Arg(100000);
PROTO_PYTHON(FromText / 4000, "a = str(random.getrandbits(4000))", "int(a)");
PROTO_PYTHON(FromText / 100000, "a = str(random.getrandbits(100000))", "int(a)");

}  // namespace
}  // namespace proto

BENCHMARK_MAIN();
