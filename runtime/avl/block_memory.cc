#include "runtime/avl/block_memory.h"

#include <sys/mman.h>

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/base/coding.h"

namespace proto::avl {

namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kChunkBytes = size_t{2} << 20;
constexpr size_t kRegionBytes = size_t{256} << 30;  // of addresses; memory is used chunk by chunk
constexpr size_t kSmallest = 512;
constexpr size_t kLargest = size_t{64} << 10;
constexpr int64_t kChunksFrom = 1 << 20;  // bytes in use of one size

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kUseChunks = false;  // the sanitizer shall see every block
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kUseChunks = false;
#else
constexpr bool kUseChunks = true;
#endif
#else
constexpr bool kUseChunks = true;
#endif

// Eight sizes between a power of two and the next: at most an eighth is lost.
constexpr size_t kSizesPerDoubling = 8;
constexpr size_t kSizes = kSizesPerDoubling * 7 + 1;

size_t size_index(size_t bytes) {
  if (bytes <= kSmallest) return 0;
  const auto doubling = static_cast<size_t>(std::bit_width(bytes - 1) - 1);
  const size_t base = size_t{1} << doubling;
  const size_t step = base / kSizesPerDoubling;
  const size_t above = (bytes - base + step - 1) / step;
  return (doubling - static_cast<size_t>(std::bit_width(kSmallest) - 1)) * kSizesPerDoubling + above;
}

size_t size_of_index(size_t index) {
  const size_t base = kSmallest << (index / kSizesPerDoubling);
  return base + base / kSizesPerDoubling * (index % kSizesPerDoubling);
}

struct Chunk {
  void* free_list = nullptr;  // blocks given back, linked through their first word
  uint32_t untouched = 0;     // offset of the part never handed out
  uint32_t live = 0;          // blocks in use
  uint32_t place = 0;         // in its size's list of chunks with room, if it has room
};

/// Blocks of one size.
struct SizeClass {
  std::mutex mutex;
  int64_t bytes_in_use = 0;      // guarded by mutex
  std::vector<uint32_t> roomy;   // guarded by mutex: chunks with room
};

/// All chunks lie in one range of addresses, which tells their blocks from those of the system's allocator.
class ChunkedMemory {
 public:
  void* allocate(size_t bytes) {
    const size_t index = size_index(bytes);
    const size_t size = size_of_index(index);
    SizeClass& sizes = sizes_[index];
    std::lock_guard lock(sizes.mutex);
    sizes.bytes_in_use += static_cast<int64_t>(size);
    if (sizes.bytes_in_use > kChunksFrom) {
      if (void* block = allocate_in_chunk(sizes, size)) return block;
    }
    return ::operator new(size, std::align_val_t(kAlignment));
  }

  void free(void* block, size_t bytes) {
    PROTO_DCHECK(block != nullptr);
    const size_t index = size_index(bytes);
    const size_t size = size_of_index(index);
    SizeClass& sizes = sizes_[index];
    {
      std::lock_guard lock(sizes.mutex);
      sizes.bytes_in_use -= static_cast<int64_t>(size);
      PROTO_CHECK_MSG(sizes.bytes_in_use >= 0, "a block is freed twice, or with another size");
      const size_t offset = static_cast<size_t>(static_cast<char*>(block) - region_);
      if (region_ != nullptr && static_cast<char*>(block) >= region_ && offset < kRegionBytes) {
        return free_in_chunk(sizes, size, static_cast<uint32_t>(offset / kChunkBytes), block);
      }
    }
    ::operator delete(block, std::align_val_t(kAlignment));
  }

  ChunkedMemory() {
    void* region = mmap(nullptr, kRegionBytes + kChunkBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED) return;  // then the system's allocator serves all
    const uintptr_t aligned = (reinterpret_cast<uintptr_t>(region) + kChunkBytes - 1) & ~(kChunkBytes - 1);
    region_ = reinterpret_cast<char*>(aligned);
    chunks_ = std::make_unique<Chunk[]>(kRegionBytes / kChunkBytes);
  }

