// Keiser and Lemire, "Validating UTF-8 in less than one instruction per byte" (2021): three table look-ups by the nibbles of a
// byte and the one before it name the errors that the pair may be part of; an error that all three name is one.
#include "runtime/text/internal/utf8_avx2.h"

#ifdef PROTO_TEXT_AVX2
#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace proto::text::internal {
namespace {

#define PROTO_AVX2 __attribute__((target("avx2")))

enum Error : uint8_t {
  kTooShort = 1 << 0,     // a lead byte before another lead byte or ASCII
  kTooLong = 1 << 1,      // a continuation after ASCII
  kOverlong3 = 1 << 2,    // E0 80..9F
  kTooLarge = 1 << 3,     // F4 90.. and above
  kSurrogate = 1 << 4,    // ED A0..BF
  kOverlong2 = 1 << 5,    // C0, C1
  kTooLarge1000 = 1 << 6, // F5.. with 80..8F
  kOverlong4 = 1 << 6,    // F0 80..8F
  kTwoContinued = 1 << 7, // two continuations in a row: right if a longer lead is before them
  kCarry = kTooShort | kTooLong | kTwoContinued,
};

alignas(16) constexpr uint8_t kFirstHigh[16] = {
    kTooLong, kTooLong, kTooLong, kTooLong, kTooLong, kTooLong, kTooLong, kTooLong,
    kTwoContinued, kTwoContinued, kTwoContinued, kTwoContinued,
    kTooShort | kOverlong2, kTooShort, kTooShort | kOverlong3 | kSurrogate,
    kTooShort | kTooLarge | kTooLarge1000 | kOverlong4};
alignas(16) constexpr uint8_t kFirstLow[16] = {
    kCarry | kOverlong3 | kOverlong2 | kOverlong4, kCarry | kOverlong2, kCarry, kCarry, kCarry | kTooLarge,
    kCarry | kTooLarge | kTooLarge1000, kCarry | kTooLarge | kTooLarge1000, kCarry | kTooLarge | kTooLarge1000,
    kCarry | kTooLarge | kTooLarge1000, kCarry | kTooLarge | kTooLarge1000, kCarry | kTooLarge | kTooLarge1000,
    kCarry | kTooLarge | kTooLarge1000, kCarry | kTooLarge | kTooLarge1000,
    kCarry | kTooLarge | kTooLarge1000 | kSurrogate, kCarry | kTooLarge | kTooLarge1000,
    kCarry | kTooLarge | kTooLarge1000};
alignas(16) constexpr uint8_t kSecondHigh[16] = {
    kTooShort, kTooShort, kTooShort, kTooShort, kTooShort, kTooShort, kTooShort, kTooShort,
    kTooLong | kOverlong2 | kTwoContinued | kOverlong3 | kTooLarge1000 | kOverlong4,
    kTooLong | kOverlong2 | kTwoContinued | kOverlong3 | kTooLarge,
    kTooLong | kOverlong2 | kTwoContinued | kSurrogate | kTooLarge,
    kTooLong | kOverlong2 | kTwoContinued | kSurrogate | kTooLarge,
    kTooShort, kTooShort, kTooShort, kTooShort};

PROTO_AVX2 inline __m256i table(const uint8_t* rows) {
  return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(rows)));
}
PROTO_AVX2 inline __m256i high_nibbles(__m256i bytes) {
  return _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0F));
}
// The bytes shifted by N towards the end, those of the vector before moving in.
template <int N>
PROTO_AVX2 inline __m256i before(__m256i bytes, __m256i last) {
  return _mm256_alignr_epi8(bytes, _mm256_permute2x128_si256(last, bytes, 0x21), 16 - N);
}

struct State {
  __m256i last;        // the vector before
  __m256i errors;
  __m256i unfinished;  // not zero where the vector before ends within a sequence
};

PROTO_AVX2 inline void step(State& state, __m256i bytes) {
  if (_mm256_movemask_epi8(bytes) == 0) {
    state.errors = _mm256_or_si256(state.errors, state.unfinished);
    state.unfinished = _mm256_setzero_si256();
    state.last = bytes;
    return;
  }
  const __m256i one = before<1>(bytes, state.last);
  const __m256i special = _mm256_and_si256(
      _mm256_and_si256(_mm256_shuffle_epi8(table(kFirstHigh), high_nibbles(one)),
                       _mm256_shuffle_epi8(table(kFirstLow), _mm256_and_si256(one, _mm256_set1_epi8(0x0F)))),
      _mm256_shuffle_epi8(table(kSecondHigh), high_nibbles(bytes)));
  // Third and fourth bytes must be the second of two continuations, and nothing else may be.
  const __m256i third = _mm256_subs_epu8(before<2>(bytes, state.last), _mm256_set1_epi8(static_cast<char>(0xE0 - 0x80)));
  const __m256i fourth = _mm256_subs_epu8(before<3>(bytes, state.last), _mm256_set1_epi8(static_cast<char>(0xF0 - 0x80)));
  const __m256i must = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8(static_cast<char>(0x80)));
  state.errors = _mm256_or_si256(state.errors, _mm256_xor_si256(must, special));
  const __m256i longest = _mm256_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                                           -1, -1, -1, -1, -1, -1, -1, -1, -1, static_cast<char>(0xF0 - 1),
                                           static_cast<char>(0xE0 - 1), static_cast<char>(0xC0 - 1));
  state.unfinished = _mm256_subs_epu8(bytes, longest);
  state.last = bytes;
}

}  // namespace

PROTO_AVX2 bool is_valid_avx2(std::string_view bytes) {
  State state{_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
  size_t at = 0;
  for (; at + 32 <= bytes.size(); at += 32) {
    step(state, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes.data() + at)));
  }
  if (at < bytes.size()) {
    alignas(32) char rest[32] = {};
    std::memcpy(rest, bytes.data() + at, bytes.size() - at);
    step(state, _mm256_load_si256(reinterpret_cast<const __m256i*>(rest)));
  }
  const __m256i errors = _mm256_or_si256(state.errors, state.unfinished);
  return _mm256_testz_si256(errors, errors) != 0;
}

#undef PROTO_AVX2

}  // namespace proto::text::internal
#endif
