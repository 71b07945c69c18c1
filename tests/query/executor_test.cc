// Plans made by hand, run on databases in memory.
#include "query/executor/executor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "db/database_state.h"
#include "runtime/base/random.h"
#include "tests/query/expression_builder.h"

namespace protobase::query {
namespace {

using namespace testing;

constexpr int kRows = 3000;

class ExecutorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = DatabaseState::open(":memory:", {});
    ASSERT_TRUE(opened.ok()) << opened.status().to_string();
    database_ = *opened;
    session_ = std::make_shared<Session>(database_);
    transaction_ = *database_->begin({});
    items_ = make_collection("items");
    index_a_ = make_index("items_a", "a", false);
    index_b_ = make_index("items_b", "b", false);
    for (int i = 1; i <= kRows; ++i) insert(items_, item(i));
  }

  /// a: 0 .. 9, b: 0 .. 99, c double, s text, now and then absent or of another kind.
  static Value item(int i) {
    Object object{{"n", i}, {"a", i % 10}, {"b", i % 100}, {"c", i * 0.5}, {"s", "name" + std::to_string(i % 7)}};
    if (i % 50 == 0) object.set("b", Value());
    if (i % 501 == 0) object.set("c", Value("odd"));
    object.set("v", Value(std::vector<float>{static_cast<float>(i % 37), static_cast<float>(i % 11)}));
    return Value(object);
  }

  CollectionId make_collection(const std::string& name) {
    CollectionDefinition definition;
    definition.name = name;
    auto id = transaction_->create_collection(definition);
    EXPECT_TRUE(id.ok()) << id.status().to_string();
    return *id;
  }

  IndexId make_index(const std::string& name, const std::string& path, bool unique) {
    IndexDefinition definition;
    definition.collection = items_;
    definition.name = name;
    definition.unique = unique;
    definition.parts.push_back({*Path::parse(path), {}, false});
    auto id = transaction_->create_index(definition);
    EXPECT_TRUE(id.ok()) << id.status().to_string();
    return *id;
  }

  ObjectId insert(CollectionId collection, const Value& object) {
    auto id = transaction_->insert(collection, encode(object));
    EXPECT_TRUE(id.ok()) << id.status().to_string();
    return *id;
  }

  static std::vector<ReadColumn> read(std::initializer_list<const char*> paths) {
    std::vector<ReadColumn> columns;
    for (const char* path : paths) columns.push_back({ReadColumn::What::kPath, *Path::parse(path)});
    return columns;
  }

  template <class Node>
  static std::shared_ptr<Node> node(size_t width) {
    auto made = std::make_shared<Node>();
    for (size_t i = 0; i < width; ++i) made->output.push_back({"c" + std::to_string(i), Type::unknown()});
    return made;
  }

  std::shared_ptr<PhysicalScan> scan(std::initializer_list<const char*> paths, ExpressionPtr filter = nullptr) {
    auto made = node<PhysicalScan>(paths.size());
    made->collection = items_;
    made->columns = read(paths);
    made->filter = std::move(filter);
    return made;
  }

  std::shared_ptr<PhysicalValues> values(std::vector<std::vector<Value>> rows, size_t width) {
    auto made = node<PhysicalValues>(width);
    for (auto& row : rows) {
      auto& added = made->rows.emplace_back();
      for (Value& value : row) added.push_back(loose(std::move(value)));
    }
    return made;
  }

  struct Outcome {
    std::vector<std::string> rows;
    Status status;
    uint64_t changes = 0;
    std::string text() const {
      std::string out = status.ok() ? "" : std::string(status_code_name(status.code())) + ";";
      for (const std::string& row : rows) out += row + ";";
      return out;
    }
  };

  Outcome run(PhysicalPtr plan, std::vector<Value> parameters = {}) {
    Outcome outcome;
    ExecutionInput input{session_, transaction_, std::move(parameters), &statistics_};
    auto source = execute(plan, std::move(input));
    if (!source.ok()) return outcome.status = source.status(), outcome;
    ResultChunk chunk;
    for (;;) {
      Result<bool> more = (*source)->next(chunk);
      if (!more.ok()) return outcome.status = more.status(), outcome;
      if (!*more) break;
      for (size_t r = 0; r < chunk.row_count; ++r) {
        std::string row;
        for (const auto& column : chunk.columns) row += (row.empty() ? "" : "|") + column[r].to_json();
        outcome.rows.push_back(std::move(row));
      }
    }
    outcome.changes = (*source)->changes();
    return outcome;
  }

