// A session of protosh: an open database, settings, and the loop that takes statements and dot commands from a source.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "db/protobase.h"
#include "shell/line_source.h"
#include "shell/output.h"
#include "shell/printer.h"

namespace protobase::shell {

/// Says what is open and how results are shown. One thread; Ctrl-C comes in through InterruptScope.
class Shell {
 public:
  struct Options {
    bool interactive = false;  // someone types and reads: footers, progress, Ctrl-C cancels
    bool bail = false;         // end a source at its first error
    std::optional<Mode> mode;  // not set: box on a terminal, else csv
  };
  Shell(Database database, const Options& options);

  /// Runs everything that `source` gives: statements as soon as their ';' came, lines that begin with a dot as
  /// commands, a last statement without ';' too. Each result is flushed when it is done. Errors go to stderr and are
  /// counted.
  void run(LineSource& source);
  /// Opens a script file and runs it. An error when it cannot be opened or scripts call each other without end.
  Status run_file(const std::string& path);
  /// Runs one statement (with or without ';') and prints what it gives.
  Status execute(std::string_view statement);

  /// Replaces the open database; the old one stays open when the new one does not open.
  Status open(const std::string& path, bool read_only);
  /// Results go to a file from now on; an empty path goes back to stdout.
  Status redirect(const std::string& path);
  void set_mode(Mode mode) { mode_ = mode; }
  /// The mode of the next result.
  Mode mode() const;
  void set_timer(bool on) { timer_ = on; }
  bool timer() const { return timer_; }
  /// Ends the running sources after the current command.
  void quit() { quit_ = true; }

  Database& database() { return database_; }
  Connection& connection() { return connection_; }
  Output& output() { return output_; }
  bool is_interactive() const { return options_.interactive; }
  /// Statements and commands that failed so far.
  uint64_t error_count() const { return errors_; }
  /// Prints an error to stderr and counts it. `text` is the statement that its position refers to.
  void report(const Status& status, std::string_view text);
  /// "shop> ", "shop*> " inside a transaction, or as many blanks and "...> ".
  std::string prompt(Prompt kind) const;
  /// The statement that is being typed, before the current line.
  const std::string& pending() const { return pending_; }

 private:
  // Whether nothing more is to run, in no source.
  bool is_over() const { return quit_ || (options_.bail && errors_ > 0); }
  bool take_line(const Line& line);
  bool run_one(std::string_view statement);
  bool run_command(std::string_view line);
  Result<uint64_t> print(ResultSet& rows);
  Result<uint64_t> print_lines(ResultSet& rows);
  void print_footer(const ResultSet& result, uint64_t row_count, double milliseconds);

  Database database_;
  Connection connection_;
  Options options_;
  Output output_;
  bool redirected_ = false;
  std::optional<Mode> mode_;
  bool timer_ = false;
  bool quit_ = false;
  uint64_t errors_ = 0;
  int depth_ = 0;  // of sources inside sources
  std::string pending_;
  std::string place_;  // "script.sql:12: " of the running source; empty for others
  uint64_t line_ = 0;  // of the running source
};

/// Whether `text` holds nothing but blanks and comments that are closed. O(text).
bool is_blank_sql(std::string_view text);

/// The database's name as the prompt shows it: the file name without folders and ".pdb".
std::string database_title(std::string_view path);

}  // namespace protobase::shell
