// The operators of a running plan: a tree that mirrors the physical plan, each giving chunks when asked (pull).
#pragma once

#include <memory>

#include "query/executor/executor.h"
#include "query/executor/expression_evaluator.h"
#include "query/executor/object_source.h"
#include "query/planner/physical_plan.h"

namespace protobase::query {

/// What the operators of one plan (a query, or one evaluation of a subquery) share. Cheap to copy.
struct Run {
  ExecutionContext* context = nullptr;
  ObjectSource* objects = nullptr;
  std::span<const ValueView> outer;  // values of kOuter; outlive the operators
};

/// One operator. One thread.
class PlanOperator {
 public:
  PlanOperator(const PhysicalNode& node, const Run& run)
      : node_(node), run_(run), context_(*run.context), evaluator_(*run.context, arena_, run.outer) {}
  virtual ~PlanOperator() = default;
  PlanOperator(const PlanOperator&) = delete;
  PlanOperator& operator=(const PlanOperator&) = delete;

  /// The next chunk (it may have no row), or null at the end; after that, or an error, not to be called again. The chunk and
  /// what it points to are valid until the next call. kCancelled when the session was interrupted.
  Result<const Chunk*> next();
  /// Objects changed so far.
  virtual uint64_t changes() const { return 0; }

 protected:
  virtual Result<const Chunk*> produce() = 0;
  /// The run-time statistics of this operator; null when nobody asked.
  OperatorStatistics* statistics();

  const PhysicalNode& node_;
  Run run_;
  ExecutionContext& context_;
  Arena arena_;  // of the chunk in flight: reset by each operator when it begins a new one
  Evaluator evaluator_;
};

using OperatorPtr = std::unique_ptr<PlanOperator>;

/// The operators that run `plan`, which must outlive them.
Result<OperatorPtr> build_operator(const PhysicalNode& plan, const Run& run);

/// The value of a LIMIT or OFFSET expression: not negative, `fallback` when the expression is null or NULL. Error: kType, kRange.
Result<uint64_t> count_argument(const ExpressionPtr& expression, Evaluator& evaluator, uint64_t fallback);

// One builder per family of operators; each takes nodes of its kinds only.
Result<OperatorPtr> build_scan(const PhysicalScan& node, const Run& run);
Result<OperatorPtr> build_id_fetch(const PhysicalIdFetch& node, const Run& run);
Result<OperatorPtr> build_ordered_fetch(const PhysicalOrderedFetch& node, const Run& run);
Result<OperatorPtr> build_vector_search(const PhysicalVectorSearch& node, const Run& run);
Result<OperatorPtr> build_count(const PhysicalCount& node, const Run& run);
Result<OperatorPtr> build_single_row(const PhysicalNode& node, const Run& run);
Result<OperatorPtr> build_values(const PhysicalValues& node, const Run& run);
Result<OperatorPtr> build_filter(const PhysicalFilter& node, const Run& run);
Result<OperatorPtr> build_project(const PhysicalProject& node, const Run& run);
Result<OperatorPtr> build_limit(const PhysicalLimit& node, const Run& run);
Result<OperatorPtr> build_unnest(const PhysicalUnnest& node, const Run& run);
Result<OperatorPtr> build_distinct(const PhysicalDistinct& node, const Run& run);
Result<OperatorPtr> build_set_operation(const PhysicalSetOperation& node, const Run& run);
Result<OperatorPtr> build_hash_join(const PhysicalHashJoin& node, const Run& run);
Result<OperatorPtr> build_index_join(const PhysicalIndexJoin& node, const Run& run);
Result<OperatorPtr> build_nested_loop_join(const PhysicalNestedLoopJoin& node, const Run& run);
Result<OperatorPtr> build_aggregate(const PhysicalAggregate& node, const Run& run);
Result<OperatorPtr> build_sort(const PhysicalSort& node, const Run& run);
Result<OperatorPtr> build_insert(const PhysicalInsert& node, const Run& run);
Result<OperatorPtr> build_update(const PhysicalUpdate& node, const Run& run);
Result<OperatorPtr> build_delete(const PhysicalDelete& node, const Run& run);

}  // namespace protobase::query
