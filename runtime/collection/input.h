// Values given as C++ values.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "runtime/heap/context.h"
#include "runtime/value/value.h"

namespace proto {

/// An argument that becomes a Value: a Value or what wraps one (List, String, ...), booleans, numbers, texts (UTF-8),
/// characters (char32_t), dates, timestamps and spans. What fits the word costs nothing. Lives as long as the call that it is an
/// argument of; a text must live as long.
class Input {
 public:
  Input(Value value) : value_(value) {}                                 // NOLINT: implicit by design, as all of these
  Input(std::nullptr_t) {}                                              // NOLINT
  Input(bool value) : value_(Value::boolean(value)) {}                  // NOLINT
  Input(char32_t code_point) : value_(Value::character(code_point)) {}  // NOLINT
  Input(Date date) : value_(Value::date(date)) {}                       // NOLINT
  template <class T>
    requires(std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char32_t> && !std::same_as<T, char> &&
             sizeof(T) <= 8)
  Input(T value) {  // NOLINT
    if (std::in_range<int64_t>(value) && Value::fits_integer(static_cast<int64_t>(value))) {
      value_ = Value::integer(static_cast<int64_t>(value));
    } else {
      form_ = std::is_signed_v<T> ? Form::kSigned : Form::kUnsigned;
      bits_ = static_cast<uint64_t>(value);
    }
  }
  Input(double value) {  // NOLINT
    if (Value::fits_double(value)) {
      value_ = Value::small_double(value);
    } else {
      form_ = Form::kDouble;
      bits_ = std::bit_cast<uint64_t>(value);
    }
  }
  Input(Timestamp time) {  // NOLINT
    if (Value::fits(time)) {
      value_ = Value::timestamp(time);
    } else {
      form_ = Form::kBadTimestamp;
    }
  }
  Input(TimeSpan span) {  // NOLINT
    if (Value::fits(span)) {
      value_ = Value::short_span(span);
    } else {
      form_ = Form::kSpan;
      bits_ = static_cast<uint64_t>(span.microseconds);
    }
  }
  Input(std::string_view text) : form_(Form::kText), bits_(text.size()), text_(text.data()) {}  // NOLINT
  Input(const char* text) : Input(std::string_view(text)) {}                                     // NOLINT
  Input(const std::string& text) : Input(std::string_view(text)) {}                              // NOLINT
  /// What wraps a value.
  template <class T>
    requires(!std::same_as<T, Value> && std::derived_from<T, Value>)
  Input(const T& value) : value_(value) {}  // NOLINT

  /// The value; none and an error if a text is not UTF-8 or memory is at its limit.
  Value value(Context& ctx) const { return __builtin_expect(form_ == Form::kReady, 1) ? value_ : value_slow(ctx); }

 private:
  enum class Form : uint8_t { kReady, kSigned, kUnsigned, kDouble, kSpan, kBadTimestamp, kText };
  Value value_slow(Context& ctx) const;

  Form form_ = Form::kReady;
  uint64_t bits_ = 0;
  const char* text_ = nullptr;
  Value value_;
};

/// C++ values that are not Values already, but become one as an Input: what collections' functions take beside Values.
template <class T>
concept Convertible = !std::convertible_to<const T&, Value> && std::constructible_from<Input, const T&>;

/// The Value of an argument of either kind.
template <class T>
Value to_value(Context& ctx, const T& given) {
  if constexpr (std::convertible_to<const T&, Value>) {
    return given;
  } else {
    return Input(given).value(ctx);
  }
}

}  // namespace proto
