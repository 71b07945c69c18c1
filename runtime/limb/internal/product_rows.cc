#include "runtime/limb/internal/product_rows.h"

#ifdef __x86_64__
#include <cpuid.h>
#endif

#include "runtime/limb/internal/carry.h"

namespace proto::limb::internal {
namespace {

// The same with a carry in.
Limb add_row(Limb* result, const Limb* a, size_t size, Limb b, Limb carry) {
#pragma GCC unroll 4
  for (size_t i = 0; i < size; ++i) {
    const DoubleLimb product = static_cast<DoubleLimb>(a[i]) * b + result[i] + carry;
    result[i] = low(product);
    carry = high(product);
  }
  return carry;
}

Limb subtract_row(Limb* result, const Limb* a, size_t size, Limb b, Limb carry) {
#pragma GCC unroll 4
  for (size_t i = 0; i < size; ++i) {
    const DoubleLimb product = static_cast<DoubleLimb>(a[i]) * b + carry;
    carry = high(product) + (result[i] < low(product));
    result[i] -= low(product);
  }
  return carry;
}

}  // namespace

Limb add_product_portable(Limb* result, const Limb* a, size_t size, Limb b) { return add_row(result, a, size, b, 0); }
Limb subtract_product_portable(Limb* result, const Limb* a, size_t size, Limb b) {
  return subtract_row(result, a, size, b, 0);
}

#ifdef __x86_64__

bool has_two_carries() {
  constexpr unsigned kBmi2 = 1u << 8, kAdx = 1u << 19;
  unsigned a, b, c, d;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & kBmi2) != 0 && (b & kAdx) != 0;
}

// Four limbs a turn. The carry flag joins the products with each other, the overflow flag adds them to the result;
// nothing in the loop touches these flags but adcx and adox. The compiler has no way to keep both alive, hence
// assembly. Subtraction adds to the complement: ~(~r + p) is r - p.
// clang-format off
#define PROTO_LIMB_STEP(offset, carry_in, carry_out, complement)   \
  "mulx " offset "(%[a]), %[low], %[" carry_out "]\n\t"             \
  "adcx %[" carry_in "], %[low]\n\t"                                 \
  "mov " offset "(%[r]), %[old]\n\t" complement("old")               \
  "adox %[old], %[low]\n\t" complement("low")                        \
  "mov %[low], " offset "(%[r])\n\t"
#define PROTO_LIMB_KEEP(name) ""
#define PROTO_LIMB_COMPLEMENT(name) "not %[" name "]\n\t"
#define PROTO_LIMB_ROW(complement)                                                                         \
  __asm__ volatile(                                                                                        \
      "xor %k[low], %k[low]\n"                                                                             \
      "1:\n\t"                                                                                             \
      PROTO_LIMB_STEP("0", "carry", "next", complement)                                                    \
      PROTO_LIMB_STEP("8", "next", "carry", complement)                                                    \
      PROTO_LIMB_STEP("16", "carry", "next", complement)                                                   \
      PROTO_LIMB_STEP("24", "next", "carry", complement)                                                   \
      "lea 32(%[a]), %[a]\n\t"                                                                             \
      "lea 32(%[r]), %[r]\n\t"                                                                             \
      "lea -1(%[turns]), %[turns]\n\t"                                                                     \
      "jrcxz 2f\n\t"                                                                                       \
      "jmp 1b\n"                                                                                           \
      "2:\n\t"                                                                                             \
      "mov $0, %k[low]\n\t"                                                                                \
      "adcx %[low], %[carry]\n\t"                                                                          \
      "adox %[low], %[carry]\n\t"                                                                          \
      : [a] "+r"(a), [r] "+r"(result), [turns] "+c"(turns), [carry] "+r"(carry), [low] "=&r"(low), \
        [next] "=&r"(next), [old] "=&r"(old)                                                       \
      : "d"(b)                                                                                             \
      : "cc", "memory")
// clang-format on

Limb add_product_two_carries(Limb* result, const Limb* a, size_t size, Limb b) {
  size_t turns = size / 4;
  Limb carry = 0, low, next, old;
  if (turns != 0) PROTO_LIMB_ROW(PROTO_LIMB_KEEP);
  return add_row(result, a, size % 4, b, carry);
}

Limb subtract_product_two_carries(Limb* result, const Limb* a, size_t size, Limb b) {
  size_t turns = size / 4;
  Limb carry = 0, low, next, old;
  if (turns != 0) PROTO_LIMB_ROW(PROTO_LIMB_COMPLEMENT);
  return subtract_row(result, a, size % 4, b, carry);
}

#else

bool has_two_carries() { return false; }
Limb add_product_two_carries(Limb* result, const Limb* a, size_t size, Limb b) {
  return add_product_portable(result, a, size, b);
}
Limb subtract_product_two_carries(Limb* result, const Limb* a, size_t size, Limb b) {
  return subtract_product_portable(result, a, size, b);
}

#endif

}  // namespace proto::limb::internal
