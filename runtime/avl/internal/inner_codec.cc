#include "runtime/avl/internal/inner_codec.h"

#include <cstdlib>

namespace proto::avl::internal {

namespace {

constexpr uint8_t kFormat = 1;
constexpr uint64_t kMaxAddress = (uint64_t{1} << 63) - 1;

uint64_t child_address(Link link) {
  const uint64_t address =
      link.is_address() ? link.address() : link.node()->address.load(std::memory_order_acquire);
  PROTO_CHECK_MSG(address != 0, "an inner node is written before its child");
  return address;
}

bool heights_fit(int left, int right) {
  return left >= 1 && right >= 1 && left < kMaxHeight - 1 && right < kMaxHeight - 1 && std::abs(left - right) <= 1;
}

bool counts_fit(uint64_t left, uint64_t right) {
  return left >= 1 && right >= 1 && left <= kMaxCount && right <= kMaxCount && left + right <= kMaxCount;
}

bool address_fits(uint64_t address) { return address >= 1 && address <= kMaxAddress; }

}  // namespace

void encode_inner(const Inner& inner, std::string& out) {
  // What decode_inner would refuse must not reach the disk.
  PROTO_CHECK(heights_fit(inner.left_height, inner.right_height));
  PROTO_CHECK(counts_fit(inner.left_count, inner.count - inner.left_count));
  put_fixed<uint8_t>(out, kFormat);
  put_fixed<uint8_t>(out, static_cast<uint8_t>(inner.left_height));
  put_fixed<uint8_t>(out, static_cast<uint8_t>(inner.right_height));
  put_varint(out, inner.left_count);
  put_varint(out, inner.count - inner.left_count);
  put_varint(out, child_address(inner.link(0)));
  put_varint(out, child_address(inner.link(1)));
}

Status decode_inner(ByteReader& reader, InnerFields& fields) {
  if (reader.fixed<uint8_t>() != kFormat) return Status(StatusCode::kCorruption, "unknown format of an inner node");
  fields.left_height = reader.fixed<uint8_t>();
  fields.right_height = reader.fixed<uint8_t>();
  fields.left_count = reader.varint();
  fields.right_count = reader.varint();
  fields.left_address = reader.varint();
  fields.right_address = reader.varint();
  if (!reader.ok()) return Status(StatusCode::kCorruption, "an inner node is cut short");
  if (!heights_fit(fields.left_height, fields.right_height)) {
    return Status(StatusCode::kCorruption, "an inner node is out of balance");
  }
  if (!counts_fit(fields.left_count, fields.right_count)) {
    return Status(StatusCode::kCorruption, "an inner node has impossible counts");
  }
  if (!address_fits(fields.left_address) || !address_fits(fields.right_address)) {
    return Status(StatusCode::kCorruption, "an inner node has an impossible address");
  }
  return {};
}

void fill_inner(Inner& inner, const InnerFields& fields) {
  inner.count = fields.left_count + fields.right_count;
  inner.left_height = fields.left_height;
  inner.right_height = fields.right_height;
  inner.left_count = fields.left_count;
  inner.links[0].store(Link::to_address(fields.left_address).word(), std::memory_order_relaxed);
  inner.links[1].store(Link::to_address(fields.right_address).word(), std::memory_order_relaxed);
}

}  // namespace proto::avl::internal
