// Functions of dates, timestamps and time spans; all in UTC.
#include <cmath>

#include "db/datetime.h"
#include "query/executor/cast.h"
#include "query/executor/functions.h"
#include "query/executor/like.h"

namespace protobase::query {
namespace {

enum class Part : uint8_t {
  kCentury, kDecade, kYear, kQuarter, kMonth, kWeek, kDay, kHour, kMinute, kSecond, kMillisecond, kMicrosecond,
  kWeekday, kIsoWeekday, kDayOfYear, kEpoch,
};

struct PartName {
  std::string_view name;
  Part part;
};
constexpr PartName kParts[] = {
    {"century", Part::kCentury}, {"decade", Part::kDecade}, {"year", Part::kYear}, {"quarter", Part::kQuarter},
    {"month", Part::kMonth}, {"week", Part::kWeek}, {"day", Part::kDay}, {"hour", Part::kHour}, {"minute", Part::kMinute},
    {"second", Part::kSecond}, {"millisecond", Part::kMillisecond}, {"milliseconds", Part::kMillisecond},
    {"microsecond", Part::kMicrosecond}, {"microseconds", Part::kMicrosecond}, {"dow", Part::kWeekday},
    {"weekday", Part::kWeekday}, {"isodow", Part::kIsoWeekday}, {"doy", Part::kDayOfYear}, {"epoch", Part::kEpoch},
};

Result<Part> part_of(FunctionId id, const ValueView& name) {
  if (name.kind() != Kind::kString) return wrong_argument(id, name);
  const std::string folded = fold_case(name.buffer());
  for (const PartName& known : kParts) {
    if (known.name == folded) return known.part;
  }
  return Status(StatusCode::kInvalidArgument, "'" + std::string(name.buffer()) + "' is no part of a date")
      .with_hint("parts are year, quarter, month, week, day, hour, minute, second, dow, doy, epoch");
}

/// Dates and timestamps as a timestamp; text too, when it is one.
Status moment_of(FunctionContext& context, FunctionId id, const ValueView& value, Timestamp& out) {
  if (value.kind() != Kind::kDate && value.kind() != Kind::kTimestamp && value.kind() != Kind::kString) {
    return wrong_argument(id, value);
  }
  ValueView moment;
  PROTO_RETURN_IF_ERROR(cast(value, Type::of(Kind::kTimestamp), context.arena, moment));
  out = Timestamp{moment.integer()};
  return Status();
}

double part_of_date(Part part, Date date) {
  const CivilDate civil = to_civil(date);
  switch (part) {
    case Part::kCentury: return civil.year > 0 ? (civil.year + 99) / 100 : -((99 - civil.year) / 100);
    case Part::kDecade: return std::floor(civil.year / 10.0);
    case Part::kYear: return civil.year;
    case Part::kQuarter: return (civil.month + 2) / 3;
    case Part::kMonth: return civil.month;
    case Part::kWeek: return iso_week(date);
    case Part::kWeekday: return iso_weekday(date) % 7;
    case Part::kIsoWeekday: return iso_weekday(date);
    case Part::kDayOfYear: return day_of_year(date);
    default: return civil.day;
  }
}

double part_of_timestamp(Part part, Timestamp moment) {
  const CivilTime time = time_of(moment);
  const double seconds = time.second + time.microsecond / 1e6;
  switch (part) {
    case Part::kHour: return time.hour;
    case Part::kMinute: return time.minute;
    case Part::kSecond: return seconds;
    case Part::kMillisecond: return time.second * 1e3 + time.microsecond / 1e3;
    case Part::kMicrosecond: return time.second * 1e6 + time.microsecond;
    case Part::kEpoch: return static_cast<double>(moment.microseconds) / 1e6;
    default: return part_of_date(part, date_of(moment));
  }
}

Status part_of_span(Part part, int64_t span, ValueView& out) {
  const auto within = [span](int64_t unit, int64_t limit) { return static_cast<double>(span / unit % limit); };
  double result = 0;
  switch (part) {
    case Part::kDay: result = static_cast<double>(span / kMicrosPerDay); break;
    case Part::kHour: result = within(kMicrosPerHour, 24); break;
    case Part::kMinute: result = within(kMicrosPerMinute, 60); break;
    case Part::kSecond: result = static_cast<double>(span % kMicrosPerMinute) / 1e6; break;
    case Part::kMillisecond: result = static_cast<double>(span % kMicrosPerMinute) / 1e3; break;
    case Part::kMicrosecond: result = static_cast<double>(span % kMicrosPerMinute); break;
    case Part::kEpoch: result = static_cast<double>(span) / 1e6; break;
    default: return Status(StatusCode::kInvalidArgument, "a time span has no such part");
  }
  out = ValueView::of_double(result);
  return Status();
}

Status extract(FunctionContext& context, Arguments a, ValueView& out) {
  PROTO_ASSIGN_OR_RETURN(Part part, part_of(FunctionId::kExtract, a[0]));
  if (a[1].kind() == Kind::kTimespan) return part_of_span(part, a[1].integer(), out);
  Timestamp moment;
  PROTO_RETURN_IF_ERROR(moment_of(context, FunctionId::kExtract, a[1], moment));
  out = ValueView::of_double(part_of_timestamp(part, moment));
  return Status();
}

template <FunctionId id, Part part>
Status date_part(FunctionContext& context, Arguments a, ValueView& out) {
  Timestamp moment;
  PROTO_RETURN_IF_ERROR(moment_of(context, id, a[0], moment));
  out = ValueView::of_int(static_cast<int64_t>(part_of_date(part, date_of(moment))));
  return Status();
}

int64_t floor_to(int64_t value, int64_t unit) {
  const int64_t rest = value % unit;
  return value - (rest < 0 ? rest + unit : rest);
}

Timestamp start_of_part(Part part, Timestamp moment) {
  const Date date = date_of(moment);
  CivilDate civil = to_civil(date);
  switch (part) {
    case Part::kCentury: civil = {civil.year - ((civil.year - 1) % 100 + 100) % 100, 1, 1}; break;
    case Part::kDecade: civil = {civil.year - (civil.year % 10 + 10) % 10, 1, 1}; break;
    case Part::kYear: civil = {civil.year, 1, 1}; break;
    case Part::kQuarter: civil = {civil.year, (civil.month - 1) / 3 * 3 + 1, 1}; break;
    case Part::kMonth: civil.day = 1; break;
    case Part::kWeek: return start_of({date.days - (iso_weekday(date) - 1)});
    case Part::kHour: return {floor_to(moment.microseconds, kMicrosPerHour)};
    case Part::kMinute: return {floor_to(moment.microseconds, kMicrosPerMinute)};
    case Part::kSecond: return {floor_to(moment.microseconds, kMicrosPerSecond)};
    case Part::kMillisecond: return {floor_to(moment.microseconds, 1000)};
    case Part::kMicrosecond: return moment;
    default: return start_of(date);
  }
  return start_of(from_civil(civil));
}

Status date_trunc(FunctionContext& context, Arguments a, ValueView& out) {
  PROTO_ASSIGN_OR_RETURN(Part part, part_of(FunctionId::kDateTrunc, a[0]));
  Timestamp moment;
  PROTO_RETURN_IF_ERROR(moment_of(context, FunctionId::kDateTrunc, a[1], moment));
  out = ValueView::of_timestamp(start_of_part(part, moment));
  return Status();
}

template <Kind kind>
Status convert(FunctionContext& context, Arguments a, ValueView& out) {
  return cast(a[0], Type::of(kind), context.arena, out);
}

constexpr FunctionEntry kDates[] = {
    {FunctionId::kCurrentDate,
     [](FunctionContext& context, Arguments, ValueView& out) -> Status {
       return out = ValueView::of_date(date_of(context.now)), Status();
     }},
    {FunctionId::kCurrentTimestamp,
     [](FunctionContext& context, Arguments, ValueView& out) -> Status {
       return out = ValueView::of_timestamp(context.now), Status();
     }},
    {FunctionId::kExtract, extract},
    {FunctionId::kYear, date_part<FunctionId::kYear, Part::kYear>},
    {FunctionId::kMonth, date_part<FunctionId::kMonth, Part::kMonth>},
    {FunctionId::kDay, date_part<FunctionId::kDay, Part::kDay>},
    {FunctionId::kDateTrunc, date_trunc},
    {FunctionId::kDate, convert<Kind::kDate>},
    {FunctionId::kTimestamp, convert<Kind::kTimestamp>},
};

}  // namespace

std::span<const FunctionEntry> date_functions() { return kDates; }

}  // namespace protobase::query
