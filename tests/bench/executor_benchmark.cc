// The executor alone, on plans made by hand over a database in memory: what a prepared statement costs below the
// engine. Every result is checked.
#include <benchmark/benchmark.h>

#include "db/database_state.h"
#include "query/executor/executor.h"
#include "tests/query/expression_builder.h"

namespace protobase::query {
namespace {

using namespace testing;

constexpr int64_t kObjects = 200'000;

/// One database for all benchmarks: a = i % 100, b = i % 1000, x = i / 2.0, y = i.
class Fixture {
 public:
  static Fixture& get() {
    static Fixture fixture;
    return fixture;
  }

  std::unique_ptr<ResultSource> run(const PhysicalPtr& plan, std::vector<Value> parameters) {
    auto source = execute(plan, {session_, transaction_, std::move(parameters), nullptr});
    PROTO_CHECK(source.ok());
    return *std::move(source);
  }

  std::unique_ptr<IdSource> equal(IndexId index, uint32_t number) const {
    auto source = std::make_unique<IdSource>();
    source->index = index;
    source->bound.equal.push_back(parameter(number));
    return source;
  }

  CollectionId objects{0};
  IndexId index_a{0}, index_b{0};

 private:
  Fixture() {
    auto database = DatabaseState::open(":memory:", {});
    PROTO_CHECK(database.ok());
    session_ = std::make_shared<Session>(*database);
    auto transaction = (*database)->begin({});
    PROTO_CHECK(transaction.ok());
    transaction_ = *transaction;
    CollectionDefinition definition;
    definition.name = "objects";
    objects = *transaction_->create_collection(definition);
    for (int64_t i = 1; i <= kObjects; ++i) {
      const Value object(Object{{"a", i % 100}, {"b", i % 1000}, {"x", static_cast<double>(i) / 2}, {"y", i}});
      PROTO_CHECK(transaction_->insert(objects, encode(object)).ok());
    }
    index_a = make_index("a");
    index_b = make_index("b");
  }

  IndexId make_index(const std::string& attribute) {
    IndexDefinition definition;
    definition.collection = objects;
    definition.name = attribute;
    definition.parts.push_back({Path::of_name(attribute), {}, false});
    return *transaction_->create_index(definition);
  }

