#include "query/commands.h"

#include "db/database_state.h"
#include "query/binder/binder.h"
#include "query/compiler.h"
#include "query/executor/executor.h"
#include "query/inspection.h"

namespace protobase::query {
namespace {

class Rows final : public ResultSource {
 public:
  Rows(std::vector<ResultColumn> columns, std::vector<std::vector<Value>> rows, uint64_t changes)
      : columns_(std::move(columns)), rows_(std::move(rows)), changes_(changes) {}
  const std::vector<ResultColumn>& columns() const override { return columns_; }
  uint64_t changes() const override { return changes_; }
  Result<bool> next(ResultChunk& chunk) override {
    if (given_ || rows_.empty()) return false;
    given_ = true;
    views_.resize(columns_.size());
    chunk.columns.clear();
    for (size_t c = 0; c < columns_.size(); ++c) {
      for (const auto& row : rows_) views_[c].push_back(row[c].view());
      chunk.columns.emplace_back(views_[c]);
    }
    chunk.row_count = rows_.size();
    return true;
  }

 private:
  std::vector<ResultColumn> columns_;
  std::vector<std::vector<Value>> rows_;
  std::vector<std::vector<ValueView>> views_;
  uint64_t changes_;
  bool given_ = false;
};

Status bad_state(std::string message, TextSpan span) { return Status(StatusCode::kInvalidState, std::move(message)).with_span(span); }

/// One command in one session.
class Command {
 public:
  Command(const std::shared_ptr<Session>& session, const CommandInput& input) : session_(session), input_(input) {}

  Result<std::unique_ptr<ResultSource>> run() {
    const ast::Statement& statement = input_.statement;
    switch (statement.kind) {
      case ast::StatementKind::kCreateCollection: return define([&](auto& t) { return create_collection(ast::as<ast::CreateCollection>(statement), t); });
      case ast::StatementKind::kCreateIndex: return define([&](auto& t) { return create_index(ast::as<ast::CreateIndex>(statement), *t); });
      case ast::StatementKind::kDrop: return define([&](auto& t) { return drop(ast::as<ast::Drop>(statement), *t); });
      case ast::StatementKind::kBegin: return done(begin(ast::as<ast::Begin>(statement)));
      case ast::StatementKind::kCommit: return done(commit());
      case ast::StatementKind::kRollback: return done(rollback(ast::as<ast::Rollback>(statement)));
      case ast::StatementKind::kSavepoint: return done(savepoint(ast::as<ast::Savepoint>(statement).name));
      case ast::StatementKind::kRelease: return done(release(ast::as<ast::Release>(statement).name));
      case ast::StatementKind::kSet: return done(set(ast::as<ast::Set>(statement)));
      case ast::StatementKind::kMaintenance: return maintain(ast::as<ast::Maintenance>(statement));
      case ast::StatementKind::kShow: return show(*session_, ast::as<ast::Show>(statement));
      case ast::StatementKind::kDescribe: return describe(*session_, ast::as<ast::Describe>(statement));
      case ast::StatementKind::kExplain: return explain(ast::as<ast::Explain>(statement));
      case ast::StatementKind::kCreateView: return not_there("CREATE VIEW");
      case ast::StatementKind::kCreateSnapshot: return not_there("CREATE SNAPSHOT");
      case ast::StatementKind::kAlter: return not_there("ALTER");
      default: return not_there("this statement");
    }
  }

 private:
  Result<std::unique_ptr<ResultSource>> done(Status status) {
    if (!status.ok()) return status;
    return make_done();
  }

  Status not_there(std::string_view what) const {
    return Status(StatusCode::kUnsupported, std::string(what) + " is not supported").with_span(input_.statement.span);
  }

  BindInput bind_input(TransactionState& transaction) const { return {*transaction.catalog(), evaluate_constant, input_.text}; }

  // ---- definitions -----------------------------------------------------------------------------------------------------

  template <class Work>
  Result<std::unique_ptr<ResultSource>> define(const Work& work) {
    return run_in_transaction(*session_, 0, [&](const std::shared_ptr<TransactionState>& transaction) { return done_or_rows(work(transaction)); });
  }

  Result<std::unique_ptr<ResultSource>> done_or_rows(Result<std::unique_ptr<ResultSource>> result) { return result; }
  Result<std::unique_ptr<ResultSource>> done_or_rows(Status status) { return done(std::move(status)); }

