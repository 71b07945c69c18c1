// Rewrites logical plans by named rules (rules.def), with exact counts from the trees.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/catalog.h"
#include "query/binder/binder.h"
#include "query/planner/key_range.h"
#include "query/planner/logical_plan.h"

namespace protobase::query {

/// Where the optimizer counts. Implemented over a transaction; tests have their own.
class CountSource {
 public:
  virtual ~CountSource() = default;
  /// Objects of a collection.
  virtual Result<uint64_t> objects(CollectionId collection) = 0;
  /// Entries of an index in a range, exactly. O(log n).
  virtual Result<uint64_t> entries(IndexId index, const KeyRange& range) = 0;
};

/// A parameter whose value the plan relies on for being right: with another value it must be planned again.
struct PinnedParameter {
  uint32_t index = 0;
  Value value;
};

struct RuleReport {
  std::string_view name;
  std::chrono::nanoseconds time{0};
  bool disabled = false;
};

/// What the optimizer did, for the plan cache and EXPLAIN ANALYZE.
struct OptimizerReport {
  std::vector<RuleReport> rules;
  std::vector<PinnedParameter> pinned;
  std::vector<std::pair<CollectionId, uint64_t>> sizes;  // of the collections read, when planned
};

struct OptimizerInput {
  const Catalog& catalog;
  ColumnRegistry& columns;
  CountSource& counts;
  ConstantEvaluator evaluate;
  std::vector<Value> parameters;          // what is bound while planning; may be shorter than the statement's list
  std::vector<std::string> disabled_rules;
};

/// The plan rewritten; subqueries in its expressions too. Error: what counting gives (I/O). Milliseconds at most, even for joins
/// of 64 tables.
Result<LogicalPtr> optimize(LogicalPtr plan, const OptimizerInput& input, OptimizerReport* report);

/// The names of rules.def.
std::vector<std::string_view> rule_names();

}  // namespace protobase::query
