// Loops over plain arrays that the compiler vectorises, compiled for several instruction sets and chosen at run time. Each
// has the results of the operators on single values (scalar.h); tests compare the two.
#pragma once

#include <cstdint>

#include "query/binder/expression.h"
#include "query/executor/vector.h"

namespace protobase::query {

/// A side of a binary kernel: an array, or one element for all rows.
template <class T>
struct Operand {
  const T* data = nullptr;
  bool constant = false;
  T operator[](uint32_t row) const { return data[constant ? 0 : row]; }
};

/// out[row] = a[row] op b[row] for the six comparisons, for each of `rows`.
void compare_kernel(Operator op, Operand<int64_t> a, Operand<int64_t> b, Rows rows, uint8_t* out);
void compare_kernel(Operator op, Operand<double> a, Operand<double> b, Rows rows, uint8_t* out);
/// Integers with doubles, exactly.
void compare_kernel(Operator op, Operand<int64_t> a, Operand<double> b, Rows rows, uint8_t* out);

/// out[row] = a[row] op b[row] for + - * on all of `rows`. True when some row that is valid (null: all are) overflowed.
bool arithmetic_kernel(Operator op, Operand<int64_t> a, Operand<int64_t> b, const uint64_t* valid, Rows rows, int64_t* out);
void arithmetic_kernel(Operator op, Operand<double> a, Operand<double> b, Rows rows, double* out);
/// Division and modulo: rows with a divisor of zero become invalid in `valid` (all bits of which say what was valid before).
/// True when the quotient of a valid row does not fit.
bool divide_kernel(Operator op, Operand<int64_t> a, Operand<int64_t> b, uint64_t* valid, Rows rows, int64_t* out);
void divide_kernel(Operator op, Operand<double> a, Operand<double> b, uint64_t* valid, Rows rows, double* out);

/// Sums of the valid rows (null: all). The integer sum is exact.
__int128 sum_kernel(const int64_t* data, const uint64_t* valid, Rows rows);
double sum_kernel(const double* data, const uint64_t* valid, Rows rows);
/// The number of valid rows.
uint32_t count_kernel(const uint64_t* valid, Rows rows);
/// Least and greatest of the valid rows, NaN being the greatest; false when there are none.
bool bounds_kernel(const int64_t* data, const uint64_t* valid, Rows rows, int64_t& least, int64_t& greatest);
bool bounds_kernel(const double* data, const uint64_t* valid, Rows rows, double& least, double& greatest);

}  // namespace protobase::query
