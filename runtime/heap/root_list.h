// Values held from outside the heap.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/heap/context.h"

namespace proto {

/// Keeps one value alive for as long as it lives, wherever it lives (a global, a std::vector, another library's object).
/// Movable. set() and get() from any attached thread. The space must outlive it.
class Root {
 public:
  Root() = default;
  Root(Context& ctx, Value value);
  ~Root();
  Root(Root&& other) noexcept;
  Root& operator=(Root&& other) noexcept;

  Value get() const;
  void set(Context& ctx, Value value);
  bool empty() const { return slot_ == nullptr; }

 private:
  Space* space_ = nullptr;
  std::atomic<uint64_t>* slot_ = nullptr;
};

/// A growing array of values kept alive together: one entry of the root set whatever its size. One thread.
class RootList {
 public:
  explicit RootList(Context& ctx);
  ~RootList();
  RootList(const RootList&) = delete;
  RootList& operator=(const RootList&) = delete;

  void push_back(Context& ctx, Value value);
  void set(Context& ctx, size_t index, Value value);
  Value operator[](size_t index) const { return load_value(index); }
  size_t size() const { return size_; }
  void clear();

 private:
  friend class heap::Heap;
  struct Chunk;
  Value load_value(size_t index) const;
  Space& space_;
  size_t size_ = 0;
  std::vector<std::unique_ptr<Chunk>> chunks_;  // guarded by the heap's root mutex while they grow
};

}  // namespace proto
