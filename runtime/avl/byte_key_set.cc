#include "runtime/avl/byte_key_set.h"

#include <algorithm>
#include <new>

#include "runtime/avl/block_memory.h"

namespace proto::avl {

using Leaf = ByteKeySet::Leaf;
using Entry = ByteKeySet::Entry;
using Item = ByteKeySet::Item;
using Slot = Leaf::Slot;

namespace {

constexpr uint32_t kPayloadFlag = uint32_t{1} << 31;
constexpr uint32_t kMaxStringSize = uint32_t{1} << 30;  // of a key or payload
constexpr size_t kEntryWeight = 16;
constexpr size_t kInlineSeparator = 15;

// The part of a separator after its first eight bytes, when it does not fit the inner node.
struct LongTail {
  uint32_t size;  // of the whole separator
  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  char* bytes() { return reinterpret_cast<char*>(this + 1); }
};

bool is_inline(const Separator& separator) { return (separator.tail & 1) != 0; }
const LongTail* long_tail(const Separator& separator) { return reinterpret_cast<const LongTail*>(separator.tail); }

size_t separator_size(const Separator& separator) {
  if (is_inline(separator)) return (separator.tail & 0xFF) >> 1;
  return separator.tail == 0 ? 0 : long_tail(separator)->size;
}

const char* separator_tail(const Separator& separator) {
  return is_inline(separator) ? reinterpret_cast<const char*>(&separator.tail) + 1 : long_tail(separator)->bytes();
}

size_t common_prefix(std::string_view a, std::string_view b) {
  const size_t size = std::min(a.size(), b.size());
  return static_cast<size_t>(std::mismatch(a.begin(), a.begin() + static_cast<ptrdiff_t>(size), b.begin()).first - a.begin());
}

void append_head(std::string& out, uint64_t head, size_t size) {
  const uint64_t big_endian = byte_swap(head);
  out.append(reinterpret_cast<const char*>(&big_endian), std::min<size_t>(size, 8));
}

uint64_t item_weight(const Item& item) { return item.key.size() + item.payload.size() + kEntryWeight; }

uint32_t rest_size(const Slot& slot) { return slot.rest_size & ~kPayloadFlag; }
uint32_t tail_size(uint32_t rest) { return rest > 8 ? rest - 8 : 0; }

// Bytes that an entry takes in data.
size_t data_bytes(size_t rest, std::string_view payload) {
  return tail_size(static_cast<uint32_t>(rest)) + (payload.empty() ? 0 : sizeof(uint32_t) + payload.size());
}

// Orders keys of one leaf whose heads are equal.
int compare_tails(uint32_t rest_a, const char* tail_a, uint32_t rest_b, const char* tail_b) {
  if (rest_a > 8 && rest_b > 8) {
    const int order = std::memcmp(tail_a, tail_b, std::min(rest_a, rest_b) - 8);
    if (order != 0) return order;
  }
  return rest_a < rest_b ? -1 : rest_a > rest_b;
}

size_t leaf_bytes(uint32_t capacity, size_t prefix_size, size_t data_capacity) {
  return sizeof(Leaf) + capacity * (sizeof(uint64_t) + sizeof(Slot)) + prefix_size + data_capacity;
}

Leaf* new_leaf(uint32_t capacity, std::string_view prefix, size_t data_capacity) {
  auto* leaf = new (allocate_block(leaf_bytes(capacity, prefix.size(), data_capacity))) Leaf;
  leaf->capacity = capacity;
  leaf->prefix_size = static_cast<uint32_t>(prefix.size());
  leaf->data_capacity = static_cast<uint32_t>(data_capacity);
  if (!prefix.empty()) std::memcpy(leaf->prefix_bytes(), prefix.data(), prefix.size());
  return leaf;
}

// Writes an entry's bytes at the end of data and its head and slot at `index`; there is room. `rest` is the key without
// the leaf's prefix.
void write_entry(Leaf& leaf, uint32_t index, std::string_view rest, std::string_view payload) {
  const auto size = static_cast<uint32_t>(rest.size());
  char* to = leaf.data() + leaf.data_size;
  leaf.heads()[index] = byte_head(rest);
  leaf.slots()[index] = {leaf.data_size, size | (payload.empty() ? 0 : kPayloadFlag)};
  if (size > 8) to = std::copy(rest.begin() + 8, rest.end(), to);
  if (!payload.empty()) {
    store(to, static_cast<uint32_t>(payload.size()));
    std::copy(payload.begin(), payload.end(), to + sizeof(uint32_t));
  }
  leaf.data_size += static_cast<uint32_t>(data_bytes(size, payload));
}

// One leaf of sorted items; their keys lose their first `cut` bytes, which are `prefix`, or have lost them before.
Leaf* make_leaf(std::span<const Item> items, std::string_view prefix, size_t cut) {
  size_t bytes = 0;
  for (const Item& item : items) bytes += data_bytes(item.key.size() - cut, item.payload);
  Leaf* leaf = new_leaf(static_cast<uint32_t>(items.size()), prefix, bytes);
  for (uint32_t i = 0; i < items.size(); ++i) {
    write_entry(*leaf, i, items[i].key.substr(cut), items[i].payload);
    leaf->weight += item_weight(items[i]) + (prefix.size() - cut);
  }
  leaf->count = items.size();
  return leaf;
}

Entry entry_at(const Leaf& leaf, uint32_t index) {
  const Slot slot = leaf.slots()[index];
  const char* bytes = leaf.data() + slot.begin;
  const uint32_t tail = tail_size(rest_size(slot));
  std::string_view payload;
  if ((slot.rest_size & kPayloadFlag) != 0) {
    payload = {bytes + tail + sizeof(uint32_t), load<uint32_t>(bytes + tail)};
  }
  return {leaf.prefix(), leaf.heads()[index], rest_size(slot), {bytes, tail}, payload};
}

int compare_entries(const Leaf& leaf, uint32_t index, uint64_t head, std::string_view rest) {
  const uint64_t own = leaf.heads()[index];
  if (own != head) return own < head ? -1 : 1;
  const Slot slot = leaf.slots()[index];
  const auto size = static_cast<uint32_t>(rest.size());
  return compare_tails(rest_size(slot), leaf.data() + slot.begin, size, size > 8 ? rest.data() + 8 : nullptr);
}

/// Full keys of leaves, put together in one place for a merge.
class Unpacked {
 public:
  Unpacked(const Leaf& leaf, uint32_t from, uint32_t to) { bytes_.reserve(leaf.weight), add(leaf, from, to); }
  explicit Unpacked(const Leaf* leaf) {
    if (leaf == nullptr) return;
    bytes_.reserve(leaf->weight);
    add(*leaf, 0, static_cast<uint32_t>(leaf->count));
  }
  const std::vector<Item>& items() const { return items_; }

