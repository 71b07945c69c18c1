// A vector index at one version: its trained quantizer, its lists, and the family of trees that the lists belong to.
#pragma once

#include <memory>

#include "db/node_store.h"
#include "runtime/base/ids.h"
#include "vector/ivf_index.h"

namespace protobase {

using VectorFamily = DurableFamily<vector::ListPolicy>;

/// Immutable; shared by versions. Objects whose attribute holds no vector of the index's dimension are not in it.
struct VectorIndexState {
  proto::IndexId id;
  std::shared_ptr<VectorFamily> family;
  vector::IvfIndex index;
};

}  // namespace protobase
