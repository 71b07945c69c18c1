// Equality, order and hashes of numbers, and the kinds' entries.
#include <cmath>

#include "runtime/limb/rounding.h"
#include "runtime/number/integer_view.h"
#include "runtime/number/number.h"
#include "runtime/value/operations.h"

namespace proto {
namespace {

using limb::Limb;
using limb::Limbs;

constexpr uint64_t kDoubleSeed = 0x446F75626C650001;
constexpr uint64_t kIntegerSeed = 0x496E746567657201;
constexpr uint64_t kNanHash = 0x4E614E4E614E0001;

std::partial_ordering reversed(std::partial_ordering order) { return 0 <=> order; }

std::partial_ordering compare_integers(const IntegerView& a, const IntegerView& b) {
  if (a.negative() != b.negative()) return a.negative() ? std::partial_ordering::less : std::partial_ordering::greater;
  const int order = limb::compare(a.magnitude(), b.magnitude());
  return (a.negative() ? -order : order) <=> 0;
}

std::partial_ordering compare_with_double(Value integer, double b) {
  constexpr int64_t kExact = int64_t{1} << 53;
  if (integer.is_small_integer() && integer.as_small_integer() >= -kExact && integer.as_small_integer() <= kExact) {
    return static_cast<double>(integer.as_small_integer()) <=> b;
  }
  const IntegerView a(integer);
  if (std::isnan(b)) return std::partial_ordering::unordered;
  const bool b_negative = b < 0;
  if (a.negative() != b_negative) return a.negative() ? std::partial_ordering::less : std::partial_ordering::greater;
  const int order = std::isinf(b) ? -1 : limb::compare_with_double(a.magnitude(), std::fabs(b));
  return (b_negative ? -order : order) <=> 0;
}

// ---- the kinds' operations ----

bool equal_numbers(Context&, Value a, Value b) {
  const std::partial_ordering order = compare_numbers(a, b);
  if (order != std::partial_ordering::unordered) return order == 0;
  return a.is_double() && b.is_double() && std::isnan(a.as_double()) && std::isnan(b.as_double());
}

int order_numbers(Context&, Value a, Value b) {
  const std::partial_ordering order = compare_numbers(a, b);
  if (order != std::partial_ordering::unordered) return order < 0 ? -1 : order > 0 ? 1 : 0;
  const bool a_is_nan = a.is_double() && std::isnan(a.as_double());
  const bool b_is_nan = b.is_double() && std::isnan(b.as_double());
  return static_cast<int>(a_is_nan) - static_cast<int>(b_is_nan);
}

uint64_t hash_limbs(bool negative, Limbs magnitude) {
  uint64_t hash = kIntegerSeed + (negative ? 1 : 0);
  for (const Limb limb : magnitude) hash = combine_hash(hash, limb);
  return hash;
}

// As that of the integer that equals it, if there is one.
uint64_t hash_double(double value) {
  if (std::isnan(value)) return kNanHash;
  if (std::isinf(value) || value != std::floor(value)) return combine_hash(kDoubleSeed, std::bit_cast<uint64_t>(value));
  constexpr double kSmall = 0x1p60;
  if (value >= -kSmall && value < kSmall) return mix_hash(Value::integer(static_cast<int64_t>(value)).word());
  Limb limbs[limb::kDoubleLimbs];
  return hash_limbs(value < 0, {limbs, limb::from_double(limbs, std::fabs(value))});
}

uint64_t hash_number(Context&, Value number) {
  if (number.is_small_integer()) return mix_hash(number.word());
  if (number.is_double()) return hash_double(number.as_double());
  const IntegerView view(number);
  return hash_limbs(view.negative(), view.magnitude());
}

void print_number(Context& ctx, Value number, bool, std::string& out) { append_number(ctx, out, number); }

}  // namespace

std::partial_ordering internal::compare_numbers_slow(Value a, Value b) {
  PROTO_DCHECK(a.is_number() && b.is_number());
  if (a.is_double() && b.is_double()) return a.as_double() <=> b.as_double();
  if (a.is_double()) return reversed(compare_with_double(b, a.as_double()));
  if (b.is_double()) return compare_with_double(a, b.as_double());
  return compare_integers(IntegerView(a), IntegerView(b));
}

void register_number_kinds() {
  KindOperations number;
  number.value_class = ValueClass::kNumber;
  number.equal = equal_numbers;
  number.hash = hash_number;
  number.compare = order_numbers;
  number.print = print_number;
  number.name = "number";
  register_class(ValueClass::kNumber, number);
  number.name = "integer";
  register_kind(CellKind::kInteger, number);
  number.name = "double";
  register_kind(CellKind::kBoxedDouble, number);
  // What spans are asked, value/ answers for both forms.
  register_kind(CellKind::kBoxedSpan, {.name = "span", .value_class = ValueClass::kSpan});
}

}  // namespace proto
