#include "vector/list_block.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "runtime/base/check.h"

namespace protobase::vector {
namespace {

using proto::avl::ChangeKind;
using proto::avl::Separator;

constexpr std::align_val_t kAlignment{64};
constexpr size_t kBlockBytes = 64 * 1024;
constexpr uint32_t kFewestEntries = 16;
constexpr uint32_t kMostEntries = 256;

size_t entry_bytes(size_t dimension) {
  return dimension * sizeof(float) + sizeof(proto::ObjectId) + sizeof(ListId);
}

uint32_t entries_per_block(uint32_t dimension) {
  return static_cast<uint32_t>(std::clamp<size_t>(kBlockBytes / entry_bytes(dimension), kFewestEntries, kMostEntries));
}

/// Room for a few more, for an edit that goes on inserting.
uint32_t with_slack(size_t count, uint32_t limit) {
  return static_cast<uint32_t>(std::max(count, std::min<size_t>(limit, count + count / 8 + 1)));
}

}  // namespace

ListPolicy::ListPolicy(uint32_t dimension) : ListPolicy(dimension, entries_per_block(dimension)) {}

ListPolicy::ListPolicy(uint32_t dimension, uint32_t max_entries) : dimension_(dimension), max_entries_(max_entries) {
  PROTO_CHECK(dimension >= 1 && max_entries >= 4 && max_entries <= kMaxBlockEntries);
}

ListBlock* ListPolicy::allocate(uint32_t capacity) const {
  const size_t bytes = sizeof(ListBlock) + capacity * entry_bytes(dimension_) + 8;  // 8: the ids' alignment
  auto* leaf = new (::operator new(bytes, kAlignment)) ListBlock;
  leaf->capacity = capacity;
  leaf->dimension = dimension_;
  return leaf;
}

void ListPolicy::free(Leaf* leaf) const {
  leaf->~ListBlock();
  ::operator delete(static_cast<void*>(leaf), kAlignment);
}

void ListPolicy::put(Leaf& leaf, uint32_t index, const Item& item) const {
  leaf.lists()[index] = item.key.list;
  leaf.ids()[index] = item.key.id;
  std::memcpy(leaf.vectors() + size_t{index} * dimension_, item.vector, dimension_ * sizeof(float));
}

ListBlock* ListPolicy::make(std::span<const Item> items, uint32_t capacity) const {
  Leaf* leaf = allocate(capacity);
  for (size_t i = 0; i < items.size(); ++i) put(*leaf, static_cast<uint32_t>(i), items[i]);
  leaf->count = items.size();
  return leaf;
}

ListBlock* ListPolicy::copy(const Leaf& leaf, uint32_t from, uint32_t to) const {
  PROTO_DCHECK(from < to && to <= leaf.count);
  const uint32_t count = to - from;
  Leaf* made = allocate(count);
  std::memcpy(made->lists(), leaf.lists() + from, count * sizeof(ListId));
  std::copy_n(leaf.ids() + from, count, made->ids());
  std::memcpy(made->vectors(), leaf.vector(from), size_t{count} * dimension_ * sizeof(float));
  made->count = count;
  return made;
}

void ListPolicy::concat(const Leaf& a, const Leaf& b, std::vector<Leaf*>& out) const {
  std::vector<Item> items;
  items.reserve(a.count + b.count);
  for (uint32_t i = 0; i < a.count; ++i) items.push_back(entry(a, i));
  for (uint32_t i = 0; i < b.count; ++i) items.push_back(entry(b, i));
  build(items, out);
}

void ListPolicy::build(std::span<const Item> items, std::vector<Leaf*>& out) const {
  const size_t leaf_count = (items.size() + max_entries_ - 1) / max_entries_;
  for (size_t i = 0; i < leaf_count; ++i) {
    const size_t from = items.size() * i / leaf_count;
    const size_t to = items.size() * (i + 1) / leaf_count;
    out.push_back(make(items.subspan(from, to - from), static_cast<uint32_t>(to - from)));
  }
}

void ListPolicy::encode(const Leaf& leaf, std::string& out) const {
  proto::put_fixed(out, static_cast<uint32_t>(leaf.count));
  proto::put_fixed(out, dimension_);
  const auto append = [&](const void* from, size_t bytes) { out.append(static_cast<const char*>(from), bytes); };
  append(leaf.lists(), leaf.count * sizeof(ListId));
  append(leaf.ids(), leaf.count * sizeof(proto::ObjectId));
  append(leaf.vectors(), leaf.count * dimension_ * sizeof(float));
}

proto::Result<ListBlock*> ListPolicy::decode(std::string_view bytes) const {
  proto::ByteReader reader(bytes);
  const uint32_t count = reader.fixed<uint32_t>();
  const uint32_t dimension = reader.fixed<uint32_t>();
  if (!reader.ok() || dimension != dimension_ || count == 0 || count > kMaxBlockEntries ||
      reader.rest().size() != count * entry_bytes(dimension)) {
    return Status(StatusCode::kCorruption, "a block of a vector index has the wrong length or dimension");
  }
  Leaf* leaf = allocate(count);
  std::memcpy(leaf->lists(), reader.bytes(count * sizeof(ListId)).data(), count * sizeof(ListId));
  std::memcpy(static_cast<void*>(leaf->ids()), reader.bytes(count * sizeof(uint64_t)).data(), count * sizeof(uint64_t));
  std::memcpy(leaf->vectors(), reader.rest().data(), reader.rest().size());
  leaf->count = count;
  if (Status status = check(*leaf); !status.ok()) {
    free(leaf);
    return status;
  }
  return leaf;
}

proto::Status ListPolicy::check(const Leaf& leaf) const {
  const auto corrupt = [](const char* what) { return Status(StatusCode::kCorruption, what); };
  if (leaf.count == 0 || leaf.count > leaf.capacity) return corrupt("a block of a vector index has a wrong count");
  if (leaf.dimension != dimension_) return corrupt("a block of a vector index has a wrong dimension");
  for (uint32_t i = 0; i < leaf.count; ++i) {
    if (leaf.lists()[i] >= Quantizer::kMaxLists) return corrupt("a list number of a vector index is out of range");
    if (i > 0 && !(leaf.key(i - 1) < leaf.key(i))) return corrupt("a block of a vector index is out of order");
  }
  return {};
}

uint32_t ListPolicy::lower_bound(const Leaf& leaf, const Key& key) const {
  uint32_t from = 0, count = static_cast<uint32_t>(leaf.count);
  while (count > 0) {
    const uint32_t half = count / 2;
    const bool below = leaf.key(from + half) < key;
    from = below ? from + half + 1 : from;
    count = below ? count - half - 1 : half;
  }
  return from;
}

bool ListPolicy::same_entry(const Leaf& a, uint32_t i, const Leaf& b, uint32_t j) const {
  return std::memcmp(a.vector(i), b.vector(j), dimension_ * sizeof(float)) == 0;
}

void ListPolicy::apply(Leaf* leaf, bool owned, std::span<const Change> changes, std::vector<Leaf*>& out) const {
  if (leaf != nullptr && owned && changes.size() == 1 && apply_in_place(*leaf, changes[0])) {
    out.push_back(leaf);
    return;
  }
  std::vector<Item> merged;
  if (!merge(leaf, changes, merged)) {
    if (leaf != nullptr) out.push_back(leaf);
  } else if (!merged.empty() && merged.size() <= max_entries_) {
    out.push_back(make(merged, with_slack(merged.size(), max_entries_)));
  } else {
    build(merged, out);
  }
}

/// Entries from `from` on move to `to`; the caller sets the count.
void ListPolicy::shift(Leaf& leaf, uint32_t from, uint32_t to) const {
  const size_t moved = leaf.count - from;
  std::memmove(leaf.lists() + to, leaf.lists() + from, moved * sizeof(ListId));
  std::memmove(static_cast<void*>(leaf.ids() + to), leaf.ids() + from, moved * sizeof(proto::ObjectId));
  std::memmove(leaf.vectors() + size_t{to} * dimension_, leaf.vector(from), moved * dimension_ * sizeof(float));
}

/// True when done; false when the block has no room or would become empty.
bool ListPolicy::apply_in_place(Leaf& leaf, const Change& change) const {
  const uint32_t index = lower_bound(leaf, change.key);
  const bool present = matches(leaf, index, change.key);
  if (change.kind == ChangeKind::kErase) {
    if (!present) return true;
    if (leaf.count == 1) return false;
    shift(leaf, index + 1, index);
    leaf.count = leaf.count - 1;
    return true;
  }
  if (present) {
    if (change.kind == ChangeKind::kUpsert) put(leaf, index, {change.key, change.vector});
    return true;
  }
  if (leaf.count == leaf.capacity || leaf.count >= max_entries_) return false;
  shift(leaf, index, index + 1);
  put(leaf, index, {change.key, change.vector});
  leaf.count = leaf.count + 1;
  return true;
}

/// Puts the block's entries and the changes together, as views. False when the changes change nothing.
bool ListPolicy::merge(const Leaf* leaf, std::span<const Change> changes, std::vector<Item>& merged) const {
  const uint32_t count = leaf == nullptr ? 0 : static_cast<uint32_t>(leaf->count);
  merged.reserve(count + changes.size());
  bool changed = false;
  uint32_t at = 0;
  for (const Change& change : changes) {
    while (at < count && leaf->key(at) < change.key) merged.push_back(entry(*leaf, at++));
    const bool present = at < count && leaf->key(at) == change.key;
    const bool erase = change.kind == ChangeKind::kErase;
    const bool keep_old = present && change.kind == ChangeKind::kInsert;
    if (keep_old) merged.push_back(entry(*leaf, at));
    if (!erase && !keep_old) merged.push_back({change.key, change.vector});
    changed |= erase ? present : !keep_old;
    at += present;
  }
  while (at < count) merged.push_back(entry(*leaf, at++));
  return changed;
}

void ListPolicy::encode_separator(const Separator& separator, std::string& out) const {
  proto::put_varint(out, separator.head);
  proto::put_varint(out, separator.tail);
}

bool ListPolicy::decode_separator(proto::ByteReader& reader, Separator& separator) const {
  separator.head = reader.varint();
  separator.tail = reader.varint();
  return reader.ok() && separator.head < Quantizer::kMaxLists;
}

}  // namespace protobase::vector
