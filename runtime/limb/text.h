// Natural numbers as digits in a radix of 2 to 36, both ways by divide and conquer.
#pragma once

#include <string>
#include <string_view>

#include "runtime/limb/limbs.h"

namespace proto::limb {

inline constexpr unsigned kMinRadix = 2;
inline constexpr unsigned kMaxRadix = 36;

/// Appends the digits of a normal number, those above 9 as small letters; "0" for zero. O(n) for radix 2^k, else a few
/// divisions of its size.
void append_text(std::string& out, Limbs a, unsigned radix);

/// The value of a digit, of either case; kMaxRadix for all other characters.
unsigned digit_value(char c);
/// Where the first character stands that is no digit of the radix; the size if there is none.
size_t first_non_digit(std::string_view text, unsigned radix);
/// Limbs that suffice for so many digits.
size_t limbs_for_digits(size_t digits, unsigned radix);
/// result[limbs_for_digits(digits.size(), radix)] = the number; returns its normal size. All characters must be digits.
size_t from_text(Limb* result, std::string_view digits, unsigned radix);

}  // namespace proto::limb
