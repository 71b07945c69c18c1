// The first page of each of a database's files. Written once, when the file is made, and never again.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "runtime/base/status.h"
#include "storage/database_id.h"
#include "storage/file_system.h"

namespace protobase::storage {

inline constexpr uint32_t kFormatVersion = 1;
/// Bits this version understands. A file with another bit is refused.
inline constexpr uint64_t kKnownFeatures = 0;
inline constexpr uint64_t kPageBytes = 4096;

inline constexpr char kDataMagic[9] = "PDBDATA\n";
inline constexpr char kLogMagic[9] = "PDBWAL\r\n";

/// docs/file_format.md, "File header".
struct FileHeader {
  char magic[8];
  uint32_t version;
  uint32_t unit_bytes;  // x.pdb: bytes of an extent unit; x.pdb-wal: bytes of a chunk
  uint64_t features;
  DatabaseId database;
  uint64_t checksum;  // of the bytes before it, seed 0
};
static_assert(offsetof(FileHeader, magic) == 0 && offsetof(FileHeader, version) == 8);
static_assert(offsetof(FileHeader, unit_bytes) == 12 && offsetof(FileHeader, features) == 16);
static_assert(offsetof(FileHeader, database) == 24 && offsetof(FileHeader, checksum) == 40);
static_assert(sizeof(FileHeader) == 48);

/// The page, padded with zeros.
std::string encode_file_header(std::string_view magic, uint32_t unit_bytes, DatabaseId database);

/// Reads and proves the header of `file`: kCorruption (not such a file, damaged), kUnsupported (newer). Unit sizes that are no
/// power of two between 4 KiB and 1 GiB are kCorruption.
Result<FileHeader> read_file_header(const File& file, std::string_view magic);

}  // namespace protobase::storage
