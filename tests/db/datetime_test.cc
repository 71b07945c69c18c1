#include "db/datetime.h"

#include <gtest/gtest.h>

#include "tests/db/random_values.h"

namespace protobase {
namespace {

TEST(DateTime, EveryDayOfEightCenturiesFollowsTheOneBefore) {
  CivilDate day{1600, 1, 1};
  Date expected = from_civil(day);
  for (; day.year < 2400; ++expected.days) {
    ASSERT_EQ(from_civil(day), expected);
    ASSERT_EQ(to_civil(expected), day);
    if (++day.day > days_in_month(day.year, day.month)) day.day = 1, ++day.month;
    if (day.month > 12) day.month = 1, ++day.year;
  }
  EXPECT_EQ(expected.days, 157054);  // 2400-01-01
}

TEST(DateTime, KnownDays) {
  EXPECT_EQ(parse_date("1970-01-01")->days, 0);
  EXPECT_EQ(parse_date("2000-02-29")->days, 11016);
  EXPECT_EQ(parse_date(" -0001-12-31 ")->days, from_civil({0, 1, 1}).days - 1);
  EXPECT_EQ(iso_weekday(*parse_date("2024-02-29")), 4);
  EXPECT_EQ(iso_weekday(Date{-1}), 3);
  EXPECT_EQ(day_of_year(*parse_date("2024-12-31")), 366);
  EXPECT_EQ(iso_week(*parse_date("2021-01-03")), 53);
  EXPECT_EQ(iso_week(*parse_date("2020-12-28")), 53);
  EXPECT_EQ(iso_week(*parse_date("2024-12-30")), 1);
  EXPECT_EQ(format_date(*add_months(*parse_date("2024-01-31"), 1)), "2024-02-29");
  EXPECT_EQ(format_date(*add_months(*parse_date("2024-01-31"), -11)), "2023-02-28");
  EXPECT_EQ(add_months(Date{0}, int64_t{1} << 60).status().code(), StatusCode::kRange);
}

TEST(DateTime, RefusesWhatIsNoDate) {
  for (std::string_view text : {"", "2023-02-29", "2023-13-01", "2023-00-01", "2023-1-1", "23-01-01", "2023-01-32",
                                "2023-01-01x", "20230101", "2023-01-01T00:00"}) {
    EXPECT_EQ(parse_date(text).status().code(), StatusCode::kInvalidArgument) << text;
  }
}

TEST(DateTime, TimestampsWithZonesAndFractions) {
  const auto micros = [](std::string_view text) {
    auto timestamp = parse_timestamp(text);
    EXPECT_TRUE(timestamp) << text;
    return timestamp ? timestamp->microseconds : -1;
  };
  EXPECT_EQ(micros("1970-01-01"), 0);
  EXPECT_EQ(micros("1970-01-01T00:00:01Z"), 1'000'000);
  EXPECT_EQ(micros("1970-01-01 01:00+01:00"), 0);
  EXPECT_EQ(micros("1970-01-01 00:00:00 -0130"), 90 * kMicrosPerMinute);
  EXPECT_EQ(micros("1969-12-31 23:59:59.9999999"), -1);
  EXPECT_EQ(micros("1970-01-01T00:00:00.5+00"), 500'000);
  for (std::string_view text :
       {"1970-01-01T", "1970-01-01T24:00", "1970-01-01T00:60", "1970-01-01T00:00:60", "1970-01-01T00:00:00.",
        "1970-01-01T1:00", "1970-01-01T00:00:00+25", "1970-01-01T00:00:00Zx", "now"}) {
    EXPECT_EQ(parse_timestamp(text).status().code(), StatusCode::kInvalidArgument) << text;
  }
  EXPECT_EQ(parse_timestamp("+999999-01-01").status().code(), StatusCode::kRange);
  EXPECT_EQ(format_timestamp({-1}), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(format_timestamp({1'500'000}), "1970-01-01T00:00:01.500Z");
}

TEST(DateTime, TimeSpansInEveryNotation) {
  const auto micros = [](std::string_view text) {
    auto span = parse_timespan(text);
    EXPECT_TRUE(span) << text;
    return span ? span->microseconds : -1;
  };
  EXPECT_EQ(micros("1 day"), kMicrosPerDay);
  EXPECT_EQ(micros("02:30:00"), 150 * kMicrosPerMinute);
  EXPECT_EQ(micros("P1DT2H"), 26 * kMicrosPerHour);
  EXPECT_EQ(micros("-PT0.5S"), -500'000);
  EXPECT_EQ(micros("P2W"), 14 * kMicrosPerDay);
  EXPECT_EQ(micros("1 day -02:30"), kMicrosPerDay - 150 * kMicrosPerMinute);
  EXPECT_EQ(micros("1.5h 90 minutes 3 us"), 180 * kMicrosPerMinute + 3);
  EXPECT_EQ(micros("PT1M"), kMicrosPerMinute);
  for (std::string_view text :
       {"", "1", "P", "PT", "P1DT", "P1M", "P1Y", "1 month", "1 day 2", "day", "1:2:3", "00:60", "PT1H1"}) {
    EXPECT_EQ(parse_timespan(text).status().code(), StatusCode::kInvalidArgument) << text;
  }
  EXPECT_EQ(parse_timespan("999999999999999 days").status().code(), StatusCode::kRange);
}

TEST(DateTime, TextReadsBackToTheSame) {
  const uint64_t seed = 12;
  SCOPED_TRACE(seed);
  proto::Random random(seed);
  for (int round = 0; round < 50000; ++round) {
    const Date date{static_cast<int32_t>(random.between(-300'000'000, 300'000'000))};
    ASSERT_EQ(*parse_date(format_date(date)), date) << format_date(date);
    const Timestamp timestamp{random_int(random)};
    ASSERT_EQ(*parse_timestamp(format_timestamp(timestamp)), timestamp) << format_timestamp(timestamp);
    const Timespan span{random_int(random)};
    ASSERT_EQ(*parse_timespan(format_timespan(span)), span) << format_timespan(span);
  }
}

}  // namespace
}  // namespace protobase
