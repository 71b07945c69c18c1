// Definitions of Tree; included by tree.h.
#pragma once

#include <string>

#include "runtime/avl/tree.h"

namespace proto::avl {

template <LeafPolicy P>
template <class Key>
const typename P::Leaf* Tree<P>::find_leaf(const Key& key, Status* status) const {
  const Node* node = root_;
  while (node != nullptr && !node->is_leaf()) {
    const auto& inner = *static_cast<const Inner*>(node);
    node = family_->follow(inner, family_->policy().goes_right(key, inner.separator), status);
  }
  return static_cast<const Leaf*>(node);
}

template <LeafPolicy P>
template <class Key>
std::optional<typename P::Entry> Tree<P>::find(const Key& key, Status* status) const {
  const Leaf* leaf = find_leaf(key, status);
  if (leaf == nullptr) return std::nullopt;
  const uint32_t index = family_->policy().lower_bound(*leaf, key);
  if (!family_->policy().matches(*leaf, index, key)) return std::nullopt;
  return family_->policy().entry(*leaf, index);
}

template <LeafPolicy P>
template <class Key>
bool Tree<P>::contains(const Key& key, Status* status) const {
  const Leaf* leaf = find_leaf(key, status);
  return leaf != nullptr && family_->policy().matches(*leaf, family_->policy().lower_bound(*leaf, key), key);
}

template <LeafPolicy P>
template <class Key>
uint64_t Tree<P>::rank(const Key& key, Status* status) const {
  uint64_t before = 0;
  const Node* node = root_;
  while (node != nullptr && !node->is_leaf()) {
    const auto& inner = *static_cast<const Inner*>(node);
    const bool right = family_->policy().goes_right(key, inner.separator);
    before += right ? inner.left_count : 0;
    node = family_->follow(inner, right, status);
  }
  return node == nullptr ? 0 : before + family_->policy().lower_bound(*static_cast<const Leaf*>(node), key);
}

template <LeafPolicy P>
template <class Key>
uint64_t Tree<P>::count_range(const Key& low, const Key& high, Status* status) const {
  const uint64_t from = rank(low, status);
  const uint64_t to = rank(high, status);
  return to > from ? to - from : 0;
}

template <LeafPolicy P>
const typename P::Leaf* Tree<P>::select_leaf(uint64_t& index, Status* status) const {
  if (index >= size()) return nullptr;
  const Node* node = root_;
  while (node != nullptr && !node->is_leaf()) {
    const auto& inner = *static_cast<const Inner*>(node);
    const bool right = index >= inner.left_count;
    index -= right ? inner.left_count : 0;
    node = family_->follow(inner, right, status);
  }
  return static_cast<const Leaf*>(node);
}

template <LeafPolicy P>
std::optional<typename P::Entry> Tree<P>::select(uint64_t index, Status* status) const {
  const Leaf* leaf = select_leaf(index, status);
  if (leaf == nullptr) return std::nullopt;
  return family_->policy().entry(*leaf, static_cast<uint32_t>(index));
}

namespace internal {

/// One walk of Tree::check().
template <LeafPolicy P>
class TreeChecker {
 public:
  using Leaf = typename P::Leaf;
  struct Ends {
    const Leaf* first = nullptr;
    const Leaf* last = nullptr;
  };

  TreeChecker(const Family<P>& family, bool single_leaf) : family_(family), single_leaf_(single_leaf) {}

  /// The outermost leaves under `node`, unless status() has an error.
  Ends visit(const Node& node) {
    return node.is_leaf() ? visit_leaf(static_cast<const Leaf&>(node)) : visit_inner(static_cast<const Inner&>(node));
  }
  const Status& status() const { return status_; }

 private:
  void require(bool condition, const char* what) {
    if (!condition && status_.ok()) status_ = Status(StatusCode::kCorruption, std::string("tree: ") + what);
  }

  Ends visit_leaf(const Leaf& leaf) {
    if (status_.ok()) status_ = family_.policy().check(leaf);
    require(leaf.count > 0, "a leaf is empty");
    require(leaf.right_height == 0, "a leaf has a height");
    require(!P::kStrictFill || single_leaf_ || !family_.policy().thin(leaf), "a leaf is below the least fill");
    return {&leaf, &leaf};
  }

  Ends visit_inner(const Inner& inner) {
    const Node* left = family_.follow(inner, 0, &status_);
    const Node* right = family_.follow(inner, 1, &status_);
    if (left == nullptr || right == nullptr) {
      require(!status_.ok(), "an inner node lacks a child");
      return {};
    }
    check_sums(inner, *left, *right);
    if (!status_.ok()) return {};
    const Ends left_ends = visit(*left);
    const Ends right_ends = status_.ok() ? visit(*right) : Ends();
    if (!status_.ok()) return {};
    check_order(inner, *left_ends.last, *right_ends.first);
    return {left_ends.first, right_ends.last};
  }

  void check_sums(const Inner& inner, const Node& left, const Node& right) {
    require(static_cast<int>(inner.left_height) == left.height(), "the height of a left child is wrong");
    require(static_cast<int>(inner.right_height) == right.height(), "the height of a right child is wrong");
    require(left.height() - right.height() <= 1 && right.height() - left.height() <= 1, "out of balance");
    require(inner.left_count == left.count, "the count of a left child is wrong");
    require(inner.count == left.count + right.count, "the count of a subtree is wrong");
    if constexpr (CollectedPolicy<P>) return check_measure(inner, left, right);
    const bool on_disk = inner.address.load(std::memory_order_acquire) != 0;
    require(!on_disk || (left.address != 0 && right.address != 0), "a node on disk has a child that is not");
  }

  void check_measure(const Inner& inner, const Node& left, const Node& right) {
    if constexpr (Measuring<P>) {
      Inner again;
      again.left_count = inner.left_count;
      again.count = inner.count;
      again.separator = inner.separator;
      family_.policy().measure(again, left, right);
      const auto load = [](const Inner& node) { return node.address.load(std::memory_order_relaxed); };
      // A measure that leaves `address` empty may enter there later what it computes when asked.
      require((load(again) == 0 || load(again) == load(inner)) && again.separator.head == inner.separator.head &&
                  again.separator.tail == inner.separator.tail,
              "the measure of a subtree is wrong");
    }
  }

  void check_order(const Inner& inner, const Leaf& left, const Leaf& right) {
    if constexpr (OrderedLeafPolicy<P>) {
      const P& policy = family_.policy();
      typename P::Scratch left_room, right_room;
      const auto last = policy.key(left, static_cast<uint32_t>(left.count - 1), left_room);
      const auto first = policy.key(right, 0, right_room);
      require(policy.compare(last, first) < 0, "keys of neighbouring leaves are out of order");
      require(!policy.goes_right(last, inner.separator), "a separator is not above all keys left of it");
      require(policy.goes_right(first, inner.separator), "a separator is above a key right of it");
    }
  }

  const Family<P>& family_;
  const bool single_leaf_;
  Status status_;
};

}  // namespace internal

template <LeafPolicy P>
Status Tree<P>::check() const {
  if (root_ == nullptr) return {};
  internal::TreeChecker<P> checker(*family_, root_->is_leaf());
  checker.visit(*root_);
  return checker.status();
}

}  // namespace proto::avl
