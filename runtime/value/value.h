// Value: what a variable, an attribute or an element of a collection holds. One 64-bit word.
//
// The low three bits tell what the word is:
//
//   0 3 4  double        the bits rotated left by 4, so the tag is the top of the exponent: every double with an exponent
//                        of -255..256 and zero is immediate ("float self-tagging", Melancon, Feeley and Serrano, 2024);
//                        the others are boxed. The word 0 is +0.0, so zeroed memory holds harmless values.
//   1      cell          address + 1; cells are aligned to 16 bytes
//   2      integer       61 bits, two's complement, above the tag; larger ones are cells
//   5      short string  bits 3..5 the length (0..7), then up to 7 bytes of UTF-8, unused ones zero
//   6      timestamp     61 bits: microseconds since 1970-01-01T00:00:00Z
//   7      others        bits 3..7 which one: none, false, true, character, date, span (56 bits of microseconds)
//
// Equal words are the same value. The reverse holds for everything that is immediate or interned (strings of up to 256
// bytes, symbols, most tuples), and for mutable objects, which are equal only to themselves. What else is equal is told by
// equal() in operations.h.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "runtime/base/check.h"
#include "runtime/value/cell.h"

namespace proto {

class Arguments;
class Context;
class Name;
class Input;

/// Microseconds since 1970-01-01T00:00:00Z.
struct Timestamp {
  int64_t microseconds = 0;
  bool operator==(const Timestamp&) const = default;
};
/// A length of time in microseconds, positive or negative.
struct TimeSpan {
  int64_t microseconds = 0;
  bool operator==(const TimeSpan&) const = default;
};
/// Days since 1970-01-01 in the proleptic Gregorian calendar.
struct Date {
  int32_t days = 0;
  bool operator==(const Date&) const = default;
};

/// A value: trivially copyable, compared and hashed as a word. Whatever cell it names stays alive while the word stands on
/// a thread's stack, in a register, in a root, or in a cell that is reached from one.
class Value {
 public:
  enum Tag : uint64_t { kDoubleTiny = 0, kCellTag = 1, kIntegerTag = 2, kDoubleBelow = 3, kDoubleAbove = 4,
                        kStringTag = 5, kTimestampTag = 6, kOtherTag = 7 };
  enum Other : uint64_t { kNone = 0, kFalse = 1, kTrue = 2, kCharacter = 3, kDate = 4, kSpan = 5 };

  static constexpr int64_t kMaxSmallInteger = (int64_t{1} << 60) - 1;
  static constexpr int64_t kMinSmallInteger = -(int64_t{1} << 60);
  static constexpr size_t kMaxShortString = 7;

  // ---- making (no allocation) ----

  /// None: the value of what is absent.
  constexpr Value() : word_(other_word(kNone, 0)) {}
  static constexpr Value from_word(uint64_t word) { return Value(word); }
  static constexpr Value boolean(bool value) { return Value(other_word(value ? kTrue : kFalse, 0)); }
  static constexpr bool fits_integer(int64_t value) { return value >= kMinSmallInteger && value <= kMaxSmallInteger; }
  /// Only when fits_integer(value); make_integer (runtime/number/number.h) takes any.
  static constexpr Value integer(int64_t value) { return Value(static_cast<uint64_t>(value) << 3 | kIntegerTag); }
  static constexpr bool fits_double(double value) {
    const uint64_t tag = std::rotl(std::bit_cast<uint64_t>(value), 4) & 7;
    return is_double_tag(tag);
  }
  /// Only when fits_double(value); make_double (runtime/number/number.h) takes any.
  static constexpr Value small_double(double value) { return Value(std::rotl(std::bit_cast<uint64_t>(value), 4)); }
  static constexpr Value character(char32_t code_point) { return Value(other_word(kCharacter, code_point)); }
  static constexpr Value date(Date date) {
    return Value(other_word(kDate, static_cast<uint32_t>(date.days)));
  }
  static constexpr bool fits(Timestamp time) { return fits_integer(time.microseconds); }
  /// Only when fits(time): the years -34,000 to 38,000.
  static constexpr Value timestamp(Timestamp time) {
    return Value(static_cast<uint64_t>(time.microseconds) << 3 | kTimestampTag);
  }
  static constexpr bool fits(TimeSpan span) {
    return span.microseconds >= -(int64_t{1} << 55) && span.microseconds < (int64_t{1} << 55);
  }
  /// Only when fits(span): up to 1,141 years; make_span (runtime/number/number.h) takes any.
  static constexpr Value short_span(TimeSpan span) {
    return Value(other_word(kSpan, static_cast<uint64_t>(span.microseconds)));
  }
  /// Only when text.size() <= kMaxShortString; the bytes must be UTF-8.
  static constexpr Value short_string(std::string_view text) {
    uint64_t word = text.size() << 3 | kStringTag;
    for (size_t i = 0; i < text.size(); ++i) word |= uint64_t{static_cast<uint8_t>(text[i])} << (8 + 8 * i);
    return Value(word);
  }
  static Value cell(const Cell* cell) { return Value(reinterpret_cast<uintptr_t>(cell) + kCellTag); }

