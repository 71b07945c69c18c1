#include "runtime/collection/multiset.h"

#include <algorithm>
#include <string>

#include "runtime/collection/internal/hashed_merge.h"
#include "runtime/value/operations.h"

namespace proto {

using avl::ChangeKind;
using avl::SetOperation;
using internal::find_key;
using internal::find_value;
using internal::hashed_key;
using internal::HashedKey;
using internal::HashedOrder;
using internal::MultisetNodes;
using internal::root_of;
using Edit = internal::HashedEdit<MultisetNodes>;
using Iterator = internal::HashedIterator<MultisetNodes, internal::ProjectValue>;
using Change = MultisetNodes::Change;

namespace {

uint64_t count_of(Value value) { return static_cast<uint64_t>(value.as_small_integer()); }
Value as_value(uint64_t count) { return Value::integer(static_cast<int64_t>(count)); }

/// False after an error.
bool add_counts(Context& ctx, uint64_t& count, uint64_t times) {
  if (times <= Multiset::kMaxCount && count <= Multiset::kMaxCount - times) {
    count += times;
    return true;
  }
  ctx.fail(Status(StatusCode::kRange, "an element of a multiset would occur too often"));
  return false;
}

}  // namespace

// ---- making -------------------------------------------------------------------------------------------------------------

Multiset Multiset::empty(Context& ctx) {
  if (!ctx.enter()) return {};
  Edit edit(ctx);
  return Multiset(edit.seal(edit.tree(nullptr)));
}

Multiset Multiset::of(Context& ctx, std::span<const Value> elements) {
  if (!ctx.enter()) return {};
  MultisetBuilder builder(ctx);
  for (const Value element : elements) builder.add(element);
  return builder.finish();
}

// ---- reading ------------------------------------------------------------------------------------------------------------

uint64_t Multiset::size() const {
  const avl::Node* root = root_of(*this);
  return root == nullptr ? 0 : MultisetNodes::total(*root);
}

uint64_t Multiset::count(Context& ctx, Value element) const {
  const auto found = find_value<MultisetNodes>(ctx, *this, element);
  return found ? count_of(found.value()) : 0;
}

std::vector<Multiset::Item> Multiset::most_common(Context& ctx, size_t limit) const {
  std::vector<Item> items;
  items.reserve(distinct_size());
  for (const Item item : *this) items.push_back(item);
  const auto before = [&](const Item& a, const Item& b) {
    return a.count != b.count ? a.count > b.count : compare(ctx, a.element, b.element) < 0;
  };
  const auto kept = items.begin() + static_cast<ptrdiff_t>(std::min(limit, items.size()));
  std::partial_sort(items.begin(), kept, items.end(), before);
  items.erase(kept, items.end());
  return items;
}

bool Multiset::equals(Context& ctx, const Multiset& other) const {
  return internal::hashed_equal<MultisetNodes>(ctx, *this, other);
}

Status Multiset::check(Context& ctx) const {
  for (Iterator at(*this); at != std::default_sentinel; ++at) {
    if (at.value().is_small_integer() && at.value().as_small_integer() > 0) continue;
    return Status(StatusCode::kCorruption, "a multiset has a count that is none");
  }
  return internal::check_hashed<MultisetNodes>(ctx, *this);
}

// ---- new versions -------------------------------------------------------------------------------------------------------

Multiset Multiset::with(Context& ctx, Value element, uint64_t times) const {
  if (!ctx.enter()) return {};
  if (times == 0) return valid() ? *this : empty(ctx);
  HashedKey key = hashed_key(ctx, element);
  avl::Node* root = root_of(*this);
  uint64_t count = 0;
  if (root != nullptr) {
    if (const auto found = find_key<MultisetNodes>(ctx, root, key)) {
      count = count_of(found.value());
      key = found.key();
    }
  }
  if (!add_counts(ctx, count, times)) return {};
  Edit edit(ctx);
  auto tree = edit.tree(root);
  edit.apply_one(tree, {.key = key, .value = as_value(count)});
  return Multiset(edit.seal(tree));
}

Multiset Multiset::without(Context& ctx, Value element, uint64_t times) const {
  if (!ctx.enter()) return {};
  const auto found = find_value<MultisetNodes>(ctx, *this, element);
  if (!found || times == 0) return *this;
  const uint64_t count = count_of(found.value());
  Change change{.key = found.key(), .kind = ChangeKind::kErase};
  if (count > times) change = {.key = found.key(), .value = as_value(count - times)};
  Edit edit(ctx);
  auto tree = edit.tree(*this);
  edit.apply_one(tree, change);
  return Multiset(edit.seal(tree));
}

namespace {

Multiset combine(Context& ctx, SetOperation operation, const Multiset& left, const Multiset& right) {
  const Value combined = internal::combine_hashed<MultisetNodes>(ctx, operation, left, right);
  return combined.is_none() ? Multiset() : Multiset(combined);
}

/// The sum when the right one is much smaller.
Multiset add_to(Context& ctx, const Multiset& left, const Multiset& right) {
  const avl::Node* root = root_of(left);
  std::vector<Change> changes;  // what they name is reached from the operands
  changes.reserve(right.distinct_size());
  for (Iterator at(right); at != std::default_sentinel; ++at) {
    HashedKey key = at.key();
    uint64_t count = count_of(at.value());
    if (const auto found = root == nullptr ? internal::Found<MultisetNodes>() : find_key<MultisetNodes>(ctx, root, key)) {
      if (!add_counts(ctx, count, count_of(found.value()))) return {};
      key = found.key();
    }
    changes.push_back({.key = key, .value = as_value(count)});
  }
  Edit edit(ctx);
  auto tree = edit.tree(left);
  if (!changes.empty()) edit.apply(tree, changes);
  return Multiset(edit.seal(tree));
}

/// The sum by one walk through both.
Multiset merge_sum(Context& ctx, const Multiset& left, const Multiset& right) {
  const HashedOrder order{&ctx};
  internal::HashedWriter<MultisetNodes> writer(ctx);
  Iterator a(left), b(right);
  const std::default_sentinel_t end;
  while (a != end || b != end) {
    if (b == end || (a != end && order.less(a.key(), b.key()))) {
      writer.add({a.key(), a.value()});
      ++a;
    } else if (a == end || order.less(b.key(), a.key())) {
      writer.add({b.key(), b.value()});
      ++b;
    } else {
      uint64_t count = count_of(a.value());
      if (!add_counts(ctx, count, count_of(b.value()))) return {};
      writer.add({a.key(), as_value(count)});
      ++a, ++b;
    }
  }
  return Multiset(writer.finish());
}

constexpr uint64_t kMuchSmaller = 8;

}  // namespace

Multiset Multiset::sum(Context& ctx, const Multiset& other) const {
  if (!ctx.enter() || !ctx.reserve((distinct_size() + other.distinct_size()) * sizeof(MultisetNodes::Item))) return {};
  if (other.distinct_size() * kMuchSmaller < distinct_size()) return add_to(ctx, *this, other);
  if (distinct_size() * kMuchSmaller < other.distinct_size()) return add_to(ctx, other, *this);
  return merge_sum(ctx, *this, other);
}

Multiset Multiset::set_union(Context& ctx, const Multiset& other) const {
  return combine(ctx, SetOperation::kUnion, *this, other);
}
Multiset Multiset::intersection(Context& ctx, const Multiset& other) const {
  return combine(ctx, SetOperation::kIntersect, *this, other);
}
Multiset Multiset::difference(Context& ctx, const Multiset& other) const {
  return combine(ctx, SetOperation::kDifference, *this, other);
}

// ---- builder ------------------------------------------------------------------------------------------------------------

uint64_t MultisetBuilder::count(Value element) const {
  const auto entry = builder_.find(hashed_key(ctx_, element));
  return entry.key == nullptr ? 0 : count_of(*entry.value);
}

void MultisetBuilder::add(Value element, uint64_t times) {
  if (times == 0) return;
  const HashedKey key = hashed_key(ctx_, element);
  const auto entry = builder_.find(key);
  uint64_t count = entry.key == nullptr ? 0 : count_of(*entry.value);
  if (add_counts(ctx_, count, times)) builder_.set({key, as_value(count)});
}

void MultisetBuilder::remove(Value element, uint64_t times) {
  const HashedKey key = hashed_key(ctx_, element);
  const auto entry = builder_.find(key);
  if (entry.key == nullptr || times == 0) return;
  const uint64_t count = count_of(*entry.value);
  if (count > times) {
    builder_.set({key, as_value(count - times)});
  } else {
    builder_.remove(key);
  }
}

Multiset MultisetBuilder::finish() {
  if (!ctx_.enter()) return {};
  return Multiset(builder_.finish());
}

// ---- kinds --------------------------------------------------------------------------------------------------------------

namespace {

void print_multiset(Context& ctx, Value value, bool, std::string& out) {
  const Multiset multiset(value);
  std::vector<Multiset::Item> items;
  items.reserve(multiset.distinct_size());
  for (const Multiset::Item item : multiset) items.push_back(item);
  std::sort(items.begin(), items.end(),
            [&](const auto& a, const auto& b) { return compare(ctx, a.element, b.element) < 0; });
  out += "multiset{";
  for (const Multiset::Item& item : items) {
    if (&item != items.data()) out += ", ";
    print(ctx, item.element, out, true);
    out += ": " + std::to_string(item.count);
  }
  out += '}';
}

}  // namespace

void register_multiset_kinds() {
  internal::register_hashed_kinds<MultisetNodes>(
      CellKind::kMultisetLeaf, CellKind::kMultisetInner,
      {.name = "multiset", .value_class = ValueClass::kMultiset, .print = print_multiset});
}

}  // namespace proto
