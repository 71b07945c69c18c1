#include "runtime/limb/bits.h"

namespace proto::limb {
namespace {

/// The limbs of a two's complement number, from the lowest on. -x is ~x + 1.
class TwosComplement {
 public:
  explicit TwosComplement(const Signed& number)
      : magnitude_(number.magnitude), flip_(number.negative ? ~Limb{0} : 0), carry_(number.negative) {}
  Limb next() {
    const Limb limb = (at_ < magnitude_.size() ? magnitude_[at_] : 0) ^ flip_;
    ++at_;
    const Limb sum = limb + carry_;
    carry_ = sum < carry_;
    return sum;
  }

 private:
  Limbs magnitude_;
  Limb flip_;
  Limb carry_;
  size_t at_ = 0;
};

template <class Operation>
void combine(Limb* result, size_t size, const Signed& a, const Signed& b, Operation operation) {
  TwosComplement x(a), y(b);
  for (size_t i = 0; i < size; ++i) result[i] = operation(x.next(), y.next());
}

void negate(Limb* a, size_t size) {
  for (size_t i = 0; i < size; ++i) a[i] = ~a[i];
  add_limb(a, a, size, 1);
}

}  // namespace

bool is_negative(BitOperation operation, bool a, bool b) {
  if (operation == BitOperation::kAnd) return a && b;
  if (operation == BitOperation::kOr) return a || b;
  return a != b;
}

size_t combine_bits(BitOperation operation, Limb* result, const Signed& a, const Signed& b) {
  const size_t size = std::max(a.magnitude.size(), b.magnitude.size()) + 1;
  switch (operation) {
    case BitOperation::kAnd:
      combine(result, size, a, b, [](Limb x, Limb y) { return x & y; });
      break;
    case BitOperation::kOr:
      combine(result, size, a, b, [](Limb x, Limb y) { return x | y; });
      break;
    case BitOperation::kXor:
      combine(result, size, a, b, [](Limb x, Limb y) { return x ^ y; });
      break;
  }
  if (is_negative(operation, a.negative, b.negative)) negate(result, size);
  return normal_size(result, size);
}

// -x >> n is -(ceil(x / 2^n)).
size_t shift_right_down(Limb* result, const Signed& a, uint64_t bits) {
  const bool round_up = a.negative && any_bit_below(a.magnitude, bits);
  const size_t size = shift_right_by(result, a.magnitude, bits);
  if (!round_up) return size;
  result[size] = add_limb(result, result, size, 1);
  return normal_size(result, size + 1);
}

}  // namespace proto::limb
