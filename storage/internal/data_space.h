// The life of space in x.pdb: used, dropped, waiting, free.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "storage/internal/free_space.h"
#include "storage/internal/reader_gate.h"

namespace protobase::storage {

/// Space that the durable root names is never written to. Dropped space waits for a root that does not name it to be
/// durable, then for the readers that may still use an older root to leave; only then is it free. Any thread.
class DataSpace {
 public:
  /// `waiting` is what the durable root does not name; the rest of `unit_count` units is in use.
  DataSpace(std::shared_ptr<File> file, std::shared_ptr<ReaderGate> gate, uint64_t unit_count, std::vector<Extent> waiting,
            uint64_t keep_bytes);

  /// As FreeSpace.
  Extent take(uint64_t count);
  Extent take_contiguous(uint64_t count);
  /// Gives back what no root ever named: free at once.
  void give(const std::vector<Extent>& extents);
  /// What the durable root may name and the next one does not.
  void drop(const std::vector<Extent>& extents);

  /// The next root is being written without what was dropped so far: takes that over. Hand it to one of the next two.
  std::vector<Extent> begin_root();
  void abandon_root(const std::vector<Extent>& dropped) { drop(dropped); }
  void finish_root(const std::vector<Extent>& dropped);

  /// Frees what waits, unless readers are there; cuts the end of the file off where it is free, and punches holes where more
  /// than keep_bytes are. kIoError: space could not be given back to the system, which harms nothing else.
  Status release();

  uint64_t file_bytes() const;
  uint64_t free_bytes() const;

 private:
  /// release() with the gate passed and the mutex held.
  Status free_waiting();

  const std::shared_ptr<File> file_;
  const std::shared_ptr<ReaderGate> gate_;
  const uint64_t keep_bytes_;
  mutable std::mutex mutex_;
  FreeSpace free_;
  std::vector<Extent> dropped_;
  std::vector<Extent> waiting_;
};

}  // namespace protobase::storage
