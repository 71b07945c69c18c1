// Definitions of Edit: its operations. Included by edit_inl.h.
#pragma once

#include <algorithm>

#include "runtime/avl/edit.h"

namespace proto::avl {

// ---- any policy -------------------------------------------------------------------------------------------------------

template <LeafPolicy P>
Part Edit<P>::build_part(std::span<const Item> items) {
  state_.leaves.clear();
  policy().build(items, state_.leaves);
  return finish_replacement(nullptr, state_.leaves);
}

template <LeafPolicy P>
Tree<P> Edit<P>::build(std::span<const Item> items) {
  return finish(build_part(items));
}

template <LeafPolicy P>
Tree<P> Edit<P>::build_from_leaves(std::span<Leaf* const> leaves)
  requires DurablePolicy<P>
{
  Leaves filled, joined;
  for (Leaf* leaf : leaves) {
    PROTO_DCHECK(leaf->count > 0);
    if (filled.empty() || !(policy().thin(*filled.back()) || policy().thin(*leaf))) {
      filled.push_back(leaf);
      continue;
    }
    joined.clear();
    policy().concat(*filled.back(), *leaf, joined);
    policy().free(filled.back());
    policy().free(leaf);
    filled.pop_back();
    filled.insert(filled.end(), joined.begin(), joined.end());
  }
  return finish(finish_replacement(nullptr, filled));
}

template <LeafPolicy P>
void Edit<P>::push_leaf(Leaf* leaf)
  requires CollectedPolicy<P>
{
  PROTO_DCHECK(leaf->count > 0);
  state_.leaves.push_back(leaf);
}

template <LeafPolicy P>
Tree<P> Edit<P>::take_pushed()
  requires CollectedPolicy<P>
{
  const auto leaves = state_.leaves.leaves();
  if (leaves.empty()) return family_.empty_tree();
  Leaf* last = leaves.back();
  if (!policy().thin(*last) || (leaves.size() == 1 && state_.grown_count == 0)) return finish(take_leaves());
  state_.leaves.pop_back();
  return finish(join(take_leaves(), leaf_part(last)));
}

template <LeafPolicy P>
Tree<P> Edit<P>::concatenate(Tree<P> left, Tree<P> right) {
  return finish(join(part_of_tree(left), part_of_tree(right)));
}

template <LeafPolicy P>
std::pair<Part, Part> Edit<P>::split_leaf(Leaf* leaf, uint32_t index) {
  const auto count = static_cast<uint32_t>(leaf->count);
  if (index == 0) return {Part(), leaf_part(leaf)};
  if (index >= count) return {leaf_part(leaf), Part()};
  Leaf* left = policy().copy(*leaf, 0, index);
  Leaf* right = policy().copy(*leaf, index, count);
  adopt(left);
  adopt(right);
  release(leaf);
  return {leaf_part(left), leaf_part(right)};
}

template <LeafPolicy P>
std::pair<Part, Part> Edit<P>::split_part_at(const Part& part, uint64_t index) {
  if (index == 0) return {Part(), part};
  if (index >= part.count) return {part, Part()};
  if (part.height == 1) {
    Node* leaf = load(part.link);
    if (leaf == nullptr) return {part, Part()};
    return split_leaf(static_cast<Leaf*>(leaf), static_cast<uint32_t>(index));
  }
  const Opened opened = open(part);
  if (!opened.ok) return {part, Part()};
  if (index <= opened.left.count) {
    auto [left, middle] = split_part_at(opened.left, index);
    return {left, join(middle, opened.separator, opened.right)};
  }
  auto [middle, right] = split_part_at(opened.right, index - opened.left.count);
  return {join(opened.left, opened.separator, middle), right};
}

template <LeafPolicy P>
std::pair<Tree<P>, Tree<P>> Edit<P>::split_at(Tree<P> tree, uint64_t index) {
  auto [left, right] = split_part_at(part_of_tree(tree), index);
  return {finish(left), finish(right)};
}

// The entries before `index` (side 0) or from it on. What is on the other side is not put together: collected trees need
// no account of it.
template <LeafPolicy P>
Part Edit<P>::keep_side(const Part& part, uint64_t index, int side) {
  if (index == 0 || index >= part.count) return (index == 0) == (side == 1) ? part : Part();
  if (part.height == 1) {
    const auto* leaf = static_cast<const Leaf*>(part.link.node());
    Leaf* kept = side == 0 ? policy().copy(*leaf, 0, static_cast<uint32_t>(index))
                           : policy().copy(*leaf, static_cast<uint32_t>(index), static_cast<uint32_t>(leaf->count));
    adopt(kept);
    return leaf_part(kept);
  }
  const Opened opened = open(part);
  const uint64_t middle = opened.left.count;
  if (side == 0) {
    if (index <= middle) return keep_side(opened.left, index, side);
    return join(opened.left, opened.separator, keep_side(opened.right, index - middle, side));
  }
  if (index >= middle) return keep_side(opened.right, index - middle, side);
  return join(keep_side(opened.left, index, side), opened.separator, opened.right);
}

template <LeafPolicy P>
Tree<P> Edit<P>::slice(Tree<P> tree, uint64_t from, uint64_t to) {
  to = std::max(from, to);
  if constexpr (kCollected) return finish(keep_side(keep_side(part_of_tree(tree), to, 0), from, 1));
  auto [head, right] = split_part_at(part_of_tree(tree), to);
  auto [left, middle] = split_part_at(head, from);
  drop_part(left);
  drop_part(right);
  return finish(middle);
}

template <LeafPolicy P>
void Edit<P>::erase_at(Tree<P>& tree, uint64_t from, uint64_t to) {
  if (from >= to) return;
  auto [head, right] = split_part_at(part_of_tree(tree), to);
  auto [left, middle] = split_part_at(head, from);
  drop_part(middle);
  tree = finish(join(left, right));
}

template <LeafPolicy P>
void Edit<P>::drop(Tree<P> tree) {
  drop_part(part_of_tree(tree));
}

// ---- ordered policies ---------------------------------------------------------------------------------------------------

template <LeafPolicy P>
template <class Key>
bool Edit<P>::equals_separator(const Key& key, const Separator& separator) const {
  typename P::Scratch room;
  return policy().goes_right(key, separator) && policy().compare(key, policy().separator_key(separator, room)) == 0;
}

template <LeafPolicy P>
template <class Key>
std::pair<Part, Part> Edit<P>::split_part(const Part& part, const Key& key) {
  if (part.empty()) return {};
  Node* node = load(part.link);
  if (node == nullptr) return {part, Part()};
  if (node->is_leaf()) {
    auto* leaf = static_cast<Leaf*>(node);
    return split_leaf(leaf, policy().lower_bound(*leaf, key));
  }
  const bool right = policy().goes_right(key, static_cast<Inner*>(node)->separator);
  Part loaded = part;
  loaded.link = Link(node);
  const Opened opened = open(loaded);
  if (equals_separator(key, opened.separator)) {
    free_separator(opened.separator);
    return {opened.left, opened.right};
  }
  if (right) {
    auto [below, above] = split_part(opened.right, key);
    return {join(opened.left, opened.separator, below), above};
  }
  auto [below, above] = split_part(opened.left, key);
  return {below, join(above, opened.separator, opened.right)};
}

template <LeafPolicy P>
template <class Key>
std::pair<Tree<P>, Tree<P>> Edit<P>::split(Tree<P> tree, const Key& key) {
  auto [left, right] = split_part(part_of_tree(tree), key);
  return {finish(left), finish(right)};
}

template <LeafPolicy P>
template <class Key>
Tree<P> Edit<P>::slice_range(Tree<P> tree, const Key& low, const Key& high) {
  auto [left, tail] = split_part(part_of_tree(tree), low);
  auto [middle, right] = split_part(tail, policy().compare(low, high) < 0 ? high : low);
  drop_part(left);
  drop_part(right);
  return finish(middle);
}

template <LeafPolicy P>
template <class Key>
void Edit<P>::erase_range(Tree<P>& tree, const Key& low, const Key& high) {
  if (policy().compare(low, high) >= 0) return;
  auto [left, tail] = split_part(part_of_tree(tree), low);
  auto [middle, right] = split_part(tail, high);
  drop_part(middle);
  tree = finish(join(left, right));
}

template <LeafPolicy P>
template <class Change>
size_t Edit<P>::first_right(const Separator& separator, std::span<const Change> changes) const {
  const auto goes_left = [&](const Change& change) { return !policy().goes_right(policy().change_key(change), separator); };
  if (!goes_left(changes.front())) return 0;
  if (goes_left(changes.back())) return changes.size();
  return static_cast<size_t>(std::partition_point(changes.begin(), changes.end(), goes_left) - changes.begin());
}

template <LeafPolicy P>
template <class Change>
Part Edit<P>::apply_part(const Part& part, std::span<const Change> changes) {
  if (changes.empty()) return part;
  Node* node = load(part.link);
  if (node == nullptr && !part.empty()) return part;
  if (node == nullptr || node->is_leaf()) {
    auto* leaf = static_cast<Leaf*>(node);
    state_.leaves.clear();
    policy().apply(leaf, leaf != nullptr && owned(leaf), changes, state_.leaves);
    return finish_replacement(leaf, state_.leaves);
  }
  auto* inner = static_cast<Inner*>(node);
  const size_t middle = first_right(inner->separator, changes);
  const Part left = apply_part(child_part(*inner, 0), changes.first(middle));
  const Part right = apply_part(child_part(*inner, 1), changes.subspan(middle));
  return rebuild(inner, left, right);
}

template <LeafPolicy P>
template <class Change>
void Edit<P>::apply(Tree<P>& tree, std::span<const Change> changes) {
  if (!status_.ok()) return;
  for (size_t i = 1; i < changes.size(); ++i) {
    PROTO_DCHECK(policy().compare(policy().change_key(changes[i - 1]), policy().change_key(changes[i])) < 0);
  }
  tree = finish(apply_part(part_of_tree(tree), changes));
}

template <LeafPolicy P>
template <class Change>
bool Edit<P>::apply_one(Tree<P>& tree, const Change& change) {
  const uint64_t before = tree.size();
  apply(tree, std::span<const Change>(&change, 1));
  return tree.size() != before;
}

template <LeafPolicy P>
template <class Change>
void Edit<P>::apply_unsorted(Tree<P>& tree, std::vector<Change>& changes) {
  const auto below = [this](const Change& a, const Change& b) {
    return policy().compare(policy().change_key(a), policy().change_key(b)) < 0;
  };
  std::stable_sort(changes.begin(), changes.end(), below);
  size_t kept = 0;
  for (size_t i = 0; i < changes.size(); ++i) {
    if (i + 1 < changes.size() && !below(changes[i], changes[i + 1])) continue;  // a later change of the same key wins
    if (kept != i) changes[kept] = std::move(changes[i]);
    ++kept;
  }
  changes.erase(changes.begin() + static_cast<ptrdiff_t>(kept), changes.end());
  apply(tree, std::span<const Change>(changes));
}

// Fresh copies of all leaves of a subtree that stays with its owner; a collected one may be used here, too.
template <LeafPolicy P>
Part Edit<P>::copy_subtree(Link link) {
  Node* node = load(link);
  if (node == nullptr) return {};
  if constexpr (kCollected) return node->is_leaf() ? leaf_part(static_cast<Leaf*>(node)) : part_of(node);
  if (node->is_leaf()) {
    Leaf* leaf = policy().copy(static_cast<const Leaf&>(*node), 0, static_cast<uint32_t>(node->count));
    adopt(leaf);
    return leaf_part(leaf);
  }
  const auto& inner = *static_cast<Inner*>(node);
  const Part left = copy_subtree(inner.link(0));
  return join(left, policy().copy_separator(inner.separator), copy_subtree(inner.link(1)));
}

template <LeafPolicy P>
Part Edit<P>::combine_leaf(SetOperation operation, const Part& left, const Leaf& right, uint32_t from, uint32_t to) {
  if (from == to) {
    if (operation != SetOperation::kIntersect) return left;
    drop_part(left);
    return {};
  }
  Node* node = load(left.link);
  if (node == nullptr) {
    if (!left.empty() || operation != SetOperation::kUnion) return left;
    Leaf* leaf = policy().copy(right, from, to);
    adopt(leaf);
    return leaf_part(leaf);
  }
  if (node->is_leaf()) {
    auto* leaf = static_cast<Leaf*>(node);
    state_.leaves.clear();
    policy().combine(operation, *leaf, right, from, to, state_.leaves);
    return finish_replacement(leaf, state_.leaves);
  }
  auto* inner = static_cast<Inner*>(node);
  typename P::Scratch room;
  const uint32_t bound = policy().lower_bound(right, policy().separator_key(inner->separator, room));
  const uint32_t middle = std::clamp(bound, from, to);
  const Part low = combine_leaf(operation, child_part(*inner, 0), right, from, middle);
  const Part high = combine_leaf(operation, child_part(*inner, 1), right, middle, to);
  return rebuild(inner, low, high);
}

template <LeafPolicy P>
Part Edit<P>::combine_part(SetOperation operation, const Part& left, Link right) {
  if (!left.empty() && same_child(right, left)) {
    if (operation != SetOperation::kDifference) return left;
    drop_part(left);
    return {};
  }
  if (left.empty()) return operation == SetOperation::kUnion ? copy_subtree(right) : Part();
  Node* node = load(right);
  if (node == nullptr) return left;
  if (node->is_leaf()) {
    return combine_leaf(operation, left, static_cast<const Leaf&>(*node), 0, static_cast<uint32_t>(node->count));
  }
  const auto& inner = *static_cast<Inner*>(node);
  typename P::Scratch room;
  const auto [below, above] = split_part(left, policy().separator_key(inner.separator, room));
  const Part low = combine_part(operation, below, inner.link(0));
  const Part high = combine_part(operation, above, inner.link(1));
  return join(low, policy().copy_separator(inner.separator), high);
}

template <LeafPolicy P>
Tree<P> Edit<P>::combine(SetOperation operation, Tree<P> left, Tree<P> right) {
  if (!status_.ok()) return left;
  if (!right.empty()) return finish(combine_part(operation, part_of_tree(left), Link(right.root())));
  if (operation != SetOperation::kIntersect) return left;
  drop(left);
  return family_.empty_tree();
}

template <LeafPolicy P>
Part Edit<P>::merge_part(const Part& left, const Part& right) {
  if (left.empty()) return right;
  if (right.empty()) return left;
  if (right.height == 1) {
    auto* leaf = static_cast<Leaf*>(load(right.link));
    if (leaf == nullptr) return node(left, Separator(), right);
    const Part all = combine_leaf(SetOperation::kUnion, left, *leaf, 0, static_cast<uint32_t>(leaf->count));
    release(leaf);
    return all;
  }
  const Opened opened = open(right);
  if (!opened.ok) return node(left, Separator(), right);
  typename P::Scratch room;
  const auto [below, above] = split_part(left, policy().separator_key(opened.separator, room));
  const Part low = merge_part(below, opened.left);
  const Part high = merge_part(above, opened.right);
  return join(low, opened.separator, high);
}

template <LeafPolicy P>
Tree<P> Edit<P>::merge(Tree<P> left, Tree<P> right) {
  return finish(merge_part(part_of_tree(left), part_of_tree(right)));
}

// ---- positional policies --------------------------------------------------------------------------------------------------

// A replacement that spans leaves: cut, drop, build, join.
template <LeafPolicy P>
Part Edit<P>::splice_across(const Part& part, uint64_t index, uint64_t remove, std::span<const Item> items) {
  auto [head, right] = split_part_at(part, index + remove);
  auto [left, middle] = split_part_at(head, index);
  drop_part(middle);
  const Part added = build_part(items);
  return join(join(left, added), right);
}

template <LeafPolicy P>
Part Edit<P>::splice_part(const Part& part, uint64_t index, uint64_t remove, std::span<const Item> items) {
  Node* node = load(part.link);
  if (node == nullptr) return part.empty() ? build_part(items) : part;
  if (node->is_leaf()) {
    auto* leaf = static_cast<Leaf*>(node);
    state_.leaves.clear();
    policy().splice(leaf, owned(leaf), static_cast<uint32_t>(index), static_cast<uint32_t>(remove), items, state_.leaves);
    return finish_replacement(leaf, state_.leaves);
  }
  auto* inner = static_cast<Inner*>(node);
  const Part left = child_part(*inner, 0);
  const Part right = child_part(*inner, 1);
  if (index + remove <= left.count) return rebuild(inner, splice_part(left, index, remove, items), right);
  if (index < left.count) return splice_across(part, index, remove, items);
  return rebuild(inner, left, splice_part(right, index - left.count, remove, items));
}

template <LeafPolicy P>
void Edit<P>::splice(Tree<P>& tree, uint64_t index, uint64_t remove, std::span<const Item> items) {
  PROTO_CHECK(index <= tree.size() && remove <= tree.size() - index);
  if (!status_.ok() || (remove == 0 && items.empty())) return;
  tree = finish(splice_part(part_of_tree(tree), index, remove, items));
}

// ---- end --------------------------------------------------------------------------------------------------------------

template <LeafPolicy P>
Retired Edit<P>::take_retired()
  requires DurablePolicy<P>
{
  state_.tokens.assign(1, new_edit_token());
  family_.add_live_nodes(std::exchange(state_.live_change, 0));
  Retired taken = std::exchange(state_.retired, Retired());
  state_.retired.owner = &family_;
  return taken;
}

// Frees what the edit made at or after the token `since` and `node` reaches: nothing of that hangs below an older node.
template <LeafPolicy P>
void Edit<P>::free_made(Node* node, uint64_t since) {
  if (node == nullptr || !made_since(node, since)) return;
  if (!node->is_leaf()) {
    const auto& inner = *static_cast<Inner*>(node);
    for (int side = 0; side < 2; ++side) {
      if (const Link link = inner.link(side); !link.is_address()) free_made(link.node(), since);
    }
  }
  free_fresh(node);
}

// The same among the nodes retired from position `from` on; those are forgotten.
template <LeafPolicy P>
void Edit<P>::free_made_retired(size_t from, uint64_t since) {
  for (size_t i = from; i < state_.retired.nodes.size(); ++i) {
    if (made_since(state_.retired.nodes[i], since)) free_fresh(state_.retired.nodes[i]);
  }
  state_.retired.nodes.resize(from);
}

template <LeafPolicy P>
void Edit<P>::discard(Tree<P> tree)
  requires DurablePolicy<P>
{
  free_made(tree.root(), state_.tokens.front());
  free_made_retired(0, state_.tokens.front());
  state_.retired.addresses.clear();
}

template <LeafPolicy P>
Savepoint Edit<P>::savepoint()
  requires DurablePolicy<P>
{
  state_.tokens.push_back(new_edit_token());
  return {token(), state_.retired.nodes.size(), state_.retired.addresses.size()};
}

template <LeafPolicy P>
void Edit<P>::rollback(const Savepoint& savepoint, Tree<P> now)
  requires DurablePolicy<P>
{
  free_made(now.root(), savepoint.token);
}

template <LeafPolicy P>
void Edit<P>::end_rollback(const Savepoint& savepoint)
  requires DurablePolicy<P>
{
  free_made_retired(savepoint.retired_nodes, savepoint.token);
  state_.retired.addresses.resize(savepoint.retired_addresses);
  state_.tokens.erase(std::upper_bound(state_.tokens.begin(), state_.tokens.end(), savepoint.token), state_.tokens.end());
}

}  // namespace proto::avl
