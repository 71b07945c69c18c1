#include "runtime/collection/input.h"

#include <bit>

#include "runtime/collection/string.h"
#include "runtime/number/number.h"

namespace proto {

Value Input::value_slow(Context& ctx) const {
  switch (form_) {
    case Form::kSigned: return make_integer(ctx, static_cast<int64_t>(bits_));
    case Form::kUnsigned: return make_integer(ctx, bits_);
    case Form::kDouble: return make_double(ctx, std::bit_cast<double>(bits_));
    case Form::kSpan: return make_span(ctx, TimeSpan{static_cast<int64_t>(bits_)});
    case Form::kBadTimestamp:
      return ctx.fail(Status(StatusCode::kRange, "a timestamp is within the years -34,000 to 38,000"));
    case Form::kText: return String::from_utf8(ctx, {text_, bits_});
    case Form::kReady: break;
  }
  return value_;
}

}  // namespace proto
