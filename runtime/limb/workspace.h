// Temporary limbs.
#pragma once

#include <memory>

#include "runtime/limb/limbs.h"

namespace proto::limb {

/// Room for `count` limbs, uninitialised: within the object up to kInline, else on the system's heap.
template <size_t kInline>
class Workspace {
 public:
  explicit Workspace(size_t count) {
    if (count > kInline) heap_.reset(new Limb[count]);
    data_ = heap_ != nullptr ? heap_.get() : inline_;
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  Limb* data() { return data_; }

 private:
  Limb inline_[kInline];
  std::unique_ptr<Limb[]> heap_;
  Limb* data_;
};

}  // namespace proto::limb
