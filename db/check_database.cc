// CHECK DATABASE, statistics and descriptions of DatabaseState.
#include <algorithm>

#include "db/database_state.h"
#include "db/document.h"
#include "db/index_keys.h"
#include "db/vector_rows.h"

namespace protobase {
namespace {

Status fault(const CollectionDefinition& definition, const std::string& what) {
  return Status(StatusCode::kCorruption, "collection '" + definition.name + "': " + what);
}

/// Every entry that the objects should have is there, and there are no others.
Status check_index(const CollectionDefinition& collection, const CollectionTree& objects, const IndexState& index) {
  const IndexDefinition* definition = collection.find_index(index.id);
  if (definition == nullptr) return fault(collection, "an index has no definition");
  PROTO_RETURN_IF_ERROR(index.tree.check().with_context("index '" + definition->name + "'"));
  uint64_t expected = 0;
  std::vector<std::string> entries;
  proto::avl::Cursor<CollectionPolicy> cursor(objects);
  for (cursor.seek_first(); cursor.valid(); cursor.next_leaf()) {
    EntryReader reader(*definition, *cursor.entry().block);
    for (uint32_t row = 0; row < cursor.entry().block->rows(); ++row) {
      entries.clear();
      reader.collect(row, entries);
      expected += entries.size();
      for (const std::string& entry : entries) {
        Status status;
        if (index.tree.contains(proto::avl::ByteKey(entry), &status)) continue;
        PROTO_RETURN_IF_ERROR(status);
        return fault(collection, "index '" + definition->name + "' lacks the entry of object " +
                                     std::to_string(entry_id(entry).value));
      }
    }
  }
  PROTO_RETURN_IF_ERROR(Status(cursor.status()));
  if (expected == index.tree.size()) return Status();
  return fault(collection, "index '" + definition->name + "' has " + std::to_string(index.tree.size()) +
                               " entries, its objects have " + std::to_string(expected));
}

Status check_vectors(const CollectionDefinition& collection, const CollectionTree& objects,
                     const VectorIndexState& vectors) {
  const IndexDefinition* definition = collection.find_index(vectors.id);
  if (definition == nullptr) return fault(collection, "a vector index has no definition");
  PROTO_RETURN_IF_ERROR(vectors.index.check().with_context("vector index '" + definition->name + "'"));
  VectorRows rows(vectors.index.quantizer().dimension());
  PROTO_RETURN_IF_ERROR(rows.read(objects, definition->parts.front().path));
  if (rows.size() == vectors.index.size()) return Status();
  return fault(collection, "vector index '" + definition->name + "' has " + std::to_string(vectors.index.size()) +
                               " vectors, its objects have " + std::to_string(rows.size()));
}

Status check_collection(const Catalog& catalog, const CollectionState& state) {
  const auto definition = catalog.find(state.id);
  if (definition == nullptr) {
    return Status(StatusCode::kCorruption, "collection " + std::to_string(state.id.value) + " is not in the catalog");
  }
  PROTO_RETURN_IF_ERROR(state.objects.check().with_context("collection '" + definition->name + "'"));
  for (const IndexState& index : state.indexes) PROTO_RETURN_IF_ERROR(check_index(*definition, state.objects, index));
  for (const auto& vectors : state.vector_indexes)
    PROTO_RETURN_IF_ERROR(check_vectors(*definition, state.objects, *vectors));
  if (definition->indexes.size() != state.indexes.size() + state.vector_indexes.size()) {
    return fault(*definition, "the catalog and the root disagree on its indexes");
  }
  return Status();
}

std::string type_of(const Attribute& attribute) {
  if (attribute.declared && attribute.type != Kind::kNone) return attribute.type_text;
  std::string out;
  for (uint32_t kind = 1; kind <= static_cast<uint32_t>(Kind::kObject); ++kind) {
    if ((attribute.seen_kinds >> kind & 1) == 0) continue;
    out += (out.empty() ? "" : " | ") + std::string(kind_name(static_cast<Kind>(kind)));
  }
  return out;
}

CollectionDescription describe_collection(const CollectionDefinition& definition, const CollectionState& state) {
  CollectionDescription out;
  out.name = definition.name;
  out.definition = definition.to_sql();
  out.objects = state.objects.size();
  for (const Attribute& attribute : definition.attributes) {
    out.attributes.push_back({attribute.name, type_of(attribute), attribute.declared});
  }
  for (const auto& index : definition.indexes) {
    uint64_t entries = 0;
    if (const IndexState* found = state.find_index(index->id)) entries = found->tree.size();
    if (const auto* found = state.find_vector_index(index->id)) entries = (*found)->index.size();
    out.indexes.push_back({index->name, index->to_sql(definition.name), entries, index->is_constraint});
  }
  return out;
}

}  // namespace

Status DatabaseState::check() {
  PROTO_RETURN_IF_ERROR(check_open());
  Version* version = versions_->pin_visible();
  Status status;
  for (const auto& collection : version->root.collections) {
    status = check_collection(*version->root.catalog, *collection);
    if (!status.ok()) break;
  }
  if (status.ok() && version->root.catalog->collections().size() != version->root.collections.size()) {
    status = Status(StatusCode::kCorruption, "the catalog and the root disagree on the collections");
  }
  versions_->unpin(version);
  return status;
}

namespace {

size_t index_node_bytes(const proto::avl::Node& node) {
  if (!node.is_leaf()) return sizeof(proto::avl::Inner);
  const auto& leaf = static_cast<const IndexPolicy::Leaf&>(node);
  return sizeof leaf + leaf.capacity * (sizeof *leaf.heads() + sizeof *leaf.slots()) + leaf.prefix_size +
         leaf.data_capacity;
}

/// Memory of the blocks and nodes that are in memory, objects and ordered indexes. O(nodes).
uint64_t node_bytes(const CollectionState& collection) {
  uint64_t bytes = 0;
  proto::avl::visit_loaded_nodes(collection.objects, [&](const proto::avl::Node& node) {
    bytes += node.is_leaf() ? static_cast<const ColumnBlock&>(node).size_bytes() : sizeof(proto::avl::Inner);
  });
  for (const IndexState& index : collection.indexes) {
    proto::avl::visit_loaded_nodes(index.tree, [&](const proto::avl::Node& node) { bytes += index_node_bytes(node); });
  }
  return bytes;
}

}  // namespace

DatabaseStatistics DatabaseState::statistics() const {
  DatabaseStatistics out;
  if (closed_.load()) return out;
  Version* version = versions_->pin_visible();
  for (const auto& [id, collection] : version->root.catalog->collections()) out.indexes += collection->indexes.size();
  out.collections = version->root.collections.size();
  out.objects = version->root.object_count();
  out.newest = version->commit;
  for (const auto& collection : version->root.collections) out.node_bytes += node_bytes(*collection);
  versions_->unpin(version);
  out.commits = commits_.load(std::memory_order_relaxed);
  out.checkpoints = checkpoints_.load(std::memory_order_relaxed);
  out.log_bytes = storage_->log->end().value - storage_->log->start().value;
  out.file_bytes = storage_->blobs->statistics().space_bytes;
  out.snapshots = versions_->pin_count();
  return out;
}

std::vector<CollectionDescription> DatabaseState::describe() const {
  std::vector<CollectionDescription> out;
  if (closed_.load()) return out;
  Version* version = versions_->pin_visible();
  for (const auto& [id, definition] : version->root.catalog->collections()) {
    if (const auto state = version->root.find(id)) out.push_back(describe_collection(*definition, *state));
  }
  versions_->unpin(version);
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

}  // namespace protobase
