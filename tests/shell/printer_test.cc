#include "shell/printer.h"

#include <gtest/gtest.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>

#include "shell/text_width.h"

namespace protobase::shell {
namespace {

using Rows = std::vector<std::vector<Value>>;

std::string print(PrinterOptions options, const std::vector<std::string>& names, const Rows& rows) {
  std::vector<ResultColumn> columns;
  for (const std::string& name : names) columns.push_back({name});
  char* text = nullptr;
  size_t size = 0;
  std::FILE* stream = ::open_memstream(&text, &size);
  {
    Output output(stream);
    const auto printer = make_printer(options, output);
    printer->begin(columns);
    for (const auto& row : rows) {
      std::vector<ValueView> cells(row.begin(), row.end());
      ResultChunk chunk{1, {}};
      for (ValueView& cell : cells) chunk.columns.push_back({&cell, 1});
      printer->row(Row(&chunk, &columns, 0));
    }
    printer->end();
    EXPECT_TRUE(output.flush().ok());
  }
  std::fclose(stream);
  std::string out(text, size);
  std::free(text);
  return out;
}

const Rows kRows = {{"Coat hook", 7}, {Value(), 12.5}, {"a|b\n", Value()}};

TEST(Printer, Box) {
  EXPECT_EQ(print({Mode::kBox}, {"name", "n"}, kRows),
            "┌───────────┬──────┐\n"
            "│ name      │    n │\n"
            "├───────────┼──────┤\n"
            "│ Coat hook │    7 │\n"
            "│ NULL      │ 12.5 │\n"
            "│ a|b\\n     │ NULL │\n"
            "└───────────┴──────┘\n");
}

TEST(Printer, Table) {
  EXPECT_EQ(print({Mode::kTable}, {"a", "long name"}, {{1, "x"}}),
            "+---+-----------+\n"
            "| a | long name |\n"
            "+---+-----------+\n"
            "| 1 | x         |\n"
            "+---+-----------+\n");
}

TEST(Printer, TablesOfNoRows) {
  EXPECT_EQ(print({Mode::kTable}, {"a"}, {}), "+---+\n| a |\n+---+\n+---+\n");
  EXPECT_EQ(print({Mode::kCsv}, {"a", "b"}, {}), "a,b\n");
  EXPECT_EQ(print({Mode::kJson}, {"a"}, {}), "[]\n");
  EXPECT_EQ(print({Mode::kJsonLines}, {"a"}, {}), "");
  EXPECT_EQ(print({Mode::kMarkdown}, {"a"}, {}), "| a   |\n| --- |\n");
}

TEST(Printer, Markdown) {
  EXPECT_EQ(print({Mode::kMarkdown}, {"name", "n"}, kRows),
            "| name      |    n |\n"
            "| --------- | ---: |\n"
            "| Coat hook |    7 |\n"
            "|           | 12.5 |\n"
            "| a\\|b\\n    |      |\n");
}

TEST(Printer, CsvQuotesWhatNeedsIt) {
  EXPECT_EQ(print({Mode::kCsv}, {"a,b", "c"}, {{"x\"y", Value()}, {"", "line\nend"}, {"plain", true}}),
            "\"a,b\",c\n\"x\"\"y\",\n\"\",\"line\nend\"\nplain,true\n");
}

TEST(Printer, Json) {
  EXPECT_EQ(print({Mode::kJson}, {"a\"", "b"}, {{1, "x"}, {Value(), Array{1, "y"}}}),
            "[\n  {\"a\\\"\": 1, \"b\": \"x\"},\n  {\"a\\\"\": null, \"b\": [1,\"y\"]}\n]\n");
  EXPECT_EQ(print({Mode::kJsonLines}, {"a", "b"}, {{1, "x"}, {2, Object{{"k", 1.5}}}}),
            "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":{\"k\":1.5}}\n");
}

TEST(Printer, Lines) {
  EXPECT_EQ(print({Mode::kLine}, {"a", "name"}, {{1, "x"}, {2, Value()}}), "   a = 1\nname = x\n\n   a = 2\nname = \n");
}

TEST(Printer, VectorModeIsCompact) {
  const std::vector<float> floats = {3, 4, 0, 0, 0, 0};
  EXPECT_EQ(print({Mode::kVector}, {"v"}, {{floats}}),
            "┌────────────────────────┐\n"
            "│ v                      │\n"
            "├────────────────────────┤\n"
            "│ 6d |5| [3, 4, 0, 0, …] │\n"
            "└────────────────────────┘\n");
}

TEST(Printer, BoxFitsTheTerminal) {
  const std::string wide(300, 'x');
  const std::string text = print({Mode::kBox, 40}, {"id", "text", "more"}, {{1, wide, wide}, {2, "short", "s"}});
  size_t start = 0;
  while (start < text.size()) {
    const size_t end = text.find('\n', start);
    EXPECT_LE(display_width(text.substr(start, end - start)), 40u);
    start = end + 1;
  }
  EXPECT_NE(text.find("xx…"), std::string::npos);
}

TEST(Printer, RowsAfterTheMeasuredOnesAreCut) {
  Rows rows(1500, {Value("abc")});
  rows.push_back({Value("longer than all before")});
  const std::string text = print({Mode::kTable}, {"c"}, rows);
  EXPECT_NE(text.find("| lo… |"), std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1501 + 4);
}

TEST(Printer, NumbersMayGrowAfterTheMeasuredRows) {
  Rows rows;
  for (int i = 1; i <= 120'000; i += 10) rows.push_back({i});
  const std::string text = print({Mode::kBox, 80}, {"id"}, rows);
  EXPECT_NE(text.find("119991 │"), std::string::npos);
  EXPECT_EQ(text.find("…"), std::string::npos);
}

TEST(Printer, NullIsDimOnlyInColours) {
  EXPECT_EQ(print({Mode::kBox}, {"a"}, {{Value()}}).find('\x1b'), std::string::npos);
  EXPECT_NE(print({Mode::kBox, 0, true}, {"a"}, {{Value()}}).find("\x1b[2mNULL\x1b[0m"), std::string::npos);
}

TEST(Printer, ModesHaveNames) {
  for (const std::string_view name : mode_names()) {
    const auto mode = parse_mode(name);
    ASSERT_TRUE(mode.ok());
    EXPECT_EQ(mode_name(*mode), name);
  }
  EXPECT_FALSE(parse_mode("boxes").ok());
}

TEST(TextWidth, CountsColumns) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("äöü"), 3u);
  EXPECT_EQ(display_width("日本"), 4u);
  EXPECT_EQ(display_width("e\u0301"), 1u) << "a combining accent";
  EXPECT_EQ(display_width("\xff\xfe"), 2u);
  EXPECT_EQ(cut_to_width("日本語", 5), "日本…");
  EXPECT_EQ(cut_to_width("日本語", 4), "日…");
  EXPECT_EQ(cut_to_width("abc", 3), "abc");
  EXPECT_EQ(visible("a\x1b[2Jb\t"), "a\\x1b[2Jb\\t");
}

}  // namespace
}  // namespace protobase::shell
