// The functions of functions.def, by id, on single values.
#pragma once

#include <span>

#include "db/catalog.h"
#include "query/binder/expression.h"
#include "query/executor/arena.h"
#include "runtime/base/random.h"

namespace protobase::query {

/// What functions may use besides their arguments.
struct FunctionContext {
  Arena& arena;                        // for new bytes
  Timestamp now;                       // one moment for the whole statement
  proto::Random& random;
  const Catalog* catalog = nullptr;    // null where only constants are evaluated
};

using Arguments = std::span<const ValueView>;
using FunctionCall = Status (*)(FunctionContext& context, Arguments arguments, ValueView& out);

struct FunctionEntry {
  FunctionId id = FunctionId::kNone;
  FunctionCall call = nullptr;
  /// The function is called with none arguments too; else one none gives none without a call.
  bool takes_none = false;
};

/// The entry of a function; null when there is none. COALESCE and IF are the evaluator's: they do not evaluate all of their
/// arguments; their entries here are for arguments that are there already.
const FunctionEntry* find_function(FunctionId id);

/// "lower() does not take integer".
Status wrong_argument(FunctionId id, const ValueView& value);

// One table per family (functions_*.cc).
std::span<const FunctionEntry> number_functions();
std::span<const FunctionEntry> text_functions();
std::span<const FunctionEntry> date_functions();
std::span<const FunctionEntry> array_functions();
std::span<const FunctionEntry> vector_functions();
std::span<const FunctionEntry> general_functions();

/// The distance of two vectors (or arrays of numbers) by one of the operators <-> <=> <#> <+>. None with none is none.
/// Errors: kType, kRange (dimensions differ).
Status vector_distance(Operator op, const ValueView& a, const ValueView& b, Arena& arena, ValueView& out);
/// The floats of a vector or an array of numbers; `out` points to them, aligned. Error: kType.
Status floats_of(const ValueView& value, Arena& arena, std::span<const float>& out);

}  // namespace protobase::query
