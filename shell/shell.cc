#include "shell/shell.h"

#include <fmt/format.h>

#include <chrono>
#include <cstring>
#include <memory>

#include "shell/dot_commands.h"
#include "shell/interrupt.h"

namespace protobase::shell {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f\v";

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string counted(uint64_t count, std::string_view one, std::string_view many) {
  std::string digits = std::to_string(count);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits + " " + std::string(count == 1 ? one : many);
}

bool is_plan(const ResultSet& rows) { return rows.columns().size() == 1 && rows.columns()[0].name == "plan"; }

// What people type at a prompt they do not know; no statement is one such word.
bool is_plain_command(std::string_view line) { return line == "help" || line == "quit" || line == "exit"; }

}  // namespace

bool is_blank_sql(std::string_view text) {
  for (;;) {
    text = text.substr(std::min(text.find_first_not_of(kBlanks), text.size()));
    if (text.empty()) return true;
    size_t end = std::string_view::npos;
    if (text.starts_with("--")) end = std::min(text.find('\n'), text.size() - 1) + 1;
    if (text.starts_with("/*") && (end = text.find("*/", 2)) != std::string_view::npos) end += 2;
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end);
  }
}

std::string database_title(std::string_view path) {
  if (path.starts_with(':')) return "memory";
  if (path.starts_with("file:")) path.remove_prefix(5);
  path = path.substr(0, path.find('?'));
  path = path.substr(path.rfind('/') + 1);
  if (path.ends_with(".pdb") && path.size() > 4) path.remove_suffix(4);
  return std::string(path);
}

Shell::Shell(Database database, const Options& options)
    : database_(std::move(database)),
      connection_(database_.connect()),
      options_(options),
      output_(stdout),
      mode_(options.mode) {}

Mode Shell::mode() const {
  if (mode_) return *mode_;
  return output_.is_terminal() ? Mode::kBox : Mode::kCsv;
}

std::string Shell::prompt(Prompt kind) const {
  const std::string title = database_title(database_.path());
  if (kind == Prompt::kContinuation) return std::string(title.size() > 2 ? title.size() - 2 : 0, ' ') + "...> ";
  return title + (connection_.in_transaction() ? "*> " : "> ");
}

void Shell::run(LineSource& source) {
  const std::string outer_pending = std::exchange(pending_, {});
  const std::string outer_place = place_;
  const uint64_t outer_line = std::exchange(line_, 0);
  ++depth_;
  bool going = true;
  while (going && !is_over()) {
    const auto line = source.next(pending_.empty() ? Prompt::kStatement : Prompt::kContinuation);
    if (!line) break;
    ++line_;
    if (!source.name().empty()) place_ = fmt::format("{}:{}: ", source.name(), line_);
    going = take_line(*line);
  }
  if (going && !is_over() && !is_blank_sql(pending_)) run_one(trimmed(pending_));
  --depth_;
  pending_ = outer_pending;
  place_ = outer_place;
  line_ = outer_line;
}

// False when the source is to end.
bool Shell::take_line(const Line& line) {
  if (line.cancelled) {
    pending_.clear();
    return true;
  }
  if (pending_.empty() && trimmed(line.text).starts_with('.')) return run_command(trimmed(line.text));
  if (pending_.empty() && options_.interactive && is_plain_command(trimmed(line.text))) {
    return run_command("." + std::string(trimmed(line.text)));
  }
  pending_.append(line.text).push_back('\n');
  // A statement can only be complete once a ';' came: long statements are not scanned again for every line.
  bool going = true;
  if (line.text.find(';') != std::string::npos) {
    size_t done = 0;
    while (going && !is_over()) {
      const size_t length = complete_statement_length(std::string_view(pending_).substr(done));
      if (length == 0) break;
      going = run_one(trimmed(std::string_view(pending_).substr(done, length)));
      done += length;
    }
    pending_.erase(0, done);
  }
  if (is_blank_sql(pending_)) pending_.clear();
  return going;
}

bool Shell::run_one(std::string_view statement) {
  if (statement == ";" || is_blank_sql(statement)) return true;
  const Status status = execute(statement);
  if (!status.ok()) report(status, statement);
  return status.ok() || !options_.bail;
}

