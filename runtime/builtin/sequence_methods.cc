// Lists, tuples, sparse lists.
#include "runtime/builtin/kinds_of_self.h"
#include "runtime/number/number.h"
#include "runtime/value/operations.h"

namespace proto::builtin {
namespace {

// Calls `function` with each item; stops at an error.
template <class Range, class Each>
Value for_each_item(Context& ctx, const Range& range, Each&& each) {
  for (const Value item : range) {
    each(item);
    if (ctx.failed()) return {};
  }
  return {};
}

Value slice(Context& ctx, List self, Arguments args) {
  const auto from = index_argument(ctx, args[0]);
  const auto to = args.size() > 1 ? index_argument(ctx, args[1]) : self.size();
  return from && to ? self.slice(ctx, *from, *to) : List();
}

Value erase(Context& ctx, List self, Arguments args) {
  const auto from = index_argument(ctx, args[0]);
  const auto to = args.size() > 1 ? index_argument(ctx, args[1]) : from ? std::optional(*from + 1) : std::nullopt;
  return from && to ? self.erase(ctx, *from, *to) : List();
}

Value sort(Context& ctx, List self, Arguments args) {
  if (args.size() == 0) return self.sort(ctx);
  const Value less = args[0];
  return self.sort(ctx, [&](Value a, Value b) { return !ctx.failed() && invoke(ctx, less, Value(), a, b).truthy(); });
}

Value reduce(Context& ctx, List self, Arguments args) {
  Value result = args.size() > 1 ? args[1] : self.first();
  for (uint64_t i = args.size() > 1 ? 0 : 1; i < self.size(); ++i) {
    result = invoke(ctx, args[0], Value(), result, self.get(i));
    if (ctx.failed()) return {};
  }
  return result;
}

constexpr Method kListMethods[] = {
    {"size", on<List, [](Context&, List self, Arguments) { return size_value(self.size()); }>},
    {"get", on<List, [](Context& ctx, List self, Arguments args) {
       const auto index = index_argument(ctx, args[0]);
       return index ? self.get(*index) : Value();
     }>, 1, 1},
    {"first", on<List, [](Context&, List self, Arguments) { return self.first(); }>},
    {"last", on<List, [](Context&, List self, Arguments) { return self.last(); }>},
    {"set", on<List, [](Context& ctx, List self, Arguments args) -> Value {
       const auto index = index_argument(ctx, args[0]);
       return index ? self.set(ctx, *index, args[1]) : List();
     }>, 2, 2},
    {"append", on<List, [](Context& ctx, List self, Arguments args) -> Value { return self.append(ctx, args[0]); }>, 1, 1},
    {"prepend", on<List, [](Context& ctx, List self, Arguments args) -> Value { return self.prepend(ctx, args[0]); }>, 1, 1},
    {"insert", on<List, [](Context& ctx, List self, Arguments args) -> Value {
       const auto index = index_argument(ctx, args[0]);
       return index ? self.insert(ctx, *index, args[1]) : List();
     }>, 2, 2},
    {"erase", on<List, erase>, 1, 2},
    {"slice", on<List, slice>, 1, 2},
    {"concatenate", on<List, [](Context& ctx, List self, Arguments args) -> Value {
       const auto other = argument<List>(ctx, args[0]);
       return other ? self.concatenate(ctx, *other) : List();
     }>, 1, 1},
    {"repeat", on<List, [](Context& ctx, List self, Arguments args) -> Value {
       const auto times = index_argument(ctx, args[0]);
       return times ? self.repeat(ctx, *times) : List();
     }>, 1, 1},
    {"reverse", on<List, [](Context& ctx, List self, Arguments) -> Value { return self.reverse(ctx); }>},
    {"sort", on<List, sort>, 0, 1},
    {"index_of", on<List, [](Context& ctx, List self, Arguments args) { return index_value(self.index_of(ctx, args[0])); }>, 1, 1},
    {"contains", on<List, [](Context& ctx, List self, Arguments args) { return Value::boolean(self.contains(ctx, args[0])); }>, 1, 1},
    {"count", on<List, [](Context& ctx, List self, Arguments args) { return size_value(self.count(ctx, args[0])); }>, 1, 1},
    {"map", on<List, [](Context& ctx, List self, Arguments args) -> Value {
       return self.map(ctx, [&](Value item) { return invoke(ctx, args[0], Value(), item); });
     }>, 1, 1},
    {"filter", on<List, [](Context& ctx, List self, Arguments args) -> Value {
       return self.filter(ctx, [&](Value item) { return invoke(ctx, args[0], Value(), item).truthy(); });
     }>, 1, 1},
    {"reduce", on<List, reduce>, 1, 2},
    {"each", on<List, [](Context& ctx, List self, Arguments args) {
       return for_each_item(ctx, self, [&](Value item) { invoke(ctx, args[0], Value(), item); });
     }>, 1, 1},
    {"to_tuple", on<List, [](Context& ctx, List self, Arguments) -> Value { return Tuple::of_list(ctx, self); }>},
    {"to_set", on<List, [](Context& ctx, List self, Arguments) -> Value {
       SetBuilder builder(ctx);
       for (const Value item : self) builder.add(item);
       return builder.finish();
     }>},
};

constexpr Method kTupleMethods[] = {
    {"size", on<Tuple, [](Context&, Tuple self, Arguments) { return size_value(self.size()); }>},
    {"get", on<Tuple, [](Context& ctx, Tuple self, Arguments args) {
       const auto index = index_argument(ctx, args[0]);
       return index ? self.get(*index) : Value();
     }>, 1, 1},
    {"contains", on<Tuple, [](Context& ctx, Tuple self, Arguments args) { return Value::boolean(self.contains(ctx, args[0])); }>, 1, 1},
    {"index_of", on<Tuple, [](Context& ctx, Tuple self, Arguments args) { return index_value(self.index_of(ctx, args[0])); }>, 1, 1},
    {"concatenate", on<Tuple, [](Context& ctx, Tuple self, Arguments args) -> Value {
       const auto other = argument<Tuple>(ctx, args[0]);
       return other ? self.concatenate(ctx, *other) : Tuple();
     }>, 1, 1},
    {"each", on<Tuple, [](Context& ctx, Tuple self, Arguments args) {
       return for_each_item(ctx, self, [&](Value item) { invoke(ctx, args[0], Value(), item); });
     }>, 1, 1},
    {"to_list", on<Tuple, [](Context& ctx, Tuple self, Arguments) -> Value { return self.to_list(ctx); }>},
};

// The argument as an index of a sparse list, which may be below 0.
std::optional<int64_t> sparse_index(Context& ctx, Value argument) {
  const auto index = argument.is_integer() ? to_int64(argument) : std::nullopt;
  if (!index) wrong_type(ctx, argument, "an index of 64 bits");
  return index;
}

constexpr Method kSparseListMethods[] = {
    {"size", on<SparseList, [](Context&, SparseList self, Arguments) { return size_value(self.size()); }>},
    {"get", on<SparseList, [](Context& ctx, SparseList self, Arguments args) {
       const auto index = sparse_index(ctx, args[0]);
       return index ? self.get(*index) : Value();
     }>, 1, 1},
    {"has", on<SparseList, [](Context& ctx, SparseList self, Arguments args) {
       const auto index = sparse_index(ctx, args[0]);
       return Value::boolean(index && self.has(*index));
     }>, 1, 1},
    {"set", on<SparseList, [](Context& ctx, SparseList self, Arguments args) -> Value {
       const auto index = sparse_index(ctx, args[0]);
       return index ? self.set(ctx, *index, args[1]) : SparseList();
     }>, 2, 2},
    {"erase", on<SparseList, [](Context& ctx, SparseList self, Arguments args) -> Value {
       const auto index = sparse_index(ctx, args[0]);
       return index ? self.erase(ctx, *index) : SparseList();
     }>, 1, 1},
    {"each", on<SparseList, [](Context& ctx, SparseList self, Arguments args) {
       for (const auto& [index, value] : self) {
         invoke(ctx, args[0], Value(), make_integer(ctx, index), value);
         if (ctx.failed()) break;
       }
       return Value();
     }>, 1, 1},
};

}  // namespace

std::span<const Method> list_methods() { return kListMethods; }
std::span<const Method> tuple_methods() { return kTupleMethods; }
std::span<const Method> sparse_list_methods() { return kSparseListMethods; }

}  // namespace proto::builtin
