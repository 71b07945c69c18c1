// DISTINCT, UNION, INTERSECT, EXCEPT: operators that compare whole rows.
#include <algorithm>

#include "query/executor/operator.h"

namespace protobase::query {
namespace {

class Distinct : public PlanOperator {
 public:
  Distinct(const PhysicalDistinct& node, const Run& run, OperatorPtr child)
      : PlanOperator(node, run), distinct_(node), child_(std::move(child)) {}

 private:
  Result<const Chunk*> produce() override {
    for (;;) {
      arena_.reset();
      PROTO_ASSIGN_OR_RETURN(const Chunk* input, child_->next());
      if (input == nullptr) return nullptr;
      const Rows rows = first_appearances(*input);
      if (rows.count == 0) continue;
      chunk_ = *input;
      chunk_.rows = rows;
      return &chunk_;
    }
  }

  Rows first_appearances(const Chunk& input) {
    std::span<const ColumnVector> keys(input.columns);
    if (!distinct_.columns.empty()) {
      keys_.clear();
      for (const uint32_t slot : distinct_.columns) keys_.push_back(input.columns[slot]);
      keys = keys_;
    }
    auto* numbers = arena_.array<uint32_t>(input.size);
    auto* selection = arena_.array<uint32_t>(input.rows.count);
    index_.insert(keys, input.rows, numbers);
    uint32_t count = 0;
    for_each_row(input.rows, [&](uint32_t row) {
      if (numbers[row] != seen_) return;
      ++seen_;  // numbers are given in order of first appearance
      selection[count++] = row;
    });
    return {selection, count};
  }

  const PhysicalDistinct& distinct_;
  OperatorPtr child_;
  KeyIndex index_{true};
  uint32_t seen_ = 0;
  std::vector<ColumnVector> keys_;
  Chunk chunk_;
};

/// INTERSECT and EXCEPT count the rows of the right side first, then let left rows pass.
class SetOperation : public PlanOperator {
 public:
  SetOperation(const PhysicalSetOperation& node, const Run& run, OperatorPtr left, OperatorPtr right)
      : PlanOperator(node, run), operation_(node), left_(std::move(left)), right_(std::move(right)) {}

 private:
  using Kind = PhysicalSetOperation::Operation;

  Result<const Chunk*> produce() override {
    const bool is_union = operation_.operation == Kind::kUnion;
    if (!is_union && !counted_) PROTO_RETURN_IF_ERROR(count_right());
    for (;;) {
      arena_.reset();
      PROTO_ASSIGN_OR_RETURN(const Chunk* input, (left_done_ ? right_ : left_)->next());
      if (input == nullptr && is_union && !left_done_) {
        left_done_ = true;
        continue;
      }
      if (input == nullptr) return nullptr;
      if (is_union && operation_.all) return input;
      const Rows rows = passing(*input);
      if (rows.count == 0) continue;
      chunk_ = *input;
      chunk_.rows = rows;
      return &chunk_;
    }
  }

  Status count_right() {
    counted_ = true;
    for (;;) {
      arena_.reset();
      PROTO_ASSIGN_OR_RETURN(const Chunk* input, right_->next());
      if (input == nullptr) return Status();
      auto* numbers = arena_.array<uint32_t>(input->size);
      index_.insert(input->columns, input->rows, numbers);
      left_over_.resize(index_.size(), 0);
      for_each_row(input->rows, [&](uint32_t row) { ++left_over_[numbers[row]]; });
    }
  }

  Rows passing(const Chunk& input) {
    auto* numbers = arena_.array<uint32_t>(input.size);
    auto* selection = arena_.array<uint32_t>(input.rows.count);
    index_.insert(input.columns, input.rows, numbers);
    left_over_.resize(index_.size(), 0);
    given_.resize(index_.size(), false);
    uint32_t count = 0;
    for_each_row(input.rows, [&](uint32_t row) {
      if (passes(numbers[row])) selection[count++] = row;
    });
    return {selection, count};
  }

  bool passes(uint32_t number) {
    const bool in_right = left_over_[number] != 0;
    if (operation_.all) {
      if (in_right) --left_over_[number];
      return in_right == (operation_.operation == Kind::kIntersect);
    }
    if (given_[number]) return false;
    if (operation_.operation != Kind::kUnion && in_right != (operation_.operation == Kind::kIntersect)) return false;
    return given_[number] = true;
  }

  const PhysicalSetOperation& operation_;
  OperatorPtr left_, right_;
  KeyIndex index_{true};
  std::vector<uint64_t> left_over_;  // rows of the right side, by number, not yet matched
  std::vector<bool> given_;
  bool counted_ = false;
  bool left_done_ = false;
  Chunk chunk_;
};

}  // namespace

Result<OperatorPtr> build_distinct(const PhysicalDistinct& node, const Run& run) {
  PROTO_ASSIGN_OR_RETURN(OperatorPtr child, build_operator(*node.children[0], run));
  return OperatorPtr(std::make_unique<Distinct>(node, run, std::move(child)));
}

Result<OperatorPtr> build_set_operation(const PhysicalSetOperation& node, const Run& run) {
  PROTO_ASSIGN_OR_RETURN(OperatorPtr left, build_operator(*node.children[0], run));
  PROTO_ASSIGN_OR_RETURN(OperatorPtr right, build_operator(*node.children[1], run));
  return OperatorPtr(std::make_unique<SetOperation>(node, run, std::move(left), std::move(right)));
}

}  // namespace protobase::query
