// Nearest neighbours: exactly over the blocks of a collection or a set of ids, or through a vector index.
#include <algorithm>

#include "db/session.h"
#include "query/executor/id_set.h"
#include "query/executor/row_gatherer.h"
#include "query/executor/vector_metric.h"
#include "vector/exact_search.h"

namespace protobase::query {
namespace {

Status wrong_dimension(size_t found, size_t wanted) {
  return Status(StatusCode::kRange, "the distance of vectors of " + std::to_string(found) + " and " + std::to_string(wanted) +
                                        " dimensions is not defined");
}

class VectorSearch : public PlanOperator {
 public:
  VectorSearch(const PhysicalVectorSearch& node, const Run& run)
      : PlanOperator(node, run), search_(node), vector_column_{{ReadColumn::What::kPath, node.path}},
        gatherer_(node.columns, node.collection, node.filter.get(), run, evaluator_) {}

 private:
  using Hits = std::vector<std::pair<double, ObjectId>>;

  Result<const Chunk*> produce() override {
    if (!opened_) PROTO_RETURN_IF_ERROR(open());
    while (next_ < ids_.size() && given_ < k_) {
      arena_.reset();
      PROTO_RETURN_IF_ERROR(context_.check_interrupt());
      PROTO_ASSIGN_OR_RETURN(size_t consumed, gatherer_.read(std::span(ids_).subspan(next_), kChunkRows, chunk_));
      add_distances();
      next_ += consumed;
      if (chunk_.rows.count == 0) continue;
      chunk_.rows.count = static_cast<uint32_t>(std::min<uint64_t>(chunk_.rows.count, k_ - given_));
      given_ += chunk_.rows.count;
      return &chunk_;
    }
    return nullptr;
  }

  /// The distances as the last column. Hits come nearest first, so they are no run of ids in a block but by chance, and then
  /// they are found by id.
  void add_distances() {
    auto* distances = arena_.array<double>(chunk_.size);
    const std::vector<uint32_t>& positions = gatherer_.positions();
    if (!positions.empty()) {
      for (size_t i = 0; i < positions.size(); ++i) distances[i] = distances_[next_ + positions[i]];
    } else if (chunk_.rows.count != 0) {
      fill_run_distances(distances);
    }
    chunk_.columns.push_back(ColumnVector::doubles(distances, nullptr));
  }

  void fill_run_distances(double* distances) {
    size_t at = next_;
    for (uint32_t i = 0; i < chunk_.rows.count; ++i) {
      const uint32_t row = chunk_.rows[i];
      while (ids_[at] != gatherer_.block()->id(row).value) ++at;
      distances[row] = distances_[at];
    }
  }

  Status open() {
    opened_ = true;
    ValueView query;
    PROTO_RETURN_IF_ERROR(evaluator_.evaluate_single(*search_.query, query));
    PROTO_ASSIGN_OR_RETURN(k_, count_argument(search_.k, evaluator_, 0));
    if (query.is_none() || k_ == 0) return Status();
    std::span<const float> floats;
    PROTO_RETURN_IF_ERROR(floats_of(query, keep_, floats));
    query_.assign(floats.begin(), floats.end());
    PROTO_RETURN_IF_ERROR(gatherer_.open());
    if (search_.candidates != nullptr) {
      IdSetReader reader(run_, search_.collection, evaluator_);
      PROTO_RETURN_IF_ERROR(reader.read(*search_.candidates, candidates_));
      if (OperatorStatistics* s = statistics()) s->ids += candidates_.size();
    }
    return search_.index ? search_index() : search_exactly();
  }

  // ---- through the index -------------------------------------------------------------------------------------------

