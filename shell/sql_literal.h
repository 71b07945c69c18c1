// Values and names as SQL text that the query language reads back.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "db/value.h"

namespace protobase::shell {

/// A name as SQL needs it: as it is when it is a plain word and no keyword, else in double quotes.
std::string sql_name(std::string_view name);

/// How a reference is written; a dump must name collections, which a Ref knows by number only.
using ReferenceWriter = std::function<std::string(const Ref&)>;

/// Appends `value` as a SQL expression that gives the same value back. O(bytes).
void append_sql(const ValueView& value, const ReferenceWriter& reference, std::string& out);

}  // namespace protobase::shell
