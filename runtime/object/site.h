// Inline caches: what one place of a program (an expression of an interpreted language) remembers of its last look-ups.
#pragma once

#include <array>

#include "runtime/object/object.h"

namespace proto {

namespace objects {

/// The last few answers for one name. Does not hold anything alive: answers are of one generation of the thread's
/// caches (attribute_cache.h), which ends at each stop of the world and is no other thread's.
class SiteCache {
 public:
  SiteCache(Context& ctx, std::string_view name) : name_(ctx, name) {}
  Value name() const { return name_.value(); }

  Value get(Context& ctx, Value receiver) {
    if (!receiver.is_cell()) return objects::get(ctx, receiver, name_.value());
    const Cell* state = receiver.as_cell();
    uint64_t header = state->header_word();
    if (is_kind(header, CellKind::kMutableObject)) {
      state = load_state(state);
      header = state->header_word();
    }
    if (__builtin_expect(generation_ == attribute_cache(ctx).generation(), 1)) {
      for (const Answer& answer : answers_) {
        if (answer.entry.shape != header) continue;
        if (answer.entry.place() == Place::kOwn) return own(state, answer.entry);
        if (answer.entry.epoch != ctx.space().lookup_epoch().load(std::memory_order_acquire)) break;
        if (Value value; read_entry(ctx, answer.entry, answer.extra, value)) return value;
        break;
      }
    }
    return get_and_remember(ctx, receiver, header);
  }

 private:
  struct Answer {
    CacheEntry entry;
    uint64_t extra = 0;
  };
  static Value own(const Cell* state, const CacheEntry& entry) {
    Value value;
    __builtin_memcpy(&value, reinterpret_cast<const char*>(state) + (entry.where >> 8), sizeof(value));
    return value;
  }
  Value get_and_remember(Context& ctx, Value receiver, uint64_t header);

  Symbol name_;
  uint64_t generation_ = 0;
  uint32_t next_ = 0;
  std::array<Answer, 4> answers_{};
};

}  // namespace objects

/// Reads one attribute of whatever objects come by: as Value::get, without a search in the thread's cache when the
/// object has one of the last four shapes. One thread at a time; keeps its name alive, so it belongs to the space of
/// its context.
class AttributeSite {
 public:
  AttributeSite(Context& ctx, std::string_view name) : cache_(ctx, name) {}
  Value name() const { return cache_.name(); }
  Value get(Context& ctx, Value receiver) { return cache_.get(ctx, receiver); }

 private:
  objects::SiteCache cache_;
};

/// Calls one method of whatever objects come by: as Value::call. One thread at a time.
class CallSite {
 public:
  CallSite(Context& ctx, std::string_view name) : cache_(ctx, name) {}
  Value name() const { return cache_.name(); }

  template <class... Inputs>
  Value call(Context& ctx, Value receiver, const Inputs&... inputs) {
    const objects::ArgumentPack<Inputs...> pack(ctx, inputs...);
    return call_with(ctx, receiver, pack.get());
  }
  Value call_with(Context& ctx, Value receiver, Arguments arguments) {
    const Value callable = cache_.get(ctx, receiver);
    if (__builtin_expect(callable.is_none(), 0)) return objects::no_method(ctx, receiver, name());
    return invoke_with(ctx, callable, receiver, arguments);
  }

 private:
  objects::SiteCache cache_;
};

}  // namespace proto
