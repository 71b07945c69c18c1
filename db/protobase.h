// ProtoBase: an embedded, transactional object database with SQL and vector search. The public C++ interface.
//
//   Result<Database> opened = Database::open("shop.pdb");
//   Database db = *std::move(opened);
//   auto id = db.transact([&](Transaction& tx) -> Result<ObjectId> {
//     return tx.collection("products").insert(Object{{"name", "Desk"}, {"price", 129.0}});
//   });
//   for (const Row& row : *db.query("SELECT name FROM products WHERE price < ?", 200)) ...
//
// Threads: a Database may be used by any number of threads at once. Everything made from it (Transaction, Connection,
// Collection, PreparedStatement, ResultSet) is used by one thread at a time.
// Errors: no exceptions; Status and Result<T> (runtime/base/status.h). Query errors carry the span of text and a hint.
// Lifetime: handles share ownership of the database; it closes when the last one goes.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "db/aggregate.h"
#include "db/value.h"
#include "runtime/base/ids.h"
#include "runtime/base/status.h"

namespace protobase {

using proto::CommitId;
using proto::IndexId;

class DatabaseState;     // db/database_state.h
class TransactionState;  // db/transaction_state.h
class Session;           // db/session.h
class ResultSource;      // db/query_engine.h
class CompiledStatement; // db/query_engine.h

/// The library's version, "0.1.0".
std::string_view version();

/// What a concurrent transaction may have changed under this one.
enum class Isolation : uint8_t {
  kSnapshot,      // reads one snapshot; a write to an object that another transaction changed since is a conflict
  kSerializable,  // as if transactions ran one after the other; asked for but not offered yet: begin reports it
};

/// When commit returns.
enum class Durability : uint8_t {
  kSync,   // after the log is on disk (concurrent commits share one sync)
  kAsync,  // after the commit is visible; on disk soon, in commit order, never in part
};

struct TransactionOptions {
  Isolation isolation = Isolation::kSnapshot;
  Durability durability = Durability::kSync;
  bool read_only = false;
};

struct OpenOptions {
  bool read_only = false;          // others may write meanwhile; shows the last checkpoint and the log at the time of opening
  bool create_if_missing = true;
  uint64_t checkpoint_log_bytes = 64ull << 20;  // a checkpoint starts by itself when the log has grown by this much; 0: never
  void* file_system = nullptr;     // storage::FileSystem* to use instead of the operating system's (tests)
};

/// One object as a query or a collection shows it: attributes are read where they are stored, when asked for.
/// Valid as long as the transaction or the result set that gave it.
class ObjectView {
 public:
  ObjectView() = default;
  ObjectView(ObjectId id, Value document) : id_(id), document_(std::move(document)) {}
  ObjectId id() const { return id_; }
  /// An attribute; none when absent.
  ValueView operator[](std::string_view name) const { return document_.view()[name]; }
  /// A path such as "size.w"; none when a step is absent.
  ValueView at(std::string_view path) const { return document_.at(path); }
  /// The whole object as a value that outlives the transaction.
  const Value& value() const { return document_; }
  std::string to_json() const { return document_.to_json(); }

 private:
  ObjectId id_;
  Value document_;
};

/// A column of a result: its name and its kind when that is known before the query runs (else kNone).
struct ResultColumn {
  std::string name;
  Kind kind = Kind::kNone;
};

/// Rows of a result, column by column: `columns[c][r]`. Valid until the next chunk is asked for.
struct ResultChunk {
  size_t row_count = 0;
  std::vector<std::span<const ValueView>> columns;
};

/// One row of a result. Valid until the result moves on.
class Row {
 public:
  Row(const ResultChunk* chunk, const std::vector<ResultColumn>* names, size_t index)
      : chunk_(chunk), names_(names), index_(index) {}
  size_t size() const { return chunk_->columns.size(); }
  /// Column by position; none when out of range.
  ValueView operator[](size_t column) const { return column < size() ? chunk_->columns[column][index_] : ValueView(); }
  ValueView operator[](int column) const { return (*this)[static_cast<size_t>(column)]; }
  /// Column by name (first match); none when there is no such column.
  ValueView operator[](std::string_view name) const;

 private:
  const ResultChunk* chunk_;
  const std::vector<ResultColumn>* names_;
  size_t index_;
};

/// The rows of a query, computed as they are read. An error in the middle ends the rows: ask `status()` after reading.
class ResultSet {
 public:
  ResultSet();
  explicit ResultSet(std::unique_ptr<ResultSource> source);
  ResultSet(ResultSet&&) noexcept;
  ResultSet& operator=(ResultSet&&) noexcept;
  ~ResultSet();

