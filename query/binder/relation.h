// Small vocabulary that bound, logical and physical plans share.
#pragma once

#include <cstdint>
#include <string>

#include "db/document.h"
#include "query/binder/expression.h"

namespace protobase::query {

/// A column of a statement: unique in the whole statement, subqueries included, until physical planning makes slots of them.
using ColumnId = uint32_t;
inline constexpr ColumnId kNoColumn = ~ColumnId{0};

struct OutputColumn {
  std::string name;
  Type type;
};

/// What a reading operator takes out of each object.
struct ReadColumn {
  enum class What : uint8_t { kPath, kObject, kId, kReference };  // attribute path (follows references), whole object, ObjectId as integer, Ref to it
  What what = What::kPath;
  Path path;
  bool operator==(const ReadColumn&) const = default;
};

enum class JoinType : uint8_t { kInner, kLeft, kRight, kFull, kSemi, kAnti };

enum class ConflictAction : uint8_t { kError, kNothing, kReplace };

}  // namespace protobase::query
