#include <gtest/gtest.h>

#include "shell/arguments.h"
#include "shell/command_words.h"

namespace protobase::shell {
namespace {

Result<Arguments> parse(std::vector<const char*> words) { return parse_arguments(words); }

TEST(Arguments, DefaultsAndDatabase) {
  const auto none = parse({});
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(none->database, ":memory:");
  EXPECT_FALSE(none->mode.has_value());
  EXPECT_EQ(parse({"shop.pdb"})->database, "shop.pdb");
  EXPECT_EQ(parse({"--", "-odd.pdb"})->database, "-odd.pdb");
}

TEST(Arguments, ActionsKeepTheirOrder) {
  const auto parsed = parse({"-c", "SELECT 1", "a.pdb", "-f", "x.sql", "--command=SELECT 2"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->actions, (std::vector<Action>{{false, "SELECT 1"}, {true, "x.sql"}, {false, "SELECT 2"}}));
  EXPECT_EQ(parsed->database, "a.pdb");
}

TEST(Arguments, Flags) {
  const auto parsed = parse({"--read-only", "--bail", "--mode", "jsonl"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(parsed->read_only && parsed->bail);
  EXPECT_EQ(parsed->mode, Mode::kJsonLines);
  EXPECT_TRUE(parse({"--version"})->version);
  EXPECT_TRUE(parse({"-h"})->help);
}

TEST(Arguments, RefusesWhatItDoesNotKnow) {
  EXPECT_FALSE(parse({"-x"}).ok());
  EXPECT_FALSE(parse({"--mode", "fancy"}).ok());
  EXPECT_FALSE(parse({"--mode"}).ok());
  EXPECT_FALSE(parse({"-c"}).ok());
  EXPECT_FALSE(parse({"--read-only=yes"}).ok());
  EXPECT_FALSE(parse({"a.pdb", "b.pdb"}).ok());
  EXPECT_FALSE(parse({""}).ok());
}

TEST(CommandWords, Split) {
  const auto words = split_words(".import 'my file.csv' \"a \"\"b\"\"\"  c");
  ASSERT_TRUE(words.ok());
  std::vector<std::string> texts;
  for (const Word& word : *words) texts.push_back(word.text);
  EXPECT_EQ(texts, (std::vector<std::string>{".import", "my file.csv", "a \"b\"", "c"}));
  EXPECT_EQ((*words)[1].offset, 8u);
  EXPECT_FALSE(split_words(".read 'open").ok());
  EXPECT_EQ(split_words("  ")->size(), 0u);
  EXPECT_EQ((*split_words(".output ''"))[1].text, "");
}

TEST(CommandWords, NearestName) {
  const std::vector<std::string_view> names = {".tables", ".timer", ".import", ".indexes"};
  EXPECT_EQ(nearest_name(".table", names), ".tables");
  EXPECT_EQ(nearest_name(".tabels", names), ".tables");
  EXPECT_EQ(nearest_name(".imprt", names), ".import");
  EXPECT_EQ(nearest_name(".ind", names), ".indexes");
  EXPECT_EQ(nearest_name(".frobnicate", names), "");
}

}  // namespace
}  // namespace protobase::shell
