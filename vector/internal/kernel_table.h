// The kernels of each instruction set; distance.cc chooses among them. The tables of sets that the target architecture
// lacks are null.
#pragma once

#include "vector/distance.h"

namespace protobase::vector::internal {

/// One kernel per metric, in the order of the Metric numbers (kL2 first).
struct KernelTable {
  DistanceKernel kernels[4];
};

extern const KernelTable kPortableKernels;
/// Null where the compiler's target is not x86-64.
const KernelTable* avx2_kernels();
const KernelTable* avx512_kernels();

/// 1 - dot / (|query| * |row|) from the three sums, at least 0 and at most 2; 1 when either length is zero. Every
/// instruction set ends in this one function, so that they differ only in the order of summation.
float cosine_rank(float dot, float row_norm_squared, float query_norm_squared);

}  // namespace protobase::vector::internal
