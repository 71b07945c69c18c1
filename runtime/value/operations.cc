#include "runtime/value/operations.h"

#include <array>

namespace proto {
namespace {

constexpr size_t kKinds = 256;

struct Tables {
  std::array<KindOperations, kKinds> kinds;
  std::array<KindOperations, kValueClasses> classes;
};

Tables& tables() {
  static Tables all;
  return all;
}

struct KindName {
  const char* name;
  CellLayout layout;
};
constexpr KindName kKindNames[] = {
#define PROTO_CELL_KIND(name, layout) {#name, CellLayout::layout},
#include "runtime/value/cell_kinds.def"
#undef PROTO_CELL_KIND
};

ValueClass class_of_other(Value value) {
  if (value.is_none()) return ValueClass::kNone;
  if (value.is_boolean()) return ValueClass::kBoolean;
  if (value.is_character()) return ValueClass::kCharacter;
  if (value.is_date()) return ValueClass::kDate;
  return ValueClass::kSpan;
}

int compare_words(Value a, Value b) { return a.word() < b.word() ? -1 : a.word() > b.word() ? 1 : 0; }

template <class T>
int three_way(T a, T b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

// Classes all of whose values are immediate (but for spans, which may be boxed).
int compare_scalars(ValueClass value_class, Value a, Value b) {
  switch (value_class) {
    case ValueClass::kBoolean: return three_way(a.as_boolean(), b.as_boolean());
    case ValueClass::kCharacter: return three_way(a.as_character(), b.as_character());
    case ValueClass::kDate: return three_way(a.as_date().days, b.as_date().days);
    case ValueClass::kTimestamp: return three_way(a.as_timestamp().microseconds, b.as_timestamp().microseconds);
    case ValueClass::kSpan: return three_way(a.as_span().microseconds, b.as_span().microseconds);
    default: return compare_words(a, b);
  }
}

uint64_t hash_scalar(ValueClass value_class, Value value) {
  const uint64_t seed = static_cast<uint64_t>(value_class) + 1;
  if (value_class == ValueClass::kSpan) return combine_hash(seed, static_cast<uint64_t>(value.as_span().microseconds));
  return combine_hash(seed, value.word());
}

}  // namespace

void register_kind(CellKind kind, const KindOperations& operations) {
  tables().kinds[static_cast<uint8_t>(kind)] = operations;
}
const KindOperations& kind_operations(CellKind kind) { return tables().kinds[static_cast<uint8_t>(kind)]; }
void register_class(ValueClass value_class, const KindOperations& operations) {
  tables().classes[static_cast<size_t>(value_class)] = operations;
}
const KindOperations& class_operations(ValueClass value_class) {
  return tables().classes[static_cast<size_t>(value_class)];
}

CellLayout layout_of(CellKind kind) {
  const auto index = static_cast<size_t>(kind);
  return index < std::size(kKindNames) ? kKindNames[index].layout : CellLayout::kOpaque;
}

const char* name_of(CellKind kind) {
  const auto index = static_cast<size_t>(kind);
  return index < std::size(kKindNames) ? kKindNames[index].name + 1 : "?";
}

ValueClass class_of(Value value) {
  switch (value.tag()) {
    case Value::kDoubleTiny:
    case Value::kDoubleBelow:
    case Value::kDoubleAbove:
    case Value::kIntegerTag: return ValueClass::kNumber;
    case Value::kStringTag: return ValueClass::kString;
    case Value::kTimestampTag: return ValueClass::kTimestamp;
    case Value::kOtherTag: return class_of_other(value);
    default: return kind_operations(value.as_cell()->kind()).value_class;
  }
}

namespace {

// The record that serves a value: its kind's, or its class's where it is immediate.
const KindOperations& operations_of(Value value, ValueClass value_class) {
  return value.is_cell() ? kind_operations(value.as_cell()->kind()) : class_operations(value_class);
}

}  // namespace

bool equal_slow(Context& ctx, Value a, Value b) {
  if (a == b) return true;
  const ValueClass value_class = class_of(a);
  if (value_class != class_of(b)) return false;
  if (value_class == ValueClass::kSpan) return a.as_span() == b.as_span();
  const auto function = operations_of(a, value_class).equal;
  return function != nullptr && function(ctx, a, b);
}

uint64_t hash_slow(Context& ctx, Value value) {
  const ValueClass value_class = class_of(value);
  if (value_class == ValueClass::kSpan) return hash_scalar(value_class, value);
  const auto function = operations_of(value, value_class).hash;
  return function != nullptr ? function(ctx, value) : hash_scalar(value_class, value);
}

int compare(Context& ctx, Value a, Value b) {
  if (a == b) return 0;
  const ValueClass value_class = class_of(a);
  const ValueClass other = class_of(b);
  if (value_class != other) return value_class < other ? -1 : 1;
  const auto function = operations_of(a, value_class).compare;
  return function != nullptr ? function(ctx, a, b) : compare_scalars(value_class, a, b);
}

}  // namespace proto
