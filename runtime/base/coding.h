// Fixed and variable length integers in bytes. Everything on disk is little-endian unless its key order matters.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace proto {

static_assert(std::endian::native == std::endian::little, "formats are written for little-endian machines");

/// Reads a fixed-width value at any alignment.
template <class T>
T load(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

/// Writes a fixed-width value at any alignment.
template <class T>
void store(void* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

/// Appends the bytes of a fixed-width value.
template <class T>
void put_fixed(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Appends 1 to 10 bytes, seven bits each, least significant first (LEB128).
inline void put_varint(std::string& out, uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

/// Appends a length and the bytes.
inline void put_string(std::string& out, std::string_view bytes) {
  put_varint(out, bytes.size());
  out.append(bytes);
}

/// Reads from the front of a byte range; once a read does not fit, `ok()` is false and every further read gives zero.
/// Safe on hostile bytes.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  template <class T>
  T fixed() {
    if (rest_.size() < sizeof(T)) return fail(), T{};
    T value = load<T>(rest_.data());
    rest_.remove_prefix(sizeof(T));
    return value;
  }
  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) return fail(), 0;
      const auto byte = static_cast<uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return fail(), 0;
  }
  std::string_view bytes(uint64_t count) {
    if (count > rest_.size()) return fail(), std::string_view();
    std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  /// A varint length and that many bytes.
  std::string_view string() { return bytes(varint()); }

 private:
  void fail() {
    ok_ = false;
    rest_ = {};
  }
  std::string_view rest_;
  bool ok_ = true;
};

/// Signed to unsigned with small magnitudes staying small: 0, -1, 1, -2 ... become 0, 1, 2, 3 ...
constexpr uint64_t zigzag(int64_t value) { return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63); }
constexpr int64_t unzigzag(uint64_t value) { return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1); }

/// Big-endian bytes, so that memcmp orders as the numbers do.
inline uint64_t byte_swap(uint64_t value) { return __builtin_bswap64(value); }

}  // namespace proto
