// Parts of arrays: a[from:to].
#pragma once

#include "query/executor/arena.h"
#include "runtime/base/status.h"

namespace protobase::query {

/// Elements from `from` up to, not including, `to`, counted from 0 as a[i] does; negative numbers count from the end, none
/// is an open side, and what is out of range is cut. Of arrays and vectors. Error: kType.
Status slice(const ValueView& array, const ValueView& from, const ValueView& to, Arena& arena, ValueView& out);

}  // namespace protobase::query
