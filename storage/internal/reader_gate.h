// How a writer learns that no reader of another open may still need what it is about to reuse.
#pragma once

#include <memory>
#include <mutex>

#include "storage/file_system.h"

namespace protobase::storage {

/// Each reader holds the readers' lock of x.pdb, shared, from before it reads the root record until it closes. The writer
/// takes it exclusively for a moment: what no durable root names and no reader holds can be reused. A reader that comes
/// during that moment waits for it to end and then finds the newest root. Any thread.
class ReaderGate {
 public:
  explicit ReaderGate(std::shared_ptr<File> file) : file_(std::move(file)) {}

  /// Runs `action` while no reader is there and none can come; false, and nothing run, when there is one.
  template <class Action>
  bool run_if_alone(Action action) {
    std::lock_guard guard(mutex_);  // the lock belongs to the file: one user of it at a time
    if (!file_->lock(LockArea::kReaders, LockMode::kExclusive).ok()) return false;
    action();
    // A lock that cannot be given up keeps readers out, which harms nobody's data.
    (void)file_->unlock(LockArea::kReaders).ok();
    return true;
  }

 private:
  std::mutex mutex_;
  const std::shared_ptr<File> file_;
};

}  // namespace protobase::storage
