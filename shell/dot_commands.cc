#include "shell/dot_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "shell/dump.h"
#include "shell/exporter.h"
#include "shell/importer.h"
#include "shell/interrupt.h"
#include "shell/progress_bar.h"

namespace protobase::shell {
namespace {

using Words = std::vector<Word>;

Status invalid(std::string message) { return Status(StatusCode::kInvalidArgument, std::move(message)); }

// Argument `index` (from 1), empty when it was not given.
std::string argument(const Words& words, size_t index) {
  return index < words.size() ? words[index].text : std::string();
}

Result<std::vector<CollectionDescription>> described(Shell& shell, const std::string& only) {
  std::vector<CollectionDescription> collections = shell.database().describe();
  if (only.empty()) return collections;
  std::vector<std::string_view> names;
  for (CollectionDescription& collection : collections) {
    if (collection.name == only) return std::vector<CollectionDescription>{collection};
    names.push_back(collection.name);
  }
  Status missing(StatusCode::kNotFound, "no collection '" + only + "'");
  const std::string_view near = nearest_name(only, names);
  return near.empty() ? std::move(missing) : std::move(missing).with_hint("did you mean " + std::string(near) + "?");
}

void write_definition(Output& output, const std::string& sql) {
  output.write(sql);
  output.write(sql.ends_with(';') ? "\n" : ";\n");
}

Status run_help(Shell& shell, std::string_view, const Words&) {
  for (const DotCommand& command : dot_commands()) {
    shell.output().write(
        fmt::format("{:<51} {}\n", fmt::format("{} {}", command.name, command.arguments), command.help));
  }
  return Status();
}

Status run_tables(Shell& shell, std::string_view, const Words&) {
  for (const CollectionDescription& collection : shell.database().describe())
    shell.output().write(collection.name + "\n");
  return Status();
}

Status run_schema(Shell& shell, std::string_view, const Words& words) {
  PROTO_ASSIGN_OR_RETURN(const auto collections, described(shell, argument(words, 1)));
  for (const CollectionDescription& collection : collections) {
    write_definition(shell.output(), collection.definition);
    for (const auto& attribute : collection.attributes) {
      if (!attribute.declared) shell.output().write(fmt::format("--   {} {}\n", attribute.name, attribute.type));
    }
    for (const IndexDescription& index : collection.indexes) {
      if (!index.is_constraint) write_definition(shell.output(), index.definition);
    }
  }
  return Status();
}

Status run_indexes(Shell& shell, std::string_view, const Words& words) {
  PROTO_ASSIGN_OR_RETURN(const auto collections, described(shell, argument(words, 1)));
  for (const CollectionDescription& collection : collections) {
    for (const IndexDescription& index : collection.indexes) write_definition(shell.output(), index.definition);
  }
  return Status();
}

// FILE COLLECTION with options anywhere between.
Status parse_import(const Words& words, std::vector<std::string>& names, ImportOptions& options) {
  for (size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i].text;
    if (word == "--keep-going") {
      options.keep_going = true;
    } else if (word == "--format" && i + 1 < words.size()) {
      PROTO_ASSIGN_OR_RETURN(options.format, parse_import_format(words[++i].text));
    } else if (word.starts_with("--format=")) {
      PROTO_ASSIGN_OR_RETURN(options.format, parse_import_format(std::string_view(word).substr(9)));
    } else if (word.starts_with("--")) {
      return invalid("unknown option '" + word + "' of .import");
    } else {
      names.push_back(word);
    }
  }
  if (names.size() != 2 || names[0].empty() || names[1].empty())
    return invalid(".import takes a file and a collection");
  return Status();
}

void tell_import(const std::string& file, const std::string& collection, const ImportReport& report, bool interactive) {
  for (const BadRecord& bad : report.bad) fmt::print(stderr, "{}:{}: {}\n", file, bad.line, bad.reason);
  if (report.bad_count > report.bad.size())
    fmt::print(stderr, "... and {} more\n", report.bad_count - report.bad.size());
  if (report.bad_count == 0 && !interactive) return;
  const std::string bad = report.bad_count == 0 ? "" : fmt::format(", {} bad records left out", report.bad_count);
  fmt::print(stderr, "{}: {} objects into {}{}\n", file, report.objects, collection, bad);
}

Status run_import(Shell& shell, std::string_view, const Words& words) {
  std::vector<std::string> names;
  ImportOptions options;
  PROTO_RETURN_IF_ERROR(parse_import(words, names, options));
  if (shell.connection().in_transaction()) {
    return Status(StatusCode::kInvalidState, ".import is a transaction of its own")
        .with_hint("COMMIT or ROLLBACK first");
  }
  const InterruptScope scope(shell.connection(), shell.is_interactive());
  const auto report = [&] {
    ProgressBar bar(names[0]);
    options.progress = [&](size_t done, size_t total) {
      bar.show(done, total);
      return !InterruptScope::requested();
    };
    return import_file(shell.database(), names[0], names[1], options);
  }();
  PROTO_RETURN_IF_ERROR(report.status());
  tell_import(names[0], names[1], *report, shell.is_interactive());
  return Status();
}

Status run_export(Shell& shell, std::string_view line, const Words& words) {
  std::string what(line.substr(words[2].offset));
  if (words.size() == 3) what = words[2].text;
  const InterruptScope scope(shell.connection(), shell.is_interactive());
  PROTO_ASSIGN_OR_RETURN(const uint64_t rows, export_file(shell.database(), shell.connection(), words[1].text, what));
  if (shell.is_interactive()) fmt::print(stderr, "{} rows into {}\n", rows, words[1].text);
  return Status();
}

Status run_read(Shell& shell, std::string_view, const Words& words) { return shell.run_file(words[1].text); }

Status run_dump(Shell& shell, std::string_view, const Words& words) {
  return dump(shell.database(), argument(words, 1), shell.output());
}

Status run_mode(Shell& shell, std::string_view, const Words& words) {
  if (words.size() == 1) {
    shell.output().write(fmt::format("{}\n", mode_name(shell.mode())));
    return Status();
  }
  PROTO_ASSIGN_OR_RETURN(const Mode mode, parse_mode(words[1].text));
  shell.set_mode(mode);
  return Status();
}

Status run_output(Shell& shell, std::string_view, const Words& words) {
  const std::string file = argument(words, 1);
  return shell.redirect(file == "stdout" ? std::string() : file);
}

Status run_timer(Shell& shell, std::string_view, const Words& words) {
  const std::string& word = words[1].text;
  if (word != "on" && word != "off") return invalid(".timer is on or off, not '" + word + "'");
  shell.set_timer(word == "on");
  return Status();
}

Status run_open(Shell& shell, std::string_view, const Words& words) {
  const bool read_only = argument(words, 2) == "--read-only";
  if (words.size() == 3 && !read_only) return invalid("unknown option '" + words[2].text + "' of .open");
  if (shell.connection().in_transaction()) {
    return Status(StatusCode::kInvalidState, "a transaction is open").with_hint("COMMIT or ROLLBACK first");
  }
  return shell.open(words[1].text, read_only);
}

Status run_stats(Shell& shell, std::string_view, const Words&) {
  const DatabaseStatistics s = shell.database().statistics();
  const std::pair<std::string_view, uint64_t> lines[] = {
      {"collections", s.collections}, {"objects", s.objects},         {"indexes", s.indexes},
      {"commits", s.commits},         {"checkpoints", s.checkpoints}, {"log bytes", s.log_bytes},
      {"file bytes", s.file_bytes},   {"node bytes", s.node_bytes},   {"snapshots", s.snapshots}};
  for (const auto& [name, value] : lines) shell.output().write(fmt::format("{:<12} {:>14}\n", name, value));
  return Status();
}

Status run_quit(Shell& shell, std::string_view, const Words&) {
  shell.quit();
  return Status();
}

constexpr size_t kAny = 1000;
using enum ArgumentKind;
const DotCommand kCommands[] = {
    {".help", "", "this list", 0, 0, kNone, kNone, run_help},
    {".tables", "", "names of the collections", 0, 0, kNone, kNone, run_tables},
    {".schema", "[COLLECTION]", "definitions as SQL, attributes seen as comments", 0, 1, kCollection, kNone,
     run_schema},
    {".indexes", "[COLLECTION]", "indexes as SQL", 0, 1, kCollection, kNone, run_indexes},
    {".import", "FILE COLLECTION [--format F] [--keep-going]", "csv, tsv, json, ndjson, fvecs or ivecs", 2, 5, kFile,
     kCollection, run_import},
    {".export", "FILE COLLECTION|SQL", "to .csv, .json, .jsonl, .md or .txt", 2, kAny, kFile, kCollection, run_export},
    {".read", "FILE", "run the statements of a file", 1, 1, kFile, kNone, run_read},
    {".dump", "[COLLECTION]", "SQL that builds everything again", 0, 1, kCollection, kNone, run_dump},
    {".mode", "[MODE]", "box, table, csv, json, jsonl, line, markdown, vector", 0, 1, kMode, kNone, run_mode},
    {".output", "[FILE]", "results go to FILE, or back to the screen", 0, 1, kFile, kNone, run_output},
    {".timer", "on|off", "show how long statements take", 1, 1, kSwitch, kNone, run_timer},
    {".open", "FILE [--read-only]", "close this database and open another", 1, 2, kFile, kNone, run_open},
    {".stats", "", "what the database holds and has done", 0, 0, kNone, kNone, run_stats},
    {".quit", "", "leave (also Ctrl-D)", 0, 0, kNone, kNone, run_quit},
};

Status unknown_command(const std::string& name) {
  std::vector<std::string_view> names;
  for (const DotCommand& command : kCommands) names.push_back(command.name);
  const std::string_view near = nearest_name(name, names);
  return invalid("unknown command '" + name + "'")
      .with_hint(near.empty() ? ".help lists the commands" : "did you mean " + std::string(near) + "?");
}

}  // namespace

std::span<const DotCommand> dot_commands() { return kCommands; }

Status run_dot_command(Shell& shell, std::string_view line) {
  const size_t name_end = std::min(line.find_first_of(" \t"), line.size());
  std::string name(line.substr(0, name_end));
  if (name == ".exit") name = ".quit";
  for (const DotCommand& command : kCommands) {
    if (command.name != name) continue;
    PROTO_ASSIGN_OR_RETURN(const Words words, split_words(line));
    const size_t given = words.size() - 1;
    if (given < command.least || given > command.most) {
      return invalid("usage: " + std::string(command.name) + " " + std::string(command.arguments));
    }
    return command.run(shell, line, words);
  }
  return unknown_command(name);
}

}  // namespace protobase::shell