  Status search_index() {
    PROTO_ASSIGN_OR_RETURN(VectorView view, run_.objects->transaction().read_vector_index(search_.index));
    if (view.definition().dimension != 0 && view.definition().dimension != query_.size()) {
      return wrong_dimension(view.definition().dimension, query_.size());
    }
    const std::vector<uint64_t>* allowed = search_.candidates != nullptr ? &candidates_ : nullptr;
    uint64_t wanted = std::min<uint64_t>(k_, view.count());
    for (;;) {
      PROTO_RETURN_IF_ERROR(context_.check_interrupt());
      PROTO_ASSIGN_OR_RETURN(VectorHits hits, view.search(query_, wanted, wanted_probes(), allowed));
      if (OperatorStatistics* s = statistics()) {
        s->lists_probed += hits.lists_probed, s->candidates_scanned += hits.candidates_scanned;
        if (wanted > k_) s->note = "refilled to " + std::to_string(wanted) + " for the filter";
      }
      const bool exhausted = hits.hits.size() < wanted || wanted >= view.count();
      PROTO_ASSIGN_OR_RETURN(bool enough, take(hits.hits, exhausted));
      if (enough) return Status();
      wanted = std::min<uint64_t>(wanted * 4, view.count());
    }
  }

  /// What `SET probes` asks for; 0, the index's own choice, without it.
  uint32_t wanted_probes() const {
    const auto found = context_.session->settings().find("probes");
    if (found == context_.session->settings().end()) return 0;
    return static_cast<uint32_t>(std::clamp<int64_t>(found->second.as_int64(), 0, UINT32_MAX));
  }

  /// Keeps the hits when at least k of them pass the filter, or when there are no more.
  Result<bool> take(const Hits& hits, bool exhausted) {
    ids_.clear();
    distances_.clear();
    for (const auto& [distance, id] : hits) {
      ids_.push_back(id.value);
      distances_.push_back(distance);
    }
    if (exhausted || search_.filter == nullptr) return true;
    uint64_t passing = 0;
    for (size_t at = 0; at < ids_.size() && passing < k_;) {
      arena_.reset();
      PROTO_ASSIGN_OR_RETURN(size_t consumed, gatherer_.read(std::span(ids_).subspan(at), kChunkRows, chunk_));
      at += consumed;
      passing += chunk_.rows.count;
    }
    return passing >= k_;
  }

  // ---- exactly -------------------------------------------------------------------------------------------------------

  Status search_exactly() {
    PROTO_ASSIGN_OR_RETURN(const CollectionView* view, run_.objects->collection(search_.collection));
    const vector::Metric metric = metric_of(search_.metric);
    vector::ExactSearch exact(metric, query_, std::min<uint64_t>(k_, view->count()));
    ColumnReader filter_columns(search_.columns, search_.collection, run_.objects);
    ColumnReader vectors(vector_column_, search_.collection, run_.objects);
    PROTO_RETURN_IF_ERROR(search_.candidates != nullptr ? scan_candidates(*view, filter_columns, vectors, exact)
                                                        : scan_all(*view, filter_columns, vectors, exact));
    if (OperatorStatistics* s = statistics()) s->candidates_scanned += exact.scanned_count();
    for (const vector::Neighbor& hit : exact.take()) {
      ids_.push_back(hit.id.value);
      distances_.push_back(vector::distance_from_rank(metric, hit.rank));
    }
    return Status();
  }

  Status scan_all(const CollectionView& view, ColumnReader& columns, ColumnReader& vectors, vector::ExactSearch& exact) {
    auto cursor = view.cursor();
    for (cursor.seek_first(); cursor.valid(); cursor.next_leaf()) {
      PROTO_RETURN_IF_ERROR(scan_block(cursor.leaf(), Rows{nullptr, cursor.leaf().rows()}, columns, vectors, exact));
    }
    return cursor.status();
  }

