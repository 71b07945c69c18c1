// Union, intersection and difference of two collections.
//
// The tree's own way (avl::Edit::combine) skips what the two share, and takes a small one apart only where the other is: best for
// versions of one collection, and for unequal sizes. Two collections of like size that share little are merged in one walk
// through the leaves of both, without a branch that could be foreseen wrongly.
#pragma once

#include <algorithm>
#include <cstdint>

#include "runtime/collection/internal/hashed_edit.h"

namespace proto::internal {

/// Walks the leaves of a collection.
template <class P>
struct LeafWalk {
  Value collection;
  const typename P::Leaf* leaf = nullptr;
  uint32_t index = 0;
  uint32_t count = 0;  // of the leaf; 0 when there is none
  uint64_t next = 0;   // position of the first entry after the leaf

  explicit LeafWalk(Value from) : collection(from) { step(); }
  void step() {
    uint64_t position = next;
    leaf = static_cast<const typename P::Leaf*>(leaf_at(root_of(collection), position));
    index = 0;
    count = leaf == nullptr ? 0 : static_cast<uint32_t>(leaf->count);
    next += count;
  }
};

/// One walk through two collections; where both have a key, the entry is the first one's (kUnion: the second one's).
template <class P, avl::SetOperation kOperation>
class HashedMerge {
 public:
  HashedMerge(Context& ctx, Value a, Value b) : ctx_(ctx), writer_(ctx), a_(a), b_(b) {}

  Value run() {
    while (a_.leaf != nullptr && b_.leaf != nullptr) {
      ctx_.safepoint();
      merge();
      if (a_.index == a_.count) a_.step();
      if (b_.index == b_.count) b_.step();
      if (filled_ == P::kLeafEntries) flush();
    }
    if (kOperation != avl::SetOperation::kIntersect) copy_rest(a_);
    if (kOperation == avl::SetOperation::kUnion) copy_rest(b_);
    flush();
    return writer_.finish();
  }

 private:
  static constexpr bool kUnites = kOperation == avl::SetOperation::kUnion;
  static constexpr bool kIntersects = kOperation == avl::SetOperation::kIntersect;

  // One of two pointers, without a branch.
  template <class T>
  static const T* choose(bool second, const T* a, const T* b) {
    const auto first_word = reinterpret_cast<uintptr_t>(a);
    const auto second_word = reinterpret_cast<uintptr_t>(b);
    return reinterpret_cast<const T*>(first_word ^ ((first_word ^ second_word) & -uintptr_t{second}));
  }

  // Until a leaf ends or the room for results is full. First as if keys of one hash had one word; that there was another
  // case is seen in the end, and all is done again.
  void merge() {
    const uint32_t left = a_.index, right = b_.index, filled = filled_;
    if (merge_as_words()) return;
    a_.index = left, b_.index = right, filled_ = filled;
    merge_as_values();
  }
  bool merge_as_words() {
    uint64_t unsure = 0;
    merge([&unsure](const HashedKey& left, const HashedKey& right, bool&, bool&) {
      unsure |= uint64_t{left.value != right.value} & uint64_t{left.hash == right.hash};
    });
    return unsure == 0;
  }
  [[gnu::noinline]] void merge_as_values() {
    const HashedOrder order{&ctx_};
    merge([&order](const HashedKey& left, const HashedKey& right, bool& takes_left, bool& takes_right) {
      takes_left = !order.less(right, left);
      takes_right = !order.less(left, right);
    });
  }

