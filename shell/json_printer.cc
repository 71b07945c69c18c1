// json and jsonl: an object per row.
#include "shell/printer.h"

namespace protobase::shell {
namespace {

class JsonPrinter : public Printer {
 public:
  JsonPrinter(bool lines, Output& output) : lines_(lines), output_(output) {}

  void begin(const std::vector<ResultColumn>& columns) override {
    for (const ResultColumn& column : columns) names_.push_back(Value(column.name).to_json() + (lines_ ? ":" : ": "));
    if (!lines_) output_.write('[');
  }
  void row(const Row& row) override {
    if (!lines_) output_.write(first_ ? "\n  " : ",\n  ");
    first_ = false;
    output_.write('{');
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) output_.write(lines_ ? "," : ", ");
      output_.write(names_[i]);
      output_.write(row[i].to_json());
    }
    output_.write(lines_ ? "}\n" : "}");
  }
  void end() override {
    if (!lines_) output_.write(first_ ? "]\n" : "\n]\n");
  }

 private:
  bool lines_;
  Output& output_;
  std::vector<std::string> names_;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<Printer> make_json_printer(bool lines, Output& output) {
  return std::make_unique<JsonPrinter>(lines, output);
}

}  // namespace protobase::shell
