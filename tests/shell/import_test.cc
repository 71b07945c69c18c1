#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "shell/csv_import.h"
#include "shell/importer.h"
#include "shell/json_import.h"
#include "shell/mapped_file.h"
#include "shell/vector_import.h"
#include "tests/shell/recording_sink.h"

namespace protobase::shell {
namespace {

using Objects = std::vector<std::string>;

struct Outcome {
  Objects objects;
  std::string error;
  ImportReport report;
};

Outcome import(std::string_view text, ImportFormat format, bool keep_going = false,
               std::function<bool(const ValueView&)> refuse = nullptr) {
  RecordingSink sink;
  sink.refuse = std::move(refuse);
  ImportRun run(sink, "file", keep_going);
  const Status status = read_records(text, format, run);
  return {sink.json, status.message(), run.report()};
}

TEST(CsvImport, TypesColumnsByAllTheirFields) {
  EXPECT_EQ(import("id,code,x,d,ok\n1,007,1,2024-01-02,true\n2,8,2.5,,\n", ImportFormat::kCsv).objects,
            (Objects{R"({"id":1,"code":"007","x":1.0,"d":"2024-01-02","ok":true})",
                     R"({"id":2,"code":"8","x":2.5,"d":null,"ok":null})"}));
}

TEST(CsvImport, HeadersAreMadeUsable) {
  const auto columns = sniff_columns("a,a,,a\n", ',');
  std::vector<std::string> names;
  for (const CsvColumn& column : columns) names.push_back(column.name);
  EXPECT_EQ(names, (std::vector<std::string>{"a", "a_1", "column3", "a_2"}));
}

TEST(CsvImport, EmptyFilesAndHeadersAloneGiveNothing) {
  for (const std::string_view text : {"", "\xEF\xBB\xBF", "a,b", "a,b\r\n", "a,b\n\n\n"}) {
    const Outcome outcome = import(text, ImportFormat::kCsv);
    EXPECT_EQ(outcome.error, "");
    EXPECT_TRUE(outcome.objects.empty());
  }
}

TEST(CsvImport, AnEmptyLineIsARecordOnlyOfOneColumn) {
  EXPECT_EQ(import("a\n1\n\n2\n", ImportFormat::kCsv).objects, (Objects{R"({"a":1})", R"({"a":null})", R"({"a":2})"}));
  EXPECT_EQ(import("a,b\n1,2\n\n3,4\n", ImportFormat::kCsv).objects.size(), 2u);
}

TEST(CsvImport, NamesTheFirstBadLine) {
  EXPECT_EQ(import("a,b\n1,2\n\"x\ny\",2\n3\n", ImportFormat::kCsv).error, "file:5: expected 2 fields, found 1");
  EXPECT_EQ(import("a,b\n1,2,3\n", ImportFormat::kCsv).error, "file:2: expected 2 fields, found 3");
  EXPECT_EQ(import("a,b\n1,\"2\n", ImportFormat::kCsv).error, "file:2: a quoted field is never closed");
  EXPECT_EQ(import("a,b\n1,\xff\n", ImportFormat::kCsv).error, "file:2: not valid UTF-8");
  EXPECT_EQ(import("a,\"b\n", ImportFormat::kCsv).error,
            "file:1: the header cannot be read: a quoted field is never closed");
}

TEST(CsvImport, KeepsGoingWhenAsked) {
  const Outcome outcome = import("a,b\n1,2\n3\n4,5,6\n7,8\n", ImportFormat::kCsv, true);
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.objects, (Objects{R"({"a":1,"b":2})", R"({"a":7,"b":8})"}));
  ASSERT_EQ(outcome.report.bad_count, 2u);
  EXPECT_EQ(outcome.report.bad[0].line, 3u);
  EXPECT_EQ(outcome.report.bad[1].line, 4u);
}

TEST(CsvImport, ListsSomeBadLinesAndCountsAll) {
  std::string text = "a,b\n";
  for (int i = 0; i < 50; ++i) text += "1\n";
  const Outcome outcome = import(text, ImportFormat::kCsv, true);
  EXPECT_EQ(outcome.report.bad_count, 50u);
  EXPECT_EQ(outcome.report.bad.size(), ImportReport::kListed);
}

TEST(CsvImport, FindsTheRecordThatTheDatabaseRefuses) {
  std::string text = "a\n";
  for (int i = 0; i < 3000; ++i) text += std::to_string(i) + "\n";
  const auto refuse = [](const ValueView& object) { return object["a"].as_int64() == 1500; };
  EXPECT_EQ(import(text, ImportFormat::kCsv, false, refuse).error, "file:1502: refused");
  const Outcome outcome = import(text, ImportFormat::kCsv, true, refuse);
  EXPECT_EQ(outcome.objects.size(), 2999u);
  EXPECT_EQ(outcome.report.objects, 2999u);
  ASSERT_EQ(outcome.report.bad_count, 1u);
  EXPECT_EQ(outcome.report.bad[0].line, 1502u);
}

TEST(CsvImport, StopsWhenInterrupted) {
  std::string text = "a\n";
  for (int i = 0; i < 5000; ++i) text += "1\n";
  RecordingSink sink;
  ImportRun run(sink, "file", true, [](size_t) { return false; });
  EXPECT_EQ(read_records(text, ImportFormat::kCsv, run).code(), StatusCode::kCancelled);
}

TEST(JsonImport, TakesArraysAndSingleObjects) {
  EXPECT_EQ(import(R"([{"a":[1,{"b":"]"}]} , {"c":"\"}"}])", ImportFormat::kJson).objects,
            (Objects{R"({"a":[1,{"b":"]"}]})", R"({"c":"\"}"})"}));
  EXPECT_EQ(import(" {\"a\":1}\n", ImportFormat::kJson).objects, (Objects{R"({"a":1})"}));
  EXPECT_EQ(import("[]", ImportFormat::kJson).objects, Objects());
  EXPECT_EQ(import("[1, null]", ImportFormat::kJson).objects, (Objects{R"({"value":1})", R"({"value":null})"}));
}