  std::unique_ptr<IdSource> equal(IndexId index, Value value) {
    auto source = std::make_unique<IdSource>();
    source->index = index;
    source->bound.equal.push_back(loose(std::move(value)));
    return source;
  }

  std::unique_ptr<IdSource> range(IndexId index, Value low, Value high) {
    auto source = std::make_unique<IdSource>();
    source->kind = IdSource::Kind::kIndexedRangeSearch;
    source->index = index;
    source->bound.low = loose(std::move(low));
    source->bound.high = loose(std::move(high));
    source->bound.high_inclusive = false;
    return source;
  }

  std::unique_ptr<IdSource> merge(IdSource::Kind kind, std::unique_ptr<IdSource> a, std::unique_ptr<IdSource> b) {
    auto source = std::make_unique<IdSource>();
    source->kind = kind;
    source->operands.push_back(std::move(a));
    source->operands.push_back(std::move(b));
    return source;
  }

  Outcome fetch(std::unique_ptr<IdSource> source) {
    auto plan = node<PhysicalIdFetch>(1);
    plan->collection = items_;
    plan->columns = read({"n"});
    plan->source = std::move(source);
    return run(plan);
  }

  /// The n of the items that a C++ condition accepts.
  template <class F>
  static std::vector<std::string> expected(F&& accepts) {
    std::vector<std::string> out;
    for (int i = 1; i <= kRows; ++i) {
      if (accepts(i)) out.push_back(std::to_string(i));
    }
    return out;
  }
  static bool has_b(int i) { return i % 50 != 0; }

  std::shared_ptr<DatabaseState> database_;
  std::shared_ptr<Session> session_;
  std::shared_ptr<TransactionState> transaction_;
  PlanStatistics statistics_;
  CollectionId items_{0};
  IndexId index_a_{0}, index_b_{0};
};

TEST_F(ExecutorTest, ScanFiltersAndSkipsBlocks) {
  auto plan = scan({"n"}, binary(Operator::kGreaterEqual, column(0), loose(2990)));
  plan->id = 5;
  EXPECT_EQ(run(plan).rows, expected([](int i) { return i >= 2990; }));
  EXPECT_GT(statistics_[5].blocks_skipped, statistics_[5].blocks);
  // A column with values of another kind: those rows do not compare, and fail nothing.
  auto mixed = scan({"n", "c"}, binary(Operator::kLess, column(1), loose(5)));
  EXPECT_EQ(run(mixed).rows.size(), 9u);
  auto odd = scan({"n", "c"}, binary(Operator::kEqual, column(1), loose("odd")));
  EXPECT_EQ(run(odd).rows.size(), static_cast<size_t>(kRows / 501));
}

TEST_F(ExecutorTest, IdSourcesAgreeWithPlainConditions) {
  EXPECT_EQ(fetch(equal(index_a_, 3)).rows, expected([](int i) { return i % 10 == 3; }));
  EXPECT_EQ(fetch(equal(index_a_, "3")).rows.size(), 0u);
  EXPECT_EQ(fetch(equal(index_a_, 3.0)).rows, expected([](int i) { return i % 10 == 3; }));
  EXPECT_EQ(fetch(range(index_b_, 10, 12)).rows, expected([](int i) { return has_b(i) && i % 100 >= 10 && i % 100 < 12; }));
  EXPECT_EQ(fetch(merge(IdSource::Kind::kAndMerge, equal(index_a_, 3), equal(index_b_, 13))).rows,
            expected([](int i) { return i % 100 == 13; }));
  EXPECT_EQ(fetch(merge(IdSource::Kind::kOrMerge, equal(index_a_, 3), equal(index_b_, 14))).rows,
            expected([](int i) { return i % 10 == 3 || i % 100 == 14; }));
}

