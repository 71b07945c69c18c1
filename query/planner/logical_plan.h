// Logical plans: what is to be computed, as a tree of relational operators over ColumnIds. The optimizer rewrites them; the
// physical planner makes operators of them. Expressions refer to columns by ColumnId; a column that no operator below gives
// belongs to an enclosing query.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "query/binder/bound.h"
#include "query/planner/physical_plan.h"

namespace protobase::query {

enum class LogicalKind : uint8_t {
  kSingleRow, kValues, kScan, kVectorSearch, kCount, kFilter, kProject, kJoin, kAggregate, kSort, kLimit, kDistinct,
  kSetOperation, kUnnest, kInsert, kUpdate, kDelete,
};

/// Base of all operators. `output`: the columns that it gives, in order.
struct LogicalNode {
  const LogicalKind kind;
  std::vector<ColumnId> output;
  std::vector<std::unique_ptr<LogicalNode>> children;
  double estimated_rows = 0;

  virtual ~LogicalNode() = default;

 protected:
  explicit LogicalNode(LogicalKind k) : kind(k) {}
};
using LogicalPtr = std::unique_ptr<LogicalNode>;

/// The plan of a subquery, held by its expression. `optimized`: the rules have run over it.
struct LogicalTree {
  LogicalPtr root;
  bool optimized = false;
};

#define PROTOBASE_LOGICAL(Name)                              \
  static constexpr LogicalKind kKind = LogicalKind::k##Name; \
  Logical##Name() : LogicalNode(kKind) {}

struct LogicalSingleRow : LogicalNode { PROTOBASE_LOGICAL(SingleRow) };

struct LogicalValues : LogicalNode {
  PROTOBASE_LOGICAL(Values)
  std::vector<std::vector<ExpressionPtr>> rows;
};

/// The objects of a collection that meet all `conjuncts`. How they are found is chosen by the optimizer: all are read
/// (nothing set), those of `source`, or in the order of `ordered_index`. Then `residual` are the conjuncts that must be
/// rechecked on the rows; the others are proved.
struct LogicalScan : LogicalNode {
  PROTOBASE_LOGICAL(Scan)
  std::shared_ptr<const CollectionDefinition> definition;
  std::string alias;
  std::vector<ScanColumn> columns;
  std::vector<ExpressionPtr> conjuncts;
  std::unique_ptr<IdSource> source;
  std::vector<uint32_t> proved;  // positions in `conjuncts` that `source` or the ordered range proves
  IndexId ordered_index{0};
  KeyBound ordered_bound;
  bool reversed = false;
};

/// The `k` nearest objects that meet `conjuncts`; gives the columns of the scan, then `distance`.
struct LogicalVectorSearch : LogicalNode {
  PROTOBASE_LOGICAL(VectorSearch)
  std::shared_ptr<const CollectionDefinition> definition;
  std::string alias;
  std::vector<ScanColumn> columns;
  std::vector<ExpressionPtr> conjuncts;
  IndexId index{0};
  Path path;
  Operator metric = Operator::kL2Distance;
  ExpressionPtr query, k;
  std::unique_ptr<IdSource> candidates;
  ColumnId distance = kNoColumn;
};

/// How many objects a collection, or a range of an index of it, has.
struct LogicalCount : LogicalNode {
  PROTOBASE_LOGICAL(Count)
  std::shared_ptr<const CollectionDefinition> definition;
  IndexId index{0};
  KeyBound bound;
};

struct LogicalFilter : LogicalNode {
  PROTOBASE_LOGICAL(Filter)
  std::vector<ExpressionPtr> conjuncts;
};

struct LogicalProject : LogicalNode {
  PROTOBASE_LOGICAL(Project)
  std::vector<BoundItem> items;  // output = their ids
};

/// Children: left, right. All of `conjuncts` must hold for a pair to match. Inner joins of several are nested pairs until
/// join ordering arranges them.
struct LogicalJoin : LogicalNode {
  PROTOBASE_LOGICAL(Join)
  JoinType type = JoinType::kInner;
  bool lateral = false;
  std::vector<ExpressionPtr> conjuncts;
  // Set by the optimizer when the right side is to be looked up for each left row: an index of the right scan's
  // collection, with bounds over left columns, or a reference or id to follow.
  IndexId lookup_index{0};
  KeyBound lookup_bound;
  ExpressionPtr lookup_reference;
};

struct LogicalAggregate : LogicalNode {
  PROTOBASE_LOGICAL(Aggregate)
  std::vector<BoundItem> groups;
  std::vector<BoundAggregate> aggregates;
};

struct LogicalSort : LogicalNode {
  PROTOBASE_LOGICAL(Sort)
  std::vector<SortKey> keys;
  ExpressionPtr limit, offset;  // top-k, when set by the optimizer
};

struct LogicalLimit : LogicalNode {
  PROTOBASE_LOGICAL(Limit)
  ExpressionPtr limit, offset;
};

struct LogicalDistinct : LogicalNode {
  PROTOBASE_LOGICAL(Distinct)
  std::vector<ColumnId> columns;  // empty: all
};

/// Columns are matched by position; gives new columns.
struct LogicalSetOperation : LogicalNode {
  PROTOBASE_LOGICAL(SetOperation)
  SetOperator op = SetOperator::kUnion;
  bool all = false;
};

struct LogicalUnnest : LogicalNode {
  PROTOBASE_LOGICAL(Unnest)
  ExpressionPtr array;
  bool left = false;
  ColumnId element = kNoColumn, ordinality = kNoColumn;
};

/// INSERT, UPDATE, DELETE over the rows of the child. The change is the bound statement's.
struct LogicalInsert : LogicalNode {
  PROTOBASE_LOGICAL(Insert)
  const BoundChange* change = nullptr;
};
struct LogicalUpdate : LogicalNode {
  PROTOBASE_LOGICAL(Update)
  const BoundChange* change = nullptr;
};
struct LogicalDelete : LogicalNode {
  PROTOBASE_LOGICAL(Delete)
  const BoundChange* change = nullptr;
};

#undef PROTOBASE_LOGICAL

/// The node as its concrete type (PROTO_DCHECKed).
template <class T>
  requires std::is_base_of_v<LogicalNode, T>
T& as(LogicalNode& node) {
  PROTO_DCHECK(node.kind == T::kKind);
  return static_cast<T&>(node);
}
template <class T>
  requires std::is_base_of_v<LogicalNode, T>
const T& as(const LogicalNode& node) {
  PROTO_DCHECK(node.kind == T::kKind);
  return static_cast<const T&>(node);
}
template <class T>
T* as_if(LogicalNode* node) {
  return node != nullptr && node->kind == T::kKind ? static_cast<T*>(node) : nullptr;
}

/// Calls `visit(ExpressionPtr&)` for every expression of the node itself (not of its children), those of sources included.
void for_each_expression(LogicalNode& node, const std::function<void(ExpressionPtr&)>& visit);
void for_each_expression(const LogicalNode& node, const std::function<void(const Expression&)>& visit);

/// Columns that the expression uses, those that its subqueries take from outside included. Appends.
void collect_columns(const Expression& expression, std::vector<ColumnId>& columns);
/// Columns that the tree uses and does not give itself: what it takes from an enclosing query. Appends.
void collect_free_columns(const LogicalNode& node, std::vector<ColumnId>& columns);

/// One line per operator, indented; columns as name#id. For EXPLAIN LOGICAL.
std::string to_string(const LogicalNode& plan, const ColumnRegistry& columns);

/// Every operator's columns come from below or from an enclosing query (`outer`), outputs are complete, numbers of children
/// are right. Error: kInvalidState naming the operator (our mistake).
Status verify_logical(const LogicalNode& plan, const std::vector<ColumnId>& outer);

}  // namespace protobase::query
