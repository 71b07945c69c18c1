#include "runtime/limb/text.h"

#include <array>
#include <bit>
#include <vector>

#include "runtime/limb/divide.h"
#include "runtime/limb/multiply.h"
#include "runtime/limb/workspace.h"

namespace proto::limb {
namespace {

// Measured: up to so many limbs a number is read or written limb by limb.
constexpr size_t kWriteByLimbs = 12;
constexpr size_t kReadByLimbs = 48;

/// The largest power of a radix that fits a limb.
struct RadixLimb {
  unsigned digits;
  Limb power;
};
constexpr RadixLimb largest_power(unsigned radix) {
  RadixLimb limb{0, 1};
  for (DoubleLimb next = radix; next >> kLimbBits == 0; next *= radix)
    ++limb.digits, limb.power = static_cast<Limb>(next);
  return limb;
}
constexpr auto kRadixLimbs = [] {
  std::array<RadixLimb, kMaxRadix + 1> table{};
  for (unsigned radix = kMinRadix; radix <= kMaxRadix; ++radix) table[radix] = largest_power(radix);
  return table;
}();

constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr auto kDigitValues = [] {
  std::array<uint8_t, 256> values{};
  values.fill(kMaxRadix);
  for (unsigned i = 0; i < kMaxRadix; ++i) {
    values[static_cast<uint8_t>(kDigits[i])] = static_cast<uint8_t>(i);
    if (i >= 10) values[static_cast<uint8_t>(kDigits[i] - 'a' + 'A')] = static_cast<uint8_t>(i);
  }
  return values;
}();

// ---- radix 2^k ----

unsigned digit_bits(unsigned radix) { return static_cast<unsigned>(std::countr_zero(radix)); }

/// `count` <= 6 bits from bit `at` on.
unsigned bits_at(Limbs a, uint64_t at, unsigned count) {
  const size_t i = at / kLimbBits;
  const unsigned shift = at % kLimbBits;
  Limb bits = a[i] >> shift;
  if (shift + count > kLimbBits && i + 1 < a.size()) bits |= a[i + 1] << (kLimbBits - shift);
  return static_cast<unsigned>(bits & ((1u << count) - 1));
}

void append_binary(std::string& out, Limbs a, unsigned radix) {
  const unsigned width = digit_bits(radix);
  for (uint64_t digit = (bit_length(a) + width - 1) / width; digit-- > 0;)
    out += kDigits[bits_at(a, digit * width, width)];
}

size_t from_binary(Limb* result, std::string_view digits, unsigned radix) {
  const unsigned width = digit_bits(radix);
  const size_t size = limbs_for_digits(digits.size(), radix);
  clear(result, size);
  uint64_t at = 0;
  for (size_t i = digits.size(); i-- > 0; at += width) {
    const Limb digit = digit_value(digits[i]);
    const size_t limb = at / kLimbBits;
    const unsigned shift = at % kLimbBits;
    result[limb] |= digit << shift;
    if (shift + width > kLimbBits) result[limb + 1] |= digit >> (kLimbBits - shift);
  }
  return normal_size(result, size);
}

// ---- other radixes ----

/// radix^(digits_per_limb * 2^i), by squaring, for one conversion.
class PowerTable {
 public:
  explicit PowerTable(unsigned radix) : powers_{{kRadixLimbs[radix].power}} {}
  Limbs power(size_t i) {
    while (powers_.size() <= i) {
      const Limbs last(powers_.back());
      std::vector<Limb> next(2 * last.size());
      square(next.data(), last);
      next.resize(normal_size(next.data(), next.size()));
      powers_.push_back(std::move(next));
    }
    return powers_[i];
  }

 private:
  std::vector<std::vector<Limb>> powers_;
};

class TextWriter {
 public:
  explicit TextWriter(unsigned radix)
      : radix_(radix), limb_digits_(kRadixLimbs[radix].digits), limb_(kRadixLimbs[radix].power), powers_(radix) {}

  void append(std::string& out, Limbs a) {
    size_t level = 0;
    while (compare(powers_.power(level), a) <= 0 && a.size() > kWriteByLimbs) ++level;
    // Short numbers need no powers, but room for all digits: at most 64 bits in each limb's worth of them are lost.
    const size_t width = limb_digits_ * (a.size() <= kWriteByLimbs ? 2 * kWriteByLimbs : size_t{1} << level);
    std::string digits(width, '0');
    write(a, level, digits.data(), width);
    out.append(digits, std::min(digits.find_first_not_of('0'), width - 1));
  }

 private:
  // Fills `width` characters, which hold '0', from their end.
  void write(Limbs a, size_t level, char* to, size_t width) {
    if (a.size() <= kWriteByLimbs) return write_by_limbs(a, to + width);
    const Limbs power = powers_.power(level - 1);
    const size_t half = width / 2;
    if (compare(a, power) < 0) return write(a, level - 1, to + half, half);
    std::vector<Limb> parts(a.size() + 1);  // the quotient, then the remainder
    Limb* const rest = parts.data() + (a.size() - power.size() + 1);
    divide(parts.data(), rest, a, power);
    write(normal({parts.data(), a.size() - power.size() + 1}), level - 1, to, half);
    write(normal({rest, power.size()}), level - 1, to + half, half);
  }

