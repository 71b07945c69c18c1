// The inner loops of products and quotients: one row of limbs times one limb, added or subtracted. Two forms that
// agree: portable, and with the two carry chains of x86's ADX and BMI2 extensions, in about 0.6 of the time, where the
// processor has these.
#pragma once

#include "runtime/limb/limbs.h"

namespace proto::limb::internal {

/// As limb::add_product and limb::subtract_product.
Limb add_product_portable(Limb* result, const Limb* a, size_t size, Limb b);
Limb subtract_product_portable(Limb* result, const Limb* a, size_t size, Limb b);

/// Whether this processor has the extensions; the functions below must not be called if not.
bool has_two_carries();
Limb add_product_two_carries(Limb* result, const Limb* a, size_t size, Limb b);
Limb subtract_product_two_carries(Limb* result, const Limb* a, size_t size, Limb b);

}  // namespace proto::limb::internal
