// Strings: the rows of the runtime's table, and what they rest on.
#include <benchmark/benchmark.h>

#include <string>

#include "runtime/base/random.h"
#include "runtime/collection/bytes.h"
#include "runtime/collection/string.h"
#include "runtime/value/operations.h"

namespace proto {
namespace {

constexpr size_t kMegabyte = 1 << 20;

std::string ascii_text(size_t size) {
  Random random(1);
  std::string text(size, ' ');
  for (char& c : text) c = static_cast<char>('a' + random.below(26));
  return text;
}
std::string mixed_text(size_t size) {
  Random random(2);
  std::string text;
  while (text.size() < size) text::append(text, random.one_in(2) ? U'ж' : random.one_in(3) ? U'世' : U'x');
  return text;
}

struct World {
  Space space;
  Thread thread{space};
  Context ctx{thread};
};

void append_one_character(benchmark::State& state) {
  World world;
  const auto length = static_cast<size_t>(state.range(0));
  for (auto _ : state) {
    Context frame(world.ctx);
    String text = String::from_utf8(frame, std::string(300, 'x'));
    for (size_t i = 0; i < length; ++i) text = text.append(frame, U'y');
    if (text.size() != length + 300) state.SkipWithError("wrong");
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * length));
}
BENCHMARK(append_one_character)->Arg(1000)->Arg(100000);

void append_one_character_short(benchmark::State& state) {
  World world;
  for (auto _ : state) {
    Context frame(world.ctx);
    String text = String::empty();
    for (size_t i = 0; i < 256; ++i) text = text.append(frame, U'y');
    if (text.size() != 256) state.SkipWithError("wrong");
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * 256));
}
BENCHMARK(append_one_character_short);

void builder_append(benchmark::State& state) {
  World world;
  for (auto _ : state) {
    Context frame(world.ctx);
    StringBuilder builder(frame);
    for (size_t i = 0; i < 100000; ++i) builder.append(U'y');
    if (builder.finish().size() != 100000) state.SkipWithError("wrong");
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * 100000));
}
BENCHMARK(builder_append);

void from_utf8(benchmark::State& state, const std::string& text) {
  World world;
  for (auto _ : state) {
    Context frame(world.ctx);
    if (String::from_utf8(frame, text).size_bytes() != text.size()) state.SkipWithError("wrong");
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}
BENCHMARK_CAPTURE(from_utf8, ascii_1mb, ascii_text(kMegabyte));
BENCHMARK_CAPTURE(from_utf8, mixed_1mb, mixed_text(kMegabyte));
BENCHMARK_CAPTURE(from_utf8, ascii_100b, ascii_text(100));

void compare_equal_1mb(benchmark::State& state) {
  World world;
  const std::string text = ascii_text(kMegabyte);
  const String a = String::from_utf8(world.ctx, text), b = String::from_utf8(world.ctx, text);
  for (auto _ : state) {
    if (!equal(world.ctx, a, b)) state.SkipWithError("wrong");
  }
}
BENCHMARK(compare_equal_1mb);

void compare_equal_1mb_first_time(benchmark::State& state) {
  World world;
  const std::string text = ascii_text(kMegabyte);
  const String a = String::from_utf8(world.ctx, text);
  for (auto _ : state) {
    state.PauseTiming();
    Context frame(world.ctx);
    const String b = String::from_utf8(frame, text);
    state.ResumeTiming();
    if (!equal(frame, a, b)) state.SkipWithError("wrong");
  }
}
BENCHMARK(compare_equal_1mb_first_time)->Iterations(500);

void concatenate_1mb(benchmark::State& state) {
  World world;
  const String a = String::from_utf8(world.ctx, ascii_text(kMegabyte)), b = String::from_utf8(world.ctx, mixed_text(kMegabyte));
  for (auto _ : state) {
    Context frame(world.ctx);
    benchmark::DoNotOptimize(a.concatenate(frame, b));
  }
}
BENCHMARK(concatenate_1mb);

void half_slice_1mb(benchmark::State& state, const std::string& text) {
  World world;
  const String a = String::from_utf8(world.ctx, text);
  const uint64_t half = a.size() / 2;
  for (auto _ : state) {
    Context frame(world.ctx);
    benchmark::DoNotOptimize(a.slice(frame, 0, half));
  }
}
BENCHMARK_CAPTURE(half_slice_1mb, ascii, ascii_text(kMegabyte));
BENCHMARK_CAPTURE(half_slice_1mb, mixed, mixed_text(kMegabyte));

void index_1mb(benchmark::State& state, const std::string& text) {
  World world;
  const String a = String::from_utf8(world.ctx, text);
  Random random(9);
  uint64_t sum = 0;
  for (auto _ : state) sum += *a.at(random.below(a.size()));
  benchmark::DoNotOptimize(sum);
}
BENCHMARK_CAPTURE(index_1mb, ascii, ascii_text(kMegabyte));
BENCHMARK_CAPTURE(index_1mb, mixed, mixed_text(kMegabyte));

void iterate(benchmark::State& state, const std::string& text) {
  World world;
  const String a = String::from_utf8(world.ctx, text);
  uint64_t sum = 0;
  for (auto _ : state) {
    for (const char32_t c : a) sum += c;
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * a.size()));
}
BENCHMARK_CAPTURE(iterate, ascii, ascii_text(kMegabyte));
BENCHMARK_CAPTURE(iterate, mixed, mixed_text(kMegabyte));

void find_1mb(benchmark::State& state) {
  World world;
  const String a = String::from_utf8(world.ctx, ascii_text(kMegabyte)), needle = String::from_utf8(world.ctx, "absentNeedle");
  for (auto _ : state) {
    if (a.contains(world.ctx, needle)) state.SkipWithError("wrong");
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * kMegabyte));
}
BENCHMARK(find_1mb);

void fingerprint_1mb(benchmark::State& state) {
  World world;
  const std::string text = ascii_text(kMegabyte);
  for (auto _ : state) {
    state.PauseTiming();
    Context frame(world.ctx);
    const String a = String::from_utf8(frame, text);
    state.ResumeTiming();
    benchmark::DoNotOptimize(a.hash(frame));
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * kMegabyte));
}
BENCHMARK(fingerprint_1mb)->Iterations(300);

void replace_1mb(benchmark::State& state) {
  World world;
  const String a = String::from_utf8(world.ctx, ascii_text(kMegabyte)), q = String::from_utf8(world.ctx, "q"),
               new_q = String::from_utf8(world.ctx, "QQ");
  for (auto _ : state) {
    Context frame(world.ctx);
    benchmark::DoNotOptimize(a.replace(frame, q, new_q));
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * kMegabyte));
}
BENCHMARK(replace_1mb);

void count_code_points(benchmark::State& state) {
  const std::string text = mixed_text(kMegabyte);
  for (auto _ : state) benchmark::DoNotOptimize(text::count_code_points(text));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}
BENCHMARK(count_code_points);

void validate(benchmark::State& state) {
  const std::string text = mixed_text(kMegabyte);
  for (auto _ : state) benchmark::DoNotOptimize(text::find_invalid(text));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}
BENCHMARK(validate);

}  // namespace
}  // namespace proto

BENCHMARK_MAIN();
