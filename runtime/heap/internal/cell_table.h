// A hash table of cells: open addressing, linear probing, 8 bytes a place. Beside each cell's address stand 20 bits of its hash:
// they tell most strangers apart, and where a cell belongs, so that probing and growing touch no cell that is not the one.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/value/cell.h"

namespace proto::heap {

/// Guarded by its owner. Hashes are well mixed; their low bits choose the place. HashOf::hash_of(cell) gives the hash that a
/// cell was entered with; it is asked only in tables of more than 2^20 places.
template <class HashOf>
class CellTable {
 public:
  size_t size() const { return size_; }
  size_t bytes() const { return capacity_ * sizeof(uint64_t); }

  /// Fetches the memory that find() will look at. Any thread, without the owner's guard.
  void prefetch(uint64_t hash) const {
    // The two may be of different moments: then some other address is fetched, which does no harm.
    const auto* places = hint_places_.load(std::memory_order_relaxed);
    __builtin_prefetch(places + (hash & hint_mask_.load(std::memory_order_relaxed)), 1);
  }

  /// The cell with this hash for which matches(cell) holds; null if there is none. Cells of other hashes may be asked about, too.
  /// O(1).
  template <class Matches>
  Cell* find(uint64_t hash, Matches&& matches) const {
    if (capacity_ == 0) return nullptr;
    const uint64_t tag = hash & kTagMask;
    for (size_t i = hash & mask();; i = (i + 1) & mask()) {
      const uint64_t place = places_[i];
      if (place == 0) return nullptr;
      if ((place & kTagMask) == tag && matches(cell_in(place))) return cell_in(place);
    }
  }

  /// The cell must not be there. O(1) amortised.
  void insert(uint64_t hash, Cell* cell) {
    if ((size_ + 1) * 4 > capacity_ * 3) rebuild(capacity_ == 0 ? kLeastCapacity : capacity_ * 2);
    put(hash, place_of(hash, cell));
    ++size_;
  }

  /// The cell must be there. O(1).
  void erase(uint64_t hash, const Cell* cell) {
    size_t i = hash & mask();
    while (cell_in(places_[i]) != cell) {
      PROTO_DCHECK(places_[i] != 0);
      i = (i + 1) & mask();
    }
    erase_at(i);
  }

  /// Drops the cells for which keep(cell) is false. O(capacity).
  template <class Keep>
  void retain(Keep&& keep) {
    for (size_t i = 0; i < capacity_;) {
      // What moves up into a freed place comes from behind it, or round the end, where it has been looked at.
      if (places_[i] != 0 && !keep(cell_in(places_[i]))) {
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
  // A place: 0 when it is empty, else the low bits of the hash, and above them the cell's address without its four zeros.
  static constexpr uint32_t kTagBits = 20;
  static constexpr uint64_t kTagMask = (uint64_t{1} << kTagBits) - 1;
  static constexpr size_t kLeastCapacity = 16;
  static_assert(kCellAlignment == 16);

  static uint64_t place_of(uint64_t hash, const Cell* cell) {
    return reinterpret_cast<uintptr_t>(cell) >> 4 << kTagBits | (hash & kTagMask);
  }
  static Cell* cell_in(uint64_t place) { return reinterpret_cast<Cell*>(place >> kTagBits << 4); }

  size_t mask() const { return capacity_ - 1; }
  // At least the bits of the hash that choose a place.
  uint64_t hash_in(uint64_t place) const {
    return capacity_ <= kTagMask + 1 ? place & kTagMask : HashOf::hash_of(cell_in(place));
  }

  void put(uint64_t hash, uint64_t place) {
    size_t i = hash & mask();
    while (places_[i] != 0) i = (i + 1) & mask();
    places_[i] = place;
  }

  void rebuild(size_t capacity) {
    const std::unique_ptr<uint64_t[]> old = std::exchange(places_, std::make_unique<uint64_t[]>(capacity));
    const size_t old_capacity = std::exchange(capacity_, capacity);
    hint_places_.store(places_.get(), std::memory_order_relaxed);
    hint_mask_.store(mask(), std::memory_order_relaxed);
    for (size_t i = 0; i < old_capacity; ++i) {
      if (old[i] != 0) put(hash_in(old[i]), old[i]);
    }
  }

  // Closes the gap: moves back what could not stand where it belongs because of what stood here.
  void erase_at(size_t hole) {
    for (size_t i = (hole + 1) & mask(); places_[i] != 0; i = (i + 1) & mask()) {
      const size_t home = hash_in(places_[i]) & mask();
      if (((i - home) & mask()) < ((i - hole) & mask())) continue;
      places_[hole] = places_[i];
      hole = i;
    }
    places_[hole] = 0;
    --size_;
  }

  std::unique_ptr<uint64_t[]> places_;
  size_t capacity_ = 0;
  size_t size_ = 0;
  std::atomic<const uint64_t*> hint_places_{nullptr};
  std::atomic<size_t> hint_mask_{0};
};

}  // namespace proto::heap
