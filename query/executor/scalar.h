// Operators on single values: the meaning of arithmetic and comparison. Kernels (kernels.h) are faster ways to the same
// results for whole columns; tests hold them against these functions.
//
// Comparison. NULL with anything is NULL. Numbers compare exactly, whatever their kind; a date compares with a timestamp as
// its midnight; NaN equals NaN and is above all numbers. Values of kinds that do not compare: = is false, <> is true, and
// the order operators give NULL (their columns hold mixed kinds; for types known beforehand the binder reports an error).
// Arithmetic on kinds that have none is an error (kType), so is overflow of integers, dates and spans (kRange). Dividing by
// zero gives NULL.
#pragma once

#include <compare>

#include "query/binder/expression.h"
#include "query/executor/arena.h"

namespace protobase::query {

enum class Truth : uint8_t { kFalse = 0, kTrue = 1, kNull = 2 };
inline Truth truth_of(bool value) { return value ? Truth::kTrue : Truth::kFalse; }
inline Truth negate(Truth truth) {
  return truth == Truth::kNull ? truth : truth_of(truth == Truth::kFalse);
}
inline ValueView view_of(Truth truth) {
  return truth == Truth::kNull ? ValueView() : ValueView::of_bool(truth == Truth::kTrue);
}

/// Whether values of these kinds have an order that SQL comparisons use.
bool comparable(Kind a, Kind b);
/// The order of two values of comparable kinds.
std::strong_ordering order_of(const ValueView& a, const ValueView& b);
/// a = b, never NULL: for IN, DISTINCT and the like. Two nones are equal.
bool same_value(const ValueView& a, const ValueView& b);

bool is_comparison(Operator op);  // = <> < <= > >=
/// The operator with its sides exchanged: < for >, = for =.
Operator mirrored(Operator op);
/// Whether `order` meets a comparison operator.
bool meets(Operator op, std::strong_ordering order);
/// `a op b` for the six comparisons.
Truth compare(Operator op, const ValueView& a, const ValueView& b);

/// A value as a condition: none is NULL. Error: kType when it is not a boolean.
Result<Truth> condition_of(const ValueView& value);

/// `a op b` for arithmetic, bit operators and concatenation. New bytes go to `arena`.
Status arithmetic(Operator op, const ValueView& a, const ValueView& b, Arena& arena, ValueView& out);
/// -a, ~a.
Status arithmetic(Operator op, const ValueView& a, ValueView& out);

/// Whether `array` (an array, a vector; or an object, by names) contains `element`; NULL when either is none.
Result<Truth> contains(const ValueView& array, const ValueView& element);
Result<Truth> contains_all(const ValueView& array, const ValueView& elements);

/// "+", "<=", ... as SQL writes it.
std::string_view operator_text(Operator op);

/// Bytes of `arena` that an encoded value (kind byte and payload) is copied into.
ValueView keep_encoded(std::string_view encoded, Arena& arena);

}  // namespace protobase::query
