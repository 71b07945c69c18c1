// An open database: storage, families of trees, the chain of versions, the commit pipeline, checkpoints.
//
// Commit, in order:  check conflicts and replay on the head | append to the log | publish the head   (commit mutex)
//                    sync the log (shared by all that wait) | make durable versions visible          (no mutex)
// Checkpoint:        pin the visible version | write its new nodes into segments | sync | root record | trim the log. Commits go on.
//
// Crash argument. The log append is the commit. A version becomes visible when the log is durable up to its end, so what a
// reader sees survives (but for asynchronous commits, by choice). A root record is written only after all of its nodes are
// on disk and names the log position from which replay leads on; the log is trimmed only after the root record is durable
// (storage::Storage::checkpoint). So at every moment one root record and the log after it describe all visible commits.
// After a failed append, sync or checkpoint the database refuses writes until it is opened again: `poison`.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "db/change_log.h"
#include "db/protobase.h"
#include "db/query_engine.h"
#include "db/root_edit.h"
#include "db/version_chain.h"
#include "storage/storage.h"

namespace protobase {

class TransactionImpl;

/// Thread-safe. Handles share it; the last one closes it.
class DatabaseState : public std::enable_shared_from_this<DatabaseState> {
 public:
  static Result<std::shared_ptr<DatabaseState>> open(std::string_view path, const OpenOptions& options);
  ~DatabaseState();

  Result<std::shared_ptr<TransactionState>> begin(TransactionOptions options);
  /// Ends all work: log durable, checkpoint, lock released. Later calls give kInvalidState.
  Status close();
  Status sync();
  Status checkpoint();
  Status check();
  DatabaseStatistics statistics() const;
  std::vector<CollectionDescription> describe() const;
  const std::string& path() const { return path_; }
  bool is_read_only() const { return read_only_; }
  QueryEngine& engine() { return *engine_; }

  // For transactions.
  VersionChain& versions() { return *versions_; }
  TreeFamilies families() { return {*nodes_, *objects_, *indexes_}; }
  /// kInvalidState when closed, kReadOnly when opened so or poisoned.
  Status check_open() const;
  Status check_writable() const;
  Status commit(TransactionImpl& transaction);

 private:
  /// Objects (and definitions, as object 0) that a commit wrote, for conflicts with transactions that began before it.
  struct CommittedWrites {
    CommitId commit;
    std::unordered_set<uint64_t> objects;  // mixed collection and object
  };

  static constexpr uint32_t kRootFormat = 1;  // of the root record: what encode_root writes and load_root reads

  DatabaseState() = default;
  Status start(storage::Storage storage);
  Result<RootState> load_root(std::string_view payload);
  Result<std::shared_ptr<const CollectionState>> load_collection(proto::ByteReader& reader, const Catalog& catalog);
  Status load_vector_index(proto::ByteReader& reader, const CollectionDefinition* collection, CollectionState& state);
  Status recover(RootState root, Lsn from, CommitId commit);
  std::string encode_root(const Version& version) const;

  // The commit pipeline; the commit mutex is held.
  Result<Lsn> apply_and_append(TransactionImpl& transaction, bool asynchronous);
  Status find_conflict(const TransactionImpl& transaction) const;
  void publish(RootEdit& edit, CommitId commit, Lsn end, bool asynchronous);
  void remember_writes(CommitId commit, const TransactionImpl& transaction);
  Status make_visible(CommitId commit, Lsn end, bool asynchronous);
  Status poison(Status failure);

  Status write_checkpoint();
  Status write_trees(const RootState& root, CheckpointWriter& writer);
  Status remove_dead_segments();
  void request_checkpoint_if_due();

  void run_background();
  void start_background();  // only while it is stopped
  void stop_background();
  void wake_background(bool& wanted);
  static bool has_drifted_index(const RootState& root);
  void retrain_drifted_indexes();

  std::string path_;
  OpenOptions options_;
  bool read_only_ = false;
  std::unique_ptr<storage::Storage> storage_;
  std::unique_ptr<NodeStore> nodes_;
  std::unique_ptr<CollectionFamily> objects_;
  std::unique_ptr<IndexFamily> indexes_;
  std::unique_ptr<VersionChain> versions_;
  std::unique_ptr<QueryEngine> engine_;

  std::mutex close_mutex_;
  std::vector<Change> damaged_indexes_;  // while opening: vector indexes to be made again, into the root's payload

  std::mutex commit_mutex_;
  CommitId newest_commit_;              // of the head
  std::deque<CommittedWrites> recent_;  // of commits newer than the oldest version kept
  std::atomic<bool> closed_{false};
  std::atomic<bool> poisoned_{false};
  mutable std::mutex poison_mutex_;
  Status poison_;

  std::mutex checkpoint_mutex_;
  CommitId checkpointed_;
  Lsn checkpoint_end_;
  std::atomic<uint64_t> checkpoint_requested_{0};  // log position at which one was last asked for; a hint
  std::atomic<uint64_t> commits_{0}, checkpoints_{0};  // counters only

  std::thread background_;
  std::mutex background_mutex_;
  std::condition_variable background_wake_;
  bool stop_background_ = false;
  bool checkpoint_wanted_ = false;
  bool sync_wanted_ = false;
  bool training_wanted_ = false;
};

}  // namespace protobase
