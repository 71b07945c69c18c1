// Walks over nodes: writing what is not on disk yet, and visiting everything.
#pragma once

#include "runtime/avl/tree.h"

namespace proto::avl {

/// Writes every node of a published tree that has no address, children before parents, and sets the addresses. Afterwards
/// tree.root()->address leads back through Family::open (an empty tree writes nothing). Beside readers and edits; one
/// writer of a family at a time. Errors: the sink's; nodes written before it keep their addresses, so a later call goes on.
template <LeafPolicy P>
Status write_new_nodes(const Tree<P>& tree, NodeSink& sink);

/// Calls `visit(const Node&)` for every node, children before parents, loading what is on disk. Errors: the source's.
template <LeafPolicy P, class Visit>
Status visit_nodes(const Tree<P>& tree, Visit&& visit);

/// The same for the nodes in memory only; follows no address and cannot fail.
template <LeafPolicy P, class Visit>
void visit_loaded_nodes(const Tree<P>& tree, Visit&& visit);

}  // namespace proto::avl

#include "runtime/avl/internal/checkpoint_inl.h"
