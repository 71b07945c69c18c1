// Stores into cells that others can see already.
//
// Marking takes a snapshot of the heap at the stop that begins it. An immutable cell keeps what it had; a store into a
// mutable one could hide from the collector the only way to what it overwrites. So the store notes the old value while a
// cycle marks (snapshot at the beginning). And a frame that leaves frees what only it could see: the new value is noted as
// escaped, so that the frame spares it.
#pragma once

#include <atomic>

#include "runtime/heap/context.h"

namespace proto {

/// Notes a value that is about to be overwritten, or was read through a weak reference, so that a running cycle marks it.
inline void note_overwritten(Context& ctx, Value old) {
  heap::ThreadHeap& heap = ctx.thread().heap();
  if (__builtin_expect(heap.marking.load(std::memory_order_relaxed), 0) && old.is_cell()) heap.overwritten.push_back(old);
}

/// Notes a value that is reachable by other ways than the frame's result: a mutable cell, a root, another thread.
inline void note_escape(Context& ctx, Value value) {
  if (value.is_cell()) ctx.thread().note_escape(value);
}

/// Stores a Value's word or a Cell's address into a mutable field. Release: pairs with the acquire load of who reads it.
inline void store_value(Context& ctx, std::atomic<uint64_t>& field, Value value) {
  note_escape(ctx, value);
  note_overwritten(ctx, Value::from_word(field.exchange(value.word(), std::memory_order_acq_rel)));
}

/// Compare-and-set of the same. True if `field` held `expected` and now holds `desired`; else `expected` is what it holds.
inline bool compare_and_set_value(Context& ctx, std::atomic<uint64_t>& field, Value& expected, Value desired) {
  uint64_t word = expected.word();
  // Noted before the exchange: the old value is still reachable then, so noting it is never wrong.
  note_overwritten(ctx, expected);
  if (field.compare_exchange_strong(word, desired.word(), std::memory_order_acq_rel, std::memory_order_acquire)) {
    note_escape(ctx, desired);
    return true;
  }
  expected = Value::from_word(word);
  return false;
}

inline Value load_value(const std::atomic<uint64_t>& field) {
  return Value::from_word(field.load(std::memory_order_acquire));
}

}  // namespace proto
