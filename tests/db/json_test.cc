#include "db/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "db/document.h"
#include "tests/db/random_values.h"

namespace protobase {
namespace {

std::string round_trip(std::string_view json) {
  auto value = Value::parse_json(json);
  return value ? value->to_json() : std::string(value.status().message());
}

TEST(Json, ReadsAndPrints) {
  for (std::string_view text :
       {"null", "true", "[]", "{}", "0", "-1", "9223372036854775807", "-9223372036854775808", "0.1", "1e+300", "\"\"",
        R"("a\"\\\n\u0001é")", R"({"":{"":[{}]},"a.b":[1,2.0,null]})"}) {
    EXPECT_EQ(round_trip(text), text);
  }
  EXPECT_EQ(round_trip(" [ 1 , \"\\u00e9\\ud83d\\ude00\\/\" ]\r\n"), "[1,\"\xC3\xA9\xF0\x9F\x98\x80/\"]");
  EXPECT_EQ(round_trip(R"({"a":1,"b":2,"a":{"c":3}})"), R"({"a":{"c":3},"b":2})");
  EXPECT_EQ(round_trip("[9223372036854775808, 123456789012345678901234567890, -18446744073709551617]"),
            "[9223372036854775808.0,1.2345678901234568e+29,-18446744073709551616.0]");
  EXPECT_EQ(round_trip(R"(["9223372036854775808999", 99999999999999999999, "\\", 1.99999999999999999999])"),
            R"(["9223372036854775808999",1e+20,"\\",2.0])");
  EXPECT_EQ(Value::parse_json("1e-400")->as_double(7), 0.0);
  EXPECT_EQ(Value::parse_json("1.0")->kind(), Kind::kDouble);
}

TEST(Json, RefusesWhatIsNotJson) {
  for (std::string_view text : {"",
                                " ",
                                "\xEF\xBB\xBF{}",
                                "{",
                                "[1,]",
                                "{\"a\":1,}",
                                "{a:1}",
                                "'a'",
                                "01",
                                "1.",
                                ".5",
                                "+1",
                                "NaN",
                                "1 2",
                                "[1]x",
                                "tru",
                                "\"a",
                                "\"\t\"",
                                "\"\\x\"",
                                "[\"\xFF\"]",
                                R"(["\ud800"])",
                                R"(["\udc00"])",
                                R"(["\ud800\u0041"])",
                                R"({"\udc00":1})",
                                "1e999",
                                "[-1e9999]",
                                "[1e99999999999999999999999]",
                                "\"\xED\xA0\x80\"",
                                "// x\n1"}) {
    auto value = Value::parse_json(text);
    EXPECT_EQ(value.status().code(), StatusCode::kInvalidArgument) << text;
  }
  EXPECT_TRUE(Value::parse_json(std::string(kMaxDepth, '[') + std::string(kMaxDepth, ']')));
  EXPECT_FALSE(Value::parse_json(std::string(kMaxDepth + 1, '[') + std::string(kMaxDepth + 1, ']')));
  EXPECT_FALSE(Value::parse_json(std::string(100'000, '[')));
}

TEST(Json, LinesAreNumberedAndGoOnAfterABadOne) {
  NdjsonReader reader("{\"a\":1}\r\n\n  \n[2]\n{bad}\n3");
  EXPECT_EQ(decode_trusted(*reader.next()).to_json(), "{\"a\":1}");
  EXPECT_EQ(decode_trusted(*reader.next()).to_json(), "[2]");
  EXPECT_EQ(reader.line(), 4U);
  auto bad = reader.next();
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.status().message().substr(0, 7), "line 5:") << bad.status().message();
  EXPECT_EQ(decode_trusted(*reader.next()).to_json(), "3");
  EXPECT_EQ(reader.line(), 6U);
  EXPECT_TRUE(reader.next()->empty());
}

TEST(Json, DoublesReadBackToTheSameBits) {
  const uint64_t seed = 17;
  SCOPED_TRACE(seed);
  proto::Random random(seed);
  for (int round = 0; round < 50000; ++round) {
    const double real = std::bit_cast<double>(random.next());
    if (!std::isfinite(real)) continue;
    auto back = Value::parse_json(Value(real).to_json());
    ASSERT_TRUE(back) << Value(real).to_json();
    ASSERT_EQ(back->kind(), Kind::kDouble);
    ASSERT_EQ(std::bit_cast<uint64_t>(back->as_double()), std::bit_cast<uint64_t>(real));
  }
}

TEST(Json, WhatIsPrintedIsAlwaysJson) {
  const uint64_t seed = 18;
  SCOPED_TRACE(seed);
  proto::Random random(seed);
  for (int round = 0; round < 20000; ++round) {
    const std::string json = random_value(random, 3).to_json();
    auto back = Value::parse_json(json);
    ASSERT_TRUE(back) << json << back.status().to_string();
  }
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Json, TestSuiteOfParsers) {
  const std::filesystem::path folder =
      std::string(PROTOBASE_SOURCE_DIR) + "/build/corpora/4-parsers/JSONTestSuite/test_parsing";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "JSONTestSuite is not unpacked at " << folder;
  int accepted = 0, refused = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    auto value = Value::parse_json(read_file(entry.path()));
    if (name[0] != 'i') {
      EXPECT_EQ(value.ok(), name[0] == 'y') << name << ": " << value.status().to_string();
    }
    ++(value ? accepted : refused);
  }
  EXPECT_GE(accepted, 95);
  EXPECT_GE(refused, 188);
}

}  // namespace
}  // namespace protobase
