// A hash table of cells: open addressing, linear probing, the whole hash beside each pointer, so that neither growing nor
// probing touches a cell before it is the one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/value/cell.h"

namespace proto::heap {

/// Guarded by its owner. Hashes are well mixed; their low bits choose the place.
class CellTable {
 public:
  size_t size() const { return size_; }
  size_t bytes() const { return capacity_ * sizeof(Entry); }

  /// The cell with this hash for which matches(cell) holds; null if there is none. O(1).
  template <class Matches>
  Cell* find(uint64_t hash, Matches&& matches) const {
    if (capacity_ == 0) return nullptr;
    for (size_t i = hash & mask();; i = (i + 1) & mask()) {
      const Entry& entry = entries_[i];
      if (entry.cell == nullptr) return nullptr;
      if (entry.hash == hash && matches(entry.cell)) return entry.cell;
    }
  }

  /// The cell must not be there. O(1) amortised.
  void insert(uint64_t hash, Cell* cell) {
    if ((size_ + 1) * 4 > capacity_ * 3) rebuild(capacity_ == 0 ? kLeastCapacity : capacity_ * 2);
    place({hash, cell});
    ++size_;
  }

  /// The cell must be there. O(1).
  void erase(uint64_t hash, const Cell* cell) {
    size_t i = hash & mask();
    while (entries_[i].cell != cell) {
      PROTO_DCHECK(entries_[i].cell != nullptr);
      i = (i + 1) & mask();
    }
    erase_at(i);
  }

  /// Drops the cells for which keep(cell) is false. O(capacity).
  template <class Keep>
  void retain(Keep&& keep) {
    for (size_t i = 0; i < capacity_;) {
      // What moves up into a freed place comes from behind it, or round the end, where it has been looked at.
      if (entries_[i].cell != nullptr && !keep(entries_[i].cell)) {
        erase_at(i);
      } else {
        ++i;
      }
    }
    shrink();
  }

  /// Gives back memory that a much larger content left.
  void shrink() {
    if (capacity_ <= kLeastCapacity || size_ * 8 >= capacity_) return;
    size_t capacity = kLeastCapacity;
    while (capacity < size_ * 2) capacity *= 2;
    rebuild(capacity);
  }

 private:
  struct Entry {
    uint64_t hash;
    Cell* cell;
  };
  static constexpr size_t kLeastCapacity = 16;

  size_t mask() const { return capacity_ - 1; }

  void place(Entry entry) {
    size_t i = entry.hash & mask();
    while (entries_[i].cell != nullptr) i = (i + 1) & mask();
    entries_[i] = entry;
  }

  void rebuild(size_t capacity) {
    const std::unique_ptr<Entry[]> old = std::exchange(entries_, std::make_unique<Entry[]>(capacity));
    const size_t old_capacity = std::exchange(capacity_, capacity);
    for (size_t i = 0; i < old_capacity; ++i) {
      if (old[i].cell != nullptr) place(old[i]);
    }
  }

  // Closes the gap: moves back what could not stand where it belongs because of what stood here.
  void erase_at(size_t hole) {
    for (size_t i = (hole + 1) & mask(); entries_[i].cell != nullptr; i = (i + 1) & mask()) {
      const size_t home = entries_[i].hash & mask();
      if (((i - home) & mask()) < ((i - hole) & mask())) continue;
      entries_[hole] = entries_[i];
      hole = i;
    }
    entries_[hole] = {};
    --size_;
  }

  std::unique_ptr<Entry[]> entries_;
  size_t capacity_ = 0;
  size_t size_ = 0;
};

}  // namespace proto::heap
