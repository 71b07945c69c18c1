// The chain from a syntax tree to a plan that runs, and what EXPLAIN shows of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "db/session.h"
#include "query/ast/ast.h"
#include "query/optimizer/optimizer.h"
#include "query/planner/physical_plan.h"

namespace protobase::query {

/// A statement planned against one catalog. Immutable; shared by executions.
struct Plan {
  std::shared_ptr<const PhysicalNode> root;
  std::vector<ResultColumn> columns;
  bool changes_data = false;
  // What the plan relies on.
  std::shared_ptr<const Catalog> catalog;
  std::string disabled_rules;
  std::vector<PinnedParameter> pinned;
  std::vector<std::pair<CollectionId, uint64_t>> sizes;
};

/// What compile() works on. Everything must outlive the call.
struct CompileInput {
  const ast::Statement& statement;
  std::string_view text;
  TransactionState& transaction;
  const std::vector<Value>& parameters;  // bound while planning: exact counts are taken with them
  std::string disabled_rules;            // names, separated by commas
};

/// The stages as text, filled when asked for.
struct Stages {
  std::string bound;
  std::string logical;
  std::vector<RuleReport> rules;
};

/// A query, INSERT, UPDATE or DELETE as a plan. Errors: those of bind() and of counting.
Result<std::shared_ptr<const Plan>> compile(const CompileInput& input, Stages* stages = nullptr);
/// The same for a statement that is bound already (CREATE ... AS).
Result<std::shared_ptr<const Plan>> compile_bound(const BoundStatement& bound, const CompileInput& input, Stages* stages = nullptr);

/// Bound columns without a plan, for a prepared statement.
Result<std::vector<ResultColumn>> describe_columns(const CompileInput& input);

}  // namespace protobase::query
