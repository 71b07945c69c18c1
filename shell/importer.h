// `.import`: a file into a collection, all of it or nothing.
#pragma once

#include <string>
#include <string_view>

#include "db/protobase.h"
#include "shell/import_run.h"

namespace protobase::shell {

enum class ImportFormat : uint8_t { kByName, kCsv, kTsv, kJson, kJsonLines, kFvecs, kIvecs };

/// "csv", "tsv", "json", "ndjson", "jsonl", "fvecs", "ivecs". Error: kInvalidArgument.
Result<ImportFormat> parse_import_format(std::string_view name);

/// The format that a file name ends in; when that says nothing, JSON if `text` begins with '[' or '{', else CSV.
ImportFormat guess_import_format(std::string_view file_name, std::string_view text);

struct ImportOptions {
  ImportFormat format = ImportFormat::kByName;
  bool keep_going = false;
  /// Bytes read and bytes in all; false ends the import. May be empty.
  std::function<bool(size_t, size_t)> progress;
};

/// Reads the bytes of one file in `format` (not kByName) into `run`. O(bytes).
Status read_records(std::string_view bytes, ImportFormat format, ImportRun& run);

/// Imports a file in one transaction; the collection is made when it does not exist. On an error nothing is kept. A
/// file without records makes an empty collection. O(bytes) plus the inserts.
Result<ImportReport> import_file(Database& database, const std::string& path, const std::string& collection,
                                 const ImportOptions& options);

}  // namespace protobase::shell
