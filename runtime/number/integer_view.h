// An integer's sign and magnitude, to be read by whoever writes integers elsewhere.
#pragma once

#include <cstdint>
#include <span>

#include "runtime/value/value.h"

namespace proto {

/// An integer that the word has no room for. Header payload: bit 0 set if negative, above it the number of limbs.
struct IntegerCell : Cell {
  static constexpr size_t bytes(size_t limbs) { return sizeof(Cell) + limbs * sizeof(uint64_t); }
  static constexpr uint64_t make_payload(bool negative, size_t limbs) {
    return uint64_t{limbs} << 1 | (negative ? 1 : 0);
  }

  bool negative() const { return (payload() & 1) != 0; }
  size_t size() const { return payload() >> 1; }
  uint64_t* limbs() { return reinterpret_cast<uint64_t*>(this + 1); }
  const uint64_t* limbs() const { return reinterpret_cast<const uint64_t*>(this + 1); }
};
static_assert(sizeof(IntegerCell) == 8);

/// The value must be an integer and stay reachable; the view must not be copied. O(1). Any thread.
class IntegerView {
 public:
  explicit IntegerView(Value integer) {
    PROTO_DCHECK(integer.is_integer());
    if (integer.is_small_integer()) {
      const int64_t number = integer.as_small_integer();
      negative_ = number < 0;
      small_ = negative_ ? ~static_cast<uint64_t>(number) + 1 : static_cast<uint64_t>(number);
      magnitude_ = {&small_, number != 0 ? size_t{1} : 0};
    } else {
      const auto* cell = static_cast<const IntegerCell*>(integer.as_cell());
      negative_ = cell->negative();
      magnitude_ = {cell->limbs(), cell->size()};
    }
  }
  IntegerView(const IntegerView&) = delete;
  IntegerView& operator=(const IntegerView&) = delete;

  /// Zero is not negative.
  bool negative() const { return negative_; }
  /// Least significant limb first, without leading zeros; empty for 0.
  std::span<const uint64_t> magnitude() const { return magnitude_; }
  size_t size() const { return magnitude_.size(); }
  bool is_zero() const { return magnitude_.empty(); }

 private:
  bool negative_ = false;
  uint64_t small_ = 0;
  std::span<const uint64_t> magnitude_;
};

}  // namespace proto