 private:
  void add(const Leaf& leaf, uint32_t from, uint32_t to) {
    items_.reserve(to - from);
    for (uint32_t i = from; i < to; ++i) {
      const Entry entry = entry_at(leaf, i);
      const size_t begin = bytes_.size();
      entry.append_key(bytes_);
      items_.push_back({std::string_view(bytes_.data() + begin, bytes_.size() - begin), entry.payload});
    }
  }
  std::string bytes_;
  std::vector<Item> items_;
};

bool merge_changes(const std::vector<Item>& items, std::span<const ByteKeySet::Change> changes, std::vector<Item>& out) {
  bool changed = false;
  auto item = items.begin();
  for (const ByteKeySet::Change& change : changes) {
    int order = 1;
    while (item != items.end() && (order = item->key.compare(change.key)) < 0) out.push_back(*item++);
    const bool found = item != items.end() && order == 0;
    const bool keeps = found && (change.kind == ChangeKind::kInsert ||
                                 (change.kind == ChangeKind::kUpsert && item->payload == change.payload));
    if (keeps) {
      out.push_back(*item);
    } else if (change.kind != ChangeKind::kErase) {
      out.push_back({change.key, change.payload});
    }
    changed |= found ? !keeps : change.kind != ChangeKind::kErase;
    if (found) ++item;
  }
  out.insert(out.end(), item, items.end());
  return changed;
}

// A copy with room for more entries and data; the data without gaps that erased entries left.
Leaf* roomier_copy(const Leaf& leaf, size_t more_data) {
  const auto count = static_cast<uint32_t>(leaf.count);
  size_t bytes = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const Entry entry = entry_at(leaf, i);
    bytes += data_bytes(entry.rest_size, entry.payload);
  }
  Leaf* copy = new_leaf(count + count / 8 + 8, leaf.prefix(), bytes + bytes / 8 + 8 * more_data);
  std::copy_n(leaf.heads(), count, copy->heads());
  for (uint32_t i = 0; i < count; ++i) {
    const Entry entry = entry_at(leaf, i);
    const size_t size = data_bytes(entry.rest_size, entry.payload);
    if (size != 0) std::memcpy(copy->data() + copy->data_size, leaf.data() + leaf.slots()[i].begin, size);
    copy->slots()[i] = {copy->data_size, leaf.slots()[i].rest_size};
    copy->data_size += static_cast<uint32_t>(size);
  }
  copy->count = count;
  copy->weight = leaf.weight;
  return copy;
}

void remove_entry(Leaf& leaf, uint32_t index) {
  const auto count = static_cast<uint32_t>(leaf.count);
  const Entry entry = entry_at(leaf, index);
  leaf.weight -= entry.key_size() + entry.payload.size() + kEntryWeight;
  std::copy(leaf.heads() + index + 1, leaf.heads() + count, leaf.heads() + index);
  std::copy(leaf.slots() + index + 1, leaf.slots() + count, leaf.slots() + index);
  leaf.count = count - 1;
}

void insert_entry(Leaf& leaf, uint32_t index, std::string_view rest, std::string_view payload) {
  const auto count = static_cast<uint32_t>(leaf.count);
  std::copy_backward(leaf.heads() + index, leaf.heads() + count, leaf.heads() + count + 1);
  std::copy_backward(leaf.slots() + index, leaf.slots() + count, leaf.slots() + count + 1);
  write_entry(leaf, index, rest, payload);
  leaf.weight += leaf.prefix_size + rest.size() + payload.size() + kEntryWeight;
  leaf.count = count + 1;
}

}  // namespace

