// Functions, casts and patterns on single values.
#include <gtest/gtest.h>

#include <set>

#include "query/executor/cast.h"
#include "query/executor/executor.h"
#include "query/executor/functions.h"
#include "query/executor/like.h"
#include "tests/query/expression_builder.h"

namespace protobase::query {
namespace {

using testing::call;
using testing::cast_to;
using testing::constant;

/// The result of a function as JSON, or its error code's name.
std::string run(FunctionId id, std::initializer_list<Value> arguments) {
  auto expression = call(id);
  for (const Value& argument : arguments) expression->children.push_back(constant(argument));
  const Result<Value> value = evaluate_constant(*expression);
  return value.ok() ? value->to_json() : std::string(status_code_name(value.status().code()));
}

std::string cast_of(Value value, Kind kind) {
  const Result<Value> result = evaluate_constant(*cast_to(kind, constant(std::move(value))));
  return result.ok() ? result->to_json() : std::string(status_code_name(result.status().code()));
}

TEST(Functions, EveryIdIsImplemented) {
  struct Listed {
    FunctionId id;
    const char* name;
  };
  const Listed listed[] = {
#define PROTOBASE_FUNCTION(id, name, least, most, result) {FunctionId::id, name},
#include "query/binder/functions.def"
#undef PROTOBASE_FUNCTION
  };
  std::set<FunctionId> ids;
  for (const Listed& entry : listed) {
    EXPECT_NE(find_function(entry.id), nullptr) << entry.name;
    ids.insert(entry.id);
  }
  // function_ids.inc names exactly the ids of functions.def: its enumerators are numbered without a gap from 1.
  EXPECT_EQ(static_cast<size_t>(*ids.rbegin()), ids.size());
}

TEST(Functions, NoneInNoneOut) {
  EXPECT_EQ(run(FunctionId::kLower, {nullptr}), "null");
  EXPECT_EQ(run(FunctionId::kPower, {2, nullptr}), "null");
  EXPECT_EQ(run(FunctionId::kConcat, {"a", nullptr, 1}), "\"a1\"");
  EXPECT_EQ(run(FunctionId::kTypeOf, {nullptr}), "\"null\"");
  EXPECT_EQ(run(FunctionId::kCoalesce, {nullptr, nullptr, 3}), "3");
}

TEST(Functions, Numbers) {
  EXPECT_EQ(run(FunctionId::kAbs, {-3}), "3");
  EXPECT_EQ(run(FunctionId::kAbs, {-3.5}), "3.5");
  EXPECT_EQ(run(FunctionId::kAbs, {INT64_MIN}), "out of range");
  EXPECT_EQ(run(FunctionId::kCeil, {1.2}), "2.0");
  EXPECT_EQ(run(FunctionId::kFloor, {-1.2}), "-2.0");
  EXPECT_EQ(run(FunctionId::kFloor, {7}), "7");
  EXPECT_EQ(run(FunctionId::kRound, {2.5}), "3.0");
  EXPECT_EQ(run(FunctionId::kRound, {1.005, 2}), "1.01");
  EXPECT_EQ(run(FunctionId::kRound, {1234.5, -2}), "1200.0");
  EXPECT_EQ(run(FunctionId::kSqrt, {-1}), "null");
  EXPECT_EQ(run(FunctionId::kLn, {0}), "null");
  EXPECT_EQ(run(FunctionId::kLog, {100}), "2.0");
  EXPECT_EQ(run(FunctionId::kLog, {2, 8}), "3.0");
  EXPECT_EQ(run(FunctionId::kMod, {7, 0}), "null");
  EXPECT_EQ(run(FunctionId::kMod, {-7, 3}), "-1");
  EXPECT_EQ(run(FunctionId::kSign, {-2.5}), "-1");
  EXPECT_EQ(run(FunctionId::kSqrt, {"x"}), "type error");
  EXPECT_EQ(run(FunctionId::kGreatest, {1, 2.5, nullptr}), "2.5");
  EXPECT_EQ(run(FunctionId::kLeast, {1, "a"}), "type error");
  EXPECT_EQ(run(FunctionId::kNullIf, {1, 1.0}), "null");
}

TEST(Functions, TextCountsCharactersNotBytes) {
  EXPECT_EQ(run(FunctionId::kLength, {"añb"}), "3");
  EXPECT_EQ(run(FunctionId::kOctetLength, {"añb"}), "4");
  EXPECT_EQ(run(FunctionId::kUpper, {"añb"}), "\"AÑB\"");
  EXPECT_EQ(run(FunctionId::kLower, {"ÀÉ"}), "\"àé\"");
  EXPECT_EQ(run(FunctionId::kReverse, {"añb"}), "\"bña\"");
  EXPECT_EQ(run(FunctionId::kSubstring, {"añbc", 2, 2}), "\"ñb\"");
  EXPECT_EQ(run(FunctionId::kSubstring, {"abc", 0, 2}), "\"a\"");
  EXPECT_EQ(run(FunctionId::kSubstring, {"abc", -2}), "\"bc\"");
  EXPECT_EQ(run(FunctionId::kSubstring, {"abc", 2, -1}), "out of range");
  EXPECT_EQ(run(FunctionId::kSubstring, {"abc", INT64_MAX, INT64_MAX}), "\"\"");
  EXPECT_EQ(run(FunctionId::kSubstring, {"abc", INT64_MIN}), "\"abc\"");
  EXPECT_EQ(run(FunctionId::kLeft, {"abc", -1}), "\"ab\"");
  EXPECT_EQ(run(FunctionId::kRight, {"abc", 2}), "\"bc\"");
  EXPECT_EQ(run(FunctionId::kLeft, {"abc", INT64_MIN}), "\"\"");
  EXPECT_EQ(run(FunctionId::kPosition, {"b", "ñb"}), "2");
  EXPECT_EQ(run(FunctionId::kInstr, {"ñb", "z"}), "0");
  EXPECT_EQ(run(FunctionId::kLpad, {"5", 3, "0"}), "\"005\"");
  EXPECT_EQ(run(FunctionId::kRpad, {"abc", 2}), "\"ab\"");
  EXPECT_EQ(run(FunctionId::kRepeat, {"ab", 3}), "\"ababab\"");
  EXPECT_EQ(run(FunctionId::kRepeat, {"ab", INT64_MAX}), "out of range");
  EXPECT_EQ(run(FunctionId::kTrim, {"  a "}), "\"a\"");
  EXPECT_EQ(run(FunctionId::kTrim, {"xxaxx", "x"}), "\"a\"");
  EXPECT_EQ(run(FunctionId::kReplace, {"aXbX", "X", "--"}), "\"a--b--\"");
  EXPECT_EQ(run(FunctionId::kConcatWs, {"-", "a", nullptr, 2}), "\"a-2\"");
  EXPECT_EQ(run(FunctionId::kSplit, {"a,b,,c", ","}), R"(["a","b","","c"])");
  EXPECT_EQ(run(FunctionId::kSplit, {"", ","}), R"([""])");
  EXPECT_EQ(run(FunctionId::kSplit, {"ñb", ""}), R"(["ñ","b"])");
  EXPECT_EQ(run(FunctionId::kChr, {241}), "\"ñ\"");
  EXPECT_EQ(run(FunctionId::kAscii, {"ñ"}), "241");
  EXPECT_EQ(run(FunctionId::kChr, {0xD800}), "out of range");
  EXPECT_EQ(run(FunctionId::kHex, {255}), "\"FF\"");
  EXPECT_EQ(run(FunctionId::kHex, {"az"}), "\"617A\"");
  EXPECT_EQ(run(FunctionId::kStartsWith, {"abc", "ab"}), "true");
  EXPECT_EQ(run(FunctionId::kLower, {5}), "type error");
}

TEST(Functions, ArraysAndObjects) {
  const Value array(Array{3, 1, 2});
  EXPECT_EQ(run(FunctionId::kArrayLength, {array}), "3");
  EXPECT_EQ(run(FunctionId::kArraySort, {array}), "[1,2,3]");
  EXPECT_EQ(run(FunctionId::kArrayContains, {array, 1.0}), "true");
  EXPECT_EQ(run(FunctionId::kArrayAppend, {array, nullptr}), "[3,1,2,null]");
  EXPECT_EQ(run(FunctionId::kArrayConcat, {array, Value(Array{"x"})}), "[3,1,2,\"x\"]");
  EXPECT_EQ(run(FunctionId::kArraySlice, {array, 1, nullptr}), "[1,2]");
  EXPECT_EQ(run(FunctionId::kArraySlice, {array, -2, 99}), "[1,2]");
  EXPECT_EQ(run(FunctionId::kKeys, {Value(Object{{"b", 1}, {"a", 2}})}), R"(["b","a"])");
  EXPECT_EQ(run(FunctionId::kMerge, {Value(Object{{"a", 1}}), nullptr, Value(Object{{"a", 2}, {"b", 3}})}), R"({"a":2,"b":3})");
  EXPECT_EQ(run(FunctionId::kToJson, {array}), "\"[3,1,2]\"");
  EXPECT_EQ(run(FunctionId::kParseJson, {"{\"a\":[1]}"}), R"({"a":[1]})");
  EXPECT_EQ(run(FunctionId::kParseJson, {"{"}), "invalid argument");
}

TEST(Functions, Dates) {
  const Value leap = *evaluate_constant(*cast_to(Kind::kDate, constant("2024-02-29")));
  EXPECT_EQ(run(FunctionId::kYear, {leap}), "2024");
  EXPECT_EQ(run(FunctionId::kExtract, {"doy", leap}), "60.0");
  EXPECT_EQ(run(FunctionId::kExtract, {"dow", leap}), "4.0");
  EXPECT_EQ(run(FunctionId::kExtract, {"quarter", leap}), "1.0");
  EXPECT_EQ(run(FunctionId::kExtract, {"nonsense", leap}), "invalid argument");
  EXPECT_EQ(run(FunctionId::kDateTrunc, {"month", "2024-02-29T13:14:15Z"}), "\"2024-02-01T00:00:00Z\"");
  EXPECT_EQ(run(FunctionId::kDateTrunc, {"week", leap}), "\"2024-02-26T00:00:00Z\"");
  EXPECT_EQ(run(FunctionId::kDateTrunc, {"hour", "1969-12-31T23:30:00Z"}), "\"1969-12-31T23:00:00Z\"");
  EXPECT_EQ(run(FunctionId::kYear, {true}), "type error");
}

TEST(Functions, VectorsAgreeWithTheirFormulas) {
  const Value a(std::vector<float>{3, 4}), b(std::vector<float>{0, 0});
  EXPECT_EQ(run(FunctionId::kVectorDimension, {a}), "2");
  EXPECT_EQ(run(FunctionId::kVectorNorm, {a}), "5.0");
  EXPECT_EQ(run(FunctionId::kL2Distance, {a, b}), "5.0");
  EXPECT_EQ(run(FunctionId::kL1Distance, {a, b}), "7.0");
  EXPECT_EQ(run(FunctionId::kInnerProduct, {a, a}), "25.0");
  EXPECT_EQ(run(FunctionId::kL2Distance, {a, Value(Array{0, 0})}), "5.0");
  EXPECT_EQ(run(FunctionId::kL2Distance, {a, Value(std::vector<float>{1})}), "out of range");
  EXPECT_EQ(run(FunctionId::kL2Distance, {a, 1}), "type error");
}

TEST(Casts, ConvertOrSayWhy) {
  EXPECT_EQ(cast_of("12", Kind::kInt), "12");
  EXPECT_EQ(cast_of(" 12 ", Kind::kInt), "12");
  EXPECT_EQ(cast_of("1x", Kind::kInt), "type error");
  EXPECT_EQ(cast_of("", Kind::kInt), "type error");
  EXPECT_EQ(cast_of(2.5, Kind::kInt), "2");
  EXPECT_EQ(cast_of(1e30, Kind::kInt), "out of range");
  EXPECT_EQ(cast_of(5, Kind::kString), "\"5\"");
  EXPECT_EQ(cast_of("yes", Kind::kBool), "true");
  EXPECT_EQ(cast_of("2024-01-31", Kind::kDate), "\"2024-01-31\"");
  EXPECT_EQ(cast_of("2024-13-31", Kind::kDate), "type error");
  EXPECT_EQ(cast_of("[1, 2.5]", Kind::kVector), "[1.0,2.5]");
  EXPECT_EQ(cast_of(Value(Array{1, "x"}), Kind::kVector), "type error");
  EXPECT_EQ(cast_of("[1,{\"a\":2}]", Kind::kArray), R"([1,{"a":2}])");
  EXPECT_EQ(cast_of(Value(Object{{"a", 1}}), Kind::kInt), "type error");
  const Result<Value> tried = evaluate_constant(*cast_to(Kind::kInt, constant("x"), true));
  ASSERT_TRUE(tried.ok());
  EXPECT_TRUE(tried->is_none());
}

bool like(std::string_view text, std::string_view pattern, std::string_view escape = "", bool ignore_case = false) {
  const Result<Pattern> compiled = Pattern::compile(LikeStyle::kLike, pattern, escape, ignore_case);
  EXPECT_TRUE(compiled.ok());
  return compiled->matches(text);
}

TEST(Patterns, Like) {
  EXPECT_TRUE(like("abc", "abc"));
  EXPECT_FALSE(like("ABC", "abc"));
  EXPECT_TRUE(like("ÀBC", "àbc", "", true));
  EXPECT_TRUE(like("abc", "a%"));
  EXPECT_TRUE(like("abc", "%c"));
  EXPECT_TRUE(like("abc", "%b%"));
  EXPECT_TRUE(like("abc", "a_c"));
  EXPECT_TRUE(like("añc", "a_c"));
  EXPECT_FALSE(like("ac", "a_c"));
  EXPECT_TRUE(like("aXbXc", "a%b%c"));
  EXPECT_FALSE(like("aXbX", "a%b%c"));
  EXPECT_TRUE(like("", "%"));
  EXPECT_TRUE(like("", ""));
  EXPECT_FALSE(like("a", ""));
  EXPECT_TRUE(like("100%", "100!%", "!"));
  EXPECT_FALSE(like("1000", "100!%", "!"));
  EXPECT_TRUE(like("aab", "%ab"));
  EXPECT_TRUE(like("aaab", "%a_b"));
  EXPECT_FALSE(Pattern::compile(LikeStyle::kLike, "a!", "!", false).ok());
}

/// LIKE by its definition, exponential in the worst case.
bool plain_like(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '%') return plain_like(text, pattern.substr(1)) || (!text.empty() && plain_like(text.substr(1), pattern));
  return !text.empty() && (pattern[0] == '_' || pattern[0] == text[0]) && plain_like(text.substr(1), pattern.substr(1));
}

TEST(Patterns, LikeAgreesWithItsDefinition) {
  const uint64_t seed = 20240229;
  proto::Random random(seed);
  for (int round = 0; round < 20000; ++round) {
    std::string text, pattern;
    for (uint64_t i = random.below(7); i > 0; --i) text.push_back("ab"[random.below(2)]);
    for (uint64_t i = random.below(6); i > 0; --i) pattern.push_back("ab%_%"[random.below(5)]);
    ASSERT_EQ(like(text, pattern), plain_like(text, pattern)) << "'" << text << "' LIKE '" << pattern << "', seed " << seed;
  }
}

TEST(Patterns, GlobAndRegexp) {
  const auto glob = [](std::string_view text, std::string_view pattern) {
    return Pattern::compile(LikeStyle::kGlob, pattern, "", false)->matches(text);
  };
  EXPECT_TRUE(glob("file.txt", "*.txt"));
  EXPECT_TRUE(glob("f1", "f[0-9]"));
  EXPECT_FALSE(glob("fx", "f[0-9]"));
  EXPECT_TRUE(glob("fx", "f[^0-9]"));
  EXPECT_TRUE(glob("ñ", "?"));
  EXPECT_FALSE(glob("ab", "a"));
  EXPECT_TRUE(Pattern::compile(LikeStyle::kRegexp, "^a+b", "", false)->matches("aab!"));
  EXPECT_FALSE(Pattern::compile(LikeStyle::kRegexp, "(", "", false).ok());
}

}  // namespace
}  // namespace protobase::query
