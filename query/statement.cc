#include "query/statement.h"

#include "query/commands.h"
#include "query/executor/executor.h"

namespace protobase::query {
namespace {

constexpr uint32_t kSizeCheckInterval = 64;  // executions between two looks at the sizes of collections
constexpr uint64_t kSizeFactor = 4;          // a collection that grew or shrank by this much is planned for again
constexpr int kConflictRetries = 20;

std::string disabled_rules(Session& session) {
  const auto& settings = session.settings();
  if (settings.empty()) return {};
  const auto found = settings.find("disabled_rules");
  return found == settings.end() ? std::string() : std::string(found->second.as_string());
}

bool changed_much(uint64_t then, uint64_t now) {
  return now > (then + 16) * kSizeFactor || then > (now + 16) * kSizeFactor;
}

bool changes_data(ast::StatementKind kind) {
  return kind == ast::StatementKind::kInsert || kind == ast::StatementKind::kUpdate || kind == ast::StatementKind::kDelete;
}

}  // namespace

PreparedPlan::PreparedPlan(ast::StatementPtr statement, std::string text, SavepointTable& savepoints)
    : statement_(std::move(statement)), text_(std::move(text)), savepoints_(savepoints) {}

bool PreparedPlan::is_planned() const {
  return statement_->kind == ast::StatementKind::kQuery || changes_data(statement_->kind);
}

Status PreparedPlan::prepare(const std::shared_ptr<Session>& session) {
  if (!is_planned()) return Status();
  std::shared_ptr<TransactionState> transaction = session->transaction();
  if (transaction == nullptr) {
    PROTO_ASSIGN_OR_RETURN(transaction, session->begin({.read_only = true}));
  }
  const std::vector<Value> none;
  PROTO_ASSIGN_OR_RETURN(columns_, describe_columns({*statement_, text_, *transaction, none, disabled_rules(*session)}));
  return Status();
}

std::string_view PreparedPlan::parameter_name(size_t position) const {
  return position >= 1 && position <= statement_->parameters.size() ? std::string_view(statement_->parameters[position - 1]) : std::string_view();
}

Result<std::vector<Value>> PreparedPlan::slot_values(const Parameters& parameters) const {
  const auto& names = statement_->parameters;
  std::vector<Value> values(names.size());
  const auto& positional = parameters.positional();
  for (size_t i = 0; i < positional.size() && i < values.size(); ++i) values[i] = positional[i];
  for (const auto& [name, value] : parameters.named()) {
    bool found = false;
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i] == name) values[i] = value, found = true;
    }
    if (!found) return Status(StatusCode::kBinding, "the statement has no parameter '" + name + "'");
  }
  return values;
}

Result<std::unique_ptr<ResultSource>> PreparedPlan::execute(const std::shared_ptr<Session>& session, const Parameters& parameters) {
  PROTO_ASSIGN_OR_RETURN(std::vector<Value> values, slot_values(parameters));
  return execute(session, std::move(values));
}

Result<std::unique_ptr<ResultSource>> PreparedPlan::execute(const std::shared_ptr<Session>& session, std::vector<Value> values) {
  session->clear_interrupt();
  if (statement_->kind == ast::StatementKind::kQuery) return run_plan(session, std::move(values));
  if (changes_data(statement_->kind)) return run_change(session, values);
  return run_command(session, {*statement_, text_, values, savepoints_});
}

bool PreparedPlan::still_fits(const Plan& plan, TransactionState& transaction, const std::vector<Value>& values) {
  if (plan.catalog != transaction.catalog()) return false;
  for (const PinnedParameter& pinned : plan.pinned) {
    if (pinned.index >= values.size() || values[pinned.index].kind() != pinned.value.kind() || !(values[pinned.index] == pinned.value)) return false;
  }
  if (executions_.fetch_add(1, std::memory_order_relaxed) % kSizeCheckInterval != kSizeCheckInterval - 1) return true;
  for (const auto& [collection, size] : plan.sizes) {
    const auto view = transaction.read(collection);
    if (!view.ok() || changed_much(size, view->count())) return false;
  }
  return true;
}

Result<std::shared_ptr<const Plan>> PreparedPlan::plan_for(Session& session, TransactionState& transaction, const std::vector<Value>& values) {
  const std::string disabled = disabled_rules(session);
  std::shared_ptr<const Plan> plan;
  {
    const std::lock_guard lock(mutex_);
    plan = plan_;
  }
  if (plan != nullptr && plan->disabled_rules == disabled && still_fits(*plan, transaction, values)) return plan;
  PROTO_ASSIGN_OR_RETURN(plan, compile({*statement_, text_, transaction, values, disabled}));
  const std::lock_guard lock(mutex_);
  plan_ = plan;
  return plan;
}

Result<std::unique_ptr<ResultSource>> PreparedPlan::run_plan(const std::shared_ptr<Session>& session, std::vector<Value> values) {
  std::shared_ptr<TransactionState> transaction = session->transaction();
  if (transaction == nullptr) {
    PROTO_ASSIGN_OR_RETURN(transaction, session->begin({.read_only = true}));
  }
  PROTO_ASSIGN_OR_RETURN(const std::shared_ptr<const Plan> plan, plan_for(*session, *transaction, values));
  // The root keeps the whole plan alive, whose columns the result shows.
  std::shared_ptr<const PhysicalNode> root(plan, plan->root.get());
  return query::execute(std::move(root), {session, std::move(transaction), std::move(values), nullptr, &plan->columns});
}

Result<std::unique_ptr<ResultSource>> PreparedPlan::run_change(const std::shared_ptr<Session>& session, const std::vector<Value>& values) {
  return run_in_transaction(*session, kConflictRetries, [&](const std::shared_ptr<TransactionState>& transaction) -> Result<std::unique_ptr<ResultSource>> {
    PROTO_ASSIGN_OR_RETURN(const std::shared_ptr<const Plan> plan, plan_for(*session, *transaction, values));
    return query::execute(plan->root, {session, transaction, values, nullptr});
  });
}

}  // namespace protobase::query