// ---- entries ----------------------------------------------------------------------------------------------------------

void ByteKeySet::Entry::append_key(std::string& out) const {
  out.append(prefix);
  append_head(out, head, rest_size);
  out.append(tail);
}

uint64_t ByteKeySet::Entry::suffix() const {
  PROTO_DCHECK(key_size() >= 8);
  if (tail.size() >= 8) return byte_swap(load<uint64_t>(tail.data() + tail.size() - 8));
  if (!tail.empty()) {
    // What stands before the first tail in a leaf are its slots and heads: eight bytes can be read.
    const size_t bits = 8 * tail.size();
    const auto last = byte_swap(load<uint64_t>(tail.data() + tail.size() - 8));
    return head << bits | (last & ((uint64_t{1} << bits) - 1));
  }
  uint64_t value = rest_size >= 8 ? head : rest_size == 0 ? 0 : head >> (64 - 8 * rest_size);
  for (uint32_t i = rest_size; i < 8; ++i) {
    value |= static_cast<uint64_t>(static_cast<uint8_t>(prefix[prefix.size() - 1 - (i - rest_size)])) << (8 * i);
  }
  return value;
}

ByteKey ByteKeySet::key(const Leaf& leaf, uint32_t index, Scratch& room) const {
  room.bytes.clear();
  entry_at(leaf, index).append_key(room.bytes);
  return room.bytes;
}

Entry ByteKeySet::entry(const Leaf& leaf, uint32_t index) const { return entry_at(leaf, index); }

