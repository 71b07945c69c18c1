// The indexed benchmark of the Python reference, with every answer checked against a look at every row. ProtoBase,
// SQLite and CPython's list comprehension in the same run, interleaved round by round.
//
//   indexed_benchmark --items N --queries Q --window W --warmup U --categories C --statuses S --out FILE
//                     [--rounds R] [--round-seconds T] [--seed S] [--only "random indexed protobase text"]
//
// Compilation, planning and fetching the rows (all attributes) are inside the times; index build time and memory are
// apart. A query's time is that of a round divided by its queries; median, least and greatest are over the rounds.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <ctime>
#include <map>
#include <optional>

#include "db/protobase.h"
#include "runtime/base/check.h"
#include "tests/bench/indexed/peers.h"
#include "tests/bench/indexed/rows.h"

namespace protobase::bench {

double wall_seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double cpu_seconds_now() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

RunRound one_by_one(std::function<void(const Query&, Answer&)> answer) {
  return [answer = std::move(answer)](const QuerySet& set, double limit_seconds, std::vector<Answer>& answers) {
    answers.resize(set.queries.size());
    for (Answer& each : answers) each.clear();
    const double cpu = cpu_seconds_now();
    const double start = wall_seconds_now();
    RoundTime time;
    for (const Query& query : set.queries) {
      answer(query, answers[time.queries++]);
      // Looking at the clock costs as much as a tenth of the fastest query: now and then is enough.
      if (time.queries % 16 == 1 && wall_seconds_now() - start > limit_seconds) break;
    }
    time.wall_seconds = wall_seconds_now() - start;
    time.cpu_seconds = cpu_seconds_now() - cpu;
    answers.resize(time.queries);
    return time;
  };
}

namespace {

template <class T>
T must(Result<T> result) {
  if (!result.ok()) fmt::print(stderr, "{}\n", result.status().to_string());
  PROTO_CHECK(result.ok());
  return *std::move(result);
}

// ---- ProtoBase
// -------------------------------------------------------------------------------------------------------

void collect(ResultSet rows, Answer& answer) {
  for (const Row& row : rows) {
    size_t bytes = 0;
    for (const int column : {0, 1, 3, 4, 5}) bytes += row[column].as_string().size();
    PROTO_CHECK(row[6].size() > 0);
    answer.add(row[1].as_string(), bytes, row[2].integer());
  }
  PROTO_CHECK(rows.status().ok());
}

void collect_objects(ResultSet rows, Answer& answer) {
  for (const Row& row : rows) {
    const ValueView object = row[1];
    size_t bytes = 0;
    for (const char* name : {"id", "name", "category", "status", "created_at"})
      bytes += object[name].as_string().size();
    PROTO_CHECK(object["tags"].size() > 0);
    answer.add(object["name"].as_string(), bytes, object["value"].integer());
  }
  PROTO_CHECK(rows.status().ok());
}

Value object_of(const Item& item) {
  return Value(Object{{"id", item.id},
                      {"name", item.name},
                      {"value", item.value},
                      {"category", category_text(item.category)},
                      {"status", status_text(item.status)},
                      {"created_at", item.created_at},
                      {"tags", item.tags}});
}

/// A database in memory with the rows in a collection without a schema.
class OwnDatabase {
 public:
  explicit OwnDatabase(const std::vector<Item>& items)
      : database_(must(Database::open(":memory:"))), connection_(database_.connect()) {
    must(connection_.execute("CREATE COLLECTION items"));
    std::vector<Value> objects;
    for (const Item& item : items) objects.push_back(object_of(item));
    const std::vector<ValueView> views(objects.begin(), objects.end());
    const double start = wall_seconds_now();
    must(database_.transact([&](Transaction& transaction) { return transaction.collection("items").append(views); }));
    load_seconds_ = wall_seconds_now() - start;
    by_and_.emplace(must(connection_.prepare(std::string(kSelect) + kAndCondition)));
    by_id_.emplace(must(connection_.prepare(std::string(kSelect) + kIdCondition)));
  }

