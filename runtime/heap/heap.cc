// The memory side of the heap: blocks, runs, regions, budgets.
#include "runtime/heap/heap.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "runtime/heap/shared_heap.h"
#include "runtime/heap/weak.h"

namespace proto {

size_t cell_bytes(const Cell* cell) {
  heap::Chunk* chunk = heap::Chunk::of(cell);
  if (chunk->region) return chunk->bytes - heap::kRegionOffset;
  const heap::Block& block = chunk->block_of(cell);
  if (block.state == heap::BlockState::kSmall) return heap::kClassBytes[block.size_class];
  return block.run_blocks * heap::kBlockBytes;
}

namespace heap {

Heap::Heap(Space& space, const SpaceOptions& options)
    : space_(space), options_(options), hard_limit_(options.hard_limit_bytes) {
  add_used(0);
}

void Heap::close() {
  {
    const std::lock_guard world(world_mutex_);
    PROTO_CHECK_MSG(threads_.empty(), "a space ends while threads are attached to it");
    closing_ = true;
  }
  cycle_wanted_.notify_all();
  if (collector_.joinable()) collector_.join();
}

Heap::~Heap() {
  for (Chunk* chunk : chunks_) unmap_chunk(chunk);
  for (Chunk* region : regions_) unmap_chunk(region);
}

// ---- blocks -----------------------------------------------------------------------------------------------------------

void Heap::list_chunk(Chunk* chunk) {
  if (chunk->listed || chunk->free_blocks == 0) return;
  chunk->listed = true;
  chunks_with_free_.push_back(chunk);
}

Chunk* Heap::add_chunk() {
  Chunk* chunk = map_chunk(kChunkBytes, this);
  PROTO_CHECK_MSG(chunk != nullptr, "the system gave no memory for the heap");
  heap_bytes_ += kChunkBytes;
  chunks_.push_back(chunk);
  list_chunk(chunk);
  return chunk;
}

// Newest first, as its memory is the warmest; chunks that turn out to be full leave the list.
Chunk* Heap::chunk_with_run(uint32_t block_count) {
  for (size_t i = chunks_with_free_.size(); i-- > 0;) {
    Chunk* chunk = chunks_with_free_[i];
    if (chunk->free_blocks == 0) {
      chunk->listed = false;
      chunks_with_free_[i] = chunks_with_free_.back();
      chunks_with_free_.pop_back();
    } else if (find_run(chunk->free_blocks, block_count) != kBlocksPerChunk) {
      return chunk;
    }
  }
  return add_chunk();
}

void Heap::use_blocks(Chunk* chunk, uint32_t index, uint32_t count) {
  const uint64_t run = (count == 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1) << index;
  PROTO_DCHECK((chunk->free_blocks & run) == run);
  chunk->free_blocks &= ~run;
  returned_bytes_ -= static_cast<size_t>(std::popcount(chunk->returned_blocks & run)) * kBlockBytes;
  chunk->returned_blocks &= ~run;
  add_used(static_cast<int64_t>(count * kBlockBytes));
  chunk->blocks[index].born_cycle.store(cycle(), std::memory_order_relaxed);
}

void Heap::free_blocks(Chunk* chunk, uint32_t index, uint32_t count) {
  for (uint32_t i = index; i < index + count; ++i) {
    chunk->blocks[i].state.store(BlockState::kFree, std::memory_order_relaxed);
    chunk->free_blocks |= uint64_t{1} << i;
  }
  add_used(-static_cast<int64_t>(count * kBlockBytes));
  list_chunk(chunk);
}

Block* Heap::take_block(uint32_t size_class) {
  if (Block* block = available_[size_class]; block != nullptr) {
    available_[size_class] = block->next_available;
    block->next_available = nullptr;
    block->born_cycle.store(cycle(), std::memory_order_relaxed);
    return block;
  }
  Chunk* chunk = chunk_with_run(1);
  const auto index = static_cast<uint32_t>(std::countr_zero(chunk->free_blocks));
  use_blocks(chunk, index, 1);
  return &chunk->blocks[index];
}

Cell* Heap::refill(Thread& thread, uint32_t size_class) {
  Bin& bin = thread.heap().bins[size_class];
  Block* block;
  {
    const std::lock_guard lock(mutex_);
    block = take_block(size_class);
  }
  block->taker.store(&thread, std::memory_order_relaxed);
  size_t bytes = kBlockBytes;
  if (block->state.load(std::memory_order_relaxed) == BlockState::kFree) {
    // Outside the lock: nobody else takes the block any more, and its pages may have to come from the system.
    Chunk* chunk = Chunk::of(block);
    chunk->format(chunk->block_index(*block), size_class);
    bin.bump = chunk->block_start(chunk->block_index(*block));
    bin.limit = bin.bump + block->cell_count * size_t{kClassBytes[size_class]};
  } else {
    bytes = block->free_count * size_t{kClassBytes[size_class]};
    bin.free = std::exchange(block->free, nullptr);
  }
  after_allocation(thread, bytes);
  // The wait above may have ended in a stop that took the block away; then there is another round.
  if (bin.free == nullptr && bin.bump == bin.limit) return refill(thread, size_class);
  if (Cell* cell = bin.free; cell != nullptr) {
    bin.free = next_free(cell);
    return cell;
  }
  auto* cell = reinterpret_cast<Cell*>(bin.bump);
  bin.bump += kClassBytes[size_class];
  return cell;
}

Cell* Heap::take_run(uint32_t block_count) {
  Chunk* chunk = chunk_with_run(block_count);
  const uint32_t index = find_run(chunk->free_blocks, block_count);
  use_blocks(chunk, index, block_count);
  for (uint32_t i = 0; i < block_count; ++i) {
    chunk->blocks[index + i].run_blocks = i == 0 ? block_count : i;
    chunk->blocks[index + i].state.store(i == 0 ? BlockState::kLargeHead : BlockState::kLargeRest,
                                         std::memory_order_release);
  }
  return reinterpret_cast<Cell*>(chunk->block_start(index));
}

Cell* Heap::take_region(size_t bytes) {
  Chunk* chunk = map_chunk(bytes + kRegionOffset, this, true);
  PROTO_CHECK_MSG(chunk != nullptr, "the system gave no memory for a large cell");
  regions_.push_back(chunk);
  heap_bytes_ += chunk->bytes;
  add_used(static_cast<int64_t>(chunk->bytes));
  Block& head = chunk->blocks[kHeaderBlocks];
  head.born_cycle.store(cycle(), std::memory_order_relaxed);
  head.state.store(BlockState::kLargeHead, std::memory_order_release);
  return reinterpret_cast<Cell*>(chunk->base() + kRegionOffset);
}

Cell* Heap::allocate_large(Thread& thread, size_t bytes) {
  // Waits and asks first: nothing may come between the cell and its header.
  after_allocation(thread, bytes);
  const std::lock_guard lock(mutex_);
  Cell* cell = bytes > kMaxRunBytes ? take_region(bytes)
                                    : take_run(static_cast<uint32_t>((bytes + kBlockBytes - 1) / kBlockBytes));
  Chunk::of(cell)->block_of(cell).taker.store(&thread, std::memory_order_relaxed);
  cell->header.store(0, std::memory_order_relaxed);
  // The end of a run that was not asked for holds nothing that a trace of the whole cell could mistake. Regions are fresh.
  if (bytes <= kMaxRunBytes) std::memset(reinterpret_cast<char*>(cell) + bytes, 0, cell_bytes(cell) - bytes);
  return cell;
}

// ---- budgets ------------------------------------------------------------------------------------------------------------

void Heap::add_used(int64_t bytes) {
  const size_t used = used_bytes_.load(std::memory_order_relaxed) + static_cast<size_t>(bytes);
  used_bytes_.store(used, std::memory_order_relaxed);
  const size_t budget = std::max<size_t>(options_.budget_bytes, live_bytes_);
  tight_ = options_.soft_limit_bytes != 0 && used > options_.soft_limit_bytes;
  budget_.store(tight_ ? std::max<size_t>(budget / 8, size_t{1} << 20) : budget, std::memory_order_relaxed);
}

void Heap::after_allocation(Thread& thread, size_t bytes) {
  allocated_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  const size_t since = since_cycle_.fetch_add(bytes, std::memory_order_relaxed) + bytes +
                       static_cast<size_t>(std::max<int64_t>(0, external_since_cycle_.load(std::memory_order_relaxed)));
  const size_t budget = budget_.load(std::memory_order_relaxed);
  const size_t limit = hard_limit_.load(std::memory_order_relaxed);
  const bool over_limit = limit != 0 && used_bytes_.load(std::memory_order_relaxed) > limit;
  if (over_limit) thread.heap().attention.fetch_or(kAttentionLimit, std::memory_order_relaxed);
  if (since < budget) return;
  if (phase() == Phase::kIdle) {
    if (!cycle_requested_.exchange(true, std::memory_order_relaxed)) request_cycle();
  } else if (since > 2 * budget) {
    wait_for_cycle_end(thread);
  }
}

// A thread that allocates faster than the collector frees gives it time on the processor: a little with each block, so that it slows
// down and does not stand.
void Heap::wait_for_cycle_end(Thread& thread) {
  constexpr std::chrono::microseconds kSlice(300);
  const auto start = std::chrono::steady_clock::now();
  {
    const BlockingRegion region(thread);
    std::unique_lock lock(mutex_);
    memory_freed_.wait_for(lock, kSlice, [this] { return phase() == Phase::kIdle; });
  }
  const std::lock_guard world(world_mutex_);
  ++waits_;
  const std::chrono::duration<double, std::milli> waited = std::chrono::steady_clock::now() - start;
  longest_wait_ms_ = std::max(longest_wait_ms_, waited.count());
}

bool Heap::over_hard_limit() const { return would_exceed(0); }

bool Heap::would_exceed(size_t bytes) const {
  const auto external = static_cast<size_t>(std::max<int64_t>(0, external_bytes_.load(std::memory_order_relaxed)));
  const size_t limit = hard_limit_.load(std::memory_order_relaxed);
  return limit != 0 && used_bytes_.load(std::memory_order_relaxed) + external + bytes > limit;
}

void Heap::account_external(int64_t bytes) {
  external_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  if (bytes <= 0) return;
  const int64_t since = external_since_cycle_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  const size_t budget = budget_.load(std::memory_order_relaxed);
  const bool spent = since_cycle_.load(std::memory_order_relaxed) + static_cast<size_t>(since) >= budget;
  if (spent && phase() == Phase::kIdle && !cycle_requested_.exchange(true, std::memory_order_relaxed)) request_cycle();
}

void Heap::set_limits(size_t soft_limit, size_t hard_limit) {
  const std::lock_guard lock(mutex_);
  options_.soft_limit_bytes = soft_limit;
  hard_limit_.store(hard_limit, std::memory_order_relaxed);
  add_used(0);
}

SpaceStatistics Heap::statistics() const {
  SpaceStatistics result;
  {
    const std::lock_guard world(world_mutex_);
    result.cycles = cycles_done_;
    result.pauses = pauses_;
    result.stops = stops_;
    result.waits = waits_;
    result.longest_wait_ms = longest_wait_ms_;
    result.marking_ms = marking_ms_;
    result.sweeping_ms = sweeping_ms_;
  }
  const std::lock_guard lock(mutex_);
  result.live_bytes = live_bytes_;
  result.live_cells = live_cells_;
  result.heap_bytes = heap_bytes_ - returned_bytes_;
  result.used_bytes = used_bytes_.load(std::memory_order_relaxed);
  result.external_bytes = static_cast<uint64_t>(std::max<int64_t>(0, external_bytes_.load(std::memory_order_relaxed)));
  result.allocated_bytes = allocated_bytes_.load(std::memory_order_relaxed);
  result.freed_by_frames = freed_by_frames_.load(std::memory_order_relaxed);
  const std::chrono::duration<double> age = std::chrono::steady_clock::now() - began_;
  result.bytes_per_second = static_cast<double>(result.allocated_bytes) / std::max(age.count(), 1e-9);
  return result;
}

bool Heap::hostile_cycle_is_due() const {
  if (options_.collect_every == 0) return false;
  constexpr size_t kSmallHeap = size_t{1} << 20;
  const std::lock_guard lock(mutex_);
  return live_bytes_ < kSmallHeap || since_cycle_.load(std::memory_order_relaxed) >= live_bytes_ / 4;
}

// ---- who is alive ---------------------------------------------------------------------------------------------------------

bool Heap::is_live(const Cell* cell) const {
  Chunk* chunk = Chunk::of(cell);
  if (chunk->owner != this) return chunk->owner == nullptr && shared_is_live(cell, shared_bit_);
  const Block& block = chunk->region ? chunk->blocks[kHeaderBlocks] : chunk->block_of(cell);
  return block.born_cycle.load(std::memory_order_relaxed) == cycle() || chunk->marked(cell);
}

bool is_live(const Space& space, const Cell* cell) { return space.heap().is_live(cell); }

bool revive(Context& ctx, Cell* cell) {
  ThreadHeap& heap = ctx.thread().heap();
  if (heap.marking.load(std::memory_order_relaxed)) {
    heap.overwritten.push_back(Value::cell(cell));
  } else if (ctx.space().heap().phase() == Phase::kSweeping && !ctx.space().heap().is_live(cell)) {
    return false;
  }
  ctx.thread().note_escape(Value::cell(cell));
  return true;
}

}  // namespace heap
}  // namespace proto
