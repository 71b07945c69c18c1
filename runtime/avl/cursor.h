// A position in a tree that moves both ways.
#pragma once

#include "runtime/avl/tree.h"

namespace proto::avl {

/// Stands on an entry or nowhere (!valid()). About 550 bytes, allocates nothing. The tree's version must outlive it. One
/// thread at a time. Steps within a leaf are O(1), to the next leaf O(1) amortised; seeks O(log n).
/// An error while loading makes it invalid and stays in status().
template <LeafPolicy P>
class Cursor {
 public:
  using Leaf = typename P::Leaf;
  using Entry = typename P::Entry;

  explicit Cursor(Tree<P> tree) : tree_(tree) {}

  bool valid() const { return leaf_ != nullptr; }
  const Status& status() const { return status_; }

  void seek_first();
  void seek_last();
  /// To the first entry whose key is not below `key` (invalid if there is none).
  template <class Key>
  void seek(const Key& key);
  /// To the last entry whose key is below `key` (invalid if there is none).
  template <class Key>
  void seek_before(const Key& key);
  /// To the entry at position `index`; invalid if index >= size().
  void seek_rank(uint64_t index);

  /// One entry on or back; past either end the cursor is invalid. Only when valid.
  void next() {
    PROTO_DCHECK(valid());
    if (++index_ == leaf_->count) next_leaf();
  }
  void previous() {
    PROTO_DCHECK(valid());
    if (index_ == 0) {
      previous_leaf();
    } else {
      --index_;
    }
  }
  /// To the first entry of the next leaf, or the last entry of the leaf before: block by block.
  void next_leaf();
  void previous_leaf();

  /// Only when valid. What they return is valid as long as the tree's version.
  Entry entry() const { return tree_.family().policy().entry(*leaf_, index_); }
  const Leaf& leaf() const { return *leaf_; }
  uint32_t index() const { return index_; }
  /// Within the leaf; index < leaf().count.
  void set_index(uint32_t index) {
    PROTO_DCHECK(index < leaf_->count);
    index_ = index;
  }
  /// The key here; valid until `scratch` is used again.
  template <class Scratch>
  auto key(Scratch& scratch) const {
    return tree_.family().policy().key(*leaf_, index_, scratch);
  }
  /// Position of the entry in the whole tree. O(log n), touches no further node.
  uint64_t rank() const;

 private:
  void reset();
  template <class Key>
  void seek_leaf(const Key& key);
  void descend(Node* node, int side);
  void step(int side);
  void push(Inner* inner, int side);
  Node* child(Inner* inner, int side) { return tree_.family().follow(*inner, side, &status_); }
  void settle(Node* leaf);

  Tree<P> tree_;
  const Leaf* leaf_ = nullptr;
  uint32_t index_ = 0;
  int depth_ = 0;
  uint64_t went_right_ = 0;  // bit d: the path goes right at path_[d]
  Inner* path_[kMaxHeight];
  Status status_;
};

}  // namespace proto::avl

#include "runtime/avl/internal/cursor_inl.h"
