#include "shell/csv_import.h"

#include <simdjson.h>

#include <optional>
#include <unordered_set>

#include "db/document.h"

namespace protobase::shell {
namespace {

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

std::vector<CsvColumn> named_columns(const std::vector<CsvField>& header) {
  std::vector<CsvColumn> columns;
  std::unordered_set<std::string> taken;
  for (const CsvField& field : header) {
    const std::string name =
        field.text.empty() ? "column" + std::to_string(columns.size() + 1) : std::string(field.text);
    std::string unique = name;
    for (int number = 1; !taken.insert(unique).second; ++number) unique = name + "_" + std::to_string(number);
    columns.push_back({std::move(unique)});
  }
  return columns;
}

// An empty line is no record, except where one empty field is all that a record has.
bool is_blank_line(const CsvScanner& scanner, size_t column_count) {
  const auto& fields = scanner.fields();
  return column_count > 1 && fields.size() == 1 && fields[0].text.empty() && !fields[0].quoted &&
         scanner.problem().empty();
}

// Why a record cannot be taken; nothing when it can.
std::optional<std::string> defect(const CsvScanner& scanner, size_t column_count, bool all_utf8) {
  if (!scanner.problem().empty()) return scanner.problem();
  const auto& fields = scanner.fields();
  if (fields.size() != column_count) {
    return "expected " + std::to_string(column_count) + (column_count == 1 ? " field" : " fields") + ", found " +
           std::to_string(fields.size());
  }
  if (all_utf8) return std::nullopt;
  for (const CsvField& field : fields) {
    if (!is_utf8(field.text)) return std::string("not valid UTF-8");
  }
  return std::nullopt;
}

void build_object(const std::vector<CsvField>& fields, const std::vector<CsvColumn>& columns, DocumentWriter& writer) {
  writer.clear();
  writer.begin_object();
  for (size_t i = 0; i < columns.size(); ++i) {
    writer.key(columns[i].name);
    writer.value(convert(fields[i], columns[i].type));
  }
  writer.end();
}

std::vector<CsvColumn> sniff(std::string_view text, char delimiter, bool all_utf8) {
  CsvScanner scanner(text, delimiter);
  if (!scanner.next()) return {};
  std::vector<CsvColumn> columns = named_columns(scanner.fields());
  while (scanner.next()) {
    const auto& fields = scanner.fields();
    if (fields.size() != columns.size() || defect(scanner, columns.size(), all_utf8)) continue;
    for (size_t i = 0; i < columns.size(); ++i) widen(columns[i].type, fields[i]);
  }
  return columns;
}

}  // namespace

std::vector<CsvColumn> sniff_columns(std::string_view text, char delimiter) {
  return sniff(text, delimiter, is_utf8(text));
}

Status import_csv(std::string_view text, char delimiter, ImportRun& run) {
  const bool all_utf8 = is_utf8(text);
  CsvScanner scanner(text, delimiter);
  if (!scanner.next()) return Status();
  if (const auto wrong = defect(scanner, scanner.fields().size(), all_utf8)) {
    return Status(StatusCode::kInvalidArgument, run.file() + ":1: the header cannot be read: " + *wrong);
  }
  const std::vector<CsvColumn> columns = sniff(text, delimiter, all_utf8);
  DocumentWriter writer;
  while (scanner.next()) {
    PROTO_RETURN_IF_ERROR(run.advance(scanner.offset()));
    if (is_blank_line(scanner, columns.size())) continue;
    if (const auto wrong = defect(scanner, columns.size(), all_utf8)) {
      PROTO_RETURN_IF_ERROR(run.reject(scanner.line(), *wrong));
      continue;
    }
    build_object(scanner.fields(), columns, writer);
    PROTO_RETURN_IF_ERROR(run.add(scanner.line(), writer.view()));
  }
  return Status();
}

}  // namespace protobase::shell
