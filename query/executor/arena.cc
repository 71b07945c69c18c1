#include "query/executor/arena.h"

#include <algorithm>
#include <cstring>

namespace protobase::query {
namespace {
constexpr size_t kFirstBlock = 1024;  // small enough for the allocator's fast path
constexpr size_t kLargestBlock = 512 << 10;
}  // namespace

void Arena::enter(size_t block) {
  current_ = block;
  next_ = blocks_[block].memory.get();
  end_ = next_ + blocks_[block].size;
}

void* Arena::allocate_slow(size_t bytes) {
  const bool started = next_ != nullptr;
  for (size_t block = started ? current_ + 1 : 0; block < blocks_.size(); ++block) {
    if (blocks_[block].size < bytes) continue;
    enter(block);
    return allocate(bytes);
  }
  const size_t grown = blocks_.empty() ? kFirstBlock : std::min(blocks_.back().size * 4, kLargestBlock);
  const size_t size = std::max(bytes, grown);
  blocks_.push_back({std::unique_ptr<char[]>(new char[size]), size});
  total_ += size;
  enter(blocks_.size() - 1);
  return allocate(bytes);
}

std::string_view Arena::copy(std::string_view bytes) {
  if (bytes.empty()) return std::string_view("", 0);
  auto* memory = static_cast<char*>(allocate(bytes.size()));
  std::memcpy(memory, bytes.data(), bytes.size());
  return {memory, bytes.size()};
}

ValueView Arena::keep(const ValueView& value) {
  switch (value.kind()) {
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kVector:
    case Kind::kArray:
    case Kind::kObject: return ValueView::of_encoded(value.kind(), copy(value.buffer()));
    default: return value;
  }
}

void Arena::reset() {
#ifndef NDEBUG
  // Whoever reads a value of the last chunk finds nonsense instead of what happens to be still there.
  for (Block& block : blocks_) std::memset(block.memory.get(), 0xDD, block.size);
#endif
  if (blocks_.empty()) return;
  enter(0);
}

}  // namespace protobase::query
