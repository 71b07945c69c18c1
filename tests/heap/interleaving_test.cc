// What comes together only rarely, brought together on purpose.
#include <gtest/gtest.h>

#include <thread>

#include "runtime/base/sync_point.h"
#include "runtime/heap/barrier.h"
#include "runtime/heap/context.h"
#include "runtime/heap/root_list.h"

namespace proto {
namespace {

struct Node : Cell {
  Value values[2];  // a stamp and a reference
};

constexpr int64_t kStamp = 4711;

Node* new_node(Context& ctx, Value reference) {
  Node* node = allocate<Node>(ctx, CellKind::kValueArray);
  node->values[0] = Value::integer(kStamp);
  node->values[1] = reference;
  return node;
}

bool intact(Value value) {
  return value.is_cell() && value.as_cell()->kind() == CellKind::kValueArray &&
         static_cast<Node*>(value.as_cell())->values[0] == Value::integer(kStamp);
}
Value reference_of(Value value) { return static_cast<Node*>(value.as_cell())->values[1]; }

void make_garbage(Context& ctx, int cells) {
  for (int i = 0; i < cells; ++i) allocate<Node>(ctx, CellKind::kValueArray);
}

// A thread stands in the stop that ends one cycle's marking while the next cycle is asked for: that must look at its stack, too.
TEST(Stops, AThreadThatStoodInOneStopIsLookedAtByTheNext) {
  Space space({.budget_bytes = 1 << 20, .poison = true});
  std::atomic<bool> done{false};
  std::thread worker([&] {
    Thread thread(space);
    while (!done.load()) {
      Context ctx(thread);
      const Value mine = Value::cell(new_node(ctx, Value::cell(new_node(ctx, Value()))));
      make_garbage(ctx, 2000);
      ASSERT_TRUE(intact(mine));
      ASSERT_TRUE(intact(reference_of(mine)));
    }
  });
  Thread thread(space);
  Context ctx(thread);
  for (int i = 0; i < 300; ++i) space.collect(ctx);
  done.store(true);
  const BlockingRegion region(thread);
  worker.join();
}

// Two threads leave frames at one time, and the result of each leads to cells of the other.
TEST(Frames, OfTwoThreadsWhoseResultsLeadToEachOthersCells) {
  Space space({.poison = true});
  Thread thread(space);
  Context main_ctx(thread);
  RootList shared(main_ctx);
  shared.push_back(main_ctx, Value());
  shared.push_back(main_ctx, Value());
  const auto run = [&](size_t own) {
    Thread self(space);
    Context ctx(self);
    for (int round = 0; round < 20'000; ++round) {
      Context frame(ctx);
      const Value other = shared[1 - own];
      Value chain = round % 8 == 0 ? Value() : other;
      for (int i = 0; i < 5; ++i) chain = Value::cell(new_node(frame, chain));
      shared.set(frame, own, reference_of(chain));
      frame.leave(chain);
      make_garbage(ctx, 8);
      Value at = chain;
      for (int i = 0; i < 5; ++i, at = reference_of(at)) ASSERT_TRUE(intact(at)) << round;
    }
  };
  std::thread left(run, 0), right(run, 1);
  const BlockingRegion region(thread);
  left.join();
  right.join();
}

#ifndef NDEBUG
// The marker has run dry, and a thread moves the only reference to a cell from a mutable field to its stack before the world stops.
TEST(Stops, WhatIsOverwrittenBeforeMarkingEndsIsMarked) {
  Space space({.poison = true, .verify = true});
  Thread thread(space);
  Context ctx(thread);
  Root root(ctx, Value::cell(new_node(ctx, Value::cell(new_node(ctx, Value())))));
  std::atomic<int> turn{0};  // 1: the marker is dry, 2: the field is overwritten
  std::atomic<int> times{0};
  set_sync_point("Collector::BeforeEndMarking", [&] {
    if (times.fetch_add(1) != 0) return;
    turn.store(1);
    turn.notify_all();
    turn.wait(1);
  });
  space.request_collection();
  {
    const BlockingRegion region(thread);  // the first stop does not wait for this thread
    turn.wait(0);
  }
  const Value taken = root.get();
  root.set(ctx, Value());
  turn.store(2);
  turn.notify_all();
  space.collect(ctx);
  set_sync_point("Collector::BeforeEndMarking", {});
  make_garbage(ctx, 1000);
  EXPECT_TRUE(intact(taken));
  EXPECT_TRUE(intact(reference_of(taken)));
  EXPECT_GE(times.load(), 2);
}
#endif

}  // namespace
}  // namespace proto
