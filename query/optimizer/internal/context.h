// What rules share: the input, what they find out, and small questions about expressions.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "query/optimizer/optimizer.h"

namespace protobase::query {

/// State of one optimization. Rules change `plan` in place.
class OptimizerContext {
 public:
  OptimizerContext(const OptimizerInput& input, OptimizerReport& report) : input_(input), report_(report) {}
  const OptimizerInput& input() const { return input_; }
  ColumnRegistry& columns() const { return input_.columns; }

  /// Objects of a collection; remembered.
  Result<uint64_t> objects(CollectionId collection);
  /// The value that an expression has while planning: of constants, bound parameters and what is computed from them.
  std::optional<Value> planning_value(const Expression& e) const;
  /// The same for what must stay right whatever is bound later: the parameters in `e` are pinned.
  std::optional<Value> pinned_value(const Expression& e);
  /// Entries of `bound` in an index, or an estimate where a value is not known while planning.
  Result<double> count(const IndexDefinition& index, const KeyBound& bound);

 private:
  void pin(const Expression& e);
  const OptimizerInput& input_;
  OptimizerReport& report_;
  std::map<CollectionId, uint64_t> objects_;
};

// ---- the rules -----------------------------------------------------------------------------------------------------------
#define PROTOBASE_RULE(name, function) Status function(LogicalPtr& plan, OptimizerContext& context);
#include "query/optimizer/rules.def"
#undef PROTOBASE_RULE

/// Sets estimated_rows of the whole tree, from the leaves up.
Status estimate_rows(LogicalNode& node, OptimizerContext& context);
/// The part of all rows that a condition leaves, guessed.
double guess_selectivity(const Expression& conjunct);

// ---- access paths --------------------------------------------------------------------------------------------------------

/// A way to the ids of a scan: its source, what it proves, what it costs.
struct AccessPath {
  std::unique_ptr<IdSource> source;
  std::vector<uint32_t> covers;  // conjuncts that the source uses
  std::vector<uint32_t> proved;  // those that need no recheck
  double count = 0;
};

/// All ways to the ids of objects that meet conjuncts of a reading operator, smallest first.
Result<std::vector<AccessPath>> find_access_paths(const CollectionDefinition& definition, const std::vector<ScanColumn>& columns,
                                                  const std::vector<ExpressionPtr>& conjuncts, OptimizerContext& context);
/// The best of them put together (AndMerge), or nothing when reading `rows` objects in order is cheaper.
std::optional<AccessPath> choose_access_path(std::vector<AccessPath> paths, double rows);

/// The attribute path that a column of a scan reads when an index over that path answers for it; null otherwise (references
/// may be followed, or it is no attribute).
const Path* indexable_path(const Expression& e, const CollectionDefinition& definition, const std::vector<ScanColumn>& columns);
/// Whether a partial index has all objects that meet the conjuncts. Parameters that decide it are pinned.
bool index_applies(const IndexDefinition& index, const std::vector<ScanColumn>& columns, const std::vector<ExpressionPtr>& conjuncts,
                   OptimizerContext& context);

/// What one conjunct says of one attribute, in a form that an index can use.
struct Restriction {
  enum class Kind : uint8_t { kEqual, kRange, kIn, kIsNull, kContains };
  Kind kind = Kind::kEqual;
  const Path* path = nullptr;
  uint32_t conjunct = 0;
  std::vector<const Expression*> values;      // kEqual: one; kIn: the list; kContains: elements that must all be there
  const Expression *low = nullptr, *high = nullptr;  // kRange
  bool low_inclusive = true, high_inclusive = true;
};
/// Restrictions of all conjuncts that are one.
std::vector<Restriction> find_restrictions(const CollectionDefinition& definition, const std::vector<ScanColumn>& columns,
                                           const std::vector<ExpressionPtr>& conjuncts, OptimizerContext& context);

// ---- expressions ---------------------------------------------------------------------------------------------------------

/// Whether the expression gives another value each time (random) or has a subquery: not to be copied or moved.
bool is_volatile(const Expression& e);
bool has_subquery(const Expression& e);
/// Whether it can be computed without the columns in `own`: constants, parameters, columns of enclosing queries.
bool is_value_outside(const Expression& e, const std::vector<ScanColumn>& own);
bool uses_any(const Expression& e, const std::vector<ColumnId>& columns);
bool uses_only(const Expression& e, const std::vector<ColumnId>& columns);
bool contains(const std::vector<ColumnId>& columns, ColumnId id);
void split_conjuncts(ExpressionPtr condition, std::vector<ExpressionPtr>& conjuncts);
/// Replaces columns by what `of_column` gives (null: stays), not inside subqueries.
void substitute_columns(ExpressionPtr& e, const std::function<ExpressionPtr(ColumnId)>& of_column);
ExpressionPtr make_column(ColumnId id, const ColumnRegistry& columns);
/// Runs `rule` on every node, children first.
Status for_each_node(LogicalPtr& node, const std::function<Status(LogicalPtr&)>& rule);

}  // namespace protobase::query
