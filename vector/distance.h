// Distances between float vectors, by SIMD kernels chosen once at run time (AVX-512, AVX2 with FMA, portable).
//
// A kernel computes a *rank*: a float that is smaller for nearer vectors and cheaper than the distance a user sees.
//
//   metric          operator  rank                       distance
//   kL2             <->       squared Euclidean          square root of the rank
//   kInnerProduct   <#>       negative inner product     the rank
//   kCosine         <=>       1 - cosine of the angle    the rank (1 when either vector is all zeros)
//   kL1             <+>       sum of absolute values     the rank
//
// Kernels agree with the portable ones within (dimension + 16) * 2^-23 of the sum of the absolute values of the terms.
// The same kernel gives the same bits for the same two vectors, one by one or in a block.
// Every function here is pure and may be called from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace protobase::vector {

/// Numbers are on disk: never reuse one.
enum class Metric : uint8_t { kL2 = 1, kInnerProduct = 2, kCosine = 3, kL1 = 4 };

/// True for the four metrics above; checks a byte that came from disk.
bool is_metric(uint8_t number);
/// "l2", "inner_product", "cosine" or "l1".
std::string_view metric_name(Metric metric);

/// The instruction set of the kernels; higher is faster.
enum class SimdLevel : uint8_t { kPortable = 0, kAvx2 = 1, kAvx512 = 2 };

/// The best level that this processor has.
SimdLevel best_simd_level();
/// "portable", "avx2" or "avx512".
std::string_view simd_level_name(SimdLevel level);

/// The kernels of one metric at one level. `rows` are `dimension` floats each, one after the other, at any alignment.
struct DistanceKernel {
  /// The rank of one row. O(dimension).
  float (*one)(const float* query, const void* row, size_t dimension);
  /// The ranks of `count` rows. O(count * dimension).
  void (*many)(const float* query, const void* rows, size_t count, size_t dimension, float* ranks);
  /// The ranks of the rows whose positions `picks` names (ascending, `count` of them): ranks[i] is of rows[picks[i]].
  void (*picked)(const float* query, const void* rows, const uint32_t* picks, size_t count, size_t dimension,
                 float* ranks);
  /// The ranks of `count` rows from each of `query_count` queries that follow each other: ranks[q * count + r]. Faster
  /// than `many` for each, because a row that was read serves several queries; the same bits.
  void (*cross)(const float* queries, size_t query_count, const void* rows, size_t count, size_t dimension,
                float* ranks);
};

/// The kernels of `metric` at the best level. Constant, O(1).
const DistanceKernel& distance_kernel(Metric metric);
/// The kernels at a given level, for tests and benchmarks; `level` must not be above best_simd_level().
const DistanceKernel& distance_kernel(Metric metric, SimdLevel level);

/// The distance that a user sees, from a rank.
double distance_from_rank(Metric metric, float rank);
/// The distance of two vectors of equal length (a mismatch is the caller's error and aborts in debug builds).
float distance(Metric metric, std::span<const float> a, std::span<const float> b);
/// The Euclidean length of a vector.
float euclidean_norm(std::span<const float> vector);
/// Divides a vector by its length; a vector of length zero stays as it is.
void normalize(std::span<float> vector);
/// True when no component is NaN or infinite.
bool all_finite(std::span<const float> vector);

}  // namespace protobase::vector
