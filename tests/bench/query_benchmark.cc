// Compilation and point queries through the query language, beside SQLite: 100,000 objects of 5 attributes and 100
// bytes in memory; every result is checked.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <memory>
#include <string>

#ifdef PROTOBASE_HAVE_SQLITE
#include <sqlite3.h>
#endif

#include "db/protobase.h"
#include "runtime/base/check.h"
#include "runtime/base/random.h"

namespace protobase {
namespace {

constexpr int64_t kObjects = 100'000;

std::string payload_of(int64_t number) { return fmt::format("{:0>100}", number * 7919); }

template <class T>
T must(Result<T> result) {
  if (!result.ok()) fmt::print(stderr, "{}\n", result.status().to_string());
  PROTO_CHECK(result.ok());
  return *std::move(result);
}

/// Objects 1 .. kObjects: object n has number n, and so has its id.
Database& objects() {
  static Database database = [] {
    Database made = must(Database::open(":memory:"));
    must(made.execute("CREATE COLLECTION items"));
    std::vector<Value> values;
    for (int64_t i = 1; i <= kObjects; ++i) {
      values.push_back(Value(Object{{"number", i},
                                    {"half", static_cast<double>(i) / 2},
                                    {"even", i % 2 == 0},
                                    {"kind", i % 100},
                                    {"payload", payload_of(i)}}));
    }
    const std::vector<ValueView> views(values.begin(), values.end());
    must(made.transact([&](Transaction& transaction) { return transaction.collection("items").append(views); }));
    return made;
  }();
  return database;
}

void check_row(benchmark::State& state, ResultSet rows, int64_t number) {
  int64_t count = 0;
  for (const Row& row : rows) {
    if (row[0].as_int64() != number || row[1].as_string().size() != 100) state.SkipWithError("wrong row");
    ++count;
  }
  if (count != 1) state.SkipWithError("not one row");
}

void BM_GetById_Api(benchmark::State& state) {
  Transaction transaction = objects().begin({.read_only = true});
  const Collection items = transaction.collection("items");
  proto::Random random(1);
  for (auto _ : state) {
    const int64_t number = random.between(1, kObjects);
    const auto object = items.get(ObjectId(static_cast<uint64_t>(number)));
    if (!object.ok() || (*object)["number"].as_int64() != number) state.SkipWithError("wrong object");
  }
  state.SetItemsProcessed(state.iterations());
}

void BM_GetById_Prepared(benchmark::State& state) {
  Connection connection = objects().connect();
  PreparedStatement statement = must(connection.prepare("SELECT number, payload FROM items WHERE _id = ?"));
  proto::Random random(1);
  for (auto _ : state) {
    const int64_t number = random.between(1, kObjects);
    statement.bind(1, number);
    check_row(state, must(statement.execute()), number);
  }
  state.SetItemsProcessed(state.iterations());
}

void BM_GetById_Text(benchmark::State& state) {
  Connection connection = objects().connect();
  proto::Random random(1);
  for (auto _ : state) {
    const int64_t number = random.between(1, kObjects);
    check_row(state, must(connection.query(fmt::format("SELECT number, payload FROM items WHERE _id = {}", number))),
              number);
  }
  state.SetItemsProcessed(state.iterations());
}

void BM_SumWhere(benchmark::State& state) {
  Connection connection = objects().connect();
  PreparedStatement statement = must(connection.prepare("SELECT sum(number) FROM items WHERE kind < ?"));
  statement.bind(1, 50);
  for (auto _ : state) {
    ResultSet rows = must(statement.execute());
    for (const Row& row : rows) {
      if (row[0].as_int64() != 2498825000) state.SkipWithError("wrong sum");
    }
  }
  state.SetItemsProcessed(state.iterations() * kObjects);
}

/// Ten lines over three tables; a name that changes each time keeps the plan cache out of it.
void BM_ParseAndPlanTenLines(benchmark::State& state) {
  Database database = must(Database::open(":memory:"));
  must(
      database.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, country TEXT);"
                       "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, placed DATE, total REAL);"
                       "CREATE TABLE lines (order_id INTEGER, product TEXT, quantity INTEGER, price REAL);"
                       "CREATE INDEX ON orders (customer); CREATE INDEX ON lines (order_id)"));
  Connection connection = database.connect();
  int64_t number = 0;
  for (auto _ : state) {
    const auto plan = connection.explain(
        fmt::format("SELECT c.name AS name_{},\n"
                    "       count(*) AS orders,\n"
                    "       sum(l.quantity * l.price) AS total\n"
                    "FROM customers c\n"
                    "JOIN orders o ON o.customer = c.id\n"
                    "JOIN lines l ON l.order_id = o.id\n"
                    "WHERE c.country IN ('Uruguay', 'Japan') AND o.total > 100 AND l.quantity BETWEEN 1 AND 10\n"
                    "GROUP BY c.name\n"
                    "HAVING sum(l.quantity) > 3\n"
                    "ORDER BY total DESC LIMIT 10",
                    ++number));
    if (!plan.ok()) state.SkipWithError(plan.status().to_string().c_str());
  }
}

