// Strings and bytes.
#include "runtime/builtin/kinds_of_self.h"
#include "runtime/number/number.h"
#include "runtime/value/operations.h"

namespace proto::builtin {
namespace {

// A string method without arguments.
template <String (String::*Operation)(Context&) const>
Value whole(Context& ctx, String self, Arguments) {
  return (self.*Operation)(ctx);
}

// One that asks something of another string.
template <bool (String::*Question)(Context&, const String&) const>
Value ask(Context& ctx, String self, Arguments args) {
  const auto other = argument<String>(ctx, args[0]);
  return Value::boolean(other && (self.*Question)(ctx, *other));
}

Value at(Context& ctx, String self, Arguments args) {
  const auto index = index_argument(ctx, args[0]);
  const auto code_point = index ? self.at(*index) : std::nullopt;
  return code_point ? Value::character(*code_point) : Value();
}

Value slice(Context& ctx, String self, Arguments args) {
  const auto from = index_argument(ctx, args[0]);
  const auto to = args.size() > 1 ? index_argument(ctx, args[1]) : std::optional(UINT64_MAX);
  return from && to ? self.slice(ctx, *from, *to) : String();
}

Value append(Context& ctx, String self, Arguments args) {
  if (args[0].is_character()) return self.append(ctx, args[0].as_character());
  const auto other = argument<String>(ctx, args[0]);
  return other ? self.concatenate(ctx, *other) : String();
}

Value find(Context& ctx, String self, Arguments args) {
  const auto needle = argument<String>(ctx, args[0]);
  const auto from = args.size() > 1 ? index_argument(ctx, args[1]) : uint64_t{0};
  return needle && from ? index_value(self.find(ctx, *needle, *from)) : Value();
}

Value replace(Context& ctx, String self, Arguments args) {
  const auto needle = argument<String>(ctx, args[0]);
  const auto text = needle ? argument<String>(ctx, args[1]) : std::nullopt;
  return text ? self.replace(ctx, *needle, *text) : String();
}

Value split(Context& ctx, String self, Arguments args) {
  if (args.size() == 0) return self.split_words(ctx);
  const auto separator = argument<String>(ctx, args[0]);
  return separator ? self.split(ctx, *separator) : List();
}

Value join(Context& ctx, String self, Arguments args) {
  const auto parts = argument<List>(ctx, args[0]);
  return parts ? self.join(ctx, *parts) : String();
}

constexpr Method kStringMethods[] = {
    {"size", on<String, [](Context&, String self, Arguments) { return size_value(self.size()); }>},
    {"size_bytes", on<String, [](Context&, String self, Arguments) { return size_value(self.size_bytes()); }>},
    {"at", on<String, at>, 1, 1},
    {"slice", on<String, slice>, 1, 2},
    {"append", on<String, append>, 1, 1},
    {"repeat", on<String, [](Context& ctx, String self, Arguments args) -> Value {
       const auto times = index_argument(ctx, args[0]);
       return times ? self.repeat(ctx, *times) : String();
     }>, 1, 1},
    {"find", on<String, find>, 1, 2},
    {"contains", on<String, ask<&String::contains>>, 1, 1},
    {"starts_with", on<String, ask<&String::starts_with>>, 1, 1},
    {"ends_with", on<String, ask<&String::ends_with>>, 1, 1},
    {"replace", on<String, replace>, 2, 2},
    {"split", on<String, split>, 0, 1},
    {"lines", on<String, [](Context& ctx, String self, Arguments) -> Value { return self.split_lines(ctx); }>},
    {"join", on<String, join>, 1, 1},
    {"upper", on<String, whole<&String::upper>>},
    {"lower", on<String, whole<&String::lower>>},
    {"title", on<String, whole<&String::title>>},
    {"fold", on<String, whole<&String::fold>>},
    {"trim", on<String, whole<&String::trim>>},
    {"trim_start", on<String, whole<&String::trim_start>>},
    {"trim_end", on<String, whole<&String::trim_end>>},
    {"reverse", on<String, whole<&String::reverse>>},
    {"normalize", on<String, [](Context& ctx, String self, Arguments) -> Value { return self.normalize(ctx); }>},
    {"to_number", on<String, [](Context& ctx, String self, Arguments) { return parse_number(ctx, self.to_std_string()); }>},
};

Value slice_bytes(Context& ctx, Bytes self, Arguments args) {
  const auto from = index_argument(ctx, args[0]);
  const auto to = args.size() > 1 ? index_argument(ctx, args[1]) : std::optional(self.size());
  return from && to ? self.slice(ctx, *from, *to) : Bytes();
}

constexpr Method kBytesMethods[] = {
    {"size", on<Bytes, [](Context&, Bytes self, Arguments) { return size_value(self.size()); }>},
    {"at", on<Bytes, [](Context& ctx, Bytes self, Arguments args) {
       const auto index = index_argument(ctx, args[0]);
       const auto byte = index ? self.at(*index) : std::nullopt;
       return byte ? Value::integer(*byte) : Value();
     }>, 1, 1},
    {"slice", on<Bytes, slice_bytes>, 1, 2},
    {"append", on<Bytes, [](Context& ctx, Bytes self, Arguments args) -> Value {
       const auto other = argument<Bytes>(ctx, args[0]);
       return other ? self.concatenate(ctx, *other) : Bytes();
     }>, 1, 1},
    {"to_hex", on<Bytes, [](Context& ctx, Bytes self, Arguments) -> Value { return self.to_hex(ctx); }>},
    {"to_base64", on<Bytes, [](Context& ctx, Bytes self, Arguments) -> Value { return self.to_base64(ctx); }>},
};

}  // namespace

std::span<const Method> string_methods() { return kStringMethods; }
std::span<const Method> bytes_methods() { return kBytesMethods; }

}  // namespace proto::builtin