TEST_F(ExecutorTest, AndMergeTakesEveryWayToTheSameResult) {
  for (const int low : {0, 1, 50, 97, 99}) {
    for (const int high : {low, low + 1, low + 3, 100}) {
      const auto both = [&](int i) { return i % 10 == 7 && has_b(i) && i % 100 >= low && i % 100 < high; };
      EXPECT_EQ(fetch(merge(IdSource::Kind::kAndMerge, equal(index_a_, 7), range(index_b_, low, high))).rows, expected(both));
    }
  }
  // One id against large operands: probed, and checked on the object.
  auto ids = std::make_unique<IdSource>();
  ids->kind = IdSource::Kind::kIds;
  ids->ids.push_back(loose(17));
  ids->ids.push_back(loose(18));
  EXPECT_EQ(fetch(merge(IdSource::Kind::kAndMerge, equal(index_a_, 7), std::move(ids))).rows, (std::vector<std::string>{"17"}));
  auto again = std::make_unique<IdSource>();
  again->kind = IdSource::Kind::kIds;
  again->ids.push_back(loose(17));
  again->ids.push_back(loose(99));
  EXPECT_EQ(fetch(merge(IdSource::Kind::kAndMerge, range(index_b_, 0, 50), std::move(again))).rows, (std::vector<std::string>{"17"}));
}

TEST_F(ExecutorTest, OrderedFetchFollowsTheIndexBothWays) {
  auto plan = node<PhysicalOrderedFetch>(2);
  plan->collection = items_;
  plan->index = index_b_;
  plan->columns = read({"b", "n"});
  plan->bound.low = loose(98);
  auto rows = run(plan).rows;
  ASSERT_EQ(rows.size(), 60u);
  EXPECT_EQ(rows.front(), "98|98");
  EXPECT_EQ(rows.back(), "99|2999");
  plan->reversed = true;
  std::reverse(rows.begin(), rows.end());
  EXPECT_EQ(run(plan).rows, rows);
}

TEST_F(ExecutorTest, CountComesFromTheTrees) {
  auto all = node<PhysicalCount>(1);
  all->collection = items_;
  EXPECT_EQ(run(all).text(), "3000;");
  auto part = node<PhysicalCount>(1);
  part->collection = items_;
  part->index = index_a_;
  part->bound.equal.push_back(loose(3));
  EXPECT_EQ(run(part).text(), "300;");
}

TEST_F(ExecutorTest, AggregatesWithAndWithoutGroups) {
  auto plan = node<PhysicalAggregate>(5);
  plan->children.push_back(scan({"a", "b", "n"}));
  const auto add = [&](AggregateId id, ExpressionPtr argument, bool distinct = false) {
    auto& call = plan->aggregates.emplace_back();
    call.id = id;
    call.distinct = distinct;
    if (argument) call.arguments.push_back(std::move(argument));
  };
  add(AggregateId::kCount, nullptr);
  add(AggregateId::kCount, column(1));
  add(AggregateId::kCount, column(1), true);
  add(AggregateId::kSum, column(2));
  add(AggregateId::kMax, column(1));
  EXPECT_EQ(run(plan).text(), "3000|2940|98|4501500|99;");
  plan->groups.push_back(column(0));
  plan->output.push_back({"g", Type::unknown()});
  const auto rows = run(plan).rows;
  ASSERT_EQ(rows.size(), 10u);
  EXPECT_EQ(rows[0], "1|300|300|10|448800|91");   // first seen first: a = 1
  EXPECT_EQ(rows[9], "0|300|240|8|451500|90");
}

TEST_F(ExecutorTest, AggregatesOverNothing) {
  auto plan = node<PhysicalAggregate>(3);
  plan->children.push_back(scan({"n"}, binary(Operator::kLess, column(0), loose(0))));
  for (const AggregateId id : {AggregateId::kCount, AggregateId::kSum, AggregateId::kTotal}) {
    plan->aggregates.emplace_back().id = id;
    plan->aggregates.back().arguments.push_back(column(0));
  }
  EXPECT_EQ(run(plan).text(), "0|null|0.0;");
}

TEST_F(ExecutorTest, SumOverflowIsAnError) {
  auto plan = node<PhysicalAggregate>(1);
  plan->children.push_back(values({{INT64_MAX}, {1}}, 1));
  plan->aggregates.emplace_back().id = AggregateId::kSum;
  plan->aggregates.back().arguments.push_back(column(0));
  EXPECT_EQ(run(plan).status.code(), StatusCode::kRange);
  // Only the result counts, not what came on the way.
  plan->children[0] = values({{INT64_MAX}, {1}, {-5}}, 1);
  EXPECT_EQ(run(plan).text(), std::to_string(INT64_MAX - 4) + ";");
}

