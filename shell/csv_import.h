// CSV files with a header as objects: one attribute per column, typed by the whole column.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shell/column_type.h"
#include "shell/import_run.h"

namespace protobase::shell {

/// A column of a CSV file: its name from the header (made unique; "column3" when it has none) and the type of its
/// fields.
struct CsvColumn {
  std::string name;
  ColumnType type = ColumnType::kEmpty;
};

/// Reads the header and looks at every field of `text`. Bad records are only skipped here. Empty when there is no
/// header. O(bytes).
std::vector<CsvColumn> sniff_columns(std::string_view text, char delimiter);

/// Gives every record of `text` to `run` as an object. Two passes: the first finds the types. A record with too few or
/// too many fields, wrong quotes or bytes that are not UTF-8 is a bad one. O(bytes).
Status import_csv(std::string_view text, char delimiter, ImportRun& run);

}  // namespace protobase::shell
