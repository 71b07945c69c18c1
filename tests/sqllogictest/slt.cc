// Runs files of SQLite's sqllogictest against the database.
//
//   slt [-v] FILE|FOLDER...     each file starts on an empty database; this engine runs as "sqlite"
//
// Understood: statement ok|error, query with values one per line or rows separated by blanks, rowsort and valuesort, hashes,
// hash-threshold, skipif, onlyif, halt. Values are rendered as the letters of the query say (I, R, T; others as T).
// The closing line gives the counts; the exit status is 1 when something failed.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "db/protobase.h"
#include "tests/sqllogictest/md5.h"

namespace {

using namespace protobase;

struct Counts {
  uint64_t files = 0, statements = 0, queries = 0, failures = 0, skipped = 0;
};

struct Record {
  std::string kind;   // "statement ok", "query IIT rowsort x-0"
  std::string sql;
  std::vector<std::string> expected;
  size_t line = 0;
  bool has_results = false;
};

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string printable(std::string_view text) {
  if (text.empty()) return "(empty)";
  std::string out(text);
  for (char& c : out) c = c >= 0x20 && c <= 0x7e ? c : '@';
  return out;
}

std::string render_integer(const ValueView& value) {
  if (value.kind() == Kind::kDouble) return std::to_string(static_cast<int64_t>(value.real()));
  if (value.kind() == Kind::kInt || value.kind() == Kind::kBool) return std::to_string(value.integer());
  return std::to_string(std::strtoll(value.to_text().c_str(), nullptr, 10));
}

std::string render(const ValueView& value, char type) {
  if (value.is_none()) return "NULL";
  if (type == 'I') return render_integer(value);
  if (type == 'R') {
    char text[400];
    const double real = is_number(value.kind()) ? value.as_double() : std::strtod(value.to_text().c_str(), nullptr);
    std::snprintf(text, sizeof text, "%.3f", real);
    return text;
  }
  return printable(value.to_text());
}

class File {
 public:
  File(std::string path, bool verbose, Counts& counts)
      : path_(std::move(path)), verbose_(verbose), counts_(counts), database_(*Database::open(":memory:")), connection_(database_.connect()) {}