uint32_t ByteKeySet::lower_bound(const Leaf& leaf, const ByteKey& key) const {
  const auto count = static_cast<uint32_t>(leaf.count);
  std::string_view rest = key.bytes;
  uint64_t head = key.head;
  if (leaf.prefix_size != 0) {
    const std::string_view start = rest.substr(0, leaf.prefix_size);
    const int order = start.compare(leaf.prefix());
    if (order != 0) return order < 0 ? 0 : count;
    rest.remove_prefix(leaf.prefix_size);
    head = byte_head(rest);
  }
  const uint64_t* base = leaf.heads();
  for (uint32_t n = count; n > 1;) {
    const uint32_t half = n / 2;
    n -= half;
    base += (base[half - 1] < head) * half;
  }
  auto index = static_cast<uint32_t>(base - leaf.heads()) + (*base < head);
  if (index == count || leaf.heads()[index] != head) return index;
  const uint64_t* equal_end = std::upper_bound(leaf.heads() + index, leaf.heads() + count, head);
  auto end = static_cast<uint32_t>(equal_end - leaf.heads());
  while (index < end) {
    const uint32_t middle = index + (end - index) / 2;
    if (compare_entries(leaf, middle, head, rest) < 0) {
      index = middle + 1;
    } else {
      end = middle;
    }
  }
  return index;
}

bool ByteKeySet::matches(const Leaf& leaf, uint32_t index, const ByteKey& key) const {
  if (index >= leaf.count || !key.bytes.starts_with(leaf.prefix())) return false;
  const std::string_view rest = key.bytes.substr(leaf.prefix_size);
  return compare_entries(leaf, index, byte_head(rest), rest) == 0;
}

bool ByteKeySet::same_entry(const Leaf& a, uint32_t i, const Leaf& b, uint32_t j) const {
  return entry_at(a, i).payload == entry_at(b, j).payload;
}

bool ByteKeySet::thin(const Leaf& leaf) const { return leaf.weight < max_weight / 4; }

// ---- separators ---------------------------------------------------------------------------------------------------------

Separator ByteKeySet::make_separator(std::string_view bytes) {
  Separator separator{byte_head(bytes), bytes.size() << 1 | 1};
  if (bytes.size() <= 8) return separator;
  const std::string_view tail = bytes.substr(8);
  if (bytes.size() <= kInlineSeparator) {
    std::memcpy(reinterpret_cast<char*>(&separator.tail) + 1, tail.data(), tail.size());
    return separator;
  }
  auto* out_of_line = new (::operator new(sizeof(LongTail) + tail.size())) LongTail{static_cast<uint32_t>(bytes.size())};
  std::memcpy(out_of_line->bytes(), tail.data(), tail.size());
  separator.tail = reinterpret_cast<uintptr_t>(out_of_line);
  return separator;
}

bool ByteKeySet::tail_goes_right(std::string_view key, const Separator& separator) {
  const auto size = static_cast<uint32_t>(separator_size(separator));
  const char* key_tail = key.size() > 8 ? key.data() + 8 : nullptr;
  const char* tail = size > 8 ? separator_tail(separator) : nullptr;
  return compare_tails(static_cast<uint32_t>(key.size()), key_tail, size, tail) >= 0;
}

Separator ByteKeySet::separate(const Leaf& left, const Leaf& right) const {
  Scratch left_room, right_room;
  const std::string_view last = key(left, static_cast<uint32_t>(left.count - 1), left_room).bytes;
  const std::string_view first = key(right, 0, right_room).bytes;
  return make_separator(first.substr(0, common_prefix(last, first) + 1));
}

ByteKey ByteKeySet::separator_key(const Separator& separator, Scratch& room) const {
  const size_t size = separator_size(separator);
  room.bytes.clear();
  append_head(room.bytes, separator.head, size);
  if (size > 8) room.bytes.append(separator_tail(separator), size - 8);
  return room.bytes;
}

Separator ByteKeySet::copy_separator(const Separator& separator) const {
  if (is_inline(separator) || separator.tail == 0) return separator;
  Scratch room;
  return make_separator(separator_key(separator, room).bytes);
}

void ByteKeySet::free_separator(const Separator& separator) const {
  if (!is_inline(separator)) ::operator delete(reinterpret_cast<void*>(separator.tail));
}