  // ---- asking ----

  constexpr uint64_t word() const { return word_; }
  constexpr uint64_t tag() const { return word_ & 7; }
  constexpr bool is_none() const { return word_ == other_word(kNone, 0); }
  constexpr bool is_boolean() const { return word_ == other_word(kFalse, 0) || word_ == other_word(kTrue, 0); }
  constexpr bool is_small_integer() const { return tag() == kIntegerTag; }
  constexpr bool is_immediate_double() const { return is_double_tag(tag()); }
  constexpr bool is_character() const { return is_other(kCharacter); }
  constexpr bool is_date() const { return is_other(kDate); }
  constexpr bool is_timestamp() const { return tag() == kTimestampTag; }
  constexpr bool is_short_span() const { return is_other(kSpan); }
  constexpr bool is_short_string() const { return tag() == kStringTag; }
  constexpr bool is_cell() const { return tag() == kCellTag; }
  bool is_cell_of(CellKind kind) const { return is_cell() && as_cell()->kind() == kind; }
  /// The same word: identical, not merely equal.
  constexpr bool operator==(const Value&) const = default;

  // The kinds that have several forms.
  bool is_integer() const { return is_small_integer() || is_cell_of(CellKind::kInteger); }
  bool is_double() const { return is_immediate_double() || is_cell_of(CellKind::kBoxedDouble); }
  bool is_number() const { return is_integer() || is_double(); }
  bool is_span() const { return is_short_span() || is_cell_of(CellKind::kBoxedSpan); }
  bool is_string() const { return is_short_string() || is_cell_between(CellKind::kFlatString, CellKind::kRope); }
  bool is_bytes() const { return is_cell_of(CellKind::kFlatBytes) || is_cell_of(CellKind::kBytes); }
  bool is_tuple() const { return is_cell_of(CellKind::kTuple); }
  bool is_list() const { return is_cell_between(CellKind::kSmallList, CellKind::kList); }
  bool is_sparse_list() const { return is_cell_of(CellKind::kSparseList); }
  bool is_dictionary() const { return is_cell_between(CellKind::kSmallDictionary, CellKind::kDictionary); }
  bool is_set() const { return is_cell_between(CellKind::kSmallSet, CellKind::kSet); }
  bool is_multiset() const { return is_cell_between(CellKind::kSmallMultiset, CellKind::kMultiset); }
  bool is_object() const { return is_cell_between(CellKind::kObject, CellKind::kMutableObject); }
  bool is_mutable_object() const { return is_cell_of(CellKind::kMutableObject); }
  bool is_method() const { return is_cell_between(CellKind::kMethod, CellKind::kBoundMethod); }
  /// False for none and false, true for all others.
  constexpr bool truthy() const { return word_ != other_word(kNone, 0) && word_ != other_word(kFalse, 0); }

  // ---- reading (each only when the value is of the kind) ----

