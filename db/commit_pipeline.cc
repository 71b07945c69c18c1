// The commit pipeline of DatabaseState: conflicts, replay, log, publication, visibility.
#include <chrono>

#include "db/database_state.h"
#include "db/transaction_impl.h"
#include "runtime/base/check.h"
#include "runtime/base/sync_point.h"

namespace protobase {
namespace {

int64_t now_microseconds() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Status conflict() {
  return Status(StatusCode::kConflict, "another transaction committed a change to the same object first").with_hint("retry the transaction");
}

}  // namespace

Status DatabaseState::commit(TransactionImpl& transaction) {
  PROTO_RETURN_IF_ERROR(check_writable());
  const bool asynchronous = transaction.options().durability == Durability::kAsync;
  Lsn end;
  CommitId commit;
  {
    std::lock_guard lock(commit_mutex_);
    PROTO_RETURN_IF_ERROR(check_writable());
    PROTO_ASSIGN_OR_RETURN(end, apply_and_append(transaction, asynchronous));
    commit = newest_commit_;
  }
  PROTO_SYNC_POINT("commit:before_sync");
  PROTO_RETURN_IF_ERROR(make_visible(commit, end, asynchronous));
  request_checkpoint_if_due();
  return Status();
}

Result<Lsn> DatabaseState::apply_and_append(TransactionImpl& transaction, bool asynchronous) {
  const Version* head = versions_->head();
  PROTO_CHECK(head->commit == newest_commit_ && transaction.base().commit <= newest_commit_);
  std::unique_ptr<RootEdit> replayed;
  RootEdit* edit = transaction.edit();
  if (head != &transaction.base()) {
    PROTO_RETURN_IF_ERROR(find_conflict(transaction));
    replayed = std::make_unique<RootEdit>(families(), head->root);
    const Status status = transaction.log().visit([&](const Change& change) { return replayed->apply(change); });
    // What existed when the transaction looked is gone by now, or the other way round.
    if (status.code() == StatusCode::kNotFound || status.code() == StatusCode::kAlreadyExists) return conflict();
    PROTO_RETURN_IF_ERROR(status);
    edit = replayed.get();
  }
  PROTO_RETURN_IF_ERROR(edit->settle_all());
  const CommitId commit(newest_commit_.value + 1);
  std::string header;
  const auto records = transaction.log().records(commit, now_microseconds(), header);
  auto end = storage_->log->append(storage_->log->end(), records);
  if (!end.ok()) return end.status().code() == StatusCode::kInvalidArgument ? end.status() : poison(end.status());
  remember_writes(commit, transaction);
  publish(*edit, commit, *end, asynchronous);
  return *end;
}

Status DatabaseState::find_conflict(const TransactionImpl& transaction) const {
  for (const CommittedWrites& writes : recent_) {
    if (writes.commit <= transaction.base().commit) continue;
    const auto& smaller = writes.objects.size() < transaction.written().size() ? writes.objects : transaction.written();
    const auto& larger = &smaller == &writes.objects ? transaction.written() : writes.objects;
    for (uint64_t object : smaller) {
      if (larger.contains(object)) return conflict();
    }
  }
  return Status();
}

void DatabaseState::remember_writes(CommitId commit, const TransactionImpl& transaction) {
  const CommitId oldest = versions_->oldest();
  while (!recent_.empty() && recent_.front().commit <= oldest) recent_.pop_front();
  PROTO_CHECK(recent_.empty() || recent_.back().commit < commit);
  if (!transaction.written().empty()) recent_.push_back({commit, transaction.written()});
}

void DatabaseState::publish(RootEdit& edit, CommitId commit, Lsn end, bool asynchronous) {
  auto version = std::make_unique<Version>();
  version->commit = commit;
  version->end = end;
  version->asynchronous = asynchronous;
  std::vector<std::unique_ptr<RetiredNodes>> retired;
  version->root = edit.take(retired);
  const bool train = has_drifted_index(version->root);
  versions_->publish(std::move(version), std::move(retired));
  newest_commit_ = commit;
  commits_.fetch_add(1, std::memory_order_relaxed);
  if (train) wake_background(training_wanted_);
}

Status DatabaseState::make_visible(CommitId commit, Lsn end, bool asynchronous) {
  if (asynchronous) {
    wake_background(sync_wanted_);
    if (versions_->advance_visible(storage_->log->durable()) >= commit) return Status();
  }
  // Synchronous, or behind a synchronous commit that is not durable yet.
  const Status status = storage_->log->sync(end);
  if (!status.ok()) return poison(status);
  versions_->advance_visible(storage_->log->durable());
  return Status();
}

Status DatabaseState::sync() {
  PROTO_RETURN_IF_ERROR(check_open());
  if (read_only_) return Status();
  const Status status = storage_->log->sync(storage_->log->end());
  if (!status.ok()) return poison(status);
  versions_->advance_visible(storage_->log->durable());
  return Status();
}

}  // namespace protobase
