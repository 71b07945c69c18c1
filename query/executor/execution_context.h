// What one run of a plan shares among its operators and expressions.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>

#include "db/catalog.h"
#include "query/binder/expression.h"
#include "query/executor/functions.h"
#include "query/executor/key_index.h"
#include "query/executor/like.h"

namespace protobase {
class Session;
class TransactionState;
}  // namespace protobase

namespace protobase::query {

struct OperatorStatistics;

/// Follows references: implemented over the transaction's views (object_reader.h).
class ReferenceFollower {
 public:
  virtual ~ReferenceFollower() = default;
  /// The value at `steps` of the object that `ref` names; none when there is no such object. It is valid until `arena` is
  /// reset or the transaction ends.
  virtual Status follow(Ref ref, std::span<const Path::Step> steps, Arena& arena, ValueView& out) = 0;
};

/// What a subquery gave.
struct SubqueryResult {
  bool exists = false;
  bool many = false;              // more than one row
  Value first;                    // first column of the first row
  std::vector<Value> values;      // first column of all rows, when asked for
  KeyTable keys;                  // the same as equality keys, NULLs left out
  bool has_null = false;
};

/// Runs subqueries of expressions, each once for each set of outer values.
class SubqueryRunner {
 public:
  enum class Use : uint8_t { kExists, kScalar, kAll };
  virtual ~SubqueryRunner() = default;
  /// Valid until the next call.
  virtual Result<const SubqueryResult*> run(const PlannedSubquery& subquery, Use use, std::span<const ValueView> outer) = 0;
};

/// What an expression computes once for a run: a compiled pattern, a hashed list.
struct ExpressionState {
  std::optional<Pattern> pattern;
  std::string pattern_text;
  KeyTable keys;
  bool has_null = false;
};

struct ExecutionContext {
  const Session* session = nullptr;           // null where only constants are evaluated, as all that follow
  TransactionState* transaction = nullptr;
  const Catalog* catalog = nullptr;
  ReferenceFollower* references = nullptr;
  SubqueryRunner* subqueries = nullptr;
  std::span<const Value> parameters;
  std::map<uint32_t, OperatorStatistics>* statistics = nullptr;
  std::unordered_map<const Expression*, ExpressionState> states;

  /// kCancelled when the session was interrupted. Called at least once a chunk.
  Status check_interrupt() const;
  /// The same moment for the whole run.
  Timestamp now();
  proto::Random& random();

 private:
  std::optional<Timestamp> now_;
  std::optional<proto::Random> random_;
};

}  // namespace protobase::query
