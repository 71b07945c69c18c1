// Operators that pass rows on one chunk at a time: single row, values, filter, project, limit, unnest.
#include <algorithm>

#include "db/document.h"
#include "query/executor/operator.h"
#include "query/executor/row_store.h"

namespace protobase::query {
namespace {

class SingleRow : public PlanOperator {
 public:
  using PlanOperator::PlanOperator;

 private:
  Result<const Chunk*> produce() override {
    if (done_) return nullptr;
    done_ = true;
    chunk_.set_all(1);
    return &chunk_;
  }
  Chunk chunk_;
  bool done_ = false;
};

class ValuesOperator : public PlanOperator {
 public:
  ValuesOperator(const PhysicalValues& node, const Run& run) : PlanOperator(node, run), values_(node) {}

 private:
  Result<const Chunk*> produce() override {
    if (next_ == values_.rows.size()) return nullptr;
    arena_.reset();
    const size_t count = std::min<size_t>(values_.rows.size() - next_, kChunkRows);
    const size_t width = node_.output.size();
    chunk_.set_all(static_cast<uint32_t>(count));
    chunk_.columns.resize(width);
    for (size_t c = 0; c < width; ++c) {
      auto* views = arena_.array<ValueView>(count);
      for (size_t r = 0; r < count; ++r) {
        PROTO_RETURN_IF_ERROR(evaluator_.evaluate_single(*values_.rows[next_ + r][c], views[r]));
      }
      chunk_.columns[c] = typed(views, chunk_.rows, chunk_.size, arena_);
    }
    next_ += count;
    return &chunk_;
  }
  const PhysicalValues& values_;
  Chunk chunk_;
  size_t next_ = 0;
};

/// An operator with one child.
class Unary : public PlanOperator {
 public:
  Unary(const PhysicalNode& node, const Run& run, OperatorPtr child) : PlanOperator(node, run), child_(std::move(child)) {}
  uint64_t changes() const override { return child_->changes(); }

 protected:
  OperatorPtr child_;
  Chunk chunk_;
};

class Filter : public Unary {
 public:
  Filter(const PhysicalFilter& node, const Run& run, OperatorPtr child) : Unary(node, run, std::move(child)), filter_(node) {}

 private:
  Result<const Chunk*> produce() override {
    for (;;) {
      arena_.reset();
      PROTO_ASSIGN_OR_RETURN(const Chunk* input, child_->next());
      if (input == nullptr) return nullptr;
      Rows rows;
      PROTO_RETURN_IF_ERROR(evaluator_.filter(*filter_.condition, *input, input->rows, rows));
      if (rows.count == 0) continue;
      chunk_ = *input;
      chunk_.rows = rows;
      return &chunk_;
    }
  }
  const PhysicalFilter& filter_;
};

class Project : public Unary {
 public:
  Project(const PhysicalProject& node, const Run& run, OperatorPtr child) : Unary(node, run, std::move(child)), project_(node) {}

 private:
  Result<const Chunk*> produce() override {
    arena_.reset();
    PROTO_ASSIGN_OR_RETURN(const Chunk* input, child_->next());
    if (input == nullptr) return nullptr;
    chunk_.columns.resize(project_.expressions.size());
    chunk_.size = input->size;
    chunk_.rows = input->rows;
    for (size_t i = 0; i < project_.expressions.size(); ++i) {
      PROTO_RETURN_IF_ERROR(evaluator_.evaluate(*project_.expressions[i], *input, input->rows, chunk_.columns[i]));
    }
    return &chunk_;
  }
  const PhysicalProject& project_;
};

class Limit : public Unary {
 public:
  Limit(const PhysicalLimit& node, const Run& run, OperatorPtr child) : Unary(node, run, std::move(child)), limit_(node) {}

  Status open() {
    PROTO_ASSIGN_OR_RETURN(left_, count_argument(limit_.limit, evaluator_, ~uint64_t{0}));
    PROTO_ASSIGN_OR_RETURN(skip_, count_argument(limit_.offset, evaluator_, 0));
    return Status();
  }

 private:
  Result<const Chunk*> produce() override {
    while (left_ != 0) {
      arena_.reset();
      PROTO_ASSIGN_OR_RETURN(const Chunk* input, child_->next());
      if (input == nullptr) break;
      const auto skipped = static_cast<uint32_t>(std::min<uint64_t>(skip_, input->rows.count));
      const auto taken = static_cast<uint32_t>(std::min<uint64_t>(left_, input->rows.count - skipped));
      skip_ -= skipped;
      if (taken == 0) continue;
      left_ -= taken;
      chunk_ = *input;
      chunk_.rows = part(input->rows, skipped, taken);
      return &chunk_;
    }
    return nullptr;
  }

