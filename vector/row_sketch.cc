#include "vector/row_sketch.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/base/check.h"
#include "vector/internal/kernel_table.h"

namespace protobase::vector {
namespace {

constexpr size_t kCodes = 256;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Rows whose values multiply out of the range of float have no useful bound.
constexpr float kLargestValue = 1e15f;

}  // namespace

SketchNumbers make_sketch(std::span<const float> row, uint8_t* codes) {
  std::fill(codes + row.size(), codes + sketch_stride(row.size()), uint8_t{0});
  // Said so that a NaN, which damaged bytes may bring, is out of range too.
  const auto in_range = [](float value) { return std::fabs(value) <= kLargestValue; };
  if (!std::all_of(row.begin(), row.end(), in_range)) {
    std::fill(codes, codes + row.size(), uint8_t{0});
    return {0, 0, 0, kInfinity};
  }
  const auto [low_at, high_at] = std::minmax_element(row.begin(), row.end());
  const float low = *low_at, high = *high_at;
  const float scale = (high - low) / (kCodes - 1);
  const float inverse = scale > 0 ? 1 / scale : 0;
  double norm_squared = 0, error_squared = 0;
  for (size_t i = 0; i < row.size(); ++i) {
    const float code = std::clamp((row[i] - low) * inverse + 0.5f, 0.0f, static_cast<float>(kCodes - 1));
    codes[i] = static_cast<uint8_t>(code);
    const double kept = static_cast<double>(low) + static_cast<double>(scale) * codes[i];
    const double lost = row[i] - kept;
    norm_squared += kept * kept;
    error_squared += lost * lost;
  }
  // A hair more, for the rounding of the square root and of this sum.
  const float error = static_cast<float>(std::sqrt(error_squared) * (1 + 1e-6));
  return {scale, low, static_cast<float>(norm_squared), error};
}

SketchQuery::SketchQuery(std::span<const float> query)
    : padded_(sketch_stride(query.size())), dimension_(query.size()) {
  std::copy(query.begin(), query.end(), padded_.begin());
  double sum = 0;
  for (const float value : query) sum += value;
  sum_ = static_cast<float>(sum);
  norm_ = euclidean_norm(query);
}

void SketchQuery::bound(Metric metric, const SketchRows& rows, size_t count, float* bounds) const {
  bound(metric, best_simd_level(), rows, count, bounds);
}

void SketchQuery::bound(Metric metric, SimdLevel level, const SketchRows& rows, size_t count, float* bounds) const {
  PROTO_DCHECK(has_sketch_bound(metric));
  const internal::KernelTable& table = internal::kernel_table(level);
  (metric == Metric::kL2 ? table.l2_bound : table.inner_product_bound)(*this, rows, count, bounds);
}

}  // namespace protobase::vector
