// The nodes of dictionaries, sets and multisets: entries ordered by the hash of their key, then by the key.
//
// There is no cell besides the nodes: a value is the root of its tree. A root carries the kind of its collection (a single
// leaf the small one), every other node one of its own kind; they are laid out and traced alike, so a root may become part of
// a larger tree. What is empty is a leaf without entries.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <new>
#include <span>
#include <utility>

#include "runtime/avl/pod_map.h"
#include "runtime/collection/node_memory.h"
#include "runtime/value/operations.h"
#include "runtime/value/value.h"

namespace proto::internal {

/// A key with its hash. The low three bits of the hash say "a double", so that a table of these may be traced as values, and
/// are never all zero.
struct HashedKey {
  uint64_t hash = 0;
  Value value;

  static constexpr uint64_t usable(uint64_t hash) { return (hash & ~uint64_t{7}) | Value::kDoubleBelow; }
};
inline HashedKey hashed_key(Context& ctx, Value value) { return {HashedKey::usable(proto::hash(ctx, value)), value}; }

/// By hash, keys of one hash by compare().
struct HashedOrder {
  Context* ctx = nullptr;

  bool less(const HashedKey& a, const HashedKey& b) const {
    if (__builtin_expect(a.hash != b.hash, 1)) return a.hash < b.hash;
    return a.value != b.value && proto::compare(*ctx, a.value, b.value) < 0;
  }
  bool equal(const HashedKey& a, const HashedKey& b) const {
    return a.hash == b.hash && proto::equal(*ctx, a.value, b.value);
  }
  uint64_t position(const HashedKey& key) const { return key.hash; }
};

/// What the three have in common. `V` is Value or avl::NoValue. kAddsUp: the values are counts, and inner nodes keep their sum.
template <class V, CellKind kLeafKind, CellKind kInnerKind>
struct HashedNodes : avl::PodMap<HashedKey, V, NodeMemory<kLeafKind, kInnerKind>, HashedOrder> {
  using Map = avl::PodMap<HashedKey, V, NodeMemory<kLeafKind, kInnerKind>, HashedOrder>;
  using typename Map::Leaf;
  static constexpr bool kHasValues = Map::kValueBytes != 0;
  static constexpr size_t kLeafBytes = kHasValues ? 2048 : 1360;  // size classes of the heap
  static constexpr uint32_t kLeafEntries = (kLeafBytes - sizeof(Leaf)) / (sizeof(HashedKey) + Map::kValueBytes);

  explicit HashedNodes(Context& ctx, bool leaves_room = false)
      : Map{.max_entries = kLeafEntries,
            .memory = NodeMemory<kLeafKind, kInnerKind>(ctx, leaves_room),
            .order = HashedOrder{&ctx}} {}

  /// Room for `capacity` entries, still without any; finish_leaf() when it is filled.
  Leaf* new_leaf(uint32_t capacity) const {
    auto* leaf = new (this->memory.allocate_leaf(kEmptyBytes + capacity * kEntryBytes)) Leaf;
    leaf->owner = this->memory.leaf_header();
    leaf->capacity = capacity;
    return leaf;
  }
  static void finish_leaf(Leaf& leaf) {
    const uint64_t spread = leaf.keys()[leaf.count - 1].hash - leaf.keys()[0].hash;
    leaf.slope = spread == 0 ? 0.0f : static_cast<float>(leaf.count - 1) / static_cast<float>(spread);
  }

 private:
  static constexpr size_t kEmptyBytes = sizeof(Leaf);
  static constexpr size_t kEntryBytes = sizeof(HashedKey) + Map::kValueBytes;
};

struct DictionaryNodes : HashedNodes<Value, CellKind::kDictionaryLeaf, CellKind::kDictionaryInner> {
  static constexpr CellKind kSmallRoot = CellKind::kSmallDictionary, kLargeRoot = CellKind::kDictionary;
  static constexpr bool kAddsUp = false;
  using HashedNodes::HashedNodes;
};

struct SetNodes : HashedNodes<avl::NoValue, CellKind::kSetLeaf, CellKind::kSetInner> {
  static constexpr CellKind kSmallRoot = CellKind::kSmallSet, kLargeRoot = CellKind::kSet;
  static constexpr bool kAddsUp = false;
  using HashedNodes::HashedNodes;
};

/// The values are counts, as small integers above 0. Inner nodes keep the total of the counts below them. Operations on two
/// trees take the greater count (kUnion), the lesser one (kIntersect) or what is left (kDifference).
struct MultisetNodes : HashedNodes<Value, CellKind::kMultisetLeaf, CellKind::kMultisetInner> {
  static constexpr CellKind kSmallRoot = CellKind::kSmallMultiset, kLargeRoot = CellKind::kMultiset;
  static constexpr bool kAddsUp = true;
  using HashedNodes::HashedNodes;

