// Comparisons of texts on the bytes of a block, before values are made of them.
#pragma once

#include <vector>

#include "query/executor/expression_evaluator.h"
#include "query/executor/object_source.h"

namespace protobase::query {

/// The conjuncts at the beginning of a filter that say `column = text`. Only those: a conjunct behind another one must
/// not decide first, since the other may fail.
class TextFilter {
 public:
  /// Collects them; texts live in the plan and the parameters.
  Status prepare(const Expression& filter, Evaluator& evaluator);
  /// Takes rows of a block out of `rows` that the filter refuses. What is left is still to be given to the filter.
  void narrow(ColumnReader& reader, const ColumnBlock& block, Arena& arena, Rows& rows) const;

 private:
  struct Equality {
    uint32_t slot;
    Value text;
  };
  /// True when `expression` was such a comparison.
  Result<bool> add(const Expression& expression, Evaluator& evaluator);
  std::vector<Equality> equalities_;
};

/// The rows of a column of texts that equal `text`, written to `out` (room for rows.count + 1). Gives their number.
uint32_t select_equal_text(const ColumnView& column, std::string_view text, Rows rows, uint32_t* out);

}  // namespace protobase::query
