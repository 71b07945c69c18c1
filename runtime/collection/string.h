// String: immutable text, valid UTF-8 throughout. Every change gives a new version that shares with the old one what it can.
//
// Forms, by length alone. Up to 7 bytes stand in the value itself. Up to 256 bytes are one contiguous cell, interned: equal
// strings of that length are one object in every space. Longer ones are ropes: a tree of leaves of up to 2 KiB (runtime/avl)
// and a *tail*, a buffer that versions share as lists do, so appending to the newest version makes one cell of 64 bytes.
// Two ropes that were found to be equal share one tree from then on. Only a symbol (intern_string) may be longer and flat.
//
// Positions are code points unless a name says bytes; both are O(log n), and the same for ASCII. A position beyond the end or
// within a code point is kRange. Searching gives positions of code points; find_bytes is faster by the conversion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/collection/internal/rope.h"
#include "runtime/collection/list.h"
#include "runtime/heap/context.h"
#include "runtime/text/unicode.h"
#include "runtime/value/value.h"

namespace proto {

class StringCursor;

/// A Value that is a string; one word, copied freely. Any thread may read it. Functions that take a Context and return a String
/// may fail (an error is pending, a position is out of range, the memory limit): valid() of the result is false then.
class String : public Value {
 public:
  static constexpr size_t kMaxFlatBytes = internal::kMaxFlatBytes;

  /// No string. Everything but valid() wants a real one.
  constexpr String() = default;
  /// Only when value.is_string().
  explicit String(Value value) : Value(value) { PROTO_DCHECK(value.is_string()); }
  bool valid() const { return !is_none(); }

  // ---- making ----

  static String empty() { return String(short_string("")); }
  /// kInvalidArgument, with the position of the first byte at fault, unless the bytes are UTF-8. O(size): about 0.3 ns a byte.
  static String from_utf8(Context& ctx, std::string_view bytes);
  /// With U+FFFD in place of what is not UTF-8.
  static String from_utf8_lossy(Context& ctx, std::string_view bytes);
  /// Of bytes that are known to be UTF-8.
  static String from_valid(Context& ctx, std::string_view text);
  /// kInvalidArgument if it is a surrogate or beyond 0x10FFFF.
  static String from_code_point(Context& ctx, char32_t code_point);
  static String from_code_points(Context& ctx, std::u32string_view code_points);

  // ---- reading ----

  /// Code points. O(1) for ropes and flat strings.
  uint64_t size() const;
  uint64_t size_bytes() const;
  bool is_empty() const { return word() == short_string("").word(); }
  /// True if all is ASCII. O(1) but for short strings.
  bool is_ascii() const { return size() == size_bytes(); }
  /// The code point at a position; nothing beyond the end.
  std::optional<char32_t> at(uint64_t index) const;
  /// The byte at an offset, which must be below size_bytes().
  uint8_t byte_at(uint64_t offset) const;
  /// Offset in bytes of a code point (of the end for size()), and the reverse (an offset within a code point counts up to it).
  uint64_t offset_of(uint64_t index) const;
  uint64_t index_of_offset(uint64_t offset) const;
  /// True if no code point is cut at this offset.
  bool is_boundary(uint64_t offset) const;

  std::string to_std_string() const;
  /// Appends bytes [from, to).
  void append_to(std::string& out, uint64_t from = 0, uint64_t to = UINT64_MAX) const;
  /// Copies bytes from offset `from` on, at most `room` of them, and returns how many. Allocates nothing.
  size_t copy(char* out, size_t room, uint64_t from = 0) const;
  /// Calls visit(std::string_view) with each contiguous run of whole code points, in order. Allocates nothing.
  template <class Visit>
  void visit_blocks(Visit&& visit) const;
  /// `for (char32_t code_point : text)`. Allocates nothing; about 1 ns for ASCII.
  StringCursor begin() const;
  std::default_sentinel_t end() const { return {}; }

  // ---- searching: O(size), about 0.1 ns a byte ----

  /// Where `needle` first begins at or after `from`.
  std::optional<uint64_t> find(Context& ctx, const String& needle, uint64_t from = 0) const;
  /// Where `needle` last begins at or before `from`.
  std::optional<uint64_t> find_last(Context& ctx, const String& needle, uint64_t from = UINT64_MAX) const;
  /// The same with offsets.
  std::optional<uint64_t> find_bytes(Context& ctx, const String& needle, uint64_t from = 0) const;
  std::optional<uint64_t> find_last_bytes(Context& ctx, const String& needle, uint64_t from = UINT64_MAX) const;
  bool contains(Context& ctx, const String& needle) const { return find_bytes(ctx, needle).has_value(); }
  bool starts_with(Context& ctx, const String& prefix) const;
  bool ends_with(Context& ctx, const String& suffix) const;
  /// How often `needle` occurs without overlap; an empty one size() + 1 times.
  uint64_t count(Context& ctx, const String& needle) const;

  // ---- comparing ----

  /// By contents. O(1) for strings of up to 256 bytes and for ropes that were compared before; else O(what they do not share).
  bool equals(Context& ctx, const String& other) const { return *this == other || equals_slow(ctx, other); }
  bool equals(Context& ctx, std::string_view other) const;
  /// By code points. <0, 0, >0.
  int compare(Context& ctx, const String& other) const;
  /// As hash() of a value.
  uint64_t hash(Context& ctx) const;

  // ---- new versions ----