  Result<std::unique_ptr<ResultSource>> create_collection(const ast::CreateCollection& create, const std::shared_ptr<TransactionState>& transaction) {
    if (transaction->catalog()->find(create.name.name.name) != nullptr) {
      if (create.if_not_exists) return make_done();
      return Status(StatusCode::kAlreadyExists, "collection '" + create.name.name.name + "' exists already").with_span(create.name.span)
          .with_hint("CREATE ... IF NOT EXISTS, or DROP it first");
    }
    PROTO_ASSIGN_OR_RETURN(CollectionDefinition definition, bind_create_collection(create, bind_input(*transaction)));
    if (create.as_query == nullptr) {
      PROTO_RETURN_IF_ERROR(transaction->create_collection(std::move(definition)).status());
      return make_done();
    }
    return create_from_query(create, std::move(definition), transaction);
  }

  Result<std::unique_ptr<ResultSource>> create_from_query(const ast::CreateCollection& create, CollectionDefinition definition,
                                                          const std::shared_ptr<TransactionState>& transaction) {
    if (!definition.attributes.empty()) return not_there("a column list together with AS");
    auto target = std::make_shared<CollectionDefinition>(definition);
    PROTO_ASSIGN_OR_RETURN(BoundStatement bound, bind_insert_query(*create.as_query, target, bind_input(*transaction)));
    for (const BoundOutput& output : bound.change->source->outputs) {
      const Type& type = (*bound.columns)[output.id].type;
      Attribute attribute;
      attribute.name = output.name;
      attribute.declared = true;
      if (!type.any) attribute.type = type.kind, attribute.dimension = type.dimension;
      attribute.type_text = attribute.type == Kind::kNone ? "" : std::string(kind_name(attribute.type));
      definition.attributes.push_back(std::move(attribute));
    }
    PROTO_ASSIGN_OR_RETURN(const CollectionId id, transaction->create_collection(std::move(definition)));
    bound.change->collection = transaction->catalog()->find(id);
    const std::vector<Value>& parameters = input_.parameters;
    PROTO_ASSIGN_OR_RETURN(const auto plan, compile_bound(bound, {input_.statement, input_.text, *transaction, parameters, ""}));
    return execute(plan->root, {session_, transaction, parameters, nullptr});
  }

  Status create_index(const ast::CreateIndex& create, TransactionState& transaction) {
    if (!create.name.empty() && transaction.catalog()->find_index(create.name.name) != nullptr) {
      if (create.if_not_exists) return Status();
      return Status(StatusCode::kAlreadyExists, "index '" + create.name.name + "' exists already").with_span(create.name.span);
    }
    PROTO_ASSIGN_OR_RETURN(IndexDefinition definition, bind_create_index(create, bind_input(transaction)));
    return transaction.create_index(std::move(definition)).status();
  }

  Status drop(const ast::Drop& drop, TransactionState& transaction) {
    if (drop.what == ast::DropKind::kView || drop.what == ast::DropKind::kSnapshot) return not_there("DROP of this");
    for (const ast::ObjectName& name : drop.names) {
      PROTO_RETURN_IF_ERROR(drop.what == ast::DropKind::kIndex ? drop_index(name, drop.if_exists, transaction)
                                                               : drop_collection(name, drop.if_exists, transaction));
    }
    return Status();
  }

  Status drop_collection(const ast::ObjectName& name, bool if_exists, TransactionState& transaction) {
    const auto definition = transaction.catalog()->find(name.name.name);
    if (definition != nullptr) return transaction.drop_collection(definition->id);
    if (if_exists) return Status();
    return Status(StatusCode::kNotFound, "unknown collection '" + name.name.name + "'").with_span(name.span).with_hint("DROP ... IF EXISTS");
  }

  Status drop_index(const ast::ObjectName& name, bool if_exists, TransactionState& transaction) {
    const IndexDefinition* index = transaction.catalog()->find_index(name.name.name);
    if (index == nullptr) {
      if (if_exists) return Status();
      return Status(StatusCode::kNotFound, "unknown index '" + name.name.name + "'").with_span(name.span).with_hint("SHOW INDEXES lists them");
    }
    if (!index->is_constraint) return transaction.drop_index(index->id);
    return Status(StatusCode::kInvalidArgument, "index '" + index->name + "' belongs to a constraint").with_span(name.span)
        .with_hint("it goes with its collection");
  }

  // ---- transactions ----------------------------------------------------------------------------------------------------

