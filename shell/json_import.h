// JSON documents and lines of JSON as objects.
#pragma once

#include <string_view>

#include "shell/import_run.h"

namespace protobase::shell {

/// Gives every element of a top-level array to `run`, or the whole document when it is no array. Nested objects and
/// arrays stay as they are; what is no object becomes {"value": it}. The file is strict JSON (RFC 8259). An element
/// that does not parse is a bad record; what is wrong between elements ends the import even when it keeps going.
/// O(bytes).
Status import_json(std::string_view text, ImportRun& run);

/// The same for one document per line; blank lines are skipped, a line that does not parse is a bad record. O(bytes).
Status import_json_lines(std::string_view text, ImportRun& run);

}  // namespace protobase::shell
