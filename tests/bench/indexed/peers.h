// The peers of the indexed benchmark: SQLite in this process, CPython's list comprehension in a child process.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/indexed/rows.h"

namespace protobase::bench {

/// What one round of queries took.
struct RoundTime {
  uint64_t queries = 0;
  double wall_seconds = 0;
  double cpu_seconds = 0;
};

/// Gives the answers to a set's queries, from the first on until all are done or `limit_seconds` are over.
using RunRound = std::function<RoundTime(const QuerySet& set, double limit_seconds, std::vector<Answer>& answers)>;

/// A way of answering queries, timed as a whole.
struct Contestant {
  std::string engine;  // "protobase", "sqlite", "cpython"
  std::string form;    // "text", "prepared", "api", "list comprehension"
  bool indexed = false;
  RunRound run;
};

double wall_seconds_now();
double cpu_seconds_now();

/// A round of queries that are answered one by one in this process.
RunRound one_by_one(std::function<void(const Query&, Answer&)> answer);

/// An SQLite database in memory with the rows.
class SqlitePeer {
 public:
  static std::unique_ptr<SqlitePeer> create(const std::vector<Item>& items);
  virtual ~SqlitePeer() = default;
  virtual void create_indexes() = 0;
  virtual void drop_indexes() = 0;
  /// Lets SQLite look at the distribution of values, as its manual advises after building indexes.
  virtual void analyze() = 0;
  virtual uint64_t memory_bytes() const = 0;
  virtual double load_seconds() const = 0;
  virtual std::vector<Contestant> contestants(bool indexed) = 0;
};

/// A python3 process that holds the rows in a list of dictionaries and times itself. Null when there is no python3.
class PythonPeer {
 public:
  static std::unique_ptr<PythonPeer> create(const std::vector<Item>& items, const std::vector<QuerySet>& sets);
  ~PythonPeer();
  Contestant contestant();

 private:
  PythonPeer() = default;
  RoundTime run(const QuerySet& set, double limit_seconds, std::vector<Answer>& answers);
  pid_t child_ = -1;
  FILE* to_child_ = nullptr;
  FILE* from_child_ = nullptr;
};

}  // namespace protobase::bench
