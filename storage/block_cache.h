// Uncompressed blocks kept in memory up to a number of bytes, least recently used out first.
#pragma once

#include <array>
#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "storage/block.h"

namespace protobase::storage {

struct BlockCacheStatistics {
  uint64_t hits = 0;
  uint64_t misses = 0;
  uint64_t block_count = 0;
  uint64_t bytes = 0;
  uint64_t budget_bytes = 0;
};

/// A sharded cache. Any thread. A block handed out stays valid for as long as it is held, whatever the cache does.
class BlockCache {
 public:
  explicit BlockCache(uint64_t budget_bytes) : budget_bytes_(budget_bytes) {}

  /// The cached block, or null. O(1).
  std::shared_ptr<const Block> find(BlockAddress address);
  /// Keeps a block and returns the one that is kept (an equal one that came first wins). A block larger than a shard's
  /// share of the budget is not kept. O(1) amortized.
  std::shared_ptr<const Block> insert(BlockAddress address, Block block);
  /// find(), or read_block() and insert(). Two threads that miss at once may both read. Errors of read_block.
  Result<std::shared_ptr<const Block>> find_or_read(const BlobStore& store, BlockAddress address);
  /// Forgets the blocks of a removed segment. O(blocks).
  void erase_segment(SegmentId segment);
  /// Forgets everything. O(blocks).
  void clear();
  /// Changes the budget and evicts down to it. O(evicted).
  void set_budget(uint64_t budget_bytes);

  BlockCacheStatistics statistics() const;

 private:
  static constexpr size_t kShards = 16;
  struct Entry {
    BlockAddress address;
    std::shared_ptr<const Block> block;
    uint64_t charge = 0;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::list<Entry> recent;  // most recently used first
    std::unordered_map<uint64_t, std::list<Entry>::iterator> by_address;
    uint64_t bytes = 0;
    uint64_t hits = 0;
    uint64_t misses = 0;
  };

  Shard& shard_of(BlockAddress address);
  uint64_t shard_budget() const { return budget_bytes_.load(std::memory_order_relaxed) / kShards; }
  /// Evicts until the shard is within `budget`; its mutex is held.
  static void evict(Shard& shard, uint64_t budget);

  std::atomic<uint64_t> budget_bytes_;  // a plain number: no other memory is published through it
  std::array<Shard, kShards> shards_;
};

}  // namespace protobase::storage
