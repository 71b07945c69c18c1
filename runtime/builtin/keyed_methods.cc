// Dictionaries, sets, multisets.
#include "runtime/builtin/kinds_of_self.h"
#include "runtime/value/operations.h"

namespace proto::builtin {
namespace {

constexpr Method kDictionaryMethods[] = {
    {"size", on<Dictionary, [](Context&, Dictionary self, Arguments) { return size_value(self.size()); }>},
    {"at", on<Dictionary, [](Context& ctx, Dictionary self, Arguments args) { return self.get(ctx, args[0], args[1]); }>, 1, 2},
    {"contains", on<Dictionary, [](Context& ctx, Dictionary self, Arguments args) {
       return Value::boolean(self.contains(ctx, args[0]));
     }>, 1, 1},
    {"put", on<Dictionary, [](Context& ctx, Dictionary self, Arguments args) -> Value {
       return self.with(ctx, args[0], args[1]);
     }>, 2, 2},
    {"remove", on<Dictionary, [](Context& ctx, Dictionary self, Arguments args) -> Value { return self.without(ctx, args[0]); }>, 1, 1},
    {"merge", on<Dictionary, [](Context& ctx, Dictionary self, Arguments args) -> Value {
       const auto other = argument<Dictionary>(ctx, args[0]);
       return other ? self.merge(ctx, *other) : Dictionary();
     }>, 1, 1},
    {"keys", on<Dictionary, [](Context& ctx, Dictionary self, Arguments) -> Value {
       return List::of(ctx, std::span<const Value>(self.sorted_keys(ctx)));
     }>},
    {"values", on<Dictionary, [](Context& ctx, Dictionary self, Arguments) -> Value {
       ListBuilder values(ctx);
       for (const Value key : self.sorted_keys(ctx)) values.append(self.get(ctx, key));
       return values.finish();
     }>},
    {"each", on<Dictionary, [](Context& ctx, Dictionary self, Arguments args) {
       for (const auto& [key, value] : self) {
         invoke(ctx, args[0], Value(), key, value);
         if (ctx.failed()) break;
       }
       return Value();
     }>, 1, 1},
};

template <Set (Set::*Operation)(Context&, const Set&) const>
Value with_other_set(Context& ctx, Set self, Arguments args) {
  const auto other = argument<Set>(ctx, args[0]);
  return other ? (self.*Operation)(ctx, *other) : Set();
}

constexpr Method kSetMethods[] = {
    {"size", on<Set, [](Context&, Set self, Arguments) { return size_value(self.size()); }>},
    {"contains", on<Set, [](Context& ctx, Set self, Arguments args) { return Value::boolean(self.contains(ctx, args[0])); }>, 1, 1},
    {"add", on<Set, [](Context& ctx, Set self, Arguments args) -> Value { return self.with(ctx, args[0]); }>, 1, 1},
    {"remove", on<Set, [](Context& ctx, Set self, Arguments args) -> Value { return self.without(ctx, args[0]); }>, 1, 1},
    {"union", on<Set, with_other_set<&Set::set_union>>, 1, 1},
    {"intersection", on<Set, with_other_set<&Set::intersection>>, 1, 1},
    {"difference", on<Set, with_other_set<&Set::difference>>, 1, 1},
    {"symmetric_difference", on<Set, with_other_set<&Set::symmetric_difference>>, 1, 1},
    {"is_subset_of", on<Set, [](Context& ctx, Set self, Arguments args) {
       const auto other = argument<Set>(ctx, args[0]);
       return Value::boolean(other && self.is_subset_of(ctx, *other));
     }>, 1, 1},
    {"each", on<Set, [](Context& ctx, Set self, Arguments args) {
       for (const Value element : self) {
         invoke(ctx, args[0], Value(), element);
         if (ctx.failed()) break;
       }
       return Value();
     }>, 1, 1},
    {"to_list", on<Set, [](Context& ctx, Set self, Arguments) -> Value {
       return List::of(ctx, std::span<const Value>(self.sorted(ctx)));
     }>},
};

template <Multiset (Multiset::*Operation)(Context&, const Multiset&) const>
Value with_other_multiset(Context& ctx, Multiset self, Arguments args) {
  const auto other = argument<Multiset>(ctx, args[0]);
  return other ? (self.*Operation)(ctx, *other) : Multiset();
}

template <Multiset (Multiset::*Operation)(Context&, Value, uint64_t) const>
Value with_times(Context& ctx, Multiset self, Arguments args) {
  const auto times = args.size() > 1 ? index_argument(ctx, args[1]) : uint64_t{1};
  return times ? (self.*Operation)(ctx, args[0], *times) : Multiset();
}

constexpr Method kMultisetMethods[] = {
    {"size", on<Multiset, [](Context&, Multiset self, Arguments) { return size_value(self.size()); }>},
    {"distinct_size", on<Multiset, [](Context&, Multiset self, Arguments) { return size_value(self.distinct_size()); }>},
    {"count", on<Multiset, [](Context& ctx, Multiset self, Arguments args) { return size_value(self.count(ctx, args[0])); }>, 1, 1},
    {"contains", on<Multiset, [](Context& ctx, Multiset self, Arguments args) {
       return Value::boolean(self.contains(ctx, args[0]));
     }>, 1, 1},
    {"add", on<Multiset, with_times<&Multiset::with>>, 1, 2},
    {"remove", on<Multiset, with_times<&Multiset::without>>, 1, 2},
    {"sum", on<Multiset, with_other_multiset<&Multiset::sum>>, 1, 1},
    {"union", on<Multiset, with_other_multiset<&Multiset::set_union>>, 1, 1},
    {"intersection", on<Multiset, with_other_multiset<&Multiset::intersection>>, 1, 1},
    {"difference", on<Multiset, with_other_multiset<&Multiset::difference>>, 1, 1},
};

}  // namespace

std::span<const Method> dictionary_methods() { return kDictionaryMethods; }
std::span<const Method> set_methods() { return kSetMethods; }
std::span<const Method> multiset_methods() { return kMultisetMethods; }

}  // namespace proto::builtin
