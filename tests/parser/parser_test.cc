#include "query/parser/parser.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <iostream>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>

#include "query/ast/printer.h"
#include "runtime/base/random.h"
#include "tests/parser/statements.h"

namespace protobase::parser {
namespace {

using ast::to_s_expression;
using ast::to_sql;

std::string tree(std::string_view text) {
  auto result = parse_one(text);
  return result.ok() ? to_s_expression(**result) : result.status().render(text);
}

/// The tree of the first item of SELECT `expression`.
std::string expression_tree(const std::string& expression) {
  auto result = parse_one("SELECT " + expression);
  if (!result.ok()) return result.status().render("SELECT " + expression);
  const auto& query = *ast::as<ast::QueryStatement>(**result).query;
  return to_s_expression(*ast::as<ast::Select>(*query.body).items[0].expression);
}

TEST(Parser, EveryStatementParsesAndPrintsBackToTheSameTree) {
  const Statistics before = statistics();
  for (const char* text : kStatements) {
    auto first = parse_one(text);
    ASSERT_TRUE(first.ok()) << first.status().render(text);
    const std::string printed = to_sql(**first);
    auto second = parse_one(printed);
    ASSERT_TRUE(second.ok()) << text << "\nprinted as\n" << second.status().render(printed);
    EXPECT_EQ(to_s_expression(**first), to_s_expression(**second)) << text << "\nprinted as\n" << printed;
    EXPECT_EQ((*first)->parameters.size(), (*second)->parameters.size()) << text;
  }
  EXPECT_EQ(statistics().fallbacks, before.fallbacks);
}

TEST(Parser, SpansCoverTheStatement) {
  auto result = parse("  SELECT 1 ; ;; DELETE FROM t -- end\n");
  ASSERT_TRUE(result.ok());
  ASSERT_EQ(result->size(), 2u);
  EXPECT_EQ((*result)[0]->span.offset, 2u);
  EXPECT_EQ((*result)[0]->span.length, 8u);
  EXPECT_EQ((*result)[1]->span.offset, 16u);
  EXPECT_EQ((*result)[1]->span.length, 13u);
}

TEST(Parser, Precedence) {
  EXPECT_EQ(expression_tree("1 + 2 * 3 - 4"), "(- (+ 1 (* 2 3)) 4)");
  EXPECT_EQ(expression_tree("-2 * 3"), "(* (- 2) 3)");
  EXPECT_EQ(expression_tree("- a.b[0]"), "(- (path a b (at 0)))");
  EXPECT_EQ(expression_tree("-5::text"), "(- (cast 5 (type 8)))");
  EXPECT_EQ(expression_tree("'a' || 1 + 2"), "(|| 'a' (+ 1 2))");
  EXPECT_EQ(expression_tree("a || b = c || d"), "(= (|| (path a) (path b)) (|| (path c) (path d)))");
  EXPECT_EQ(expression_tree("a OR b AND NOT c = d"), "(OR (path a) (AND (path b) (NOT (= (path c) (path d)))))");
  EXPECT_EQ(expression_tree("NOT a IS NULL"), "(NOT (is NULL (path a)))");
  EXPECT_EQ(expression_tree("NOT (NULL) NOT IN (1)"), "(NOT (not_in null (row 1)))");
  EXPECT_EQ(expression_tree("a BETWEEN 1 AND 2 AND b"), "(AND (between (path a) 1 2) (path b))");
  EXPECT_EQ(expression_tree("a BETWEEN b BETWEEN 1 AND 2 AND 3"), "(between (path a) (between (path b) 1 2) 3)");
  EXPECT_EQ(expression_tree("a NOT BETWEEN 1 + 1 AND 2 OR c"), "(OR (not_between (path a) (+ 1 1) 2) (path c))");
  EXPECT_EQ(expression_tree("a = b IS NULL"), "(is NULL (= (path a) (path b)))");
  EXPECT_EQ(expression_tree("a < b = c"), "(= (< (path a) (path b)) (path c))");
  EXPECT_EQ(expression_tree("x <-> y < 5"), "(< (<-> (path x) (path y)) 5)");
  EXPECT_EQ(expression_tree("a LIKE 'x' || 'y' ESCAPE '!' AND b"),
            "(AND (LIKE (path a) (|| 'x' 'y') (escape '!')) (path b))");
  EXPECT_EQ(expression_tree("a -> 'b' ->> 'c' = 'd'"), "(= (->> (-> (path a) 'b') 'c') 'd')");
  EXPECT_EQ(expression_tree("a AND (b AND c) AND d"), "(AND (path a) (AND (path b) (path c)) (path d))");
  EXPECT_EQ(expression_tree("- - + - 5"), "(- (- (+ (- 5))))");
  EXPECT_EQ(expression_tree("5 NOT NULL"), "(is_not NULL 5)");
}

TEST(Parser, Literals) {
  EXPECT_EQ(expression_tree("'it''s'"), "'it''s'");
  EXPECT_EQ(expression_tree("E'a\\n\\x41\\u00e9\\'q'''"), "'a\nA\xC3\xA9''q'''");
  EXPECT_EQ(expression_tree("x'0aFF'"), "x'0AFF'");
  EXPECT_EQ(expression_tree("0x10"), "16");
  EXPECT_EQ(expression_tree("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(expression_tree("1.50"), "1.5d");
  EXPECT_EQ(expression_tree(".5e-2"), "0.005d");
  EXPECT_EQ(expression_tree("INTERVAL 3 DAYS"), "(INTERVAL '3 days')");
  EXPECT_EQ(expression_tree("interval"), "(path interval)");
  EXPECT_EQ(expression_tree("\"a\"\"b\""), "(path \"a\"\"b\")");
  auto result = parse_one("SELECT 9223372036854775808");
  ASSERT_TRUE(result.ok());
  const auto& query = *ast::as<ast::QueryStatement>(**result).query;
  const auto& literal = ast::as<ast::Literal>(*ast::as<ast::Select>(*query.body).items[0].expression);
  EXPECT_EQ(literal.literal, ast::LiteralKind::kBigInteger);
  EXPECT_EQ(parse_one("SELECT 1e999").status().code(), proto::StatusCode::kRange);
  EXPECT_FALSE(parse_one("SELECT E'\\q'").ok());
  EXPECT_FALSE(parse_one("SELECT x'0'").ok());
}

TEST(Parser, ParametersGetSlots) {
  auto result = parse_one("SELECT ?, :a, ?5, $a, ?, @b");
  ASSERT_TRUE(result.ok());
  const std::vector<std::string> expected = {"", "a", "", "", "", "", "b"};
  EXPECT_EQ((*result)->parameters, expected);
  EXPECT_EQ(tree("SELECT ?2, ?"), "(query (select (items (parameter 1) (parameter 2))))");
  EXPECT_EQ(parse_one("SELECT ?0").status().code(), proto::StatusCode::kRange);
  EXPECT_EQ(parse_one("SELECT ?99999").status().code(), proto::StatusCode::kRange);
}

TEST(Parser, WordsThatAreKeywordsOnlyInTheirPlace) {
  EXPECT_EQ(expression_tree("value FROM t"), "(path value)");
  EXPECT_EQ(tree("SELECT VALUE x FROM t"), "(query (select value (items (path x)) (from (collection t))))");
  EXPECT_EQ(expression_tree("contains(a, 'x')"), "(call contains (path a) 'x')");
  EXPECT_EQ(expression_tree("a CONTAINS ('x')"), "(CONTAINS (path a) 'x')");
  EXPECT_EQ(expression_tree("NOT contains(a, b)"), "(NOT (call contains (path a) (path b)))");
  EXPECT_EQ(expression_tree("position"), "(path position)");
  EXPECT_EQ(expression_tree("o.select.from"), "(path o select from)");
  EXPECT_EQ(expression_tree("{select: 1, from:x}"), "(object (member select 1) (member from (path x)))");
  EXPECT_EQ(tree("SELECT 1 FROM set WHERE set.set = 1"),
            "(query (select (items 1) (from (collection set)) (where (= (path set set) 1))))");
  EXPECT_EQ(tree("SELECT a FROM t ORDER BY contains(a, 1)"),
            "(query (select (items (path a)) (from (collection t))) (order_by (asc (call contains (path a) 1))))");
  EXPECT_EQ(tree("SELECT 1 FROM t semi JOIN u ON 1"),
            "(query (select (items 1) (from (join SEMI (collection t) (collection u) (on 1)))))");
}

TEST(Parser, EveryWordThatIsNotReservedIsAName) {
  for (const char* word :
       {"key",   "date",    "text",     "status", "category", "lists",     "recall",     "name",    "type",
        "index", "view",    "begin",    "commit", "data",     "first",     "last",       "level",   "rows",
        "range", "read",    "snapshot", "start",  "time",     "timestamp", "interval",   "array",   "filter",
        "over",  "replace", "set",      "value",  "row",      "exists",    "extract",    "trim",    "if",
        "nulls", "plan",    "query",    "zone",   "work",     "for",       "of",         "by",      "do",
        "no",    "delete",  "update",   "insert", "drop",     "explain",   "collection", "database"}) {
    const std::string name = word;
    EXPECT_EQ(expression_tree(name), "(path " + name + ")");
    EXPECT_EQ(expression_tree("t." + name), "(path t " + name + ")");
    EXPECT_TRUE(parse_one("SELECT a AS " + name + " FROM " + name + " WHERE " + name + " = 1").ok()) << name;
    EXPECT_TRUE(parse_one("SELECT a FROM t ORDER BY " + name).ok()) << name;
    EXPECT_TRUE(parse_one("CREATE TABLE " + name + " (" + name + " INT)").ok()) << name;
    EXPECT_TRUE(parse_one("INSERT INTO t (" + name + ") VALUES (1)").ok()) << name;
    EXPECT_TRUE(parse_one("UPDATE t SET " + name + " = 1").ok()) << name;
  }
}

struct ErrorCase {
  const char* text;
  const char* rendered;
};

TEST(Parser, ErrorsNameThePlaceAndWhatWasMeant) {
  const ErrorCase cases[] = {
      {"SELEC 1;", "syntax error at line 1, column 1: unexpected 'SELEC'\n  SELEC 1;\n  ^^^^^ did you mean SELECT?"},
      {"SELECT a FORM t WHERE b",
       "syntax error at line 1, column 15: unexpected 't'\n  SELECT a FORM t WHERE b\n                ^ did you mean "
       "FROM?"},
      {"SELECT a FROM t WEHRE b = 1",
       "syntax error at line 1, column 23: unexpected 'b'\n  SELECT a FROM t WEHRE b = 1\n                        ^ "
       "did you mean WHERE?"},
      {"SELECT (1 + 2",
       "syntax error at line 1, column 14: unexpected end of text\n  SELECT (1 + 2\n               ^ a ')' is missing"},
      {"SELECT 1 +", "syntax error at line 1, column 11: unexpected end of text\n  SELECT 1 +\n            ^"},
      {"SELECT 'abc", "syntax error at line 1, column 8: a string is not closed\n  SELECT 'abc\n         ^^^^"},
      {"SELECT 12abc", "syntax error at line 1, column 8: a number runs into a name\n  SELECT 12abc\n         ^^^^^"},
      {"SELECT a\nFROM t,\nWHERE x", "syntax error at line 3, column 1: unexpected 'WHERE'\n  WHERE x\n  ^^^^^"},
      {"CREATE TABEL t (a INT)",
       "syntax error at line 1, column 8: unexpected 'TABEL'\n  CREATE TABEL t (a INT)\n         ^^^^^ did you mean "
       "TABLE?"},
  };
  for (const ErrorCase& item : cases) {
    const auto result = parse(item.text);
    ASSERT_FALSE(result.ok()) << item.text;
    EXPECT_EQ(result.status().render(item.text), item.rendered);
  }
}

TEST(Parser, RefusesWhatHasNoMeaning) {
  for (const char* text : {"SELECT",
                           "SELECT * * FROM t",
                           "SELECT a b c",
                           "INSERT INTO t",
                           "SELECT 1 FROM",
                           "UPDATE t",
                           "DELETE t",
                           "SELECT )",
                           "SELECT (",
                           "SELECT f(t.*) + 1",
                           "SELECT 1 LIMIT 1 LIMIT 2",
                           "SELECT ANY (SELECT 1)",
                           "SELECT a.* + 1 FROM t",
                           "SELECT a ESCAPE 'b'",
                           "VALUES (1), (2, 3)",
                           "CREATE UNIQUE TABLE t",
                           "CREATE OR REPLACE INDEX ON t (a)",
                           "SELECT * FROM a CROSS JOIN b ON 1",
                           "SELECT * FROM a LEFT JOIN b",
                           "SELECT VALUE a, b FROM t",
                           "CREATE INDEX ON t USING bogus (a)",
                           "UPDATE t SET (a, b) = (1, 2, 3)",
                           "EXPLAIN EXPLAIN SELECT 1",
                           "SELECT \x01",
                           "SELECT 1; SELECT",
                           "SELECT * AS x FROM t",
                           "SELECT 1 /* open",
                           "SELECT \"\"",
                           "INSERT INTO t (a) {a: 1}"}) {
    const auto result = parse(text);
    EXPECT_FALSE(result.ok()) << text;
    if (result.ok()) continue;
    EXPECT_NE(result.status().span(), nullptr) << text;
  }
  EXPECT_FALSE(parse_one("").ok());
  EXPECT_FALSE(parse_one("SELECT 1; SELECT 2").ok());
  EXPECT_TRUE(parse("")->empty());
}

std::string repeat(std::string_view piece, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) out += piece;
  return out;
}

TEST(Parser, DeepNestingIsRefusedAndNothingOverflows) {
  EXPECT_TRUE(parse_one("SELECT " + repeat("(", 400) + "1" + repeat(")", 400)).ok());
  EXPECT_TRUE(parse_one("SELECT " + repeat("(SELECT ", 150) + "1" + repeat(")", 150)).ok());
  const std::string deep[] = {
      repeat("(", 100000) + "1" + repeat(")", 100000),
      repeat("(SELECT ", 20000) + "1" + repeat(")", 20000),
      repeat("- ", 100000) + "1",
      repeat("NOT ", 100000) + "1",
      repeat("f(1 OR 1 AND 1 = 1 + 1 * ", 20000) + "1" + repeat(")", 20000),
      repeat("[", 100000) + repeat("]", 100000),
      repeat("{a: ", 100000) + "1" + repeat("}", 100000),
      repeat("CASE WHEN ", 100000) + "1" + repeat(" THEN 1 END", 100000),
      repeat("1 BETWEEN ", 100000) + "1" + repeat(" AND 1", 100000),
      repeat("-(", 50000) + "1" + repeat(")", 50000),
      "1" + repeat(" + 1", 5000),
      "a" + repeat("::int", 5000),
      "a::int" + repeat("[]", 5000),
      repeat("(", 100000),
      "1" + repeat(" UNION SELECT 1", 5000),
      "1 FROM a" + repeat(" JOIN a ON 1", 5000),
  };
  for (const std::string& expression : deep) {
    const auto result = parse_one("SELECT " + expression);
    ASSERT_FALSE(result.ok()) << expression.substr(0, 60);
    EXPECT_EQ(result.status().code(), proto::StatusCode::kSyntax);
  }
}

TEST(Parser, LongStatementsAreFine) {
  const std::string text = "SELECT * FROM t WHERE a = 1" + repeat(" OR a = 12345 AND b < 'x'", 40000);
  ASSERT_GT(text.size(), 900000u);
  auto result = parse_one(text);
  ASSERT_TRUE(result.ok()) << result.status().to_string();
  const auto& select = ast::as<ast::Select>(*ast::as<ast::QueryStatement>(**result).query->body);
  EXPECT_EQ(ast::as<ast::Logical>(*select.where).operands.size(), 40001u);
  EXPECT_TRUE(parse_one("INSERT INTO t VALUES (1, 'a')" + repeat(", (2, 'bcd')", 80000)).ok());
}

TEST(Parser, FindsWhereAStatementEnds) {
  EXPECT_EQ(complete_statement_length("SELECT 1; SELECT 2"), 9u);
  EXPECT_EQ(complete_statement_length("SELECT ';' -- ;\n, \";\" /* ; */;x"), 30u);
  EXPECT_EQ(complete_statement_length("SELECT 'abc;"), 0u);
  EXPECT_EQ(complete_statement_length("SELECT /* ;"), 0u);
  EXPECT_EQ(complete_statement_length("SELECT 1"), 0u);
  EXPECT_EQ(complete_statement_length("SELECT E'\\';' ;"), 15u);
  EXPECT_TRUE(is_blank(" -- x\n ; /* y */ "));
  EXPECT_FALSE(is_blank(" 'x"));
}

TEST(Parser, BrokenTextNeverDoesMoreThanFail) {
  const uint64_t seed = static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  SCOPED_TRACE("seed " + std::to_string(seed));
  proto::Random random(seed);
  size_t parsed = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string text = kStatements[random.below(std::size(kStatements))];
    const size_t edits = 1 + random.below(3);
    for (size_t i = 0; i < edits && !text.empty(); ++i) {
      const size_t at = random.below(text.size());
      const std::string other = kStatements[random.below(std::size(kStatements))];
      switch (random.below(4)) {
        case 0: text.erase(at, 1 + random.below(8)); break;
        case 1: text[at] = static_cast<char>(random.below(256)); break;
        case 2: text.insert(at, other.substr(0, 1 + random.below(12))); break;
        default: text.insert(at, other.substr(random.below(other.size()))); break;
      }
    }
    auto result = parse(text);
    if (!result.ok()) {
      ASSERT_NE(result.status().span(), nullptr) << text;
      ASSERT_LE(result.status().span()->offset, text.size()) << text;
      continue;
    }
    for (const auto& statement : *result) {
      ++parsed;
      const std::string printed = to_sql(*statement);
      auto again = parse_one(printed);
      ASSERT_TRUE(again.ok()) << text << "\nprinted as\n" << again.status().render(printed);
      ASSERT_EQ(to_s_expression(*statement), to_s_expression(**again)) << text << "\nprinted as\n" << printed;
    }
  }
  EXPECT_GT(parsed, 100u);
}

TEST(Parser, ThreadsDoNotDisturbOneAnother) {
  std::vector<std::thread> threads;
  std::array<size_t, 4> good{};
  for (size_t t = 0; t < good.size(); ++t) {
    threads.emplace_back([&good, t] {
      for (const char* text : kStatements) good[t] += parse_one(text).ok() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const size_t count : good) EXPECT_EQ(count, std::size(kStatements));
}

TEST(Parser, GeneratedFilesMatchTheGrammar) {
  const std::string folder = std::string(PROTOBASE_SOURCE_DIR) + "/query/parser/";
  const std::string command = "cat '" + folder + "Sql.g4' '" + folder + "internal/tokens.def' | sha256sum";
  FILE* pipe = popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  char digest[65] = {};
  ASSERT_EQ(fread(digest, 1, 64, pipe), 64u);
  pclose(pipe);
  EXPECT_EQ(grammar_hash(), digest) << "run scripts/generate_parser";
}

TEST(Parser, TimeOfATenLineQuery) {
  const std::string text =
      "SELECT c.name, c.address.city, count(*) AS orders, sum(l.price * l.quantity) AS total\n"
      "FROM customers c\n"
      "JOIN orders o ON o.customer = c.id AND o.status <> 'cancelled'\n"
      "LEFT JOIN lines l ON l.order_id = o.id\n"
      "WHERE c.country IN ('PT', 'UY', 'JP') AND o.placed BETWEEN DATE '2024-01-01' AND DATE '2024-12-31'\n"
      "  AND (l.price > 10 OR l.quantity >= 5) AND c.name NOT LIKE 'test%'\n"
      "GROUP BY c.name, c.address.city\n"
      "HAVING sum(l.price * l.quantity) > 1000\n"
      "ORDER BY total DESC, c.name\n"
      "LIMIT 20 OFFSET 40";
  ASSERT_TRUE(parse_one(text).ok());
  double best = 1e9;
  for (int round = 0; round < 20; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(parse_one(text).ok());
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count() / 50);
  }
  std::cout << "a query of ten lines parses in " << best << " us\n";
  EXPECT_LT(best, 5000);
}

}  // namespace
}  // namespace protobase::parser
