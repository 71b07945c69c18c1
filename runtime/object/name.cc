#include "runtime/object/name.h"

#include "runtime/object/internal/describe.h"
#include "runtime/value/operations.h"

namespace proto {

Value Name::word_slow(Context& ctx) const {
  if (text_ != nullptr) return intern_string(ctx, {text_, size_});
  if (value_.is_cell_of(CellKind::kFlatString)) return value_;
  if (value_.is_string()) return intern_string(ctx, to_text(ctx, value_));
  if (ctx.failed()) return {};
  return ctx.fail(Status(StatusCode::kType, "the name of an attribute is a string, not " + objects::describe(value_)));
}

}  // namespace proto
