// The sizes in which small cells come.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "runtime/value/cell.h"

namespace proto::heap {

inline constexpr size_t kGranule = kCellAlignment;
inline constexpr size_t kBlockBytes = 16 * 1024;
/// Steps of 16 up to 128, then about four a doubling: at most a quarter is lost.
inline constexpr std::array<uint16_t, 28> kClassBytes = {16,  32,  48,  64,  80,  96,   112,  128,  160,  192,
                                                         224, 256, 320, 384, 448, 512,  640,  768,  896,  1024,
                                                         1168, 1360, 1632, 2048, 2336, 2720, 3264, 4096};
inline constexpr size_t kSizeClasses = kClassBytes.size();
inline constexpr size_t kMaxSmallBytes = kClassBytes.back();

/// Class of each number of granules.
inline constexpr auto kClassOfGranules = [] {
  std::array<uint8_t, kMaxSmallBytes / kGranule + 1> table{};
  uint8_t size_class = 0;
  for (size_t granules = 0; granules < table.size(); ++granules) {
    while (kClassBytes[size_class] < granules * kGranule) ++size_class;
    table[granules] = size_class;
  }
  return table;
}();

/// The smallest class for `bytes` <= kMaxSmallBytes.
constexpr uint32_t size_class_of(size_t bytes) { return kClassOfGranules[(bytes + kGranule - 1) / kGranule]; }

/// What a cell of `bytes` really gets: up to kMaxSmallBytes its class's size, beyond that as asked, in granules.
constexpr size_t usable_bytes(size_t bytes) {
  return bytes <= kMaxSmallBytes ? kClassBytes[size_class_of(bytes)] : (bytes + kGranule - 1) & ~(kGranule - 1);
}

}  // namespace proto::heap