void ByteKeySet::encode_separator(const Separator& separator, std::string& out) const {
  Scratch room;
  put_string(out, separator_key(separator, room).bytes);
}

bool ByteKeySet::decode_separator(ByteReader& reader, Separator& separator) const {
  const std::string_view bytes = reader.string();
  if (!reader.ok() || bytes.empty() || bytes.size() > kMaxStringSize) return false;
  separator = make_separator(bytes);
  return true;
}

// ---- surgery --------------------------------------------------------------------------------------------------------------

// Leaves of about equal weight, none above the most by more than one entry.
void ByteKeySet::pack(std::span<const Item> items, std::vector<Leaf*>& out) const {
  uint64_t total = 0;
  for (const Item& item : items) total += item_weight(item);
  const uint64_t leaves = (total + max_weight - 1) / max_weight;
  uint64_t weight = 0, cut = 1;
  size_t begin = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    weight += item_weight(items[i]);
    if (weight < total * cut / leaves && i + 1 < items.size()) continue;
    const std::span<const Item> run = items.subspan(begin, i + 1 - begin);
    const size_t shared = run.size() == 1 ? 0 : common_prefix(run.front().key, run.back().key);
    out.push_back(make_leaf(run, run.front().key.substr(0, shared), shared));
    begin = i + 1;
    while (cut < leaves && total * cut / leaves <= weight) ++cut;
  }
}

Leaf* ByteKeySet::copy(const Leaf& leaf, uint32_t from, uint32_t to) const {
  const Unpacked part(leaf, from, to);
  const std::string_view first = part.items().front().key;
  const size_t shared = to - from == 1 ? 0 : common_prefix(first, part.items().back().key);
  return make_leaf(part.items(), first.substr(0, shared), shared);
}

void ByteKeySet::concat(const Leaf& a, const Leaf& b, std::vector<Leaf*>& out) const {
  const Unpacked left(&a), right(&b);
  std::vector<Item> items = left.items();
  items.insert(items.end(), right.items().begin(), right.items().end());
  pack(items, out);
}

void ByteKeySet::build(std::span<const Item> items, std::vector<Leaf*>& out) const {
  for (const Item& item : items) PROTO_CHECK(item.key.size() < kMaxStringSize && item.payload.size() < kMaxStringSize);
  pack(items, out);
}

// The way of a single change: in place, in a roomier copy if need be. False if the leaf must be laid out anew.
bool ByteKeySet::apply_one(Leaf* leaf, bool owned, const Change& change, std::vector<Leaf*>& out) const {
  const ByteKey key = change.key;
  const uint32_t index = lower_bound(*leaf, key);
  const bool found = matches(*leaf, index, key);
  const bool erase = change.kind == ChangeKind::kErase;
  if (found ? change.kind == ChangeKind::kInsert || (!erase && entry_at(*leaf, index).payload == change.payload) : erase) {
    out.push_back(leaf);
    return true;
  }
  const size_t weight = key.bytes.size() + change.payload.size() + kEntryWeight;
  if (erase ? leaf->count == 1 : !key.bytes.starts_with(leaf->prefix()) || leaf->weight + weight > max_weight) return false;
  const std::string_view rest = erase ? std::string_view() : key.bytes.substr(leaf->prefix_size);
  const size_t bytes = erase ? 0 : data_bytes(rest.size(), change.payload);
  const bool room = leaf->count < leaf->capacity && leaf->data_size + bytes <= leaf->data_capacity;
  if (!owned || (!erase && !room)) leaf = roomier_copy(*leaf, bytes);
  if (found) remove_entry(*leaf, index);
  if (!erase) insert_entry(*leaf, index, rest, change.payload);
  out.push_back(leaf);
  return true;
}