  template <class Decide>
  void merge(Decide&& decide) {
    const HashedKey* left = a_.leaf->keys() + a_.index;
    const HashedKey* right = b_.leaf->keys() + b_.index;
    const HashedKey* const left_end = a_.leaf->keys() + a_.count;
    const HashedKey* const right_end = b_.leaf->keys() + b_.count;
    uint32_t filled = filled_;
    while (left != left_end && right != right_end && filled < P::kLeafEntries) {
      bool takes_left = left->hash <= right->hash;
      bool takes_right = right->hash <= left->hash;
      decide(*left, *right, takes_left, takes_right);
      const bool from_right = kUnites && takes_right;
      keys_[filled] = *choose(from_right, left, right);
      if constexpr (P::kHasValues) values_[filled] = *choose(from_right, value_of(a_, left), value_of(b_, right));
      filled += kUnites ? 1 : kIntersects ? (takes_left & takes_right) : !takes_right;
      left += takes_left;
      right += takes_right;
    }
    a_.index = static_cast<uint32_t>(left - a_.leaf->keys());
    b_.index = static_cast<uint32_t>(right - b_.leaf->keys());
    filled_ = filled;
  }
  static const Value* value_of(const LeafWalk<P>& walk, const HashedKey* key) {
    return walk.leaf->values() + (key - walk.leaf->keys());
  }

  void copy_rest(LeafWalk<P>& from) {
    for (; from.leaf != nullptr; from.step()) {
      ctx_.safepoint();
      while (from.index < from.count) {
        if (filled_ == P::kLeafEntries) flush();
        const uint32_t run = std::min(from.count - from.index, P::kLeafEntries - filled_);
        std::copy_n(from.leaf->keys() + from.index, run, keys_ + filled_);
        if constexpr (P::kHasValues) std::copy_n(from.leaf->values() + from.index, run, values_ + filled_);
        from.index += run, filled_ += run;
      }
    }
  }
  void flush() {
    if (filled_ != 0) writer_.add_leaf(keys_, values_, filled_);
    filled_ = 0;
  }

  Context& ctx_;
  HashedWriter<P> writer_;
  LeafWalk<P> a_, b_;
  uint32_t filled_ = 0;
  HashedKey keys_[P::kLeafEntries];
  Value values_[P::kHasValues ? P::kLeafEntries : 1];
};

/// True if most leaves of the two are the same, judged by a few.
template <class P>
bool share_most(const avl::Node* a, const avl::Node* b) {
  constexpr uint64_t kSamples = 16;
  const auto leaf_of = [](const avl::Node* node, uint64_t hash) {
    while (!node->is_leaf()) {
      const auto& inner = *static_cast<const avl::Inner*>(node);
      node = inner.link(hash >= proto::load<HashedKey>(&inner.separator).hash).node();
    }
    return node;
  };
  uint64_t shared = 0;
  for (uint64_t i = 0; i < kSamples; ++i) {
    const uint64_t hash = (2 * i + 1) << 59;
    shared += leaf_of(a, hash) == leaf_of(b, hash);
  }
  return shared > kSamples / 2;
}

template <class P>
Value merge_hashed(Context& ctx, avl::SetOperation operation, Value a, Value b) {
  switch (operation) {
    case avl::SetOperation::kUnion: return HashedMerge<P, avl::SetOperation::kUnion>(ctx, a, b).run();
    case avl::SetOperation::kIntersect: return HashedMerge<P, avl::SetOperation::kIntersect>(ctx, a, b).run();
    default: return HashedMerge<P, avl::SetOperation::kDifference>(ctx, a, b).run();
  }
}

/// a `operation` b. None and an error if there is no memory for it.
template <class P>
Value combine_hashed(Context& ctx, avl::SetOperation operation, Value a, Value b) {
  const uint64_t larger = std::max(entries_of(a), entries_of(b));
  const uint64_t smaller = std::min(entries_of(a), entries_of(b));
  constexpr uint64_t kPerEntry = 32, kPerPath = 4096, kMuchSmaller = 8;
  if (!ctx.enter() || !ctx.reserve(std::min((larger + smaller) * kPerEntry, smaller * kPerPath))) return {};
  if constexpr (!P::kAddsUp) {
    const bool alike = smaller * kMuchSmaller > larger && smaller > 2 * P::kLeafEntries;
    if (alike && !share_most<P>(root_of(a), root_of(b))) return merge_hashed<P>(ctx, operation, a, b);
  }
  HashedEdit<P> edit(ctx);
  return edit.seal(edit.combine(operation, edit.tree(a), edit.tree(b)));
}

}  // namespace proto::internal
