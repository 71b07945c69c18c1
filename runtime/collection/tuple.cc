#include "runtime/collection/tuple.h"

#include <string>
#include <vector>

#include "runtime/value/operations.h"

namespace proto {

std::optional<uint64_t> Tuple::index_of(Context& ctx, Value value) const {
  for (uint64_t i = 0; i < size(); ++i) {
    if (equal(ctx, items()[i], value)) return i;
  }
  return std::nullopt;
}

Tuple Tuple::of_list(Context& ctx, const List& list) {
  if (!ctx.enter() || !ctx.reserve(list.size() * sizeof(Value))) return {};
  std::vector<Value> items;  // not seen by the collector, but all of them are reached from the list
  items.reserve(list.size());
  for (const Value item : list) items.push_back(item);
  return of(ctx, items);
}

Tuple Tuple::slice(Context& ctx, uint64_t from, uint64_t to) const {
  if (from <= to && to <= size()) return of(ctx, items().subspan(from, to - from));
  ctx.fail(Status(StatusCode::kRange, "the range is outside a tuple of " + std::to_string(size()) + " items"));
  return {};
}

Tuple Tuple::concatenate(Context& ctx, const Tuple& other) const {
  if (!ctx.enter() || !other.valid()) return {};
  std::vector<Value> all(begin(), end());  // reached from the two tuples
  all.insert(all.end(), other.begin(), other.end());
  return of(ctx, all);
}

// ---- kind
// ---------------------------------------------------------------------------------------------------------------

namespace {

bool tuples_equal(Context& ctx, Value a, Value b) {
  const Tuple left(a), right(b);
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&ctx](Value of_left, Value of_right) { return equal(ctx, of_left, of_right); });
}

int compare_tuples(Context& ctx, Value a, Value b) {
  const Tuple left(a), right(b);
  for (uint64_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    const int order = compare(ctx, left.items()[i], right.items()[i]);
    if (order != 0) return order;
  }
  return left.size() < right.size() ? -1 : left.size() > right.size();
}

uint64_t hash_tuple(Context& ctx, Value value) {
  return hash_of_tuple(ctx, static_cast<const TupleCell*>(value.as_cell()));
}

// As Python does: `(1, 2)`, `(1,)`, `()`.
void print_tuple(Context& ctx, Value value, bool, std::string& out) {
  out += '(';
  const char* separator = "";
  for (const Value item : Tuple(value)) {
    out += separator;
    print(ctx, item, out, true);
    separator = ", ";
  }
  out += Tuple(value).size() == 1 ? ",)" : ")";
}

}  // namespace

void register_tuple_kinds() {
  register_kind(CellKind::kTuple, {.name = "tuple",
                                   .value_class = ValueClass::kTuple,
                                   .trace = trace_tuple,
                                   .equal = tuples_equal,
                                   .hash = hash_tuple,
                                   .compare = compare_tuples,
                                   .print = print_tuple});
}

}  // namespace proto