  Status check_own(std::string_view what) const {
    if (session_->transaction() == nullptr) return bad_state("no transaction is open", input_.statement.span);
    if (!session_->is_pinned()) return Status();
    return bad_state("the transaction belongs to a Transaction handle: use its " + std::string(what), input_.statement.span);
  }

  Status begin(const ast::Begin& begin) {
    if (session_->transaction() != nullptr) return bad_state("a transaction is open already", begin.span).with_hint("SAVEPOINT nests");
    TransactionOptions options;
    options.read_only = begin.read_only;
    if (begin.isolation == ast::IsolationLevel::kSerializable) options.isolation = Isolation::kSerializable;
    PROTO_ASSIGN_OR_RETURN(auto transaction, session_->begin(options));
    session_->set_transaction(std::move(transaction));
    return Status();
  }

  std::shared_ptr<TransactionState> take_transaction() {
    std::shared_ptr<TransactionState> transaction = session_->transaction();
    session_->set_transaction(nullptr);
    input_.savepoints.forget(transaction);
    return transaction;
  }

  Status commit() {
    PROTO_RETURN_IF_ERROR(check_own("commit()"));
    return take_transaction()->commit();
  }

  Status rollback(const ast::Rollback& rollback) {
    if (!rollback.savepoint.empty()) {
      if (session_->transaction() == nullptr) return check_own("");
      PROTO_ASSIGN_OR_RETURN(const uint64_t mark, find_savepoint(rollback.savepoint, false));
      return session_->transaction()->rollback_to(mark);
    }
    PROTO_RETURN_IF_ERROR(check_own("rollback()"));
    take_transaction()->rollback();
    return Status();
  }

  Result<uint64_t> find_savepoint(const ast::Identifier& name, bool release) {
    Result<uint64_t> mark = input_.savepoints.find(session_->transaction(), name.name, release);
    if (mark.ok()) return mark;
    return std::move(mark).status().with_span(name.span);
  }

  Status savepoint(const ast::Identifier& name) {
    if (session_->transaction() == nullptr) return check_own("");
    input_.savepoints.set(session_->transaction(), name.name);
    return Status();
  }

  Status release(const ast::Identifier& name) {
    if (session_->transaction() == nullptr) return check_own("");
    return find_savepoint(name, true).status();
  }

  // ---- the rest --------------------------------------------------------------------------------------------------------

  Status set(const ast::Set& set) {
    std::string name = set.name.name;
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (set.value == nullptr) return session_->settings().erase(name), Status();
    const Catalog none;
    PROTO_ASSIGN_OR_RETURN(Value value, bind_constant(*set.value, {none, evaluate_constant, input_.text}));
    PROTO_RETURN_IF_ERROR(check_setting(name, value, set));
    session_->settings()[name] = std::move(value);
    return Status();
  }

  static Status check_setting(const std::string& name, const Value& value, const ast::Set& set) {
    if (name == "probes") return check_probes(value, set);
    if (name != "disabled_rules") {
      return Status(StatusCode::kBinding, "unknown setting '" + name + "'").with_span(set.name.span).with_hint("disabled_rules, probes");
    }
    std::string known, one;
    for (const std::string_view rule : rule_names()) known += (known.empty() ? "" : ", ") + std::string(rule);
    const std::string list = std::string(value.as_string()) + ",";
    for (const char c : list) {
      if (c == ' ') continue;
      if (c != ',') { one += c; continue; }
      if (!one.empty() && (", " + known + ",").find(", " + one + ",") == std::string::npos) {
        return Status(StatusCode::kBinding, "unknown rule '" + one + "'").with_span(set.value->span).with_hint(known);
      }
      one.clear();
    }
    return Status();
  }

  static Status check_probes(const Value& value, const ast::Set& set) {
    if (value.kind() == Kind::kInt && value.as_int64() > 0) return Status();
    return Status(StatusCode::kRange, "probes is a number of lists, 1 or more").with_span(set.value->span);
  }

  Result<std::unique_ptr<ResultSource>> maintain(const ast::Maintenance& maintenance) {
    DatabaseState& database = *session_->database();
    switch (maintenance.what) {
      case ast::MaintenanceKind::kCheckpoint:
      case ast::MaintenanceKind::kVacuum: return done(database.checkpoint());
      case ast::MaintenanceKind::kAnalyze: return make_done();  // the trees know their counts
      case ast::MaintenanceKind::kCheckDatabase: {
        PROTO_RETURN_IF_ERROR(database.check());
        return make_rows({{"check", Kind::kString}}, {{Value("ok")}});
      }
      case ast::MaintenanceKind::kReindex: return define([&](auto& t) { return reindex(maintenance, *t); });
    }
    return not_there("this statement");
  }

