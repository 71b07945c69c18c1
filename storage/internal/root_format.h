// The root slots of x.pdb and the body they point at. See docs/file_format.md, "Root record".
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/blob_store.h"
#include "storage/internal/file_header.h"
#include "storage/internal/free_space.h"

namespace protobase::storage {

inline constexpr uint64_t kRootMagic = 0x31544F4F52424450;  // "PDBROOT1"
inline constexpr uint64_t kExtentUnitBytes = 64 * 1024;
inline constexpr uint64_t kFirstUnit = 1;                         // unit 0 is header, slots and holder
inline constexpr uint64_t kRootSlotOffset[2] = {4096, 8192};      // root `sequence` stands in slot sequence % 2
inline constexpr uint64_t kHolderOffset = 12288;
inline constexpr uint64_t kHolderBytes = 512;

/// Fits one 512-byte sector, so that it is written whole or not at all.
struct RootSlot {
  uint64_t checksum;  // of the bytes after it, seeded with the database id
  uint64_t magic;
  uint64_t sequence;
  uint64_t log_start;
  uint64_t body_first_unit;
  uint64_t body_length;
  uint64_t body_checksum;  // seeded with the database id
  uint32_t epoch;          // of the writer, as in the log's frames
  uint32_t next_segment;   // the lowest segment id never given
};
static_assert(offsetof(RootSlot, magic) == 8 && offsetof(RootSlot, sequence) == 16 && offsetof(RootSlot, log_start) == 24);
static_assert(offsetof(RootSlot, body_first_unit) == 32 && offsetof(RootSlot, body_length) == 40);
static_assert(offsetof(RootSlot, body_checksum) == 48 && offsetof(RootSlot, epoch) == 56);
static_assert(offsetof(RootSlot, next_segment) == 60 && sizeof(RootSlot) == 64);
static_assert(kRootSlotOffset[0] == kPageBytes && kRootSlotOffset[1] == 2 * kPageBytes);
static_assert(kHolderOffset + kHolderBytes <= kFirstUnit * kExtentUnitBytes);

/// Where a segment's bytes are.
struct SegmentLayout {
  uint64_t length = 0;
  std::vector<Extent> extents;          // together at least `length` bytes
  std::vector<uint64_t> extent_starts;  // offset in the segment where each extent begins

  void add(Extent extent);
  uint64_t capacity() const {
    return extents.empty() ? 0 : extent_starts.back() + extents.back().count * kExtentUnitBytes;
  }
};
using SegmentTable = std::map<uint32_t, std::shared_ptr<const SegmentLayout>>;

/// The units that `bytes` take.
constexpr uint64_t units_for(uint64_t bytes) { return (bytes + kExtentUnitBytes - 1) / kExtentUnitBytes; }

std::string encode_root_slot(DatabaseId database, RootSlot slot);
/// The slot in `bytes` (64 or more), or nothing when they are none of this database.
std::optional<RootSlot> decode_root_slot(DatabaseId database, std::string_view bytes);

std::string encode_root_body(std::string_view payload, const SegmentTable& segments);
/// False when the bytes make no sense. Safe on hostile bytes.
bool decode_root_body(std::string_view body, std::string& payload, SegmentTable& segments);

}  // namespace protobase::storage
