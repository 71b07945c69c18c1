// What the texts of a CSV column are: found by looking at the whole column, as DuckDB does.
#pragma once

#include <cstdint>
#include <string_view>

#include "db/value.h"
#include "shell/csv_scanner.h"

namespace protobase::shell {

enum class ColumnType : uint8_t {
  kEmpty,  // nothing seen yet but empty fields
  kBoolean,
  kInteger,
  kReal,
  kDate,
  kTimestamp,
  kText,
};

/// The narrowest type that one field fits. Codes such as 007, +49 or numbers of too many digits are text, so that
/// writing them back gives what was read. Only ASCII digits count. O(bytes).
ColumnType classify(std::string_view text);

/// The narrowest type that fits both: integers and reals meet in real, dates and timestamps in timestamp, else text.
ColumnType common_type(ColumnType a, ColumnType b);

/// Widens the type of a column by one more field. An empty field fits every type. Fast when the field fits the type.
void widen(ColumnType& type, const CsvField& field);

/// The field as a value of its column's type; it must have been counted in by `widen`. Empty without quotes is none;
/// empty with quotes is an empty text in a text column, else none. Texts borrow from the field.
ValueView convert(const CsvField& field, ColumnType type);

}  // namespace protobase::shell
