// Leaf policy: a sorted set of byte strings, each with optional payload bytes: what secondary indexes are made of.
#pragma once

#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/avl/leaf_policy.h"
#include "runtime/base/coding.h"

namespace proto::avl {

/// The first eight bytes as a number that orders as the bytes do; shorter strings are padded with zeros.
inline uint64_t byte_head(std::string_view bytes) {
  if (bytes.size() >= 8) return byte_swap(load<uint64_t>(bytes.data()));
  uint64_t head = 0;
  std::memcpy(&head, bytes.data(), bytes.size());
  return byte_swap(head);
}

/// A byte string to search for, with its head computed once. A view.
struct ByteKey {
  std::string_view bytes;
  uint64_t head;
  ByteKey(std::string_view key) : bytes(key), head(byte_head(key)) {}  // NOLINT: implicit by design
  ByteKey(const std::string& key) : ByteKey(std::string_view(key)) {}  // NOLINT: implicit by design
};

/// Keys compare as bytes, a prefix before what it begins. A leaf cuts off the prefix that its keys share and keeps the
/// next eight bytes of each key apart as integers, so a search compares integers and looks at bytes only among equal ones.
/// An index entry is normalized key bytes + big-endian ObjectId; entries of an equal key are a key range, counted by rank.
struct ByteKeySet {
  static constexpr bool kStrictFill = false;  // entries of very different sizes can make a thin leaf unavoidable

  struct Leaf;
  /// A view of one entry; valid as long as the leaf.
  struct Entry {
    std::string_view prefix;   // shared with the leaf's other keys
    uint64_t head;             // the next min(8, rest_size) bytes
    uint32_t rest_size;        // bytes of the key after the prefix
    std::string_view tail;     // bytes of the key after prefix and head
    std::string_view payload;

    size_t key_size() const { return prefix.size() + rest_size; }
    void append_key(std::string& out) const;
    std::string key() const {
      std::string out;
      append_key(out);
      return out;
    }
    /// The last eight bytes of the key as a big-endian number (an ObjectId); the key has at least eight bytes.
    uint64_t suffix() const;
  };
  struct Item {
    std::string_view key;
    std::string_view payload = {};
  };
  struct Change {
    std::string_view key;
    std::string_view payload = {};
    ChangeKind kind = ChangeKind::kUpsert;
  };
  using Key = ByteKey;
  struct Scratch {
    std::string bytes;
  };

  /// Weight of a full leaf; an entry weighs its key and payload bytes and 16.
  uint32_t max_weight = 10 * 1024;

  // ---- reading ----
  int compare(const ByteKey& a, const ByteKey& b) const { return a.bytes.compare(b.bytes); }
  ByteKey change_key(const Change& change) const { return change.key; }
  ByteKey item_key(const Item& item) const { return item.key; }
  ByteKey key(const Leaf& leaf, uint32_t index, Scratch& room) const;
  Entry entry(const Leaf& leaf, uint32_t index) const;
  uint32_t lower_bound(const Leaf& leaf, const ByteKey& key) const;
  bool matches(const Leaf& leaf, uint32_t index, const ByteKey& key) const;
  bool same_entry(const Leaf& a, uint32_t i, const Leaf& b, uint32_t j) const;
  bool thin(const Leaf& leaf) const;

  // ---- separators: the shortest prefix that separates ----
  // `tail` is odd: (length << 1 | 1) in the low byte, bytes 8 to 14 of the separator above it; or a pointer to a LongTail.
  Separator separate(const Leaf& left, const Leaf& right) const;
  bool goes_right(const ByteKey& key, const Separator& separator) const {
    return key.head != separator.head ? key.head > separator.head : tail_goes_right(key.bytes, separator);
  }
  ByteKey separator_key(const Separator& separator, Scratch& room) const;
  Separator copy_separator(const Separator& separator) const;
  void free_separator(const Separator& separator) const;
  void encode_separator(const Separator& separator, std::string& out) const;
  bool decode_separator(ByteReader& reader, Separator& separator) const;

  // ---- surgery ----
  Leaf* copy(const Leaf& leaf, uint32_t from, uint32_t to) const;
  void concat(const Leaf& a, const Leaf& b, std::vector<Leaf*>& out) const;
  void build(std::span<const Item> items, std::vector<Leaf*>& out) const;
  void apply(Leaf* leaf, bool owned, std::span<const Change> changes, std::vector<Leaf*>& out) const;
  void combine(SetOperation operation, const Leaf& a, const Leaf& b, uint32_t from, uint32_t to,
               std::vector<Leaf*>& out) const;
  void free(Leaf* leaf) const;

  // ---- bytes: u8 format 1, varint count, string prefix, then per entry string rest of the key, string payload ----
  void encode(const Leaf& leaf, std::string& out) const;
  Result<Leaf*> decode(std::string_view bytes) const;
  Status check(const Leaf& leaf) const;

 private:
  static bool tail_goes_right(std::string_view key, const Separator& separator);
  static Separator make_separator(std::string_view bytes);
  void pack(std::span<const Item> items, std::vector<Leaf*>& out) const;
  bool apply_one(Leaf* leaf, bool owned, const Change& change, std::vector<Leaf*>& out) const;
};

/// Heads, slots, prefix and data lie behind this in one allocation.
struct ByteKeySet::Leaf : Node {
  struct Slot {
    uint32_t begin;      // of the entry's bytes in data: the key's tail, then, if flagged, u32 length and the payload
    uint32_t rest_size;  // of the key after the prefix; the top bit flags a payload
  };

  uint32_t capacity = 0;
  uint32_t prefix_size = 0;
  uint32_t data_size = 0;
  uint32_t data_capacity = 0;
  uint64_t weight = 0;

  const uint64_t* heads() const { return reinterpret_cast<const uint64_t*>(this + 1); }
  uint64_t* heads() { return reinterpret_cast<uint64_t*>(this + 1); }
  const Slot* slots() const { return reinterpret_cast<const Slot*>(heads() + capacity); }
  Slot* slots() { return reinterpret_cast<Slot*>(heads() + capacity); }
  const char* prefix_bytes() const { return reinterpret_cast<const char*>(slots() + capacity); }
  char* prefix_bytes() { return reinterpret_cast<char*>(slots() + capacity); }
  const char* data() const { return prefix_bytes() + prefix_size; }
  char* data() { return prefix_bytes() + prefix_size; }
  std::string_view prefix() const { return {prefix_bytes(), prefix_size}; }
};

}  // namespace proto::avl
