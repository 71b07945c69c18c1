// What cells own outside the heap: destroyed once, counted, and at one place for as long as the cell lives.
#include "runtime/heap/external.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "runtime/heap/root_list.h"
#include "tests/heap/in_thread.h"

namespace proto {
namespace {

uint64_t external_bytes(const Space& space) { return space.statistics().external_bytes; }

void count_up(void* count) { static_cast<std::atomic<int>*>(count)->fetch_add(1); }

TEST(ExternalPointer, IsDestroyedOnce) {
  std::atomic<int> of_dead{0}, of_live{0}, plain{0};
  {
    Space space({.poison = true});
    collect(space);
    const uint64_t before = external_bytes(space);
    Root live, without;
    in_thread(space, [&](Context& ctx) {
      live = Root(ctx, make_external_pointer(ctx, &of_live, count_up, 1'000));
      without = Root(ctx, make_external_pointer(ctx, &plain));
      const Value dead = make_external_pointer(ctx, &of_dead, count_up, 500);
      EXPECT_EQ(external_pointer(dead), &of_dead);
      make_external_pointer(ctx, nullptr, nullptr, 250);  // counts, and has nothing to destroy
      EXPECT_EQ(external_bytes(space), before + 1'750);
    });
    for (int i = 0; i < 2; ++i) {
      collect(space);
      EXPECT_EQ(of_dead, 1);
      EXPECT_EQ(of_live, 0);
      EXPECT_EQ(external_pointer(live.get()), &of_live);
      EXPECT_EQ(external_pointer(without.get()), &plain);
      EXPECT_EQ(external_bytes(space), before + 1'000);
    }
  }
  EXPECT_EQ(of_dead, 1);
  EXPECT_EQ(of_live, 1);
  EXPECT_EQ(plain, 0);
}

TEST(ExternalPointer, OtherValuesHaveNone) {
  Space space;
  Thread thread(space);
  Context ctx(thread);
  EXPECT_EQ(external_pointer(Value()), nullptr);
  EXPECT_EQ(external_pointer(make_external_buffer(ctx, 8)), nullptr);
  EXPECT_TRUE(external_buffer(Value::integer(1)).empty());
  EXPECT_TRUE(external_buffer(make_external_pointer(ctx, &space)).empty());
}

TEST(ExternalPointer, AFrameThatDropsItLeavesItToTheCollector) {
  std::atomic<int> calls{0};
  Space space({.poison = true});
  in_thread(space, [&](Context& ctx) {
    for (int i = 0; i < 500; ++i) {
      Context frame(ctx);
      make_external_pointer(frame, &calls, count_up);
    }
  });
  collect(space);
  EXPECT_EQ(calls, 500);
}

TEST(ExternalPointer, AccountedBytesStartCollections) {
  std::atomic<int> calls{0};
  Space space;
  collect(space);
  const uint64_t before = external_bytes(space);
  in_thread(space, [&](Context& ctx) {
    for (int i = 0; i < 2'000; ++i) make_external_pointer(ctx, &calls, count_up, 1 << 20);
  });
  EXPECT_GE(space.statistics().cycles, 1u);
  collect(space);
  EXPECT_EQ(calls, 2'000);
  EXPECT_EQ(external_bytes(space), before);
}

TEST(ExternalBuffer, IsZeroedAlignedAndStaysWhereItIs) {
  Space space({.poison = true});
  collect(space);
  const uint64_t before = external_bytes(space);
  for (const size_t size : {size_t{0}, size_t{1}, size_t{63}, size_t{4'096}, size_t{5} << 20}) {
    Root root;
    std::byte* address = nullptr;
    in_thread(space, [&](Context& ctx) {
      root = Root(ctx, make_external_buffer(ctx, size));
      const std::span<std::byte> bytes = external_buffer(root.get());
      ASSERT_EQ(bytes.size(), size);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(bytes.data()) % 64, 0u);
      EXPECT_TRUE(std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; }));
      std::ranges::fill(bytes, std::byte{0x5A});
      address = bytes.data();
      EXPECT_GE(external_bytes(space), before + size);
    });
    collect(space);
    const std::span<std::byte> bytes = external_buffer(root.get());
    EXPECT_EQ(bytes.data(), address);
    EXPECT_TRUE(std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0x5A}; }));
    root = Root();
    collect(space);
    EXPECT_EQ(external_bytes(space), before);
  }
}

TEST(ExternalBuffer, BeyondTheLimitIsAnError) {
  Space space({.hard_limit_bytes = 32u << 20});
  in_thread(space, [&](Context& ctx) {
    Root kept(ctx, make_external_buffer(ctx, 20u << 20));
    EXPECT_EQ(external_buffer(kept.get()).size(), 20u << 20);
    EXPECT_TRUE(make_external_buffer(ctx, 20u << 20).is_none());
    EXPECT_EQ(ctx.take_error().code(), StatusCode::kOutOfMemory);
    kept.set(ctx, Value());
    EXPECT_TRUE(make_external_buffer(ctx, SIZE_MAX - 8).is_none()) << "more than there can be";
    EXPECT_EQ(ctx.take_error().code(), StatusCode::kOutOfMemory);
  });
  in_thread(space, [&](Context& ctx) {
    EXPECT_TRUE(make_external_buffer(ctx, 20u << 20).is_cell()) << "the dead one made room";
  });
}

}  // namespace
}  // namespace proto
