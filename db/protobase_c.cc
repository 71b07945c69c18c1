// The C interface over db/protobase.h. Handles own C++ objects; what a statement and its connection both need (the last
// error, whether the connection is still there) is shared, so that handles may be freed in any order.
#include "db/protobase_c.h"

#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "db/protobase.h"

using protobase::Connection;
using protobase::Database;
using protobase::Kind;
using protobase::PreparedStatement;
using protobase::Result;
using protobase::ResultChunk;
using protobase::ResultSet;
using protobase::Status;
using protobase::StatusCode;
using protobase::Value;
using protobase::ValueView;

#define PROTO_STATUS_CODE(name, number, text) static_assert(static_cast<int>(StatusCode::name) == number);
#include "runtime/base/status_codes.def"
#undef PROTO_STATUS_CODE
static_assert(static_cast<int>(StatusCode::kReadOnly) == PB_READ_ONLY &&
              static_cast<int>(StatusCode::kSyntax) == PB_SYNTAX);
static_assert(static_cast<int>(Kind::kObject) == PB_KIND_OBJECT && static_cast<int>(Kind::kString) == PB_KIND_TEXT);

namespace {

struct LastError {
  pb_code code = PB_OK;
  std::string message;
  int64_t position = -1;

  void clear() {
    code = PB_OK;
    message.clear();
    position = -1;
  }
  pb_code set(const Status& status) {
    clear();
    if (status.ok()) return PB_OK;
    code = static_cast<pb_code>(status.code());
    message = status.message();
    if (!status.hint().empty()) message.append(" (").append(status.hint()).append(")");
    if (status.span() != nullptr) position = status.span()->offset;
    return code;
  }
};

// What outlives a connection as long as one of its statements does.
struct SharedState {
  LastError error;
  uint64_t changes = 0;
  bool disconnected = false;
};

LastError& thread_error() {
  thread_local LastError error;
  return error;
}

Status invalid_argument(const char* message) { return Status(StatusCode::kInvalidArgument, message); }

// Runs `work`, which returns a Status, and records its outcome. The only place where an exception could end: memory.
template <class Work>
pb_code record(LastError& error, Work&& work) {
  try {
    return error.set(work());
  } catch (...) {
    error.clear();
    return error.code = PB_OUT_OF_MEMORY;
  }
}

std::string_view text_of(const char* text, int64_t length) {
  return length < 0 ? std::string_view(text) : std::string_view(text, static_cast<size_t>(length));
}

// Whether `text` holds nothing but blanks, semicolons and comments that are closed.
bool is_blank(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (std::strchr(" \t\r\n;", text[i]) != nullptr && text[i] != '\0') continue;
    size_t end = std::string_view::npos;
    if (text.substr(i, 2) == "--") end = std::min(text.find('\n', i), text.size() - 1);
    if (text.substr(i, 2) == "/*" && (end = text.find("*/", i + 2)) != std::string_view::npos) ++end;
    if (end == std::string_view::npos) return false;
    i = end;
  }
  return true;
}

}  // namespace

struct pb_database {
  Database database;
};

struct pb_connection {
  explicit pb_connection(Connection opened) : connection(std::move(opened)), state(std::make_shared<SharedState>()) {}
  Connection connection;
  std::shared_ptr<SharedState> state;
};

struct pb_statement {
  pb_statement(std::shared_ptr<SharedState> shared, PreparedStatement prepared)
      : state(std::move(shared)), statement(std::move(prepared)) {}
  std::shared_ptr<SharedState> state;
  PreparedStatement statement;
  std::optional<ResultSet> rows;
  const ResultChunk* chunk = nullptr;  // holds the current row when not null
  size_t row = 0;
  std::vector<std::string> texts;          // what pb_column_text and _json gave for the current row
  std::vector<std::vector<float>> floats;  // what pb_column_vector gave

  void forget_row() {
    chunk = nullptr;
    texts.assign(texts.size(), std::string());
    floats.clear();
  }
  void forget_rows() {
    forget_row();
    rows.reset();
    row = 0;
  }
  ValueView cell(int column) const {
    if (chunk == nullptr || column < 0 || static_cast<size_t>(column) >= chunk->columns.size()) return ValueView();
    return chunk->columns[static_cast<size_t>(column)][row];
  }
};

