#include <cmath>

#include "query/executor/internal/clones.h"
#include "query/executor/kernels.h"
#include "query/executor/scalar.h"

namespace protobase::query {
namespace {

// NaN equals NaN and is above all numbers: written without branches so that the loops vectorise.
inline bool is_less(int64_t a, int64_t b) { return a < b; }
inline bool is_equal(int64_t a, int64_t b) { return a == b; }
inline bool is_less(double a, double b) { return bool(int(a < b) | (int(b != b) & int(a == a))); }
inline bool is_equal(double a, double b) { return bool(int(a == b) | (int(a != a) & int(b != b))); }

// Attributes that clone a function do not go with templates, hence macros.
#define PROTOBASE_COMPARE(T, Name, expression)                                                          \
  PROTOBASE_CLONES void Name(const T* a, const T* b, bool constant, uint32_t count, uint8_t* out) {     \
    if (constant) {                                                                                     \
      const T y = *b;                                                                                   \
      for (uint32_t i = 0; i < count; ++i) {                                                            \
        const T x = a[i];                                                                               \
        out[i] = expression;                                                                            \
      }                                                                                                 \
    } else {                                                                                            \
      for (uint32_t i = 0; i < count; ++i) {                                                            \
        const T x = a[i], y = b[i];                                                                     \
        out[i] = expression;                                                                            \
      }                                                                                                 \
    }                                                                                                   \
  }

PROTOBASE_COMPARE(int64_t, equal_int, is_equal(x, y))
PROTOBASE_COMPARE(int64_t, not_equal_int, !is_equal(x, y))
PROTOBASE_COMPARE(int64_t, less_int, is_less(x, y))
PROTOBASE_COMPARE(int64_t, less_equal_int, !is_less(y, x))
PROTOBASE_COMPARE(int64_t, greater_int, is_less(y, x))
PROTOBASE_COMPARE(int64_t, greater_equal_int, !is_less(x, y))
PROTOBASE_COMPARE(double, equal_real, is_equal(x, y))
PROTOBASE_COMPARE(double, not_equal_real, !is_equal(x, y))
PROTOBASE_COMPARE(double, less_real, is_less(x, y))
PROTOBASE_COMPARE(double, less_equal_real, !is_less(y, x))
PROTOBASE_COMPARE(double, greater_real, is_less(y, x))
PROTOBASE_COMPARE(double, greater_equal_real, !is_less(x, y))
#undef PROTOBASE_COMPARE

void compare_dense(Operator op, const int64_t* a, const int64_t* b, bool constant, uint32_t count, uint8_t* out) {
  switch (op) {
    case Operator::kEqual: return equal_int(a, b, constant, count, out);
    case Operator::kNotEqual: return not_equal_int(a, b, constant, count, out);
    case Operator::kLess: return less_int(a, b, constant, count, out);
    case Operator::kLessEqual: return less_equal_int(a, b, constant, count, out);
    case Operator::kGreater: return greater_int(a, b, constant, count, out);
    default: return greater_equal_int(a, b, constant, count, out);
  }
}

void compare_dense(Operator op, const double* a, const double* b, bool constant, uint32_t count, uint8_t* out) {
  switch (op) {
    case Operator::kEqual: return equal_real(a, b, constant, count, out);
    case Operator::kNotEqual: return not_equal_real(a, b, constant, count, out);
    case Operator::kLess: return less_real(a, b, constant, count, out);
    case Operator::kLessEqual: return less_equal_real(a, b, constant, count, out);
    case Operator::kGreater: return greater_real(a, b, constant, count, out);
    default: return greater_equal_real(a, b, constant, count, out);
  }
}

template <class T>
std::strong_ordering order(T a, T b) {
  if (is_less(a, b)) return std::strong_ordering::less;
  return is_equal(a, b) ? std::strong_ordering::equal : std::strong_ordering::greater;
}

template <class T>
void compare_same(Operator op, Operand<T> a, Operand<T> b, Rows rows, uint8_t* out) {
  if (a.constant && !b.constant) return compare_same(mirrored(op), b, a, rows, out);
  if (rows.all() && !a.constant) return compare_dense(op, a.data, b.data, b.constant, rows.count, out);
  for_each_row(rows, [&](uint32_t row) { out[row] = meets(op, order(a[row], b[row])); });
}

}  // namespace

void compare_kernel(Operator op, Operand<int64_t> a, Operand<int64_t> b, Rows rows, uint8_t* out) {
  compare_same(op, a, b, rows, out);
}

void compare_kernel(Operator op, Operand<double> a, Operand<double> b, Rows rows, uint8_t* out) {
  compare_same(op, a, b, rows, out);
}

void compare_kernel(Operator op, Operand<int64_t> a, Operand<double> b, Rows rows, uint8_t* out) {
  for_each_row(rows, [&](uint32_t row) {
    out[row] = meets(op, ValueView::of_int(a[row]).compare(ValueView::of_double(b[row])));
  });
}

}  // namespace protobase::query
