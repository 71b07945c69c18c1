// Bytes: an immutable run of bytes that are no text. Every change gives a new version that shares with the old one what it can.
//
// Up to 256 bytes are one contiguous cell; longer ones are ropes as strings are (string.h), cut anywhere. So a slice is a view:
// of a long value it shares the leaves, and of a short one it is no longer than what a view would take.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "runtime/collection/string.h"
#include "runtime/text/byte_text.h"

namespace proto {

/// A Value that is a byte string; one word, copied freely. Any thread may read it. Functions that take a Context and return Bytes
/// may fail (an error is pending, a position is out of range, the memory limit): valid() of the result is false then.
class Bytes : public Value {
 public:
  static constexpr size_t kMaxFlatBytes = internal::kMaxFlatBytes;

  /// No bytes at all, not even none. Everything but valid() wants a real one.
  constexpr Bytes() = default;
  /// Only when value.is_bytes().
  explicit Bytes(Value value) : Value(value) { PROTO_DCHECK(value.is_bytes()); }
  bool valid() const { return !is_none(); }

  // ---- making ----

  static Bytes empty(Context& ctx) { return from(ctx, std::string_view()); }
  /// O(size): about 0.2 ns a byte.
  static Bytes from(Context& ctx, std::string_view bytes);
  static Bytes from(Context& ctx, std::span<const std::byte> bytes) {
    return from(ctx, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  /// A copy of bytes [from, to) of an external buffer (heap/external.h), as they are now; kInvalidArgument if it is none.
  static Bytes from_buffer(Context& ctx, Value buffer, uint64_t from = 0, uint64_t to = UINT64_MAX);
  /// The UTF-8 bytes of a string. O(size).
  static Bytes of_string(Context& ctx, const String& string);
  /// What the digits stand for; kInvalidArgument with the position of the first wrong one.
  static Bytes from_hex(Context& ctx, std::string_view digits);
  /// Either alphabet, with or without padding.
  static Bytes from_base64(Context& ctx, std::string_view digits);

  // ---- reading ----

  uint64_t size() const;
  bool is_empty() const { return size() == 0; }
  /// The byte at an offset; none beyond the end. O(log n).
  std::optional<uint8_t> at(uint64_t offset) const;
  /// Bytes from `offset` to the end of the run in which it stands; empty at the end. They stay where they are as long as the value is
  /// reachable.
  std::string_view block_at(uint64_t offset) const { return internal::RopeParts(*this).block_at(offset); }
  /// Calls visit(std::string_view) with each contiguous run, in order. Allocates nothing.
  template <class Visit>
  void visit_blocks(Visit&& visit) const {
    const internal::RopeParts parts(*this);
    for (uint64_t at = 0; at < parts.size();) {
      const std::string_view block = parts.block_at(at);
      visit(block);
      at += block.size();
    }
  }
  std::string to_std_string() const;
  /// Copies bytes from `from` on, at most `room` of them, and returns how many. Allocates nothing.
  size_t copy(char* out, size_t room, uint64_t from = 0) const;
  /// Copies all into an external buffer from `offset` on; false (kRange, kInvalidArgument) if it has not the room or is none.
  bool copy_to_buffer(Context& ctx, Value buffer, uint64_t offset = 0) const;
  String to_hex(Context& ctx) const;
  String to_base64(Context& ctx, text::Base64 alphabet = text::Base64::kStandard) const;
  /// As String::from_utf8.
  String to_string(Context& ctx) const;

  /// Where `needle` first begins at or after `from`, or last begins at or before it. O(size).
  std::optional<uint64_t> find(Context& ctx, const Bytes& needle, uint64_t from = 0) const;
  std::optional<uint64_t> find_last(Context& ctx, const Bytes& needle, uint64_t from = UINT64_MAX) const;
  bool contains(Context& ctx, const Bytes& needle) const { return find(ctx, needle).has_value(); }
  bool starts_with(Context& ctx, const Bytes& prefix) const;
  bool ends_with(Context& ctx, const Bytes& suffix) const;

  /// By contents. O(what they do not share).
  bool equals(Context& ctx, const Bytes& other) const { return *this == other || internal::equal(ctx, *this, other); }
  /// As numbers from 0 to 255, the first difference decides. <0, 0, >0.
  int compare(Context& ctx, const Bytes& other) const;
  uint64_t hash(Context& ctx) const;

  // ---- new versions ----

  [[nodiscard]] Bytes append(Context& ctx, uint8_t byte) const;
  [[nodiscard]] Bytes append(Context& ctx, std::string_view bytes) const;
  [[nodiscard]] Bytes concatenate(Context& ctx, const Bytes& other) const;
  /// Bytes [from, to); `to` may be beyond the end.
  [[nodiscard]] Bytes slice(Context& ctx, uint64_t from, uint64_t to = UINT64_MAX) const;
  /// Other bytes in place of [from, to).
  [[nodiscard]] Bytes splice(Context& ctx, uint64_t from, uint64_t to, const Bytes& bytes) const;
  [[nodiscard]] Bytes repeat(Context& ctx, uint64_t times) const;

  /// Verifies cells and counts; kCorruption says what is wrong. O(size). For tests.
  Status check() const { return internal::check<internal::BytesNodes>(*this); }

 private:
  static Bytes wrap(Value value) { return value.is_none() ? Bytes() : Bytes(value); }
};

/// Makes bytes piece by piece, as StringBuilder.
class BytesBuilder {
 public:
  explicit BytesBuilder(Context& ctx) : bytes_(ctx) {}
  void append(std::string_view bytes) { bytes_.append(bytes); }
  void append(uint8_t byte) {
    const char c = static_cast<char>(byte);
    bytes_.append({&c, 1});
  }
  void append(const Bytes& bytes) {
    bytes.visit_blocks([this](std::string_view block) { bytes_.append(block); });
  }
  uint64_t size() const { return bytes_.size(); }
  /// What was appended; the builder is empty then. Invalid when an error is pending.
  Bytes finish() {
    const Value value = bytes_.finish();
    return value.is_none() ? Bytes() : Bytes(value);
  }

 private:
  internal::RopeBuilder<internal::BytesNodes> bytes_;
};

/// Enters the kinds of byte strings; called once by register_kinds().
void register_bytes_kinds();

}  // namespace proto
