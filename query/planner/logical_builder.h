// From bound statements to logical plans: the order of SQL's clauses becomes a tree.
#pragma once

#include "query/planner/logical_plan.h"

namespace protobase::query {

/// The statement as a tree. Consumes the expressions of `bound` by copying them, so that EXPLAIN BOUND still shows them;
/// subqueries inside expressions get trees of their own (PlannedSubquery::logical). `bound` must outlive the plan.
/// Never fails on a statement that bind() made. O(statement).
LogicalPtr build_logical(const BoundStatement& bound);

}  // namespace protobase::query
