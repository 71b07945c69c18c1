// Random transactions with indexes of every kind against a model, with reopening, checkpoints, rollbacks and marks.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "db/database_state.h"
#include "db/document.h"
#include "db/index_keys.h"
#include "db/session.h"
#include "runtime/base/random.h"
#include "tests/db/test_database.h"

namespace protobase {
namespace {

struct Thing {
  int64_t number = 0;
  std::string word;
  std::vector<int64_t> tags;
  bool operator==(const Thing&) const = default;
};
using Model = std::map<uint64_t, Thing>;

Value to_value(const Thing& thing) {
  Array tags;
  for (int64_t tag : thing.tags) tags.push(tag);
  return Value(Object{{"number", thing.number}, {"word", thing.word}, {"tags", tags}});
}

Thing random_thing(proto::Random& random) {
  Thing thing;
  thing.number = random.between(0, 20);
  thing.word = std::string(1 + random.below(3), static_cast<char>('a' + random.below(4)));
  for (uint64_t i = random.below(4); i > 0; --i) thing.tags.push_back(random.between(0, 5));
  return thing;
}

IndexDefinition index_on(CollectionId collection, const std::string& name, std::vector<std::string> paths) {
  IndexDefinition definition;
  definition.collection = collection;
  definition.name = name;
  for (const std::string& path : paths) definition.parts.push_back({*Path::parse(path), {}, false});
  return definition;
}

class TransactionModel : public ::testing::TestWithParam<uint64_t> {
 protected:
  void open() {
    auto opened = DatabaseState::open(file_.path(), {.checkpoint_log_bytes = 0});
    ASSERT_TRUE(opened.ok()) << opened.status().to_string();
    db_ = *std::move(opened);
  }
  void create() {
    auto tx = *db_->begin({});
    CollectionDefinition definition;
    definition.name = "things";
    collection_ = *tx->create_collection(definition);
    IndexDefinition numbers = index_on(collection_, "by_number", {"number"});
    IndexDefinition both = index_on(collection_, "by_word_and_number", {"word", "number"});
    both.parts[0].order.descending = true;
    IndexDefinition tags = index_on(collection_, "by_tag", {"tags"});
    tags.parts[0].each_element = true;
    IndexDefinition partial = index_on(collection_, "odd", {"number"});
    partial.where = Predicate{Predicate::Operation::kGreater, *Path::parse("number"), Value(10), {}};
    for (auto* index : {&numbers, &both, &tags, &partial}) ASSERT_TRUE(tx->create_index(*index).ok());
    ASSERT_TRUE(tx->commit().ok());
  }

  void expect_equal(TransactionState& tx, const Model& model) {
    auto view = tx.read(collection_);
    ASSERT_TRUE(view.ok()) << view.status().to_string();
    ASSERT_EQ(view->count(), model.size());
    auto expected = model.begin();
    auto cursor = view->cursor();
    for (cursor.seek_first(); cursor.valid(); cursor.next(), ++expected) {
      std::string document;
      cursor.entry().block->materialize(cursor.entry().row, document);
      ASSERT_EQ(cursor.entry().id().value, expected->first);
      ASSERT_EQ(decode_trusted(document).to_json(), to_value(expected->second).to_json());
    }
    expect_index(tx, "by_number", model, [](const Thing& t) { return std::set<int64_t>{t.number}; });
    expect_index(tx, "by_tag", model, [](const Thing& t) { return std::set<int64_t>(t.tags.begin(), t.tags.end()); });
    expect_index(tx, "odd", model, [](const Thing& t) { return t.number > 10 ? std::set<int64_t>{t.number} : std::set<int64_t>{}; });
  }

  /// The ids that an index gives for each key are those that the model gives.
  template <class Keys>
  void expect_index(TransactionState& tx, const char* name, const Model& model, Keys keys) {
    auto index = tx.read_index(tx.catalog()->find_index(name)->id);
    ASSERT_TRUE(index.ok()) << index.status().to_string();
    std::map<int64_t, std::vector<uint64_t>> expected;
    uint64_t entries = 0;
    for (const auto& [id, thing] : model) {
      for (int64_t key : keys(thing)) expected[key].push_back(id), ++entries;
    }
    ASSERT_EQ(index->count(), entries) << name;
    for (int64_t key = 0; key <= 20; ++key) {
      KeyRange range;
      append_key(range.low, ValueView::of_int(key));
      range.high = successor(range.low);
      std::vector<uint64_t> ids;
      ASSERT_TRUE(index->append_ids(range, ids).ok());
      ASSERT_EQ(ids, expected[key]) << name << " " << key;
      ASSERT_EQ(*index->count(range), ids.size());
    }
  }

  void change(TransactionState& tx, Model& model, proto::Random& random) {
    const auto victim = [&] { return std::next(model.begin(), static_cast<ptrdiff_t>(random.below(model.size()))); };
    const uint64_t choice = model.empty() ? 0 : random.below(6);
    if (choice <= 2) {
      const Thing thing = random_thing(random);
      auto id = tx.insert(collection_, encode(to_value(thing).view()));
      ASSERT_TRUE(id.ok()) << id.status().to_string();
      model[id->value] = thing;
    } else if (choice == 3) {
      const auto it = victim();
      it->second.number = random.between(0, 20);
      const AttributeChange update{*Path::parse("number"), Value(it->second.number), false};
      ASSERT_TRUE(tx.update(collection_, ObjectId(it->first), std::span(&update, 1)).ok());
    } else if (choice == 4) {
      const auto it = victim();
      it->second = random_thing(random);
      ASSERT_TRUE(tx.replace(collection_, ObjectId(it->first), encode(to_value(it->second).view())).ok());
    } else {
      const auto it = victim();
      ASSERT_TRUE(tx.erase(collection_, ObjectId(it->first)).ok());
      model.erase(it);
    }
  }

