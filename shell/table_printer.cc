// box, table, markdown and vector: rows in aligned columns. The first rows are kept back to learn how wide columns are;
// the rest stream in those widths, cut where they do not fit.
#include <algorithm>
#include <numeric>

#include "shell/printer.h"
#include "shell/text_width.h"

namespace protobase::shell {
namespace {

constexpr size_t kRowsMeasured = 1000;
constexpr size_t kMoreDigits = 4;  // that numbers after the measured rows may have: identifiers grow

// The strokes of a table: left end, fill, crossing and right end of each kind of line. Empty: no such line.
struct Stroke {
  std::string_view left, fill, cross, right;
};
struct Style {
  Stroke top, middle, bottom;
  std::string_view bar;
};
constexpr Style kBoxStyle = {{"┌", "─", "┬", "┐"}, {"├", "─", "┼", "┤"}, {"└", "─", "┴", "┘"}, "│"};
constexpr Style kTableStyle = {{"+", "-", "+", "+"}, {"+", "-", "+", "+"}, {"+", "-", "+", "+"}, "|"};
constexpr Style kMarkdownStyle = {{}, {"|", "-", "|", "|"}, {}, "|"};

struct Cell {
  std::string text;
  bool right = false;  // aligned to the right
  bool null = false;
};

class TablePrinter : public Printer {
 public:
  TablePrinter(const PrinterOptions& options, Output& output)
      : options_(options),
        style_(options.mode == Mode::kTable      ? kTableStyle
               : options.mode == Mode::kMarkdown ? kMarkdownStyle
                                                 : kBoxStyle),
        output_(output) {}

  void begin(const std::vector<ResultColumn>& columns) override {
    for (const ResultColumn& column : columns) header_.push_back({escaped(visible(column.name))});
  }
  void row(const Row& row) override {
    std::vector<Cell> cells;
    cells.reserve(row.size());
    for (size_t i = 0; i < row.size(); ++i) cells.push_back(make_cell(row[i]));
    if (measured_) return print_cells(cells);
    kept_.push_back(std::move(cells));
    if (kept_.size() >= kRowsMeasured) print_kept(true);
  }
  void end() override {
    if (!measured_) print_kept(false);
    print_stroke(style_.bottom);
  }

 private:
  bool is_markdown() const { return options_.mode == Mode::kMarkdown; }

  std::string escaped(std::string text) const {
    if (!is_markdown()) return text;
    for (size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, 1, '\\');
    return text;
  }

  Cell make_cell(const ValueView& value) const {
    Cell cell;
    cell.null = value.is_none();
    cell.right = is_number(value.kind());
    if (cell.null) {
      if (!is_markdown()) cell.text = "NULL";
    } else if (value.kind() == Kind::kVector && options_.mode == Mode::kVector) {
      cell.text = compact_vector(value);
    } else {
      cell.text = escaped(visible(value.to_text()));
    }
    return cell;
  }

  void print_kept(bool more_to_come) {
    measured_ = true;
    measure(more_to_come);
    print_stroke(style_.top);
    print_cells(header_);
    print_header_rule();
    for (const auto& cells : kept_) print_cells(cells);
    kept_.clear();
  }

  void measure(bool more_to_come) {
    const size_t least = is_markdown() ? 3 : 1;  // "---"
    for (const Cell& cell : header_) widths_.push_back(std::max(least, display_width(cell.text)));
    right_.assign(header_.size(), false);
    for (size_t i = 0; i < header_.size(); ++i) {
      size_t numbers = 0, nulls = 0;
      for (const auto& cells : kept_) {
        widths_[i] = std::max(widths_[i], display_width(cells[i].text));
        numbers += cells[i].right;
        nulls += cells[i].null;
      }
      right_[i] = numbers > 0 && numbers + nulls == kept_.size();
      if (more_to_come && right_[i]) widths_[i] += kMoreDigits;
    }
    if (options_.width > 0 && !is_markdown()) fit(options_.width);
  }

  // Narrows the widest columns to one common width, as far as needed and not below kLeast.
  void fit(size_t limit) {
    constexpr size_t kLeast = 6;
    const size_t frame = 3 * widths_.size() + 1;
    const auto total = [&](size_t cap) {
      return std::accumulate(widths_.begin(), widths_.end(), frame,
                             [&](size_t sum, size_t w) { return sum + std::min(w, cap); });
    };
    size_t cap = std::max(kLeast, limit);
    while (cap > kLeast && total(cap) > limit) --cap;
    for (size_t& width : widths_) width = std::min(width, cap);
  }

  void print_stroke(const Stroke& stroke) {
    if (stroke.left.empty()) return;
    std::string line(stroke.left);
    for (size_t i = 0; i < widths_.size(); ++i) {
      if (i > 0) line += stroke.cross;
      for (size_t n = 0; n < widths_[i] + 2; ++n) line += stroke.fill;
    }
    line.append(stroke.right).push_back('\n');
    output_.write(line);
  }

  // Markdown says in this line which columns are aligned to the right.
  void print_header_rule() {
    if (!is_markdown()) return print_stroke(style_.middle);
    std::string line = "|";
    for (size_t i = 0; i < widths_.size(); ++i)
      line += " " + std::string(widths_[i] - 1, '-') + (right_[i] ? ":" : "-") + " |";
    output_.write(line + "\n");
  }

  void print_cells(const std::vector<Cell>& cells) {
    line_ = style_.bar;
    for (size_t i = 0; i < cells.size(); ++i) {
      // Where all measured values are numbers, the title stands above them.
      const bool right = cells[i].right || ((&cells == &header_ || cells[i].null) && right_[i]);
      append_cell(cells[i], widths_[i], right);
    }
    line_.push_back('\n');
    output_.write(line_);
  }

  void append_cell(const Cell& cell, size_t width, bool right) {
    const std::string text = is_markdown() ? cell.text : cut_to_width(cell.text, width);
    const size_t used = display_width(text);
    const std::string padding(used < width ? width - used : 0, ' ');
    const bool dim = cell.null && options_.colors;
    line_ += ' ';
    if (right) line_ += padding;
    if (dim) line_ += "\x1b[2m";
    line_ += text;
    if (dim) line_ += "\x1b[0m";
    if (!right) line_ += padding;
    line_.append(" ").append(style_.bar);
  }

  PrinterOptions options_;
  const Style& style_;
  Output& output_;
  std::vector<Cell> header_;
  std::vector<std::vector<Cell>> kept_;
  std::vector<size_t> widths_;
  std::vector<bool> right_;  // columns of numbers
  bool measured_ = false;
  std::string line_;
};

}  // namespace

std::unique_ptr<Printer> make_table_printer(const PrinterOptions& options, Output& output) {
  return std::make_unique<TablePrinter>(options, output);
}

}  // namespace protobase::shell
