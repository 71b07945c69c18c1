// Definitions of PodMap; included by pod_map.h.
#pragma once

#include "runtime/avl/pod_map.h"

namespace proto::avl {

/// Writes entries in order into leaves of equal size.
template <class K, class V, class Memory, class Order>
class PodMap<K, V, Memory, Order>::Writer {
 public:
  Writer(const PodMap& map, uint64_t total, Leaves& out, bool appends = false)
      : map_(map), fill_(total, map.max_entries, appends), out_(out) {}
  ~Writer() {
    if (leaf_ != nullptr) map_.set_slope(*leaf_);
  }

  void operator()(const K& key, const V& value) {
    if (leaf_ == nullptr || leaf_->count == leaf_->capacity) start();
    leaf_->keys()[leaf_->count] = key;
    if constexpr (kValueBytes != 0) leaf_->values()[leaf_->count] = value;
    ++leaf_->count;
  }
  void run(const Leaf& from, uint32_t first, uint32_t count) {
    while (count > 0) {
      if (leaf_ == nullptr || leaf_->count == leaf_->capacity) start();
      const auto filled = static_cast<uint32_t>(leaf_->count);
      const uint32_t part = std::min(count, leaf_->capacity - filled);
      copy_run(*leaf_, filled, from, first, part);
      leaf_->count = filled + part;
      first += part;
      count -= part;
    }
  }