// A few changes go one by one; what cannot goes with all that follow into leaves laid out anew.
void ByteKeySet::apply(Leaf* leaf, bool owned, std::span<const Change> changes, std::vector<Leaf*>& out) const {
  Leaf* now = leaf;
  if (leaf != nullptr && changes.size() <= leaf->count / 8 + 1) {
    while (!changes.empty() && apply_one(now, owned || now != leaf, changes.front(), out)) {
      if (now != leaf && now != out.back()) free(now);
      now = out.back();
      out.pop_back();
      changes = changes.subspan(1);
    }
  }
  const Unpacked old(changes.empty() ? nullptr : now);
  std::vector<Item> items;
  items.reserve(old.items().size() + changes.size());
  if (!merge_changes(old.items(), changes, items)) {
    if (now != nullptr) out.push_back(now);
    return;
  }
  build(items, out);
  if (now != leaf) free(now);
}

void ByteKeySet::combine(SetOperation operation, const Leaf& a, const Leaf& b, uint32_t from, uint32_t to,
                         std::vector<Leaf*>& out) const {
  const Unpacked left(&a), right(b, from, to);
  std::vector<Item> items;
  const auto below = [](const Item& x, const Item& y) { return x.key < y.key; };
  const auto &x = left.items(), &y = right.items();
  if (operation == SetOperation::kUnion) {
    std::set_union(y.begin(), y.end(), x.begin(), x.end(), std::back_inserter(items), below);  // of equals, the first range's
  } else if (operation == SetOperation::kIntersect) {
    std::set_intersection(x.begin(), x.end(), y.begin(), y.end(), std::back_inserter(items), below);
  } else {
    std::set_difference(x.begin(), x.end(), y.begin(), y.end(), std::back_inserter(items), below);
  }
  pack(items, out);
}

void ByteKeySet::free(Leaf* leaf) const {
  free_block(leaf, leaf_bytes(leaf->capacity, leaf->prefix_size, leaf->data_capacity));
}

// ---- bytes ------------------------------------------------------------------------------------------------------------------

void ByteKeySet::encode(const Leaf& leaf, std::string& out) const {
  put_fixed<uint8_t>(out, 1);
  put_varint(out, leaf.count);
  put_string(out, leaf.prefix());
  for (uint32_t i = 0; i < leaf.count; ++i) {
    const Entry entry = entry_at(leaf, i);
    put_varint(out, entry.rest_size);
    append_head(out, entry.head, entry.rest_size);
    out.append(entry.tail);
    put_string(out, entry.payload);
  }
}

Result<Leaf*> ByteKeySet::decode(std::string_view bytes) const {
  const Status damaged(StatusCode::kCorruption, "a leaf of byte keys does not decode");
  ByteReader reader(bytes);
  const uint8_t format = reader.fixed<uint8_t>();
  const uint64_t count = reader.varint();
  const std::string_view prefix = reader.string();
  if (!reader.ok() || format != 1 || count == 0 || count > reader.rest().size() / 2) return damaged;
  std::vector<Item> items;
  items.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    const std::string_view rest = reader.string();
    const std::string_view payload = reader.string();
    if (!reader.ok() || (i > 0 && rest <= items.back().key)) return damaged;
    items.push_back({rest, payload});
  }
  if (!reader.at_end() || bytes.size() > kMaxStringSize) return damaged;
  return make_leaf(items, prefix, 0);
}

Status ByteKeySet::check(const Leaf& leaf) const {
  uint64_t weight = 0;
  for (uint32_t i = 0; i < leaf.count; ++i) {
    const Entry entry = entry_at(leaf, i);
    weight += entry.key_size() + entry.payload.size() + kEntryWeight;
    if (i == 0) continue;
    std::string rest;
    append_head(rest, entry.head, entry.rest_size);
    rest.append(entry.tail);
    if (compare_entries(leaf, i - 1, entry.head, rest) >= 0) {
      return Status(StatusCode::kCorruption, "the keys of a leaf are out of order");
    }
  }
  if (weight != leaf.weight) return Status(StatusCode::kCorruption, "a leaf's weight is not the sum of its entries'");
  if (leaf.data_size > leaf.data_capacity || leaf.count > leaf.capacity) {
    return Status(StatusCode::kCorruption, "a leaf holds more than its room");
  }
  return {};
}

}  // namespace proto::avl
