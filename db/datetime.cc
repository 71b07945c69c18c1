#include "db/datetime.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <limits>

namespace protobase {
namespace {

using Wide = __int128;

int64_t floor_divide(int64_t value, int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

/// Days since 1970-01-01, after Howard Hinnant's "chrono-compatible low-level date algorithms": years begin in March,
/// so that the leap day is the last day of the year, and go in eras of 400 years.
int64_t days_from_civil(int64_t year, int month, int day) {
  year -= month <= 2;
  const int64_t era = floor_divide(year, 400);
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

Status refuse(std::string_view what, std::string_view text) {
  return Status(StatusCode::kInvalidArgument, "'" + std::string(text) + "' is no " + std::string(what));
}

/// Takes characters off the front of a text.
class TextReader {
 public:
  explicit TextReader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_[0]; }
  bool peek_digit() const { return peek() >= '0' && peek() <= '9'; }
  bool take(char c) {
    if (peek() != c || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_any(std::string_view set) {
    if (rest_.empty() || set.find(rest_[0]) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip_spaces() {
    while (take_any(" \t\r\n")) {
    }
  }
  /// Exactly `count` digits.
  bool digits(int count, int32_t& value) {
    value = 0;
    for (int i = 0; i < count; ++i) {
      if (!peek_digit()) return false;
      value = value * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return true;
  }
  /// One digit or more, up to 18.
  bool number(int64_t& value) {
    value = 0;
    int count = 0;
    for (; peek_digit(); ++count, rest_.remove_prefix(1)) {
      if (count == 18) return false;
      value = value * 10 + (rest_[0] - '0');
    }
    return count > 0;
  }
  /// Digits after the point as microseconds, rounded down.
  bool fraction(int32_t& micros) {
    micros = 0;
    int count = 0;
    for (; peek_digit(); ++count, rest_.remove_prefix(1)) {
      if (count < 6) micros = micros * 10 + (rest_[0] - '0');
    }
    for (int i = count; i < 6; ++i) micros *= 10;
    return count > 0;
  }
  std::string_view word() {
    size_t size = 0;
    while (size < rest_.size() && std::isalpha(static_cast<unsigned char>(rest_[size]))) ++size;
    const std::string_view word = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return word;
  }

 private:
  std::string_view rest_;
};

bool read_date(TextReader& text, CivilDate& date) {
  const bool negative = text.peek() == '-';
  const bool is_signed = text.take_any("+-");
  int64_t year = 0;
  if (is_signed ? !text.number(year) || year > 999'999 : !text.digits(4, date.year)) return false;
  if (is_signed) date.year = static_cast<int32_t>(negative ? -year : year);
  return text.take('-') && text.digits(2, date.month) && text.take('-') && text.digits(2, date.day) && is_valid(date);
}

bool read_time(TextReader& text, CivilTime& time) {
  if (!text.digits(2, time.hour) || !text.take(':') || !text.digits(2, time.minute)) return false;
  if (text.take(':')) {
    if (!text.digits(2, time.second)) return false;
    if (text.take_any(".,") && !text.fraction(time.microsecond)) return false;
  }
  return time.hour < 24 && time.minute < 60 && time.second < 60;
}

/// Z, +02, +0230, +02:30, or nothing.
bool read_offset(TextReader& text, int64_t& micros) {
  micros = 0;
  if (text.take_any("Zz")) return true;
  const int sign = text.peek() == '-' ? -1 : 1;
  if (!text.take_any("+-")) return true;
  int32_t hours = 0, minutes = 0;
  if (!text.digits(2, hours)) return false;
  if ((text.take(':') || text.peek_digit()) && !text.digits(2, minutes)) return false;
  micros = sign * (hours * kMicrosPerHour + minutes * kMicrosPerMinute);
  return hours < 24 && minutes < 60;
}

void append_padded(std::string& out, int64_t value, size_t width) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

void append_fraction(std::string& out, int64_t micros) {
  if (micros == 0) return;
  out.push_back('.');
  if (micros % 1000 == 0)
    append_padded(out, micros / 1000, 3);
  else
    append_padded(out, micros, 6);
}

// ---- time spans
// --------------------------------------------------------------------------------------------------------

struct Unit {
  std::string_view name;
  int64_t micros;
};
constexpr Unit kUnits[] = {
    {"w", 7 * kMicrosPerDay},
    {"week", 7 * kMicrosPerDay},
    {"weeks", 7 * kMicrosPerDay},
    {"d", kMicrosPerDay},
    {"day", kMicrosPerDay},
    {"days", kMicrosPerDay},
    {"h", kMicrosPerHour},
    {"hr", kMicrosPerHour},
    {"hrs", kMicrosPerHour},
    {"hour", kMicrosPerHour},
    {"hours", kMicrosPerHour},
    {"m", kMicrosPerMinute},
    {"min", kMicrosPerMinute},
    {"mins", kMicrosPerMinute},
    {"minute", kMicrosPerMinute},
    {"minutes", kMicrosPerMinute},
    {"s", kMicrosPerSecond},
    {"sec", kMicrosPerSecond},
    {"secs", kMicrosPerSecond},
    {"second", kMicrosPerSecond},
    {"seconds", kMicrosPerSecond},
    {"ms", 1000},
    {"millisecond", 1000},
    {"milliseconds", 1000},
    {"us", 1},
    {"microsecond", 1},
    {"microseconds", 1},
};

int64_t unit_micros(std::string_view word) {
  std::string lower(word);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const Unit& unit : kUnits) {
    if (unit.name == lower) return unit.micros;
  }
  return 0;
}

int64_t iso_unit_micros(char letter, bool time) {
  if (!time) return letter == 'W' ? 7 * kMicrosPerDay : letter == 'D' ? kMicrosPerDay : 0;
  return letter == 'H' ? kMicrosPerHour : letter == 'M' ? kMicrosPerMinute : letter == 'S' ? kMicrosPerSecond : 0;
}

/// A quantity in millionths: 12 digits before the point at most, six after it.
bool read_quantity(TextReader& text, Wide& millionths) {
  int64_t whole = 0;
  int32_t fraction = 0;
  if (!text.number(whole)) return false;
  if (text.take_any(".,") && !text.fraction(fraction)) return false;
  millionths = Wide{whole} * 1'000'000 + fraction;
  return true;
}

bool read_iso_span(TextReader& text, Wide& micros) {
  bool time = false;
  bool any = false;
  while (!text.at_end()) {
    if (!time && text.take('T')) {
      time = true;
      any = false;  // something must follow the T
      continue;
    }
    Wide quantity = 0;
    if (!read_quantity(text, quantity)) return false;
    const int64_t unit = iso_unit_micros(text.peek(), time);
    if (unit == 0 || !text.take(text.peek())) return false;
    micros += quantity * unit / 1'000'000;
    any = true;
  }
  return any;
}

/// hh:mm[:ss[.fraction]] after the hours were read.
bool read_clock(TextReader& text, Wide hours, Wide& micros) {
  int32_t minutes = 0, seconds = 0, fraction = 0;
  if (!text.digits(2, minutes) || minutes > 59) return false;
  if (text.take(':') && (!text.digits(2, seconds) || seconds > 59)) return false;
  if (text.take('.') && !text.fraction(fraction)) return false;
  micros = hours * kMicrosPerHour + minutes * kMicrosPerMinute + seconds * kMicrosPerSecond + fraction;
  return true;
}

bool read_plain_span(TextReader& text, Wide& micros) {
  bool any = false;
  for (text.skip_spaces(); !text.at_end(); text.skip_spaces(), any = true) {
    const int sign = text.peek() == '-' ? -1 : 1;
    text.take_any("+-");
    Wide quantity = 0, part = 0;
    if (!read_quantity(text, quantity)) return false;
    if (text.take(':')) {
      if (quantity % 1'000'000 != 0 || !read_clock(text, quantity / 1'000'000, part)) return false;
    } else {
      text.skip_spaces();
      const int64_t unit = unit_micros(text.word());
      if (unit == 0) return false;
      part = quantity * unit / 1'000'000;
    }
    micros += sign * part;
  }
  return any;
}

}  // namespace

int days_in_month(int64_t year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap_year(year) ? 29 : kDays[month - 1];
}

bool is_valid(const CivilDate& date) {
  return date.year >= -999'999 && date.year <= 999'999 && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
         date.day <= days_in_month(date.year, date.month);
}

Date from_civil(const CivilDate& date) {
  return {static_cast<int32_t>(days_from_civil(date.year, date.month, date.day))};
}

CivilDate to_civil(Date date) {
  const int64_t days = int64_t{date.days} + 719468;
  const int64_t era = floor_divide(days, 146097);
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * day_of_year + 2) / 153;
  const auto month = static_cast<int32_t>(shifted < 10 ? shifted + 3 : shifted - 9);
  return {static_cast<int32_t>(year_of_era + era * 400 + (month <= 2)), month,
          static_cast<int32_t>(day_of_year - (153 * shifted + 2) / 5 + 1)};
}

Timestamp from_civil(const CivilDate& date, const CivilTime& time) {
  return {start_of(from_civil(date)).microseconds + time.hour * kMicrosPerHour + time.minute * kMicrosPerMinute +
          time.second * kMicrosPerSecond + time.microsecond};
}

Date date_of(Timestamp timestamp) {
  return {static_cast<int32_t>(floor_divide(timestamp.microseconds, kMicrosPerDay))};
}

CivilTime time_of(Timestamp timestamp) {
  int64_t rest = timestamp.microseconds % kMicrosPerDay;
  if (rest < 0) rest += kMicrosPerDay;
  return {static_cast<int32_t>(rest / kMicrosPerHour), static_cast<int32_t>(rest / kMicrosPerMinute % 60),
          static_cast<int32_t>(rest / kMicrosPerSecond % 60), static_cast<int32_t>(rest % kMicrosPerSecond)};
}

Timestamp start_of(Date date) { return {date.days * kMicrosPerDay}; }

int iso_weekday(Date date) {
  const int64_t from_thursday = int64_t{date.days} - floor_divide(date.days, 7) * 7;  // 1970-01-01 was a Thursday
  return static_cast<int>((from_thursday + 3) % 7) + 1;
}

int day_of_year(Date date) { return static_cast<int>(date.days - days_from_civil(to_civil(date).year, 1, 1)) + 1; }

int iso_week(Date date) {
  // The week belongs to the year of its Thursday.
  const Date thursday{date.days + 4 - iso_weekday(date)};
  return (day_of_year(thursday) - 1) / 7 + 1;
}

Result<Date> add_months(Date date, int64_t months) {
  CivilDate civil = to_civil(date);
  const Wide total = Wide{civil.year} * 12 + civil.month - 1 + months;
  if (total < Wide{-999'999} * 12 || total >= Wide{1'000'000} * 12)
    return Status(StatusCode::kRange, "date out of range");
  const int64_t year = floor_divide(static_cast<int64_t>(total), 12);
  civil.year = static_cast<int32_t>(year);
  civil.month = static_cast<int32_t>(static_cast<int64_t>(total) - year * 12) + 1;
  civil.day = std::min(civil.day, days_in_month(year, civil.month));
  return from_civil(civil);
}

Result<Date> parse_date(std::string_view text) {
  TextReader reader(text);
  CivilDate date;
  reader.skip_spaces();
  if (!read_date(reader, date)) return refuse("date (year-month-day)", text);
  reader.skip_spaces();
  if (!reader.at_end()) return refuse("date (year-month-day)", text);
  return from_civil(date);
}

Result<Timestamp> parse_timestamp(std::string_view text) {
  TextReader reader(text);
  CivilDate date;
  CivilTime time;
  int64_t offset = 0;
  reader.skip_spaces();
  bool good = read_date(reader, date);
  if (good && reader.take_any("Tt ") && reader.peek_digit()) {
    good = read_time(reader, time);
    reader.skip_spaces();
    good = good && read_offset(reader, offset);
  }
  reader.skip_spaces();
  if (!good || !reader.at_end() || text.back() == 'T')
    return refuse("timestamp (year-month-day hour:minute:second)", text);
  const Wide micros =
      Wide{from_civil(date).days} * kMicrosPerDay + from_civil({1970, 1, 1}, time).microseconds - offset;
  if (micros > std::numeric_limits<int64_t>::max() || micros < std::numeric_limits<int64_t>::min()) {
    return Status(StatusCode::kRange, "timestamp out of range");
  }
  return Timestamp{static_cast<int64_t>(micros)};
}

Result<Timespan> parse_timespan(std::string_view text) {
  TextReader reader(text);
  reader.skip_spaces();
  TextReader iso = reader;
  const int sign = iso.peek() == '-' ? -1 : 1;
  iso.take_any("+-");
  Wide micros = 0;
  bool good = false;
  if (iso.take('P')) {
    good = read_iso_span(iso, micros);
    micros *= sign;
  } else {
    good = read_plain_span(reader, micros);
  }
  if (!good) return refuse("time span (\"1 day 02:30:00\" or \"P1DT2H30M\")", text);
  if (micros > std::numeric_limits<int64_t>::max() || micros < std::numeric_limits<int64_t>::min()) {
    return Status(StatusCode::kRange, "time span out of range");
  }
  return Timespan{static_cast<int64_t>(micros)};
}

std::string format_date(Date date) {
  const CivilDate civil = to_civil(date);
  std::string out;
  if (civil.year < 0)
    out.push_back('-');
  else if (civil.year > 9999)
    out.push_back('+');
  append_padded(out, std::abs(civil.year), 4);
  out.push_back('-');
  append_padded(out, civil.month, 2);
  out.push_back('-');
  append_padded(out, civil.day, 2);
  return out;
}

std::string format_timestamp(Timestamp timestamp) {
  const CivilTime time = time_of(timestamp);
  std::string out = format_date(date_of(timestamp));
  out.push_back('T');
  append_padded(out, time.hour, 2);
  out.push_back(':');
  append_padded(out, time.minute, 2);
  out.push_back(':');
  append_padded(out, time.second, 2);
  append_fraction(out, time.microsecond);
  out.push_back('Z');
  return out;
}

std::string format_timespan(Timespan timespan) {
  const uint64_t magnitude = timespan.microseconds < 0 ? 0 - static_cast<uint64_t>(timespan.microseconds)
                                                       : static_cast<uint64_t>(timespan.microseconds);
  if (magnitude == 0) return "PT0S";
  const auto days = static_cast<int64_t>(magnitude / kMicrosPerDay);
  const auto rest = static_cast<int64_t>(magnitude % kMicrosPerDay);
  const int64_t hours = rest / kMicrosPerHour, minutes = rest / kMicrosPerMinute % 60;
  const int64_t seconds = rest / kMicrosPerSecond % 60, micros = rest % kMicrosPerSecond;
  std::string out = timespan.microseconds < 0 ? "-P" : "P";
  if (days > 0) out += std::to_string(days) + 'D';
  if (rest > 0) out.push_back('T');
  if (hours > 0) out += std::to_string(hours) + 'H';
  if (minutes > 0) out += std::to_string(minutes) + 'M';
  if (seconds > 0 || micros > 0) {
    out += std::to_string(seconds);
    append_fraction(out, micros);
    out.push_back('S');
  }
  return out;
}

}  // namespace protobase