TEST_F(ExecutorTest, SortIsStableAndBoundedSortsAgree) {
  const auto sorted = [&](ExpressionPtr limit, ExpressionPtr offset) {
    auto plan = node<PhysicalSort>(2);
    plan->children.push_back(scan({"b", "n"}));
    plan->keys.push_back({column(0), true, false});
    plan->limit = std::move(limit);
    plan->offset = std::move(offset);
    return run(plan).rows;
  };
  const auto all = sorted(nullptr, nullptr);
  ASSERT_EQ(all.size(), static_cast<size_t>(kRows));
  EXPECT_EQ(all[0], "99|99");
  EXPECT_EQ(all[1], "99|199");
  EXPECT_EQ(all.back(), "null|3000");
  for (const int limit : {0, 1, 10, 2999, 5000}) {
    const size_t count = std::min<size_t>(static_cast<size_t>(limit) + 3, all.size());
    EXPECT_EQ(sorted(loose(limit), loose(3)), std::vector<std::string>(all.begin(), all.begin() + (limit == 0 ? 3 : static_cast<long>(count))));
  }
}

TEST_F(ExecutorTest, LimitStopsEarlyAndChecksItsArguments) {
  auto plan = node<PhysicalLimit>(1);
  auto child = scan({"n"});
  child->id = 9;
  plan->children.push_back(child);
  plan->limit = parameter(0);
  plan->offset = loose(2);
  EXPECT_EQ(run(plan, {3}).text(), "3;4;5;");
  EXPECT_EQ(statistics_[9].blocks, 1u);
  EXPECT_EQ(run(plan, {-1}).status.code(), StatusCode::kRange);
  EXPECT_EQ(run(plan, {"x"}).status.code(), StatusCode::kType);
}

TEST_F(ExecutorTest, SetOperations) {
  using Operation = PhysicalSetOperation::Operation;
  const auto combined = [&](Operation operation, bool all) {
    auto plan = node<PhysicalSetOperation>(1);
    plan->children.push_back(values({{1}, {2}, {2}, {nullptr}, {3}, {2.0}}, 1));
    plan->children.push_back(values({{2}, {nullptr}, {2}, {5}}, 1));
    plan->operation = operation;
    plan->all = all;
    return run(plan).text();
  };
  EXPECT_EQ(combined(Operation::kUnion, false), "1;2;null;3;5;");
  EXPECT_EQ(combined(Operation::kUnion, true), "1;2;2;null;3;2.0;2;null;2;5;");
  EXPECT_EQ(combined(Operation::kIntersect, false), "2;null;");
  EXPECT_EQ(combined(Operation::kIntersect, true), "2;2;null;");
  EXPECT_EQ(combined(Operation::kExcept, false), "1;3;");
  EXPECT_EQ(combined(Operation::kExcept, true), "1;3;2.0;");
}

