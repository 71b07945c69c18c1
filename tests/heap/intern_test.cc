// One cell for equal contents, in every space, for as long as anybody holds it and no longer.
#include "runtime/heap/intern_table.h"

#include <gtest/gtest.h>

#include <barrier>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "runtime/base/fingerprint.h"
#include "runtime/base/random.h"
#include "runtime/heap/internal/cell_table.h"
#include "runtime/heap/root_list.h"
#include "runtime/value/operations.h"
#include "tests/heap/in_thread.h"

namespace proto {
namespace {

const FlatString* flat(Value value) { return static_cast<const FlatString*>(value.as_cell()); }
const TupleCell* tuple_of(Value value) { return static_cast<const TupleCell*>(value.as_cell()); }

std::string text_of(Value value) {
  if (!value.is_short_string()) return std::string(flat(value)->view());
  char bytes[Value::kMaxShortString];
  value.copy_short_string(bytes);
  return {bytes, value.short_string_size()};
}

std::string symbol(const char* prefix, uint64_t number) { return prefix + std::to_string(number); }

// ---- what is the same -----------------------------------------------------------------------------------------------------

TEST(Intern, EqualTextsAreOneCellInAllSpaces) {
  Space one, two;
  Thread thread_one(one), thread_two(two);
  Context in_one(thread_one), in_two(thread_two);
  for (const size_t size : {8u, 9u, 15u, 16u, 17u, 100u, 255u, 256u, 257u, 4'000u, 4'056u, 4'057u, 70'000u, 900'000u, 3'000'000u}) {
    std::string text(size, 'a');
    text[size / 2] = 'b';
    const Value first = intern(in_one, text);
    const std::string copy = text;
    EXPECT_EQ(first, intern(in_one, copy)) << size;
    EXPECT_EQ(first, intern(in_two, copy)) << size;
    EXPECT_TRUE(is_shared(first.as_cell()));
    EXPECT_EQ(flat(first)->view(), text);
    EXPECT_EQ(flat(first)->bytes[size], '\0');
    EXPECT_EQ(flat(first)->hash, hash_of_utf8(text));
    EXPECT_EQ(flat(first)->code_points, size);
    EXPECT_TRUE(flat(first)->ascii());
    text[size - 1] = 'c';
    EXPECT_NE(first, intern(in_one, text)) << size;
  }
}

TEST(Intern, ShortTextsAreImmediate) {
  Space space;
  Thread thread(space);
  Context ctx(thread);
  for (const std::string text : {"", "a", "1234567", "\xC3\xA9\xC3\xA9"}) {
    EXPECT_TRUE(intern(ctx, text).is_short_string()) << text;
    EXPECT_EQ(intern_string(ctx, text), Value::short_string(text));
  }
  EXPECT_TRUE(intern(ctx, "12345678").is_cell());
}

TEST(Intern, CountsCodePoints) {
  Space space;
  Thread thread(space);
  Context ctx(thread);
  Random random(3);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    uint64_t points = 0;
    bool ascii = true;
    for (const size_t wanted = 8 + random.below(40); text.size() < wanted; ++points) {
      constexpr const char* kCharacters[] = {"a", "z", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\x7F"};
      const char* character = kCharacters[random.below(6)];
      ascii = ascii && character[1] == '\0';
      text += character;
    }
    const Value value = intern(ctx, text);
    EXPECT_EQ(flat(value)->code_points, points) << text;
    EXPECT_EQ(flat(value)->ascii(), ascii) << text;
  }
}

TEST(Intern, EqualTuplesAreOneCell) {
  Space one, two;
  Thread thread_one(one), thread_two(two);
  Context in_one(thread_one), in_two(thread_two);
  const auto make = [](Context& ctx, int64_t number) {
    const Value inner[] = {Value::boolean(true), intern(ctx, "a longer text")};
    const Value outer[] = {Value::integer(number), intern_tuple(ctx, inner), Value::small_double(2.5), Value()};
    return intern_tuple(ctx, outer);
  };
  const Value first = make(in_one, 7);
  EXPECT_EQ(first, make(in_one, 7));
  EXPECT_EQ(first, make(in_two, 7));
  EXPECT_NE(first, make(in_two, 8));
  EXPECT_TRUE(tuple_of(first)->shared());
  EXPECT_EQ(tuple_of(first)->size(), 4u);
  EXPECT_EQ(tuple_of(first)->view()[0], Value::integer(7));
  EXPECT_EQ(intern_tuple(in_one, {}), intern_tuple(in_two, {}));
  std::vector<Value> long_one(100'000, Value::integer(1)), long_two = long_one;
  EXPECT_EQ(intern_tuple(in_one, long_one), intern_tuple(in_two, long_two));
  long_two.back() = Value::integer(2);
  EXPECT_NE(intern_tuple(in_one, long_one), intern_tuple(in_two, long_two));
}

TEST(Intern, OneAndOnePointZeroStayTwoTuplesOfOneHash) {
  Space space;
  Thread thread(space);
  Context ctx(thread);
  const Value integers[] = {Value::integer(1)};
  const Value doubles[] = {Value::small_double(1.0)};
  EXPECT_NE(intern_tuple(ctx, integers), intern_tuple(ctx, doubles));
  EXPECT_EQ(hash_of_tuple(ctx, tuple_of(intern_tuple(ctx, integers))), combine_hash(
      static_cast<uint64_t>(ValueClass::kTuple) + 1, hash(ctx, integers[0])));
}

TEST(Intern, ATextAndATupleOfTheSameBytesAreTwo) {
  Space space;
  Thread thread(space);
  Context ctx(thread);
  const Value elements[] = {Value::short_string("abcdefg")};
  const std::string bytes(reinterpret_cast<const char*>(elements), sizeof(elements));
  EXPECT_NE(intern_tuple(ctx, elements), intern(ctx, bytes));
}

TEST(Intern, TuplesWithCellsOfTheSpaceAreOneCellInIt) {
  Space space;
  Thread thread(space);
  Context ctx(thread);
  const Value cell = Value::cell(allocate(ctx, CellKind::kBlob, 32));
  const Value other = Value::cell(allocate(ctx, CellKind::kBlob, 32));
  const Value elements[] = {Value::integer(1), cell};
  const Value tuple = intern_tuple(ctx, elements);
  EXPECT_FALSE(tuple_of(tuple)->shared());
  EXPECT_FALSE(is_shared(tuple.as_cell()));
  EXPECT_EQ(tuple, intern_tuple(ctx, elements));
  const Value others[] = {Value::integer(1), other};
  EXPECT_NE(tuple, intern_tuple(ctx, others));
  const Value nested[] = {tuple, tuple};
  EXPECT_EQ(intern_tuple(ctx, nested), intern_tuple(ctx, nested));
  EXPECT_EQ(hash_of_tuple(ctx, tuple_of(tuple)), hash_of_tuple(ctx, tuple_of(tuple)));
}

struct BoxedSpan : Cell {
  int64_t microseconds;
};

TEST(Intern, ElementsWithoutIdentityAreComparedByContent) {
  register_kind(CellKind::kBoxedSpan, {.name = "span", .value_class = ValueClass::kSpan});
  Space space;
  Thread thread(space);
  Context ctx(thread);
  const auto make = [&](int64_t microseconds) {
    auto* span = allocate<BoxedSpan>(ctx, CellKind::kBoxedSpan);
    span->microseconds = microseconds;
    return Value::cell(span);
  };
  const Value first[] = {make(int64_t{1} << 60), Value::integer(3)};
  const Value second[] = {make(int64_t{1} << 60), Value::integer(3)};
  const Value third[] = {make((int64_t{1} << 60) + 1), Value::integer(3)};
  ASSERT_NE(first[0], second[0]);
  EXPECT_EQ(intern_tuple(ctx, first), intern_tuple(ctx, second));
  EXPECT_NE(intern_tuple(ctx, first), intern_tuple(ctx, third));
}

// ---- who lives --------------------------------------------------------------------------------------------------------------

TEST(Intern, AMillionDeadSymbolsGiveTheirMemoryBack) {
  Space space({.budget_bytes = size_t{1} << 40});
  collect(space);
  const InternStatistics before = intern_statistics();
  InternStatistics full;
  in_thread(space, [&](Context& ctx) {
    for (uint64_t i = 0; i < 1'000'000; ++i) intern(ctx, symbol("a symbol ", i));
    full = intern_statistics();
  });
  EXPECT_GE(full.strings, before.strings + 1'000'000);
  EXPECT_GE(full.mapped_bytes, 48u << 20);
  EXPECT_GE(space.statistics().external_bytes, 48u << 20);
  collect(space);
  const InternStatistics after = intern_statistics();
  EXPECT_LE(after.strings, before.strings + 10);
  EXPECT_LE(after.cell_bytes, before.cell_bytes + 4096);
  EXPECT_LE(after.mapped_bytes, before.mapped_bytes + (4u << 20));
  EXPECT_LE(after.table_bytes, before.table_bytes + (1u << 20));
  EXPECT_LE(space.statistics().external_bytes, 128u << 10);
}

TEST(Intern, SymbolsAloneStartCollections) {
  Space space;
  uint64_t most_bytes = 0;
  in_thread(space, [&](Context& ctx) {
    for (uint64_t i = 0; i < 2'000'000; ++i) {
      intern(ctx, symbol("passing by ", i));
      if (i % 65'536 == 0) most_bytes = std::max(most_bytes, intern_statistics().mapped_bytes);
    }
  });
  EXPECT_GE(space.statistics().cycles, 2u);
  EXPECT_LT(most_bytes, 110u << 20);
}

TEST(Intern, WhatIsReachableStays) {
  Space space({.poison = true, .verify = true});
  Root text, tuple, local;
  collect(space);
  in_thread(space, [&](Context& ctx) {
    text = Root(ctx, intern(ctx, "a text in a root"));
    const Value inner[] = {intern(ctx, "a text in a tuple in a tuple")};
    const Value outer[] = {intern(ctx, "a text in a tuple"), intern_tuple(ctx, inner)};
    tuple = Root(ctx, intern_tuple(ctx, outer));
    auto* cell = allocate<Cell>(ctx, CellKind::kValueArray, 32);
    reinterpret_cast<Value*>(cell + 1)[1] = intern(ctx, "a text in a cell");
    const Value with_cell[] = {Value::cell(cell), intern(ctx, "a text beside a cell")};
    local = Root(ctx, intern_tuple(ctx, with_cell));
    intern(ctx, "a text that dies");
  });
  const uint64_t strings = intern_statistics().strings;
  for (int i = 0; i < 5; ++i) collect(space);
  EXPECT_EQ(intern_statistics().strings, strings - 1);
  in_thread(space, [&](Context& ctx) {
    EXPECT_EQ(text.get(), intern(ctx, "a text in a root"));
    const Value inner = tuple_of(tuple.get())->view()[1];
    EXPECT_EQ(tuple_of(tuple.get())->view()[0], intern(ctx, "a text in a tuple"));
    EXPECT_EQ(tuple_of(inner)->view()[0], intern(ctx, "a text in a tuple in a tuple"));
    const Value cell = tuple_of(local.get())->view()[0];
    EXPECT_EQ(reinterpret_cast<const Value*>(cell.as_cell() + 1)[1], intern(ctx, "a text in a cell"));
    EXPECT_EQ(text_of(tuple_of(local.get())->view()[1]), "a text beside a cell");
    EXPECT_EQ(intern_tuple(ctx, tuple_of(local.get())->view()), local.get());
  });
}

TEST(Intern, TheStackHoldsSymbolsByInteriorPointersToo) {
  Space space({.poison = true});
  Thread thread(space);
  Context ctx(thread);
  for (const size_t size : {20u, 2'000u, 100'000u, 2'000'000u}) {
    const std::string text(size, 's');
    const char* const inside = flat(intern(ctx, text))->bytes + size / 2;
    const char* volatile held = inside;
    space.collect(ctx);
    space.collect(ctx);
    EXPECT_EQ(*held, 's') << size;
    EXPECT_EQ(flat(intern(ctx, text))->bytes + size / 2, held) << size;
  }
}

TEST(Intern, ACellLivesAsLongAsOneSpaceHoldsIt) {
  const std::string text = "held by two spaces";
  Space one({.poison = true});
  Root root_one;
  in_thread(one, [&](Context& ctx) { root_one = Root(ctx, intern(ctx, text)); });
  {
    Space two({.poison = true});
    Root root_two;
    in_thread(two, [&](Context& ctx) {
      root_two = Root(ctx, intern(ctx, text));
      EXPECT_EQ(root_two.get(), root_one.get());
    });
    root_one = Root();
    collect(one);
    collect(one);
    EXPECT_EQ(text_of(root_two.get()), text);
    in_thread(one, [&](Context& ctx) { EXPECT_EQ(intern(ctx, text), root_two.get()); });
    collect(one);
    collect(two);
    const uint64_t strings = intern_statistics().strings;
    root_two = Root();
    collect(two);
    EXPECT_EQ(intern_statistics().strings, strings - 1);
  }
}

TEST(Intern, ASpaceThatEndsLetsGoOfEverything) {
  const InternStatistics before = intern_statistics();
  for (int round = 0; round < 150; ++round) {  // more spaces than there are bits
    Space space;
    in_thread(space, [&](Context& ctx) {
      for (uint64_t i = 0; i < 100; ++i) intern(ctx, symbol("of a short-lived space ", i));
    });
  }
  EXPECT_EQ(intern_statistics().strings, before.strings);
  EXPECT_EQ(intern_statistics().cell_bytes, before.cell_bytes);
}

TEST(Intern, MoreSpacesThanBitsShareTheLast) {
  const Space first;  // with the names that every space has
  const uint64_t strings = intern_statistics().strings;
  {
    std::vector<std::unique_ptr<Space>> spaces;
    std::vector<Root> roots;
    for (int i = 0; i < 70; ++i) {
      spaces.push_back(std::make_unique<Space>(SpaceOptions{.poison = true, .verify = true}));
      in_thread(*spaces.back(), [&](Context& ctx) {
        const Value elements[] = {intern(ctx, "in all spaces"), Value::integer(i)};
        roots.emplace_back(ctx, intern_tuple(ctx, elements));
        intern(ctx, symbol("dies in space ", static_cast<uint64_t>(i)));
      });
    }
    for (const auto& space : spaces) collect(*space);
    for (const auto& space : spaces) collect(*space);
    const Value text = tuple_of(roots[0].get())->view()[0];
    for (size_t i = 0; i < roots.size(); ++i) {
      EXPECT_EQ(tuple_of(roots[i].get())->view()[0], text);
      EXPECT_EQ(tuple_of(roots[i].get())->view()[1], Value::integer(static_cast<int64_t>(i)));
    }
    // What only spaces of the shared bit hold waits until they are gone.
    EXPECT_LE(intern_statistics().strings, strings + 1 + 70 - 62);
    roots.clear();
  }
  EXPECT_EQ(intern_statistics().strings, strings);
}

// ---- look-ups beside a cycle ------------------------------------------------------------------------------------------------

// Holds a cycle between its marking and the intern table's sweep, until it is told to go on.
class SweepGate final : public SpaceExtension {
 public:
  void trace(Tracer&) override {}
  void sweep() override {
    std::unique_lock lock(mutex_);
    if (!armed_) return;
    reached_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !armed_; });
  }
  void arm() {
    const std::lock_guard lock(mutex_);
    armed_ = true;
    reached_ = false;
  }
  void wait_until_reached() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return reached_; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    armed_ = false;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool armed_ = false;
  bool reached_ = false;
};

TEST(Intern, ALookUpBetweenMarkingAndSweepKeepsTheCell) {
  Space space({.poison = true, .verify = true});
  auto* gate = new SweepGate;
  space.set_extension(SpaceSlot::kEmbedder, std::unique_ptr<SpaceExtension>(gate));
  const auto address = [](Value value) { return ~reinterpret_cast<uintptr_t>(value.as_cell()); };  // unlike a pointer
  uintptr_t text_address = 0, tuple_address = 0, local_address = 0;
  Root cell;
  const auto texts_of = [](Context& ctx) { return std::array{intern(ctx, "dead, then alive"), Value::integer(5)}; };
  const auto locals_of = [&](Context& ctx) { return std::array{cell.get(), intern(ctx, "beside a cell")}; };
  in_thread(space, [&](Context& ctx) {
    cell = Root(ctx, Value::cell(allocate(ctx, CellKind::kBlob, 32)));
    text_address = address(intern(ctx, "dead, then alive"));
    tuple_address = address(intern_tuple(ctx, texts_of(ctx)));
    local_address = address(intern_tuple(ctx, locals_of(ctx)));
  });
  gate->arm();
  std::thread collector([&] { collect(space); });
  gate->wait_until_reached();
  Root text, tuple, local;
  in_thread(space, [&](Context& ctx) {
    tuple = Root(ctx, intern_tuple(ctx, texts_of(ctx)));
    local = Root(ctx, intern_tuple(ctx, locals_of(ctx)));
    EXPECT_EQ(address(tuple.get()), tuple_address);
    EXPECT_EQ(address(tuple_of(tuple.get())->view()[0]), text_address);
    EXPECT_NE(address(local.get()), local_address) << "a cell of the space's heap was found dead, and is freed";
  });
  gate->open();
  collector.join();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(text_of(tuple_of(tuple.get())->view()[0]), "dead, then alive");
    EXPECT_EQ(text_of(tuple_of(local.get())->view()[1]), "beside a cell");
    in_thread(space, [&](Context& ctx) {
      EXPECT_EQ(intern_tuple(ctx, texts_of(ctx)), tuple.get());
      EXPECT_EQ(intern_tuple(ctx, locals_of(ctx)), local.get());
    });
    collect(space);
  }
}

TEST(Intern, AnotherSpaceTakesWhatOneIsAboutToFree) {
  Space one({.poison = true}), two({.poison = true});
  auto* gate = new SweepGate;
  one.set_extension(SpaceSlot::kEmbedder, std::unique_ptr<SpaceExtension>(gate));
  in_thread(one, [&](Context& ctx) { intern(ctx, "from one to two"); });
  gate->arm();
  std::thread collector([&] { collect(one); });
  gate->wait_until_reached();
  Root root;
  in_thread(two, [&](Context& ctx) { root = Root(ctx, intern(ctx, "from one to two")); });
  gate->open();
  collector.join();
  collect(two);
  EXPECT_EQ(text_of(root.get()), "from one to two");
  in_thread(one, [&](Context& ctx) { EXPECT_EQ(intern(ctx, "from one to two"), root.get()); });
}

// Threads of several spaces intern from one small stock of contents, keep some, and drop them, while their spaces collect.
// What a thread keeps must be what it interned, and threads that hold equal contents at one time must hold one cell.
class Churn {
 public:
  static constexpr size_t kThreads = 8, kSpaces = 3, kKept = 40, kRounds = 12;

