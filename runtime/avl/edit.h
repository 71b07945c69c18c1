// An edit: one owner's changes to trees of one family, from the first change to publication or discard.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "runtime/avl/tree.h"

namespace proto::avl {

/// Edit tokens are multiples of this (node.h).
inline constexpr uint64_t kTokenStep = 256;
/// A token that no node carries yet. Any thread.
uint64_t new_edit_token();
/// The first of `count` such tokens, kTokenStep apart. Any thread.
uint64_t new_edit_tokens(uint64_t count);

/// A moment of an edit to which it can return.
struct Savepoint {
  uint64_t token = 0;
  size_t retired_nodes = 0;
  size_t retired_addresses = 0;
};

/// A tree in the course of surgery: no node need be in memory, and the first and last leaf may be thin.
struct Part {
  Link link;
  uint64_t count = 0;
  int height = 0;
  bool thin_first = false;
  bool thin_last = false;

  bool empty() const { return height == 0; }
};

namespace internal {

/// What an edit remembers of durable trees.
template <LeafPolicy P>
struct EditState {
  explicit EditState(Family<P>& family) : tokens{new_edit_token()} { retired.owner = &family; }
  std::vector<uint64_t> tokens;  // ascending; the last one marks nodes that may be changed in place
  Retired retired;
  std::vector<typename P::Leaf*> leaves;  // scratch: what the policy made of one leaf
  std::vector<void*> cells;               // free cells for inner nodes
  int64_t live_change = 0;                // nodes made minus nodes freed, not yet told to the family
};

/// A tree of new leaves; `first` and `last` are its outermost.
template <class Leaf>
struct Grown {
  Part part;
  Leaf* first;
  Leaf* last;
};

/// What an edit of collected trees needs: room on the stack for leaves that are not yet in a tree.
template <CollectedLeafPolicy P>
struct EditState<P> {
  using Grown = internal::Grown<typename P::Leaf>;
  static constexpr uint32_t kMaxGrown = 40;
  EditState(void* edit, typename LeafRun<typename P::Leaf>::Spill spill) : leaves(edit, spill) {}
  std::span<Grown> grown() { return {reinterpret_cast<Grown*>(room), grown_count}; }

  LeafRun<typename P::Leaf> leaves;
  uint32_t grown_count = 0;
  alignas(Grown) std::byte room[kMaxGrown * sizeof(Grown)];  // of falling height; not initialised: most edits need none
};

}  // namespace internal

/// Every operation takes its trees by value or in-out and consumes them: the handles given in must not be used for
/// editing again (a published version that they name stays readable). Different trees of a family may be edited side by
/// side under one edit. One thread.
///
/// End an edit of durable trees by take_retired() (the trees are published; the edit may go on, its earlier nodes now frozen)
/// or by discard() of each of its trees. An edit that ends otherwise with fresh nodes leaks them; what it retired stays alive.
///
/// Collected trees: an Edit lives on the stack for one operation and costs nothing to make; it frees, retires and drops
/// nothing, so "what is dropped" costs nothing. Nodes are shared freely: a tree without nodes of this edit's token may be
/// used any number of times; one with such nodes is consumed by what changes nodes in place (splice, the apply family,
/// combine, merge), but not by concatenate, split and slice.
template <LeafPolicy P>
class Edit {
 public:
  using Leaf = typename P::Leaf;
  using Item = typename P::Item;
  using Entry = typename P::Entry;

  explicit Edit(Family<P>& family)
    requires DurablePolicy<P>
      : family_(family), state_(family) {}
  explicit Edit(Family<P>& family)
    requires CollectedPolicy<P>
      : family_(family), state_(this, [](void* edit) { static_cast<Edit*>(edit)->spill_leaves(); }) {}
  ~Edit() { end(); }
  Edit(const Edit&) = delete;
  Edit& operator=(const Edit&) = delete;

  Family<P>& family() const { return family_; }
  /// The first error met. After it, operations return arbitrary trees that are fit for discard() only.
  const Status& status() const { return status_; }
  bool ok() const { return status_.ok(); }

