// EXPLAIN: every stage of the chain as text.
#include <cstdio>

#include "query/ast/printer.h"
#include "query/commands.h"
#include "query/compiler.h"
#include "query/executor/executor.h"
#include "query/planner/plan_printer.h"

namespace protobase::query {
namespace {

std::string milliseconds(std::chrono::nanoseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f ms", static_cast<double>(time.count()) / 1e6);
  return text;
}

std::string note_of(const OperatorStatistics& statistics) {
  std::string text = std::to_string(statistics.rows) + " rows, " + milliseconds(statistics.time);
  if (statistics.ids > 0) text += ", " + std::to_string(statistics.ids) + " ids";
  if (statistics.blocks > 0) text += ", " + std::to_string(statistics.blocks) + " blocks";
  if (statistics.blocks_skipped > 0) text += ", " + std::to_string(statistics.blocks_skipped) + " skipped";
  if (statistics.lists_probed > 0) text += ", " + std::to_string(statistics.lists_probed) + " lists probed";
  if (statistics.candidates_scanned > 0) text += ", " + std::to_string(statistics.candidates_scanned) + " candidates scanned";
  return statistics.note.empty() ? text : text + ", " + statistics.note;
}

Status drain(ResultSource& source) {
  ResultChunk chunk;
  for (;;) {
    PROTO_ASSIGN_OR_RETURN(const bool more, source.next(chunk));
    if (!more) return Status();
  }
}

std::string rules_text(const std::vector<RuleReport>& rules, std::chrono::nanoseconds total) {
  std::string text = "planned in " + milliseconds(total) + ":";
  for (const RuleReport& rule : rules) text += " " + std::string(rule.name) + (rule.disabled ? " off" : " " + milliseconds(rule.time));
  return text + "\n";
}

}  // namespace

Result<std::string> explain_statement(const std::shared_ptr<Session>& session, const ast::Statement& statement, std::string_view text,
                                      ast::ExplainStage stage, ast::ExplainFormat format, const std::vector<Value>& parameters) {
  if (stage == ast::ExplainStage::kAst) return ast::to_s_expression(statement) + "\n";
  std::string out;
  const auto work = [&](const std::shared_ptr<TransactionState>& transaction) -> Result<std::unique_ptr<ResultSource>> {
    const auto disabled = session->settings().find("disabled_rules");
    const std::string rules = disabled == session->settings().end() ? std::string() : std::string(disabled->second.as_string());
    Stages stages;
    const auto start = std::chrono::steady_clock::now();
    PROTO_ASSIGN_OR_RETURN(const auto plan, compile({statement, text, *transaction, parameters, rules}, &stages));
    const auto planned = std::chrono::steady_clock::now() - start;
    PlanNote note;
    PlanStatistics statistics;
    if (stage == ast::ExplainStage::kAnalyze) {
      PROTO_ASSIGN_OR_RETURN(auto source, execute(plan->root, {session, transaction, parameters, &statistics}));
      PROTO_RETURN_IF_ERROR(drain(*source));
      note = [&](const PhysicalNode& node) { return note_of(statistics[node.id]); };
    }
    if (stage == ast::ExplainStage::kBound) out = stages.bound;
    else if (stage == ast::ExplainStage::kLogical) out = stages.logical;
    else if (format == ast::ExplainFormat::kJson) out = plan_json(*plan->root, *plan->catalog, note) + "\n";
    else out = plan_text(*plan->root, *plan->catalog, note);
    if (stage == ast::ExplainStage::kAnalyze && format == ast::ExplainFormat::kText) out += rules_text(stages.rules, planned);
    return make_done();
  };
  if (stage == ast::ExplainStage::kAnalyze && statement.kind != ast::StatementKind::kQuery) {
    PROTO_RETURN_IF_ERROR(run_in_transaction(*session, 0, work).status());
    return out;
  }
  std::shared_ptr<TransactionState> transaction = session->transaction();
  if (transaction == nullptr) {
    PROTO_ASSIGN_OR_RETURN(transaction, session->begin({.read_only = true}));
  }
  PROTO_RETURN_IF_ERROR(work(transaction).status());
  return out;
}

}  // namespace protobase::query
