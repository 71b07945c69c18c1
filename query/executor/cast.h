// Conversions between kinds, as CAST makes them.
#pragma once

#include "query/binder/expression.h"
#include "query/executor/arena.h"

namespace protobase::query {

/// `value` as `type`; new bytes go to `arena`. None stays none.
///   to integer    doubles round to the nearest (halves to even), text must be a whole number, booleans are 0 and 1
///   to boolean    numbers are true unless 0; text: true, false, t, f, yes, no, on, off, 1, 0
///   to text       as the shell shows it; arrays and objects as JSON
///   to date ...   ISO text; date and timestamp into each other; integers are days or microseconds
///   to vector     arrays of numbers, text '[1, 2, 3]'; the dimension must fit
///   to array, object   text is parsed as JSON, a vector becomes an array
/// Errors: kType (no such conversion, or text that is not of the form), kRange (does not fit).
Status cast(const ValueView& value, const Type& type, Arena& arena, ValueView& out);

/// Text as an integer or a double, white space around allowed; false when it is no number.
bool parse_number(std::string_view text, ValueView& out);

}  // namespace protobase::query
