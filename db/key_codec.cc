#include "db/key_codec.h"

#include <bit>
#include <cmath>
#include <limits>

#include "db/document.h"
#include "runtime/base/coding.h"

namespace protobase {
namespace {

// Tags leave room between kinds and stay within 0x10 .. 0x7F, so that inverted ones lie in 0x80 .. 0xEF and none, below
// or above all of them, is never inverted. Part of the file format.
enum Tag : uint8_t {
  kEnd = 0x01,
  kMore = 0x02,
  kNullFirst = 0x05,
  kFalse = 0x10,
  kTrue = 0x11,
  kNumber = 0x20,
  kDate = 0x30,
  kTimestamp = 0x38,
  kTimespan = 0x40,
  kString = 0x48,
  kBytes = 0x50,
  kRef = 0x58,
  kVector = 0x60,
  kArray = 0x68,
  kObject = 0x70,
  kNullLast = 0xFA,
};

constexpr uint64_t kSign64 = uint64_t{1} << 63;
constexpr double kExactLimit = 9007199254740992.0;  // 2^53
constexpr double kTwoTo63 = 9223372036854775808.0;

void put_big(std::string& key, uint64_t value, size_t bytes) {
  const uint64_t big = proto::byte_swap(value << (64 - 8 * bytes));
  key.append(reinterpret_cast<const char*>(&big), bytes);
}

uint64_t take_big(std::string_view& bytes, size_t count) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  bytes.remove_prefix(count);
  return value;
}

/// Bits whose unsigned order is that of the numbers: -0 and 0 alike, every NaN alike and greatest.
uint64_t ordered_bits(double value) {
  if (value == 0) value = 0.0;
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  const auto bits = std::bit_cast<uint64_t>(value);
  return bits & kSign64 ? ~bits : bits | kSign64;
}

double from_ordered_bits(uint64_t bits) { return std::bit_cast<double>(bits & kSign64 ? bits & ~kSign64 : ~bits); }

uint32_t ordered_bits(float value) {
  if (value == 0) value = 0.0F;
  if (std::isnan(value)) value = std::numeric_limits<float>::quiet_NaN();
  const auto bits = std::bit_cast<uint32_t>(value);
  return bits & 0x8000'0000U ? ~bits : bits | 0x8000'0000U;
}

/// The greatest double that is <= value. Conversion rounds to nearest, so it may be one step too high.
double floor_double(int64_t value) {
  const auto real = static_cast<double>(value);
  if (real >= kTwoTo63 || static_cast<int64_t>(real) > value) return std::nextafter(real, -kTwoTo63);
  return real;
}

void put_number(std::string& key, double real, uint64_t rest) {
  key.push_back(static_cast<char>(kNumber));
  put_big(key, ordered_bits(real), 8);
  if (std::fabs(real) >= kExactLimit) put_big(key, rest, 2);  // of NaN: no, it compares false
}

void put_int(std::string& key, int64_t value) {
  const double below = floor_double(value);
  put_number(key, below, static_cast<uint64_t>(value) - static_cast<uint64_t>(static_cast<int64_t>(below)));
}

void put_escaped(std::string& key, std::string_view bytes) {
  for (;;) {
    const size_t zero = bytes.find('\0');
    key.append(bytes.substr(0, zero));
    if (zero == std::string_view::npos) break;
    key.append("\x00\xFF", 2);
    bytes.remove_prefix(zero + 1);
  }
  key.append("\x00\x00", 2);
}

void put_component(std::string& key, const ValueView& value);

void put_vector(std::string& key, std::string_view floats) {
  for (size_t at = 0; at < floats.size(); at += sizeof(float)) {
    key.push_back(static_cast<char>(kMore));
    put_big(key, ordered_bits(proto::load<float>(floats.data() + at)), 4);
  }
  key.push_back(static_cast<char>(kEnd));
}

void put_array(std::string& key, const ArrayReader& array) {
  for (size_t i = 0; i < array.size(); ++i) put_component(key, array[i]);
  key.push_back(static_cast<char>(kEnd));
}

void put_object(std::string& key, const ObjectReader& object) {
  for (size_t rank = 0; rank < object.size(); ++rank) {
    const size_t i = object.by_name(rank);
    key.push_back(static_cast<char>(kMore));
    put_escaped(key, object.name(i));
    put_component(key, object.value(i));
  }
  key.push_back(static_cast<char>(kEnd));
}

void put_tagged(std::string& key, Tag tag, uint64_t value, size_t bytes) {
  key.push_back(static_cast<char>(tag));
  put_big(key, value, bytes);
}

/// Ascending, none first.
void put_component(std::string& key, const ValueView& value) {
  switch (value.kind()) {
    case Kind::kNone: key.push_back(static_cast<char>(kNullFirst)); return;
    case Kind::kBool: key.push_back(static_cast<char>(value.integer() ? kTrue : kFalse)); return;
    case Kind::kInt: return put_int(key, value.integer());
    case Kind::kDouble: return put_number(key, value.real(), 0);
    case Kind::kDate: return put_tagged(key, kDate, static_cast<uint32_t>(value.integer()) ^ 0x8000'0000U, 4);
    case Kind::kTimestamp: return put_tagged(key, kTimestamp, static_cast<uint64_t>(value.integer()) ^ kSign64, 8);
    case Kind::kTimespan: return put_tagged(key, kTimespan, static_cast<uint64_t>(value.integer()) ^ kSign64, 8);
    case Kind::kRef:
      put_tagged(key, kRef, value.ref().collection.value, 4);
      return put_big(key, value.ref().object.value, 8);
    case Kind::kString: return key.push_back(static_cast<char>(kString)), put_escaped(key, value.buffer());
    case Kind::kBytes: return key.push_back(static_cast<char>(kBytes)), put_escaped(key, value.buffer());
    case Kind::kVector: return key.push_back(static_cast<char>(kVector)), put_vector(key, value.buffer());
    case Kind::kArray: return key.push_back(static_cast<char>(kArray)), put_array(key, ArrayReader(value.buffer()));
    case Kind::kObject: return key.push_back(static_cast<char>(kObject)), put_object(key, ObjectReader(value.buffer()));
  }
}

// ---- reading
// -----------------------------------------------------------------------------------------------------------

constexpr size_t kBroken = ~size_t{0};

/// Reads bytes that may all be inverted.
struct KeyBytes {
  std::string_view bytes;
  uint8_t flip;
  size_t size() const { return bytes.size(); }
  uint8_t operator[](size_t at) const { return static_cast<uint8_t>(static_cast<uint8_t>(bytes[at]) ^ flip); }
  bool has(size_t at) const { return at < bytes.size(); }
};

/// The functions below give the offset after what they read, or kBroken.
size_t skip_fixed(const KeyBytes& key, size_t at, size_t bytes) {
  return bytes <= key.size() - at ? at + bytes : kBroken;
}

size_t skip_escaped(const KeyBytes& key, size_t at) {
  for (; at + 1 < key.size(); ++at) {
    if (key[at] != 0) continue;
    if (key[at + 1] == 0) return at + 2;
    if (key[at + 1] != 0xFF) return kBroken;
    ++at;
  }
  return kBroken;
}

size_t skip_number(const KeyBytes& key, size_t at) {
  if (skip_fixed(key, at, 8) == kBroken) return kBroken;
  uint64_t bits = 0;
  for (size_t i = 0; i < 8; ++i) bits = bits << 8 | key[at + i];
  return std::fabs(from_ordered_bits(bits)) >= kExactLimit ? skip_fixed(key, at, 10) : at + 8;
}

size_t skip_component(const KeyBytes& key, size_t at, int depth);

size_t skip_array(const KeyBytes& key, size_t at, int depth) {
  while (key.has(at) && key[at] != kEnd) {
    at = skip_component(key, at, depth + 1);
    if (at == kBroken) return kBroken;
  }
  return key.has(at) ? at + 1 : kBroken;
}

size_t skip_object(const KeyBytes& key, size_t at, int depth) {
  while (key.has(at) && key[at] == kMore) {
    at = skip_escaped(key, at + 1);
    if (at != kBroken) at = skip_component(key, at, depth + 1);
    if (at == kBroken) return kBroken;
  }
  return key.has(at) && key[at] == kEnd ? at + 1 : kBroken;
}

size_t skip_vector(const KeyBytes& key, size_t at) {
  while (key.has(at) && key[at] == kMore) {
    at = skip_fixed(key, at, 5);
    if (at == kBroken) return kBroken;
  }
  return key.has(at) && key[at] == kEnd ? at + 1 : kBroken;
}

size_t skip_component(const KeyBytes& key, size_t at, int depth) {
  if (!key.has(at) || depth > kMaxDepth) return kBroken;
  switch (key[at++]) {
    case kNullFirst:
    case kFalse:
    case kTrue: return at;
    case kNumber: return skip_number(key, at);
    case kDate: return skip_fixed(key, at, 4);
    case kTimestamp:
    case kTimespan: return skip_fixed(key, at, 8);
    case kRef: return skip_fixed(key, at, 12);
    case kString:
    case kBytes: return skip_escaped(key, at);
    case kVector: return skip_vector(key, at);
    case kArray: return skip_array(key, at, depth);
    case kObject: return skip_object(key, at, depth);
    default: return kBroken;
  }
}

bool is_null(std::string_view key, KeyOrder order) {
  return !key.empty() && static_cast<uint8_t>(key[0]) == (order.nulls_first ? kNullFirst : kNullLast);
}

Status broken() { return Status(StatusCode::kCorruption, "index key: malformed bytes"); }

ValueView decode_number(std::string_view bytes) {
  const double real = from_ordered_bits(take_big(bytes, 8));
  const bool is_int = real >= -kTwoTo63 && real < kTwoTo63 && std::trunc(real) == real;
  if (!is_int) return ValueView::of_double(real);
  const uint64_t rest = bytes.empty() ? 0 : take_big(bytes, 2);
  return ValueView::of_int(static_cast<int64_t>(static_cast<uint64_t>(static_cast<int64_t>(real)) + rest));
}

/// Drops the byte after each 0x00, in place.
std::string_view unescape(std::string& bytes, size_t from) {
  size_t to = from;
  for (size_t at = from; at + 2 < bytes.size(); ++at) {
    bytes[to++] = bytes[at];
    if (bytes[at] == '\0') ++at;
  }
  return std::string_view(bytes).substr(from, to - from);
}

}  // namespace

void append_key(std::string& key, const ValueView& value, KeyOrder order) {
  if (value.is_none()) {
    key.push_back(static_cast<char>(order.nulls_first ? kNullFirst : kNullLast));
    return;
  }
  const size_t begin = key.size();
  put_component(key, value);
  if (!order.descending) return;
  for (size_t at = begin; at < key.size(); ++at) key[at] = static_cast<char>(~key[at]);
}

Result<std::string_view> skip_key(std::string_view& key, KeyOrder order) {
  size_t size = 1;
  if (!is_null(key, order)) {
    size = skip_component({key, static_cast<uint8_t>(order.descending ? 0xFF : 0)}, 0, 0);
    if (size == kBroken) return broken();
  }
  const std::string_view component = key.substr(0, size);
  key.remove_prefix(size);
  return component;
}

Result<ValueView> decode_key(std::string_view& key, KeyOrder order, std::string& scratch) {
  const bool null = is_null(key, order);
  PROTO_ASSIGN_OR_RETURN(std::string_view component, skip_key(key, order));
  if (null) return ValueView();
  scratch.assign(component);
  if (order.descending) {
    for (char& byte : scratch) byte = static_cast<char>(~byte);
  }
  std::string_view rest = std::string_view(scratch).substr(1);
  switch (static_cast<uint8_t>(scratch[0])) {
    case kFalse: return ValueView::of_bool(false);
    case kTrue: return ValueView::of_bool(true);
    case kNumber: return decode_number(rest);
    case kDate:
      return ValueView::of_date({static_cast<int32_t>(static_cast<uint32_t>(take_big(rest, 4)) ^ 0x8000'0000U)});
    case kTimestamp: return ValueView::of_timestamp({static_cast<int64_t>(take_big(rest, 8) ^ kSign64)});
    case kTimespan: return ValueView::of_timespan({static_cast<int64_t>(take_big(rest, 8) ^ kSign64)});
    case kString: return ValueView::of_string(unescape(scratch, 1));
    case kBytes: return ValueView::of_bytes(unescape(scratch, 1));
    case kRef: {
      const CollectionId collection(static_cast<uint32_t>(take_big(rest, 4)));
      return ValueView::of_ref({collection, ObjectId(take_big(rest, 8))});
    }
    default: return Status(StatusCode::kUnsupported, "vectors, arrays and objects are not read back from an index key");
  }
}

std::string successor(std::string_view prefix) {
  while (!prefix.empty() && static_cast<uint8_t>(prefix.back()) == 0xFF) prefix.remove_suffix(1);
  std::string next(prefix);
  if (!next.empty()) next.back() = static_cast<char>(next.back() + 1);
  return next;
}

}  // namespace protobase
