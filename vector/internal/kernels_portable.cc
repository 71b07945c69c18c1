// The reference: plain C++ for any processor. Eight partial sums, so that a compiler may use whatever vectors it has.
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
  for (size_t q = 0; q < query_count; ++q) many<one>(queries + q * dimension, rows, count, dimension, ranks + q * count);
}
template <auto one>
constexpr DistanceKernel kernel() {
  return {one, many<one>, picked<one>, cross<one>};
}

}  // namespace

const KernelTable kPortableKernels = {{kernel<l2>(), kernel<inner_product>(), kernel<cosine>(), kernel<l1>()}};

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
