// The reference: plain C++ for any processor. Eight partial sums, so that a compiler may use whatever vectors it has.
#include <algorithm>
#include <cmath>

#include "runtime/base/coding.h"
#include "vector/internal/kernel_table.h"

namespace protobase::vector::internal {
namespace {

constexpr size_t kLanes = 8;

const char* row_at(const void* rows, size_t position, size_t dimension) {
  return static_cast<const char*>(rows) + position * dimension * sizeof(float);
}

float fold(const float (&sums)[kLanes]) {
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

/// Sum over the components of Term(query[i], row[i]).
template <class Term>
float sum_terms(const float* query, const void* row, size_t dimension, Term term) {
  float sums[kLanes] = {};
  const char* values = static_cast<const char*>(row);
  for (size_t i = 0; i < dimension; ++i) {
    sums[i % kLanes] += term(query[i], proto::load<float>(values + i * sizeof(float)));
  }
  return fold(sums);
}

float l2(const float* query, const void* row, size_t dimension) {
  return sum_terms(query, row, dimension, [](float q, float x) { return (q - x) * (q - x); });
}
float inner_product(const float* query, const void* row, size_t dimension) {
  return -sum_terms(query, row, dimension, [](float q, float x) { return q * x; });
}
float l1(const float* query, const void* row, size_t dimension) {
  return sum_terms(query, row, dimension, [](float q, float x) { return std::fabs(q - x); });
}
float cosine(const float* query, const void* row, size_t dimension) {
  const float dot = sum_terms(query, row, dimension, [](float q, float x) { return q * x; });
  const float row_norm = sum_terms(query, row, dimension, [](float, float x) { return x * x; });
  const float query_norm = sum_terms(query, query, dimension, [](float q, float) { return q * q; });
  return cosine_rank(dot, row_norm, query_norm);
}

template <auto one>
void many(const float* query, const void* rows, size_t count, size_t dimension, float* ranks) {
  for (size_t i = 0; i < count; ++i) ranks[i] = one(query, row_at(rows, i, dimension), dimension);
}
template <auto one>
void picked(const float* query, const void* rows, const uint32_t* picks, size_t count, size_t dimension, float* ranks) {
  for (size_t i = 0; i < count; ++i) ranks[i] = one(query, row_at(rows, picks[i], dimension), dimension);
}
template <auto one>
void cross(const float* queries, size_t query_count, const void* rows, size_t count, size_t dimension, float* ranks) {
  for (size_t q = 0; q < query_count; ++q)
    many<one>(queries + q * dimension, rows, count, dimension, ranks + q * count);
}
template <auto one>
constexpr DistanceKernel kernel() {
  return {one, many<one>, picked<one>, cross<one>};
}

float dot_with_codes(const float* query, const uint8_t* codes, size_t dimension) {
  float sums[kLanes] = {};
  for (size_t i = 0; i < dimension; ++i) sums[i % kLanes] += query[i] * static_cast<float>(codes[i]);
  return fold(sums);
}

float sketch_dot(const SketchQuery& query, const SketchRows& rows, size_t i) {
  const float dot = dot_with_codes(query.padded(), rows.codes + i * query.stride(), query.dimension());
  return rows.offsets[i] * query.sum() + rows.scales[i] * dot;
}

/// The most that the length of row i can be, as far as its sketch's range says.
float length_limit(const SketchQuery& query, const SketchRows& rows, size_t i) {
  return length_factor(query.dimension()) * (std::fabs(rows.offsets[i]) + 255 * rows.scales[i]);
}

void l2_bound(const SketchQuery& query, const SketchRows& rows, size_t count, float* bounds) {
  const float query_squared = query.norm() * query.norm();
  for (size_t i = 0; i < count; ++i) {
    const float lengths = query.norm() + length_limit(query, rows, i);
    const float squared = query_squared + rows.norms_squared[i] - 2 * sketch_dot(query, rows, i) -
                          rounding_of(query.dimension()) * lengths * lengths;
    const float distance = std::sqrt(std::max(squared, 0.0f)) - rows.errors[i];
    bounds[i] = distance > 0 ? distance * distance : 0;
  }
}

void inner_product_bound(const SketchQuery& query, const SketchRows& rows, size_t count, float* bounds) {
  for (size_t i = 0; i < count; ++i) {
    const float slack = rows.errors[i] + rounding_of(query.dimension()) * length_limit(query, rows, i);
    bounds[i] = -sketch_dot(query, rows, i) - query.norm() * slack;
  }
}

}  // namespace

const KernelTable kPortableKernels = {
    {kernel<l2>(), kernel<inner_product>(), kernel<cosine>(), kernel<l1>()}, l2_bound, inner_product_bound};

float cosine_rank(float dot, float row_norm_squared, float query_norm_squared) {
  // Lengths multiply in double: the product of two squares may leave the range of float.
  const double lengths = std::sqrt(static_cast<double>(row_norm_squared) * query_norm_squared);
  if (lengths == 0) return 1.0f;
  const double cosine = static_cast<double>(dot) / lengths;
  if (cosine > 1) return 0.0f;
  if (cosine < -1) return 2.0f;
  return static_cast<float>(1 - cosine);
}

}  // namespace protobase::vector::internal
