// Fuzzes integers: the input spells operands and operations, and each result must obey the laws of arithmetic. What is
// left of the input is read as a number's text.
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/coding.h"
#include "runtime/heap/context.h"
#include "runtime/number/number.h"
#include "runtime/value/operations.h"

namespace proto {
namespace {

/// One space for all inputs: making one takes longer than most of them.
struct World {
  Space space{{.poison = true}};
  Thread self{space};
  Context ctx{self};
};

class Laws {
 public:
  Laws(Context& ctx, std::string_view input) : ctx_(ctx), input_(input) {}

  void run() {
    for (int round = 0; round < 64 && input_.ok() && !input_.at_end(); ++round) {
      Context frame(ctx_);
      step(frame);
      PROTO_CHECK(!frame.failed());
    }
    read_text(input_.rest());
  }

 private:
  /// Up to 127 limbs of runs: each byte of the input stands for a limb of random looks, of ones or of zeros.
  Value integer(Context& ctx) {
    const uint8_t shape = input_.fixed<uint8_t>();
    std::vector<uint64_t> limbs(shape >> 1);
    for (uint64_t& limb : limbs) {
      const uint8_t byte = input_.fixed<uint8_t>();
      limb = byte < 64 ? 0 : byte < 128 ? ~uint64_t{0} : mix_hash(byte) >> (byte & 63);
    }
    return make_integer(ctx, (shape & 1) != 0, limbs);
  }
  static void require_equal(Context& ctx, Value a, Value b) {
    PROTO_CHECK(a == b || (a.is_cell() && b.is_cell() && equal(ctx, a, b)));
    PROTO_CHECK(hash(ctx, a) == hash(ctx, b) && compare(ctx, a, b) == 0);
  }

  void step(Context& ctx) {
    const uint8_t law = input_.fixed<uint8_t>() % 6;
    const Value a = integer(ctx), b = integer(ctx);
    switch (law) {
      case 0:
        return difference_of_squares(ctx, a, b);
      case 1:
        return sign_of(b) == 0 ? void() : division(ctx, a, b);
      case 2:
        return bits(ctx, a, b);
      case 3:
        return common_divisor(ctx, a, b);
      case 4:
        return text(ctx, a);
      default:
        return doubles(ctx, a, b);
    }
  }

  static void difference_of_squares(Context& ctx, Value a, Value b) {
    const Value product = multiply(ctx, add(ctx, a, b), subtract(ctx, a, b));
    require_equal(ctx, product, subtract(ctx, multiply(ctx, a, a), multiply(ctx, b, b)));
    require_equal(ctx, multiply(ctx, a, a), power(ctx, a, Value::integer(2)));
  }
  static void division(Context& ctx, Value a, Value b) {
    const Value rest = floor_remainder(ctx, a, b), cut = truncating_remainder(ctx, a, b);
    require_equal(ctx, add(ctx, multiply(ctx, floor_divide(ctx, a, b), b), rest), a);
    require_equal(ctx, add(ctx, multiply(ctx, truncating_divide(ctx, a, b), b), cut), a);
    PROTO_CHECK(compare_numbers(absolute(ctx, rest), absolute(ctx, b)) < 0);
    PROTO_CHECK(sign_of(rest) * sign_of(b) >= 0 && sign_of(cut) * sign_of(a) >= 0);
  }
  void bits(Context& ctx, Value a, Value b) {
    const Value both = bit_and(ctx, a, b), either = bit_or(ctx, a, b);
    require_equal(ctx, add(ctx, both, either), add(ctx, a, b));
    require_equal(ctx, subtract(ctx, either, both), bit_xor(ctx, a, b));
    require_equal(ctx, bit_not(ctx, both), bit_or(ctx, bit_not(ctx, a), bit_not(ctx, b)));
    const Value count = Value::integer(input_.fixed<uint16_t>() % 1000);
    const Value factor = power(ctx, Value::integer(2), count);
    require_equal(ctx, shift_left(ctx, a, count), multiply(ctx, a, factor));
    require_equal(ctx, shift_right(ctx, a, count), floor_divide(ctx, a, factor));
  }
  static void common_divisor(Context& ctx, Value a, Value b) {
    const Value divisor = gcd(ctx, a, b);
    if (sign_of(divisor) == 0) return;
    PROTO_CHECK(sign_of(divisor) > 0);
    const Value x = floor_divide(ctx, a, divisor), y = floor_divide(ctx, b, divisor);
    require_equal(ctx, multiply(ctx, x, divisor), a);
    require_equal(ctx, multiply(ctx, y, divisor), b);
    require_equal(ctx, gcd(ctx, x, y), Value::integer(1));
  }
  void text(Context& ctx, Value a) {
    const unsigned radix = 2 + input_.fixed<uint8_t>() % 35u;
    std::string digits;
    append_integer(ctx, digits, a, radix);
    require_equal(ctx, parse_integer(ctx, digits, radix), a);
  }
  // Rounding to a double keeps the order, and what a double says exactly equals its integer.
  static void doubles(Context& ctx, Value a, Value b) {
    const double x = to_double(a), y = to_double(b);
    const auto order = compare_numbers(a, b);
    PROTO_CHECK(order < 0 ? x <= y : order > 0 ? x >= y : x == y);
    if (!std::isfinite(x)) return;
    const Value near = to_integer(ctx, make_double(ctx, x));
    PROTO_CHECK(equal(ctx, near, make_double(ctx, x)) && hash(ctx, near) == hash(ctx, make_double(ctx, x)));
    const auto side = compare_numbers(a, make_double(ctx, x));
    PROTO_CHECK(side == compare_numbers(a, near));
  }

  void read_text(std::string_view text) {
    Context ctx(ctx_);
    const Value number = parse_number(ctx, text);
    if (number.is_none()) {
      PROTO_CHECK(!ctx.take_error().ok());
      return;
    }
    const Value again = parse_number(ctx, to_text(ctx, number));
    PROTO_CHECK(again.is_double() == number.is_double() && equal(ctx, again, number));
  }

  Context& ctx_;
  ByteReader input_;
};

}  // namespace
}  // namespace proto

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static proto::World world;
  proto::Laws(world.ctx, {reinterpret_cast<const char*>(data), size}).run();
  return 0;
}
