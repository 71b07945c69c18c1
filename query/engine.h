// The query engine of a database: text in, rows out, with a cache of plans by the shape of the text.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "db/query_engine.h"
#include "query/commands.h"
#include "query/parser/fingerprint.h"
#include "query/statement.h"

namespace protobase::query {

/// Statements by fingerprint; the least recently used one goes when it is full. Thread-safe.
class PlanCache {
 public:
  explicit PlanCache(size_t capacity) : capacity_(capacity) {}
  /// Null when the key is not known. O(1).
  std::shared_ptr<PreparedPlan> find(const std::string& key);
  void insert(const std::string& key, std::shared_ptr<PreparedPlan> statement);
  size_t size() const;

 private:
  using Entry = std::pair<std::string, std::shared_ptr<PreparedPlan>>;
  const size_t capacity_;
  mutable std::mutex mutex_;  // guards what follows
  std::list<Entry> entries_;  // most recent first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key_;  // keys live in entries_
};

class Engine final : public QueryEngine {
 public:
  Result<std::shared_ptr<CompiledStatement>> prepare(const std::shared_ptr<Session>& session, std::string_view text) override;
  Result<std::unique_ptr<ResultSource>> run(const std::shared_ptr<Session>& session, std::string_view text, const Parameters& parameters) override;
  Result<std::string> explain(const std::shared_ptr<Session>& session, std::string_view text, Explain what) override;

  const PlanCache& cache() const { return cache_; }

 private:
  static constexpr size_t kCachedStatements = 1024;
  Result<std::unique_ptr<ResultSource>> run_script(const std::shared_ptr<Session>& session, std::string_view text, const Parameters& parameters);
  std::shared_ptr<PreparedPlan> find_or_parse(std::string_view text, const parser::Fingerprint& shape);

  PlanCache cache_{kCachedStatements};
  SavepointTable savepoints_;
};

}  // namespace protobase::query
