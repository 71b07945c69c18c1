// Sketches: one byte per component, from which follows a lower bound of a row's rank. A scan reads the sketches, a
// quarter of the bytes, and looks at the rows themselves only where the bound leaves hope; the result is that of the
// full scan.
//
// A row x is kept as x' = offset + scale * code, with the norm of x' and the error e >= |x - x'|. For a query q
//   |q - x| >= |q - x'| - e          and          -q.x >= -q.x' - |q| * e,
// and both q.x' and |q - x'| follow from one dot product of q with the codes. Rounding is part of the bound.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "vector/distance.h"

namespace protobase::vector {

/// Bytes of one row's codes: the dimension, rounded up so that kernels need no special end. The rest is zero.
constexpr size_t sketch_stride(size_t dimension) { return (dimension + 15) / 16 * 16; }
/// Shorter rows gain nothing: their sketches and numbers are about as long as they are.
constexpr bool sketch_pays(size_t dimension) { return dimension >= 32; }
/// True where a bound exists.
constexpr bool has_sketch_bound(Metric metric) { return metric == Metric::kL2 || metric == Metric::kInnerProduct; }

/// What a sketch keeps beside its codes.
struct SketchNumbers {
  float scale = 0;
  float offset = 0;
  float norm_squared = 0;  // of x'
  float error = 0;
};

/// A run of sketches: codes row by row, each number in an array of its own.
struct SketchRows {
  const uint8_t* codes = nullptr;
  const float* scales = nullptr;
  const float* offsets = nullptr;
  const float* norms_squared = nullptr;
  const float* errors = nullptr;
};

/// Makes the sketch of a row: sketch_stride(row.size()) codes and the numbers. O(dimension). A row that has values too
/// large to be told apart in float gets an infinite error, and so a bound that never excludes it.
SketchNumbers make_sketch(std::span<const float> row, uint8_t* codes);

/// A query made ready for bounds.
class SketchQuery {
 public:
  explicit SketchQuery(std::span<const float> query);

  /// bounds[i] <= the rank of row i under `metric` (has_sketch_bound), by any kernel; -infinity where nothing is known.
  /// O(count * dimension).
  void bound(Metric metric, const SketchRows& rows, size_t count, float* bounds) const;
  /// The same at a given level, for tests.
  void bound(Metric metric, SimdLevel level, const SketchRows& rows, size_t count, float* bounds) const;

  size_t stride() const { return padded_.size(); }
  const float* padded() const { return padded_.data(); }
  size_t dimension() const { return dimension_; }
  float sum() const { return sum_; }
  float norm() const { return norm_; }

 private:
  std::vector<float> padded_;  // zeros behind the query
  size_t dimension_;
  float sum_ = 0;
  float norm_ = 0;
};

}  // namespace protobase::vector
