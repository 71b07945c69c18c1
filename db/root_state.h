// One version of everything: the catalog and, for each collection, the roots of its trees. Immutable; copies share.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "db/catalog.h"
#include "db/collection_tree.h"
#include "db/index_tree.h"
#include "db/node_store.h"
#include "db/vector_index_state.h"

namespace protobase {

using CollectionFamily = DurableFamily<CollectionPolicy>;
using IndexFamily = DurableFamily<IndexPolicy>;

/// Gives ids to new objects of one collection. Shared by all versions, since ids of transactions that roll back are not
/// given again. Any thread.
class IdAllocator {
 public:
  explicit IdAllocator(uint64_t next) : next_(next) {}
  uint64_t take(uint64_t count = 1) { return next_.fetch_add(count, std::memory_order_relaxed); }
  /// Ids up to `id` are used.
  void pass(uint64_t id) {
    uint64_t next = next_.load(std::memory_order_relaxed);
    while (next <= id && !next_.compare_exchange_weak(next, id + 1, std::memory_order_relaxed)) {
    }
  }
  uint64_t next() const { return next_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> next_;  // a plain counter: publishes no other memory
};

/// An ordered or hash index at one version.
struct IndexState {
  IndexId id;
  IndexTree tree;
};

/// A collection at one version. Its definition is the catalog's.
struct CollectionState {
  CollectionId id;
  CollectionTree objects;
  std::vector<IndexState> indexes;
  std::vector<std::shared_ptr<const VectorIndexState>> vector_indexes;
  std::shared_ptr<IdAllocator> ids;

  const IndexState* find_index(IndexId index) const;
  const std::shared_ptr<const VectorIndexState>* find_vector_index(IndexId index) const;
};

/// A version's contents.
struct RootState {
  std::shared_ptr<const Catalog> catalog;
  std::vector<std::shared_ptr<const CollectionState>> collections;  // by id

  /// Null when there is none. O(log collections).
  std::shared_ptr<const CollectionState> find(CollectionId id) const;
  /// Replaces, adds or (null) removes the state of a collection. O(collections).
  void set(CollectionId id, std::shared_ptr<const CollectionState> state);
  uint64_t object_count() const;
};

}  // namespace protobase