  void write_by_limbs(Limbs a, char* end) {
    Limb number[kWriteByLimbs];
    copy(number, a);
    for (size_t size = a.size(); size > 0; end -= limb_digits_) {
      write_limb(limb_.divide(number, number, size), end);
      size = normal_size(number, size);
    }
  }
  void write_limb(Limb value, char* end) const {
    if (radix_ == 10) return write_decimal(value, end);
    for (; value != 0; value /= radix_) *--end = kDigits[value % radix_];
  }
  // A divisor that is known is divided by with a multiplication.
  static void write_decimal(Limb value, char* end) {
    for (; value != 0; value /= 10) *--end = kDigits[value % 10];
  }

  unsigned radix_;
  unsigned limb_digits_;
  LimbDivisor limb_;
  PowerTable powers_;
};

class TextReader {
 public:
  explicit TextReader(unsigned radix) : radix_(radix), limb_(kRadixLimbs[radix]), powers_(radix) {}

  /// result[limbs_for_digits(digits.size())]; returns the normal size.
  size_t read(Limb* result, std::string_view digits) {
    const size_t chunks = (digits.size() + limb_.digits - 1) / limb_.digits;
    if (chunks <= kReadByLimbs) return read_by_limbs(result, digits);
    size_t level = static_cast<size_t>(std::bit_width(chunks - 1)) - 1;  // 2^level < chunks <= 2^(level + 1)
    const size_t low_digits = limb_.digits << level;
    const std::string_view high_text = digits.substr(0, digits.size() - low_digits);
    const std::string_view low_text = digits.substr(digits.size() - low_digits);
    Workspace<1> high(limbs_for_digits(high_text.size(), radix_)), low(limbs_for_digits(low_digits, radix_));
    const size_t high_size = read(high.data(), high_text);
    const size_t low_size = read(low.data(), low_text);
    return combine(result, {high.data(), high_size}, {low.data(), low_size}, powers_.power(level));
  }

 private:
  // result = high * power + low
  static size_t combine(Limb* result, Limbs high, Limbs low, Limbs power) {
    if (high.empty()) return copy(result, low), low.size();
    Workspace<1> product(high.size() + power.size());
    multiply(product.data(), high, power);
    // low < power, so there is no carry out of the product's size.
    const Limbs all = normal({product.data(), high.size() + power.size()});
    const Limb carry = add(result, all, low);
    PROTO_DCHECK(carry == 0 || all.size() < high.size() + power.size());
    if (carry == 0) return all.size();
    result[all.size()] = carry;
    return all.size() + 1;
  }

  size_t read_by_limbs(Limb* result, std::string_view digits) const {
    size_t size = 0;
    while (!digits.empty()) {
      const size_t count =
          (digits.size() - 1) % limb_.digits + 1;  // the first piece may be shorter, which makes no difference
      const Limb carry = multiply_limb(result, result, size, limb_.power, read_limb(digits.substr(0, count)));
      if (carry != 0) result[size++] = carry;
      digits.remove_prefix(count);
    }
    return size;
  }
  Limb read_limb(std::string_view digits) const {
    Limb value = 0;
    for (const char c : digits) value = value * radix_ + digit_value(c);
    return value;
  }

  unsigned radix_;
  RadixLimb limb_;
  PowerTable powers_;
};

}  // namespace

void append_text(std::string& out, Limbs a, unsigned radix) {
  PROTO_CHECK(radix >= kMinRadix && radix <= kMaxRadix && is_normal(a));
  if (a.empty()) {
    out += '0';
  } else if (std::has_single_bit(radix)) {
    append_binary(out, a, radix);
  } else {
    TextWriter(radix).append(out, a);
  }
}

unsigned digit_value(char c) { return kDigitValues[static_cast<uint8_t>(c)]; }

size_t first_non_digit(std::string_view text, unsigned radix) {
  size_t i = 0;
  while (i < text.size() && digit_value(text[i]) < radix) ++i;
  return i;
}

size_t limbs_for_digits(size_t digits, unsigned radix) {
  if (std::has_single_bit(radix)) return (digits * digit_bits(radix) + kLimbBits - 1) / kLimbBits;
  return digits / kRadixLimbs[radix].digits + 1;
}

size_t from_text(Limb* result, std::string_view digits, unsigned radix) {
  PROTO_CHECK(radix >= kMinRadix && radix <= kMaxRadix);
  if (std::has_single_bit(radix)) return from_binary(result, digits, radix);
  return TextReader(radix).read(result, digits);
}

}  // namespace proto::limb
