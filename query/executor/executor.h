// Runs physical plans: the last step of the chain text -> rows.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <vector>

#include "db/query_engine.h"
#include "db/session.h"
#include "db/transaction_state.h"
#include "query/planner/physical_plan.h"

namespace protobase::query {

/// What an operator did, for EXPLAIN ANALYZE.
struct OperatorStatistics {
  uint64_t rows = 0;
  uint64_t calls = 0;
  std::chrono::nanoseconds time{0};    // with its children
  uint64_t ids = 0;                    // ids that an IdSource gave
  uint64_t blocks = 0, blocks_skipped = 0;
  uint64_t lists_probed = 0, candidates_scanned = 0;
  std::string note;                    // a choice made at run time
};
using PlanStatistics = std::map<uint32_t, OperatorStatistics>;  // by PhysicalNode::id

/// Everything a run needs besides the plan. `parameters` are in order of their slots, missing ones are none.
struct ExecutionInput {
  std::shared_ptr<Session> session;              // for the interrupt flag and settings
  std::shared_ptr<TransactionState> transaction; // kept open by the result until it ends
  std::vector<Value> parameters;
  PlanStatistics* statistics = nullptr;          // collected when not null; must outlive the run
  const std::vector<ResultColumn>* columns = nullptr;  // of the plan's output, made once; lives as long as the plan
};

/// Starts `plan`. Rows come as they are computed; plans whose root changes data run to their end before this returns.
/// Errors at run time (overflow, bad cast, cancelled) come from `next`, or from here. The plan is kept by the result.
Result<std::unique_ptr<ResultSource>> execute(std::shared_ptr<const PhysicalNode> plan, ExecutionInput input);

/// The value of an expression without columns, subqueries or parameters, for constant folding. Error: as at run time.
Result<Value> evaluate_constant(const Expression& expression);

}  // namespace protobase::query
