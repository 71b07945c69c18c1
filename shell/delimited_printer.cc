// csv and line: rows stream, nothing is kept.
#include <algorithm>

#include "shell/printer.h"
#include "shell/text_width.h"

namespace protobase::shell {
namespace {

// RFC 4180 but for the line end, which is LF: a pipe of Unix tools would carry a CR along. None is an empty field, an
// empty text "" in quotes.
class CsvPrinter : public Printer {
 public:
  explicit CsvPrinter(Output& output) : output_(output) {}

  void begin(const std::vector<ResultColumn>& columns) override {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) line_.push_back(',');
      append_text(columns[i].name);
    }
    end_line();
  }
  void row(const Row& row) override {
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line_.push_back(',');
      append(row[i]);
    }
    end_line();
  }
  void end() override {}

 private:
  void append(const ValueView& value) {
    if (value.is_none()) return;
    if (value.kind() == Kind::kString) return append_text(value.buffer());
    append_text(value.to_text());
  }
  void append_text(std::string_view text) {
    if (!text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos) return void(line_ += text);
    line_.push_back('"');
    for (const char c : text) {
      if (c == '"') line_.push_back('"');
      line_.push_back(c);
    }
    line_.push_back('"');
  }
  void end_line() {
    line_.push_back('\n');
    output_.write(line_);
    line_.clear();
  }
  Output& output_;
  std::string line_;
};

// "name = value", one attribute a line, an empty line between rows.
class LinePrinter : public Printer {
 public:
  explicit LinePrinter(Output& output) : output_(output) {}

  void begin(const std::vector<ResultColumn>& columns) override {
    for (const ResultColumn& column : columns) width_ = std::max(width_, display_width(column.name));
    for (const ResultColumn& column : columns) {
      names_.push_back(std::string(width_ - display_width(column.name), ' ') + column.name + " = ");
    }
  }
  void row(const Row& row) override {
    if (!first_) output_.write('\n');
    first_ = false;
    for (size_t i = 0; i < row.size(); ++i) {
      output_.write(names_[i]);
      output_.write(row[i].to_text());
      output_.write('\n');
    }
  }
  void end() override {}

 private:
  Output& output_;
  std::vector<std::string> names_;
  size_t width_ = 0;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<Printer> make_csv_printer(Output& output) { return std::make_unique<CsvPrinter>(output); }
std::unique_ptr<Printer> make_line_printer(Output& output) { return std::make_unique<LinePrinter>(output); }

}  // namespace protobase::shell
