// Database, Connection, Transaction and Collection: the public classes over DatabaseState, Session and TransactionState.
#include <chrono>
#include <thread>

#include "db/database_state.h"
#include "db/document.h"
#include "db/session.h"
#include "db/transaction_impl.h"
#include "runtime/base/random.h"

namespace protobase {
namespace {

Result<ResultSet> run(const std::shared_ptr<Session>& session, std::string_view text, const Parameters& parameters) {
  PROTO_RETURN_IF_ERROR(session->database()->check_open());
  PROTO_ASSIGN_OR_RETURN(auto source, session->database()->engine().run(session, text, parameters));
  return ResultSet(std::move(source));
}

/// Reads a result to its end, for its effects.
Result<uint64_t> finish(Result<ResultSet> rows) {
  if (!rows.ok()) return rows.status();
  while (rows->next_chunk() != nullptr) {
  }
  PROTO_RETURN_IF_ERROR(Status(rows->status()));
  return rows->changes();
}

Result<PreparedStatement> prepare_in(const std::shared_ptr<Session>& session, std::string_view text) {
  PROTO_RETURN_IF_ERROR(session->database()->check_open());
  PROTO_ASSIGN_OR_RETURN(auto statement, session->database()->engine().prepare(session, text));
  return PreparedStatement(session, std::move(statement));
}

Result<Explanation> explain_in(const std::shared_ptr<Session>& session, std::string_view text, Explain what) {
  PROTO_RETURN_IF_ERROR(session->database()->check_open());
  PROTO_ASSIGN_OR_RETURN(std::string plan, session->database()->engine().explain(session, text, what));
  return Explanation(std::move(plan));
}

}  // namespace

std::string_view version() { return "0.1.0"; }

namespace detail {

bool wait_before_retry(int attempt) {
  constexpr int kMostAttempts = 100;
  if (attempt >= kMostAttempts) return false;
  thread_local proto::Random random(std::hash<std::thread::id>{}(std::this_thread::get_id()));
  const int64_t most = std::min(50 << std::min(attempt, 8), 10'000);
  std::this_thread::sleep_for(std::chrono::microseconds(random.between(0, most)));
  return true;
}

}  // namespace detail

Status does_not_convert(ObjectId id, std::string_view attribute) {
  return Status(StatusCode::kType, "attribute '" + std::string(attribute) + "' of object " + std::to_string(id.value) +
                                       " does not convert to its C++ member");
}

// ---- Database --------------------------------------------------------------------------------------------------------

Result<Database> Database::open(std::string_view path, const OpenOptions& options) {
  PROTO_ASSIGN_OR_RETURN(auto state, DatabaseState::open(path, options));
  return Database(std::move(state));
}

Database::Database(std::shared_ptr<DatabaseState> state) : state_(std::move(state)) {}

Transaction Database::begin(TransactionOptions options) {
  auto session = std::make_shared<Session>(state_);
  auto transaction = state_->begin(options);
  if (!transaction.ok()) return Transaction(std::move(session), transaction.status());
  session->set_transaction(*transaction);
  session->set_pinned(true);
  return Transaction(std::move(session), *std::move(transaction));
}

Connection Database::connect() { return Connection(std::make_shared<Session>(state_)); }

Result<ResultSet> Database::query(std::string_view text, const Parameters& parameters) {
  return run(std::make_shared<Session>(state_), text, parameters);
}
Result<uint64_t> Database::execute(std::string_view text, const Parameters& parameters) {
  return finish(query(text, parameters));
}
Result<PreparedStatement> Database::prepare(std::string_view text) { return prepare_in(std::make_shared<Session>(state_), text); }
Result<Explanation> Database::explain(std::string_view text, Explain what) {
  return explain_in(std::make_shared<Session>(state_), text, what);
}

Status Database::sync() { return state_->sync(); }
Status Database::checkpoint() { return state_->checkpoint(); }
Status Database::check() { return state_->check(); }
Status Database::close() { return state_->close(); }
DatabaseStatistics Database::statistics() const { return state_->statistics(); }
std::vector<CollectionDescription> Database::describe() const { return state_->describe(); }
const std::string& Database::path() const { return state_->path(); }
bool Database::is_read_only() const { return state_->is_read_only(); }

// ---- Connection ------------------------------------------------------------------------------------------------------

Connection::Connection(std::shared_ptr<Session> session) : session_(std::move(session)) {}

Result<ResultSet> Connection::query(std::string_view text, const Parameters& parameters) { return run(session_, text, parameters); }
Result<uint64_t> Connection::execute(std::string_view text, const Parameters& parameters) {
  return finish(query(text, parameters));
}
Result<PreparedStatement> Connection::prepare(std::string_view text) { return prepare_in(session_, text); }
Result<Explanation> Connection::explain(std::string_view text, Explain what) { return explain_in(session_, text, what); }
bool Connection::in_transaction() const { return session_->transaction() != nullptr; }
void Connection::interrupt() { session_->interrupt(); }

Result<Transaction> Connection::transaction(TransactionOptions options) {
  if (in_transaction()) return Status(StatusCode::kInvalidState, "a transaction is open on this connection already");
  PROTO_ASSIGN_OR_RETURN(auto state, session_->begin(options));
  auto session = std::make_shared<Session>(session_->database());
  session->set_transaction(state);
  session->set_pinned(true);
  return Transaction(std::move(session), std::move(state));
}

// ---- Transaction -----------------------------------------------------------------------------------------------------

Transaction::Transaction(std::shared_ptr<Session> session, std::shared_ptr<TransactionState> state)
    : session_(std::move(session)), state_(std::move(state)) {}
Transaction::Transaction(std::shared_ptr<Session> session, Status failed)
    : session_(std::move(session)), failed_(std::move(failed)) {}
Transaction::Transaction(Transaction&&) noexcept = default;

Transaction& Transaction::operator=(Transaction&& other) noexcept {
  if (this == &other) return *this;
  rollback();
  session_ = std::move(other.session_);
  state_ = std::move(other.state_);
  failed_ = std::move(other.failed_);
  return *this;
}

Transaction::~Transaction() { rollback(); }

Status Transaction::check_open() const {
  PROTO_RETURN_IF_ERROR(Status(failed_));
  return is_open() ? Status() : Status(StatusCode::kInvalidState, "the transaction has ended");
}

Collection Transaction::collection(std::string_view name) { return Collection(session_, std::string(name)); }

Result<ResultSet> Transaction::query(std::string_view text, const Parameters& parameters) {
  PROTO_RETURN_IF_ERROR(check_open());
  return run(session_, text, parameters);
}
Result<uint64_t> Transaction::execute(std::string_view text, const Parameters& parameters) {
  return finish(query(text, parameters));
}
Result<PreparedStatement> Transaction::prepare(std::string_view text) {
  PROTO_RETURN_IF_ERROR(check_open());
  return prepare_in(session_, text);
}
Result<Explanation> Transaction::explain(std::string_view text, Explain what) {
  PROTO_RETURN_IF_ERROR(check_open());
  return explain_in(session_, text, what);
}

bool Transaction::is_open() const { return state_ != nullptr && state_->is_open(); }

Status Transaction::commit() {
  PROTO_RETURN_IF_ERROR(check_open());
  session_->set_transaction(nullptr);
  return state_->commit();
}

void Transaction::rollback() {
  if (!is_open()) return;
  session_->set_transaction(nullptr);
  state_->rollback();
}

// ---- Collection ------------------------------------------------------------------------------------------------------

Collection::Collection(std::shared_ptr<Session> session, std::string name) : session_(std::move(session)), name_(std::move(name)) {}

namespace {

Result<std::shared_ptr<TransactionState>> open_transaction(const std::shared_ptr<Session>& session) {
  if (session->transaction() == nullptr) return Status(StatusCode::kInvalidState, "the transaction has ended");
  return session->transaction();
}

Result<CollectionId> find_collection(const TransactionState& transaction, std::string_view name) {
  if (const auto definition = transaction.catalog()->find(name)) return definition->id;
  return Status(StatusCode::kNotFound, "there is no collection '" + std::string(name) + "'");
}

/// The collection, made when it does not exist yet.
Result<CollectionId> ensure_collection(TransactionState& transaction, const std::string& name) {
  if (const auto definition = transaction.catalog()->find(name)) return definition->id;
  CollectionDefinition definition;
  definition.name = name;
  return transaction.create_collection(std::move(definition));
}

}  // namespace

Result<ObjectId> Collection::insert(const Value& object) {
  PROTO_ASSIGN_OR_RETURN(auto transaction, open_transaction(session_));
  PROTO_ASSIGN_OR_RETURN(const CollectionId id, ensure_collection(*transaction, name_));
  return transaction->insert(id, encode(object.view()));
}

Result<uint64_t> Collection::append(std::span<const ValueView> objects) {
  PROTO_ASSIGN_OR_RETURN(auto transaction, open_transaction(session_));
  PROTO_ASSIGN_OR_RETURN(const CollectionId id, ensure_collection(*transaction, name_));
  const uint64_t mark = transaction->mark();
  std::string document;
  for (const ValueView& object : objects) {
    document.clear();
    encode(object, document);
    auto inserted = transaction->insert(id, document);
    if (inserted.ok()) continue;
    PROTO_RETURN_IF_ERROR(transaction->rollback_to(mark));
    return inserted.status();
  }
  return objects.size();
}

Status Collection::replace(ObjectId id, const Value& object) {
  PROTO_ASSIGN_OR_RETURN(auto transaction, open_transaction(session_));
  PROTO_ASSIGN_OR_RETURN(const CollectionId collection, find_collection(*transaction, name_));
  return transaction->replace(collection, id, encode(object.view()));
}

Status Collection::update(ObjectId id, const Object& changes) {
  PROTO_ASSIGN_OR_RETURN(auto transaction, open_transaction(session_));
  PROTO_ASSIGN_OR_RETURN(const CollectionId collection, find_collection(*transaction, name_));
  std::vector<AttributeChange> list;
  for (const auto& [name, value] : changes.attributes()) {
    PROTO_ASSIGN_OR_RETURN(Path path, Path::parse(name));
    list.push_back({std::move(path), value, false});
  }
  return transaction->update(collection, id, list);
}

Status Collection::erase(ObjectId id) {
  PROTO_ASSIGN_OR_RETURN(auto transaction, open_transaction(session_));
  PROTO_ASSIGN_OR_RETURN(const CollectionId collection, find_collection(*transaction, name_));
  return transaction->erase(collection, id);
}

Result<ObjectView> Collection::get(ObjectId id) const {
  PROTO_ASSIGN_OR_RETURN(auto transaction, open_transaction(session_));
  PROTO_ASSIGN_OR_RETURN(const CollectionId collection, find_collection(*transaction, name_));
  PROTO_ASSIGN_OR_RETURN(const std::string document, transaction->get(collection, id));
  if (document.empty()) {
    return Status(StatusCode::kNotFound, "there is no object " + std::to_string(id.value) + " in '" + name_ + "'");
  }
  return ObjectView(id, Value(decode_trusted(document)));
}

Result<Ref> Collection::reference(ObjectId id) const {
  PROTO_ASSIGN_OR_RETURN(auto transaction, open_transaction(session_));
  PROTO_ASSIGN_OR_RETURN(const CollectionId collection, find_collection(*transaction, name_));
  return Ref{collection, id};
}

Result<uint64_t> Collection::count() const {
  PROTO_ASSIGN_OR_RETURN(auto transaction, open_transaction(session_));
  PROTO_ASSIGN_OR_RETURN(const CollectionId collection, find_collection(*transaction, name_));
  PROTO_ASSIGN_OR_RETURN(const CollectionView view, transaction->read(collection));
  return view.count();
}

Result<ResultSet> Collection::where(std::string_view condition, const Parameters& parameters) const {
  std::string quoted = "\"";
  for (char c : name_) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  quoted += "\"";
  const std::string text = "SELECT this._id AS id, this AS object FROM " + quoted + " AS this WHERE " + std::string(condition);
  return run(session_, text, parameters);
}

}  // namespace protobase
