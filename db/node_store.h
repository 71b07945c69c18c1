// Where the nodes of durable trees live on disk: how a node address leads to bytes, and how a checkpoint writes new nodes.
//
// A leaf is one block of a segment. Inner nodes are small, so a checkpoint packs them, in the order in which the tree gives
// them (children before parents, so a subtree stays together), into pages: blocks of another segment.
//
// Node address, 63 bits:  segment id (20) | block offset / 16 (31) | slot in the page (11) | 1 for an inner node (1)
//
// Page: u16 count; count u32 ends of nodes, counted from the first node's byte; the nodes.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/avl/checkpoint.h"
#include "runtime/avl/family.h"
#include "runtime/avl/node.h"
#include "storage/blob_store.h"
#include "storage/block.h"
#include "storage/block_cache.h"

namespace protobase {

using proto::Result;
using proto::SegmentId;
using proto::Status;
using proto::StatusCode;

/// Kinds of blocks that the database writes. Part of the file format: never reused.
enum class BlockKind : uint8_t { kLeaf = 1, kInnerPage = 2 };

/// The parts of a node address.
struct NodeAddress {
  SegmentId segment;
  uint64_t offset = 0;  // of the block in its segment
  uint32_t slot = 0;    // of an inner node in its page
  bool inner = false;

  static constexpr uint32_t kMaxSegment = (1u << 20) - 1;
  static constexpr uint32_t kMaxSlots = 1u << 11;
  uint64_t pack() const {
    return uint64_t{segment.value} << 43 | (offset / storage::kBlockAlignment) << 12 | uint64_t{slot} << 1 | (inner ? 1u : 0u);
  }
  static NodeAddress unpack(uint64_t word) {
    return {SegmentId(static_cast<uint32_t>(word >> 43)), (word >> 12 & 0x7FFF'FFFF) * storage::kBlockAlignment,
            static_cast<uint32_t>(word >> 1 & (kMaxSlots - 1)), (word & 1) != 0};
  }
  storage::BlockAddress block() const { return storage::BlockAddress::at(segment, offset); }
};

/// The blocks behind node addresses, and how many live nodes each segment still has. Thread-safe.
class NodeStore {
 public:
  explicit NodeStore(storage::BlobStore& blobs) : blobs_(blobs), pages_(kPageCacheBytes) {}

  /// Appends the bytes of the node at `address` to `bytes`. Errors: kIoError, kCorruption.
  Status read(uint64_t address, std::string& bytes);
  storage::BlobStore& blobs() { return blobs_; }
  uint64_t blocks_read() const { return blocks_read_.load(std::memory_order_relaxed); }

  // Live nodes of each segment: counted up when written, down when a node is no longer part of any version.
  void note_written(SegmentId segment, int64_t count);
  void note_dead(uint64_t address);
  /// Segments without a live node, which a checkpoint may remove.
  std::vector<SegmentId> dead_segments() const;
  void forget_segment(SegmentId segment);
  /// The counts, as part of the root record. Decoding is safe on hostile bytes.
  void encode_counts(std::string& out) const;
  Status decode_counts(std::string_view bytes);

 private:
  static constexpr uint64_t kPageCacheBytes = 64ull << 20;

  storage::BlobStore& blobs_;
  storage::BlockCache pages_;
  std::atomic<uint64_t> blocks_read_{0};
  mutable std::mutex mutex_;
  std::map<SegmentId, int64_t> live_nodes_;
};

/// Nodes in memory by address, one copy each. Sharded; any thread.
class NodeTable {
 public:
  proto::avl::Node* find(uint64_t address) const;
  /// Enters the node unless another is there already; returns the one that stays.
  proto::avl::Node* insert(uint64_t address, proto::avl::Node* node);
  void erase(uint64_t address, const proto::avl::Node* node);
  /// Gives up every node that is still here. One thread.
  std::vector<proto::avl::Node*> take_all();

 private:
  static constexpr size_t kShards = 16;
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<uint64_t, proto::avl::Node*> nodes;
  };
  Shard& shard(uint64_t address) { return shards_[(address * 0x9E3779B97F4A7C15ull) >> 60]; }
  const Shard& shard(uint64_t address) const { return const_cast<NodeTable*>(this)->shard(address); }
  std::array<Shard, kShards> shards_;
};

/// What versions do with the nodes they no longer need, whatever the kind of tree.
class RetiredNodes {
 public:
  virtual ~RetiredNodes() = default;
  /// No version needs them any more: frees nodes, accounts for those on disk. Once, on any thread.
  virtual void bury() = 0;
};

/// One family of trees with its nodes on disk.
template <proto::avl::LeafPolicy P>
class DurableFamily final : public proto::avl::NodeSource {
 public:
  DurableFamily(NodeStore& store, P policy) : store_(store), family_(std::move(policy), this) {}
  /// An edit that was rolled back leaves nodes behind which it loaded and no tree links to: the table alone knows them.
  ~DurableFamily() override {
    closing_ = true;
    for (proto::avl::Node* node : table_.take_all()) family_.free_node(node);
  }

