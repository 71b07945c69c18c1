// What the database asks of the query layer that stands above it. The interfaces are owned here; query/ implements them
// (query/engine.cc defines make_query_engine), so that db/ does not include upwards.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "db/protobase.h"

namespace protobase {

/// Rows being computed. Used by one thread.
class ResultSource {
 public:
  virtual ~ResultSource() = default;
  virtual const std::vector<ResultColumn>& columns() const = 0;
  /// Fills the next rows; false at the end. The spans in `chunk` stay valid until the next call or destruction.
  virtual Result<bool> next(ResultChunk& chunk) = 0;
  /// Objects changed so far; final once `next` has given false.
  virtual uint64_t changes() const { return 0; }
};

/// A statement parsed and bound against one catalog version; re-planned inside when the catalog moved on.
class CompiledStatement {
 public:
  virtual ~CompiledStatement() = default;
  virtual const std::vector<ResultColumn>& columns() const = 0;
  virtual size_t parameter_count() const = 0;
  virtual std::string_view parameter_name(size_t position) const = 0;
  /// Runs in the session's transaction, or in one of its own. A statement that changes data has run to its end on return.
  virtual Result<std::unique_ptr<ResultSource>> execute(const std::shared_ptr<Session>& session,
                                                        const Parameters& parameters) = 0;
};

/// One per database. Thread-safe.
class QueryEngine {
 public:
  virtual ~QueryEngine() = default;
  virtual Result<std::shared_ptr<CompiledStatement>> prepare(const std::shared_ptr<Session>& session,
                                                             std::string_view text) = 0;
  /// The whole chain, through the plan cache when the text's shape is known. One statement; several run to the end one by
  /// one and the last gives the result.
  virtual Result<std::unique_ptr<ResultSource>> run(const std::shared_ptr<Session>& session, std::string_view text,
                                                    const Parameters& parameters) = 0;
  virtual Result<std::string> explain(const std::shared_ptr<Session>& session, std::string_view text, Explain what) = 0;
};

/// Defined by query/engine.cc, as complete_statement_length and query_keywords of protobase.h are.
std::unique_ptr<QueryEngine> make_query_engine();

}  // namespace protobase
