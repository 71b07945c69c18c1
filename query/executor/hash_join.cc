// Equality joins: a hash table of the right side's keys, probed with the left side's.
#include "query/executor/join_operator.h"

namespace protobase::query {
namespace {

class HashJoin : public JoinOperator {
 public:
  HashJoin(const PhysicalHashJoin& node, const Run& run, OperatorPtr left, OperatorPtr right)
      : JoinOperator(node, run, node.type, node.condition.get(), std::move(left)), join_(node), right_child_(std::move(right)),
        store_(node.children[1]->output.size()) {}

 private:
  /// Reads the right side. Rows of one key form a list, in the order they came.
  Status open() override {
    std::vector<uint32_t> last;
    std::vector<uint32_t> numbers;
    for (;;) {
      arena_.reset();
      PROTO_ASSIGN_OR_RETURN(const Chunk* input, right_child_->next());
      if (input == nullptr) break;
      PROTO_RETURN_IF_ERROR(evaluate_keys(join_.right_keys, *input, arena_));
      numbers.resize(input->size);
      index_.insert(keys_, input->rows, numbers.data());
      first_.resize(index_.size(), RowStore::kNoRow);
      last.resize(index_.size(), RowStore::kNoRow);
      uint32_t row_number = store_.rows();
      next_.resize(row_number + input->rows.count, RowStore::kNoRow);
      for_each_row(input->rows, [&](uint32_t row) {
        const uint32_t key = numbers[row];
        if (key != KeyIndex::kAbsent) {
          (first_[key] == RowStore::kNoRow ? first_[key] : next_[last[key]]) = row_number;
          last[key] = row_number;
        }
        ++row_number;
      });
      store_.append(*input);
    }
    right_child_.reset();
    return Status();
  }

  Status evaluate_keys(const std::vector<ExpressionPtr>& expressions, const Chunk& chunk, Arena& arena) {
    Evaluator evaluator(context_, arena, run_.outer);
    keys_.resize(expressions.size());
    for (size_t i = 0; i < expressions.size(); ++i) {
      PROTO_RETURN_IF_ERROR(evaluator.evaluate(*expressions[i], chunk, chunk.rows, keys_[i]));
    }
    return Status();
  }

  Status begin(const Chunk& left) override {
    left_arena_.reset();
    PROTO_RETURN_IF_ERROR(evaluate_keys(join_.left_keys, left, left_arena_));
    numbers_.resize(left.size);
    index_.find(keys_, left.rows, numbers_.data());
    at_ = 0;
    partner_ = RowStore::kNoRow;
    return Status();
  }

  Status more(Pairs& pairs) override {
    for (; at_ < left_->rows.count; ++at_) {
      const uint32_t row = left_->rows[at_];
      if (partner_ == RowStore::kNoRow) partner_ = numbers_[row] == KeyIndex::kAbsent ? RowStore::kNoRow : first_[numbers_[row]];
      while (partner_ != RowStore::kNoRow && !is_settled(row)) {
        if (pairs.size() == kChunkRows) return Status();
        pairs.add(row, partner_);
        partner_ = is_existence() && condition_ == nullptr ? RowStore::kNoRow : next_[partner_];
      }
      partner_ = RowStore::kNoRow;
      if (pairs.size() == kChunkRows) return ++at_, Status();
    }
    return Status();
  }

  Status right_columns(const uint32_t* rows, uint32_t count, std::vector<ColumnVector>& columns) override {
    for (size_t c = 0; c < store_.columns(); ++c) columns.push_back(store_.gather(c, rows, count, arena_));
    return Status();
  }
  uint32_t right_rows() const override { return store_.rows(); }

  const PhysicalHashJoin& join_;
  OperatorPtr right_child_;
  RowStore store_;
  KeyIndex index_{false};
  std::vector<uint32_t> first_, next_;  // by key number; by right row
  std::vector<ColumnVector> keys_;
  Arena left_arena_;
  std::vector<uint32_t> numbers_;       // of the left rows' keys
  uint32_t at_ = 0;                     // the left row whose partners are being given
  uint32_t partner_ = RowStore::kNoRow;
};

}  // namespace

Result<OperatorPtr> build_hash_join(const PhysicalHashJoin& node, const Run& run) {
  PROTO_ASSIGN_OR_RETURN(OperatorPtr left, build_operator(*node.children[0], run));
  PROTO_ASSIGN_OR_RETURN(OperatorPtr right, build_operator(*node.children[1], run));
  return OperatorPtr(std::make_unique<HashJoin>(node, run, std::move(left), std::move(right)));
}

}  // namespace protobase::query
