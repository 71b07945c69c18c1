#include "runtime/heap/internal/local_tuples.h"

#include <algorithm>

#include "runtime/heap/internal/byte_hash.h"
#include "runtime/heap/weak.h"
#include "runtime/value/operations.h"

namespace proto::heap {
namespace {

bool is_bytes_kind(CellKind kind) { return kind == CellKind::kFlatBytes || kind == CellKind::kBytes; }

// Cells without an identity of their own, which nothing tells from an equal one of the same kind. All others are the same
// only if they are one cell: a list of 1 equals a list of 1.0, but must not take its place.
bool is_compared_by_content(Value value) {
  if (!value.is_cell()) return false;
  switch (value.as_cell()->kind()) {
    case CellKind::kInteger:
    case CellKind::kBoxedDouble:
    case CellKind::kBoxedSpan:
    case CellKind::kRope:
    case CellKind::kFlatBytes:
    case CellKind::kBytes: return true;
    default: return false;
  }
}

bool same(Context& ctx, Value a, Value b) {
  if (a == b) return true;
  if (!is_compared_by_content(a) || !is_compared_by_content(b)) return false;
  const CellKind kind = a.as_cell()->kind();
  const CellKind other = b.as_cell()->kind();
  return (kind == other || (is_bytes_kind(kind) && is_bytes_kind(other))) && equal(ctx, a, b);
}

uint64_t hash_of_elements(Context& ctx, std::span<const Value> elements) {
  uint64_t result = secret_hash_key().words[0] + elements.size();
  for (const Value element : elements) {
    result = combine_hash(result, is_compared_by_content(element) ? hash(ctx, element) : element.word());
  }
  return result;
}

TupleCell* make_tuple(Context& ctx, uint64_t hash, std::span<const Value> elements) {
  auto* tuple = allocate<TupleCell>(ctx, CellKind::kTuple, sizeof(TupleCell) - sizeof(Value) + elements.size_bytes(),
                                    elements.size());
  tuple->held_by.store(hash, std::memory_order_relaxed);
  std::copy(elements.begin(), elements.end(), tuple->elements);
  return tuple;
}

}  // namespace

// A tuple that is dead, but not swept yet, is not to be had any more: it leaves the table here.
TupleCell* LocalTuples::find(Context& ctx, LocalShard& shard, uint64_t hash, std::span<const Value> elements) {
  Cell* found = shard.table.find(hash, [&](const Cell* cell) {
    return std::ranges::equal(elements, static_cast<const TupleCell*>(cell)->view(),
                              [&](Value a, Value b) { return same(ctx, a, b); });
  });
  if (found == nullptr) return nullptr;
  if (revive(ctx, found)) return static_cast<TupleCell*>(found);
  shard.table.erase(hash, found);
  return nullptr;
}

TupleCell* LocalTuples::intern(Context& ctx, std::span<const Value> elements) {
  const uint64_t hash = hash_of_elements(ctx, elements);
  LocalShard& shard = shards_[hash >> 32 & (kLocalShards - 1)];
  {
    const std::lock_guard lock(shard.mutex);
    if (TupleCell* found = find(ctx, shard, hash, elements); found != nullptr) return found;
  }
  // Without the lock: an allocation may wait for the collector, which waits for the lock in its sweep.
  TupleCell* made = make_tuple(ctx, hash, elements);
  leave_to_collector(ctx, Value::cell(made));
  const std::lock_guard lock(shard.mutex);
  if (TupleCell* found = find(ctx, shard, hash, elements); found != nullptr) return found;
  shard.table.insert(hash, made);
  return made;
}

void LocalTuples::sweep(const Space& space) {
  for (LocalShard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    shard.table.retain([&](const Cell* cell) { return is_live(space, cell); });
  }
}

}  // namespace proto::heap
