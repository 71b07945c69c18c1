// Statements that are no plans: definitions, transactions, maintenance, questions about the database, EXPLAIN.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "db/query_engine.h"
#include "db/session.h"
#include "query/ast/ast.h"

namespace protobase::query {

/// The named savepoints of open transactions. Thread-safe; forgets transactions that are gone.
class SavepointTable {
 public:
  void set(const std::shared_ptr<TransactionState>& transaction, std::string name);
  /// The mark of the newest savepoint of this name; those after it are forgotten (it too, with `release`).
  Result<uint64_t> find(const std::shared_ptr<TransactionState>& transaction, std::string_view name, bool release);
  void forget(const std::shared_ptr<TransactionState>& transaction);

 private:
  struct Savepoint {
    std::string name;
    uint64_t mark;
  };
  struct Entry {
    std::weak_ptr<TransactionState> transaction;
    std::vector<Savepoint> savepoints;
  };
  std::mutex mutex_;
  std::map<const TransactionState*, Entry> entries_;
};

struct CommandInput {
  const ast::Statement& statement;
  std::string_view text;
  const std::vector<Value>& parameters;
  SavepointTable& savepoints;
};

/// Runs a statement that is neither a query nor a change of objects, to its end.
Result<std::unique_ptr<ResultSource>> run_command(const std::shared_ptr<Session>& session, const CommandInput& input);

/// EXPLAIN of a statement, as text lines.
Result<std::string> explain_statement(const std::shared_ptr<Session>& session, const ast::Statement& statement, std::string_view text,
                                      ast::ExplainStage stage, ast::ExplainFormat format, const std::vector<Value>& parameters);

using TransactionWork = std::function<Result<std::unique_ptr<ResultSource>>(const std::shared_ptr<TransactionState>&)>;
/// Runs `work` in the session's transaction, where a failure takes back what it did and nothing else; or in one of its own,
/// which is committed, again after a conflict up to `retries` times.
Result<std::unique_ptr<ResultSource>> run_in_transaction(Session& session, int retries, const TransactionWork& work);

/// Rows that are there already.
std::unique_ptr<ResultSource> make_rows(std::vector<ResultColumn> columns, std::vector<std::vector<Value>> rows, uint64_t changes = 0);
/// No columns, no rows.
std::unique_ptr<ResultSource> make_done();

}  // namespace protobase::query