  const std::vector<ResultColumn>& columns() const;
  /// The next rows as columns, or null at the end or after an error.
  const ResultChunk* next_chunk();
  /// Whether reading met an error (cancelled, overflow, I/O).
  const Status& status() const { return status_; }
  /// Objects inserted, updated or deleted by the statement; known once it has run.
  uint64_t changes() const;
  /// True when the statement gives rows (SELECT, EXPLAIN, RETURNING ...), even if none came.
  bool has_rows() const { return !columns().empty(); }

  class iterator {
   public:
    explicit iterator(ResultSet* set) : set_(set) { advance_chunk(); }
    iterator() = default;
    Row operator*() const { return Row(chunk_, &set_->columns(), index_); }
    iterator& operator++() {
      if (++index_ >= chunk_->row_count) advance_chunk();
      return *this;
    }
    bool operator!=(const iterator& other) const { return chunk_ != other.chunk_; }
    bool operator==(const iterator& other) const { return chunk_ == other.chunk_; }

   private:
    void advance_chunk() {
      index_ = 0;
      do chunk_ = set_->next_chunk();
      while (chunk_ != nullptr && chunk_->row_count == 0);
    }
    ResultSet* set_ = nullptr;
    const ResultChunk* chunk_ = nullptr;
    size_t index_ = 0;
  };
  iterator begin() { return iterator(this); }
  iterator end() { return iterator(); }

 private:
  std::unique_ptr<ResultSource> source_;
  ResultChunk chunk_;
  Status status_;
};

/// Values for `?`, `?1`, `$1` (positions from 1) and `:name`, `$name` (names without the mark).
class Parameters {
 public:
  Parameters() = default;
  template <class... Arguments>
    requires(!(std::is_same_v<std::remove_cvref_t<Arguments>, Parameters> || ...))
  explicit Parameters(Arguments&&... arguments) : positional_{Value(std::forward<Arguments>(arguments))...} {}
  /// Position from 1; grows as needed.
  void set(size_t position, Value value);
  void set(std::string_view name, Value value);
  const std::vector<Value>& positional() const { return positional_; }
  const std::vector<std::pair<std::string, Value>>& named() const { return named_; }
  void clear() { positional_.clear(), named_.clear(); }

 private:
  std::vector<Value> positional_;
  std::vector<std::pair<std::string, Value>> named_;
};

/// A statement parsed and planned once, executed often. Planned again by itself when the schema has changed.
class PreparedStatement {
 public:
  PreparedStatement(std::shared_ptr<Session> session, std::shared_ptr<CompiledStatement> statement);
  /// Position from 1, or name without its mark. Values stay bound until changed.
  PreparedStatement& bind(size_t position, Value value);
  PreparedStatement& bind(std::string_view name, Value value);
  void clear_bindings() { parameters_.clear(); }
  /// Runs with the bound values; parameters that were not bound are none.
  Result<ResultSet> execute();
  const std::vector<ResultColumn>& columns() const;
  size_t parameter_count() const;
  /// The name of parameter `position` (from 1), empty when it has none.
  std::string_view parameter_name(size_t position) const;

 private:
  std::shared_ptr<Session> session_;
  std::shared_ptr<CompiledStatement> statement_;
  Parameters parameters_;
};

/// What `explain` shows.
enum class Explain : uint8_t { kAst, kBound, kLogical, kPhysical, kAnalyze };

/// A plan as text, one line an operator.
class Explanation {
 public:
  explicit Explanation(std::string text) : text_(std::move(text)) {}
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// A collection inside one transaction. Cheap to make and copy.
class Collection {
 public:
  Collection(std::shared_ptr<Session> session, std::string name);
  const std::string& name() const { return name_; }
  /// Adds an object (an Object, or a Value of kind object) and gives its id: the next one, or that of an integer attribute
  /// `_id` above 0, which is not stored. The collection is made when it does not exist.
  /// Errors: kType and kConstraint when it does not fit the declared attributes or a unique index.
  Result<ObjectId> insert(const Value& object);
  /// Adds many objects (kind kObject, borrowed until the call returns) with consecutive fresh ids, in order: all or none of
  /// them. Gives their number. The fast way to load.
  Result<uint64_t> append(std::span<const ValueView> objects);
  /// Replaces the whole object. kNotFound when there is none.
  Status replace(ObjectId id, const Value& object);
  /// Sets attributes (paths such as "size.w" too); a none removes nothing, it stores an explicit null. kNotFound when absent.
  Status update(ObjectId id, const Object& changes);
  Status update(ObjectId id, std::initializer_list<std::pair<std::string_view, Value>> changes) {
    return update(id, Object(changes));
  }
  /// Removes an object. kNotFound when there is none.
  Status erase(ObjectId id);
  /// The object, kNotFound when there is none. O(log objects).
  Result<ObjectView> get(ObjectId id) const;
  /// A reference to an object of this collection, to be stored in others.
  Result<Ref> reference(ObjectId id) const;
  /// Number of objects. O(1).
  Result<uint64_t> count() const;
  /// Objects that meet a condition in SQL over the attributes (`price < ? ORDER BY name LIMIT 10` may follow), as two
  /// columns: "id" (integer) and "object".
  Result<ResultSet> where(std::string_view condition, const Parameters& parameters) const;
  template <class... Arguments>
  Result<ResultSet> where(std::string_view condition, Arguments&&... arguments) const {
    return where(condition, static_cast<const Parameters&>(Parameters(std::forward<Arguments>(arguments)...)));
  }

