#include "runtime/object/internal/attribute_cache.h"

#include <pthread.h>

#include <memory>

namespace proto::objects {
namespace {

std::atomic<uint64_t> newest_generation{0};

uintptr_t lowest_address_of_stack() {
  pthread_attr_t attributes;
  void* lowest = nullptr;
  size_t bytes = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
  pthread_attr_getstack(&attributes, &lowest, &bytes);
  pthread_attr_destroy(&attributes);
  return reinterpret_cast<uintptr_t>(lowest);
}

}  // namespace

AttributeCache::AttributeCache()
    : generation_(newest_generation.fetch_add(1, std::memory_order_relaxed) + 1),
      stack_lowest_(lowest_address_of_stack()) {}

void AttributeCache::drop_caches() {
  entries_.fill(CacheEntry());
  transitions_.fill(Transition());
  roots_.fill(Root());
  generation_ = newest_generation.fetch_add(1, std::memory_order_relaxed) + 1;
}

AttributeCache& make_attribute_cache(Thread& thread) {
  auto cache = std::make_unique<AttributeCache>();
  AttributeCache& made = *cache;
  thread.set_extension(ThreadSlot::kAttributes, std::move(cache));
  return made;
}

}  // namespace proto::objects
