// From logical plans to physical ones: operators are chosen, columns become slots, subqueries get plans of their own.
#pragma once

#include "query/planner/logical_plan.h"
#include "query/planner/physical_plan.h"

namespace protobase::query {

/// The plan that runs `plan`. Its output slots are the outputs of `bound`. Error: kBinding for a column that is nowhere to be had
/// (a subquery that uses an ungrouped column). O(plan).
Result<PhysicalPtr> build_physical(const LogicalNode& plan, const BoundStatement& bound);

/// Every slot that is used exists, ids are unique, outputs have the right width. Error: kInvalidState (our mistake).
Status verify_physical(const PhysicalNode& plan);

}  // namespace protobase::query
