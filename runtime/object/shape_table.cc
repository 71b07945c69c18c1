#include "runtime/object/internal/shape_table.h"

#include <algorithm>

#include "runtime/heap/weak.h"
#include "runtime/value/operations.h"

namespace proto::objects {

ShapeTable::Key ShapeTable::child_key(Shape* parent, Value name) {
  const uint64_t hash = combine_hash(reinterpret_cast<uintptr_t>(parent), name.word());
  return {parent, name, {}, hash};
}

ShapeTable::Key ShapeTable::root_key(std::span<const Value> prototypes) {
  uint64_t hash = prototypes.size();
  for (const Value prototype : prototypes) hash = combine_hash(hash, prototype.word());
  return {nullptr, Value(), prototypes, hash};
}

ShapeTable::Key ShapeTable::key_of(Shape* shape) {
  return shape->is_root() ? root_key(shape->root->parents()) : child_key(shape->parent, shape->name);
}

// Reads the shape, which may be dead, but is not freed before sweep() dropped it.
bool ShapeTable::matches(const Entry& entry, const Key& key) {
  if (entry.hash != key.hash) return false;
  const Shape* shape = entry.shape;
  if (shape->is_root() != (key.parent == nullptr)) return false;
  if (key.parent != nullptr) return shape->parent == key.parent && shape->name == key.name;
  return std::ranges::equal(shape->root->parents(), key.prototypes);
}

ShapeTable::Entry* ShapeTable::find_entry(Shard& shard, const Key& key) {
  if (shard.entries.empty()) return nullptr;
  const size_t mask = shard.entries.size() - 1;
  for (size_t at = key.hash & mask;; at = (at + 1) & mask) {
    Entry& entry = shard.entries[at];
    if (entry.shape == nullptr) return nullptr;
    if (matches(entry, key)) return &entry;
  }
}

void ShapeTable::insert(Shard& shard, Entry entry) {
  const size_t mask = shard.entries.size() - 1;
  size_t at = entry.hash & mask;
  while (shard.entries[at].shape != nullptr) at = (at + 1) & mask;
  shard.entries[at] = entry;
  ++shard.used;
}

void ShapeTable::grow(Shard& shard) {
  std::vector<Entry> old = std::move(shard.entries);
  shard.entries.assign(std::max<size_t>(16, old.size() * 2), Entry());
  shard.used = 0;
  for (const Entry& entry : old) {
    if (entry.shape != nullptr) insert(shard, entry);
  }
}

Shape* ShapeTable::find(Context& ctx, const Key& key) {
  Shard& shard = shard_of(key.hash);
  const std::lock_guard lock(shard.mutex);
  Entry* entry = find_entry(shard, key);
  return entry != nullptr && heap::revive(ctx, entry->shape) ? entry->shape : nullptr;
}

Shape* ShapeTable::find(Context& ctx, Shape* parent, Value name) { return find(ctx, child_key(parent, name)); }

RootShape* ShapeTable::find(Context& ctx, std::span<const Value> prototypes) {
  return static_cast<RootShape*>(find(ctx, root_key(prototypes)));
}

Shape* ShapeTable::enter(Context& ctx, Shape* shape) {
  heap::leave_to_collector(ctx, Value::cell(shape));
  const Key key = key_of(shape);
  Shard& shard = shard_of(key.hash);
  const std::lock_guard lock(shard.mutex);
  Entry* entry = find_entry(shard, key);
  if (entry != nullptr && heap::revive(ctx, entry->shape)) return entry->shape;
  if (shape->parent != nullptr) shape->parent->transitions.fetch_add(1, std::memory_order_relaxed);
  if (entry != nullptr) {
    // The dead one's child count is corrected here, since sweep() will not meet it.
    if (shape->parent != nullptr) shape->parent->transitions.fetch_sub(1, std::memory_order_relaxed);
    entry->shape = shape;
    return shape;
  }
  if ((shard.used + 1) * 4 > shard.entries.size() * 3) grow(shard);
  insert(shard, {key.hash, shape});
  return shape;
}

void ShapeTable::sweep(Shard& shard, Space& space) {
  const std::lock_guard lock(shard.mutex);
  std::vector<Entry> old = std::move(shard.entries);
  const auto dead = [&](const Entry& entry) {
    if (entry.shape != nullptr && heap::is_live(space, entry.shape)) return false;
    if (entry.shape != nullptr && entry.shape->parent != nullptr) {
      entry.shape->parent->transitions.fetch_sub(1, std::memory_order_relaxed);
    }
    return true;
  };
  std::erase_if(old, dead);
  size_t capacity = 16;
  while (old.size() * 2 > capacity) capacity *= 2;
  shard.entries.assign(old.empty() ? 0 : capacity, Entry());
  shard.used = 0;
  for (const Entry& entry : old) insert(shard, entry);
}

void ShapeTable::sweep(Space& space) {
  for (Shard& shard : shards_) sweep(shard, space);
}

size_t ShapeTable::size() {
  size_t total = 0;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    total += shard.used;
  }
  return total;
}

}  // namespace proto::objects
