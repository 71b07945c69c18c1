// Many threads run the same few texts, so that they share cached plans, while others write and change definitions.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "db/protobase.h"

namespace protobase {
namespace {

constexpr int64_t kAccounts = 100;
constexpr int64_t kTotal = kAccounts * 100;

Database make_accounts() {
  Database db = *Database::open(":memory:");
  EXPECT_TRUE(db.execute("CREATE TABLE accounts (number INTEGER PRIMARY KEY, balance INTEGER NOT NULL)").ok());
  for (int64_t i = 0; i < kAccounts; ++i) EXPECT_TRUE(db.execute("INSERT INTO accounts VALUES (?, 100)", i).ok());
  return db;
}

/// Moves one unit between two accounts in one transaction, again after conflicts.
Status transfer(Database& db, int64_t from, int64_t to) {
  return db.transact([&](Transaction& tx) -> Status {
    PROTO_RETURN_IF_ERROR(tx.execute("UPDATE accounts SET balance = balance - 1 WHERE number = ?", from).status());
    return tx.execute("UPDATE accounts SET balance = balance + 1 WHERE number = ?", to).status();
  });
}

TEST(Concurrency, EverySnapshotHoldsTheSameSum) {
  Database db = make_accounts();
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> sums{0};
  std::vector<std::thread> readers;
  for (int t = 0; t < 3; ++t) {
    readers.emplace_back([&, t] {
      while (!stop.load()) {
        auto rows = db.query("SELECT sum(balance), count(*) FROM accounts WHERE number >= " + std::to_string(-t));
        ASSERT_TRUE(rows.ok()) << rows.status().to_string();
        for (const Row& row : *rows) {
          ASSERT_EQ(row[0].as_int64(), kTotal);
          ASSERT_EQ(row[1].as_int64(), kAccounts);
          sums.fetch_add(1);
        }
      }
    });
  }
  std::vector<std::thread> writers;
  for (int t = 0; t < 2; ++t) {
    writers.emplace_back([&, t] {
      for (int64_t i = 0; i < 150; ++i) {
        const Status status = transfer(db, (i * 7 + t) % kAccounts, (i * 13 + 5) % kAccounts);
        ASSERT_TRUE(status.ok()) << status.to_string();
      }
    });
  }
  std::thread definer([&] {
    for (int i = 0; i < 10; ++i) {
      // A definition that loses against another commit is tried again by the statement itself.
      ASSERT_TRUE(db.execute("CREATE INDEX by_balance ON accounts (balance)").ok());
      ASSERT_TRUE(db.execute("DROP INDEX by_balance").ok());
    }
  });
  for (auto& writer : writers) writer.join();
  definer.join();
  stop.store(true);
  for (auto& reader : readers) reader.join();
  EXPECT_GT(sums.load(), 0u);
  EXPECT_TRUE(db.check().ok()) << db.check().to_string();
}

TEST(Concurrency, APreparedStatementOfEachThreadSeesItsOwnParameters) {
  Database db = make_accounts();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      auto by_number = db.prepare("SELECT number FROM accounts WHERE number = ?");
      ASSERT_TRUE(by_number.ok()) << by_number.status().to_string();
      for (int64_t i = 0; i < 500; ++i) {
        auto rows = by_number->bind(1, i % kAccounts).execute();
        ASSERT_TRUE(rows.ok());
        int64_t seen = -1;
        for (const Row& row : *rows) seen = row[0].as_int64();
        ASSERT_EQ(seen, i % kAccounts);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace protobase
