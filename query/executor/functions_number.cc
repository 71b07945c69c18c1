// Mathematical functions. Where the result is no number (the root of -1, the logarithm of 0) it is NULL, as division by zero is.
#include <cmath>
#include <numbers>

#include "query/executor/functions.h"
#include "query/executor/scalar.h"

namespace protobase::query {
namespace {

using Real = double (*)(double);

Status give(double result, ValueView& out) {
  out = std::isnan(result) ? ValueView() : ValueView::of_double(result);
  return Status();
}

Status check_number(FunctionId id, const ValueView& value) {
  return is_number(value.kind()) ? Status() : wrong_argument(id, value);
}

template <FunctionId id, Real f>
Status real_function(FunctionContext&, Arguments a, ValueView& out) {
  PROTO_RETURN_IF_ERROR(check_number(id, a[0]));
  return give(f(a[0].as_double()), out);
}

/// Functions that leave integers alone.
template <FunctionId id, Real f>
Status whole_function(FunctionContext&, Arguments a, ValueView& out) {
  PROTO_RETURN_IF_ERROR(check_number(id, a[0]));
  if (a[0].kind() == Kind::kInt) return out = a[0], Status();
  out = ValueView::of_double(f(a[0].real()));
  return Status();
}

template <FunctionId id, double (*f)(double, double)>
Status real_function(FunctionContext&, Arguments a, ValueView& out) {
  PROTO_RETURN_IF_ERROR(check_number(id, a[0]));
  PROTO_RETURN_IF_ERROR(check_number(id, a[1]));
  return give(f(a[0].as_double(), a[1].as_double()), out);
}

double logarithm(double x) { return x > 0 ? std::log(x) : NAN; }
double logarithm10(double x) { return x > 0 ? std::log10(x) : NAN; }
double logarithm2(double x) { return x > 0 ? std::log2(x) : NAN; }
double square_root(double x) { return std::sqrt(x); }
double radians(double x) { return x * (std::numbers::pi / 180); }
double degrees(double x) { return x * (180 / std::numbers::pi); }
double exponential(double x) { return std::exp(x); }
double sine(double x) { return std::sin(x); }
double cosine(double x) { return std::cos(x); }
double tangent(double x) { return std::tan(x); }
double arc_sine(double x) { return std::asin(x); }
double arc_cosine(double x) { return std::acos(x); }
double arc_tangent(double x) { return std::atan(x); }
double arc_tangent2(double y, double x) { return std::atan2(y, x); }
double power(double x, double y) { return std::pow(x, y); }
double ceiling(double x) { return std::ceil(x); }
double floor_of(double x) { return std::floor(x); }
double truncated(double x) { return std::trunc(x); }

Status log_function(FunctionContext& context, Arguments a, ValueView& out) {
  if (a.size() == 1) return real_function<FunctionId::kLog, logarithm10>(context, a, out);
  PROTO_RETURN_IF_ERROR(check_number(FunctionId::kLog, a[0]));
  PROTO_RETURN_IF_ERROR(check_number(FunctionId::kLog, a[1]));
  const double base = logarithm(a[0].as_double());
  return give(base == 0 ? NAN : logarithm(a[1].as_double()) / base, out);
}

Status absolute(FunctionContext&, Arguments a, ValueView& out) {
  if (a[0].kind() == Kind::kDouble) return out = ValueView::of_double(std::fabs(a[0].real())), Status();
  if (a[0].kind() != Kind::kInt && a[0].kind() != Kind::kTimespan) return wrong_argument(FunctionId::kAbs, a[0]);
  if (a[0].integer() >= 0) return out = a[0], Status();
  return arithmetic(Operator::kNegate, a[0], out);
}

Status sign(FunctionContext&, Arguments a, ValueView& out) {
  PROTO_RETURN_IF_ERROR(check_number(FunctionId::kSign, a[0]));
  const double x = a[0].as_double();
  if (std::isnan(x)) return out = ValueView(), Status();
  out = ValueView::of_int((x > 0) - (x < 0));
  return Status();
}

/// Halves away from zero. With digits: the decimal nearest to the number, so that round(2.675, 2) is what its text says.
double round_to(double x, int64_t digits) {
  if (digits == 0 || !std::isfinite(x)) return std::round(x);
  if (digits > 300) return x;
  if (digits < -308) return 0;
  const double scale = std::pow(10.0, static_cast<double>(std::abs(digits)));
  if (digits < 0) return std::round(x / scale) * scale;
  const double scaled = x * scale;
  if (!std::isfinite(scaled) || std::fabs(scaled) >= 0x1p52) return x;
  double whole = std::round(scaled);
  // A product just below a half that the decimal text has exactly: 1.005 * 100 is 100.49999999999999.
  if (std::fabs(std::fabs(scaled - std::trunc(scaled)) - 0.5) <= std::fabs(scaled) * 0x1p-52) {
    whole = std::trunc(scaled) + std::copysign(1.0, scaled);
  }
  return whole / scale;
}

Status round_function(FunctionContext&, Arguments a, ValueView& out) {
  PROTO_RETURN_IF_ERROR(check_number(FunctionId::kRound, a[0]));
  if (a.size() > 1 && a[1].kind() != Kind::kInt) return wrong_argument(FunctionId::kRound, a[1]);
  out = ValueView::of_double(round_to(a[0].as_double(), a.size() > 1 ? a[1].integer() : 0));
  return Status();
}

constexpr FunctionEntry kNumber[] = {
    {FunctionId::kAbs, absolute},
    {FunctionId::kSign, sign},
    {FunctionId::kCeil, whole_function<FunctionId::kCeil, ceiling>},
    {FunctionId::kFloor, whole_function<FunctionId::kFloor, floor_of>},
    {FunctionId::kTrunc, whole_function<FunctionId::kTrunc, truncated>},
    {FunctionId::kRound, round_function},
    {FunctionId::kSqrt, real_function<FunctionId::kSqrt, square_root>},
    {FunctionId::kExp, real_function<FunctionId::kExp, exponential>},
    {FunctionId::kLn, real_function<FunctionId::kLn, logarithm>},
    {FunctionId::kLog, log_function},
    {FunctionId::kLog10, real_function<FunctionId::kLog10, logarithm10>},
    {FunctionId::kLog2, real_function<FunctionId::kLog2, logarithm2>},
    {FunctionId::kPower, real_function<FunctionId::kPower, power>},
    {FunctionId::kMod,
     [](FunctionContext& context, Arguments a, ValueView& out) -> Status {
       PROTO_RETURN_IF_ERROR(check_number(FunctionId::kMod, a[0]));
       PROTO_RETURN_IF_ERROR(check_number(FunctionId::kMod, a[1]));
       return arithmetic(Operator::kModulo, a[0], a[1], context.arena, out);
     }},
    {FunctionId::kSin, real_function<FunctionId::kSin, sine>},
    {FunctionId::kCos, real_function<FunctionId::kCos, cosine>},
    {FunctionId::kTan, real_function<FunctionId::kTan, tangent>},
    {FunctionId::kAsin, real_function<FunctionId::kAsin, arc_sine>},
    {FunctionId::kAcos, real_function<FunctionId::kAcos, arc_cosine>},
    {FunctionId::kAtan, real_function<FunctionId::kAtan, arc_tangent>},
    {FunctionId::kAtan2, real_function<FunctionId::kAtan2, arc_tangent2>},
    {FunctionId::kPi, [](FunctionContext&, Arguments, ValueView& out) { return give(std::numbers::pi, out); }},
    {FunctionId::kRadians, real_function<FunctionId::kRadians, radians>},
    {FunctionId::kDegrees, real_function<FunctionId::kDegrees, degrees>},
};

}  // namespace

std::span<const FunctionEntry> number_functions() { return kNumber; }

}  // namespace protobase::query
