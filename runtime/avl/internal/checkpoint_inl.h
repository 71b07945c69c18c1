// Definitions of the walks; included by checkpoint.h.
#pragma once

#include <string>

#include "runtime/avl/checkpoint.h"

namespace proto::avl {

namespace internal {

template <LeafPolicy P>
Status write_new_node(const Family<P>& family, Node& node, NodeSink& sink, std::string& bytes) {
  if (node.address.load(std::memory_order_acquire) != 0) return {};
  if (!node.is_leaf()) {
    const auto& inner = static_cast<const Inner&>(node);
    for (int side = 0; side < 2; ++side) {
      const Link link = inner.link(side);
      if (!link.is_address()) PROTO_RETURN_IF_ERROR(write_new_node(family, *link.node(), sink, bytes));
    }
  }
  bytes.clear();
  const NodeKind kind = family.encode(node, bytes);
  PROTO_ASSIGN_OR_RETURN(const uint64_t address, sink.write(&node, kind, bytes));
  PROTO_CHECK(address != 0 && address >> 63 == 0);
  node.address.store(address, std::memory_order_release);  // pairs with the acquire loads of encoders and evictors
  return {};
}

template <LeafPolicy P, class Visit>
void visit_nodes_under(const Family<P>& family, const Node& node, Status& status, Visit& visit) {
  if (!node.is_leaf()) {
    const auto& inner = static_cast<const Inner&>(node);
    for (int side = 0; side < 2; ++side) {
      const Node* child = family.follow(inner, side, &status);
      if (child == nullptr) return;
      visit_nodes_under(family, *child, status, visit);
      if (!status.ok()) return;
    }
  }
  visit(node);
}

template <class Visit>
void visit_loaded_under(const Node& node, Visit& visit) {
  if (!node.is_leaf()) {
    const auto& inner = static_cast<const Inner&>(node);
    for (int side = 0; side < 2; ++side) {
      const Link link = inner.link(side);
      if (!link.is_address()) visit_loaded_under(*link.node(), visit);
    }
  }
  visit(node);
}

}  // namespace internal

template <LeafPolicy P>
Status write_new_nodes(const Tree<P>& tree, NodeSink& sink) {
  std::string bytes;
  return tree.empty() ? Status() : internal::write_new_node(tree.family(), *tree.root(), sink, bytes);
}

template <LeafPolicy P, class Visit>
Status visit_nodes(const Tree<P>& tree, Visit&& visit) {
  Status status;
  if (!tree.empty()) internal::visit_nodes_under(tree.family(), *tree.root(), status, visit);
  return status;
}

template <LeafPolicy P, class Visit>
void visit_loaded_nodes(const Tree<P>& tree, Visit&& visit) {
  if (!tree.empty()) internal::visit_loaded_under(*tree.root(), visit);
}

}  // namespace proto::avl
