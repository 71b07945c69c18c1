// A space to count in, ordinary or hostile, and short ways to write numbers.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "runtime/base/random.h"
#include "runtime/heap/context.h"
#include "runtime/number/number.h"
#include "runtime/value/operations.h"

namespace proto {

struct Mode {
  const char* name;
  SpaceOptions options;
};

class Numbers : public ::testing::TestWithParam<Mode> {
 protected:
  static constexpr uint64_t kSeed = 61;
  Numbers() : space_(GetParam().options), self_(space_), ctx_(self_) {}
  bool hostile() const { return GetParam().options.collect_every != 0; }

  Value integer(std::string_view text, unsigned radix = 10) { return parse_integer(ctx_, text, radix); }
  Value real(double value) { return make_double(ctx_, value); }
  std::string text(Value value) { return to_text(ctx_, value); }
  /// The code of the pending error, which is taken.
  StatusCode error() { return ctx_.take_error().code(); }
  /// Identical immediates, or equal cells of one kind.
  bool same(Value a, Value b) {
    return a == b || (a.is_cell() && b.is_cell() && a.as_cell()->kind() == b.as_cell()->kind() && equal(ctx_, a, b));
  }
  /// A random integer of up to 126 bits, often near a power of two.
  int128_t small() {
    const auto bits = random_.below(126);
    int128_t value = static_cast<int128_t>(random_.next()) << 64 | static_cast<int128_t>(random_.next());
    value = (value < 0 ? ~value : value) >> (126 - bits);
    if (random_.one_in(3)) value = (int128_t{1} << bits) + random_.between(-2, 2);
    return random_.one_in(2) ? -value : value;
  }

  Random random_{kSeed};
  Space space_;
  Thread self_;
  Context ctx_;
};

inline const Mode kModes[] = {
    {"Ordinary", {}},
    {"Hostile", {.collect_every = 3, .poison = true, .verify = true}},
};
#define PROTO_NUMBER_SUITE(Suite) \
  INSTANTIATE_TEST_SUITE_P(Modes, Suite, ::testing::ValuesIn(kModes), [](const auto& mode) { return mode.param.name; })

}  // namespace proto
