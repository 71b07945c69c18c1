// Tuples that hold cells of one space: interned in that space alone.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <span>

#include "runtime/heap/context.h"
#include "runtime/heap/intern_table.h"
#include "runtime/heap/internal/cell_table.h"

namespace proto::heap {

/// A weak table in shards, so that its sweep holds no lock for long. What it names belongs to the collector alone.
class LocalTuples {
 public:
  /// The tuple of these elements, which are reachable otherwise. May stop for the collector.
  TupleCell* intern(Context& ctx, std::span<const Value> elements);
  /// Drops the tuples that the finished marking did not reach. Before anything of that cycle is freed.
  void sweep(const Space& space);

 private:
  static constexpr size_t kLocalShards = 32;
  /// Tuples of one space have no bits; the hash that they have in the table stands there.
  struct LocalKey {
    static uint64_t hash_of(const Cell* cell) {
      return static_cast<const TupleCell*>(cell)->held_by.load(std::memory_order_relaxed);
    }
  };
  struct LocalShard {
    std::mutex mutex;
    CellTable<LocalKey> table;
  };
  static TupleCell* find(Context& ctx, LocalShard& shard, uint64_t hash, std::span<const Value> elements);

  std::array<LocalShard, kLocalShards> shards_;
};

}  // namespace proto::heap
