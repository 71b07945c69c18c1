// A transaction: a pinned version, an edit of its root, and the log of what was done.
#pragma once

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "db/change_log.h"
#include "db/root_edit.h"
#include "db/transaction_state.h"
#include "db/version_chain.h"

namespace protobase {

/// Mixes a collection and an object into one word, for sets of written objects. Object 0 stands for the collection's
/// definition, collection 0 for the names of collections and indexes.
inline uint64_t written_key(CollectionId collection, uint64_t object) {
  return (object + 0x9E3779B97F4A7C15ull) * 0xBF58476D1CE4E5B9ull ^ uint64_t{collection.value} * 0x94D049BB133111EBull;
}

class TransactionImpl final : public TransactionState {
 public:
  TransactionImpl(std::shared_ptr<DatabaseState> database, Version* base, TransactionOptions options);
  ~TransactionImpl() override;

  bool is_open() const override { return open_; }
  bool is_read_only() const override { return options_.read_only; }
  const std::shared_ptr<const Catalog>& catalog() const override { return edit_ ? edit_->catalog() : base_->root.catalog; }
  const std::shared_ptr<DatabaseState>& database() const override { return database_; }

  Result<CollectionId> create_collection(CollectionDefinition definition) override;
  Status drop_collection(CollectionId id) override;
  Result<IndexId> create_index(IndexDefinition definition) override;
  Status drop_index(IndexId id) override;
  /// Trains a vector index anew on the objects it has now.
  Status train_index(IndexId id);

  Result<ObjectId> insert(CollectionId collection, std::string_view document) override;
  Status replace(CollectionId collection, ObjectId id, std::string_view document) override;
  Status update(CollectionId collection, ObjectId id, std::span<const AttributeChange> changes) override;
  Status erase(CollectionId collection, ObjectId id) override;

  Result<CollectionView> read(CollectionId collection) override;
  Result<IndexView> read_index(IndexId index) override;
  Result<VectorView> read_vector_index(IndexId index) override;
  Result<std::string> get(CollectionId collection, ObjectId id) override;

  Status commit() override;
  void rollback() override;
  uint64_t mark() override { return log_.count(); }
  Status rollback_to(uint64_t mark) override;

  // For the commit pipeline.
  const Version& base() const { return *base_; }
  const ChangeLog& log() const { return log_; }
  const std::unordered_set<uint64_t>& written() const { return written_; }
  RootEdit* edit() { return edit_.get(); }
  const TransactionOptions& options() const { return options_; }

 private:
  Status check_open() const;
  Status check_writable() const;
  RootEdit& edit_for_writing();
  /// Logs the operation and applies it; takes it out of the log when it does not apply.
  Status perform(ChangeKind kind, CollectionId collection, uint64_t id, std::string_view first = {}, std::string_view second = {});
  Result<std::shared_ptr<const CollectionDefinition>> definition_of(CollectionId id) const;
  Result<std::shared_ptr<const CollectionState>> state_of(CollectionId id);
  Result<const IndexDefinition*> index_of(IndexId id);
  Result<std::string> train(const IndexDefinition& definition, const CollectionState& state) const;
  void end();

  std::shared_ptr<DatabaseState> database_;
  Version* base_;
  TransactionOptions options_;
  bool open_ = true;
  ChangeLog log_;
  std::unordered_set<uint64_t> written_;
  std::unique_ptr<RootEdit> edit_;
  std::vector<std::unique_ptr<RootEdit>> abandoned_;  // views of them may still be read
  std::vector<std::shared_ptr<const Catalog>> read_catalogs_;  // whose definitions views point to
};

}  // namespace protobase