  constexpr bool as_boolean() const { return word_ == other_word(kTrue, 0); }
  constexpr int64_t as_small_integer() const { return static_cast<int64_t>(word_) >> 3; }
  /// The double of an immediate or boxed one.
  double as_double() const {
    if (is_immediate_double()) return std::bit_cast<double>(std::rotr(word_, 4));
    double boxed;
    std::memcpy(&boxed, reinterpret_cast<const char*>(as_cell()) + sizeof(Cell), sizeof(boxed));
    return boxed;
  }
  constexpr char32_t as_character() const { return static_cast<char32_t>(word_ >> 8); }
  constexpr Date as_date() const { return {static_cast<int32_t>(word_ >> 8)}; }
  constexpr Timestamp as_timestamp() const { return {static_cast<int64_t>(word_) >> 3}; }
  TimeSpan as_span() const {
    if (is_short_span()) return {static_cast<int64_t>(word_) >> 8};
    TimeSpan boxed;
    std::memcpy(&boxed, reinterpret_cast<const char*>(as_cell()) + sizeof(Cell), sizeof(boxed));
    return boxed;
  }
  /// Length in bytes and bytes of a short string; `bytes` has room for 7.
  constexpr size_t short_string_size() const { return word_ >> 3 & 7; }
  void copy_short_string(char* bytes) const {
    for (size_t i = 0; i < short_string_size(); ++i) bytes[i] = static_cast<char>(word_ >> (8 + 8 * i));
  }
  Cell* as_cell() const { return reinterpret_cast<Cell*>(word_ - kCellTag); }

  // ---- attributes (runtime/object/object.h says what these mean; every value has a prototype, so all may be asked) ----

  /// The attribute, its own or inherited; none when there is none. Hot: about 2 ns.
  Value get(Context& ctx, const Name& name) const;
  /// True if the value itself, or with `inherited` a prototype of it, has the attribute, even if that is none.
  bool has(Context& ctx, const Name& name, bool inherited = true) const;
  /// An immutable object with the attribute set: a new version. Of a mutable object: of its present state.
  [[nodiscard]] Value with(Context& ctx, const Name& name, const Input& value) const;
  /// The same without the attribute.
  [[nodiscard]] Value without(Context& ctx, const Name& name) const;
  /// Sets an attribute of a mutable object, atomically. False after an error (an immutable object, no memory), which ctx keeps.
  bool set(Context& ctx, const Name& name, const Input& value) const;
  /// Removes an attribute of a mutable object; false if it had none.
  bool remove(Context& ctx, const Name& name) const;
  /// Sets an attribute of a mutable object if it is `expected` (identical, or equal for numbers and strings).
  bool compare_and_set(Context& ctx, const Name& name, const Input& expected, const Input& desired) const;
  /// A new immutable object without attributes whose prototype is this value.
  [[nodiscard]] Value new_child(Context& ctx) const;
  /// A new mutable object without attributes whose prototype is this value.
  [[nodiscard]] Value new_mutable(Context& ctx) const;
  /// Calls the method `name` with this value as self. None and an error if there is none.
  template <class... Inputs>
  Value call(Context& ctx, const Name& name, const Inputs&... arguments) const;
  Value call_with(Context& ctx, const Name& name, const Arguments& arguments) const;

 private:
  explicit constexpr Value(uint64_t word) : word_(word) {}
  static constexpr uint64_t other_word(Other which, uint64_t payload) {
    return payload << 8 | uint64_t{which} << 3 | kOtherTag;
  }
  static constexpr bool is_double_tag(uint64_t tag) { return (0b11001 >> tag & 1) != 0; }
  constexpr bool is_other(Other which) const { return (word_ & 0xFF) == (uint64_t{which} << 3 | kOtherTag); }
  bool is_cell_between(CellKind first, CellKind last) const {
    if (!is_cell()) return false;
    const CellKind kind = as_cell()->kind();
    return kind >= first && kind <= last;
  }

  uint64_t word_;
};
static_assert(sizeof(Value) == 8);

}  // namespace proto