 private:
  std::shared_ptr<Session> session_;  // whose transaction this is
  std::string name_;
};

template <class T>
class TypedCollection;

/// A unit of work on one snapshot: it sees what was committed when it began and what it wrote itself.
/// Commit makes all of it visible and durable, or nothing. Dropped without commit, it is rolled back.
class Transaction {
 public:
  Transaction(std::shared_ptr<Session> session, std::shared_ptr<TransactionState> state);
  /// One that could not begin: every call gives `failed`.
  Transaction(std::shared_ptr<Session> session, Status failed);
  Transaction(Transaction&&) noexcept;
  Transaction& operator=(Transaction&&) noexcept;
  ~Transaction();

  Collection collection(std::string_view name);
  /// A collection of C++ aggregates: no base class, macro or generator (db/aggregate.h).
  template <class T>
  TypedCollection<T> collection(std::string_view name);

  template <class... Arguments>
  Result<ResultSet> query(std::string_view text, Arguments&&... arguments) {
    return query(text, static_cast<const Parameters&>(Parameters(std::forward<Arguments>(arguments)...)));
  }
  Result<ResultSet> query(std::string_view text, const Parameters& parameters);
  /// Runs one or more statements to their end and gives the objects changed by the last.
  template <class... Arguments>
  Result<uint64_t> execute(std::string_view text, Arguments&&... arguments) {
    return execute(text, static_cast<const Parameters&>(Parameters(std::forward<Arguments>(arguments)...)));
  }
  Result<uint64_t> execute(std::string_view text, const Parameters& parameters);
  Result<PreparedStatement> prepare(std::string_view text);
  Result<Explanation> explain(std::string_view text, Explain what = Explain::kPhysical);

  /// kConflict (retryable) when another transaction changed the same objects first. After any error the transaction is over.
  Status commit();
  void rollback();
  bool is_open() const;

 private:
  Status check_open() const;
  std::shared_ptr<Session> session_;
  std::shared_ptr<TransactionState> state_;
  Status failed_;
};

/// A conversation in SQL: `BEGIN ... COMMIT` spans statements, settings last. One transaction at a time; outside of one,
/// each statement is its own transaction.
class Connection {
 public:
  explicit Connection(std::shared_ptr<Session> session);
  template <class... Arguments>
  Result<ResultSet> query(std::string_view text, Arguments&&... arguments) {
    return query(text, static_cast<const Parameters&>(Parameters(std::forward<Arguments>(arguments)...)));
  }
  Result<ResultSet> query(std::string_view text, const Parameters& parameters);
  template <class... Arguments>
  Result<uint64_t> execute(std::string_view text, Arguments&&... arguments) {
    return execute(text, static_cast<const Parameters&>(Parameters(std::forward<Arguments>(arguments)...)));
  }
  Result<uint64_t> execute(std::string_view text, const Parameters& parameters);
  Result<PreparedStatement> prepare(std::string_view text);
  Result<Explanation> explain(std::string_view text, Explain what = Explain::kPhysical);
  /// The open transaction's collection, or one of a transaction of its own per call when none is open.
  bool in_transaction() const;
  /// Ends the running statement of this connection with kCancelled, soon. From any thread (a signal handler too).
  void interrupt();
  /// The open transaction for direct use of collections; begins one when none is open.
  Result<Transaction> transaction(TransactionOptions options = {});

