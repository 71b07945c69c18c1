// Definition of visit_differences; included by difference.h.
#pragma once

#include <vector>

#include "runtime/avl/difference.h"

namespace proto::avl {

namespace internal {

/// Two walks in step. Each side is a stack of subtrees still to come and, perhaps, a leaf that has been entered. A subtree
/// is opened only when the other side has entries in its range, so shared subtrees meet whole.
template <OrderedLeafPolicy P, class Visit>
class DifferenceWalk {
 public:
  DifferenceWalk(const Tree<P>& before, const Tree<P>& after, Visit& visit)
      : family_(before.root() != nullptr ? before.family() : after.family()), visit_(visit) {
    before_.push(Link(before.root()), nullptr, before.height());
    after_.push(Link(after.root()), nullptr, after.height());
  }

  Status run() {
    while (status_.ok() && !stopped_ && !(before_.done() && after_.done())) step();
    return status_;
  }

 private:
  using Leaf = typename P::Leaf;
  using Entry = typename P::Entry;
  struct Subtree {
    Link link;
    const Separator* low;  // no key of it is below this; null: no bound
    int height;
  };
  struct Side {
    std::vector<Subtree> rest;
    const Leaf* leaf = nullptr;
    uint32_t index = 0;

    bool done() const { return leaf == nullptr && rest.empty(); }
    void push(Link link, const Separator* low, int height) {
      if (!link.empty()) rest.push_back({link, low, height});
    }
    void advance() {
      if (++index == leaf->count) leaf = nullptr;
    }
  };

  void step() {
    if (before_.leaf != nullptr && after_.leaf != nullptr) return step_entries();
    if (before_.done() || after_.done()) return drain();
    if (before_.leaf == nullptr && after_.leaf == nullptr) return step_subtrees();
    const bool before_ahead = before_.leaf == nullptr;
    Side& ahead = before_ahead ? before_ : after_;
    Side& behind = before_ahead ? after_ : before_;
    if (is_below(behind, ahead.rest.back().low)) return report_alone(behind, !before_ahead);
    open(ahead);
  }

  bool is_below(const Side& side, const Separator* low) const {
    typename P::Scratch room;
    return low != nullptr && !family_.policy().goes_right(family_.policy().key(*side.leaf, side.index, room), *low);
  }

  void step_subtrees() {
    const Subtree before = before_.rest.back();
    const Subtree after = after_.rest.back();
    if (same(before.link, after.link)) {
      before_.rest.pop_back();
      after_.rest.pop_back();
      return;
    }
    if (before.height >= after.height) open(before_);
    if (after.height >= before.height) open(after_);
  }

  void step_entries() {
    typename P::Scratch before_room, after_room;
    const P& policy = family_.policy();
    const int order = policy.compare(policy.key(*before_.leaf, before_.index, before_room),
                                     policy.key(*after_.leaf, after_.index, after_room));
    if (order < 0) return report_alone(before_, true);
    if (order > 0) return report_alone(after_, false);
    if (!policy.same_entry(*before_.leaf, before_.index, *after_.leaf, after_.index)) {
      const Entry from = policy.entry(*before_.leaf, before_.index);
      const Entry to = policy.entry(*after_.leaf, after_.index);
      stopped_ = !visit_(&from, &to);
    }
    before_.advance();
    after_.advance();
  }

  void drain() {
    const bool is_before = after_.done();
    Side& side = is_before ? before_ : after_;
    if (side.leaf == nullptr) return open(side);
    report_alone(side, is_before);
  }

  void report_alone(Side& side, bool is_before) {
    const Entry entry = family_.policy().entry(*side.leaf, side.index);
    const Entry* none = nullptr;
    stopped_ = is_before ? !visit_(&entry, none) : !visit_(none, &entry);
    side.advance();
  }

  // Replaces the next subtree by its children, or enters its leaf.
  void open(Side& side) {
    const Subtree subtree = side.rest.back();
    side.rest.pop_back();
    const Node* node = family_.follow(subtree.link, &status_);
    if (node == nullptr) return;
    if (node->is_leaf()) {
      side.leaf = static_cast<const Leaf*>(node);
      side.index = 0;
      return;
    }
    const auto& inner = *static_cast<const Inner*>(node);
    side.push(inner.link(1), &inner.separator, static_cast<int>(inner.right_height));
    side.push(inner.link(0), subtree.low, static_cast<int>(inner.left_height));
  }

  static uint64_t address_of(Link link) {
    return link.is_address() ? link.address() : link.node()->address.load(std::memory_order_acquire);
  }
  static bool same(Link a, Link b) {
    return a == b || (a.is_address() != b.is_address() && address_of(a) == address_of(b));
  }

  const Family<P>& family_;
  Visit& visit_;
  Side before_, after_;
  Status status_;
  bool stopped_ = false;
};

}  // namespace internal

template <OrderedLeafPolicy P, class Visit>
Status visit_differences(const Tree<P>& before, const Tree<P>& after, Visit&& visit) {
  if (before.root() == after.root()) return {};
  return internal::DifferenceWalk<P, std::remove_reference_t<Visit>>(before, after, visit).run();
}

}  // namespace proto::avl
