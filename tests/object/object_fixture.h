// A space, a thread and a frame; every test runs plainly and under a hostile collector.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "runtime/heap/context.h"
#include "runtime/heap/intern_table.h"
#include "runtime/object/object.h"
#include "runtime/value/operations.h"

namespace proto {

struct Mode {
  const char* name;
  SpaceOptions options;
};

/// A collection at every n-th allocation, of a heap whose dead cells are overwritten.
inline SpaceOptions hostile_options(uint32_t every, bool verify) {
  SpaceOptions options;
  options.collect_every = every;
  options.poison = true;
  options.verify = verify;
  return options;
}

class ObjectFixture : public ::testing::TestWithParam<Mode> {
 protected:
  ObjectFixture() : space_(GetParam().options), self_(space_), ctx_(self_) {}
  ~ObjectFixture() override { EXPECT_TRUE(ctx_.error().ok()) << ctx_.error().to_string(); }

  bool hostile() const { return GetParam().options.collect_every != 0; }
  Value object_prototype() const { return space_.object_prototype(); }
  Value mutable_object() { return object_prototype().new_mutable(ctx_); }
  /// The code of the pending error, which is taken.
  StatusCode take_code() { return ctx_.take_error().code(); }

  Space space_;
  Thread self_;
  Context ctx_;
};

inline Value integer(int64_t number) { return Value::integer(number); }

#define PROTO_OBJECT_TESTS(fixture)                                                                      \
  INSTANTIATE_TEST_SUITE_P(Modes, fixture,                                                               \
                           ::testing::Values(Mode{"plain", {}}, Mode{"often", hostile_options(5, true)}, \
                                             Mode{"always", hostile_options(1, false)}),                 \
                           [](const auto& mode) { return std::string(mode.param.name); })

}  // namespace proto
