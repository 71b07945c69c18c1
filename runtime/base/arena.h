// Memory that grows by appending and goes all at once: for what lives as long as one batch of work.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace proto {

/// A bump allocator. Nothing moves; nothing is freed before `clear` or the end. One thread.
class Arena {
 public:
  /// Room for `size` bytes, aligned to 8.
  char* allocate(size_t size) {
    size = (size + 7) & ~size_t{7};
    if (size > left_) grow(size);
    char* const taken = next_;
    next_ += size;
    left_ -= size;
    return taken;
  }
  /// A copy of `bytes`.
  std::string_view keep(std::string_view bytes) {
    if (bytes.empty()) return {};
    char* const to = allocate(bytes.size());
    std::memcpy(to, bytes.data(), bytes.size());
    return {to, bytes.size()};
  }
  /// Forgets everything; keeps the first chunk for reuse.
  void clear() {
    if (chunks_.empty()) return;
    chunks_.resize(1);
    next_ = chunks_.front().bytes.get();
    left_ = chunks_.front().size;
    size_bytes_ = left_;
  }
  /// Memory taken.
  size_t size_bytes() const { return size_bytes_; }

 private:
  static constexpr size_t kFirstChunkBytes = 4096, kLargestChunkBytes = 1 << 20;
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    size_t size;
  };
  void grow(size_t least) {
    size_t size = chunks_.empty() ? kFirstChunkBytes : std::min(chunks_.back().size * 2, kLargestChunkBytes);
    size = std::max(size, least);
    chunks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
    next_ = chunks_.back().bytes.get();
    left_ = size;
    size_bytes_ += size;
  }
  std::vector<Chunk> chunks_;
  char* next_ = nullptr;
  size_t left_ = 0;
  size_t size_bytes_ = 0;
};

}  // namespace proto
