#include "shell/arguments.h"

namespace protobase::shell {
namespace {

Status usage_error(std::string message) {
  return Status(StatusCode::kInvalidArgument, std::move(message)).with_hint("protosh --help lists the options");
}

// Walks over the words; an option's value is the next word or what follows '=' in "--name=value".
class Parser {
 public:
  explicit Parser(std::span<const char* const> words) : words_(words) {}

  Result<Arguments> parse() {
    bool options_end = false;
    for (; at_ < words_.size(); ++at_) {
      std::string_view word = words_[at_];
      if (word == "--" && !options_end) {
        options_end = true;
      } else if (options_end || word.size() < 2 || word[0] != '-') {
        PROTO_RETURN_IF_ERROR(take_database(word));
      } else {
        PROTO_RETURN_IF_ERROR(take_option(word));
      }
    }
    return std::move(arguments_);
  }

 private:
  Status take_database(std::string_view word) {
    if (has_database_) return usage_error("more than one database: '" + std::string(word) + "'");
    if (word.empty()) return usage_error("the name of the database is empty");
    has_database_ = true;
    arguments_.database = word;
    return Status();
  }

  Status take_option(std::string_view word) {
    const size_t equals = word.starts_with("--") ? word.find('=') : std::string_view::npos;
    inline_value_.reset();
    if (equals != std::string_view::npos) inline_value_ = word.substr(equals + 1);
    const std::string_view name = word.substr(0, equals);
    if (name == "-c" || name == "--command") return take_action(name, false);
    if (name == "-f" || name == "--file") return take_action(name, true);
    if (name == "--mode") return take_mode(name);
    bool* flag = name == "--read-only"              ? &arguments_.read_only
                 : name == "--bail"                 ? &arguments_.bail
                 : name == "--version"              ? &arguments_.version
                 : name == "--help" || name == "-h" ? &arguments_.help
                                                    : nullptr;
    if (flag == nullptr) return usage_error("unknown option '" + std::string(name) + "'");
    if (inline_value_) return usage_error("option '" + std::string(name) + "' takes no value");
    *flag = true;
    return Status();
  }

  Result<std::string_view> value_of(std::string_view name) {
    if (inline_value_) return *inline_value_;
    if (at_ + 1 >= words_.size()) return usage_error("option '" + std::string(name) + "' needs a value");
    return std::string_view(words_[++at_]);
  }

  Status take_action(std::string_view name, bool is_file) {
    PROTO_ASSIGN_OR_RETURN(const std::string_view value, value_of(name));
    arguments_.actions.push_back({is_file, std::string(value)});
    return Status();
  }

  Status take_mode(std::string_view name) {
    PROTO_ASSIGN_OR_RETURN(const std::string_view value, value_of(name));
    PROTO_ASSIGN_OR_RETURN(arguments_.mode, parse_mode(value));
    return Status();
  }

  std::span<const char* const> words_;
  size_t at_ = 0;
  std::optional<std::string_view> inline_value_;
  bool has_database_ = false;
  Arguments arguments_;
};

}  // namespace

Result<Arguments> parse_arguments(std::span<const char* const> words) { return Parser(words).parse(); }

std::string_view usage() {
  return "usage: protosh [FILE|:memory:] [options]\n"
         "\n"
         "Opens a database (made when it does not exist; :memory: when none is named) and runs statements\n"
         "from the terminal, a pipe, -c or -f. A line that begins with a dot is a command: try .help\n"
         "\n"
         "  -c, --command SQL   run SQL and leave; may be given several times, also mixed with -f\n"
         "  -f, --file FILE     run the statements of FILE and leave\n"
         "      --mode MODE     box, table, csv, json, jsonl, line, markdown or vector\n"
         "                      (box on a terminal, else csv)\n"
         "      --read-only     open without the right to change anything\n"
         "      --bail          stop a script at its first error\n"
         "      --version       print the version and leave\n"
         "  -h, --help          print this text and leave\n"
         "\n"
         "Exit status: 0, 1 when a statement failed, 2 when the command line was wrong.\n";
}

}  // namespace protobase::shell
