// All vectors of a collection side by side, for training and for building an index.
#pragma once

#include <vector>

#include "db/collection_tree.h"
#include "db/document.h"
#include "vector/exact_search.h"

namespace protobase {

/// Ids and vectors of the objects that have a vector of the given dimension at a path. One thread.
class VectorRows {
 public:
  explicit VectorRows(uint32_t dimension) : dimension_(dimension) {}
  /// Appends the vectors of a collection. `step` n takes every n-th of them, for samples. Errors: kIoError, kCorruption.
  Status read(const CollectionTree& objects, const Path& path, uint64_t step = 1);
  vector::VectorBlock block() const;
  size_t size() const { return ids_.size(); }
  std::span<const float> floats() const { return floats_; }
  std::span<const ObjectId> ids() const { return ids_; }

 private:
  uint32_t dimension_;
  std::vector<ObjectId> ids_;
  std::vector<float> floats_;
};

/// The dimension of the first vector at `path`; 0 when there is none. Errors: kIoError, kCorruption.
Result<uint32_t> find_dimension(const CollectionTree& objects, const Path& path);

}  // namespace protobase