 private:
  void start() {
    if (leaf_ != nullptr) map_.set_slope(*leaf_);
    leaf_ = map_.new_leaf(fill_.take());
    out_.push_back(leaf_);
  }
  const PodMap& map_;
  BlockFill fill_;
  Leaves& out_;
  Leaf* leaf_ = nullptr;
};

template <class K, class V, class Memory, class Order>
typename PodMap<K, V, Memory, Order>::Leaf* PodMap<K, V, Memory, Order>::new_leaf(uint32_t capacity) const {
  auto* leaf = new (memory.allocate_leaf(leaf_bytes(capacity))) Leaf;
  leaf->owner = memory.leaf_header();
  leaf->capacity = capacity;
  return leaf;
}

template <class K, class V, class Memory, class Order>
void PodMap<K, V, Memory, Order>::set_slope(Leaf& leaf) const {
  if constexpr (kInterpolates) {
    const uint64_t spread = order.position(leaf.keys()[leaf.count - 1]) - order.position(leaf.keys()[0]);
    leaf.slope = spread == 0 ? 0.0f : static_cast<float>(leaf.count - 1) / static_cast<float>(spread);
  }
}

// First index in [from, to) whose key is not below `key`, else `to`; from < to. Branch-free: the loop's only branch is its
// end, which depends on the size alone.
template <class K, class V, class Memory, class Order>
uint32_t PodMap<K, V, Memory, Order>::search(const Leaf& leaf, uint32_t from, uint32_t to, const K& key) const {
  const K* base = leaf.keys() + from;
  for (uint32_t count = to - from; count > 1;) {
    const uint32_t half = count / 2;
    count -= half;
    base += order.less(base[half - 1], key) * half;
  }
  return static_cast<uint32_t>(base - leaf.keys()) + order.less(*base, key);
}

template <class K, class V, class Memory, class Order>
uint32_t PodMap<K, V, Memory, Order>::interpolate(const Leaf& leaf, const K& key) const {
  const auto count = static_cast<uint32_t>(leaf.count);
  const K* keys = leaf.keys();
  if (!order.less(keys[0], key)) return 0;
  const float expected = static_cast<float>(order.position(key) - order.position(keys[0])) * leaf.slope;
  const uint32_t guess = expected < static_cast<float>(count) ? static_cast<uint32_t>(expected) : count - 1;
  const uint32_t from = guess > kWindow ? guess - kWindow : 0;
  const uint32_t to = std::min(count, guess + kWindow);
  if constexpr (kValueBytes != 0) __builtin_prefetch(leaf.values() + guess);
  for (uint32_t i = from; i < to; i += 64 / sizeof(K)) __builtin_prefetch(keys + i);
  if (order.less(keys[to - 1], key)) return to == count ? count : search(leaf, to, count, key);
  if (from > 0 && !order.less(keys[from - 1], key)) return search(leaf, 0, from, key);
  return search(leaf, from, to, key);
}

template <class K, class V, class Memory, class Order>
uint32_t PodMap<K, V, Memory, Order>::lower_bound(const Leaf& leaf, const K& key) const {
  if constexpr (kInterpolates) {
    if (leaf.count > 4 * kWindow) return interpolate(leaf, key);
  }
  return search(leaf, 0, static_cast<uint32_t>(leaf.count), key);
}

template <class K, class V, class Memory, class Order>
typename PodMap<K, V, Memory, Order>::Leaf* PodMap<K, V, Memory, Order>::copy(const Leaf& leaf, uint32_t from, uint32_t to) const {
  Leaf* part = new_leaf(to - from);
  copy_run(*part, 0, leaf, from, to - from);
  part->count = to - from;
  set_slope(*part);
  return part;
}

template <class K, class V, class Memory, class Order>
void PodMap<K, V, Memory, Order>::concat(const Leaf& a, const Leaf& b, Leaves& out) const {
  Writer writer(*this, a.count + b.count, out);
  writer.run(a, 0, static_cast<uint32_t>(a.count));
  writer.run(b, 0, static_cast<uint32_t>(b.count));
}

template <class K, class V, class Memory, class Order>
void PodMap<K, V, Memory, Order>::build(std::span<const Item> items, Leaves& out) const {
  BlockFill fill(items.size(), max_entries);
  while (!fill.done()) {
    Leaf* leaf = new_leaf(fill.take());
    K* keys = leaf->keys();
    for (uint32_t i = 0; i < leaf->capacity; ++i) keys[i] = items[i].key;
    if constexpr (kValueBytes != 0) {
      V* values = leaf->values();
      for (uint32_t i = 0; i < leaf->capacity; ++i) values[i] = items[i].value;
    }
    leaf->count = leaf->capacity;
    set_slope(*leaf);
    items = items.subspan(leaf->capacity);
    out.push_back(leaf);
  }
}

// False when the change needs room that the leaf does not have.
template <class K, class V, class Memory, class Order>
bool PodMap<K, V, Memory, Order>::change_in_place(Leaf& leaf, const Change& change) const {
  const auto count = static_cast<uint32_t>(leaf.count);
  const uint32_t index = count == 0 ? 0 : lower_bound(leaf, change.key);
  const bool found = matches(leaf, index, change.key);
  K* keys = leaf.keys();
  if (change.kind == ChangeKind::kErase) {
    if (!found) return true;
    std::memmove(keys + index, keys + index + 1, (count - index - 1) * sizeof(K));
    if constexpr (kValueBytes != 0) {
      std::memmove(leaf.values() + index, leaf.values() + index + 1, (count - index - 1) * kValueBytes);
    }
    leaf.count = count - 1;
    return true;
  }
  if (!found) {
    if (count == leaf.capacity) return false;
    std::memmove(keys + index + 1, keys + index, (count - index) * sizeof(K));
    keys[index] = change.key;
    if constexpr (kValueBytes != 0) {
      std::memmove(leaf.values() + index + 1, leaf.values() + index, (count - index) * kValueBytes);
    }
    leaf.count = count + 1;
  }
  if constexpr (kValueBytes != 0) {
    if (!found || change.kind == ChangeKind::kUpsert) leaf.values()[index] = change.value;
  }
  return true;
}

// The way of a few changes to a leaf that has room: in place, in a copy if the leaf is not owned.
template <class K, class V, class Memory, class Order>
bool PodMap<K, V, Memory, Order>::apply_few(Leaf* leaf, bool owned, std::span<const Change> changes, Leaves& out) const {
  const auto count = static_cast<uint32_t>(leaf->count);
  const auto room = static_cast<uint32_t>(changes.size());
  if (changes.size() > 8 || count + room > max_entries || count <= room) return false;
  if (!owned || count + room > leaf->capacity) {
    Leaf* roomier = new_leaf(roomy(count + room));
    copy_run(*roomier, 0, *leaf, 0, count);
    roomier->count = count;
    roomier->slope = leaf->slope;
    leaf = roomier;
  }
  for (const Change& change : changes) PROTO_CHECK(change_in_place(*leaf, change));
  set_slope(*leaf);
  out.push_back(leaf);
  return true;
}

// One change of a leaf that is frozen or has no room: what stays is copied in runs.
template <class K, class V, class Memory, class Order>
void PodMap<K, V, Memory, Order>::apply_single(Leaf* leaf, const Change& change, Leaves& out) const {
  const auto count = static_cast<uint32_t>(leaf->count);
  const uint32_t index = lower_bound(*leaf, change.key);
  const bool found = matches(*leaf, index, change.key);
  const bool erases = change.kind == ChangeKind::kErase;
  if (erases ? !found : found && change.kind == ChangeKind::kInsert) return out.push_back(leaf);
  if (memory.leaves_room() && apply_few(leaf, false, {&change, 1}, out)) return;
  Writer writer(*this, count + (erases ? 0 : 1) - (found ? 1 : 0), out, index == count);
  writer.run(*leaf, 0, index);
  if (!erases) writer(change.key, change.value);
  writer.run(*leaf, index + found, count - index - found);
}

// Calls emit(key, value) for what results, in order; true if anything differs from the leaf.
template <class K, class V, class Memory, class Order>
template <class Emit>
bool PodMap<K, V, Memory, Order>::merge_changes(const Leaf* leaf, std::span<const Change> changes, Emit&& emit) const {
  bool changed = false;
  const auto count = leaf == nullptr ? 0 : static_cast<uint32_t>(leaf->count);
  uint32_t index = 0;
  for (const Change& change : changes) {
    while (index < count && order.less(leaf->keys()[index], change.key)) emit(leaf->keys()[index], value(*leaf, index)), ++index;
    const bool found = index < count && order.equal(leaf->keys()[index], change.key);
    const bool keeps = found && change.kind == ChangeKind::kInsert;
    if (keeps) {
      emit(change.key, value(*leaf, index));
    } else if (change.kind != ChangeKind::kErase) {
      emit(change.key, change.value);
    }
    changed |= found ? !keeps : change.kind != ChangeKind::kErase;
    index += found;
  }
  while (index < count) emit(leaf->keys()[index], value(*leaf, index)), ++index;
  return changed;
}

template <class K, class V, class Memory, class Order>
void PodMap<K, V, Memory, Order>::apply(Leaf* leaf, bool owned, std::span<const Change> changes, Leaves& out) const {
  if (leaf != nullptr && owned && apply_few(leaf, owned, changes, out)) return;
  if (leaf != nullptr && changes.size() == 1) return apply_single(leaf, changes.front(), out);
  uint64_t total = 0;
  const bool changed = merge_changes(leaf, changes, [&](const K&, const V&) { ++total; });
  if (!changed) {
    if (leaf != nullptr) out.push_back(leaf);
    return;
  }
  if (leaf != nullptr && apply_few(leaf, owned, changes, out)) return;
  const bool appends = leaf != nullptr && order.less(leaf->keys()[leaf->count - 1], changes.front().key);
  Writer writer(*this, total, out, appends);
  merge_changes(leaf, changes, writer);
}

template <class K, class V, class Memory, class Order>
template <class Emit>
void PodMap<K, V, Memory, Order>::merge_sets(SetOperation operation, const Leaf& a, const Leaf& b, uint32_t from, uint32_t to,
                              Emit&& emit) const {
  const auto count = static_cast<uint32_t>(a.count);
  const bool keep_a = operation != SetOperation::kIntersect;
  const bool keep_b = operation == SetOperation::kUnion;
  uint32_t i = 0;
  for (; from < to; ++from) {
    const K& key = b.keys()[from];
    for (; i < count && order.less(a.keys()[i], key); ++i) {
      if (keep_a) emit(a.keys()[i], value(a, i));
    }
    const bool both = i < count && order.equal(a.keys()[i], key);
    if (keep_b) emit(key, value(b, from));
    if (both && operation == SetOperation::kIntersect) emit(key, value(a, i));
    i += both;
  }
  for (; keep_a && i < count; ++i) emit(a.keys()[i], value(a, i));
}

template <class K, class V, class Memory, class Order>
void PodMap<K, V, Memory, Order>::combine(SetOperation operation, const Leaf& a, const Leaf& b, uint32_t from, uint32_t to,
                           Leaves& out) const {
  uint64_t total = 0;
  merge_sets(operation, a, b, from, to, [&](const K&, const V&) { ++total; });
  Writer writer(*this, total, out);
  merge_sets(operation, a, b, from, to, writer);
}

template <class K, class V, class Memory, class Order>
void PodMap<K, V, Memory, Order>::encode(const Leaf& leaf, std::string& out) const {
  put_fixed<uint8_t>(out, 1);
  put_varint(out, leaf.count);
  out.append(reinterpret_cast<const char*>(leaf.keys()), leaf.count * sizeof(K));
  if constexpr (kValueBytes != 0) out.append(reinterpret_cast<const char*>(leaf.values()), leaf.count * kValueBytes);
}

template <class K, class V, class Memory, class Order>
Result<typename PodMap<K, V, Memory, Order>::Leaf*> PodMap<K, V, Memory, Order>::decode(std::string_view bytes) const {
  ByteReader reader(bytes);
  const uint8_t format = reader.fixed<uint8_t>();
  const uint64_t count = reader.varint();
  constexpr size_t kEntryBytes = sizeof(K) + kValueBytes;
  if (!reader.ok() || format != 1 || count == 0 || reader.rest().size() % kEntryBytes != 0 ||
      reader.rest().size() / kEntryBytes != count || count > UINT32_MAX) {
    return Status(StatusCode::kCorruption, "a map leaf has the wrong size");
  }
  Leaf* leaf = new_leaf(static_cast<uint32_t>(count));
  leaf->count = count;
  std::memcpy(leaf->keys(), reader.bytes(count * sizeof(K)).data(), count * sizeof(K));
  if constexpr (kValueBytes != 0) {
    std::memcpy(leaf->values(), reader.bytes(count * kValueBytes).data(), count * kValueBytes);
  }
  for (uint64_t i = 1; i < count; ++i) {
    if (order.less(leaf->keys()[i - 1], leaf->keys()[i])) continue;
    free(leaf);
    return Status(StatusCode::kCorruption, "the keys of a map leaf are out of order");
  }
  set_slope(*leaf);
  return leaf;
}

template <class K, class V, class Memory, class Order>
Status PodMap<K, V, Memory, Order>::check(const Leaf& leaf) const {
  if (leaf.count > leaf.capacity) return Status(StatusCode::kCorruption, "a map leaf holds more than its room");
  if (leaf.count > max_entries) return Status(StatusCode::kCorruption, "a map leaf is too big");
  for (uint64_t i = 1; i < leaf.count; ++i) {
    if (!order.less(leaf.keys()[i - 1], leaf.keys()[i])) {
      return Status(StatusCode::kCorruption, "the keys of a map leaf are out of order");
    }
  }
  return {};
}

}  // namespace proto::avl
