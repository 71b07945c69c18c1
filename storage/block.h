// Blocks: checksummed, compressed pieces of a segment, each known by one word.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "storage/blob_store.h"

namespace protobase::storage {

/// Blocks begin at multiples of this in their segment.
inline constexpr uint64_t kBlockAlignment = 16;
/// The most uncompressed bytes of one block.
inline constexpr uint64_t kMaxBlockBytes = uint64_t{1} << 30;

/// Where a block is: segment id in the upper 32 bits, offset / 16 in the next 31; the lowest bit is always 0, free for a tag of
/// whoever keeps it beside pointers. Never 0 for a block that exists, as segment ids begin at 1.
struct BlockAddress {
  uint64_t word = 0;

  constexpr BlockAddress() = default;
  /// From a word that an address gave; the tag bit is dropped.
  static constexpr BlockAddress from_word(uint64_t word) {
    BlockAddress address;
    address.word = word & ~uint64_t{1};
    return address;
  }
  /// `offset` is a multiple of kBlockAlignment below kMaxSegmentBytes.
  static constexpr BlockAddress at(SegmentId segment, uint64_t offset) {
    return from_word((uint64_t{segment.value} << 32) | ((offset / kBlockAlignment) << 1));
  }
  constexpr SegmentId segment() const { return SegmentId(static_cast<uint32_t>(word >> 32)); }
  constexpr uint64_t offset() const { return ((word & 0xFFFFFFFFull) >> 1) * kBlockAlignment; }
  constexpr explicit operator bool() const { return word != 0; }
  constexpr auto operator<=>(const BlockAddress&) const = default;
};

/// A block that was written.
struct WrittenBlock {
  BlockAddress address;
  uint32_t stored_bytes = 0;  // space it takes in its segment: header, padding and all
};

/// A block that was read.
struct Block {
  uint8_t kind = 0;
  uint32_t stored_bytes = 0;  // as WrittenBlock
  std::string bytes;          // uncompressed
};

/// Appends a block: `bytes` as they are or LZ4-compressed when that saves an eighth, with lengths, kind and checksum. Errors of
/// SegmentWriter::append; kInvalidArgument past kMaxBlockBytes. One thread per segment. O(bytes).
Result<WrittenBlock> write_block(SegmentWriter& segment, DatabaseId database, uint8_t kind, std::string_view bytes,
                                 bool compress = true);

/// Given kind and uncompressed length of a block that is about to be delivered, returns where to put that many bytes.
using BlockTarget = std::function<char*(uint8_t kind, uint32_t length)>;

/// How many bytes the first read of a block takes: blocks that fit with their header need no second one.
inline constexpr uint32_t kBlockReadBytes = 16 * 1024;

/// Reads a block and proves it: the checksum covers bytes, lengths, kind, address and database. `target` is asked once, after
/// the header was proved plausible, and its memory holds the block only when the result is a success; the result is the
/// stored size (as WrittenBlock). kCorruption names file, segment, offset and kind; errors of BlobStore::read. Any thread.
/// O(bytes).
Result<uint32_t> read_block_into(const BlobStore& store, BlockAddress address, const BlockTarget& target,
                                 uint32_t first_read_bytes = kBlockReadBytes);
/// The same into a string.
Result<Block> read_block(const BlobStore& store, BlockAddress address, uint32_t first_read_bytes = kBlockReadBytes);

}  // namespace protobase::storage
