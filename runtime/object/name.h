// Names of attributes.
#pragma once

#include <string>
#include <string_view>

#include "runtime/heap/intern_table.h"
#include "runtime/heap/root_list.h"
#include "runtime/value/value.h"

namespace proto {

/// A name made once and used often: keeps its string alive wherever it stands. Names of up to 7 bytes need none.
/// Belongs to the space of its context, which must outlive it.
class Symbol {
 public:
  Symbol() = default;
  /// O(size). A failure (memory limit) leaves an empty name.
  Symbol(Context& ctx, std::string_view text) : value_(intern(ctx, text)) {
    if (value_.is_cell()) root_ = Root(ctx, value_);
  }
  Value value() const { return value_; }

 private:
  Value value_;
  Root root_;
};

/// The name of an attribute: given as text, as a Symbol or as a string value. Texts of up to 7 bytes cost nothing;
/// longer ones are looked up in the table of interned strings each time: use a Symbol where that matters. Lives as long
/// as the call that it is an argument of; `text` must live as long.
class Name {
 public:
  template <size_t N>
  [[gnu::always_inline]] Name(const char (&text)[N])
      : Name(static_cast<const char*>(text)) {}  // NOLINT: implicit by design
  [[gnu::always_inline]] Name(const char* text)
      : Name(std::string_view(text, __builtin_strlen(text))) {}  // NOLINT: the same
  [[gnu::always_inline]] Name(std::string_view text) {           // NOLINT: the same
    if (text.size() > Value::kMaxShortString) {
      text_ = text.data();
      size_ = text.size();
    } else {
      value_ = Value::from_word(load(text.data(), text.size()) << 8 | text.size() << 3 | Value::kStringTag);
      interned_ = true;
    }
  }
  Name(const std::string& text) : Name(std::string_view(text)) {}                        // NOLINT: the same
  Name(const Symbol& symbol) : value_(symbol.value()), interned_(value_.is_string()) {}  // NOLINT: the same
  /// Any string. Other values fail when the name is used.
  Name(Value value) : value_(value), interned_(value.is_short_string()) {}  // NOLINT: the same

  /// The interned string; none and an error if there is none.
  Value word(Context& ctx) const {
    if (__builtin_expect(interned_, 1)) return value_;
    return word_slow(ctx);
  }

 private:
  // Up to seven bytes as a little-endian number; of a literal, a constant. Whole loads, since a word that is put
  // together of stores to memory has to wait for them.
  [[gnu::always_inline]] static uint64_t load(const char* bytes, size_t size) {
    if (size >= 4) return load_as<uint32_t>(bytes) | load_as<uint32_t>(bytes + size - 4) << (8 * (size - 4));
    if (size >= 2) return load_as<uint16_t>(bytes) | load_as<uint8_t>(bytes + size - 1) << (8 * (size - 1));
    return size == 0 ? 0 : load_as<uint8_t>(bytes);
  }
  template <class T>
  [[gnu::always_inline]] static uint64_t load_as(const char* bytes) {
    T part;
    __builtin_memcpy(&part, bytes, sizeof(part));
    return part;
  }
  Value word_slow(Context& ctx) const;

  Value value_;
  const char* text_ = nullptr;
  size_t size_ = 0;
  bool interned_ = false;  // value_ is the word
};

}  // namespace proto
