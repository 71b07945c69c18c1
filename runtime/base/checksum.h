// Checksums of what is on disk.
#pragma once

#include <cstdint>
#include <string_view>

namespace proto {

/// XXH3, 64 bits (libxxhash), of `bytes` under `seed`. About 10 bytes a cycle. Any thread.
uint64_t checksum64(std::string_view bytes, uint64_t seed = 0);
/// The low 32 bits of checksum64.
inline uint32_t checksum32(std::string_view bytes, uint64_t seed = 0) {
  return static_cast<uint32_t>(checksum64(bytes, seed));
}

}  // namespace proto
