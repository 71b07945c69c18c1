// What all joins do alike: pairs of a left row and a right row, checked by the condition, and the rows that found no partner.
#pragma once

#include "query/executor/operator.h"
#include "query/executor/row_store.h"

namespace protobase::query {

/// Left chunks come from a child; which right rows each left row may meet is the derived class's business. One thread.
class JoinOperator : public PlanOperator {
 public:
  JoinOperator(const PhysicalNode& node, const Run& run, JoinType type, const Expression* condition, OperatorPtr left)
      : PlanOperator(node, run), type_(type), condition_(condition), left_child_(std::move(left)) {}

 protected:
  /// A left row (its place in the left chunk) and a right row, by the number that `right_columns` knows it by.
  struct Pairs {
    std::vector<uint32_t> left, right;
    size_t size() const { return left.size(); }
    void add(uint32_t l, uint32_t r) { left.push_back(l), right.push_back(r); }
    void clear() { left.clear(), right.clear(); }
  };

  /// Called once before the first chunk.
  virtual Status open() { return Status(); }
  /// A new left chunk is there.
  virtual Status begin(const Chunk& left) = 0;
  /// Adds further pairs of the current left chunk, about kChunkRows; none when all were given.
  virtual Status more(Pairs& pairs) = 0;
  /// Appends the right columns of `rows` (RowStore::kNoRow: none) to `columns`, in `arena_`.
  virtual Status right_columns(const uint32_t* rows, uint32_t count, std::vector<ColumnVector>& columns) = 0;
  /// Rows of the right side, when it is kept: of right and full joins.
  virtual uint32_t right_rows() const { return 0; }

  bool keeps_left_alone() const { return type_ == JoinType::kLeft || type_ == JoinType::kFull; }
  bool keeps_right_alone() const { return type_ == JoinType::kRight || type_ == JoinType::kFull; }
  bool is_existence() const { return type_ == JoinType::kSemi || type_ == JoinType::kAnti; }
  /// One partner is enough for this left row, and it has one.
  bool is_settled(uint32_t left_row) const { return is_existence() && matched_[left_row] != 0; }

  JoinType type_;
  const Expression* condition_;
  const Chunk* left_ = nullptr;

 private:
  Result<const Chunk*> produce() override;
  Result<bool> next_left();
  Status check_pairs();
  const Chunk* finish_left();
  Result<const Chunk*> right_alone();
  Status combine(const uint32_t* left, const uint32_t* right, uint32_t count);

  OperatorPtr left_child_;
  bool opened_ = false;
  bool left_ended_ = false;
  Pairs pairs_;
  std::vector<uint8_t> matched_;        // left rows of the chunk with a partner
  std::vector<uint8_t> right_matched_;
  uint32_t next_right_ = 0;             // of the rows without a partner
  std::vector<uint32_t> selection_;
  Chunk chunk_;
};

}  // namespace protobase::query