  void create_indexes() {
    must(connection_.execute("CREATE INDEX by_category ON items (category)"));
    must(connection_.execute("CREATE INDEX by_status ON items (status)"));
    must(connection_.execute("CREATE INDEX by_value ON items (value)"));
    must(connection_.execute("CREATE UNIQUE INDEX by_id ON items (id)"));
  }
  void drop_indexes() {
    for (const char* name : {"by_category", "by_status", "by_value", "by_id"}) {
      must(connection_.execute(fmt::format("DROP INDEX {}", name)));
    }
  }
  uint64_t memory_bytes() const { return database_.statistics().node_bytes; }
  double load_seconds() const { return load_seconds_; }
  std::string plan(const Query& query) { return must(connection_.explain(query.text)).text(); }

  std::vector<Contestant> contestants(bool indexed) {
    const auto add = [&](const char* form, void (OwnDatabase::*answer)(const Query&, Answer&)) {
      return Contestant{"protobase", form, indexed,
                        one_by_one([this, answer](const Query& query, Answer& rows) { (this->*answer)(query, rows); })};
    };
    return {add("text", &OwnDatabase::run_text), add("prepared", &OwnDatabase::run_prepared),
            add("api", &OwnDatabase::run_api)};
  }

 private:
  void run_text(const Query& query, Answer& answer) { collect(must(connection_.query(query.text)), answer); }

  void run_prepared(const Query& query, Answer& answer) {
    PreparedStatement& statement = query.by_id ? *by_id_ : *by_and_;
    if (query.by_id) {
      statement.bind(1, query.id);
    } else {
      statement.bind(1, query.category).bind(2, query.status).bind(3, query.low).bind(4, query.high);
    }
    collect(must(statement.execute()), answer);
  }

  /// Collection::where in a transaction of its own, whole objects.
  void run_api(const Query& query, Answer& answer) {
    Transaction transaction = database_.begin({.read_only = true});
    const Collection items = transaction.collection("items");
    if (query.by_id) {
      collect_objects(must(items.where(kIdCondition, query.id)), answer);
    } else {
      collect_objects(must(items.where(kAndCondition, query.category, query.status, query.low, query.high)), answer);
    }
  }

  Database database_;
  Connection connection_;
  std::optional<PreparedStatement> by_and_, by_id_;
  double load_seconds_ = 0;
};

// ---- measuring
// -------------------------------------------------------------------------------------------------------

/// Median, least and greatest of some measurements.
struct Spread {
  double median = 0, least = 0, greatest = 0;
};

Spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  return {values[values.size() / 2], values.front(), values.back()};
}

std::string json(const char* name, Spread spread) {
  return fmt::format(R"("{}":{{"median":{:.4f},"min":{:.4f},"max":{:.4f}}})", name, spread.median, spread.least,
                     spread.greatest);
}

/// One way of answering one set of queries, and what was measured.
struct Case {
  const Contestant* contestant;
  const QuerySet* set;
  std::vector<double> wall_us{}, cpu_us{};
  uint64_t queries = 0;  // a round
  uint64_t rows = 0;     // of a round