 private:
  char* start(uint32_t chunk) const { return region_ + chunk * kChunkBytes; }
  static bool has_room(const Chunk& chunk, size_t size) {
    return chunk.free_list != nullptr || chunk.untouched + size <= kChunkBytes;
  }

  // Caller holds the size's lock, which guards its chunks too.
  void* allocate_in_chunk(SizeClass& sizes, size_t size) {
    if (sizes.roomy.empty() && !add_chunk(sizes)) return nullptr;
    const uint32_t number = sizes.roomy.back();
    PROTO_DCHECK(has_room(chunks_[number], size));
    Chunk& chunk = chunks_[number];
    void* block = chunk.free_list;
    if (block != nullptr) {
      chunk.free_list = load<void*>(block);
    } else {
      block = start(number) + chunk.untouched;
      chunk.untouched += static_cast<uint32_t>(size);
    }
    ++chunk.live;
    if (!has_room(chunk, size)) sizes.roomy.pop_back();
    return block;
  }

  void free_in_chunk(SizeClass& sizes, size_t size, uint32_t number, void* block) {
    Chunk& chunk = chunks_[number];
    PROTO_CHECK_MSG(chunk.live > 0, "a block is freed twice");
    if (!has_room(chunk, size)) add_roomy(sizes, number);
    store(block, chunk.free_list);
    chunk.free_list = block;
    if (--chunk.live > 0) return;
    PROTO_DCHECK(sizes.roomy[chunk.place] == number);
    const uint32_t last = sizes.roomy.back();
    sizes.roomy[chunk.place] = last;
    chunks_[last].place = chunk.place;
    sizes.roomy.pop_back();
    release_chunk(number);
  }

  void add_roomy(SizeClass& sizes, uint32_t number) {
    chunks_[number].place = static_cast<uint32_t>(sizes.roomy.size());
    sizes.roomy.push_back(number);
  }

  bool add_chunk(SizeClass& sizes) {
    uint32_t number = 0;
    {
      std::lock_guard lock(chunks_mutex_);
      if (!empty_chunks_.empty()) {
        number = empty_chunks_.back();
        empty_chunks_.pop_back();
      } else if (region_ != nullptr && chunks_used_ < kRegionBytes / kChunkBytes) {
        number = chunks_used_++;
      } else {
        return false;
      }
    }
    if (mprotect(start(number), kChunkBytes, PROT_READ | PROT_WRITE) != 0) {
      release_chunk(number);
      return false;
    }
    (void)madvise(start(number), kChunkBytes, MADV_HUGEPAGE);  // advice only: failing changes nothing
    chunks_[number] = Chunk();
    add_roomy(sizes, number);
    return true;
  }

  void release_chunk(uint32_t number) {
    (void)madvise(start(number), kChunkBytes, MADV_DONTNEED);
    std::lock_guard lock(chunks_mutex_);
    empty_chunks_.push_back(number);
  }

  char* region_ = nullptr;
  std::unique_ptr<Chunk[]> chunks_;  // each guarded by the lock of the size that has it
  std::array<SizeClass, kSizes> sizes_;
  std::mutex chunks_mutex_;
  std::vector<uint32_t> empty_chunks_;  // guarded by chunks_mutex_
  uint32_t chunks_used_ = 0;            // guarded by chunks_mutex_
};

// Never destroyed: blocks may be freed by static objects.
ChunkedMemory& memory() {
  static ChunkedMemory* const memory = new ChunkedMemory;
  return *memory;
}

bool is_chunked(size_t bytes) { return kUseChunks && bytes >= kSmallest && bytes <= kLargest; }

}  // namespace

void* allocate_block(size_t bytes) {
  if (is_chunked(bytes)) return memory().allocate(bytes);
  return ::operator new(bytes, std::align_val_t(kAlignment));
}

void free_block(void* block, size_t bytes) {
  if (is_chunked(bytes)) return memory().free(block, bytes);
  ::operator delete(block, std::align_val_t(kAlignment));
}

}  // namespace proto::avl
