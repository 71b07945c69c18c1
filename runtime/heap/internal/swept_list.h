// A list that threads add to and the collector sweeps.
#pragma once

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <vector>

namespace proto::heap {

/// Entries in no particular order. Any thread adds; one sweeps.
template <class Entry>
class SweptList {
 public:
  void add(const Entry& entry) {
    const std::lock_guard lock(mutex_);
    entries_.push_back(entry);
  }

  /// Drops the entries for which keep(entry) is false; keep is called under the list's lock, some hundreds of times in a row.
  /// Those added meanwhile are asked, too.
  template <class Keep>
  void sweep(Keep&& keep) {
    constexpr size_t kSlice = 512;
    size_t read = 0, kept = 0;
    for (bool done = false; !done;) {
      const std::lock_guard lock(mutex_);
      for (const size_t end = std::min(read + kSlice, entries_.size()); read < end; ++read) {
        if (!keep(entries_[read])) continue;
        if (kept != read) entries_[kept] = entries_[read];
        ++kept;
      }
      done = read == entries_.size();
      if (!done) continue;
      entries_.resize(kept);
      if (entries_.capacity() > 4 * kept + 16) entries_.shrink_to_fit();
    }
  }

  /// What sweep() holds while it asks.
  std::mutex& mutex() { return mutex_; }

 private:
  std::mutex mutex_;
  std::vector<Entry> entries_;  // guarded by mutex_
};

}  // namespace proto::heap
