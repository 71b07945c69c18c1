#include "tests/bench/indexed/peers.h"

#ifdef PROTOBASE_HAVE_SQLITE
#include <sqlite3.h>
#endif

#include "runtime/base/check.h"

namespace protobase::bench {

#ifdef PROTOBASE_HAVE_SQLITE
namespace {

std::string_view text_at(sqlite3_stmt* statement, int column) {
  return {reinterpret_cast<const char*>(sqlite3_column_text(statement, column)),
          static_cast<size_t>(sqlite3_column_bytes(statement, column))};
}

void bind_text(sqlite3_stmt* statement, int position, const std::string& text) {
  sqlite3_bind_text(statement, position, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

/// Reads all columns of all rows.
void collect(sqlite3_stmt* statement, Answer& answer) {
  while (sqlite3_step(statement) == SQLITE_ROW) {
    size_t bytes = 0;
    for (const int column : {0, 1, 3, 4, 5}) bytes += text_at(statement, column).size();
    PROTO_CHECK(text_at(statement, 6).size() > 2);
    answer.add(text_at(statement, 1), bytes, sqlite3_column_int64(statement, 2));
  }
}

class Sqlite final : public SqlitePeer {
 public:
  explicit Sqlite(const std::vector<Item>& items) {
    memory_before_ = static_cast<uint64_t>(sqlite3_memory_used());
    PROTO_CHECK(sqlite3_open(":memory:", &database_) == SQLITE_OK);
    const double start = wall_seconds_now();
    execute(
        "CREATE TABLE items (id TEXT, name TEXT, value INTEGER, category TEXT, status TEXT, created_at TEXT, tags "
        "TEXT)");
    execute("BEGIN");
    sqlite3_stmt* insert = prepared("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?)");
    for (const Item& item : items) insert_item(insert, item);
    sqlite3_finalize(insert);
    execute("COMMIT");
    load_seconds_ = wall_seconds_now() - start;
    by_and_ = prepared(std::string(kSelect) + kAndCondition);
    by_id_ = prepared(std::string(kSelect) + kIdCondition);
  }
  ~Sqlite() override {
    sqlite3_finalize(by_and_);
    sqlite3_finalize(by_id_);
    sqlite3_close(database_);
  }

  void create_indexes() override {
    execute("CREATE INDEX by_category ON items (category)");
    execute("CREATE INDEX by_status ON items (status)");
    execute("CREATE INDEX by_value ON items (value)");
    execute("CREATE UNIQUE INDEX by_id ON items (id)");
  }
  void drop_indexes() override {
    execute("DROP INDEX by_category; DROP INDEX by_status; DROP INDEX by_value; DROP INDEX by_id");
  }
  void analyze() override { execute("ANALYZE"); }
  uint64_t memory_bytes() const override { return static_cast<uint64_t>(sqlite3_memory_used()) - memory_before_; }
  double load_seconds() const override { return load_seconds_; }

  std::vector<Contestant> contestants(bool indexed) override {
    return {{"sqlite", "text", indexed,
             one_by_one([this](const Query& query, Answer& answer) { run_text(query, answer); })},
            {"sqlite", "prepared", indexed,
             one_by_one([this](const Query& query, Answer& answer) { run_prepared(query, answer); })}};
  }

 private:
  void execute(const char* text) { PROTO_CHECK(sqlite3_exec(database_, text, nullptr, nullptr, nullptr) == SQLITE_OK); }
  sqlite3_stmt* prepared(const std::string& text) {
    sqlite3_stmt* statement = nullptr;
    PROTO_CHECK(sqlite3_prepare_v2(database_, text.c_str(), static_cast<int>(text.size()) + 1, &statement, nullptr) ==
                SQLITE_OK);
    return statement;
  }

  void insert_item(sqlite3_stmt* insert, const Item& item) {
    const std::string category = category_text(item.category);
    const std::string status = status_text(item.status);
    std::string tags = "[";
    for (const std::string& tag : item.tags) tags += (tags.size() > 1 ? ",\"" : "\"") + tag + "\"";
    tags += "]";
    bind_text(insert, 1, item.id), bind_text(insert, 2, item.name);
    sqlite3_bind_int64(insert, 3, item.value);
    bind_text(insert, 4, category), bind_text(insert, 5, status), bind_text(insert, 6, item.created_at),
        bind_text(insert, 7, tags);
    PROTO_CHECK(sqlite3_step(insert) == SQLITE_DONE);
    sqlite3_reset(insert);
  }

  void run_text(const Query& query, Answer& answer) {
    sqlite3_stmt* statement = prepared(query.text);
    collect(statement, answer);
    sqlite3_finalize(statement);
  }

  void run_prepared(const Query& query, Answer& answer) {
    sqlite3_stmt* statement = query.by_id ? by_id_ : by_and_;
    if (query.by_id) {
      bind_text(statement, 1, query.id);
    } else {
      bind_text(statement, 1, query.category), bind_text(statement, 2, query.status);
      sqlite3_bind_int64(statement, 3, query.low), sqlite3_bind_int64(statement, 4, query.high);
    }
    collect(statement, answer);
    sqlite3_reset(statement);
  }

  sqlite3* database_ = nullptr;
  sqlite3_stmt* by_and_ = nullptr;
  sqlite3_stmt* by_id_ = nullptr;
  uint64_t memory_before_ = 0;
  double load_seconds_ = 0;
};

}  // namespace

std::unique_ptr<SqlitePeer> SqlitePeer::create(const std::vector<Item>& items) {
  return std::make_unique<Sqlite>(items);
}
#else
std::unique_ptr<SqlitePeer> SqlitePeer::create(const std::vector<Item>&) { return nullptr; }
#endif

}  // namespace protobase::bench
