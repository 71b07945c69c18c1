// What the builders of dictionaries, sets and multisets are made of.
#pragma once

#include <optional>

#include "runtime/collection/internal/hashed_edit.h"
#include "runtime/collection/internal/hashed_table.h"

namespace proto::internal {

/// A collection that is changed in place: a table while it grows from nothing, else a tree with an edit of its own. On the
/// stack; one thread, one frame.
template <class P>
class HashedBuilder {
 public:
  using Item = typename P::Item;
  using Change = typename P::Change;

  HashedBuilder(Context& ctx, uint64_t expected) : ctx_(ctx), table_(std::in_place, ctx, expected) {}
  HashedBuilder(Context& ctx, Value collection) : ctx_(ctx) {
    if (root_of(collection) == nullptr) {
      table_.emplace(ctx, 0);
    } else {
      edit_.emplace(ctx, true);
      root_ = root_of(collection);
    }
  }

  uint64_t size() const { return table_ ? table_->size() : root_ == nullptr ? 0 : root_->count; }

  /// The key that is there and its value; null when it is not.
  struct Entry {
    const HashedKey* key = nullptr;
    const Value* value = nullptr;
  };
  Entry find(const HashedKey& key) const {
    if (table_) {
      const Item* slot = table_->find(key);
      if (slot == nullptr) return {};
      if constexpr (P::kHasValues) return {&slot->key, &slot->value};
      return {&slot->key};
    }
    if (root_ == nullptr) return {};
    const Found<P> found = find_key<P>(ctx_, root_, key);
    if (!found) return {};
    if constexpr (P::kHasValues) return {&found.key(), found.leaf->values() + found.index};
    return {&found.key()};
  }

  /// True if the key was not there.
  bool set(const Item& item) {
    if (table_) {
      using Outcome = typename HashedTable<P>::Outcome;
      const Outcome outcome = table_->set(item);
      if (outcome != Outcome::kCrowded) return outcome == Outcome::kAdded;
      become_tree();
    }
    return set_in_tree(item);
  }
  /// True if the key was there.
  bool remove(const HashedKey& key) {
    if (table_) return table_->remove(key);
    if (root_ == nullptr) return false;
    const uint64_t before = root_->count;
    change({.key = key, .kind = avl::ChangeKind::kErase});
    return size() != before;
  }

  /// The collection; the builder is empty then.
  Value finish() {
    if (table_) become_tree();
    const Value result = edit_->seal(edit_->tree(root_));
    root_ = nullptr;
    edit_.reset();
    table_.emplace(ctx_, 0);
    return result;
  }

 private:
  bool set_in_tree(const Item& item) {
    const uint64_t before = size();
    Change to{.key = item.key, .value = item.value};
    if (const Entry entry = find(item.key); entry.key != nullptr) to.key = *entry.key;  // the key that was there stays
    change(to);
    return size() != before;
  }
  void change(const Change& change) {
    auto tree = edit_->tree(root_);
    edit_->apply_one(tree, change);
    root_ = tree.root();
  }
  void become_tree() {
    const std::span<const Item> items = table_->take();
    edit_.emplace(ctx_, true);
    root_ = edit_->build(items).root();
    table_.reset();
  }

  Context& ctx_;
  std::optional<HashedTable<P>> table_;  // either this...
  std::optional<HashedEdit<P>> edit_;    // ... or this
  avl::Node* root_ = nullptr;            // of the tree
};

}  // namespace proto::internal
