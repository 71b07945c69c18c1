// The kernels of each instruction set; distance.cc chooses among them. The tables of sets that the target architecture
// lacks are null.
#pragma once

#include <cmath>

#include "vector/distance.h"
#include "vector/row_sketch.h"

namespace protobase::vector::internal {

/// Lower bounds of ranks from sketches (row_sketch.h).
using BoundKernel = void (*)(const SketchQuery& query, const SketchRows& rows, size_t count, float* bounds);

/// One kernel per metric, in the order of the Metric numbers (kL2 first).
struct KernelTable {
  DistanceKernel kernels[4];
  BoundKernel l2_bound;
  BoundKernel inner_product_bound;
};

/// The table of a level that this processor has.
const KernelTable& kernel_table(SimdLevel level);

/// How much, relative to the sum of the terms' magnitudes, sums of `dimension` floats may be off: twice what the
/// kernels promise (distance.h), since the exact rank that a bound is compared with is rounded too.
inline float rounding_of(size_t dimension) { return static_cast<float>(dimension + 32) * 0x1p-22f; }
/// An upper bound of the length that a row of sketched values can have is this times (|offset| + 255 * scale).
inline float length_factor(size_t dimension) { return std::sqrt(static_cast<float>(dimension)); }

extern const KernelTable kPortableKernels;
/// Null where the compiler's target is not x86-64.
const KernelTable* avx2_kernels();
const KernelTable* avx512_kernels();

/// 1 - dot / (|query| * |row|) from the three sums, at least 0 and at most 2; 1 when either length is zero. Every
/// instruction set ends in this one function, so that they differ only in the order of summation.
float cosine_rank(float dot, float row_norm_squared, float query_norm_squared);

}  // namespace protobase::vector::internal
