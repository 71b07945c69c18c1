// Finding attributes: own, then in the prototypes in resolution order, through the caches.
//
// Why look-ups see late changes and never a mixture
// -------------------------------------------------
// Every look-up reads each object's state once (one acquire load), so it sees attributes and prototypes of one moment
// of that object. What a look-up that walked the prototypes found is remembered with the space's epoch, read before the
// walk began.
//
//   look-up:  e = epoch; for each mutable object on the way: set kResolved in its state word, read its state; remember
//   (e, result) change:   word = state word; make the new state; compare-and-set word -> new; if word had kResolved:
//   epoch + 1; return
//
// All accesses to one state word are in one order. If the look-up's kResolved comes before the change's
// compare-and-set, the change sees the bit (or fails and reads again) and moves the epoch on, after which nothing
// remembered with e is used. If it comes after, the look-up reads the new state. So after a change returned, no look-up
// that begins then gives what was before: every change takes effect between its call and its return. The epoch moves
// when names come or go or prototypes change; a new value for an attribute that was there needs none, because caches
// hold where values are, not values (but for immutable objects').
//
// An interpreter's objects change shape all the time; only those that others inherit from, and were looked through,
// move the epoch: mostly classes, while a program starts.
#pragma once

#include "runtime/object/internal/attribute_cache.h"
#include "runtime/object/internal/resolution_order.h"
#include "runtime/object/internal/shape.h"

namespace proto::objects {

struct Finding {
  Place place = Place::kAbsent;  // kAbsent, kAsk, or any other: found
  Value value;

  bool found() const { return place != Place::kAbsent && place != Place::kAsk; }
};

/// Reads an attribute of an immutable object itself. False if it has none.
bool find_own(Context& ctx, Cell* state, Value name, Value& value);

/// The same without a safepoint and without caches, for whoever may not allocate. O(attributes).
bool peek_own(Context& ctx, const Cell* state, Value name, Value& value);

/// The whole look-up. An error (prototypes that cannot be ordered) is kAbsent.
Finding find(Context& ctx, Value receiver, Value name);

/// What get() gives: the attribute, the hook's answer, or none.
Value get_slow(Context& ctx, Value receiver, Value name);
/// The hook's answer for an absent attribute.
Value ask_for_absent(Context& ctx, Value receiver, Value name);

/// The prototypes of a value one after the other, in resolution order. Its values must stand on the stack.
class PrototypeWalk {
 public:
  /// `state`: of the receiver; null if it is no object.
  PrototypeWalk(Context& ctx, Value receiver, Cell* state) : ctx_(ctx), current_(receiver), state_(state) {}
  /// False at the end, and after an error (ctx.failed()).
  bool next();
  Value prototype() const { return current_; }
  /// Its attributes; null if it is no object.
  Cell* state() const { return state_; }

 private:
  Context& ctx_;
  Value current_;
  Cell* state_;
  const OrderCell* order_ = nullptr;
  size_t position_ = 0;
  uint32_t steps_ = 0;
};

/// Reads what an entry that matches key and epoch leads to. False: it does not hold any more.
inline bool read_entry(Context&, const CacheEntry& entry, uint64_t extra, Value& value) {
  if (entry.place() == Place::kConstant) {
    value = Value::from_word(extra);
    return true;
  }
  if (entry.place() != Place::kHolder) return false;
  const Cell* state = load_state(holder_of(entry.where));
  if (state->header_word() != extra) return false;
  value = slot(state, slots_of(entry.where));
  return true;
}

/// Hot.
inline Value get(Context& ctx, Value receiver, Value name) {
  if (!receiver.is_cell()) return get_slow(ctx, receiver, name);
  const Cell* state = receiver.as_cell();
  uint64_t header = state->header_word();
  if (is_kind(header, CellKind::kMutableObject)) {
    state = load_state(state);
    header = state->header_word();
  }
  AttributeCache& cache = attribute_cache(ctx);
  const uint32_t index = cache.index_of(header, name.word());
  const CacheEntry& entry = cache.entry(index);
  if (__builtin_expect(entry.shape == header && entry.name == name.word(), 1)) {
    if (__builtin_expect(entry.place() == Place::kOwn, 1)) {
      Value value;
      __builtin_memcpy(&value, reinterpret_cast<const char*>(state) + (entry.where >> 8), sizeof(value));
      return value;
    }
    if (entry.epoch == ctx.space().lookup_epoch().load(std::memory_order_acquire)) {
      if (entry.place() == Place::kAbsent) return {};
      if (Value value; read_entry(ctx, entry, cache.extra(index), value)) return value;
    }
  }
  return get_slow(ctx, receiver, name);
}

}  // namespace proto::objects