  Rows part(Rows rows, uint32_t first, uint32_t count) {
    if (first == 0) return {rows.selection, count};
    if (!rows.all()) return {rows.selection + first, count};
    auto* selection = arena_.array<uint32_t>(count);
    for (uint32_t i = 0; i < count; ++i) selection[i] = first + i;
    return {selection, count};
  }

  const PhysicalLimit& limit_;
  uint64_t left_ = 0;
  uint64_t skip_ = 0;
};

class Unnest : public Unary {
 public:
  Unnest(const PhysicalUnnest& node, const Run& run, OperatorPtr child) : Unary(node, run, std::move(child)), unnest_(node) {}

 private:
  Result<const Chunk*> produce() override {
    arena_.reset();
    parents_.clear();
    elements_.clear();
    numbers_.clear();
    while (parents_.empty()) {
      if (input_ == nullptr || at_ == input_->rows.count) {
        PROTO_ASSIGN_OR_RETURN(input_, child_->next());
        if (input_ == nullptr) return nullptr;
        at_ = 0, element_ = 0;
        input_arena_.reset();
        Evaluator evaluator(context_, input_arena_, run_.outer);
        PROTO_RETURN_IF_ERROR(evaluator.evaluate(*unnest_.array, *input_, input_->rows, arrays_));
      }
      while (at_ < input_->rows.count && parents_.size() < kChunkRows) PROTO_RETURN_IF_ERROR(take_row());
    }
    return emit();
  }

  /// The elements of one row, as many as the chunk takes; the row stays current while it has more.
  Status take_row() {
    const uint32_t row = input_->rows[at_];
    const ValueView array = arrays_.at(row);
    if (!array.is_none() && array.kind() != Kind::kArray && array.kind() != Kind::kVector) {
      return Status(StatusCode::kType, "UNNEST takes an array, not " + std::string(kind_name(array.kind()))).with_span(unnest_.array->span);
    }
    const auto size = static_cast<int64_t>(array.size());
    if (size == 0 && unnest_.left) add(row, ValueView(), 0);
    for (; element_ < size && parents_.size() < kChunkRows; ++element_) add(row, array[element_], element_ + 1);
    if (element_ < size) return Status();
    element_ = 0;
    ++at_;
    return Status();
  }

  void add(uint32_t row, const ValueView& element, int64_t number) {
    parents_.push_back(row);
    elements_.push_back(element);
    numbers_.push_back(number == 0 ? ValueView() : ValueView::of_int(number));
  }

  const Chunk* emit() {
    const auto count = static_cast<uint32_t>(parents_.size());
    chunk_.columns.clear();
    chunk_.set_all(count);
    for (const ColumnVector& column : input_->columns) {
      chunk_.columns.push_back(gather_column(column, parents_.data(), count, arena_));
    }
    chunk_.columns.push_back(typed(elements_.data(), chunk_.rows, count, arena_));
    if (unnest_.with_ordinality) chunk_.columns.push_back(typed(numbers_.data(), chunk_.rows, count, arena_));
    return &chunk_;
  }

  const PhysicalUnnest& unnest_;
  Arena input_arena_;         // lives as long as the input chunk
  const Chunk* input_ = nullptr;
  ColumnVector arrays_;
  uint32_t at_ = 0;
  int64_t element_ = 0;
  std::vector<uint32_t> parents_;
  std::vector<ValueView> elements_, numbers_;
};

}  // namespace

Result<OperatorPtr> build_single_row(const PhysicalNode& node, const Run& run) {
  return OperatorPtr(std::make_unique<SingleRow>(node, run));
}

Result<OperatorPtr> build_values(const PhysicalValues& node, const Run& run) {
  return OperatorPtr(std::make_unique<ValuesOperator>(node, run));
}

Result<OperatorPtr> build_filter(const PhysicalFilter& node, const Run& run) {
  PROTO_ASSIGN_OR_RETURN(OperatorPtr child, build_operator(*node.children[0], run));
  return OperatorPtr(std::make_unique<Filter>(node, run, std::move(child)));
}

Result<OperatorPtr> build_project(const PhysicalProject& node, const Run& run) {
  PROTO_ASSIGN_OR_RETURN(OperatorPtr child, build_operator(*node.children[0], run));
  return OperatorPtr(std::make_unique<Project>(node, run, std::move(child)));
}

Result<OperatorPtr> build_limit(const PhysicalLimit& node, const Run& run) {
  PROTO_ASSIGN_OR_RETURN(OperatorPtr child, build_operator(*node.children[0], run));
  auto limit = std::make_unique<Limit>(node, run, std::move(child));
  PROTO_RETURN_IF_ERROR(limit->open());
  return OperatorPtr(std::move(limit));
}

Result<OperatorPtr> build_unnest(const PhysicalUnnest& node, const Run& run) {
  PROTO_ASSIGN_OR_RETURN(OperatorPtr child, build_operator(*node.children[0], run));
  return OperatorPtr(std::make_unique<Unnest>(node, run, std::move(child)));
}

}  // namespace protobase::query