  std::shared_ptr<Session> session_;
  std::shared_ptr<TransactionState> transaction_;
};

template <class Node>
std::shared_ptr<Node> node(std::initializer_list<const char*> columns) {
  auto made = std::make_shared<Node>();
  for (const char* column : columns) made->output.push_back({column, Type::unknown()});
  return made;
}

std::vector<ReadColumn> read(std::initializer_list<const char*> names) {
  std::vector<ReadColumn> columns;
  for (const char* name : names) columns.push_back({ReadColumn::What::kPath, Path::of_name(name)});
  return columns;
}

/// Rows of a result and the value in its first row and column.
std::pair<size_t, Value> drain(ResultSource& source) {
  std::pair<size_t, Value> out;
  ResultChunk chunk;
  for (;;) {
    auto more = source.next(chunk);
    PROTO_CHECK(more.ok());
    if (!*more) return out;
    if (out.first == 0) out.second = Value(chunk.columns[0][0]);
    out.first += chunk.row_count;
  }
}

std::shared_ptr<PhysicalIdFetch> fetch(std::unique_ptr<IdSource> source) {
  auto plan = node<PhysicalIdFetch>({"y"});
  plan->collection = Fixture::get().objects;
  plan->columns = read({"y"});
  plan->source = std::move(source);
  return plan;
}

void lookup_by_id(benchmark::State& state) {
  auto source = std::make_unique<IdSource>();
  source->kind = IdSource::Kind::kIds;
  source->ids.push_back(parameter(0));
  const auto plan = fetch(std::move(source));
  int64_t id = 1;
  for (auto _ : state) {
    id = id * 7919 % kObjects + 1;
    PROTO_CHECK(drain(*Fixture::get().run(plan, {id})).second.as_int64() == id);
  }
}
BENCHMARK(lookup_by_id);

void and_merge(benchmark::State& state) {
  Fixture& fixture = Fixture::get();
  auto source = std::make_unique<IdSource>();
  source->kind = IdSource::Kind::kAndMerge;
  source->operands.push_back(fixture.equal(fixture.index_a, 0));
  source->operands.push_back(fixture.equal(fixture.index_b, 1));
  const auto plan = fetch(std::move(source));
  for (auto _ : state) PROTO_CHECK(drain(*fixture.run(plan, {17, 917})).first == kObjects / 1000);
  state.SetItemsProcessed(state.iterations() * kObjects / 1000);
}
BENCHMARK(and_merge);

std::shared_ptr<PhysicalAggregate> sum_of(PhysicalPtr child, uint32_t slot) {
  auto plan = node<PhysicalAggregate>({"sum"});
  plan->children.push_back(std::move(child));
  plan->aggregates.emplace_back().id = AggregateId::kSum;
  plan->aggregates.back().arguments.push_back(column(slot));
  return plan;
}

std::shared_ptr<PhysicalScan> scan(std::initializer_list<const char*> names, ExpressionPtr filter) {
  auto plan = node<PhysicalScan>(names);
  plan->collection = Fixture::get().objects;
  plan->columns = read(names);
  plan->filter = std::move(filter);
  return plan;
}

void sum_where(benchmark::State& state) {
  const auto plan = sum_of(scan({"x", "b"}, binary(Operator::kLess, column(1), parameter(0))), 0);
  const Value result = drain(*Fixture::get().run(plan, {500})).second;
  PROTO_CHECK(result.kind() == Kind::kDouble && result.as_double() > 0);
  for (auto _ : state) PROTO_CHECK(drain(*Fixture::get().run(plan, {500})).second == result);
  state.SetItemsProcessed(state.iterations() * kObjects);
}
BENCHMARK(sum_where)->Unit(benchmark::kMicrosecond);

void sum_all(benchmark::State& state) {
  const auto plan = sum_of(scan({"y"}, nullptr), 0);
  for (auto _ : state)
    PROTO_CHECK(drain(*Fixture::get().run(plan, {})).second.as_int64() == kObjects * (kObjects + 1) / 2);
  state.SetItemsProcessed(state.iterations() * kObjects);
}
BENCHMARK(sum_all)->Unit(benchmark::kMicrosecond);

void group_by_integer(benchmark::State& state) {
  const auto plan = sum_of(scan({"y", "b"}, nullptr), 0);
  plan->groups.push_back(column(1));
  plan->output.push_back({"sum", Type::unknown()});
  for (auto _ : state) PROTO_CHECK(drain(*Fixture::get().run(plan, {})).first == 1000);
  state.SetItemsProcessed(state.iterations() * kObjects);
}
BENCHMARK(group_by_integer)->Unit(benchmark::kMicrosecond);

void hash_join(benchmark::State& state) {
  auto join = node<PhysicalHashJoin>({"y", "a", "y2"});
  join->children = {scan({"y", "a"}, nullptr), scan({"y"}, binary(Operator::kLess, column(0), loose(100)))};
  join->left_keys.push_back(column(1));
  join->right_keys.push_back(column(0));
  for (auto _ : state) PROTO_CHECK(drain(*Fixture::get().run(join, {})).first == kObjects / 100 * 99);
  state.SetItemsProcessed(state.iterations() * kObjects);
}
BENCHMARK(hash_join)->Unit(benchmark::kMicrosecond);

void top_ten(benchmark::State& state) {
  auto sort = node<PhysicalSort>({"x"});
  sort->children.push_back(scan({"x"}, nullptr));
  sort->keys.push_back({column(0), true, false});
  sort->limit = loose(10);
  for (auto _ : state) PROTO_CHECK(drain(*Fixture::get().run(sort, {})).second.as_double() == kObjects / 2.0);
  state.SetItemsProcessed(state.iterations() * kObjects);
}
BENCHMARK(top_ten)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace protobase::query

BENCHMARK_MAIN();
