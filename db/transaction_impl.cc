#include "db/transaction_impl.h"

#include <algorithm>
#include <cmath>

#include "db/conform.h"
#include "db/database_state.h"
#include "db/document.h"
#include "db/vector_rows.h"

namespace protobase {
namespace {

/// Takes an integer `_id` above 0 out of an object: the id that its owner wants. 0 when there is none.
Result<uint64_t> take_wanted_id(std::string_view& document, std::string& storage) {
  const ValueView wanted = ObjectReader(document.substr(1))["_id"];
  if (wanted.kind() != Kind::kInt) return uint64_t{0};
  if (wanted.integer() <= 0) return Status(StatusCode::kRange, "_id must be above 0");
  storage = remove_path(document, Path::of_name("_id"));
  document = storage;
  return static_cast<uint64_t>(wanted.integer());
}

/// Lists for an index whose author did not say: as pgvector advises, rows / 1000 up to a million rows, else the root.
uint32_t choose_list_count(uint64_t rows) {
  const double lists = rows <= 1'000'000 ? static_cast<double>(rows) / 1000 : std::sqrt(static_cast<double>(rows));
  return static_cast<uint32_t>(std::clamp(lists, 16.0, 65536.0));
}

constexpr uint64_t kPointsPerList = 256;
constexpr size_t kCalibrationQueries = 200;
constexpr size_t kCalibrationNeighbors = 10;

}  // namespace

TransactionImpl::TransactionImpl(std::shared_ptr<DatabaseState> database, Version* base, TransactionOptions options)
    : database_(std::move(database)), base_(base), options_(options) {}

TransactionImpl::~TransactionImpl() { end(); }

void TransactionImpl::end() {
  if (!open_) return;
  open_ = false;
  edit_.reset();
  abandoned_.clear();
  database_->versions().unpin(base_);
}

Status TransactionImpl::check_open() const {
  if (!open_) return Status(StatusCode::kInvalidState, "the transaction has ended");
  return database_->check_open();
}

Status TransactionImpl::check_writable() const {
  PROTO_RETURN_IF_ERROR(check_open());
  if (options_.read_only) return Status(StatusCode::kReadOnly, "the transaction is read-only");
  return database_->check_writable();
}

RootEdit& TransactionImpl::edit_for_writing() {
  if (edit_ == nullptr) edit_ = std::make_unique<RootEdit>(database_->families(), base_->root);
  return *edit_;
}

Status TransactionImpl::perform(ChangeKind kind, CollectionId collection, uint64_t id, std::string_view first,
                                std::string_view second) {
  const uint64_t before = log_.count();
  const Change change = log_.append(kind, collection, id, first, second);
  const Status status = edit_for_writing().apply(change);
  if (!status.ok()) log_.truncate(before);
  return status;
}

Result<std::shared_ptr<const CollectionDefinition>> TransactionImpl::definition_of(CollectionId id) const {
  auto definition = catalog()->find(id);
  if (definition == nullptr) return Status(StatusCode::kNotFound, "the collection does not exist (any more)");
  return definition;
}

Result<std::shared_ptr<const CollectionState>> TransactionImpl::state_of(CollectionId id) {
  PROTO_RETURN_IF_ERROR(check_open());
  std::shared_ptr<const CollectionState> state;
  if (edit_ != nullptr) {
    PROTO_ASSIGN_OR_RETURN(state, edit_->settle(id));
  } else {
    state = base_->root.find(id);
  }
  if (state == nullptr) return Status(StatusCode::kNotFound, "the collection does not exist (any more)");
  return state;
}

Result<const IndexDefinition*> TransactionImpl::index_of(IndexId id) {
  const auto& now = catalog();
  const IndexDefinition* definition = now->find_index(id);
  if (definition == nullptr) return Status(StatusCode::kNotFound, "the index does not exist (any more)");
  if (edit_ != nullptr && (read_catalogs_.empty() || read_catalogs_.back() != now)) read_catalogs_.push_back(now);
  return definition;
}

// ---- definitions -----------------------------------------------------------------------------------------------------

Result<CollectionId> TransactionImpl::create_collection(CollectionDefinition definition) {
  PROTO_RETURN_IF_ERROR(check_writable());
  if (definition.name.empty()) return Status(StatusCode::kInvalidArgument, "a collection needs a name");
  auto indexes = std::exchange(definition.indexes, {});
  definition.id = catalog()->next_collection_id();
  const CollectionId id = definition.id;
  std::string bytes;
  encode_definition(definition, bytes);
  const uint64_t before = mark();
  PROTO_RETURN_IF_ERROR(perform(ChangeKind::kCreateCollection, id, 0, bytes));
  written_.insert(written_key(CollectionId(0), 0));
  for (const auto& index : indexes) {
    IndexDefinition constraint = *index;
    constraint.collection = id;
    const Status status = create_index(std::move(constraint)).status();
    if (status.ok()) continue;
    PROTO_RETURN_IF_ERROR(rollback_to(before));
    return status;
  }
  return id;
}

Status TransactionImpl::drop_collection(CollectionId id) {
  PROTO_RETURN_IF_ERROR(check_writable());
  PROTO_RETURN_IF_ERROR(definition_of(id).status());
  written_.insert(written_key(CollectionId(0), 0));
  return perform(ChangeKind::kDropCollection, id, 0);
}

Result<IndexId> TransactionImpl::create_index(IndexDefinition definition) {
  PROTO_RETURN_IF_ERROR(check_writable());
  PROTO_RETURN_IF_ERROR(definition_of(definition.collection).status());
  if (definition.parts.empty()) return Status(StatusCode::kInvalidArgument, "an index needs at least one attribute");
  // Before the entries are built: the name is the likeliest thing to be wrong.
  if (catalog()->find_index(definition.name) != nullptr) {
    return Status(StatusCode::kAlreadyExists, "there is already an index '" + definition.name + "'");
  }
  definition.id = catalog()->next_index_id();
  std::string quantizer;
  if (definition.method == IndexMethod::kIvfFlat) {
    PROTO_ASSIGN_OR_RETURN(auto state, state_of(definition.collection));
    if (definition.dimension == 0) {
      PROTO_ASSIGN_OR_RETURN(definition.dimension, find_dimension(state->objects, definition.parts.front().path));
    }
    if (definition.dimension == 0) {
      return Status(StatusCode::kInvalidArgument, "the number of dimensions of '" + definition.parts.front().path.to_string() +
                                                      "' is not known: it is not declared and no object has a vector there")
          .with_hint("declare the attribute VECTOR(n) when creating the collection");
    }
    PROTO_ASSIGN_OR_RETURN(quantizer, train(definition, *state));
  }
  std::string bytes;
  encode_definition(definition, bytes);
  written_.insert(written_key(CollectionId(0), 0));
  PROTO_RETURN_IF_ERROR(perform(ChangeKind::kCreateIndex, definition.collection, definition.id.value, bytes, quantizer));
  return definition.id;
}

Status TransactionImpl::drop_index(IndexId id) {
  PROTO_RETURN_IF_ERROR(check_writable());
  PROTO_ASSIGN_OR_RETURN(const IndexDefinition* definition, index_of(id));
  written_.insert(written_key(CollectionId(0), 0));
  return perform(ChangeKind::kDropIndex, definition->collection, id.value);
}

Result<std::string> TransactionImpl::train(const IndexDefinition& definition, const CollectionState& state) const {
  const uint64_t count = state.objects.size();
  vector::TrainingOptions training;
  training.list_count = definition.lists != 0 ? definition.lists : choose_list_count(count);
  VectorRows sample(definition.dimension);
  const uint64_t wanted = std::max<uint64_t>(training.list_count * kPointsPerList, 1);
  PROTO_RETURN_IF_ERROR(sample.read(state.objects, definition.parts.front().path, std::max<uint64_t>(count / wanted, 1)));
  PROTO_ASSIGN_OR_RETURN(auto quantizer, vector::Quantizer::train(to_metric(definition.metric), definition.dimension,
                                                                  sample.floats(), training));
  if (definition.recall == 0 || sample.size() == 0) return quantizer->encode();
  // Held-out queries: rows of the collection, each ignoring itself.
  VectorRows rows(definition.dimension), queries(definition.dimension);
  PROTO_RETURN_IF_ERROR(rows.read(state.objects, definition.parts.front().path));
  PROTO_RETURN_IF_ERROR(queries.read(state.objects, definition.parts.front().path,
                                     std::max<uint64_t>(rows.size() / kCalibrationQueries, 1)));
  vector::ListFamily family{vector::ListPolicy(definition.dimension)};
  vector::ListEdit edit(family);
  PROTO_ASSIGN_OR_RETURN(auto index, vector::IvfIndex::build(edit, quantizer, rows.block()));
  auto curve = vector::measure_recall(index, queries.floats(), queries.ids(), kCalibrationNeighbors);
  edit.discard(index.lists());
  if (!curve.ok()) return curve.status();
  return quantizer->with_calibration(curve->calibrate(static_cast<float>(definition.recall)))->encode();
}

Status TransactionImpl::train_index(IndexId id) {
  PROTO_RETURN_IF_ERROR(check_writable());
  PROTO_ASSIGN_OR_RETURN(const IndexDefinition* definition, index_of(id));
  PROTO_ASSIGN_OR_RETURN(auto state, state_of(definition->collection));
  PROTO_ASSIGN_OR_RETURN(const std::string quantizer, train(*definition, *state));
  written_.insert(written_key(CollectionId(0), 0));
  return perform(ChangeKind::kTrainIndex, definition->collection, id.value, quantizer);
}

// ---- objects ---------------------------------------------------------------------------------------------------------

Result<ObjectId> TransactionImpl::insert(CollectionId collection, std::string_view document) {
  PROTO_RETURN_IF_ERROR(check_writable());
  if (document.empty() || document[0] != static_cast<char>(Kind::kObject)) {
    return Status(StatusCode::kType, "only objects can be inserted");
  }
  PROTO_ASSIGN_OR_RETURN(auto definition, definition_of(collection));
  std::string without_id, rewritten;
  PROTO_ASSIGN_OR_RETURN(const uint64_t wanted, take_wanted_id(document, without_id));
  PROTO_ASSIGN_OR_RETURN(document, conform(*definition, document, rewritten));
  if (wanted == 0) {
    PROTO_ASSIGN_OR_RETURN(const uint64_t id, edit_for_writing().take_id(collection));
    PROTO_RETURN_IF_ERROR(perform(ChangeKind::kInsert, collection, id, document));
    return ObjectId(id);
  }
  PROTO_ASSIGN_OR_RETURN(const bool taken, edit_for_writing().exists(collection, ObjectId(wanted)));
  if (taken) {
    return Status(StatusCode::kConstraint, "there is already an object " + std::to_string(wanted) + " in '" + definition->name + "'");
  }
  PROTO_RETURN_IF_ERROR(perform(ChangeKind::kInsert, collection, wanted, document));
  written_.insert(written_key(collection, wanted));
  return ObjectId(wanted);
}

Status TransactionImpl::replace(CollectionId collection, ObjectId id, std::string_view document) {
  PROTO_RETURN_IF_ERROR(check_writable());
  if (document.empty() || document[0] != static_cast<char>(Kind::kObject)) {
    return Status(StatusCode::kType, "only an object can replace an object");
  }
  PROTO_ASSIGN_OR_RETURN(auto definition, definition_of(collection));
  std::string without_id, rewritten;
  PROTO_RETURN_IF_ERROR(take_wanted_id(document, without_id).status());
  PROTO_ASSIGN_OR_RETURN(document, conform(*definition, document, rewritten));
  PROTO_RETURN_IF_ERROR(perform(ChangeKind::kReplace, collection, id.value, document));
  written_.insert(written_key(collection, id.value));
  return Status();
}

Status TransactionImpl::update(CollectionId collection, ObjectId id, std::span<const AttributeChange> changes) {
  PROTO_RETURN_IF_ERROR(check_writable());
  PROTO_ASSIGN_OR_RETURN(auto definition, definition_of(collection));
  DocumentWriter sets, removed;
  sets.begin_object();
  removed.begin_array();
  bool any_removed = false;
  for (const AttributeChange& change : changes) {
    Value storage;
    PROTO_ASSIGN_OR_RETURN(const ValueView value,
                           conform_change(*definition, change.path, change.value.view(), change.remove, storage));
    if (change.remove) {
      removed.value(ValueView::of_string(change.path.to_string()));
      any_removed = true;
    } else {
      sets.key(change.path.to_string());
      sets.value(value);
    }
  }
  sets.end();
  removed.end();
  PROTO_RETURN_IF_ERROR(perform(ChangeKind::kPatch, collection, id.value, sets.bytes(),
                                any_removed ? removed.bytes() : std::string_view()));
  written_.insert(written_key(collection, id.value));
  return Status();
}

Status TransactionImpl::erase(CollectionId collection, ObjectId id) {
  PROTO_RETURN_IF_ERROR(check_writable());
  PROTO_RETURN_IF_ERROR(definition_of(collection).status());
  PROTO_RETURN_IF_ERROR(perform(ChangeKind::kErase, collection, id.value));
  written_.insert(written_key(collection, id.value));
  return Status();
}

// ---- views -----------------------------------------------------------------------------------------------------------

Result<CollectionView> TransactionImpl::read(CollectionId collection) {
  PROTO_ASSIGN_OR_RETURN(auto state, state_of(collection));
  PROTO_ASSIGN_OR_RETURN(auto definition, definition_of(collection));
  return CollectionView(std::move(definition), state->objects);
}

Result<IndexView> TransactionImpl::read_index(IndexId index) {
  PROTO_ASSIGN_OR_RETURN(const IndexDefinition* definition, index_of(index));
  PROTO_ASSIGN_OR_RETURN(auto state, state_of(definition->collection));
  PROTO_ASSIGN_OR_RETURN(definition, index_of(index));  // settling may have made a newer catalog
  const IndexState* found = state->find_index(index);
  if (found == nullptr) return Status(StatusCode::kInvalidArgument, "'" + definition->name + "' is no ordered index");
  return IndexView(definition, found->tree);
}

Result<VectorView> TransactionImpl::read_vector_index(IndexId index) {
  PROTO_ASSIGN_OR_RETURN(const IndexDefinition* definition, index_of(index));
  PROTO_ASSIGN_OR_RETURN(auto state, state_of(definition->collection));
  PROTO_ASSIGN_OR_RETURN(definition, index_of(index));
  const auto* found = state->find_vector_index(index);
  if (found == nullptr) return Status(StatusCode::kInvalidArgument, "'" + definition->name + "' is no vector index");
  return VectorView(definition, *found);
}

Result<std::string> TransactionImpl::get(CollectionId collection, ObjectId id) {
  PROTO_ASSIGN_OR_RETURN(auto state, state_of(collection));
  Status status;
  std::string document;
  const auto entry = state->objects.find(id.value, &status);
  PROTO_RETURN_IF_ERROR(status);
  if (entry) entry->block->materialize(entry->row, document);
  return document;
}

// ---- end -------------------------------------------------------------------------------------------------------------

Status TransactionImpl::commit() {
  PROTO_RETURN_IF_ERROR(check_open());
  const Status status = log_.empty() ? Status() : database_->commit(*this);
  end();
  return status;
}

void TransactionImpl::rollback() { end(); }

Status TransactionImpl::rollback_to(uint64_t mark) {
  PROTO_RETURN_IF_ERROR(check_open());
  if (mark >= log_.count()) return Status();
  log_.truncate(mark);
  abandoned_.push_back(std::move(edit_));
  if (mark == 0) return Status();
  RootEdit& edit = edit_for_writing();
  return log_.visit([&](const Change& change) { return edit.apply(change); });
}

}  // namespace protobase
