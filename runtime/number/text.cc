// Numbers as text, and from text.
#include "runtime/limb/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "runtime/limb/workspace.h"
#include "runtime/number/internal/integer_result.h"

namespace proto {

using internal::IntegerResult;
using internal::LongComputation;

void append_integer(Context& ctx, std::string& out, Value integer, unsigned radix) {
  const IntegerView view(integer);
  if (view.negative()) out += '-';
  if (view.size() <= 1) {
    char digits[limb::kLimbBits];
    const uint64_t number = view.is_zero() ? 0 : view.magnitude()[0];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, number, static_cast<int>(radix)).ptr);
    return;
  }
  const LongComputation computation(ctx, uint64_t{view.size()} * view.size());
  limb::append_text(out, view.magnitude(), radix);
}

// Fixed notation where people use it, as in most languages: from 0.0001 to below 10^16.
void append_double(std::string& out, double value) {
  char text[64];
  const double magnitude = std::fabs(value);
  const bool fixed = (magnitude >= 1e-4 && magnitude < 1e16) || value == 0;
  char* const end = std::isnan(value) ? std::copy_n("nan", 3, text)
                    : fixed           ? std::to_chars(text, text + sizeof text, value, std::chars_format::fixed).ptr
                            : std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
  const std::string_view written(text, static_cast<size_t>(end - text));
  out += written;
  if (fixed && written.find('.') == std::string_view::npos) out += ".0";
}

void append_number(Context& ctx, std::string& out, Value number) {
  if (number.is_double()) return append_double(out, number.as_double());
  append_integer(ctx, out, number);
}

namespace {

Value fail_text(Context& ctx, const char* what, std::string_view text, size_t at) {
  constexpr size_t kShown = 40;
  std::string message = std::string("not ") + what + ": '" + std::string(text.substr(0, kShown));
  if (text.size() > kShown) message += "...";
  return ctx.fail(Status(StatusCode::kInvalidArgument, message + "' (at character " + std::to_string(at + 1) + ')'));
}

/// An integer's text, taken apart.
struct IntegerText {
  bool negative = false;
  unsigned radix = 10;
  std::string_view digits;
  /// Radix 0 looks for a prefix.
  IntegerText(std::string_view text, unsigned wanted_radix) : radix(wanted_radix), digits(text) {
    if (digits.starts_with('-') || digits.starts_with('+')) {
      negative = digits.front() == '-';
      digits.remove_prefix(1);
    }
    if (radix == 0) take_prefix();
  }
  bool valid() const { return !digits.empty() && limb::first_non_digit(digits, radix) == digits.size(); }

 private:
  void take_prefix() {
    radix = 10;
    if (digits.size() < 2 || digits[0] != '0') return;
    const char letter = static_cast<char>(digits[1] | 0x20);
    radix = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
    if (radix != 10) digits.remove_prefix(2);
  }
};

/// Of valid text.
Value read_integer(Context& ctx, const IntegerText& text) {
  // Leading zeros would ask for room that the number does not need.
  std::string_view digits = text.digits;
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  const size_t room = limb::limbs_for_digits(digits.size(), text.radix);
  if (!internal::may_be_long(ctx, room)) return {};
  if (room <= 2) {
    limb::Limb limbs[2];
    return make_integer(ctx, text.negative, {limbs, limb::from_text(limbs, digits, text.radix)});
  }
  IntegerResult result(ctx, room);
  size_t size;
  {
    const LongComputation computation(ctx, uint64_t{room} * room);
    size = limb::from_text(result.limbs(), digits, text.radix);
  }
  return result.finish(text.negative, size);
}

/// The power of ten of a decimal number's first digit that is not 0: tells a number that is too large from one that is
/// too small.
int64_t decimal_exponent(std::string_view text) {
  int64_t exponent = 0, written = 0;
  const size_t e = std::min(text.find_first_of("eE"), text.size());
  const size_t point = std::min(text.substr(0, e).find('.'), e);
  const size_t first = text.find_first_of("123456789");
  exponent = static_cast<int64_t>(point) - static_cast<int64_t>(first);
  if (first < point) --exponent;
  if (e < text.size()) {
    std::string_view power = text.substr(e + 1);
    const bool negative = power.starts_with('-');
    if (negative || power.starts_with('+')) power.remove_prefix(1);
    constexpr int64_t kEnough = int64_t{1} << 40;
    if (std::from_chars(power.data(), power.data() + power.size(), written).ec != std::errc()) written = kEnough;
    written = std::min(written, kEnough);
    if (negative) written = -written;
  }
  return exponent + written;
}

}  // namespace

Value parse_integer(Context& ctx, std::string_view text, unsigned radix) {
  if (!ctx.enter()) return {};
  if (radix == 1 || radix > limb::kMaxRadix)
    return ctx.fail(Status(StatusCode::kInvalidArgument, "the radix must be 2 to 36"));
  const IntegerText parts(text, radix);
  if (parts.valid()) return read_integer(ctx, parts);
  const size_t before = text.size() - parts.digits.size();
  return fail_text(ctx, "an integer", text, before + limb::first_non_digit(parts.digits, parts.radix));
}

Value parse_double(Context& ctx, std::string_view text) {
  if (!ctx.enter()) return {};
  const size_t plus = text.starts_with('+') && !text.starts_with("+-") ? 1 : 0;
  const char* const begin = text.data() + plus;
  const char* const end = text.data() + text.size();
  double value = 0;
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (stop != end || error == std::errc::invalid_argument) {
    return fail_text(ctx, "a number", text, static_cast<size_t>(stop - text.data()));
  }
  if (error == std::errc()) return make_double(ctx, value);
  const bool negative = text.starts_with('-');
  if (decimal_exponent(text.substr(negative ? 1 : plus)) < 0) return make_double(ctx, negative ? -0.0 : 0.0);
  return ctx.fail(Status(StatusCode::kRange, "the number is too large for a double"));
}

Value parse_number(Context& ctx, std::string_view text) {
  if (!ctx.enter()) return {};
  const IntegerText parts(text, 0);
  return parts.valid() ? read_integer(ctx, parts) : parse_double(ctx, text);
}

}  // namespace proto