bool Shell::run_command(std::string_view line) {
  const Status status = run_dot_command(*this, line);
  if (!status.ok()) report(status, "");
  const Status flushed = output_.flush();
  if (!flushed.ok()) report(flushed, "");
  return (status.ok() && flushed.ok()) || !options_.bail;
}

Status Shell::run_file(const std::string& path) {
  constexpr int kDeepest = 32;
  if (depth_ >= kDeepest) return Status(StatusCode::kInvalidState, path + ": scripts read each other too deep");
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
  if (file == nullptr) return Status(StatusCode::kNotFound, path + ": " + std::strerror(errno));
  StreamLines lines(file.get(), path);
  run(lines);
  return Status();
}

Status Shell::execute(std::string_view statement) {
  const auto start = std::chrono::steady_clock::now();
  const InterruptScope scope(connection_, options_.interactive);
  PROTO_ASSIGN_OR_RETURN(ResultSet result, connection_.query(statement));
  Result<uint64_t> row_count = print(result);
  const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
  if (row_count.ok()) print_footer(result, *row_count, elapsed.count());
  PROTO_RETURN_IF_ERROR(output_.flush());
  return row_count.status();
}

Result<uint64_t> Shell::print(ResultSet& rows) {
  if ((mode() == Mode::kBox || mode() == Mode::kTable) && is_plan(rows)) return print_lines(rows);
  uint64_t count = 0;
  std::unique_ptr<Printer> printer;
  if (rows.has_rows()) {
    printer = make_printer({mode(), output_.terminal_width(), output_.is_terminal()}, output_);
    printer->begin(rows.columns());
  }
  for (const Row& row : rows) {
    if (printer != nullptr) printer->row(row);
    ++count;
  }
  if (printer != nullptr && (count > 0 || rows.status().ok())) printer->end();
  PROTO_RETURN_IF_ERROR(rows.status());
  return count;
}

// A plan is text of many lines, wider than terminals are: a frame around it only breaks them.
Result<uint64_t> Shell::print_lines(ResultSet& rows) {
  uint64_t count = 0;
  for (const Row& row : rows) {
    output_.write(std::string(row[0].as_string()) + "\n");
    ++count;
  }
  PROTO_RETURN_IF_ERROR(rows.status());
  return count;
}

void Shell::print_footer(const ResultSet& result, uint64_t row_count, double milliseconds) {
  const std::string time = fmt::format("({:.{}f} ms)\n", milliseconds, milliseconds < 100 ? 1 : 0);
  if (!options_.interactive) {
    if (timer_) fmt::print(stderr, "{}", time);
    return;
  }
  const bool for_people = mode() == Mode::kBox || mode() == Mode::kTable || mode() == Mode::kVector;
  if (redirected_ || !(for_people || timer_)) return;
  if (result.has_rows()) return output_.write(counted(row_count, "row ", "rows ") + time);
  if (result.changes() > 0)
    return output_.write(counted(result.changes(), "object changed ", "objects changed ") + time);
  output_.write("ok " + time);
}

void Shell::report(const Status& status, std::string_view text) {
  ++errors_;
  // What was printed before the error stands before it.
  (void)output_.flush().ok();
  std::string message = status.render(text);
  if (text.empty()) {  // a position without its text would point nowhere
    message = status.to_string();
    if (!status.hint().empty()) message += "\n  hint: " + status.hint();
  }
  fmt::print(stderr, "{}error: {}\n", place_, message);
  std::fflush(stderr);
}

Status Shell::open(const std::string& path, bool read_only) {
  OpenOptions options;
  options.read_only = read_only;
  PROTO_ASSIGN_OR_RETURN(Database opened, Database::open(path, options));
  const Status closed = database_.close();
  database_ = std::move(opened);
  connection_ = database_.connect();
  return closed;
}

Status Shell::redirect(const std::string& path) {
  PROTO_RETURN_IF_ERROR(output_.flush());
  if (path.empty()) {
    output_ = Output(stdout);
    redirected_ = false;
    return Status();
  }
  PROTO_ASSIGN_OR_RETURN(output_, Output::create(path));
  redirected_ = true;
  return Status();
}

}  // namespace protobase::shell
