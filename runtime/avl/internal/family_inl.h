// Definitions of Family; included by family.h.
#pragma once

#include <new>
#include <type_traits>

#include "runtime/avl/family.h"
#include "runtime/avl/internal/inner_codec.h"
#include "runtime/avl/tree.h"

namespace proto::avl {

template <LeafPolicy P>
Node* Family<P>::load(uint64_t address, Status* status) const {
  PROTO_CHECK_MSG(source_ != nullptr, "a link leads to disk, but the family has no source");
  if (status != nullptr && !status->ok()) return nullptr;
  Result<Node*> node = source_->load(address);
  if (node.ok()) return *node;
  PROTO_CHECK_MSG(status != nullptr, "loading a node failed and nobody looks at the error");
  *status = node.status();
  return nullptr;
}

template <LeafPolicy P>
[[gnu::noinline]] Node* Family<P>::load_child(const Inner& parent, int side, Link link, Status* status) const {
  Node* node = load(link.address(), status);
  if (node == nullptr) return nullptr;
  const bool fits = node->height() == static_cast<int>(side == 0 ? parent.left_height : parent.right_height) &&
                    node->count == (side == 0 ? parent.left_count : parent.count - parent.left_count);
  if (!fits) {
    PROTO_CHECK_MSG(status != nullptr, "a node on disk does not fit its parent");
    *status = Status(StatusCode::kCorruption, "a tree node does not have the height and count its parent expects");
    return nullptr;
  }
  // Every thread that gets here stores the same pointer, so a lost race is no loss; the release publishes the node's
  // contents to the acquire load in Inner::link.
  uint64_t expected = link.word();
  const_cast<Inner&>(parent).links[side].compare_exchange_strong(expected, Link(node).word(), std::memory_order_release,
                                                                 std::memory_order_relaxed);
  return node;
}

template <LeafPolicy P>
Result<Tree<P>> Family<P>::open(uint64_t address) const {
  Status status;
  Node* root = load(address, &status);
  if (root == nullptr) return status;
  return Tree<P>(this, root);
}

template <LeafPolicy P>
NodeKind Family<P>::encode(const Node& node, std::string& out) const {
  if (node.is_leaf()) {
    policy_.encode(static_cast<const Leaf&>(node), out);
    return NodeKind::kLeaf;
  }
  const auto& inner = static_cast<const Inner&>(node);
  internal::encode_inner(inner, out);
  if constexpr (OrderedLeafPolicy<P>) policy_.encode_separator(inner.separator, out);
  return NodeKind::kInner;
}

template <LeafPolicy P>
Result<Node*> Family<P>::decode_inner(std::string_view bytes) const {
  ByteReader reader(bytes);
  internal::InnerFields fields;
  PROTO_RETURN_IF_ERROR(internal::decode_inner(reader, fields));
  Separator separator;
  if constexpr (OrderedLeafPolicy<P>) {
    if (!policy_.decode_separator(reader, separator)) {
      return Status(StatusCode::kCorruption, "an inner node's separator does not decode");
    }
  }
  if (!reader.at_end()) {
    if constexpr (OrderedLeafPolicy<P>) policy_.free_separator(separator);
    return Status(StatusCode::kCorruption, "an inner node has bytes too many");
  }
  auto* inner = new (slab_.allocate()) Inner;
  internal::fill_inner(*inner, fields);
  inner->separator = separator;
  return inner;
}

template <LeafPolicy P>
Result<Node*> Family<P>::decode(NodeKind kind, std::string_view bytes, uint64_t address) const {
  Node* node = nullptr;
  if (kind == NodeKind::kInner) {
    PROTO_ASSIGN_OR_RETURN(node, decode_inner(bytes));
  } else if (kind == NodeKind::kLeaf) {
    PROTO_ASSIGN_OR_RETURN(node, policy_.decode(bytes));
    PROTO_CHECK(node->is_leaf() && node->count > 0);
  } else {
    return Status(StatusCode::kCorruption, "unknown kind of tree node");
  }
  node->owner = 0;
  node->address.store(address, std::memory_order_relaxed);
  add_live_nodes(1);
  return node;
}

template <LeafPolicy P>
void Family<P>::free_node(Node* node) {
  if (source_ != nullptr && node->address.load(std::memory_order_acquire) != 0) source_->forget(node);
  add_live_nodes(-1);
  if (node->is_leaf()) return policy_.free(static_cast<Leaf*>(node));
  auto* inner = static_cast<Inner*>(node);
  if constexpr (OrderedLeafPolicy<P>) policy_.free_separator(inner->separator);
  inner->~Inner();
  slab_.deallocate(inner);
}

template <LeafPolicy P>
void Family<P>::free_all(Node* root) {
  if (root == nullptr) return;
  if (!root->is_leaf()) {
    const auto& inner = *static_cast<Inner*>(root);
    for (int side = 0; side < 2; ++side) {
      if (const Link link = inner.link(side); !link.is_address()) free_all(link.node());
    }
  }
  free_node(root);
}

}  // namespace proto::avl