  Status scan_candidates(const CollectionView& view, ColumnReader& columns, ColumnReader& vectors, vector::ExactSearch& exact) {
    ObjectFinder finder(view);
    std::vector<uint32_t> rows;
    for (size_t at = 0; at < candidates_.size();) {
      Place place;
      PROTO_RETURN_IF_ERROR(finder.find(candidates_[at], place));
      if (place.block == nullptr) {
        ++at;
        continue;
      }
      rows.clear();
      for (; at < candidates_.size() && candidates_[at] <= place.block->ids().back(); ++at) {
        const uint32_t row = place.block->find(ObjectId(candidates_[at]));
        if (row != ColumnBlock::kNoRow) rows.push_back(row);
      }
      PROTO_RETURN_IF_ERROR(scan_block(*place.block, Rows{rows.data(), static_cast<uint32_t>(rows.size())}, columns, vectors, exact));
    }
    return Status();
  }

  Status scan_block(const ColumnBlock& block, Rows rows, ColumnReader& columns, ColumnReader& vectors, vector::ExactSearch& exact) {
    PROTO_RETURN_IF_ERROR(context_.check_interrupt());
    arena_.reset();
    if (OperatorStatistics* s = statistics()) ++s->blocks;
    if (search_.filter != nullptr) {
      Chunk chunk;
      chunk.columns.resize(columns.size());
      chunk.size = block.rows();
      chunk.rows = rows;
      for (size_t i = 0; i < columns.size(); ++i) PROTO_RETURN_IF_ERROR(columns.read(i, block, rows, arena_, chunk.columns[i]));
      PROTO_RETURN_IF_ERROR(evaluator_.filter(*search_.filter, chunk, rows, rows));
    }
    if (rows.count == 0) return Status();
    ColumnView whole;
    if (vectors.typed_column(0, block, whole) && whole.kind == Kind::kVector) return offer_column(block, rows, whole, exact);
    return offer_values(block, rows, vectors, exact);
  }

  /// The vectors lie one after the other in the block.
  Status offer_column(const ColumnBlock& block, Rows rows, const ColumnView& column, vector::ExactSearch& exact) {
    if (column.element_bytes != query_.size() * sizeof(float)) return wrong_dimension(column.element_bytes / sizeof(float), query_.size());
    static_assert(sizeof(ObjectId) == sizeof(uint64_t));
    const auto* ids = reinterpret_cast<const ObjectId*>(block.ids().data());
    const vector::VectorBlock vectors{std::span(ids, block.rows()), column.data};
    if (rows.all() && column.valid == nullptr) return exact.add_sorted(vectors), Status();
    picks_.clear();
    for_each_row(rows, [&](uint32_t row) {
      if (column.is_valid(row)) picks_.push_back(row);
    });
    exact.add_picked(vectors, picks_);
    return Status();
  }

  /// Vectors of several shapes (arrays of numbers too), one by one. Objects without one are left out.
  Status offer_values(const ColumnBlock& block, Rows rows, ColumnReader& vectors, vector::ExactSearch& exact) {
    ColumnVector column;
    PROTO_RETURN_IF_ERROR(vectors.read(0, block, rows, arena_, column));
    for (uint32_t i = 0; i < rows.count; ++i) {
      const ValueView value = column.at(rows[i]);
      if (value.is_none()) continue;
      std::span<const float> floats;
      PROTO_RETURN_IF_ERROR(floats_of(value, arena_, floats));
      if (floats.size() != query_.size()) return wrong_dimension(floats.size(), query_.size());
      const ObjectId id = block.id(rows[i]);
      exact.add({std::span(&id, 1), floats.data()});
    }
    return Status();
  }

  const PhysicalVectorSearch& search_;
  std::vector<ReadColumn> vector_column_;
  RowGatherer gatherer_;
  Arena keep_;
  std::vector<float> query_;
  std::vector<uint64_t> candidates_;
  std::vector<uint32_t> picks_;
  uint64_t k_ = 0, given_ = 0;
  std::vector<uint64_t> ids_;      // nearest first
  std::vector<double> distances_;
  size_t next_ = 0;
  bool opened_ = false;
  Chunk chunk_;
};

}  // namespace

Result<OperatorPtr> build_vector_search(const PhysicalVectorSearch& node, const Run& run) {
  return OperatorPtr(std::make_unique<VectorSearch>(node, run));
}

}  // namespace protobase::query