  std::string path() const {
    return fmt::format("{}{}", set->name == "id" ? "pk " : "", contestant->indexed ? "indexed" : "linear");
  }
  std::string title() const {
    return fmt::format("{} {} {} {}", set->name, path(), contestant->engine, contestant->form);
  }
};

/// Ends the program when an answer is not what a look at every row gave. The order of rows is free.
void check_answers(const Case& which, std::vector<Answer>& answers) {
  for (size_t i = 0; i < answers.size(); ++i) {
    std::sort(answers[i].rows.begin(), answers[i].rows.end());
    if (answers[i] == which.set->queries[i].expected) continue;
    fmt::print(stderr, "wrong answer: {}, query {}: {} rows, not {}\n", which.title(), i, answers[i].rows.size(),
               which.set->queries[i].expected.rows.size());
    std::exit(1);
  }
}

void run_round(Case& which, double limit_seconds) {
  std::vector<Answer> answers;
  const RoundTime time = which.contestant->run(*which.set, limit_seconds, answers);
  PROTO_CHECK(time.queries > 0 && answers.size() == time.queries);
  check_answers(which, answers);
  which.queries = time.queries;
  which.rows = 0;
  for (const Answer& answer : answers) which.rows += answer.rows.size();
  which.wall_us.push_back(time.wall_seconds * 1e6 / static_cast<double>(time.queries));
  which.cpu_us.push_back(time.cpu_seconds * 1e6 / static_cast<double>(time.queries));
}

void warm_up(const Case& which, uint64_t queries, double limit_seconds) {
  QuerySet few{which.set->name, {}};
  for (size_t i = 0; i < std::min<size_t>(queries, which.set->queries.size()); ++i)
    few.queries.push_back(which.set->queries[i]);
  std::vector<Answer> answers;
  which.contestant->run(few, limit_seconds, answers);
}

std::vector<Case> measure(const IndexedOptions& options, const std::vector<Contestant>& contestants,
                          const std::vector<QuerySet>& sets) {
  std::vector<Case> cases;
  for (const QuerySet& set : sets) {
    for (const Contestant& contestant : contestants) {
      if (Case each{&contestant, &set}; each.title().find(options.only) != std::string::npos) cases.push_back(each);
    }
  }
  for (const Case& each : cases) warm_up(each, options.warmup, options.round_seconds);
  for (uint64_t round = 0; round < options.rounds; ++round) {
    for (Case& each : cases) run_round(each, options.round_seconds);
  }
  return cases;
}

/// Builds the four indexes of both engines again and again.
struct IndexBuild {
  std::vector<double> wall_ms{}, cpu_ms{};
  uint64_t bytes = 0;  // of the first time: later ones take what dropped indexes left
};

template <class Engine>
void build_indexes(Engine& engine, IndexBuild& build) {
  const uint64_t before = engine.memory_bytes();
  const double cpu = cpu_seconds_now();
  const double start = wall_seconds_now();
  engine.create_indexes();
  build.wall_ms.push_back((wall_seconds_now() - start) * 1e3);
  build.cpu_ms.push_back((cpu_seconds_now() - cpu) * 1e3);
  if (build.bytes == 0) build.bytes = engine.memory_bytes() - before;
}

struct IndexBuilds {
  IndexBuild own, sqlite;
};

IndexBuilds measure_builds(const IndexedOptions& options, OwnDatabase& own, SqlitePeer* sqlite) {
  IndexBuilds builds;
  const int repeats = options.items <= 100000 ? 7 : 3;
  for (int i = 0; i < repeats; ++i) {
    if (i > 0) own.drop_indexes();
    build_indexes(own, builds.own);
    if (sqlite == nullptr) continue;
    if (i > 0) sqlite->drop_indexes();
    build_indexes(*sqlite, builds.sqlite);
  }
  if (sqlite != nullptr) sqlite->analyze();
  return builds;
}

// ---- output
// ----------------------------------------------------------------------------------------------------------

uint64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

void print_cases(const std::vector<Case>& cases) {
  fmt::print("{:<9} {:<11} {:<10} {:<19} {:>8} {:>6} {:>11} {:>11} {:>11} {:>11}\n", "set", "path", "engine", "form",
             "queries", "rows", "median us", "least", "greatest", "cpu us");
  for (const Case& each : cases) {
    const Spread wall = spread_of(each.wall_us);
    fmt::print("{:<9} {:<11} {:<10} {:<19} {:>8} {:>6} {:>11.2f} {:>11.2f} {:>11.2f} {:>11.2f}\n", each.set->name,
               each.path(), each.contestant->engine, each.contestant->form, each.queries, each.rows, wall.median,
               wall.least, wall.greatest, spread_of(each.cpu_us).median);
  }
}

std::string json_of(const char* engine, const IndexBuild& build, double load_seconds) {
  return fmt::format(R"({{"engine":"{}",{},{},"bytes":{},"load_ms":{:.2f}}})", engine,
                     json("wall_ms", spread_of(build.wall_ms)), json("cpu_ms", spread_of(build.cpu_ms)), build.bytes,
                     load_seconds * 1e3);
}

std::string json_of(const IndexedOptions& options, const std::vector<Case>& cases, const IndexBuilds& builds,
                    const OwnDatabase& own, const SqlitePeer* sqlite) {
  std::string text = fmt::format(
      R"({{"benchmark":"indexed","options":{{"items":{},"queries":{},"window":{},"warmup":{},"categories":{},"statuses":{},"rounds":{},"seed":{}}},)",
      options.items, options.queries, options.window, options.warmup, options.categories, options.statuses,
      options.rounds, options.seed);
  text += fmt::format("\"checked\":true,\"peak_memory_bytes\":{},\n\"indexes\":[", peak_memory_bytes());
  text += json_of("protobase", builds.own, own.load_seconds());
  if (sqlite != nullptr) text += "," + json_of("sqlite", builds.sqlite, sqlite->load_seconds());
  text += "],\n\"cases\":[";
  for (const Case& each : cases) {
    text += fmt::format("{}\n", &each == &cases.front() ? "" : ",");
    text += fmt::format(R"({{"set":"{}","path":"{}","engine":"{}","form":"{}","queries":{},"rows":{},{},{}}})",
                        each.set->name, each.path(), each.contestant->engine, each.contestant->form, each.queries,
                        each.rows, json("wall_us", spread_of(each.wall_us)), json("cpu_us", spread_of(each.cpu_us)));
  }
  return text + "]}\n";
}

void write_file(const std::string& path, const std::string& text) {
  FILE* file = std::fopen(path.c_str(), "w");
  PROTO_CHECK(file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size() &&
              std::fclose(file) == 0);
}

// ---- the run
// ---------------------------------------------------------------------------------------------------------

void append(std::vector<Contestant>& all, std::vector<Contestant> more) {
  for (Contestant& contestant : more) all.push_back(std::move(contestant));
}

void run(const IndexedOptions& options) {
  const std::vector<Item> items = make_items(options);
  const std::vector<QuerySet> sets = make_query_sets(options, items);
  OwnDatabase own_linear(items), own_indexed(items);
  const auto sqlite_linear = SqlitePeer::create(items), sqlite_indexed = SqlitePeer::create(items);
  const auto python = PythonPeer::create(items, sets);
  const IndexBuilds builds = measure_builds(options, own_indexed, sqlite_indexed.get());

  std::vector<Contestant> contestants;
  append(contestants, own_linear.contestants(false));
  if (sqlite_linear != nullptr) append(contestants, sqlite_linear->contestants(false));
  if (python != nullptr) contestants.push_back(python->contestant());
  append(contestants, own_indexed.contestants(true));
  if (sqlite_indexed != nullptr) append(contestants, sqlite_indexed->contestants(true));
  if (sqlite_linear == nullptr) fmt::print("gap: SQLite was not there when this was built\n");
  if (python == nullptr) fmt::print("gap: no python3\n");

  fmt::print("plan of the AND query:\n{}\nplan of the query by id:\n{}\n", own_indexed.plan(sets[0].queries[0]),
             own_indexed.plan(sets[2].queries[0]));
  const std::vector<Case> cases = measure(options, contestants, sets);
  print_cases(cases);
  for (const auto& [engine, build] : {std::pair("protobase", &builds.own), std::pair("sqlite", &builds.sqlite)}) {
    fmt::print("four indexes, {}: {:.1f} ms (cpu {:.1f}), {} bytes\n", engine, spread_of(build->wall_ms).median,
               spread_of(build->cpu_ms).median, build->bytes);
  }
  if (!options.out.empty()) write_file(options.out, json_of(options, cases, builds, own_indexed, sqlite_indexed.get()));
}

template <class Number>
bool parse_number(std::string_view text, Number& out) {
  return std::from_chars(text.data(), text.data() + text.size(), out).ptr == text.data() + text.size() && !text.empty();
}

bool set_option(IndexedOptions& options, std::string_view name, std::string_view text) {
  const std::map<std::string_view, uint64_t*> numbers{
      {"--items", &options.items},       {"--queries", &options.queries},
      {"--warmup", &options.warmup},     {"--categories", &options.categories},
      {"--statuses", &options.statuses}, {"--rounds", &options.rounds},
      {"--seed", &options.seed}};
  if (const auto found = numbers.find(name); found != numbers.end()) return parse_number(text, *found->second);
  if (name == "--window") return parse_number(text, options.window);
  if (name == "--round-seconds") return parse_number(text, options.round_seconds);
  if (name == "--out") return options.out = text, true;
  if (name == "--only") return options.only = text, true;
  return false;
}

}  // namespace
}  // namespace protobase::bench

int main(int count, char** arguments) {
  protobase::bench::IndexedOptions options;
  for (int i = 1; i < count; i += 2) {
    if (i + 1 < count && protobase::bench::set_option(options, arguments[i], arguments[i + 1])) continue;
    fmt::print(
        stderr,
        "usage: indexed_benchmark [--items N] [--queries Q] [--window W] [--warmup U] [--categories C] [--statuses S]\n"
        "                         [--rounds R] [--round-seconds T] [--seed S] [--only TITLE] [--out FILE]\n");
    return 2;
  }
  if (options.items == 0 || options.queries == 0 || options.categories == 0 || options.statuses == 0 ||
      options.rounds == 0)
    return 2;
  protobase::bench::run(options);
  return 0;
}
