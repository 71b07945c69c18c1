#include "storage/block_cache.h"

#include "runtime/base/check.h"

namespace protobase::storage {
namespace {

/// What a cached block costs beside its bytes: list node, table entry, control block.
constexpr uint64_t kEntryOverheadBytes = 160;

}  // namespace

BlockCache::Shard& BlockCache::shard_of(BlockAddress address) {
  return shards_[((address.word * 0x9E3779B97F4A7C15ull) >> 32) % kShards];
}

void BlockCache::evict(Shard& shard, uint64_t budget) {
  while (shard.bytes > budget && !shard.recent.empty()) {
    PROTO_DCHECK(shard.bytes >= shard.recent.back().charge);
    shard.bytes -= shard.recent.back().charge;
    shard.by_address.erase(shard.recent.back().address.word);
    shard.recent.pop_back();
  }
  PROTO_DCHECK(shard.by_address.size() == shard.recent.size() && (shard.bytes == 0) == shard.recent.empty());
}

std::shared_ptr<const Block> BlockCache::find(BlockAddress address) {
  Shard& shard = shard_of(address);
  std::lock_guard guard(shard.mutex);
  const auto found = shard.by_address.find(address.word);
  if (found == shard.by_address.end()) {
    ++shard.misses;
    return nullptr;
  }
  ++shard.hits;
  shard.recent.splice(shard.recent.begin(), shard.recent, found->second);
  return found->second->block;
}

std::shared_ptr<const Block> BlockCache::insert(BlockAddress address, Block block) {
  const uint64_t charge = block.bytes.size() + kEntryOverheadBytes;
  auto shared = std::make_shared<const Block>(std::move(block));
  if (charge > shard_budget()) return shared;
  Shard& shard = shard_of(address);
  std::lock_guard guard(shard.mutex);
  const auto found = shard.by_address.find(address.word);
  if (found != shard.by_address.end()) return found->second->block;
  shard.recent.push_front(Entry{address, shared, charge});
  shard.by_address.emplace(address.word, shard.recent.begin());
  shard.bytes += charge;
  evict(shard, shard_budget());
  return shared;
}

Result<std::shared_ptr<const Block>> BlockCache::find_or_read(const BlobStore& store, BlockAddress address) {
  if (auto found = find(address); found != nullptr) return found;
  PROTO_ASSIGN_OR_RETURN(Block block, read_block(store, address));
  return insert(address, std::move(block));
}

void BlockCache::erase_segment(SegmentId segment) {
  for (Shard& shard : shards_) {
    std::lock_guard guard(shard.mutex);
    for (auto at = shard.recent.begin(); at != shard.recent.end();) {
      const auto entry = at++;
      if (entry->address.segment() != segment) continue;
      PROTO_DCHECK(shard.bytes >= entry->charge);
      shard.bytes -= entry->charge;
      shard.by_address.erase(entry->address.word);
      shard.recent.erase(entry);
    }
  }
}

void BlockCache::clear() {
  for (Shard& shard : shards_) {
    std::lock_guard guard(shard.mutex);
    evict(shard, 0);
  }
}

void BlockCache::set_budget(uint64_t budget_bytes) {
  budget_bytes_ = budget_bytes;
  for (Shard& shard : shards_) {
    std::lock_guard guard(shard.mutex);
    evict(shard, shard_budget());
  }
}

BlockCacheStatistics BlockCache::statistics() const {
  BlockCacheStatistics sum;
  for (const Shard& shard : shards_) {
    std::lock_guard guard(shard.mutex);
    sum.hits += shard.hits;
    sum.misses += shard.misses;
    sum.block_count += shard.by_address.size();
    sum.bytes += shard.bytes;
  }
  sum.budget_bytes = budget_bytes_;
  return sum;
}

}  // namespace protobase::storage
