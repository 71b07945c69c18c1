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

/// Bytes of an entry on disk.
size_t entry_bytes(size_t dimension) { return dimension * sizeof(float) + sizeof(proto::ObjectId) + sizeof(ListId); }

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

size_t ListBlock::memory_bytes(size_t capacity, size_t dimension) {
  const size_t sketch = sketch_pays(dimension) ? sketch_stride(dimension) + sizeof(SketchNumbers) : 0;
  return sizeof(ListBlock) + vector_bytes(capacity, dimension) +
         capacity * (sketch + sizeof(proto::ObjectId) + sizeof(ListId));
}

std::array<ListBlock::Column, ListBlock::kColumns> ListBlock::columns() {
  char* const base = reinterpret_cast<char*>(this);
  char* const numbers = base + numbers_offset();
  char* const ids = base + ids_offset();
  const size_t code_width = has_sketches() ? sketch_stride(dimension) : 0;
  const size_t number_width = has_sketches() ? sizeof(float) : 0;
  const size_t number_bytes = capacity * number_width;
  return {{{base + sizeof(ListBlock), dimension * sizeof(float)},
           {base + codes_offset(), code_width},
           {numbers, number_width},
           {numbers + number_bytes, number_width},
           {numbers + 2 * number_bytes, number_width},
           {numbers + 3 * number_bytes, number_width},
           {ids, sizeof(proto::ObjectId)},
           {ids + capacity * sizeof(proto::ObjectId), sizeof(ListId)}}};
}

SketchRows ListBlock::sketches(size_t index) const {
  const float* const numbers = reinterpret_cast<const float*>(at(numbers_offset())) + index;
  return {reinterpret_cast<const uint8_t*>(at(codes_offset())) + index * sketch_stride(dimension), numbers,
          numbers + capacity, numbers + 2 * size_t{capacity}, numbers + 3 * size_t{capacity}};
}

ListBlock* ListPolicy::allocate(uint32_t capacity) const {
  auto* leaf = new (::operator new(ListBlock::memory_bytes(capacity, dimension_), kAlignment)) ListBlock;
  leaf->capacity = capacity;
  leaf->dimension = dimension_;
  return leaf;
}

void ListPolicy::free(Leaf* leaf) const {
  leaf->~ListBlock();
  ::operator delete(static_cast<void*>(leaf), kAlignment);
}

void ListPolicy::put(Leaf& leaf, uint32_t index, const Item& item) const {
  const auto columns = leaf.columns();
  proto::store(columns[7].entry(index), item.key.list);
  proto::store(columns[6].entry(index), item.key.id.value);
  std::memcpy(columns[0].entry(index), item.vector, columns[0].width);
  if (!leaf.has_sketches()) return;
  if (item.block != nullptr) {
    const auto from = item.block->columns();
    for (size_t c = 1; c <= 5; ++c) std::memcpy(columns[c].entry(index), from[c].entry(item.index), columns[c].width);
    return;
  }
  sketch(leaf, index);
}

/// Makes the sketch of an entry from its vector.
void ListPolicy::sketch(Leaf& leaf, uint32_t index) const {
  const auto columns = leaf.columns();
  const SketchNumbers numbers =
      make_sketch(std::span(leaf.vector(index), dimension_), reinterpret_cast<uint8_t*>(columns[1].entry(index)));
  proto::store(columns[2].entry(index), numbers.scale);
  proto::store(columns[3].entry(index), numbers.offset);
  proto::store(columns[4].entry(index), numbers.norm_squared);
  proto::store(columns[5].entry(index), numbers.error);
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
  const auto source = leaf.columns(), target = made->columns();
  for (size_t c = 0; c < ListBlock::kColumns; ++c) {
    std::memcpy(target[c].base, source[c].entry(from), count * source[c].width);
  }
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
  const auto columns = leaf->columns();
  for (const size_t c : {size_t{7}, size_t{6}, size_t{0}}) {  // lists, ids, vectors
    const std::string_view part = reader.bytes(count * columns[c].width);
    std::memcpy(columns[c].base, part.data(), part.size());
  }
  leaf->count = count;
  if (leaf->has_sketches()) {
    for (uint32_t i = 0; i < count; ++i) sketch(*leaf, i);
  }
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
  // All lines of the list numbers at once, or each step of the search would wait for its own.
  for (uint32_t i = 0; i < count; i += 64 / sizeof(ListId)) __builtin_prefetch(leaf.lists() + i);
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
  for (const auto& column : leaf.columns()) std::memmove(column.entry(to), column.entry(from), moved * column.width);
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
