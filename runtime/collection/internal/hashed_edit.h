// Operations on trees of hashed keys, for the three kinds of collection alike.
#pragma once

#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include "runtime/avl/difference.h"
#include "runtime/avl/edit.h"
#include "runtime/collection/internal/hashed_nodes.h"

namespace proto::internal {

/// One operation that makes new versions. On the stack.
template <class P>
class HashedEdit {
 public:
  using Tree = avl::Tree<P>;
  using Change = typename P::Change;
  using Item = typename P::Item;
  using Leaf = typename P::Leaf;

  explicit HashedEdit(Context& ctx, bool leaves_room = false) : family_(P(ctx, leaves_room)), edit_(family_) {}

  Tree tree(avl::Node* root) const { return Tree(&family_, root); }
  Tree tree(Value collection) const { return tree(root_of(collection)); }
  Tree build(std::span<const Item> items) { return edit_.build(items); }
  void apply(Tree& tree, std::span<const Change> changes) { edit_.apply(tree, changes); }
  void apply_one(Tree& tree, const Change& change) { edit_.apply(tree, std::span(&change, 1)); }
  Tree combine(avl::SetOperation operation, Tree left, Tree right) { return edit_.combine(operation, left, right); }
  void push_leaf(Leaf* leaf) { edit_.push_leaf(leaf); }
  Tree take_pushed() { return edit_.take_pushed(); }
  const P& policy() const { return family_.policy(); }

  /// The value whose tree this is: its root gets the collection's kind, if need be in a copy.
  Value seal(Tree tree) {
    avl::Node* root = tree.root();
    if (root == nullptr) return Value::cell(as_cell(empty_leaf()));
    const CellKind kind = root->is_leaf() ? P::kSmallRoot : P::kLargeRoot;
    if (as_cell(root)->kind() != kind) {
      if (!avl::has_token(root, policy().memory.token())) root = copy(*root);
      root->owner = (root->owner & ~uint64_t{0xFF}) | static_cast<uint8_t>(kind);
    }
    return Value::cell(as_cell(root));
  }

  /// Room for `capacity` entries, still without any; finish_leaf() when it is filled.
  Leaf* new_leaf(uint32_t capacity) const {
    auto* leaf = new (policy().memory.allocate_leaf(bytes(capacity))) Leaf;
    leaf->owner = policy().memory.leaf_header();
    leaf->capacity = capacity;
    return leaf;
  }
  static void finish_leaf(Leaf& leaf) {
    const uint64_t spread = leaf.keys()[leaf.count - 1].hash - leaf.keys()[0].hash;
    leaf.slope = spread == 0 ? 0.0f : static_cast<float>(leaf.count - 1) / static_cast<float>(spread);
  }

 private:
  static size_t bytes(uint32_t capacity) {
    return sizeof(Leaf) + capacity * (sizeof(HashedKey) + (P::kHasValues ? sizeof(Value) : 0));
  }
  static Cell* as_cell(avl::Node* node) { return reinterpret_cast<Cell*>(node); }
  Leaf* empty_leaf() const { return new_leaf(0); }
  avl::Node* copy(const avl::Node& root) const {
    if (root.is_leaf()) return policy().copy(static_cast<const Leaf&>(root), 0, static_cast<uint32_t>(root.count));
    const auto& from = static_cast<const avl::Inner&>(root);
    auto* inner = new (policy().memory.allocate_inner()) avl::Inner;
    inner->owner = policy().memory.inner_header();
    inner->address.store(from.address.load(std::memory_order_relaxed), std::memory_order_relaxed);
    inner->count = from.count, inner->left_count = from.left_count;
    inner->left_height = from.left_height, inner->right_height = from.right_height;
    for (int side = 0; side < 2; ++side) inner->links[side].store(from.link(side).word(), std::memory_order_relaxed);
    inner->separator = from.separator;
    return inner;
  }

  avl::Family<P> family_;
  avl::Edit<P> edit_;
};

/// Compares two trees entry by entry; parts that they share are skipped. O(n) at most. `Compare` is for values of equal keys.
/// The order: where they first differ, the one with the lesser key comes first; one that has ended comes before; else by the
/// values there.
template <class P, class CompareValues>
class HashedComparison {
 public:
  HashedComparison(Context& ctx, CompareValues compare_values) : ctx_(ctx), compare_values_(compare_values) {}

  int operator()(Value a, Value b) const {
    const avl::Node* left = root_of(a);
    const avl::Node* right = root_of(b);
    if (left == right) return 0;
    if (left == nullptr || right == nullptr) return left == nullptr ? -1 : 1;
    if (left->is_leaf() && right->is_leaf()) return compare_leaves(as_leaf(left), as_leaf(right));
    return compare_trees(a, b);
  }

 private:
  using Leaf = typename P::Leaf;
  static const Leaf& as_leaf(const avl::Node* node) { return *static_cast<const Leaf*>(node); }

  int compare_leaves(const Leaf& a, const Leaf& b) const {
    const HashedOrder order{&ctx_};
    for (uint32_t i = 0; i < a.count && i < b.count; ++i) {
      const HashedKey& left = a.keys()[i];
      const HashedKey& right = b.keys()[i];
      if (!order.equal(left, right)) return order.less(left, right) ? -1 : 1;
      if constexpr (P::kHasValues) {
        if (const int values = compare_values_(ctx_, a.values()[i], b.values()[i]); values != 0) return values;
      }
    }
    return a.count < b.count ? -1 : a.count > b.count ? 1 : 0;
  }

  // A key that one of them alone has: the other has a greater one there, or has ended.
  int compare_trees(Value a, Value b) const {
    avl::Family<P> family{P(ctx_)};
    const avl::Tree<P> left(&family, root_of(a)), right(&family, root_of(b));
    uint64_t alone_at = 0;
    int result = 0;
    const Status status = avl::visit_differences(left, right, [&](const auto* before, const auto* after) {
      if (before == nullptr || after == nullptr) {
        const HashedKey& key = before == nullptr ? after->key : before->key;
        alone_at = before == nullptr ? left.rank(key) : right.rank(key);
        result = before == nullptr ? (alone_at == left.size() ? -1 : 1) : (alone_at == right.size() ? 1 : -1);
      } else if constexpr (P::kHasValues) {
        result = compare_values_(ctx_, before->value, after->value);
      }
      return result == 0;
    });
    PROTO_DCHECK(status.ok());
    return result;
  }

  Context& ctx_;
  CompareValues compare_values_;
};

template <class P>
Status check_hashed(Context& ctx, Value collection) {
  avl::Family<P> family{P(ctx)};
  const avl::Node* root = root_of(collection);
  if (root != nullptr && !collection.is_cell_of(root->is_leaf() ? P::kSmallRoot : P::kLargeRoot)) {
    return Status(StatusCode::kCorruption, "the root of a collection has the wrong kind");
  }
  return avl::Tree<P>(&family, root_of(collection)).check();
}

}  // namespace proto::internal
