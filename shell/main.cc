// protosh: the shell of ProtoBase.
#include <fmt/format.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>

#include "shell/arguments.h"
#include "shell/interrupt.h"
#include "shell/line_editor.h"
#include "shell/shell.h"

namespace protobase::shell {
namespace {

constexpr int kSuccess = 0, kStatementFailed = 1, kUsageError = 2;

std::string with_separators(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string short_version() {
  const std::string_view full = version();
  return std::string(full.ends_with(".0") ? full.substr(0, full.size() - 2) : full);
}

void print_banner(const Database& database) {
  const DatabaseStatistics statistics = database.statistics();
  fmt::print("ProtoBase {}  {} ({} {}, {} {}{})   .help for help\n", short_version(), database.path(),
             with_separators(statistics.collections), statistics.collections == 1 ? "collection" : "collections",
             with_separators(statistics.objects), statistics.objects == 1 ? "object" : "objects",
             database.is_read_only() ? ", read-only" : "");
  std::fflush(stdout);
}

void run_actions(Shell& shell, const Arguments& arguments) {
  for (const Action& action : arguments.actions) {
    if (arguments.bail && shell.error_count() > 0) return;
    if (action.is_file) {
      const Status status = shell.run_file(action.text);
      if (!status.ok()) shell.report(status, "");
    } else {
      TextLines lines(action.text);
      shell.run(lines);
    }
  }
}

void run_input(Shell& shell) {
  if (shell.is_interactive()) {
    ignore_interrupts();
    print_banner(shell.database());
    LineEditor editor(shell);
    shell.run(editor);
  } else {
    StreamLines lines(stdin, "");
    shell.run(lines);
  }
}

int run(const Arguments& arguments) {
  OpenOptions open;
  open.read_only = arguments.read_only;
  Result<Database> database = Database::open(arguments.database, open);
  if (!database.ok()) {
    fmt::print(stderr, "error: {}\n", database.status().render(""));
    return kStatementFailed;
  }
  Shell::Options options;
  options.interactive = arguments.actions.empty() && ::isatty(STDIN_FILENO) != 0;
  options.bail = arguments.bail;
  options.mode = arguments.mode;
  Shell shell(*std::move(database), options);
  arguments.actions.empty() ? run_input(shell) : run_actions(shell, arguments);
  // What a script left open is not committed; it must not keep the database from closing.
  if (shell.connection().in_transaction()) (void)shell.connection().execute("ROLLBACK").ok();
  const Status closed = shell.database().close();
  if (!closed.ok()) shell.report(closed, "");
  // Who types has seen the errors; a script's caller has not.
  return shell.error_count() == 0 || (shell.is_interactive() && closed.ok()) ? kSuccess : kStatementFailed;
}

}  // namespace
}  // namespace protobase::shell

int main(int count, char** words) {
  using namespace protobase::shell;
  // Widths of characters need a UTF-8 locale, also where none is set.
  if (std::setlocale(LC_CTYPE, "") == nullptr || MB_CUR_MAX == 1) std::setlocale(LC_CTYPE, "C.UTF-8");
  const auto arguments =
      parse_arguments(std::span<const char* const>(words + 1, static_cast<size_t>(count > 0 ? count - 1 : 0)));
  if (!arguments.ok()) {
    fmt::print(stderr, "protosh: {}\n{}\n", arguments.status().message(), arguments.status().hint());
    return kUsageError;
  }
  if (arguments->help || arguments->version) {
    if (arguments->help)
      fmt::print("{}", usage());
    else
      fmt::print("protosh {}\n", protobase::version());
    return kSuccess;
  }
  return run(*arguments);
}
