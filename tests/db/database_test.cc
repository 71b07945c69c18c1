// The database through its C++ interface: objects, transactions, conflicts, definitions, durability across reopening.
#include "db/protobase.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <thread>

#include "db/document.h"
#include "runtime/base/random.h"
#include "tests/db/test_database.h"

namespace protobase {
namespace {

Database open_memory() {
  auto db = Database::open(":memory:");
  EXPECT_TRUE(db.ok()) << db.status().to_string();
  return *std::move(db);
}

ObjectId insert_one(Database& db, const Object& object) {
  auto id = db.transact([&](Transaction& tx) { return tx.collection("products").insert(object); });
  EXPECT_TRUE(id.ok()) << id.status().to_string();
  return *id;
}

TEST(Database, InsertsReadsUpdatesAndErasesObjects) {
  Database db = open_memory();
  const ObjectId id = insert_one(db, Object{{"name", "Desk"}, {"price", 129.0}, {"tags", Array{"office", "wood"}},
                                            {"size", Object{{"w", 120}, {"h", 75}}}});
  Transaction tx = db.begin();
  Collection products = tx.collection("products");
  ASSERT_TRUE(products.update(id, {{"price", 119.0}, {"size.w", 130}}).ok());
  auto desk = products.get(id);
  ASSERT_TRUE(desk.ok()) << desk.status().to_string();
  EXPECT_EQ((*desk)["price"].as_double(), 119.0);
  EXPECT_EQ(desk->at("size.w").get<int64_t>(), 130);
  EXPECT_EQ(desk->to_json(), R"({"name":"Desk","price":119.0,"tags":["office","wood"],"size":{"w":130,"h":75}})");
  EXPECT_TRUE((*desk)["colour"].is_none());
  ASSERT_TRUE(products.erase(id).ok());
  EXPECT_EQ(products.get(id).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(products.erase(id).code(), StatusCode::kNotFound);
  ASSERT_TRUE(tx.commit().ok());
  EXPECT_EQ(*db.begin().collection("products").count(), 0u);
  EXPECT_TRUE(db.check().ok());
}

TEST(Database, ADroppedTransactionLeavesNothing) {
  Database db = open_memory();
  insert_one(db, Object{{"a", 1}});
  {
    Transaction tx = db.begin();
    ASSERT_TRUE(tx.collection("products").insert(Object{{"a", 2}}).ok());
    ASSERT_TRUE(tx.collection("other").insert(Object{{"a", 2}}).ok());
  }
  Transaction tx = db.begin();
  EXPECT_EQ(*tx.collection("products").count(), 1u);
  EXPECT_EQ(tx.collection("other").count().status().code(), StatusCode::kNotFound);
}

TEST(Database, ASnapshotDoesNotMoveWhileOthersCommit) {
  Database db = open_memory();
  const ObjectId id = insert_one(db, Object{{"a", 1}});
  Transaction reader = db.begin();
  EXPECT_EQ((*reader.collection("products").get(id))["a"].as_int64(), 1);
  ASSERT_TRUE(db.transact([&](Transaction& tx) { return tx.collection("products").update(id, {{"a", 2}}); }).ok());
  for (int i = 0; i < 1000; ++i) insert_one(db, Object{{"a", i}});
  EXPECT_EQ((*reader.collection("products").get(id))["a"].as_int64(), 1);
  EXPECT_EQ(*reader.collection("products").count(), 1u);
  EXPECT_EQ((*db.begin().collection("products").get(id))["a"].as_int64(), 2);
}

TEST(Database, TheFirstCommitterWins) {
  Database db = open_memory();
  const ObjectId first = insert_one(db, Object{{"a", 1}});
  const ObjectId second = insert_one(db, Object{{"a", 1}});
  Transaction one = db.begin();
  Transaction two = db.begin();
  Transaction three = db.begin();
  ASSERT_TRUE(one.collection("products").update(first, {{"a", 10}}).ok());
  ASSERT_TRUE(two.collection("products").update(first, {{"a", 20}}).ok());
  ASSERT_TRUE(three.collection("products").update(second, {{"a", 30}}).ok());
  EXPECT_TRUE(one.commit().ok());
  const Status lost = two.commit();
  EXPECT_EQ(lost.code(), StatusCode::kConflict);
  EXPECT_TRUE(lost.retryable());
  EXPECT_TRUE(three.commit().ok()) << "another object is no conflict: it is replayed on the newest root";
  Transaction after = db.begin();
  EXPECT_EQ((*after.collection("products").get(first))["a"].as_int64(), 10);
  EXPECT_EQ((*after.collection("products").get(second))["a"].as_int64(), 30);
  EXPECT_TRUE(db.check().ok());
}

TEST(Database, TransactRetriesUntilEveryIncrementCounts) {
  Database db = open_memory();
  const ObjectId id = insert_one(db, Object{{"n", 0}});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const Status status = db.transact([&](Transaction& tx) -> Status {
          PROTO_ASSIGN_OR_RETURN(ObjectView counter, tx.collection("products").get(id));
          return tx.collection("products").update(id, {{"n", counter["n"].as_int64() + 1}});
        });
        ASSERT_TRUE(status.ok()) << status.to_string();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ((*db.begin().collection("products").get(id))["n"].as_int64(), 200);
}

TEST(Database, ExplicitIdsAreTakenAndGuarded) {
  Database db = open_memory();
  EXPECT_EQ(insert_one(db, Object{{"_id", 7}, {"a", 1}}).value, 7u);
  EXPECT_EQ(insert_one(db, Object{{"a", 2}}).value, 8u);
  Transaction tx = db.begin();
  EXPECT_EQ(tx.collection("products").insert(Object{{"_id", 7}}).status().code(), StatusCode::kConstraint);
  EXPECT_EQ((*tx.collection("products").get(ObjectId(7))).to_json(), R"({"a":1})");
}

struct Product {
  std::string name;
  double price = 0;
  std::vector<std::string> tags;
  std::optional<int64_t> stock;
};

TEST(Database, StructsMapToObjects) {
  Database db = open_memory();
  Transaction tx = db.begin();
  auto products = tx.collection<Product>("products");
  auto id = products.insert({"Desk", 129.0, {"office"}, 4});
  ASSERT_TRUE(id.ok()) << id.status().to_string();
  auto read = products.get(*id);
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(read->name, "Desk");
  EXPECT_EQ(read->price, 129.0);
  EXPECT_EQ(read->tags, std::vector<std::string>{"office"});
  EXPECT_EQ(read->stock, 4);
  ASSERT_TRUE(tx.collection("products").update(*id, {{"price", "cheap"}}).ok());
  const auto wrong = products.get(*id);
  EXPECT_EQ(wrong.status().code(), StatusCode::kType);
  EXPECT_NE(wrong.status().message().find("'price'"), std::string::npos);
}

TEST(Database, CommitsSurviveReopeningFromTheLogAndFromACheckpoint) {
  const TestFile file("reopen");
  std::map<uint64_t, std::string> expected;
  proto::Random random(11);
  for (int round = 0; round < 6; ++round) {
    auto opened = Database::open(file.path());
    ASSERT_TRUE(opened.ok()) << opened.status().to_string();
    Database db = *std::move(opened);
    ASSERT_TRUE(db.check().ok()) << db.check().to_string();
    Transaction before = db.begin();
    for (const auto& [id, json] : expected) {
      auto view = before.collection("things").get(ObjectId(id));
      ASSERT_TRUE(view.ok()) << "round " << round << ": " << view.status().to_string();
      ASSERT_EQ(view->to_json(), json);
    }
    before.rollback();
    for (int i = 0; i < 400; ++i) {
      Transaction tx = db.begin({.durability = Durability::kAsync});
      Collection things = tx.collection("things");
      const Object object{{"n", static_cast<int64_t>(random.below(1000))}, {"s", std::string(random.below(50), 'x')}};
      if (expected.empty() || random.below(3) > 0) {
        auto id = things.insert(object);
        ASSERT_TRUE(id.ok());
        expected[id->value] = Value(object).to_json();
      } else {
        auto victim = std::next(expected.begin(), static_cast<ptrdiff_t>(random.below(expected.size())));
        ASSERT_TRUE(things.erase(ObjectId(victim->first)).ok());
        expected.erase(victim);
      }
      ASSERT_TRUE(tx.commit().ok());
      if (random.one_in(150)) ASSERT_TRUE(db.checkpoint().ok());
    }
    ASSERT_TRUE(db.sync().ok());
  }
}

TEST(Database, OpensReadOnlyWhileAWriterLives) {
  const TestFile file("readonly");
  auto writer = Database::open(file.path());
  ASSERT_TRUE(writer.ok());
  insert_one(*writer, Object{{"a", 1}});
  const auto second = Database::open(file.path());
  EXPECT_EQ(second.status().code(), StatusCode::kLocked);
  auto reader = Database::open(file.path(), {.read_only = true});
  ASSERT_TRUE(reader.ok()) << reader.status().to_string();
  EXPECT_EQ(*reader->begin().collection("products").count(), 1u);
  Transaction tx = reader->begin();
  EXPECT_EQ(tx.collection("products").insert(Object{{"a", 2}}).status().code(), StatusCode::kReadOnly);
}

TEST(Database, CloseRefusesWhileATransactionIsOpenAndEndsEverythingAfter) {
  Database db = open_memory();
  insert_one(db, Object{{"a", 1}});
  {
    Transaction tx = db.begin();
    EXPECT_EQ(db.close().code(), StatusCode::kInvalidState);
  }
  EXPECT_TRUE(db.close().ok());
  EXPECT_EQ(db.close().code(), StatusCode::kInvalidState);
  EXPECT_EQ(db.begin().collection("products").count().status().code(), StatusCode::kInvalidState);
}

TEST(Database, CloseWaitsForACheckpointUnderWay) {
  TestFile file("close_in_checkpoint");
  for (int round = 0; round < 20; ++round) {
    auto opened = Database::open(file.path(), {.checkpoint_log_bytes = 1});
    ASSERT_TRUE(opened.ok()) << opened.status().to_string();
    insert_one(*opened, Object{{"text", std::string(50'000, 'x')}});  // after which a checkpoint starts by itself
    const Status closed = opened->close();
    EXPECT_TRUE(closed.ok()) << closed.to_string();
  }
}

}  // namespace
}  // namespace protobase
