// Checkpoints of DatabaseState: the visible version's new nodes into segments, then the root record, then the log is let go.
#include "db/database_state.h"
#include "runtime/base/coding.h"
#include "runtime/base/sync_point.h"

namespace protobase {
namespace {

template <class Tree>
uint64_t address_of(const Tree& tree) {
  return tree.root() == nullptr ? 0 : tree.root()->address.load(std::memory_order_acquire);
}

/// Keeps a version pinned while it is written.
class Pin {
 public:
  explicit Pin(VersionChain& versions) : versions_(versions), version_(versions.pin_visible()) {}
  ~Pin() { versions_.unpin(version_); }
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;
  const Version* operator->() const { return version_; }
  const Version& operator*() const { return *version_; }

 private:
  VersionChain& versions_;
  Version* version_;
};

}  // namespace

Status DatabaseState::checkpoint() {
  PROTO_RETURN_IF_ERROR(check_writable());
  return write_checkpoint();
}

Status DatabaseState::write_checkpoint() {
  std::lock_guard lock(checkpoint_mutex_);
  if (path_ == ":memory:" || path_.empty()) return Status();
  const Pin version(*versions_);
  if (version->end <= checkpoint_end_) return Status();
  CheckpointWriter writer(*nodes_);
  Status status = write_trees(version->root, writer);
  if (status.ok()) status = writer.finish();
  PROTO_SYNC_POINT("checkpoint:before_root");
  if (status.ok()) status = remove_dead_segments();
  if (status.ok()) status = storage_->checkpoint(encode_root(*version), version->end);
  if (!status.ok()) return poison(std::move(status).with_context("checkpoint"));
  checkpointed_ = version->commit;
  checkpoint_end_ = version->end;
  checkpoints_.fetch_add(1, std::memory_order_relaxed);
  return Status();
}

Status DatabaseState::write_trees(const RootState& root, CheckpointWriter& writer) {
  for (const auto& collection : root.collections) {
    PROTO_RETURN_IF_ERROR(proto::avl::write_new_nodes(collection->objects, writer));
    for (const IndexState& index : collection->indexes) PROTO_RETURN_IF_ERROR(proto::avl::write_new_nodes(index.tree, writer));
    for (const auto& vectors : collection->vector_indexes) {
      PROTO_RETURN_IF_ERROR(proto::avl::write_new_nodes(vectors->index.lists(), writer));
    }
  }
  return Status();
}

Status DatabaseState::remove_dead_segments() {
  for (SegmentId segment : nodes_->dead_segments()) {
    PROTO_RETURN_IF_ERROR(storage_->blobs->remove(segment));
    nodes_->forget_segment(segment);
  }
  return Status();
}

std::string DatabaseState::encode_root(const Version& version) const {
  std::string out, part;
  proto::put_varint(out, kRootFormat);
  proto::put_varint(out, version.commit.value);
  version.root.catalog->encode(part);
  proto::put_string(out, part);
  part.clear();
  nodes_->encode_counts(part);
  proto::put_string(out, part);
  proto::put_varint(out, version.root.collections.size());
  for (const auto& collection : version.root.collections) {
    proto::put_varint(out, collection->id.value);
    proto::put_varint(out, collection->ids->next());
    proto::put_fixed(out, address_of(collection->objects));
    proto::put_varint(out, collection->indexes.size());
    for (const IndexState& index : collection->indexes) {
      proto::put_varint(out, index.id.value);
      proto::put_fixed(out, address_of(index.tree));
    }
    proto::put_varint(out, collection->vector_indexes.size());
    for (const auto& vectors : collection->vector_indexes) {
      proto::put_varint(out, vectors->id.value);
      proto::put_fixed(out, address_of(vectors->index.lists()));
      proto::put_fixed(out, vectors->index.distance_sum());
      proto::put_string(out, vectors->index.quantizer().encode());
    }
  }
  return out;
}

void DatabaseState::request_checkpoint_if_due() {
  if (options_.checkpoint_log_bytes == 0) return;
  const uint64_t end = storage_->log->end().value;
  if (end - checkpoint_requested_.load(std::memory_order_relaxed) < options_.checkpoint_log_bytes) return;
  checkpoint_requested_.store(end, std::memory_order_relaxed);
  wake_background(checkpoint_wanted_);
}

}  // namespace protobase
