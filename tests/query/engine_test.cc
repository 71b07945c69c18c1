// The whole chain on in-memory databases: which plans are chosen, what errors say, what commands do.
#include <gtest/gtest.h>

#include "db/protobase.h"

namespace protobase {
namespace {

class EngineTest : public ::testing::Test {
 protected:
  EngineTest() : database_(*Database::open(":memory:")), connection_(database_.connect()) {}

  void run(std::string_view sql) {
    auto changed = connection_.execute(sql);
    ASSERT_TRUE(changed.ok()) << changed.status().render(sql);
  }

  /// Rows as text: values by ',' and rows by ';'.
  std::string rows(std::string_view sql) {
    auto result = connection_.query(sql);
    if (!result.ok()) return result.status().to_string();
    std::string text;
    for (const Row& row : *result) {
      text += text.empty() ? "" : ";";
      for (size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : ",") + (row[i].is_none() ? std::string("NULL") : row[i].to_text());
    }
    return result->status().ok() ? text : result->status().to_string();
  }

  std::string plan(std::string_view sql) {
    auto explained = connection_.explain(sql);
    return explained.ok() ? explained->text() : explained.status().to_string();
  }

  Status error(std::string_view sql) { return connection_.query(sql).status(); }

  /// 2,000 products: 20 categories, 10 states, prices 0..1999, two tags each.
  void fill() {
    run("CREATE COLLECTION products");
    Transaction transaction = database_.begin();
    Collection products = transaction.collection("products");
    for (int64_t i = 0; i < 2000; ++i) {
      ASSERT_TRUE(products.insert(Object{{"n", i}, {"category", "c" + std::to_string(i % 20)}, {"state", "s" + std::to_string(i / 7 % 10)},
                                         {"price", i}, {"tags", Array{"t" + std::to_string(i % 50), "u" + std::to_string(i % 3)}}}).ok());
    }
    ASSERT_TRUE(transaction.commit().ok());
    run("CREATE INDEX ON products (category)");
    run("CREATE INDEX ON products (state)");
    run("CREATE INDEX ON products (price)");
    run("CREATE INDEX ON products (tags[*])");
  }

