// k-means, as the quantizer needs it. The definition is the one place of this folder's build that knows FAISS's
// trainer.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vector/quantizer.h"

namespace protobase::vector::internal {

/// `list_count` centroids of the points (row-major, at least `list_count` of them, all finite); of length one when
/// `spherical`. Deterministic for one seed and thread count. kOutOfMemory or kInvalidState when the trainer fails.
Result<std::vector<float>> train_centroids(std::span<const float> points, uint32_t dimension, uint32_t list_count,
                                           bool spherical, const TrainingOptions& options);

}  // namespace protobase::vector::internal
