#include "query/parser/fingerprint.h"

#include <gtest/gtest.h>

#include <chrono>
#include <iostream>

#include "query/ast/printer.h"
#include "query/parser/parser.h"
#include "tests/parser/statements.h"

namespace protobase::parser {
namespace {

Fingerprint of(std::string_view text) {
  Fingerprint out;
  fingerprint(text, &out);
  return out;
}

TEST(Fingerprint, LiteralsBlanksAndCaseDoNotMatter) {
  const char* same[][2] = {
      {"SELECT a FROM t WHERE b = 1", "select a  from t\n where b=2 -- x\n;"},
      {"SELECT a FROM t WHERE b = 'x' LIMIT 5", "SELECT a FROM t WHERE b='it''s' /* c */ limit 17"},
      {"INSERT INTO t VALUES (1, 2.5, 'x')", "insert into t values(7,1e3,'')"},
      {"UPDATE t SET a = 1, b = 'x' WHERE c = -5", "UPDATE t SET a = 2, b = 'yy' WHERE c = - 6"},
      {"INSERT INTO c {a: 1, b: ['x']}", "INSERT INTO c {a: 99, b: ['yyy']}"},
      {"SELECT a FROM t WHERE b IN (SELECT 1 FROM u WHERE c = 4) AND d = 5",
       "SELECT a FROM t WHERE b IN (SELECT 1 FROM u WHERE c = 8) AND d = 9"},
  };
  for (const auto& pair : same) {
    EXPECT_TRUE(of(pair[0]).cacheable) << pair[0];
    EXPECT_EQ(of(pair[0]).key, of(pair[1]).key);
    EXPECT_EQ(of(pair[0]).literals.size(), of(pair[1]).literals.size());
  }
}

TEST(Fingerprint, WhatChangesTheMeaningStays) {
  const char* different[][2] = {
      {"SELECT a FROM t ORDER BY 1", "SELECT a FROM t ORDER BY 2"},
      {"SELECT a FROM t GROUP BY 1", "SELECT a FROM t GROUP BY 2"},
      {"SELECT 1", "SELECT 2"},
      {"SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE b = 1.0"},
      {"SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE b = '1'"},
      {"SELECT a FROM t WHERE b[0] = 1", "SELECT a FROM t WHERE b[1] = 1"},
      {"SELECT a FROM t WHERE b::numeric(5, 2) = 1", "SELECT a FROM t WHERE b::numeric(6, 2) = 1"},
      {"SELECT a FROM t WHERE CAST(b AS varchar(5)) = 'x'", "SELECT a FROM t WHERE CAST(b AS varchar(6)) = 'x'"},
      {"SELECT a FROM t WHERE b = DATE '2024-01-01'", "SELECT a FROM t WHERE b = DATE '2024-01-02'"},
      {"SELECT a FROM t WHERE b -> 'k' = 1", "SELECT a FROM t WHERE b -> 'l' = 1"},
      {"SELECT a FROM t WHERE b = 1", "SELECT A FROM t WHERE b = 1"},
      {"SELECT a FROM t WHERE b = TRUE", "SELECT a FROM t WHERE b = FALSE"},
      {"SELECT a + 1 FROM t", "SELECT a+1 FROM t"},
      {"INSERT INTO c {'a': 1}", "INSERT INTO c {'b': 1}"},
      {"INSERT INTO c {Select: 1}", "INSERT INTO c {select: 1}"},
      {"SELECT a FROM t WHERE b = - -1", "SELECT a FROM t WHERE b = -1"},
      {"SELECT a FROM t WHERE a = \"b\"", "SELECT a FROM t WHERE a = b"},
      {"SELECT a FROM t WHERE a = 'b'", "SELECT a FROM t WHERE a = \"b\""},
      {"SELECT a FROM t WHERE a < -b", "SELECT a FROM t WHERE a <-> b"},
      {"SELECT a FROM t WHERE x = 99999999999999999999", "SELECT a FROM t WHERE x = 99999999999999999998"},
      {"SELECT set, 5 FROM t", "SELECT set, 6 FROM t"},
  };
  for (const auto& pair : different) {
    EXPECT_TRUE(of(pair[0]).cacheable && of(pair[1]).cacheable) << pair[0];
    EXPECT_NE(of(pair[0]).key, of(pair[1]).key) << pair[0];
  }
}

TEST(Fingerprint, ValuesAreDecoded) {
  const Fingerprint found =
      of("SELECT a FROM t WHERE b = 7 AND c > 2.5 AND d = 'it''s' AND e = 'plain' AND f = E'\\n'");
  ASSERT_EQ(found.literals.size(), 5u);
  EXPECT_EQ(found.literals[0].integer, 7);
  EXPECT_EQ(found.literals[1].real, 2.5);
  EXPECT_EQ(found.literals[2].string, "it's");
  EXPECT_EQ(found.literals[3].string, "plain");
  EXPECT_EQ(found.literals[4].string, "\n");
  EXPECT_EQ(found.literals[1].kind, ExtractedKind::kDouble);
}

TEST(Fingerprint, OnlyWholeSingleChangesAndQueriesAreCacheable) {
  for (const char* text : {"CREATE TABLE t (a INT)", "BEGIN", "SELECT 1; SELECT 2", "SELECT 'x", "", "SELECT (1",
                           "SELECT 1)", "EXPLAIN SELECT 1", "SELECT ^"}) {
    EXPECT_FALSE(of(text).cacheable) << text;
  }
  EXPECT_TRUE(of("SELECT 1;").cacheable);
}

TEST(Fingerprint, AgreesWithTheParserOnEveryStatement) {
  const char* more[] = {
      "SELECT a FROM t WHERE b LIKE 'x%' ESCAPE '!' AND c BETWEEN 1 AND 2 AND d IN (1, 2, 'x') OR NOT e = -1.5",
      "SELECT a FROM t WHERE f(1, 'x', [1, 2], {k: 5, 'l':6}) = 3 LIMIT 4 OFFSET 5",
      "SELECT a FROM t WHERE EXTRACT('year' FROM d) = 2024 AND SUBSTRING(s FROM 2 FOR 3) = 'x' AND x = 9",
      "SELECT a FROM t WHERE b IS DISTINCT FROM 5 AND c IS NOT 6 AND INTERVAL 3 DAY < d AND TRIM(BOTH 'x' FROM e) = "
      "'y'",
      "SELECT a FROM t JOIN u ON t.x = 5 WHERE b = CASE WHEN c = 1 THEN 'x' ELSE 'y' END GROUP BY 1 HAVING count(*) > "
      "2",
      "WITH x AS (SELECT 1 FROM t WHERE a = 2) UPDATE t SET a = 3, b[0] = 'x' FROM x WHERE c = 4 RETURNING 5",
      "INSERT INTO t (a, b) VALUES (1, -2), (?, 'x') ON CONFLICT (a) DO UPDATE SET a = 5 WHERE t.b = 6 RETURNING 7",
      "INSERT INTO c {a: 1, 'b': 'x', c: [1, {d: 2.5}]}, {a: (SELECT 5 FROM t WHERE q = 6)}",
      "SELECT a FROM t WHERE POSITION('x' IN b) > 0 AND b[1:2] = [1] AND c->'d'->>'e' = 'f' AND g::numeric(5) = 1 "
      "LIMIT 5, 6",
      "DELETE FROM t WHERE a NOT IN (VALUES (1), (2)) AND EXISTS (SELECT 1 FROM u WHERE x = 'y' ORDER BY 1 LIMIT 1)",
      "SELECT a FROM t WHERE b = 1 UNION SELECT 2 FROM u WHERE c = 3 ORDER BY 1 LIMIT 4",
      "SELECT a FROM t WHERE sum(1) OVER (ROWS 5 PRECEDING) = 1 AND list_filter(l, x -> x > 5) = [6]",
  };
  const auto check = [](const char* text) {
    auto plain = parse_one(text);
    auto extracted = parse_one(text, {.literals_as_parameters = true});
    ASSERT_TRUE(plain.ok() && extracted.ok()) << extracted.status().render(text);
    const Fingerprint found = of(text);
    EXPECT_EQ((*extracted)->extracted_count, found.literals.size()) << text << "\n"
                                                                    << ast::to_s_expression(**extracted);
    // Extracted parameters print as what they were, so the trees are the same but for them.
    EXPECT_EQ(ast::to_sql(**plain), ast::to_sql(**extracted)) << text;
    if (!found.cacheable) EXPECT_TRUE(found.literals.empty());
  };
  for (const char* text : kStatements) check(text);
  for (const char* text : more) check(text);
}

TEST(Fingerprint, TakesWellUnderAMicrosecond) {
  const std::string_view text =
      "SELECT p.name, p.price FROM products p WHERE p.price BETWEEN 10 AND 200 AND p.maker = 'Desks' LIMIT 10";
  Fingerprint out;
  fingerprint(text, &out);
  ASSERT_EQ(out.literals.size(), 4u);
  double best = 1e9;
  for (int round = 0; round < 50; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 1000; ++i) fingerprint(text, &out);
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count() / 1000);
  }
  std::cout << "the fingerprint of " << text.size() << " bytes takes " << best << " ns\n";
  EXPECT_LT(best, 20000);
}

}  // namespace
}  // namespace protobase::parser
