#include <span>
#include <string_view>

#include "db/protobase.h"

namespace protobase {

std::span<const std::string_view> query_keywords() {
  static constexpr std::string_view kKeywords[] = {
      "ABORT", "ACTION", "ADD", "ALL", "ALTER", "ANALYZE", "AND", "ANTI", "ANY", "ARRAY", "AS", "ASC", "AST", "BEGIN",
      "BETWEEN", "BOTH", "BOUND", "BY", "CASCADE", "CASE", "CAST", "CHECK", "CHECKPOINT", "COLLATE", "COLLECTION",
      "COLLECTIONS", "COLUMN", "COMMIT", "COMMITTED", "CONFLICT", "CONSTRAINT", "CONTAINS", "CREATE", "CROSS", "CUBE",
      "CURRENT", "DATA", "DATABASE", "DATE", "DEFAULT", "DEFERRED", "DELETE", "DESC", "DESCRIBE", "DISTINCT", "DO",
      "DROP", "ELSE", "END", "ESCAPE", "EXCEPT", "EXCLUDE", "EXCLUSIVE", "EXISTS", "EXPLAIN", "EXTRACT", "FAIL",
      "FALSE", "FETCH", "FILTER", "FIRST", "FOLLOWING", "FOR", "FOREIGN", "FROM", "FULL", "GLOB", "GROUP", "GROUPING",
      "GROUPS", "HAVING", "IF", "IGNORE", "ILIKE", "IMMEDIATE", "IN", "INCLUDE", "INDEX", "INDEXES", "INNER",
      "INSERT", "INTERSECT", "INTERVAL", "INTO", "IS", "ISNULL", "ISOLATION", "JOIN", "KEY", "LAST", "LATERAL",
      "LEADING", "LEFT", "LEVEL", "LIKE", "LIMIT", "LOGICAL", "MISSING", "NATURAL", "NEXT", "NO", "NOT", "NOTHING",
      "NOTNULL", "NULL", "NULLS", "OF", "OFFSET", "ON", "ONLY", "OR", "ORDER", "ORDINALITY", "OTHERS", "OUTER",
      "OVER", "PARTITION", "PHYSICAL", "PLAN", "POSITION", "PRECEDING", "PRECISION", "PRIMARY", "QUERY", "RANGE",
      "READ", "RECURSIVE", "REFERENCES", "REGEXP", "REINDEX", "RELEASE", "RENAME", "REPEATABLE", "REPLACE", "RESET",
      "RESTRICT", "RETURNING", "RIGHT", "ROLLBACK", "ROLLUP", "ROW", "ROWS", "SAVEPOINT", "SELECT", "SEMI",
      "SERIALIZABLE", "SET", "SETS", "SHOW", "SIMILAR", "SNAPSHOT", "SNAPSHOTS", "SOME", "START", "SUBSTRING",
      "TABLE", "TABLES", "TEMP", "TEMPORARY", "THEN", "TIES", "TIME", "TIMESTAMP", "TO", "TRAILING", "TRANSACTION",
      "TRIM", "TRUE", "TYPE", "UNBOUNDED", "UNCOMMITTED", "UNION", "UNIQUE", "UNKNOWN", "UNSET", "UPDATE", "USING",
      "VACUUM", "VALUE", "VALUES", "VARYING", "VIEW", "VIEWS", "WHEN", "WHERE", "WINDOW", "WITH", "WITHOUT", "WORK",
      "WRITE", "ZONE",
  };
  return kKeywords;
}

}  // namespace protobase
