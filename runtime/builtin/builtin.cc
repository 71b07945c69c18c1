#include "runtime/builtin/builtin.h"

#include "runtime/number/number.h"
#include "runtime/value/operations.h"

namespace proto {
namespace builtin {

Value wrong_type(Context& ctx, Value given, const char* wanted) {
  return ctx.fail(Status(StatusCode::kType, to_text(ctx, given).substr(0, 60) + " is not " + wanted));
}

std::optional<uint64_t> index_argument(Context& ctx, Value argument) {
  if (!argument.is_integer()) {
    wrong_type(ctx, argument, "an index");
    return std::nullopt;
  }
  const std::optional<int64_t> index = to_int64(argument);
  if (index && *index >= 0) return static_cast<uint64_t>(*index);
  ctx.fail(Status(StatusCode::kRange, "an index is not below 0 nor beyond 64 bits: " + to_text(ctx, argument).substr(0, 60)));
  return std::nullopt;
}

namespace {

void install(Context& ctx, Space& space, ValueClass value_class, std::span<const Method> methods) {
  const Value prototype = space.prototype_of(value_class);
  for (const Method& entry : methods) {
    prototype.set(ctx, entry.name, method(ctx, entry.function,
                                          {.name = entry.name, .min_arguments = entry.least, .max_arguments = entry.most,
                                           .keywords = false}));
  }
}

}  // namespace
}  // namespace builtin

void populate_builtins(Space& space) {
  Thread thread(space);
  Context ctx(thread);
  const auto install = [&](ValueClass value_class, std::span<const builtin::Method> methods) {
    builtin::install(ctx, space, value_class, methods);
  };
  install(ValueClass::kObject, builtin::object_methods());
  install(ValueClass::kNumber, builtin::number_methods());
  install(ValueClass::kString, builtin::string_methods());
  install(ValueClass::kBytes, builtin::bytes_methods());
  install(ValueClass::kList, builtin::list_methods());
  install(ValueClass::kTuple, builtin::tuple_methods());
  install(ValueClass::kSparseList, builtin::sparse_list_methods());
  install(ValueClass::kDictionary, builtin::dictionary_methods());
  install(ValueClass::kSet, builtin::set_methods());
  install(ValueClass::kMultiset, builtin::multiset_methods());
}

}  // namespace proto
