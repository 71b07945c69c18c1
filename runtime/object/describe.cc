#include "runtime/object/internal/describe.h"

#include <array>

#include "runtime/heap/intern_table.h"
#include "runtime/value/operations.h"

namespace proto::objects {
namespace {

constexpr std::array<const char*, kValueClasses> kDescriptions = {
    "none",         "a boolean",   "a number",   "a character", "a string", "bytes",
    "a date",       "a timestamp", "a span",     "a tuple",     "a list",   "a sparse list",
    "a dictionary", "a set",       "a multiset", "an object",   "a method", "a value"};

}  // namespace

std::string describe(Value value) { return kDescriptions[static_cast<size_t>(class_of(value))]; }

std::string text_of_name(Value name) {
  if (name.is_cell_of(CellKind::kFlatString))
    return std::string(static_cast<const FlatString*>(name.as_cell())->view());
  if (!name.is_short_string()) return {};
  char bytes[Value::kMaxShortString];
  name.copy_short_string(bytes);
  return {bytes, name.short_string_size()};
}

}  // namespace proto::objects
