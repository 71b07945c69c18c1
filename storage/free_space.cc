#include "storage/internal/free_space.h"

#include <algorithm>

#include "runtime/base/check.h"

namespace protobase::storage {

Extent FreeSpace::take_from(std::map<uint64_t, uint64_t>::iterator run, uint64_t count) {
  const Extent taken{run->first, std::min(count, run->second)};
  const Extent rest{taken.end(), run->second - taken.count};
  runs_.erase(run);
  if (rest.count > 0) runs_.emplace(rest.first, rest.count);
  free_count_ -= taken.count;
  return taken;
}

Extent FreeSpace::grow(uint64_t count) {
  const Extent taken{unit_count_, count};
  unit_count_ += count;
  return taken;
}

Extent FreeSpace::take(uint64_t count) {
  PROTO_CHECK(count > 0);
  return runs_.empty() ? grow(count) : take_from(runs_.begin(), count);
}

Extent FreeSpace::take_contiguous(uint64_t count) {
  PROTO_CHECK(count > 0);
  const auto fits = std::find_if(runs_.begin(), runs_.end(), [count](const auto& run) { return run.second >= count; });
  return fits == runs_.end() ? grow(count) : take_from(fits, count);
}

void FreeSpace::give(Extent extent) {
  if (extent.count == 0) return;
  PROTO_CHECK(extent.end() <= unit_count_);
  free_count_ += extent.count;
  auto next = runs_.lower_bound(extent.first);
  PROTO_CHECK(next == runs_.end() || next->first >= extent.end());
  if (next != runs_.begin()) {
    const auto previous = std::prev(next);
    PROTO_CHECK(previous->first + previous->second <= extent.first);
    if (previous->first + previous->second == extent.first) {
      extent = {previous->first, previous->second + extent.count};
      runs_.erase(previous);
    }
  }
  if (next != runs_.end() && next->first == extent.end()) {
    extent.count += next->second;
    runs_.erase(next);
  }
  runs_.emplace(extent.first, extent.count);
}

uint64_t FreeSpace::cut_tail() {
  if (runs_.empty()) return unit_count_;
  const auto last = std::prev(runs_.end());
  if (last->first + last->second != unit_count_) return unit_count_;
  unit_count_ = last->first;
  free_count_ -= last->second;
  runs_.erase(last);
  return unit_count_;
}

void FreeSpace::check() const {
  uint64_t previous_end = 0;
  uint64_t total = 0;
  for (const auto& [first, count] : runs_) {
    PROTO_CHECK(count > 0 && (total == 0 || first > previous_end));
    previous_end = first + count;
    total += count;
  }
  PROTO_CHECK(previous_end <= unit_count_ && total == free_count_);
}

bool find_gaps(std::vector<Extent> used, uint64_t first_unit, uint64_t unit_count, std::vector<Extent>& gaps) {
  std::sort(used.begin(), used.end(), [](const Extent& a, const Extent& b) { return a.first < b.first; });
  uint64_t at = first_unit;
  for (const Extent& extent : used) {
    if (extent.first < at || extent.count == 0 || extent.count > unit_count) return false;
    if (extent.first > unit_count - extent.count) return false;
    if (extent.first > at) gaps.push_back({at, extent.first - at});
    at = extent.end();
  }
  if (unit_count > at) gaps.push_back({at, unit_count - at});
  return true;
}

}  // namespace protobase::storage
