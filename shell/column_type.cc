#include "shell/column_type.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>

namespace protobase::shell {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

const char* skip_digits(const char* at, const char* end) {
  while (at < end && is_digit(*at)) ++at;
  return at;
}

std::optional<int64_t> to_integer(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

double to_real(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? value : HUGE_VAL;
}

// Digits with an optional minus, fraction and exponent: a number, or text when it would not come back as it was.
ColumnType classify_number(std::string_view text) {
  const char* end = text.data() + text.size();
  const char* digits = text.data() + (text[0] == '-' ? 1 : 0);
  const char* at = skip_digits(digits, end);
  const bool whole = at > digits;
  if (at - digits > 1 && *digits == '0') return ColumnType::kText;
  if (at == end) return whole && to_integer(text) ? ColumnType::kInteger : ColumnType::kText;
  bool fraction = false;
  if (*at == '.') {
    const char* first = ++at;
    at = skip_digits(at, end);
    fraction = at > first;
  }
  if (!whole && !fraction) return ColumnType::kText;
  if (at < end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at < end && (*at == '+' || *at == '-')) ++at;
    const char* first = at;
    at = skip_digits(at, end);
    if (at == first) return ColumnType::kText;
  }
  return at == end && std::isfinite(to_real(text)) ? ColumnType::kReal : ColumnType::kText;
}

// `width` digits at `offset`, or -1.
int digits_at(std::string_view text, size_t offset, size_t width) {
  if (offset + width > text.size()) return -1;
  int value = 0;
  for (size_t i = offset; i < offset + width; ++i) {
    if (!is_digit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// The first ten bytes as YYYY-MM-DD.
std::optional<std::chrono::sys_days> date_at_start(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int year = digits_at(text, 0, 4), month = digits_at(text, 5, 2), day = digits_at(text, 8, 2);
  if (year < 0 || month < 0 || day < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

// "", "Z" or "+hh[:mm]" as minutes east of Greenwich.
std::optional<int> zone_minutes(std::string_view text) {
  if (text.empty() || text == "Z") return 0;
  if (text[0] != '+' && text[0] != '-') return std::nullopt;
  const int hours = digits_at(text, 1, 2);
  int minutes = 0;
  if (text.size() == 6 && text[3] == ':') minutes = digits_at(text, 4, 2);
  if ((text.size() != 3 && text.size() != 6) || hours < 0 || hours > 15 || minutes < 0 || minutes > 59)
    return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

// The digits after the point of seconds, as microseconds; moves `rest` behind them. More than six digits would be lost.
std::optional<int> fraction_microseconds(std::string_view& rest) {
  if (!rest.starts_with('.')) return 0;
  size_t digits = 0;
  int value = 0;
  while (digits + 1 < rest.size() && is_digit(rest[digits + 1])) {
    if (digits == 6) return std::nullopt;
    value = value * 10 + (rest[++digits] - '0');
  }
  if (digits == 0) return std::nullopt;
  rest.remove_prefix(digits + 1);
  for (; digits < 6; ++digits) value *= 10;
  return value;
}

// YYYY-MM-DD, a space or T, HH:MM[:SS[.fraction]], an optional zone.
std::optional<int64_t> to_timestamp(std::string_view text) {
  const auto date = date_at_start(text);
  if (!date || text.size() < 16 || (text[10] != ' ' && text[10] != 'T') || text[13] != ':') return std::nullopt;
  const int hours = digits_at(text, 11, 2), minutes = digits_at(text, 14, 2);
  int seconds = 0;
  std::string_view rest = text.substr(16);
  std::optional<int> micros = 0;
  if (rest.starts_with(':')) {
    seconds = digits_at(rest, 1, 2);
    if (seconds < 0) return std::nullopt;
    rest.remove_prefix(3);
    micros = fraction_microseconds(rest);
  }
  const std::optional<int> zone = zone_minutes(rest);
  if (!micros || !zone || hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds > 59) return std::nullopt;
  const int64_t days = date->time_since_epoch().count();
  return (((days * 24 + hours) * 60 + minutes - *zone) * 60 + seconds) * 1'000'000 + *micros;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((text[i] | 0x20) != lower[i]) return false;
  }
  return true;
}

bool is_true(std::string_view text) { return equals_ignoring_case(text, "true"); }

}  // namespace

ColumnType classify(std::string_view text) {
  if (text.empty()) return ColumnType::kEmpty;
  const char first = text[0];
  if (!is_digit(first) && first != '-' && first != '.') {
    return is_true(text) || equals_ignoring_case(text, "false") ? ColumnType::kBoolean : ColumnType::kText;
  }
  if (const auto date = date_at_start(text)) {
    if (text.size() == 10) return ColumnType::kDate;
    return to_timestamp(text) ? ColumnType::kTimestamp : ColumnType::kText;
  }
  return classify_number(text);
}

ColumnType common_type(ColumnType a, ColumnType b) {
  if (a == b || b == ColumnType::kEmpty) return a;
  if (a == ColumnType::kEmpty) return b;
  const auto pair = [&](ColumnType x, ColumnType y) { return (a == x && b == y) || (a == y && b == x); };
  if (pair(ColumnType::kInteger, ColumnType::kReal)) return ColumnType::kReal;
  if (pair(ColumnType::kDate, ColumnType::kTimestamp)) return ColumnType::kTimestamp;
  return ColumnType::kText;
}

void widen(ColumnType& type, const CsvField& field) {
  if (type == ColumnType::kText || field.text.empty()) return;
  type = common_type(type, classify(field.text));
}

ValueView convert(const CsvField& field, ColumnType type) {
  if (type == ColumnType::kText || type == ColumnType::kEmpty) {
    return field.text.empty() && !field.quoted ? ValueView() : ValueView::of_string(field.text);
  }
  if (field.text.empty()) return ValueView();
  switch (type) {
    case ColumnType::kBoolean:
      return ValueView::of_bool(is_true(field.text));
    case ColumnType::kInteger:
      return ValueView::of_int(to_integer(field.text).value_or(0));
    case ColumnType::kReal:
      return ValueView::of_double(to_real(field.text));
    case ColumnType::kDate:
      return ValueView::of_date({static_cast<int32_t>(date_at_start(field.text)->time_since_epoch().count())});
    default:
      break;
  }
  if (field.text.size() > 10) return ValueView::of_timestamp({*to_timestamp(field.text)});
  return ValueView::of_timestamp({int64_t{date_at_start(field.text)->time_since_epoch().count()} * 86'400'000'000});
}

}  // namespace protobase::shell
