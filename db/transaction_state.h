// A transaction as the query layer and the public classes use it: reads through views of one moment, writes by object.
//
// Views (CollectionView, IndexView, VectorView) show the objects as they were when the view was made, own writes
// included; later writes of the same transaction do not change a view that exists. So an UPDATE that scans while it
// writes never meets its own changes.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/catalog.h"
#include "db/collection_tree.h"
#include "db/column_block.h"
#include "db/index_tree.h"
#include "db/protobase.h"

namespace protobase {

/// The objects of a collection at one moment. Copies are cheap. Valid as long as the transaction is open.
class CollectionView {
 public:
  CollectionView(std::shared_ptr<const CollectionDefinition> definition, CollectionTree tree)
      : definition_(std::move(definition)), tree_(tree) {}
  const CollectionDefinition& definition() const { return *definition_; }
  uint64_t count() const { return tree_.size(); }
  const CollectionTree& tree() const { return tree_; }
  /// A cursor over blocks and objects, in order of id.
  proto::avl::Cursor<CollectionPolicy> cursor() const { return proto::avl::Cursor<CollectionPolicy>(tree_); }
  /// The block and row of an object, or nothing. O(log n).
  struct Place {
    const ColumnBlock* block = nullptr;
    uint32_t row = 0;
    explicit operator bool() const { return block != nullptr; }
  };
  Result<Place> find(ObjectId id) const;

 private:
  std::shared_ptr<const CollectionDefinition> definition_;
  CollectionTree tree_;
};

/// A range of normalized keys: low <= key < high. An empty `high` is unbounded.
struct KeyRange {
  std::string low;
  std::string high;
};

/// The entries of an ordered or hash index at one moment: (normalized key, ObjectId), by key then id.
class IndexView {
 public:
  IndexView(const IndexDefinition* definition, IndexTree tree) : definition_(definition), tree_(tree) {}
  const IndexDefinition& definition() const { return *definition_; }
  const IndexTree& tree() const { return tree_; }
  uint64_t count() const { return tree_.size(); }
  /// Entries in a range, exactly. O(log n).
  Result<uint64_t> count(const KeyRange& range) const;
  /// Appends the ids of a range in index order (a multi-valued index may give an id twice). `limit` 0: all.
  Status append_ids(const KeyRange& range, std::vector<uint64_t>& ids, uint64_t limit = 0) const;
  /// The same from the end of the range.
  Status append_ids_reversed(const KeyRange& range, std::vector<uint64_t>& ids, uint64_t limit = 0) const;
  /// Whether the entry (key, id) exists. O(log n).
  Result<bool> contains(std::string_view key, ObjectId id) const;

 private:
  const IndexDefinition* definition_;
  IndexTree tree_;
};

/// What a vector search found and did.
struct VectorHits {
  std::vector<std::pair<double, ObjectId>> hits;  // nearest first: distance as SQL's operator gives it
  uint64_t lists_probed = 0;
  uint64_t candidates_scanned = 0;
};

class VectorIndexState;

/// An IVF index at one moment.
class VectorView {
 public:
  VectorView(const IndexDefinition* definition, std::shared_ptr<const VectorIndexState> state);
  const IndexDefinition& definition() const { return *definition_; }
  uint64_t count() const;
  uint32_t list_count() const;
  /// How many lists a search probes unless told: the calibrated number for `recall`, else one eighth of them.
  uint32_t default_probes() const;
  /// The `k` nearest; `probes` 0: default. `allowed`, when given, is sorted: only these ids count. Always k hits when k
  /// allowed objects have a vector, however many lists that takes.
  Result<VectorHits> search(std::span<const float> query, size_t k, uint32_t probes,
                            const std::vector<uint64_t>* allowed) const;

 private:
  const IndexDefinition* definition_;
  std::shared_ptr<const VectorIndexState> state_;
};

/// One attribute change of an update: set `path` to `value`, or remove it.
struct AttributeChange {
  Path path;
  Value value;
  bool remove = false;
};

/// A transaction's state. One thread at a time. After `commit` or `rollback` every call gives kInvalidState.
class TransactionState : public std::enable_shared_from_this<TransactionState> {
 public:
  virtual ~TransactionState() = default;

  virtual bool is_open() const = 0;
  virtual bool is_read_only() const = 0;
  /// As this transaction sees it, own definitions included.
  virtual const std::shared_ptr<const Catalog>& catalog() const = 0;
  virtual const std::shared_ptr<DatabaseState>& database() const = 0;

  // Definitions. Errors: kAlreadyExists, kNotFound, kInvalidArgument, kConstraint (a unique index over equal values).
  virtual Result<CollectionId> create_collection(CollectionDefinition definition) = 0;  // with its constraint indexes
  virtual Status drop_collection(CollectionId id) = 0;
  virtual Result<IndexId> create_index(IndexDefinition definition) = 0;  // and fills it; trains a vector index
  virtual Status drop_index(IndexId id) = 0;

  // Objects. `document` is an encoded object (db/document.h, with its kind byte). Declared types are enforced: numbers
  // convert where nothing is lost, ISO text becomes dates, arrays of numbers become vectors; else kType. Unique indexes:
  // kConstraint. Defaults of declared attributes are filled in.
  virtual Result<ObjectId> insert(CollectionId collection, std::string_view document) = 0;
  virtual Status replace(CollectionId collection, ObjectId id, std::string_view document) = 0;
  virtual Status update(CollectionId collection, ObjectId id, std::span<const AttributeChange> changes) = 0;
  virtual Status erase(CollectionId collection, ObjectId id) = 0;

  // Views; what was written before is seen.
  virtual Result<CollectionView> read(CollectionId collection) = 0;
  virtual Result<IndexView> read_index(IndexId index) = 0;
  virtual Result<VectorView> read_vector_index(IndexId index) = 0;
  /// The encoded object, or empty when there is none.
  virtual Result<std::string> get(CollectionId collection, ObjectId id) = 0;

  virtual Status commit() = 0;
  virtual void rollback() = 0;

  /// Statement atomicity: what a failing statement wrote is taken back, the transaction goes on.
  /// `mark` costs O(1); `rollback_to` undoes every write since. Marks nest; savepoints are marks with names.
  virtual uint64_t mark() = 0;
  virtual Status rollback_to(uint64_t mark) = 0;
};

}  // namespace protobase
