#include "runtime/object/modules.h"

#include <atomic>
#include <thread>

#include "runtime/heap/root_list.h"
#include "tests/object/object_fixture.h"

namespace proto {
namespace {

class ModulesTest : public ObjectFixture {};
PROTO_OBJECT_TESTS(ModulesTest);

TEST_P(ModulesTest, ResolversAreAskedInTurnAndOnce) {
  int first = 0, second = 0;
  modules(space_).add_resolver([&](Context&, std::string_view, Value) {
    ++first;
    return Value();
  });
  modules(space_).add_resolver([&](Context& ctx, std::string_view name, Value module) {
    ++second;
    if (name != "geometry") return Value();
    module.set(ctx, "corners", 3);
    return module;
  });
  const Value geometry = modules(space_).import(ctx_, "geometry");
  EXPECT_EQ(geometry.get(ctx_, "corners"), integer(3));
  EXPECT_EQ(modules(space_).import(ctx_, "geometry"), geometry);
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 1);
  space_.collect(ctx_);
  EXPECT_EQ(modules(space_).find("geometry"), geometry);
  EXPECT_TRUE(modules(space_).import(ctx_, "physics").is_none());
  EXPECT_EQ(take_code(), StatusCode::kNotFound);
  EXPECT_TRUE(modules(space_).find("physics").is_none());
  modules(space_).add_first_resolver([&](Context&, std::string_view, Value) { return integer(1); });
  EXPECT_EQ(modules(space_).import(ctx_, "physics"), integer(1)) << "a module that was not found is looked for again";
}

TEST_P(ModulesTest, ModulesImportEachOther) {
  modules(space_).add_resolver([&](Context& ctx, std::string_view name, Value module) {
    const std::string other = name == "a" ? "b" : "a";
    module.set(ctx, "other", modules(ctx.space()).import(ctx, other));
    return module;
  });
  const Value a = modules(space_).import(ctx_, "a");
  const Value b = modules(space_).import(ctx_, "b");
  EXPECT_EQ(a.get(ctx_, "other"), b);
  EXPECT_EQ(b.get(ctx_, "other"), a);
}

TEST_P(ModulesTest, AnErrorOfAResolverLeavesNoModule) {
  bool fail = true;
  modules(space_).add_resolver([&](Context& ctx, std::string_view, Value module) {
    if (fail) return ctx.fail(Status(StatusCode::kIoError, "cannot be read"));
    return module;
  });
  EXPECT_TRUE(modules(space_).import(ctx_, "m").is_none());
  EXPECT_EQ(take_code(), StatusCode::kIoError);
  fail = false;
  EXPECT_TRUE(modules(space_).import(ctx_, "m").is_mutable_object());
}

TEST_P(ModulesTest, ModulesAreEnteredAndForgotten) {
  modules(space_).enter(ctx_, "built in", integer(3));
  EXPECT_EQ(modules(space_).import(ctx_, "built in"), integer(3));
  EXPECT_TRUE(modules(space_).forget(ctx_, "built in"));
  EXPECT_FALSE(modules(space_).forget(ctx_, "built in"));
  EXPECT_TRUE(modules(space_).import(ctx_, "built in").is_none());
  EXPECT_EQ(take_code(), StatusCode::kNotFound);
}

TEST_P(ModulesTest, ThreadsThatImportTheSameAndEachOther) {
  std::atomic<int> resolved{0};
  modules(space_).add_resolver([&](Context& ctx, std::string_view name, Value module) {
    ++resolved;
    const int number = std::stoi(std::string(name));
    module.set(ctx, "next", modules(ctx.space()).import(ctx, std::to_string((number + 1) % 8)));
    return module;
  });
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      Thread self(space_);
      Context ctx(self);
      for (int k = 0; k < 8; ++k) {
        const Value module = modules(space_).import(ctx, std::to_string((k + 2 * i) % 8));
        if (module.is_none() || ctx.failed()) ++failures;
      }
    });
  }
  {
    const BlockingRegion region(ctx_);
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(failures.load(), 0);
  EXPECT_EQ(resolved.load(), 8);
  Value at = modules(space_).import(ctx_, "0");
  for (int i = 0; i < 8; ++i) at = at.get(ctx_, "next");
  EXPECT_EQ(at, modules(space_).find("0"));
}

}  // namespace
}  // namespace proto
