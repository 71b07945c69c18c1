#include "query/executor/subquery_runner.h"

namespace protobase::query {
namespace {

/// Results remembered of one subquery. Beyond it they are forgotten all at once: outer values that do not repeat gain nothing.
constexpr size_t kMaxRemembered = 16384;

std::string memo_key(std::span<const ValueView> outer) {
  std::string key;
  for (const ValueView& value : outer) proto::put_string(key, encode(value));
  return key;
}

void take_values(const Chunk& chunk, SubqueryResult& result, std::string& key) {
  for_each_row(chunk.rows, [&](uint32_t row) {
    const ValueView value = chunk.columns[0].at(row);
    result.values.emplace_back(value);
    if (value.is_none()) {
      result.has_null = true;
      return;
    }
    key.clear();
    append_equality_key(key, value);
    result.keys.insert(key);
  });
}

}  // namespace

Result<const SubqueryResult*> PlanSubqueries::run(const PlannedSubquery& subquery, Use use, std::span<const ValueView> outer) {
  auto& remembered = memo_[&subquery];
  std::string key = memo_key(outer);
  if (const auto found = remembered.find(key); found != remembered.end()) return &found->second;
  PROTO_ASSIGN_OR_RETURN(SubqueryResult result, execute(subquery, use, outer));
  if (remembered.size() >= kMaxRemembered) remembered.clear();
  return &remembered.emplace(std::move(key), std::move(result)).first->second;
}

Result<SubqueryResult> PlanSubqueries::execute(const PlannedSubquery& subquery, Use use, std::span<const ValueView> outer) {
  PROTO_ASSIGN_OR_RETURN(OperatorPtr plan, build_operator(*subquery.plan, Run{&context_, &objects_, outer}));
  SubqueryResult result;
  std::string key;
  for (;;) {
    PROTO_ASSIGN_OR_RETURN(const Chunk* chunk, plan->next());
    if (chunk == nullptr) return result;
    if (chunk->rows.count == 0) continue;
    result.many |= result.exists || chunk->rows.count > 1;
    if (use == Use::kScalar && !result.exists) result.first = Value(chunk->columns[0].at(chunk->rows[0]));
    result.exists = true;
    if (use == Use::kAll) take_values(*chunk, result, key);
    if (use == Use::kExists || (use == Use::kScalar && result.many)) return result;
  }
}

}  // namespace protobase::query
