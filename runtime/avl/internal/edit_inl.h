// Definitions of Edit: nodes, parts and balance. The operations follow in edit_operations_inl.h.
//
// After a load fails every step still hands on every node it was given (in a tree of arbitrary shape and contents), so
// that discard() finds all fresh nodes.
#pragma once

#include <new>
#include <type_traits>

#include "runtime/avl/edit.h"

namespace proto::avl {

// ---- nodes ----------------------------------------------------------------------------------------------------------

template <LeafPolicy P>
void Edit<P>::end() {
  if constexpr (!kCollected) {
    family_.slab().give(state_.cells, 0);
    family_.add_live_nodes(state_.live_change);
  }
}

template <LeafPolicy P>
uint64_t Edit<P>::token() const {
  if constexpr (kCollected) {
    return policy().memory.token();
  } else {
    return state_.tokens.back();
  }
}

template <LeafPolicy P>
bool Edit<P>::made_since(const Node* node, uint64_t token) const {
  return node->owner >= token && std::binary_search(state_.tokens.begin(), state_.tokens.end(), node->owner);
}

template <LeafPolicy P>
Node* Edit<P>::load(Link link) {
  if (!status_.ok() && link.is_address()) return nullptr;
  return family_.follow(link, &status_);
}

template <LeafPolicy P>
Inner* Edit<P>::new_inner() {
  if constexpr (kCollected) {
    auto* inner = new (policy().memory.allocate_inner()) Inner;
    inner->owner = policy().memory.inner_header();
    return inner;
  } else {
    if (state_.cells.empty()) family_.slab().take(state_.cells, 64);
    void* cell = state_.cells.back();
    state_.cells.pop_back();
    ++state_.live_change;
    auto* inner = new (cell) Inner;
    inner->owner = token();
    return inner;
  }
}

template <LeafPolicy P>
void Edit<P>::free_cell(Inner* inner) {
  inner->~Inner();
  state_.cells.push_back(inner);
  --state_.live_change;
  if (state_.cells.size() > 4096) family_.slab().give(state_.cells, 1024);
}

// Frees a node that no published tree ever reached.
template <LeafPolicy P>
void Edit<P>::free_fresh(Node* node) {
  if (node->is_leaf()) {
    --state_.live_change;
    return policy().free(static_cast<Leaf*>(node));
  }
  auto* inner = static_cast<Inner*>(node);
  free_separator(inner->separator);
  free_cell(inner);
}

// Takes a node (not its children) out of the tree it stood in. Collected ones may stand in others.
template <LeafPolicy P>
void Edit<P>::release(Node* node) {
  if constexpr (!kCollected) {
    if (owned(node)) {
      free_fresh(node);
    } else {
      state_.retired.nodes.push_back(node);
    }
  }
}

template <LeafPolicy P>
void Edit<P>::adopt(Leaf* leaf) {
  if constexpr (kCollected) {
    PROTO_DCHECK(leaf->owner >= kTokenStep && leaf->is_leaf());
  } else {
    PROTO_DCHECK(leaf->owner == 0 && leaf->address.load(std::memory_order_relaxed) == 0 && leaf->is_leaf());
    leaf->owner = token();
    ++state_.live_change;
  }
}

template <LeafPolicy P>
void Edit<P>::drop_part(const Part& part) {
  if constexpr (!kCollected) {
    if (part.empty()) return;
    if (part.link.is_address()) {
      state_.retired.addresses.push_back(part.link.address());
    } else {
      drop_loaded(part.link.node());
    }
  }
}

template <LeafPolicy P>
void Edit<P>::drop_loaded(Node* node) {
  if (!node->is_leaf()) {
    auto* inner = static_cast<Inner*>(node);
    drop_part(child_part(*inner, 0));
    drop_part(child_part(*inner, 1));
  }
  release(node);
}

// ---- parts ----------------------------------------------------------------------------------------------------------

template <LeafPolicy P>
Part Edit<P>::child_part(const Inner& inner, int side) {
  const uint64_t count = side == 0 ? inner.left_count : inner.count - inner.left_count;
  const uint64_t height = side == 0 ? inner.left_height : inner.right_height;
  return {inner.link(side), count, static_cast<int>(height), false, false};
}

// The child is still the node it was; it may have been loaded meanwhile.
template <LeafPolicy P>
bool Edit<P>::same_child(Link before, const Part& after) {
  if (before == after.link) return true;
  if (after.empty() || before.is_address() == after.link.is_address()) return false;
  const Link address = before.is_address() ? before : after.link;
  const Node* node = before.is_address() ? after.link.node() : before.node();
  return node->address.load(std::memory_order_acquire) == address.address();
}

template <LeafPolicy P>
Part Edit<P>::leaf_part(Leaf* leaf) const {
  const bool thin = policy().thin(*leaf);
  return {Link(leaf), leaf->count, 1, thin, thin};
}

template <LeafPolicy P>
Part Edit<P>::part_of_tree(const Tree<P>& tree) {
  if (tree.empty()) return {};
  PROTO_DCHECK(kCollected || &tree.family() == &family_);
  Node* root = tree.root();
  return root->is_leaf() ? leaf_part(static_cast<Leaf*>(root)) : part_of(root);
}

// A tree out of a part: thin ends are put together with their neighbours.
template <LeafPolicy P>
Tree<P> Edit<P>::finish(Part part) {
  while (part.height > 1 && (part.thin_first || part.thin_last) && status_.ok()) {
    Separator separator;
    const int side = part.thin_first ? 0 : 1;
    Leaf* leaf = pop_leaf(part, side, separator);
    if (leaf == nullptr) break;
    const Part end = leaf_part(leaf);
    part = side == 0 ? join(end, separator, part) : join(part, separator, end);
  }
  Node* root = load(part.link);
  if constexpr (!kCollected) {
    if (root == nullptr && !part.empty()) state_.retired.addresses.push_back(part.link.address());
  }
  return Tree<P>(&family_, root);
}

// What `leaves`, made by the policy from `replaced` (maybe null), amount to. The leaf itself may be among them.
template <LeafPolicy P>
Part Edit<P>::finish_replacement(Leaf* replaced, Leaves& leaves) {
  if constexpr (kCollected) {
    return take_leaves();
  } else {
    bool kept = false;
    for (Leaf* leaf : leaves) {
      if (leaf == replaced) {
        kept = true;
      } else {
        adopt(leaf);
      }
    }
    const Part part = part_of_leaves(leaves);
    if (replaced != nullptr && !kept) release(replaced);
    return part;
  }
}

template <LeafPolicy P>
Part Edit<P>::part_of_leaves(std::span<Leaf* const> leaves) {
  if (leaves.empty()) return {};
  PROTO_DCHECK(leaves.front()->count > 0);
  if (leaves.size() == 1) return leaf_part(leaves.front());
  PROTO_DCHECK(in_order(*leaves.front(), *leaves.back()));
  const size_t half = leaves.size() / 2;
  Part left = part_of_leaves(leaves.first(half));
  Part right = part_of_leaves(leaves.subspan(half));
  left.thin_first = left.thin_last = right.thin_first = right.thin_last = false;  // as well filled as they can be
  return node(left, separate(*leaves[half - 1], *leaves[half]), right);
}

// Leaves of collected trees grow together like the digits of a binary number: a full run becomes a perfect tree, two of one
// height become one.
template <LeafPolicy P>
void Edit<P>::spill_leaves() {
  const auto leaves = state_.leaves.leaves();
  for (Leaf* leaf : leaves) adopt(leaf);
  const internal::Grown<Leaf> grown{part_of_leaves(leaves), leaves.front(), leaves.back()};
  state_.leaves.clear();
  grow(grown);
}

template <LeafPolicy P>
void Edit<P>::grow(internal::Grown<Leaf> grown) {
  uint32_t& count = state_.grown_count;
  for (; count > 0 && state_.grown()[count - 1].part.height == grown.part.height; --count) {
    const internal::Grown<Leaf>& before = state_.grown()[count - 1];
    grown = {node(before.part, separate(*before.last, *grown.first), grown.part), before.first, grown.last};
  }
  PROTO_CHECK(count < state_.kMaxGrown);
  ++count;
  state_.grown()[count - 1] = grown;
}

// What the policy made, and the run is empty again.
template <LeafPolicy P>
Part Edit<P>::take_leaves() {
  const auto leaves = state_.leaves.leaves();
  for (Leaf* leaf : leaves) adopt(leaf);
  const Part all = part_of_leaves(leaves);
  Leaf* first = leaves.empty() ? nullptr : leaves.front();
  state_.leaves.clear();
  return state_.grown_count == 0 ? all : take_grown(first, all);
}

// Out of line, for the array. The joins may use the run and what is grown, so both are empty before.
template <LeafPolicy P>
[[gnu::noinline]] Part Edit<P>::take_grown(Leaf* first, Part rest) {
  internal::Grown<Leaf> grown[internal::EditState<P>::kMaxGrown];
  std::copy_n(state_.grown().begin(), state_.grown_count, grown);
  for (uint32_t i = std::exchange(state_.grown_count, 0); i-- > 0; first = grown[i].first) {
    rest = first == nullptr ? grown[i].part : join(grown[i].part, separate(*grown[i].last, *first), rest);
  }
  return rest;
}

template <LeafPolicy P>
Separator Edit<P>::separate(const Leaf& left, const Leaf& right) const {
  if constexpr (OrderedLeafPolicy<P>) {
    return policy().separate(left, right);
  } else {
    return {};
  }
}

template <LeafPolicy P>
void Edit<P>::free_separator(Separator separator) const {
  if constexpr (OrderedLeafPolicy<P>) policy().free_separator(separator);
}

template <LeafPolicy P>
bool Edit<P>::in_order(const Leaf& left, const Leaf& right) const {
  if constexpr (OrderedLeafPolicy<P>) {
    typename P::Scratch left_room, right_room;
    const auto last = policy().key(left, static_cast<uint32_t>(left.count - 1), left_room);
    return policy().compare(last, policy().key(right, 0, right_room)) < 0;
  }
  return true;
}

// The separator of an inner node that is about to be released or freed as a cell.
template <LeafPolicy P>
Separator Edit<P>::take_separator(Inner* inner) {
  if (!kCollected && owned(inner)) return std::exchange(inner->separator, Separator());
  if constexpr (OrderedLeafPolicy<P>) {
    return policy().copy_separator(inner->separator);
  } else {
    return {};
  }
}

template <LeafPolicy P>
const typename P::Leaf* Edit<P>::end_leaf(const Part& part, int side) {
  Node* node = load(part.link);
  while (node != nullptr && !node->is_leaf()) node = family_.follow(*static_cast<Inner*>(node), side, &status_);
  return static_cast<const Leaf*>(node);
}

// ---- balance ----------------------------------------------------------------------------------------------------------

template <LeafPolicy P>
void Edit<P>::set_children(Inner* inner, const Part& left, const Part& right) {
  inner->links[0].store(left.link.word(), std::memory_order_relaxed);
  inner->links[1].store(right.link.word(), std::memory_order_relaxed);
  inner->left_count = left.count;
  inner->count = left.count + right.count;
  inner->left_height = static_cast<uint64_t>(left.height);
  inner->right_height = static_cast<uint64_t>(right.height);
  if constexpr (internal::Measuring<P>) policy().measure(*inner, *left.link.node(), *right.link.node());
}

// A new inner node, balanced or not.
template <LeafPolicy P>
Part Edit<P>::node(const Part& left, Separator separator, const Part& right) {
  PROTO_DCHECK(!left.empty() && !right.empty());
  PROTO_DCHECK(left.count > 0 && right.count > 0 && left.count + right.count <= kMaxCount);
  Inner* inner = new_inner();
  inner->separator = separator;
  set_children(inner, left, right);
  return {Link(inner), inner->count, inner->height(), left.thin_first, right.thin_last};
}

// Takes an inner node apart. Not ok when it cannot be loaded: then nothing has happened.
template <LeafPolicy P>
typename Edit<P>::Opened Edit<P>::open(const Part& part) {
  Node* node = load(part.link);
  if (node == nullptr) return {};
  PROTO_DCHECK(!node->is_leaf() && node->count == part.count);
  auto* inner = static_cast<Inner*>(node);
  Opened opened{child_part(*inner, 0), child_part(*inner, 1), take_separator(inner), true};
  opened.left.thin_first = part.thin_first;
  opened.right.thin_last = part.thin_last;
  release(inner);
  return opened;
}

// A node of children whose heights differ by at most two.
template <LeafPolicy P>
Part Edit<P>::balance(const Part& left, Separator separator, const Part& right) {
  if (right.height > left.height + 1) return balance_left(left, separator, right);
  if (left.height > right.height + 1) return balance_right(left, separator, right);
  return node(left, separator, right);
}

// Rotates to the left: the right side is too high.
template <LeafPolicy P>
Part Edit<P>::balance_left(const Part& left, Separator separator, const Part& right) {
  Opened high = open(right);
  if (!high.ok) return node(left, separator, right);
  if (high.left.height > high.right.height) {
    if (Opened middle = open(high.left); middle.ok) {
      return node(node(left, separator, middle.left), middle.separator, node(middle.right, high.separator, high.right));
    }
  }
  return node(node(left, separator, high.left), high.separator, high.right);
}

template <LeafPolicy P>
Part Edit<P>::balance_right(const Part& left, Separator separator, const Part& right) {
  Opened high = open(left);
  if (!high.ok) return node(left, separator, right);
  if (high.right.height > high.left.height) {
    if (Opened middle = open(high.right); middle.ok) {
      return node(node(high.left, high.separator, middle.left), middle.separator, node(middle.right, separator, right));
    }
  }
  return node(high.left, high.separator, node(high.right, separator, right));
}

// `inner` with other children: the node itself if nothing or only its own contents change.
template <LeafPolicy P>
Part Edit<P>::rebuild(Inner* inner, const Part& left, const Part& right) {
  const int tilt = left.height - right.height;
  const bool fits = !left.empty() && !right.empty() && tilt >= -1 && tilt <= 1 && !left.thin_last && !right.thin_first;
  const bool thin = left.thin_first || right.thin_last;
  if (fits && !thin && !owned(inner) && same_child(inner->link(0), left) && same_child(inner->link(1), right)) {
    return part_of(inner);  // fresh nodes never hang below a frozen one, so the same children have the same contents
  }
  if (!fits || !owned(inner)) {
    const Separator separator = take_separator(inner);
    release(inner);
    return join(left, separator, right);
  }
  set_children(inner, left, right);
  return {Link(inner), inner->count, inner->height(), left.thin_first, right.thin_last};
}

// Everything left, then everything right: the one place where trees grow together (Blelloch et al., "Just Join").
template <LeafPolicy P>
Part Edit<P>::join(const Part& left, Separator separator, const Part& right) {
  if (left.empty() || right.empty() || left.thin_last || right.thin_first) {
    free_separator(separator);
    if (left.empty()) return right;
    return right.empty() ? left : join_thin(left, right);
  }
  if (left.height > right.height + 1) return join_right(left, separator, right);
  if (right.height > left.height + 1) return join_left(left, separator, right);
  return node(left, separator, right);
}

// Down the right spine of the higher left tree to where `right` fits.
template <LeafPolicy P>
Part Edit<P>::join_right(const Part& left, Separator separator, const Part& right) {
  if (left.height <= right.height + 1) return node(left, separator, right);
  Opened high = open(left);
  if (!high.ok) return node(left, separator, right);
  return balance(high.left, high.separator, join_right(high.right, separator, right));
}

template <LeafPolicy P>
Part Edit<P>::join_left(const Part& left, Separator separator, const Part& right) {
  if (right.height <= left.height + 1) return node(left, separator, right);
  Opened high = open(right);
  if (!high.ok) return node(left, separator, right);
  return balance(join_left(left, separator, high.left), high.separator, high.right);
}

// Joins where the leaves that meet are thin: they become one leaf, or two well filled ones. Each round that leaves a thin
// leaf has one leaf less, so it ends.
template <LeafPolicy P>
Part Edit<P>::join_thin(Part left, Part right) {
  Separator before, after;
  Leaf* last = pop_leaf(left, 1, before);
  Leaf* first = pop_leaf(right, 0, after);
  if (last == nullptr || first == nullptr) {
    if (last != nullptr) left = left.empty() ? part_of(last) : node(left, before, part_of(last));
    if (first != nullptr) right = right.empty() ? part_of(first) : node(part_of(first), after, right);
    return node(left, Separator(), right);
  }
  state_.leaves.clear();
  policy().concat(*last, *first, state_.leaves);
  Part middle = finish_replacement(nullptr, state_.leaves);
  release(last);
  release(first);
  if (!left.empty()) middle = join(left, before, middle);
  return right.empty() ? middle : join(middle, after, right);
}

// Joins without a separator at hand.
template <LeafPolicy P>
Part Edit<P>::join(const Part& left, const Part& right) {
  if (left.empty()) return right;
  if (right.empty()) return left;
  if constexpr (!OrderedLeafPolicy<P>) return join(left, Separator(), right);
  const Leaf* last = end_leaf(left, 1);
  const Leaf* first = end_leaf(right, 0);
  if (last == nullptr || first == nullptr) return node(left, Separator(), right);
  PROTO_DCHECK(in_order(*last, *first));
  return join(left, separate(*last, *first), right);
}

// Cuts off the first (side 0) or last leaf; `separator` is what stood between it and the rest, if there is a rest. Null,
// and the part unchanged, when a node cannot be loaded.
template <LeafPolicy P>
typename P::Leaf* Edit<P>::pop_leaf(Part& part, int side, Separator& separator) {
  if (part.height == 1) {
    Node* leaf = load(part.link);
    if (leaf != nullptr) part = {};
    return static_cast<Leaf*>(leaf);
  }
  Opened opened = open(part);
  if (!opened.ok) return nullptr;
  Part& end = side == 0 ? opened.left : opened.right;
  Leaf* leaf = pop_leaf(end, side, separator);
  if (leaf == nullptr) {
    part = node(opened.left, opened.separator, opened.right);
    return nullptr;
  }
  (side == 0 ? end.thin_first : end.thin_last) = false;  // inner leaves are never thin
  if (end.empty()) {
    separator = opened.separator;
    part = side == 0 ? opened.right : opened.left;
  } else {
    part = join(opened.left, opened.separator, opened.right);
  }
  return leaf;
}

}  // namespace proto::avl

#include "runtime/avl/internal/edit_operations_inl.h"