void BM_PlanChainJoin64(benchmark::State& state) {
  Database database = must(Database::open(":memory:"));
  std::string text = "SELECT t1.a FROM t1";
  for (int i = 1; i <= 64; ++i) {
    must(database.execute(fmt::format("CREATE TABLE t{} (a INTEGER PRIMARY KEY, b INTEGER)", i)));
    if (i > 1) text += fmt::format(", t{}", i);
  }
  text += " WHERE t1.a = 1";
  for (int i = 2; i <= 64; ++i) text += fmt::format(" AND t{}.b = t{}.a", i - 1, i);
  for (auto _ : state) {
    const auto plan = database.explain(text);
    if (!plan.ok()) state.SkipWithError(plan.status().to_string().c_str());
  }
}

BENCHMARK(BM_GetById_Api);
BENCHMARK(BM_GetById_Prepared);
BENCHMARK(BM_GetById_Text);
BENCHMARK(BM_SumWhere)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_ParseAndPlanTenLines)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_PlanChainJoin64)->Unit(benchmark::kMillisecond);

#ifdef PROTOBASE_HAVE_SQLITE
sqlite3_stmt* prepared(sqlite3* database, const std::string& text) {
  sqlite3_stmt* statement = nullptr;
  PROTO_CHECK(sqlite3_prepare_v2(database, text.c_str(), -1, &statement, nullptr) == SQLITE_OK);
  return statement;
}

/// The same objects as rows.
sqlite3* rows() {
  static sqlite3* database = [] {
    sqlite3* made = nullptr;
    PROTO_CHECK(sqlite3_open(":memory:", &made) == SQLITE_OK);
    sqlite3_exec(made, "CREATE TABLE items (id INTEGER PRIMARY KEY, number, half, even, kind, payload); BEGIN", nullptr,
                 nullptr, nullptr);
    sqlite3_stmt* insert = prepared(made, "INSERT INTO items VALUES (?1, ?1, ?1 / 2.0, ?1 % 2 = 0, ?1 % 100, ?2)");
    for (int64_t i = 1; i <= kObjects; ++i) {
      const std::string payload = payload_of(i);
      sqlite3_bind_int64(insert, 1, i);
      sqlite3_bind_text(insert, 2, payload.data(), static_cast<int>(payload.size()), SQLITE_STATIC);
      PROTO_CHECK(sqlite3_step(insert) == SQLITE_DONE);
      sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    sqlite3_exec(made, "COMMIT", nullptr, nullptr, nullptr);
    return made;
  }();
  return database;
}

void check_row(benchmark::State& state, sqlite3_stmt* statement, int64_t number) {
  const bool right = sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int64(statement, 0) == number &&
                     sqlite3_column_text(statement, 1) != nullptr && sqlite3_column_bytes(statement, 1) == 100 &&
                     sqlite3_step(statement) == SQLITE_DONE;
  if (!right) state.SkipWithError("wrong row");
}

void BM_GetById_SqlitePrepared(benchmark::State& state) {
  sqlite3_stmt* statement = prepared(rows(), "SELECT number, payload FROM items WHERE id = ?");
  proto::Random random(1);
  for (auto _ : state) {
    const int64_t number = random.between(1, kObjects);
    sqlite3_bind_int64(statement, 1, number);
    check_row(state, statement, number);
    sqlite3_reset(statement);
  }
  sqlite3_finalize(statement);
  state.SetItemsProcessed(state.iterations());
}

void BM_GetById_SqliteText(benchmark::State& state) {
  proto::Random random(1);
  for (auto _ : state) {
    const int64_t number = random.between(1, kObjects);
    sqlite3_stmt* statement = prepared(rows(), fmt::format("SELECT number, payload FROM items WHERE id = {}", number));
    check_row(state, statement, number);
    sqlite3_finalize(statement);
  }
  state.SetItemsProcessed(state.iterations());
}

void BM_SumWhere_Sqlite(benchmark::State& state) {
  sqlite3_stmt* statement = prepared(rows(), "SELECT sum(number) FROM items WHERE kind < 50");
  for (auto _ : state) {
    if (sqlite3_step(statement) != SQLITE_ROW || sqlite3_column_int64(statement, 0) != 2498825000)
      state.SkipWithError("wrong sum");
    sqlite3_reset(statement);
  }
  sqlite3_finalize(statement);
  state.SetItemsProcessed(state.iterations() * kObjects);
}

BENCHMARK(BM_GetById_SqlitePrepared);
BENCHMARK(BM_GetById_SqliteText);
BENCHMARK(BM_SumWhere_Sqlite)->Unit(benchmark::kMicrosecond);
#endif

}  // namespace
}  // namespace protobase

BENCHMARK_MAIN();