  Database database_;
  Connection connection_;
};

// ---- plans -----------------------------------------------------------------------------------------------------------------

TEST_F(EngineTest, EqualityUsesAnIndexWithItsExactCount) {
  fill();
  const std::string text = plan("SELECT n FROM products WHERE category = 'c3'");
  EXPECT_NE(text.find("IndexedSearch products_category_idx (category = 'c3') 100 ids"), std::string::npos) << text;
  EXPECT_EQ(text.find("filter:"), std::string::npos) << text;
  EXPECT_EQ(rows("SELECT count(*) FROM products WHERE category = 'c3'"), "100");
}

TEST_F(EngineTest, TwoIndexesAreMergedAndTheRestIsChecked) {
  fill();
  const std::string sql = "SELECT n FROM products WHERE category = 'c3' AND state = 's4' AND n > 500";
  const std::string text = plan(sql);
  EXPECT_NE(text.find("AndMerge"), std::string::npos) << text;
  EXPECT_NE(text.find("filter: (n > 500)"), std::string::npos) << text;
  run("SET disabled_rules = 'index_selection'");
  const std::string scanned = rows(sql + " ORDER BY n");
  EXPECT_NE(plan(sql).find("Scan products"), std::string::npos);
  run("RESET disabled_rules");
  EXPECT_EQ(rows(sql + " ORDER BY n"), scanned);
  EXPECT_FALSE(scanned.empty());
}

TEST_F(EngineTest, RangesListsAndAlternativesUseIndexes) {
  fill();
  EXPECT_NE(plan("SELECT n FROM products WHERE price BETWEEN 10 AND 19").find("IndexedRangeSearch products_price_idx"), std::string::npos);
  EXPECT_NE(plan("SELECT n FROM products WHERE price IN (1, 5, 9)").find("OrMerge"), std::string::npos);
  EXPECT_NE(plan("SELECT n FROM products WHERE price = 7 OR price > 1990").find("OrMerge"), std::string::npos);
  EXPECT_EQ(rows("SELECT n FROM products WHERE price = 7 OR price > 1997 ORDER BY n"), "7;1998;1999");
  EXPECT_EQ(rows("SELECT count(*) FROM products WHERE price BETWEEN 10 AND 19"), "10");
  EXPECT_EQ(rows("SELECT n FROM products WHERE price IN (1, 5, 9, NULL) ORDER BY n"), "1;5;9");
}

TEST_F(EngineTest, ManyRowsAreScanned) {
  fill();
  EXPECT_NE(plan("SELECT n FROM products WHERE price > 100").find("Scan products"), std::string::npos);
}

TEST_F(EngineTest, ElementsOfArraysAreIndexed) {
  fill();
  EXPECT_NE(plan("SELECT n FROM products WHERE 't7' IN tags").find("IndexedSearch products_tags_idx (tags[*] = 't7') 40 ids"), std::string::npos)
      << plan("SELECT n FROM products WHERE 't7' IN tags");
  EXPECT_EQ(rows("SELECT count(*) FROM products WHERE tags CONTAINS 't7'"), "40");
}

TEST_F(EngineTest, CountsComeFromTheTrees) {
  fill();
  EXPECT_EQ(plan("SELECT count(*) FROM products"), "Count products\n");
  EXPECT_EQ(plan("SELECT count(*) FROM products WHERE price >= 100"), "Count products in products_price_idx (price >= 100)\n");
  EXPECT_EQ(rows("SELECT count(*) FROM products WHERE price >= 100"), "1900");
}

TEST_F(EngineTest, OrderWithALimitFollowsAnIndex) {
  fill();
  const std::string text = plan("SELECT n FROM products ORDER BY price DESC LIMIT 3");
  EXPECT_NE(text.find("OrderedFetch products"), std::string::npos) << text;
  EXPECT_NE(text.find("backward"), std::string::npos) << text;
  EXPECT_EQ(rows("SELECT n FROM products ORDER BY price DESC LIMIT 3"), "1999;1998;1997");
  EXPECT_EQ(rows("SELECT n FROM products WHERE price > 50 ORDER BY price LIMIT 2 OFFSET 1"), "52;53");
}

TEST_F(EngineTest, PartialIndexesNeedTheirCondition) {
  fill();
  run("CREATE INDEX cheap ON products (n) WHERE state = 's1'");
  EXPECT_NE(plan("SELECT price FROM products WHERE n = 8 AND state = 's1'").find("cheap"), std::string::npos);
  EXPECT_EQ(plan("SELECT price FROM products WHERE n = 8").find("cheap"), std::string::npos);
  EXPECT_EQ(rows("SELECT price FROM products WHERE n = 8 AND state = 's1'"), "8");
  EXPECT_EQ(rows("SELECT price FROM products WHERE n = 8 AND state = 's2'"), "");  // the same shape of text, another literal
  EXPECT_EQ(rows("SELECT price FROM products WHERE n = 15 AND state = 's2'"), "15");
}

TEST_F(EngineTest, CachedPlansFollowTheCatalog) {
  run("CREATE COLLECTION c");
  run("INSERT INTO c {a: 1, b: 'x'}");
  EXPECT_EQ(rows("SELECT b FROM c WHERE a = 1"), "x");
  run("INSERT INTO c {a: 2, b: 'y'}");
  EXPECT_EQ(rows("SELECT b FROM c WHERE a = 2"), "y");
  run("CREATE INDEX ON c (a)");
  EXPECT_EQ(rows("select b from c where a=2"), "y");
  run("DROP COLLECTION c");
  EXPECT_EQ(error("SELECT b FROM c WHERE a = 2").code(), StatusCode::kBinding);
}

TEST_F(EngineTest, NearestNeighboursWithAndWithoutConditions) {
  run("CREATE COLLECTION docs (embedding VECTOR(2))");
  for (int i = 0; i < 300; ++i) {
    run("INSERT INTO docs {k: " + std::to_string(i) + ", lang: '" + (i % 10 == 0 ? "en" : "de") + "', embedding: [" + std::to_string(i) + ", 0]}");
  }
  EXPECT_NE(plan("SELECT k FROM docs ORDER BY embedding <-> '[5,0]' LIMIT 3").find("VectorSearch docs"), std::string::npos);
  EXPECT_EQ(rows("SELECT k FROM docs ORDER BY embedding <-> '[5.2,0]' LIMIT 3"), "5;6;4");
  EXPECT_EQ(rows("SELECT k FROM docs WHERE lang = 'en' ORDER BY embedding <-> [12, 0] LIMIT 2"), "10;20");
  run("CREATE INDEX ON docs USING ivfflat (embedding vector_l2_ops) WITH (lists = 4)");
  EXPECT_NE(plan("SELECT k FROM docs ORDER BY embedding <-> '[5,0]' LIMIT 3").find("using docs_embedding_idx"), std::string::npos);
  EXPECT_EQ(plan("SELECT k FROM docs ORDER BY embedding <=> '[5,0]' LIMIT 3").find("using"), std::string::npos);  // another metric
  EXPECT_EQ(rows("SELECT k FROM docs WHERE lang = 'en' ORDER BY embedding <-> [12, 0] LIMIT 2"), "10;20");
}

TEST_F(EngineTest, JoinsOfManyTablesArePlannedAtOnce) {
  std::string from, where;
  for (int i = 0; i < 24; ++i) {
    const std::string name = "j" + std::to_string(i);
    run("CREATE TABLE " + name + " (a" + std::to_string(i) + " INTEGER, b" + std::to_string(i) + " INTEGER)");
    run("INSERT INTO " + name + " VALUES (1, 2), (2, 3), (3, 1), (4, 5)");
    from += (i == 0 ? "" : ", ") + name;
    if (i > 0) where += (i == 1 ? "" : " AND ") + ("b" + std::to_string(i - 1)) + " = a" + std::to_string(i);
  }
  EXPECT_EQ(rows("SELECT count(*) FROM " + from + " WHERE a0 = 1 AND " + where), "1");
}

TEST_F(EngineTest, SubqueriesBecomeSemiJoins) {
  run("CREATE TABLE a (x INTEGER, y INTEGER)");
  run("INSERT INTO a VALUES (1, 1), (2, 1), (3, NULL)");
  EXPECT_NE(plan("SELECT x FROM a WHERE EXISTS (SELECT 1 FROM a i WHERE i.y = a.x)").find("semi"), std::string::npos);
  EXPECT_NE(plan("SELECT x FROM a WHERE NOT EXISTS (SELECT 1 FROM a i WHERE i.y = a.x)").find("anti"), std::string::npos);
  EXPECT_EQ(rows("SELECT x FROM a WHERE x IN (SELECT y FROM a) ORDER BY x"), "1");
  EXPECT_EQ(rows("SELECT x FROM a WHERE x NOT IN (SELECT y FROM a)"), "");  // y has a NULL
  EXPECT_EQ(rows("SELECT x FROM a WHERE NOT EXISTS (SELECT 1 FROM a i WHERE i.y = a.x) ORDER BY x"), "2;3");
}

// ---- errors ----------------------------------------------------------------------------------------------------------------

TEST_F(EngineTest, ErrorsNameThePlaceAndHelp) {
  run("CREATE TABLE products (name TEXT, price DOUBLE, made DATE)");
  const Status unknown = error("SELECT pricee FROM products");
  EXPECT_EQ(unknown.code(), StatusCode::kBinding);
  EXPECT_EQ(unknown.message(), "unknown attribute 'pricee' in products");
  EXPECT_EQ(unknown.hint(), "did you mean price?");
  ASSERT_NE(unknown.span(), nullptr);
  EXPECT_EQ(unknown.span()->offset, 7u);
  EXPECT_EQ(unknown.span()->length, 6u);
  EXPECT_EQ(error("SELECT name FROM product").hint(), "did you mean products?");
  EXPECT_EQ(error("SELECT name FROM products WHERE price = 'x'").code(), StatusCode::kType);
  run("INSERT INTO products VALUES ('x', 1, '2024-02-29')");
  EXPECT_EQ(rows("SELECT name FROM products WHERE made > '2024-02-28'"), "x");
  EXPECT_NE(rows("SELECT name FROM products WHERE made > 'yesterday'").find("date"), std::string::npos);
  EXPECT_EQ(error("SELECT price, count(*) FROM products GROUP BY name").code(), StatusCode::kBinding);
  EXPECT_EQ(error("SELECT sum(count(*)) FROM products").code(), StatusCode::kBinding);
  EXPECT_EQ(error("SELECT p.name FROM products p, products q WHERE name = 'x'").code(), StatusCode::kBinding);
  EXPECT_EQ(error("SELECT name FROM products ORDER BY 2").code(), StatusCode::kBinding);
  EXPECT_EQ(error("INSERT INTO products VALUES (1)").code(), StatusCode::kBinding);
}

TEST_F(EngineTest, AnErrorOfACachedShapePointsIntoItsOwnText) {
  run("CREATE TABLE t (a INTEGER)");
  EXPECT_EQ(error("SELECT b FROM t WHERE a = 1").span()->offset, 7u);
  EXPECT_EQ(error("SELECT    b FROM t WHERE a = 22").span()->offset, 10u);
}

// ---- transactions ----------------------------------------------------------------------------------------------------------

TEST_F(EngineTest, AFailingStatementIsUndoneAlone) {
  run("CREATE TABLE t (a INTEGER PRIMARY KEY)");
  run("BEGIN");
  run("INSERT INTO t VALUES (1)");
  EXPECT_EQ(error("INSERT INTO t VALUES (2), (1)").code(), StatusCode::kConstraint);
  EXPECT_EQ(rows("SELECT a FROM t"), "1");
  run("SAVEPOINT s");
  run("INSERT INTO t VALUES (5)");
  run("ROLLBACK TO s");
  run("COMMIT");
  EXPECT_EQ(rows("SELECT a FROM t"), "1");
  EXPECT_EQ(error("COMMIT").code(), StatusCode::kInvalidState);
  EXPECT_EQ(error("ROLLBACK").code(), StatusCode::kInvalidState);
}

TEST_F(EngineTest, DefinitionsInsideATransactionAreSeenByItAlone) {
  run("BEGIN");
  run("CREATE TABLE inside (a INTEGER)");
  run("INSERT INTO inside VALUES (3)");
  EXPECT_EQ(rows("SELECT a FROM inside"), "3");
  EXPECT_FALSE(database_.query("SELECT a FROM inside").ok());
  run("ROLLBACK");
  EXPECT_FALSE(connection_.query("SELECT a FROM inside").ok());
}

TEST_F(EngineTest, PreparedStatementsTakeParametersByPositionAndName) {
  run("CREATE TABLE t (a INTEGER, b TEXT)");
  run("INSERT INTO t VALUES (1, 'x'), (2, 'y')");
  auto by_position = connection_.prepare("SELECT b FROM t WHERE a = ?");
  ASSERT_TRUE(by_position.ok());
  EXPECT_EQ(by_position->columns()[0].name, "b");
  for (const auto& [a, b] : {std::pair{1, "x"}, std::pair{2, "y"}}) {
    auto result = by_position->bind(1, a).execute();
    ASSERT_TRUE(result.ok());
    for (const Row& row : *result) EXPECT_EQ(row[0].as_string(), b);
  }
  auto by_name = connection_.prepare("SELECT a FROM t WHERE b = :b");
  ASSERT_TRUE(by_name.ok());
  EXPECT_EQ(by_name->parameter_name(1), "b");
  auto result = by_name->bind("b", "y").execute();
  ASSERT_TRUE(result.ok());
  for (const Row& row : *result) EXPECT_EQ(row[0].as_int64(), 2);
  EXPECT_FALSE(by_name->bind("nobody", 1).execute().ok());
}

TEST_F(EngineTest, ChangesAndReturning) {
  run("CREATE COLLECTION c");
  EXPECT_EQ(rows("INSERT INTO c {a: 1, b: {x: 2}} RETURNING a, b.x, _id"), "1,2,1");
  EXPECT_EQ(rows("UPDATE c SET b.x = b.x + 1, n = 7 WHERE a = 1 RETURNING b.x, n"), "3,7");
  run("UPDATE c UNSET n");
  EXPECT_EQ(rows("SELECT n, b.x FROM c"), "NULL,3");
  EXPECT_EQ(rows("DELETE FROM c WHERE a = 1 RETURNING a"), "1");
  EXPECT_EQ(rows("SELECT count(*) FROM c"), "0");
  run("CREATE TABLE k (a INTEGER PRIMARY KEY, b TEXT)");
  run("INSERT INTO k VALUES (1, 'x')");
  run("INSERT INTO k VALUES (1, 'y') ON CONFLICT DO NOTHING");
  EXPECT_EQ(rows("SELECT b FROM k"), "x");
  run("INSERT OR REPLACE INTO k VALUES (1, 'z')");
  EXPECT_EQ(rows("SELECT b FROM k"), "z");
}

TEST_F(EngineTest, ReferencesAreFollowed) {
  run("CREATE COLLECTION authors");
  run("CREATE COLLECTION books (title TEXT, author REF(authors))");
  run("INSERT INTO authors {name: 'Ada', country: 'UK'}, {name: 'Bo', country: 'SE'}");
  run("INSERT INTO books (title, author) SELECT 'On ' || a.name, ref(a) FROM authors a");
  EXPECT_EQ(rows("SELECT title FROM books WHERE author.country = 'SE'"), "On Bo");
  EXPECT_EQ(rows("SELECT b.title, a.name FROM books b JOIN authors a ON b.author = a._ref ORDER BY 1"), "On Ada,Ada;On Bo,Bo");
  EXPECT_EQ(error("SELECT author.contry FROM books").hint(), "did you mean country?");
}

}  // namespace
}  // namespace protobase
