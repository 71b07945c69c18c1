// Threads that change and read the same objects; with a collector that runs all the time.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "runtime/base/random.h"
#include "runtime/heap/root_list.h"
#include "tests/object/object_fixture.h"

namespace proto {
namespace {

class ThreadsTest : public ::testing::Test {
 protected:
  ThreadsTest() : space_(options()), self_(space_), ctx_(self_) {}

  static SpaceOptions options() {
    SpaceOptions options;
    options.budget_bytes = 256 << 10;
    return options;
  }
  /// Runs `body(ctx, index)` on so many threads and waits for them.
  template <class Body>
  void run_threads(int count, Body&& body) {
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) {
      threads.emplace_back([&, i] {
        Thread self(space_);
        Context ctx(self);
        body(ctx, i);
      });
    }
    const BlockingRegion region(ctx_);
    for (std::thread& thread : threads) thread.join();
  }

  Space space_;
  Thread self_;
  Context ctx_;
};

constexpr int kThreads = 4;

TEST_F(ThreadsTest, CountersLoseNothing) {
  const Value counter = space_.object_prototype().new_mutable(ctx_);
  counter.set(ctx_, "n", 0);
  const Root root(ctx_, counter);
  constexpr int kSteps = 5000;
  run_threads(kThreads, [&](Context& caller, int) {
    for (int i = 0; i < kSteps; ++i) {
      Context ctx(caller);
      while (true) {
        const Value now = counter.get(ctx, "n");
        if (counter.compare_and_set(ctx, "n", now, now.as_small_integer() + 1)) break;
      }
    }
  });
  EXPECT_EQ(counter.get(ctx_, "n"), integer(kThreads * kSteps));
}

TEST_F(ThreadsTest, EachThreadsAttributesStay) {
  const Value shared = space_.object_prototype().new_mutable(ctx_);
  const Root root(ctx_, shared);
  std::atomic<int> lost{0};
  run_threads(kThreads, [&](Context& caller, int index) {
    for (int i = 0; i < 3000; ++i) {
      Context ctx(caller);
      const std::string name = "t" + std::to_string(index) + "a" + std::to_string(i % 20);
      if (!shared.set(ctx, name, i)) ++lost;
      if (shared.get(ctx, name) != integer(i)) ++lost;
      if (i % 3 == 0 && !shared.remove(ctx, name)) ++lost;
      if (shared.has(ctx, name) != (i % 3 != 0)) ++lost;
    }
  });
  EXPECT_EQ(lost.load(), 0);
}

// A change that returned is seen by every look-up that begins then, whatever the thread has remembered.
TEST_F(ThreadsTest, LateChangesOfPrototypesAreSeenByAllThreads) {
  std::vector<Value> chain{space_.object_prototype().new_mutable(ctx_)};
  RootList alive(ctx_);
  alive.push_back(ctx_, chain.front());
  for (int i = 0; i < 12; ++i) {
    chain.push_back(chain.back().new_mutable(ctx_));
    alive.push_back(ctx_, chain.back());
  }
  const Value base = chain.front();
  const Value middle = chain[6];
  const Value leaf = chain.back();
  const Value mixin = space_.object_prototype().new_mutable(ctx_);
  mixin.set(ctx_, "mixed", 1);
  alive.push_back(ctx_, mixin);
  base.set(ctx_, "n", 0);
  std::atomic<int64_t> published{0};
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  run_threads(kThreads, [&](Context& caller, int index) {
    if (index == 0) {
      for (int64_t i = 1; i <= 2000; ++i) {
        Context ctx(caller);
        // The newest value stands now in the base, now in the middle, which hides the base.
        if (i % 2 == 1) {
          middle.set(ctx, "n", i);
        } else {
          base.set(ctx, "n", i);
          middle.remove(ctx, "n");
        }
        published.store(i, std::memory_order_release);
        if (i % 16 == 0) add_prototype(ctx, middle, mixin);
        if (i % 16 == 8) remove_prototype(ctx, middle, mixin);
        if (i % 5 == 0) chain[3].set(ctx, "x" + std::to_string(i % 7), i);
        if (ctx.failed()) ++wrong;
      }
      done.store(true, std::memory_order_release);
      return;
    }
    while (!done.load(std::memory_order_acquire)) {
      Context ctx(caller);
      const int64_t least = published.load(std::memory_order_acquire);
      const Value seen = leaf.get(ctx, "n");
      if (!seen.is_small_integer() || seen.as_small_integer() < least) ++wrong;
      const Value mixed = leaf.get(ctx, "mixed");
      if (!mixed.is_none() && mixed != integer(1)) ++wrong;
      if (ctx.failed()) ++wrong;
    }
  });
  EXPECT_EQ(wrong.load(), 0);
}

TEST_F(ThreadsTest, TwoThreadsCannotMakeACycleTogether) {
  for (int round = 0; round < 200; ++round) {
    Context frame(ctx_);
    const Value a = space_.object_prototype().new_mutable(frame);
    const Value b = space_.object_prototype().new_mutable(frame);
    const Root roots[] = {Root(frame, a), Root(frame, b)};
    std::atomic<int> made{0};
    run_threads(2, [&](Context& ctx, int index) {
      const bool done = index == 0 ? add_prototype(ctx, a, b) : add_prototype(ctx, b, a);
      if (done) ++made;
      ASSERT_EQ(ctx.take_error().code(), done ? StatusCode::kOk : StatusCode::kInvalidArgument);
    });
    ASSERT_EQ(made.load(), 1);
    EXPECT_FALSE(a.has(frame, "nothing"));
  }
}

// Objects of one shape, made by threads at once: one shape, found by all.
TEST_F(ThreadsTest, ThreadsShareShapes) {
  const Value prototype = space_.object_prototype().new_mutable(ctx_);
  const Root root(ctx_, prototype);
  RootList made(ctx_);
  std::mutex mutex;
  run_threads(kThreads, [&](Context& caller, int index) {
    for (int i = 0; i < 2000; ++i) {
      Context ctx(caller);
      Value object = prototype.new_child(ctx);
      for (int k = 0; k < 6; ++k) object = object.with(ctx, "f" + std::to_string(k), i);
      if (i < 1999) continue;
      const std::lock_guard lock(mutex);
      made.push_back(ctx, object);
      ASSERT_EQ(object.get(ctx, "f5"), integer(i)) << index;
    }
  });
  ASSERT_EQ(made.size(), static_cast<size_t>(kThreads));
  for (size_t i = 1; i < made.size(); ++i) {
    EXPECT_EQ(made[i].as_cell()->header_word(), made[0].as_cell()->header_word());
    EXPECT_TRUE(equal(ctx_, made[i], made[0]));
  }
}

}  // namespace
}  // namespace proto
