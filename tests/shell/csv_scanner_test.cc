#include "shell/csv_scanner.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>

#include "db/value.h"
#include "shell/mapped_file.h"

namespace protobase::shell {
namespace {

using Record = std::vector<std::string>;

std::vector<Record> scan(std::string_view text, char delimiter = ',') {
  CsvScanner scanner(text, delimiter);
  std::vector<Record> records;
  while (scanner.next()) {
    Record record;
    for (const CsvField& field : scanner.fields()) record.emplace_back(field.text);
    if (!scanner.problem().empty()) record = {"problem: " + scanner.problem()};
    records.push_back(std::move(record));
  }
  return records;
}

TEST(CsvScanner, CutsFieldsAndLines) {
  EXPECT_EQ(scan("a,b\n1,2\n"), (std::vector<Record>{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(scan("a,b\r\n1,2"), (std::vector<Record>{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(scan("a\rb\r"), (std::vector<Record>{{"a"}, {"b"}}));
  EXPECT_EQ(scan(",\n,"), (std::vector<Record>{{"", ""}, {"", ""}}));
  EXPECT_EQ(scan(""), std::vector<Record>());
  EXPECT_EQ(scan("\n"), (std::vector<Record>{{""}}));
  EXPECT_EQ(scan("\xEF\xBB\xBFid\n"), (std::vector<Record>{{"id"}}));
  EXPECT_EQ(scan("\xEF\xBB\xBF"), std::vector<Record>());
  EXPECT_EQ(scan("a\tb,c", '\t'), (std::vector<Record>{{"a", "b,c"}}));
}

TEST(CsvScanner, QuotesHoldAnything) {
  EXPECT_EQ(scan("\"a,b\",\"c\nd\"\n"), (std::vector<Record>{{"a,b", "c\nd"}}));
  EXPECT_EQ(scan("\"say \"\"hi\"\"\",\"\"\"\"\n"), (std::vector<Record>{{"say \"hi\"", "\""}}));
  EXPECT_EQ(scan("\"\""), (std::vector<Record>{{""}}));
  EXPECT_EQ(scan("a\"b,c"), (std::vector<Record>{{"a\"b", "c"}})) << "a quote inside a plain field is a character";
}

TEST(CsvScanner, ManyEscapedFieldsOfOneRecordStayApart) {
  std::string text;
  Record expected;
  for (int i = 0; i < 100; ++i) {
    text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\"\"\"";
    expected.push_back(std::to_string(i) + "\"");
  }
  EXPECT_EQ(scan(text + "\n" + text), (std::vector<Record>{expected, expected}));
}

TEST(CsvScanner, TellsQuotedFromPlain) {
  CsvScanner scanner("\"\",");
  ASSERT_TRUE(scanner.next());
  ASSERT_EQ(scanner.fields().size(), 2u);
  EXPECT_TRUE(scanner.fields()[0].quoted);
  EXPECT_FALSE(scanner.fields()[1].quoted);
}

TEST(CsvScanner, GoesOnAfterBrokenQuotes) {
  EXPECT_EQ(scan("\"a\"b,c\nd,e\n"), (std::vector<Record>{{"problem: text after a closing quote"}, {"d", "e"}}));
  EXPECT_EQ(scan("a,\"b\nc,d\n"), (std::vector<Record>{{"problem: a quoted field is never closed"}, {"c", "d"}}));
}

TEST(CsvScanner, CountsLinesThroughQuotedLineEnds) {
  CsvScanner scanner("h\n\"a\nb\r\nc\rd\"\nlast\n\"open\nx\n");
  std::vector<uint64_t> lines;
  while (scanner.next()) lines.push_back(scanner.line());
  EXPECT_EQ(lines, (std::vector<uint64_t>{1, 2, 6, 7, 8}));
}

// The corpus lost the CRs of newlines_crlf.csv, while its json still has them.
std::string wanted(std::string_view expected, std::string_view csv) {
  std::string text(expected);
  if (csv.find('\r') == std::string_view::npos) std::erase(text, '\r');
  return text;
}

// Each csv of the corpus comes with what it means, as an array of objects of texts.
TEST(CsvScanner, ReadsCsvSpectrum) {
  const std::filesystem::path root = PROTOBASE_SOURCE_DIR "/build/corpora/4-parsers/csv-spectrum";
  if (!std::filesystem::exists(root)) {
    std::cout << "skipped: " << root << " is not unpacked\n";
    GTEST_SKIP();
  }
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(root / "csvs")) {
    const auto csv = MappedFile::open(entry.path().string());
    const auto json = MappedFile::open((root / "json" / entry.path().stem()).string() + ".json");
    ASSERT_TRUE(csv.ok() && json.ok());
    const Result<Value> expected = Value::parse_json(json->bytes());
    ASSERT_TRUE(expected.ok()) << entry.path() << expected.status().to_string();
    const std::vector<Record> records = scan(csv->bytes());
    const bool one = expected->kind() == Kind::kObject;  // one record is written without its array
    ASSERT_EQ(records.size(), (one ? 1 : expected->size()) + 1) << entry.path();
    for (size_t row = 1; row < records.size(); ++row) {
      for (size_t column = 0; column < records[0].size(); ++column) {
        const ValueView object = one ? expected->view() : (*expected)[static_cast<int64_t>(row - 1)];
        if (records[0][column] == "Contact Phone Number")
          continue;  // csv and json of the corpus hold different numbers
        EXPECT_EQ(wanted(object[records[0][column]].as_string(), csv->bytes()), records[row][column]) << entry.path();
      }
    }
    ++files;
  }
  EXPECT_EQ(files, 12u);
}

}  // namespace
}  // namespace protobase::shell
