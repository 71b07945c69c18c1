// GROUP BY by hashing: groups are numbered in order of first appearance, aggregates keep an array of states.
#include <algorithm>

#include "query/executor/aggregator.h"
#include "query/executor/operator.h"
#include "query/executor/row_store.h"

namespace protobase::query {
namespace {

class Aggregate : public PlanOperator {
 public:
  Aggregate(const PhysicalAggregate& node, const Run& run, OperatorPtr child)
      : PlanOperator(node, run), aggregate_(node), child_(std::move(child)), group_values_(node.groups.size()) {
    for (const AggregateCall& call : node.aggregates) {
      calls_.push_back({&call, make_aggregator(call.id), KeyIndex(true), 0});
    }
  }

 private:
  struct Call {
    const AggregateCall* call;
    std::unique_ptr<Aggregator> aggregator;
    KeyIndex distinct;          // (group, value) pairs seen
    uint32_t distinct_seen;
  };

  Result<const Chunk*> produce() override {
    if (!collected_) PROTO_RETURN_IF_ERROR(collect());
    if (next_ == group_count_) return nullptr;
    arena_.reset();
    const uint32_t count = std::min(group_count_ - next_, kChunkRows);
    group_values_.chunk(next_, count, arena_, chunk_);
    chunk_.set_all(count);
    for (Call& call : calls_) PROTO_RETURN_IF_ERROR(finish(call, count));
    next_ += count;
    return &chunk_;
  }

  Status finish(Call& call, uint32_t count) {
    auto* views = arena_.array<ValueView>(count);
    for (uint32_t i = 0; i < count; ++i) {
      views[i] = ValueView();
      Status status = call.aggregator->finish(next_ + i, arena_, views[i]);
      if (!status.ok()) return with_span_of(*call.call, std::move(status));
    }
    chunk_.columns.push_back(typed(views, chunk_.rows, count, arena_));
    return Status();
  }

  static Status with_span_of(const AggregateCall& call, Status status) {
    if (call.arguments.empty() || status.span() != nullptr) return status;
    return std::move(status).with_span(call.arguments[0]->span);
  }

  Status collect() {
    collected_ = true;
    if (aggregate_.groups.empty()) {
      group_count_ = 1;
      for (Call& call : calls_) call.aggregator->resize(1);
    }
    for (;;) {
      arena_.reset();
      PROTO_ASSIGN_OR_RETURN(const Chunk* input, child_->next());
      if (input == nullptr) break;
      PROTO_RETURN_IF_ERROR(take(*input));
    }
    child_.reset();
    return Status();
  }

  Status take(const Chunk& input) {
    const uint32_t* groups = nullptr;
    if (!aggregate_.groups.empty()) {
      auto* numbers = arena_.array<uint32_t>(input.size);
      PROTO_RETURN_IF_ERROR(number_groups(input, numbers));
      groups = numbers;
    }
    for (Call& call : calls_) PROTO_RETURN_IF_ERROR(update(call, input, groups));
    return Status();
  }

  Status number_groups(const Chunk& input, uint32_t* numbers) {
    keys_.resize(aggregate_.groups.size());
    for (size_t i = 0; i < keys_.size(); ++i) {
      PROTO_RETURN_IF_ERROR(evaluator_.evaluate(*aggregate_.groups[i], input, input.rows, keys_[i]));
    }
    index_.insert(keys_, input.rows, numbers);
    if (index_.size() == group_count_) return Status();
    auto* first = arena_.array<uint32_t>(input.rows.count);
    uint32_t count = 0;
    for_each_row(input.rows, [&](uint32_t row) {
      if (numbers[row] == group_count_) first[count++] = row, ++group_count_;
    });
    group_values_.append(keys_, Rows{first, count});
    for (Call& call : calls_) call.aggregator->resize(group_count_);
    return Status();
  }

  Status update(Call& call, const Chunk& input, const uint32_t* groups) {
    Rows rows = input.rows;
    if (call.call->filter != nullptr) PROTO_RETURN_IF_ERROR(evaluator_.filter(*call.call->filter, input, rows, rows));
    arguments_.resize(call.call->arguments.size());
    for (size_t i = 0; i < arguments_.size(); ++i) {
      PROTO_RETURN_IF_ERROR(evaluator_.evaluate(*call.call->arguments[i], input, rows, arguments_[i]));
    }
    if (call.call->distinct && !arguments_.empty()) rows = new_values(call, input.size, rows, groups);
    return with_span_of(*call.call, call.aggregator->update(arguments_, rows, groups));
  }

  /// The rows whose value their group has not had before; NULLs do not count as values.
  Rows new_values(Call& call, uint32_t size, Rows rows, const uint32_t* groups) {
    auto* selection = arena_.array<uint32_t>(rows.count);
    auto* numbers = arena_.array<uint32_t>(size);
    std::vector<ColumnVector> pair{arguments_[0]};
    if (groups != nullptr) {
      auto* wide = arena_.array<int64_t>(size);
      for_each_row(rows, [&](uint32_t row) { wide[row] = groups[row]; });
      pair.push_back(ColumnVector::integers(Kind::kInt, wide, nullptr));
    }
    call.distinct.insert(pair, rows, numbers);
    uint32_t count = 0;
    for_each_row(rows, [&](uint32_t row) {
      if (numbers[row] != call.distinct_seen) return;
      ++call.distinct_seen;
      if (!arguments_[0].is_null(row)) selection[count++] = row;
    });
    return {selection, count};
  }

  const PhysicalAggregate& aggregate_;
  OperatorPtr child_;
  std::vector<Call> calls_;
  KeyIndex index_{true};
  RowStore group_values_;
  uint32_t group_count_ = 0;
  std::vector<ColumnVector> keys_, arguments_;
  bool collected_ = false;
  uint32_t next_ = 0;
  Chunk chunk_;
};

}  // namespace

Result<OperatorPtr> build_aggregate(const PhysicalAggregate& node, const Run& run) {
  PROTO_ASSIGN_OR_RETURN(OperatorPtr child, build_operator(*node.children[0], run));
  return OperatorPtr(std::make_unique<Aggregate>(node, run, std::move(child)));
}

}  // namespace protobase::query
