// Runs the subqueries of expressions, each once for each set of outer values.
#pragma once

#include <string>
#include <unordered_map>

#include "query/executor/operator.h"

namespace protobase::query {

/// Remembers results by outer values, up to a bound. One thread.
class PlanSubqueries : public SubqueryRunner {
 public:
  PlanSubqueries(ExecutionContext& context, ObjectSource& objects) : context_(context), objects_(objects) {}
  Result<const SubqueryResult*> run(const PlannedSubquery& subquery, Use use, std::span<const ValueView> outer) override;

 private:
  Result<SubqueryResult> execute(const PlannedSubquery& subquery, Use use, std::span<const ValueView> outer);

  ExecutionContext& context_;
  ObjectSource& objects_;
  std::unordered_map<const PlannedSubquery*, std::unordered_map<std::string, SubqueryResult>> memo_;
};

}  // namespace protobase::query
