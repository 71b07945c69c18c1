// Which units of x.pdb are free.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace protobase::storage {

/// A run of units: [first, first + count).
struct Extent {
  uint64_t first = 0;
  uint64_t count = 0;
  uint64_t end() const { return first + count; }
  bool operator==(const Extent&) const = default;
};

/// Free runs, by address. One thread.
class FreeSpace {
 public:
  /// All of [first_unit, unit_count) is in use.
  explicit FreeSpace(uint64_t unit_count) : unit_count_(unit_count) {}

  /// Takes up to `count` units, at least one: the lowest free run, or new ones at the end of the file. O(log runs).
  Extent take(uint64_t count);
  /// Takes exactly `count` units that follow each other. O(runs).
  Extent take_contiguous(uint64_t count);
  /// Gives units back. They must be in use. O(log runs).
  void give(Extent extent);
  /// Cuts a free run at the end of the file off; returns the new unit count. O(log runs).
  uint64_t cut_tail();

  /// Units of the file, used and free. O(1).
  uint64_t unit_count() const { return unit_count_; }
  uint64_t free_count() const { return free_count_; }
  /// Aborts when runs overlap, touch or leave the file. O(runs).
  void check() const;

 private:
  Extent take_from(std::map<uint64_t, uint64_t>::iterator run, uint64_t count);
  Extent grow(uint64_t count);

  std::map<uint64_t, uint64_t> runs_;  // first unit to count; never adjacent
  uint64_t unit_count_;
  uint64_t free_count_ = 0;
};

/// The units of [first_unit, unit_count) that none of `used` covers, or false when two of `used` overlap or one leaves the
/// range. O(n log n).
bool find_gaps(std::vector<Extent> used, uint64_t first_unit, uint64_t unit_count, std::vector<Extent>& gaps);

}  // namespace protobase::storage
