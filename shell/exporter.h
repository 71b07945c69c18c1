// `.export`: a collection or the rows of a query into a file.
#pragma once

#include <string>
#include <string_view>

#include "db/protobase.h"
#include "shell/output.h"
#include "shell/printer.h"

namespace protobase::shell {

/// The mode that a file name ends in: .csv, .json, .jsonl, .ndjson, .md, .txt; csv for others.
Mode export_mode(std::string_view file_name);

/// Writes a collection (when `what` is the name of one) or the rows of a query to a file; gives the number of rows. In
/// json and jsonl the objects of a collection stand as they are. On an error the file is removed.
Result<uint64_t> export_file(Database& database, Connection& connection, const std::string& path,
                             std::string_view what);

}  // namespace protobase::shell
