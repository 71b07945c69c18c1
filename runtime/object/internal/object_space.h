// What a space keeps for its objects.
#pragma once

#include <atomic>
#include <mutex>

#include "runtime/object/internal/shape_table.h"

namespace proto::objects {

class ObjectSpace final : public SpaceExtension {
 public:
  explicit ObjectSpace(Space& space) : space_(space) {}
  static ObjectSpace& of(Context& ctx) {
    return *static_cast<ObjectSpace*>(ctx.space().extension(SpaceSlot::kObjects));
  }

  void trace(Tracer& tracer) override;
  void sweep() override { shapes_.sweep(space_); }

  ShapeTable& shapes() { return shapes_; }
  /// Changes after any change of the prototypes of an object that look-ups passed through: what orders are checked
  /// against.
  std::atomic<uint64_t>& parents_epoch() { return parents_epoch_; }

  // Names that the runtime itself asks for; set once, before the space is used.
  Value call_name;     // "__call__"
  Value missing_name;  // "__get__"

 private:
  friend class ParentsLock;
  Space& space_;
  ShapeTable shapes_;
  std::atomic<uint64_t> parents_epoch_{1};
  std::mutex parents_mutex_;
};

/// Held while prototypes of an existing object change, so that two changes cannot make a cycle together. Its holder may
/// allocate: whoever waits for it counts as stopped.
class ParentsLock {
 public:
  explicit ParentsLock(Context& ctx) : lock_(ObjectSpace::of(ctx).parents_mutex_, std::try_to_lock) {
    if (lock_.owns_lock()) return;
    const BlockingRegion region(ctx);
    lock_.lock();
  }

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace proto::objects
