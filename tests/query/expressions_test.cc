// The evaluator: typed kernels, selections and short circuits against a naive evaluation, row by row.
#include <gtest/gtest.h>

#include "query/executor/expression_evaluator.h"
#include "query/executor/kernels.h"
#include "tests/query/expression_builder.h"

namespace protobase::query {
namespace {

using namespace testing;

/// A chunk made of rows of values, each column typed when it can be.
class Table {
 public:
  Table(std::initializer_list<std::vector<Value>> columns) : values_(columns) {
    const auto rows = static_cast<uint32_t>(values_[0].size());
    chunk.set_all(rows);
    for (const auto& column : values_) {
      auto* views = arena_.array<ValueView>(rows);
      for (uint32_t row = 0; row < rows; ++row) views[row] = column[row].view();
      chunk.columns.push_back(typed(views, chunk.rows, rows, arena_));
    }
  }
  Chunk chunk;

 private:
  std::vector<std::vector<Value>> values_;
  Arena arena_;
};

/// All values as JSON, or the error.
std::string evaluate(const Expression& expression, const Table& table, ExecutionContext* given = nullptr) {
  ExecutionContext own;
  Arena arena;
  Evaluator evaluator(given != nullptr ? *given : own, arena);
  ColumnVector column;
  const Status status = evaluator.evaluate(expression, table.chunk, table.chunk.rows, column);
  if (!status.ok()) return std::string(status_code_name(status.code()));
  std::string out;
  for (uint32_t row = 0; row < table.chunk.size; ++row) {
    if (row > 0) out += " ";
    out += column.at(row).to_json();
  }
  return out;
}

TEST(Expressions, ArithmeticKeepsIntegersAndChecksOverflow) {
  Table table{{1, nullptr, 3}, {10, 20, 0}, {1.5, 2.5, nullptr}};
  EXPECT_EQ(evaluate(*binary(Operator::kAdd, column(0), column(1)), table), "11 null 3");
  EXPECT_EQ(evaluate(*binary(Operator::kDivide, column(1), column(0)), table), "10 null 0");
  EXPECT_EQ(evaluate(*binary(Operator::kDivide, column(0), column(1)), table), "0 null null");
  EXPECT_EQ(evaluate(*binary(Operator::kMultiply, column(0), column(2)), table), "1.5 null null");
  EXPECT_EQ(evaluate(*binary(Operator::kAdd, column(0), constant(INT64_MAX)), table), "out of range");
  EXPECT_EQ(evaluate(*binary(Operator::kAdd, column(0), constant("x")), table), "type error");
  EXPECT_EQ(evaluate(*unary(Operator::kNegate, column(0)), table), "-1 null -3");
}

TEST(Expressions, OverflowOfARowThatIsNoneIsNoError) {
  // The element of a none may hold anything: here what would overflow.
  const int64_t data[] = {1, INT64_MAX};
  const uint64_t valid[] = {0b01};
  Chunk chunk;
  chunk.set_all(2);
  chunk.columns.push_back(ColumnVector::integers(Kind::kInt, data, valid));
  ExecutionContext context;
  Arena arena;
  Evaluator evaluator(context, arena);
  ColumnVector out;
  ASSERT_TRUE(evaluator.evaluate(*binary(Operator::kAdd, column(0), constant(1)), chunk, chunk.rows, out).ok());
  EXPECT_EQ(out.at(0).integer(), 2);
  EXPECT_TRUE(out.is_null(1));
}

TEST(Expressions, ErrorsCarryTheirSpan) {
  Table table{{1, 2}};
  auto sum = binary(Operator::kAdd, column(0), constant("x"));
  sum->span = {7, 5};
  ExecutionContext context;
  Arena arena;
  ColumnVector out;
  const Status status = Evaluator(context, arena).evaluate(*sum, table.chunk, table.chunk.rows, out);
  ASSERT_NE(status.span(), nullptr);
  EXPECT_EQ(status.span()->offset, 7u);
  EXPECT_FALSE(status.hint().empty());
}

TEST(Expressions, ComparisonOfMixedKinds) {
  Table table{{1, "a", nullptr, true, 2.0}};
  EXPECT_EQ(evaluate(*binary(Operator::kEqual, column(0), loose(1.0)), table), "true false null false false");
  EXPECT_EQ(evaluate(*binary(Operator::kNotEqual, column(0), loose(1)), table), "false true null true true");
  EXPECT_EQ(evaluate(*binary(Operator::kLess, column(0), loose(2)), table), "true null null null false");
  auto strict = binary(Operator::kEqual, constant("a"), constant(1));
  EXPECT_EQ(evaluate(*strict, table), "type error");
}

TEST(Expressions, IntegersCompareWithDoublesExactly) {
  const int64_t big = (int64_t{1} << 53) + 1;
  Table table{{big, big - 1}, {9007199254740992.0, 9007199254740992.0}};
  EXPECT_EQ(evaluate(*binary(Operator::kGreater, column(0), column(1)), table), "true false");
  EXPECT_EQ(evaluate(*binary(Operator::kLess, column(1), column(0)), table), "true false");
}

TEST(Expressions, BranchesThatAreNotNeededDoNotFail) {
  Table table{{0, 2, nullptr}};
  const auto divide = [] { return cast_to(Kind::kInt, call(FunctionId::kIf, binary(Operator::kEqual, column(0), constant(0)), constant("no number"), constant("1"))); };
  // CASE WHEN x = 0 THEN 0 ELSE <fails for x = 0> END
  auto guarded = of(ExpressionKind::kCase, binary(Operator::kEqual, column(0), constant(0)), constant(0), divide());
  EXPECT_EQ(evaluate(*guarded, table), "0 1 1");
  EXPECT_EQ(evaluate(*divide(), table), "type error");
  auto and_guard = of(ExpressionKind::kAnd, binary(Operator::kNotEqual, column(0), constant(0)), binary(Operator::kEqual, divide(), constant(1)));
  EXPECT_EQ(evaluate(*and_guard, table), "false true null");
  auto or_guard = of(ExpressionKind::kOr, binary(Operator::kEqual, column(0), constant(0)), binary(Operator::kEqual, divide(), constant(2)));
  EXPECT_EQ(evaluate(*or_guard, table), "true false null");
  auto coalesce = call(FunctionId::kCoalesce, of(ExpressionKind::kCase, binary(Operator::kEqual, column(0), constant(0)), constant(5)), divide());
  EXPECT_EQ(evaluate(*coalesce, table), "5 1 1");
}

TEST(Expressions, InListsShortAndLongAgree) {
  Table table{{1, 2.0, "a", nullptr, 99}};
  for (const bool with_null : {false, true}) {
    auto short_list = of(ExpressionKind::kIn, column(0), loose(1), loose(2), loose("a"));
    auto long_list = of(ExpressionKind::kIn, column(0), loose(1), loose(2), loose("a"));
    for (int i = 0; i < 20; ++i) long_list->children.push_back(loose(1000 + i));
    if (with_null) short_list->children.push_back(loose(nullptr)), long_list->children.push_back(loose(nullptr));
    const char* expected = with_null ? "true true true null null" : "true true true null false";
    EXPECT_EQ(evaluate(*short_list, table), expected);
    EXPECT_EQ(evaluate(*long_list, table), expected);
    short_list->negated = long_list->negated = true;
    EXPECT_EQ(evaluate(*short_list, table), evaluate(*long_list, table));
  }
}

TEST(Expressions, BetweenIsThreeValued) {
  Table table{{1, 5, 9, nullptr}};
  EXPECT_EQ(evaluate(*of(ExpressionKind::kBetween, column(0), constant(2), constant(6)), table), "false true false null");
  EXPECT_EQ(evaluate(*of(ExpressionKind::kBetween, column(0), constant(2), loose(nullptr)), table), "false null null null");
}

TEST(Expressions, PathsSlicesAndConstruction) {
  Table table{{Value(Object{{"a", Array{1, 2, 3}}, {"b", Object{{"c", 7}}}}), Value(5)}, {0, 1}};
  auto path = of(ExpressionKind::kPath, column(0));
  path->path = *Path::parse("b.c");
  EXPECT_EQ(evaluate(*path, table), "7 null");
  auto element = of(ExpressionKind::kPath, column(0));
  element->path = *Path::parse("a[-1]");
  EXPECT_EQ(evaluate(*element, table), "3 null");
  auto array = of(ExpressionKind::kPath, column(0));
  array->path = *Path::parse("a");
  EXPECT_EQ(evaluate(*of(ExpressionKind::kSlice, std::move(array), constant(1), constant(nullptr)), table), "[2,3] null");
  auto object = of(ExpressionKind::kObject, column(1), constant("x"));
  object->names = {"n", "s"};
  EXPECT_EQ(evaluate(*object, table), R"({"n":0,"s":"x"} {"n":1,"s":"x"})");
}

TEST(Expressions, DatesAndSpans) {
  const Value date(Date{19782});  // 2024-02-29
  const Value day(Timespan{86'400'000'000}), hour(Timespan{3'600'000'000});
  Table table{{date}, {Value(Timestamp{19782ll * 86'400'000'000})}};
  EXPECT_EQ(evaluate(*binary(Operator::kAdd, column(0), constant(day)), table), "\"2024-03-01\"");
  EXPECT_EQ(evaluate(*binary(Operator::kAdd, column(0), constant(hour)), table), "\"2024-02-29T01:00:00Z\"");
  EXPECT_EQ(evaluate(*binary(Operator::kSubtract, column(0), constant(1)), table), "\"2024-02-28\"");
  EXPECT_EQ(evaluate(*binary(Operator::kSubtract, column(1), constant(date)), table), "\"PT0S\"");
  EXPECT_EQ(evaluate(*binary(Operator::kEqual, column(0), column(1)), table), "true");
  EXPECT_EQ(evaluate(*binary(Operator::kMultiply, constant(hour), constant(1.5)), table), "\"PT1H30M\"");
  EXPECT_EQ(evaluate(*binary(Operator::kAdd, column(0), column(0)), table), "type error");
}

// ---- property: vectorised against row by row ---------------------------------------------------------------------------

/// The plain meaning of an expression, for one row of values.
class Naive {
 public:
  explicit Naive(const std::vector<Value>& row) : row_(row) {}

  Result<Value> operator()(const Expression& e) {
    switch (e.kind) {
      case ExpressionKind::kConstant: return e.value;
      case ExpressionKind::kColumn: return row_[e.index];
      case ExpressionKind::kAnd: return connective(e, Truth::kFalse);
      case ExpressionKind::kOr: return connective(e, Truth::kTrue);
      case ExpressionKind::kCase: return conditional(e);
      case ExpressionKind::kFunction: return coalesce(e);
      default: return operation(e);
    }
  }

 private:
  Result<Value> connective(const Expression& e, Truth decides) {
    bool unknown = false;
    for (const ExpressionPtr& child : e.children) {
      PROTO_ASSIGN_OR_RETURN(Value value, (*this)(*child));
      PROTO_ASSIGN_OR_RETURN(Truth truth, condition_of(value));
      if (truth == decides) return Value(view_of(decides));
      unknown |= truth == Truth::kNull;
    }
    return unknown ? Value() : Value(view_of(negate(decides)));
  }

  Result<Value> conditional(const Expression& e) {
    size_t i = 0;
    for (; i + 1 < e.children.size(); i += 2) {
      PROTO_ASSIGN_OR_RETURN(bool chosen, holds(*e.children[i]));
      if (chosen) return (*this)(*e.children[i + 1]);
    }
    return i < e.children.size() ? (*this)(*e.children[i]) : Result<Value>(Value());
  }

  /// Whether a condition is true: AND ends at the first operand that is not, be it false or NULL.
  Result<bool> holds(const Expression& e) {
    if (e.kind != ExpressionKind::kAnd) {
      PROTO_ASSIGN_OR_RETURN(Value value, (*this)(e));
      PROTO_ASSIGN_OR_RETURN(Truth truth, condition_of(value));
      return truth == Truth::kTrue;
    }
    for (const ExpressionPtr& child : e.children) {
      PROTO_ASSIGN_OR_RETURN(bool so_far, holds(*child));
      if (!so_far) return false;
    }
    return true;
  }

  Result<Value> coalesce(const Expression& e) {
    for (const ExpressionPtr& child : e.children) {
      PROTO_ASSIGN_OR_RETURN(Value value, (*this)(*child));
      if (!value.is_none()) return value;
    }
    return Value();
  }

  Result<Value> operation(const Expression& e) {
    PROTO_ASSIGN_OR_RETURN(Value a, (*this)(*e.children[0]));
    if (e.op == Operator::kIsNull) return Value(a.is_none());
    if (e.children.size() == 1) {
      PROTO_ASSIGN_OR_RETURN(Truth truth, condition_of(a));
      return Value(view_of(negate(truth)));
    }
    PROTO_ASSIGN_OR_RETURN(Value b, (*this)(*e.children[1]));
    if (is_comparison(e.op)) return Value(view_of(compare(e.op, a, b)));
    Arena arena;
    ValueView out;
    PROTO_RETURN_IF_ERROR(arithmetic(e.op, a, b, arena, out));
    return Value(out);
  }

  const std::vector<Value>& row_;
};

class RandomExpressions {
 public:
  explicit RandomExpressions(uint64_t seed) : random_(seed) {}

  /// Of number columns only one kind, or any mixture.
  Value value(uint64_t style) {
    if (random_.one_in(5)) return Value();
    switch (style == 3 ? random_.below(6) : style) {
      case 0: return Value(random_.one_in(20) ? int64_t{INT64_MAX} : random_.between(-4, 4));
      case 1: return Value(static_cast<double>(random_.between(-4, 4)) / 2);
      case 2: return Value(std::string(random_.below(3), 'a'));
      case 3: return Value(random_.one_in(2));
      default: return Value(random_.between(-2, 2));
    }
  }

  ExpressionPtr numeric(int depth) {
    if (depth == 0 || random_.one_in(4)) return random_.one_in(3) ? loose(value(random_.below(2))) : column(static_cast<uint32_t>(random_.below(4)));
    switch (random_.below(6)) {
      case 0: return of(ExpressionKind::kCase, condition(depth - 1), numeric(depth - 1), numeric(depth - 1));
      case 1: return call(FunctionId::kCoalesce, numeric(depth - 1), numeric(depth - 1));
      default: {
        constexpr Operator kOps[] = {Operator::kAdd, Operator::kSubtract, Operator::kMultiply, Operator::kDivide, Operator::kModulo};
        return binary(kOps[random_.below(5)], numeric(depth - 1), numeric(depth - 1));
      }
    }
  }

  ExpressionPtr condition(int depth) {
    if (depth > 0 && random_.one_in(3)) {
      return of(random_.one_in(2) ? ExpressionKind::kAnd : ExpressionKind::kOr, condition(depth - 1), condition(depth - 1), condition(depth - 1));
    }
    if (depth > 0 && random_.one_in(5)) return unary(Operator::kNot, condition(depth - 1));
    if (random_.one_in(6)) return unary(Operator::kIsNull, numeric(depth));
    constexpr Operator kOps[] = {Operator::kEqual, Operator::kNotEqual, Operator::kLess, Operator::kLessEqual, Operator::kGreater, Operator::kGreaterEqual};
    return binary(kOps[random_.below(6)], numeric(depth), numeric(depth));
  }

  proto::Random random_;
};

TEST(Expressions, VectorisedAgreesWithRowByRow) {
  const uint64_t seed = 77;
  RandomExpressions make_random(seed);
  uint32_t errors = 0, values = 0;
  for (int round = 0; round < 4000; ++round) {
    const uint32_t rows = 1 + static_cast<uint32_t>(make_random.random_.below(70));
    std::vector<std::vector<Value>> columns(4, std::vector<Value>(rows));
    for (uint64_t c = 0; c < 4; ++c) {
      for (Value& value : columns[c]) value = make_random.value(c);
    }
    Table table{columns[0], columns[1], columns[2], columns[3]};
    const ExpressionPtr expression = make_random.random_.one_in(2) ? make_random.numeric(3) : make_random.condition(3);
    ExecutionContext context;
    Arena arena;
    ColumnVector column;
    const Status status = Evaluator(context, arena).evaluate(*expression, table.chunk, table.chunk.rows, column);
    bool naive_failed = false;
    for (uint32_t row = 0; row < rows; ++row) {
      const std::vector<Value> values_of_row{columns[0][row], columns[1][row], columns[2][row], columns[3][row]};
      const Result<Value> expected = Naive(values_of_row)(*expression);
      naive_failed |= !expected.ok();
      if (!status.ok() || !expected.ok()) continue;
      ++values;
      ASSERT_EQ(column.at(row).kind(), expected->kind()) << "seed " << seed << " round " << round << " row " << row;
      ASSERT_EQ(column.at(row), expected->view()) << "seed " << seed << " round " << round << " row " << row;
    }
    ASSERT_EQ(!status.ok(), naive_failed) << "seed " << seed << " round " << round << " " << status.to_string();
    errors += naive_failed;
  }
  EXPECT_GT(errors, 100u);   // both outcomes were really tried
  EXPECT_GT(values, 10000u);
}

TEST(Kernels, AgreeWithScalarsOnEdgesAndSelections) {
  const uint64_t seed = 5;
  proto::Random random(seed);
  const int64_t edges[] = {0, 1, -1, 2, INT64_MAX, INT64_MIN, INT64_MAX - 1, 7};
  const double real_edges[] = {0.0, -0.0, 1.5, -1.5, NAN, INFINITY, -INFINITY, 1e300};
  constexpr uint32_t kCount = 131;
  int64_t a[kCount], b[kCount], out[kCount];
  double x[kCount], y[kCount];
  uint8_t truth[kCount];
  std::vector<uint32_t> selection;
  for (uint32_t i = 0; i < kCount; ++i) {
    a[i] = edges[random.below(8)], b[i] = edges[random.below(8)];
    x[i] = real_edges[random.below(8)], y[i] = real_edges[random.below(8)];
    if (random.one_in(3)) selection.push_back(i);
  }
  const Rows choices[] = {{nullptr, kCount}, {selection.data(), static_cast<uint32_t>(selection.size())}};
  for (const Rows rows : choices) {
    for (int op = static_cast<int>(Operator::kEqual); op <= static_cast<int>(Operator::kGreaterEqual); ++op) {
      for (const bool fixed : {false, true}) {
        compare_kernel(Operator(op), Operand<int64_t>{a}, Operand<int64_t>{b, fixed}, rows, truth);
        for_each_row(rows, [&](uint32_t r) {
          ASSERT_EQ(truth[r], meets(Operator(op), ValueView::of_int(a[r]).compare(ValueView::of_int(b[fixed ? 0 : r]))));
        });
        compare_kernel(Operator(op), Operand<double>{x, fixed}, Operand<double>{y}, rows, truth);
        for_each_row(rows, [&](uint32_t r) {
          ASSERT_EQ(truth[r], meets(Operator(op), ValueView::of_double(x[fixed ? 0 : r]).compare(ValueView::of_double(y[r])))) << x[fixed ? 0 : r] << " " << y[r];
        });
        compare_kernel(Operator(op), Operand<int64_t>{a}, Operand<double>{y, fixed}, rows, truth);
        for_each_row(rows, [&](uint32_t r) {
          ASSERT_EQ(truth[r], meets(Operator(op), ValueView::of_int(a[r]).compare(ValueView::of_double(y[fixed ? 0 : r]))));
        });
      }
    }
    for (const Operator op : {Operator::kAdd, Operator::kSubtract, Operator::kMultiply}) {
      Arena arena;
      bool expected = false;
      const bool overflow = arithmetic_kernel(op, Operand<int64_t>{a}, Operand<int64_t>{b}, nullptr, rows, out);
      for_each_row(rows, [&](uint32_t r) {
        ValueView value;
        const Status status = arithmetic(op, ValueView::of_int(a[r]), ValueView::of_int(b[r]), arena, value);
        expected |= !status.ok();
        if (status.ok()) { ASSERT_EQ(out[r], value.integer()); }
      });
      ASSERT_EQ(overflow, expected);
    }
    __int128 sum = 0;
    for_each_row(rows, [&](uint32_t r) { sum += a[r]; });
    ASSERT_TRUE(sum == sum_kernel(a, nullptr, rows));
  }
}

}  // namespace
}  // namespace protobase::query
