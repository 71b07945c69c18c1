// A statement ready to be executed again and again: its tree and, for what reads or changes data, the plan for the catalog
// at hand.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "db/query_engine.h"
#include "db/session.h"
#include "query/compiler.h"

namespace protobase::query {

class SavepointTable;

/// Thread-safe: the plan cache shares statements between sessions.
class PreparedPlan final : public CompiledStatement {
 public:
  PreparedPlan(ast::StatementPtr statement, std::string text, SavepointTable& savepoints);

  /// Binds, so that errors and columns are known before the first execution.
  Status prepare(const std::shared_ptr<Session>& session);

  const std::vector<ResultColumn>& columns() const override { return columns_; }
  size_t parameter_count() const override { return statement_->parameters.size(); }
  std::string_view parameter_name(size_t position) const override;
  Result<std::unique_ptr<ResultSource>> execute(const std::shared_ptr<Session>& session, const Parameters& parameters) override;

  /// With values in order of their slots, extracted literals behind the statement's own parameters.
  Result<std::unique_ptr<ResultSource>> execute(const std::shared_ptr<Session>& session, std::vector<Value> values);

  const ast::Statement& statement() const { return *statement_; }
  std::string_view text() const { return text_; }
  /// Values of `parameters` by slot. Error: kBinding for a name that the statement does not have.
  Result<std::vector<Value>> slot_values(const Parameters& parameters) const;

 private:
  bool is_planned() const;
  Result<std::unique_ptr<ResultSource>> run_plan(const std::shared_ptr<Session>& session, std::vector<Value> values);
  Result<std::unique_ptr<ResultSource>> run_change(const std::shared_ptr<Session>& session, const std::vector<Value>& values);
  Result<std::shared_ptr<const Plan>> plan_for(Session& session, TransactionState& transaction, const std::vector<Value>& values);
  bool still_fits(const Plan& plan, TransactionState& transaction, const std::vector<Value>& values);

  ast::StatementPtr statement_;
  std::string text_;
  SavepointTable& savepoints_;
  std::vector<ResultColumn> columns_;
  std::mutex mutex_;  // guards plan_
  std::shared_ptr<const Plan> plan_;
  std::atomic<uint32_t> executions_{0};  // only to look at sizes now and then
};

}  // namespace protobase::query
