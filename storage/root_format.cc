#include "storage/internal/root_format.h"

#include "runtime/base/checksum.h"
#include "runtime/base/coding.h"

namespace protobase::storage {
namespace {

/// No file is larger, so that sums of hostile counts cannot overflow.
constexpr uint64_t kMostUnits = uint64_t{1} << 40;

bool decode_segment(proto::ByteReader& reader, SegmentLayout& layout) {
  layout.length = reader.varint();
  const uint64_t extents = reader.varint();
  if (layout.length > kMaxSegmentBytes || extents > reader.rest().size()) return false;
  for (uint64_t i = 0; i < extents; ++i) {
    const uint64_t first = reader.varint();
    const uint64_t count = reader.varint();
    if (first < kFirstUnit || first > kMostUnits || count == 0 || count > units_for(kMaxSegmentBytes)) return false;
    layout.add({first, count});
    if (layout.capacity() > 2 * kMaxSegmentBytes) return false;
  }
  return reader.ok() && layout.capacity() >= layout.length;
}

}  // namespace

void SegmentLayout::add(Extent extent) {
  if (!extents.empty() && extents.back().end() == extent.first) {
    extents.back().count += extent.count;
    return;
  }
  extent_starts.push_back(capacity());
  extents.push_back(extent);
}

std::string encode_root_slot(DatabaseId database, RootSlot slot) {
  slot.magic = kRootMagic;
  std::string bytes(sizeof slot, '\0');
  proto::store(bytes.data(), slot);
  const auto checked = std::string_view(bytes).substr(sizeof slot.checksum);
  proto::store(bytes.data(), proto::checksum64(checked, database.seed()));
  return bytes;
}

std::optional<RootSlot> decode_root_slot(DatabaseId database, std::string_view bytes) {
  const auto slot = proto::load<RootSlot>(bytes.data());
  const auto checked = bytes.substr(sizeof slot.checksum, sizeof slot - sizeof slot.checksum);
  if (slot.magic != kRootMagic || slot.checksum != proto::checksum64(checked, database.seed())) return std::nullopt;
  return slot;
}

std::string encode_root_body(std::string_view payload, const SegmentTable& segments) {
  std::string body;
  proto::put_string(body, payload);
  proto::put_varint(body, segments.size());
  for (const auto& [id, layout] : segments) {
    proto::put_varint(body, id);
    proto::put_varint(body, layout->length);
    proto::put_varint(body, layout->extents.size());
    for (const Extent& extent : layout->extents) {
      proto::put_varint(body, extent.first);
      proto::put_varint(body, extent.count);
    }
  }
  return body;
}

bool decode_root_body(std::string_view body, std::string& payload, SegmentTable& segments) {
  proto::ByteReader reader(body);
  payload = reader.string();
  const uint64_t count = reader.varint();
  uint64_t last_id = 0;
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const uint64_t id = reader.varint();
    auto layout = std::make_shared<SegmentLayout>();
    if (id <= last_id || id > UINT32_MAX || !decode_segment(reader, *layout)) return false;
    segments.emplace(static_cast<uint32_t>(id), std::move(layout));
    last_id = id;
  }
  return reader.ok() && reader.at_end();
}

}  // namespace protobase::storage
