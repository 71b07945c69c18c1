// Skips blocks: what the least and greatest value of a column say about a filter.
#pragma once

#include <vector>

#include "query/executor/expression_evaluator.h"
#include "query/executor/object_source.h"

namespace protobase::query {

/// Marks the slots that an expression reads.
void mark_slots(const Expression& expression, std::vector<bool>& slots);

/// Whether the value is the same for all rows of a run and known before it.
bool is_known(const Expression& expression);

/// The conjuncts of a filter that compare a column with a value known beforehand.
class BlockBounds {
 public:
  /// Collects them; values live in the evaluator's context, plan and outer values.
  Status prepare(const Expression& filter, Evaluator& evaluator);
  /// True when no row of the block can pass the filter.
  bool exclude(ColumnReader& reader, const ColumnBlock& block) const;

 private:
  struct Bound {
    uint32_t slot;
    Operator op;
    Value value;
  };
  Status add(const Expression& subject, Operator op, const Expression& value, Evaluator& evaluator);
  std::vector<Bound> bounds_;
};

}  // namespace protobase::query
