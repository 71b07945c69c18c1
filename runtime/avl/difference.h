// What changed between two versions.
#pragma once

#include "runtime/avl/tree.h"

namespace proto::avl {

/// Calls `visit(const Entry* before, const Entry* after)` in key order for every key whose entry differs: before is null
/// for an added one, after for a removed one; neither is null where the value changed. `visit` returns
/// false to stop. Subtrees that both versions share are skipped unread, so d differences between versions of n entries
/// take O(d log n). Errors: the source's, when a node cannot be loaded.
template <OrderedLeafPolicy P, class Visit>
Status visit_differences(const Tree<P>& before, const Tree<P>& after, Visit&& visit);

}  // namespace proto::avl

#include "runtime/avl/internal/difference_inl.h"
