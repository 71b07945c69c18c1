// How rows become text. A printer is made for each result.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "db/protobase.h"
#include "shell/output.h"

namespace protobase::shell {

enum class Mode : uint8_t { kBox, kTable, kCsv, kJson, kJsonLines, kLine, kMarkdown, kVector };

/// "box", "table", "csv", "json", "jsonl", "line", "markdown", "vector". Error: kInvalidArgument with the names.
Result<Mode> parse_mode(std::string_view name);
std::string_view mode_name(Mode mode);
/// All names, for completion and help.
const std::vector<std::string_view>& mode_names();

/// Prints one result: begin once, row for each, end once. One thread.
class Printer {
 public:
  virtual ~Printer() = default;
  virtual void begin(const std::vector<ResultColumn>& columns) = 0;
  virtual void row(const Row& row) = 0;
  virtual void end() = 0;
};

struct PrinterOptions {
  Mode mode = Mode::kBox;
  size_t width = 0;     // columns of the terminal; 0: no limit
  bool colors = false;  // dim NULL
};

/// `output` must outlive the printer.
std::unique_ptr<Printer> make_printer(const PrinterOptions& options, Output& output);

// One maker per family, each in its own file.
std::unique_ptr<Printer> make_table_printer(const PrinterOptions& options,
                                            Output& output);  // box, table, markdown, vector
std::unique_ptr<Printer> make_csv_printer(Output& output);
std::unique_ptr<Printer> make_json_printer(bool lines, Output& output);
std::unique_ptr<Printer> make_line_printer(Output& output);

/// A vector in little room: dimension, norm and the first components.
std::string compact_vector(const ValueView& vector);

}  // namespace protobase::shell
