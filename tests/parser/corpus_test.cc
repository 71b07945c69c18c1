// Statements that others wrote: all of SQLite's sqllogictest must parse, and with fast prediction alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "query/parser/fingerprint.h"
#include "query/parser/parser.h"

namespace protobase::parser {
namespace {

namespace fs = std::filesystem;

struct Record {
  std::string sql;
  bool must_fail = false;
  size_t line = 0;
};

std::string trimmed(std::string line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.pop_back();
  return line;
}

bool runs_as_sqlite(const std::string& line) {
  std::istringstream words(line);
  std::string condition, name;
  words >> condition >> name;
  return (condition == "onlyif") == (name == "sqlite");
}

/// The statements of one file that an engine that calls itself sqlite would run.
std::vector<Record> read_records(const fs::path& file) {
  std::ifstream in(file);
  std::vector<Record> out;
  std::string line;
  size_t number = 0;
  bool run = true;
  while (std::getline(in, line)) {
    ++number;
    line = trimmed(line);
    if (line.empty()) run = true;
    if (line.starts_with("skipif") || line.starts_with("onlyif")) run = run && runs_as_sqlite(line);
    if (line.starts_with("halt") && run) break;
    if (!line.starts_with("statement") && !line.starts_with("query")) continue;
    Record record;
    record.must_fail = line.starts_with("statement error");
    record.line = number + 1;
    while (std::getline(in, line) && ++number && !(line = trimmed(line)).empty() && line != "----")
      record.sql += line + "\n";
    while (line == "----" && std::getline(in, line) && ++number && !trimmed(line).empty()) line = "----";
    if (run) out.push_back(std::move(record));
    run = true;
  }
  return out;
}

fs::path corpus(const std::string& name) {
  return fs::path(PROTOBASE_SOURCE_DIR) / "build/corpora/1-sqllogictest" / name;
}

/// What this dialect leaves out on purpose; none of it is in the standard's core.
bool is_left_out(const std::string& sql) {
  return sql.starts_with("CREATE TRIGGER") || sql.starts_with("CREATE TEMP TRIGGER") || sql.starts_with("DROP TRIGGER");
}

TEST(Corpus, EveryStatementOfSqliteParsesWithFastPredictionAlone) {
  const fs::path root = corpus("sqlite-slt");
  if (!fs::exists(root)) GTEST_SKIP() << "the corpus is not unpacked in " << root;
  const Statistics before = statistics();
  size_t parsed = 0, left_out = 0, failed = 0, disagreed = 0;
  Fingerprint key;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file() || entry.path().extension() != ".test") continue;
    for (const Record& record : read_records(entry.path())) {
      if (is_left_out(record.sql)) {
        ++left_out;
        continue;
      }
      const auto result = parse(record.sql, {.literals_as_parameters = true});
      if (!result.ok()) {
        if (!record.must_fail && ++failed <= 20) {
          ADD_FAILURE() << entry.path().filename() << ":" << record.line << "\n" << result.status().render(record.sql);
        }
        continue;
      }
      ++parsed;
      fingerprint(record.sql, &key);
      if (result->size() != 1) continue;
      if (result->front()->extracted_count != key.literals.size() && ++disagreed <= 20) {
        ADD_FAILURE() << "fingerprint and parser disagree: " << result->front()->extracted_count << " of "
                      << key.literals.size() << " in " << record.sql;
      }
    }
  }
  EXPECT_EQ(failed, 0u);
  EXPECT_EQ(disagreed, 0u);
  EXPECT_GT(parsed, 100000u);
  EXPECT_EQ(statistics().fallbacks, before.fallbacks);
  std::cout << "parsed " << parsed << ", left out " << left_out << " (triggers)\n";
}

}  // namespace
}  // namespace protobase::parser
