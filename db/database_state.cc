#include "db/database_state.h"

#include "db/session.h"
#include "db/transaction_impl.h"
#include "runtime/base/coding.h"

namespace protobase {
namespace {

/// Log bytes that recovery applies before it settles, so that what it copies stays small.
constexpr uint64_t kRecoveryBatchBytes = 16 << 20;

Status damaged_root(const char* what) {
  return Status(StatusCode::kCorruption, std::string("root record: damaged ") + what);
}

/// "file:NAME?mode=ro" comes apart into a name and options; anything else is a name.
std::string parse_path(std::string_view path, OpenOptions& options) {
  if (!path.starts_with("file:")) return std::string(path);
  path.remove_prefix(5);
  const size_t question = path.find('?');
  const std::string_view parameters = question == std::string_view::npos ? "" : path.substr(question + 1);
  if (parameters.find("mode=ro") != std::string_view::npos) options.read_only = true;
  if (parameters.find("mode=rw") != std::string_view::npos && parameters.find("mode=rwc") == std::string_view::npos) {
    options.create_if_missing = false;
  }
  return std::string(path.substr(0, question));
}

Result<storage::Storage> open_storage(const std::string& path, const OpenOptions& options) {
  if (path == ":memory:" || path.empty()) return storage::open_memory_storage();
  storage::FileStorageOptions file;
  file.read_only = options.read_only;
  file.create_if_missing = options.create_if_missing && !options.read_only;
  file.file_system = static_cast<storage::FileSystem*>(options.file_system);
  return storage::open_file_storage(path, file);
}

}  // namespace

// ---- opening ---------------------------------------------------------------------------------------------------------

Result<std::shared_ptr<DatabaseState>> DatabaseState::open(std::string_view path, const OpenOptions& options) {
  std::shared_ptr<DatabaseState> state(new DatabaseState);
  state->options_ = options;
  state->path_ = parse_path(path, state->options_);
  state->read_only_ = state->options_.read_only;
  PROTO_ASSIGN_OR_RETURN(storage::Storage storage, open_storage(state->path_, state->options_));
  PROTO_RETURN_IF_ERROR(state->start(std::move(storage)));
  return state;
}

Status DatabaseState::start(storage::Storage storage) {
  storage_ = std::make_unique<storage::Storage>(std::move(storage));
  nodes_ = std::make_unique<NodeStore>(*storage_->blobs);
  objects_ = std::make_unique<CollectionFamily>(*nodes_, CollectionPolicy());
  indexes_ = std::make_unique<IndexFamily>(*nodes_, IndexPolicy());
  engine_ = make_query_engine();
  RootState root;
  root.catalog = std::make_shared<const Catalog>();
  if (!storage_->root.payload.empty()) {
    PROTO_ASSIGN_OR_RETURN(root, load_root(storage_->root.payload));
  }
  checkpoint_end_ = storage_->root.log_start;
  PROTO_RETURN_IF_ERROR(recover(std::move(root), storage_->root.log_start, checkpointed_));
  start_background();
  return Status();
}

Result<RootState> DatabaseState::load_root(std::string_view payload) {
  proto::ByteReader reader(payload);
  const uint64_t format = reader.varint();
  checkpointed_ = CommitId(reader.varint());
  const std::string_view catalog = reader.string();
  const std::string_view counts = reader.string();
  if (!reader.ok()) return damaged_root("head");
  if (format != kRootFormat) return Status(StatusCode::kUnsupported, "the database was written by a newer version");
  RootState root;
  PROTO_ASSIGN_OR_RETURN(root.catalog, Catalog::decode(catalog));
  PROTO_RETURN_IF_ERROR(nodes_->decode_counts(counts));
  const uint64_t collections = reader.varint();
  for (uint64_t i = 0; i < collections && reader.ok(); ++i) {
    PROTO_ASSIGN_OR_RETURN(auto collection, load_collection(reader, *root.catalog));
    const CollectionId id = collection->id;
    root.set(id, std::move(collection));
  }
  if (!reader.ok() || !reader.at_end()) return damaged_root("list of collections");
  return root;
}

Result<std::shared_ptr<const CollectionState>> DatabaseState::load_collection(proto::ByteReader& reader, const Catalog& catalog) {
  auto state = std::make_shared<CollectionState>();
  state->id = CollectionId(static_cast<uint32_t>(reader.varint()));
  state->ids = std::make_shared<IdAllocator>(reader.varint());
  PROTO_ASSIGN_OR_RETURN(state->objects, objects_->open(reader.fixed<uint64_t>()));
  const auto definition = catalog.find(state->id);
  const uint64_t indexes = reader.varint();
  for (uint64_t i = 0; i < indexes && reader.ok(); ++i) {
    const IndexId id(static_cast<uint32_t>(reader.varint()));
    PROTO_ASSIGN_OR_RETURN(IndexTree tree, indexes_->open(reader.fixed<uint64_t>()));
    if (definition == nullptr || definition->find_index(id) == nullptr) return damaged_root("index");
    state->indexes.push_back({id, tree});
  }
  const uint64_t vectors = reader.varint();
  for (uint64_t i = 0; i < vectors && reader.ok(); ++i) PROTO_RETURN_IF_ERROR(load_vector_index(reader, definition.get(), *state));
  if (!reader.ok() || definition == nullptr) return damaged_root("collection");
  return std::shared_ptr<const CollectionState>(std::move(state));
}

/// Derived data must not keep a database from opening: a damaged index is noted, and made again from the objects by `recover`.
/// (The space of its old nodes stays accounted for: what cannot be read cannot be buried.)
Status DatabaseState::load_vector_index(proto::ByteReader& reader, const CollectionDefinition* collection, CollectionState& state) {
  const IndexId id(static_cast<uint32_t>(reader.varint()));
  const auto address = reader.fixed<uint64_t>();
  const auto distance_sum = reader.fixed<double>();
  const std::string_view bytes = reader.string();
  const IndexDefinition* definition = reader.ok() && collection != nullptr ? collection->find_index(id) : nullptr;
  if (definition == nullptr) return damaged_root("vector index");
  auto quantizer = vector::Quantizer::decode(bytes);
  const bool is_trained = quantizer.ok();
  if (!is_trained) quantizer = vector::Quantizer::train(to_metric(definition->metric), definition->dimension, {});
  PROTO_RETURN_IF_ERROR(quantizer.status());
  auto family = std::make_shared<VectorFamily>(*nodes_, vector::ListPolicy((*quantizer)->dimension()));
  Result<vector::ListTree> lists = family->open(address);
  if (!is_trained || lists.status().code() == StatusCode::kCorruption) {
    damaged_indexes_.push_back({ChangeKind::kTrainIndex, state.id, id.value, is_trained ? bytes : std::string_view()});
    lists = family->empty_tree();
  }
  PROTO_RETURN_IF_ERROR(lists.status());
  const double sum = lists->empty() ? 0 : distance_sum;
  state.vector_indexes.push_back(std::make_shared<const VectorIndexState>(
      VectorIndexState{id, std::move(family), vector::IvfIndex(*std::move(quantizer), *lists, sum)}));
  return Status();
}

Status DatabaseState::recover(RootState root, Lsn from, CommitId commit) {
  auto version = std::make_unique<Version>();
  version->commit = commit;
  version->end = storage_->log->end();
  std::vector<std::unique_ptr<RetiredNodes>> retired;
  {
    RootEdit edit(families(), root);
    for (const Change& training : damaged_indexes_) PROTO_RETURN_IF_ERROR(edit.apply(training));
    damaged_indexes_.clear();
    std::deque<std::string> kept;
    uint64_t kept_bytes = 0;
    PROTO_RETURN_IF_ERROR(storage_->log->replay(from, [&](const storage::ReplayedRecord& record) -> Status {
      if (record.kind == static_cast<uint8_t>(RecordKind::kCommit)) {
        PROTO_ASSIGN_OR_RETURN(const CommitHeader header, decode_commit(record.payload));
        version->commit = header.commit;
        return Status();
      }
      if (record.kind != static_cast<uint8_t>(RecordKind::kChanges)) {
        return Status(StatusCode::kUnsupported, "the log has records of a newer version");
      }
      kept.emplace_back(record.payload);
      kept_bytes += record.payload.size();
      PROTO_RETURN_IF_ERROR(visit_changes(kept.back(), [&](const Change& change) { return edit.apply(change); }));
      if (kept_bytes < kRecoveryBatchBytes) return Status();
      PROTO_RETURN_IF_ERROR(edit.settle_all());
      kept.clear();
      kept_bytes = 0;
      return Status();
    }));
    PROTO_RETURN_IF_ERROR(edit.settle_all());
    version->root = edit.take(retired);
  }
  for (auto& nodes : retired) nodes->bury();
  newest_commit_ = version->commit;
  versions_ = std::make_unique<VersionChain>(std::move(version));
  return Status();
}

// ---- closing ---------------------------------------------------------------------------------------------------------

Status DatabaseState::close() {
  std::lock_guard lock(close_mutex_);
  if (closed_.load()) return Status(StatusCode::kInvalidState, "the database is closed");
  stop_background();  // first: a checkpoint or training under way pins a version too
  if (const uint64_t pins = versions_->pin_count(); pins > 0) {
    start_background();
    return Status(StatusCode::kInvalidState,
                  std::to_string(pins) + " transactions or results of this database are still open");
  }
  closed_.store(true);
  Status status;
  if (!read_only_ && !poisoned_.load() && versions_->head()->end > checkpoint_end_) status = write_checkpoint();
  const Status closed = storage_->close();
  return status.ok() ? closed : status;
}

void DatabaseState::start_background() {
  stop_background_ = false;
  background_ = std::thread([this] { run_background(); });
}

void DatabaseState::stop_background() {
  {
    std::lock_guard lock(background_mutex_);
    stop_background_ = true;
  }
  background_wake_.notify_all();
  if (background_.joinable()) background_.join();
}

DatabaseState::~DatabaseState() {
  if (versions_ == nullptr) return;  // opening failed
  if (!closed_.load() && !close().ok()) {
    // Nobody is left to be told; what was committed is in the log.
    closed_.store(true);
    stop_background();
  }
  versions_->bury_all();
  const RootState& root = versions_->head()->root;
  for (const auto& collection : root.collections) {
    objects_->close(collection->objects);
    for (const IndexState& index : collection->indexes) indexes_->close(index.tree);
    for (const auto& vectors : collection->vector_indexes) vectors->family->close(vectors->index.lists());
  }
}

Status DatabaseState::check_open() const {
  return closed_.load() ? Status(StatusCode::kInvalidState, "the database is closed") : Status();
}

Status DatabaseState::check_writable() const {
  PROTO_RETURN_IF_ERROR(check_open());
  if (read_only_) return Status(StatusCode::kReadOnly, "the database '" + path_ + "' was opened read-only");
  if (!poisoned_.load()) return Status();
  std::lock_guard lock(poison_mutex_);
  return Status(StatusCode::kReadOnly, "the database is read-only until it is opened again, since a write failed: " +
                                           poison_.to_string());
}

Status DatabaseState::poison(Status failure) {
  std::lock_guard lock(poison_mutex_);
  if (!poisoned_.exchange(true)) poison_ = failure;
  return failure;
}

Result<std::shared_ptr<TransactionState>> DatabaseState::begin(TransactionOptions options) {
  PROTO_RETURN_IF_ERROR(check_open());
  if (options.isolation == Isolation::kSerializable) {
    return Status(StatusCode::kUnsupported, "isolation level SERIALIZABLE is not supported").with_hint("use SNAPSHOT");
  }
  return std::shared_ptr<TransactionState>(
      std::make_shared<TransactionImpl>(shared_from_this(), versions_->pin_visible(), options));
}

Result<std::shared_ptr<TransactionState>> Session::begin(TransactionOptions options) { return database_->begin(options); }

// ---- background ------------------------------------------------------------------------------------------------------

void DatabaseState::run_background() {
  std::unique_lock lock(background_mutex_);
  for (;;) {
    background_wake_.wait(lock, [&] { return stop_background_ || checkpoint_wanted_ || sync_wanted_ || training_wanted_; });
    if (stop_background_) return;
    const bool sync_now = std::exchange(sync_wanted_, false);
    const bool checkpoint_now = std::exchange(checkpoint_wanted_, false);
    const bool train_now = std::exchange(training_wanted_, false);
    lock.unlock();
    // Failures poison the database; the next writer is told.
    if (sync_now) (void)sync().ok();
    if (checkpoint_now) (void)checkpoint().ok();
    if (train_now) retrain_drifted_indexes();
    lock.lock();
  }
}

void DatabaseState::wake_background(bool& wanted) {
  {
    std::lock_guard lock(background_mutex_);
    wanted = true;
  }
  background_wake_.notify_one();
}

namespace {

/// Whether an index's centroids no longer fit what it holds: it grew much since training, or its rows moved away.
bool wants_training(const VectorIndexState& state) {
  constexpr uint64_t kLeastRows = 1000;
  constexpr double kDriftLimit = 1.5;
  const uint64_t rows = state.index.size();
  if (rows < kLeastRows) return false;
  const uint64_t trained = state.index.quantizer().training_count();
  const bool sampled_fully = trained >= uint64_t{state.index.quantizer().list_count()} * 256;
  return (rows > 4 * trained && !sampled_fully) || state.index.drift() > kDriftLimit;
}

}  // namespace

bool DatabaseState::has_drifted_index(const RootState& root) {
  for (const auto& collection : root.collections) {
    for (const auto& vectors : collection->vector_indexes) {
      if (wants_training(*vectors)) return true;
    }
  }
  return false;
}

void DatabaseState::retrain_drifted_indexes() {
  std::vector<IndexId> drifted;
  Version* version = versions_->pin_visible();
  for (const auto& collection : version->root.collections) {
    for (const auto& vectors : collection->vector_indexes) {
      if (wants_training(*vectors)) drifted.push_back(vectors->id);
    }
  }
  versions_->unpin(version);
  for (IndexId id : drifted) {
    // Unowned: the background thread must not be the last holder of the database, which joins it.
    TransactionImpl transaction(std::shared_ptr<DatabaseState>(std::shared_ptr<void>(), this), versions_->pin_visible(), {});
    // A conflict or a dropped index leaves the old training in place; the next commit asks again.
    if (transaction.train_index(id).ok()) (void)transaction.commit().ok();
  }
}

}  // namespace protobase