TEST_F(ExecutorTest, JoinsOfEveryTypeAgreeWithTheirDefinition) {
  const uint64_t seed = 11;
  proto::Random random(seed);
  for (int round = 0; round < 60; ++round) {
    std::vector<std::vector<Value>> left, right;
    const auto some = [&](int64_t distinct) { return random.one_in(8) ? Value() : random.one_in(10) ? Value("t") : Value(random.between(0, distinct)); };
    for (uint64_t i = random.below(30); i > 0; --i) left.push_back({some(6), Value(random.between(0, 3))});
    for (uint64_t i = random.below(30); i > 0; --i) right.push_back({some(6), Value(random.between(0, 3))});
    for (int type = 0; type < 6; ++type) {
      for (const bool with_condition : {false, true}) {
        const auto matches = [&](const auto& l, const auto& r) {
          const bool equal = !l[0].is_none() && !r[0].is_none() && l[0] == r[0];
          return equal && (!with_condition || l[1].as_int64() < r[1].as_int64());
        };
        std::multiset<std::string> expected;
        const auto text = [](const std::vector<Value>* l, const std::vector<Value>* r) {
          std::string out;
          for (const auto* side : {l, r}) {
            for (int c = 0; c < 2; ++c) out += (out.empty() ? "" : "|") + (side ? (*side)[static_cast<size_t>(c)].to_json() : "null");
          }
          return out;
        };
        const auto join = static_cast<JoinType>(type);
        std::vector<bool> right_met(right.size());
        for (const auto& l : left) {
          bool met = false;
          for (size_t r = 0; r < right.size(); ++r) {
            if (!matches(l, right[r])) continue;
            met = right_met[r] = true;
            if (join != JoinType::kSemi && join != JoinType::kAnti) expected.insert(text(&l, &right[r]));
          }
          if (!met && (join == JoinType::kLeft || join == JoinType::kFull)) expected.insert(text(&l, nullptr));
          if (met == (join == JoinType::kSemi) && (join == JoinType::kSemi || join == JoinType::kAnti)) expected.insert(l[0].to_json() + "|" + l[1].to_json());
        }
        for (size_t r = 0; r < right.size(); ++r) {
          if (!right_met[r] && (join == JoinType::kRight || join == JoinType::kFull)) expected.insert(text(nullptr, &right[r]));
        }
        const size_t width = join == JoinType::kSemi || join == JoinType::kAnti ? 2 : 4;
        auto hash = node<PhysicalHashJoin>(width);
        hash->type = join;
        hash->children = {values(left, 2), values(right, 2)};
        hash->left_keys.push_back(column(0));
        hash->right_keys.push_back(column(0));
        if (with_condition) hash->condition = binary(Operator::kLess, column(1), column(3));
        auto hashed = run(hash);
        EXPECT_EQ(std::multiset<std::string>(hashed.rows.begin(), hashed.rows.end()), expected) << "seed " << seed << " round " << round << " type " << type;
        auto loop = node<PhysicalNestedLoopJoin>(width);
        loop->type = join;
        loop->children = {values(left, 2), values(right, 2)};
        loop->condition = binary(Operator::kEqual, column(0), column(2));
        if (with_condition) loop->condition = of(ExpressionKind::kAnd, std::move(loop->condition), binary(Operator::kLess, column(1), column(3)));
        auto looped = run(loop);
        EXPECT_EQ(std::multiset<std::string>(looped.rows.begin(), looped.rows.end()), expected) << "seed " << seed << " round " << round << " type " << type;
      }
    }
  }
}

TEST_F(ExecutorTest, LargeHashJoinGivesEveryPair) {
  auto plan = node<PhysicalHashJoin>(2);
  plan->children = {scan({"a"}, binary(Operator::kLess, column(0), loose(2))), scan({"a"})};
  plan->left_keys.push_back(column(0));
  plan->right_keys.push_back(column(0));
  EXPECT_EQ(run(plan).rows.size(), 2u * 300 * 300);
}

TEST_F(ExecutorTest, IndexJoinByKeyAndByReference) {
  auto plan = node<PhysicalIndexJoin>(2);
  plan->children.push_back(values({{13}, {nullptr}, {500}, {14}}, 1));
  plan->collection = items_;
  plan->index = index_b_;
  plan->bound.equal.push_back(column(0));
  plan->columns = read({"n"});
  plan->type = JoinType::kLeft;
  const auto rows = run(plan).rows;
  EXPECT_EQ(rows.size(), 62u);
  EXPECT_EQ(std::count(rows.begin(), rows.end(), "null|null"), 1);
  EXPECT_EQ(std::count(rows.begin(), rows.end(), "500|null"), 1);
  auto by_reference = node<PhysicalIndexJoin>(2);
  by_reference->children.push_back(values({{Value(Ref{items_, ObjectId(5)})}, {nullptr}, {Value(Ref{items_, ObjectId(99999)})}}, 1));
  by_reference->collection = items_;
  by_reference->by_reference = column(0);
  by_reference->columns = read({"s"});
  EXPECT_EQ(run(by_reference).rows.size(), 1u);
}

TEST_F(ExecutorTest, LateralJoinRunsForEachLeftRow) {
  auto plan = node<PhysicalNestedLoopJoin>(2);
  plan->lateral = true;
  plan->outer.push_back(column(0));
  auto right = scan({"n"}, binary(Operator::kLessEqual, column(0), outer(0)));
  plan->children = {values({{2}, {0}, {3}}, 1), right};
  EXPECT_EQ(run(plan).text(), "2|1;2|2;3|1;3|2;3|3;");
}

TEST_F(ExecutorTest, ReferencesAreFollowed) {
  const CollectionId people = make_collection("people");
  const ObjectId ada = insert(people, Value(Object{{"name", "Ada"}, {"home", Object{{"city", "London"}}}}));
  insert(people, Value(Object{{"name", "Bob"}, {"boss", Ref{people, ada}}}));
  insert(people, Value(Object{{"name", "Eve"}, {"boss", Ref{people, ObjectId(777)}}}));
  insert(people, Value(Object{{"name", "Joe"}, {"boss", Object{{"name", "inline"}}}}));
  auto plan = node<PhysicalScan>(3);
  plan->collection = people;
  plan->columns = read({"name", "boss.name", "boss.home.city"});
  EXPECT_EQ(run(plan).text(), "\"Ada\"|null|null;\"Bob\"|\"Ada\"|\"London\";\"Eve\"|null|null;\"Joe\"|\"inline\"|null;");
}

