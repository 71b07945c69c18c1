#include <type_traits>

#include "vector/internal/kernel_table.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define PROTO_TARGET __attribute__((target("avx2,fma")))

namespace protobase::vector::internal {
namespace {

alignas(32) constexpr int32_t kMaskSource[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};

struct Lanes {
  using Vector = __m256;
  using Mask = __m256i;
  static constexpr size_t kFloats = 8;
  static constexpr size_t kTileQueries = 2;  // as many as the registers hold

  PROTO_TARGET static inline Vector zero() { return _mm256_setzero_ps(); }
  PROTO_TARGET static inline Vector load(const char* from) {
    return _mm256_castsi256_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i_u*>(from)));
  }
  PROTO_TARGET static inline Mask first(size_t count) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i_u*>(kMaskSource + 8 - count));
  }
  PROTO_TARGET static inline Vector load_some(Mask mask, const char* from) {
    return _mm256_castsi256_ps(_mm256_maskload_epi32(reinterpret_cast<const int*>(from), mask));
  }
  PROTO_TARGET static inline Vector add(Vector a, Vector b) { return _mm256_add_ps(a, b); }
  PROTO_TARGET static inline Vector subtract(Vector a, Vector b) { return _mm256_sub_ps(a, b); }
  PROTO_TARGET static inline Vector multiply_add(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
  PROTO_TARGET static inline Vector absolute(Vector a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }

  PROTO_TARGET static inline Vector all(float value) { return _mm256_set1_ps(value); }
  PROTO_TARGET static inline Vector multiply(Vector a, Vector b) { return _mm256_mul_ps(a, b); }
  PROTO_TARGET static inline Vector square_root(Vector a) { return _mm256_sqrt_ps(a); }
  PROTO_TARGET static inline Vector at_least_zero(Vector a) { return _mm256_max_ps(a, _mm256_setzero_ps()); }
  PROTO_TARGET static inline void store_some(float* to, Mask mask, Vector a) { _mm256_maskstore_ps(to, mask, a); }
  /// 8 bytes as floats.
  PROTO_TARGET static inline Vector widen(const uint8_t* from) {
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i_u*>(from))));
  }

  /// The sums over the lanes of four vectors, each in the same order.
  PROTO_TARGET static inline __m128 fold4(Vector a, Vector b, Vector c, Vector d) {
    const Vector ab = _mm256_add_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
    const Vector cd = _mm256_add_ps(_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
    const Vector abcd = _mm256_add_ps(_mm256_shuffle_ps(ab, cd, 0x44), _mm256_shuffle_ps(ab, cd, 0xEE));
    return _mm_add_ps(_mm256_castps256_ps128(abcd), _mm256_extractf128_ps(abcd, 1));
  }
};

#include "vector/internal/kernel_body.inc"

}  // namespace

const KernelTable* avx2_kernels() { return &kTable; }

}  // namespace protobase::vector::internal

#else
namespace protobase::vector::internal {
const KernelTable* avx2_kernels() { return nullptr; }
}  // namespace protobase::vector::internal
#endif