  TestFile file_{"model"};
  std::shared_ptr<DatabaseState> db_;
  CollectionId collection_;
};

TEST_P(TransactionModel, AgreesAfterEveryCommitRollbackMarkAndReopening) {
  proto::Random random(GetParam());
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  open();
  create();
  Model committed;
  for (int round = 0; round < 60; ++round) {
    auto tx = *db_->begin({.durability = Durability::kAsync});
    Model model = committed;
    uint64_t mark = 0;
    Model at_mark = model;
    for (uint64_t i = random.below(round % 10 == 0 ? 2000 : 30); i > 0; --i) {
      change(*tx, model, random);
      if (random.one_in(40)) mark = tx->mark(), at_mark = model;
      if (random.one_in(60)) {
        ASSERT_TRUE(tx->rollback_to(mark).ok());
        model = at_mark;
      }
      if (random.one_in(200)) expect_equal(*tx, model);
      if (HasFatalFailure()) return;
    }
    expect_equal(*tx, model);
    if (HasFatalFailure()) return;
    if (random.below(4) > 0) {
      ASSERT_TRUE(tx->commit().ok());
      committed = model;
    }
    tx.reset();
    if (random.one_in(8)) ASSERT_TRUE(db_->checkpoint().ok());
    if (random.one_in(8)) {
      db_.reset();
      open();
    }
    if (round % 5 == 0) ASSERT_TRUE(db_->check().ok()) << db_->check().to_string();
    auto reader = *db_->begin({.read_only = true});
    expect_equal(*reader, committed);
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, TransactionModel, ::testing::Values(1, 2, 3, 4));

TEST(UniqueIndex, RefusesDuplicatesAtOnceAndInEveryForm) {
  auto db = *DatabaseState::open(":memory:", {});
  auto tx = *db->begin({});
  CollectionDefinition definition;
  definition.name = "things";
  const CollectionId collection = *tx->create_collection(definition);
  IndexDefinition unique = index_on(collection, "unique_word", {"word"});
  unique.unique = true;
  ASSERT_TRUE(tx->create_index(unique).ok());
  auto insert = [&](const Object& object) { return tx->insert(collection, encode(Value(object).view())); };
  const ObjectId first = *insert(Object{{"word", "a"}});
  const auto pending_duplicate = insert(Object{{"word", "a"}});
  EXPECT_EQ(pending_duplicate.status().code(), StatusCode::kConstraint);
  EXPECT_EQ(pending_duplicate.status().message(),
            "unique index 'unique_word': there is already an object with (word) = (\"a\")");
  ASSERT_TRUE(tx->read(collection).ok());  // settles
  EXPECT_EQ(insert(Object{{"word", "a"}}).status().code(), StatusCode::kConstraint);
  EXPECT_TRUE(insert(Object{{"other", 1}}).ok());
  EXPECT_TRUE(insert(Object{{"other", 2}}).ok()) << "absent values are no duplicates";
  ASSERT_TRUE(tx->erase(collection, first).ok());
  EXPECT_TRUE(insert(Object{{"word", "a"}}).ok()) << "erased and inserted again in one transaction";
  EXPECT_TRUE(tx->commit().ok());
  EXPECT_TRUE(db->check().ok()) << db->check().to_string();
}

TEST(UniqueIndex, IsCheckedOnTheNewestRoot) {
  auto db = *DatabaseState::open(":memory:", {});
  auto setup = *db->begin({});
  CollectionDefinition definition;
  definition.name = "things";
  const CollectionId collection = *setup->create_collection(definition);
  IndexDefinition unique = index_on(collection, "unique_word", {"word"});
  unique.unique = true;
  ASSERT_TRUE(setup->create_index(unique).ok());
  ASSERT_TRUE(setup->commit().ok());
  auto one = *db->begin({});
  auto two = *db->begin({});
  const std::string document = encode(Value(Object{{"word", "a"}}).view());
  ASSERT_TRUE(one->insert(collection, document).ok());
  ASSERT_TRUE(two->insert(collection, document).ok());
  EXPECT_TRUE(one->commit().ok());
  EXPECT_EQ(two->commit().code(), StatusCode::kConstraint);
  EXPECT_TRUE(db->check().ok());
}

TEST(Views, StayAsTheyWereWhileTheTransactionWrites) {
  auto db = *DatabaseState::open(":memory:", {});
  auto tx = *db->begin({});
  CollectionDefinition definition;
  definition.name = "things";
  const CollectionId collection = *tx->create_collection(definition);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(tx->insert(collection, encode(Value(Object{{"n", i}}).view())).ok());
  auto view = *tx->read(collection);
  auto cursor = view.cursor();
  int64_t sum = 0;
  uint64_t rows = 0;
  for (cursor.seek_first(); cursor.valid(); cursor.next(), ++rows) {
    std::string document;
    cursor.entry().block->materialize(cursor.entry().row, document);
    sum += decode_trusted(document)["n"].as_int64();
    const AttributeChange update{*Path::parse("n"), Value(100000), false};
    ASSERT_TRUE(tx->update(collection, cursor.entry().id(), std::span(&update, 1)).ok());
    if (rows % 100 == 0) ASSERT_TRUE(tx->read(collection).ok());  // settles under the cursor
  }
  EXPECT_EQ(rows, 1000u);
  EXPECT_EQ(sum, 499500);
}

}  // namespace
}  // namespace protobase