namespace {

// Moves to the next row; false at the end.
Result<bool> advance(pb_statement& s) {
  if (!s.rows) {
    PROTO_ASSIGN_OR_RETURN(ResultSet opened, s.statement.execute());
    s.rows.emplace(std::move(opened));
  }
  const ResultChunk* current = s.chunk;
  s.forget_row();
  if (current != nullptr && ++s.row < current->row_count) {
    s.chunk = current;
    return true;
  }
  s.row = 0;
  do s.chunk = s.rows->next_chunk();
  while (s.chunk != nullptr && s.chunk->row_count == 0);
  if (s.chunk != nullptr) return true;
  PROTO_RETURN_IF_ERROR(s.rows->status());
  return false;
}

Status check_usable(const pb_statement& s) {
  if (s.state->disconnected) return Status(StatusCode::kInvalidState, "the statement's connection is gone");
  return Status();
}

pb_code null_handle() { return thread_error().set(invalid_argument("a handle is NULL")); }

pb_code bind(pb_statement* s, int position, Result<Value> (*make)(const void*), const void* context) {
  if (s == nullptr) return null_handle();
  return record(s->state->error, [&]() -> Status {
    PROTO_RETURN_IF_ERROR(check_usable(*s));
    if (s->rows) return Status(StatusCode::kInvalidState, "the statement is in the middle of its rows: reset it first");
    if (position < 1 || static_cast<size_t>(position) > s->statement.parameter_count())
      return Status(StatusCode::kRange, "the statement has " + std::to_string(s->statement.parameter_count()) +
                                            " parameters, not one at position " + std::to_string(position));
    PROTO_ASSIGN_OR_RETURN(Value value, make(context));
    s->statement.bind(static_cast<size_t>(position), std::move(value));
    return Status();
  });
}

template <class Make>
pb_code bind_made(pb_statement* s, int position, const Make& make) {
  return bind(
      s, position, [](const void* context) -> Result<Value> { return (*static_cast<const Make*>(context))(); }, &make);
}

const char* keep_text(pb_statement* s, int column, std::string text, size_t* length) {
  if (s->texts.size() <= static_cast<size_t>(column)) s->texts.resize(s->chunk->columns.size());
  std::string& kept = s->texts[static_cast<size_t>(column)];
  kept = std::move(text);
  if (length != nullptr) *length = kept.size();
  return kept.c_str();
}

bool has_cell(const pb_statement* s, int column) {
  return s != nullptr && s->chunk != nullptr && column >= 0 && static_cast<size_t>(column) < s->chunk->columns.size();
}

}  // namespace

