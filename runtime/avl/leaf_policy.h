// What a tree asks of the policy that lays out its leaves.
//
// A policy is a copyable value (it may carry sizes, a dimension, a schema); all its functions are const, are called by
// many threads at once and keep no state between calls. Leaves are made and freed by the policy alone, so a leaf may own
// anything. The policy never looks at `owner` and `address`, with one exception below (`owned`).
//
// Nodes have one of two owners. Those of *durable* trees belong to commits, which free them (family.h, edit.h). Those of
// *collected* trees are cells of a garbage collector: nobody frees them, any number of trees may share them, and a policy
// lives as long as one operation and carries the `memory` that it takes them from.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "runtime/avl/leaf_run.h"
#include "runtime/avl/node.h"

namespace proto::avl {

/// What a change does with its key. kInsert leaves an entry that is there alone; kUpsert replaces it.
enum class ChangeKind : uint8_t { kInsert, kUpsert, kErase };

/// Set operations of two trees A and B of one policy; where both have a key, the entry is A's (kUnion: B's).
enum class SetOperation : uint8_t { kUnion, kIntersect, kDifference };

/// A policy whose nodes are collected. Its public member `memory` (a small value) has
///
///   static constexpr bool kCollected = true
///   void* allocate_leaf(size_t bytes) const   memory for a leaf. Its first 8 bytes may be in use: after constructing the leaf
///   uint64_t leaf_header() const              there, set its `owner` to this: the token, and in the low 8 bits what the
///                                             collector wants (the kind of cell)
///   void* allocate_inner() const, uint64_t inner_header() const    the same for an inner node
///   uint64_t token() const                    the edit token, a multiple of 256. A new one from the moment on when the
///                                             collector takes a snapshot: what it may be reading is never changed in place
///   bool leaves_room() const                  leaves shall have room to grow (the edit makes many changes)
///
/// Whatever is reached from the stack stays alive during an operation; memory on the C++ heap is not looked at. Optional:
///
///   measure(Inner&, const Node& left, const Node& right) const
///                                        called when an inner node gets its children. It may keep sums over the subtree in
///                                        `address` and, if the policy is positional, in `separator`: collected trees use
///                                        neither (leaves have `address` for theirs, set by the policy when it makes them)
template <class P>
concept CollectedPolicy = requires { requires decltype(P::memory)::kCollected; };

/// Where a policy puts the leaves it makes. Collected ones must be seen on the stack, so they go to a LeafRun.
template <class P>
using LeavesOf = std::conditional_t<CollectedPolicy<P>, LeafRun<typename P::Leaf>, std::vector<typename P::Leaf*>>;

/// What a policy of durable trees needs besides.
template <class P>
concept DurablePolicy = !CollectedPolicy<P> && requires(const P policy, typename P::Leaf* leaf, const typename P::Leaf& view,
                                                        std::string& bytes, std::string_view encoded) {
  policy.free(leaf);
  policy.encode(view, bytes);
  { policy.decode(encoded) } -> std::same_as<Result<typename P::Leaf*>>;
};

/// Every policy: blocks of entries that can be cut and put together.
///
///   struct Leaf : Node          `count` entries; the policy sets `count`, leaves the rest of the header alone
///   using Entry                 what a cursor shows: a view, or a small value; valid as long as the leaf
///   using Item                  what bulk building takes
///   kStrictFill                 true: concat() and all others never give a thin leaf beside another leaf, which check()
///                               then verifies (entries of one size); false: as well as the entries allow
///
///   bool thin(leaf)                      below the least fill: the tree puts it together with a neighbour
///   Entry entry(leaf, index)
///   Leaf* copy(leaf, from, to)           a new leaf with entries [from, to); never empty
///   concat(a, b, out)                    appends to `out` new leaves with a's entries, then b's: one leaf if they fit,
///                                        else two well filled ones
///   build(span<const Item>, out)         appends to `out` new leaves with these items (sorted); nothing if there are none
///   Status check(leaf)                   the leaf's own invariants (order within, count, fill), kCorruption if broken
///
/// and for durable trees (`out` is a LeavesOf<P>; to push_back is all that a policy does with it):
///   free(Leaf*)                          ends a leaf and what it owns
///   encode(leaf, string& out)            appends the leaf's bytes
///   Result<Leaf*> decode(string_view)    the reverse; the bytes may be hostile: kCorruption, never a leaf that breaks a
///                                        rule of its kind (order, count >= 1)
template <class P>
concept LeafPolicy = std::copy_constructible<P> && std::derived_from<typename P::Leaf, Node> &&
                     requires(const P policy, const typename P::Leaf& view, uint32_t index, LeavesOf<P>& out, std::span<const typename P::Item> items) {
                       { P::kStrictFill } -> std::convertible_to<bool>;
                       { policy.thin(view) } -> std::same_as<bool>;
                       { policy.entry(view, index) } -> std::same_as<typename P::Entry>;
                       { policy.copy(view, index, index) } -> std::same_as<typename P::Leaf*>;
                       policy.concat(view, view, out);
                       policy.build(items, out);
                       { policy.check(view) } -> std::same_as<Status>;
                     } && (CollectedPolicy<P> || DurablePolicy<P>);

template <class P>
concept CollectedLeafPolicy = LeafPolicy<P> && CollectedPolicy<P>;

namespace internal {
/// Has the optional measure().
template <class P>
concept Measuring = CollectedPolicy<P> && requires(const P policy, Inner& inner, const Node& child) {
  policy.measure(inner, child, child);
};
}  // namespace internal

/// A policy whose entries are ordered by a unique key.
///
///   using Key                            what searches pass; cheap to copy, may be a view
///   using Change                         one element of a sorted batch: key, kind and what an insert needs
///   using Scratch                        default constructible room for a key that must be put together (may be empty)
///
///   int compare(key, key)                <0, 0, >0
///   Key change_key(const Change&)
///   Key item_key(const Item&)
///   Key key(leaf, index, Scratch&)       valid until the scratch is used again or the leaf ends
///   uint32_t lower_bound(leaf, key)      first index whose key is not below `key`; count if there is none
///   bool matches(leaf, index, key)       index < count and the key there is `key`
///   bool same_entry(a, i, b, j)          entries of equal keys carry the same value (for differences)
///   apply(Leaf* leaf, bool owned, span<const Change>, out)
///                                        appends the leaf (or leaves, or none) that result from the changes (never empty,
///                                        strictly ascending keys). If nothing changes: `leaf` itself. If `owned`, `leaf`
///                                        may be changed in place and appended. `leaf` is null for an empty one. The caller
///                                        ends `leaf` when it is not in `out`
///   Separator separate(a, b)             the shortest s with last key of a < s <= first key of b
///   bool goes_right(key, separator)      key >= separator; this is the step of every descent
///   Key separator_key(separator, Scratch&)
///   Separator copy_separator(separator), free_separator(separator)     of what `tail` owns; Separator() owns nothing
///   encode_separator(separator, string& out), bool decode_separator(ByteReader&, Separator&)
///
/// Optional, for union, intersect and difference:
///   combine(SetOperation, a, b, from, to, out)   appends new leaves for `a op b[from, to)`, maybe none
template <class P>
concept OrderedLeafPolicy =
    LeafPolicy<P> && requires(const P policy, typename P::Leaf* leaf, const typename P::Leaf& view, uint32_t index,
                              typename P::Key key, const typename P::Change& change, typename P::Scratch& scratch,
                              std::span<const typename P::Change> changes, LeavesOf<P>& out,
                              const Separator& separator) {
      { policy.compare(key, key) } -> std::convertible_to<int>;
      { policy.change_key(change) } -> std::same_as<typename P::Key>;
      { policy.key(view, index, scratch) } -> std::same_as<typename P::Key>;
      { policy.lower_bound(view, key) } -> std::same_as<uint32_t>;
      { policy.matches(view, index, key) } -> std::same_as<bool>;
      { policy.same_entry(view, index, view, index) } -> std::same_as<bool>;
      policy.apply(leaf, bool{}, changes, out);
      { policy.separate(view, view) } -> std::same_as<Separator>;
      { policy.goes_right(key, separator) } -> std::same_as<bool>;
      { policy.separator_key(separator, scratch) } -> std::same_as<typename P::Key>;
    };

/// A policy whose entries have a position only. `splice(Leaf* leaf, bool owned, index, remove, span<const Item>, out)`
/// replaces entries [index, index + remove) by the items, under the rules of `apply`.
template <class P>
concept PositionalLeafPolicy =
    LeafPolicy<P> && !OrderedLeafPolicy<P> &&
    requires(const P policy, typename P::Leaf* leaf, uint32_t index, std::span<const typename P::Item> items,
             LeavesOf<P>& out) { policy.splice(leaf, bool{}, index, index, items, out); };

}  // namespace proto::avl
