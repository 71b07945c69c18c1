#include <cmath>

#include "query/executor/internal/clones.h"
#include "query/executor/kernels.h"

namespace protobase::query {
namespace {

bool counts(const uint64_t* valid, uint32_t row) { return valid == nullptr || test_bit(valid, row); }

// A side that is constant has step 0; the three shapes are loops of their own so that each vectorises.
#define PROTOBASE_BINARY_LOOPS(T, body)            \
  if (a_constant && !b_constant) {                 \
    const T x = *a;                                \
    for (uint32_t i = 0; i < count; ++i) {         \
      const T y = b[i];                            \
      body;                                        \
    }                                              \
  } else if (b_constant && !a_constant) {          \
    const T y = *b;                                \
    for (uint32_t i = 0; i < count; ++i) {         \
      const T x = a[i];                            \
      body;                                        \
    }                                              \
  } else {                                         \
    const uint32_t step = a_constant ? 0 : 1;      \
    for (uint32_t i = 0; i < count; ++i) {         \
      const T x = a[i * step], y = b[i * step];    \
      body;                                        \
    }                                              \
  }

#define PROTOBASE_REAL_ARITHMETIC(Name, op)                                                                          \
  PROTOBASE_CLONES void Name(const double* a, bool a_constant, const double* b, bool b_constant, uint32_t count,     \
                             double* out) {                                                                          \
    PROTOBASE_BINARY_LOOPS(double, out[i] = x op y)                                                                  \
  }
PROTOBASE_REAL_ARITHMETIC(add_real, +)
PROTOBASE_REAL_ARITHMETIC(subtract_real, -)
PROTOBASE_REAL_ARITHMETIC(multiply_real, *)
#undef PROTOBASE_REAL_ARITHMETIC

// Signed overflow shows in the sign bits: of the operands against the result.
#define PROTOBASE_INT_ARITHMETIC(Name, op, wrong)                                                                    \
  PROTOBASE_CLONES uint64_t Name(const int64_t* a, bool a_constant, const int64_t* b, bool b_constant,               \
                                 uint32_t count, int64_t* out) {                                                     \
    uint64_t overflow = 0;                                                                                           \
    PROTOBASE_BINARY_LOOPS(int64_t, const uint64_t u = static_cast<uint64_t>(x); const uint64_t v = static_cast<uint64_t>(y); \
                           const uint64_t r = u op v; overflow |= wrong; out[i] = static_cast<int64_t>(r))           \
    return overflow >> 63;                                                                                           \
  }
PROTOBASE_INT_ARITHMETIC(add_int, +, (u ^ r) & (v ^ r))
PROTOBASE_INT_ARITHMETIC(subtract_int, -, (u ^ v) & (u ^ r))
#undef PROTOBASE_INT_ARITHMETIC

bool checked(Operator op, int64_t x, int64_t y, int64_t* out) {
  switch (op) {
    case Operator::kAdd: return __builtin_add_overflow(x, y, out);
    case Operator::kSubtract: return __builtin_sub_overflow(x, y, out);
    default: return __builtin_mul_overflow(x, y, out);
  }
}

bool checked_rows(Operator op, Operand<int64_t> a, Operand<int64_t> b, const uint64_t* valid, Rows rows, int64_t* out) {
  bool overflow = false;
  for_each_row(rows, [&](uint32_t row) {
    if (checked(op, a[row], b[row], &out[row])) overflow |= counts(valid, row);
  });
  return overflow;
}

PROTOBASE_CLONES bool are_small(const int64_t* data, uint32_t count) {
  uint64_t bits = 0;
  for (uint32_t i = 0; i < count; ++i) bits |= static_cast<uint64_t>(data[i] ^ (data[i] >> 63));
  return bits < (uint64_t{1} << 50);  // sums of 2^13 of them fit
}

PROTOBASE_CLONES int64_t sum_small(const int64_t* data, uint32_t count) {
  int64_t sum = 0;
  for (uint32_t i = 0; i < count; ++i) sum += data[i];
  return sum;
}

PROTOBASE_CLONES double sum_dense(const double* data, uint32_t count) {
  // Eight partial sums: addition of doubles is not associative, so the compiler may not split one sum by itself.
  double sums[8] = {};
  uint32_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (int lane = 0; lane < 8; ++lane) sums[lane] += data[i + static_cast<uint32_t>(lane)];
  }
  for (; i < count; ++i) sums[0] += data[i];
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

PROTOBASE_CLONES void bounds_dense(const int64_t* data, uint32_t count, int64_t* least, int64_t* greatest) {
  int64_t low = data[0], high = data[0];
  for (uint32_t i = 1; i < count; ++i) {
    low = data[i] < low ? data[i] : low;
    high = data[i] > high ? data[i] : high;
  }
  *least = low, *greatest = high;
}

bool above(double a, double b) { return a > b || (std::isnan(a) && !std::isnan(b)); }

}  // namespace

bool arithmetic_kernel(Operator op, Operand<int64_t> a, Operand<int64_t> b, const uint64_t* valid, Rows rows, int64_t* out) {
  if (!rows.all() || op == Operator::kMultiply) return checked_rows(op, a, b, valid, rows, out);
  const auto loop = op == Operator::kAdd ? add_int : subtract_int;
  if (loop(a.data, a.constant, b.data, b.constant, rows.count, out) == 0) return false;
  return checked_rows(op, a, b, valid, rows, out);  // which row was it: one that is none does not count
}

void arithmetic_kernel(Operator op, Operand<double> a, Operand<double> b, Rows rows, double* out) {
  if (rows.all()) {
    const auto loop = op == Operator::kAdd ? add_real : op == Operator::kSubtract ? subtract_real : multiply_real;
    return loop(a.data, a.constant, b.data, b.constant, rows.count, out);
  }
  for_each_row(rows, [&](uint32_t row) {
    const double x = a[row], y = b[row];
    out[row] = op == Operator::kAdd ? x + y : op == Operator::kSubtract ? x - y : x * y;
  });
}

bool divide_kernel(Operator op, Operand<int64_t> a, Operand<int64_t> b, uint64_t* valid, Rows rows, int64_t* out) {
  bool overflow = false;
  for_each_row(rows, [&](uint32_t row) {
    const int64_t x = a[row], y = b[row];
    if (y == 0) {
      clear_bit(valid, row);
    } else if (y == -1) {
      out[row] = 0;
      if (op == Operator::kDivide && __builtin_sub_overflow(int64_t{0}, x, &out[row])) overflow |= test_bit(valid, row);
    } else {
      out[row] = op == Operator::kDivide ? x / y : x % y;
    }
  });
  return overflow;
}

void divide_kernel(Operator op, Operand<double> a, Operand<double> b, uint64_t* valid, Rows rows, double* out) {
  for_each_row(rows, [&](uint32_t row) {
    const double x = a[row], y = b[row];
    if (y == 0) {
      clear_bit(valid, row);
    } else {
      out[row] = op == Operator::kDivide ? x / y : std::fmod(x, y);
    }
  });
}

__int128 sum_kernel(const int64_t* data, const uint64_t* valid, Rows rows) {
  if (rows.all() && valid == nullptr && rows.count <= 8192 && are_small(data, rows.count)) return sum_small(data, rows.count);
  __int128 sum = 0;
  if (valid == nullptr) {
    for_each_row(rows, [&](uint32_t row) { sum += data[row]; });
  } else {
    for_each_row(rows, [&](uint32_t row) { sum += test_bit(valid, row) ? data[row] : 0; });
  }
  return sum;
}

double sum_kernel(const double* data, const uint64_t* valid, Rows rows) {
  if (rows.all() && valid == nullptr) return sum_dense(data, rows.count);
  double sum = 0;
  if (valid == nullptr) {
    for_each_row(rows, [&](uint32_t row) { sum += data[row]; });
  } else {
    for_each_row(rows, [&](uint32_t row) { sum += test_bit(valid, row) ? data[row] : 0.0; });
  }
  return sum;
}

uint32_t count_kernel(const uint64_t* valid, Rows rows) {
  if (valid == nullptr) return rows.count;
  uint32_t count = 0;
  for_each_row(rows, [&](uint32_t row) { count += test_bit(valid, row); });
  return count;
}

bool bounds_kernel(const int64_t* data, const uint64_t* valid, Rows rows, int64_t& least, int64_t& greatest) {
  if (rows.count == 0) return false;
  if (rows.all() && valid == nullptr) return bounds_dense(data, rows.count, &least, &greatest), true;
  bool found = false;
  for_each_row(rows, [&](uint32_t row) {
    if (!counts(valid, row)) return;
    if (!found || data[row] < least) least = data[row];
    if (!found || data[row] > greatest) greatest = data[row];
    found = true;
  });
  return found;
}

bool bounds_kernel(const double* data, const uint64_t* valid, Rows rows, double& least, double& greatest) {
  bool found = false;
  for_each_row(rows, [&](uint32_t row) {
    if (!counts(valid, row)) return;
    if (!found || above(least, data[row])) least = data[row];
    if (!found || above(data[row], greatest)) greatest = data[row];
    found = true;
  });
  return found;
}

}  // namespace protobase::query
