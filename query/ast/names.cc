#include "query/ast/internal/names.h"

namespace protobase::ast {
namespace {

template <class Enum, size_t count>
std::string_view pick(const std::string_view (&names)[count], Enum value) {
  const auto index = static_cast<size_t>(value);
  PROTO_DCHECK(index < count);
  return index < count ? names[index] : std::string_view("?");
}

}  // namespace

std::string_view mark_of(UnaryOperator op) {
  static constexpr std::string_view kNames[] = {"+", "-", "NOT", "~"};
  return pick(kNames, op);
}

std::string_view mark_of(BinaryOperator op) {
  static constexpr std::string_view kNames[] = {
      "+", "-", "*", "/", "%", "||", "&", "|", "<<", ">>", "=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM",
      "IS NOT DISTINCT FROM", "CONTAINS", "@>", "<@", "<->", "<=>", "<#>", "<+>", "->", "->>"};
  return pick(kNames, op);
}

std::string_view word_of(LikeKind kind) {
  static constexpr std::string_view kNames[] = {"LIKE", "ILIKE", "GLOB", "REGEXP", "SIMILAR TO"};
  return pick(kNames, kind);
}

std::string_view word_of(IsTest test) {
  static constexpr std::string_view kNames[] = {"NULL", "MISSING", "TRUE", "FALSE", "UNKNOWN"};
  return pick(kNames, test);
}

std::string_view word_of(FrameUnit unit) {
  static constexpr std::string_view kNames[] = {"ROWS", "RANGE", "GROUPS"};
  return pick(kNames, unit);
}

std::string_view word_of(FrameExclude exclude) {
  static constexpr std::string_view kNames[] = {"NO OTHERS", "CURRENT ROW", "GROUP", "TIES"};
  return pick(kNames, exclude);
}

std::string_view word_of(JoinKind kind) {
  static constexpr std::string_view kNames[] = {"CROSS", "INNER", "LEFT", "RIGHT", "FULL", "SEMI", "ANTI"};
  return pick(kNames, kind);
}

std::string_view word_of(SetOperator op) {
  static constexpr std::string_view kNames[] = {"UNION", "INTERSECT", "EXCEPT"};
  return pick(kNames, op);
}

std::string_view word_of(ReferentialAction action) {
  static constexpr std::string_view kNames[] = {"NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"};
  return pick(kNames, action);
}

std::string_view word_of(ExplainStage stage) {
  static constexpr std::string_view kNames[] = {"", "AST", "BOUND", "LOGICAL", "PHYSICAL", "ANALYZE"};
  return pick(kNames, stage);
}

std::string_view word_of(IndexMethod method) {
  static constexpr std::string_view kNames[] = {"", "btree", "hash", "ivfflat"};
  return pick(kNames, method);
}

std::string_view word_of(DropKind kind) {
  static constexpr std::string_view kNames[] = {"COLLECTION", "INDEX", "VIEW", "SNAPSHOT"};
  return pick(kNames, kind);
}

std::string_view word_of(GroupingKind kind) {
  static constexpr std::string_view kNames[] = {"", "ROLLUP", "CUBE", "GROUPING SETS"};
  return pick(kNames, kind);
}

std::string_view word_of(MaintenanceKind kind) {
  static constexpr std::string_view kNames[] = {"CHECKPOINT", "CHECK DATABASE", "ANALYZE", "VACUUM", "REINDEX"};
  return pick(kNames, kind);
}

std::string_view word_of(ShowKind kind) {
  static constexpr std::string_view kNames[] = {"COLLECTIONS", "INDEXES", "VIEWS", "SNAPSHOTS", "", "ALL"};
  return pick(kNames, kind);
}

std::string_view word_of(LiteralKind kind) {
  static constexpr std::string_view kNames[] = {"NULL",   "boolean", "integer", "integer", "double",   "string",
                                                "blob",   "DATE",    "TIME",    "TIMESTAMP", "INTERVAL"};
  return pick(kNames, kind);
}

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out.push_back(c);
    out.push_back(c);
  }
  out.push_back(quote);
  return out;
}

std::string blob_text(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out = "x'";
  for (const char c : bytes) {
    out.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
    out.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
  }
  return out + "'";
}

}  // namespace protobase::ast