extern "C" {

const char* pb_version(void) { return protobase::version().data(); }

// ---- databases and connections
// ---------------------------------------------------------------------------------------

pb_code pb_open(const char* path, const pb_options* options, pb_database** database) {
  return record(thread_error(), [&]() -> Status {
    if (database == nullptr) return invalid_argument("no place for the database handle");
    *database = nullptr;
    if (path == nullptr) return invalid_argument("the path is NULL");
    protobase::OpenOptions open;
    if (options != nullptr) {
      open.read_only = options->read_only != 0;
      open.create_if_missing = options->must_exist == 0;
      if (options->checkpoint_log_bytes != 0) open.checkpoint_log_bytes = options->checkpoint_log_bytes;
    }
    PROTO_ASSIGN_OR_RETURN(Database opened, Database::open(path, open));
    *database = new pb_database{std::move(opened)};
    return Status();
  });
}

pb_code pb_close(pb_database* database) {
  if (database == nullptr) return PB_OK;
  const std::unique_ptr<pb_database> owner(database);
  return record(thread_error(), [&] { return owner->database.close(); });
}

pb_code pb_sync(pb_database* database) {
  if (database == nullptr) return null_handle();
  return record(thread_error(), [&] { return database->database.sync(); });
}

pb_code pb_connect(pb_database* database, pb_connection** connection) {
  return record(thread_error(), [&]() -> Status {
    if (connection == nullptr) return invalid_argument("no place for the connection handle");
    *connection = nullptr;
    if (database == nullptr) return invalid_argument("the database handle is NULL");
    *connection = new pb_connection(database->database.connect());
    return Status();
  });
}

void pb_disconnect(pb_connection* connection) {
  if (connection == nullptr) return;
  // Its statements share the session, which would keep an open transaction alive.
  record(connection->state->error, [&]() -> Status {
    if (!connection->connection.in_transaction()) return Status();
    return connection->connection.execute("ROLLBACK").status();
  });
  connection->state->disconnected = true;
  delete connection;
}

pb_code pb_execute(pb_connection* connection, const char* text, uint64_t* changes) {
  if (connection == nullptr) return null_handle();
  return record(connection->state->error, [&]() -> Status {
    if (text == nullptr) return invalid_argument("the text is NULL");
    if (changes != nullptr) *changes = 0;
    if (is_blank(text)) return Status();
    PROTO_ASSIGN_OR_RETURN(connection->state->changes, connection->connection.execute(text));
    if (changes != nullptr) *changes = connection->state->changes;
    return Status();
  });
}

uint64_t pb_changes(const pb_connection* connection) { return connection == nullptr ? 0 : connection->state->changes; }

int pb_in_transaction(const pb_connection* connection) {
  return connection != nullptr && connection->connection.in_transaction() ? 1 : 0;
}

void pb_interrupt(pb_connection* connection) {
  if (connection != nullptr) connection->connection.interrupt();
}

// ---- errors
// ----------------------------------------------------------------------------------------------------------

pb_code pb_error_code(const pb_connection* connection) {
  return connection == nullptr ? thread_error().code : connection->state->error.code;
}

const char* pb_error_message(const pb_connection* connection) {
  const LastError& error = connection == nullptr ? thread_error() : connection->state->error;
  if (error.message.empty() && error.code != PB_OK) return pb_code_name(error.code);
  return error.message.c_str();
}

int64_t pb_error_position(const pb_connection* connection) {
  return connection == nullptr ? thread_error().position : connection->state->error.position;
}

const char* pb_last_error(const pb_connection* connection) { return pb_error_message(connection); }

const char* pb_code_name(pb_code code) {
  if (code == PB_ROW) return "row";
  if (code == PB_DONE) return "done";
  if (code < PB_OK || code > PB_READ_ONLY) return "unknown code";
  return proto::status_code_name(static_cast<StatusCode>(code)).data();
}

// ---- statements
// ------------------------------------------------------------------------------------------------------

pb_code pb_prepare(pb_connection* connection, const char* text, int64_t length, pb_statement** statement,
                   const char** tail) {
  if (connection == nullptr) return null_handle();
  return record(connection->state->error, [&]() -> Status {
    if (statement == nullptr || text == nullptr)
      return invalid_argument("the text or the place for the statement is NULL");
    *statement = nullptr;
    std::string_view first = text_of(text, length);
    if (const size_t end = protobase::complete_statement_length(first); end != 0) first = first.substr(0, end);
    if (tail != nullptr) *tail = text + first.size();
    if (is_blank(first)) return Status();
    PROTO_ASSIGN_OR_RETURN(PreparedStatement prepared, connection->connection.prepare(first));
    *statement = new pb_statement(connection->state, std::move(prepared));
    return Status();
  });
}

void pb_finalize(pb_statement* statement) { delete statement; }

pb_code pb_step(pb_statement* statement) {
  if (statement == nullptr) return null_handle();
  bool row = false;
  const pb_code code = record(statement->state->error, [&]() -> Status {
    PROTO_RETURN_IF_ERROR(check_usable(*statement));
    PROTO_ASSIGN_OR_RETURN(row, advance(*statement));
    if (!row) statement->state->changes = statement->rows->changes();
    return Status();
  });
  if (!row) statement->forget_rows();
  if (code != PB_OK) return code;
  return row ? PB_ROW : PB_DONE;
}

pb_code pb_reset(pb_statement* statement) {
  if (statement == nullptr) return null_handle();
  statement->forget_rows();
  return statement->state->error.set(Status());
}

int pb_parameter_count(const pb_statement* statement) {
  return statement == nullptr ? 0 : static_cast<int>(statement->statement.parameter_count());
}

int pb_parameter_index(const pb_statement* statement, const char* name) {
  if (statement == nullptr || name == nullptr || *name == '\0') return 0;
  for (size_t i = 1; i <= statement->statement.parameter_count(); ++i) {
    if (statement->statement.parameter_name(i) == name) return static_cast<int>(i);
  }
  return 0;
}

pb_code pb_clear_bindings(pb_statement* statement) {
  if (statement == nullptr) return null_handle();
  return record(statement->state->error, [&]() -> Status {
    if (statement->rows)
      return Status(StatusCode::kInvalidState, "the statement is in the middle of its rows: reset it first");
    statement->statement.clear_bindings();
    return Status();
  });
}

pb_code pb_bind_null(pb_statement* s, int position) {
  return bind_made(s, position, [] { return Value(); });
}
pb_code pb_bind_int64(pb_statement* s, int position, int64_t value) {
  return bind_made(s, position, [=] { return Value(value); });
}
pb_code pb_bind_double(pb_statement* s, int position, double value) {
  return bind_made(s, position, [=] { return Value(value); });
}
pb_code pb_bind_bool(pb_statement* s, int position, int value) {
  return bind_made(s, position, [=] { return Value(value != 0); });
}
pb_code pb_bind_text(pb_statement* s, int position, const char* text, int64_t length) {
  return bind_made(s, position, [=] { return text == nullptr ? Value() : Value(text_of(text, length)); });
}
pb_code pb_bind_blob(pb_statement* s, int position, const void* bytes, size_t length) {
  return bind_made(s, position, [=]() -> Result<Value> {
    if (bytes == nullptr && length != 0) return invalid_argument("the bytes are NULL");
    return Value::bytes(std::string_view(static_cast<const char*>(bytes), length));
  });
}
pb_code pb_bind_vector(pb_statement* s, int position, const float* floats, size_t count) {
  return bind_made(s, position, [=]() -> Result<Value> {
    if (floats == nullptr) return invalid_argument("the floats are NULL");
    return Value(std::span<const float>(floats, count));
  });
}
pb_code pb_bind_json(pb_statement* s, int position, const char* json, int64_t length) {
  return bind_made(s, position, [=]() -> Result<Value> {
    if (json == nullptr) return Value();
    return Value::parse_json(text_of(json, length));
  });
}
pb_code pb_bind_date(pb_statement* s, int position, int32_t days) {
  return bind_made(s, position, [=] { return Value(protobase::Date{days}); });
}
pb_code pb_bind_timestamp(pb_statement* s, int position, int64_t microseconds) {
  return bind_made(s, position, [=] { return Value(protobase::Timestamp{microseconds}); });
}
pb_code pb_bind_timespan(pb_statement* s, int position, int64_t microseconds) {
  return bind_made(s, position, [=] { return Value(protobase::Timespan{microseconds}); });
}

int pb_column_count(const pb_statement* statement) {
  return statement == nullptr ? 0 : static_cast<int>(statement->statement.columns().size());
}

const char* pb_column_name(const pb_statement* statement, int column) {
  if (column < 0 || column >= pb_column_count(statement)) return nullptr;
  return statement->statement.columns()[static_cast<size_t>(column)].name.c_str();
}

pb_kind pb_column_type(const pb_statement* statement, int column) {
  return has_cell(statement, column) ? static_cast<pb_kind>(statement->cell(column).kind()) : PB_KIND_NONE;
}

int64_t pb_column_int64(const pb_statement* statement, int column) {
  if (!has_cell(statement, column)) return 0;
  const ValueView value = statement->cell(column);
  switch (value.kind()) {
    case Kind::kBool:
    case Kind::kDate:
    case Kind::kTimestamp:
    case Kind::kTimespan:
    case Kind::kRef:
      return value.integer();
    default:
      return value.as_int64();
  }
}

double pb_column_double(const pb_statement* statement, int column) {
  return has_cell(statement, column) ? statement->cell(column).as_double() : 0;
}

int pb_column_bool(const pb_statement* statement, int column) {
  if (!has_cell(statement, column)) return 0;
  const ValueView value = statement->cell(column);
  return value.as_bool() || (protobase::is_number(value.kind()) && value.as_double() != 0) ? 1 : 0;
}

const char* pb_column_text(pb_statement* statement, int column, size_t* length) try {
  if (length != nullptr) *length = 0;
  if (!has_cell(statement, column) || statement->cell(column).is_none()) return nullptr;
  return keep_text(statement, column, statement->cell(column).to_text(), length);
} catch (...) {
  return nullptr;
}

const void* pb_column_blob(const pb_statement* statement, int column, size_t* length) {
  if (length == nullptr) return nullptr;
  *length = 0;
  if (!has_cell(statement, column)) return nullptr;
  const ValueView value = statement->cell(column);
  if (value.kind() != Kind::kBytes && value.kind() != Kind::kString) return nullptr;
  *length = value.buffer().size();
  return value.buffer().empty() ? "" : value.buffer().data();
}

const float* pb_column_vector(pb_statement* statement, int column, size_t* count) try {
  if (count == nullptr) return nullptr;
  *count = 0;
  if (!has_cell(statement, column)) return nullptr;
  const auto floats = statement->cell(column).get<std::vector<float>>();
  if (!floats) return nullptr;
  if (statement->floats.empty()) statement->floats.resize(statement->chunk->columns.size());
  statement->floats[static_cast<size_t>(column)] = *floats;
  *count = floats->size();
  return statement->floats[static_cast<size_t>(column)].data();
} catch (...) {
  return nullptr;
}

const char* pb_column_json(pb_statement* statement, int column, size_t* length) try {
  if (length != nullptr) *length = 0;
  if (!has_cell(statement, column)) return nullptr;
  return keep_text(statement, column, statement->cell(column).to_json(), length);
} catch (...) {
  return nullptr;
}

}  // extern "C"
