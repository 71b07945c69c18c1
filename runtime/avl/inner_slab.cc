#include "runtime/avl/inner_slab.h"

#include <sys/mman.h>

#include <cstdlib>
#include <new>

#include "runtime/base/check.h"

namespace proto::avl {

namespace {

constexpr size_t kHugePage = size_t{2} << 20;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kOneByOne = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kOneByOne = true;
#else
constexpr bool kOneByOne = false;
#endif
#else
constexpr bool kOneByOne = false;
#endif

}  // namespace

InnerSlab::~InnerSlab() {
  if (kOneByOne) {
    for (void* cell : free_) std::free(cell);
  }
  for (void* slab : slabs_) std::free(slab);
}

void* InnerSlab::allocate() {
  std::lock_guard lock(mutex_);
  return allocate_locked();
}

void* InnerSlab::allocate_locked() {
  if (!free_.empty() && !kOneByOne) {
    void* cell = free_.back();
    free_.pop_back();
    return cell;
  }
  if (kOneByOne) return std::aligned_alloc(sizeof(Inner), sizeof(Inner));
  if (next_ == end_) add_slab();
  PROTO_DCHECK(end_ - next_ >= static_cast<ptrdiff_t>(sizeof(Inner)));
  void* cell = next_;
  next_ += sizeof(Inner);
  return cell;
}

void InnerSlab::add_slab() {
  void* slab = std::aligned_alloc(slab_bytes_, slab_bytes_);
  if (slab == nullptr) throw std::bad_alloc();
  if (slab_bytes_ == kHugePage) (void)madvise(slab, slab_bytes_, MADV_HUGEPAGE);  // advice only: failing changes nothing
  slabs_.push_back(slab);
  next_ = static_cast<char*>(slab);
  end_ = next_ + slab_bytes_;
  if (slab_bytes_ < kHugePage) slab_bytes_ *= 2;
}

void InnerSlab::deallocate(void* cell) {
  PROTO_DCHECK(cell != nullptr);
  if (kOneByOne) return std::free(cell);
  std::lock_guard lock(mutex_);
  free_.push_back(cell);
}

void InnerSlab::take(std::vector<void*>& out, size_t count) {
  std::lock_guard lock(mutex_);
  for (size_t i = 0; i < count; ++i) out.push_back(allocate_locked());
}

void InnerSlab::give(std::vector<void*>& cells, size_t keep) {
  if (cells.size() <= keep) return;
  const auto begin = cells.begin() + static_cast<ptrdiff_t>(keep);
  if (kOneByOne) {
    for (auto cell = begin; cell != cells.end(); ++cell) std::free(*cell);
  } else {
    std::lock_guard lock(mutex_);
    free_.insert(free_.end(), begin, cells.end());
  }
  cells.resize(keep);
}

}  // namespace proto::avl
