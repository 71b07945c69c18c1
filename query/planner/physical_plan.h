// Physical plans: what the executor runs. A tree of operators; each gives chunks of rows whose columns are its `output`
// slots 0..n-1. Expressions in an operator refer to slots of its input (for joins: the left child's slots, then the
// right's). Plans are immutable once made and shared between executions; all state of a run is the executor's.
//
// Objects are found as sets of ids first (IdSource), and read last, only the attributes that are asked for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "db/catalog.h"
#include "query/binder/expression.h"
#include "query/binder/relation.h"

namespace protobase::query {

enum class PhysicalKind : uint8_t {
  kSingleRow, kValues, kScan, kIdFetch, kOrderedFetch, kVectorSearch, kFilter, kProject, kHashJoin, kIndexJoin,
  kNestedLoopJoin, kAggregate, kSort, kLimit, kDistinct, kSetOperation, kUnnest, kCount, kInsert, kUpdate, kDelete,
};

/// Base of all operators.
struct PhysicalNode {
  const PhysicalKind kind;
  uint32_t id = 0;                         // unique in the plan: key of run-time statistics
  std::vector<OutputColumn> output;
  std::vector<std::shared_ptr<PhysicalNode>> children;
  double estimated_rows = 0;

  virtual ~PhysicalNode() = default;

