// Aggregate functions over groups.
#pragma once

#include <memory>

#include "query/binder/expression.h"
#include "query/executor/vector.h"

namespace protobase::query {

/// The state of one aggregate for all groups of a grouping. One thread.
class Aggregator {
 public:
  virtual ~Aggregator() = default;
  /// There are `count` groups from now on, no fewer than before.
  virtual void resize(uint32_t count) = 0;
  /// Takes up `rows`: row r belongs to group groups[r] (null: to group 0). `arguments` as AggregateCall has them.
  /// Errors: kType, for values that the aggregate does not take.
  virtual Status update(std::span<const ColumnVector> arguments, Rows rows, const uint32_t* groups) = 0;
  /// The result of a group; new bytes go to `arena`. Error: kRange, when an integer sum does not fit.
  virtual Status finish(uint32_t group, Arena& arena, ValueView& out) = 0;
};

/// Never null.
std::unique_ptr<Aggregator> make_aggregator(AggregateId id);

}  // namespace protobase::query