  /// Each index is dropped and made again, but those of constraints.
  Status reindex(const ast::Maintenance& maintenance, TransactionState& transaction) {
    const auto catalog = transaction.catalog();
    const std::string& name = maintenance.target.name.name;
    bool found = name.empty();
    for (const auto& [id, collection] : catalog->collections()) {
      for (const auto& index : collection->indexes) {
        const bool wanted = name.empty() || catalog->find(name) == collection || catalog->find_index(name) == index.get();
        found |= wanted;
        if (!wanted || index->is_constraint) continue;
        PROTO_RETURN_IF_ERROR(transaction.drop_index(index->id));
        PROTO_RETURN_IF_ERROR(transaction.create_index(*index).status());
      }
      found |= catalog->find(name) == collection;
    }
    return found ? Status() : Status(StatusCode::kNotFound, "unknown collection or index '" + name + "'").with_span(maintenance.target.span);
  }

  Result<std::unique_ptr<ResultSource>> explain(const ast::Explain& explain) {
    PROTO_ASSIGN_OR_RETURN(const std::string text, explain_statement(session_, *explain.statement, input_.text, explain.stage,
                                                                     explain.format, input_.parameters));
    std::vector<std::vector<Value>> rows;
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size());
      rows.push_back({Value(std::string_view(text).substr(at, end - at))});
      at = end + 1;
    }
    return make_rows({{"plan", Kind::kString}}, std::move(rows));
  }

  const std::shared_ptr<Session>& session_;
  const CommandInput& input_;
};

}  // namespace

std::unique_ptr<ResultSource> make_rows(std::vector<ResultColumn> columns, std::vector<std::vector<Value>> rows, uint64_t changes) {
  return std::make_unique<Rows>(std::move(columns), std::move(rows), changes);
}

std::unique_ptr<ResultSource> make_done() { return make_rows({}, {}); }

Result<std::unique_ptr<ResultSource>> run_command(const std::shared_ptr<Session>& session, const CommandInput& input) {
  return Command(session, input).run();
}

Result<std::unique_ptr<ResultSource>> run_in_transaction(Session& session, int retries, const TransactionWork& work) {
  if (const std::shared_ptr<TransactionState> open = session.transaction()) {
    const uint64_t mark = open->mark();
    auto result = work(open);
    if (!result.ok() && open->is_open()) PROTO_RETURN_IF_ERROR(open->rollback_to(mark));
    return result;
  }
  for (int attempt = 0;; ++attempt) {
    PROTO_ASSIGN_OR_RETURN(const std::shared_ptr<TransactionState> own, session.begin({}));
    auto result = work(own);
    Status status = result.ok() ? own->commit() : result.status();
    if (status.ok()) return result;
    result = status;  // what holds views of the transaction goes before it
    if (own->is_open()) own->rollback();
    if (!status.retryable() || attempt >= retries || !detail::wait_before_retry(attempt)) return status;
  }
}

// ---- savepoints ------------------------------------------------------------------------------------------------------------

void SavepointTable::set(const std::shared_ptr<TransactionState>& transaction, std::string name) {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [](const auto& entry) { return entry.second.transaction.expired(); });
  Entry& entry = entries_[transaction.get()];
  entry.transaction = transaction;
  entry.savepoints.push_back({std::move(name), transaction->mark()});
}

Result<uint64_t> SavepointTable::find(const std::shared_ptr<TransactionState>& transaction, std::string_view name, bool release) {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(transaction.get());
  if (entry != entries_.end() && entry->second.transaction.lock() == transaction) {
    auto& savepoints = entry->second.savepoints;
    for (size_t i = savepoints.size(); i-- > 0;) {
      if (savepoints[i].name != name) continue;
      const uint64_t mark = savepoints[i].mark;
      savepoints.resize(i + (release ? 0 : 1));
      return mark;
    }
  }
  return Status(StatusCode::kNotFound, "no savepoint '" + std::string(name) + "'");
}

void SavepointTable::forget(const std::shared_ptr<TransactionState>& transaction) {
  const std::lock_guard lock(mutex_);
  entries_.erase(transaction.get());
}

}  // namespace protobase::query
