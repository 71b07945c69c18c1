// What the tests of dictionaries, sets and multisets share: keys of several forms, spaces of several modes.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "runtime/base/random.h"
#include "runtime/collection/list.h"
#include "runtime/heap/context.h"
#include "runtime/heap/root_list.h"
#include "runtime/value/operations.h"

namespace proto {

/// A cell whose hash says little: there are only `kHashes` of them.
struct CollidingCell : Cell {
  static constexpr uint64_t kHashes = 3;
  int64_t number;

  static const CollidingCell& of(Value value) { return *static_cast<const CollidingCell*>(value.as_cell()); }
  static Value make(Context& ctx, int64_t number) {
    auto* cell = allocate_raw<CollidingCell>(ctx, CellKind::kBlob);
    cell->number = number;
    return Value::cell(cell);
  }
  static void register_operations() {
    register_kind(CellKind::kBlob,
                  {.name = "colliding",
                   .equal = [](Context&, Value a, Value b) { return of(a).number == of(b).number; },
                   .hash = [](Context&, Value a) { return mix_hash(static_cast<uint64_t>(of(a).number) % kHashes); },
                   .compare = [](Context&, Value a, Value b) {
                     return of(a).number < of(b).number ? -1 : of(a).number > of(b).number ? 1 : 0;
                   }});
  }
};

enum class KeyForm : uint8_t { kIntegers, kShortStrings, kCells, kColliding };

struct KeyedMode {
  std::string name;
  KeyForm form;
  SpaceOptions options;
};

class KeyedTest : public ::testing::TestWithParam<KeyedMode> {
 protected:
  static void SetUpTestSuite() {
    register_kinds();
    CollidingCell::register_operations();
  }
  KeyedTest() : space_(GetParam().options), self_(space_), ctx_(self_) {}

  bool hostile() const { return GetParam().options.collect_every != 0; }
  bool collides() const { return GetParam().form == KeyForm::kColliding; }
  /// The key of a number; each call makes a new cell, if it is one.
  Value key(int64_t number) {
    switch (GetParam().form) {
      case KeyForm::kIntegers: return Value::integer(number);
      case KeyForm::kShortStrings: return Value::short_string(std::to_string(number));
      case KeyForm::kCells: return List::of(ctx_, Value::integer(number));
      default: return CollidingCell::make(ctx_, number);
    }
  }
  int64_t number(Value key) const {
    switch (GetParam().form) {
      case KeyForm::kIntegers: return key.as_small_integer();
      case KeyForm::kShortStrings: {
        char text[Value::kMaxShortString];
        key.copy_short_string(text);
        return std::stoll(std::string(text, key.short_string_size()));
      }
      case KeyForm::kCells: return List(key).get(0).as_small_integer();
      default: return CollidingCell::of(key).number;
    }
  }

  Space space_;
  Thread self_;
  Context ctx_;
};

inline std::vector<KeyedMode> keyed_modes() {
  const SpaceOptions plain{.budget_bytes = 1u << 20, .verify = true};
  const SpaceOptions hostile{.collect_every = 199, .poison = true, .verify = true};
  std::vector<KeyedMode> modes;
  for (const auto& [name, options] : {std::pair("Plain", plain), std::pair("Hostile", hostile)}) {
    modes.push_back({std::string("Integers") + name, KeyForm::kIntegers, options});
    modes.push_back({std::string("ShortStrings") + name, KeyForm::kShortStrings, options});
    modes.push_back({std::string("Cells") + name, KeyForm::kCells, options});
    modes.push_back({std::string("Colliding") + name, KeyForm::kColliding, options});
  }
  return modes;
}

inline std::string mode_name(const ::testing::TestParamInfo<KeyedMode>& info) { return info.param.name; }

}  // namespace proto