  [[nodiscard]] String append(Context& ctx, char32_t code_point) const;
  [[nodiscard]] String append(Context& ctx, const String& other) const { return concatenate(ctx, other); }
  [[nodiscard]] String concatenate(Context& ctx, const String& other) const;
  /// Code points [from, to); `to` may be beyond the end.
  [[nodiscard]] String slice(Context& ctx, uint64_t from, uint64_t to = UINT64_MAX) const;
  [[nodiscard]] String slice_bytes(Context& ctx, uint64_t from, uint64_t to = UINT64_MAX) const;
  /// Other text in place of code points [from, to).
  [[nodiscard]] String splice(Context& ctx, uint64_t from, uint64_t to, const String& text) const;
  [[nodiscard]] String insert(Context& ctx, uint64_t index, const String& text) const { return splice(ctx, index, index, text); }
  [[nodiscard]] String erase(Context& ctx, uint64_t from, uint64_t to) const { return splice(ctx, from, to, empty()); }
  /// Itself so many times. O(log n log times).
  [[nodiscard]] String repeat(Context& ctx, uint64_t times) const;

  // ---- the whole text, O(size) ----

  /// The first `limit` occurrences replaced, from the left, without overlap. An empty needle is before each code point and at the
  /// end.
  [[nodiscard]] String replace(Context& ctx, const String& needle, const String& text, uint64_t limit = UINT64_MAX) const;
  /// The parts between separators, at most `limit` cuts; an empty separator is kInvalidArgument.
  [[nodiscard]] List split(Context& ctx, const String& separator, uint64_t limit = UINT64_MAX) const;
  /// The runs of what is not white space.
  [[nodiscard]] List split_words(Context& ctx) const;
  /// The lines without their ends (LF, CR LF, CR); a last line without end counts if it is not empty.
  [[nodiscard]] List split_lines(Context& ctx) const;
  /// The strings of a list with this one between them; kInvalidArgument if one is no string.
  [[nodiscard]] String join(Context& ctx, const List& parts) const;
  [[nodiscard]] String upper(Context& ctx) const;
  [[nodiscard]] String lower(Context& ctx) const;
  [[nodiscard]] String title(Context& ctx) const;
  /// Case folded: what differs in case only becomes the same.
  [[nodiscard]] String fold(Context& ctx) const;
  [[nodiscard]] String normalize(Context& ctx, text::NormalForm form = text::NormalForm::kNfc) const;
  /// Code points from the last to the first.
  [[nodiscard]] String reverse(Context& ctx) const;
  /// Without white space at the ends.
  [[nodiscard]] String trim(Context& ctx) const { return trim_ends(ctx, true, true); }
  [[nodiscard]] String trim_start(Context& ctx) const { return trim_ends(ctx, true, false); }
  [[nodiscard]] String trim_end(Context& ctx) const { return trim_ends(ctx, false, true); }

  /// Verifies cells, counts and UTF-8; kCorruption says what is wrong. O(size). For tests.
  Status check() const;

 private:
  static String wrap(Value value) { return value.is_none() ? String() : String(value); }
  template <class Append>
  String transformed(Context& ctx, Append&& append) const;
  bool equals_slow(Context& ctx, const String& other) const;
  /// Bytes [from, to), which cut no code point.
  String slice_at(Context& ctx, uint64_t from, uint64_t to) const;
  String trim_ends(Context& ctx, bool start, bool end) const;
};

/// Walks the code points of a string forwards. About 100 bytes, allocates nothing; the string must stay reachable.
class StringCursor {
 public:
  using value_type = char32_t;
  using difference_type = ptrdiff_t;

  explicit StringCursor(const String& string) : parts_(string) { next_block(); }
  char32_t operator*() const {
    return static_cast<uint8_t>(*at_) < 0x80 ? static_cast<char32_t>(*at_) : text::decode(at_);
  }
  StringCursor& operator++() {
    at_ += text::sequence_length(*at_);
    if (at_ == end_) next_block();
    return *this;
  }
  bool operator==(std::default_sentinel_t) const { return at_ == end_; }
  /// Offset in bytes of the code point here.
  uint64_t offset() const { return next_ - static_cast<uint64_t>(end_ - at_); }

 private:
  void next_block() {
    const std::string_view block = parts_.block_at(next_);
    at_ = block.data(), end_ = at_ + block.size();
    next_ += block.size();
  }
  internal::RopeParts parts_;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  uint64_t next_ = 0;  // offset of the first byte after this block
};

inline StringCursor String::begin() const { return StringCursor(*this); }

template <class Visit>
void String::visit_blocks(Visit&& visit) const {
  const internal::RopeParts parts(*this);
  for (uint64_t at = 0; at < parts.size();) {
    const std::string_view block = parts.block_at(at);
    visit(block);
    at += block.size();
  }
}

/// Makes a string piece by piece: 1 ns a piece and 0.3 ns a byte. Lives on the stack, and all its calls are made in the frame
/// (the Context) in which it was made. One thread.
class StringBuilder {
 public:
  explicit StringBuilder(Context& ctx) : bytes_(ctx) {}

  /// Valid UTF-8.
  void append(std::string_view text) {
    PROTO_DCHECK(text::is_valid(text));
    bytes_.append(text);
  }
  /// A scalar value.
  void append(char32_t code_point) {
    char bytes[4];
    bytes_.append({bytes, text::encode(code_point, bytes)});
  }
  void append(const String& string) {
    string.visit_blocks([this](std::string_view block) { bytes_.append(block); });
  }
  uint64_t size_bytes() const { return bytes_.size(); }
  /// The string of all that was appended; the builder is empty then. An invalid String when an error is pending.
  String finish() {
    const Value value = bytes_.finish();
    return value.is_none() ? String() : String(value);
  }

 private:
  internal::RopeBuilder<internal::TextNodes> bytes_;
};

/// Enters the kinds of strings; called once by register_kinds().
void register_string_kinds();

}  // namespace proto
