// Conditions that the database itself can decide, without the query layer: those of partial indexes. The query layer
// translates a WHERE clause into one, or refuses the index.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "db/document.h"
#include "db/value.h"

namespace protobase {

/// A tree of comparisons of attributes with constants, under SQL's three-valued logic. Value type; any thread.
struct Predicate {
  enum class Operation : uint8_t {
    kAnd = 1, kOr = 2, kNot = 3,
    kIsNull = 4,          // path is absent or null
    kEqual = 5, kNotEqual = 6, kLess = 7, kLessEqual = 8, kGreater = 9, kGreaterEqual = 10,  // path, value
    kIn = 11,             // path, value is an array
    kIsTrue = 12,         // path alone, as a condition
  };
  Operation operation = Operation::kAnd;
  Path path;
  Value value;
  std::vector<Predicate> operands;

  enum class Truth : uint8_t { kFalse, kTrue, kUnknown };
  /// Decides for one object. O(size of the predicate).
  Truth decide(const ValueView& object) const;
  bool accepts(const ValueView& object) const { return decide(object) == Truth::kTrue; }

  void encode(std::string& out) const;
  /// Safe on hostile bytes; advances `bytes`. kCorruption.
  static Result<Predicate> decode(std::string_view& bytes);
  bool operator==(const Predicate&) const = default;
};

}  // namespace protobase