 private:
  std::shared_ptr<Session> session_;
};

/// What a database holds and has done.
struct DatabaseStatistics {
  uint64_t collections = 0;
  uint64_t objects = 0;
  uint64_t indexes = 0;
  uint64_t commits = 0;       // since it was opened
  uint64_t checkpoints = 0;   // since it was opened
  uint64_t log_bytes = 0;     // not yet covered by a checkpoint
  uint64_t file_bytes = 0;
  uint64_t node_bytes = 0;    // blocks and nodes in memory
  uint64_t snapshots = 0;     // open transactions and results
  CommitId newest;
};

/// One index of a collection, described.
struct IndexDescription {
  std::string name;
  std::string definition;  // as SQL
  uint64_t entries = 0;
  bool is_constraint = false;  // part of its collection's definition (PRIMARY KEY, UNIQUE)
};

/// One collection, described for shells and tools.
struct CollectionDescription {
  std::string name;
  std::string definition;  // as SQL
  uint64_t objects = 0;
  struct Attribute {
    std::string name;
    std::string type;  // declared or seen, "text", "integer | real", "vector(128)"
    bool declared = false;
  };
  std::vector<Attribute> attributes;
  std::vector<IndexDescription> indexes;
};

/// An open database. A cheap handle: copies share it. Thread-safe.
class Database {
 public:
  /// `path` is a file name, ":memory:" or "file:NAME?mode=ro". The log stands beside it as NAME-wal.
  /// Errors: kLocked (names the holder), kCorruption, kIoError, kNotFound, kUnsupported (newer format).
  static Result<Database> open(std::string_view path, const OpenOptions& options = {});
  explicit Database(std::shared_ptr<DatabaseState> state);

  Transaction begin(TransactionOptions options = {});
  /// Runs `work` in a transaction, commits it when `work` succeeds, and tries again on conflict (with growing pauses).
  /// `work` returns a Status or a Result<T>; that is what transact returns, or the commit's error.
  template <class Work>
  auto transact(Work&& work, TransactionOptions options = {}) -> std::invoke_result_t<Work, Transaction&>;

  Connection connect();
  /// One statement in a transaction of its own.
  template <class... Arguments>
  Result<ResultSet> query(std::string_view text, Arguments&&... arguments) {
    return query(text, static_cast<const Parameters&>(Parameters(std::forward<Arguments>(arguments)...)));
  }
  Result<ResultSet> query(std::string_view text, const Parameters& parameters);
  template <class... Arguments>
  Result<uint64_t> execute(std::string_view text, Arguments&&... arguments) {
    return execute(text, static_cast<const Parameters&>(Parameters(std::forward<Arguments>(arguments)...)));
  }
  Result<uint64_t> execute(std::string_view text, const Parameters& parameters);
  Result<PreparedStatement> prepare(std::string_view text);
  Result<Explanation> explain(std::string_view text, Explain what = Explain::kPhysical);

  /// Waits until everything committed so far is on disk.
  Status sync();
  /// Writes what changed since the last checkpoint into the file and recycles the log. Commits go on meanwhile.
  Status checkpoint();
  /// Checks every invariant of trees, indexes, catalog and space; kCorruption with what was found.
  Status check();
  /// Ends the database for all handles: waits for the log, checkpoints, releases the lock. Later calls give kInvalidState.
  Status close();
  DatabaseStatistics statistics() const;
  std::vector<CollectionDescription> describe() const;
  const std::string& path() const;
  bool is_read_only() const;

 private:
  std::shared_ptr<DatabaseState> state_;
};

/// Number of bytes of `text` up to and with the ';' that ends its first statement (outside strings, comments and quoted
/// names), or 0 when no statement is complete yet. For shells. Any thread, O(text).
size_t complete_statement_length(std::string_view text);
/// The keywords of the query language, in capitals, sorted. For completion in shells.
std::span<const std::string_view> query_keywords();

namespace detail {
/// Sleeps for a short random time that grows with `attempt` (from 0); false when it is time to give up.
bool wait_before_retry(int attempt);
}  // namespace detail

template <class Work>
auto Database::transact(Work&& work, TransactionOptions options) -> std::invoke_result_t<Work, Transaction&> {
  for (int attempt = 0;; ++attempt) {
    Transaction transaction = begin(options);
    auto outcome = work(transaction);
    Status error;
    if constexpr (std::is_same_v<decltype(outcome), Status>) {
      error = outcome;
    } else {
      error = outcome.status();
    }
    if (error.ok()) error = transaction.commit();
    if (error.ok()) return outcome;
    transaction.rollback();
    if (!error.retryable() || !detail::wait_before_retry(attempt)) return error;
  }
}

}  // namespace protobase

#include "db/typed_collection.h"  // IWYU pragma: export
