// Conditions answered by several indexes, and texts compared within blocks, give what a plain scan gives.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "db/protobase.h"
#include "runtime/base/random.h"

namespace protobase {
namespace {

constexpr uint64_t kSeed = 20;

Database open_memory() { return *Database::open(":memory:"); }

/// The ids that a query gives, sorted, and its error as text.
std::vector<int64_t> ids_of(Database& database, const std::string& condition, const Parameters& parameters) {
  auto rows = database.query("SELECT _id FROM items WHERE " + condition, parameters);
  EXPECT_TRUE(rows.ok()) << rows.status().to_string();
  std::vector<int64_t> ids;
  for (const Row& row : *rows) ids.push_back(row[0].as_int64());
  EXPECT_TRUE(rows->status().ok()) << rows->status().to_string();
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::string random_text(proto::Random& random) {
  static const char* const kStems[] = {
      "", "a", "ab", "stem", "a longer stem ", "another much longer stem, the same for many "};
  std::string text = kStems[random.below(6)] + std::to_string(random.below(30));
  if (random.one_in(20)) text.clear();
  if (random.one_in(20)) text.push_back('\0');
  return text;
}

Value random_object(proto::Random& random) {
  Object object{{"a", static_cast<int64_t>(random.below(20))}, {"b", static_cast<int64_t>(random.below(1000))}};
  if (!random.one_in(10)) object.set("text", random_text(random));
  if (random.one_in(50)) object.set("text", static_cast<int64_t>(random.below(30)));  // of another kind
  Array tags;
  for (uint64_t count = random.below(4); count > 0; --count) tags.push(static_cast<int64_t>(random.below(30)));
  object.set("tags", Value(tags));
  return Value(object);
}

/// The same objects with and without indexes.
class IndexMergeTest : public ::testing::Test {
 protected:
  void load(uint64_t count) {
    SCOPED_TRACE("seed " + std::to_string(kSeed));
    std::vector<Value> objects;
    for (uint64_t i = 0; i < count; ++i) objects.push_back(random_object(random_));
    const std::vector<ValueView> views(objects.begin(), objects.end());
    for (Database* database : {&plain_, &indexed_}) {
      ASSERT_TRUE(database->execute("CREATE COLLECTION items").ok());
      ASSERT_TRUE(
          database->transact([&](Transaction& transaction) { return transaction.collection("items").append(views); })
              .ok());
    }
    for (const char* index : {"a", "b", "text", "tags[*]"}) {
      const auto made = indexed_.execute(std::string("CREATE INDEX ON items (") + index + ")");
      ASSERT_TRUE(made.ok()) << made.status().to_string();
    }
  }
  void expect_same(const std::string& condition, const Parameters& parameters) {
    EXPECT_EQ(ids_of(indexed_, condition, parameters), ids_of(plain_, condition, parameters)) << condition;
  }

  proto::Random random_{kSeed};
  Database plain_ = open_memory(), indexed_ = open_memory();
};

TEST_F(IndexMergeTest, RangesAndKeysOfSeveralIndexes) {
  load(5000);
  for (int i = 0; i < 300; ++i) {
    const auto low = static_cast<int64_t>(random_.below(1000));
    const auto width = static_cast<int64_t>(random_.below(random_.one_in(2) ? 20 : 900));
    const auto a = static_cast<int64_t>(random_.below(21));
    expect_same("b >= ? AND b < ? AND a = ?", Parameters(low, low + width, a));
    expect_same("b > ? AND b <= ? AND a > ? AND a < ?", Parameters(low, low + width, a, a + 3));
    expect_same("a = ? AND b = ?", Parameters(a, low));
    expect_same("a < ? OR (b BETWEEN ? AND ? AND a = ?)", Parameters(a / 8, low, low + width, a));
    expect_same("tags CONTAINS ? AND b >= ? AND b < ?",
                Parameters(static_cast<int64_t>(random_.below(30)), low, low + width));
  }
}

TEST_F(IndexMergeTest, TextsInBlocks) {
  load(3000);
  for (int i = 0; i < 300; ++i) {
    const std::string text = random_text(random_);
    const auto b = static_cast<int64_t>(random_.below(1000));
    expect_same("text = ?", Parameters(text));
    // An expression around the column keeps the comparison of blocks out of it.
    EXPECT_EQ(ids_of(plain_, "text = ? AND b < ?", Parameters(text, b)),
              ids_of(plain_, "coalesce(text, NULL) = ? AND b < ?", Parameters(text, b)));
  }
  expect_same("text = ?", Parameters(nullptr));
  expect_same("text = ?", Parameters(7));
}

TEST_F(IndexMergeTest, TextsOfOneSmallBlock) {
  for (const char* text : {"", "x", "1234567", "12345678", "123456789"}) {
    Database database = open_memory();
    ASSERT_TRUE(database.execute("CREATE COLLECTION items").ok());
    ASSERT_TRUE(database.execute("INSERT INTO items (text) VALUES ('x'), (''), (NULL)").ok());
    EXPECT_EQ(ids_of(database, "text = ?", Parameters(text)).size(), std::string(text).size() < 2 ? 1u : 0u) << text;
  }
}

}  // namespace
}  // namespace protobase