  proto::avl::Family<P>& family() { return family_; }
  proto::avl::Tree<P> empty_tree() const { return family_.empty_tree(); }
  /// The tree whose root node is at `address`; 0 is the empty tree.
  Result<proto::avl::Tree<P>> open(uint64_t address) {
    if (address == 0) return family_.empty_tree();
    return family_.open(address);
  }

  Result<proto::avl::Node*> load(uint64_t address) override {
    if (proto::avl::Node* known = table_.find(address)) return known;
    std::string bytes;
    PROTO_RETURN_IF_ERROR(store_.read(address, bytes));
    const auto kind = (address & 1) != 0 ? proto::avl::NodeKind::kInner : proto::avl::NodeKind::kLeaf;
    PROTO_ASSIGN_OR_RETURN(proto::avl::Node* node, family_.decode(kind, bytes, address));
    proto::avl::Node* kept = table_.insert(address, node);
    if (kept != node) discard_copy(node);
    return kept;
  }
  void forget(proto::avl::Node* node) override {
    const uint64_t address = node->address.load(std::memory_order_relaxed);
    table_.erase(address, node);
    if (!closing_) store_.note_dead(address);
  }

  /// Wraps what an edit retired, for the chain of versions; null when it retired nothing.
  std::unique_ptr<RetiredNodes> wrap(proto::avl::Retired retired) {
    if (retired.empty()) return nullptr;
    return std::make_unique<Wrapped>(*this, std::move(retired));
  }
  /// Frees all nodes of `tree` that are in memory; the family ends after this. One thread.
  void close(const proto::avl::Tree<P>& tree) {
    closing_ = true;
    if (tree.root() != nullptr) family_.free_all(tree.root());
  }

 private:
  class Wrapped final : public RetiredNodes {
   public:
    Wrapped(DurableFamily& family, proto::avl::Retired retired) : family_(family), retired_(std::move(retired)) {}
    void bury() override {
      for (uint64_t address : retired_.addresses) family_.bury_subtree(address);
      retired_.free();
    }

   private:
    DurableFamily& family_;
    proto::avl::Retired retired_;
  };

  /// A second copy that lost the race to the table: freed without being counted as dead.
  void discard_copy(proto::avl::Node* node) {
    node->address.store(0, std::memory_order_relaxed);
    family_.free_node(node);
  }

  /// Ends a subtree that left all versions; parts of it may be in memory all the same, loaded by readers of old versions.
  void bury_subtree(uint64_t address) {
    proto::avl::Node* node = table_.find(address);
    if (node == nullptr && (address & 1) == 0) return store_.note_dead(address);
    if (node == nullptr) {
      auto loaded = load(address);
      if (!loaded.ok()) return;  // unreadable: its space stays accounted for, CHECK DATABASE tells why
      node = *loaded;
    }
    if (!node->is_leaf()) {
      const auto& inner = static_cast<const proto::avl::Inner&>(*node);
      for (int side : {0, 1}) bury_child(inner.link(side));
    }
    family_.free_node(node);
  }
  void bury_child(proto::avl::Link link) {
    bury_subtree(link.is_address() ? link.address() : link.node()->address.load(std::memory_order_relaxed));
  }

  NodeStore& store_;
  NodeTable table_;
  proto::avl::Family<P> family_;
  bool closing_ = false;
};

/// Writes the new nodes of one checkpoint into segments of their own. One thread. After an error, or without finish(),
/// nothing of it stays on disk, and the nodes that got addresses must not be written from again: the database is poisoned.
class CheckpointWriter final : public proto::avl::NodeSink {
 public:
  explicit CheckpointWriter(NodeStore& store) : store_(store) {}

  Result<uint64_t> write(proto::avl::Node* node, proto::avl::NodeKind kind, std::string_view bytes) override;
  /// Completes and syncs the segments.
  Status finish();

 private:
  static constexpr size_t kPageBytes = 16 << 10;

  Result<uint64_t> write_leaf(std::string_view bytes);
  Result<uint64_t> write_inner(std::string_view bytes);
  Status flush_page();
  Status begin_segment(std::unique_ptr<storage::SegmentWriter>& segment);
  Status end_segment(std::unique_ptr<storage::SegmentWriter>& segment, int64_t& nodes);

  NodeStore& store_;
  std::unique_ptr<storage::SegmentWriter> leaves_, pages_;
  int64_t leaf_nodes_ = 0, inner_nodes_ = 0;
  std::string page_;
  std::vector<uint32_t> ends_;
};

}  // namespace protobase
