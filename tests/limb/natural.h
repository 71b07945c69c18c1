// Natural numbers as vectors, for tests: every operation of the limb folder with its room asked for as its header says.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/random.h"
#include "runtime/limb/divide.h"
#include "runtime/limb/gcd.h"
#include "runtime/limb/limbs.h"
#include "runtime/limb/multiply.h"
#include "runtime/limb/text.h"

namespace proto::limb {

using Natural = std::vector<Limb>;

inline Natural normalised(Natural a) {
  a.resize(normal_size(a.data(), a.size()));
  return a;
}
inline Natural sum(Natural a, Natural b) {
  if (a.size() < b.size()) std::swap(a, b);
  Natural result(a.size() + 1);
  result.back() = add(result.data(), a, b);
  return normalised(result);
}
inline Natural difference(const Natural& a, const Natural& b) {
  Natural result(a.size());
  PROTO_CHECK(subtract(result.data(), a, b) == 0);
  return normalised(result);
}
/// Raw: with leading zeros, canaries checked.
inline Natural product(const Natural& a, const Natural& b) {
  constexpr Limb kCanary = 0xC0FFEE;
  Natural result(a.size() + b.size() + 1, kCanary);
  multiply(result.data(), a, b);
  PROTO_CHECK(result.back() == kCanary);
  result.pop_back();
  return normalised(result);
}
inline Natural squared(const Natural& a) {
  Natural result(2 * a.size());
  square(result.data(), a);
  return normalised(result);
}
struct Division {
  Natural quotient, remainder;
};
inline Division divided(const Natural& a, const Natural& b) {
  if (compare(Limbs(a), Limbs(b)) < 0) return {{}, a};
  Division result{Natural(a.size() - b.size() + 1), Natural(b.size())};
  divide(result.quotient.data(), result.remainder.data(), a, b);
  return {normalised(result.quotient), normalised(result.remainder)};
}
inline std::string text_of(const Natural& a, unsigned radix = 10) {
  std::string text = "=";
  append_text(text, a, radix);
  return text.substr(1);
}
inline Natural natural_of(std::string_view text, unsigned radix = 10) {
  Natural result(limbs_for_digits(text.size(), radix));
  result.resize(from_text(result.data(), text, radix));
  return result;
}

/// A number of exactly `size` limbs. Half of them of random limbs, half of long runs of ones and zeros, which carry
/// far.
inline Natural random_natural(Random& random, size_t size) {
  Natural a(size);
  const uint64_t style = random.below(4);
  Limb run = 0;
  for (Limb& limb : a) {
    if (style >= 2) {
      limb = random.next();
    } else if (random.below(style == 0 ? 3 : 12) == 0) {
      limb = random.next() << random.below(64);
      run = random.one_in(2) ? ~Limb{0} : 0;
    } else {
      limb = run;
    }
  }
  if (size > 0 && a.back() == 0) a.back() = random.one_in(2) ? 1 : ~Limb{0};
  return a;
}

}  // namespace proto::limb
