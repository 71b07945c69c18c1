// Calendar arithmetic (proleptic Gregorian, UTC) and the text forms of dates, timestamps and time spans.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "db/value.h"

namespace protobase {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;
inline constexpr int64_t kMicrosPerHour = 60 * kMicrosPerMinute;
inline constexpr int64_t kMicrosPerDay = 24 * kMicrosPerHour;

struct CivilDate {
  int32_t year = 1970;
  int32_t month = 1;  // 1 .. 12
  int32_t day = 1;    // 1 .. 31
  bool operator==(const CivilDate&) const = default;
};
struct CivilTime {
  int32_t hour = 0;
  int32_t minute = 0;
  int32_t second = 0;
  int32_t microsecond = 0;
  bool operator==(const CivilTime&) const = default;
};

constexpr bool is_leap_year(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }
/// Days of a month, 1 .. 12.
int days_in_month(int64_t year, int month);
/// Whether year (-999,999 .. 999,999), month and day name a day.
bool is_valid(const CivilDate& date);

// Conversions; the date must be valid. O(1), any thread.
Date from_civil(const CivilDate& date);
CivilDate to_civil(Date date);
Timestamp from_civil(const CivilDate& date, const CivilTime& time);
/// The day that holds a timestamp, and the time within it.
Date date_of(Timestamp timestamp);
CivilTime time_of(Timestamp timestamp);
Timestamp start_of(Date date);
/// 1 = Monday .. 7 = Sunday; 1 .. 366.
int iso_weekday(Date date);
int day_of_year(Date date);
/// ISO week number, 1 .. 53.
int iso_week(Date date);
/// The same day `months` later or earlier; the last of the month when it has fewer days. Error: kRange.
Result<Date> add_months(Date date, int64_t months);

/// "2024-02-29". White space around is passed over; nothing else may follow. Years outside 0 .. 9999 need a sign.
/// Error: kInvalidArgument.
Result<Date> parse_date(std::string_view text);
/// A date, T or a space, hh:mm, optionally :ss and a fraction (rounded down to microseconds), optionally Z or an offset
/// (+02, +0230, +02:30); a date alone is midnight. Without an offset it is UTC. Error: kInvalidArgument.
Result<Timestamp> parse_timestamp(std::string_view text);
/// "1 day 02:30:00", "90 minutes", "-1.5 h", "02:30", ISO 8601 "P1DT2H", "-PT0.5S". Days are 24 hours, weeks 7 days;
/// months and years have no fixed length and are refused. Error: kInvalidArgument, kRange.
Result<Timespan> parse_timespan(std::string_view text);

/// "2024-02-29"; parses back to the same.
std::string format_date(Date date);
/// "2024-02-29T12:30:00Z", with as many fraction digits as needed (3 or 6); parses back to the same.
std::string format_timestamp(Timestamp timestamp);
/// "PT0S", "P1DT2H30M", "-PT0.5S" (ISO 8601); parses back to the same.
std::string format_timespan(Timespan timespan);

}  // namespace protobase