 protected:
  explicit PhysicalNode(PhysicalKind k) : kind(k) {}
};
using PhysicalPtr = std::shared_ptr<PhysicalNode>;

/// A bound of an index range: expressions over constants, parameters and outer values (or, in an index join, left slots).
struct KeyBound {
  std::vector<ExpressionPtr> equal;  // leading components that are fixed
  ExpressionPtr low, high;           // of the next component; null: unbounded
  bool low_inclusive = true, high_inclusive = true;
  bool exclude_null = true;          // an open side does not run into the NULL entries (SQL comparisons never accept NULL),
                                     // and a NULL in `equal` matches nothing; false: it matches the NULL entries (IS NULL)
};

/// A set of object ids of one collection.
struct IdSource {
  enum class Kind : uint8_t {
    kIndexedSearch,       // entries whose key equals `bound.equal` (all or leading components)
    kIndexedRangeSearch,  // `bound` with low and/or high
    kAndMerge,            // objects in every operand; ordered by exact count, smallest first
    kOrMerge,             // objects in any operand
    kIds,                 // `ids`: expressions that give ObjectIds (`_id = 5`, `_id IN (...)`)
  };
  Kind kind = Kind::kIndexedSearch;
  IndexId index{0};
  KeyBound bound;
  std::vector<ExpressionPtr> ids;
  std::vector<std::unique_ptr<IdSource>> operands;
  double estimated_rows = 0;
};

#define PROTOBASE_PHYSICAL(Name) \
  static constexpr PhysicalKind kKind = PhysicalKind::k##Name; \
  Physical##Name() : PhysicalNode(kKind) {}

/// One row of no columns: SELECT without FROM.
struct PhysicalSingleRow : PhysicalNode { PROTOBASE_PHYSICAL(SingleRow) };

/// Rows of expressions over constants, parameters and outer values.
struct PhysicalValues : PhysicalNode {
  PROTOBASE_PHYSICAL(Values)
  std::vector<std::vector<ExpressionPtr>> rows;
};

/// All objects of a collection, block by block. `filter` (over the read columns, may be null) is applied in the scan, with
/// blocks skipped by their chunks' minimum and maximum. With `output_columns` only those read columns are given on.
struct PhysicalScan : PhysicalNode {
  PROTOBASE_PHYSICAL(Scan)
  CollectionId collection{0};
  std::string name;
  std::vector<ReadColumn> columns;
  ExpressionPtr filter;
};

/// Objects of a set of ids, in order of id; `filter` over the read columns rechecks what the ids do not prove.
struct PhysicalIdFetch : PhysicalNode {
  PROTOBASE_PHYSICAL(IdFetch)
  CollectionId collection{0};
  std::string name;
  std::unique_ptr<IdSource> source;
  std::vector<ReadColumn> columns;
  ExpressionPtr filter;
};

/// Objects in the order of an index: for ORDER BY ... LIMIT without a sort.
struct PhysicalOrderedFetch : PhysicalNode {
  PROTOBASE_PHYSICAL(OrderedFetch)
  CollectionId collection{0};
  std::string name;
  IndexId index{0};
  KeyBound bound;
  bool reversed = false;
  std::vector<ReadColumn> columns;
  ExpressionPtr filter;
};

/// The nearest objects to a query vector, nearest first. Slots: `columns`, then the distance.
/// Without an index (id 0): exact, over all objects or those of `candidates`. With one: probes its lists; `candidates` (may
/// be null) restricts the ids; `filter` rechecks rows. k rows whenever k exist: the operator asks for more until it has k.
struct PhysicalVectorSearch : PhysicalNode {
  PROTOBASE_PHYSICAL(VectorSearch)
  CollectionId collection{0};
  std::string name;
  IndexId index{0};
  Path path;                     // the vector attribute
  Operator metric = Operator::kL2Distance;
  ExpressionPtr query;           // the vector, over constants, parameters and outer values
  ExpressionPtr k;               // how many (LIMIT + OFFSET)
  std::unique_ptr<IdSource> candidates;
  std::vector<ReadColumn> columns;
  ExpressionPtr filter;          // over `columns` slots
};

struct PhysicalFilter : PhysicalNode {
  PROTOBASE_PHYSICAL(Filter)
  ExpressionPtr condition;
};

struct PhysicalProject : PhysicalNode {
  PROTOBASE_PHYSICAL(Project)
  std::vector<ExpressionPtr> expressions;
};

/// Equality join: builds a table of the right child, probes with the left. NULL keys never match. kSemi and kAnti give
/// left slots only. `condition` (over left then right slots, may be null) is part of the match.
struct PhysicalHashJoin : PhysicalNode {
  PROTOBASE_PHYSICAL(HashJoin)
  JoinType type = JoinType::kInner;
  std::vector<ExpressionPtr> left_keys, right_keys;  // each over its own child's slots
  ExpressionPtr condition;
};

/// For each left row, objects of a collection found by an index (or by reference: `by_reference` gives a Ref, or an id).
/// Slots: left's, then `columns`.
struct PhysicalIndexJoin : PhysicalNode {
  PROTOBASE_PHYSICAL(IndexJoin)
  JoinType type = JoinType::kInner;
  CollectionId collection{0};
  std::string name;
  IndexId index{0};
  KeyBound bound;                 // over left slots
  ExpressionPtr by_reference;     // instead of index and bound
  std::vector<ReadColumn> columns;
  ExpressionPtr condition;        // over left slots then columns
};

/// Every pair that meets `condition` (null: all). The right child is kept in memory.
/// When `lateral`, the right child is run again for each left row, whose slots are its kOuter values by `outer`.
struct PhysicalNestedLoopJoin : PhysicalNode {
  PROTOBASE_PHYSICAL(NestedLoopJoin)
  JoinType type = JoinType::kInner;
  bool lateral = false;
  std::vector<ExpressionPtr> outer;
  ExpressionPtr condition;
};

/// Slots: groups, then aggregates. Without groups: exactly one row.
struct PhysicalAggregate : PhysicalNode {
  PROTOBASE_PHYSICAL(Aggregate)
  std::vector<ExpressionPtr> groups;
  std::vector<AggregateCall> aggregates;
};

/// All rows in order; with `limit` (may be null) only the first limit + offset are kept (top-k). Stable.
struct PhysicalSort : PhysicalNode {
  PROTOBASE_PHYSICAL(Sort)
  std::vector<SortKey> keys;
  ExpressionPtr limit, offset;
};

struct PhysicalLimit : PhysicalNode {
  PROTOBASE_PHYSICAL(Limit)
  ExpressionPtr limit, offset;    // over constants and parameters; null: none. Negative or not an integer: error
};

/// Each distinct row once, in order of first appearance. `columns` (slots) empty: all; else DISTINCT ON these.
struct PhysicalDistinct : PhysicalNode {
  PROTOBASE_PHYSICAL(Distinct)
  std::vector<uint32_t> columns;
};

struct PhysicalSetOperation : PhysicalNode {
  PROTOBASE_PHYSICAL(SetOperation)
  enum class Operation : uint8_t { kUnion, kIntersect, kExcept };
  Operation operation = Operation::kUnion;
  bool all = false;
};

/// For each input row, one row for each element of an array: input slots, then the element[, its number from 1].
/// With `left` a row without elements gives one row with NULL.
struct PhysicalUnnest : PhysicalNode {
  PROTOBASE_PHYSICAL(Unnest)
  ExpressionPtr array;
  bool with_ordinality = false;
  bool left = false;
};

/// COUNT(*) from the trees alone: of a collection, or of a range of one of its indexes. One row, one integer.
struct PhysicalCount : PhysicalNode {
  PROTOBASE_PHYSICAL(Count)
  CollectionId collection{0};
  std::string name;
  IndexId index{0};               // 0: the collection itself
  KeyBound bound;
};

/// Adds an object for each row of the child. With `names`: slot i becomes attribute names[i] (NULL is stored as null for
/// declared attributes, left out when `skip_null`). Without: slot 0 is the object.
/// `returning` over: slot 0 the object as stored, slot 1 its id (PhysicalUpdate: as changed, PhysicalDelete: as it was).
/// Output: those, or none.
struct PhysicalInsert : PhysicalNode {
  PROTOBASE_PHYSICAL(Insert)
  CollectionId collection{0};
  std::string name;
  std::vector<Path> names;
  ConflictAction on_conflict = ConflictAction::kError;
  std::vector<ExpressionPtr> returning;
};

/// The child gives: slot 0 the ObjectId, further slots as the assignments need. Null expression: the path is removed.
struct PhysicalUpdate : PhysicalNode {
  PROTOBASE_PHYSICAL(Update)
  CollectionId collection{0};
  std::string name;
  std::vector<std::pair<Path, ExpressionPtr>> assignments;
  std::vector<ExpressionPtr> returning;
};

/// The child gives: slot 0 the ObjectId.
struct PhysicalDelete : PhysicalNode {
  PROTOBASE_PHYSICAL(Delete)
  CollectionId collection{0};
  std::string name;
  std::vector<ExpressionPtr> returning;
};

#undef PROTOBASE_PHYSICAL

/// The node as its concrete type (PROTO_DCHECKed).
template <class T>
const T& as(const PhysicalNode& node) {
  PROTO_DCHECK(node.kind == T::kKind);
  return static_cast<const T&>(node);
}

}  // namespace protobase::query
