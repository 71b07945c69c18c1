// The header of a block. See docs/file_format.md, "Blocks".
#pragma once

#include <cstddef>
#include <cstdint>

#include "storage/block.h"

namespace protobase::storage {

inline constexpr uint16_t kBlockMagic = 0x4250;  // "PB"
enum BlockFlags : uint8_t { kBlockCompressed = 1 };

/// Stands before the stored bytes of a block.
struct BlockHeader {
  uint64_t checksum;  // of the header's other bytes and the stored bytes, seeded with database id and address
  uint32_t stored_length;
  uint32_t raw_length;
  uint8_t kind;
  uint8_t flags;  // BlockFlags
  uint16_t magic;
  uint32_t zero;
};
static_assert(offsetof(BlockHeader, stored_length) == 8 && offsetof(BlockHeader, raw_length) == 12);
static_assert(offsetof(BlockHeader, kind) == 16 && offsetof(BlockHeader, flags) == 17);
static_assert(offsetof(BlockHeader, magic) == 18 && sizeof(BlockHeader) == 24);

/// Bytes a block takes in its segment: header, stored bytes, padding.
constexpr uint64_t block_size(uint64_t stored_length) {
  return (sizeof(BlockHeader) + stored_length + kBlockAlignment - 1) / kBlockAlignment * kBlockAlignment;
}

/// What seeds a block's checksum: bytes of another block or database never verify.
inline uint64_t block_seed(DatabaseId database, BlockAddress address) {
  return database.seed() ^ (address.word * 0x9E3779B97F4A7C15ull);
}

}  // namespace protobase::storage
