// Joins that find the right objects by an index, or by the reference that the left row holds.
#include "query/executor/id_set.h"
#include "query/executor/join_operator.h"

namespace protobase::query {
namespace {

class IndexJoin : public JoinOperator {
 public:
  IndexJoin(const PhysicalIndexJoin& node, const Run& run, OperatorPtr left)
      : JoinOperator(node, run, node.type, node.condition.get(), std::move(left)), join_(node),
        reader_(node.columns, node.collection, run.objects), keys_(*run.context, left_arena_, run.outer),
        ids_reader_(run, node.collection, keys_) {}

 private:
  Status open() override {
    PROTO_ASSIGN_OR_RETURN(const CollectionView* view, run_.objects->collection(join_.collection));
    finder_.emplace(*view);
    if (join_.by_reference != nullptr) return Status();
    PROTO_ASSIGN_OR_RETURN(IndexView index, run_.objects->transaction().read_index(join_.index));
    index_ = index;
    return Status();
  }

  Status begin(const Chunk& left) override {
    at_ = 0;
    left_arena_.reset();
    if (join_.by_reference == nullptr) return Status();
    return keys_.evaluate(*join_.by_reference, left, left.rows, references_);
  }

  Status more(Pairs& pairs) override {
    places_.clear();
    for (; at_ < left_->rows.count && pairs.size() < kChunkRows; ++at_) {
      const uint32_t row = left_->rows[at_];
      ids_.clear();
      PROTO_RETURN_IF_ERROR(find_ids(row));
      for (const uint64_t id : ids_) {
        Place place;
        PROTO_RETURN_IF_ERROR(finder_->find(id, place));
        if (place.block == nullptr) continue;
        pairs.add(row, static_cast<uint32_t>(places_.size()));
        places_.push_back(place);
      }
    }
    return Status();
  }

  Status find_ids(uint32_t row) {
    if (index_) {
      ids_reader_.set_row(left_, row);
      PROTO_ASSIGN_OR_RETURN(KeyRange keys, ids_reader_.range(index_->definition(), join_.bound));
      return index_->append_ids(keys, ids_);
    }
    const ValueView reference = references_.at(row);
    if (reference.kind() == Kind::kRef && reference.ref().collection == join_.collection) ids_.push_back(reference.ref().object.value);
    if (reference.kind() == Kind::kInt && reference.integer() > 0) ids_.push_back(static_cast<uint64_t>(reference.integer()));
    return Status();
  }

  Status right_columns(const uint32_t* rows, uint32_t count, std::vector<ColumnVector>& columns) override {
    found_.clear();
    for (uint32_t i = 0; i < count; ++i) found_.push_back(places_[rows[i]]);
    for (size_t i = 0; i < reader_.size(); ++i) {
      PROTO_RETURN_IF_ERROR(reader_.gather(i, found_, arena_, columns.emplace_back()));
    }
    return Status();
  }

  const PhysicalIndexJoin& join_;
  ColumnReader reader_;
  Arena left_arena_;
  Evaluator keys_;             // over left rows; its values last as long as the left chunk
  IdSetReader ids_reader_;
  std::optional<ObjectFinder> finder_;
  std::optional<IndexView> index_;
  ColumnVector references_;
  std::vector<uint64_t> ids_;
  std::vector<Place> places_, found_;
  uint32_t at_ = 0;
};

}  // namespace

Result<OperatorPtr> build_index_join(const PhysicalIndexJoin& node, const Run& run) {
  if (node.type == JoinType::kRight || node.type == JoinType::kFull) {
    return Status(StatusCode::kUnsupported, "an index join keeps no right rows without a partner");
  }
  PROTO_ASSIGN_OR_RETURN(OperatorPtr left, build_operator(*node.children[0], run));
  return OperatorPtr(std::make_unique<IndexJoin>(node, run, std::move(left)));
}

}  // namespace protobase::query
