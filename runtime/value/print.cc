// The text of values. Dates follow ISO 8601.
#include <cinttypes>
#include <cstdio>

#include "runtime/value/operations.h"

namespace proto {
namespace {

constexpr int64_t kMicrosecondsPerSecond = 1'000'000;
constexpr int64_t kMicrosecondsPerDay = 86'400 * kMicrosecondsPerSecond;

struct CivilDate {
  int64_t year;
  unsigned month, day;
};

// From days since 1970-01-01: Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days.
CivilDate civil_from_days(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146097);
  const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted_month = (5 * day_of_year + 2) / 153;
  const unsigned month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {static_cast<int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0), month,
          day_of_year - (153 * shifted_month + 2) / 5 + 1};
}

void append_format(std::string& out, const char* format, auto... arguments) {
  char text[64];
  const int length = std::snprintf(text, sizeof(text), format, arguments...);
  out.append(text, static_cast<size_t>(length));
}

void append_date(std::string& out, int64_t days) {
  const CivilDate date = civil_from_days(days);
  append_format(out, "%04" PRId64 "-%02u-%02u", date.year, date.month, date.day);
}

void append_clock(std::string& out, int64_t microseconds) {
  const int64_t seconds = microseconds / kMicrosecondsPerSecond;
  append_format(out, "%02" PRId64 ":%02" PRId64 ":%02" PRId64, seconds / 3600, seconds / 60 % 60, seconds % 60);
  const int64_t rest = microseconds % kMicrosecondsPerSecond;
  if (rest == 0) return;
  append_format(out, ".%06" PRId64, rest);
  while (out.back() == '0') out.pop_back();
}

void append_timestamp(std::string& out, Timestamp time) {
  int64_t day = time.microseconds / kMicrosecondsPerDay;
  if (time.microseconds % kMicrosecondsPerDay < 0) --day;
  append_date(out, day);
  out += 'T';
  append_clock(out, time.microseconds - day * kMicrosecondsPerDay);
  out += 'Z';
}

// Days, then the clock: "-3d 04:00:00".
void append_span(std::string& out, TimeSpan span) {
  const bool negative = span.microseconds < 0;
  const uint64_t length = negative ? ~static_cast<uint64_t>(span.microseconds) + 1 : static_cast<uint64_t>(span.microseconds);
  if (negative) out += '-';
  if (length >= kMicrosecondsPerDay) append_format(out, "%" PRIu64 "d ", length / kMicrosecondsPerDay);
  append_clock(out, static_cast<int64_t>(length % kMicrosecondsPerDay));
}

void append_utf8(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

}  // namespace

void print(Context& ctx, Value value, std::string& out, bool nested) {
  const ValueClass value_class = class_of(value);
  switch (value_class) {
    case ValueClass::kNone: out += "none"; return;
    case ValueClass::kBoolean: out += value.as_boolean() ? "true" : "false"; return;
    case ValueClass::kCharacter: append_utf8(out, value.as_character()); return;
    case ValueClass::kDate: append_date(out, value.as_date().days); return;
    case ValueClass::kTimestamp: append_timestamp(out, value.as_timestamp()); return;
    case ValueClass::kSpan: append_span(out, value.as_span()); return;
    default: break;
  }
  const KindOperations& operations =
      value.is_cell() ? kind_operations(value.as_cell()->kind()) : class_operations(value_class);
  if (operations.print != nullptr) return operations.print(ctx, value, nested, out);
  append_format(out, "<%s>", value.is_cell() ? name_of(value.as_cell()->kind()) : operations.name);
}

std::string to_text(Context& ctx, Value value) {
  std::string text;
  print(ctx, value, text);
  return text;
}

}  // namespace proto
