// A conversation with the database: its open transaction, settings and interrupt flag. Behind Connection, and (one per
// call) behind Database::query.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "db/transaction_state.h"

namespace protobase {

/// One thread at a time, except `interrupt` and `interrupted`.
class Session {
 public:
  explicit Session(std::shared_ptr<DatabaseState> database) : database_(std::move(database)) {}
  const std::shared_ptr<DatabaseState>& database() const { return database_; }

  /// The explicit transaction (BEGIN, or the one a Transaction handle stands for); null outside of one.
  const std::shared_ptr<TransactionState>& transaction() const { return transaction_; }
  void set_transaction(std::shared_ptr<TransactionState> transaction) { transaction_ = std::move(transaction); }
  /// True when a Transaction handle owns the transaction: COMMIT and ROLLBACK as text are then refused.
  bool is_pinned() const { return pinned_; }
  void set_pinned(bool pinned) { pinned_ = pinned; }

  /// Begins a transaction that this session does not keep: for one statement. Defined with DatabaseState.
  Result<std::shared_ptr<TransactionState>> begin(TransactionOptions options);

  /// Asks the running statement to end with kCancelled. Async-signal-safe. The flag is cleared when a statement starts.
  void interrupt() { interrupted_.store(true, std::memory_order_relaxed); }
  bool interrupted() const { return interrupted_.load(std::memory_order_relaxed); }
  void clear_interrupt() { interrupted_.store(false, std::memory_order_relaxed); }

  /// `SET name = value`: names are lower case. Statements read what concerns them.
  std::map<std::string, Value>& settings() { return settings_; }
  const std::map<std::string, Value>& settings() const { return settings_; }

 private:
  std::shared_ptr<DatabaseState> database_;
  std::shared_ptr<TransactionState> transaction_;
  bool pinned_ = false;
  std::atomic<bool> interrupted_{false};
  std::map<std::string, Value> settings_;
};

}  // namespace protobase
