#include "storage/block.h"

#include <lz4.h>

#include <algorithm>

#include "runtime/base/check.h"
#include "runtime/base/checksum.h"
#include "runtime/base/coding.h"
#include "storage/internal/block_format.h"

namespace protobase::storage {
namespace {

constexpr size_t kMinCompressedBytes = 64;

/// Puts the stored form of `bytes` behind the header's place in `out`, which is made large enough.
void store_bytes(std::string& out, BlockHeader& header, std::string_view bytes, bool compress) {
  header.raw_length = static_cast<uint32_t>(bytes.size());
  if (compress && bytes.size() >= kMinCompressedBytes) {
    const auto budget = static_cast<int>(bytes.size() - bytes.size() / 8);
    out.resize(sizeof header + static_cast<size_t>(budget));
    const int length =
        LZ4_compress_default(bytes.data(), out.data() + sizeof header, static_cast<int>(bytes.size()), budget);
    if (length > 0) {
      header.flags |= kBlockCompressed;
      header.stored_length = static_cast<uint32_t>(length);
      return;
    }
  }
  header.stored_length = header.raw_length;
  out.resize(sizeof header);
  out.append(bytes);
}

Status corrupt(const BlobStore& store, BlockAddress address, uint8_t kind, const char* what) {
  return Status(StatusCode::kCorruption, store.name() + ", segment " + std::to_string(address.segment().value) + ", offset " +
                                             std::to_string(address.offset()) + ", block of kind " + std::to_string(kind) +
                                             ": " + what);
}

bool plausible_block(const BlockHeader& header, uint64_t available) {
  const bool lengths_fit = (header.flags & kBlockCompressed) != 0 ? header.stored_length < header.raw_length
                                                                   : header.stored_length == header.raw_length;
  return header.magic == kBlockMagic && lengths_fit && header.raw_length <= kMaxBlockBytes &&
         sizeof header + header.stored_length <= available;
}

/// The block at `address`, header and stored bytes, in `buffer`: with a second read when the first was too short.
Status read_stored(const BlobStore& store, BlockAddress address, uint32_t first_read_bytes, std::string& buffer) {
  PROTO_ASSIGN_OR_RETURN(const uint64_t segment_bytes, store.segment_size(address.segment()));
  const uint64_t offset = address.offset();
  if (offset + sizeof(BlockHeader) > segment_bytes) return corrupt(store, address, 0, "lies outside its segment");
  const uint64_t available = segment_bytes - offset;
  const uint64_t wanted = std::max<uint64_t>(first_read_bytes, sizeof(BlockHeader));
  buffer.resize(std::min(wanted, available));
  PROTO_RETURN_IF_ERROR(store.read(address.segment(), offset, buffer));
  const auto header = proto::load<BlockHeader>(buffer.data());
  if (!plausible_block(header, available)) return corrupt(store, address, header.kind, "header is damaged");
  const uint64_t length = sizeof header + header.stored_length;
  const uint64_t have = buffer.size();
  PROTO_DCHECK(length <= available);
  buffer.resize(length);
  if (length <= have) return {};
  return store.read(address.segment(), offset + have, std::span(buffer).subspan(have));
}

}  // namespace

Result<WrittenBlock> write_block(SegmentWriter& segment, DatabaseId database, uint8_t kind, std::string_view bytes,
                                 bool compress) {
  if (bytes.size() > kMaxBlockBytes) return Status(StatusCode::kInvalidArgument, "block is too large");
  const uint64_t offset = segment.size();
  if (offset % kBlockAlignment != 0) return Status(StatusCode::kInvalidArgument, "segment holds more than blocks");
  if (offset > kMaxSegmentBytes - block_size(bytes.size())) return Status(StatusCode::kRange, "segment is full");
  thread_local std::string out;
  BlockHeader header{};
  header.kind = kind;
  header.magic = kBlockMagic;
  store_bytes(out, header, bytes, compress);
  const uint64_t used = sizeof header + header.stored_length;
  out.resize(used);
  out.resize(block_size(header.stored_length), '\0');
  proto::store(out.data(), header);
  const BlockAddress address = BlockAddress::at(segment.id(), offset);
  const auto checked = std::string_view(out).substr(sizeof header.checksum, used - sizeof header.checksum);
  proto::store(out.data(), proto::checksum64(checked, block_seed(database, address)));
  PROTO_CHECK(out.size() % kBlockAlignment == 0 && out.size() >= used);
  PROTO_RETURN_IF_ERROR(segment.append(out).status());
  PROTO_CHECK(segment.size() == offset + out.size());
  const WrittenBlock written{address, static_cast<uint32_t>(out.size())};
  if (out.capacity() > (1 << 20)) std::string().swap(out);
  return written;
}

Result<uint32_t> read_block_into(const BlobStore& store, BlockAddress address, const BlockTarget& target,
                                 uint32_t first_read_bytes) {
  std::string buffer;
  PROTO_RETURN_IF_ERROR(read_stored(store, address, first_read_bytes, buffer));
  const auto header = proto::load<BlockHeader>(buffer.data());
  const auto checked = std::string_view(buffer).substr(sizeof header.checksum);
  if (header.checksum != proto::checksum64(checked, block_seed(store.database_id(), address))) {
    return corrupt(store, address, header.kind, "checksum does not match");
  }
  const auto stored = std::string_view(buffer).substr(sizeof header);
  char* const into = target(header.kind, header.raw_length);
  PROTO_CHECK(into != nullptr || header.raw_length == 0);
  if ((header.flags & kBlockCompressed) == 0) {
    std::copy(stored.begin(), stored.end(), into);
  } else {
    const int length = LZ4_decompress_safe(stored.data(), into, static_cast<int>(stored.size()),
                                           static_cast<int>(header.raw_length));
    if (length < 0 || static_cast<uint32_t>(length) != header.raw_length) {
      return corrupt(store, address, header.kind, "checksum is right, compressed bytes are not");
    }
  }
  return static_cast<uint32_t>(block_size(header.stored_length));
}

Result<Block> read_block(const BlobStore& store, BlockAddress address, uint32_t first_read_bytes) {
  Block block;
  const auto target = [&block](uint8_t kind, uint32_t length) {
    block.kind = kind;
    block.bytes.resize(length);
    return block.bytes.data();
  };
  PROTO_ASSIGN_OR_RETURN(block.stored_bytes, read_block_into(store, address, target, first_read_bytes));
  return block;
}

}  // namespace protobase::storage
