// Bound expressions: names resolved, types known as far as they can be. The binder makes them, the planner rewrites their
// columns to slots, the executor evaluates them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "db/document.h"
#include "db/value.h"
#include "runtime/base/status.h"

namespace protobase::query {

using proto::TextSpan;

struct PhysicalNode;  // query/planner/physical_plan.h
struct LogicalTree;   // query/planner/logical_plan.h
struct BoundQuery;    // query/binder/bound.h

/// What is known of a value before it is computed. `any`: nothing, it is found out value by value at run time (attributes
/// that were never declared). A known kind still admits none (SQL NULL).
struct Type {
  bool any = true;
  Kind kind = Kind::kNone;       // when !any; kNone: always NULL
  uint32_t dimension = 0;        // of a vector, 0: unknown
  CollectionId references{0};    // of a reference, 0: unknown
  static Type of(Kind kind) { return Type{false, kind, 0, CollectionId(0)}; }
  static Type unknown() { return Type(); }
  bool operator==(const Type&) const = default;
};

enum class FunctionId : uint16_t {
  kNone,
#include "query/binder/function_ids.inc"
};

enum class AggregateId : uint8_t {
  kCount, kSum, kTotal, kAvg, kMin, kMax, kStddev, kVariance, kStringAgg, kArrayAgg, kFirst, kLast, kBoolAnd, kBoolOr, kMedian,
};

enum class Operator : uint8_t {
  // unary
  kNegate, kNot, kBitNot, kIsNull, kIsNotNull, kIsTrue, kIsNotTrue, kIsFalse, kIsNotFalse,
  // binary arithmetic: int with int stays int (overflow is an error, `/` truncates, by zero is NULL); dates and spans too
  kAdd, kSubtract, kMultiply, kDivide, kModulo, kConcat, kBitAnd, kBitOr, kShiftLeft, kShiftRight,
  // comparison: NULL when either side is; values of kinds that do not compare are a kType error
  kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual,
  kIsDistinctFrom, kIsNotDistinctFrom,   // never NULL
  kContains,                             // array contains element
  kContainsAll,                          // array contains every element of the other
  kL2Distance, kCosineDistance, kNegativeInnerProduct, kL1Distance,
};

enum class ExpressionKind : uint8_t {
  kConstant,    // `value`
  kParameter,   // `index` into the bound parameters (0-based); `value` is the original literal of an extracted one
  kColumn,      // `index`: a ColumnId until physical planning, then a slot of the input row
  kOuter,       // `index` into the correlation values of the enclosing subquery's evaluation
  kPath,        // child 0, then `path` (literal steps; follows references); with `dynamic_steps`: child i gives step i's index
  kOperator,    // `op`, one or two children
  kAnd,         // two or more children
  kOr,
  kLike,        // children: text, pattern[, escape]; `ignore_case`; `negated`; `like` style
  kIn,          // child 0 in children 1..; `negated`. All constants and parameters: the executor may hash them
  kInArray,     // child 0 in the elements of child 1
  kBetween,     // children: value, low, high; `negated`
  kCase,        // children: when, then, when, then ..., [else] - searched form only; the binder expands the other
  kCast,        // child 0 to `type`; `try_cast`: NULL instead of an error
  kFunction,    // `function`
  kArray,       // children are elements
  kObject,      // children are values; `names` their names
  kSlice,       // child 0 [child 1 : child 2], either may be a NULL constant
  kScalarSubquery,  // `subquery`; more than one row is an error; no row: NULL
  kExists,          // `subquery`; `negated`
  kInSubquery,      // child 0 IN `subquery`; `negated`
  kQuantified,      // child 0 `op` ANY/ALL (`all`) `subquery`, or child 1 an array
};

enum class LikeStyle : uint8_t { kLike, kGlob, kRegexp };

/// A query inside an expression, once planned. `outer` lists the slots of the surrounding row (or the outer values of the
/// surrounding query, for deeper nesting) whose values become the inner query's kOuter 0, 1, ... With none, it runs once.
struct PlannedSubquery;

/// Gives the name of a column or slot, for printers.
using ColumnNames = std::function<std::string(uint32_t)>;

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

struct Expression {
  ExpressionKind kind = ExpressionKind::kConstant;
  Type type;
  TextSpan span;
  std::vector<ExpressionPtr> children;

  Value value;                 // kConstant; kParameter: original literal
  uint32_t index = 0;          // kColumn, kOuter, kParameter
  Path path;                   // kPath
  Operator op = Operator::kEqual;
  FunctionId function = FunctionId::kNone;
  LikeStyle like = LikeStyle::kLike;
  bool negated = false;
  bool ignore_case = false;
  bool try_cast = false;
  bool all = false;            // kQuantified
  std::vector<std::string> names;  // kObject
  std::shared_ptr<PlannedSubquery> subquery;

  ExpressionPtr clone() const;
  /// Equal in meaning: same kind, operands and columns; spans do not count.
  bool equals(const Expression& other) const;
  /// As SQL-like text for EXPLAIN; columns as `names` has them, else as #index.
  std::string to_string(const ColumnNames& names = {}) const;
};

/// Each stage of the chain fills its own form and leaves the earlier one to the printers.
struct PlannedSubquery {
  std::shared_ptr<BoundQuery> bound;
  std::shared_ptr<LogicalTree> logical;
  std::shared_ptr<PhysicalNode> plan;
  std::vector<ExpressionPtr> outer;  // evaluated on the surrounding row
  uint32_t id = 0;                   // for EXPLAIN
};

/// The name of a function or aggregate as functions.def and aggregates.def first give it.
std::string_view function_name(FunctionId id);
std::string_view aggregate_name(AggregateId id);

/// One aggregate of a grouping.
struct AggregateCall {
  AggregateId id = AggregateId::kCount;
  bool distinct = false;
  std::vector<ExpressionPtr> arguments;  // none: count(*)
  ExpressionPtr filter;                  // may be null
  Type type;
};

struct SortKey {
  ExpressionPtr expression;
  bool descending = false;
  bool nulls_first = true;               // as ValueView::compare orders none; the binder resolves the default
};

}  // namespace protobase::query
