#include "db/node_store.h"

#include "runtime/base/check.h"
#include "runtime/base/coding.h"

namespace protobase {

using proto::load;

// ---- NodeStore -------------------------------------------------------------------------------------------------------

namespace {

Status bad_page(uint64_t address) {
  const NodeAddress where = NodeAddress::unpack(address);
  return Status(StatusCode::kCorruption, "segment " + std::to_string(where.segment.value) + ", offset " +
                                             std::to_string(where.offset) + ": page of inner nodes has no node " +
                                             std::to_string(where.slot));
}

/// The bytes of node `slot` of a page; null data when there is no such node.
std::string_view page_slot(std::string_view page, uint32_t slot) {
  if (page.size() < 2) return {};
  const auto count = load<uint16_t>(page.data());
  const size_t base = 2 + size_t{count} * 4;
  if (slot >= count || page.size() < base) return {};
  const uint32_t begin = slot == 0 ? 0 : load<uint32_t>(page.data() + 2 + (slot - 1) * 4);
  const uint32_t end = load<uint32_t>(page.data() + 2 + slot * 4);
  if (begin >= end || end > page.size() - base) return {};
  return page.substr(base + begin, end - begin);
}

}  // namespace

Status NodeStore::read(uint64_t address, std::string& bytes) {
  const NodeAddress where = NodeAddress::unpack(address);
  blocks_read_.fetch_add(1, std::memory_order_relaxed);
  if (!where.inner) {
    PROTO_ASSIGN_OR_RETURN(storage::Block block, storage::read_block(blobs_, where.block(), 64 << 10));
    if (block.kind != static_cast<uint8_t>(BlockKind::kLeaf)) return bad_page(address);
    bytes = std::move(block.bytes);
    return Status();
  }
  PROTO_ASSIGN_OR_RETURN(auto page, pages_.find_or_read(blobs_, where.block()));
  const std::string_view node = page_slot(page->bytes, where.slot);
  if (page->kind != static_cast<uint8_t>(BlockKind::kInnerPage) || node.empty()) return bad_page(address);
  bytes.assign(node);
  return Status();
}

void NodeStore::note_written(SegmentId segment, int64_t count) {
  std::lock_guard lock(mutex_);
  live_nodes_[segment] += count;
}

void NodeStore::note_dead(uint64_t address) {
  std::lock_guard lock(mutex_);
  --live_nodes_[NodeAddress::unpack(address).segment];
}

std::vector<SegmentId> NodeStore::dead_segments() const {
  std::lock_guard lock(mutex_);
  std::vector<SegmentId> dead;
  for (const auto& [segment, count] : live_nodes_) {
    if (count <= 0) dead.push_back(segment);
  }
  return dead;
}

void NodeStore::forget_segment(SegmentId segment) {
  std::lock_guard lock(mutex_);
  live_nodes_.erase(segment);
  pages_.erase_segment(segment);
}

void NodeStore::encode_counts(std::string& out) const {
  std::lock_guard lock(mutex_);
  proto::put_varint(out, live_nodes_.size());
  for (const auto& [segment, count] : live_nodes_) {
    proto::put_varint(out, segment.value);
    proto::put_varint(out, static_cast<uint64_t>(std::max<int64_t>(count, 0)));
  }
}

Status NodeStore::decode_counts(std::string_view bytes) {
  proto::ByteReader reader(bytes);
  std::lock_guard lock(mutex_);
  const uint64_t count = reader.varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const auto segment = static_cast<uint32_t>(reader.varint());
    live_nodes_[SegmentId(segment)] = static_cast<int64_t>(reader.varint());
  }
  if (!reader.ok() || !reader.at_end()) return Status(StatusCode::kCorruption, "root record: damaged table of segments");
  return Status();
}

// ---- NodeTable -------------------------------------------------------------------------------------------------------

proto::avl::Node* NodeTable::find(uint64_t address) const {
  const Shard& in = shard(address);
  std::lock_guard lock(in.mutex);
  const auto found = in.nodes.find(address);
  return found == in.nodes.end() ? nullptr : found->second;
}

proto::avl::Node* NodeTable::insert(uint64_t address, proto::avl::Node* node) {
  Shard& in = shard(address);
  std::lock_guard lock(in.mutex);
  PROTO_DCHECK(address != 0 && node != nullptr);
  return in.nodes.emplace(address, node).first->second;
}

