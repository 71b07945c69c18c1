#include <type_traits>

#include "vector/internal/kernel_table.h"

#if defined(__x86_64__)
// GCC 12 takes the deliberately undefined operands inside its own intrinsics for mistakes (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>

#define PROTO_TARGET __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")))

namespace protobase::vector::internal {
namespace {

struct Lanes {
  using Vector = __m512;
  using Mask = __mmask16;
  static constexpr size_t kFloats = 16;
  static constexpr size_t kTileQueries = 4;  // as many as the registers hold

  PROTO_TARGET static inline Vector zero() { return _mm512_setzero_ps(); }
  PROTO_TARGET static inline Vector load(const char* from) { return _mm512_loadu_ps(from); }
  PROTO_TARGET static inline Mask first(size_t count) { return static_cast<Mask>((1u << count) - 1); }
  PROTO_TARGET static inline Vector load_some(Mask mask, const char* from) { return _mm512_maskz_loadu_ps(mask, from); }
  PROTO_TARGET static inline Vector add(Vector a, Vector b) { return _mm512_add_ps(a, b); }
  PROTO_TARGET static inline Vector subtract(Vector a, Vector b) { return _mm512_sub_ps(a, b); }
  PROTO_TARGET static inline Vector multiply_add(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
  PROTO_TARGET static inline Vector absolute(Vector a) { return _mm512_abs_ps(a); }

  PROTO_TARGET static inline Vector all(float value) { return _mm512_set1_ps(value); }
  PROTO_TARGET static inline Vector multiply(Vector a, Vector b) { return _mm512_mul_ps(a, b); }
  PROTO_TARGET static inline Vector square_root(Vector a) { return _mm512_sqrt_ps(a); }
  PROTO_TARGET static inline Vector at_least_zero(Vector a) { return _mm512_max_ps(a, _mm512_setzero_ps()); }
  PROTO_TARGET static inline void store_some(float* to, Mask mask, Vector a) { _mm512_mask_storeu_ps(to, mask, a); }
  /// 16 bytes as floats.
  PROTO_TARGET static inline Vector widen(const uint8_t* from) {
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i_u*>(from))));
  }

  /// The sums over the lanes of four vectors, each in the same order.
  PROTO_TARGET static inline __m128 fold4(Vector a, Vector b, Vector c, Vector d) {
    const Vector ab = _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
    const Vector cd = _mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
    const Vector abcd = _mm512_add_ps(_mm512_shuffle_ps(ab, cd, 0x44), _mm512_shuffle_ps(ab, cd, 0xEE));
    const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(abcd), _mm512_extractf32x8_ps(abcd, 1));
    return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
  }
};

#include "vector/internal/kernel_body.inc"

}  // namespace

const KernelTable* avx512_kernels() { return &kTable; }

}  // namespace protobase::vector::internal

#else
namespace protobase::vector::internal {
const KernelTable* avx512_kernels() { return nullptr; }
}  // namespace protobase::vector::internal
#endif
