#include "vector/distance.h"

#include <cmath>

#include "runtime/base/check.h"
#include "vector/internal/kernel_table.h"

namespace protobase::vector {
namespace {

SimdLevel detect_simd_level() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw")) {
    return SimdLevel::kAvx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return SimdLevel::kAvx2;
#endif
  return SimdLevel::kPortable;
}

}  // namespace

const internal::KernelTable& internal::kernel_table(SimdLevel level) {
  switch (level) {
    case SimdLevel::kAvx512:
      return *avx512_kernels();
    case SimdLevel::kAvx2:
      return *avx2_kernels();
    case SimdLevel::kPortable:
      break;
  }
  return kPortableKernels;
}

bool is_metric(uint8_t number) { return number >= 1 && number <= 4; }

std::string_view metric_name(Metric metric) {
  switch (metric) {
    case Metric::kL2:
      return "l2";
    case Metric::kInnerProduct:
      return "inner_product";
    case Metric::kCosine:
      return "cosine";
    case Metric::kL1:
      return "l1";
  }
  return "unknown";
}

SimdLevel best_simd_level() {
  static const SimdLevel level = detect_simd_level();
  return level;
}

std::string_view simd_level_name(SimdLevel level) {
  switch (level) {
    case SimdLevel::kPortable:
      return "portable";
    case SimdLevel::kAvx2:
      return "avx2";
    case SimdLevel::kAvx512:
      return "avx512";
  }
  return "unknown";
}

const DistanceKernel& distance_kernel(Metric metric) { return distance_kernel(metric, best_simd_level()); }

const DistanceKernel& distance_kernel(Metric metric, SimdLevel level) {
  PROTO_CHECK(level <= best_simd_level());
  PROTO_CHECK(is_metric(static_cast<uint8_t>(metric)));
  return internal::kernel_table(level).kernels[static_cast<uint8_t>(metric) - 1];
}

double distance_from_rank(Metric metric, float rank) {
  return metric == Metric::kL2 ? std::sqrt(static_cast<double>(rank)) : static_cast<double>(rank);
}

float distance(Metric metric, std::span<const float> a, std::span<const float> b) {
  PROTO_DCHECK(a.size() == b.size());
  return static_cast<float>(distance_from_rank(metric, distance_kernel(metric).one(a.data(), b.data(), a.size())));
}

float euclidean_norm(std::span<const float> vector) {
  // In double: the squares of large floats leave the range of float.
  double sum = 0;
  for (const float value : vector) sum += static_cast<double>(value) * value;
  return static_cast<float>(std::sqrt(sum));
}

void normalize(std::span<float> vector) {
  const float norm = euclidean_norm(vector);
  if (norm == 0) return;
  for (float& value : vector) value /= norm;
}

bool all_finite(std::span<const float> vector) {
  for (const float value : vector) {
    if (!std::isfinite(value)) return false;
  }
  return true;
}

}  // namespace protobase::vector
