#include "shell/completion.h"

#include <gtest/gtest.h>

namespace protobase::shell {
namespace {

using Names = std::vector<std::string>;

CompletionContext context() {
  static constexpr std::string_view kKeywords[] = {"FROM", "INSERT", "INTO", "SELECT", "SET"};
  CompletionContext context;
  context.keywords = kKeywords;
  CollectionDescription products, makers;
  products.name = "products";
  products.attributes = {{"name", "text", false}, {"price", "real", false}, {"size", "object", false}};
  makers.name = "makers";
  makers.attributes = {{"country", "text", false}, {"odd name", "text", false}};
  context.collections = {products, makers};
  return context;
}

Names candidates(std::string_view line, std::string_view pending = "") {
  return complete(pending, line, context()).candidates;
}

TEST(Completion, KeywordsKeepTheCaseOfTheWord) {
  EXPECT_EQ(candidates("SE"), (Names{"SELECT", "SET"}));
  EXPECT_EQ(candidates("sel"), (Names{"select"}));
  EXPECT_EQ(complete("", "SELECT 1 fr", context()).start, 9u);
}

TEST(Completion, NoNameBeginsAStatement) {
  EXPECT_EQ(candidates("p"), Names());
  EXPECT_EQ(candidates("SELECT 1; p"), Names());
  EXPECT_EQ(candidates("SELECT p"), (Names{"price", "products"}));
}

TEST(Completion, CollectionsAfterFrom) {
  EXPECT_EQ(candidates("SELECT * FROM "), (Names{"makers", "products"}));
  EXPECT_EQ(candidates("SELECT * from p"), (Names{"products"}));
  EXPECT_EQ(candidates("CREATE INDEX i ON m"), (Names{"makers"}));
  EXPECT_EQ(candidates("p", "SELECT 1\nFROM\n"), (Names{"products"}));
}

TEST(Completion, AttributesOfAnAlias) {
  EXPECT_EQ(candidates("SELECT * FROM products p, makers AS m WHERE p."), (Names{"name", "price", "size"}));
  EXPECT_EQ(candidates("SELECT * FROM products p, makers AS m WHERE m.c"), (Names{"country"}));
  EXPECT_EQ(candidates("SELECT products.pr"), (Names{"price"}));
  EXPECT_EQ(candidates("SELECT makers.o"), (Names{"\"odd name\""}));
}

TEST(Completion, AttributesInSight) {
  EXPECT_EQ(candidates("SELECT * FROM makers WHERE c"), (Names{"country"}));
  EXPECT_EQ(candidates("SELECT pri"), (Names{"price"}));
}

TEST(Completion, DotCommandsAndTheirArguments) {
  EXPECT_EQ(candidates(".in"), (Names{".indexes"}));
  EXPECT_EQ(candidates(".mode js"), (Names{"json", "jsonl"}));
  EXPECT_EQ(candidates(".schema m"), (Names{"makers"}));
  EXPECT_EQ(candidates(".import file.csv p"), (Names{"products"}));
  EXPECT_EQ(candidates(".timer "), (Names{"off", "on"}));
  EXPECT_EQ(candidates(".read " PROTOBASE_SOURCE_DIR "/tests/shell/completion_t"),
            (Names{PROTOBASE_SOURCE_DIR "/tests/shell/completion_test.cc"}));
  EXPECT_EQ(candidates(".in", "SELECT\n"), Names()) << "inside a statement a dot begins no command";
}

TEST(Completion, CommonPrefix) {
  EXPECT_EQ(common_prefix({"json", "jsonl"}), "json");
  EXPECT_EQ(common_prefix({"a", "b"}), "");
  EXPECT_EQ(common_prefix({}), "");
}

}  // namespace
}  // namespace protobase::shell
