#include "query/compiler.h"

#include "query/binder/binder.h"
#include "query/executor/executor.h"
#include "query/planner/logical_builder.h"
#include "query/planner/physical_planner.h"

namespace protobase::query {
namespace {

#ifdef NDEBUG
constexpr bool kVerify = false;
#else
constexpr bool kVerify = true;
#endif

/// Counts in the trees of a transaction.
class TransactionCounts final : public CountSource {
 public:
  explicit TransactionCounts(TransactionState& transaction) : transaction_(transaction) {}
  Result<uint64_t> objects(CollectionId collection) override {
    PROTO_ASSIGN_OR_RETURN(const CollectionView view, transaction_.read(collection));
    return view.count();
  }
  Result<uint64_t> entries(IndexId index, const KeyRange& range) override {
    PROTO_ASSIGN_OR_RETURN(const IndexView view, transaction_.read_index(index));
    return view.count(range);
  }

 private:
  TransactionState& transaction_;
};

std::vector<std::string> split_names(std::string_view list) {
  std::vector<std::string> names(1);
  for (const char c : list) {
    if (c == ',') names.emplace_back();
    else if (c != ' ') names.back() += c;
  }
  return names;
}

std::vector<ResultColumn> result_columns(const std::vector<OutputColumn>& outputs) {
  std::vector<ResultColumn> columns;
  for (const OutputColumn& output : outputs) columns.push_back({output.name, output.type.any ? Kind::kNone : output.type.kind});
  return columns;
}

BindInput bind_input(const CompileInput& input) { return {*input.transaction.catalog(), evaluate_constant, input.text}; }

}  // namespace

Result<std::shared_ptr<const Plan>> compile(const CompileInput& input, Stages* stages) {
  PROTO_ASSIGN_OR_RETURN(const BoundStatement bound, bind(input.statement, bind_input(input)));
  return compile_bound(bound, input, stages);
}

Result<std::shared_ptr<const Plan>> compile_bound(const BoundStatement& bound, const CompileInput& input, Stages* stages) {
  auto plan = std::make_shared<Plan>();
  plan->catalog = input.transaction.catalog();
  plan->disabled_rules = input.disabled_rules;
  plan->changes_data = bound.kind != BoundStatementKind::kQuery;
  if (kVerify) PROTO_RETURN_IF_ERROR(verify_bound(bound));

  LogicalPtr logical = build_logical(bound);
  if (kVerify) PROTO_RETURN_IF_ERROR(verify_logical(*logical, {}));

  TransactionCounts counts(input.transaction);
  OptimizerReport report;
  const OptimizerInput optimizer{*plan->catalog, *bound.columns, counts, evaluate_constant, input.parameters, split_names(input.disabled_rules)};
  PROTO_ASSIGN_OR_RETURN(logical, optimize(std::move(logical), optimizer, &report));
  if (kVerify) PROTO_RETURN_IF_ERROR(verify_logical(*logical, {}));

  PROTO_ASSIGN_OR_RETURN(plan->root, build_physical(*logical, bound));
  if (kVerify) PROTO_RETURN_IF_ERROR(verify_physical(*plan->root));

  plan->columns = result_columns(plan->root->output);
  plan->pinned = std::move(report.pinned);
  plan->sizes = std::move(report.sizes);
  if (stages != nullptr) *stages = {to_string(bound), to_string(*logical, *bound.columns), std::move(report.rules)};
  return std::shared_ptr<const Plan>(std::move(plan));
}

Result<std::vector<ResultColumn>> describe_columns(const CompileInput& input) {
  PROTO_ASSIGN_OR_RETURN(const BoundStatement bound, bind(input.statement, bind_input(input)));
  return result_columns(bound.outputs);
}

}  // namespace protobase::query