  static uint64_t total(const avl::Node& node);
  void measure(avl::Inner& inner, const avl::Node& left, const avl::Node& right) const {
    inner.address.store(total(left) + total(right), std::memory_order_relaxed);
  }
  void combine(avl::SetOperation operation, const Leaf& a, const Leaf& b, uint32_t from, uint32_t to, Leaves& out) const;
};

static_assert(avl::CollectedLeafPolicy<DictionaryNodes> && avl::OrderedLeafPolicy<DictionaryNodes>);
static_assert(avl::CollectedLeafPolicy<SetNodes> && avl::OrderedLeafPolicy<SetNodes>);
static_assert(avl::CollectedLeafPolicy<MultisetNodes> && avl::internal::Measuring<MultisetNodes>);

/// The tree of a collection's value; null when it is empty, or no collection at all.
inline avl::Node* root_of(Value value) {
  if (!value.is_cell()) return nullptr;
  auto* node = reinterpret_cast<avl::Node*>(value.as_cell());
  return node->count == 0 ? nullptr : node;
}
/// Number of entries.
inline uint64_t entries_of(Value value) {
  return value.is_cell() ? reinterpret_cast<const avl::Node*>(value.as_cell())->count : 0;
}

/// Where a key stands; no leaf if it is not there.
template <class P>
struct Found {
  const typename P::Leaf* leaf = nullptr;
  uint32_t index = 0;

  explicit operator bool() const { return leaf != nullptr; }
  const HashedKey& key() const { return leaf->keys()[index]; }
  Value value() const { return leaf->values()[index]; }
};

template <class P>
Found<P> find_in_leaf(Context& ctx, const typename P::Leaf& leaf, const HashedKey& key) {
  const auto count = static_cast<uint32_t>(leaf.count);
  const HashedKey* keys = leaf.keys();
  if (key.hash < keys[0].hash) return {};
  // Hashes are spread evenly: the key stands a few places from where a straight line would have it.
  const float expected = static_cast<float>(key.hash - keys[0].hash) * leaf.slope;
  uint32_t index = expected < static_cast<float>(count) ? static_cast<uint32_t>(expected) : count - 1;
  while (index > 0 && keys[index - 1].hash >= key.hash) --index;
  while (index < count && keys[index].hash < key.hash) ++index;
  for (; index < count && keys[index].hash == key.hash; ++index) {
    if (proto::equal(ctx, keys[index].value, key.value)) return {&leaf, index};
  }
  return {};
}

/// O(log n); the root is not null.
template <class P>
Found<P> find_key(Context& ctx, const avl::Node* node, const HashedKey& key) {
  const HashedOrder order{&ctx};
  while (!node->is_leaf()) {
    const auto& inner = *static_cast<const avl::Inner*>(node);
    node = inner.link(!order.less(key, proto::load<HashedKey>(&inner.separator))).node();
  }
  return find_in_leaf<P>(ctx, *static_cast<const typename P::Leaf*>(node), key);
}

/// The leaf in which the entry at position `index` stands; `index` becomes its place there. Null when there is none.
inline const avl::Node* leaf_at(const avl::Node* node, uint64_t& index) {
  if (node == nullptr || index >= node->count) return nullptr;
  while (!node->is_leaf()) {
    const auto& inner = *static_cast<const avl::Inner*>(node);
    const bool right = index >= inner.left_count;
    index -= right ? inner.left_count : 0;
    node = inner.link(right).node();
  }
  return node;
}

/// Walks the entries in their order, leaf by leaf; `Project` makes of a leaf and an index what it shows. Allocates nothing;
/// the collection must stay reachable.
template <class P, class Project>
class HashedIterator {
 public:
  using value_type = decltype(Project::entry(std::declval<const typename P::Leaf&>(), 0));
  using difference_type = ptrdiff_t;
  using iterator_concept = std::forward_iterator_tag;

  HashedIterator() = default;
  explicit HashedIterator(Value collection) : collection_(collection) { next_leaf(); }

  value_type operator*() const { return Project::entry(*leaf_, index_); }
  HashedIterator& operator++() {
    if (++index_ == leaf_->count) next_leaf();
    return *this;
  }
  HashedIterator operator++(int) {
    HashedIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const HashedIterator& other) const { return leaf_ == other.leaf_ && index_ == other.index_; }
  bool operator==(std::default_sentinel_t) const { return leaf_ == nullptr; }
  const HashedKey& key() const { return leaf_->keys()[index_]; }
  Value value() const { return leaf_->values()[index_]; }

 private:
  void next_leaf() {
    uint64_t index = next_;
    leaf_ = static_cast<const typename P::Leaf*>(leaf_at(root_of(collection_), index));
    index_ = 0;
    if (leaf_ != nullptr) next_ += leaf_->count;
  }

  Value collection_;
  const typename P::Leaf* leaf_ = nullptr;
  uint32_t index_ = 0;
  uint64_t next_ = 0;  // position of the first entry after this leaf
};

struct ProjectKey {
  template <class Leaf>
  static Value entry(const Leaf& leaf, uint32_t index) {
    return leaf.keys()[index].value;
  }
};
struct ProjectValue {
  template <class Leaf>
  static Value entry(const Leaf& leaf, uint32_t index) {
    return leaf.values()[index];
  }
};

/// A range over one part of a collection's entries.
template <class P, class Project>
class HashedRange {
 public:
  explicit HashedRange(Value collection) : collection_(collection) {}
  HashedIterator<P, Project> begin() const { return HashedIterator<P, Project>(collection_); }
  std::default_sentinel_t end() const { return {}; }
  uint64_t size() const { return entries_of(collection_); }

 private:
  Value collection_;
};

}  // namespace proto::internal