TEST(JsonImport, NamesTheLineOfWhatIsWrong) {
  EXPECT_TRUE(import("[\n{\"a\":1},\n{\"a\":}\n]", ImportFormat::kJson).error.starts_with("file:3: "));
  EXPECT_EQ(import("[\n1,\n]", ImportFormat::kJson).error, "file:3: a value is missing");
  EXPECT_EQ(import("[1", ImportFormat::kJson).error, "file:1: expected ',' or ']' after a value of the array");
  EXPECT_EQ(import("[1]\n]", ImportFormat::kJson).error, "file:2: text after the end of the array");
  EXPECT_FALSE(import("", ImportFormat::kJson).error.empty());
}

TEST(JsonImport, LinesAreDocuments) {
  EXPECT_EQ(import("{\"a\":1}\r\n\n{\"a\":2}", ImportFormat::kJsonLines).objects,
            (Objects{R"({"a":1})", R"({"a":2})"}));
  EXPECT_TRUE(import("{\"a\":1}\n\n{\"a\":\n", ImportFormat::kJsonLines).error.starts_with("file:3: "));
  const Outcome outcome = import("{\"a\":1}\nnonsense\n{\"a\":2}\n", ImportFormat::kJsonLines, true);
  EXPECT_EQ(outcome.objects.size(), 2u);
  EXPECT_EQ(outcome.report.bad_count, 1u);
}

TEST(JsonImport, JudgesAsJsonTestSuite) {
  const std::filesystem::path root = PROTOBASE_SOURCE_DIR "/build/corpora/4-parsers/JSONTestSuite/test_parsing";
  if (!std::filesystem::exists(root)) {
    std::cout << "skipped: " << root << " is not unpacked\n";
    GTEST_SKIP();
  }
  size_t accepted = 0, rejected = 0;
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    const std::string name = entry.path().filename().string();
    const auto file = MappedFile::open(entry.path().string());
    ASSERT_TRUE(file.ok()) << name;
    const std::string error = import(file->bytes(), ImportFormat::kJson).error;
    if (name.starts_with("y_")) EXPECT_EQ(error, "") << name;
    if (name.starts_with("n_")) EXPECT_NE(error, "") << name;
    accepted += name.starts_with("y_");
    rejected += name.starts_with("n_");
  }
  EXPECT_EQ(accepted, 95u);
  EXPECT_EQ(rejected, 188u);
}

template <class T>
std::string vector_record(int32_t dimension, std::vector<T> components) {
  std::string out(reinterpret_cast<const char*>(&dimension), sizeof dimension);
  out.append(reinterpret_cast<const char*>(components.data()), components.size() * sizeof(T));
  return out;
}

TEST(VectorImport, ReadsRecords) {
  EXPECT_EQ(import(vector_record<float>(2, {1, 2.5f}) + vector_record<float>(2, {3, 4}), ImportFormat::kFvecs).objects,
            (Objects{R"({"id":0,"embedding":[1.0,2.5]})", R"({"id":1,"embedding":[3.0,4.0]})"}));
  EXPECT_EQ(import(vector_record<int32_t>(3, {7, -8, 9}), ImportFormat::kIvecs).objects,
            (Objects{R"({"id":0,"neighbors":[7,-8,9]})"}));
  EXPECT_EQ(import("", ImportFormat::kFvecs).error, "");
}

TEST(VectorImport, RefusesWhatIsNoVector) {
  const std::string good = vector_record<float>(2, {1, 2});
  EXPECT_EQ(import(good + good.substr(0, 9), ImportFormat::kFvecs).error,
            "file:2: the file ends in the middle of a record");
  EXPECT_EQ(import(good + "ab", ImportFormat::kFvecs).error, "file:2: the file ends in the middle of a record");
  EXPECT_EQ(import(good + vector_record<float>(1, {1}), ImportFormat::kFvecs).error,
            "file:2: dimension 1 instead of 2");
  EXPECT_NE(import(vector_record<float>(-1, {}), ImportFormat::kFvecs).error, "");
  EXPECT_NE(import("this is text, not vectors", ImportFormat::kFvecs).error, "");
  EXPECT_EQ(import(vector_record<float>(1, {NAN}), ImportFormat::kFvecs).error,
            "file:1: a component is not a finite number");
}

TEST(Importer, GuessesTheFormat) {
  EXPECT_EQ(guess_import_format("a.csv", "[1]"), ImportFormat::kCsv);
  EXPECT_EQ(guess_import_format("a.b/x.jsonl", ""), ImportFormat::kJsonLines);
  EXPECT_EQ(guess_import_format("data", " {"), ImportFormat::kJson);
  EXPECT_EQ(guess_import_format("data", "id,name"), ImportFormat::kCsv);
  EXPECT_FALSE(parse_import_format("xml").ok());
}

}  // namespace
}  // namespace protobase::shell
