#include "storage/internal/data_space.h"

#include "runtime/base/check.h"
#include "storage/internal/root_format.h"

namespace protobase::storage {

DataSpace::DataSpace(std::shared_ptr<File> file, std::shared_ptr<ReaderGate> gate, uint64_t unit_count,
                     std::vector<Extent> waiting, uint64_t keep_bytes)
    : file_(std::move(file)),
      gate_(std::move(gate)),
      keep_bytes_(keep_bytes),
      free_(unit_count),
      waiting_(std::move(waiting)) {}

Extent DataSpace::take(uint64_t count) {
  std::lock_guard guard(mutex_);
  return free_.take(count);
}

Extent DataSpace::take_contiguous(uint64_t count) {
  std::lock_guard guard(mutex_);
  return free_.take_contiguous(count);
}

void DataSpace::give(const std::vector<Extent>& extents) {
  std::lock_guard guard(mutex_);
  for (const Extent& extent : extents) free_.give(extent);
}

void DataSpace::drop(const std::vector<Extent>& extents) {
  std::lock_guard guard(mutex_);
  dropped_.insert(dropped_.end(), extents.begin(), extents.end());
}

std::vector<Extent> DataSpace::begin_root() {
  std::lock_guard guard(mutex_);
  return std::exchange(dropped_, {});
}

void DataSpace::finish_root(const std::vector<Extent>& dropped) {
  std::lock_guard guard(mutex_);
  waiting_.insert(waiting_.end(), dropped.begin(), dropped.end());
}

Status DataSpace::release() {
  std::lock_guard guard(mutex_);
  Status status;
  gate_->run_if_alone([&] { status = free_waiting(); });
  return status;
}

Status DataSpace::free_waiting() {
  const std::vector<Extent> freed = std::exchange(waiting_, {});
  for (const Extent& extent : freed) free_.give(extent);
  PROTO_CHECK(free_.free_count() <= free_.unit_count());
  const uint64_t count = free_.unit_count();
  if (free_.cut_tail() < count) PROTO_RETURN_IF_ERROR(file_->truncate(free_.unit_count() * kExtentUnitBytes));
  if (free_.free_count() * kExtentUnitBytes <= keep_bytes_) return {};
  for (const Extent& extent : freed) {
    if (extent.first >= free_.unit_count()) continue;  // cut off with the tail
    PROTO_RETURN_IF_ERROR(file_->punch_hole(extent.first * kExtentUnitBytes, extent.count * kExtentUnitBytes));
  }
  return {};
}

uint64_t DataSpace::file_bytes() const {
  std::lock_guard guard(mutex_);
  return free_.unit_count() * kExtentUnitBytes;
}

uint64_t DataSpace::free_bytes() const {
  std::lock_guard guard(mutex_);
  return free_.free_count() * kExtentUnitBytes;
}

}  // namespace protobase::storage