TEST_F(ExecutorTest, SubqueriesRunOncePerOuterValue) {
  const auto subquery = [&](ExpressionKind kind, PhysicalPtr plan, ExpressionPtr outer_value) {
    auto expression = of(kind);
    expression->subquery = std::make_shared<PlannedSubquery>();
    expression->subquery->plan = std::move(plan);
    if (outer_value) expression->subquery->outer.push_back(std::move(outer_value));
    return expression;
  };
  auto inner = node<PhysicalAggregate>(1);
  auto counted = scan({"b"}, binary(Operator::kEqual, column(0), outer(0)));
  counted->id = 40;
  inner->children.push_back(counted);
  inner->aggregates.emplace_back().id = AggregateId::kCount;
  auto plan = node<PhysicalProject>(1);
  plan->children.push_back(values({{13}, {14}, {13}, {13}, {nullptr}}, 1));
  plan->expressions.push_back(subquery(ExpressionKind::kScalarSubquery, inner, column(0)));
  EXPECT_EQ(run(plan).text(), "30;30;30;30;0;");
  EXPECT_LE(statistics_[40].calls, 40u);  // three different values, at most a dozen blocks each

  auto exists = node<PhysicalProject>(1);
  exists->children.push_back(values({{1}, {-1}}, 1));
  exists->expressions.push_back(subquery(ExpressionKind::kExists, scan({"n"}, binary(Operator::kEqual, column(0), outer(0))), column(0)));
  EXPECT_EQ(run(exists).text(), "true;false;");

  auto in = node<PhysicalProject>(1);
  in->children.push_back(values({{1}, {7}, {nullptr}}, 1));
  auto membership = subquery(ExpressionKind::kInSubquery, values({{1}, {nullptr}}, 1), nullptr);
  membership->children.push_back(column(0));
  in->expressions.push_back(std::move(membership));
  EXPECT_EQ(run(in).text(), "true;null;null;");

  auto many = node<PhysicalProject>(1);
  many->children.push_back(values({{1}}, 1));
  many->expressions.push_back(subquery(ExpressionKind::kScalarSubquery, values({{1}, {2}}, 1), nullptr));
  EXPECT_EQ(run(many).status.code(), StatusCode::kRange);
}

TEST_F(ExecutorTest, UnnestAndDistinct) {
  auto plan = node<PhysicalUnnest>(3);
  plan->children.push_back(values({{Value(Array{"x", "y"})}, {nullptr}, {Value(Array{})}, {Value(Array{1})}}, 1));
  plan->array = column(0);
  plan->with_ordinality = true;
  EXPECT_EQ(run(plan).text(), R"(["x","y"]|"x"|1;["x","y"]|"y"|2;[1]|1|1;)");
  plan->left = true;
  EXPECT_EQ(run(plan).rows.size(), 5u);
  std::vector<Value> many(5000, Value("e"));
  auto large = node<PhysicalUnnest>(2);
  large->children.push_back(values({{Value(many)}}, 1));
  large->array = column(0);
  EXPECT_EQ(run(large).rows.size(), 5000u);
  auto distinct = node<PhysicalDistinct>(1);
  distinct->children.push_back(scan({"s"}));
  EXPECT_EQ(run(distinct).rows.size(), 7u);
}

TEST_F(ExecutorTest, ExactVectorSearchGivesTheNearest) {
  auto plan = node<PhysicalVectorSearch>(2);
  plan->collection = items_;
  plan->path = *Path::parse("v");
  plan->query = loose(Value(std::vector<float>{5, 5}));
  plan->k = loose(20);
  plan->columns = read({"n"});
  const auto rows = run(plan).rows;
  std::vector<std::pair<float, int>> model;
  for (int i = 1; i <= kRows; ++i) {
    const float x = static_cast<float>(i % 37) - 5, y = static_cast<float>(i % 11) - 5;
    model.push_back({std::sqrt(x * x + y * y), i});
  }
  std::sort(model.begin(), model.end());
  ASSERT_EQ(rows.size(), 20u);
  for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].substr(0, rows[i].find('|')), std::to_string(model[i].second));
  // With a filter, and with candidates: still k rows.
  plan->filter = binary(Operator::kGreater, column(0), loose(2900));
  EXPECT_EQ(run(plan).rows.size(), 20u);
  plan->filter = nullptr;
  plan->candidates = equal(index_b_, 13);
  EXPECT_EQ(run(plan).rows.size(), 20u);
  plan->query = loose(Value(std::vector<float>{5}));
  EXPECT_EQ(run(plan).status.code(), StatusCode::kRange);
}

