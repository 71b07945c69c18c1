// Weak references end with their targets, no earlier and no later; finalizers run once.
#include "runtime/heap/weak.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/random.h"
#include "runtime/heap/intern_table.h"
#include "runtime/heap/root_list.h"
#include "tests/heap/in_thread.h"

namespace proto {
namespace {

struct Node : Cell {
  Value values[3];  // a stamp, a copy of it, a reference
};

Value new_node(Context& ctx, int64_t stamp, Value reference = Value()) {
  auto* node = allocate<Node>(ctx, CellKind::kValueArray);
  node->values[0] = node->values[1] = Value::integer(stamp);
  node->values[2] = reference;
  return Value::cell(node);
}
const Node* node_of(Value value) { return static_cast<const Node*>(value.as_cell()); }

TEST(WeakReference, EndsWithItsTarget) {
  Space space({.poison = true, .verify = true});
  Root target, lasting, passing;
  in_thread(space, [&](Context& ctx) {
    target = Root(ctx, new_node(ctx, 1));
    lasting = Root(ctx, WeakReference::make(ctx, target.get()));
    passing = Root(ctx, WeakReference::make(ctx, new_node(ctx, 2)));
    EXPECT_TRUE(lasting.get().is_cell_of(CellKind::kWeakReference));
    EXPECT_EQ(node_of(WeakReference::get(ctx, passing.get()))->values[0], Value::integer(2));
  });
  for (int i = 0; i < 3; ++i) {
    collect(space);
    in_thread(space, [&](Context& ctx) {
      EXPECT_EQ(WeakReference::get(ctx, lasting.get()), target.get());
      EXPECT_TRUE(WeakReference::get(ctx, passing.get()).is_none());
    });
  }
  target = Root();
  collect(space);
  in_thread(space, [&](Context& ctx) { EXPECT_TRUE(WeakReference::get(ctx, lasting.get()).is_none()); });
}

TEST(WeakReference, ToImmediatesNeverEnds) {
  Space space;
  Root reference;
  in_thread(space, [&](Context& ctx) { reference = Root(ctx, WeakReference::make(ctx, Value::integer(12))); });
  collect(space);
  in_thread(space, [&](Context& ctx) {
    EXPECT_EQ(WeakReference::get(ctx, reference.get()), Value::integer(12));
    EXPECT_TRUE(WeakReference::get(ctx, Value::integer(12)).is_none()) << "no weak reference";
    EXPECT_TRUE(WeakReference::get(ctx, new_node(ctx, 1)).is_none()) << "no weak reference";
  });
}

TEST(WeakReference, ToInternedContentsEndsWhenTheSpaceLetsGo) {
  Space space({.poison = true}), other;
  Root kept, reference_kept, reference_dropped, held_elsewhere;
  in_thread(other, [&](Context& ctx) { held_elsewhere = Root(ctx, intern(ctx, "a text that the space drops")); });
  in_thread(space, [&](Context& ctx) {
    kept = Root(ctx, intern(ctx, "a text that is kept"));
    reference_kept = Root(ctx, WeakReference::make(ctx, kept.get()));
    reference_dropped = Root(ctx, WeakReference::make(ctx, intern(ctx, "a text that the space drops")));
  });
  collect(space);
  in_thread(space, [&](Context& ctx) {
    EXPECT_EQ(WeakReference::get(ctx, reference_kept.get()), kept.get());
    EXPECT_TRUE(WeakReference::get(ctx, reference_dropped.get()).is_none());
  });
}

// What only a cycle of cells or another weak reference leads to is dead.
TEST(WeakReference, DoesNotKeepWhatItsTargetReaches) {
  Space space({.poison = true});
  Root inner_reference, outer_reference, reference_to_reference;
  in_thread(space, [&](Context& ctx) {
    const Value inner = new_node(ctx, 1);
    inner_reference = Root(ctx, WeakReference::make(ctx, inner));
    outer_reference = Root(ctx, WeakReference::make(ctx, new_node(ctx, 2, inner)));
    reference_to_reference = Root(ctx, WeakReference::make(ctx, WeakReference::make(ctx, inner)));
  });
  collect(space);
  in_thread(space, [&](Context& ctx) {
    EXPECT_TRUE(WeakReference::get(ctx, inner_reference.get()).is_none());
    EXPECT_TRUE(WeakReference::get(ctx, outer_reference.get()).is_none());
    EXPECT_TRUE(WeakReference::get(ctx, reference_to_reference.get()).is_none());
  });
}

TEST(WeakReference, ItsTargetOutlivesTheFrameThatMadeIt) {
  Space space({.poison = true});
  Thread thread(space);
  Context ctx(thread);
  const Value reference = [&] {
    Context frame(ctx);
    const Value outer = new_node(frame, 5, new_node(frame, 6));
    return frame.leave(WeakReference::make(frame, outer));
  }();
  for (int i = 0; i < 1'000; ++i) new_node(ctx, -1);
  // Unless a collection ran, nobody may have taken the target's memory.
  const Value target = WeakReference::get(ctx, reference);
  if (space.statistics().cycles > 0 && target.is_none()) GTEST_SKIP() << "a hostile collector found it dead, rightly";
  ASSERT_TRUE(target.is_cell());
  EXPECT_EQ(node_of(target)->values[0], Value::integer(5));
  EXPECT_EQ(node_of(node_of(target)->values[2])->values[0], Value::integer(6));
}

TEST(WeakReference, AMillionDeadOnesLeaveNothing) {
  Space space;
  Root target;
  in_thread(space, [&](Context& ctx) {
    target = Root(ctx, new_node(ctx, 1));
    for (int i = 0; i < 1'000'000; ++i) WeakReference::make(ctx, target.get());
  });
  collect(space);
  collect(space);
  EXPECT_LT(space.statistics().live_cells, 1'000u);
  EXPECT_LT(space.statistics().heap_bytes, 70u << 20);
}

// Threads replace targets and read the references while cycles run: what get() gives is whole (the pattern of freed cells
// would show), and a reference whose target is in a root never reads as none.
TEST(WeakReferenceStress, NeverGivesADeadTarget) {
  constexpr uint64_t kSeed = 777;
  constexpr size_t kSlots = 64;
  Space space({.budget_bytes = 256 << 10, .poison = true, .verify = true});
  std::atomic<uint64_t> found{0}, missed{0};
  std::vector<std::thread> threads;
  for (uint64_t index = 0; index < 4; ++index) {
    threads.emplace_back([&, index] {
      Thread thread(space);
      Context ctx(thread);
      Random random(kSeed + index);
      RootList references(ctx), targets(ctx);
      for (size_t i = 0; i < kSlots; ++i) {
        targets.push_back(ctx, new_node(ctx, static_cast<int64_t>(i)));
        references.push_back(ctx, WeakReference::make(ctx, targets[i]));
      }
      for (int64_t step = 0; step < 60'000; ++step) {
        Context frame(ctx);
        const size_t slot = random.below(kSlots);
        const Value target = WeakReference::get(frame, references[slot]);
        const bool in_root = targets[slot].is_cell();
        ASSERT_TRUE(!in_root || target == targets[slot]) << "seed " << kSeed;
        (target.is_cell() ? found : missed).fetch_add(1, std::memory_order_relaxed);
        if (target.is_cell()) {
          ASSERT_EQ(node_of(target)->kind(), CellKind::kValueArray) << "seed " << kSeed;
          ASSERT_EQ(node_of(target)->values[0], node_of(target)->values[1]) << "seed " << kSeed;
          if (random.one_in(8)) targets.set(frame, slot, target);  // alive again
        }
        if (random.one_in(3)) targets.set(frame, slot, Value());
        if (target.is_none() || random.one_in(50)) {
          const Value fresh = new_node(frame, step);
          references.set(frame, slot, WeakReference::make(frame, fresh));
          targets.set(frame, slot, random.one_in(2) ? fresh : Value());
        }
        for (int i = 0; i < 4; ++i) new_node(frame, step);
        if (step % (index == 0 ? 2'000 : 500) == 0) index == 0 ? space.collect(frame) : space.request_collection();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(found.load(), 1'000u);
  EXPECT_GT(missed.load(), 100u);
  EXPECT_GE(space.statistics().cycles, 10u);
}

// ---- finalizers -------------------------------------------------------------------------------------------------------------

void count_up(void* count) { static_cast<std::atomic<int>*>(count)->fetch_add(1); }

TEST(Finalizer, RunsOnceAfterTheDeath) {
  std::atomic<int> of_dead{0}, of_live{0}, of_text{0};
  Root live;
  {
    Space space({.poison = true});
    in_thread(space, [&](Context& ctx) {
      live = Root(ctx, new_node(ctx, 1));
      add_finalizer(ctx, live.get(), count_up, &of_live);
      const Value dead = new_node(ctx, 2);
      for (int i = 0; i < 3; ++i) add_finalizer(ctx, dead, count_up, &of_dead);
      add_finalizer(ctx, intern(ctx, "a text with a finalizer"), count_up, &of_text);
    });
    EXPECT_EQ(of_dead, 0);
    for (int i = 0; i < 3; ++i) {
      collect(space);
      EXPECT_EQ(of_dead, 3);
      EXPECT_EQ(of_text, 1);
      EXPECT_EQ(of_live, 0);
    }
    live = Root();
    collect(space);
    EXPECT_EQ(of_live, 1);
  }
  EXPECT_EQ(of_dead, 3);
  EXPECT_EQ(of_text, 1);
  EXPECT_EQ(of_live, 1);
}

TEST(Finalizer, RunsWhenTheSpaceEnds) {
  std::atomic<int> calls{0};
  {
    Space space;
    Root live;
    in_thread(space, [&](Context& ctx) {
      live = Root(ctx, new_node(ctx, 1));
      add_finalizer(ctx, live.get(), count_up, &calls);
      add_finalizer(ctx, Value::integer(5), count_up, &calls);  // never dies before
    });
    collect(space);
    EXPECT_EQ(calls, 0);
  }
  EXPECT_EQ(calls, 2);
}

TEST(Finalizer, RunsAfterAFrameDroppedItsTarget) {
  std::atomic<int> calls{0};
  Space space({.poison = true});
  in_thread(space, [&](Context& ctx) {
    for (int i = 0; i < 1'000; ++i) {
      Context frame(ctx);
      add_finalizer(frame, new_node(frame, i), count_up, &calls);
    }
  });
  collect(space);
  EXPECT_EQ(calls, 1'000);
}

TEST(FinalizerStress, EachRunsOnceWhileThreadsAddMore) {
  constexpr int kThreads = 4, kEach = 20'000;
  std::vector<std::atomic<int>> calls(kThreads * kEach);
  {
    Space space({.budget_bytes = 256 << 10, .poison = true});
    std::vector<std::thread> threads;
    for (int index = 0; index < kThreads; ++index) {
      threads.emplace_back([&, index] {
        Thread thread(space);
        Context ctx(thread);
        RootList kept(ctx);
        for (int i = 0; i < kEach; ++i) {
          Context frame(ctx);
          const Value target = new_node(frame, i);
          add_finalizer(frame, target, count_up, &calls[static_cast<size_t>(index * kEach + i)]);
          if (i % 10 == 0) kept.push_back(frame, target);
          if (i % 5'000 == 0) space.collect(frame);
        }
        // What is in a root is alive.
        for (size_t i = 0; i < kept.size(); ++i) ASSERT_EQ(calls[static_cast<size_t>(index * kEach) + i * 10], 0);
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_GE(space.statistics().cycles, 2u);
  }
  for (const std::atomic<int>& count : calls) ASSERT_EQ(count, 1);
}

}  // namespace
}  // namespace proto
