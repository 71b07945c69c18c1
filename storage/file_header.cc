#include "storage/internal/file_header.h"

#include <bit>
#include <cstring>

#include "runtime/base/checksum.h"
#include "runtime/base/coding.h"

namespace protobase::storage {
namespace {

uint64_t checksum_of(const FileHeader& header) {
  return proto::checksum64({reinterpret_cast<const char*>(&header), offsetof(FileHeader, checksum)});
}

bool plausible_unit(uint32_t bytes) { return std::has_single_bit(bytes) && bytes >= kPageBytes && bytes <= (1u << 30); }

}  // namespace

std::string encode_file_header(std::string_view magic, uint32_t unit_bytes, DatabaseId database) {
  FileHeader header{};
  std::memcpy(header.magic, magic.data(), sizeof header.magic);
  header.version = kFormatVersion;
  header.unit_bytes = unit_bytes;
  header.features = kKnownFeatures;
  header.database = database;
  header.checksum = checksum_of(header);
  std::string page(kPageBytes, '\0');
  proto::store(page.data(), header);
  return page;
}

Result<FileHeader> read_file_header(const File& file, std::string_view magic) {
  char bytes[sizeof(FileHeader)];
  PROTO_RETURN_IF_ERROR(read_exactly(file, 0, bytes));
  const auto header = proto::load<FileHeader>(bytes);
  const auto corrupt = [&](const char* what) {
    return Status(StatusCode::kCorruption, file.path() + ", offset 0, file header: " + what);
  };
  if (std::string_view(header.magic, sizeof header.magic) != magic.substr(0, sizeof header.magic)) {
    return corrupt("not a ProtoBase file of this kind");
  }
  if (header.checksum != checksum_of(header)) return corrupt("checksum does not match");
  if (header.version > kFormatVersion || header.version == 0) {
    return Status(StatusCode::kUnsupported, file.path() + " has format version " + std::to_string(header.version) +
                                                "; this program knows versions up to " + std::to_string(kFormatVersion));
  }
  if ((header.features & ~kKnownFeatures) != 0) {
    return Status(StatusCode::kUnsupported, file.path() + " uses features this program does not know (flags " +
                                                std::to_string(header.features & ~kKnownFeatures) + ")");
  }
  if (!plausible_unit(header.unit_bytes)) return corrupt("impossible unit size");
  return header;
}

}  // namespace protobase::storage
