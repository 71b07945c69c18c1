// Joins by any condition: the right side is kept, or, when lateral, run again for each left row.
#include "query/executor/join_operator.h"

namespace protobase::query {
namespace {

/// The kept rows of lateral right sides are dropped when there are more than this.
constexpr uint32_t kLateralRows = 16 * kChunkRows;

class NestedLoopJoin : public JoinOperator {
 public:
  NestedLoopJoin(const PhysicalNestedLoopJoin& node, const Run& run, OperatorPtr left)
      : JoinOperator(node, run, node.type, node.condition.get(), std::move(left)), join_(node),
        store_(node.children[1]->output.size()) {}

 private:
  Status open() override { return join_.lateral ? Status() : read_right(run_); }

  Status read_right(const Run& run) {
    PROTO_ASSIGN_OR_RETURN(OperatorPtr right, build_operator(*join_.children[1], run));
    for (;;) {
      PROTO_ASSIGN_OR_RETURN(const Chunk* input, right->next());
      if (input == nullptr) return Status();
      store_.append(*input);
    }
  }

  Status begin(const Chunk& left) override {
    at_ = 0;
    partner_ = 0;
    end_ = store_.rows();
    ready_ = !join_.lateral;
    if (!join_.lateral) return Status();
    left_arena_.reset();
    Evaluator evaluator(context_, left_arena_, run_.outer);
    outer_columns_.resize(join_.outer.size());
    for (size_t i = 0; i < outer_columns_.size(); ++i) {
      PROTO_RETURN_IF_ERROR(evaluator.evaluate(*join_.outer[i], left, left.rows, outer_columns_[i]));
    }
    return Status();
  }

  Status run_lateral(uint32_t row) {
    outer_.resize(outer_columns_.size());
    for (size_t i = 0; i < outer_.size(); ++i) outer_[i] = outer_columns_[i].at(row);
    partner_ = store_.rows();
    PROTO_RETURN_IF_ERROR(read_right(Run{run_.context, run_.objects, outer_}));
    end_ = store_.rows();
    ready_ = true;
    return Status();
  }

  Status more(Pairs& pairs) override {
    // Rows given in the last call are not needed any more, unless the current left row has more of them.
    if (join_.lateral && !ready_ && store_.rows() > kLateralRows) store_.clear();
    for (; at_ < left_->rows.count; ++at_) {
      const uint32_t row = left_->rows[at_];
      if (!ready_) PROTO_RETURN_IF_ERROR(run_lateral(row));
      for (; partner_ < end_ && !is_settled(row); ++partner_) {
        if (pairs.size() == kChunkRows) return Status();
        pairs.add(row, partner_);
      }
      partner_ = 0;
      ready_ = !join_.lateral;
      if (join_.lateral && store_.rows() > kLateralRows && pairs.size() != 0) return ++at_, Status();
    }
    return Status();
  }

  Status right_columns(const uint32_t* rows, uint32_t count, std::vector<ColumnVector>& columns) override {
    for (size_t c = 0; c < store_.columns(); ++c) columns.push_back(store_.gather(c, rows, count, arena_));
    return Status();
  }
  uint32_t right_rows() const override { return store_.rows(); }

  const PhysicalNestedLoopJoin& join_;
  RowStore store_;
  Arena left_arena_;
  std::vector<ColumnVector> outer_columns_;
  std::vector<ValueView> outer_;
  uint32_t at_ = 0;
  uint32_t partner_ = 0, end_ = 0;
  bool ready_ = false;   // partner_ .. end_ are the partners of the current left row
};

}  // namespace

Result<OperatorPtr> build_nested_loop_join(const PhysicalNestedLoopJoin& node, const Run& run) {
  PROTO_ASSIGN_OR_RETURN(OperatorPtr left, build_operator(*node.children[0], run));
  return OperatorPtr(std::make_unique<NestedLoopJoin>(node, run, std::move(left)));
}

}  // namespace protobase::query
