// A table that is filled entry by entry and is sorted at every moment.
//
// A hash tells, by its size, the slot where the search for it begins; from there slots are filled without a gap, in the
// order of the keys (linear probing that keeps order). So the whole table is in the order of the tree that it becomes, and
// making the tree is one pass. Each entry stands at or after its first slot; behind the last first slot is spare room.
//
// The slots are in a cell that the collector reads as values, which hashes pretend to be. It reads what it found at its
// snapshot beside the program, so the first change after a snapshot goes to a copy, which this cycle does not look into.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>

#include "runtime/collection/internal/hashed_nodes.h"

namespace proto::internal {

/// On the stack; one thread, one frame.
template <class P>
class HashedTable {
 public:
  using Slot = typename P::Item;
  static_assert(sizeof(Slot) == sizeof(HashedKey) + P::Map::kValueBytes);

  /// What happened to a change. kCrowded: nothing, there are too many hashes close to each other for a table.
  enum class Outcome : uint8_t { kAdded, kReplaced, kCrowded, kFailed };

  /// With room for so many entries; memory is taken for the first one.
  HashedTable(Context& ctx, uint64_t expected) : ctx_(ctx) {
    while (firsts_ < kMaxFirsts && expected > limit()) firsts_ = expected > 2 * limit() ? 2 * firsts_ : firsts_ + firsts_ / 8;
  }
  HashedTable(const HashedTable&) = delete;
  HashedTable& operator=(const HashedTable&) = delete;

  uint64_t size() const { return size_; }
  /// The entry of an equal key; null if there is none. Valid until the next change.
  const Slot* find(const HashedKey& key) const {
    const auto [slot, found] = seek(key);
    return found ? slot : nullptr;
  }

  /// Enters the slot's key and value, or replaces the value of an equal key that is there (which stays).
  Outcome set(const Slot& entry) {
    if (slots_ == nullptr ? !start() : !renew()) return Outcome::kFailed;
    for (;;) {
      const auto [slot, found] = seek(entry.key);
      if (found) {
        if constexpr (P::kHasValues) slot->value = entry.value;
        return Outcome::kReplaced;
      }
      if (size_ < limit() && open(slot, entry.key)) {
        *slot = entry;
        ++size_;
        return Outcome::kAdded;
      }
      // Crowded although most slots are free: the hashes are not spread, and a larger table would not help.
      if (firsts_ >= kMaxFirsts || (firsts_ > 16 * kMinFirsts && size_ < limit() / 4)) return Outcome::kCrowded;
      if (!grow()) return Outcome::kFailed;
    }
  }

  /// False if there was no such key.
  bool remove(const HashedKey& key) {
    if (slots_ == nullptr || !renew()) return false;
    auto [slot, found] = seek(key);
    if (!found) return false;
    for (; slot + 1 != end() && !free(slot[1]) && first_slot(slot[1].key.hash) <= slot; ++slot) *slot = slot[1];
    clear(*slot);
    --size_;
    return true;
  }

  /// All entries in order, side by side; the table is empty then. They stay alive while the span's memory is named on the stack.
  std::span<const Slot> take() {
    if (slots_ == nullptr || !renew()) return {};
    Slot* to = slots_;
    for (const Slot* from = slots_; from != end(); ++from) {
      if (!free(*from)) *to++ = *from;
    }
    const std::span<const Slot> all(slots_, to);
    slots_ = nullptr;
    size_ = 0;
    return all;
  }

 private:
  static constexpr uint64_t kMinFirsts = 16;
  static constexpr uint64_t kMaxFirsts = uint64_t{1} << 40;
  static constexpr ptrdiff_t kMaxShift = 256;
  struct Place {
    Slot* slot;
    bool found;
  };

  static bool free(const Slot& slot) { return slot.key.hash == 0; }
  static void clear(Slot& slot) { std::memset(static_cast<void*>(&slot), 0, sizeof(Slot)); }
  static uint64_t slots_of(uint64_t firsts) { return firsts + std::min<uint64_t>(firsts, 2 * kMaxShift); }
  // Entries that fit before searches get long.
  uint64_t limit() const { return firsts_ / 16 * 13; }
  Slot* end() const { return slots_ + slots_of(firsts_); }
  Slot* first_slot(uint64_t hash) const {
    return slots_ + static_cast<uint64_t>(static_cast<unsigned __int128>(hash) * firsts_ >> 64);
  }

  // Where the key stands, or where it would have to.
  Place seek(const HashedKey& key) const {
    if (slots_ == nullptr) return {nullptr, false};
    Slot* slot = first_slot(key.hash);
    Slot* const stop = end();
    while (slot != stop && !free(*slot) && slot->key.hash < key.hash) ++slot;
    for (; slot != stop && slot->key.hash == key.hash; ++slot) {
      if (slot->key.value == key.value) return {slot, true};
      const int before = proto::compare(ctx_, slot->key.value, key.value);
      if (before >= 0) return {slot, before == 0};
    }
    return {slot, false};
  }

  // Makes the slot free by moving what stands there and behind it by one. False if that is too much.
  bool open(Slot* slot, const HashedKey& key) {
    Slot* gap = slot;
    while (gap != end() && !free(*gap)) ++gap;
    if (gap == end() || gap - first_slot(key.hash) > kMaxShift) return false;
    std::memmove(static_cast<void*>(slot + 1), slot, static_cast<size_t>(gap - slot) * sizeof(Slot));
    return true;
  }

  Slot* allocate_slots(uint64_t firsts) {
    const size_t bytes = sizeof(Cell) + slots_of(firsts) * sizeof(Slot);
    if (!ctx_.reserve(bytes)) return nullptr;
    epoch_ = snapshot_epoch(ctx_);  // before, so that a snapshot in between counts as one after
    Cell* cell = allocate<Cell>(ctx_, CellKind::kValueArray, bytes);
    return reinterpret_cast<Slot*>(cell + 1);
  }

  bool start() {
    slots_ = allocate_slots(firsts_);
    return slots_ != nullptr;
  }

  bool renew() {
    if (__builtin_expect(snapshot_epoch(ctx_) == epoch_, 1)) return true;
    Slot* copy = allocate_slots(firsts_);
    if (copy == nullptr) return false;
    std::memcpy(static_cast<void*>(copy), slots_, slots_of(firsts_) * sizeof(Slot));
    slots_ = copy;
    return true;
  }

  bool grow() {
    const Slot* from = slots_;
    const Slot* const stop = end();
    Slot* larger = allocate_slots(2 * firsts_);
    if (larger == nullptr) return false;
    slots_ = larger;
    firsts_ *= 2;
    for (Slot* next = slots_; from != stop; ++from) {
      if (free(*from)) continue;
      next = std::max(next, first_slot(from->key.hash));
      *next++ = *from;
    }
    return true;
  }

  Context& ctx_;
  Slot* slots_ = nullptr;
  uint64_t size_ = 0;
  uint32_t epoch_ = 0;
  uint64_t firsts_ = kMinFirsts;
};

}  // namespace proto::internal
