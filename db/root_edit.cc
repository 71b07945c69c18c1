#include "db/root_edit.h"

#include <algorithm>

#include "db/conform.h"
#include "db/document.h"
#include "db/index_keys.h"

namespace protobase {
namespace {

/// Attributes beyond this number are not listed in the catalog; they are stored and found all the same.
constexpr size_t kMaxListedAttributes = 4096;
/// Buffered objects are put into the tree when there are this many, so that their documents are still in the cache.
constexpr size_t kSettleObjects = 16384;

Status no_collection(CollectionId id) {
  return Status(StatusCode::kNotFound, "there is no collection number " + std::to_string(id.value));
}

/// The encoded object after a kPatch change.
Result<std::string> patched_document(std::string document, const ValueView& sets, const ValueView& removed) {
  for (size_t i = 0; i < sets.size(); ++i) {
    const auto [text, value] = sets.attribute(i);
    PROTO_ASSIGN_OR_RETURN(const Path path, Path::parse(text));
    PROTO_ASSIGN_OR_RETURN(document, set_path(document, path, value));
  }
  for (size_t i = 0; i < removed.size(); ++i) {
    PROTO_ASSIGN_OR_RETURN(const Path path, Path::parse(removed[static_cast<int64_t>(i)].as_string()));
    document = remove_path(document, path);
  }
  return document;
}

Status no_object(const CollectionDefinition& definition, ObjectId id) {
  return Status(StatusCode::kNotFound, "there is no object " + std::to_string(id.value) + " in '" + definition.name + "'");
}


}  // namespace

RootEdit::RootEdit(TreeFamilies families, const RootState& base)
    : families_(families), base_(base), catalog_(base.catalog), objects_edit_(families.objects.family()),
      index_edit_(families.indexes.family()) {}

RootEdit::~RootEdit() {
  if (taken_) return;
  for (auto& [id, work] : works_) {
    objects_edit_.discard(work->objects);
    for (PendingEntries& index : work->indexes) index_edit_.discard(index.tree);
    for (PendingVectors& vectors : work->vectors) {
      if (vectors.edit) vectors.edit->discard(vectors.index->lists());
    }
  }
  for (PendingVectors& vectors : ended_vectors_) {
    if (vectors.edit) vectors.edit->discard(vectors.index->lists());
  }
}

// ---- works -----------------------------------------------------------------------------------------------------------

RootEdit::Work* RootEdit::find_work(CollectionId id) {
  const auto found = works_.find(id);
  return found == works_.end() ? nullptr : found->second.get();
}

std::unique_ptr<RootEdit::Work> RootEdit::open_work(const CollectionState& state) {
  auto work = std::make_unique<Work>();
  work->definition = catalog_->find(state.id);
  work->objects = state.objects;
  work->ids = state.ids;
  for (const IndexState& index : state.indexes) {
    PendingEntries& entries = work->indexes.emplace_back();
    entries.definition = work->definition->find_index(index.id);
    entries.tree = index.tree;
  }
  for (const auto& vectors : state.vector_indexes) {
    PendingVectors& pending = work->vectors.emplace_back();
    pending.definition = work->definition->find_index(vectors->id);
    pending.family = vectors->family;
    pending.index = std::make_unique<vector::IvfIndex>(vectors->index);
  }
  work->attributes = work->definition->attributes;
  return work;
}

Result<RootEdit::Work*> RootEdit::work(CollectionId id) {
  if (Work* known = find_work(id)) return known;
  const auto state = dropped_.contains(id.value) ? nullptr : base_.find(id);
  if (state == nullptr) return no_collection(id);
  return works_.emplace(id, open_work(*state)).first->second.get();
}

// ---- objects ---------------------------------------------------------------------------------------------------------

Status RootEdit::apply(const Change& change) {
  switch (change.kind) {
    case ChangeKind::kCreateCollection: return create_collection(change);
    case ChangeKind::kDropCollection: return drop_collection(change);
    case ChangeKind::kCreateIndex: return create_index(change);
    case ChangeKind::kDropIndex: return drop_index(change);
    case ChangeKind::kTrainIndex: return train_index(change);
    default: return change_object(change);
  }
}

Status RootEdit::change_object(const Change& change) {
  PROTO_ASSIGN_OR_RETURN(Work * target, work(change.collection));
  if (change.kind == ChangeKind::kInsert) return insert(*target, change);
  return overwrite(*target, change);
}

Status RootEdit::insert(Work& work, const Change& change) {
  const ValueView object = decode_trusted(change.first);
  PROTO_RETURN_IF_ERROR(change_entries(work, change.object(), ValueView(), object));
  note_attributes(work, object);
  work.ids->pass(change.id);
  buffer(work, {change.object(), BlockChange::Kind::kPut, object, {}});
  if (work.pending.size() >= kSettleObjects) return settle(work);
  return Status();
}

Status RootEdit::overwrite(Work& work, const Change& change) {
  PROTO_ASSIGN_OR_RETURN(const std::string before_bytes, current_object(work, change.object()));
  if (before_bytes.empty()) return no_object(*work.definition, change.object());
  const ValueView before = decode_trusted(work.arena.keep(before_bytes));
  BlockChange block_change{change.object(), BlockChange::Kind::kErase, {}, {}};
  ValueView after;
  if (change.kind == ChangeKind::kReplace) {
    block_change = {change.object(), BlockChange::Kind::kPut, decode_trusted(change.first), {}};
    after = block_change.object;
  } else if (change.kind == ChangeKind::kPatch) {
    block_change = {change.object(), BlockChange::Kind::kPatch, decode_trusted(change.first), decode_trusted(change.second)};
    PROTO_ASSIGN_OR_RETURN(const std::string patched, patched_document(before_bytes, block_change.object, block_change.removed));
    after = decode_trusted(work.arena.keep(patched));
  }
  PROTO_RETURN_IF_ERROR(change_entries(work, change.object(), before, after));
  if (!after.is_none()) note_attributes(work, after);
  buffer(work, block_change);
  return Status();
}

bool RootEdit::is_pending(const Work& work, uint64_t id) const {
  if (work.pending.empty()) return false;
  if (!work.ascending) return work.pending_ids.contains(id);
  const auto found = std::lower_bound(work.pending.begin(), work.pending.end(), id,
                                      [](const BlockChange& change, uint64_t wanted) { return change.id.value < wanted; });
  return found != work.pending.end() && found->id.value == id;
}

Result<uint64_t> RootEdit::take_id(CollectionId collection, uint64_t count) {
  PROTO_ASSIGN_OR_RETURN(Work * target, work(collection));
  return target->ids->take(count);
}

Result<bool> RootEdit::exists(CollectionId collection, ObjectId id) {
  PROTO_ASSIGN_OR_RETURN(Work * target, work(collection));
  if (is_pending(*target, id.value)) PROTO_RETURN_IF_ERROR(settle(*target));
  Status status;
  const bool found = target->objects.contains(id.value, &status);
  PROTO_RETURN_IF_ERROR(status);
  return found;
}

Result<std::string> RootEdit::current_object(Work& work, ObjectId id) {
  if (is_pending(work, id.value)) PROTO_RETURN_IF_ERROR(settle(work));
  Status status;
  std::string bytes;
  const auto entry = work.objects.find(id.value, &status);
  PROTO_RETURN_IF_ERROR(status);
  if (entry) entry->block->materialize(entry->row, bytes);
  return bytes;
}

void RootEdit::buffer(Work& work, const BlockChange& change) {
  if (work.ascending && !work.pending.empty() && work.pending.back().id >= change.id) {
    work.ascending = false;
    for (const BlockChange& earlier : work.pending) work.pending_ids.insert(earlier.id.value);
  }
  if (!work.ascending) work.pending_ids.insert(change.id.value);
  work.pending.push_back(change);
  work.settled.reset();
}

// ---- attributes seen -------------------------------------------------------------------------------------------------

void RootEdit::note_attributes(Work& work, const ValueView& object) {
  const ObjectReader reader(object.buffer());
  for (size_t i = 0; i < reader.size(); ++i) {
    const std::string_view encoded = reader.encoded(i);
    note_attribute(work, i, reader.name(i), encoded.empty() ? Kind::kNone : static_cast<Kind>(encoded[0]));
  }
}

void RootEdit::note_attribute(Work& work, size_t position, std::string_view name, Kind kind) {
  const uint32_t bit = 1u << static_cast<uint32_t>(kind);
  if (position < work.recent_attributes.size()) {
    const Attribute& recent = work.attributes[work.recent_attributes[position]];
    if (recent.name == name && (recent.seen_kinds & bit) != 0) return;
  }
  auto found = std::find_if(work.attributes.begin(), work.attributes.end(), [&](const Attribute& a) { return a.name == name; });
  if (found == work.attributes.end()) {
    if (work.attributes.size() >= kMaxListedAttributes) return;
    Attribute seen;
    seen.name = name;
    found = work.attributes.insert(work.attributes.end(), std::move(seen));
  }
  work.attributes_changed |= (found->seen_kinds & bit) == 0;
  found->seen_kinds |= bit;
  if (position >= work.recent_attributes.size()) work.recent_attributes.resize(position + 1, 0);
  work.recent_attributes[position] = static_cast<uint32_t>(found - work.attributes.begin());
}

// ---- settling --------------------------------------------------------------------------------------------------------

Status RootEdit::settle_objects(Work& work) {
  if (work.pending.empty()) return Status();
  if (!work.ascending) {
    std::stable_sort(work.pending.begin(), work.pending.end(),
                     [](const BlockChange& a, const BlockChange& b) { return a.id < b.id; });
  }
  // An id never stands twice: overwrite() settles what is pending for its object first.
  objects_edit_.apply(work.objects, std::span<const BlockChange>(work.pending));
  work.pending.clear();
  work.pending_ids.clear();
  work.ascending = true;
  return objects_edit_.status();
}

Status RootEdit::settle(Work& work) {
  PROTO_RETURN_IF_ERROR(settle_objects(work));
  for (PendingEntries& index : work.indexes) {
    if (index.changes.empty()) continue;
    index_edit_.apply_unsorted(index.tree, index.changes);
    index.changes.clear();
    index.added.clear();
    index.removed.clear();
  }
  PROTO_RETURN_IF_ERROR(index_edit_.status());
  PROTO_RETURN_IF_ERROR(settle_vectors(work));
  work.arena.clear();
  return Status();
}

Status RootEdit::settle_vectors(Work& work) {
  for (PendingVectors& vectors : work.vectors) {
    if (vectors.changes.empty()) continue;
    if (!vectors.edit) vectors.edit = std::make_unique<vector::ListEdit>(vectors.family->family());
    // An object may have changed more than once since; apply() takes one change of an object at a time.
    size_t from = 0;
    while (from < vectors.changes.size()) {
      std::unordered_set<uint64_t> ids;
      size_t to = from;
      while (to < vectors.changes.size() && ids.insert(vectors.changes[to].id.value).second) ++to;
      PROTO_RETURN_IF_ERROR(vectors.index->apply(*vectors.edit, std::span(vectors.changes).subspan(from, to - from)));
      from = to;
    }
    vectors.changes.clear();
  }
  return Status();
}

void RootEdit::publish_definition(Work& work, CollectionDefinition definition) {
  definition.attributes = work.attributes;
  catalog_ = catalog_->with_collection(std::move(definition));
  work.attributes_changed = false;
  for (auto& [id, other] : works_) {
    other->definition = catalog_->find(id);
    for (PendingEntries& index : other->indexes) index.definition = other->definition->find_index(index.definition->id);
    for (PendingVectors& vectors : other->vectors) vectors.definition = other->definition->find_index(vectors.definition->id);
  }
}

void RootEdit::freeze() {
  objects_edit_.savepoint();
  index_edit_.savepoint();
}

Result<std::shared_ptr<const CollectionState>> RootEdit::settle(CollectionId collection) {
  Work* const target = find_work(collection);
  if (target == nullptr) {
    return dropped_.contains(collection.value) ? std::shared_ptr<const CollectionState>() : base_.find(collection);
  }
  if (target->settled != nullptr) return target->settled;
  PROTO_RETURN_IF_ERROR(settle(*target));
  if (target->attributes_changed) publish_definition(*target, *target->definition);
  freeze();
  auto state = std::make_shared<CollectionState>();
  state->id = collection;
  state->objects = target->objects;
  state->ids = target->ids;
  for (const PendingEntries& index : target->indexes) state->indexes.push_back({index.definition->id, index.tree});
  for (PendingVectors& vectors : target->vectors) {
    if (vectors.edit) vectors.edit->savepoint();
    state->vector_indexes.push_back(
        std::make_shared<const VectorIndexState>(VectorIndexState{vectors.definition->id, vectors.family, *vectors.index}));
  }
  target->settled = state;
  return target->settled;
}

Status RootEdit::settle_all() {
  for (const auto& [id, target] : works_) PROTO_RETURN_IF_ERROR(settle(id).status());
  return Status();
}

RootState RootEdit::take(std::vector<std::unique_ptr<RetiredNodes>>& retired) {
  RootState root = base_;
  for (uint32_t id : dropped_) root.set(CollectionId(id), nullptr);
  for (auto& [id, target] : works_) {
    PROTO_CHECK_MSG(target->settled != nullptr, "a root is published settled");
    root.set(id, target->settled);
  }
  root.catalog = catalog_;
  auto keep = [&](std::unique_ptr<RetiredNodes> nodes) {
    if (nodes != nullptr) retired.push_back(std::move(nodes));
  };
  auto keep_vectors = [&](PendingVectors& vectors) {
    if (vectors.edit) keep(vectors.family->wrap(vectors.edit->take_retired()));
  };
  keep(families_.objects.wrap(objects_edit_.take_retired()));
  keep(families_.indexes.wrap(index_edit_.take_retired()));
  for (auto& [id, target] : works_) {
    for (PendingVectors& vectors : target->vectors) keep_vectors(vectors);
  }
  for (PendingVectors& vectors : ended_vectors_) keep_vectors(vectors);
  taken_ = true;
  return root;
}

}  // namespace protobase
