// From the bounds of a plan to ranges of normalized keys. The planner counts with it, the executor reads with it: the same
// function, so that what was counted is what is read.
#pragma once

#include <functional>

#include "db/catalog.h"
#include "db/transaction_state.h"
#include "query/planner/physical_plan.h"

namespace protobase::query {

/// Gives the value of an expression of a bound.
using KeyEvaluator = std::function<Result<Value>(const Expression&)>;

/// The keys of `index` that `bound` accepts. A comparison with NULL, or between a low and a high bound of kinds that do not
/// compare, accepts nothing. An open side ends where the kind of the other side ends: `x > 5` accepts numbers alone.
/// Error: what `evaluate` gives.
Result<KeyRange> make_key_range(const IndexDefinition& index, const KeyBound& bound, const KeyEvaluator& evaluate);

/// A range that holds no key.
KeyRange empty_key_range();
bool is_empty(const KeyRange& range);

}  // namespace protobase::query
