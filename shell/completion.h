// What the tabulator key offers.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/protobase.h"

namespace protobase::shell {

/// Words that may stand at the cursor, instead of the text from `start` on.
struct Completion {
  size_t start = 0;
  std::vector<std::string> candidates;  // sorted, each once; those for folders end in '/'
};

/// What completion knows of the database.
struct CompletionContext {
  std::vector<CollectionDescription> collections;
  std::span<const std::string_view> keywords;  // in capitals
};

/// Completes the end of `line`. `pending` holds the statement's earlier lines. After FROM, JOIN, INTO, UPDATE and kin
/// collections are offered, after `alias.` the attributes of its collection, elsewhere keywords (in the case that the
/// word began with), collections and attributes; on a line that begins with a dot, commands and what they take.
Completion complete(std::string_view pending, std::string_view line, const CompletionContext& context);

/// The longest text that all candidates begin with.
std::string common_prefix(const std::vector<std::string>& candidates);

}  // namespace protobase::shell
