// The commands that begin with a dot.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "shell/command_words.h"
#include "shell/shell.h"

namespace protobase::shell {

/// What a command's argument is, for completion.
enum class ArgumentKind : uint8_t { kNone, kFile, kCollection, kMode, kSwitch };

struct DotCommand {
  std::string_view name;       // ".import"
  std::string_view arguments;  // "FILE COLLECTION [--format F]", for help
  std::string_view help;
  size_t least, most;  // number of arguments
  ArgumentKind first, second;
  Status (*run)(Shell& shell, std::string_view line, const std::vector<Word>& words);
};

/// All commands in the order of .help.
std::span<const DotCommand> dot_commands();

/// Runs a line that begins with a dot. Errors: kInvalidArgument for an unknown command (with what may have been meant)
/// or wrong arguments, and what the command met.
Status run_dot_command(Shell& shell, std::string_view line);

}  // namespace protobase::shell
