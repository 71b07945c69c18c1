#include "runtime/collection/internal/hashed_nodes.h"

#include <array>

namespace proto::internal {

using avl::SetOperation;

uint64_t MultisetNodes::total(const avl::Node& node) {
  if (!node.is_leaf()) return node.address.load(std::memory_order_relaxed);
  const auto& leaf = static_cast<const Leaf&>(node);
  uint64_t sum = 0;
  for (uint32_t i = 0; i < leaf.count; ++i) sum += static_cast<uint64_t>(leaf.values()[i].as_small_integer());
  return sum;
}

namespace {

Value combined_count(SetOperation operation, Value a, Value b) {
  const int64_t left = a.as_small_integer();
  const int64_t right = b.as_small_integer();
  if (operation == SetOperation::kUnion) return std::max(left, right) == left ? a : b;
  if (operation == SetOperation::kIntersect) return std::min(left, right) == left ? a : b;
  return Value::integer(std::max<int64_t>(left - right, 0));
}

}  // namespace

void MultisetNodes::combine(SetOperation operation, const Leaf& a, const Leaf& b, uint32_t from, uint32_t to,
                            Leaves& out) const {
  std::array<Item, 2 * kLeafEntries> items;
  size_t count = 0;
  const bool keep_a = operation != SetOperation::kIntersect;
  const bool keep_b = operation == SetOperation::kUnion;
  uint32_t i = 0;
  for (; from < to; ++from) {
    const HashedKey& key = b.keys()[from];
    for (; i < a.count && order.less(a.keys()[i], key); ++i) {
      if (keep_a) items[count++] = entry(a, i);
    }
    if (i == a.count || !order.equal(a.keys()[i], key)) {
      if (keep_b) items[count++] = entry(b, from);
      continue;
    }
    const Value left = combined_count(operation, a.values()[i], b.values()[from]);
    if (left.as_small_integer() > 0) items[count++] = {a.keys()[i], left};
    ++i;
  }
  for (; keep_a && i < a.count; ++i) items[count++] = entry(a, i);
  build(std::span<const Item>(items.data(), count), out);
}

}  // namespace proto::internal
