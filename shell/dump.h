// `.dump`: the database as SQL.
#pragma once

#include <string_view>

#include "db/protobase.h"
#include "shell/output.h"

namespace protobase::shell {

/// Writes SQL that builds the database, or one collection of it, again in an empty one: definitions, objects in order
/// of id, indexes. The objects are those of one snapshot. Object ids are kept, so references stay what they were.
/// Errors: kNotFound for an unknown collection, and what reading met.
Status dump(Database& database, std::string_view only_collection, Output& output);

}  // namespace protobase::shell