void NodeTable::erase(uint64_t address, const proto::avl::Node* node) {
  Shard& in = shard(address);
  std::lock_guard lock(in.mutex);
  const auto found = in.nodes.find(address);
  if (found != in.nodes.end() && found->second == node) in.nodes.erase(found);
}

std::vector<proto::avl::Node*> NodeTable::take_all() {
  std::vector<proto::avl::Node*> all;
  for (Shard& in : shards_) {
    std::lock_guard lock(in.mutex);
    for (const auto& [address, node] : in.nodes) all.push_back(node);
    in.nodes.clear();
  }
  return all;
}

// ---- CheckpointWriter ------------------------------------------------------------------------------------------------

Result<uint64_t> CheckpointWriter::write(proto::avl::Node*, proto::avl::NodeKind kind, std::string_view bytes) {
  return kind == proto::avl::NodeKind::kLeaf ? write_leaf(bytes) : write_inner(bytes);
}

Status CheckpointWriter::begin_segment(std::unique_ptr<storage::SegmentWriter>& segment) {
  if (segment != nullptr) return Status();
  PROTO_ASSIGN_OR_RETURN(segment, store_.blobs().create_segment());
  if (segment->id().value > NodeAddress::kMaxSegment) {
    return Status(StatusCode::kRange, "the file has used up its segment numbers; rewrite it with .dump");
  }
  return Status();
}

Result<uint64_t> CheckpointWriter::write_leaf(std::string_view bytes) {
  if (leaves_ != nullptr && leaves_->size() + bytes.size() + 4096 > storage::kMaxSegmentBytes) {
    PROTO_RETURN_IF_ERROR(end_segment(leaves_, leaf_nodes_));
  }
  PROTO_RETURN_IF_ERROR(begin_segment(leaves_));
  PROTO_ASSIGN_OR_RETURN(auto written, storage::write_block(*leaves_, store_.blobs().database_id(),
                                                            static_cast<uint8_t>(BlockKind::kLeaf), bytes));
  ++leaf_nodes_;
  return NodeAddress{written.address.segment(), written.address.offset(), 0, false}.pack();
}

Result<uint64_t> CheckpointWriter::write_inner(std::string_view bytes) {
  if (!ends_.empty() && (page_.size() + bytes.size() > kPageBytes || ends_.size() + 1 >= NodeAddress::kMaxSlots)) {
    PROTO_RETURN_IF_ERROR(flush_page());
  }
  PROTO_RETURN_IF_ERROR(begin_segment(pages_));
  const uint64_t offset =
      (pages_->size() + storage::kBlockAlignment - 1) / storage::kBlockAlignment * storage::kBlockAlignment;
  const NodeAddress address{pages_->id(), offset, static_cast<uint32_t>(ends_.size()), true};
  PROTO_CHECK(!bytes.empty());  // an empty node could not be told from none
  page_.append(bytes);
  ends_.push_back(static_cast<uint32_t>(page_.size()));
  ++inner_nodes_;
  return address.pack();
}

Status CheckpointWriter::flush_page() {
  PROTO_CHECK(pages_ != nullptr && ends_.size() <= NodeAddress::kMaxSlots && ends_.back() == page_.size());
  std::string block;
  proto::put_fixed(block, static_cast<uint16_t>(ends_.size()));
  for (uint32_t end : ends_) proto::put_fixed(block, end);
  block += page_;
  const uint64_t expected =
      (pages_->size() + storage::kBlockAlignment - 1) / storage::kBlockAlignment * storage::kBlockAlignment;
  PROTO_ASSIGN_OR_RETURN(auto written, storage::write_block(*pages_, store_.blobs().database_id(),
                                                            static_cast<uint8_t>(BlockKind::kInnerPage), block));
  PROTO_CHECK_MSG(written.address.offset() == expected, "a page of inner nodes stands where its nodes' addresses say");
  page_.clear();
  ends_.clear();
  return Status();
}

Status CheckpointWriter::end_segment(std::unique_ptr<storage::SegmentWriter>& segment, int64_t& nodes) {
  if (segment == nullptr) return Status();
  PROTO_RETURN_IF_ERROR(segment->finish());
  PROTO_CHECK(nodes > 0);
  store_.note_written(segment->id(), nodes);
  nodes = 0;
  segment.reset();
  return Status();
}

Status CheckpointWriter::finish() {
  if (!ends_.empty()) PROTO_RETURN_IF_ERROR(flush_page());
  PROTO_RETURN_IF_ERROR(end_segment(leaves_, leaf_nodes_));
  return end_segment(pages_, inner_nodes_);
}

}  // namespace protobase
