// Puts the residual document of one row together from attributes at any depth.
#pragma once

#include <string_view>
#include <vector>

#include "db/document.h"

namespace protobase {

/// Attributes come with their path, those of one nested object one after the other; parents are opened as needed. One
/// thread; reusable.
class ResidualWriter {
 public:
  struct Step {
    uint32_t node;  // tells attributes apart: equal numbers, equal paths
    std::string_view name;
  };

  void begin() {
    writer_.clear();
    writer_.begin_object();
    open_.clear();
    empty_ = true;
  }
  /// `path` is not empty; its last step is the attribute itself.
  void add(const std::vector<Step>& path, const ValueView& value) {
    size_t shared = 0;
    while (shared < open_.size() && shared + 1 < path.size() && open_[shared] == path[shared].node) ++shared;
    for (; open_.size() > shared; open_.pop_back()) writer_.end();
    for (; open_.size() + 1 < path.size(); open_.push_back(path[open_.size()].node)) {
      writer_.key(path[open_.size()].name);
      writer_.begin_object();
    }
    writer_.key(path.back().name);
    writer_.value(value);
    empty_ = false;
  }
  bool empty() const { return empty_; }
  /// The document, valid until the next begin().
  ValueView finish() {
    for (; !open_.empty(); open_.pop_back()) writer_.end();
    writer_.end();
    return writer_.view();
  }

 private:
  DocumentWriter writer_;
  std::vector<uint32_t> open_;
  bool empty_ = true;
};

}  // namespace protobase
