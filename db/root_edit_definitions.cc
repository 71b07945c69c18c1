// Collections and indexes made and dropped: the definitions' part of RootEdit.
#include <algorithm>

#include "db/document.h"
#include "db/index_keys.h"
#include "db/root_edit.h"
#include "db/vector_rows.h"

namespace protobase {
namespace {

/// An entry of an index being filled, with its first bytes apart: most comparisons need no more.
struct SortedEntry {
  uint64_t head;
  std::string_view bytes;
  bool operator<(const SortedEntry& other) const { return head != other.head ? head < other.head : bytes < other.bytes; }
};

}  // namespace

Status RootEdit::create_collection(const Change& change) {
  PROTO_ASSIGN_OR_RETURN(CollectionDefinition definition, decode_collection_definition(change.first));
  if (catalog_->find(definition.name) != nullptr) {
    return Status(StatusCode::kAlreadyExists, "there is already a collection '" + definition.name + "'");
  }
  const CollectionId id = definition.id;
  catalog_ = catalog_->with_collection(std::move(definition));
  dropped_.erase(id.value);
  auto made = std::make_unique<Work>();
  made->definition = catalog_->find(id);
  made->attributes = made->definition->attributes;
  made->objects = families_.objects.empty_tree();
  made->ids = std::make_shared<IdAllocator>(1);
  works_[id] = std::move(made);
  return Status();
}

Status RootEdit::drop_collection(const Change& change) {
  PROTO_ASSIGN_OR_RETURN(Work * target, work(change.collection));
  PROTO_RETURN_IF_ERROR(settle(*target));
  objects_edit_.drop(target->objects);
  for (PendingEntries& index : target->indexes) index_edit_.drop(index.tree);
  for (PendingVectors& vectors : target->vectors) {
    if (!vectors.edit) vectors.edit = std::make_unique<vector::ListEdit>(vectors.family->family());
    vectors.edit->drop(vectors.index->lists());
    *vectors.index = vector::IvfIndex(vectors.index->shared_quantizer(), vectors.family->empty_tree());
    ended_vectors_.push_back(std::move(vectors));
  }
  catalog_ = catalog_->without_collection(change.collection);
  works_.erase(change.collection);
  dropped_.insert(change.collection.value);
  return Status();
}

Status RootEdit::create_index(const Change& change) {
  PROTO_ASSIGN_OR_RETURN(IndexDefinition decoded, decode_index_definition(change.first));
  if (catalog_->find_index(decoded.name) != nullptr) {
    return Status(StatusCode::kAlreadyExists, "there is already an index '" + decoded.name + "'");
  }
  PROTO_ASSIGN_OR_RETURN(Work * target, work(change.collection));
  PROTO_RETURN_IF_ERROR(settle(*target));
  const auto definition = std::make_shared<const IndexDefinition>(std::move(decoded));
  if (definition->method == IndexMethod::kIvfFlat) {
    PROTO_ASSIGN_OR_RETURN(auto quantizer, quantizer_for(*definition, change.second));
    PendingVectors vectors;
    vectors.definition = definition.get();
    vectors.family = std::make_shared<VectorFamily>(families_.store, vector::ListPolicy(quantizer->dimension()));
    PROTO_RETURN_IF_ERROR(fill_vectors(*target, vectors, std::move(quantizer)));
    target->vectors.push_back(std::move(vectors));
  } else {
    PendingEntries index;
    index.definition = definition.get();
    index.tree = families_.indexes.empty_tree();
    PROTO_RETURN_IF_ERROR(fill_index(*target, index));
    target->indexes.push_back(std::move(index));
  }
  CollectionDefinition changed = *target->definition;
  changed.indexes.push_back(definition);
  publish_definition(*target, std::move(changed));
  target->settled.reset();
  return Status();
}

Status RootEdit::drop_index(const Change& change) {
  PROTO_ASSIGN_OR_RETURN(Work * target, work(change.collection));
  PROTO_RETURN_IF_ERROR(settle(*target));
  const proto::IndexId id = change.index();
  auto is_it = [&](const auto& index) { return index.definition->id == id; };
  const auto index = std::find_if(target->indexes.begin(), target->indexes.end(), is_it);
  const auto vectors = std::find_if(target->vectors.begin(), target->vectors.end(), is_it);
  if (index != target->indexes.end()) {
    index_edit_.drop(index->tree);
    target->indexes.erase(index);
  } else if (vectors != target->vectors.end()) {
    if (!vectors->edit) vectors->edit = std::make_unique<vector::ListEdit>(vectors->family->family());
    vectors->edit->drop(vectors->index->lists());
    *vectors->index = vector::IvfIndex(vectors->index->shared_quantizer(), vectors->family->empty_tree());
    ended_vectors_.push_back(std::move(*vectors));
    target->vectors.erase(vectors);
  } else {
    return Status(StatusCode::kNotFound, "there is no such index");
  }
  CollectionDefinition changed = *target->definition;
  std::erase_if(changed.indexes, [&](const auto& definition) { return definition->id == id; });
  publish_definition(*target, std::move(changed));
  target->settled.reset();
  return Status();
}

Status RootEdit::train_index(const Change& change) {
  PROTO_ASSIGN_OR_RETURN(Work * target, work(change.collection));
  PROTO_RETURN_IF_ERROR(settle(*target));
  const auto vectors = std::find_if(target->vectors.begin(), target->vectors.end(),
                                    [&](const PendingVectors& v) { return v.definition->id == change.index(); });
  if (vectors == target->vectors.end()) return Status(StatusCode::kNotFound, "there is no such vector index");
  PROTO_ASSIGN_OR_RETURN(auto quantizer, quantizer_for(*vectors->definition, change.first));
  if (!vectors->edit) vectors->edit = std::make_unique<vector::ListEdit>(vectors->family->family());
  vectors->edit->drop(vectors->index->lists());
  target->settled.reset();
  return fill_vectors(*target, *vectors, std::move(quantizer));
}

Result<std::shared_ptr<const vector::Quantizer>> RootEdit::quantizer_for(const IndexDefinition& definition,
                                                                        std::string_view bytes) {
  if (!bytes.empty()) return vector::Quantizer::decode(bytes);
  return vector::Quantizer::train(to_metric(definition.metric), definition.dimension, {});
}

Status RootEdit::fill_index(Work& work, PendingEntries& index) {
  std::vector<SortedEntry> sorted;
  sorted.reserve(work.objects.size());
  proto::Arena arena;
  std::string document;
  proto::avl::Cursor<CollectionPolicy> cursor(work.objects);
  for (cursor.seek_first(); cursor.valid(); cursor.next_leaf()) {
    const ColumnBlock& block = *cursor.entry().block;
    EntryReader reader(*index.definition, block);
    for (uint32_t row = 0; row < block.rows(); ++row) {
      before_entries_.clear();
      reader.collect(row, before_entries_);
      for (const std::string& entry : before_entries_) {
        const std::string_view kept = arena.keep(entry);
        sorted.push_back({proto::avl::byte_head(kept), kept});
      }
    }
  }
  PROTO_RETURN_IF_ERROR(cursor.status());
  std::sort(sorted.begin(), sorted.end());
  if (index.definition->unique) {
    for (size_t i = 1; i < sorted.size(); ++i) {
      const std::string_view key = entry_key(sorted[i].bytes);
      if (key == entry_key(sorted[i - 1].bytes) && !has_null_component(*index.definition, key)) {
        return duplicate_key(*index.definition, key);
      }
    }
  }
  std::vector<IndexPolicy::Item> items;
  items.reserve(sorted.size());
  for (const SortedEntry& entry : sorted) items.push_back({entry.bytes});
  index.tree = index_edit_.build(items);
  return index_edit_.status();
}

Status RootEdit::fill_vectors(Work& work, PendingVectors& vectors, std::shared_ptr<const vector::Quantizer> quantizer) {
  VectorRows rows(quantizer->dimension());
  PROTO_RETURN_IF_ERROR(rows.read(work.objects, vectors.definition->parts.front().path));
  if (!vectors.edit) vectors.edit = std::make_unique<vector::ListEdit>(vectors.family->family());
  PROTO_ASSIGN_OR_RETURN(auto index, vector::IvfIndex::build(*vectors.edit, std::move(quantizer), rows.block()));
  vectors.index = std::make_unique<vector::IvfIndex>(std::move(index));
  return Status();
}

}  // namespace protobase
