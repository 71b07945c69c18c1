#include "query/executor/join_operator.h"

#include <algorithm>

namespace protobase::query {

Result<bool> JoinOperator::next_left() {
  if (left_ended_) return false;
  PROTO_ASSIGN_OR_RETURN(left_, left_child_->next());
  if (left_ == nullptr) {
    left_ended_ = true;
    return false;
  }
  matched_.assign(left_->size, 0);
  PROTO_RETURN_IF_ERROR(begin(*left_));
  return true;
}

Result<const Chunk*> JoinOperator::produce() {
  if (!opened_) {
    opened_ = true;
    PROTO_RETURN_IF_ERROR(open());
  }
  for (;;) {
    arena_.reset();
    if (left_ == nullptr) {
      PROTO_ASSIGN_OR_RETURN(bool more_left, next_left());
      if (!more_left) return right_alone();
    }
    PROTO_RETURN_IF_ERROR(context_.check_interrupt());
    pairs_.clear();
    PROTO_RETURN_IF_ERROR(more(pairs_));
    if (pairs_.size() == 0) {
      if (const Chunk* rest = finish_left()) return rest;
      continue;
    }
    PROTO_RETURN_IF_ERROR(check_pairs());
    if (!is_existence() && chunk_.rows.count != 0) return &chunk_;
  }
}

/// The pairs as rows, those that meet the condition selected, their sides marked.
Status JoinOperator::check_pairs() {
  const auto count = static_cast<uint32_t>(pairs_.size());
  if (is_existence() && condition_ == nullptr) {
    for (const uint32_t row : pairs_.left) matched_[row] = 1;
    return Status();
  }
  PROTO_RETURN_IF_ERROR(combine(pairs_.left.data(), pairs_.right.data(), count));
  if (condition_ != nullptr) PROTO_RETURN_IF_ERROR(evaluator_.filter(*condition_, chunk_, chunk_.rows, chunk_.rows));
  if (keeps_right_alone()) right_matched_.resize(right_rows(), 0);
  for_each_row(chunk_.rows, [&](uint32_t pair) {
    matched_[pairs_.left[pair]] = 1;
    if (keeps_right_alone()) right_matched_[pairs_.right[pair]] = 1;
  });
  return Status();
}

Status JoinOperator::combine(const uint32_t* left, const uint32_t* right, uint32_t count) {
  chunk_.columns.clear();
  chunk_.set_all(count);
  for (const ColumnVector& column : left_->columns) chunk_.columns.push_back(gather_column(column, left, count, arena_));
  return right_columns(right, count, chunk_.columns);
}

/// What the left chunk still gives once all its pairs are checked: null for nothing.
const Chunk* JoinOperator::finish_left() {
  const Chunk& left = *left_;
  left_ = nullptr;
  if (!is_existence() && !keeps_left_alone()) return nullptr;
  const uint8_t wanted = type_ == JoinType::kSemi ? 1 : 0;
  selection_.clear();
  for_each_row(left.rows, [&](uint32_t row) {
    if (matched_[row] == wanted) selection_.push_back(row);
  });
  if (selection_.empty()) return nullptr;
  chunk_ = left;
  chunk_.rows = {selection_.data(), static_cast<uint32_t>(selection_.size())};
  // Left rows alone: the right slots are NULL.
  if (!is_existence()) chunk_.columns.resize(node_.output.size(), ColumnVector::null());
  return &chunk_;
}

/// At the end of a right or full join: the right rows that met nobody.
Result<const Chunk*> JoinOperator::right_alone() {
  if (!keeps_right_alone()) return nullptr;
  right_matched_.resize(right_rows(), 0);
  selection_.clear();
  for (; next_right_ < right_matched_.size() && selection_.size() < kChunkRows; ++next_right_) {
    if (right_matched_[next_right_] == 0) selection_.push_back(next_right_);
  }
  if (selection_.empty()) return nullptr;
  const auto count = static_cast<uint32_t>(selection_.size());
  chunk_.set_all(count);
  std::vector<ColumnVector> right;
  PROTO_RETURN_IF_ERROR(right_columns(selection_.data(), count, right));
  chunk_.columns.assign(node_.output.size() - right.size(), ColumnVector::null());
  chunk_.columns.insert(chunk_.columns.end(), right.begin(), right.end());
  return &chunk_;
}

}  // namespace protobase::query
