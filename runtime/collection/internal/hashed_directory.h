// The short way to an entry of a large collection.
//
// Hashes are spread evenly, so their top bits tell nearly where an entry stands. A directory has a slot for every few entries:
// the first place (leaf and index) whose hash begins with the slot's number, or a later one. It makes of a descent of ten
// nodes one step. It belongs to one version: once that version has been asked often enough to pay for it, it is made and
// hung into the root, which has a word for it. Nothing depends on it.
//
// The word. 0: never asked. Odd: twice the number of questions counted, plus 1 (one question in kSampling is). Else the cell.
// It is set once, by compare-and-set, with release; whoever finds the cell reads it with acquire. The cell is opaque to the
// collector: the leaves that it names are reached from the root.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "runtime/collection/internal/hashed_nodes.h"
#include "runtime/heap/barrier.h"

namespace proto::internal {

struct HashedDirectory : Cell {
  // header payload: number of bits of a hash that tell the slot
  static constexpr uint64_t kMinEntries = 512;
  static constexpr uint64_t kSampling = 16;
  static constexpr int kIndexShift = 48;  // a slot: address of the leaf, above it the index
  uint64_t slots[1];                      // really 2^bits

  static HashedDirectory* of(uint64_t word) {
    return word == 0 || (word & 1) != 0 ? nullptr : reinterpret_cast<HashedDirectory*>(word);
  }
  uint64_t slot(uint64_t hash) const { return slots[hash >> (64 - payload())]; }
};

/// Walks all leaves once. O(n).
template <class P>
HashedDirectory* make_directory(Context& ctx, Value collection) {
  const uint64_t bits = static_cast<uint64_t>(std::bit_width(entries_of(collection))) - 2;  // 2 to 4 entries a slot
  const size_t bytes = sizeof(Cell) + (uint64_t{8} << bits);
  auto* directory = allocate<HashedDirectory>(ctx, CellKind::kBlob, bytes, bits);
  uint64_t next = 0;  // slot
  uint64_t position = 0;
  for (;;) {
    uint64_t index = position;
    const auto* leaf = static_cast<const typename P::Leaf*>(leaf_at(root_of(collection), index));
    if (leaf == nullptr) return directory;
    for (uint64_t i = 0; i < leaf->count; ++i) {
      for (const uint64_t slot = leaf->keys()[i].hash >> (64 - bits); next <= slot; ++next) {
        directory->slots[next] = reinterpret_cast<uintptr_t>(leaf) | i << HashedDirectory::kIndexShift;
      }
    }
    position += leaf->count;
    ctx.safepoint();
  }
}

/// Counts a question to a collection that has no directory yet, and makes one if it is time.
template <class P>
[[gnu::noinline]] void count_question(Context& ctx, Value collection, std::atomic<uint64_t>& word) {
  uint64_t counted = word.load(std::memory_order_relaxed);
  if (counted != 0 && (counted & 1) == 0) return;
  uint64_t wanted = (counted | 1) + 2;
  constexpr uint64_t kPayback = 8;  // entries for each question that a directory must have been wanted for
  if (counted / 2 >= entries_of(collection) / (kPayback * HashedDirectory::kSampling) && !ctx.failed()) {
    const HashedDirectory* made = make_directory<P>(ctx, collection);
    note_escape(ctx, Value::cell(made));
    wanted = reinterpret_cast<uintptr_t>(made);
  }
  word.compare_exchange_strong(counted, wanted, std::memory_order_release, std::memory_order_relaxed);
}

/// Where the key stands in the leaf at or after the index, if it is there. `beyond`: it may be in a later leaf.
template <class P>
Found<P> find_from(Context& ctx, const typename P::Leaf& leaf, uint32_t index, const HashedKey& key, bool& beyond) {
  const HashedKey* keys = leaf.keys();
  const auto count = static_cast<uint32_t>(leaf.count);
  while (index < count && keys[index].hash < key.hash) ++index;
  for (; index < count && keys[index].hash == key.hash; ++index) {
    if (proto::equal(ctx, keys[index].value, key.value)) return {&leaf, index};
  }
  beyond = index == count;
  return {};
}

/// Small collections are looked through for the same word before anything is hashed.
inline constexpr uint32_t kScannedEntries = 8;

/// Where the value stands. May make a directory, hence allocate. O(log n), with a directory O(1).
template <class P>
Found<P> find_value(Context& ctx, Value collection, Value value) {
  avl::Node* root = root_of(collection);
  if (root == nullptr) return {};
  if (root->count <= kScannedEntries) {
    const auto& leaf = *static_cast<const typename P::Leaf*>(root);
    for (uint32_t i = 0; i < leaf.count; ++i) {
      if (leaf.keys()[i].value == value) return {&leaf, i};
    }
  }
  const HashedKey key = hashed_key(ctx, value);
  if constexpr (!P::kAddsUp) {
    if (root->count >= HashedDirectory::kMinEntries) {
      if (const auto* directory = HashedDirectory::of(root->address.load(std::memory_order_acquire))) {
        const uint64_t slot = directory->slot(key.hash);
        if (slot == 0) return {};
        const auto& leaf = *reinterpret_cast<const typename P::Leaf*>(slot << 16 >> 16);
        bool beyond = false;
        const Found<P> found = find_from<P>(ctx, leaf, static_cast<uint32_t>(slot >> HashedDirectory::kIndexShift), key, beyond);
        if (__builtin_expect(!beyond, 1)) return found;
      } else if ((key.hash >> 8) % HashedDirectory::kSampling == 0) {
        count_question<P>(ctx, collection, root->address);
      }
    }
  }
  return find_key<P>(ctx, root, key);
}

}  // namespace proto::internal
