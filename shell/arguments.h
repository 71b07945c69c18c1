// The command line of protosh.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shell/printer.h"

namespace protobase::shell {

/// Something to run before leaving: the text of -c or the file of -f, in the order given.
struct Action {
  bool is_file = false;
  std::string text;
  bool operator==(const Action&) const = default;
};

struct Arguments {
  std::string database = ":memory:";
  std::vector<Action> actions;  // empty: read the standard input
  std::optional<Mode> mode;     // not given: box on a terminal, else csv
  bool read_only = false;
  bool bail = false;  // stop a script at its first error
  bool version = false;
  bool help = false;
};

/// Reads the words after the program's name. Error: kInvalidArgument, for exit status 2.
Result<Arguments> parse_arguments(std::span<const char* const> words);

/// What --help prints.
std::string_view usage();

}  // namespace protobase::shell
