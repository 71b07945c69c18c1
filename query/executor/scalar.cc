#include "query/executor/scalar.h"

#include <bit>
#include <cmath>
#include <limits>

#include "db/datetime.h"
#include "db/document.h"

namespace protobase::query {
namespace {

bool is_moment(Kind kind) { return kind == Kind::kDate || kind == Kind::kTimestamp; }

int64_t microseconds_of(const ValueView& moment) {
  if (moment.kind() == Kind::kTimestamp) return moment.integer();
  return start_of(Date{static_cast<int32_t>(moment.integer())}).microseconds;
}

Status overflow(std::string_view what) { return Status(StatusCode::kRange, std::string(what) + " is out of range"); }

Status no_operator(Operator op, const ValueView& a, const ValueView& b) {
  std::string message = "no operator " + std::string(operator_text(op)) + " for " + std::string(kind_name(a.kind())) +
                        " and " + std::string(kind_name(b.kind()));
  return Status(StatusCode::kType, std::move(message)).with_hint("convert one side with CAST(... AS ...)");
}

Status integer_arithmetic(Operator op, int64_t a, int64_t b, ValueView& out) {
  int64_t result = 0;
  bool failed = false;
  switch (op) {
    case Operator::kAdd: failed = __builtin_add_overflow(a, b, &result); break;
    case Operator::kSubtract: failed = __builtin_sub_overflow(a, b, &result); break;
    case Operator::kMultiply: failed = __builtin_mul_overflow(a, b, &result); break;
    default:
      if (b == 0) return out = ValueView(), Status();
      if (b == -1) {  // the one quotient that does not fit is that of the least integer
        if (op == Operator::kDivide) failed = __builtin_sub_overflow(int64_t{0}, a, &result);
        break;
      }
      result = op == Operator::kDivide ? a / b : a % b;
  }
  if (failed) return overflow("the integer result");
  out = ValueView::of_int(result);
  return Status();
}

Status real_arithmetic(Operator op, double a, double b, ValueView& out) {
  switch (op) {
    case Operator::kAdd: out = ValueView::of_double(a + b); break;
    case Operator::kSubtract: out = ValueView::of_double(a - b); break;
    case Operator::kMultiply: out = ValueView::of_double(a * b); break;
    default:
      if (b == 0) return out = ValueView(), Status();
      out = ValueView::of_double(op == Operator::kDivide ? a / b : std::fmod(a, b));
  }
  return Status();
}

Status date_after(int64_t days, ValueView& out) {
  if (days < std::numeric_limits<int32_t>::min() || days > std::numeric_limits<int32_t>::max()) return overflow("the date");
  out = ValueView::of_date({static_cast<int32_t>(days)});
  return Status();
}

/// A moment and a span (or a number of days, after a date).
Status shift_moment(Operator op, const ValueView& moment, const ValueView& by, ValueView& out) {
  int64_t amount = by.integer();
  if (op == Operator::kSubtract && __builtin_sub_overflow(int64_t{0}, amount, &amount)) return overflow("the time span");
  if (moment.kind() == Kind::kDate && by.kind() == Kind::kInt) {
    int64_t days = 0;
    if (__builtin_add_overflow(moment.integer(), amount, &days)) return overflow("the date");
    return date_after(days, out);
  }
  // A whole number of days leaves a date a date.
  if (moment.kind() == Kind::kDate && amount % kMicrosPerDay == 0) {
    return date_after(moment.integer() + amount / kMicrosPerDay, out);
  }
  int64_t result = 0;
  if (__builtin_add_overflow(microseconds_of(moment), amount, &result)) return overflow("the timestamp");
  out = ValueView::of_timestamp({result});
  return Status();
}

Status subtract_moments(const ValueView& a, const ValueView& b, ValueView& out) {
  if (a.kind() == Kind::kDate && b.kind() == Kind::kDate) {
    out = ValueView::of_int(a.integer() - b.integer());  // days, as PostgreSQL counts
    return Status();
  }
  int64_t result = 0;
  if (__builtin_sub_overflow(microseconds_of(a), microseconds_of(b), &result)) return overflow("the time span");
  out = ValueView::of_timespan({result});
  return Status();
}

Status scale_span(Operator op, const ValueView& span, const ValueView& by, ValueView& out) {
  if (by.kind() == Kind::kInt) {
    PROTO_RETURN_IF_ERROR(integer_arithmetic(op, span.integer(), by.integer(), out));
  } else {
    PROTO_RETURN_IF_ERROR(real_arithmetic(op, static_cast<double>(span.integer()), by.real(), out));
    if (out.is_none()) return Status();
    const double scaled = std::nearbyint(out.real());
    if (!(std::fabs(scaled) < 9.2e18)) return overflow("the time span");
    out = ValueView::of_int(static_cast<int64_t>(scaled));
  }
  if (!out.is_none()) out = ValueView::of_timespan({out.integer()});
  return Status();
}

Status span_arithmetic(Operator op, const ValueView& a, const ValueView& b, ValueView& out) {
  if (op == Operator::kAdd || op == Operator::kSubtract) {
    PROTO_RETURN_IF_ERROR(integer_arithmetic(op, a.integer(), b.integer(), out));
    out = ValueView::of_timespan({out.integer()});
    return Status();
  }
  if (op == Operator::kDivide) return real_arithmetic(op, static_cast<double>(a.integer()), static_cast<double>(b.integer()), out);
  return no_operator(op, a, b);
}

bool is_shift_amount(Kind moment, Kind by) { return by == Kind::kTimespan || (by == Kind::kInt && moment == Kind::kDate); }

Status time_arithmetic(Operator op, const ValueView& a, const ValueView& b, ValueView& out) {
  const bool adds = op == Operator::kAdd, subtracts = op == Operator::kSubtract;
  if (is_moment(a.kind()) && (adds || subtracts) && is_shift_amount(a.kind(), b.kind())) return shift_moment(op, a, b, out);
  if (is_moment(b.kind()) && adds && is_shift_amount(b.kind(), a.kind())) return shift_moment(op, b, a, out);
  if (is_moment(a.kind()) && is_moment(b.kind()) && subtracts) return subtract_moments(a, b, out);
  if (a.kind() == Kind::kTimespan && b.kind() == Kind::kTimespan) return span_arithmetic(op, a, b, out);
  const bool multiplies = op == Operator::kMultiply;
  if (a.kind() == Kind::kTimespan && is_number(b.kind()) && (multiplies || op == Operator::kDivide)) return scale_span(op, a, b, out);
  if (b.kind() == Kind::kTimespan && is_number(a.kind()) && multiplies) return scale_span(op, b, a, out);
  return no_operator(op, a, b);
}

Status vector_arithmetic(Operator op, const ValueView& a, const ValueView& b, Arena& arena, ValueView& out) {
  if (a.buffer().size() != b.buffer().size()) {
    return Status(StatusCode::kRange, "vectors of " + std::to_string(a.size()) + " and " + std::to_string(b.size()) +
                                          " dimensions have no operator " + std::string(operator_text(op)));
  }
  const size_t count = a.size();
  auto* floats = arena.array<float>(count);
  for (size_t i = 0; i < count; ++i) {
    const auto x = proto::load<float>(a.buffer().data() + 4 * i), y = proto::load<float>(b.buffer().data() + 4 * i);
    floats[i] = op == Operator::kAdd ? x + y : op == Operator::kSubtract ? x - y : x * y;
  }
  out = ValueView::of_vector({reinterpret_cast<const char*>(floats), 4 * count});
  return Status();
}

Status bit_arithmetic(Operator op, const ValueView& a, const ValueView& b, ValueView& out) {
  if (a.kind() != Kind::kInt || b.kind() != Kind::kInt) return no_operator(op, a, b);
  const auto x = static_cast<uint64_t>(a.integer());
  const int64_t y = b.integer();
  switch (op) {
    case Operator::kBitAnd: out = ValueView::of_int(a.integer() & y); return Status();
    case Operator::kBitOr: out = ValueView::of_int(a.integer() | y); return Status();
    case Operator::kShiftLeft:
      if (y < 0) return overflow("a shift by a negative number of bits");
      out = ValueView::of_int(y > 63 ? 0 : static_cast<int64_t>(x << y));
      return Status();
    default:
      if (y < 0) return overflow("a shift by a negative number of bits");
      out = ValueView::of_int(a.integer() >> std::min<int64_t>(y, 63));
      return Status();
  }
}

Status concatenate_arrays(const ValueView& a, const ValueView& b, Arena& arena, ValueView& out) {
  DocumentWriter writer;
  writer.begin_array();
  for (const ValueView& side : {a, b}) {
    if (side.kind() != Kind::kArray) {
      writer.value(side);
      continue;
    }
    const ArrayReader reader(side.buffer());
    for (size_t i = 0; i < reader.size(); ++i) writer.encoded(reader.encoded(i));
  }
  writer.end();
  out = keep_encoded(writer.bytes(), arena);
  return Status();
}

Status concatenate(const ValueView& a, const ValueView& b, Arena& arena, ValueView& out) {
  if (a.kind() == Kind::kArray || b.kind() == Kind::kArray) return concatenate_arrays(a, b, arena, out);
  if (a.kind() == Kind::kString && b.kind() == Kind::kString) {
    const std::string_view x = a.buffer(), y = b.buffer();
    auto* bytes = arena.array<char>(x.size() + y.size());
    x.copy(bytes, x.size());
    y.copy(bytes + x.size(), y.size());
    out = ValueView::of_string({bytes, x.size() + y.size()});
    return Status();
  }
  if (a.kind() == Kind::kBytes && b.kind() == Kind::kBytes) {
    out = ValueView::of_bytes(arena.copy(std::string(a.buffer()) + std::string(b.buffer())));
    return Status();
  }
  if (a.kind() == Kind::kObject || b.kind() == Kind::kObject || a.kind() == Kind::kVector || b.kind() == Kind::kVector) {
    return no_operator(Operator::kConcat, a, b);
  }
  out = ValueView::of_string(arena.copy(a.to_text() + b.to_text()));
  return Status();
}

bool is_plain_arithmetic(Operator op) { return op >= Operator::kAdd && op <= Operator::kModulo; }

}  // namespace

bool comparable(Kind a, Kind b) { return a == b || (is_number(a) && is_number(b)) || (is_moment(a) && is_moment(b)); }

std::strong_ordering order_of(const ValueView& a, const ValueView& b) {
  if (a.kind() != b.kind() && is_moment(a.kind())) return microseconds_of(a) <=> microseconds_of(b);
  return a.compare(b);
}

bool same_value(const ValueView& a, const ValueView& b) { return comparable(a.kind(), b.kind()) && order_of(a, b) == 0; }

bool is_comparison(Operator op) { return op >= Operator::kEqual && op <= Operator::kGreaterEqual; }

Operator mirrored(Operator op) {
  switch (op) {
    case Operator::kLess: return Operator::kGreater;
    case Operator::kLessEqual: return Operator::kGreaterEqual;
    case Operator::kGreater: return Operator::kLess;
    case Operator::kGreaterEqual: return Operator::kLessEqual;
    default: return op;
  }
}

bool meets(Operator op, std::strong_ordering order) {
  switch (op) {
    case Operator::kEqual: return order == 0;
    case Operator::kNotEqual: return order != 0;
    case Operator::kLess: return order < 0;
    case Operator::kLessEqual: return order <= 0;
    case Operator::kGreater: return order > 0;
    default: return order >= 0;
  }
}

Truth compare(Operator op, const ValueView& a, const ValueView& b) {
  if (a.is_none() || b.is_none()) return Truth::kNull;
  if (comparable(a.kind(), b.kind())) return truth_of(meets(op, order_of(a, b)));
  if (op == Operator::kEqual) return Truth::kFalse;
  return op == Operator::kNotEqual ? Truth::kTrue : Truth::kNull;
}

Result<Truth> condition_of(const ValueView& value) {
  if (value.is_none()) return Truth::kNull;
  if (value.kind() == Kind::kBool) return truth_of(value.integer() != 0);
  Status error(StatusCode::kType, "a condition must be boolean, not " + std::string(kind_name(value.kind())));
  return std::move(error).with_hint("compare it with something, e.g. x <> 0");
}

Status arithmetic(Operator op, const ValueView& a, const ValueView& b, Arena& arena, ValueView& out) {
  if (a.is_none() || b.is_none()) return out = ValueView(), Status();
  if (op == Operator::kConcat) return concatenate(a, b, arena, out);
  if (!is_plain_arithmetic(op)) return bit_arithmetic(op, a, b, out);
  if (a.kind() == Kind::kInt && b.kind() == Kind::kInt) return integer_arithmetic(op, a.integer(), b.integer(), out);
  if (is_number(a.kind()) && is_number(b.kind())) return real_arithmetic(op, a.as_double(), b.as_double(), out);
  if (a.kind() == Kind::kVector && b.kind() == Kind::kVector && op <= Operator::kMultiply) {
    return vector_arithmetic(op, a, b, arena, out);
  }
  return time_arithmetic(op, a, b, out);
}

Status arithmetic(Operator op, const ValueView& a, ValueView& out) {
  if (a.is_none()) return out = ValueView(), Status();
  if (op == Operator::kBitNot && a.kind() == Kind::kInt) return out = ValueView::of_int(~a.integer()), Status();
  if (op == Operator::kNegate) {
    if (a.kind() == Kind::kDouble) return out = ValueView::of_double(-a.real()), Status();
    if (a.kind() == Kind::kInt || a.kind() == Kind::kTimespan) {
      int64_t result = 0;
      if (__builtin_sub_overflow(int64_t{0}, a.integer(), &result)) return overflow("the negated value");
      out = a.kind() == Kind::kInt ? ValueView::of_int(result) : ValueView::of_timespan({result});
      return Status();
    }
  }
  return Status(StatusCode::kType, "no operator " + std::string(operator_text(op)) + " for " + std::string(kind_name(a.kind())));
}

Result<Truth> contains(const ValueView& array, const ValueView& element) {
  if (array.is_none() || element.is_none()) return Truth::kNull;
  if (array.kind() == Kind::kObject && element.kind() == Kind::kString) {
    return truth_of(ObjectReader(array.buffer()).find(element.buffer()) != ObjectReader::kNotFound);
  }
  if (array.kind() == Kind::kString && element.kind() == Kind::kString) {
    return truth_of(array.buffer().find(element.buffer()) != std::string_view::npos);
  }
  if (array.kind() != Kind::kArray && array.kind() != Kind::kVector) {
    return Status(StatusCode::kType, "only arrays contain elements, not " + std::string(kind_name(array.kind())));
  }
  const auto count = static_cast<int64_t>(array.size());
  for (int64_t i = 0; i < count; ++i) {
    if (same_value(array[i], element)) return Truth::kTrue;
  }
  return Truth::kFalse;
}

Result<Truth> contains_all(const ValueView& array, const ValueView& elements) {
  if (array.is_none() || elements.is_none()) return Truth::kNull;
  if (elements.kind() != Kind::kArray && elements.kind() != Kind::kVector) return contains(array, elements);
  for (int64_t i = 0; i < static_cast<int64_t>(elements.size()); ++i) {
    PROTO_ASSIGN_OR_RETURN(Truth truth, contains(array, elements[i]));
    if (truth != Truth::kTrue) return Truth::kFalse;
  }
  return Truth::kTrue;
}

std::string_view operator_text(Operator op) {
  static constexpr std::string_view kTexts[] = {
      "-",  "NOT", "~",  "IS NULL", "IS NOT NULL", "IS TRUE", "IS NOT TRUE", "IS FALSE", "IS NOT FALSE", "+",
      "-",  "*",   "/",  "%",       "||",          "&",       "|",           "<<",       ">>",           "=",
      "<>", "<",   "<=", ">",       ">=",          "IS DISTINCT FROM", "IS NOT DISTINCT FROM", "CONTAINS", "CONTAINS ALL", "<->",
      "<=>", "<#>", "<+>"};
  return kTexts[static_cast<size_t>(op)];
}

ValueView keep_encoded(std::string_view encoded, Arena& arena) { return decode_trusted(arena.copy(encoded)); }

}  // namespace protobase::query
