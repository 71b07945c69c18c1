// The views of db/transaction_state.h.
#include "db/index_keys.h"
#include "db/transaction_state.h"
#include "db/vector_index_state.h"

namespace protobase {

namespace {

using Cursor = proto::avl::Cursor<IndexPolicy>;

}  // namespace

Result<CollectionView::Place> CollectionView::find(ObjectId id) const {
  Status status;
  const auto entry = tree_.find(id.value, &status);
  PROTO_RETURN_IF_ERROR(status);
  return entry ? Place{entry->block, entry->row} : Place{};
}

Result<uint64_t> IndexView::count(const KeyRange& range) const {
  Status status;
  const uint64_t from = range.low.empty() ? 0 : tree_.rank(proto::avl::ByteKey(range.low), &status);
  const uint64_t to = range.high.empty() ? tree_.size() : tree_.rank(proto::avl::ByteKey(range.high), &status);
  PROTO_RETURN_IF_ERROR(status);
  return to > from ? to - from : 0;
}

/// One descent to the beginning; the end is looked for in each leaf, which costs less than a descent of its own.
Status IndexView::append_ids(const KeyRange& range, std::vector<uint64_t>& ids, uint64_t limit) const {
  const IndexPolicy& policy = tree_.family().policy();
  const proto::avl::ByteKey high(range.high);
  uint64_t left = limit == 0 ? ~uint64_t{0} : limit;
  Cursor cursor(tree_);
  for (cursor.seek(proto::avl::ByteKey(range.low)); cursor.valid() && left > 0; cursor.next_leaf()) {
    const IndexPolicy::Leaf& leaf = cursor.leaf();
    const uint32_t end = range.high.empty() ? leaf.count : policy.lower_bound(leaf, high);
    for (uint32_t i = cursor.index(); i < end && left > 0; ++i, --left) ids.push_back(policy.entry(leaf, i).suffix());
    if (end < leaf.count) break;
  }
  return cursor.status();
}

Status IndexView::append_ids_reversed(const KeyRange& range, std::vector<uint64_t>& ids, uint64_t limit) const {
  Cursor cursor(tree_);
  PROTO_ASSIGN_OR_RETURN(uint64_t left, count(range));
  if (limit != 0) left = std::min(left, limit);
  if (left == 0) return Status();
  if (range.high.empty()) {
    cursor.seek_last();
  } else {
    cursor.seek_before(proto::avl::ByteKey(range.high));
  }
  for (; cursor.valid() && left > 0; cursor.previous(), --left) ids.push_back(cursor.entry().suffix());
  return cursor.status();
}

Result<bool> IndexView::contains(std::string_view key, ObjectId id) const {
  std::string entry(key);
  append_entry_id(entry, id);
  Status status;
  const bool found = tree_.contains(proto::avl::ByteKey(entry), &status);
  PROTO_RETURN_IF_ERROR(status);
  return found;
}

VectorView::VectorView(const IndexDefinition* definition, std::shared_ptr<const VectorIndexState> state)
    : definition_(definition), state_(std::move(state)) {}

uint64_t VectorView::count() const { return state_->index.size(); }
uint32_t VectorView::list_count() const { return state_->index.quantizer().list_count(); }

uint32_t VectorView::default_probes() const {
  const vector::Quantizer& quantizer = state_->index.quantizer();
  if (definition_->recall > 0) return quantizer.probes_for_recall(static_cast<float>(definition_->recall));
  return quantizer.default_probe_count();
}

Result<VectorHits> VectorView::search(std::span<const float> query, size_t k, uint32_t probes,
                                      const std::vector<uint64_t>* allowed) const {
  vector::SearchOptions options;
  options.probe_count = probes != 0 ? probes : default_probes();
  if (allowed != nullptr) {
    static_assert(sizeof(ObjectId) == sizeof(uint64_t));
    options.filter = vector::Filter::sorted_ids({reinterpret_cast<const ObjectId*>(allowed->data()), allowed->size()});
  }
  PROTO_ASSIGN_OR_RETURN(auto found, state_->index.search(query, k, options));
  VectorHits hits;
  hits.lists_probed = found.stats.lists_probed;
  hits.candidates_scanned = found.stats.candidates_scanned;
  for (const vector::Neighbor& neighbor : found.neighbors) {
    hits.hits.emplace_back(vector::distance_from_rank(state_->index.quantizer().metric(), neighbor.rank), neighbor.id);
  }
  return hits;
}

}  // namespace protobase
