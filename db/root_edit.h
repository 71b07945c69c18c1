// Changes applied to a root: what a transaction sees of its own writes, what a commit publishes, what recovery rebuilds. The
// one place where logical operations (db/change_log.h) become new trees.
//
// Writes of objects and index entries are buffered and go into the trees in sorted batches (`settle`), so a thousand inserts
// copy each touched block once. What is handed out by `settle` stays as it is: later changes make new nodes.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "db/change_log.h"
#include "db/root_state.h"
#include "runtime/base/arena.h"

namespace protobase {

/// The families whose trees a root is made of.
struct TreeFamilies {
  NodeStore& store;
  CollectionFamily& objects;
  IndexFamily& indexes;
};

/// One owner's edit of one root. One thread. After an error of `apply` that is not the caller's fault (kIoError, kCorruption)
/// only destruction makes sense; kConstraint and kNotFound leave it as it was.
class RootEdit {
 public:
  RootEdit(TreeFamilies families, const RootState& base);
  /// Frees every node that it made, unless they were taken.
  ~RootEdit();
  RootEdit(const RootEdit&) = delete;
  RootEdit& operator=(const RootEdit&) = delete;

  const std::shared_ptr<const Catalog>& catalog() const { return catalog_; }

  /// Applies one operation. `change` must stay valid until the edit is settled or ends: documents are not copied.
  Status apply(const Change& change);
  /// A fresh id for an object of the collection.
  Result<uint64_t> take_id(CollectionId collection, uint64_t count = 1);
  /// Whether an object with this id exists, buffered ones included.
  Result<bool> exists(CollectionId collection, ObjectId id);
  /// Everything buffered for the collection goes into its trees; they can be read until this edit ends. Null: no such
  /// collection.
  Result<std::shared_ptr<const CollectionState>> settle(CollectionId collection);

  /// Settles everything, so that `take` cannot fail.
  Status settle_all();
  /// After settle_all: the new root to be published, and the nodes that it no longer needs of the base.
  RootState take(std::vector<std::unique_ptr<RetiredNodes>>& retired);

 private:
  struct PendingEntries {
    const IndexDefinition* definition = nullptr;
    IndexTree tree;
    std::vector<IndexPolicy::Change> changes;
    std::unordered_set<std::string_view> added;    // unique indexes: keys (without id) added since settled
    std::unordered_set<std::string_view> removed;  // unique indexes: entries (with id) removed since settled
  };
  struct PendingVectors {
    const IndexDefinition* definition = nullptr;
    std::shared_ptr<VectorFamily> family;
    std::unique_ptr<vector::ListEdit> edit;
    std::unique_ptr<vector::IvfIndex> index;
    std::vector<vector::VectorChange> changes;
  };
  /// A collection being changed.
  struct Work {
    std::shared_ptr<const CollectionDefinition> definition;
    CollectionTree objects;
    std::shared_ptr<IdAllocator> ids;
    std::vector<BlockChange> pending;
    bool ascending = true;                    // pending ids ascend strictly
    std::unordered_set<uint64_t> pending_ids; // kept once they do not
    std::vector<PendingEntries> indexes;
    std::vector<PendingVectors> vectors;
    std::vector<Attribute> attributes;        // with what was seen since
    bool attributes_changed = false;
    std::vector<uint32_t> recent_attributes;  // attribute numbers of the last object, by position
    proto::Arena arena;
    std::shared_ptr<const CollectionState> settled;  // what settle() gave; null when changed since
  };

  Result<Work*> work(CollectionId id);
  std::unique_ptr<Work> open_work(const CollectionState& state);
  Work* find_work(CollectionId id);
  bool is_pending(const Work& work, uint64_t id) const;
  Result<std::string> current_object(Work& work, ObjectId id);

  Status create_collection(const Change& change);
  Status drop_collection(const Change& change);
  Status create_index(const Change& change);
  Status drop_index(const Change& change);
  Status train_index(const Change& change);
  Status change_object(const Change& change);
  Status insert(Work& work, const Change& change);
  Status overwrite(Work& work, const Change& change);

  void buffer(Work& work, const BlockChange& change);
  void note_attributes(Work& work, const ValueView& object);
  void note_attribute(Work& work, size_t position, std::string_view name, Kind kind);
  Status change_entries(Work& work, ObjectId id, const ValueView& before, const ValueView& after);
  Status change_entries(Work& work, PendingEntries& index, ObjectId id, const ValueView& before, const ValueView& after);
  void add_entry(Work& work, PendingEntries& index, std::string_view entry);
  void remove_entry(Work& work, PendingEntries& index, std::string_view entry);
  Status check_unique(PendingEntries& index, std::string_view entry);
  void change_vectors(Work& work, ObjectId id, const ValueView& before, const ValueView& after);

  Status fill_index(Work& work, PendingEntries& index);
  Status fill_vectors(Work& work, PendingVectors& vectors, std::shared_ptr<const vector::Quantizer> quantizer);
  Result<std::shared_ptr<const vector::Quantizer>> quantizer_for(const IndexDefinition& definition, std::string_view bytes);

  Status settle(Work& work);
  Status settle_objects(Work& work);
  Status settle_vectors(Work& work);
  void publish_definition(Work& work, CollectionDefinition definition);
  void freeze();

  TreeFamilies families_;
  RootState base_;
  std::shared_ptr<const Catalog> catalog_;
  std::map<CollectionId, std::unique_ptr<Work>> works_;
  std::unordered_set<uint32_t> dropped_;
  proto::avl::Edit<CollectionPolicy> objects_edit_;
  IndexEdit index_edit_;
  std::vector<PendingVectors> ended_vectors_;        // of indexes that were dropped
  std::vector<std::string> before_entries_, after_entries_;  // scratch
  bool taken_ = false;
};

/// Reads the vector that an index of this dimension holds for an attribute's value; empty when it holds none. The floats are
/// in `value` itself when aligned, else copied into `storage`.
std::span<const float> indexed_vector(const ValueView& value, uint32_t dimension, std::vector<float>& storage);

vector::Metric to_metric(VectorMetric metric);

}  // namespace protobase
