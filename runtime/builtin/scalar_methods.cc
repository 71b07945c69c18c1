// Numbers, and what every value has.
#include <cmath>

#include "runtime/builtin/kinds_of_self.h"
#include "runtime/number/number.h"
#include "runtime/value/operations.h"

namespace proto::builtin {
namespace {

template <auto Operation>
Value binary(Context& ctx, Value self, Arguments args) {
  return Operation(ctx, self, args[0]);
}

template <Rounding kRounding>
Value rounded(Context& ctx, Value self, Arguments) {
  return to_integer(ctx, self, kRounding);
}

Value square_root(Context& ctx, Value self, Arguments) {
  if (!self.is_number()) return wrong_type(ctx, self, "a number");
  return make_double(ctx, std::sqrt(to_double(self)));
}

constexpr Method kNumberMethods[] = {
    {"add", binary<add>, 1, 1},
    {"subtract", binary<subtract>, 1, 1},
    {"multiply", binary<multiply>, 1, 1},
    {"divide", binary<divide>, 1, 1},
    {"floor_divide", binary<floor_divide>, 1, 1},
    {"remainder", binary<floor_remainder>, 1, 1},
    {"power", binary<power>, 1, 1},
    {"negate", [](Context& ctx, Value self, Arguments) { return negate(ctx, self); }},
    {"absolute", [](Context& ctx, Value self, Arguments) { return absolute(ctx, self); }},
    {"floor", rounded<Rounding::kDown>},
    {"ceiling", rounded<Rounding::kUp>},
    {"truncate", rounded<Rounding::kTowardsZero>},
    {"round", rounded<Rounding::kNearest>},
    {"square_root", square_root},
};

constexpr Method kObjectMethods[] = {
    {"to_text", [](Context& ctx, Value self, Arguments) -> Value { return String::from_utf8(ctx, to_text(ctx, self)); }},
    {"equals", [](Context& ctx, Value self, Arguments args) { return Value::boolean(equal(ctx, self, args[0])); }, 1, 1},
    {"compare", [](Context& ctx, Value self, Arguments args) { return Value::integer(compare(ctx, self, args[0])); }, 1, 1},
    {"hash", [](Context& ctx, Value self, Arguments) { return make_integer(ctx, hash(ctx, self)); }},
    {"is_a", [](Context& ctx, Value self, Arguments args) { return Value::boolean(inherits(ctx, self, args[0])); }, 1, 1},
    {"prototypes", [](Context& ctx, Value self, Arguments) { return prototypes(ctx, self); }},
    {"attribute_names", [](Context& ctx, Value self, Arguments) { return attribute_names(ctx, self); }},
};

}  // namespace

std::span<const Method> number_methods() { return kNumberMethods; }
std::span<const Method> object_methods() { return kObjectMethods; }

}  // namespace proto::builtin
