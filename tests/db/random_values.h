// Seeded random values of every kind, for the tests of db.
#pragma once

#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "db/document.h"
#include "db/value.h"
#include "runtime/base/random.h"

namespace protobase {

inline double random_double(proto::Random& random) {
  static constexpr double kSpecial[] = {0.0,
                                        -0.0,
                                        1.0,
                                        -1.0,
                                        0.5,
                                        9007199254740992.0,
                                        9007199254740994.0,
                                        9223372036854775808.0,
                                        -9223372036854775808.0,
                                        1e300,
                                        -1e300,
                                        5e-324,
                                        2.2250738585072014e-308};
  switch (random.below(6)) {
    case 0: return kSpecial[random.below(std::size(kSpecial))];
    case 1: return std::numeric_limits<double>::infinity() * (random.one_in(2) ? 1 : -1);
    case 2:
      return random.one_in(4) ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(random.between(-5, 5));
    case 3: return static_cast<double>(random.between(-(int64_t{1} << 62), int64_t{1} << 62));
    default: return (random.unit() - 0.5) * std::pow(10.0, static_cast<double>(random.between(-20, 20)));
  }
}

inline int64_t random_int(proto::Random& random) {
  static constexpr int64_t kEdges[] = {0,
                                       int64_t{1} << 53,
                                       -(int64_t{1} << 53),
                                       int64_t{1} << 62,
                                       std::numeric_limits<int64_t>::max() - 2,
                                       std::numeric_limits<int64_t>::min() + 2,
                                       127,
                                       -128,
                                       32767,
                                       -32768,
                                       2147483647,
                                       -2147483648};
  switch (random.below(3)) {
    case 0: return kEdges[random.below(std::size(kEdges))] + random.between(-2, 2);
    case 1: return random.between(-5, 5);
    default: return static_cast<int64_t>(random.next() >> random.below(64));
  }
}

inline std::string random_text(proto::Random& random, size_t longest = 12) {
  static constexpr std::string_view kLetters("ab\0c\x01\xFFz. [\"", 11);
  std::string text;
  for (size_t left = random.below(longest + 1); left > 0; --left)
    text.push_back(kLetters[random.below(kLetters.size())]);
  return text;
}

inline Value random_vector(proto::Random& random, size_t dimension) {
  std::vector<float> floats(dimension);
  for (float& f : floats) f = random.one_in(5) ? 0.0F : static_cast<float>(random.between(-3, 3)) / 2;
  return Value(floats);
}

inline Value random_scalar(proto::Random& random) {
  switch (random.below(11)) {
    case 0: return Value();
    case 1: return Value(random.one_in(2));
    case 2: return Value(random_int(random));
    case 3: return Value(random_double(random));
    case 4: return Value(Date{static_cast<int32_t>(random.between(-100, 100))});
    case 5: return Value(Timestamp{random_int(random)});
    case 6: return Value(Timespan{random_int(random)});
    case 7: return Value(random_text(random));
    case 8: return Value::bytes(random_text(random));
    case 9: return Value(Ref{CollectionId(static_cast<uint32_t>(random.below(3))), ObjectId(random.below(4))});
    default: return random_vector(random, random.below(4));
  }
}

/// Any value, containers nested up to `depth`.
inline Value random_value(proto::Random& random, int depth = 3) {
  if (depth == 0 || !random.one_in(3)) return random_scalar(random);
  const size_t count = random.one_in(10) ? random.below(30) : random.below(5);
  if (random.one_in(2)) {
    Array array;
    for (size_t i = 0; i < count; ++i) array.push(random_value(random, depth - 1));
    return Value(array);
  }
  Object object;
  for (size_t i = 0; i < count; ++i) object.set(random_text(random, 4), random_value(random, depth - 1));
  return Value(object);
}

/// Text that is equal exactly for values of equal kinds, bits and attributes, in any order of attributes.
inline std::string exact(const ValueView& value) {
  std::string out = std::string(kind_name(value.kind())) + ':';
  if (value.kind() == Kind::kObject) {
    std::map<std::string, std::string> sorted;
    for (size_t i = 0; i < value.size(); ++i)
      sorted[std::string(value.attribute(i).first)] = exact(value.attribute(i).second);
    for (const auto& [name, text] : sorted) out += '{' + std::to_string(name.size()) + name + '=' + text + '}';
  } else if (value.kind() == Kind::kArray) {
    for (size_t i = 0; i < value.size(); ++i) out += '[' + exact(value[static_cast<int64_t>(i)]) + ']';
  } else {
    encode(value, out);
  }
  return out;
}

}  // namespace protobase
