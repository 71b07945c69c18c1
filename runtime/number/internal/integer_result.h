// How the operations of this folder make integers.
#pragma once

#include <optional>
#include <string_view>

#include "runtime/limb/limbs.h"
#include "runtime/number/integer_view.h"
#include "runtime/number/number.h"

namespace proto::internal {

/// Whether an integer of so many limbs may be made: kRange beyond kMaxIntegerLimbs, kOutOfMemory at the space's limit.
inline bool may_be_long(Context& ctx, uint64_t limbs) {
  constexpr uint64_t kLong = 4096;
  if (__builtin_expect(limbs < kLong, 1)) return true;
  if (limbs <= kMaxIntegerLimbs + 2) return ctx.reserve(limbs * sizeof(uint64_t));
  ctx.fail(Status(StatusCode::kRange, "the integer would be too long"));
  return false;
}

/// A cell that is filled and then becomes the result. Its room is an upper bound, for which may_be_long() was asked.
class IntegerResult {
 public:
  IntegerResult(Context& ctx, size_t room)
      : ctx_(ctx), room_(room), cell_(allocate_raw<IntegerCell>(ctx, CellKind::kInteger, IntegerCell::bytes(room))) {}

  limb::Limb* limbs() { return cell_->limbs(); }
  /// The value, of a normal size.
  Value finish(bool negative, size_t size) {
    PROTO_DCHECK(size <= room_ && (size == 0 || limbs()[size - 1] != 0));
    if (size > kMaxIntegerLimbs) return ctx_.fail(Status(StatusCode::kRange, "the integer would be too long"));
    if (size <= 1) {
      const auto magnitude = static_cast<int128_t>(size == 0 ? 0 : limbs()[0]);
      const int128_t number = negative ? -magnitude : magnitude;
      if (number >= Value::kMinSmallInteger && number <= Value::kMaxSmallInteger) {
        return Value::integer(static_cast<int64_t>(number));
      }
    }
    // What is much too big for its number gives its place to the collector.
    if (2 * heap::usable_bytes(IntegerCell::bytes(size)) < heap::usable_bytes(IntegerCell::bytes(room_))) {
      return make_integer(ctx_, negative, {limbs(), size});
    }
    cell_->set_header(CellKind::kInteger, IntegerCell::make_payload(negative, size));
    return Value::cell(cell_);
  }

 private:
  Context& ctx_;
  size_t room_;
  IntegerCell* cell_;
};

/// While it lasts, a computation of so many steps on limbs, the collector does not wait for this thread if that is
/// long. The operands stay alive, as the caller's frame holds them, and cells do not move; nothing is allocated in the
/// heap meanwhile.
class LongComputation {
 public:
  LongComputation(Context& ctx, uint64_t steps) {
    constexpr uint64_t kLong = 60'000;  // about 50 us
    if (steps > kLong) region_.emplace(ctx);
  }

 private:
  std::optional<BlockingRegion> region_;
};

/// The error of an operation on values that it cannot take. None.
Value fail_type(Context& ctx, std::string_view operation, const char* wanted);
inline Value fail_not_numbers(Context& ctx, std::string_view operation) { return fail_type(ctx, operation, "numbers"); }
inline Value fail_not_integers(Context& ctx, std::string_view operation) {
  return fail_type(ctx, operation, "integers");
}
Value fail_division_by_zero(Context& ctx);

}  // namespace proto::internal
