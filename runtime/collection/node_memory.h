// Memory for the trees of collections: nodes are cells (runtime/avl/leaf_policy.h, "collected").
#pragma once

#include <cstdint>

#include "runtime/avl/edit.h"
#include "runtime/heap/context.h"

namespace proto {

/// An edit token that no node carries yet, from a stock of the calling thread. About 1 ns.
inline uint64_t take_edit_token() {
  constexpr uint64_t kStock = uint64_t{1} << 20;
  static constinit thread_local uint64_t next = 0;
  static constinit thread_local uint64_t end = 0;
  if (__builtin_expect(next == end, 0)) {
    next = avl::new_edit_tokens(kStock);
    end = next + kStock * avl::kTokenStep;
  }
  return (next += avl::kTokenStep) - avl::kTokenStep;
}

/// Changes on a thread each time that a collection takes its snapshot. Cells made in an earlier epoch are read by the
/// collector as they were then, so not even who made them may change them in place.
inline uint32_t snapshot_epoch(Context& ctx) { return ctx.thread().heap().log_generation; }

/// The `memory` of a policy whose leaves and inner nodes are cells of these kinds. One lasts as long as one operation,
/// or as long as a builder; `leaves_room` for the latter. The default one is for reading only. One thread, one frame.
template <CellKind kLeaf, CellKind kInner>
class NodeMemory {
 public:
  static constexpr bool kCollected = true;

  NodeMemory() = default;
  explicit NodeMemory(Context& ctx, bool leaves_room = false)
      : ctx_(&ctx), token_(take_edit_token()), epoch_(snapshot_epoch(ctx)), leaves_room_(leaves_room) {}

  void* allocate_leaf(size_t bytes) const { return allocate_raw<Cell>(*ctx_, kLeaf, bytes); }
  uint64_t leaf_header() const { return token() | static_cast<uint8_t>(kLeaf); }
  void* allocate_inner() const { return allocate_raw<Cell>(*ctx_, kInner, sizeof(avl::Inner)); }
  uint64_t inner_header() const { return token() | static_cast<uint8_t>(kInner); }
  bool leaves_room() const { return leaves_room_; }
  uint64_t token() const {
    if (__builtin_expect(snapshot_epoch(*ctx_) != epoch_, 0)) renew();
    return token_;
  }
  Context& context() const { return *ctx_; }

 private:
  void renew() const {
    token_ = take_edit_token();
    epoch_ = snapshot_epoch(*ctx_);
  }

  Context* ctx_ = nullptr;
  mutable uint64_t token_ = 0;
  mutable uint32_t epoch_ = 0;
  bool leaves_room_ = false;
};

/// Visits the children of an inner node; for trace functions.
inline void trace_children(const Cell* cell, Tracer& tracer) {
  const auto* inner = reinterpret_cast<const avl::Inner*>(cell);
  tracer.visit(reinterpret_cast<const Cell*>(inner->link(0).node()));
  tracer.visit(reinterpret_cast<const Cell*>(inner->link(1).node()));
}

}  // namespace proto
