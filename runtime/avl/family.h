// A family of trees: one leaf policy, one source of nodes, one allocator of inner nodes. Trees of a family may share nodes.
#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/avl/inner_slab.h"
#include "runtime/avl/leaf_policy.h"
#include "runtime/avl/node.h"

namespace proto::avl {

/// Ends nodes of one kind; lets lists of nodes of different families stand side by side.
class NodeOwner {
 public:
  virtual ~NodeOwner() = default;
  /// Frees this node alone, not its children. No reader may be able to reach it. Any thread.
  virtual void free_node(Node* node) = 0;
};

/// What a commit took out of its trees: to be freed when the last version older than the commit has ended.
struct Retired {
  NodeOwner* owner = nullptr;
  std::vector<Node*> nodes;
  /// Roots of subtrees that left the tree without being in memory: every node under them is dead for the new version.
  std::vector<uint64_t> addresses;

  bool empty() const { return nodes.empty() && addresses.empty(); }
  /// Frees the nodes and forgets everything. The addresses are the caller's to account for first.
  void free() {
    for (Node* node : nodes) owner->free_node(node);
    nodes.clear();
    addresses.clear();
  }
};

template <LeafPolicy P>
class Tree;

/// Shared by all trees of one kind; must outlive them. Thread-safe except set_source.
template <LeafPolicy P>
class Family final : public NodeOwner {
 public:
  using Leaf = typename P::Leaf;

  explicit Family(P policy = P(), NodeSource* source = nullptr) : policy_(std::move(policy)), source_(source) {}
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;

  const P& policy() const { return policy_; }
  NodeSource* source() const { return source_; }
  /// Before the first load, on one thread.
  void set_source(NodeSource* source) { source_ = source; }

  Tree<P> empty_tree() const { return Tree<P>(this, nullptr); }
  /// The tree whose root is at `address`; loads the root node only. Errors: the source's.
  Result<Tree<P>> open(uint64_t address) const;

  /// The child of `parent` on `side` (0 left, 1 right), loaded if need be; null after an error, which goes to `status`
  /// (the first one stays). With a null `status` a failing load aborts: pass one wherever a source is set. O(1).
  Node* follow(const Inner& parent, int side, Status* status) const {
    const Link link = parent.link(side);
    if (__builtin_expect(!link.is_address(), 1)) return link.node();
    return load_child(parent, side, link, status);
  }
  /// The same for a link that stands alone.
  Node* follow(Link link, Status* status) const {
    return link.is_address() ? load(link.address(), status) : link.node();
  }

  /// Appends the bytes of a frozen node all of whose children have addresses. Any thread, beside readers.
  NodeKind encode(const Node& node, std::string& out) const;
  /// The reverse of encode: a frozen node with this address, for NodeSource::load. Errors: kCorruption. Checks what can be
  /// seen in one node; Tree::check() sees the rest.
  Result<Node*> decode(NodeKind kind, std::string_view bytes, uint64_t address) const;

  void free_node(Node* node) override;
  /// Frees all nodes in memory that are reached from `root`, which no other tree may share. For owners at their end.
  void free_all(Node* root);
  /// Nodes in memory that edits or decode made and nobody freed. Exact when no edit is running.
  int64_t live_nodes() const { return live_nodes_.load(std::memory_order_relaxed); }

  // For edits.
  InnerSlab& slab() const { return slab_; }
  void add_live_nodes(int64_t change) const { live_nodes_.fetch_add(change, std::memory_order_relaxed); }

 private:
  Node* load(uint64_t address, Status* status) const;
  Node* load_child(const Inner& parent, int side, Link link, Status* status) const;
  Result<Node*> decode_inner(std::string_view bytes) const;

  P policy_;
  NodeSource* source_;
  mutable InnerSlab slab_;
  mutable std::atomic<int64_t> live_nodes_{0};
};

/// Of collected trees: the policy, for as long as one operation or cursor lasts. Costs nothing to make; trees keep only
/// their roots between operations (`Tree<P>(&family, root)`).
template <CollectedLeafPolicy P>
class Family<P> {
 public:
  using Leaf = typename P::Leaf;

  explicit Family(P policy) : policy_(std::move(policy)) {}
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;

  const P& policy() const { return policy_; }
  Tree<P> empty_tree() const { return Tree<P>(this, nullptr); }
  Node* follow(const Inner& parent, int side, Status*) const { return follow(parent.link(side), nullptr); }
  Node* follow(Link link, Status*) const { return link.node(); }

 private:
  P policy_;
};

}  // namespace proto::avl

#include "runtime/avl/internal/family_inl.h"
