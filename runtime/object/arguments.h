// What a method is called with.
#pragma once

#include <span>

#include "runtime/collection/input.h"
#include "runtime/object/name.h"

namespace proto {

/// A keyword argument of Value::call: account.call(ctx, "move", 3, Keyword{"unit", "m"}).
struct Keyword {
  Name name;
  Input value;
};

/// Positional and keyword arguments, on the stack of the caller: valid during the call. Two words; pass by value.
class Arguments {
 public:
  constexpr Arguments() = default;
  /// Positional ones only.
  Arguments(std::span<const Value> values)
      : Arguments(values.data(), values.size(), 0) {}  // NOLINT: implicit by design
  /// `values` holds the positional ones, then the values of the keywords, then their names in the same order (interned:
  /// Name::word).
  Arguments(const Value* values, size_t positional, size_t keywords)
      : values_(values), positional_(static_cast<uint32_t>(positional)), keywords_(static_cast<uint32_t>(keywords)) {}

  /// Number of positional arguments.
  size_t size() const { return positional_; }
  /// The positional argument; none beyond the last.
  Value operator[](size_t index) const { return index < positional_ ? values_[index] : Value(); }
  std::span<const Value> positional() const { return {values_, positional_}; }

  size_t keyword_count() const { return keywords_; }
  Value keyword_name(size_t index) const { return values_[positional_ + keywords_ + index]; }
  Value keyword_value(size_t index) const { return values_[positional_ + index]; }
  /// The value given for a keyword; null if it was not given. O(keywords).
  const Value* find_keyword(Context& ctx, const Name& name) const {
    const Value word = name.word(ctx);
    for (uint32_t i = 0; i < keywords_; ++i) {
      if (keyword_name(i) == word) return &values_[positional_ + i];
    }
    return nullptr;
  }
  /// The same; none if it was not given.
  Value keyword(Context& ctx, const Name& name) const {
    const Value* found = find_keyword(ctx, name);
    return found == nullptr ? Value() : *found;
  }
  /// The argument at a position or, if there are fewer, of a keyword: for parameters that may be given either way.
  Value get(Context& ctx, size_t index, const Name& name) const {
    return index < positional_ ? values_[index] : keyword(ctx, name);
  }

  /// All words: positional values, keyword values, keyword names.
  std::span<const Value> words() const { return {values_, positional_ + size_t{2} * keywords_}; }

 private:
  const Value* values_ = nullptr;
  uint32_t positional_ = 0;
  uint32_t keywords_ = 0;
};
static_assert(sizeof(Arguments) == 16);

}  // namespace proto
