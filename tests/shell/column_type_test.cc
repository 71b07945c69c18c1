#include "shell/column_type.h"

#include <gtest/gtest.h>

namespace protobase::shell {
namespace {

TEST(ColumnType, ClassifiesTexts) {
  const std::pair<std::string_view, ColumnType> cases[] = {
      {"", ColumnType::kEmpty},
      {"0", ColumnType::kInteger},
      {"-17", ColumnType::kInteger},
      {"9223372036854775807", ColumnType::kInteger},
      {"9223372036854775808", ColumnType::kText},  // as a double it would lose digits
      {"007", ColumnType::kText},
      {"-01", ColumnType::kText},
      {"+5", ColumnType::kText},
      {" 5", ColumnType::kText},
      {"5 ", ColumnType::kText},
      {"-", ColumnType::kText},
      {".", ColumnType::kText},
      {"0x10", ColumnType::kText},
      {"1_000", ColumnType::kText},
      {"٣", ColumnType::kText},  // an Arabic digit
      {"1.5", ColumnType::kReal},
      {".5", ColumnType::kReal},
      {"5.", ColumnType::kReal},
      {"-0.25e-3", ColumnType::kReal},
      {"1e5", ColumnType::kReal},
      {"1e", ColumnType::kText},
      {"1e999", ColumnType::kText},
      {"00.5", ColumnType::kText},
      {"1.2.3", ColumnType::kText},
      {"nan", ColumnType::kText},
      {"inf", ColumnType::kText},
      {"true", ColumnType::kBoolean},
      {"FALSE", ColumnType::kBoolean},
      {"yes", ColumnType::kText},
      {"2024-02-29", ColumnType::kDate},
      {"2023-02-29", ColumnType::kText},
      {"2024-13-01", ColumnType::kText},
      {"24-01-01", ColumnType::kText},
      {"2024-01-01 10:20", ColumnType::kTimestamp},
      {"2024-01-01T10:20:30.123456Z", ColumnType::kTimestamp},
      {"2024-01-01T10:20:30+05:30", ColumnType::kTimestamp},
      {"2024-01-01T10:20:30.1234567", ColumnType::kText},  // more digits than a timestamp holds
      {"2024-01-01T10:20:30.", ColumnType::kText},
      {"2024-01-01T24:00", ColumnType::kText},
      {"2024-01-01T10:2", ColumnType::kText},
      {"2024-01-01 10:20 Europe", ColumnType::kText},
      {"2024-01-01x", ColumnType::kText},
  };
  for (const auto& [text, type] : cases)
    EXPECT_EQ(static_cast<int>(classify(text)), static_cast<int>(type)) << "'" << text << "'";
}

TEST(ColumnType, WidensOverAColumn) {
  const auto type_of = [](std::vector<std::string_view> texts) {
    ColumnType type = ColumnType::kEmpty;
    for (const std::string_view text : texts) widen(type, {text, false});
    return type;
  };
  EXPECT_EQ(type_of({"", ""}), ColumnType::kEmpty);
  EXPECT_EQ(type_of({"1", "", "2"}), ColumnType::kInteger);
  EXPECT_EQ(type_of({"1", "2.5"}), ColumnType::kReal);
  EXPECT_EQ(type_of({"1", "2.5", "x"}), ColumnType::kText);
  EXPECT_EQ(type_of({"1", "true"}), ColumnType::kText);
  EXPECT_EQ(type_of({"2024-01-01", "2024-01-01T00:00"}), ColumnType::kTimestamp);
  EXPECT_EQ(type_of({"2024-01-01", "7"}), ColumnType::kText);
  EXPECT_EQ(type_of({"1", "007"}), ColumnType::kText);
}

TEST(ColumnType, ConvertsToTheTypeOfTheColumn) {
  EXPECT_EQ(convert({"12", false}, ColumnType::kInteger), ValueView::of_int(12));
  EXPECT_EQ(convert({"12", false}, ColumnType::kReal).kind(), Kind::kDouble);
  EXPECT_EQ(convert({"12", false}, ColumnType::kText), ValueView::of_string("12"));
  EXPECT_EQ(convert({"1970-01-02", false}, ColumnType::kDate), ValueView::of_date({1}));
  EXPECT_EQ(convert({"1969-12-31", false}, ColumnType::kDate), ValueView::of_date({-1}));
  EXPECT_EQ(convert({"1970-01-02", false}, ColumnType::kTimestamp), ValueView::of_timestamp({86'400'000'000}));
  EXPECT_EQ(convert({"1970-01-01 00:00:01.5", false}, ColumnType::kTimestamp), ValueView::of_timestamp({1'500'000}));
  EXPECT_EQ(convert({"1970-01-01T01:00:00+01:00", false}, ColumnType::kTimestamp), ValueView::of_timestamp({0}));
  EXPECT_EQ(convert({"True", false}, ColumnType::kBoolean), ValueView::of_bool(true));
}

TEST(ColumnType, EmptyIsNoneUnlessQuotedText) {
  for (const ColumnType type : {ColumnType::kEmpty, ColumnType::kInteger, ColumnType::kText, ColumnType::kTimestamp}) {
    EXPECT_TRUE(convert({"", false}, type).is_none());
  }
  EXPECT_TRUE(convert({"", true}, ColumnType::kInteger).is_none());
  EXPECT_EQ(convert({"", true}, ColumnType::kText), ValueView::of_string(""));
}

}  // namespace
}  // namespace protobase::shell
