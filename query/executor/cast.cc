#include "query/executor/cast.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "db/datetime.h"
#include "query/executor/scalar.h"

namespace protobase::query {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\r\f\v";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

Status no_cast(const ValueView& value, Kind to) {
  return Status(StatusCode::kType, "cannot convert " + std::string(kind_name(value.kind())) + " to " + std::string(kind_name(to)));
}

Status bad_text(const ValueView& value, Kind to) {
  std::string text(value.buffer().substr(0, 40));
  if (value.buffer().size() > 40) text += "...";
  return Status(StatusCode::kType, "'" + text + "' is not a valid " + std::string(kind_name(to)))
      .with_hint("TRY_CAST gives NULL instead of an error");
}

Status does_not_fit(Kind to) { return Status(StatusCode::kRange, "the value does not fit " + std::string(kind_name(to))); }

Status real_to_int(double real, ValueView& out) {
  const double whole = std::nearbyint(real);
  if (!(whole >= -0x1p63 && whole < 0x1p63)) return does_not_fit(Kind::kInt);
  out = ValueView::of_int(static_cast<int64_t>(whole));
  return Status();
}

Status to_int(const ValueView& value, ValueView& out) {
  switch (value.kind()) {
    case Kind::kBool:
    case Kind::kDate:
    case Kind::kTimestamp:
    case Kind::kTimespan: return out = ValueView::of_int(value.integer()), Status();
    case Kind::kRef: return out = ValueView::of_int(static_cast<int64_t>(value.ref().object.value)), Status();
    case Kind::kDouble: return real_to_int(value.real(), out);
    case Kind::kString:
      if (!parse_number(value.buffer(), out)) return bad_text(value, Kind::kInt);
      return out.kind() == Kind::kInt ? Status() : real_to_int(out.real(), out);
    default: return no_cast(value, Kind::kInt);
  }
}

Status to_double(const ValueView& value, ValueView& out) {
  switch (value.kind()) {
    case Kind::kBool:
    case Kind::kInt: return out = ValueView::of_double(static_cast<double>(value.integer())), Status();
    case Kind::kTimespan:  // seconds
      return out = ValueView::of_double(static_cast<double>(value.integer()) / kMicrosPerSecond), Status();
    case Kind::kString:
      if (!parse_number(value.buffer(), out)) return bad_text(value, Kind::kDouble);
      out = ValueView::of_double(out.as_double());
      return Status();
    default: return no_cast(value, Kind::kDouble);
  }
}

Status text_to_bool(const ValueView& value, ValueView& out) {
  std::string text(trimmed(value.buffer()));
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  const bool yes = text == "true" || text == "t" || text == "yes" || text == "on" || text == "1" || text == "y";
  const bool no = text == "false" || text == "f" || text == "no" || text == "off" || text == "0" || text == "n";
  if (!yes && !no) return bad_text(value, Kind::kBool);
  out = ValueView::of_bool(yes);
  return Status();
}

Status to_bool(const ValueView& value, ValueView& out) {
  switch (value.kind()) {
    case Kind::kInt: return out = ValueView::of_bool(value.integer() != 0), Status();
    case Kind::kDouble: return out = ValueView::of_bool(value.real() != 0), Status();
    case Kind::kString: return text_to_bool(value, out);
    default: return no_cast(value, Kind::kBool);
  }
}

template <class T>
Status from_text(const ValueView& value, Kind to, Result<T> parsed, ValueView& out) {
  if (!parsed.ok()) return parsed.status().code() == StatusCode::kRange ? parsed.status() : bad_text(value, to);
  if constexpr (std::is_same_v<T, Date>) out = ValueView::of_date(*parsed);
  if constexpr (std::is_same_v<T, Timestamp>) out = ValueView::of_timestamp(*parsed);
  if constexpr (std::is_same_v<T, Timespan>) out = ValueView::of_timespan(*parsed);
  return Status();
}

Status to_date(const ValueView& value, ValueView& out) {
  switch (value.kind()) {
    case Kind::kTimestamp: return out = ValueView::of_date(date_of({value.integer()})), Status();
    case Kind::kInt:
      if (value.integer() != static_cast<int32_t>(value.integer())) return does_not_fit(Kind::kDate);
      return out = ValueView::of_date({static_cast<int32_t>(value.integer())}), Status();
    case Kind::kString: {
      Result<Date> date = parse_date(value.buffer());
      if (date.ok()) return out = ValueView::of_date(*date), Status();
      Result<Timestamp> moment = parse_timestamp(value.buffer());
      return from_text<Date>(value, Kind::kDate, moment.ok() ? Result<Date>(date_of(*moment)) : date, out);
    }
    default: return no_cast(value, Kind::kDate);
  }
}

Status to_timestamp(const ValueView& value, ValueView& out) {
  switch (value.kind()) {
    case Kind::kDate: return out = ValueView::of_timestamp(start_of({static_cast<int32_t>(value.integer())})), Status();
    case Kind::kInt: return out = ValueView::of_timestamp({value.integer()}), Status();
    case Kind::kString: return from_text(value, Kind::kTimestamp, parse_timestamp(value.buffer()), out);
    default: return no_cast(value, Kind::kTimestamp);
  }
}

Status to_timespan(const ValueView& value, ValueView& out) {
  if (value.kind() == Kind::kInt) return out = ValueView::of_timespan({value.integer()}), Status();
  if (value.kind() == Kind::kString) return from_text(value, Kind::kTimespan, parse_timespan(value.buffer()), out);
  return no_cast(value, Kind::kTimespan);
}

Status json_of(const ValueView& value, Kind to, Arena& arena, ValueView& out) {
  Result<Value> parsed = Value::parse_json(value.buffer());
  if (!parsed.ok() || parsed->kind() != to) return bad_text(value, to);
  out = arena.keep(*parsed);
  return Status();
}

Status array_to_vector(const ValueView& value, Arena& arena, ValueView& out) {
  const size_t count = value.size();
  auto* floats = arena.array<float>(count);
  for (size_t i = 0; i < count; ++i) {
    const ValueView element = value[static_cast<int64_t>(i)];
    if (!is_number(element.kind())) {
      return Status(StatusCode::kType, "element " + std::to_string(i + 1) + " of the array is not a number, so it is no vector");
    }
    floats[i] = static_cast<float>(element.as_double());
  }
  out = ValueView::of_vector({reinterpret_cast<const char*>(floats), 4 * count});
  return Status();
}

Status to_vector(const ValueView& value, const Type& type, Arena& arena, ValueView& out) {
  out = value;
  if (value.kind() == Kind::kString) PROTO_RETURN_IF_ERROR(json_of(value, Kind::kArray, arena, out));
  if (out.kind() == Kind::kArray) PROTO_RETURN_IF_ERROR(array_to_vector(out, arena, out));
  if (out.kind() != Kind::kVector) return no_cast(value, Kind::kVector);
  if (type.dimension != 0 && out.size() != type.dimension) {
    return Status(StatusCode::kRange, "a vector of " + std::to_string(out.size()) + " dimensions where " +
                                          std::to_string(type.dimension) + " are expected");
  }
  return Status();
}

Status to_array(const ValueView& value, Arena& arena, ValueView& out) {
  if (value.kind() == Kind::kString) return json_of(value, Kind::kArray, arena, out);
  if (value.kind() != Kind::kVector) return no_cast(value, Kind::kArray);
  DocumentWriter writer;
  writer.begin_array();
  for (int64_t i = 0; i < static_cast<int64_t>(value.size()); ++i) writer.value(value[i]);
  writer.end();
  out = keep_encoded(writer.bytes(), arena);
  return Status();
}

Status to_ref(const ValueView& value, const Type& type, ValueView& out) {
  if (value.kind() != Kind::kInt || !type.references) return no_cast(value, Kind::kRef);
  if (value.integer() <= 0) return does_not_fit(Kind::kRef);
  out = ValueView::of_ref({type.references, ObjectId(static_cast<uint64_t>(value.integer()))});
  return Status();
}

}  // namespace