  // ---- any policy ----

  /// A tree of the items, which are sorted (strictly) if the policy is ordered. O(n).
  Tree<P> build(std::span<const Item> items);
  /// A tree of leaves that the caller made, in order, which the edit now owns. O(leaves). Thin ones are put together.
  Tree<P> build_from_leaves(std::span<Leaf* const> leaves)
    requires DurablePolicy<P>;
  /// The same for collected trees, leaf by leaf, well filled but for the last one: O(1) each, amortised. take_pushed() is the
  /// tree of all that were pushed. The edit does nothing else in between.
  void push_leaf(Leaf* leaf)
    requires CollectedPolicy<P>;
  Tree<P> take_pushed()
    requires CollectedPolicy<P>;
  /// All of `left`, then all of `right`; if ordered, every key of left must be below every key of right. O(log n).
  Tree<P> concatenate(Tree<P> left, Tree<P> right);
  /// The first `index` entries and the rest. O(log n).
  std::pair<Tree<P>, Tree<P>> split_at(Tree<P> tree, uint64_t index);
  /// Keeps entries [from, to) by position; the rest is retired. O(log n + what is dropped).
  Tree<P> slice(Tree<P> tree, uint64_t from, uint64_t to);
  /// Removes entries [from, to) by position. O(log n + leaves dropped).
  void erase_at(Tree<P>& tree, uint64_t from, uint64_t to);
  /// Retires the whole tree. O(leaves in memory).
  void drop(Tree<P> tree);

  // ---- ordered policies (each O(log n) unless said otherwise) ----

  /// Applies sorted changes (strictly ascending keys): m changes to n entries take O(m log(n/m + 1)) and copy each leaf
  /// that they touch once.
  template <class Change>
  void apply(Tree<P>& tree, std::span<const Change> changes);
  /// One change; true if the number of entries changed (for kInsert: it was inserted; for kErase: it was there).
  template <class Change>
  bool apply_one(Tree<P>& tree, const Change& change);
  /// Sorts the changes by key first (stable; of equal keys the last one wins), in place.
  template <class Change>
  void apply_unsorted(Tree<P>& tree, std::vector<Change>& changes);
  /// Entries below `key`, and the rest.
  template <class Key>
  std::pair<Tree<P>, Tree<P>> split(Tree<P> tree, const Key& key);
  /// Keeps, or removes, the entries with low <= key < high. O(log n + what is dropped).
  template <class Key>
  Tree<P> slice_range(Tree<P> tree, const Key& low, const Key& high);
  template <class Key>
  void erase_range(Tree<P>& tree, const Key& low, const Key& high);
  /// left op right by key (see SetOperation), O(m log(n/m + 1)). `right` is only read and may share nodes with `left`; a
  /// shared subtree is decided without looking into it.
  Tree<P> combine(SetOperation operation, Tree<P> left, Tree<P> right);
  /// left united with right, both consumed: parts of `right` become parts of the result. They must share no node (unless
  /// collected).
  Tree<P> merge(Tree<P> left, Tree<P> right);

  // ---- positional policies ----

  /// Replaces `remove` entries at `index` by the items: insert, erase, assign and append. O(log n + items + removed).
  void splice(Tree<P>& tree, uint64_t index, uint64_t remove, std::span<const Item> items);

  // ---- end, of durable trees only ----

  /// The nodes that this edit took out of published trees, to be freed when no older version is left; freezes the edit's
  /// nodes. Call when (just before) the edit's trees are published.
  Retired take_retired()
    requires DurablePolicy<P>;
  /// Frees every node of this edit that `tree` reaches, earlier savepoints' too; what it had retired is forgotten.
  void discard(Tree<P> tree)
    requires DurablePolicy<P>;
  /// Freezes the edit's nodes so that `tree`s at this moment stay as they are until the edit ends.
  Savepoint savepoint()
    requires DurablePolicy<P>;
  /// Frees what was made since; `now` is the present tree, `then` the one at the savepoint, which is the present one again.
  /// Call for each changed tree, then end_rollback(savepoint) once.
  void rollback(const Savepoint& savepoint, Tree<P> now)
    requires DurablePolicy<P>;
  void end_rollback(const Savepoint& savepoint)
    requires DurablePolicy<P>;

