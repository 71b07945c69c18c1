// Keeps versions of a tree alive and frees retired nodes: the in-memory owner of trees.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <utility>

#include "runtime/avl/edit.h"

namespace proto::avl {

/// Published versions of one tree, newest last. Thread-safe: any number of readers pin versions while one edit at a time
/// works on the newest. Ends when no version is pinned any more.
template <LeafPolicy P>
class VersionSet {
 public:
  /// A version kept alive; movable. Ends on any thread, before the set.
  class Pin {
   public:
    Pin() = default;
    Pin(Pin&& other) noexcept : set_(std::exchange(other.set_, nullptr)), number_(other.number_), tree_(other.tree_) {}
    Pin& operator=(Pin&& other) noexcept {
      std::swap(set_, other.set_), std::swap(number_, other.number_), std::swap(tree_, other.tree_);
      return *this;
    }
    ~Pin() {
      if (set_ != nullptr) set_->unpin(number_);
    }
    const Tree<P>& operator*() const { return tree_; }
    const Tree<P>* operator->() const { return &tree_; }

   private:
    friend class VersionSet;
    Pin(VersionSet* set, uint64_t number, Tree<P> tree) : set_(set), number_(number), tree_(tree) {}
    VersionSet* set_ = nullptr;
    uint64_t number_ = 0;
    Tree<P> tree_;
  };

  explicit VersionSet(Family<P>& family) : family_(family) { versions_.push_back({family.empty_tree(), {}, 0}); }
  ~VersionSet() {
    PROTO_CHECK_MSG(versions_.size() == 1 && versions_.front().pins == 0, "a version outlived its set");
    family_.free_all(versions_.front().tree.root());
  }

  /// The newest version, kept alive by the pin. O(1).
  Pin pin() {
    std::lock_guard lock(mutex_);
    Version& newest = versions_.back();
    ++newest.pins;
    return Pin(this, first_number_ + versions_.size() - 1, newest.tree);
  }
  /// Makes `tree` the newest version; `edit` made it from the one before. Frees what no version needs.
  void publish(Edit<P>& edit, Tree<P> tree) {
    PROTO_CHECK(edit.ok());
    std::lock_guard lock(mutex_);
    versions_.push_back({tree, edit.take_retired(), 0});
    collect();
  }

 private:
  struct Version {
    Tree<P> tree;
    Retired retired;  // what the commit that made this version took out of the one before
    uint64_t pins = 0;
  };

  void unpin(uint64_t number) {
    std::lock_guard lock(mutex_);
    --versions_[number - first_number_].pins;
    collect();
  }
  // A version's retired nodes are reached by older versions only: free them once it is the oldest.
  void collect() {
    while (versions_.size() > 1 && versions_.front().pins == 0) {
      versions_.pop_front();
      ++first_number_;
      versions_.front().retired.free();
    }
  }

  Family<P>& family_;
  std::mutex mutex_;
  std::deque<Version> versions_;  // guarded by mutex_
  uint64_t first_number_ = 0;     // guarded by mutex_
};

}  // namespace proto::avl
