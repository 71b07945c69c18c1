// The collector: what is reachable stays, what is not goes, whatever threads do meanwhile.
#include <gtest/gtest.h>

#include <thread>
#include <unordered_set>
#include <vector>

#include "runtime/base/random.h"
#include "runtime/heap/barrier.h"
#include "runtime/heap/context.h"
#include "runtime/heap/root_list.h"

namespace proto {
namespace {

// A cell with values in it: [0] a stamp that the test knows, then references.
struct Node : Cell {
  Value values[1];
};

Node* new_node(Context& ctx, size_t values, int64_t stamp) {
  Node* node = allocate<Node>(ctx, CellKind::kValueArray, sizeof(Cell) + values * sizeof(Value));
  node->values[0] = Value::integer(stamp);
  return node;
}
Value value_of(Node* node) { return Value::cell(node); }
Node* node_of(Value value) { return static_cast<Node*>(value.as_cell()); }

// Calls beyond inlining, so that what they had on the stack is overwritten by what comes next.
template <class Function>
[[gnu::noinline]] void deeply(Function&& function) {
  function();
  volatile char scratch[4096];
  for (size_t i = 0; i < sizeof(scratch); ++i) scratch[i] = 0;
}

// A linked list of `length` nodes, newest first.
[[gnu::noinline]] Value make_chain(Context& ctx, int64_t length) {
  Node* head = nullptr;
  for (int64_t i = 0; i < length; ++i) {
    Node* node = new_node(ctx, 2, i);
    if (head != nullptr) node->values[1] = value_of(head);
    head = node;
  }
  return value_of(head);
}

int64_t chain_length(Value chain) {
  int64_t length = 0;
  int64_t expected = -1;
  while (chain.is_cell()) {
    const Node* node = node_of(chain);
    EXPECT_EQ(node->kind(), CellKind::kValueArray);
    if (expected >= 0) {
      EXPECT_EQ(node->values[0].as_small_integer(), expected - 1);
    }
    expected = node->values[0].as_small_integer();
    ++length;
    chain = node->values[1];
  }
  return length;
}

TEST(Collector, KeepsWhatTheStackHoldsAndFreesTheRest) {
  Space space({.budget_bytes = 1 << 20});
  Thread thread(space);
  Context ctx(thread);
  const Value chain = make_chain(ctx, 10'000);
  deeply([&] { make_chain(ctx, 200'000); });
  space.collect(ctx);
  const SpaceStatistics statistics = space.statistics();
  EXPECT_EQ(chain_length(chain), 10'000);
  EXPECT_GE(statistics.live_cells, 10'000u);
  EXPECT_LT(statistics.live_cells, 60'000u) << "garbage survives";
}

TEST(Collector, StartsByItselfAndKeepsTheHeapSmall) {
  Space space;
  Thread thread(space);
  Context ctx(thread);
  for (int i = 0; i < 5'000'000; ++i) new_node(ctx, 3, i);
  const SpaceStatistics statistics = space.statistics();
  EXPECT_GE(statistics.cycles, 2u);
  EXPECT_LT(statistics.heap_bytes, 100u << 20);
}

TEST(Collector, GivesMemoryBack) {
  Space space({.budget_bytes = 1 << 20});
  Thread thread(space);
  Context ctx(thread);
  size_t most = 0;
  deeply([&] {
    Root root(ctx, make_chain(ctx, 2'000'000));
    most = space.statistics().heap_bytes;
    EXPECT_EQ(chain_length(root.get()), 2'000'000);
  });
  deeply([&] { space.collect(ctx); });
  space.collect(ctx);
  EXPECT_GT(most, 60u << 20);
  EXPECT_LT(space.statistics().heap_bytes, 16u << 20);
}

TEST(Collector, LargeCellsLiveAndDie) {
  Space space({.budget_bytes = 1 << 20});
  Thread thread(space);
  Context ctx(thread);
  std::vector<std::pair<Root, size_t>> kept;
  Random random(7);
  for (int i = 0; i < 400; ++i) {
    const size_t values = 600 + random.below(i % 20 == 0 ? 300'000 : 8'000);
    Node* node = new_node(ctx, values, i);
    node->values[values - 1] = Value::integer(-i);
    if (i % 10 == 0) kept.emplace_back(Root(ctx, value_of(node)), values);
    if (i % 50 == 0) space.collect(ctx);
  }
  space.collect(ctx);
  int64_t stamp = 0;
  for (const auto& [root, values] : kept) {
    const Node* node = node_of(root.get());
    EXPECT_EQ(node->values[0].as_small_integer(), stamp);
    EXPECT_EQ(node->values[values - 1].as_small_integer(), -stamp);
    stamp += 10;
  }
}

TEST(Collector, InteriorPointersCount) {
  Space space;
  Thread thread(space);
  Context ctx(thread);
  for (const size_t values : {20u, 900u, 200'000u}) {
    volatile uintptr_t inside = 0;
    deeply([&] { inside = reinterpret_cast<uintptr_t>(&new_node(ctx, values, 5)->values[values / 2]); });
    reinterpret_cast<Value*>(inside)[0] = Value::integer(77);
    space.collect(ctx);
    for (int i = 0; i < 3; ++i) deeply([&] { new_node(ctx, values, 6); });
    EXPECT_EQ(reinterpret_cast<Value*>(inside)[0].as_small_integer(), 77) << values;
  }
}

// A graph of mutable nodes that threads rewire under the barrier; each checks what it reads.
struct Cellular : Cell {
  Value stamp;
  std::atomic<uint64_t> slots[4];
};

TEST(Collector, MutatorsAndMarkerAgree) {
  const uint64_t seed = 20261120;
  RecordProperty("seed", static_cast<int>(seed));
  Space space({.budget_bytes = 1 << 20, .poison = true, .verify = true});
  Thread main_thread(space);
  Context main_ctx(main_thread);
  constexpr size_t kShared = 64;
  RootList shared(main_ctx);
  for (size_t i = 0; i < kShared; ++i) shared.push_back(main_ctx, value_of(new_node(main_ctx, 5, 0)));
  const auto slot = [&](size_t i, size_t j) -> std::atomic<uint64_t>& {
    return static_cast<Cellular*>(shared[i].as_cell())->slots[j];
  };
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      Thread thread(space);
      Random random(seed + t);
      for (int round = 0; round < 300; ++round) {
        Context ctx(thread);
        for (int i = 0; i < 100; ++i) {
          // Take a chain from somewhere, extend it by fresh cells, put it elsewhere; the stamps tell whether it is intact.
          Value chain = load_value(slot(random.below(kShared), random.below(4)));
          int64_t depth = 0;
          for (Value at = chain; at.is_cell() && depth < 50; at = node_of(at)->values[1], ++depth) {
            if (node_of(at)->kind() != CellKind::kValueArray || node_of(at)->values[0].as_small_integer() != 4711) {
              failures.fetch_add(1);
            }
          }
          if (depth >= 50) chain = Value();
          for (uint64_t n = random.below(20); n > 0; --n) {
            Node* node = new_node(ctx, 2, 4711);
            node->values[1] = chain;
            chain = value_of(node);
          }
          store_value(ctx, slot(random.below(kShared), random.below(4)), chain);
        }
        ctx.leave(Value());
      }
    });
  }
  {
    BlockingRegion region(main_thread);
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(failures.load(), 0);
  EXPECT_GT(space.statistics().cycles, 3u);
}

TEST(Collector, EveryAllocationCollects) {
  Space space({.collect_every = 1, .poison = true, .verify = true});
  Thread thread(space);
  Context ctx(thread);
  const Value chain = make_chain(ctx, 200);
  EXPECT_EQ(chain_length(chain), 200);
  EXPECT_GE(space.statistics().cycles, 199u);  // each allocation but the first
}

TEST(Collector, AThreadInABlockingRegionDoesNotHoldUpTheOthers) {
  Space space;
  Thread thread(space);
  Context ctx(thread);
  std::atomic<bool> blocked{false}, release{false};
  std::thread other([&] {
    Thread self(space);
    Context frame(self);
    const Value mine = make_chain(frame, 100);
    {
      BlockingRegion region(frame);
      blocked.store(true);
      blocked.notify_all();
      release.wait(false);
    }
    EXPECT_EQ(chain_length(mine), 100);
  });
  blocked.wait(false);
  for (int i = 0; i < 3; ++i) space.collect(ctx);
  release.store(true);
  release.notify_all();
  BlockingRegion region(thread);
  other.join();
}

TEST(Limits, HardLimitIsAnErrorAndPasses) {
  Space space({.budget_bytes = 1 << 20, .hard_limit_bytes = 8 << 20});
  Thread thread(space);
  Context ctx(thread);
  deeply([&] {
    RootList kept(ctx);
    size_t made = 0;
    while (ctx.enter() && made < 100'000'000) {
      kept.push_back(ctx, value_of(new_node(ctx, 9, 1)));
      ++made;
    }
    EXPECT_EQ(ctx.error().code(), StatusCode::kOutOfMemory);
    EXPECT_GT(made, 40'000u);
    EXPECT_LT(made, 150'000u);
    EXPECT_FALSE(ctx.enter());
    EXPECT_EQ(ctx.take_error().code(), StatusCode::kOutOfMemory);
  });
  EXPECT_TRUE(ctx.enter()) << ctx.error().to_string();
  EXPECT_FALSE(ctx.reserve(64 << 20));
  EXPECT_EQ(ctx.take_error().code(), StatusCode::kOutOfMemory);
}

// ---- frames -------------------------------------------------------------------------------------------------------------

[[gnu::noinline]] Value make_in_frame(Context& caller, int64_t length, int64_t garbage) {
  Context frame(caller);
  const Value chain = make_chain(frame, length);
  make_chain(frame, garbage);
  return frame.leave(chain);
}

TEST(Frames, FreeWhatTheResultDoesNotReach) {
  Space space({.poison = true});
  Thread thread(space);
  Context ctx(thread);
  const Value chain = make_in_frame(ctx, 10, 5'000);
  EXPECT_EQ(chain_length(chain), 10);
  make_in_frame(ctx, 5'000, 5'000);
  EXPECT_EQ(chain_length(chain), 10);
  space.collect(ctx);
  EXPECT_EQ(space.statistics().freed_by_frames, 10'000u);
  EXPECT_EQ(chain_length(chain), 10);
}

TEST(Frames, SpareWhatAMutableCellTook) {
  Space space({.poison = true});
  Thread thread(space);
  Context ctx(thread);
  Root root(ctx, Value());
  {
    Context frame(ctx);
    root.set(frame, make_chain(frame, 50));
    make_chain(frame, 50);
  }
  make_chain(ctx, 200);
  EXPECT_EQ(chain_length(root.get()), 50);
}

TEST(Frames, NestedFramesAndACycleInBetween) {
  Space space({.poison = true, .verify = true});
  Thread thread(space);
  Context ctx(thread);
  const Value before = make_chain(ctx, 20);
  Value middle, inner_result;
  {
    Context outer(ctx);
    middle = make_chain(outer, 30);
    {
      Context inner(outer);
      inner_result = make_chain(inner, 40);
      space.collect(inner);
      make_chain(inner, 1000);
      inner.leave(inner_result);
    }
    make_chain(outer, 1000);
    EXPECT_EQ(chain_length(inner_result), 40);
    EXPECT_EQ(chain_length(middle), 30);
    outer.leave(inner_result);
  }
  make_chain(ctx, 3000);
  EXPECT_EQ(chain_length(inner_result), 40);
  EXPECT_EQ(chain_length(before), 20);
}

// The inner frame returns more cells than stay logged; they lead to a cell of the outer frame, which its own result reaches only
// through them.
TEST(Frames, CellsReachedThroughAnInnerFramesResultAreSpared) {
  Space space({.poison = true});
  Thread thread(space);
  Context ctx(thread);
  Value result;
  {
    Context outer(ctx);
    const Value old = value_of(new_node(outer, 2, 0));
    Context inner(outer);
    Value chain = old;
    for (int64_t i = 1; i <= 40; ++i) {
      Node* node = new_node(inner, 2, i);
      node->values[1] = chain;
      chain = value_of(node);
    }
    inner.leave(chain);
    result = outer.leave(chain);
  }
  make_chain(ctx, 1000);
  EXPECT_EQ(chain_length(result), 41);
}

TEST(Frames, AFrameThatAllocatesMoreThanTheLogHoldsIsLeftToTheCollector) {
  Space space;
  Thread thread(space);
  Context ctx(thread);
  for (int round = 0; round < 3; ++round) {
    const Value chain = make_in_frame(ctx, 100'000, 100'000);
    EXPECT_EQ(chain_length(chain), 100'000);
  }
}

}  // namespace
}  // namespace proto
