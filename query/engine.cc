#include "query/engine.h"

#include "query/parser/parser.h"

namespace protobase::query {
namespace {

Value value_of(const parser::ExtractedLiteral& literal) {
  switch (literal.kind) {
    case parser::ExtractedKind::kInteger: return Value(literal.integer);
    case parser::ExtractedKind::kDouble: return Value(literal.real);
    case parser::ExtractedKind::kString: return Value(literal.string);
  }
  return Value();
}

/// Runs what does not come as the last result of a script.
Status drain(ResultSource& source) {
  ResultChunk chunk;
  for (;;) {
    PROTO_ASSIGN_OR_RETURN(const bool more, source.next(chunk));
    if (!more) return Status();
  }
}

ast::ExplainStage stage_of(Explain what) {
  switch (what) {
    case Explain::kAst: return ast::ExplainStage::kAst;
    case Explain::kBound: return ast::ExplainStage::kBound;
    case Explain::kLogical: return ast::ExplainStage::kLogical;
    case Explain::kPhysical: return ast::ExplainStage::kPhysical;
    case Explain::kAnalyze: return ast::ExplainStage::kAnalyze;
  }
  return ast::ExplainStage::kDefault;
}

}  // namespace

// ---- the cache -------------------------------------------------------------------------------------------------------------

std::shared_ptr<PreparedPlan> PlanCache::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->second;
}

void PlanCache::insert(const std::string& key, std::shared_ptr<PreparedPlan> statement) {
  const std::lock_guard lock(mutex_);
  if (by_key_.count(key) != 0) return;
  entries_.emplace_front(key, std::move(statement));
  by_key_.emplace(entries_.front().first, entries_.begin());
  if (entries_.size() <= capacity_) return;
  by_key_.erase(entries_.back().first);
  entries_.pop_back();
}

size_t PlanCache::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

// ---- the chain -------------------------------------------------------------------------------------------------------------
// text -> fingerprint -> cached statement, or parser -> statement
//      -> its plan, or binder -> logical -> rules -> physical (compiler.cc)
//      -> executor -> rows

Result<std::unique_ptr<ResultSource>> Engine::run(const std::shared_ptr<Session>& session, std::string_view text, const Parameters& parameters) {
  thread_local parser::Fingerprint shape;
  parser::fingerprint(text, &shape);
  const std::shared_ptr<PreparedPlan> statement = shape.cacheable ? find_or_parse(text, shape) : nullptr;
  if (statement == nullptr) return run_script(session, text, parameters);
  PROTO_ASSIGN_OR_RETURN(std::vector<Value> values, statement->slot_values(parameters));
  values.reserve(values.size() + shape.literals.size());
  for (const parser::ExtractedLiteral& literal : shape.literals) values.push_back(value_of(literal));
  auto result = statement->execute(session, std::move(values));
  // An error names a place in the text that was first seen in this shape: find the place in this one.
  if (!result.ok() && result.status().span() != nullptr) return run_script(session, text, parameters);
  return result;
}

std::shared_ptr<PreparedPlan> Engine::find_or_parse(std::string_view text, const parser::Fingerprint& shape) {
  if (auto known = cache_.find(shape.key)) return known;
  auto parsed = parser::parse_one(text, {.literals_as_parameters = true});
  if (!parsed.ok() || (*parsed)->extracted_count != shape.literals.size()) return nullptr;
  auto statement = std::make_shared<PreparedPlan>(*std::move(parsed), std::string(text), savepoints_);
  cache_.insert(shape.key, statement);
  return statement;
}

Result<std::unique_ptr<ResultSource>> Engine::run_script(const std::shared_ptr<Session>& session, std::string_view text, const Parameters& parameters) {
  PROTO_ASSIGN_OR_RETURN(std::vector<ast::StatementPtr> statements, parser::parse(text));
  std::unique_ptr<ResultSource> last = make_done();
  for (ast::StatementPtr& statement : statements) {
    PROTO_RETURN_IF_ERROR(drain(*last));
    last.reset();
    PreparedPlan prepared(std::move(statement), std::string(text), savepoints_);
    PROTO_ASSIGN_OR_RETURN(last, prepared.execute(session, parameters));
  }
  return last;
}

Result<std::shared_ptr<CompiledStatement>> Engine::prepare(const std::shared_ptr<Session>& session, std::string_view text) {
  PROTO_ASSIGN_OR_RETURN(ast::StatementPtr statement, parser::parse_one(text));
  auto prepared = std::make_shared<PreparedPlan>(std::move(statement), std::string(text), savepoints_);
  PROTO_RETURN_IF_ERROR(prepared->prepare(session));
  return std::shared_ptr<CompiledStatement>(std::move(prepared));
}

Result<std::string> Engine::explain(const std::shared_ptr<Session>& session, std::string_view text, Explain what) {
  PROTO_ASSIGN_OR_RETURN(const ast::StatementPtr statement, parser::parse_one(text));
  const auto* explain = ast::as_if<ast::Explain>(statement.get());
  const ast::Statement& explained = explain == nullptr ? *statement : *explain->statement;
  return explain_statement(session, explained, text, stage_of(what), ast::ExplainFormat::kText, {});
}

}  // namespace protobase::query

namespace protobase {

std::unique_ptr<QueryEngine> make_query_engine() { return std::make_unique<query::Engine>(); }

size_t complete_statement_length(std::string_view text) { return parser::complete_statement_length(text); }

}  // namespace protobase
