// Operations on trees of hashed keys, for the three kinds of collection alike.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <new>
#include <span>

#include "runtime/avl/difference.h"
#include "runtime/avl/edit.h"
#include "runtime/collection/internal/hashed_directory.h"

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
    if (root == nullptr) root = policy().new_leaf(0);
    const CellKind kind = root->is_leaf() ? P::kSmallRoot : P::kLargeRoot;
    if (as_cell(root)->kind() != kind) {
      if (!avl::has_token(root, policy().memory.token())) root = copy(*root);
      root->owner = (root->owner & ~uint64_t{0xFF}) | static_cast<uint8_t>(kind);
    }
    return Value::cell(as_cell(root));
  }

 private:
  static Cell* as_cell(avl::Node* node) { return reinterpret_cast<Cell*>(node); }
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

/// Makes a collection of entries that come in order. On the stack.
template <class P>
class HashedWriter {
 public:
  explicit HashedWriter(Context& ctx) : edit_(ctx) {}

  void add(const typename P::Item& item) {
    if (leaf_ == nullptr || leaf_->count == P::kLeafEntries) {
      push();
      leaf_ = edit_.policy().new_leaf(P::kLeafEntries);
    }
    const auto index = static_cast<uint32_t>(leaf_->count);
    leaf_->keys()[index] = item.key;
    if constexpr (P::kHasValues) leaf_->values()[index] = item.value;
    leaf_->count = index + 1;
  }
  /// Up to kLeafEntries entries, which become a leaf; not to be mixed with add().
  void add_leaf(const HashedKey* keys, [[maybe_unused]] const Value* values, uint32_t count) {
    leaf_ = edit_.policy().new_leaf(count);
    std::copy_n(keys, count, leaf_->keys());
    if constexpr (P::kHasValues) std::copy_n(values, count, leaf_->values());
    leaf_->count = count;
    push();
  }
  Value finish() {
    push();
    return edit_.seal(edit_.take_pushed());
  }

 private:
  // A leaf is filled before the next one is allocated, so no snapshot finds it half full.
  void push() {
    if (leaf_ == nullptr) return;
    P::finish_leaf(*leaf_);
    edit_.push_leaf(leaf_);
    leaf_ = nullptr;
  }

  HashedEdit<P> edit_;
  typename P::Leaf* leaf_ = nullptr;
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

/// The functions that the kinds have in common.
template <class P>
bool hashed_equal(Context& ctx, Value a, Value b) {
  if (entries_of(a) != entries_of(b)) return false;
  const auto differ = [](Context& context, Value x, Value y) { return proto::equal(context, x, y) ? 0 : 1; };
  return HashedComparison<P, decltype(differ)>(ctx, differ)(a, b) == 0;
}

/// The smaller one first, then as HashedComparison.
template <class P>
int hashed_compare(Context& ctx, Value a, Value b) {
  if (entries_of(a) != entries_of(b)) return entries_of(a) < entries_of(b) ? -1 : 1;
  const auto values = [](Context& context, Value x, Value y) { return proto::compare(context, x, y); };
  return HashedComparison<P, decltype(values)>(ctx, values)(a, b);
}

/// A sum, so that neither history nor the order of keys of one hash matters.
template <class P>
uint64_t hashed_hash(Context& ctx, Value collection) {
  uint64_t sum = 0;
  for (HashedIterator<P, ProjectKey> at(collection); at != std::default_sentinel; ++at) {
    uint64_t entry = at.key().hash;
    if constexpr (P::kHasValues) entry = combine_hash(entry, proto::hash(ctx, at.value()));
    sum += mix_hash(entry);
  }
  return combine_hash(static_cast<uint64_t>(P::kSmallRoot), sum + entries_of(collection));
}

template <class P>
void trace_hashed_leaf(const Cell* cell, Tracer& tracer) {
  const auto& leaf = *reinterpret_cast<const typename P::Leaf*>(cell);
  for (uint32_t i = 0; i < leaf.count; ++i) tracer.visit(leaf.keys()[i].value);
  if constexpr (P::kHasValues) tracer.visit(std::span<const Value>(leaf.values(), leaf.count));
}

/// The separator's key may be in no leaf any more.
template <class P>
void trace_hashed_inner(const Cell* cell, Tracer& tracer) {
  const auto& inner = *reinterpret_cast<const avl::Inner*>(cell);
  if constexpr (!P::kAddsUp) tracer.visit(HashedDirectory::of(inner.address.load(std::memory_order_acquire)));
  tracer.visit(proto::load<HashedKey>(&inner.separator).value);
  trace_children(cell, tracer);
}

/// Enters the four kinds of P; `operations` has the collection's name, class and print function.
template <class P>
void register_hashed_kinds(CellKind leaf, CellKind inner, KindOperations operations) {
  operations.equal = hashed_equal<P>;
  operations.hash = hashed_hash<P>;
  operations.compare = hashed_compare<P>;
  operations.trace = trace_hashed_leaf<P>;
  register_kind(P::kSmallRoot, operations);
  operations.trace = trace_hashed_inner<P>;
  register_kind(P::kLargeRoot, operations);
  register_kind(leaf, {.name = "leaf", .trace = trace_hashed_leaf<P>});
  register_kind(inner, {.name = "node", .trace = trace_hashed_inner<P>});
}

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
