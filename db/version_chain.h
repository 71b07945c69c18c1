// Versions of the database, oldest to newest. A snapshot pins one; what a commit retired is buried when every version older
// than the commit is gone.
//
//   oldest pinned ... visible ... head
//
// `head` is the newest commit, on which the next one is checked and replayed; `visible` is the newest whose commit is durable
// at its level, and what new snapshots see. Every version from the oldest pinned one on is kept.
//
// Race argument: the chain has one mutex, held for a few instructions to pin, unpin or publish. A reader that holds a pin
// reads frozen nodes without locks; they reach it through the mutex (publish happens before pin).
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "db/root_state.h"
#include "runtime/base/ids.h"

namespace protobase {

using proto::CommitId;
using proto::Lsn;

/// One committed version. Its contents do not change; the chain keeps the rest.
struct Version {
  CommitId commit;
  Lsn end;              // the log up to here makes this version
  bool asynchronous = false;
  RootState root;

 private:
  friend class VersionChain;
  uint64_t pins_ = 0;
  std::unique_ptr<Version> next_;
  std::vector<std::unique_ptr<RetiredNodes>> retired_;  // needed by this version and older ones only
};

class VersionChain {
 public:
  explicit VersionChain(std::unique_ptr<Version> first);
  /// All pins must be gone.
  ~VersionChain();
  /// Buries what every version had retired: afterwards only the head may be used. For the end of a database.
  void bury_all();

  /// The newest visible version, pinned. Any thread. O(1).
  Version* pin_visible();
  /// The newest version, pinned. Any thread. O(1).
  Version* pin_head();
  void pin(Version* version);
  /// Lets go; versions that nobody can reach any more are ended and what they alone needed is buried. Any thread.
  void unpin(Version* version);

  /// Makes `version` the head. `retired`: the nodes that its commit took out of the head so far. Under the commit mutex.
  void publish(std::unique_ptr<Version> version, std::vector<std::unique_ptr<RetiredNodes>> retired);
  /// Lets snapshots see every version whose log is durable, or that is asynchronous, up to the first that is neither.
  /// Returns the newest visible commit. Any thread.
  CommitId advance_visible(Lsn durable);

  Version* head() const { return head_; }  // under the commit mutex
  uint64_t pin_count() const;
  /// Commit of the oldest version that is kept: no snapshot is older. O(1).
  CommitId oldest() const;

 private:
  using Retired = std::vector<std::unique_ptr<RetiredNodes>>;
  /// Unlinks versions before `visible_` that nobody pins, oldest first. The mutex is held; the caller ends them after it.
  void collect(std::vector<std::unique_ptr<Version>>& ended);
  static void bury(std::vector<std::unique_ptr<Version>>& ended);

  mutable std::mutex mutex_;
  std::unique_ptr<Version> oldest_;
  Version* visible_;
  Version* head_;
  uint64_t pins_ = 0;
};

}  // namespace protobase
