// The identity of a database: it stands in each of its files, so that files of two databases are never mixed up.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace protobase::storage {

/// 128 random bits.
struct DatabaseId {
  uint64_t high = 0;
  uint64_t low = 0;
  auto operator<=>(const DatabaseId&) const = default;

  /// A new one from the system's entropy. Any thread.
  static DatabaseId make();
  /// 32 hexadecimal digits.
  std::string to_string() const;
  /// What seeds the checksums of this database's frames and blocks: bytes of another database never verify.
  uint64_t seed() const { return high ^ (low * 0x9E3779B97F4A7C15ull); }
};

}  // namespace protobase::storage
