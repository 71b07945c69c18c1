#include "shell/printer.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace protobase::shell {

const std::vector<std::string_view>& mode_names() {
  // In the order of Mode.
  static const std::vector<std::string_view> names = {"box",   "table", "csv",      "json",
                                                      "jsonl", "line",  "markdown", "vector"};
  return names;
}

std::string_view mode_name(Mode mode) { return mode_names()[static_cast<size_t>(mode)]; }

Result<Mode> parse_mode(std::string_view name) {
  for (size_t i = 0; i < mode_names().size(); ++i) {
    if (mode_names()[i] == name) return static_cast<Mode>(i);
  }
  return Status(StatusCode::kInvalidArgument, "unknown mode '" + std::string(name) + "'")
      .with_hint(fmt::format("modes are {}", fmt::join(mode_names(), ", ")));
}

std::unique_ptr<Printer> make_printer(const PrinterOptions& options, Output& output) {
  switch (options.mode) {
    case Mode::kCsv:
      return make_csv_printer(output);
    case Mode::kJson:
    case Mode::kJsonLines:
      return make_json_printer(options.mode == Mode::kJsonLines, output);
    case Mode::kLine:
      return make_line_printer(output);
    default:
      return make_table_printer(options, output);
  }
}

std::string compact_vector(const ValueView& vector) {
  constexpr size_t kShown = 4;
  const std::vector<float> floats = vector.as_vector();
  double squares = 0;
  for (const float f : floats) squares += static_cast<double>(f) * static_cast<double>(f);
  std::string text = fmt::format("{}d |{:.4g}| [", floats.size(), std::sqrt(squares));
  for (size_t i = 0; i < floats.size() && i < kShown; ++i) {
    fmt::format_to(std::back_inserter(text), "{}{:.4g}", i == 0 ? "" : ", ", floats[i]);
  }
  return text + (floats.size() > kShown ? ", …]" : "]");
}

}  // namespace protobase::shell
