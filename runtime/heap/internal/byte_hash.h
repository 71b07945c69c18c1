// A fast hash of bytes: multiply-and-fold (as in wyhash), two words a step, three lanes from 64 bytes on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace proto::heap {

/// The constants that a hash depends on. Zero words must not be among them.
struct HashKey {
  uint64_t words[4];
};

/// For what must be the same in every process run.
inline constexpr HashKey kFixedHashKey = {
    {0xA0761D6478BD642Full, 0xE7037ED1A0B428DBull, 0x8EBC6AF09C88C6E3ull, 0x589965CC75374CC3ull}};

namespace internal {
inline uint64_t fold(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}
inline uint64_t load64(const char* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}
inline uint64_t load32(const char* at) {
  uint32_t word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}
// Up to 3 bytes in one word: first, middle and last.
inline uint64_t load_few(const char* at, size_t size) {
  const auto byte = [at](size_t i) { return uint64_t{static_cast<uint8_t>(at[i])}; };
  return size == 0 ? 0 : byte(0) << 16 | byte(size >> 1) << 8 | byte(size - 1);
}
}  // namespace internal

/// Well mixed in all bits. About 2 ns for up to 16 bytes, 0.1 ns a byte beyond. Little-endian words, as everywhere here.
inline uint64_t hash_of_bytes(const char* at, size_t size, const HashKey& key) {
  using internal::fold, internal::load32, internal::load64;
  const uint64_t* k = key.words;
  uint64_t seed = k[0];
  uint64_t first = 0, second = 0;
  if (size > 16) {
    size_t left = size;
    if (left >= 64) {
      uint64_t lane1 = seed, lane2 = seed;
      for (; left >= 64; left -= 48, at += 48) {
        seed = fold(load64(at) ^ k[1], load64(at + 8) ^ seed);
        lane1 = fold(load64(at + 16) ^ k[2], load64(at + 24) ^ lane1);
        lane2 = fold(load64(at + 32) ^ k[3], load64(at + 40) ^ lane2);
      }
      seed ^= lane1 ^ lane2;
    }
    for (; left > 16; left -= 16, at += 16) seed = fold(load64(at) ^ k[1], load64(at + 8) ^ seed);
    first = load64(at + left - 16);
    second = load64(at + left - 8);
  } else if (size >= 4) {
    const size_t middle = size >> 3 << 2;
    first = load32(at) << 32 | load32(at + middle);
    second = load32(at + size - 4) << 32 | load32(at + size - 4 - middle);
  } else {
    first = internal::load_few(at, size);
  }
  const auto product = static_cast<unsigned __int128>(first ^ k[1]) * (second ^ seed);
  return fold(static_cast<uint64_t>(product) ^ k[0] ^ size, static_cast<uint64_t>(product >> 64) ^ k[1]);
}

/// Drawn once in this process: for tables that nobody sees the order of, so that no chosen texts collide in them.
const HashKey& secret_hash_key();

}  // namespace proto::heap