TEST_F(ExecutorTest, ChangesOfData) {
  auto update = node<PhysicalUpdate>(1);
  auto source = node<PhysicalScan>(2);
  source->collection = items_;
  source->columns = {{ReadColumn::What::kId, Path()}, {ReadColumn::What::kPath, Path::of_name("n")}};
  source->filter = binary(Operator::kLessEqual, column(1), loose(3));
  update->children.push_back(source);
  update->collection = items_;
  update->assignments.emplace_back(Path::of_name("n"), binary(Operator::kAdd, column(1), loose(10000)));
  update->assignments.emplace_back(*Path::parse("deep.new"), column(1));
  auto returning = of(ExpressionKind::kPath, column(0));
  returning->path = *Path::parse("deep.new");
  update->returning.push_back(std::move(returning));
  const Outcome updated = run(update);
  EXPECT_EQ(updated.text(), "1;2;3;");
  EXPECT_EQ(updated.changes, 3u);
  EXPECT_EQ(run(scan({"n"}, binary(Operator::kGreater, column(0), loose(10000)))).text(), "10001;10002;10003;");

  auto erase = node<PhysicalDelete>(0);
  auto doomed = node<PhysicalScan>(2);
  doomed->collection = items_;
  doomed->columns = {{ReadColumn::What::kId, Path()}, {ReadColumn::What::kPath, Path::of_name("n")}};
  doomed->filter = binary(Operator::kGreater, column(1), loose(10000));
  erase->children.push_back(doomed);
  erase->collection = items_;
  EXPECT_EQ(run(erase).changes, 3u);
  EXPECT_EQ(run(scan({"n"})).rows.size(), static_cast<size_t>(kRows - 3));
}

TEST_F(ExecutorTest, InsertAndItsConflicts) {
  make_index("items_key", "key", true);
  const auto insert_rows = [&](std::vector<std::vector<Value>> rows, ConflictAction action) {
    auto plan = node<PhysicalInsert>(0);
    plan->children.push_back(values(std::move(rows), 2));
    plan->collection = items_;
    plan->names = {Path::of_name("key"), *Path::parse("x.y")};
    plan->on_conflict = action;
    return run(plan);
  };
  const auto keyed = [&] { return run(scan({"key", "x.y"}, unary(Operator::kIsNotNull, column(0)))).text(); };
  EXPECT_EQ(insert_rows({{"k1", 1}, {"k2", 2}}, ConflictAction::kError).changes, 2u);
  EXPECT_EQ(insert_rows({{"k1", 5}}, ConflictAction::kError).status.code(), StatusCode::kConstraint);
  EXPECT_EQ(insert_rows({{"k1", 5}, {"k3", 3}}, ConflictAction::kNothing).changes, 1u);
  EXPECT_EQ(keyed(), "\"k1\"|1;\"k2\"|2;\"k3\"|3;");
  EXPECT_EQ(insert_rows({{"k2", 7}}, ConflictAction::kReplace).changes, 1u);
  EXPECT_EQ(keyed(), "\"k1\"|1;\"k3\"|3;\"k2\"|7;");
}

TEST_F(ExecutorTest, InterruptEndsTheRun) {
  auto plan = node<PhysicalNestedLoopJoin>(2);
  plan->children = {scan({"n"}), scan({"n"})};
  ExecutionInput input{session_, transaction_, {}, nullptr};
  auto source = execute(plan, std::move(input));
  ASSERT_TRUE(source.ok());
  ResultChunk chunk;
  ASSERT_TRUE((*source)->next(chunk).ok());
  session_->interrupt();
  EXPECT_EQ((*source)->next(chunk).status().code(), StatusCode::kCancelled);
}

}  // namespace
}  // namespace protobase::query