  explicit Churn(uint64_t seed, const SpaceOptions& options, size_t steps) : seed_(seed), steps_(steps) {
    for (auto& space : spaces_) space = std::make_unique<Space>(options);
  }

  void run() {
    std::vector<std::thread> threads;
    for (size_t i = 0; i < kThreads; ++i) threads.emplace_back([this, i] { work(i); });
    for (std::thread& thread : threads) thread.join();
  }

 private:
  static std::string content(uint64_t number) {
    std::string text = symbol("content ", number);
    if (number % 16 == 3) text.resize(300 + number, 'x');
    if (number % 64 == 5) text.resize(5'000 + number, 'y');
    return text;
  }
  static Value make(Context& ctx, uint64_t number) {
    const Value text = intern(ctx, content(number));
    if (number % 3 != 0) return text;
    const Value elements[] = {text, Value::integer(static_cast<int64_t>(number))};
    return intern_tuple(ctx, elements);
  }
  void check(Value value, uint64_t number) const {
    const Value text = number % 3 != 0 ? value : tuple_of(value)->view()[0];
    ASSERT_EQ(text_of(text), content(number)) << "seed " << seed_;
    if (number % 3 == 0) {
      ASSERT_EQ(tuple_of(value)->view()[1], Value::integer(static_cast<int64_t>(number)));
    }
  }

  void work(size_t index) {
    Space& space = *spaces_[index % kSpaces];
    Thread thread(space);
    Context ctx(thread);
    Random random(seed_ + index);
    RootList kept(ctx);
    std::vector<uint64_t> numbers(kKept, 1);
    for (size_t i = 0; i < kKept; ++i) kept.push_back(ctx, make(ctx, 1));
    for (size_t round = 0; round < kRounds; ++round) {
      for (size_t step = 0; step < steps_; ++step) {
        const size_t place = random.below(kKept);
        check(kept[place], numbers[place]);
        numbers[place] = random.below(random.one_in(4) ? 100'000 : 200);
        kept.set(ctx, place, make(ctx, numbers[place]));
        if (random.one_in(steps_ / 2 + 1)) space.request_collection();
      }
      compare(ctx, kept, round);
    }
  }

  // All threads hold the same contents now; so all hold the same cells.
  void compare(Context& ctx, RootList& kept, size_t round) {
    for (uint64_t number = 0; number < 20; ++number) {
      const Root value(ctx, make(ctx, 1000 * round + number));
      {
        const BlockingRegion waiting(ctx);
        barrier_.arrive_and_wait();
      }
      const uint64_t word = value.get().word();
      uint64_t first = 0;
      shared_word_.compare_exchange_strong(first, word);
      EXPECT_TRUE(first == 0 || first == word) << "seed " << seed_;
      {
        const BlockingRegion waiting(ctx);
        barrier_.arrive_and_wait();
        shared_word_ = 0;
        barrier_.arrive_and_wait();
      }
    }
    EXPECT_EQ(kept.size(), kKept);
  }

  const uint64_t seed_;
  const size_t steps_;
  std::array<std::unique_ptr<Space>, kSpaces> spaces_;
  std::barrier<> barrier_{kThreads};
  std::atomic<uint64_t> shared_word_{0};
};

TEST(InternStress, ThreadsOfSeveralSpacesInternWhileTheyCollect) {
  const InternStatistics before = intern_statistics();
  Churn(20261120, {.budget_bytes = 1 << 20, .poison = true, .verify = true}, 1'500).run();
  EXPECT_EQ(intern_statistics().strings, before.strings);
  EXPECT_EQ(intern_statistics().tuples, before.tuples);
}

TEST(InternStress, HostileCollector) {
  const InternStatistics before = intern_statistics();
  Churn(4711, {.collect_every = 97, .poison = true, .verify = true}, 40).run();
  EXPECT_EQ(intern_statistics().strings, before.strings);
}

TEST(InternStress, ThreadsOfOneSpaceAgreeOnLocalTuples) {
  Space space({.budget_bytes = 1 << 20, .poison = true});
  Root cell;
  in_thread(space, [&](Context& ctx) { cell = Root(ctx, Value::cell(allocate(ctx, CellKind::kBlob, 32))); });
  std::atomic<uint64_t> made{0};
  std::vector<std::thread> threads;
  for (uint64_t index = 0; index < 4; ++index) {
    threads.emplace_back([&, index] {
      Thread thread(space);
      Context ctx(thread);
      Random random(index);
      for (int i = 0; i < 30'000; ++i) {
        const auto number = static_cast<int64_t>(random.below(50));
        const Value elements[] = {Value::integer(number), cell.get(), intern(ctx, symbol("local ", random.below(8)))};
        const Value first = intern_tuple(ctx, elements);
        const Value second = intern_tuple(ctx, elements);
        ASSERT_EQ(first, second);
        ASSERT_EQ(tuple_of(first)->view()[0], Value::integer(number));
        ASSERT_EQ(tuple_of(first)->view()[2], elements[2]);
        if (i % 1'000 == 0) space.request_collection();
        made.fetch_add(1, std::memory_order_relaxed);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made.load(), 120'000u);
}

// ---- limits -----------------------------------------------------------------------------------------------------------------

TEST(Intern, TheHardLimitIsAnError) {
  Space space({.hard_limit_bytes = 24u << 20});
  in_thread(space, [&](Context& ctx) {
    EXPECT_TRUE(intern(ctx, std::string(64u << 20, 'x')).is_none());
    EXPECT_EQ(ctx.take_error().code(), StatusCode::kOutOfMemory);
    RootList kept(ctx);
    uint64_t i = 0;
    while (!ctx.failed() && i < 2'000'000) kept.push_back(ctx, intern(ctx, symbol("a symbol that is kept ", i++)));
    EXPECT_LT(i, 1'000'000u);
    EXPECT_GT(i, 50'000u);
    EXPECT_EQ(ctx.take_error().code(), StatusCode::kOutOfMemory);
    EXPECT_EQ(text_of(kept[i / 2]), symbol("a symbol that is kept ", i / 2));
  });
}

// ---- hashes -------------------------------------------------------------------------------------------------------------------

TEST(InternHash, IsThatOfTheFingerprintForLongTexts) {
  const std::string text(300, 'f');
  EXPECT_EQ(hash_of_utf8(text), hash_of_fingerprint(fingerprint_of(text), text.size()));
  EXPECT_NE(hash_of_utf8(text.substr(0, 256)), hash_of_utf8(text.substr(0, 255)));
}

TEST(InternHash, StaysTheSameInEveryRun) {
  EXPECT_EQ(hash_of_utf8("the same in every run"), 5013669622961405220u);
  EXPECT_EQ(hash_of_utf8("abc"), 2595173598228180539u);
}

// Numbers that differ in few bits must spread over the high, the middle and the low bits alike.
TEST(InternHash, SpreadsInAllBits) {
  constexpr size_t kTexts = 1 << 18;
  for (const int shift : {0, 20, 46}) {
    std::vector<uint8_t> seen(1 << 18);
    for (uint64_t i = 0; i < kTexts; ++i) seen[hash_of_utf8(symbol("key", i)) >> shift & (seen.size() - 1)] = 1;
    const auto filled = static_cast<double>(std::count(seen.begin(), seen.end(), 1)) / static_cast<double>(seen.size());
    EXPECT_NEAR(filled, 0.632, 0.01) << shift;  // 1 - 1/e, as for random numbers
  }
  std::unordered_set<uint64_t> hashes;
  for (size_t size = 0; size <= 256; ++size) {
    std::string text(size, '\0');
    hashes.insert(hash_of_utf8(text));
    for (size_t i = 0; i < size; ++i) {
      text[i] = 1;
      hashes.insert(hash_of_utf8(text));
      text[i] = 0;
    }
  }
  EXPECT_EQ(hashes.size(), 257u + 256u * 257u / 2u) << "one changed byte gives another hash";
}

// ---- the table ------------------------------------------------------------------------------------------------------------------

// Tables of this size know where cells belong without asking.
struct Unasked {
  static uint64_t hash_of(const Cell*) {
    ADD_FAILURE();
    return 0;
  }
};

TEST(CellTable, DoesWhatAMapDoes) {
  constexpr uint64_t kSeed = 99;
  Random random(kSeed);
  for (const uint64_t hash_mask : {~uint64_t{0}, uint64_t{0xF0}, uint64_t{0}}) {  // good hashes, and ever worse ones
    heap::CellTable<Unasked> table;
    std::unordered_map<uint64_t, uint64_t> model;  // cell -> hash
    const uint64_t cells = hash_mask == ~uint64_t{0} ? 3'000 : 150;
    const auto cell_of = [](uint64_t number) { return reinterpret_cast<Cell*>(number * 16); };
    const auto contains = [&](uint64_t number, uint64_t hash) {
      return table.find(hash, [&](const Cell* cell) { return cell == cell_of(number); }) != nullptr;
    };
    for (int step = 0; step < 60'000; ++step) {
      const uint64_t number = 1 + random.below(cells);
      const uint64_t hash = mix_hash(number) & hash_mask;
      ASSERT_EQ(contains(number, hash), model.contains(number)) << "seed " << kSeed << " step " << step;
      const bool growing = step / 10'000 % 2 == 0;
      if (model.contains(number) && random.one_in(growing ? 4 : 1)) {
        table.erase(hash, cell_of(number));
        model.erase(number);
      } else if (!model.contains(number) && random.one_in(growing ? 1 : 4)) {
        table.insert(hash, cell_of(number));
        model.emplace(number, hash);
      }
      ASSERT_EQ(table.size(), model.size());
      if (step % 9'000 != 8'999) continue;
      const uint64_t divisor = 2 + random.below(3);
      table.retain([&](const Cell* cell) { return reinterpret_cast<uintptr_t>(cell) / 16 % divisor != 0; });
      std::erase_if(model, [&](const auto& entry) { return entry.first % divisor == 0; });
      for (const auto& [kept, kept_hash] : model) ASSERT_TRUE(contains(kept, kept_hash));
    }
    table.retain([](const Cell*) { return false; });
    EXPECT_EQ(table.size(), 0u);
    EXPECT_LE(table.bytes(), 256u);
  }
}

TEST(CellTable, GrowsBeyondTheBitsBesideItsCells) {
  struct Numbered {
    static uint64_t hash_of(const Cell* cell) { return mix_hash(reinterpret_cast<uintptr_t>(cell) / 16); }
  };
  heap::CellTable<Numbered> table;
  constexpr uint64_t kCells = 2'000'000;
  const auto cell_of = [](uint64_t number) { return reinterpret_cast<Cell*>(number * 16); };
  const auto contains = [&](uint64_t number) {
    return table.find(mix_hash(number), [&](const Cell* cell) { return cell == cell_of(number); }) != nullptr;
  };
  for (uint64_t i = 1; i <= kCells; ++i) table.insert(mix_hash(i), cell_of(i));
  for (uint64_t i = 1; i <= kCells; i += 2) table.erase(mix_hash(i), cell_of(i));
  for (uint64_t i = 1; i <= kCells; ++i) ASSERT_EQ(contains(i), i % 2 == 0);
  table.retain([](const Cell* cell) { return reinterpret_cast<uintptr_t>(cell) / 16 % 100 == 0; });
  for (uint64_t i = 1; i <= kCells; ++i) ASSERT_EQ(contains(i), i % 100 == 0);
  EXPECT_LE(table.bytes(), kCells / 100 * 8 * sizeof(uint64_t));
}

}  // namespace
}  // namespace proto
