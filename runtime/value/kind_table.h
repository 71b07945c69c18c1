// What the runtime knows of each kind of cell: one record per kind, entered by the folder that owns the kind.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "runtime/value/cell.h"
#include "runtime/value/value.h"

namespace proto {

/// Receives the references of a cell. Called by the collector's thread beside the program, and by a frame that leaves.
class Tracer {
 public:
  virtual ~Tracer() = default;
  void visit(Value value) {
    if (value.is_cell()) visit_cell(value.as_cell());
  }
  void visit(std::span<const Value> values) {
    for (const Value value : values) visit(value);
  }
  /// Null is allowed.
  void visit(const Cell* cell) {
    if (cell != nullptr) visit_cell(cell);
  }

 protected:
  virtual void visit_cell(const Cell* cell) = 0;
};

/// What values are ordered and told apart by, before their contents: values of different classes are never equal, and sort
/// in this order.
enum class ValueClass : uint8_t {
  kNone, kBoolean, kNumber, kCharacter, kString, kBytes, kDate, kTimestamp, kSpan, kTuple, kList, kSparseList, kDictionary,
  kSet, kMultiset, kObject, kMethod, kOther
};
inline constexpr size_t kValueClasses = static_cast<size_t>(ValueClass::kOther) + 1;

/// Null functions mean: nothing to trace; equal only to itself; hashed and ordered by identity; printed as its name.
/// Functions get values of the class (not only of this kind), the first of them of this kind. Any thread; none allocates.
struct KindOperations {
  const char* name = "cell";
  ValueClass value_class = ValueClass::kOther;
  /// Every reference; may run beside the threads that use the cell, so it reads what is mutable with acquire loads.
  void (*trace)(const Cell* cell, Tracer& tracer) = nullptr;
  bool (*equal)(Context& ctx, Value a, Value b) = nullptr;
  uint64_t (*hash)(Context& ctx, Value a) = nullptr;
  int (*compare)(Context& ctx, Value a, Value b) = nullptr;
  /// Appends the value as a person reads it; `nested` within a collection (strings get quotes there).
  void (*print)(Context& ctx, Value a, bool nested, std::string& out) = nullptr;
};

/// Enters a kind; on one thread, before the first space exists (register_kinds() in runtime/kinds.cc calls all folders').
void register_kind(CellKind kind, const KindOperations& operations);
const KindOperations& kind_operations(CellKind kind);
CellLayout layout_of(CellKind kind);
const char* name_of(CellKind kind);

/// Enters all kinds of the library, once; every Space does it first. Defined in runtime/kinds.cc.
void register_kinds();

}  // namespace proto