  void run() {
    ++counts_.files;
    std::ifstream in(path_);
    std::vector<std::string> block;
    size_t number = 0, start = 0;
    for (std::string line; !halted_ && std::getline(in, line);) {
      ++number;
      while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back()))) line.pop_back();
      if (!line.empty() && line[0] == '#') continue;
      if (!line.empty()) {
        if (block.empty()) start = number;
        block.push_back(line);
        continue;
      }
      run_block(block, start);
      block.clear();
    }
    if (!halted_) run_block(block, start);
  }

 private:
  void run_block(const std::vector<std::string>& block, size_t line) {
    Record record;
    record.line = line;
    size_t at = 0;
    bool skip = false;
    for (; at < block.size(); ++at) {
      const auto words = words_of(block[at]);
      if (words[0] == "skipif") skip |= words.size() > 1 && words[1] == "sqlite";
      else if (words[0] == "onlyif") skip |= words.size() > 1 && words[1] != "sqlite";
      else if (words[0] == "hash-threshold") continue;
      else break;
    }
    if (at == block.size()) return;
    if (skip) {
      ++counts_.skipped;
      return;
    }
    record.kind = block[at++];
    for (; at < block.size() && block[at] != "----"; ++at) record.sql += block[at] + "\n";
    record.has_results = at < block.size();
    for (++at; at < block.size(); ++at) record.expected.push_back(block[at]);
    run_record(record);
  }

  void run_record(const Record& record) {
    const auto words = words_of(record.kind);
    if (words[0] == "halt") halted_ = true;
    else if (words[0] == "statement") run_statement(record, words.size() > 1 && words[1] == "error");
    else if (words[0] == "query") run_query(record, words);
    else ++counts_.skipped;
  }

  void fail(const Record& record, const std::string& why) {
    ++counts_.failures;
    if (verbose_) std::cout << path_ << ":" << record.line << ": " << why << "\n" << record.sql;
  }

  void run_statement(const Record& record, bool wants_error) {
    ++counts_.statements;
    auto changed = connection_.execute(record.sql);
    if (!changed.ok() && !wants_error) fail(record, changed.status().render(record.sql));
    if (changed.ok() && wants_error) fail(record, "an error was expected");
  }

  void run_query(const Record& record, const std::vector<std::string>& words) {
    ++counts_.queries;
    if (words.size() > 1 && words[1] == "error") {
      auto result = connection_.query(record.sql);
      if (result.ok()) {
        while (result->next_chunk() != nullptr) {}
        if (result->status().ok()) fail(record, "an error was expected");
      }
      return;
    }
    auto result = connection_.query(record.sql);
    if (!result.ok()) return fail(record, result.status().render(record.sql));
    const std::string types = words.size() > 1 ? words[1] : "";
    if (result->columns().size() != types.size()) {
      return fail(record, std::to_string(types.size()) + " columns expected, got " + std::to_string(result->columns().size()));
    }
    std::vector<std::vector<std::string>> rows;
    for (const Row& row : *result) {
      auto& out = rows.emplace_back();
      for (size_t i = 0; i < row.size(); ++i) out.push_back(render(row[i], types[i]));
    }
    if (!result->status().ok()) return fail(record, result->status().render(record.sql));
    compare(record, words.size() > 2 ? words[2] : "nosort", std::move(rows));
  }

  void compare(const Record& record, const std::string& order, std::vector<std::vector<std::string>> rows) {
    if (order == "rowsort") std::sort(rows.begin(), rows.end());
    std::vector<std::string> values;
    std::vector<std::string> lines;
    for (const auto& row : rows) {
      std::string line;
      for (const std::string& value : row) {
        values.push_back(value);
        line += (line.empty() ? "" : " ") + value;
      }
      lines.push_back(std::move(line));
    }
    if (order == "valuesort") std::sort(values.begin(), values.end());
    if (record.expected.size() == 1 && record.expected[0].find(" values hashing to ") != std::string::npos) {
      std::string all;
      for (const std::string& value : values) all += value + "\n";
      const std::string hash = std::to_string(values.size()) + " values hashing to " + protobase::slt::md5(all);
      if (hash != record.expected[0]) fail(record, "expected " + record.expected[0] + ", got " + hash);
      return;
    }
    std::vector<std::string> wanted;
    for (const std::string& line : record.expected) {
      std::string joined;
      for (const std::string& word : words_of(line)) joined += (joined.empty() ? "" : " ") + word;
      wanted.push_back(std::move(joined));
    }
    std::vector<std::string> by_row = wanted;
    if (order == "rowsort") std::sort(by_row.begin(), by_row.end()), std::sort(lines.begin(), lines.end());
    if (values == record.expected || lines == by_row) return;
    std::string got;
    for (const std::string& line : lines) got += "  " + line + "\n";
    fail(record, "expected other values; got\n" + got);
  }

  std::string path_;
  bool verbose_;
  Counts& counts_;
  Database database_;
  Connection connection_;
  bool halted_ = false;
};

void collect(const std::filesystem::path& path, std::vector<std::string>& files) {
  if (!std::filesystem::is_directory(path)) return files.push_back(path.string());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    const auto extension = entry.path().extension();
    if (entry.is_regular_file() && (extension == ".slt" || extension == ".test")) files.push_back(entry.path().string());
  }
}

}  // namespace

int main(int argc, char** argv) {
  bool verbose = false;
  std::vector<std::string> files;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "-v") == 0) verbose = true;
    else collect(argv[i], files);
  }
  std::sort(files.begin(), files.end());
  Counts counts;
  for (const std::string& file : files) {
    const uint64_t before = counts.failures;
    File(file, verbose, counts).run();
    if (counts.failures != before) std::cout << file << ": " << counts.failures - before << " failures\n";
  }
  std::cout << counts.files << " files, " << counts.statements << " statements, " << counts.queries << " queries, " << counts.skipped
            << " skipped, " << counts.failures << " failures\n";
  return counts.failures == 0 ? 0 : 1;
}
