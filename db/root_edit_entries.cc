// Index entries and vectors of RootEdit: what each change of an object means for the collection's indexes.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "db/document.h"
#include "db/index_keys.h"
#include "db/root_edit.h"

namespace protobase {
namespace {

std::span<const float> keep_vector(proto::Arena& arena, std::span<const float> floats) {
  const auto bytes = arena.keep({reinterpret_cast<const char*>(floats.data()), floats.size_bytes()});
  return {reinterpret_cast<const float*>(bytes.data()), floats.size()};
}

}  // namespace

vector::Metric to_metric(VectorMetric metric) { return static_cast<vector::Metric>(metric); }

std::span<const float> indexed_vector(const ValueView& value, uint32_t dimension, std::vector<float>& storage) {
  if (value.kind() != Kind::kVector || value.size() != dimension) return {};
  const char* bytes = value.buffer().data();
  std::span<const float> floats(reinterpret_cast<const float*>(bytes), dimension);
  if (reinterpret_cast<uintptr_t>(bytes) % alignof(float) != 0) {
    storage.resize(dimension);
    std::memcpy(storage.data(), bytes, dimension * sizeof(float));
    floats = storage;
  }
  const bool finite = std::all_of(floats.begin(), floats.end(), [](float f) { return std::isfinite(f); });
  return finite ? floats : std::span<const float>();
}

Status RootEdit::change_entries(Work& work, ObjectId id, const ValueView& before, const ValueView& after) {
  for (size_t i = 0; i < work.indexes.size(); ++i) {
    const Status status = change_entries(work, work.indexes[i], id, before, after);
    if (status.ok()) continue;
    // A duplicate in a later index: take back what the earlier ones buffered.
    for (size_t j = 0; j < i; ++j) (void)change_entries(work, work.indexes[j], id, after, before).ok();
    return status;
  }
  change_vectors(work, id, before, after);
  return Status();
}

Status RootEdit::change_entries(Work& work, PendingEntries& index, ObjectId id, const ValueView& before, const ValueView& after) {
  before_entries_.clear();
  after_entries_.clear();
  if (!before.is_none()) collect_entries(*index.definition, before, id, before_entries_);
  if (!after.is_none()) collect_entries(*index.definition, after, id, after_entries_);
  if (before_entries_ == after_entries_) return Status();
  auto has = [](const std::vector<std::string>& entries, const std::string& entry) {
    return std::find(entries.begin(), entries.end(), entry) != entries.end();
  };
  if (index.definition->unique) {
    for (const std::string& entry : after_entries_) {
      if (!has(before_entries_, entry)) PROTO_RETURN_IF_ERROR(check_unique(index, entry));
    }
  }
  for (const std::string& entry : before_entries_) {
    if (!has(after_entries_, entry)) remove_entry(work, index, entry);
  }
  for (const std::string& entry : after_entries_) {
    if (!has(before_entries_, entry)) add_entry(work, index, entry);
  }
  return Status();
}

Status RootEdit::check_unique(PendingEntries& index, std::string_view entry) {
  const std::string_view key = entry_key(entry);
  if (has_null_component(*index.definition, key)) return Status();
  if (index.added.contains(key)) return duplicate_key(*index.definition, key);
  proto::avl::Cursor<IndexPolicy> cursor(index.tree);
  std::string found;
  for (cursor.seek(proto::avl::ByteKey(key)); cursor.valid(); cursor.next()) {
    found.clear();
    cursor.entry().append_key(found);
    if (entry_key(found) != key) break;
    if (!index.removed.contains(found)) return duplicate_key(*index.definition, key);
  }
  return cursor.status();
}

void RootEdit::add_entry(Work& work, PendingEntries& index, std::string_view entry) {
  const std::string_view kept = work.arena.keep(entry);
  index.changes.push_back({kept, {}, proto::avl::ChangeKind::kUpsert});
  if (index.definition->unique) {
    index.added.insert(entry_key(kept));
    index.removed.erase(kept);
  }
}

void RootEdit::remove_entry(Work& work, PendingEntries& index, std::string_view entry) {
  const std::string_view kept = work.arena.keep(entry);
  index.changes.push_back({kept, {}, proto::avl::ChangeKind::kErase});
  if (index.definition->unique) {
    index.added.erase(entry_key(kept));
    index.removed.insert(kept);
  }
}

void RootEdit::change_vectors(Work& work, ObjectId id, const ValueView& before, const ValueView& after) {
  std::vector<float> before_storage, after_storage;
  for (PendingVectors& vectors : work.vectors) {
    const Path& path = vectors.definition->parts.front().path;
    const uint32_t dimension = vectors.index->quantizer().dimension();
    const auto old_vector = indexed_vector(path.follow(before), dimension, before_storage);
    const auto new_vector = indexed_vector(path.follow(after), dimension, after_storage);
    if (old_vector.size() == new_vector.size() &&
        std::equal(old_vector.begin(), old_vector.end(), new_vector.begin())) {
      continue;
    }
    vectors.changes.push_back({id, keep_vector(work.arena, old_vector), keep_vector(work.arena, new_vector)});
  }
}

}  // namespace protobase
