#include "runtime/collection/set.h"

#include <algorithm>
#include <string>

#include "runtime/collection/dictionary.h"
#include "runtime/collection/internal/hashed_merge.h"
#include "runtime/value/operations.h"

namespace proto {

using avl::ChangeKind;
using avl::SetOperation;
using internal::DictionaryNodes;
using internal::find_key;
using internal::find_value;
using internal::hashed_key;
using internal::HashedKey;
using internal::HashedOrder;
using internal::root_of;
using internal::SetNodes;
using Edit = internal::HashedEdit<SetNodes>;
using Iterator = internal::HashedIterator<SetNodes, internal::ProjectKey>;

// ---- making -------------------------------------------------------------------------------------------------------------

Set Set::empty(Context& ctx) {
  if (!ctx.enter()) return {};
  Edit edit(ctx);
  return Set(edit.seal(edit.tree(nullptr)));
}

Set Set::of(Context& ctx, std::span<const Value> elements) {
  if (!ctx.enter()) return {};
  SetBuilder builder(ctx, elements.size());
  for (const Value element : elements) builder.add(element);
  return builder.finish();
}

Set Set::of_keys(Context& ctx, const Dictionary& dictionary) {
  if (!ctx.enter() || !ctx.reserve(dictionary.size() * sizeof(HashedKey))) return {};
  internal::HashedWriter<SetNodes> writer(ctx);
  internal::HashedIterator<DictionaryNodes, internal::ProjectKey> at(dictionary);
  for (; at != std::default_sentinel; ++at) writer.add({at.key()});
  return Set(writer.finish());
}

// ---- reading ------------------------------------------------------------------------------------------------------------

bool Set::contains(Context& ctx, Value element) const {
  return static_cast<bool>(find_value<SetNodes>(ctx, *this, element));
}

Value Set::at(uint64_t index) const {
  const auto* leaf = static_cast<const SetNodes::Leaf*>(internal::leaf_at(root_of(*this), index));
  return leaf == nullptr ? Value() : leaf->keys()[index].value;
}

namespace {

// A set that is so much smaller than another looks its elements up in it.
constexpr uint64_t kMuchSmaller = 16;

bool any_of_small(Context& ctx, const Set& small, const Set& large, bool wanted) {
  const avl::Node* root = root_of(large);
  for (Iterator at = small.begin(); at != std::default_sentinel; ++at) {
    ctx.safepoint();
    const bool found = root != nullptr && find_key<SetNodes>(ctx, root, at.key());
    if (found == wanted) return true;
  }
  return false;
}

bool meet(Context& ctx, const Set& a, const Set& b) {
  const HashedOrder order{&ctx};
  Iterator left = a.begin(), right = b.begin();
  while (left != std::default_sentinel && right != std::default_sentinel) {
    ctx.safepoint();
    if (order.less(left.key(), right.key())) {
      ++left;
    } else if (order.less(right.key(), left.key())) {
      ++right;
    } else {
      return true;
    }
  }
  return false;
}

}  // namespace

bool Set::is_subset_of(Context& ctx, const Set& other) const {
  if (size() > other.size()) return false;
  if (size() * kMuchSmaller < other.size()) return !any_of_small(ctx, *this, other, false);
  bool subset = true;
  avl::Family<SetNodes> family{SetNodes(ctx)};
  const avl::Tree<SetNodes> mine(&family, root_of(*this)), theirs(&family, root_of(other));
  const Status status = avl::visit_differences(mine, theirs, [&](const auto* before, const auto*) {
    ctx.safepoint();
    subset = before == nullptr;
    return subset;
  });
  PROTO_DCHECK(status.ok());
  return subset;
}

bool Set::is_disjoint_from(Context& ctx, const Set& other) const {
  if (size() * kMuchSmaller < other.size()) return !any_of_small(ctx, *this, other, true);
  if (other.size() * kMuchSmaller < size()) return !any_of_small(ctx, other, *this, true);
  return !meet(ctx, *this, other);
}

bool Set::equals(Context& ctx, const Set& other) const { return internal::hashed_equal<SetNodes>(ctx, *this, other); }

std::vector<Value> Set::sorted(Context& ctx) const {
  std::vector<Value> sorted;
  sorted.reserve(size());
  for (const Value element : *this) sorted.push_back(element);
  std::sort(sorted.begin(), sorted.end(), [&](Value a, Value b) { return compare(ctx, a, b) < 0; });
  return sorted;
}

// ---- new versions -------------------------------------------------------------------------------------------------------

Set Set::with(Context& ctx, Value element) const {
  if (!ctx.enter()) return {};
  const HashedKey key = hashed_key(ctx, element);
  avl::Node* root = root_of(*this);
  if (root != nullptr && find_key<SetNodes>(ctx, root, key)) return *this;
  Edit edit(ctx);
  auto tree = edit.tree(root);
  edit.apply_one(tree, {.key = key, .kind = ChangeKind::kInsert});
  return Set(edit.seal(tree));
}

Set Set::without(Context& ctx, Value element) const {
  if (!ctx.enter()) return {};
  const auto found = find_value<SetNodes>(ctx, *this, element);
  if (!found) return *this;
  Edit edit(ctx);
  auto tree = edit.tree(*this);
  edit.apply_one(tree, {.key = found.key(), .kind = ChangeKind::kErase});
  return Set(edit.seal(tree));
}

namespace {

Set combine(Context& ctx, SetOperation operation, const Set& left, const Set& right) {
  const Value combined = internal::combine_hashed<SetNodes>(ctx, operation, left, right);
  return combined.is_none() ? Set() : Set(combined);
}

}  // namespace

Set Set::set_union(Context& ctx, const Set& other) const {
  return combine(ctx, SetOperation::kUnion, other, *this);  // of equal elements the second operand's stays
}
Set Set::intersection(Context& ctx, const Set& other) const { return combine(ctx, SetOperation::kIntersect, *this, other); }
Set Set::difference(Context& ctx, const Set& other) const { return combine(ctx, SetOperation::kDifference, *this, other); }
Set Set::symmetric_difference(Context& ctx, const Set& other) const {
  return difference(ctx, other).set_union(ctx, other.difference(ctx, *this));
}

// ---- builder ------------------------------------------------------------------------------------------------------------

Set SetBuilder::finish() {
  if (!ctx_.enter()) return {};
  return Set(builder_.finish());
}

// ---- kinds --------------------------------------------------------------------------------------------------------------

namespace {

void print_set(Context& ctx, Value value, bool, std::string& out) {
  const Set set(value);
  if (set.is_empty()) {
    out += "set()";
    return;
  }
  const char* separator = "{";
  for (const Value element : set.sorted(ctx)) {
    out += separator;
    print(ctx, element, out, true);
    separator = ", ";
  }
  out += '}';
}

}  // namespace

void register_set_kinds() {
  internal::register_hashed_kinds<SetNodes>(CellKind::kSetLeaf, CellKind::kSetInner,
                                            {.name = "set", .value_class = ValueClass::kSet, .print = print_set});
}

}  // namespace proto
