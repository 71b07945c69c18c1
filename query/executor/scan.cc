// Reads a whole collection, block by block and in place.
#include "query/executor/block_bounds.h"
#include "query/executor/id_set.h"
#include "query/executor/operator.h"
#include "query/executor/text_filter.h"

namespace protobase::query {
namespace {

class Scan : public PlanOperator {
 public:
  Scan(const PhysicalScan& node, const Run& run)
      : PlanOperator(node, run), scan_(node), reader_(node.columns, node.collection, run.objects) {}

  Status open() {
    PROTO_ASSIGN_OR_RETURN(const CollectionView* view, run_.objects->collection(scan_.collection));
    cursor_.emplace(view->cursor());
    cursor_->seek_first();
    chunk_.columns.resize(scan_.columns.size());
    in_filter_.assign(scan_.columns.size(), false);
    if (scan_.filter == nullptr) return Status();
    mark_slots(*scan_.filter, in_filter_);
    PROTO_RETURN_IF_ERROR(bounds_.prepare(*scan_.filter, evaluator_));
    return texts_.prepare(*scan_.filter, evaluator_);
  }

 private:
  Result<const Chunk*> produce() override {
    for (; cursor_->valid(); cursor_->next_leaf()) {
      PROTO_RETURN_IF_ERROR(context_.check_interrupt());
      const ColumnBlock& block = cursor_->leaf();
      if (bounds_.exclude(reader_, block)) {
        if (OperatorStatistics* s = statistics()) ++s->blocks_skipped;
        continue;
      }
      if (OperatorStatistics* s = statistics()) ++s->blocks;
      PROTO_RETURN_IF_ERROR(read(block));
      if (chunk_.rows.count == 0) continue;
      cursor_->next_leaf();
      return &chunk_;
    }
    PROTO_RETURN_IF_ERROR(cursor_->status());
    return nullptr;
  }

  /// The columns of the filter first, the others for the rows it leaves.
  Status read(const ColumnBlock& block) {
    arena_.reset();
    chunk_.set_all(block.rows());
    if (scan_.filter != nullptr) {
      texts_.narrow(reader_, block, arena_, chunk_.rows);
      if (chunk_.rows.count == 0) return Status();
      PROTO_RETURN_IF_ERROR(read_columns(block, true));
      PROTO_RETURN_IF_ERROR(evaluator_.filter(*scan_.filter, chunk_, chunk_.rows, chunk_.rows));
      if (chunk_.rows.count == 0) return Status();
    }
    return read_columns(block, false);
  }

  Status read_columns(const ColumnBlock& block, bool of_filter) {
    for (size_t i = 0; i < reader_.size(); ++i) {
      if (in_filter_[i] == of_filter) PROTO_RETURN_IF_ERROR(reader_.read(i, block, chunk_.rows, arena_, chunk_.columns[i]));
    }
    return Status();
  }

  const PhysicalScan& scan_;
  ColumnReader reader_;
  BlockBounds bounds_;
  TextFilter texts_;
  std::vector<bool> in_filter_;
  std::optional<proto::avl::Cursor<CollectionPolicy>> cursor_;
  Chunk chunk_;
};

class CountOperator : public PlanOperator {
 public:
  CountOperator(const PhysicalCount& node, const Run& run) : PlanOperator(node, run), count_(node) {}

 private:
  Result<const Chunk*> produce() override {
    if (done_) return nullptr;
    done_ = true;
    PROTO_ASSIGN_OR_RETURN(uint64_t count, this->count());
    chunk_.set_all(1);
    chunk_.columns.assign(1, ColumnVector::repeat(ValueView::of_int(static_cast<int64_t>(count)), arena_));
    return &chunk_;
  }

  Result<uint64_t> count() {
    if (!count_.index) {
      PROTO_ASSIGN_OR_RETURN(const CollectionView* view, run_.objects->collection(count_.collection));
      return view->count();
    }
    PROTO_ASSIGN_OR_RETURN(IndexView view, run_.objects->transaction().read_index(count_.index));
    IdSetReader reader(run_, count_.collection, evaluator_);
    PROTO_ASSIGN_OR_RETURN(KeyRange keys, reader.range(view.definition(), count_.bound));
    return view.count(keys);
  }

  const PhysicalCount& count_;
  Chunk chunk_;
  bool done_ = false;
};

}  // namespace

Result<OperatorPtr> build_scan(const PhysicalScan& node, const Run& run) {
  auto scan = std::make_unique<Scan>(node, run);
  PROTO_RETURN_IF_ERROR(scan->open());
  return OperatorPtr(std::move(scan));
}

Result<OperatorPtr> build_count(const PhysicalCount& node, const Run& run) {
  return OperatorPtr(std::make_unique<CountOperator>(node, run));
}

}  // namespace protobase::query
