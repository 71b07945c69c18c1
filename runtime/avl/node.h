// Nodes of the immutable tree: the 64-byte inner node, the header of a leaf, and the links between them.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "runtime/base/check.h"
#include "runtime/base/status.h"

namespace proto::avl {

struct Node;

/// Levels a tree can have. An AVL tree of 2^40 leaves has at most 58.
inline constexpr int kMaxHeight = 64;
/// Entries a tree can have: counts are kept in 48 bits.
inline constexpr uint64_t kMaxCount = (uint64_t{1} << 48) - 1;

/// One word that leads to a child: 0 is empty, an even word is a pointer, an odd word a disk address (shifted by one).
class Link {
 public:
  constexpr Link() = default;
  explicit Link(const Node* node) : word_(reinterpret_cast<uintptr_t>(node)) {}
  /// A link to a node on disk. `address` is below 2^63 and not 0.
  static Link to_address(uint64_t address) { return from_word(address << 1 | 1); }
  static Link from_word(uint64_t word) {
    Link link;
    link.word_ = word;
    return link;
  }

  bool empty() const { return word_ == 0; }
  bool is_address() const { return (word_ & 1) != 0; }
  /// The child in memory; only when !is_address().
  Node* node() const { return reinterpret_cast<Node*>(word_); }
  /// The child's place on disk; only when is_address().
  uint64_t address() const { return word_ >> 1; }
  uint64_t word() const { return word_; }
  bool operator==(const Link&) const = default;

 private:
  uint64_t word_ = 0;
};

/// What an inner node keeps to tell left from right: everything left < separator <= everything right. `head` is what
/// descents compare first; what `tail` means (more key, inline or owned bytes) is the leaf policy's business.
struct Separator {
  uint64_t head = 0;
  uint64_t tail = 0;
};

/// What every node begins with (24 bytes). Leaves derive from it.
///
/// A node is *fresh* while `owner` holds the token of the running edit that made it: that edit alone may change it. From
/// publication on, or when read from disk (owner 0), it is *frozen*: nothing changes but `address` (once, 0 to its place
/// on disk) and, in inner nodes, links from an address to the pointer of the same node. Tokens are multiples of 256; the
/// low 8 bits of `owner` are 0 in durable trees and the collector's (the kind of cell) in collected ones.
struct Node {
  uint64_t owner = 0;
  // 0: not on disk yet; then no parent is on disk either. In collected trees: a measure, or nothing.
  std::atomic<uint64_t> address{0};
  uint64_t count : 48 = 0;           // entries in this subtree
  uint64_t left_height : 8 = 0;      // heights of the children; a leaf has 0 here and counts as height 1
  uint64_t right_height : 8 = 0;

  bool is_leaf() const { return left_height == 0; }
  /// 1 for a leaf, one more than the higher child for an inner node. O(1), reads no child.
  int height() const { return 1 + static_cast<int>(std::max<uint64_t>(left_height, right_height)); }
};
static_assert(sizeof(Node) == 24);

/// A branch: one cache line. Heights and counts of both children are here, so that surgery touches (and loads) a child
/// only when it must take it apart.
struct alignas(64) Inner : Node {
  std::atomic<uint64_t> links[2];  // Link words: [0] left, [1] right
  Separator separator;
  uint64_t left_count = 0;

  Link link(int side) const { return Link::from_word(links[side].load(std::memory_order_acquire)); }  // pairs with swizzle
};
static_assert(sizeof(Inner) == 64);

/// What kind of node a run of bytes holds; stored by the database beside the bytes. Numbers are part of the format.
enum class NodeKind : uint8_t { kInner = 1, kLeaf = 2 };

/// Whether the node carries the edit token, whatever its kind.
inline bool has_token(const Node* node, uint64_t token) { return (node->owner ^ token) < 256; }

/// Where nodes that are not in memory come from. Implemented by the database; called by readers and edits. Any thread.
class NodeSource {
 public:
  virtual ~NodeSource() = default;
  /// The node at `address`, read from disk if it is not in memory; the same pointer for every call (one copy per
  /// address). Errors: kIoError, kCorruption. The source decodes with Family::decode and remembers the node.
  virtual Result<Node*> load(uint64_t address) = 0;
  /// The family is about to free this node, which has an address: forget it. Called by Family::free_node.
  virtual void forget(Node* node) = 0;
};

/// Where new nodes go at a checkpoint: children come before their parents.
class NodeSink {
 public:
  virtual ~NodeSink() = default;
  /// Stores the bytes and returns the address (not 0, below 2^63); the tree then sets node->address. `node` is passed so
  /// that the sink can enter it in the source's table. Inner nodes take some 30 bytes: pack them.
  virtual Result<uint64_t> write(Node* node, NodeKind kind, std::string_view bytes) = 0;
};

}  // namespace proto::avl
