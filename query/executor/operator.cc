#include "query/executor/operator.h"

namespace protobase::query {

OperatorStatistics* PlanOperator::statistics() {
  return context_.statistics == nullptr ? nullptr : &(*context_.statistics)[node_.id];
}

Result<const Chunk*> PlanOperator::next() {
  PROTO_RETURN_IF_ERROR(context_.check_interrupt());
  OperatorStatistics* statistics = this->statistics();
  if (statistics == nullptr) return produce();
  const auto begin = std::chrono::steady_clock::now();
  Result<const Chunk*> chunk = produce();
  statistics->time += std::chrono::steady_clock::now() - begin;
  ++statistics->calls;
  if (chunk.ok() && *chunk != nullptr) statistics->rows += (*chunk)->rows.count;
  return chunk;
}

Result<OperatorPtr> build_operator(const PhysicalNode& plan, const Run& run) {
  switch (plan.kind) {
    case PhysicalKind::kSingleRow: return build_single_row(plan, run);
    case PhysicalKind::kValues: return build_values(as<PhysicalValues>(plan), run);
    case PhysicalKind::kScan: return build_scan(as<PhysicalScan>(plan), run);
    case PhysicalKind::kIdFetch: return build_id_fetch(as<PhysicalIdFetch>(plan), run);
    case PhysicalKind::kOrderedFetch: return build_ordered_fetch(as<PhysicalOrderedFetch>(plan), run);
    case PhysicalKind::kVectorSearch: return build_vector_search(as<PhysicalVectorSearch>(plan), run);
    case PhysicalKind::kFilter: return build_filter(as<PhysicalFilter>(plan), run);
    case PhysicalKind::kProject: return build_project(as<PhysicalProject>(plan), run);
    case PhysicalKind::kHashJoin: return build_hash_join(as<PhysicalHashJoin>(plan), run);
    case PhysicalKind::kIndexJoin: return build_index_join(as<PhysicalIndexJoin>(plan), run);
    case PhysicalKind::kNestedLoopJoin: return build_nested_loop_join(as<PhysicalNestedLoopJoin>(plan), run);
    case PhysicalKind::kAggregate: return build_aggregate(as<PhysicalAggregate>(plan), run);
    case PhysicalKind::kSort: return build_sort(as<PhysicalSort>(plan), run);
    case PhysicalKind::kLimit: return build_limit(as<PhysicalLimit>(plan), run);
    case PhysicalKind::kDistinct: return build_distinct(as<PhysicalDistinct>(plan), run);
    case PhysicalKind::kSetOperation: return build_set_operation(as<PhysicalSetOperation>(plan), run);
    case PhysicalKind::kUnnest: return build_unnest(as<PhysicalUnnest>(plan), run);
    case PhysicalKind::kCount: return build_count(as<PhysicalCount>(plan), run);
    case PhysicalKind::kInsert: return build_insert(as<PhysicalInsert>(plan), run);
    case PhysicalKind::kUpdate: return build_update(as<PhysicalUpdate>(plan), run);
    case PhysicalKind::kDelete: return build_delete(as<PhysicalDelete>(plan), run);
  }
  return Status(StatusCode::kUnsupported, "an operator of an unknown kind");
}

Result<uint64_t> count_argument(const ExpressionPtr& expression, Evaluator& evaluator, uint64_t fallback) {
  if (expression == nullptr) return fallback;
  ValueView value;
  PROTO_RETURN_IF_ERROR(evaluator.evaluate_single(*expression, value));
  if (value.is_none()) return fallback;
  if (value.kind() != Kind::kInt) {
    return Status(StatusCode::kType, "LIMIT and OFFSET take integers, not " + std::string(kind_name(value.kind())))
        .with_span(expression->span);
  }
  if (value.integer() < 0) return Status(StatusCode::kRange, "LIMIT and OFFSET must not be negative").with_span(expression->span);
  return static_cast<uint64_t>(value.integer());
}

}  // namespace protobase::query
