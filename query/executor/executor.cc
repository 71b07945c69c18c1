#include "query/executor/executor.h"

#include "query/executor/operator.h"
#include "query/executor/subquery_runner.h"

namespace protobase::query {
namespace {

bool changes_data(PhysicalKind kind) {
  return kind == PhysicalKind::kInsert || kind == PhysicalKind::kUpdate || kind == PhysicalKind::kDelete;
}

/// A run of a plan, as the caller reads it.
class Execution : public ResultSource {
 public:
  Execution(std::shared_ptr<const PhysicalNode> plan, ExecutionInput input)
      : plan_(std::move(plan)), input_(std::move(input)), objects_(*input_.transaction), subqueries_(context_, objects_) {
    context_.session = input_.session.get();
    context_.transaction = input_.transaction.get();
    context_.catalog = input_.transaction->catalog().get();
    context_.references = &objects_;
    context_.subqueries = &subqueries_;
    context_.parameters = input_.parameters;
    context_.statistics = input_.statistics;
  }

  Status open() {
    PROTO_ASSIGN_OR_RETURN(root_, build_operator(*plan_, Run{&context_, &objects_, {}}));
    if (!changes_data(plan_->kind)) return Status();
    PROTO_ASSIGN_OR_RETURN(pending_, root_->next());
    has_pending_ = true;
    changes_ = root_->changes();
    return Status();
  }

  const std::vector<ResultColumn>& columns() const override {
    if (input_.columns != nullptr) return *input_.columns;
    if (columns_.empty()) {
      for (const OutputColumn& column : plan_->output) {
        columns_.push_back({column.name, column.type.any ? Kind::kNone : column.type.kind});
      }
    }
    return columns_;
  }

  Result<bool> next(ResultChunk& chunk) override {
    chunk.row_count = 0;
    while (root_ != nullptr) {
      const Chunk* rows = std::exchange(pending_, nullptr);
      if (!std::exchange(has_pending_, false)) {
        Result<const Chunk*> given = root_->next();
        if (!given.ok()) return end(), std::move(given).status();
        rows = *given;
      }
      if (rows == nullptr) break;
      if (rows->rows.count == 0) continue;
      show(*rows, chunk);
      return true;
    }
    end();
    return false;
  }

  uint64_t changes() const override { return root_ != nullptr ? root_->changes() : changes_; }

 private:
  /// Lets go of what the run holds; the transaction may end.
  void end() {
    if (root_ != nullptr) changes_ = root_->changes();
    root_.reset();
    input_.transaction.reset();
  }

  void show(const Chunk& rows, ResultChunk& chunk) {
    arena_.reset();
    const uint32_t count = rows.rows.count;
    chunk.row_count = count;
    chunk.columns.resize(rows.columns.size());
    for (size_t c = 0; c < rows.columns.size(); ++c) chunk.columns[c] = {dense_views(rows.columns[c], rows.rows), count};
  }

  const ValueView* dense_views(const ColumnVector& column, Rows rows) {
    if (column.form == Form::kViews && !column.constant && rows.all()) return column.as<ValueView>();
    auto* views = arena_.array<ValueView>(rows.count);
    for (uint32_t i = 0; i < rows.count; ++i) views[i] = column.at(rows[i]);
    return views;
  }

  std::shared_ptr<const PhysicalNode> plan_;
  ExecutionInput input_;
  ExecutionContext context_;
  ObjectSource objects_;
  PlanSubqueries subqueries_;
  OperatorPtr root_;
  const Chunk* pending_ = nullptr;   // asked for in open
  bool has_pending_ = false;
  uint64_t changes_ = 0;
  mutable std::vector<ResultColumn> columns_;
  Arena arena_;
};

}  // namespace

Result<std::unique_ptr<ResultSource>> execute(std::shared_ptr<const PhysicalNode> plan, ExecutionInput input) {
  auto execution = std::make_unique<Execution>(std::move(plan), std::move(input));
  PROTO_RETURN_IF_ERROR(execution->open());
  return std::unique_ptr<ResultSource>(std::move(execution));
}

Result<Value> evaluate_constant(const Expression& expression) {
  ExecutionContext context;
  Arena arena;
  Evaluator evaluator(context, arena);
  ValueView value;
  PROTO_RETURN_IF_ERROR(evaluator.evaluate_single(expression, value));
  return Value(value);
}

}  // namespace protobase::query
