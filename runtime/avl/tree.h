// The one tree: an immutable AVL tree with blocked leaves, written once over leaf policies (leaf_policy.h).
//
// Shape. Entries live in leaves only; an inner node (64 bytes) has two children and a separator s with
//   every key left of it < s <= every key right of it.
// A leaf has height 1, an inner node one more than its higher child, and children differ in height by at most one. Each
// inner node knows the heights of both children and the count of the left one, so a join touches, and loads, only the
// nodes that it changes. No leaf is empty; a leaf below its policy's least fill stands alone in its tree (strict policies)
// or beside leaves that it does not fit (the others). check() verifies all of this.
//
// Ownership. No reference counts and no tracing: a node belongs to the versions that reach it, and the edit that takes it
// out of a tree knows so. An Edit changes the nodes it made itself (`owner` is its token) in place and frees them at once
// when they are replaced; a frozen node that is replaced goes to the edit's list of retired nodes, to be freed when the
// last version older than the commit has ended. This needs linear use: an operation of an edit consumes its operands, and
// of a frozen tree one edit makes one successor that is published. VersionSet keeps that discipline for in-memory users.
//
// Races. Frozen nodes do not change, so readers need no lock; a published root must reach a reader with release/acquire.
// Two fields of a frozen node are atomics: `address`, set once by the checkpoint, and a link, which a reader changes from
// a disk address to the pointer of the node there (one copy per address, so every reader stores the same pointer; the
// release store pairs with the acquire load in Inner::link). An edit's own nodes are seen by its thread alone until it
// publishes them; its token is never used again, which freezes them without touching them.
//
// Errors. Reads that may load take a Status*: the first error goes there and the read ends early, as if nothing were
// found. Cursors and edits keep a sticky status(); after an error an edit refuses further work and its trees hold
// arbitrary contents, fit for discard() only.
#pragma once

#include <optional>

#include "runtime/avl/family.h"

namespace proto::avl {

/// A version of a tree: a family and a root, two words, copied freely. It owns nothing: who publishes versions keeps
/// their nodes alive. Reading is thread-safe and takes no lock.
template <LeafPolicy P>
class Tree {
 public:
  using Leaf = typename P::Leaf;
  using Entry = typename P::Entry;

  Tree() = default;
  Tree(const Family<P>* family, Node* root) : family_(family), root_(root) {}

  const Family<P>& family() const { return *family_; }
  Node* root() const { return root_; }
  /// Entries; O(1).
  uint64_t size() const { return root_ == nullptr ? 0 : root_->count; }
  bool empty() const { return root_ == nullptr; }
  /// Levels: 0 when empty, 1 for a single leaf.
  int height() const { return root_ == nullptr ? 0 : root_->height(); }
  /// The same version (same root), not the same contents.
  bool operator==(const Tree& other) const { return root_ == other.root_; }

  /// The entry of `key`, if there is one. O(log n), as the three that follow. Entries are valid as long as the version.
  template <class Key>
  std::optional<Entry> find(const Key& key, Status* status = nullptr) const;
  template <class Key>
  bool contains(const Key& key, Status* status = nullptr) const;
  /// Number of entries with a key below `key`.
  template <class Key>
  uint64_t rank(const Key& key, Status* status = nullptr) const;
  /// Number of entries with low <= key < high; 0 when high <= low.
  template <class Key>
  uint64_t count_range(const Key& low, const Key& high, Status* status = nullptr) const;
  /// The entry at position `index` (from 0) in order; none if index >= size(). O(log n).
  std::optional<Entry> select(uint64_t index, Status* status = nullptr) const;
  /// The leaf with position `index`, which becomes the position within the leaf; null if index >= size().
  const Leaf* select_leaf(uint64_t& index, Status* status = nullptr) const;
  /// The leaf where `key` stands or would stand; null when empty.
  template <class Key>
  const Leaf* find_leaf(const Key& key, Status* status = nullptr) const;

  /// Verifies every invariant named above in the whole tree; loads everything. kCorruption names the first fault. O(n).
  Status check() const;

 private:
  const Family<P>* family_ = nullptr;
  Node* root_ = nullptr;
};

}  // namespace proto::avl

#include "runtime/avl/internal/tree_inl.h"
