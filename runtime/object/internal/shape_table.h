// The shapes of a space, by what makes them: a list of prototypes, or a parent and a name. Weak.
#pragma once

#include <array>
#include <mutex>
#include <span>
#include <vector>

#include "runtime/object/internal/shape.h"

namespace proto::objects {

/// 64 shards with a lock each. No lock is held across a safepoint, so the collector may take them at any time.
///
/// A shape that the collector found dead is dropped by sweep(), before its memory is freed; between marking and that,
/// look-ups refuse it (heap::revive) and put a new one in its place. Shapes found are marked by revive() while a cycle
/// marks.
class ShapeTable {
 public:
  /// The living shape that matches; null if there is none.
  Shape* find(Context& ctx, Shape* parent, Value name);
  RootShape* find(Context& ctx, std::span<const Value> prototypes);
  /// Enters a new shape, unless another thread was first: then that one.
  Shape* enter(Context& ctx, Shape* shape);
  /// Drops what is dead.
  void sweep(Space& space);
  size_t size();

 private:
  static constexpr uint32_t kShardBits = 6;
  struct Entry {
    uint64_t hash = 0;
    Shape* shape = nullptr;
  };
  struct Shard {
    std::mutex mutex;
    std::vector<Entry> entries;  // open addressing, a power of two; guarded by mutex
    size_t used = 0;             // guarded by mutex
  };
  /// What is looked for: a child (of parent, with name) or a root.
  struct Key {
    Shape* parent;
    Value name;
    std::span<const Value> prototypes;
    uint64_t hash;
  };

  static Key child_key(Shape* parent, Value name);
  static Key root_key(std::span<const Value> prototypes);
  static Key key_of(Shape* shape);
  static bool matches(const Entry& entry, const Key& key);
  static Entry* find_entry(Shard& shard, const Key& key);
  static void insert(Shard& shard, Entry entry);
  static void grow(Shard& shard);
  static void sweep(Shard& shard, Space& space);
  Shard& shard_of(uint64_t hash) { return shards_[hash >> (64 - kShardBits)]; }
  Shape* find(Context& ctx, const Key& key);

  std::array<Shard, size_t{1} << kShardBits> shards_;
};

}  // namespace proto::objects