bool parse_number(std::string_view text, ValueView& out) {
  text = trimmed(text);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  if (text.empty() || (text.front() == '+')) return false;
  const char* end = text.data() + text.size();
  int64_t integer = 0;
  const auto as_int = std::from_chars(text.data(), end, integer);
  if (as_int.ec == std::errc() && as_int.ptr == end) return out = ValueView::of_int(integer), true;
  double real = 0;
  const auto as_real = std::from_chars(text.data(), end, real);
  if (as_real.ec != std::errc() || as_real.ptr != end) return false;
  out = ValueView::of_double(real);
  return true;
}

Status cast(const ValueView& value, const Type& type, Arena& arena, ValueView& out) {
  const bool fits = type.kind == value.kind() && (type.kind != Kind::kVector || type.dimension == 0);
  if (value.is_none() || type.any || fits) return out = value, Status();
  switch (type.kind) {
    case Kind::kBool: return to_bool(value, out);
    case Kind::kInt: return to_int(value, out);
    case Kind::kDouble: return to_double(value, out);
    case Kind::kDate: return to_date(value, out);
    case Kind::kTimestamp: return to_timestamp(value, out);
    case Kind::kTimespan: return to_timespan(value, out);
    case Kind::kString:
      out = ValueView::of_string(value.kind() == Kind::kBytes ? value.buffer() : arena.copy(value.to_text()));
      return Status();
    case Kind::kBytes:
      if (value.kind() != Kind::kString) return no_cast(value, Kind::kBytes);
      out = ValueView::of_bytes(value.buffer());
      return Status();
    case Kind::kRef: return to_ref(value, type, out);
    case Kind::kVector: return to_vector(value, type, arena, out);
    case Kind::kArray: return to_array(value, arena, out);
    case Kind::kObject:
      return value.kind() == Kind::kString ? json_of(value, Kind::kObject, arena, out) : no_cast(value, Kind::kObject);
    default: return no_cast(value, type.kind);
  }
}

}  // namespace protobase::query
