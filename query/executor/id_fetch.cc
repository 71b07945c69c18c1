// Objects of a set of ids, and objects in the order of an index.
#include "query/executor/id_set.h"
#include "query/executor/row_gatherer.h"

namespace protobase::query {
namespace {

/// The first chunks are small: whoever takes a few rows does not pay for a thousand.
constexpr size_t kFirstRows = 64;

class IdFetch : public PlanOperator {
 public:
  IdFetch(const PhysicalIdFetch& node, const Run& run)
      : PlanOperator(node, run), fetch_(node), gatherer_(node.columns, node.collection, node.filter.get(), run, evaluator_) {}

 private:
  Status open() {
    opened_ = true;
    IdSetReader reader(run_, fetch_.collection, evaluator_);
    PROTO_RETURN_IF_ERROR(reader.read(*fetch_.source, ids_));
    if (OperatorStatistics* s = statistics()) s->ids += ids_.size(), s->note = reader.note();
    return gatherer_.open();
  }

  Result<const Chunk*> produce() override {
    arena_.reset();
    if (!opened_) PROTO_RETURN_IF_ERROR(open());
    while (next_ < ids_.size()) {
      PROTO_RETURN_IF_ERROR(context_.check_interrupt());
      PROTO_ASSIGN_OR_RETURN(size_t consumed, gatherer_.read(std::span(ids_).subspan(next_), step_, chunk_));
      next_ += consumed;
      step_ = std::min<size_t>(step_ * 4, kChunkRows);
      if (chunk_.rows.count != 0) return &chunk_;
      arena_.reset();
    }
    return nullptr;
  }

  const PhysicalIdFetch& fetch_;
  RowGatherer gatherer_;
  std::vector<uint64_t> ids_;
  size_t next_ = 0;
  size_t step_ = kFirstRows;
  bool opened_ = false;
  Chunk chunk_;
};

class OrderedFetch : public PlanOperator {
 public:
  OrderedFetch(const PhysicalOrderedFetch& node, const Run& run)
      : PlanOperator(node, run), fetch_(node), gatherer_(node.columns, node.collection, node.filter.get(), run, evaluator_) {}

 private:
  Status open() {
    PROTO_ASSIGN_OR_RETURN(IndexView view, run_.objects->transaction().read_index(fetch_.index));
    IdSetReader reader(run_, fetch_.collection, evaluator_);
    PROTO_ASSIGN_OR_RETURN(range_, reader.range(view.definition(), fetch_.bound));
    view_ = view;
    return gatherer_.open();
  }

  /// Asks the index for four times the ids of the time before, so that few ids are read when few rows are wanted.
  Status more_ids() {
    wanted_ = wanted_ == 0 ? kFirstRows : wanted_ * 4;
    const size_t before = ids_.size();
    ids_.clear();
    PROTO_RETURN_IF_ERROR(fetch_.reversed ? view_->append_ids_reversed(range_, ids_, wanted_)
                                          : view_->append_ids(range_, ids_, wanted_));
    complete_ = ids_.size() < wanted_;
    if (OperatorStatistics* s = statistics()) s->ids += ids_.size() - before;
    return Status();
  }

  Result<const Chunk*> produce() override {
    arena_.reset();
    if (!view_) PROTO_RETURN_IF_ERROR(open());
    for (;;) {
      PROTO_RETURN_IF_ERROR(context_.check_interrupt());
      if (next_ == ids_.size()) {
        if (complete_) return nullptr;
        PROTO_RETURN_IF_ERROR(more_ids());
        continue;
      }
      PROTO_ASSIGN_OR_RETURN(size_t consumed, gatherer_.read(std::span(ids_).subspan(next_), kChunkRows, chunk_));
      next_ += consumed;
      if (chunk_.rows.count != 0) return &chunk_;
      arena_.reset();
    }
  }

  const PhysicalOrderedFetch& fetch_;
  RowGatherer gatherer_;
  std::optional<IndexView> view_;
  KeyRange range_;
  std::vector<uint64_t> ids_;
  size_t next_ = 0;
  uint64_t wanted_ = 0;
  bool complete_ = false;
  Chunk chunk_;
};

}  // namespace

Result<OperatorPtr> build_id_fetch(const PhysicalIdFetch& node, const Run& run) {
  return OperatorPtr(std::make_unique<IdFetch>(node, run));
}

Result<OperatorPtr> build_ordered_fetch(const PhysicalOrderedFetch& node, const Run& run) {
  return OperatorPtr(std::make_unique<OrderedFetch>(node, run));
}

}  // namespace protobase::query
