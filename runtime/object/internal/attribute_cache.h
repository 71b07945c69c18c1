// What a thread remembers of look-ups. Direct-mapped; one thread; forgotten at each stop of the world.
//
// An entry's key is a shape word (the header of an object's state) and a name's word. Why an entry that matches tells
// the truth:
//   - Addresses of shapes, names and holders are not used again while entries name them: an entry is made from what is
//   alive, a
//     cell that is alive at a stop is not freed before the next one, and each cycle of the collector begins with a
//     stop. Frames free none of them: shapes (and so what they reach) are left to the collector when they are made.
//   - kOwn: where an object of a shape has its own attribute never changes.
//   - The others hold for one epoch of the space. The epoch changes after any change of what look-ups can see, other
//   than the value
//     of an attribute that was there before (lookup.h).
//   - kHolder: the holder is mutable. Its state of this moment is read, and must have the header that it had.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "runtime/heap/context.h"
#include "runtime/object/internal/cells.h"

namespace proto::objects {

struct RootShape;

/// What a look-up found. The low byte of CacheEntry::where; the rest depends on it.
enum class Place : uint8_t {
  kNowhere = 0,      // no entry
  kOwn,              // offset of the slot in the state
  kAbsent,           // and no prototype wants to be asked for absent attributes
  kAsk,              // absent, but there is a hook
  kConstant,         // in an immutable prototype; extra: the value
  kHolder,           // in a slot of a mutable prototype; slot 8 | address 48; extra: the header of its state
  kHolderDictionary  // in a mutable prototype that has its attributes in a dictionary; address 48
};

struct CacheEntry {
  uint64_t shape = 0;
  uint64_t name = 0;
  uint64_t where = 0;
  uint64_t epoch = 0;

  Place place() const { return static_cast<Place>(where & 0xFF); }
};
static_assert(sizeof(CacheEntry) == 32);

constexpr uint64_t where_own(uint32_t slot) { return object_bytes(slot) << 8 | static_cast<uint64_t>(Place::kOwn); }
inline uint64_t where_holder(Place place, const Cell* holder, uint32_t slot) {
  return reinterpret_cast<uint64_t>(holder) << 16 | uint64_t{slot} << 8 | static_cast<uint64_t>(place);
}
inline const Cell* holder_of(uint64_t where) { return reinterpret_cast<const Cell*>(where >> 16); }

class AttributeCache final : public ThreadExtension {
 public:
  static constexpr uint32_t kBits = 10;
  static constexpr uint32_t kTransitionBits = 9;
  static constexpr uint32_t kRootBits = 7;

  struct Transition {
    uint64_t shape = 0;
    uint64_t name = 0;
    Shape* child = nullptr;
  };
  struct Root {
    uint64_t prototype = 0;
    RootShape* shape = nullptr;
  };

  AttributeCache();
  void drop_caches() override;

  static uint32_t hash(uint64_t shape, uint64_t name, uint32_t bits) {
    return static_cast<uint32_t>(((shape >> 20) ^ name ^ (name >> 29)) * 0x9E3779B97F4A7C15ull >> (64 - bits));
  }
  uint32_t index_of(uint64_t shape, uint64_t name) const { return hash(shape, name, kBits); }
  CacheEntry& entry(uint32_t index) { return entries_[index]; }
  uint64_t& extra(uint32_t index) { return extras_[index]; }
  Transition& transition(uint64_t shape, uint64_t name) { return transitions_[hash(shape, name, kTransitionBits)]; }
  Root& root(uint64_t prototype) { return roots_[hash(prototype, prototype, kRootBits)]; }

  /// Differs between any two moments of any threads between which caches were dropped: what inline caches outside the
  /// heap are checked against.
  uint64_t generation() const { return generation_; }

  /// True when the stack of this thread has little room left (for calls that nest without end).
  bool stack_is_low() const {
    return reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) - stack_lowest_ < kStackReserve;
  }

 private:
  static constexpr uintptr_t kStackReserve = 128 * 1024;

  std::array<CacheEntry, size_t{1} << kBits> entries_{};
  std::array<uint64_t, size_t{1} << kBits> extras_{};
  std::array<Transition, size_t{1} << kTransitionBits> transitions_{};
  std::array<Root, size_t{1} << kRootBits> roots_{};
  uint64_t generation_;
  uintptr_t stack_lowest_;
};

AttributeCache& make_attribute_cache(Thread& thread);

/// This thread's cache.
inline AttributeCache& attribute_cache(Context& ctx) {
  ThreadExtension* cache = ctx.thread().extension(ThreadSlot::kAttributes);
  if (__builtin_expect(cache == nullptr, 0)) return make_attribute_cache(ctx.thread());
  return *static_cast<AttributeCache*>(cache);
}

}  // namespace proto::objects
