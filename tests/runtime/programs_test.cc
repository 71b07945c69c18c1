// The example programs through the C++ interface give the answers of their twins in Python
// (tests/bench/runtime/programs.py), which are those in the literature where there are any (n-body, Richards).
#include <gtest/gtest.h>

#include "tests/bench/runtime/programs.h"

namespace proto::programs {
namespace {

/// In a space as it is by default, and in one that collects all the time, poisons what is free and checks the heap.
class ProgramsTest : public testing::TestWithParam<uint32_t> {
 protected:
  static SpaceOptions options() {
    SpaceOptions options;
    options.collect_every = GetParam();
    options.poison = options.verify = GetParam() != 0;
    return options;
  }
  void TearDown() override {
    EXPECT_FALSE(ctx.failed()) << ctx.error().to_string();
    if (hostile()) {
      EXPECT_GT(space.statistics().cycles, 5u);
    }
  }
  bool hostile() const { return GetParam() != 0; }
  Space space{options()};
  Thread self{space};
  Context ctx{self};
};
INSTANTIATE_TEST_SUITE_P(All, ProgramsTest, testing::Values(0, 11),
                         [](const auto& info) { return info.param == 0 ? "Usual" : "Hostile"; });

TEST_P(ProgramsTest, NBody) {
  EXPECT_EQ(nbody(ctx, 0), "-0.169075164 -0.169075164");
  if (hostile()) {
    EXPECT_EQ(nbody(ctx, 10), "-0.169075164 -0.169073022");
  } else {
    EXPECT_EQ(nbody(ctx, 1000), "-0.169075164 -0.169087605");
  }
}

TEST_P(ProgramsTest, Trees) {
  EXPECT_EQ(trees(ctx, 4), "63 496 31");
  if (!hostile()) {
    EXPECT_EQ(trees(ctx, 10), "4095 31744 32512 32704 32752 2047");
  }
}

TEST_P(ProgramsTest, Richards) {
  if (!hostile()) {
    EXPECT_EQ(richards(ctx, 3), "23246 9297");
  } else {
    EXPECT_EQ(richards(ctx, 1, 100), "239 95");
  }
}

TEST_P(ProgramsTest, Words) {
  if (hostile()) {
    EXPECT_EQ(words(ctx, make_words(50), 2), "48 50 54 lacoru=2 vobi=2 bababa=1");
    return;
  }
  const std::string text = make_words(100000);
  for (const int threads : {1, 8})
    EXPECT_EQ(words(ctx, text, threads), "4780 100000 101810 bababa=230 beba=168 cebace=146");
}

/// Garbage of the programs does not pile up: what frames do not free, the collector does.
TEST_P(ProgramsTest, MemoryStays) {
  if (hostile()) return;  // counted in the usual space
  trees(ctx, 12);
  space.collect(ctx);
  const uint64_t live = space.statistics().live_bytes;
  for (int i = 0; i < 3; ++i) trees(ctx, 12);
  space.collect(ctx);
  EXPECT_LT(space.statistics().live_bytes, live + (1u << 20));
  EXPECT_LT(space.statistics().heap_bytes, 100u << 20);
}

}  // namespace
}  // namespace proto::programs
