// Integers at the limits of memory, and the collector beside long computations.
#include <atomic>
#include <thread>

#include "tests/number/numbers.h"

namespace proto {
namespace {

TEST(NumberLimits, LongIntegersRespectTheSpacesLimit) {
  Space space({.hard_limit_bytes = 8u << 20});
  Thread self(space);
  Context ctx(self);
  EXPECT_TRUE(shift_left(ctx, Value::integer(1), Value::integer(int64_t{1} << 29)).is_none());
  EXPECT_EQ(ctx.take_error().code(), StatusCode::kOutOfMemory);
  EXPECT_TRUE(power(ctx, Value::integer(3), Value::integer(int64_t{1} << 28)).is_none());
  EXPECT_EQ(ctx.take_error().code(), StatusCode::kOutOfMemory);
  EXPECT_EQ(bit_length(shift_left(ctx, Value::integer(1), Value::integer(100000))), 100001u);
}

// One thread multiplies and divides for long; the other makes the collector run meanwhile. Both see right numbers.
TEST(NumberLimits, TheCollectorDoesNotWaitForLongComputations) {
  Space space({.poison = true, .verify = true});
  std::atomic<bool> done{false};
  std::atomic<uint64_t> cycles{0};
  std::thread other([&] {
    Thread self(space);
    Context ctx(self);
    while (!done.load(std::memory_order_acquire)) {
      space.collect(ctx);
      cycles.fetch_add(1, std::memory_order_relaxed);
    }
  });
  {
    Thread self(space);
    Context ctx(self);
    const Value a = power(ctx, Value::integer(3), Value::integer(100000));
    const Value b = power(ctx, Value::integer(7), Value::integer(30000));
    for (int round = 0; round < 20 || (cycles.load(std::memory_order_relaxed) < 3 && round < 100000); ++round) {
      Context frame(ctx);
      const Value product = multiply(frame, a, b);
      ASSERT_TRUE(equal(frame, floor_divide(frame, product, b), a));
      ASSERT_EQ(floor_remainder(frame, product, a), Value::integer(0));
      ASSERT_TRUE(equal(frame, parse_integer(frame, to_text(frame, b)), b));
    }
  }
  done.store(true, std::memory_order_release);
  other.join();
  EXPECT_GE(cycles.load(), 3u);
}

}  // namespace
}  // namespace proto
