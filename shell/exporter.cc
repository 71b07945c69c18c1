#include "shell/exporter.h"

#include <cstdio>

#include "shell/sql_literal.h"

namespace protobase::shell {
namespace {

bool is_collection(const Database& database, std::string_view name) {
  for (const CollectionDescription& collection : database.describe()) {
    if (collection.name == name) return true;
  }
  return false;
}

Result<uint64_t> write_rows(ResultSet& rows, Mode mode, Output& output) {
  const std::unique_ptr<Printer> printer = make_printer({mode}, output);
  uint64_t count = 0;
  printer->begin(rows.columns());
  for (const Row& row : rows) {
    printer->row(row);
    ++count;
  }
  printer->end();
  PROTO_RETURN_IF_ERROR(rows.status());
  return count;
}

// Objects as they are: attributes that one has and another lacks need no columns.
Result<uint64_t> write_objects(ResultSet& rows, Mode mode, Output& output) {
  const bool lines = mode == Mode::kJsonLines;
  uint64_t count = 0;
  if (!lines) output.write("[");
  for (const Row& row : rows) {
    if (!lines) output.write(count == 0 ? "\n  " : ",\n  ");
    output.write(row[0].to_json());
    if (lines) output.write('\n');
    ++count;
  }
  if (!lines) output.write(count == 0 ? "]\n" : "\n]\n");
  PROTO_RETURN_IF_ERROR(rows.status());
  return count;
}

Result<uint64_t> write(Database& database, Connection& connection, std::string_view what, Mode mode, Output& output) {
  const bool collection = is_collection(database, what);
  if (collection && (mode == Mode::kJson || mode == Mode::kJsonLines)) {
    PROTO_ASSIGN_OR_RETURN(ResultSet rows, connection.query("SELECT VALUE o FROM " + sql_name(what) + " AS o"));
    return write_objects(rows, mode, output);
  }
  PROTO_ASSIGN_OR_RETURN(ResultSet rows,
                         connection.query(collection ? "SELECT * FROM " + sql_name(what) : std::string(what)));
  if (!rows.has_rows()) return Status(StatusCode::kInvalidArgument, "the statement gives no rows to export");
  return write_rows(rows, mode, output);
}

}  // namespace

Mode export_mode(std::string_view file_name) {
  if (file_name.ends_with(".json")) return Mode::kJson;
  if (file_name.ends_with(".jsonl") || file_name.ends_with(".ndjson")) return Mode::kJsonLines;
  if (file_name.ends_with(".md")) return Mode::kMarkdown;
  if (file_name.ends_with(".txt")) return Mode::kBox;
  return Mode::kCsv;
}

Result<uint64_t> export_file(Database& database, Connection& connection, const std::string& path,
                             std::string_view what) {
  PROTO_ASSIGN_OR_RETURN(Output output, Output::create(path));
  Result<uint64_t> count = write(database, connection, what, export_mode(path), output);
  const Status flushed = output.flush();
  if (count.ok() && flushed.ok()) return count;
  std::remove(path.c_str());
  return count.ok() ? flushed : count.status();
}

}  // namespace protobase::shell