 private:
  struct Opened {
    Part left, right;
    Separator separator;
    bool ok = false;
  };
  using Leaves = LeavesOf<P>;
  static constexpr bool kCollected = CollectedPolicy<P>;

  const P& policy() const { return family_.policy(); }
  uint64_t token() const;
  bool owned(const Node* node) const { return has_token(node, token()); }
  bool made_since(const Node* node, uint64_t token) const;

  // Nodes.
  Node* load(Link link);
  Inner* new_inner();
  void free_cell(Inner* inner);
  void free_fresh(Node* node);
  void release(Node* node);
  void free_made(Node* node, uint64_t since);
  void free_made_retired(size_t from, uint64_t since);
  void adopt(Leaf* leaf);
  void drop_part(const Part& part);
  void drop_loaded(Node* node);
  void set_children(Inner* inner, const Part& left, const Part& right);
  void end();

  // Leaves of collected trees on their way.
  void spill_leaves();
  void grow(internal::Grown<Leaf> grown);
  Part take_leaves();
  Part take_grown(Leaf* first, Part rest);

  // Parts.
  static Part part_of(Node* node) { return {Link(node), node->count, node->height(), false, false}; }
  static Part child_part(const Inner& inner, int side);
  static bool same_child(Link before, const Part& after);
  Part leaf_part(Leaf* leaf) const;
  Part part_of_tree(const Tree<P>& tree);
  Tree<P> finish(Part part);
  Part finish_replacement(Leaf* replaced, Leaves& leaves);
  Part part_of_leaves(std::span<Leaf* const> leaves);
  Separator separate(const Leaf& left, const Leaf& right) const;
  bool in_order(const Leaf& left, const Leaf& right) const;
  void free_separator(Separator separator) const;
  Separator take_separator(Inner* inner);
  const Leaf* end_leaf(const Part& part, int side);

  // Balance.
  Part node(const Part& left, Separator separator, const Part& right);
  Part balance(const Part& left, Separator separator, const Part& right);
  Part balance_left(const Part& left, Separator separator, const Part& right);
  Part balance_right(const Part& left, Separator separator, const Part& right);
  Part rebuild(Inner* inner, const Part& left, const Part& right);
  Opened open(const Part& part);
  Part join(const Part& left, Separator separator, const Part& right);
  Part join_right(const Part& left, Separator separator, const Part& right);
  Part join_left(const Part& left, Separator separator, const Part& right);
  Part join_thin(Part left, Part right);
  Part join(const Part& left, const Part& right);
  Leaf* pop_leaf(Part& part, int side, Separator& separator);

  // Operations.
  std::pair<Part, Part> split_leaf(Leaf* leaf, uint32_t index);
  std::pair<Part, Part> split_part_at(const Part& part, uint64_t index);
  Part keep_side(const Part& part, uint64_t index, int side);
  template <class Key>
  std::pair<Part, Part> split_part(const Part& part, const Key& key);
  template <class Change>
  Part apply_part(const Part& part, std::span<const Change> changes);
  template <class Change>
  size_t first_right(const Separator& separator, std::span<const Change> changes) const;
  template <class Key>
  bool equals_separator(const Key& key, const Separator& separator) const;
  Part copy_subtree(Link link);
  Part combine_part(SetOperation operation, const Part& left, Link right);
  Part combine_leaf(SetOperation operation, const Part& left, const Leaf& right, uint32_t from, uint32_t to);
  Part merge_part(const Part& left, const Part& right);
  Part splice_part(const Part& part, uint64_t index, uint64_t remove, std::span<const Item> items);
  Part splice_across(const Part& part, uint64_t index, uint64_t remove, std::span<const Item> items);
  Part build_part(std::span<const Item> items);

  Family<P>& family_;
  internal::EditState<P> state_;
  Status status_;
};

}  // namespace proto::avl

#include "runtime/avl/internal/edit_inl.h"
