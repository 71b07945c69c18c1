// Memory for the values of one chunk, or of one blocking operator: taken piece by piece, given back all at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "db/value.h"

namespace protobase::query {

/// A bump allocator. Takes no memory until first used; `reset` keeps its blocks for the next round. One thread.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  Arena(Arena&&) = default;
  Arena& operator=(Arena&&) = default;

  /// `bytes` of memory at a multiple of 16, valid until `reset`. O(1) amortised.
  void* allocate(size_t bytes) {
    bytes = (bytes + 15) & ~size_t{15};
    if (static_cast<size_t>(end_ - next_) < bytes) return allocate_slow(bytes);
    char* memory = next_;
    next_ += bytes;
    return memory;
  }
  /// Room for `count` of a trivial type, not initialised.
  template <class T>
  T* array(size_t count) {
    return static_cast<T*>(allocate(count * sizeof(T)));
  }
  std::string_view copy(std::string_view bytes);
  /// The value with its bytes, if it has any, copied into this arena.
  ValueView keep(const ValueView& value);
  /// Ends everything that was taken.
  void reset();
  /// Memory held, used or not.
  size_t size_bytes() const { return total_; }

 private:
  struct Block {
    std::unique_ptr<char[]> memory;
    size_t size;
  };
  void* allocate_slow(size_t bytes);
  void enter(size_t block);

  std::vector<Block> blocks_;
  size_t current_ = 0;
  char* next_ = nullptr;
  char* end_ = nullptr;
  size_t total_ = 0;
};

}  // namespace protobase::query
