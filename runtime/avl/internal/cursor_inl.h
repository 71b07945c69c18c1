// Definitions of Cursor; included by cursor.h.
#pragma once

#include "runtime/avl/cursor.h"

namespace proto::avl {

template <LeafPolicy P>
void Cursor<P>::reset() {
  leaf_ = nullptr;
  index_ = 0;
  depth_ = 0;
  went_right_ = 0;
}

template <LeafPolicy P>
void Cursor<P>::push(Inner* inner, int side) {
  PROTO_DCHECK(depth_ < kMaxHeight);
  path_[depth_] = inner;
  went_right_ = (went_right_ & ~(uint64_t{1} << depth_)) | (static_cast<uint64_t>(side) << depth_);
  ++depth_;
}

template <LeafPolicy P>
void Cursor<P>::settle(Node* leaf) {
  if (leaf == nullptr) return reset();
  leaf_ = static_cast<const Leaf*>(leaf);
}

// To the outermost leaf of a subtree on one side.
template <LeafPolicy P>
void Cursor<P>::descend(Node* node, int side) {
  while (node != nullptr && !node->is_leaf()) {
    auto* inner = static_cast<Inner*>(node);
    push(inner, side);
    node = child(inner, side);
  }
  settle(node);
}

// To the neighbouring leaf on one side.
template <LeafPolicy P>
void Cursor<P>::step(int side) {
  while (depth_ > 0 && static_cast<int>(went_right_ >> (depth_ - 1) & 1) == side) --depth_;
  if (depth_ == 0) return reset();
  Inner* inner = path_[--depth_];
  push(inner, side);
  descend(child(inner, side), 1 - side);
}

template <LeafPolicy P>
void Cursor<P>::next_leaf() {
  step(1);
  index_ = 0;
}

template <LeafPolicy P>
void Cursor<P>::previous_leaf() {
  step(0);
  index_ = leaf_ == nullptr ? 0 : static_cast<uint32_t>(leaf_->count - 1);
}

template <LeafPolicy P>
void Cursor<P>::seek_first() {
  reset();
  if (status_.ok()) descend(tree_.root(), 0);
}

template <LeafPolicy P>
void Cursor<P>::seek_last() {
  reset();
  if (status_.ok()) descend(tree_.root(), 1);
  if (leaf_ != nullptr) index_ = static_cast<uint32_t>(leaf_->count - 1);
}

template <LeafPolicy P>
template <class Key>
void Cursor<P>::seek(const Key& key) {
  seek_leaf(key);
  if (leaf_ == nullptr) return;
  index_ = tree_.family().policy().lower_bound(*leaf_, key);
  if (index_ == leaf_->count) next_leaf();
}

template <LeafPolicy P>
template <class Key>
void Cursor<P>::seek_before(const Key& key) {
  seek_leaf(key);
  if (leaf_ == nullptr) return;
  index_ = tree_.family().policy().lower_bound(*leaf_, key);
  previous();
}

template <LeafPolicy P>
template <class Key>
void Cursor<P>::seek_leaf(const Key& key) {
  reset();
  if (!status_.ok()) return;
  Node* node = tree_.root();
  while (node != nullptr && !node->is_leaf()) {
    auto* inner = static_cast<Inner*>(node);
    const int side = tree_.family().policy().goes_right(key, inner->separator);
    push(inner, side);
    node = child(inner, side);
  }
  settle(node);
}

template <LeafPolicy P>
void Cursor<P>::seek_rank(uint64_t index) {
  reset();
  if (!status_.ok() || index >= tree_.size()) return;
  Node* node = tree_.root();
  while (node != nullptr && !node->is_leaf()) {
    auto* inner = static_cast<Inner*>(node);
    const bool right = index >= inner->left_count;
    index -= right ? inner->left_count : 0;
    push(inner, right);
    node = child(inner, right);
  }
  settle(node);
  if (leaf_ != nullptr) index_ = static_cast<uint32_t>(index);
}

template <LeafPolicy P>
uint64_t Cursor<P>::rank() const {
  PROTO_DCHECK(valid());
  uint64_t before = index_;
  for (int level = 0; level < depth_; ++level) {
    if (went_right_ >> level & 1) before += path_[level]->left_count;
  }
  return before;
}

}  // namespace proto::avl
